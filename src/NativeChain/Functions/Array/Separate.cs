namespace NativeChain;

public static partial class F
{
    /// <summary>The array taken apart along an axis, which the parts lack; views.</summary>
    /// <param name="x">An array of any dtype with that axis.</param>
    /// <param name="axis">The axis; negative counts from the end.</param>
    /// <returns>As many arrays as the extent of the axis.</returns>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> lacks the axis.</exception>
    public static Variable[] Separate(Variable x, int axis = 0)
    {
        ArgumentNullException.ThrowIfNull(x);
        int at = TypeCheck.Axis("Separate", "x", x.RawArray!, axis);
        return x.Shape[at] == 0 ? [] : new Separate(at).Apply(x);
    }
}

/// <summary>The node of <see cref="F.Separate"/>.</summary>
internal sealed class Separate(int axis) : FunctionNode
{
    internal override bool ReleasesGradients => true;

    public override NDArray[] Forward(ReadOnlySpan<NDArray> inputs)
    {
        var ys = new NDArray[inputs[0].Shape[axis]];
        var index = new IndexExpr[axis + 1];
        System.Array.Fill(index, ..);
        for (int i = 0; i < ys.Length; i++)
        {
            index[axis] = i;
            ys[i] = inputs[0][index];
        }

        return ys;
    }

    public override Variable?[] Backward(ReadOnlySpan<int> targetInputs, ReadOnlySpan<Variable?> gradOutputs) =>
        [F.Stack(SplitAxis.WithZeros(gradOutputs, Outputs), axis)];
}
