using static NativeChain.Expr;

namespace NativeChain;

/// <summary>Expressions of the special functions: recurrences up to where asymptotic series hold, so that there is no branch but Select.</summary>
/// <remarks>Abramowitz and Stegun, Handbook of Mathematical Functions, chapters 6, 7 and 23; exact to some units in the last place of float64.</remarks>
internal static class SpecialExpr
{
    // Where the series in 1 / x begin: steps up from 0.
    private const int Steps = 8;

    // B(2k) / (2k (2k - 1)), for the logarithm of gamma; B(2k) / 2k, for its derivative; B(2k) / (2k)!, for zeta. Highest first.
    private static readonly double[] s_stirling =
        [1.0 / 156, -691.0 / 360360, 1.0 / 1188, -1.0 / 1680, 1.0 / 1260, -1.0 / 360, 1.0 / 12];

    private static readonly double[] s_digamma =
        [1.0 / 12, -691.0 / 32760, 1.0 / 132, -1.0 / 240, 1.0 / 252, -1.0 / 120, 1.0 / 12];

    private static readonly double[] s_maclaurin =
    [
        1.0 / 12, -1.0 / 720, 1.0 / 30240, -1.0 / 1209600, 1.0 / 47900160, -691.0 / 1307674368000, 1.0 / 74724249600,
        -3617.0 / 10670622842880000,
    ];

    // M. Giles, Approximating the erfinv function, 2010: of w = -log(1 - x²), around the centre and in the tail. Highest first.
    private static readonly double[] s_inverseErfCentre =
    [
        2.81022636e-08, 3.43273939e-07, -3.5233877e-06, -4.39150654e-06, 0.00021858087, -0.00125372503, -0.00417768164, 0.246640727,
        1.50140941,
    ];

    private static readonly double[] s_inverseErfTail =
    [
        -0.000200214257, 0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773, -0.0076224613, 0.00943887047, 1.00167406,
        2.83297682,
    ];

    private static readonly double s_twoOverRootPi = 2 / Math.Sqrt(Math.PI);

    /// <summary>log |gamma(x)|.</summary>
    internal static Expr Lgamma(Expr x)
    {
        Expr reflected = Select(x < 0, 1 - x, x);
        Expr small = reflected < Steps, y = Select(small, reflected + Steps, reflected), product = reflected;
        for (int k = 1; k < Steps; k++)
        {
            product *= reflected + k;
        }

        Expr inverse = 1.0 / y;
        Expr value = ((y - 0.5) * Log(y)) - y + (0.5 * Math.Log(2 * Math.PI)) + (inverse * Polynomial(Square(inverse), s_stirling))
            - Select(small, Log(product), 0);
        return Select(x < 0, Log(Math.PI / Abs(Sin(Math.PI * (x - Floor(x))))) - value, value);
    }

    /// <summary>The derivative of <see cref="Lgamma"/>.</summary>
    internal static Expr Digamma(Expr x)
    {
        Expr reflected = Select(x < 0, 1 - x, x);
        Expr small = reflected < Steps, y = Select(small, reflected + Steps, reflected), sum = 1.0 / reflected;
        for (int k = 1; k < Steps; k++)
        {
            sum += 1.0 / (reflected + k);
        }

        Expr inverse = 1.0 / y, square = Square(inverse);
        Expr value = Log(y) - (0.5 * inverse) - (square * Polynomial(square, s_digamma)) - Select(small, sum, 0);
        return Select(x < 0, value - (Math.PI / Tan(Math.PI * (x - Floor(x)))), value);
    }

    /// <summary>The derivative of <see cref="Digamma"/>.</summary>
    internal static Expr Trigamma(Expr x)
    {
        Expr value = Zeta(2, Select(x < 0, 1 - x, x));
        return Select(x < 0, Square(Math.PI / Sin(Math.PI * (x - Floor(x)))) - value, value);
    }

