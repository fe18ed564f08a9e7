using System.Runtime.CompilerServices;

namespace NativeChain;

public partial class Variable
{
    /// <summary>The data with its axes in reverse order.</summary>
    public Variable T => F.Transpose(this);

    /// <inheritdoc cref="F.GetItem"/>
    [IndexerName("Indexed")] // Item is the method that reads one element
    public Variable this[params ReadOnlySpan<IndexExpr> slices] => F.GetItem(this, slices.ToArray());

    /// <inheritdoc cref="F.Reshape"/>
    public Variable Reshape(Shape shape) => F.Reshape(this, shape);

    /// <inheritdoc cref="F.Transpose"/>
    public Variable Transpose(params int[]? axes) => F.Transpose(this, axes);

    /// <inheritdoc cref="F.Average"/>
    public Variable Mean(Axes axis = default, Variable? weights = null, bool keepDims = false) =>
        F.Average(this, axis, weights, keepDims);

    /// <inheritdoc cref="F.Sum"/>
    public Variable Sum(Axes axis = default, bool keepDims = false) => F.Sum(this, axis, keepDims);

    /// <inheritdoc cref="F.Squeeze"/>
    public Variable Squeeze(Axes axis = default) => F.Squeeze(this, axis);

    /// <inheritdoc cref="F.Flatten"/>
    public Variable Flatten() => F.Flatten(this);

    /// <inheritdoc cref="F.Cast"/>
    public Variable AsType(DType dtype) => F.Cast(this, dtype);

    /// <summary>The number that is the only element of the data; waits until it is computed.</summary>
    /// <typeparam name="T">A number of a dtype; the element is cast to it.</typeparam>
    /// <exception cref="InvalidOperationException">The variable has no data, or not one element.</exception>
    public T Item<T>()
        where T : unmanaged => RequireArray().Item<T>();
}
