using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace NativeChain;

/// <summary>The axes that a reduction removes: one, several, or (the default value) all. Negative axes count from the end.</summary>
[CollectionBuilder(typeof(Axes), nameof(Create))]
public readonly struct Axes : IEnumerable<int>
{
    private readonly Shape _axes;
    private readonly bool _given;

    /// <summary>These axes; none of them where the list is empty.</summary>
    /// <exception cref="ArgumentException">More than 8 axes.</exception>
    public Axes(params ReadOnlySpan<int> axes)
    {
        _axes = new Shape(axes);
        _given = true;
    }

    /// <summary>All axes.</summary>
    public static Axes All => default;

    /// <summary>True where all axes are meant.</summary>
    public bool IsAll => !_given;

    /// <summary>How many axes are listed; 0 where all are meant.</summary>
    public int Count => _axes.NDim;

    /// <summary>The listed axes as they were given.</summary>
    [UnscopedRef]
    internal ReadOnlySpan<int> Span => _axes.Span;

    /// <summary>These axes.</summary>
    /// <exception cref="ArgumentException">More than 8 axes.</exception>
    public static Axes Create(ReadOnlySpan<int> axes) => new(axes);

    /// <summary>One axis.</summary>
    public static implicit operator Axes(int axis) => new([axis]);

    /// <summary>One axis, or all where it is null.</summary>
    public static implicit operator Axes(int? axis) => axis is int one ? new([one]) : default;

    /// <summary>These axes, or all where the array is null.</summary>
    public static implicit operator Axes(int[]? axes) => axes is null ? default : new(axes);

    /// <summary>Two axes.</summary>
    public static implicit operator Axes((int, int) a) => new([a.Item1, a.Item2]);

    /// <summary>Three axes.</summary>
    public static implicit operator Axes((int, int, int) a) => new([a.Item1, a.Item2, a.Item3]);

    /// <summary>Four axes.</summary>
    public static implicit operator Axes((int, int, int, int) a) => new([a.Item1, a.Item2, a.Item3, a.Item4]);

    /// <summary>The listed axes as they were given.</summary>
    public int[] ToArray() => _axes.ToArray();

    /// <summary>Enumerates the listed axes as they were given.</summary>
    public IEnumerator<int> GetEnumerator() => _axes.GetEnumerator();

    System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>"all", or the axes as NumPy writes a tuple.</summary>
    public override string ToString() => _given ? _axes.ToString() : "all";

    /// <summary>Bit i is set where axis i of an array of <paramref name="ndim"/> axes is meant.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An axis outside [-ndim, ndim).</exception>
    /// <exception cref="ArgumentException">An axis is named twice.</exception>
    internal uint Mask(int ndim, string function, string parameter = "axis")
    {
        if (!_given)
        {
            return (1u << ndim) - 1;
        }

        uint mask = 0;
        for (int i = 0; i < _axes.NDim; i++)
        {
            uint bit = 1u << Shape.NormalizeAxis(_axes[i], ndim, function, parameter);
            if ((mask & bit) != 0)
            {
                throw new ArgumentException($"{function}: axis {_axes[i]} of {this} is named twice.", parameter);
            }

            mask |= bit;
        }

        return mask;
    }

    /// <summary>The shape that is left when the axes of <paramref name="mask"/> are taken away, or (kept) become 1.</summary>
    internal static Shape Reduce(in Shape shape, uint mask, bool keepDims)
    {
        if (!keepDims && BitOperations.PopCount(mask) == shape.NDim)
        {
            return Shape.Scalar;
        }

        Shape.Extents extents = default;
        int n = 0;
        for (int i = 0; i < shape.NDim; i++)
        {
            if ((mask & (1u << i)) == 0)
            {
                extents[n++] = shape[i];
            }
            else if (keepDims)
            {
                extents[n++] = 1;
            }
        }

        return new Shape(extents[..n]);
    }
}
