namespace NativeChain;

public static partial class F
{
    /// <summary>The whole array repeated along its axes.</summary>
    /// <param name="x">An array of any shape and dtype.</param>
    /// <param name="reps">How often along each axis; the shorter of it and the shape is filled up with ones in front.</param>
    /// <exception cref="ArgumentOutOfRangeException">A negative number.</exception>
    /// <exception cref="ArgumentException">More than 8 axes.</exception>
    public static Variable Tile(Variable x, params int[] reps)
    {
        ArgumentNullException.ThrowIfNull(reps);
        return new Tile((int[])reps.Clone()).ApplySingle(x);
    }
}

/// <summary>The node of <see cref="F.Tile"/>.</summary>
internal sealed class Tile(int[] reps) : FunctionNode
{
    internal override bool ReleasesGradients => true;

    public override NDArray[] Forward(ReadOnlySpan<NDArray> inputs) => [inputs[0].Tile(reps)];

    public override Variable?[] Backward(ReadOnlySpan<int> targetInputs, ReadOnlySpan<Variable?> gradOutputs)
    {
        Variable gx = gradOutputs[0]!;
        Shape x = Inputs[0].Shape;
        Span<int> left = stackalloc int[Shape.MaxNDim];
        gx.Shape.Span.CopyTo(left);
        int ndim = gx.NDim;
        for (int i = 0; i < reps.Length; i++)
        {
            if (reps[i] == 1)
            {
                continue;
            }

            // (outer, reps * n, inner) -> (outer, reps, n * inner), one axis after the other: all at once would be twice as many axes.
            int axis = ndim - reps.Length + i;
            int n = axis < ndim - x.NDim ? 1 : x[axis - (ndim - x.NDim)];
            int outer = checked((int)new Shape(left[..axis]).Size);
            int inner = checked((int)new Shape(left[(axis + 1)..ndim]).Size);
            gx = F.Sum(F.Reshape(gx, (outer, reps[i], n * inner)), 1);
            left[axis] = n;
        }

        return [F.Reshape(gx, x)];
    }
}
