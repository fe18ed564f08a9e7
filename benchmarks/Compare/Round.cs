namespace NativeChain.Compare;

/// <summary>Measures cases: ours, every peer and the floor in turn, again and again.</summary>
/// <param name="machine">A process of its own for the floors: its threads stay on their processors, and no kernel's threads wait beside them.</param>
internal sealed class Round(Runner core, Runner library, Runner machine, IReadOnlyList<Runner> peers, int pairs)
{
    /// <summary>A peer whose fastest sample after this many rounds is <see cref="Hopeless"/> times the best one's median is left out of the rest.</summary>
    public const int Screening = 3;

    /// <inheritdoc cref="Screening"/>
    public const double Hopeless = 1.3;

    /// <summary>A peer whose first answer is this many times the best one's is left out at once.</summary>
    public const double Outclassed = 3;

    /// <summary>Who computed something else than we did, and was left out.</summary>
    public List<string> Disagreements { get; } = [];

    /// <summary>Cases whose times are compared with each other, side by side: each in turn, again and again. What neither of our runners has is left out.</summary>
    public List<Row> Measure(IEnumerable<Case> cases)
    {
        List<Match> matches = [.. cases.Select(Prepare).OfType<Match>()];
        for (int round = 0; round < pairs; round++)
        {
            matches.ForEach(match => match.Play(round, machine));
        }
        return [.. matches.Select(match => match.Row)];
    }

    // The first answer of each warms it up, and shows who has the operation.
    private Match? Prepare(Case test) => Answers([core, library], test).Cast<(Runner Runner, Answer Answer)?>().FirstOrDefault() is { } own
        ? new Match(test, new Entry(own.Runner), Worthy([.. Answers(Rivals(test), test)], own.Answer, test))
        : null;

    private sealed class Entry(Runner runner)
    {
        public Runner Runner { get; } = runner;

        public List<double> Seconds { get; } = [];

        public double Median => Quartiles.Of(Seconds).Median;
    }

    // A case, and who is in it.
    private sealed class Match(Case test, Entry ours, List<Entry> others)
    {
        private readonly Yardstick? _yardstick = Yardstick.Of(test);
        private readonly List<double> _floor = [];
        private double? _bytes;

        public Row Row
        {
            get
            {
                Entry? rival = others.MinBy(entry => entry.Median);
                return new Row(test, ours.Seconds, rival?.Runner.Name, rival?.Seconds, _floor.Count == ours.Seconds.Count ? _floor : null, _bytes);
            }
        }

        public void Play(int round, Runner machine)
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
                _bytes = entry == ours ? answer.Bytes : _bytes;
            }
            if (_yardstick is not null && machine.Measure(_yardstick.Case) is { } measured)
            {
                _floor.Add(measured.Seconds * _yardstick.Count);
            }
        }
    }

    private static IEnumerable<(Runner Runner, Answer Answer)> Answers(IEnumerable<Runner> runners, Case test) =>
        from runner in runners
        let answer = runner.Measure(test.Parameters, digest: true)
        where answer is not null
        select (runner, answer.Value);

    // Those who compute the same as we do, in a time that is not hopeless from the start.
    private List<Entry> Worthy(List<(Runner Runner, Answer Answer)> peers, Answer own, Case test)
    {
        foreach ((Runner runner, Answer answer) in peers.ToList())
        {
            if (own.Digest is not { } ours || answer.Digest is not { } theirs || !ours.Agrees(theirs, test.DType))
            {
                Disagreements.Add($"{test.Id}: {runner.Name} gives {answer.Digest}, we {own.Digest}");
                _ = peers.Remove((runner, answer));
            }
        }
        double best = peers.Select(peer => peer.Answer.Seconds).DefaultIfEmpty().Min();
        return [.. peers.Where(peer => peer.Answer.Seconds <= Outclassed * best).Select(peer => new Entry(peer.Runner))];
    }

    // With one thread, those that were started with one.
    private IEnumerable<Runner> Rivals(Case test) =>
        from peer in peers
        where test.Group.Peers is not { } names || names.Any(name => peer.Name.StartsWith(name, StringComparison.Ordinal))
        where test.Threads > 1 || peer.Threads is 1 or int.MaxValue
        select peer;
}
