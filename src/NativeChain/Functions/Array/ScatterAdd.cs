namespace NativeChain;

public static partial class F
{
    /// <summary>A copy of an array, to whose elements that an index picks others are added.</summary>
    /// <param name="a">An array of any shape; any dtype.</param>
    /// <param name="slices">What picks the elements, as in <see cref="GetItem"/>; an element picked twice takes both.</param>
    /// <param name="b">What is added: of the dtype of <paramref name="a"/> and exactly the shape that the index picks.</param>
    /// <returns>An array of the shape and dtype of <paramref name="a"/>.</returns>
    /// <exception cref="InvalidTypeException">The dtypes differ, or the index has more parts than <paramref name="a"/> has axes.</exception>
    /// <exception cref="ArgumentException">The index picks another shape than that of <paramref name="b"/>, or is none of <paramref name="a"/>.</exception>
    public static Variable ScatterAdd(Variable a, IndexExpr[] slices, Variable b)
    {
        ArgumentNullException.ThrowIfNull(slices);
        return new ScatterAdd((IndexExpr[])slices.Clone()).ApplySingle(a, b);
    }
}

/// <summary>The node of <see cref="F.ScatterAdd"/>.</summary>
internal sealed class ScatterAdd(IndexExpr[] slices) : FunctionNode
{
    internal override bool ReleasesGradients => true;

    public override NDArray[] Forward(ReadOnlySpan<NDArray> inputs)
    {
        NDArray b = inputs[1];
        NDArray y = inputs[0].Copy();
        if (AdvancedIndex.IsNeededFor(slices))
        {
            var index = new AdvancedIndex(y.Shape, slices);
            CheckPicked(index.PickedShape(y), b);
            index.ScatterAdd(b, y);
        }
        else
        {
            NDArray view = y[slices];
            CheckPicked(view.Shape, b);
            Ops.Add.ComputeInto([view], view, b);
        }

        return [y];
    }

    public override Variable?[] Backward(ReadOnlySpan<int> targetInputs, ReadOnlySpan<Variable?> gradOutputs)
    {
        var grads = new Variable?[targetInputs.Length];
        for (int i = 0; i < grads.Length; i++)
        {
            grads[i] = targetInputs[i] == 0 ? gradOutputs[0] : F.GetItem(gradOutputs[0]!, slices);
        }

        return grads;
    }

    protected override void CheckTypes(ReadOnlySpan<NDArray> inputs)
    {
        TypeCheck.SameDType("ScatterAdd", "b", inputs[1], inputs[0].DType);
        int axes = 0;
        foreach (IndexExpr part in slices)
        {
            axes += part.Kind is IndexKind.Integer or IndexKind.Slice or IndexKind.Array ? 1 : 0;
        }

        TypeCheck.MinNDim("ScatterAdd", "a", inputs[0], axes);
    }

    private static void CheckPicked(Shape picked, NDArray b)
    {
        if (picked != b.Shape)
        {
            throw new ArgumentException($"ScatterAdd: the slices pick shape {picked}, but b has shape {b.Shape}; it is not broadcast.", nameof(b));
        }
    }
}
