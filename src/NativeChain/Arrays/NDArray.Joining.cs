namespace NativeChain;

// Arrays joined to one, and one cut into parts.
public sealed partial class NDArray
{
    /// <summary>The arrays behind each other along an axis that they have. Result: their promoted dtype.</summary>
    /// <param name="arrays">One or more, of one shape but for that axis.</param>
    /// <param name="axis">The axis; negative counts from the end. Where null, the elements of each in C order, whatever the shapes.</param>
    /// <exception cref="ArgumentException">No arrays, shapes that do not fit, different devices.</exception>
    /// <exception cref="ArgumentOutOfRangeException">No such axis.</exception>
    public static NDArray Concatenate(ReadOnlySpan<NDArray> arrays, int? axis = 0)
    {
        NDArray first = CheckArrays(arrays, nameof(Concatenate));
        if (axis is not int given)
        {
            return Concatenate(Convert(arrays, x => x.Ravel()));
        }

        int along = Shape.NormalizeAxis(given, first.NDim, "NDArray.Concatenate", nameof(axis));
        Span<int> extents = stackalloc int[Shape.MaxNDim];
        first._shape.Span.CopyTo(extents);
        DType dtype = first._dtype;
        for (int k = 1; k < arrays.Length; k++)
        {
            NDArray x = arrays[k];
            bool fits = x.NDim == first.NDim;
            for (int i = 0; fits && i < first.NDim; i++)
            {
                fits = i == along || x._shape[i] == first._shape[i];
            }

            if (!fits)
            {
                throw new ArgumentException(
                    $"NDArray.Concatenate: arrays[{k}] has shape {x._shape}, arrays[0] {first._shape}; they may differ on axis {along} alone.",
                    nameof(arrays));
            }

            extents[along] = Extent(extents[along] + (long)x._shape[along], "NDArray.Concatenate", nameof(arrays));
            dtype = DTypes.Promote(dtype, x._dtype);
        }

        NDArray y = Allocate(new Shape(extents[..first.NDim]), dtype, first.Device);
        long start = 0;
        foreach (NDArray x in arrays)
        {
            if (x.Size > 0)
            {
                using NDArray part = y.View(in x._shape, in y._strides, start * y._strides[along]);
                Kernels.Copy(x, part);
            }

            start += x._shape[along];
        }

        return y;
    }

    /// <summary>The arrays behind each other along a new axis. Result: their promoted dtype.</summary>
    /// <param name="arrays">One or more of one shape.</param>
    /// <param name="axis">Where the new axis stands in the result; negative counts from its end.</param>
    /// <exception cref="ArgumentException">No arrays, different shapes, different devices, or 8 axes already.</exception>
    /// <exception cref="ArgumentOutOfRangeException">No such axis.</exception>
    public static NDArray Stack(ReadOnlySpan<NDArray> arrays, int axis = 0)
    {
        NDArray first = CheckArrays(arrays, nameof(Stack));
        int along = Shape.NormalizeAxis(axis, first.NDim + 1, "NDArray.Stack", nameof(axis));
        var expanded = new NDArray[arrays.Length];
        for (int k = 0; k < arrays.Length; k++)
        {
            if (arrays[k]._shape != first._shape)
            {
                throw new ArgumentException(
                    $"NDArray.Stack: arrays[{k}] has shape {arrays[k]._shape}, arrays[0] {first._shape}.", nameof(arrays));
            }

            expanded[k] = arrays[k].ExpandDims(along);
        }

        return Concatenate(expanded, along);
    }

    /// <summary>The arrays beside each other, as NumPy's hstack: along axis 1, or along axis 0 where the first has one axis. Result: their promoted dtype.</summary>
    /// <param name="arrays">One or more; 0-d ones count as one element.</param>
    /// <exception cref="ArgumentException">No arrays, shapes that do not fit, different devices.</exception>
    public static NDArray HStack(params ReadOnlySpan<NDArray> arrays)
    {
        CheckArrays(arrays, nameof(HStack));
        NDArray[] xs = Convert(arrays, x => x.AtLeast(1));
        return Concatenate(xs, xs[0].NDim == 1 ? 0 : 1);
    }

