using System.Diagnostics.CodeAnalysis;

namespace NativeChain;

public partial class Variable
{
    private static readonly Elementwise s_add = Ops.Add.Taking(TypeRule.SameDType, "lhs", "rhs");
    private static readonly Elementwise s_subtract = Ops.Subtract.Taking(TypeRule.SameDType, "lhs", "rhs");
    private static readonly Elementwise s_multiply = Ops.Multiply.Taking(TypeRule.Floating, "lhs", "rhs");
    private static readonly Elementwise s_scale = Ops.Multiply.Taking(TypeRule.SameDType, "lhs", "rhs");
    private static readonly Elementwise s_divide = Ops.Divide.Taking(TypeRule.Floating, "lhs", "rhs");
    private static readonly Elementwise s_power = Ops.Power.Taking(TypeRule.Floating, "x", "y");
    private static readonly Elementwise s_square = Ops.Square.Taking(TypeRule.Floating, "x");
    private static readonly Elementwise s_cube = Elementwise.Of(x => Expr.Pow(x, 3), "Power").Taking(TypeRule.Floating, "x");
    private static readonly Elementwise s_floorDivide = Ops.FloorDivide.Taking(TypeRule.Floating, "lhs", "rhs");
    private static readonly Elementwise s_negate = Ops.Negate.Taking(TypeRule.SameDType, "x");

    /// <summary>The negative of each element.</summary>
    public static Variable operator -(Variable x) => s_negate.Apply(x);

    /// <summary>The sum of two Variables, broadcast against each other.</summary>
    /// <exception cref="InvalidTypeException">They are not of one dtype, or their shapes do not broadcast.</exception>
    public static Variable operator +(Variable lhs, Variable rhs) => s_add.Apply(lhs, rhs);

    /// <summary>The sum of a Variable and an array, which is cast to the Variable's dtype and carries no gradient.</summary>
    /// <exception cref="InvalidTypeException">The dtype does not fit, or the shapes do not broadcast.</exception>
    public static Variable operator +(Variable lhs, NDArray rhs) => s_add.Apply(lhs, Constant(rhs, lhs));

    /// <summary>The sum of an array, which is cast to the Variable's dtype and carries no gradient, and a Variable.</summary>
    /// <exception cref="InvalidTypeException">The dtype does not fit, or the shapes do not broadcast.</exception>
    public static Variable operator +(NDArray lhs, Variable rhs) => s_add.Apply(Constant(lhs, rhs), rhs);

    /// <summary>The sum of a Variable and a number, which is cast to its dtype.</summary>
    public static Variable operator +(Variable lhs, double rhs) => s_add.Apply(lhs, Number(rhs, lhs));

    /// <summary>The sum of a number, which is cast to the Variable's dtype, and a Variable.</summary>
    public static Variable operator +(double lhs, Variable rhs) => s_add.Apply(Number(lhs, rhs), rhs);

    /// <summary>The difference of two Variables, broadcast against each other.</summary>
    /// <exception cref="InvalidTypeException">They are not of one dtype, or their shapes do not broadcast.</exception>
    public static Variable operator -(Variable lhs, Variable rhs) => s_subtract.Apply(lhs, rhs);

    /// <summary>The difference of a Variable and an array, which is cast to the Variable's dtype and carries no gradient.</summary>
    /// <exception cref="InvalidTypeException">The dtype does not fit, or the shapes do not broadcast.</exception>
    public static Variable operator -(Variable lhs, NDArray rhs) => s_subtract.Apply(lhs, Constant(rhs, lhs));

    /// <summary>The difference of an array, which is cast to the Variable's dtype and carries no gradient, and a Variable.</summary>
    /// <exception cref="InvalidTypeException">The dtype does not fit, or the shapes do not broadcast.</exception>
    public static Variable operator -(NDArray lhs, Variable rhs) => s_subtract.Apply(Constant(lhs, rhs), rhs);

