namespace NativeChain;

public static partial class F
{
    /// <summary>The negative log-likelihood of label sequences under a linear-chain conditional random field (Lafferty et al., 2001).</summary>
    /// <remarks>
    /// The score of a sequence is the sum of x[t, y[t]] and of cost[y[t], y[t + 1]]; loss = log(sum of exp(score) over all label sequences) - score. Time steps come first:
    /// sequences of different lengths stand by falling length, and a step has the examples that are that long, as <see cref="TransposeSequence"/> gives them.
    /// </remarks>
    /// <param name="cost">Scores of transitions from one label to the next, (L, L); floating point.</param>
    /// <param name="xs">For each step the scores of the labels, (N, L), of the same dtype; N does not grow.</param>
    /// <param name="ys">For each step the labels, (N,), int32 or int64.</param>
    /// <param name="reduce">"mean" over the sequences, or "no" for the loss of each.</param>
    /// <returns>A 0-d array, or (N,) of the first step.</returns>
    /// <exception cref="InvalidTypeException">Dtypes or shapes do not fit.</exception>
    /// <exception cref="ArgumentException"><paramref name="reduce"/> is neither of these, or there are not as many steps of labels as of scores, or none.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A label outside 0 to L - 1.</exception>
    public static Variable CRF1d(Variable cost, IReadOnlyList<Variable> xs, IReadOnlyList<Variable> ys, string reduce = "mean")
    {
        CheckReduce("CRF1d", reduce, "mean", "no");
        Variable[] scores = CheckSteps("CRF1d", cost, xs);
        Variable[] labels = Several(ys, "CRF1d");
        if (labels.Length != scores.Length)
        {
            throw new ArgumentException($"CRF1d: {labels.Length} steps of labels for {scores.Length} of scores.", nameof(ys));
        }

        int n = cost.Shape[0];
        for (int t = 0; t < labels.Length; t++)
        {
            TypeCheck.SignedInteger("CRF1d", $"ys[{t}]", labels[t].RawArray!);
            TypeCheck.SameShape("CRF1d", $"ys[{t}]", labels[t].RawArray!, scores[t].Shape[0]);
            Labels.CheckInRange("CRF1d", $"ys[{t}]", labels[t].RawArray!, n);
        }

        Variable logZ = LogSumExp(
            OverSteps(scores, (alpha, x) => LogSumExp(ExpandDims(alpha, 2) + cost, 1) + x, scores[0]), 1);
        int step = 0;
        Variable transitions = Reshape(cost, n * n);
        Variable score = OverSteps(
            scores,
            (sum, x) =>
            {
                step++;
                NDArray label = labels[step].Array;
                NDArray from = labels[step - 1].Array[..label.Shape[0]];
                return Add(sum, SelectItem(x, label), GetItem(transitions, (from * n) + label));
            },
            SelectItem(scores[0], labels[0]));
        Variable loss = logZ - score;
        return reduce == "no" ? loss : Sum(loss) / scores[0].Shape[0];
    }

    /// <summary>The likeliest label sequences under a linear-chain conditional random field, by the Viterbi algorithm.</summary>
    /// <param name="cost">Scores of transitions from one label to the next, (L, L); floating point.</param>
    /// <param name="xs">For each step the scores of the labels, (N, L), of the same dtype; N does not grow.</param>
    /// <returns>The score of each sequence, (N,) of the first step, and for each step the labels, (N,) int32.</returns>
    /// <exception cref="InvalidTypeException">Dtypes or shapes do not fit.</exception>
    /// <exception cref="ArgumentException">There are no steps.</exception>
    public static (Variable Score, NDArray[] Path) ArgmaxCRF1d(Variable cost, IReadOnlyList<Variable> xs)
    {
        Variable[] scores = CheckSteps("ArgmaxCRF1d", cost, xs);
        var best = new List<NDArray>();
        Variable last = OverSteps(
            scores,
            (alpha, x) =>
            {
                Variable pairs = ExpandDims(alpha, 2) + cost;
                best.Add(pairs.Array.ArgMax(1));
                return Max(pairs, 1) + x;
            },
            scores[0]);

        // Backwards: each label says which one before it was the best; sequences that end at a step join with their best last label.
        var path = new NDArray[scores.Length];
        NDArray all = last.Array.ArgMax(1);
        for (int t = path.Length - 1; t >= 0; t--)
        {
            int count = scores[t].Shape[0];
            NDArray step = all[..count].Copy();
            if (t < path.Length - 1)
            {
                int continuing = scores[t + 1].Shape[0];
                NDArray next = path[t + 1].AsType(DType.Int64);
                step[..continuing] = best[t].TakeAlongAxis(next.ExpandDims(1), 1).Reshape(continuing);
            }

            path[t] = step.AsType(DType.Int32);
        }

        return (Max(last, 1), path);
    }

    private static Variable[] CheckSteps(string function, Variable cost, IReadOnlyList<Variable> xs)
    {
        ArgumentNullException.ThrowIfNull(cost);
        Variable[] steps = Several(xs, function);
        CheckMatrix(function, "cost", cost.RawArray!);
        TypeCheck.Extent(function, "cost", cost.RawArray!, 1, cost.Shape[0]);
        for (int t = 0; t < steps.Length; t++)
        {
            NDArray x = steps[t].RawArray!;
            TypeCheck.NDim(function, $"xs[{t}]", x, 2);
            TypeCheck.SameDType(function, $"xs[{t}]", x, cost.DType);
            TypeCheck.Extent(function, $"xs[{t}]", x, 1, cost.Shape[0]);
            if (t > 0 && x.Shape[0] > steps[t - 1].Shape[0])
            {
                TypeCheck.Throw(function, $"xs[{t}]", $"at most {steps[t - 1].Shape[0]} examples, as the step before it", $"shape {x.Shape}");
            }
        }

        return steps;
    }

    /// <summary>A recurrence over time steps with fewer and fewer examples; each keeps the state of its last step.</summary>
    /// <param name="xs">The steps, (N, ...).</param>
    /// <param name="next">The state after a step, of the states before it and the step.</param>
    /// <param name="state">The states after the first step.</param>
    /// <returns>The states of all examples, in their order.</returns>
    private static Variable OverSteps(Variable[] xs, Func<Variable, Variable, Variable> next, Variable state)
    {
        var rests = new List<Variable>();
        foreach (Variable x in xs.AsSpan(1))
        {
            int count = x.Shape[0];
            if (count < state.Shape[0])
            {
                Variable[] parts = SplitAxis(state, [count], 0);
                state = parts[0];
                rests.Add(parts[1]);
            }

            state = next(state, x);
        }

        rests.Add(state);
        rests.Reverse();
        return rests.Count == 1 ? state : Concat(rests, 0);
    }
}
