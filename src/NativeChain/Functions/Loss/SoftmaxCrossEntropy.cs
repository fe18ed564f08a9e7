namespace NativeChain;

using static NativeChain.Expr;

public static partial class F
{
    /// <summary>The cross entropy of the softmax of scores and labels.</summary>
    /// <remarks>
    /// loss = -w[t] log(softmax(x)[t]), or with soft targets -sum(t log(softmax(x))) over the classes. With soft targets there is no ignored
    /// label and no class weight, and the gradient is softmax(x) - t, as for t that sum up to 1.
    /// </remarks>
    /// <param name="x">Scores, (N, C, d1, ...); floating point.</param>
    /// <param name="t">Labels, (N, d1, ...), int32 or int64; or soft targets, of the shape of <paramref name="x"/>, floating point.</param>
    /// <param name="normalize">Whether the mean goes over the labels that are not ignored, instead of over the N examples.</param>
    /// <param name="cacheScore">Whether log(softmax(x)) is kept for backward: faster, for the memory of one more <paramref name="x"/>.</param>
    /// <param name="classWeight">A factor for each class, (C,), floating point; it does not change what the mean divides by.</param>
    /// <param name="ignoreLabel">The label of what does not count: its loss and gradient are 0.</param>
    /// <param name="reduce">"mean" for one number, "no" for the loss of each label.</param>
    /// <param name="enableDoubleBackprop">Whether the gradient can be differentiated again; slower.</param>
    /// <param name="softTargetLoss">With soft targets: "cross-entropy", or "kl-divergence", which subtracts the entropy of <paramref name="t"/>.</param>
    /// <returns>A 0-d array, or with reduce "no" (N, d1, ...); of the dtype of <paramref name="x"/>.</returns>
    /// <exception cref="ArgumentException">A wrong <paramref name="reduce"/>, <paramref name="softTargetLoss"/> or <paramref name="classWeight"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A label is neither a class nor ignored.</exception>
    /// <exception cref="InvalidTypeException">Dtypes or shapes do not fit.</exception>
    public static Variable SoftmaxCrossEntropy(
        Variable x,
        Variable t,
        bool normalize = true,
        bool cacheScore = true,
        NDArray? classWeight = null,
        long ignoreLabel = -1,
        string reduce = "mean",
        bool enableDoubleBackprop = false,
        string softTargetLoss = "cross-entropy")
    {
        var options = new SoftmaxCrossEntropyOptions(normalize, cacheScore, classWeight, ignoreLabel, reduce, softTargetLoss);
        return enableDoubleBackprop
            ? options.Compose(x, t)
            : new SoftmaxCrossEntropy(options).ApplySingle(x, t);
    }
}

/// <summary>The arguments of <see cref="F.SoftmaxCrossEntropy"/>, checked.</summary>
internal sealed class SoftmaxCrossEntropyOptions
{
    // Keeps the logarithm of a soft target of 0 finite.
    private const double Epsilon = 1e-7;

    private static readonly Elementwise s_crossEntropy = Elementwise.Of((t, logP) => -(t * logP), "SoftmaxCrossEntropy");
    private static readonly Elementwise s_divergence =
        Elementwise.Of((t, logP) => t * (Log(t + Epsilon) - logP), "SoftmaxCrossEntropy");
    private static readonly Elementwise s_isValid = Elementwise.Of((t, label) => NotEqual(t, label), "SoftmaxCrossEntropy");
    private static readonly Elementwise s_inverseCount = Elementwise.Of(count => 1.0 / Maximum(count, 1), "SoftmaxCrossEntropy");

    public SoftmaxCrossEntropyOptions(
        bool normalize, bool cacheScore, NDArray? classWeight, long ignoreLabel, string reduce, string softTargetLoss)
    {
        if (reduce is not ("mean" or "no"))
        {
            throw new ArgumentException($"SoftmaxCrossEntropy: reduce is 'mean' or 'no', not '{reduce}'.", nameof(reduce));
        }
        if (softTargetLoss is not ("cross-entropy" or "kl-divergence"))
        {
            throw new ArgumentException(
                $"SoftmaxCrossEntropy: softTargetLoss is 'cross-entropy' or 'kl-divergence', not '{softTargetLoss}'.",
                nameof(softTargetLoss));
        }
        if (classWeight is not null && (classWeight.NDim != 1 || !classWeight.DType.IsFloating()))
        {
            throw new ArgumentException(
                $"SoftmaxCrossEntropy: classWeight has one axis and a floating-point dtype, not shape {classWeight.Shape} and "
                + $"{classWeight.DType.Name()}.",
                nameof(classWeight));
        }
        Normalize = normalize;
        CacheScore = cacheScore;
        ClassWeight = classWeight;
        IgnoreLabel = ignoreLabel;
        Mean = reduce == "mean";
        Divergence = softTargetLoss == "kl-divergence";
    }

    public bool Normalize { get; }

