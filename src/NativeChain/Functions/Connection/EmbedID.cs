namespace NativeChain;

using static NativeChain.Expr;

public static partial class F
{
    /// <summary>The rows of a matrix that indices pick: the embeddings of words.</summary>
    /// <remarks>In debug mode every index must be a row or the ignored one; else negative ones count from the end.</remarks>
    /// <param name="x">Indices, at least one axis; int32 or int64. They carry no gradient.</param>
    /// <param name="W">The embeddings, (number of indices, D); floating point.</param>
    /// <param name="ignoreLabel">An index whose embedding is zeros, and takes no gradient; null for none. It need not be a row.</param>
    /// <returns>(..., D): the axes of <paramref name="x"/>, then the embedding; of the dtype of <paramref name="W"/>.</returns>
    /// <exception cref="InvalidTypeException">Dtypes or shapes do not fit.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An index is no row and not ignored.</exception>
    public static Variable EmbedID(Variable x, Variable W, long? ignoreLabel = null)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(W);
        NDArray indices = x.Array;
        if (Config.TypeCheck)
        {
            TypeCheck.SignedInteger("EmbedID", "x", indices);
            TypeCheck.MinNDim("EmbedID", "x", indices, 1);
            TypeCheck.Floating("EmbedID", "W", W.RawArray!);
            TypeCheck.NDim("EmbedID", "W", W.RawArray!, 2);
        }

        if (Config.Debug)
        {
            Labels.CheckInRange("EmbedID", "x", indices, W.Shape[0], ignoreLabel);
        }

        return new EmbedIDFunction(indices, ignoreLabel).ApplySingle(W);
    }
}

/// <summary>The node of <see cref="F.EmbedID"/>, whose input is W.</summary>
internal sealed class EmbedIDFunction(NDArray x, long? ignoreLabel) : FunctionNode
{
    private static readonly Elementwise s_isIgnored = Elementwise.Of((x, ignored) => Equal(x, ignored), "EmbedID");
    private static readonly Elementwise s_orZero = Elementwise.Of((mask, value) => Select(mask, 0, value), "EmbedID");

    public override string Label => "EmbedID";

    internal override bool ReleasesGradients => true;

    public override NDArray[] Forward(ReadOnlySpan<NDArray> inputs)
    {
        NDArray y = NDArray.Allocate([.. x.Shape.Span, inputs[0].Shape[1]], inputs[0].DType, inputs[0].Device);
        if (ignoreLabel is long ignored)
        {
            NDArray mask = s_isIgnored.Compute(x, ignored);
            Kernels.Gather(inputs[0], [s_orZero.Compute(mask, x)], [0], y);
            s_orZero.ComputeInto([y], mask.ExpandDims(-1), y);
        }
        else
        {
            Kernels.Gather(inputs[0], [x], [0], y);
        }

        return [y];
    }

    public override Variable?[] Backward(ReadOnlySpan<int> targetInputs, ReadOnlySpan<Variable?> gradOutputs) =>
        [new EmbedIDGrad(x, Inputs[0].Shape, ignoreLabel).ApplySingle(gradOutputs[0]!)];
}

/// <summary>gW of gy: each row the sum of the gradients of its occurrences.</summary>
internal sealed class EmbedIDGrad(NDArray x, Shape shape, long? ignoreLabel) : FunctionNode
{
    private static readonly Elementwise s_rows = Elementwise.Of(
        (x, ignored, n) => Select(Equal(x, ignored), n, Select(x < 0, x + n, x)), "EmbedIDGrad");

    internal override bool ReleasesGradients => true;

    public override NDArray[] Forward(ReadOnlySpan<NDArray> inputs)
    {
        NDArray gy = inputs[0];
        if (ignoreLabel is not long ignored)
        {
            NDArray gW = NDArray.Zeros(shape, gy.DType, gy.Device);
            Kernels.ScatterAdd(gy, [x], [0], gW);
            return [gW];
        }

        // What is ignored goes to one more row, so that gy need not be masked.
        int n = shape[0];
        NDArray rows = NDArray.Zeros((n + 1, shape[1]), gy.DType, gy.Device);
        Kernels.ScatterAdd(gy, [s_rows.Compute(x, ignored, (long)n)], [0], rows);
        return [rows[..n]];
    }

    public override Variable?[] Backward(ReadOnlySpan<int> targetInputs, ReadOnlySpan<Variable?> gradOutputs) =>
        [new EmbedIDFunction(x, ignoreLabel).ApplySingle(gradOutputs[0]!)];
}
