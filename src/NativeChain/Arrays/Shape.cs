using System.Collections;
using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text;

namespace NativeChain;

/// <summary>The extents of an array's axes: up to 8, held inline. The default value is the shape of a 0-d array, (). Where one extent may be derived, as in Reshape, it is -1.</summary>
[CollectionBuilder(typeof(Shape), nameof(Create))]
public readonly struct Shape : IEquatable<Shape>, IReadOnlyList<int>
{
    /// <summary>The most axes that a shape can have.</summary>
    public const int MaxNDim = 8;

    private readonly Extents _extents;
    private readonly int _ndim;

    /// <summary>A shape with these extents.</summary>
    /// <exception cref="ArgumentException">More than 8 extents.</exception>
    public Shape(params ReadOnlySpan<int> extents)
    {
        if (extents.Length > MaxNDim)
        {
            throw new ArgumentException($"Shape: {extents.Length} axes, but an array has at most {MaxNDim}.", nameof(extents));
        }

        _ndim = extents.Length;
        extents.CopyTo(_extents);
    }

    /// <summary>The shape of a 0-d array: ().</summary>
    public static Shape Scalar => default;

    /// <summary>The number of axes.</summary>
    public int NDim => _ndim;

    /// <summary>The number of elements: the product of the extents.</summary>
    /// <exception cref="OverflowException">The product does not fit 64 bits.</exception>
    public long Size
    {
        get
        {
            long size = 1;
            for (int i = 0; i < _ndim; i++)
            {
                size = checked(size * _extents[i]);
            }

            return size;
        }
    }

    /// <summary>The product of the extents; false where it does not fit 64 bits or an extent is negative.</summary>
    internal bool TryGetSize(out long size)
    {
        size = 1;
        foreach (int extent in Span)
        {
            if (extent < 0 || (Math.BigMul(size, extent, out size) != 0) || size < 0)
            {
                return false;
            }
        }

        return true;
    }

    int IReadOnlyCollection<int>.Count => _ndim;

    /// <summary>The extent of an axis; a negative axis counts from the end.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="axis"/> is outside [-NDim, NDim).</exception>
    public int this[int axis]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            int i = axis < 0 ? axis + _ndim : axis;
            if ((uint)i >= (uint)_ndim)
            {
                ThrowAxis(axis);
            }

            return _extents[i];
        }
    }

    [UnscopedRef]
    internal ReadOnlySpan<int> Span => ((ReadOnlySpan<int>)_extents)[.._ndim];

    /// <summary>A shape with these extents.</summary>
    /// <exception cref="ArgumentException">More than 8 extents.</exception>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public static Shape Create(ReadOnlySpan<int> extents) => new(extents);

    /// <summary>The shape (extent,).</summary>
    public static implicit operator Shape(int extent) => new([extent]);

    /// <summary>The shape with these extents.</summary>
    public static implicit operator Shape(int[] extents)
    {
        Guard.NotNull(extents);
        return new(extents);
    }

    /// <summary>A shape of two axes.</summary>
    public static implicit operator Shape((int, int) e) => new([e.Item1, e.Item2]);

    /// <summary>A shape of three axes.</summary>
    public static implicit operator Shape((int, int, int) e) => new([e.Item1, e.Item2, e.Item3]);

    /// <summary>A shape of four axes.</summary>
    public static implicit operator Shape((int, int, int, int) e) => new([e.Item1, e.Item2, e.Item3, e.Item4]);

    /// <summary>A shape of five axes.</summary>
    public static implicit operator Shape((int, int, int, int, int) e) => new([e.Item1, e.Item2, e.Item3, e.Item4, e.Item5]);

    /// <summary>True if both have the same extents.</summary>
    public static bool operator ==(Shape left, Shape right) => left.Equals(right);

    /// <summary>True if their extents differ.</summary>
    public static bool operator !=(Shape left, Shape right) => !left.Equals(right);

    /// <summary>The extents as a new array.</summary>
    public int[] ToArray() => Span.ToArray();

    /// <inheritdoc/>
    public bool Equals(Shape other) =>
        // Extents past the last axis are 0.
        _ndim == other._ndim && Unsafe.BitCast<Extents, (UInt128, UInt128)>(_extents) == Unsafe.BitCast<Extents, (UInt128, UInt128)>(other._extents);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Shape other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        foreach (int extent in Span)
        {
            hash.Add(extent);
        }

        return hash.ToHashCode();
    }

    /// <summary>As NumPy writes it: "(2, 3)", "(3,)", "()".</summary>
    public override string ToString()
    {
        var text = new StringBuilder("(");
        for (int i = 0; i < _ndim; i++)
        {
            text.Append(i > 0 ? ", " : "").Append(_extents[i]);
        }

        return text.Append(_ndim == 1 ? ",)" : ")").ToString();
    }

    /// <summary>Enumerates the extents.</summary>
    public IEnumerator<int> GetEnumerator()
    {
        for (int i = 0; i < _ndim; i++)
        {
            yield return this[i];
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The shape to which NumPy broadcasts arrays of these two; false where they do not fit.</summary>
    internal static bool TryBroadcast(in Shape a, in Shape b, out Shape result)
    {
        int ndim = Math.Max(a._ndim, b._ndim);
        Span<int> extents = stackalloc int[MaxNDim];
        for (int i = 1; i <= ndim; i++)
        {
            int ea = i <= a._ndim ? a._extents[a._ndim - i] : 1;
            int eb = i <= b._ndim ? b._extents[b._ndim - i] : 1;
            if (ea != eb && ea != 1 && eb != 1)
            {
                result = default;
                return false;
            }

            extents[ndim - i] = ea == 1 ? eb : ea;
        }

        result = new Shape(extents[..ndim]);
        return true;
    }

    /// <summary>The axis counted from 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside [-ndim, ndim).</exception>
    internal static int NormalizeAxis(int axis, int ndim, string function, string parameter)
    {
        int i = axis < 0 ? axis + ndim : axis;
        return (uint)i < (uint)ndim
            ? i
            : throw new ArgumentOutOfRangeException(parameter, axis, $"{function}: axis {axis} is out of bounds for an array of {ndim} dimensions");
    }

    private static void ThrowAxis(int axis) =>
        throw new ArgumentOutOfRangeException(nameof(axis), axis, "outside the axes of the shape");

    /// <summary>Room for the extents of any shape.</summary>
    [InlineArray(MaxNDim)]
    internal struct Extents
    {
        private int _first;
    }
}
