namespace NativeChain.Compare;

/// <summary>What became of a bar.</summary>
internal enum Verdict
{
    /// <summary>There is no bar.</summary>
    None,

    /// <summary>Reached.</summary>
    Met,

    /// <summary>Not reached.</summary>
    Missed,

    /// <summary>The interquartile range is over a tenth of the median: neither met nor missed.</summary>
    Noisy,
}

/// <summary>One case: our seconds, the best peer's and the floor's, pair by pair.</summary>
/// <param name="Peer">Null where no peer has the operation.</param>
/// <param name="Floor">What the machine takes for the least work that the case needs; null where that is not counted.</param>
/// <param name="Bytes">Managed memory that an operation allocates, where the C# layer runs it.</param>
internal sealed record Row(Case Case, List<double> Ours, string? Peer, List<double>? Theirs, List<double>? Floor, double? Bytes)
{
    /// <summary>Of the ratios: more is noise.</summary>
    public const double NoiseBound = 0.1;

    public double Seconds => Quartiles.Of(Ours).Median;

    /// <summary>The best peer's time over ours.</summary>
    public Quartiles? Ratio => Theirs is null ? null : Quartiles.Of(Theirs.Zip(Ours, (peer, own) => peer / own));

    /// <summary>The floor over our time: the share of the machine that is used.</summary>
    public double? OfFloor => Floor is null ? null : Quartiles.Of(Floor.Zip(Ours, (floor, own) => floor / own)).Median;

    /// <summary>Of the ratio alone.</summary>
    public Verdict Verdict => Ratio is not { } ratio || Case.Each is not { } bar ? Verdict.None
        : ratio.Range > NoiseBound ? Verdict.Noisy
        : ratio.Median >= bar ? Verdict.Met : Verdict.Missed;

    /// <summary>Of the share of the peak or the bandwidth that the group asks for.</summary>
    public Verdict FloorVerdict
    {
        get
        {
            if (OfFloor is not { } share || Work.Of(Case) is not { } work)
            {
                return Verdict.None;
            }
            Bar bar = Case.Group.Bar;
            double? wanted = work.Operations > 0
                ? work.Operations >= bar.OfPeakFrom ? bar.OfPeak : null
                : work.Bytes >= bar.OfBandwidthFrom ? bar.OfBandwidth : null;
            return wanted is null ? Verdict.None : share >= wanted ? Verdict.Met : Verdict.Missed;
        }
    }

    public override string ToString()
    {
        string ratio = Ratio is { } r ? FormattableString.Invariant($"{r.Median:F2} times {Peer} ({r.Lower:F2} to {r.Upper:F2}), {Verdict}") : "no peer";
        string floor = OfFloor is { } share ? FormattableString.Invariant($", {share:P0} of the floor") : "";
        return $"{Case.Id}: {Format.Time(Seconds)}, {ratio}{floor}";
    }
}

internal static class Format
{
    public static string Time(double seconds) => seconds switch
    {
        < 1e-6 => FormattableString.Invariant($"{seconds * 1e9:F0} ns"),
        < 1e-3 => FormattableString.Invariant($"{seconds * 1e6:F1} us"),
        < 1 => FormattableString.Invariant($"{seconds * 1e3:F2} ms"),
        _ => FormattableString.Invariant($"{seconds:F2} s"),
    };

    public static string Bytes(double bytes) => bytes switch
    {
        < 1e4 => FormattableString.Invariant($"{bytes:F0} B"),
        < 1e7 => FormattableString.Invariant($"{bytes / 1024:F0} KiB"),
        _ => FormattableString.Invariant($"{bytes / 1048576:F1} MiB"),
    };
}
