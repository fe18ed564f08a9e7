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
        SetContiguous(ref strides, in shape);
        return strides;
    }

    /// <summary>Writes <see cref="Contiguous"/> where all is 0: a copy would wait for the stores of single strides.</summary>
    internal static void SetContiguous(ref Strides strides, in Shape shape)
    {
        long step = 1;
        ReadOnlySpan<int> extents = shape.Span;
        for (int i = extents.Length - 1; i >= 0; i--)
        {
            strides[i] = step;
            step *= Math.Max(extents[i], 1);
        }
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