    /// <summary>The arrays below each other, as NumPy's vstack: along axis 0, arrays of one axis as rows. Result: their promoted dtype.</summary>
    /// <param name="arrays">One or more.</param>
    /// <exception cref="ArgumentException">No arrays, shapes that do not fit, different devices.</exception>
    public static NDArray VStack(params ReadOnlySpan<NDArray> arrays)
    {
        CheckArrays(arrays, nameof(VStack));
        return Concatenate(Convert(arrays, x => x.AtLeast(2)), 0);
    }

    /// <summary>The arrays behind each other along axis 2, as NumPy's dstack: (N,) counts as (1, N, 1), (M, N) as (M, N, 1). Result: their promoted dtype.</summary>
    /// <param name="arrays">One or more.</param>
    /// <exception cref="ArgumentException">No arrays, shapes that do not fit, different devices.</exception>
    public static NDArray DStack(params ReadOnlySpan<NDArray> arrays)
    {
        CheckArrays(arrays, nameof(DStack));
        return Concatenate(Convert(arrays, x => x.AtLeast(3)), 2);
    }

    /// <summary>Arrays of one axis as the columns of a matrix; matrices beside each other. Result: their promoted dtype.</summary>
    /// <param name="arrays">One or more.</param>
    /// <exception cref="ArgumentException">No arrays, shapes that do not fit, different devices.</exception>
    public static NDArray ColumnStack(params ReadOnlySpan<NDArray> arrays)
    {
        CheckArrays(arrays, nameof(ColumnStack));
        return Concatenate(Convert(arrays, x => x.NDim < 2 ? x.Reshape((-1, 1)) : x), 1);
    }

    /// <summary>Values behind an array: both in C order where no axis is given, else along that axis. Result: their promoted dtype.</summary>
    /// <param name="x">The array.</param>
    /// <param name="values">What is appended.</param>
    /// <param name="axis">The axis; negative counts from the end.</param>
    /// <exception cref="ArgumentException">Shapes that do not fit, different devices.</exception>
    /// <exception cref="ArgumentOutOfRangeException">No such axis.</exception>
    public static NDArray Append(NDArray x, NDArray values, int? axis = null) => Concatenate([x, values], axis);

    /// <summary>The array with values put in before a position along an axis. Result: the array's dtype, to which the values are cast.</summary>
    /// <param name="x">The array.</param>
    /// <param name="index">The position; negative counts from the end.</param>
    /// <param name="values">Broadcast to the array's other axes; of one axis less, they are one position.</param>
    /// <param name="axis">The axis; where null, the array and the values are seen as one axis in C order.</param>
    /// <exception cref="ArgumentException">Values that do not broadcast, or different devices.</exception>
    /// <exception cref="ArgumentOutOfRangeException">No such axis or position.</exception>
    public static NDArray Insert(NDArray x, int index, NDArray values, int? axis = null)
    {
        Guard.NotNull(values);
        (NDArray from, int along) = Guard.NotNull(x).AlongOne(axis, "NDArray.Insert");
        int extent = from._shape[along];
        int at = index < 0 ? index + extent : index;
        if ((uint)at > (uint)extent)
        {
            throw new ArgumentOutOfRangeException(
                nameof(index), index, $"NDArray.Insert: out of bounds for axis {along} with size {extent}");
        }

        NDArray inserted = axis is null ? values.Ravel()
            : values.NDim == from.NDim - 1 && values.NDim > 0 ? values.ExpandDims(along)
            : values;
        Span<int> extents = stackalloc int[from.NDim];
        from._shape.Span.CopyTo(extents);
        extents[along] = inserted.NDim == from.NDim ? inserted._shape[along] : 1;
        inserted = inserted.To(x.Device).AsType(x._dtype, copy: false).ForAssignmentTo(new Shape(extents));
        return Concatenate([from.SliceAxis(along, 0, at), inserted, from.SliceAxis(along, at, extent - at)], along);
    }

    /// <summary>The array without some positions along an axis.</summary>
    /// <param name="x">The array.</param>
    /// <param name="index">The positions: integers, a slice, or truth values.</param>
    /// <param name="axis">The axis; where null, the array is seen as one axis in C order.</param>
    /// <exception cref="ArgumentOutOfRangeException">No such axis or position.</exception>
    public static NDArray Delete(NDArray x, IndexExpr index, int? axis = null)
    {
        (NDArray from, int along) = Guard.NotNull(x).AlongOne(axis, "NDArray.Delete");
        NDArray kept = Ones(from._shape[along], DType.Bool, x.Device);
        kept[index] = false;
        return from[AtAxis(along, kept)];
    }

