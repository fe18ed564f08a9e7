namespace NativeChain;

public static partial class F
{
    /// <summary>The array cut along an axis into equal parts; views.</summary>
    /// <param name="x">An array of any shape and dtype.</param>
    /// <param name="indicesOrSections">How many parts; divides the extent of the axis.</param>
    /// <param name="axis">The axis; negative counts from the end.</param>
    /// <param name="forceTuple">Has no effect: an array is returned even of a single part. Here so that calls written for Chainer bind.</param>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> lacks the axis, or its extent is no multiple.</exception>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than one part.</exception>
    public static Variable[] SplitAxis(Variable x, int indicesOrSections, int axis, bool forceTuple = true)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentOutOfRangeException.ThrowIfLessThan(indicesOrSections, 1);
        int at = TypeCheck.Axis("SplitAxis", "x", x.RawArray!, axis);
        int extent = x.Shape[at];
        if (extent % indicesOrSections != 0)
        {
            TypeCheck.Throw("SplitAxis", "x", $"an extent along axis {axis} that {indicesOrSections} divides", $"shape {x.Shape}");
        }
        var starts = new int[indicesOrSections - 1];
        for (int i = 0; i < starts.Length; i++)
        {
            starts[i] = (i + 1) * (extent / indicesOrSections);
        }
        return new SplitAxis(starts, at).Apply(x);
    }

    /// <summary>The array cut along an axis at given places; views.</summary>
    /// <param name="x">An array of any shape and dtype.</param>
    /// <param name="indicesOrSections">Where each part but the first starts, in ascending order.</param>
    /// <param name="axis">The axis; negative counts from the end.</param>
    /// <param name="forceTuple">Has no effect: an array is returned even of a single part. Here so that calls written for Chainer bind.</param>
    /// <returns>One part more than there are places.</returns>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> lacks the axis, or it ends before a place.</exception>
    /// <exception cref="ArgumentException">The places are negative or not in ascending order.</exception>
    public static Variable[] SplitAxis(Variable x, int[] indicesOrSections, int axis, bool forceTuple = true)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(indicesOrSections);
        int at = TypeCheck.Axis("SplitAxis", "x", x.RawArray!, axis);
        int last = 0;
        foreach (int start in indicesOrSections)
        {
            if (start < last)
            {
                throw new ArgumentException(
                    $"SplitAxis: [{string.Join(", ", indicesOrSections)}] is not in ascending order from 0.", nameof(indicesOrSections));
            }
            last = start;
        }
        if (last > x.Shape[at])
        {
            TypeCheck.Throw("SplitAxis", "x", $"extent {last} or more along axis {axis}", $"shape {x.Shape}");
        }
        return new SplitAxis((int[])indicesOrSections.Clone(), at).Apply(x);
    }
}

/// <summary>The node of <see cref="F.SplitAxis(Variable, int[], int, bool)"/>.</summary>
internal sealed class SplitAxis(int[] starts, int axis) : FunctionNode
{
    internal override bool ReleasesGradients => true;

    public override NDArray[] Forward(ReadOnlySpan<NDArray> inputs)
    {
        NDArray x = inputs[0];
        var ys = new NDArray[starts.Length + 1];
        int start = 0;
        for (int i = 0; i < ys.Length; i++)
        {
            int stop = i < starts.Length ? starts[i] : x.Shape[axis];
            ys[i] = Part(x, axis, start, stop);
            start = stop;
        }
        return ys;
    }

    public override Variable?[] Backward(ReadOnlySpan<int> targetInputs, ReadOnlySpan<Variable?> gradOutputs) =>
        [F.Concat(WithZeros(gradOutputs, Outputs), axis)];

    /// <summary>The view of x from start to stop along an axis.</summary>
    internal static NDArray Part(NDArray x, int axis, int start, int stop)
    {
        Span<IndexExpr> index = new IndexExpr[axis + 1];
        index.Fill(..);
        index[axis] = start..stop;
        return x[index];
    }

    /// <summary>The gradients of outputs, zeros for those that have none.</summary>
    internal static Variable[] WithZeros(ReadOnlySpan<Variable?> gradOutputs, ReadOnlySpan<VariableNode> outputs)
    {
        var grads = new Variable[gradOutputs.Length];
        for (int i = 0; i < grads.Length; i++)
        {
            grads[i] = gradOutputs[i] ?? NDArray.Zeros(outputs[i].Shape, outputs[i].DType, FirstDevice(gradOutputs));
        }
        return grads;
    }

    private static Device FirstDevice(ReadOnlySpan<Variable?> gradients)
    {
        foreach (Variable? gradient in gradients)
        {
            if (gradient is not null)
            {
                return gradient.Device;
            }
        }
        return Device.Cpu;
    }
}
