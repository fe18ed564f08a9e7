using System.Runtime.CompilerServices;

namespace NativeChain;

/// <summary>Steps between neighbours along each axis, in elements.</summary>
[InlineArray(Shape.MaxNDim)]
internal struct Strides
{
    private long _first;

    /// <summary>The strides of an array in C order without gaps.</summary>
    internal static Strides Contiguous(in Shape shape)
    {
        Strides strides = default;
        long step = 1;
        for (int i = shape.NDim - 1; i >= 0; i--)
        {
            strides[i] = step;
            step *= Math.Max(shape[i], 1);
        }

        return strides;
    }

    /// <summary>True if elements in C order lie without gaps; axes of extent 1 do not matter.</summary>
    internal static bool IsContiguous(in Shape shape, in Strides strides)
    {
        long step = 1;
        for (int i = shape.NDim - 1; i >= 0; i--)
        {
            int extent = shape[i];
            if (extent == 0)
            {
                return true;
            }

            if (extent != 1 && strides[i] != step)
            {
                return false;
            }

            step *= extent;
        }

        return true;
    }
}
