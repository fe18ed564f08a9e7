using System.Numerics;

namespace NativeChain;

/// <summary>Sizes of blocks, those of the native pool: multiples of 64 up to 256, then four steps to each doubling.</summary>
internal static class SizeClass
{
    internal const int Count = 4 + (4 * (62 - 8));

    internal static int Of(long nbytes)
    {
        if (nbytes <= 256)
        {
            return nbytes <= 64 ? 0 : (int)((nbytes - 1) >> 6);
        }

        ulong last = (ulong)(nbytes - 1);
        int top = BitOperations.Log2(last);
        return 4 + ((top - 8) * 4) + (int)((last >> (top - 2)) & 3);
    }

    internal static long Bytes(int index)
    {
        if (index < 4)
        {
            return (index + 1L) << 6;
        }

        int top = ((index - 4) / 4) + 8;
        return (1L << top) + ((((index - 4) & 3) + 1L) << (top - 2));
    }
}
