namespace NativeChain;

/// <summary>A data set is neither on this machine nor to be had from elsewhere. The message names all that was tried.</summary>
/// <param name="message">What was tried.</param>
public sealed class DatasetNotFoundException(string message) : IOException(message);
