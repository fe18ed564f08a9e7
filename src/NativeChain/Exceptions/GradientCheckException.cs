namespace NativeChain;

/// <summary>A gradient that backward computed is not the one that finite differences show.</summary>
public sealed class GradientCheckException : NativeChainException
{
    /// <summary>An exception that says by how much.</summary>
    public GradientCheckException(string message)
        : base(message)
    {
    }
}
