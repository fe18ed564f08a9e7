using System.Diagnostics.CodeAnalysis;

namespace NativeChain;

/// <summary>What functions check their arguments by: each throws <see cref="InvalidTypeException"/> that names function and argument.</summary>
public static class TypeCheck
{
    /// <summary>Refuses an array that is not floating point.</summary>
    /// <exception cref="InvalidTypeException">It is not.</exception>
    public static void Floating(string function, string argument, NDArray array)
    {
        ArgumentNullException.ThrowIfNull(array);
        if (!array.DType.IsFloating())
        {
            Throw(function, argument, "a floating-point dtype", array.DType.Name());
        }
    }

    /// <summary>Refuses an array that does not hold signed integers.</summary>
    /// <exception cref="InvalidTypeException">It does not.</exception>
    public static void SignedInteger(string function, string argument, NDArray array)
    {
        ArgumentNullException.ThrowIfNull(array);
        if (array.DType is not (DType.Int32 or DType.Int64))
        {
            Throw(function, argument, "dtype int32 or int64", array.DType.Name());
        }
    }

    /// <summary>Refuses an array of another dtype.</summary>
    /// <exception cref="InvalidTypeException">It has another one.</exception>
    public static void SameDType(string function, string argument, NDArray array, DType expected)
    {
        ArgumentNullException.ThrowIfNull(array);
        if (array.DType != expected)
        {
            Throw(function, argument, "dtype " + expected.Name(), array.DType.Name());
        }
    }

    /// <summary>Refuses an array with another number of axes.</summary>
    /// <exception cref="InvalidTypeException">It has more or fewer.</exception>
    public static void NDim(string function, string argument, NDArray array, int expected)
    {
        ArgumentNullException.ThrowIfNull(array);
        if (array.NDim != expected)
        {
            Throw(function, argument, expected == 1 ? "1 axis" : $"{expected} axes", $"shape {array.Shape}");
        }
    }

    /// <summary>Refuses an array with fewer axes.</summary>
    /// <exception cref="InvalidTypeException">It has fewer.</exception>
    public static void MinNDim(string function, string argument, NDArray array, int least)
    {
        ArgumentNullException.ThrowIfNull(array);
        if (array.NDim < least)
        {
            Throw(function, argument, least == 1 ? "at least 1 axis" : $"at least {least} axes", $"shape {array.Shape}");
        }
    }

    /// <summary>Refuses an array of another shape.</summary>
    /// <exception cref="InvalidTypeException">It has another one.</exception>
    public static void SameShape(string function, string argument, NDArray array, Shape expected)
    {
        ArgumentNullException.ThrowIfNull(array);
        if (array.Shape != expected)
        {
            Throw(function, argument, $"shape {expected}", $"shape {array.Shape}");
        }
    }

    /// <summary>Refuses an array of a shape that does not broadcast with another.</summary>
    /// <exception cref="InvalidTypeException">It does not.</exception>
    public static void Broadcast(string function, string argument, NDArray array, Shape other)
    {
        ArgumentNullException.ThrowIfNull(array);
        if (!Shape.TryBroadcast(other, array.Shape, out _))
        {
            Throw(function, argument, $"a shape that broadcasts with {other}", $"shape {array.Shape}");
        }
    }

    /// <summary>Refuses an array with another extent along an axis.</summary>
    /// <exception cref="InvalidTypeException">It has another one.</exception>
    public static void Extent(string function, string argument, NDArray array, int axis, int expected)
    {
        ArgumentNullException.ThrowIfNull(array);
        if (array.Shape[axis] != expected)
        {
            Throw(function, argument, $"extent {expected} along axis {axis}", $"shape {array.Shape}");
        }
    }

    /// <summary>The axis counted from 0.</summary>
    /// <exception cref="InvalidTypeException">The array has no such axis.</exception>
    public static int Axis(string function, string argument, NDArray array, int axis)
    {
        ArgumentNullException.ThrowIfNull(array);
        if (axis < -array.NDim || axis >= array.NDim)
        {
            Throw(function, argument, $"an axis {axis}", $"shape {array.Shape}");
        }
        return axis < 0 ? axis + array.NDim : axis;
    }

    /// <summary>The place of a new axis among those of the array, counted from 0.</summary>
    /// <exception cref="InvalidTypeException">There is no such place.</exception>
    public static int NewAxis(string function, string argument, NDArray array, int axis)
    {
        ArgumentNullException.ThrowIfNull(array);
        if (axis < -array.NDim - 1 || axis > array.NDim)
        {
            Throw(function, argument, $"axes between which axis {axis} fits", $"shape {array.Shape}");
        }
        return axis < 0 ? axis + array.NDim + 1 : axis;
    }

    /// <summary>Refuses axes that the array lacks, and one named twice.</summary>
    /// <exception cref="InvalidTypeException">The array has no such axis.</exception>
    /// <exception cref="ArgumentException">An axis is named twice.</exception>
    public static void Axes(string function, string argument, NDArray array, Axes axes)
    {
        ArgumentNullException.ThrowIfNull(array);
        foreach (int axis in axes.Span)
        {
            Axis(function, argument, array, axis);
        }
        axes.Mask(array.NDim, function);
    }

    [DoesNotReturn]
    internal static void Throw(string function, string argument, string expected, string actual) =>
        throw new InvalidTypeException(function, argument, expected, actual);
}
