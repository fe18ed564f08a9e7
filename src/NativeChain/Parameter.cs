namespace NativeChain;

using NativeChain.Initializers;

/// <summary>A variable that belongs to a link and is trained by an optimizer. Its shape may wait for the first call of the link.</summary>
public partial class Parameter : Variable
{
    private Device _device = Device.Cpu;
    private bool _zeroGradAtInitialization;

    /// <summary>A parameter filled by an initializer; without a shape it stays uninitialized until <see cref="Initialize"/>.</summary>
    /// <param name="initializer">What fills it; null fills with NaN. A number stands for a constant.</param>
    /// <param name="shape">Its shape, or null if it is not known yet.</param>
    /// <param name="name">A name, for messages.</param>
    public Parameter(Initializer? initializer = null, Shape? shape = null, string? name = null)
        : base(null, name)
    {
        Initializer = initializer ?? new Constant(double.NaN);
        if (shape is Shape known)
        {
            Initialize(known);
        }
    }

    /// <summary>A parameter filled with a number; without a shape it stays uninitialized until <see cref="Initialize"/>.</summary>
    /// <param name="value">The number.</param>
    /// <param name="shape">Its shape, or null if it is not known yet.</param>
    /// <param name="name">A name, for messages.</param>
    public Parameter(double value, Shape? shape = null, string? name = null)
        : this(new Constant(value), shape, name)
    {
    }

    /// <summary>A parameter that holds an array; no copy is made.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="array"/> is null.</exception>
    public Parameter(NDArray array, string? name = null)
        : base(array ?? throw new ArgumentNullException(nameof(array)), name)
    {
        Initializer = new Constant(double.NaN);
        _device = array.Device;
    }

    /// <summary>What fills the array when it is made.</summary>
    public Initializer Initializer { get; set; }

    /// <summary>Whether the parameter has its array.</summary>
    public bool IsInitialized => RawArray is not null;

    /// <inheritdoc/>
    /// <remarks>Before it is initialized, the dtype that it will have.</remarks>
    public override DType DType => RawArray?.DType ?? Initializer.DType ?? Config.DType;

    /// <inheritdoc/>
    /// <remarks>Before it is initialized, the device that it will be on.</remarks>
    public override Device Device => RawArray?.Device ?? _device;

    /// <summary>Makes the array and lets <see cref="Initializer"/> fill it.</summary>
    /// <param name="shape">The shape of the array.</param>
    public void Initialize(Shape shape)
    {
        NDArray array = NDArray.Empty(shape, DType, _device);
        Initializer.Fill(array);
        SetArray(array);
        if (_zeroGradAtInitialization)
        {
            Grad = NDArray.ZerosLike(array);
        }
    }

    /// <inheritdoc/>
    /// <remarks>An uninitialized parameter will be made there.</remarks>
    public override void ToDevice(Device device)
    {
        _device = device;
        base.ToDevice(device);
    }

    /// <inheritdoc/>
    public override void ClearGrad()
    {
        base.ClearGrad();
        _zeroGradAtInitialization = false;
    }

    /// <inheritdoc/>
    public override void ZeroGrad()
    {
        base.ZeroGrad();
        _zeroGradAtInitialization = !IsInitialized;
    }

    internal override void InitializeLike(NDArray like) => Initialize(like.Shape);
}