    /// <summary>The n-th derivative of <see cref="Digamma"/>.</summary>
    internal static Expr Polygamma(Expr n, Expr x)
    {
        Expr value = Exp(Lgamma(n + 1.0)) * Zeta(n + 1.0, x);
        return Select(Equal(n, 0), Digamma(x), Select(Equal(n % 2, 0), -value, value));
    }

    /// <summary>The sum of (q + k)^-x over k = 0, 1, ...: the first ones, then by Euler and Maclaurin.</summary>
    internal static Expr Zeta(Expr x, Expr q)
    {
        Expr sum = Pow(q, -x);
        for (int k = 1; k < Steps; k++)
        {
            sum += Pow(q + k, -x);
        }

        Expr a = q + Steps, power = Pow(a, -x), inverse = 1.0 / a, square = Square(inverse);
        Expr rising = power * x * inverse, tail = power * ((a / (x - 1)) + 0.5);
        for (int j = 0; j < s_maclaurin.Length; j++)
        {
            tail += s_maclaurin[j] * rising;
            rising *= (x + ((2 * j) + 1)) * (x + ((2 * j) + 2)) * square;
        }

        return Select(Or(x < 1, q < 0), double.NaN, sum + tail);
    }

    /// <summary>exp(x²) erfc(x): a continued fraction where x is large.</summary>
    internal static Expr Erfcx(Expr x) =>
        Select(x > 4, (0.5 * s_twoOverRootPi) / (x + ErfcxFraction(x)), Exp(Square(x)) * Erfc(x));

    /// <summary>The derivative of <see cref="Erfcx"/>, 2 x y - 2 / sqrt(pi), without the cancellation where x is large.</summary>
    internal static Expr ErfcxDerivative(Expr x, Expr y)
    {
        Expr fraction = ErfcxFraction(x);
        return Select(x > 4, -s_twoOverRootPi * fraction / (x + fraction), (2 * x * y) - s_twoOverRootPi);
    }

    /// <summary>log of the normal distribution function, by <see cref="Erfcx"/> below 0.</summary>
    internal static Expr LogNdtr(Expr x)
    {
        Expr scaled = x * -Math.Sqrt(0.5);
        return Select(x < -1, Log(0.5 * Erfcx(scaled)) - Square(scaled), Log1p(-0.5 * Erfc(-scaled)));
    }

    /// <summary>The derivative of <see cref="LogNdtr"/>: the density over the distribution.</summary>
    internal static Expr LogNdtrDerivative(Expr x)
    {
        Expr scaled = x * -Math.Sqrt(0.5);
        return Math.Sqrt(2 / Math.PI) * Select(x < -1, 1.0 / Erfcx(scaled), Exp(-Square(scaled)) / Erfc(scaled));
    }

    /// <summary>The inverse of erf at x, where q is 1 - |x|, exactly.</summary>
    internal static Expr InverseErf(Expr x, Expr q)
    {
        Expr size = Abs(x), w = -Log(q * (1 + size)), l = -Log(q);
        Expr y = Select(
            w < 16,
            size * Select(w < 5, Polynomial(w - 2.5, s_inverseErfCentre), Polynomial(Sqrt(w) - 3, s_inverseErfTail)),
            Sqrt(l - (0.5 * Log(Math.PI * l))));

        // Halley's method, against erf in the centre and erfc in the tail.
        for (int step = 0; step < 2; step++)
        {
            Expr error = Select(size < 0.5, Erf(y) - size, q - Erfc(y)) * Exp(Square(y)) / s_twoOverRootPi;
            y -= error / (1 + (y * error));
        }

        return Select(Equal(q, 0), double.PositiveInfinity, y) * Sign(x);
    }

    private static Expr ErfcxFraction(Expr x)
    {
        Expr fraction = 8 / x;
        for (int k = 15; k > 0; k--)
        {
            fraction = (0.5 * k) / (x + fraction);
        }

        return fraction;
    }

    private static Expr Polynomial(Expr x, double[] coefficients)
    {
        Expr sum = coefficients[0];
        for (int i = 1; i < coefficients.Length; i++)
        {
            sum = (sum * x) + coefficients[i];
        }

        return sum;
    }
}
