namespace NativeChain;

public static partial class F
{
    /// <summary>The memory of an array seen with other steps; a view.</summary>
    /// <remarks>
    /// The gradient of an element goes to every place of <paramref name="x"/> that it shares memory with; what lies outside <paramref name="x"/> has none.
    /// Where places of <paramref name="x"/> itself share memory, they share the gradient in equal parts.
    /// </remarks>
    /// <param name="x">An array of any shape and dtype.</param>
    /// <param name="shape">The shape of the result.</param>
    /// <param name="strides">Steps between neighbours along each axis, in elements; negative ones and 0 are allowed.</param>
    /// <param name="storageOffset">Where element 0 lies in the memory that <paramref name="x"/> shares with what it is a view of, in elements; null for its own.</param>
    /// <exception cref="ArgumentException">Not one step for each axis, or an element outside the memory.</exception>
    public static Variable AsStrided(Variable x, Shape shape, long[] strides, long? storageOffset = null)
    {
        ArgumentNullException.ThrowIfNull(strides);
        return new AsStrided(shape, (long[])strides.Clone(), storageOffset).ApplySingle(x);
    }
}

/// <summary>The node of <see cref="F.AsStrided"/>.</summary>
internal sealed class AsStrided(Shape shape, long[] strides, long? storageOffset) : FunctionNode
{
    private Geometry? _x;
    private Geometry? _y;

    internal override bool ReleasesGradients => true;

    public override NDArray[] Forward(ReadOnlySpan<NDArray> inputs)
    {
        NDArray y = inputs[0].AsStrided(shape, strides, storageOffset);
        _x = Geometry.Of(inputs[0]);
        _y = Geometry.Of(y);
        return [y];
    }

    public override Variable?[] Backward(ReadOnlySpan<int> targetInputs, ReadOnlySpan<Variable?> gradOutputs) =>
        [new AsStridedGrad(_y!, _x!, shared: _x!).ApplySingle(gradOutputs[0]!)];
}

/// <summary>How an array lies in its memory, in elements.</summary>
internal sealed record Geometry(Shape Shape, long[] Strides, long Offset)
{
    public static Geometry Of(NDArray x) => new(x.Shape, x.Strides.ToArray(), x.Offset);

    public (long First, long Last) Reach => NDArray.Reach(Shape, Strides, Offset);

    /// <summary>Whether two elements may share a place: the strides, in ascending order, do not each step over what the ones before reach.</summary>
    public bool MayOverlap
    {
        get
        {
            long reached = 0;
            foreach ((long stride, int extent) in Strides.Select((s, i) => (Math.Abs(s), Shape[i])).Where(axis => axis.Item2 > 1).Order())
            {
                if (stride <= reached)
                {
                    return true;
                }

                reached += stride * (extent - 1);
            }

            return false;
        }
    }

    /// <summary>What lies at these places of memory, an array of one axis that starts at <paramref name="first"/>.</summary>
    public NDArray In(NDArray memory, long first) => memory.AsStrided(Shape, Strides, Offset - first);
}

/// <summary>Adds up what lies at each place of memory in one geometry, and reads it in another; divided by how often <c>shared</c> has the place.</summary>
internal sealed class AsStridedGrad(Geometry from, Geometry to, Geometry shared) : FunctionNode
{
    internal override bool ReleasesGradients => true;

    public override NDArray[] Forward(ReadOnlySpan<NDArray> inputs)
    {
        NDArray gy = inputs[0];
        if (from.Shape.Size == 0 || to.Shape.Size == 0)
        {
            return [NDArray.Zeros(to.Shape, gy.DType, gy.Device)];
        }

        (long fromFirst, long fromLast) = from.Reach;
        (long toFirst, long toLast) = to.Reach;
        long first = Math.Min(fromFirst, toFirst);
        int size = checked((int)(Math.Max(fromLast, toLast) - first + 1));
        NDArray memory = NDArray.Zeros(size, gy.DType, gy.Device);
        Add(gy, from, memory, first);
        if (shared.MayOverlap)
        {
            NDArray count = NDArray.Zeros(size, gy.DType, gy.Device);
            Add(NDArray.Ones(Shape.Scalar, gy.DType, gy.Device).BroadcastTo(shared.Shape), shared, count, first);
            Ops.Divide.ComputeInto([memory], memory, Ops.Maximum.Compute(count, 1.0));
        }

        NDArray gx = to.In(memory, first);
        return [to.MayOverlap ? gx.Copy() : gx];
    }

    public override Variable?[] Backward(ReadOnlySpan<int> targetInputs, ReadOnlySpan<Variable?> gradOutputs) =>
        [new AsStridedGrad(to, from, shared).ApplySingle(gradOutputs[0]!)];

    private static void Add(NDArray x, Geometry at, NDArray memory, long first)
    {
        if (at.MayOverlap)
        {
            NDArray places = at.In(NDArray.Arange(memory.Size).To(memory.Device), first);
            Kernels.ScatterAdd(x, [places], [0], memory);
        }
        else
        {
            Kernels.Copy(x, at.In(memory, first));
        }
    }
}
