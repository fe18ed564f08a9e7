namespace NativeChain;

public sealed partial class NDArray
{
    /// <summary>Matrix product of the last two axes, leading axes broadcast, as NumPy's matmul. (..., M, K) and (..., K, N) give (..., M, N); an array of one axis is a row on the left and a column on the right, and that axis is dropped.</summary>
    /// <param name="a">The left factor, at least one axis.</param>
    /// <param name="b">The right factor, at least one axis.</param>
    /// <exception cref="ArgumentException">A 0-d factor, extents that do not fit, or different devices.</exception>
    public static NDArray MatMul(NDArray a, NDArray b)
    {
        const string Function = "NDArray.MatMul";
        Guard.NotNull(a);
        Guard.NotNull(b);
        CheckDevices(a, b, Function);
        if (a.NDim == 0 || b.NDim == 0)
        {
            throw new ArgumentException(
                $"{Function}: shapes {a._shape} and {b._shape}; both factors need an axis.", a.NDim == 0 ? nameof(a) : nameof(b));
        }

        DType dtype = DTypes.Promote(a._dtype, b._dtype);
        if (dtype == DType.Bool)
        {
            // Some pair is true where their number is not 0.
            return MatMul(a.AsType(DType.Int64), b).AsType(DType.Bool);
        }

        NDArray left = a.NDim == 1 ? a.ExpandDims(0) : a;
        NDArray right = b.NDim == 1 ? b.ExpandDims(1) : b;
        bool fits = left._shape[-1] == right._shape[-2];
        Shape lead = default;
        if (!fits || !Shape.TryBroadcast(new Shape(left._shape.Span[..^2]), new Shape(right._shape.Span[..^2]), out lead))
        {
            throw new ArgumentException($"{Function}: shapes {a._shape} and {b._shape} do not fit.", nameof(b));
        }

        Span<int> extents = stackalloc int[Shape.MaxNDim];
        lead.Span.CopyTo(extents);
        int ndim = lead.NDim + 2;
        extents[ndim - 2] = left._shape[-2];
        extents[ndim - 1] = right._shape[-1];
        NDArray y = Allocate(new Shape(extents[..ndim]), dtype, a.Storage.Pool);
        Kernels.MatMul(left.AsType(dtype, copy: false), right.AsType(dtype, copy: false), y);
        if (a.NDim > 1 && b.NDim > 1)
        {
            return y;
        }

        int n = lead.NDim;
        if (a.NDim > 1)
        {
            extents[n++] = left._shape[-2];
        }
        else if (b.NDim > 1)
        {
            extents[n++] = right._shape[-1];
        }

        return y.WithShapeInPlace(new Shape(extents[..n]));
    }

    /// <summary>NumPy's dot: the inner product of two arrays of one axis, the matrix product of two matrices, the product with a 0-d array; else the sum over the last axis of a and the last but one of b (the last, if b has one).</summary>
    /// <param name="b">The right factor.</param>
    /// <exception cref="ArgumentException">Extents that do not fit, more than 8 axes in the result, or different devices.</exception>
    public NDArray Dot(NDArray b)
    {
        const string Function = "NDArray.Dot";
        Guard.NotNull(b);
        CheckDevices(this, b, Function);
        if (NDim == 0 || b.NDim == 0)
        {
            return this * b;
        }

        int axis = Math.Max(b.NDim - 2, 0);
        if (_shape[-1] != b._shape[axis])
        {
            throw new ArgumentException(
                $"{Function}: shapes {_shape} and {b._shape} do not fit: {_shape[-1]} and {b._shape[axis]}.", nameof(b));
        }

        if (b.NDim <= 2)
        {
            return MatMul(this, b);
        }

        return TensorDot(this, b, [-1], [axis]);
    }

    /// <summary>NumPy's dot of two arrays; see <see cref="Dot(NDArray)"/>.</summary>
    /// <param name="a">The left factor.</param>
    /// <param name="b">The right factor.</param>
    /// <exception cref="ArgumentException">Extents that do not fit, more than 8 axes in the result, or different devices.</exception>
    public static NDArray Dot(NDArray a, NDArray b) => Guard.NotNull(a).Dot(b);