    /// <summary>The difference of a Variable and a number, which is cast to its dtype.</summary>
    public static Variable operator -(Variable lhs, double rhs) => s_subtract.Apply(lhs, Number(rhs, lhs));

    /// <summary>The difference of a number, which is cast to the Variable's dtype, and a Variable.</summary>
    public static Variable operator -(double lhs, Variable rhs) => s_subtract.Apply(Number(lhs, rhs), rhs);

    /// <summary>The product of two Variables, broadcast against each other.</summary>
    /// <exception cref="InvalidTypeException">They are not floating point of one dtype, or their shapes do not broadcast.</exception>
    public static Variable operator *(Variable lhs, Variable rhs) => s_multiply.Apply(lhs, rhs);

    /// <summary>The product of a Variable and an array, which is cast to the Variable's dtype and carries no gradient.</summary>
    /// <exception cref="InvalidTypeException">The dtype does not fit, or the shapes do not broadcast.</exception>
    public static Variable operator *(Variable lhs, NDArray rhs) => s_multiply.Apply(lhs, Constant(rhs, lhs));

    /// <summary>The product of an array, which is cast to the Variable's dtype and carries no gradient, and a Variable.</summary>
    /// <exception cref="InvalidTypeException">The dtype does not fit, or the shapes do not broadcast.</exception>
    public static Variable operator *(NDArray lhs, Variable rhs) => s_multiply.Apply(Constant(lhs, rhs), rhs);

    /// <summary>The product of a Variable and a number, which is cast to its dtype.</summary>
    public static Variable operator *(Variable lhs, double rhs) => s_scale.Apply(lhs, Number(rhs, lhs));

    /// <summary>The product of a number, which is cast to the Variable's dtype, and a Variable.</summary>
    public static Variable operator *(double lhs, Variable rhs) => s_scale.Apply(Number(lhs, rhs), rhs);

    /// <summary>The quotient of two Variables, broadcast against each other.</summary>
    /// <exception cref="InvalidTypeException">They are not floating point of one dtype, or their shapes do not broadcast.</exception>
    public static Variable operator /(Variable lhs, Variable rhs) => s_divide.Apply(lhs, rhs);

    /// <summary>The quotient of a Variable and an array, which is cast to the Variable's dtype and carries no gradient.</summary>
    /// <exception cref="InvalidTypeException">The dtype does not fit, or the shapes do not broadcast.</exception>
    public static Variable operator /(Variable lhs, NDArray rhs) => s_divide.Apply(lhs, Constant(rhs, lhs));

    /// <summary>The quotient of an array, which is cast to the Variable's dtype and carries no gradient, and a Variable.</summary>
    /// <exception cref="InvalidTypeException">The dtype does not fit, or the shapes do not broadcast.</exception>
    public static Variable operator /(NDArray lhs, Variable rhs) => s_divide.Apply(Constant(lhs, rhs), rhs);

    /// <summary>The quotient of a Variable and a number, which is cast to its dtype.</summary>
    public static Variable operator /(Variable lhs, double rhs) => s_divide.Apply(lhs, Number(rhs, lhs));

    /// <summary>The quotient of a number, which is cast to the Variable's dtype, and a Variable.</summary>
    public static Variable operator /(double lhs, Variable rhs) => s_divide.Apply(Number(lhs, rhs), rhs);

    /// <summary>x to the power of y, broadcast against each other. The gradient at y is 0 where x is 0 and y is not negative.</summary>
    /// <exception cref="InvalidTypeException">They are not floating point of one dtype, or their shapes do not broadcast.</exception>
    public static Variable Pow(Variable x, Variable y) => s_power.Apply(x, y);

    /// <summary>x to the power of an array, which is cast to the dtype of x and carries no gradient.</summary>
    /// <exception cref="InvalidTypeException">x is not floating point, or the shapes do not broadcast.</exception>
    public static Variable Pow(Variable x, NDArray y) => s_power.Apply(x, Constant(y, x));

