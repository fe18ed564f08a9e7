using System.Runtime.CompilerServices;

namespace NativeChain;

public sealed partial class NDArray
{
    /// <summary>
    /// Indexing as in NumPy. By integers, slices, new axes and an ellipsis: a view, into which assigning broadcasts and casts the value. With
    /// arrays of integers or truth values among them: a copy of the elements that they pick, and assigning writes to these.
    /// </summary>
    /// <param name="index">At most one part for each axis, beside new axes and an ellipsis; axes without a part are taken whole.</param>
    /// <exception cref="ArgumentOutOfRangeException">An integer outside its axis.</exception>
    /// <exception cref="ArgumentException">Too many parts, two ellipses, a mask of another shape, arrays or a value that do not broadcast, or more than 8 axes.</exception>
    [IndexerName("Indexed")] // Item is the method that reads one element
    public NDArray this[params ReadOnlySpan<IndexExpr> index]
    {
        get
        {
            if (AdvancedIndex.IsNeededFor(index))
            {
                return TryFlatten(index, out NDArray flat, out IndexExpr mask)
                    ? flat[mask]
                    : new AdvancedIndex(_shape, index).Gather(this);
            }

            Shape shape = Index(index, out Strides strides, out long offset);
            return View(in shape, in strides, offset);
        }

        set
        {
            Guard.NotNull(value);
            if (AdvancedIndex.IsNeededFor(index))
            {
                AssignPicked(index, value);
                return;
            }

            Shape shape = Index(index, out Strides strides, out long offset);
            using NDArray view = View(in shape, in strides, offset);
            if (!Shape.TryBroadcast(in value._shape, in shape, out Shape broadcast) || broadcast != shape)
            {
                value = value.ForAssignmentTo(in shape);
            }

            if (value.SharesMemoryWith(view))
            {
                using NDArray copy = value.Copy();
                Kernels.Copy(copy, view);
            }
            else
            {
                Kernels.Copy(value, view);
            }
        }
    }

    /// <summary>Indexing along the first axis (by a mask, along as many as it has), as in NumPy: <c>a[1]</c>, <c>a[^3..]</c>, <c>a[[0, 2]]</c>, <c>a[a &gt; 0]</c>.</summary>
    /// <param name="index">An integer, a slice, a new axis, an ellipsis, an array of integers or truth values.</param>
    /// <exception cref="ArgumentOutOfRangeException">An integer outside its axis.</exception>
    /// <exception cref="ArgumentException">No axis to index, a mask of another shape, or a value that does not broadcast.</exception>
    [IndexerName("Indexed")]
    [OverloadResolutionPriority(1)] // a[[0, 2]] picks two elements, and is not a[0, 2]
    public NDArray this[IndexExpr index]
    {
        get => this[new ReadOnlySpan<IndexExpr>(in index)];
        set => this[new ReadOnlySpan<IndexExpr>(in index)] = value;
    }

    /// <summary>The subarrays along the first axis, as views: <c>foreach (NDArray row in x)</c>.</summary>
    /// <exception cref="ArgumentException">A 0-d array.</exception>
    public IEnumerator<NDArray> GetEnumerator()
    {
        if (NDim == 0)
        {
            throw new ArgumentException("NDArray: a 0-d array has no axis to enumerate.");
        }

        return Rows(this);

        static IEnumerator<NDArray> Rows(NDArray x)
        {
            for (int i = 0; i < x._shape[0]; i++)
            {
                yield return x[i];
            }
        }
    }

    /// <summary>True if both lie in one block of memory; they need not overlap.</summary>
    internal bool SharesMemoryWith(NDArray other) => ReferenceEquals(Storage, other.Storage);

    /// <summary>The array broadcast to a shape that it is assigned to; as in NumPy, leading axes of extent 1 may be too many.</summary>
    /// <exception cref="ArgumentException">It does not broadcast.</exception>
    internal NDArray ForAssignmentTo(in Shape shape)
    {
        int excess = Math.Max(NDim - shape.NDim, 0);
        ReadOnlySpan<int> extents = _shape.Span;
        bool fits = !extents[..excess].ContainsAnyExcept(1);
        Strides strides = default;
        int lead = shape.NDim - (NDim - excess);
        for (int i = excess; fits && i < NDim; i++)
        {
            int axis = lead + i - excess;
            bool same = extents[i] == shape[axis];
            fits = same || extents[i] == 1;
            strides[axis] = same ? _strides[i] : 0;
        }

        return fits
            ? View(in shape, in strides, _offset)
            : throw new ArgumentException($"NDArray: a value of shape {_shape} does not broadcast to {shape}.", "value");
    }