    /// <summary>The product of each element of one array with each of another, both in C order. Result: (size of a, size of b).</summary>
    /// <param name="a">The left factor.</param>
    /// <param name="b">The right factor.</param>
    /// <exception cref="ArgumentException">Different devices.</exception>
    public static NDArray Outer(NDArray a, NDArray b) =>
        Guard.NotNull(a).Reshape((-1, 1)) * Guard.NotNull(b).Reshape((1, -1));

    /// <summary>Kronecker's product: the second array in the place of each element of the first, times that element.</summary>
    /// <param name="a">The left factor.</param>
    /// <param name="b">The right factor. The array of fewer axes is filled up with ones in front.</param>
    /// <exception cref="ArgumentException">More than four axes, or different devices.</exception>
    public static NDArray Kron(NDArray a, NDArray b)
    {
        int ndim = Math.Max(Guard.NotNull(a).NDim, Guard.NotNull(b).NDim);
        if (ndim > Shape.MaxNDim / 2)
        {
            throw new ArgumentException($"NDArray.Kron: shapes {a._shape} and {b._shape}; up to {Shape.MaxNDim / 2} axes are possible.", nameof(a));
        }

        // a: (A1, 1, A2, 1, ...), b: (1, B1, 1, B2, ...)
        var spread = new int[2, 2 * ndim];
        var shape = new int[ndim];
        for (int i = 0; i < ndim; i++)
        {
            spread[0, 2 * i] = i < ndim - a.NDim ? 1 : a._shape[i - (ndim - a.NDim)];
            spread[1, (2 * i) + 1] = i < ndim - b.NDim ? 1 : b._shape[i - (ndim - b.NDim)];
            spread[0, (2 * i) + 1] = spread[1, 2 * i] = 1;
            shape[i] = Extent((long)spread[0, 2 * i] * spread[1, (2 * i) + 1], "NDArray.Kron", nameof(b));
        }

        return (a.Reshape(Row(0)) * b.Reshape(Row(1))).Reshape(shape);

        Shape Row(int k) => Enumerable.Range(0, 2 * ndim).Select(i => spread[k, i]).ToArray();
    }

    /// <summary>The sum over the last axis of both. Result: the other axes of a, then those of b; the product, where one is 0-d.</summary>
    /// <param name="a">The left factor.</param>
    /// <param name="b">The right factor, whose last axis is as long as a's.</param>
    /// <exception cref="ArgumentException">Extents that do not fit, more than 8 axes in the result, or different devices.</exception>
    public static NDArray Inner(NDArray a, NDArray b) => Guard.NotNull(a).NDim == 0 || Guard.NotNull(b).NDim == 0
        ? a * b
        : TensorDot(a, b, [-1], [-1]);

