using System.Runtime.CompilerServices;

namespace NativeChain;

/// <summary>The type of an array's elements. The values are the codes of the C ABI.</summary>
public enum DType
{
    /// <summary><see cref="bool"/>, one byte.</summary>
    Bool = 0,

    /// <summary><see cref="byte"/>.</summary>
    UInt8 = 1,

    /// <summary><see cref="int"/>.</summary>
    Int32 = 2,

    /// <summary><see cref="long"/>.</summary>
    Int64 = 3,

    /// <summary><see cref="Half"/>, IEEE 754 binary16.</summary>
    Float16 = 4,

    /// <summary><see cref="NativeChain.BFloat16"/>: the upper half of a binary32.</summary>
    BFloat16 = 5,

    /// <summary><see cref="float"/>.</summary>
    Float32 = 6,

    /// <summary><see cref="double"/>.</summary>
    Float64 = 7,
}

/// <summary>What can be asked of a <see cref="DType"/>.</summary>
public static class DTypes
{
    /// <summary>How many dtypes there are; their codes are 0 to Count - 1.</summary>
    internal const int Count = 8;

    private static readonly string[] Names =
        ["bool", "uint8", "int32", "int64", "float16", "bfloat16", "float32", "float64"];

    /// <summary>Size of one element in bytes.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="dtype"/> is not a dtype.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int ItemSize(this DType dtype)
    {
        ReadOnlySpan<byte> sizes = [1, 1, 4, 8, 2, 2, 4, 8];
        return (uint)dtype < Count ? sizes[(int)dtype] : throw Unknown(dtype);
    }

    /// <summary>True for float16, bfloat16, float32 and float64.</summary>
    public static bool IsFloating(this DType dtype) => dtype is >= DType.Float16 and <= DType.Float64;

    /// <summary>True for uint8, int32 and int64; bool is not an integer.</summary>
    public static bool IsInteger(this DType dtype) => dtype is >= DType.UInt8 and <= DType.Int64;

    /// <summary>NumPy's name: "float32" and so on.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="dtype"/> is not a dtype.</exception>
    public static string Name(this DType dtype) => (uint)dtype < Count ? Names[(int)dtype] : throw Unknown(dtype);

    /// <summary>The dtype of a name such as "float32".</summary>
    /// <exception cref="ArgumentNullException"><paramref name="name"/> is null.</exception>
    /// <exception cref="ArgumentException">No dtype has this name.</exception>
    public static DType Parse(string name)
    {
        Guard.NotNull(name);
        int code = Array.IndexOf(Names, name);
        return code >= 0
            ? (DType)code
            : throw new ArgumentException($"DTypes.Parse: '{name}' is none of {string.Join(", ", Names)}.", nameof(name));
    }

    /// <summary>The dtype whose elements are <typeparamref name="T"/>.</summary>
    /// <exception cref="ArgumentException"><typeparamref name="T"/> is the element of no dtype.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DType Of<T>()
        where T : unmanaged
    {
        if (typeof(T) == typeof(float))
        {
            return DType.Float32;
        }

        if (typeof(T) == typeof(double))
        {
            return DType.Float64;
        }

        if (typeof(T) == typeof(int))
        {
            return DType.Int32;
        }

        if (typeof(T) == typeof(long))
        {
            return DType.Int64;
        }

        if (typeof(T) == typeof(bool))
        {
            return DType.Bool;
        }

        if (typeof(T) == typeof(byte))
        {
            return DType.UInt8;
        }

        if (typeof(T) == typeof(Half))
        {
            return DType.Float16;
        }

        if (typeof(T) == typeof(BFloat16))
        {
            return DType.BFloat16;
        }

        throw NoDType(typeof(T));
    }

    /// <summary>The dtype in which an operation on two arrays gives its result: NumPy 2's table. bfloat16 is promoted as float16 is; the two together give float32.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="a"/> or <paramref name="b"/> is not a dtype.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DType Promote(DType a, DType b) => a == b ? a : PromoteDifferent(a, b);

    /// <summary>The dtype of an operation on an array and a C# integer, which is weak: bool gives int64, all else its own.</summary>
    internal static DType PromoteInteger(DType array) => array == DType.Bool ? DType.Int64 : array;

    /// <summary>The dtype of an operation on an array and a C# floating point number, which is weak: bool and integers give float64.</summary>
    internal static DType PromoteFloating(DType array) => array.IsFloating() ? array : DType.Float64;

    /// <summary>True where an integer array of this dtype can hold <paramref name="value"/>; always true of floating point.</summary>
    internal static bool Holds(this DType dtype, long value) => dtype switch
    {
        DType.UInt8 => value is >= byte.MinValue and <= byte.MaxValue,
        DType.Int32 => value is >= int.MinValue and <= int.MaxValue,
        _ => true,
    };

    internal static DType Of(Type type)
    {
        if (type == typeof(float))
        {
            return DType.Float32;
        }

        if (type == typeof(double))
        {
            return DType.Float64;
        }

        if (type == typeof(int))
        {
            return DType.Int32;
        }

        if (type == typeof(long))
        {
            return DType.Int64;
        }

        if (type == typeof(bool))
        {
            return DType.Bool;
        }

        if (type == typeof(byte))
        {
            return DType.UInt8;
        }

        if (type == typeof(Half))
        {
            return DType.Float16;
        }

        return type == typeof(BFloat16) ? DType.BFloat16 : throw NoDType(type);
    }

    internal static void Check(DType dtype, string parameter)
    {
        if ((uint)dtype >= Count)
        {
            throw new ArgumentOutOfRangeException(parameter, dtype, "not a dtype");
        }
    }

    private static DType PromoteDifferent(DType a, DType b)
    {
        ReadOnlySpan<byte> table =
        [
            0, 1, 2, 3, 4, 5, 6, 7, // bool
            1, 1, 2, 3, 4, 5, 6, 7, // uint8
            2, 2, 2, 3, 7, 7, 7, 7, // int32
            3, 3, 3, 3, 7, 7, 7, 7, // int64
            4, 4, 7, 7, 4, 6, 6, 7, // float16
            5, 5, 7, 7, 6, 5, 6, 7, // bfloat16
            6, 6, 7, 7, 6, 6, 6, 7, // float32
            7, 7, 7, 7, 7, 7, 7, 7, // float64
        ];
        Check(a, nameof(a));
        Check(b, nameof(b));
        return (DType)table[((int)a * Count) + (int)b];
    }

    private static ArgumentOutOfRangeException Unknown(DType dtype) => new(nameof(dtype), dtype, "not a dtype");

    private static ArgumentException NoDType(Type type) =>
        new($"{type.Name} is the element of no dtype; bool, byte, int, long, Half, BFloat16, float and double are.");
}
