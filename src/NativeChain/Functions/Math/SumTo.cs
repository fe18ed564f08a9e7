namespace NativeChain;

public static partial class F
{
    /// <summary>The sum over the axes along which an array of <paramref name="shape"/> would be broadcast to the shape of <paramref name="x"/>.</summary>
    /// <param name="x">An array.</param>
    /// <param name="shape">A shape that broadcasts to that of <paramref name="x"/>.</param>
    /// <exception cref="InvalidTypeException">It does not.</exception>
    public static Variable SumTo(Variable x, Shape shape)
    {
        ArgumentNullException.ThrowIfNull(x);
        return x.Shape == shape ? x : new SumTo(shape).ApplySingle(x);
    }
}

/// <summary>The node of <see cref="F.SumTo"/>.</summary>
internal sealed class SumTo(Shape shape) : FunctionNode
{
    internal override bool ReleasesGradients => true;

    public override NDArray[] Forward(ReadOnlySpan<NDArray> inputs)
    {
        NDArray x = inputs[0];
        Span<int> extents = stackalloc int[Shape.MaxNDim];
        extents.Fill(1);
        shape.Span.CopyTo(extents[(x.NDim - shape.NDim)..]);
        NDArray y = NDArray.AllocateScratch(shape, x.DType, x.Device);
        using Scratch.Borrowed kept = Scratch.Reshape(y, new Shape(extents[..x.NDim]));
        Kernels.Reduce(Reduction.Sum, null, [x], [], [kept.View]);
        return [y];
    }

    public override Variable?[] Backward(ReadOnlySpan<int> targetInputs, ReadOnlySpan<Variable?> gradOutputs) =>
        [F.BroadcastTo(gradOutputs[0]!, Inputs[0].Shape)];

    protected override void CheckTypes(ReadOnlySpan<NDArray> inputs)
    {
        if (!Shape.TryBroadcast(inputs[0].Shape, shape, out Shape result) || result != inputs[0].Shape)
        {
            TypeCheck.Throw("SumTo", "x", $"a shape to which {shape} broadcasts", $"shape {inputs[0].Shape}");
        }
    }
}
