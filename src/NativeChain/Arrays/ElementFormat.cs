using System.Globalization;

namespace NativeChain;

/// <summary>Writes the elements of one array, all in one width: NumPy's rules at its default options.</summary>
internal abstract class ElementFormat
{
    internal abstract string Format(long index);

    internal static ElementFormat Of(NDArray x)
    {
        switch (x.DType)
        {
            case DType.Bool:
                return new BoolFormat(x.ToArray<bool>(), x.NDim);
            case DType.UInt8 or DType.Int32 or DType.Int64:
                return new IntegerFormat(x.AsType(DType.Int64, copy: false).ToArray<long>());
            default:
                return new FloatFormat(x.AsType(DType.Float64, copy: false).ToArray<double>(), x.DType);
        }
    }

    private sealed class BoolFormat(bool[] values, int ndim) : ElementFormat
    {
        internal override string Format(long index) => values[index] ? (ndim == 0 ? "True" : " True") : "False";
    }

    private sealed class IntegerFormat : ElementFormat
    {
        private readonly long[] _values;
        private readonly int _width;

        internal IntegerFormat(long[] values)
        {
            _values = values;
            foreach (long value in values)
            {
                _width = Math.Max(_width, Text(value).Length);
            }
        }

        internal override string Format(long index) => Text(_values[index]).PadLeft(_width);

        private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
    }
}

/// <summary>NumPy's FloatingFormat at precision 8, floatmode maxprec: as few digits as tell the number from others of its dtype, and at most 8 behind the point.</summary>
internal sealed class FloatFormat : ElementFormat
{
    private const int MaxPrecision = 8;

    private readonly double[] _values;
    private readonly DType _dtype;
    private readonly bool _scientific;
    private readonly int _precision = MaxPrecision;
    private readonly int _exponentDigits;
    private readonly int _padLeft;
    private readonly int _padRight;

    internal FloatFormat(double[] values, DType dtype)
    {
        _values = values;
        _dtype = dtype;
        _scientific = NeedsExponent(values, dtype);
        int fraction = 0;
        int nonFinite = 0;
        foreach (double value in values)
        {
            if (!double.IsFinite(value))
            {
                nonFinite = Math.Max(nonFinite, NonFinite(value).Length);
                continue;
            }

            (string integer, string fractional, string exponent) = Split(value, _scientific, MaxPrecision, 0);
            _padLeft = Math.Max(_padLeft, integer.Length);
            fraction = Math.Max(fraction, fractional.Length);
            _exponentDigits = Math.Max(_exponentDigits, exponent.Length - 1);
        }

        _padRight = _scientific ? _exponentDigits + 2 + fraction : fraction;
        if (_scientific)
        {
            _precision = fraction;
        }

        _padLeft = Math.Max(_padLeft, nonFinite - (_padRight + 1));
    }

    /// <summary>A single number as NumPy's scalars are written: "1.0", "1e-05", "nan".</summary>
    internal static string FormatScalar(double value, DType dtype)
    {
        if (!double.IsFinite(value))
        {
            return NonFinite(value);
        }

        double magnitude = Math.Abs(value);
        bool scientific = magnitude != 0 && (magnitude >= 1e16 || magnitude < 1e-4);
        (string integer, string fraction, string exponent) = Split(value, scientific, int.MaxValue, int.MinValue, dtype);
        if (!scientific)
        {
            return $"{integer}.{(fraction.Length == 0 ? "0" : fraction)}";
        }

        string text = fraction.Length == 0 ? integer : $"{integer}.{fraction}";
        return $"{text}e{exponent[0]}{exponent[1..].PadLeft(2, '0')}";
    }

    internal override string Format(long index)
    {
        double value = _values[index];
        if (!double.IsFinite(value))
        {
            return NonFinite(value).PadLeft(_padLeft + _padRight + 1);
        }

        if (!_scientific)
        {
            (string whole, string part, _) = Split(value, false, MaxPrecision, 0);
            return $"{whole.PadLeft(_padLeft)}.{part.PadRight(_padRight)}";
        }

        (string integer, string fraction, string exponent) = Split(value, true, _precision, _precision);
        return $"{integer.PadLeft(_padLeft)}.{fraction.PadRight(_precision, '0')}e{exponent[0]}{exponent[1..].PadLeft(_exponentDigits, '0')}";
    }

    private static string NonFinite(double value) => double.IsNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";

    private static bool NeedsExponent(double[] values, DType dtype)
    {
        double max = 0;
        double min = double.PositiveInfinity;
        foreach (double value in values)
        {
            if (value != 0 && double.IsFinite(value))
            {
                max = Math.Max(max, Math.Abs(value));
                min = Math.Min(min, Math.Abs(value));
            }
        }

        // The ratio is rounded to the dtype.
        double ratio = dtype switch
        {
            DType.Float64 => max / min,
            DType.Float16 => (double)(Half)(float)(max / min),
            _ => (float)(max / min),
        };
        return max > 0 && (max >= 1e8 || min < 1e-4 || ratio > 1000);
    }

    private (string Integer, string Fraction, string Exponent) Split(double value, bool scientific, int precision, int minDigits) =>
        Split(value, scientific, precision, minDigits, _dtype);

    // Digits before and behind the point, and the exponent with its sign: the shortest, cut to precision, or filled with
    // digits of the exact value to minDigits; those before the point are exact where minDigits is 0 or more.
    private static (string Integer, string Fraction, string Exponent) Split(
        double value, bool scientific, int precision, int minDigits, DType dtype)
    {
        Decimals number = Decimals.Shortest(value, dtype);
        int fraction = number.Digits.Length - (scientific ? 1 : number.Point);
        if (fraction > precision)
        {
            number = scientific ? number.RoundSignificant(precision + 1) : number.RoundFraction(precision);
        }
        else if (fraction < minDigits)
        {
            number = scientific ? number.RoundSignificant(minDigits + 1) : number.RoundFraction(minDigits);
        }

        string sign = number.IsNegative ? "-" : "";
        string digits = number.Digits;
        if (scientific)
        {
            int exponent = digits.Length == 0 ? 0 : number.Point - 1;
            string exponentDigits = Math.Abs(exponent).ToString(CultureInfo.InvariantCulture).PadLeft(2, '0');
            return digits.Length == 0
                ? ($"{sign}0", "", $"+{exponentDigits}")
                : ($"{sign}{digits[0]}", digits[1..], $"{(exponent < 0 ? '-' : '+')}{exponentDigits}");
        }

        int point = number.Point;
        if (digits.Length == 0)
        {
            return ($"{sign}0", "", "");
        }

        if (point <= 0)
        {
            return ($"{sign}0", new string('0', -point) + digits, "");
        }

        return point >= digits.Length
            ? (sign + digits.PadRight(point, '0'), "", "")
            : (sign + digits[..point], digits[point..], "");
    }
}
