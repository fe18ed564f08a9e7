namespace NativeChain;

public static partial class F
{
    /// <summary>The same elements in another shape; no copy where the strides allow it.</summary>
    /// <param name="x">An array of any shape and dtype.</param>
    /// <param name="shape">A shape of the same size; one extent may be -1, and follows from the others.</param>
    /// <exception cref="InvalidTypeException">The sizes differ.</exception>
    /// <exception cref="ArgumentException">Several extents are negative.</exception>
    public static Variable Reshape(Variable x, Shape shape)
    {
        ArgumentNullException.ThrowIfNull(x);
        return x.Shape == shape ? x : new Reshape(shape).ApplySingle(x);
    }
}

/// <summary>The node of <see cref="F.Reshape"/>.</summary>
internal sealed class Reshape(Shape shape) : FunctionNode
{
    internal override bool ReleasesGradients => true;

    public override NDArray[] Forward(ReadOnlySpan<NDArray> inputs) => [inputs[0].Reshape(shape)];

    public override Variable?[] Backward(ReadOnlySpan<int> targetInputs, ReadOnlySpan<Variable?> gradOutputs) =>
        [F.Reshape(gradOutputs[0]!, Inputs[0].Shape)];

    protected override void CheckTypes(ReadOnlySpan<NDArray> inputs)
    {
        long known = 1;
        int unknown = 0;
        foreach (int extent in shape.Span)
        {
            if (extent < 0)
            {
                unknown++;
            }
            else
            {
                known *= extent;
            }
        }
        long size = inputs[0].Size;
        if (unknown > 1)
        {
            throw new ArgumentException($"Reshape: {shape} has several unknown extents.", nameof(shape));
        }
        if (unknown == 0 ? known != size : known == 0 ? size != 0 : size % known != 0)
        {
            TypeCheck.Throw("Reshape", "x", $"a size that fits shape {shape}", $"shape {inputs[0].Shape}");
        }
    }
}
