namespace NativeChain.Conformance;

/// <summary>What a case found wrong.</summary>
internal sealed class CaseFailedException(string message, Exception? inner = null) : Exception(message, inner);
