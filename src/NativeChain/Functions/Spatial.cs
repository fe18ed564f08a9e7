using System.Collections;
using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace NativeChain;

/// <summary>
/// What convolutions and poolings take for each spatial axis, such as a stride, a padding or the size of a window: one integer for all axes, or one
/// for each. The default value is none given, and stands for the default of the argument.
/// </summary>
/// <remarks><c>stride: 2</c>, <c>stride: (2, 1)</c> and <c>stride: [2, 1]</c> all convert.</remarks>
[CollectionBuilder(typeof(Spatial), nameof(Create))]
public readonly struct Spatial : IEquatable<Spatial>, IEnumerable<int>
{
    /// <summary>The most spatial axes that the kernels know.</summary>
    public const int MaxNDim = 3;

    private readonly Values _values;
    private readonly int _count;

    /// <summary>One integer for all axes, or one for each.</summary>
    /// <param name="values">One to three integers; none is the default value.</param>
    /// <exception cref="ArgumentException">More than three.</exception>
    public Spatial(params ReadOnlySpan<int> values)
    {
        if (values.Length > MaxNDim)
        {
            throw new ArgumentException($"Spatial: {values.Length} values, but there are at most {MaxNDim} spatial axes.", nameof(values));
        }
        _count = values.Length;
        values.CopyTo(_values);
    }

    /// <summary>How many integers were given.</summary>
    /// <value>0: none, which stands for the default of the argument.</value>
    public int Count => _count;

    /// <summary>The integer given at an index.</summary>
    /// <param name="index">0 to <see cref="Count"/> - 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">No such integer.</exception>
    public int this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(index);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, _count);
            return _values[index];
        }
    }

    [UnscopedRef]
    private ReadOnlySpan<int> Span => ((ReadOnlySpan<int>)_values)[.._count];

    /// <summary>One integer for all axes, or one for each.</summary>
    /// <exception cref="ArgumentException">More than three.</exception>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public static Spatial Create(ReadOnlySpan<int> values) => new(values);

    /// <summary>One integer for all axes.</summary>
    public static implicit operator Spatial(int value) => new([value]);

    /// <summary>One integer for each of two axes.</summary>
    public static implicit operator Spatial((int, int) values) => new([values.Item1, values.Item2]);

    /// <summary>One integer for each of three axes.</summary>
    public static implicit operator Spatial((int, int, int) values) => new([values.Item1, values.Item2, values.Item3]);

    /// <summary>One integer for all axes, or one for each.</summary>
    public static implicit operator Spatial(int[] values)
    {
        Guard.NotNull(values);
        return new(values);
    }

    /// <summary>True if both were given the same integers.</summary>
    public static bool operator ==(Spatial left, Spatial right) => left.Equals(right);

    /// <summary>True if they were given other integers.</summary>
    public static bool operator !=(Spatial left, Spatial right) => !left.Equals(right);

    /// <summary>The integers for a number of axes: one that was given alone is repeated.</summary>
    /// <param name="ndim">The number of spatial axes.</param>
    /// <param name="function">The function, for the text of an error.</param>
    /// <param name="argument">Its argument.</param>
    /// <param name="least">The least that each may be.</param>
    /// <param name="none">What stands for the default value; null: the argument is needed.</param>
    /// <exception cref="ArgumentException">Another number of integers, or one below <paramref name="least"/>.</exception>
    internal Spatial Over(int ndim, string function, string argument, int least, int? none = null)
    {
        if (_count > 1 && _count != ndim)
        {
            throw new ArgumentException($"{function}: {argument} {this} has {_count} values, but there are {ndim} spatial axes.", argument);
        }
        if (_count == 0 && none is null)
        {
            throw new ArgumentException($"{function}: {argument} is not given.", argument);
        }
        Span<int> values = stackalloc int[ndim];
        for (int i = 0; i < ndim; i++)
        {
            values[i] = _count == 0 ? none!.Value : _values[_count == 1 ? 0 : i];
            if (values[i] < least)
            {
                throw new ArgumentException($"{function}: {argument} is {values[i]}, but must be at least {least}.", argument);
            }
        }
        return new(values);
    }

    /// <summary>The integers as a new array.</summary>
    public int[] ToArray() => Span.ToArray();

    /// <inheritdoc/>
    public bool Equals(Spatial other) => Span.SequenceEqual(other.Span);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Spatial other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_count, _values[0], _values[1], _values[2]);

    /// <summary>"2", "(2, 1)", or "none".</summary>
    public override string ToString() =>
        _count == 0 ? "none" : _count == 1 ? $"{_values[0]}" : $"({string.Join(", ", ToArray())})";

    /// <summary>Enumerates the integers given.</summary>
    public IEnumerator<int> GetEnumerator() => ((IEnumerable<int>)ToArray()).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    [InlineArray(MaxNDim)]
    private struct Values
    {
        private int _first;
    }
}
