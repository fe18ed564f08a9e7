namespace NativeChain;

/// <summary>
/// What an elementwise program is applied to: an array, a Variable, or a C# number. A number is a parameter of the program, so it may change from
/// call to call at no cost; it is weak (it takes the dtype of what it meets) and carries no gradient.
/// </summary>
public readonly struct Operand
{
    private readonly object? _array;
    private readonly OperandType _type;

    private Operand(object? array)
    {
        _array = array;
        _type = OperandType.Bool;
    }

    private Operand(OperandType type, Scalar number)
    {
        _type = type;
        Number = number;
    }

    /// <summary>The number, where it is one.</summary>
    internal Scalar Number { get; }

    internal bool IsNumber => _type >= OperandType.WeakInteger;

    /// <summary>What decides the dtype of the result. An array has to be there.</summary>
    internal OperandType Type => IsNumber ? _type : (OperandType)((NDArray)_array!).DType;

    /// <summary>An array.</summary>
    public static implicit operator Operand(NDArray? array) => new(array);

    /// <summary>A Variable.</summary>
    public static implicit operator Operand(Variable? variable) => new(variable);

    /// <summary>A C# number.</summary>
    public static implicit operator Operand(double value) => new(OperandType.WeakFloating, value);

    /// <summary>A C# integer.</summary>
    public static implicit operator Operand(long value) => new(OperandType.WeakInteger, value);

    /// <summary>A number, by value or as a 0-d array on the device; weak, as a double is.</summary>
    public static implicit operator Operand(Scalar value) => new(OperandType.WeakFloating, value);

    internal static Operand OfNumber(OperandType type, Scalar value) => new(type, value);

    /// <summary>The array, for a computation without a graph.</summary>
    internal NDArray ToArray(string function, int index) => _array switch
    {
        NDArray array => array,
        null => throw Null(function, index),
        _ => throw new ArgumentException($"{function}: operand {index} is a Variable; Apply takes those, Compute takes its Array.", $"operands[{index}]"),
    };

    /// <summary>The Variable, or a constant one of the array.</summary>
    internal Variable ToVariable(string function, int index) => _array switch
    {
        Variable variable => variable,
        NDArray array => array,
        _ => throw Null(function, index),
    };

    private static ArgumentNullException Null(string function, int index) =>
        new($"operands[{index}]", $"{function}: operand {index} is null.");
}
