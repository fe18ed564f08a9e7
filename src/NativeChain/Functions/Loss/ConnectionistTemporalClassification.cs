namespace NativeChain;

using static NativeChain.Expr;

public static partial class F
{
    /// <summary>The connectionist temporal classification loss: labels whose places in the input are not known (Graves et al., 2006).</summary>
    /// <remarks>
    /// loss = -log of the probability that the softmax of the inputs, with repetitions and then blanks left out, reads as the labels. Labels that do not fit into the input have a
    /// loss of about 1e10 (1e4 in float16).
    /// </remarks>
    /// <param name="x">For each time step the scores, (N, C); floating point.</param>
    /// <param name="t">Labels, (N, longest), int32; behind a sequence's length anything.</param>
    /// <param name="blankSymbol">The class that stands for no label.</param>
    /// <param name="inputLength">How many steps each sequence has, (N,) int32; null for all.</param>
    /// <param name="labelLength">How many labels each sequence has, (N,) int32; null for all.</param>
    /// <param name="reduce">"mean" over the sequences, or "no" for the loss of each.</param>
    /// <returns>A 0-d array, or (N,).</returns>
    /// <exception cref="InvalidTypeException">Dtypes or shapes do not fit.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The blank or a label is no class, or a length is longer than there are steps or labels.</exception>
    /// <exception cref="ArgumentException"><paramref name="reduce"/> is neither of these, or there are no steps.</exception>
    public static Variable ConnectionistTemporalClassification(
        IReadOnlyList<Variable> x,
        Variable t,
        int blankSymbol,
        Variable? inputLength = null,
        Variable? labelLength = null,
        string reduce = "mean")
    {
        CheckReduce(Ctc.Name, reduce, "mean", "no");
        Variable[] steps = Several(x, Ctc.Name);
        ArgumentNullException.ThrowIfNull(t);
        NDArray scores = steps[0].RawArray!;
        TypeCheck.Floating(Ctc.Name, "x[0]", scores);
        TypeCheck.NDim(Ctc.Name, "x[0]", scores, 2);
        (int n, int classes) = (scores.Shape[0], scores.Shape[1]);
        if ((uint)blankSymbol >= (uint)classes)
        {
            throw new ArgumentOutOfRangeException(nameof(blankSymbol), blankSymbol, $"{Ctc.Name}: not one of the {classes} classes");
        }

        TypeCheck.SameDType(Ctc.Name, "t", t.RawArray!, DType.Int32);
        TypeCheck.NDim(Ctc.Name, "t", t.RawArray!, 2);
        TypeCheck.Extent(Ctc.Name, "t", t.RawArray!, 0, n);
        NDArray inputs = Ctc.Lengths("inputLength", inputLength, scores, steps.Length);
        NDArray labels = Ctc.Lengths("labelLength", labelLength, scores, t.Shape[1]);
        Variable loss = new Ctc(t.Array, labels, blankSymbol, classes).Loss(LogSoftmax(Stack(steps), 2), inputs);
        return reduce == "no" ? loss : Mean(loss);
    }
}

/// <summary>
/// The forward recurrence of <see cref="F.ConnectionistTemporalClassification"/> over the path of a label sequence: blank, label, blank, ..., blank, P = 2 labels + 1 places. From each
/// place it stays, goes on, or leaves out a blank between different labels. Its gradient is the backward recurrence.
/// </summary>
internal sealed class Ctc
{
    internal const string Name = "ConnectionistTemporalClassification";

    private static readonly Elementwise s_isPadding = Elementwise.Of((place, length) => place >= length, Name);

    // log(exp(stay) + exp(go) + exp(skip)) + logP while the sequence lasts, then what it was.
    private static readonly Elementwise s_step = Elementwise
        .OfMany(
            6,
            x =>
            {
                (Expr most, Expr sum) = Terms(x);
                return [Select(x[5], most + Log(sum) + x[4], x[0])];
            },
            Name)
        .WithGradient((x, y, gy) =>
        {
            (Expr stay, Expr go, Expr skip, Expr maySkip, Expr lasts) = (x[0], x[1], x[2], x[3], x[5]);
            (Expr most, Expr sum) = Terms(x);
            Expr each = gy[0] / sum;
            return
            [
                Select(lasts, each * Exp(stay - most), gy[0]),
                Select(lasts, each * Exp(go - most), 0),
                Select(And(lasts, maySkip), each * Exp(skip - most), 0),
                default,
                Select(lasts, gy[0], 0),
                default,
            ];
        });

