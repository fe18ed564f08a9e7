namespace NativeChain;

public static partial class F
{
    /// <summary>The mean of the elements along axes, weighted or not.</summary>
    /// <param name="x">An array of any shape; floating point.</param>
    /// <param name="axis">The axes to average over; all by default, and at most one with weights.</param>
    /// <param name="weights">The weights: of the shape of <paramref name="x"/>, or with an axis, one for each element along it.</param>
    /// <param name="keepDims">Whether these axes stay, with extent 1.</param>
    /// <exception cref="InvalidTypeException">A dtype or shape does not fit, or <paramref name="x"/> lacks an axis.</exception>
    /// <exception cref="ArgumentException">An axis is named twice, or several with weights.</exception>
    public static Variable Average(Variable x, Axes axis = default, Variable? weights = null, bool keepDims = false)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (weights is null)
        {
            return new Mean(axis, keepDims).ApplySingle(x);
        }
        Variable divider = Sum(weights);
        if (!axis.IsAll)
        {
            if (axis.Count != 1)
            {
                throw new ArgumentException($"Average: weights go with one axis, not with {axis}.", nameof(axis));
            }
            int only = TypeCheck.Axis("Average", "x", x.RawArray!, axis.ToArray()[0]);
            if (weights.Size != x.Shape[only])
            {
                TypeCheck.Throw("Average", "weights", $"{x.Shape[only]} elements", $"shape {weights.Shape}");
            }
            var shape = new int[x.NDim];
            System.Array.Fill(shape, 1);
            shape[only] = x.Shape[only];
            weights = Reshape(weights, shape);
        }
        return Sum(x * weights, axis, keepDims) / divider;
    }

    /// <inheritdoc cref="Average"/>
    public static Variable Mean(Variable x, Axes axis = default, Variable? weights = null, bool keepDims = false) =>
        Average(x, axis, weights, keepDims);
}

/// <summary>The node of <see cref="F.Average"/> without weights.</summary>
internal sealed class Mean(Axes axis, bool keepDims) : FunctionNode
{
    internal override bool ReleasesGradients => true;

    public override NDArray[] Forward(ReadOnlySpan<NDArray> inputs) => [inputs[0].Mean(axis, keepDims)];

    public override Variable?[] Backward(ReadOnlySpan<int> targetInputs, ReadOnlySpan<Variable?> gradOutputs)
    {
        Shape shape = Inputs[0].Shape;
        Shape kept = Axes.Reduce(shape, axis.Mask(shape.NDim, Label), keepDims: true);
        Variable gy = F.Reshape(gradOutputs[0]! * ((double)kept.Size / shape.Size), kept);
        return [F.BroadcastTo(gy, shape)];
    }

    protected override void CheckTypes(ReadOnlySpan<NDArray> inputs)
    {
        TypeCheck.Floating("Mean", "x", inputs[0]);
        TypeCheck.Axes("Mean", "x", inputs[0], axis);
    }
}
