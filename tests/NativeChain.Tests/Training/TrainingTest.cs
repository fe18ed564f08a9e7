using NativeChain.Optimizers;
using NativeChain.Training;
using L = NativeChain.Links;

namespace NativeChain.Tests.Training;

/// <summary>Trainers whose updater does nothing but count: five iterations an epoch.</summary>
public abstract class TrainingTest : TemporaryFolder
{
    private protected Trainer Counting(Trigger stop, Optimizer? optimizer = null, Action<CountingUpdater>? update = null) =>
        new(new CountingUpdater((optimizer ?? new SGD(lr: 1.0)).Setup(new L.Linear(1, 1)), update), stop, Folder);

    /// <summary>Saves a trainer and loads it into another.</summary>
    private protected void Reload(ISerializable from, ISerializable to)
    {
        NativeChain.Serializers.SaveNpz(At("reload.npz"), from);
        NativeChain.Serializers.LoadNpz(At("reload.npz"), to);
    }

    private protected sealed class CountingUpdater(Optimizer optimizer, Action<CountingUpdater>? update) : Updater
    {
        private const int EpochLength = 5;

        public override int Epoch => (int)(Iteration / EpochLength);

        public override double EpochDetail => Iteration / (double)EpochLength;

        public override double? PreviousEpochDetail => Iteration == 0 ? null : (Iteration - 1) / (double)EpochLength;

        public override bool IsNewEpoch => Iteration > 0 && Iteration % EpochLength == 0;

        public override IReadOnlyDictionary<string, Optimizer> Optimizers { get; } = new Dictionary<string, Optimizer> { ["main"] = optimizer };

        public override IReadOnlyDictionary<string, IIterator> Iterators { get; } = new Dictionary<string, IIterator>();

        protected override void UpdateCore() => update?.Invoke(this);
    }
}