    /// <summary>The sum over the last axes of a and the first of b. Result: the other axes of a, then those of b.</summary>
    /// <param name="a">The left factor.</param>
    /// <param name="b">The right factor.</param>
    /// <param name="axes">Over how many axes; 0 gives the product of each element with each.</param>
    /// <exception cref="ArgumentException">Extents that do not fit, more than 8 axes in the result, or different devices.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A negative number, or more axes than an array has.</exception>
    public static NDArray TensorDot(NDArray a, NDArray b, int axes = 2)
    {
        Guard.NotNull(a);
        Guard.NotNull(b);
        ArgumentOutOfRangeException.ThrowIfNegative(axes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(axes, Math.Min(a.NDim, b.NDim));
        Span<int> last = stackalloc int[axes];
        Span<int> first = stackalloc int[axes];
        for (int i = 0; i < axes; i++)
        {
            last[i] = a.NDim - axes + i;
            first[i] = i;
        }

        return TensorDot(a, b, last, first);
    }

    /// <summary>The sum over pairs of axes. Result: the other axes of a, then those of b.</summary>
    /// <param name="a">The left factor.</param>
    /// <param name="b">The right factor.</param>
    /// <param name="axesA">The axes of a that are summed over; negative ones count from the end.</param>
    /// <param name="axesB">For each, the axis of b of the same extent.</param>
    /// <exception cref="ArgumentException">Extents or numbers of axes that do not fit, an axis twice, more than 8 axes in the result, or different devices.</exception>
    /// <exception cref="ArgumentOutOfRangeException">No such axis.</exception>
    public static NDArray TensorDot(NDArray a, NDArray b, ReadOnlySpan<int> axesA, ReadOnlySpan<int> axesB)
    {
        const string Function = "NDArray.TensorDot";
        Guard.NotNull(a);
        Guard.NotNull(b);
        CheckDevices(a, b, Function);
        (int[] labelsA, int[] labelsB, int[] output) = TensorDotLabels(in a._shape, in b._shape, axesA, axesB, Function);
        return Contract([(a, labelsA), (b, labelsB)], output, Function);
    }

    /// <summary>Einstein's sum, as NumPy's einsum: <c>Einsum("ij,jk->ik", a, b)</c> sums the products of elements over every letter that the result lacks.</summary>
    /// <param name="subscripts">
    /// For each operand a letter for each axis, separated by commas; "..." stands for axes that are broadcast. A letter twice in one operand takes its
    /// diagonal. Without "->" the result has the letters that occur once, in the order of the alphabet, capitals first, behind the broadcast axes.
    /// </param>
    /// <param name="operands">One or more.</param>
    /// <returns>In the operands' promoted dtype; a view where there is one operand and nothing is summed.</returns>
    /// <exception cref="ArgumentException">Malformed subscripts, operands that do not fit them, different devices, or more than 8 axes in a result.</exception>
    public static NDArray Einsum(string subscripts, params ReadOnlySpan<NDArray> operands)
    {
        CheckArrays(operands, nameof(Einsum));
        var parsed = new EinsumSubscripts(subscripts, operands);
        return Contract(parsed.Resolve(operands), parsed.Output, "NDArray.Einsum");
    }

    /// <summary>The labels of a contraction that sums over pairs of axes.</summary>
    /// <exception cref="ArgumentException">Extents or numbers of axes that do not fit, or an axis twice.</exception>
    /// <exception cref="ArgumentOutOfRangeException">No such axis.</exception>
    internal static (int[] A, int[] B, int[] Output) TensorDotLabels(
        in Shape a, in Shape b, ReadOnlySpan<int> axesA, ReadOnlySpan<int> axesB, string function)
    {
        if (axesA.Length != axesB.Length)
        {
            throw new ArgumentException($"{function}: {axesA.Length} axes of a, but {axesB.Length} of b.", nameof(axesB));
        }

        new Axes(axesA).Mask(a.NDim, function, nameof(axesA));
        new Axes(axesB).Mask(b.NDim, function, nameof(axesB));
        int[] labelsA = [.. Enumerable.Range(0, a.NDim)];
        int[] labelsB = [.. Enumerable.Range(a.NDim, b.NDim)];
        for (int k = 0; k < axesA.Length; k++)
        {
            if (a[axesA[k]] != b[axesB[k]])
            {
                throw new ArgumentException(
                    $"{function}: axis {axesA[k]} of shape {a} and axis {axesB[k]} of shape {b} differ.", nameof(axesB));
            }

            int axis = (axesA[k] + a.NDim) % a.NDim;
            labelsB[(axesB[k] + b.NDim) % b.NDim] = axis;
        }

        return (labelsA, labelsB, [.. labelsA.Except(labelsB), .. labelsB.Except(labelsA)]);
    }

    // In the promoted dtype. Truth values are counted: some product is true where their number is not 0.
    private static NDArray Contract(List<(NDArray Array, int[] Labels)> operands, int[] output, string function)
    {
        DType dtype = operands[0].Array._dtype;
        foreach ((NDArray x, _) in operands)
        {
            dtype = DTypes.Promote(dtype, x._dtype);
        }

        if (output.Length > Shape.MaxNDim)
        {
            throw new ArgumentException($"{function}: a result of {output.Length} axes; {Shape.MaxNDim} are possible.", nameof(operands));
        }

        DType compute = dtype == DType.Bool && (operands.Count > 1 || output.Length < operands[0].Labels.Length) ? DType.Int64 : dtype;
        NDArray y = Contraction.Of(operands.ConvertAll(x => (x.Array.AsType(compute, copy: false), x.Labels)), output, function);
        return y.AsType(dtype, copy: false);
    }

    private static void CheckDevices(NDArray a, NDArray b, string function)
    {
        if (a.Storage.Pool != b.Storage.Pool)
        {
            throw new ArgumentException($"{function}: a lies on {a.Device}, b on {b.Device}.", nameof(b));
        }
    }
}
