namespace NativeChain;

public static partial class F
{
    /// <summary>The axes in another order; a view.</summary>
    /// <param name="x">An array of any shape and dtype.</param>
    /// <param name="axes">Axis i of the result is axis <c>axes[i]</c> of <paramref name="x"/>; none or null reverses the order.</param>
    /// <exception cref="InvalidTypeException"><paramref name="axes"/> is no order of the axes of <paramref name="x"/>.</exception>
    public static Variable Transpose(Variable x, params int[]? axes)
    {
        ArgumentNullException.ThrowIfNull(x);
        return new Transpose(axes is null || axes.Length == 0 ? null : (int[])axes.Clone()).ApplySingle(x);
    }
}

/// <summary>The node of <see cref="F.Transpose"/>.</summary>
internal sealed class Transpose(int[]? axes) : FunctionNode
{
    internal override bool ReleasesGradients => true;

    public override NDArray[] Forward(ReadOnlySpan<NDArray> inputs) =>
        [axes is null ? inputs[0].T : inputs[0].Transpose(axes)];

    public override Variable?[] Backward(ReadOnlySpan<int> targetInputs, ReadOnlySpan<Variable?> gradOutputs)
    {
        if (axes is null)
        {
            return [new Transpose(null).ApplySingle(gradOutputs[0]!)];
        }
        var inverse = new int[axes.Length];
        for (int i = 0; i < axes.Length; i++)
        {
            inverse[axes[i] < 0 ? axes[i] + axes.Length : axes[i]] = i;
        }
        return [new Transpose(inverse).ApplySingle(gradOutputs[0]!)];
    }

    protected override void CheckTypes(ReadOnlySpan<NDArray> inputs)
    {
        if (axes is null)
        {
            return;
        }
        uint seen = 0;
        foreach (int axis in axes)
        {
            seen |= 1u << TypeCheck.Axis("Transpose", "x", inputs[0], axis);
        }
        if (axes.Length != inputs[0].NDim || seen != (1u << axes.Length) - 1)
        {
            TypeCheck.Throw("Transpose", "x", $"axes of which [{string.Join(", ", axes)}] is an order", $"shape {inputs[0].Shape}");
        }
    }
}
