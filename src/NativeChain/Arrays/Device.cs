using System.Globalization;

namespace NativeChain;

/// <summary>Kinds of devices, in DLPack's codes.</summary>
public enum DeviceType
{
    /// <summary>The host's processor and memory.</summary>
    Cpu = 1,

    /// <summary>An NVIDIA GPU.</summary>
    Cuda = 2,
}

/// <summary>Where an array lies and its kernels run. The default value is the CPU.</summary>
public readonly struct Device : IEquatable<Device>
{
    private readonly int _typeLessCpu;

    private Device(DeviceType type, int id)
    {
        _typeLessCpu = (int)type - (int)DeviceType.Cpu;
        Id = id;
    }

    /// <summary>The CPU.</summary>
    public static Device Cpu => default;

    /// <summary>The kind of device.</summary>
    public DeviceType Type => (DeviceType)(_typeLessCpu + (int)DeviceType.Cpu);

    /// <summary>Counts devices of one kind from 0.</summary>
    public int Id { get; }

    internal bool IsCpu => _typeLessCpu == 0;

    /// <summary>The GPU with this number.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="id"/> is negative.</exception>
    public static Device Cuda(int id)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(id);
        return new(DeviceType.Cuda, id);
    }

    /// <summary>The device that "cpu", "cuda" or "cuda:1" names.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="text"/> is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="text"/> names no device.</exception>
    public static Device Parse(string text)
    {
        Guard.NotNull(text);
        switch (text)
        {
            case "cpu":
                return Cpu;
            case "cuda":
                return Cuda(0);
            default:
                return text.StartsWith("cuda:", StringComparison.Ordinal)
                    && int.TryParse(text.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out int id)
                    ? Cuda(id)
                    : throw new ArgumentException($"Device.Parse: '{text}' is neither 'cpu' nor 'cuda' nor 'cuda:N'.", nameof(text));
        }
    }

    /// <summary>True if both are the same device.</summary>
    public static bool operator ==(Device left, Device right) => left.Equals(right);

    /// <summary>True if they are different devices.</summary>
    public static bool operator !=(Device left, Device right) => !left.Equals(right);

    /// <inheritdoc/>
    public bool Equals(Device other) => _typeLessCpu == other._typeLessCpu && Id == other.Id;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Device other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_typeLessCpu, Id);

    /// <summary>"cpu" or "cuda:0".</summary>
    public override string ToString() => IsCpu ? "cpu" : $"cuda:{Id}";
}
