using NativeChain.Initializers;

namespace NativeChain.Links;

/// <summary>A linear-chain conditional random field.</summary>
/// <remarks>Parameter: `cost`, (labels, labels). See <see cref="F.CRF1d"/>.</remarks>
public class CRF1d : Link
{
    /// <summary>Creates the field.</summary>
    /// <param name="nLabel">Number of labels.</param>
    /// <param name="initialCost">Initializer of `cost`; null for zeros.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is not positive.</exception>
    public CRF1d(int nLabel, Initializer? initialCost = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(nLabel, 1);
        Cost = new Parameter(initialCost ?? 0.0, (nLabel, nLabel), "cost");
    }

    /// <summary>Scores of transitions from one label to the next, (labels, labels).</summary>
    public Parameter Cost { get; }

    /// <summary>The negative log-likelihood of label sequences.</summary>
    /// <param name="xs">For each time step the scores of labels, (N, labels), N never growing; or with <paramref name="transpose"/> each sequence, (steps, labels), in any order.</param>
    /// <param name="ys">For each time step the labels, (N,), or with <paramref name="transpose"/> those of each sequence.</param>
    /// <param name="reduce">"mean" over the sequences, or "no" for the loss of each; of transposed ones by falling length.</param>
    /// <param name="transpose">Whether sequences are given instead of time steps.</param>
    /// <returns>A 0-d array, or (N,).</returns>
    /// <exception cref="InvalidTypeException">Dtypes or shapes do not fit.</exception>
    public Variable Forward(IReadOnlyList<Variable> xs, IReadOnlyList<Variable> ys, string reduce = "mean", bool transpose = false)
    {
        ArgumentNullException.ThrowIfNull(xs);
        ArgumentNullException.ThrowIfNull(ys);
        if (!transpose)
        {
            return F.CRF1d(Cost, xs, ys, reduce);
        }

        int[] order = ByFallingLength(xs);
        return ys.Count == xs.Count
            ? F.CRF1d(Cost, F.TransposeSequence(Ordered(xs, order)), F.TransposeSequence(Ordered(ys, order)), reduce)
            : throw new ArgumentException($"CRF1d: {ys.Count} sequences of labels for {xs.Count} of scores.", nameof(ys));
    }

    /// <summary>The likeliest label sequences.</summary>
    /// <param name="xs">As in <see cref="Forward(IReadOnlyList{Variable}, IReadOnlyList{Variable}, string, bool)"/>.</param>
    /// <param name="transpose">Whether sequences are given instead of time steps.</param>
    /// <returns>The score of each sequence, of transposed ones by falling length, and the labels, int32: for each time step, or for each sequence as they were given.</returns>
    /// <exception cref="InvalidTypeException">Dtypes or shapes do not fit.</exception>
    public (Variable Score, NDArray[] Path) Argmax(IReadOnlyList<Variable> xs, bool transpose = false)
    {
        ArgumentNullException.ThrowIfNull(xs);
        if (!transpose)
        {
            return F.ArgmaxCRF1d(Cost, xs);
        }

        int[] order = ByFallingLength(xs);
        (Variable score, NDArray[] path) = F.ArgmaxCRF1d(Cost, F.TransposeSequence(Ordered(xs, order)));
        Variable[] sequences = F.TransposeSequence(Array.ConvertAll(path, step => (Variable)step));
        var restored = new NDArray[xs.Count];
        for (int i = 0; i < restored.Length; i++)
        {
            restored[order[i]] = sequences[i].Array;
        }

        return (score, restored);
    }

    /// <summary><see cref="Forward(IReadOnlyList{Variable}, IReadOnlyList{Variable}, string, bool)"/> between the hooks.</summary>
    /// <param name="xs">Scores of labels.</param>
    /// <param name="ys">Labels.</param>
    /// <param name="reduce">"mean" over the sequences, or "no" for the loss of each.</param>
    /// <param name="transpose">Whether sequences are given instead of time steps.</param>
    /// <returns>A 0-d array, or (N,).</returns>
    public Variable Call(IReadOnlyList<Variable> xs, IReadOnlyList<Variable> ys, string reduce = "mean", bool transpose = false) =>
        HasHooks ? Hooked(() => Forward(xs, ys, reduce, transpose), xs, ys, reduce, transpose) : Forward(xs, ys, reduce, transpose);

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object? Value)> PrintableSpecs() => [("nLabel", Cost.Shape[0])];

    private static int[] ByFallingLength(IReadOnlyList<Variable> xs) =>
        [.. Enumerable.Range(0, xs.Count).OrderByDescending(i => xs[i].NDim > 0 ? xs[i].Shape[0] : 0)];

    private static Variable[] Ordered(IReadOnlyList<Variable> xs, int[] order) => Array.ConvertAll(order, i => xs[i]);
}