    /// <summary>The array in equal parts along an axis: views.</summary>
    /// <param name="x">The array.</param>
    /// <param name="sections">How many parts.</param>
    /// <param name="axis">The axis; negative counts from the end.</param>
    /// <exception cref="ArgumentException">The axis cannot be divided so.</exception>
    /// <exception cref="ArgumentOutOfRangeException">No such axis, or fewer than one part.</exception>
    public static NDArray[] Split(NDArray x, int sections, int axis = 0)
    {
        int along = SplitAxis(x, axis, nameof(Split));
        ArgumentOutOfRangeException.ThrowIfLessThan(sections, 1);
        return x._shape[along] % sections == 0
            ? ArraySplit(x, sections, axis)
            : throw new ArgumentException(
                $"NDArray.Split: axis {along} of shape {x._shape} cannot be split into {sections} equal parts; ArraySplit makes unequal ones.",
                nameof(sections));
    }

    /// <summary>The array cut along an axis before each of some indices: views. For [2, 3]: x[..2], x[2..3], x[3..], each cut to the axis as slices are.</summary>
    /// <param name="x">The array.</param>
    /// <param name="indices">Where it is cut; negative ones count from the end. Need not ascend: what a slice then leaves is empty.</param>
    /// <param name="axis">The axis; negative counts from the end.</param>
    /// <exception cref="ArgumentOutOfRangeException">No such axis.</exception>
    public static NDArray[] Split(NDArray x, ReadOnlySpan<int> indices, int axis = 0) =>
        SplitAt(x, indices, SplitAxis(x, axis, nameof(Split)));

    /// <summary>The array in parts of nearly equal length along an axis, longer ones first: views.</summary>
    /// <param name="x">The array.</param>
    /// <param name="sections">How many parts.</param>
    /// <param name="axis">The axis; negative counts from the end.</param>
    /// <exception cref="ArgumentOutOfRangeException">No such axis, or fewer than one part.</exception>
    public static NDArray[] ArraySplit(NDArray x, int sections, int axis = 0)
    {
        int along = SplitAxis(x, axis, nameof(ArraySplit));
        ArgumentOutOfRangeException.ThrowIfLessThan(sections, 1);
        (int each, int longer) = Math.DivRem(x._shape[along], sections);
        var indices = new int[sections - 1];
        for (int i = 0; i < indices.Length; i++)
        {
            indices[i] = ((i + 1) * each) + Math.Min(i + 1, longer);
        }

        return SplitAt(x, indices, along);
    }

    /// <summary>As <see cref="Split(NDArray, ReadOnlySpan{int}, int)"/>.</summary>
    /// <inheritdoc cref="Split(NDArray, ReadOnlySpan{int}, int)"/>
    public static NDArray[] ArraySplit(NDArray x, ReadOnlySpan<int> indices, int axis = 0) =>
        SplitAt(x, indices, SplitAxis(x, axis, nameof(ArraySplit)));

    /// <summary>Equal parts beside each other: along axis 1, or along axis 0 of an array of one axis. Views.</summary>
    /// <param name="x">The array.</param>
    /// <param name="sections">How many parts.</param>
    /// <exception cref="ArgumentException">A 0-d array, or an axis that cannot be divided so.</exception>
    public static NDArray[] HSplit(NDArray x, int sections) => Split(x, sections, WithAxes(x, 1, nameof(HSplit)).NDim == 1 ? 0 : 1);

    /// <summary>The parts between some indices, beside each other: along axis 1, or along axis 0 of an array of one axis. Views.</summary>
    /// <param name="x">The array.</param>
    /// <param name="indices">Where it is cut.</param>
    /// <exception cref="ArgumentException">A 0-d array.</exception>
    public static NDArray[] HSplit(NDArray x, ReadOnlySpan<int> indices) =>
        Split(x, indices, WithAxes(x, 1, nameof(HSplit)).NDim == 1 ? 0 : 1);

    /// <summary>Equal parts below each other, along axis 0: views.</summary>
    /// <param name="x">The array.</param>
    /// <param name="sections">How many parts.</param>
    /// <exception cref="ArgumentException">Fewer than two axes, or an axis that cannot be divided so.</exception>
    public static NDArray[] VSplit(NDArray x, int sections) => Split(WithAxes(x, 2, nameof(VSplit)), sections, 0);

