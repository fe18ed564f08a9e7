namespace NativeChain.Initializers;

/// <summary>Fills with one number, or copies an array of the same shape.</summary>
public class Constant : Initializer
{
    private readonly double _number;
    private readonly NDArray? _array;

    /// <summary>Creates the initializer of one number.</summary>
    /// <param name="fillValue">The number.</param>
    /// <param name="dtype">Dtype of the arrays it is made for; null for the configuration's.</param>
    public Constant(double fillValue, DType? dtype = null)
        : base(dtype) => _number = fillValue;

    /// <summary>Creates the initializer that copies an array.</summary>
    /// <param name="fillValue">The array; it is cast to the dtype of what it fills.</param>
    /// <param name="dtype">Dtype of the arrays it is made for; null for the configuration's.</param>
    /// <exception cref="ArgumentNullException"><paramref name="fillValue"/> is null.</exception>
    public Constant(NDArray fillValue, DType? dtype = null)
        : base(dtype)
    {
        ArgumentNullException.ThrowIfNull(fillValue);
        _array = fillValue;
    }

    /// <summary>The array that it copies; null for a number.</summary>
    internal NDArray? Source => _array;

    /// <inheritdoc/>
    public override void Fill(NDArray array)
    {
        Check(array);
        if (_array is null)
        {
            array.Fill(_number);
            return;
        }
        if (_array.Shape != array.Shape)
        {
            throw new ArgumentException($"Constant.Fill: an array of shape {_array.Shape} cannot fill one of {array.Shape}", nameof(array));
        }
        Kernels.Copy(_array, array);
    }
}

/// <summary>Fills with zeros.</summary>
/// <param name="dtype">Dtype of the arrays it is made for; null for the configuration's.</param>
public sealed class Zero(DType? dtype = null) : Constant(0.0, dtype);

/// <summary>Fills with ones.</summary>
/// <param name="dtype">Dtype of the arrays it is made for; null for the configuration's.</param>
public sealed class One(DType? dtype = null) : Constant(1.0, dtype);

/// <summary>Fills with NaN: what a parameter holds that somebody has still to set.</summary>
/// <param name="dtype">Dtype of the arrays it is made for; null for the configuration's.</param>
public sealed class NaN(DType? dtype = null) : Constant(double.NaN, dtype);

/// <summary>Fills a square matrix with a multiple of the identity.</summary>
/// <param name="scale">Value of the diagonal.</param>
/// <param name="dtype">Dtype of the arrays it is made for; null for the configuration's.</param>
public sealed class Identity(double scale = 1.0, DType? dtype = null) : Initializer(dtype)
{
    /// <inheritdoc/>
    public override void Fill(NDArray array)
    {
        Check(array);
        if (array.NDim != 2 || array.Shape[0] != array.Shape[1])
        {
            throw new ArgumentException($"Identity.Fill: needs a square matrix, not {array.Shape}", nameof(array));
        }
        Kernels.Copy(NDArray.Eye(array.Shape[0], dtype: array.DType) * scale, array);
    }
}
