using System.Globalization;

namespace NativeChain;

/// <summary>The decimal digits of a floating point number: 0.d1d2d3... times 10^Point. Digits have no zeros at the end; zero has none at all.</summary>
internal readonly struct Decimals
{
    private const int ExactDigits = 60;

    private readonly double _value;

    private Decimals(double value, string digits, int point)
    {
        _value = value;
        Digits = digits;
        Point = point;
    }

    internal string Digits { get; }

    internal int Point { get; }

    internal bool IsNegative => double.IsNegative(_value);

    /// <summary>The fewest digits that no other number of the dtype shares.</summary>
    internal static Decimals Shortest(double value, DType dtype)
    {
        string text = dtype switch
        {
            DType.Float16 => ShortestHalf((Half)value),
            DType.BFloat16 => ShortestBFloat16((BFloat16)value),
            DType.Float32 => ((float)value).ToString("R", CultureInfo.InvariantCulture),
            _ => value.ToString("R", CultureInfo.InvariantCulture),
        };
        return Parse(value, text);
    }

    /// <summary>The number rounded to so many digits behind the decimal point, or behind the first digit; exact ties go to the even digit.</summary>
    internal Decimals RoundFraction(int digits) => Round(Point + digits);

    /// <summary>The number rounded to so many digits in all; exact ties go to the even digit.</summary>
    internal Decimals RoundSignificant(int digits) => Round(digits);

    private Decimals Round(int keep)
    {
        // A tie has few digits: 60 of them tell it from any other number near it.
        Decimals exact = Parse(_value, _value.ToString("E" + ExactDigits, CultureInfo.InvariantCulture));
        keep += exact.Point - Point;
        string digits = exact.Digits;
        if (keep < 0)
        {
            return new Decimals(_value, "", 0);
        }

        if (digits.Length <= keep)
        {
            return exact;
        }

        int last = keep == 0 ? 0 : digits[keep - 1] - '0';
        bool tie = digits[keep] == '5' && keep + 1 == digits.Length;
        bool up = tie ? last % 2 == 1 : digits[keep] >= '5';
        char[] kept = digits[..keep].ToCharArray();
        int i = keep - 1;
        for (; up && i >= 0; i--)
        {
            if (kept[i] != '9')
            {
                kept[i]++;
                up = false;
                break;
            }

            kept[i] = '0';
        }

        string rounded = up ? "1" + new string(kept) : new string(kept);
        rounded = rounded.TrimEnd('0');
        return new Decimals(_value, rounded, rounded.Length == 0 ? 0 : exact.Point + (up ? 1 : 0));
    }

    private static string ShortestHalf(Half value)
    {
        for (int digits = 0; ; digits++)
        {
            string text = ((double)value).ToString("E" + digits, CultureInfo.InvariantCulture);
            if (digits == 4 || (Half)double.Parse(text, CultureInfo.InvariantCulture) == value)
            {
                return text;
            }
        }
    }

    private static string ShortestBFloat16(BFloat16 value)
    {
        for (int digits = 0; ; digits++)
        {
            string text = ((double)value).ToString("E" + digits, CultureInfo.InvariantCulture);
            if (digits == 3 || (BFloat16)float.Parse(text, CultureInfo.InvariantCulture) == value)
            {
                return text;
            }
        }
    }

    private static Decimals Parse(double value, string text)
    {
        text = text.TrimStart('-');
        int e = text.IndexOf('E', StringComparison.Ordinal);
        int exponent = e < 0 ? 0 : int.Parse(text.AsSpan(e + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        string mantissa = e < 0 ? text : text[..e];
        int dot = mantissa.IndexOf('.', StringComparison.Ordinal);
        int point = (dot < 0 ? mantissa.Length : dot) + exponent;
        string digits = mantissa.Replace(".", "", StringComparison.Ordinal);
        string significant = digits.TrimStart('0');
        point -= digits.Length - significant.Length;
        significant = significant.TrimEnd('0');
        return new Decimals(value, significant, significant.Length == 0 ? 0 : point);
    }
}
