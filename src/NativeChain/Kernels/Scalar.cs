namespace NativeChain;

/// <summary>A number that a kernel is given, or a 0-d array on the device that it reads when it runs. The number is weak: it takes the dtype of what it meets.</summary>
public readonly struct Scalar
{
    private Scalar(double f64, long i64, NDArray? array = null)
    {
        F64 = f64;
        I64 = i64;
        Array = array;
    }

    /// <summary>The array that holds the number, or null where it is given by value.</summary>
    public NDArray? Array { get; }

    /// <summary>The number as floating point and bool destinations read it.</summary>
    internal double F64 { get; }

    /// <summary>The number as integer destinations read it.</summary>
    internal long I64 { get; }

    /// <summary>A floating point number; integers read it truncated and saturated.</summary>
    public static implicit operator Scalar(double value) => new(value, (long)value);

    /// <summary>An integer.</summary>
    public static implicit operator Scalar(long value) => new(value, value);

    /// <summary>An integer.</summary>
    public static implicit operator Scalar(int value) => new(value, value);

    /// <summary>A floating point number; integers read it truncated.</summary>
    public static implicit operator Scalar(float value) => new(value, (long)value);

    /// <summary>1 or 0.</summary>
    public static implicit operator Scalar(bool value) => new(value ? 1 : 0, value ? 1 : 0);

    /// <summary>The one element of an array, read when the kernel runs.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="array"/> is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="array"/> has not one element.</exception>
    public static implicit operator Scalar(NDArray array)
    {
        Guard.NotNull(array);
        return array.Size == 1
            ? new(0, 0, array)
            : throw new ArgumentException($"Scalar: an array of shape {array.Shape} is not one number.", nameof(array));
    }

    /// <summary>The number, or the shape of the array that holds it.</summary>
    public override string ToString() =>
        Array is null ? F64.ToString(System.Globalization.CultureInfo.InvariantCulture) : $"array of shape {Array.Shape}";
}
