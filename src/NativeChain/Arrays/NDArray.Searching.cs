namespace NativeChain;

// Where elements are.
public sealed partial class NDArray
{
    /// <summary>The coordinates of the elements that are not 0, in C order: an int64 array for each axis. They index the array: <c>x[rows, columns]</c> holds the elements.</summary>
    /// <exception cref="ArgumentException">A 0-d array.</exception>
    public NDArray[] Nonzero()
    {
        if (NDim == 0)
        {
            throw new ArgumentException("NDArray.Nonzero: a 0-d array has no coordinates; Reshape(1) gives it an axis.");
        }

        NDArray coordinates = Coordinates();
        var axes = new NDArray[NDim];
        for (int i = 0; i < axes.Length; i++)
        {
            axes[i] = coordinates[i];
        }

        return axes;
    }

    /// <summary>As <see cref="Nonzero()"/>.</summary>
    /// <inheritdoc cref="Nonzero()"/>
    public static NDArray[] Nonzero(NDArray x) => Guard.NotNull(x).Nonzero();

    /// <summary>The positions, in C order, of the elements that are not 0. Result: (count,) int64.</summary>
    /// <param name="x">Any shape.</param>
    public static NDArray FlatNonzero(NDArray x) => Guard.NotNull(x).Ravel().Coordinates()[0];

    /// <summary>The coordinates of the elements that are not 0, in C order, one in each row. Result: (count, number of axes) int64.</summary>
    /// <param name="x">Any shape.</param>
    public static NDArray ArgWhere(NDArray x) => Guard.NotNull(x).Coordinates().T.Copy();

    // (number of axes, count) int64
    private NDArray Coordinates()
    {
        long count = CountNonzero(this).Item<long>();
        NDArray y = Allocate(new Shape(NDim, Extent(count, "NDArray.Nonzero", "x")), DType.Int64, Storage.Pool);
        Kernels.NonZero(this, y);
        return y;
    }
}
