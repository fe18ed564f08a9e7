namespace NativeChain;

public static partial class F
{
    /// <summary>The array with more elements on both sides of each axis.</summary>
    /// <param name="x">An array of any shape; floating point.</param>
    /// <param name="padWidth">How many before and behind, on every axis.</param>
    /// <param name="mode">What they are. Elements that stand in several places take the gradients of all.</param>
    /// <param name="constantValues">Their value, where they are constant.</param>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> is not floating point.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A negative width.</exception>
    /// <exception cref="ArgumentException">An axis without elements to continue.</exception>
    public static Variable Pad(Variable x, int padWidth, PadMode mode = PadMode.Constant, double constantValues = 0) =>
        Pad(x, [(padWidth, padWidth)], mode, constantValues);

    /// <summary>The array with more elements on both sides of each axis.</summary>
    /// <inheritdoc cref="Pad(Variable, int, PadMode, double)"/>
    /// <param name="x">An array of any shape; floating point.</param>
    /// <param name="padWidth">How many before and how many behind, on every axis.</param>
    /// <param name="mode">What they are.</param>
    /// <param name="constantValues">Their value, where they are constant.</param>
    public static Variable Pad(
        Variable x, (int Before, int After) padWidth, PadMode mode = PadMode.Constant, double constantValues = 0) =>
        Pad(x, [padWidth], mode, constantValues);

    /// <summary>The array with more elements on both sides of each axis.</summary>
    /// <inheritdoc cref="Pad(Variable, int, PadMode, double)"/>
    /// <param name="x">An array of any shape; floating point.</param>
    /// <param name="padWidth">For each axis, how many before and how many behind; a single pair counts for all.</param>
    /// <param name="mode">What they are.</param>
    /// <param name="constantValues">Their value, where they are constant.</param>
    /// <exception cref="ArgumentException">Not one pair for each axis, or an axis without elements to continue.</exception>
    public static Variable Pad(
        Variable x, (int Before, int After)[] padWidth, PadMode mode = PadMode.Constant, double constantValues = 0)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(padWidth);
        TypeCheck.Floating("Pad", "x", x.RawArray!);
        if (padWidth.Length != 1 && padWidth.Length != x.NDim)
        {
            throw new ArgumentException($"Pad: {padWidth.Length} widths for an array of shape {x.Shape}.", nameof(padWidth));
        }

        var widths = new (int Before, int After)[x.NDim];
        for (int i = 0; i < widths.Length; i++)
        {
            widths[i] = padWidth[padWidth.Length == 1 ? 0 : i];
            ArgumentOutOfRangeException.ThrowIfNegative(Math.Min(widths[i].Before, widths[i].After), nameof(padWidth));
        }

        if (mode == PadMode.Constant)
        {
            return new Pad(widths, constantValues).ApplySingle(x);
        }

        // Along each axis the elements that the padded positions name.
        Variable y = x;
        for (int i = 0; i < widths.Length; i++)
        {
            if (widths[i] != (0, 0))
            {
                var index = new IndexExpr[i + 1];
                System.Array.Fill(index, ..);
                index[i] = NDArray.Pad(NDArray.Arange(x.Shape[i]), widths[i], mode).To(x.Device);
                y = GetItem(y, index);
            }
        }

        return ReferenceEquals(x, y) ? Identity(x) : y;
    }
}

/// <summary>The node of <see cref="F.Pad(Variable, int, PadMode, double)"/> with a constant.</summary>
internal sealed class Pad((int Before, int After)[] widths, double value) : FunctionNode
{
    internal override bool ReleasesGradients => true;

    public override NDArray[] Forward(ReadOnlySpan<NDArray> inputs) => [NDArray.Pad(inputs[0], widths, PadMode.Constant, value)];

    public override Variable?[] Backward(ReadOnlySpan<int> targetInputs, ReadOnlySpan<Variable?> gradOutputs)
    {
        Shape shape = Inputs[0].Shape;
        var index = new IndexExpr[widths.Length];
        for (int i = 0; i < index.Length; i++)
        {
            index[i] = widths[i].Before..(widths[i].Before + shape[i]);
        }

        return [F.GetItem(gradOutputs[0]!, index)];
    }
}
