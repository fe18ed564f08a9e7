namespace NativeChain;

/// <summary>A function was given an argument whose dtype, number of axes or shape it does not take.</summary>
public sealed class InvalidTypeException : NativeChainException
{
    /// <summary>An exception that says which argument of which function, and why.</summary>
    /// <param name="function">The function, such as <c>Linear</c>.</param>
    /// <param name="argument">Its argument, such as <c>x</c>.</param>
    /// <param name="expected">What it takes, such as <c>2 axes</c>.</param>
    /// <param name="actual">What it was given.</param>
    public InvalidTypeException(string function, string argument, string expected, string actual)
        : base($"{function}: argument '{argument}' must have {expected}, but has {actual}.")
    {
        Function = function;
        Argument = argument;
        Expected = expected;
        Actual = actual;
    }

    /// <summary>The function that refused.</summary>
    public string Function { get; }

    /// <summary>The argument that it refused.</summary>
    public string Argument { get; }

    /// <summary>What the function takes.</summary>
    public string Expected { get; }

    /// <summary>What it was given.</summary>
    public string Actual { get; }
}
