namespace NativeChain.Compare;

/// <summary>Measures a case: ours, every peer and the floor in turn, again and again.</summary>
/// <param name="machine">A process of its own for the floors: its threads stay on their processors, and no kernel's threads wait beside them.</param>
internal sealed class Round(Runner core, Runner library, Runner machine, IReadOnlyList<Runner> peers, int pairs)
{
    /// <summary>A peer whose fastest sample after this many rounds is <see cref="Hopeless"/> times the best one's median is left out of the rest.</summary>
    public const int Screening = 3;

    /// <inheritdoc cref="Screening"/>
    public const double Hopeless = 1.3;

    private sealed class Entry(Runner runner)
    {
        public Runner Runner { get; } = runner;

        public List<double> Seconds { get; } = [];

        public double Median => Quartiles.Of(Seconds).Median;
    }

    /// <summary>Null where neither of our runners has the operation.</summary>
    public Row? Measure(Case test)
    {
        // The first answer of each warms it up, and shows who has the operation.
        Runner? own = ((Runner[])[core, library]).FirstOrDefault(runner => runner.Measure(test.Parameters) is not null);
        if (own is null)
        {
            return null;
        }
        Entry ours = new(own);
        List<Entry> others = [.. Rivals(test).Where(peer => peer.Measure(test.Parameters) is not null).Select(peer => new Entry(peer))];
        Yardstick? yardstick = Yardstick.Of(test);
        List<double> floor = [];
        double? bytes = null;
        // Without a peer there is no pair to be noisy.
        int rounds = others.Count > 0 ? pairs : Math.Min(pairs, Screening);
        for (int round = 0; round < rounds; round++)
        {
            if (round == Screening && others.Count > 0)
            {
                double best = others.Min(entry => entry.Median);
                _ = others.RemoveAll(entry => entry.Seconds.Min() > Hopeless * best);
            }
            // Who goes first rotates, so that none always finds another's cache.
            Entry[] turn = [ours, .. others];
            for (int k = 0; k < turn.Length; k++)
            {
                Entry entry = turn[(k + round) % turn.Length];
                Answer answer = entry.Runner.Measure(test.Parameters) ?? throw new InvalidOperationException($"{entry.Runner.Name} no longer runs {test.Id}");
                entry.Seconds.Add(answer.Seconds);
                bytes = entry == ours ? answer.Bytes : bytes;
            }
            if (yardstick is not null && machine.Measure(yardstick.Case) is { } measured)
            {
                floor.Add(measured.Seconds * yardstick.Count);
            }
        }
        Entry? rival = others.MinBy(entry => entry.Median);
        return new Row(test, ours.Seconds, rival?.Runner.Name, rival?.Seconds, floor.Count == rounds ? floor : null, bytes);
    }

    // With one thread, those that were started with one.
    private IEnumerable<Runner> Rivals(Case test) =>
        from peer in peers
        where test.Group.Peers is not { } names || names.Any(name => peer.Name.StartsWith(name, StringComparison.Ordinal))
        where test.Threads > 1 || peer.Threads is 1 or int.MaxValue
        select peer;
}
