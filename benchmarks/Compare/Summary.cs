namespace NativeChain.Compare;

/// <summary>What the rows of a group come to.</summary>
internal sealed class Summary(Group group, IReadOnlyList<Row> rows)
{
    private readonly Quartiles[] _ratios = [.. rows.Select(row => row.Ratio).OfType<Quartiles>()];

    public Group Group => group;

    public IReadOnlyList<Row> Rows => rows;

    /// <summary>Null where nothing was compared.</summary>
    public double? GeometricMean => _ratios.Length == 0 ? null : Math.Exp(_ratios.Average(ratio => Math.Log(ratio.Median)));

    public Row? Worst => rows.Where(row => row.Ratio is not null).MinBy(row => row.Ratio!.Value.Median);

    public Verdict GeometricMeanVerdict => group.Bar.GeometricMean is not { } bar || GeometricMean is not { } mean ? Verdict.None
        : mean >= bar ? Verdict.Met : Verdict.Missed;

    public int Count(Func<Row, Verdict> of, Verdict verdict) => rows.Count(row => of(row) == verdict);

    /// <summary>Whether any bar of the group is missed.</summary>
    public bool Missed => GeometricMeanVerdict == Verdict.Missed || rows.Any(row => row.Verdict == Verdict.Missed || row.FloorVerdict == Verdict.Missed);

    /// <summary>Groups in the order of their first rows.</summary>
    public static List<Summary> Of(IEnumerable<Row> rows) =>
        [.. rows.GroupBy(row => row.Case.Group).Select(group => new Summary(group.Key, [.. group]))];
}

/// <summary>A sweep over one size of a model: what a step takes as the size grows, beside how much more there is to do.</summary>
internal sealed record Curve(string Name, IReadOnlyList<Curve.Point> Points)
{
    /// <summary>A size: its samples, one a round, and the operations of a step.</summary>
    internal sealed record Point(double Size, List<double> Samples, double Operations)
    {
        public double Seconds => Quartiles.Of(Samples).Median;
    }

    /// <summary>The most by which the time grew more than the operations from one size to any larger one, by the median of the rounds; at most 1 is no worse.</summary>
    public double Worst =>
        (from i in Enumerable.Range(0, Points.Count)
         from j in Enumerable.Range(i + 1, Points.Count - i - 1)
         let growth = Quartiles.Of(Points[j].Samples.Zip(Points[i].Samples, (larger, smaller) => larger / smaller)).Median
         select growth / (Points[j].Operations / Points[i].Operations)).DefaultIfEmpty(0).Max();

    public Verdict Verdict => Worst <= 1 + Row.NoiseBound ? Verdict.Met : Verdict.Missed;

    /// <summary>One for each name in "curve" of the cases, along the member of that name.</summary>
    public static List<Curve> Of(IEnumerable<Row> rows) =>
    [
        .. from row in rows
           where row.Case.Curve is not null
           group row by row.Case.Curve! into curve
           select new Curve(curve.Key, [.. from row in curve
                                           let size = row.Case.Number(curve.Key)
                                           orderby size
                                           select new Point(size, row.Ours, Work.Of(row.Case)!.Value.Operations)]),
    ];
}
