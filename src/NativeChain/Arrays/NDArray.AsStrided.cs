namespace NativeChain;

public sealed partial class NDArray
{
    /// <summary>Where element 0 lies in the memory that the array and its views share, in elements.</summary>
    internal long Offset => _offset;

    /// <summary>The memory of the array seen with other steps: a view, whose elements may overlap.</summary>
    /// <param name="shape">Its shape.</param>
    /// <param name="strides">Steps between neighbours along each axis, in elements; negative ones and 0 are allowed.</param>
    /// <param name="storageOffset">Where element 0 lies in the memory that the array shares with what it is a view of, in elements; null for the array's own.</param>
    /// <exception cref="ArgumentException">Not one step for each axis, or an element outside the memory.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A negative extent.</exception>
    public NDArray AsStrided(Shape shape, ReadOnlySpan<long> strides, long? storageOffset = null)
    {
        if (strides.Length != shape.NDim)
        {
            throw new ArgumentException($"NDArray.AsStrided: {strides.Length} strides for shape {shape}.", nameof(strides));
        }

        if (!shape.TryGetSize(out long size))
        {
            ThrowShape(in shape);
        }

        long offset = storageOffset ?? _offset;
        if (size > 0)
        {
            (long first, long last) = Reach(shape, strides, offset);
            if (first < 0 || last >= Storage.NBytes / _dtype.ItemSize())
            {
                throw new ArgumentException(
                    $"NDArray.AsStrided: elements {first} to {last} of memory that holds {Storage.NBytes / _dtype.ItemSize()}.", nameof(strides));
            }
        }

        Strides steps = default;
        strides.CopyTo(steps);
        return View(in shape, in steps, size > 0 ? offset : _offset);
    }

    /// <summary>
    /// Arrays whose shapes differ along the first axis alone and that lie one behind the other, such as the parts of an array, as one again: a
    /// view, which leaves scratch scratch and so may not be kept. Null where they lie otherwise.
    /// </summary>
    internal static NDArray? Joined(ReadOnlySpan<NDArray> xs)
    {
        NDArray? first = null;
        long end = 0;
        int rows = 0;
        foreach (NDArray x in xs)
        {
            if (x.Size == 0)
            {
                continue;
            }

            bool follows = first is null || (x.Storage == first.Storage && x._offset == end && x._dtype == first._dtype);
            if (!follows || !x.IsContiguous || x.NDim == 0)
            {
                return null;
            }

            first ??= x;
            end = x._offset + x.Size;
            rows += x._shape[0];
        }

        if (first is null)
        {
            return null;
        }

        int[] extents = first._shape.ToArray();
        extents[0] = rows;
        Shape shape = extents;
        bool scratch = first.IsScratch;
        // Not by the strides of the first: that of an axis of extent 1 may be any.
        NDArray joined = first.View(in shape, NativeChain.Strides.Contiguous(in shape), first._offset);
        first.IsScratch = scratch;
        return joined;
    }

    /// <summary>The least and the greatest place in memory of an element of a view that has elements.</summary>
    internal static (long First, long Last) Reach(Shape shape, ReadOnlySpan<long> strides, long offset)
    {
        long first = offset;
        long last = offset;
        for (int i = 0; i < strides.Length; i++)
        {
            long reach = checked((shape[i] - 1) * strides[i]);
            first = checked(first + Math.Min(reach, 0));
            last = checked(last + Math.Max(reach, 0));
        }

        return (first, last);
    }
}