    private readonly NDArray _path;
    private readonly NDArray _maySkip;
    private readonly NDArray _lengths;

    /// <summary>The paths of labels, (N, longest).</summary>
    internal Ctc(NDArray t, NDArray lengths, int blank, int classes)
    {
        (int n, int longest) = (t.Shape[0], t.Shape[1]);
        NDArray isPadding = s_isPadding.Compute(NDArray.Arange(longest).To(t.Device), lengths.ExpandDims(1));
        NDArray labels = Ops.Where.Compute(isPadding, blank, t);
        Labels.CheckInRange(Name, nameof(t), labels, classes);
        _path = NDArray.Full((n, (2 * longest) + 1), blank, DType.Int32, t.Device);
        _path[.., new Slice(1, null, 2)] = labels;
        _maySkip = NDArray.Zeros(_path.Shape, DType.Bool, t.Device);
        if (longest > 0)
        {
            _maySkip[.., 2..] = Ops.NotEqual.Compute(_path[.., 2..], _path[.., ..^2]);
        }

        _lengths = lengths;
    }

    /// <summary>How long each sequence is: given, or all of them the longest.</summary>
    internal static NDArray Lengths(string argument, Variable? given, NDArray scores, int longest)
    {
        int n = scores.Shape[0];
        if (given is null)
        {
            return NDArray.Full(n, longest, DType.Int32, scores.Device);
        }

        TypeCheck.SameDType(Name, argument, given.RawArray!, DType.Int32);
        TypeCheck.SameShape(Name, argument, given.RawArray!, n);
        Labels.CheckInRange(Name, argument, given.Array, longest + 1);
        return given.Array;
    }

    /// <summary>The loss of each sequence.</summary>
    /// <param name="logP">Logarithms of the probabilities of classes, (steps, N, C).</param>
    /// <param name="inputs">How many steps each sequence has, (N,).</param>
    internal Variable Loss(Variable logP, NDArray inputs)
    {
        (int n, int places) = (_path.Shape[0], _path.Shape[1]);
        NDArray example = NDArray.Arange(n).To(_path.Device).ExpandDims(1);
        Variable along = F.GetItem(logP, .., example, _path);
        double never = logP.DType == DType.Float16 ? -1e4 : -1e10;

        NDArray start = NDArray.Full((n, places), never, logP.DType, _path.Device);
        start[.., 0] = 0;
        Variable alpha = start;
        Variable[] steps = F.Separate(along);
        for (int i = 0; i < steps.Length; i++)
        {
            // Before the first place there are two from which nothing comes.
            NDArray lasts = Ops.Greater.Compute(inputs, i).ExpandDims(1);
            Variable padded = F.Pad(alpha, [(0, 0), (2, 0)], PadMode.Constant, never);
            alpha = s_step.Apply(alpha, F.GetItem(padded, .., 1..^1), F.GetItem(padded, .., ..^2), _maySkip, steps[i], lasts);
        }

        // At the end a path stands on the last blank, or on the last label.
        NDArray last = (_lengths * 2).ExpandDims(1);
        Variable ends = F.GetItem(F.Pad(alpha, [(0, 0), (1, 0)], PadMode.Constant, never), example, NDArray.Concatenate([last, last + 1], 1));
        return -F.LogSumExp(ends, 1);
    }

    // The greatest of stay, go and skip, and the sum of their exponentials relative to it.
    private static (Expr Most, Expr Sum) Terms(Expr[] x)
    {
        (Expr stay, Expr go, Expr skip, Expr maySkip) = (x[0], x[1], x[2], x[3]);
        Expr most = Maximum(Maximum(stay, go), Select(maySkip, skip, stay));
        return (most, Exp(stay - most) + Exp(go - most) + Select(maySkip, Exp(skip - most), 0));
    }
}
