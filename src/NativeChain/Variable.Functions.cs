namespace NativeChain;

public partial class Variable
{
    /// <summary>The data with its axes in reverse order.</summary>
    public Variable T => F.Transpose(this);

    /// <inheritdoc cref="F.GetItem"/>
    public Variable this[params ReadOnlySpan<IndexExpr> slices] => F.GetItem(this, slices.ToArray());

    /// <inheritdoc cref="F.Reshape"/>
    public Variable Reshape(Shape shape) => F.Reshape(this, shape);

    /// <inheritdoc cref="F.Transpose"/>
    public Variable Transpose(params int[]? axes) => F.Transpose(this, axes);

    /// <inheritdoc cref="F.Average"/>
    public Variable Mean(Axes axis = default, Variable? weights = null, bool keepDims = false) =>
        F.Average(this, axis, weights, keepDims);
}
