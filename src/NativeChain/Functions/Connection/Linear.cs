namespace NativeChain;

public static partial class F
{
    /// <summary>The affine map y = x W^T + b.</summary>
    /// <param name="x">Inputs, (N, ...): every axis after the first <paramref name="nBatchAxes"/> belongs to the input; floating point.</param>
    /// <param name="W">Weights, (out, in), where in is the size of those axes.</param>
    /// <param name="b">Biases, (out,), or null for none; of the dtype of <paramref name="x"/>.</param>
    /// <param name="nBatchAxes">How many leading axes count examples.</param>
    /// <returns>(N, out), or with several batch axes, these and out; of the dtype of <paramref name="x"/>.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="nBatchAxes"/> is below 1, or the axes of <paramref name="x"/> are fewer.</exception>
    /// <exception cref="InvalidTypeException">Dtypes or shapes do not fit.</exception>
    public static Variable Linear(Variable x, Variable W, Variable? b = null, int nBatchAxes = 1)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(W);
        if (nBatchAxes < 1)
        {
            throw new ArgumentOutOfRangeException(nameof(nBatchAxes), nBatchAxes, "Linear: needs at least one batch axis.");
        }
        if (nBatchAxes > 1)
        {
            return OverBatchAxes(x, W, b, nBatchAxes);
        }
        if (x.NDim > 2)
        {
            x = ToMatrix(x);
        }
        return b is null ? new LinearFunction().ApplySingle(x, W) : new LinearFunction().ApplySingle(x, W, b);
    }

    private static Variable OverBatchAxes(Variable x, Variable W, Variable? b, int nBatchAxes)
    {
        Shape shape = x.Shape;
        if (nBatchAxes > shape.NDim)
        {
            throw new ArgumentOutOfRangeException(
                nameof(nBatchAxes), nBatchAxes, $"Linear: x has shape {shape}, too few axes.");
        }
        var batch = new int[nBatchAxes + 1];
        long examples = 1;
        long size = 1;
        for (int i = 0; i < shape.NDim; i++)
        {
            if (i < nBatchAxes)
            {
                batch[i] = shape[i];
                examples *= shape[i];
            }
            else
            {
                size *= shape[i];
            }
        }
        Variable flat = Linear(Reshape(x, [checked((int)examples), checked((int)size)]), W, b);
        batch[nBatchAxes] = flat.Shape[1];
        return Reshape(flat, batch);
    }

    /// <summary>All axes but the first as one.</summary>
    private static Variable ToMatrix(Variable x)
    {
        long size = 1;
        for (int i = 1; i < x.NDim; i++)
        {
            size *= x.Shape[i];
        }
        return Reshape(x, [x.Shape[0], checked((int)size)]);
    }
}

/// <summary>The node of <see cref="F.Linear"/>. One matrix product, with the bias added while its tile is hot.</summary>
internal sealed class LinearFunction : FunctionNode
{
    public override string Label => "Linear";

    internal override bool ReleasesGradients => true;

    public override NDArray[] Forward(ReadOnlySpan<NDArray> inputs)
    {
        RetainInputs(0, 1);
        NDArray x = inputs[0];
        NDArray W = inputs[1].AsType(x.DType, copy: false);
        NDArray y = NDArray.Allocate([x.Shape[0], W.Shape[0]], x.DType, x.Device);
        using Scratch.Borrowed transposed = Scratch.Transpose(W);
        if (inputs.Length == 3)
        {
            Kernels.MatMul(x, transposed.View, y, FixedPrograms.Add(x.DType), [inputs[2]]);
        }
        else
        {
            Kernels.MatMul(x, transposed.View, y);
        }
        return [y];
    }

    public override Variable?[] Backward(ReadOnlySpan<int> targetInputs, ReadOnlySpan<Variable?> gradOutputs)
    {
        Variable gy = gradOutputs[0]!;
        var grads = new Variable?[targetInputs.Length];
        for (int i = 0; i < grads.Length; i++)
        {
            grads[i] = targetInputs[i] switch
            {
                0 => new LinearGradData().ApplySingle(GetRetainedInput(1), gy),
                1 => new LinearGradWeight(GetRetainedInput(1).DType).ApplySingle(GetRetainedInput(0), gy),
                _ => F.Sum(gy, 0),
            };
        }
        return grads;
    }

    protected override void CheckTypes(ReadOnlySpan<NDArray> inputs)
    {
        NDArray x = inputs[0];
        NDArray W = inputs[1];
        TypeCheck.Floating("Linear", "x", x);
        TypeCheck.Floating("Linear", "W", W);
        TypeCheck.NDim("Linear", "x", x, 2);
        TypeCheck.NDim("Linear", "W", W, 2);
        TypeCheck.Extent("Linear", "W", W, 1, x.Shape[1]);
        if (inputs.Length == 3)
        {
            TypeCheck.SameDType("Linear", "b", inputs[2], x.DType);
            TypeCheck.SameShape("Linear", "b", inputs[2], [W.Shape[0]]);
        }
    }
}

/// <summary>gx = gy W of W (out, in) and gy (N, out); of the dtype of gy.</summary>
internal sealed class LinearGradData : FunctionNode
{
    internal override bool ReleasesGradients => true;

    public override NDArray[] Forward(ReadOnlySpan<NDArray> inputs)
    {
        RetainInputs(0, 1);
        NDArray gy = inputs[1];
        NDArray W = inputs[0].AsType(gy.DType, copy: false);
        NDArray gx = NDArray.AllocateScratch([gy.Shape[0], W.Shape[1]], gy.DType, gy.Device);
        Kernels.MatMul(gy, W, gx);
        return [gx];
    }

    public override Variable?[] Backward(ReadOnlySpan<int> targetInputs, ReadOnlySpan<Variable?> gradOutputs)
    {
        Variable W = GetRetainedInput(0);
        Variable gy = GetRetainedInput(1);
        Variable ggx = gradOutputs[0]!;
        return
        [
            new LinearGradWeight(W.DType).ApplySingle(ggx, gy),
            F.Linear(ggx, W),
        ];
    }
}

/// <summary>gW = gy^T x of x (N, in) and gy (N, out); of the dtype of W.</summary>
internal sealed class LinearGradWeight(DType dtype) : FunctionNode
{
    internal override bool ReleasesGradients => true;

    public override NDArray[] Forward(ReadOnlySpan<NDArray> inputs)
    {
        RetainInputs(0, 1);
        NDArray x = inputs[0];
        NDArray gy = inputs[1];
        NDArray gW = NDArray.AllocateScratch([gy.Shape[1], x.Shape[1]], x.DType, x.Device);
        using Scratch.Borrowed transposed = Scratch.Transpose(gy);
        Kernels.MatMul(transposed.View, x, gW);
        return [gW.DType == dtype ? gW : gW.AsType(dtype)];
    }

    public override Variable?[] Backward(ReadOnlySpan<int> targetInputs, ReadOnlySpan<Variable?> gradOutputs)
    {
        Variable x = GetRetainedInput(0);
        Variable gy = GetRetainedInput(1);
        Variable ggW = gradOutputs[0]!;
        return
        [
            new LinearGradData().ApplySingle(ggW, gy),
            F.Linear(x, ggW),
        ];
    }
}