    public bool CacheScore { get; }

    public NDArray? ClassWeight { get; }

    public long IgnoreLabel { get; }

    /// <summary>Whether the result is the mean, not the loss of each label.</summary>
    public bool Mean { get; }

    /// <summary>Whether soft targets give the Kullback-Leibler divergence.</summary>
    public bool Divergence { get; }

    /// <summary>Refuses scores and labels that do not belong together.</summary>
    public void Check(NDArray x, NDArray t)
    {
        const string Name = "SoftmaxCrossEntropy";
        TypeCheck.Floating(Name, "x", x);
        TypeCheck.MinNDim(Name, "x", x, 2);
        if (t.DType.IsFloating())
        {
            TypeCheck.SameShape(Name, "t", t, x.Shape);
            return;
        }
        TypeCheck.SignedInteger(Name, "t", t);
        TypeCheck.SameShape(Name, "t", t, LabelShape(x));
        if (ClassWeight is not null && ClassWeight.Shape[0] != x.Shape[1])
        {
            TypeCheck.Throw(Name, "classWeight", $"{x.Shape[1]} elements, one for each class", $"shape {ClassWeight.Shape}");
        }
    }

    /// <summary>The class weights in the dtype of the scores.</summary>
    public NDArray? WeightAs(DType dtype) => ClassWeight?.AsType(dtype, copy: false);

    /// <summary>What the sum of the losses is multiplied by, a 0-d array of the dtype given; the count stays on the device.</summary>
    public NDArray Coefficient(NDArray x, NDArray t, DType dtype)
    {
        NDArray inverse = NDArray.Empty(Shape.Scalar, dtype, x.Device);
        if (t.DType.IsFloating())
        {
            inverse.Fill((double)x.Shape[1] / Math.Max(x.Size, 1));
        }
        else if (!Normalize)
        {
            inverse.Fill(1.0 / Math.Max(x.Shape[0], 1));
        }
        else
        {
            NDArray count = s_isValid.Reduce(Reduction.Sum, Axes.All, keepDims: false, t, IgnoreLabel);
            s_inverseCount.ComputeInto([inverse], count);
        }
        return inverse;
    }

    /// <summary>The loss of differentiable functions, whose gradient can be differentiated again.</summary>
    public Variable Compose(Variable x, Variable t)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(t);
        NDArray labels = t.Array;
        Check(x.Array, labels);
        Variable logP = F.LogSoftmax(x);
        Variable loss;
        if (labels.DType.IsFloating())
        {
            Variable target = F.Cast(t, x.DType);
            loss = Divergence
                ? F.Sum(target * (F.Log(target + Epsilon) - logP), 1)
                : -F.Sum(target * logP, 1);
        }
        else
        {
            NDArray valid = s_isValid.Compute(labels, IgnoreLabel);
            NDArray picked = Ops.Where.Compute(valid, labels, 0);
            if (picked.Size > 0 && picked.Min().AsType(DType.Int64).Item<long>() < 0)
            {
                throw new ArgumentOutOfRangeException(
                    nameof(t), $"SoftmaxCrossEntropy: a label is negative, and not the ignored {IgnoreLabel}.");
            }
            NDArray factor = valid.AsType(x.DType);
            if (WeightAs(x.DType) is NDArray weight)
            {
                factor = Ops.Multiply.Compute(factor, weight[picked]);
            }
            loss = -(F.GetItem(logP, LabelIndex(x.Shape, picked)) * factor);
        }
        if (!Mean)
        {
            return loss;
        }
        DType dtype = x.DType == DType.Float64 ? DType.Float64 : DType.Float32;
        return F.Cast(F.Sum(F.Cast(loss, dtype)) * Coefficient(x.Array, labels, dtype), x.DType);
    }

    /// <summary>The loss of each soft target, from the logarithm of the softmax.</summary>
    public NDArray SoftLoss(NDArray t, NDArray logP) =>
        (Divergence ? s_divergence : s_crossEntropy).Reduce(Reduction.Sum, 1, keepDims: false, t, logP);

    private static Shape LabelShape(NDArray x)
    {
        Span<int> extents = stackalloc int[Shape.MaxNDim];
        extents[0] = x.Shape[0];
        x.Shape.Span[2..].CopyTo(extents[1..]);
        return new Shape(extents[..(x.NDim - 1)]);
    }

    /// <summary>The index of the scores at the labels: along each axis but the classes', every position.</summary>
    private static IndexExpr[] LabelIndex(Shape shape, NDArray labels)
    {
        var index = new IndexExpr[shape.NDim];
        for (int i = 0; i < index.Length; i++)
        {
            if (i == 1)
            {
                index[i] = labels;
                continue;
            }
            var extents = new int[shape.NDim - 1];
            System.Array.Fill(extents, 1);
            extents[i == 0 ? 0 : i - 1] = shape[i];
            index[i] = NDArray.Arange(shape[i]).To(labels.Device).Reshape(extents);
        }
        return index;
    }
}

