using System.Globalization;
using System.Runtime.CompilerServices;

namespace NativeChain;

/// <summary>A 16-bit floating point number with the exponent of <see cref="float"/> and 8 bits of precision.</summary>
public readonly struct BFloat16 : IEquatable<BFloat16>, IComparable<BFloat16>, IFormattable
{
    private readonly ushort _bits;

    private BFloat16(ushort bits) => _bits = bits;

    /// <summary>The number with these bits: sign, 8 of exponent, 7 of fraction.</summary>
    public static BFloat16 FromBits(ushort bits) => new(bits);

    /// <summary>The bits: sign, 8 of exponent, 7 of fraction.</summary>
    public ushort ToBits() => _bits;

    /// <summary>The nearest bfloat16, ties to even; NaN stays NaN.</summary>
    public static explicit operator BFloat16(float value)
    {
        uint bits = Unsafe.BitCast<float, uint>(value);
        return new(float.IsNaN(value)
            ? (ushort)((bits >> 16) | 0x40)
            : (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16));
    }

    /// <summary>The bfloat16 nearest to <paramref name="value"/> rounded to float32.</summary>
    public static explicit operator BFloat16(double value) => (BFloat16)(float)value;

    /// <summary>The same number; exact.</summary>
    public static implicit operator float(BFloat16 value) => Unsafe.BitCast<uint, float>((uint)value._bits << 16);

    /// <summary>The same number; exact.</summary>
    public static implicit operator double(BFloat16 value) => (float)value;

    /// <summary>IEEE equality: NaN equals nothing, the zeros each other.</summary>
    public static bool operator ==(BFloat16 left, BFloat16 right) => (float)left == (float)right;

    /// <summary>Not <c>==</c>.</summary>
    public static bool operator !=(BFloat16 left, BFloat16 right) => (float)left != (float)right;

    /// <inheritdoc/>
    public bool Equals(BFloat16 other) => ((float)this).Equals(other);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is BFloat16 other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => ((float)this).GetHashCode();

    /// <inheritdoc/>
    public int CompareTo(BFloat16 other) => ((float)this).CompareTo(other);

    /// <inheritdoc/>
    public override string ToString() => ToString(null, CultureInfo.CurrentCulture);

    /// <inheritdoc/>
    public string ToString(string? format, IFormatProvider? formatProvider) => ((float)this).ToString(format, formatProvider);
}
