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
    /// <exception cref="ArgumentException">Too many parts, two ellipses, a value that does not broadcast, or more than 8 axes.</exception>
    [IndexerName("Indexed")] // Item is the method that reads one element
    public NDArray this[params ReadOnlySpan<IndexExpr> index]
    {
        get
        {
            if (AdvancedIndex.IsNeededFor(index))
            {
                return new AdvancedIndex(_shape, index).Gather(this);
            }

            Shape shape = Index(index, out Strides strides, out long offset);
            return View(in shape, in strides, offset);
        }

        set
        {
            Guard.NotNull(value);
            if (AdvancedIndex.IsNeededFor(index))
            {
                using NDArray? own = value.SharesMemoryWith(this) ? value.Copy() : null;
                new AdvancedIndex(_shape, index).Scatter(own ?? value, this);
                return;
            }

            Shape shape = Index(index, out Strides strides, out long offset);
            using NDArray view = View(in shape, in strides, offset);
            if (!Shape.TryBroadcast(in value._shape, in shape, out Shape broadcast) || broadcast != shape)
            {
                throw new ArgumentException($"NDArray: a value of shape {value._shape} does not broadcast to {shape}.", nameof(value));
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

    /// <summary>True if both lie in one block of memory; they need not overlap.</summary>
    internal bool SharesMemoryWith(NDArray other) => ReferenceEquals(Storage, other.Storage);

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