/// <summary>The node of <see cref="F.SoftmaxCrossEntropy"/>. Backward is one kernel, and cannot be differentiated again.</summary>
internal sealed class SoftmaxCrossEntropy(SoftmaxCrossEntropyOptions options) : FunctionNode
{
    private static readonly Elementwise s_mean =
        Elementwise.Of((sum, coefficient) => sum * coefficient, "SoftmaxCrossEntropy");

    private NDArray? _logP;
    private NDArray? _t;
    private NDArray? _coefficient;

    internal override bool ReleasesGradients => true;

    public override NDArray[] Forward(ReadOnlySpan<NDArray> inputs)
    {
        NDArray x = inputs[0];
        NDArray t = inputs[1];
        NDArray logP = NDArray.Allocate(x.Shape, x.DType, x.Device);
        NDArray loss;
        if (t.DType.IsFloating())
        {
            t = t.AsType(x.DType, copy: false);
            Kernels.LogSoftmax(x, 1, logP);
            loss = options.SoftLoss(t, logP);
        }
        else
        {
            loss = NDArray.Allocate(t.Shape, x.DType, x.Device);
            Kernels.SoftmaxCrossEntropy(x, t, options.WeightAs(x.DType), options.IgnoreLabel, logP, loss);
        }
        _t = t;
        if (options.CacheScore)
        {
            _logP = logP;
        }
        else
        {
            RetainInputs(0);
        }
        if (!options.Mean)
        {
            return [loss];
        }
        _coefficient = options.Coefficient(x, t, x.DType == DType.Float64 ? DType.Float64 : DType.Float32);
        NDArray mean = NDArray.Allocate(Shape.Scalar, x.DType, x.Device);
        s_mean.ComputeInto([mean], Sum(loss, _coefficient.DType), _coefficient);
        return [mean];
    }

    public override Variable?[] Backward(ReadOnlySpan<int> targetInputs, ReadOnlySpan<Variable?> gradOutputs)
    {
        NDArray? logP = _logP;
        if (logP is null)
        {
            NDArray x = GetRetainedInput(0).Array;
            logP = Scratch.Like(x);
            Kernels.LogSoftmax(x, 1, logP);
        }
        // What the kernel reads of x is logP; the node is x's, so that a second differentiation arrives at the refusal.
        var scores = new Variable(Inputs[0], logP);
        return [new SoftmaxCrossEntropyGrad(options, _t!, _coefficient).ApplySingle(scores, gradOutputs[0]!), null];
    }

    protected override void CheckTypes(ReadOnlySpan<NDArray> inputs) => options.Check(inputs[0], inputs[1]);

    /// <summary>The sum in float32 or float64, which many float16 losses would overflow.</summary>
    private static NDArray Sum(NDArray loss, DType dtype)
    {
        NDArray sum = NDArray.Allocate(Shape.Scalar, dtype, loss.Device);
        Span<int> ones = stackalloc int[Shape.MaxNDim];
        ones.Fill(1);
        using NDArray kept = sum.Reshape(new Shape(ones[..loss.NDim]));
        Kernels.Reduce(Reduction.Sum, null, [loss], [], [kept]);
        return sum;
    }
}

/// <summary>gx of logP and the gradient of the loss.</summary>
internal sealed class SoftmaxCrossEntropyGrad(SoftmaxCrossEntropyOptions options, NDArray t, NDArray? coefficient) : FunctionNode
{
    private static readonly Elementwise s_softGradient =
        Elementwise.Of((logP, t, g) => (Exp(logP) - t) * g, "SoftmaxCrossEntropyGrad");

    internal override bool ReleasesGradients => true;

    public override NDArray[] Forward(ReadOnlySpan<NDArray> inputs)
    {
        NDArray logP = inputs[0];
        NDArray g = inputs[1];
        if (coefficient is not null)
        {
            NDArray scaled = NDArray.Allocate(Shape.Scalar, g.DType, g.Device);
            Ops.Multiply.ComputeInto([scaled], g, coefficient);
            g = scaled;
        }
        NDArray gx = Scratch.Like(logP);
        if (t.DType.IsFloating())
        {
            s_softGradient.ComputeInto([gx], logP, t, coefficient is null ? g.ExpandDims(1) : g);
        }
        else
        {
            Kernels.SoftmaxCrossEntropyGrad(logP, t, options.WeightAs(logP.DType), options.IgnoreLabel, g, gx);
        }
        logP.ReleaseScratch();
        return [gx];
    }

    public override Variable?[] Backward(ReadOnlySpan<int> targetInputs, ReadOnlySpan<Variable?> gradOutputs) =>
        throw new NotSupportedException(
            "SoftmaxCrossEntropy was called with enableDoubleBackprop: false, but its gradient is differentiated again. "
            + "Call it with enableDoubleBackprop: true.");
}
