namespace NativeChain;

public static partial class F
{
    /// <summary>The elements along an axis in another order.</summary>
    /// <remarks>y[i] = x[indices[i]], or with <paramref name="inv"/> y[indices[i]] = x[i]. A negative axis counts from the end.</remarks>
    /// <param name="x">An array of any dtype with that axis.</param>
    /// <param name="indices">Each of 0 to n - 1 once, where n is the extent of the axis; int32 or int64.</param>
    /// <param name="axis">The axis.</param>
    /// <param name="inv">Whether the inverse order is meant.</param>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> lacks the axis.</exception>
    /// <exception cref="ArgumentException"><paramref name="indices"/> is no order of the elements.</exception>
    public static Variable Permutate(Variable x, NDArray indices, int axis = 0, bool inv = false)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(indices);
        if (indices.NDim != 1 || indices.DType is not (DType.Int32 or DType.Int64))
        {
            throw new ArgumentException(
                $"Permutate: indices have one axis and dtype int32 or int64, not shape {indices.Shape} and {indices.DType.Name()}.", nameof(indices));
        }

        int at = TypeCheck.Axis("Permutate", "x", x.RawArray!, axis);
        int n = x.Shape[at];
        if (indices.Shape[0] != n)
        {
            throw new ArgumentException($"Permutate: {indices.Shape[0]} indices for {n} elements along axis {at}.", nameof(indices));
        }

        NDArray counts = NDArray.Zeros(n, DType.Int64, indices.Device);
        Kernels.ScatterAdd(NDArray.Ones(1, DType.Int64, indices.Device).BroadcastTo(n), [indices], [0], counts);
        if (n > 0 && counts.Min().Item<long>() != 1)
        {
            throw new ArgumentException("Permutate: an index appears twice.", nameof(indices));
        }

        return new Permutate(indices, at, inv).ApplySingle(x);
    }
}

/// <summary>The node of <see cref="F.Permutate"/>.</summary>
internal sealed class Permutate(NDArray indices, int axis, bool inv) : FunctionNode
{
    internal override bool ReleasesGradients => true;

    public override NDArray[] Forward(ReadOnlySpan<NDArray> inputs)
    {
        var index = new IndexExpr[axis + 1];
        System.Array.Fill(index, ..);
        index[axis] = indices;
        if (!inv)
        {
            return [inputs[0][index]];
        }

        NDArray y = NDArray.EmptyLike(inputs[0]);
        y[index] = inputs[0];
        return [y];
    }

    public override Variable?[] Backward(ReadOnlySpan<int> targetInputs, ReadOnlySpan<Variable?> gradOutputs) =>
        [new Permutate(indices, axis, !inv).ApplySingle(gradOutputs[0]!)];
}
