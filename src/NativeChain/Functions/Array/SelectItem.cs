namespace NativeChain;

public static partial class F
{
    /// <summary>One element of each row: y[i] = x[i, t[i]].</summary>
    /// <param name="x">(N, C), any dtype.</param>
    /// <param name="t">Which of each row, (N,), int32 or int64; in debug mode from 0 to C - 1, else negative ones count from the end.</param>
    /// <returns>(N,), of the dtype of <paramref name="x"/>.</returns>
    /// <exception cref="InvalidTypeException">Dtypes or shapes do not fit.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An index outside its row.</exception>
    public static Variable SelectItem(Variable x, Variable t)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(t);
        NDArray indices = t.Array;
        if (Config.TypeCheck)
        {
            TypeCheck.NDim("SelectItem", "x", x.RawArray!, 2);
            TypeCheck.SignedInteger("SelectItem", "t", indices);
            TypeCheck.SameShape("SelectItem", "t", indices, x.Shape[0]);
        }

        if (Config.Debug)
        {
            Labels.CheckInRange("SelectItem", "t", indices, x.Shape[1]);
        }

        return GetItem(x, NDArray.Arange(x.Shape[0]).To(indices.Device), indices);
    }
}