    /// <summary>An array, which is cast to the dtype of y and carries no gradient, to the power of y.</summary>
    /// <exception cref="InvalidTypeException">y is not floating point, or the shapes do not broadcast.</exception>
    public static Variable Pow(NDArray x, Variable y) => s_power.Apply(Constant(x, y), y);

    /// <summary>x to the power of a number.</summary>
    /// <exception cref="InvalidTypeException">x is not floating point.</exception>
    public static Variable Pow(Variable x, double y) => y switch
    {
        2 => s_square.Apply(x),
        3 => s_cube.Apply(x),
        _ => s_power.Apply(x, y),
    };

    /// <summary>A number to the power of y.</summary>
    /// <exception cref="InvalidTypeException">y is not floating point.</exception>
    public static Variable Pow(double x, Variable y) => s_power.Apply(x, y);

    /// <summary>The quotient of two Variables, broadcast against each other, rounded towards minus infinity.</summary>
    /// <returns>An array that is no part of a graph: the gradient would be 0.</returns>
    /// <exception cref="InvalidTypeException">They are not floating point of one dtype, or their shapes do not broadcast.</exception>
    public static Variable FloorDivide(Variable lhs, Variable rhs) => Unchained(s_floorDivide.Apply(lhs, rhs));

    /// <summary>The quotient of a Variable and an array, which is cast to the Variable's dtype, rounded towards minus infinity.</summary>
    /// <inheritdoc cref="FloorDivide(Variable, Variable)"/>
    public static Variable FloorDivide(Variable lhs, NDArray rhs) => Unchained(s_floorDivide.Apply(lhs, Constant(rhs, lhs)));

    /// <summary>The quotient of an array, which is cast to the Variable's dtype, and a Variable, rounded towards minus infinity.</summary>
    /// <inheritdoc cref="FloorDivide(Variable, Variable)"/>
    public static Variable FloorDivide(NDArray lhs, Variable rhs) => Unchained(s_floorDivide.Apply(Constant(lhs, rhs), rhs));

    /// <summary>The quotient of a Variable and a number, rounded towards minus infinity.</summary>
    /// <inheritdoc cref="FloorDivide(Variable, Variable)"/>
    public static Variable FloorDivide(Variable lhs, double rhs) => Unchained(s_floorDivide.Apply(lhs, Number(rhs, lhs)));

    /// <summary>The quotient of a number and a Variable, rounded towards minus infinity.</summary>
    /// <inheritdoc cref="FloorDivide(Variable, Variable)"/>
    public static Variable FloorDivide(double lhs, Variable rhs) => Unchained(s_floorDivide.Apply(Number(lhs, rhs), rhs));

    /// <summary>The absolute value of each element; its gradient at 0 is 0.</summary>
    /// <exception cref="InvalidTypeException">x is not floating point.</exception>
    public static Variable Abs(Variable x) => F.Absolute(x);

    /// <inheritdoc cref="F.MatMul"/>
    public static Variable MatMul(Variable a, Variable b) => F.MatMul(a, b);

    private static Variable Unchained(Variable x) => Wrap(x.RawArray!, requiresGrad: false);

    /// <summary>An array beside a Variable: cast to its dtype, with no gradient.</summary>
    internal static Variable Constant([NotNull] NDArray? array, [NotNull] Variable? variable)
    {
        ArgumentNullException.ThrowIfNull(array);
        ArgumentNullException.ThrowIfNull(variable);
        return array.DType == variable.DType ? array : array.AsType(variable.DType);
    }

    // Beside integers a number loses its fraction, as in Chainer: the dtype of the Variable stays.
    private static Operand Number(double value, Variable variable)
    {
        ArgumentNullException.ThrowIfNull(variable);
        return variable.RawArray is { } data && !data.DType.IsFloating() ? (Operand)(long)value : (Operand)value;
    }
}
