using System.Text;

namespace NativeChain;

/// <summary>The native library was not found, or what was found cannot be used. The next native call looks for it again.</summary>
public sealed class NativeLibraryNotLoadedException : NativeChainException
{
    internal NativeLibraryNotLoadedException(string rid, string package, string advice, IReadOnlyList<NativeLibraryAttempt> attempts)
        : base(Describe(rid, advice, attempts))
    {
        RuntimeIdentifier = rid;
        Package = package;
        Attempts = attempts;
    }

    /// <summary>The platform that a library was looked for, such as <c>linux-x64</c>.</summary>
    public string RuntimeIdentifier { get; }

    /// <summary>The package that holds the library for this platform.</summary>
    public string Package { get; }

    /// <summary>Every path that was tried, in order, and what came of it.</summary>
    public IReadOnlyList<NativeLibraryAttempt> Attempts { get; }

    private static string Describe(string rid, string advice, IReadOnlyList<NativeLibraryAttempt> attempts)
    {
        var text = new StringBuilder($"The native library of NativeChain could not be loaded on {rid}. {advice} Tried:");
        foreach (NativeLibraryAttempt attempt in attempts)
        {
            text.Append("\n  ").Append(attempt.Path).Append(": ").Append(attempt.Failure);
        }

        return text.ToString();
    }
}

/// <summary>One path at which the native library was looked for.</summary>
/// <param name="Path">The full path.</param>
/// <param name="Failure">Why it was of no use: <c>no such file</c>, the system loader's own text, or a mismatch of versions.</param>
public sealed record NativeLibraryAttempt(string Path, string Failure);
