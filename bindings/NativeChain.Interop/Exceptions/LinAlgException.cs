namespace NativeChain;

/// <summary>A matrix has no such result: it is singular, not positive definite, or its decomposition does not converge. NumPy's LinAlgError.</summary>
public sealed class LinAlgException : ArgumentException
{
    /// <summary>An exception with a message, which names the matrix by its place in the batch.</summary>
    public LinAlgException(string message)
        : base(message)
    {
    }
}
