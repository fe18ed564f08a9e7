namespace NativeChain.Initializers;

/// <summary>Fills the array of a new parameter.</summary>
/// <remarks>A number or an array is an initializer too: it converts to <see cref="Constant"/>.</remarks>
public abstract class Initializer
{
    /// <summary>Creates an initializer.</summary>
    /// <param name="dtype">Dtype of the arrays it is made for; null for <see cref="Config.DType"/>.</param>
    protected Initializer(DType? dtype = null) => DType = dtype;

    /// <summary>Dtype of the arrays that it fills.</summary>
    /// <value>null: the configuration's.</value>
    public DType? DType { get; }

    /// <summary>Overwrites every element of an array.</summary>
    /// <param name="array">The array to fill, of any shape that the initializer understands.</param>
    /// <exception cref="ArgumentException">The shape or the dtype does not suit the initializer.</exception>
    public abstract void Fill(NDArray array);

    /// <summary>A new array of a shape, filled.</summary>
    /// <param name="shape">Shape of the array.</param>
    /// <param name="dtype">Dtype; null for <see cref="DType"/>, else for the configuration's.</param>
    /// <param name="device">Device of the array: the CPU by default.</param>
    public NDArray Generate(Shape shape, DType? dtype = null, Device device = default)
    {
        NDArray array = NDArray.Empty(shape, dtype ?? DType ?? Config.DType, device);
        Fill(array);
        return array;
    }

    /// <summary>The initializer that writes one number everywhere.</summary>
    /// <param name="value">The number.</param>
    public static implicit operator Initializer(double value) => new Constant(value);

    /// <summary>The initializer that copies an array.</summary>
    /// <param name="value">The array, of the shape of the parameter.</param>
    public static implicit operator Initializer(NDArray value) => new Constant(value);

    /// <summary>Input and output fans of a weight of shape (out, in, k...): in·k and out·k.</summary>
    private protected static (double In, double Out) GetFans(Shape shape)
    {
        if (shape.NDim < 2)
        {
            throw new ArgumentException($"Fill: needs a shape of two axes or more to find its fans, not {shape}", "array");
        }
        double receptiveField = 1;
        for (int i = 2; i < shape.NDim; i++)
        {
            receptiveField *= shape[i];
        }
        return (shape[1] * receptiveField, shape[0] * receptiveField);
    }

    private protected void Check(NDArray array)
    {
        ArgumentNullException.ThrowIfNull(array);
        if (DType is { } dtype && dtype != array.DType)
        {
            throw new ArgumentException(
                $"{GetType().Name}.Fill: an initializer of {dtype.Name()} cannot fill an array of {array.DType.Name()}", nameof(array));
        }
    }
}
