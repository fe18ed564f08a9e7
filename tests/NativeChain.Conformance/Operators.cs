namespace NativeChain.Conformance;

/// <summary>Variable's own operators, with a Variable, an array or a number on either side.</summary>
internal static class Operators
{
    public static object Apply(string name, object a, object? b) => (name, a, b) switch
    {
        ("neg", Variable x, _) => -x,
        ("abs", Variable x, _) => F.Absolute(x),
        ("add", Variable x, Variable y) => x + y,
        ("add", Variable x, NDArray y) => x + y,
        ("add", NDArray x, Variable y) => x + y,
        ("add", Variable x, _) => x + Number(b),
        ("add", _, Variable y) => Number(a) + y,
        ("sub", Variable x, Variable y) => x - y,
        ("sub", Variable x, NDArray y) => x - y,
        ("sub", NDArray x, Variable y) => x - y,
        ("sub", Variable x, _) => x - Number(b),
        ("sub", _, Variable y) => Number(a) - y,
        ("mul", Variable x, Variable y) => x * y,
        ("mul", Variable x, NDArray y) => x * y,
        ("mul", NDArray x, Variable y) => x * y,
        ("mul", Variable x, _) => x * Number(b),
        ("mul", _, Variable y) => Number(a) * y,
        ("div", Variable x, Variable y) => x / y,
        ("div", Variable x, NDArray y) => x / y,
        ("div", NDArray x, Variable y) => x / y,
        ("div", Variable x, _) => x / Number(b),
        ("div", _, Variable y) => Number(a) / y,
        ("pow", Variable x, Variable y) => Variable.Pow(x, y),
        ("pow", Variable x, NDArray y) => Variable.Pow(x, y),
        ("pow", NDArray x, Variable y) => Variable.Pow(x, y),
        ("pow", Variable x, _) => Variable.Pow(x, Number(b)),
        ("pow", _, Variable y) => Variable.Pow(Number(a), y),
        ("floordiv", Variable x, Variable y) => Variable.FloorDivide(x, y),
        ("floordiv", Variable x, NDArray y) => Variable.FloorDivide(x, y),
        ("floordiv", NDArray x, Variable y) => Variable.FloorDivide(x, y),
        ("floordiv", Variable x, _) => Variable.FloorDivide(x, Number(b)),
        ("floordiv", _, Variable y) => Variable.FloorDivide(Number(a), y),
        ("matmul", Variable x, Variable y) => F.MatMul(x, y),
        ("matmul", Variable x, NDArray y) => F.MatMul(x, y),
        ("matmul", NDArray x, Variable y) => F.MatMul(x, y),
        _ => throw new MissingNameException("operator", name),
    };

    private static double Number(object? value) => Convert.ToDouble(value);
}
