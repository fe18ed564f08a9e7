namespace NativeChain;

/// <summary>How many positions a window has along an axis, and how long the axis is that has so many.</summary>
public static class Outsize
{
    /// <summary>The number of positions of a window: the extent of a convolution's or pooling's output.</summary>
    /// <param name="size">The extent of the input.</param>
    /// <param name="k">The size of the window.</param>
    /// <param name="s">The stride, at least 1.</param>
    /// <param name="p">The padding on either side.</param>
    /// <param name="coverAll">Whether the last elements are covered even where the window then reaches beyond the padding.</param>
    /// <param name="d">The dilation: from one element of the window to the next.</param>
    /// <returns>The number; 0 or negative where the window is larger than the padded input.</returns>
    public static int Convolution(int size, int k, int s, int p, bool coverAll = false, int d = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(s, 1);
        long room = size + (2L * p) - ((long)d * (k - 1L)) - 1 + (coverAll ? s - 1 : 0);
        // Rounded down, also below 0.
        return checked((int)((room >= 0 ? room / s : (room - s + 1) / s) + 1));
    }

    /// <summary>The extent of a deconvolution's output: the smallest extent in which a window has so many positions.</summary>
    /// <param name="size">The number of positions.</param>
    /// <param name="k">The size of the window.</param>
    /// <param name="s">The stride, at least 1.</param>
    /// <param name="p">The padding on either side.</param>
    /// <param name="coverAll">Whether the last elements were covered by a window that reaches beyond the padding.</param>
    /// <param name="d">The dilation: from one element of the window to the next.</param>
    /// <returns>The extent; 0 or negative where there is none.</returns>
    public static int Deconvolution(int size, int k, int s, int p, bool coverAll = false, int d = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(s, 1);
        return checked((int)(((long)s * (size - 1L)) + ((long)d * (k - 1L)) + 1 - (2L * p) - (coverAll ? s - 1 : 0)));
    }
}