    /// <summary>The parts between some indices along axis 0: views.</summary>
    /// <param name="x">The array.</param>
    /// <param name="indices">Where it is cut.</param>
    /// <exception cref="ArgumentException">Fewer than two axes.</exception>
    public static NDArray[] VSplit(NDArray x, ReadOnlySpan<int> indices) => Split(WithAxes(x, 2, nameof(VSplit)), indices, 0);

    /// <summary>Equal parts along axis 2: views.</summary>
    /// <param name="x">The array.</param>
    /// <param name="sections">How many parts.</param>
    /// <exception cref="ArgumentException">Fewer than three axes, or an axis that cannot be divided so.</exception>
    public static NDArray[] DSplit(NDArray x, int sections) => Split(WithAxes(x, 3, nameof(DSplit)), sections, 2);

    /// <summary>The parts between some indices along axis 2: views.</summary>
    /// <param name="x">The array.</param>
    /// <param name="indices">Where it is cut.</param>
    /// <exception cref="ArgumentException">Fewer than three axes.</exception>
    public static NDArray[] DSplit(NDArray x, ReadOnlySpan<int> indices) => Split(WithAxes(x, 3, nameof(DSplit)), indices, 2);

    // NumPy's atleast_1d, atleast_2d and atleast_3d.
    private NDArray AtLeast(int ndim) => (ndim, NDim) switch
    {
        (1, 0) or (2, 0) or (3, 0) => Reshape(new Shape(((ReadOnlySpan<int>)[1, 1, 1])[..ndim])),
        (2, 1) => ExpandDims(0),
        (3, 1) => Reshape((1, -1, 1)),
        (3, 2) => ExpandDims(2),
        _ => this,
    };

    private static NDArray WithAxes(NDArray x, int ndim, string function) => Guard.NotNull(x, nameof(x), "NDArray." + function).NDim >= ndim
        ? x
        : throw new ArgumentException($"NDArray.{function}: an array of {ndim} or more axes, not of shape {x._shape}.", nameof(x));

    private static int SplitAxis(NDArray x, int axis, string function) => Shape.NormalizeAxis(
        axis, Guard.NotNull(x, nameof(x), "NDArray." + function).NDim, "NDArray." + function, nameof(axis));

    private static NDArray[] SplitAt(NDArray x, ReadOnlySpan<int> indices, int axis)
    {
        var parts = new NDArray[indices.Length + 1];
        for (int i = 0; i < parts.Length; i++)
        {
            parts[i] = x.SliceAxis(axis, new Slice(i == 0 ? 0 : indices[i - 1], i < indices.Length ? indices[i] : null));
        }

        return parts;
    }

    // A view of some elements along one axis.
    private NDArray SliceAxis(int axis, Slice slice)
    {
        (int first, int count) = slice.Resolve(_shape[axis]);
        return SliceAxis(axis, first, count, slice.Step);
    }

    // A view of count elements along one axis: first, first + step, ...
    private NDArray SliceAxis(int axis, int first, int count, int step = 1)
    {
        Span<int> extents = stackalloc int[NDim];
        _shape.Span.CopyTo(extents);
        extents[axis] = count;
        Strides strides = _strides;
        strides[axis] *= step;
        var shape = new Shape(extents);
        return View(in shape, in strides, shape.Size == 0 ? _offset : _offset + (first * _strides[axis]));
    }

    private static NDArray[] Convert(ReadOnlySpan<NDArray> arrays, Func<NDArray, NDArray> convert)
    {
        var converted = new NDArray[arrays.Length];
        for (int i = 0; i < converted.Length; i++)
        {
            converted[i] = convert(arrays[i]);
        }

        return converted;
    }

    private static NDArray CheckArrays(ReadOnlySpan<NDArray> arrays, string function)
    {
        if (arrays.IsEmpty)
        {
            throw new ArgumentException($"NDArray.{function}: no arrays.", nameof(arrays));
        }

        for (int k = 0; k < arrays.Length; k++)
        {
            if (arrays[k] is null)
            {
                throw new ArgumentNullException(nameof(arrays), $"NDArray.{function}: arrays[{k}] is null.");
            }

            if (arrays[k].Device != arrays[0].Device)
            {
                throw new ArgumentException(
                    $"NDArray.{function}: arrays[{k}] lies on {arrays[k].Device}, arrays[0] on {arrays[0].Device}.", nameof(arrays));
            }
        }

        return arrays[0];
    }
}