    private void AssignPicked(ReadOnlySpan<IndexExpr> index, NDArray value)
    {
        using NDArray? own = value.SharesMemoryWith(this) ? value.Copy() : null;
        value = (own ?? value).To(Device);
        if (index.Length == 1 && index[0].IsMask && index[0].Array!.NDim > 0)
        {
            NDArray mask = AdvancedIndex.CheckedMask(index[0].Array!, _shape, 0);
            if (value.NDim > 1 && mask.NDim == NDim)
            {
                throw new ArgumentException($"NDArray: what a mask of every axis picks has one axis, but the value has shape {value._shape}.", nameof(value));
            }

            if (value.Size == 1 && value.NDim <= 1)
            {
                AssignMasked(index[0].IsOnHost ? mask.To(Device) : mask, value);
                return;
            }
        }

        if (TryFlatten(index, out NDArray flat, out IndexExpr picked))
        {
            new AdvancedIndex(flat._shape, [picked]).Scatter(value, flat);
        }
        else
        {
            new AdvancedIndex(_shape, index).Scatter(value, this);
        }
    }

    // A mask of several axes, and the array, with one in their place: a position is found and followed faster than coordinates.
    private bool TryFlatten(ReadOnlySpan<IndexExpr> index, out NDArray flat, out IndexExpr mask)
    {
        if (index.Length != 1 || !index[0].IsMask || index[0].Array!.NDim < 2 || !_isContiguous)
        {
            flat = this;
            mask = default;
            return false;
        }

        NDArray axes = AdvancedIndex.CheckedMask(index[0].Array!, _shape, 0);
        flat = Reshape(new Shape([Extent(axes.Size, "NDArray", nameof(index)), .. _shape.Span[axes.NDim..]]));
        mask = index[0].IsOnHost ? IndexExpr.FromHost(axes.Ravel()) : axes.Ravel();
        return true;
    }

    // One pass over the array, which need not know how many elements the mask picks.
    private void AssignMasked(NDArray mask, NDArray value)
    {
        Span<int> extents = stackalloc int[NDim];
        extents.Fill(1);
        mask._shape.Span.CopyTo(extents);
        using NDArray picked = mask.SharesMemoryWith(this) ? mask.Copy() : mask.View(in mask._shape, in mask._strides, mask._offset);
        NDArray one = value.Reshape(Shape.Scalar).AsType(_dtype, copy: false);
        Ops.Where.ComputeInto([this], picked.Reshape(new Shape(extents)), one, this);
    }

    private Shape Index(ReadOnlySpan<IndexExpr> index, out Strides strides, out long offset) =>
        Index(in _shape, in _strides, _offset, index, out strides, out offset);

    private static Shape Index(
        in Shape shape, in Strides from, long start, ReadOnlySpan<IndexExpr> index, out Strides strides, out long offset)
    {
        int used = 0;
        int ellipses = 0;
        foreach (IndexExpr part in index)
        {
            used += part.Kind is IndexKind.Integer or IndexKind.Slice ? 1 : 0;
            ellipses += part.Kind == IndexKind.Ellipsis ? 1 : 0;
        }

        if (used > shape.NDim)
        {
            throw new ArgumentException($"NDArray: {used} indices for an array of shape {shape}.", nameof(index));
        }

        if (ellipses > 1)
        {
            throw new ArgumentException("NDArray: an index can have one ellipsis only.", nameof(index));
        }

        Span<int> extents = stackalloc int[shape.NDim + index.Length];
        strides = default;
        offset = start;
        int axis = 0;
        int n = 0;
        int whole = shape.NDim - used;
        for (int k = 0; k <= index.Length; k++)
        {
            // Behind the last part stands an ellipsis, unless there was one.
            IndexExpr part = k < index.Length ? index[k] : IndexExpr.Ellipsis;
            switch (part.Kind)
            {
                case IndexKind.Integer:
                    int extent = shape[axis];
                    int i = part.Value < 0 ? part.Value + extent : part.Value;
                    if ((uint)i >= (uint)extent)
                    {
                        throw new ArgumentOutOfRangeException(
                            nameof(index),
                            $"NDArray: index {part.Value} is out of bounds for axis {axis} with size {extent}");
                    }

                    offset += i * from[axis++];
                    break;

                case IndexKind.Slice:
                    (int first, int count) = part.Slice.Resolve(shape[axis]);
                    offset += first * from[axis];
                    Add(count, from[axis] * part.Slice.Step, extents, ref strides, ref n);
                    axis++;
                    break;

                case IndexKind.NewAxis:
                    Add(1, 0, extents, ref strides, ref n);
                    break;

                default:
                    for (; whole > 0; whole--, axis++)
                    {
                        Add(shape[axis], from[axis], extents, ref strides, ref n);
                    }

                    break;
            }
        }

        if (extents[..n].Contains(0))
        {
            offset = start; // nothing is selected, and what is behind the block's end must not be named
        }

        return new Shape(extents[..n]);
    }

    private static void Add(int extent, long stride, Span<int> extents, ref Strides strides, ref int n)
    {
        if (n < Shape.MaxNDim)
        {
            strides[n] = stride;
        }

        extents[n++] = extent;
    }
}
