using System.Text.Json;
using NativeChain.Training;
using NativeChain.Training.Extensions;

namespace NativeChain.Conformance;

/// <summary>A trainer that resumes from a snapshot of Chainer's and must end where Chainer's did.</summary>
internal static class TrainerCase
{
    public static void Run(JsonElement test, Link model, string path, CaseFile file, Values values)
    {
        string folder = Directory.CreateTempSubdirectory("conformance").FullName;
        try
        {
            Optimizer optimizer = OptimizerCase.Build(test, values);
            optimizer.Setup(model);
            OptimizerCase.AddHooks(optimizer, test, values);
            TupleDataset dataset = new([.. test.GetProperty("dataset").EnumerateArray().Select(key => file.Array(key.GetString()!))]);
            SerialIterator iterator = new(dataset, test.GetProperty("batch_size").GetInt32());
            Trainer trainer = new(new StandardUpdater(iterator, optimizer), Trigger(test.GetProperty("stop_trigger"), values), folder);
            foreach (JsonElement extension in test.Get("extensions").Items())
            {
                object made = Binder.New(Names.Extension(extension.Text("extension")), values.Members(extension.Get("ctor")));
                trainer.Extend((Extension)made, trigger: extension.Get("trigger") is { } trigger ? Trigger(trigger, values) : null);
            }
            Serializers.LoadNpz(path, trainer);
            trainer.Run();
            Check(test, trainer, optimizer, model, file);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Check(JsonElement test, Trainer trainer, Optimizer optimizer, Link model, CaseFile file)
    {
        JsonElement resume = test.GetProperty("resume");
        (double rtol, double atol) = test.Tolerance();
        foreach (JsonProperty entry in resume.EnumerateObject())
        {
            switch (entry.Name)
            {
                case "iteration":
                    Equal("iteration", trainer.Updater.Iteration, entry.Value.GetInt64(), 0);
                    break;
                case "epoch":
                    Equal("epoch", trainer.Updater.Epoch, entry.Value.GetInt64(), 0);
                    break;
                case "log":
                    CheckLog(((LogReport)trainer.GetExtension("LogReport")).Log, entry.Value, rtol);
                    break;
                case "params":
                    LinkCase.CheckParams(model, entry.Value, file, rtol, atol);
                    break;
                case "persistents":
                    LinkCase.CheckPersistents(model, entry.Value, file, rtol, atol);
                    break;
                default:
                    Equal(entry.Name, Convert.ToDouble(Names.Property(optimizer, entry.Name).GetValue(optimizer)), entry.Value.GetDouble(), rtol);
                    break;
            }
        }
    }

    private static void CheckLog(IReadOnlyList<IReadOnlyDictionary<string, double>> log, JsonElement expected, double rtol)
    {
        Equal("entries of the log", log.Count, expected.GetArrayLength(), 0);
        foreach ((IReadOnlyDictionary<string, double> actual, JsonElement wanted) in log.Zip(expected.EnumerateArray()))
        {
            foreach (JsonProperty entry in wanted.EnumerateObject())
            {
                Equal($"{entry.Name} of the log", actual.GetValueOrDefault(entry.Name, double.NaN), entry.Value.GetDouble(), rtol);
            }
        }
    }

    private static void Equal(string what, double actual, double expected, double rtol)
    {
        if (!(Math.Abs(actual - expected) <= rtol * Math.Abs(expected)))
        {
            throw new CaseFailedException($"{what} is {actual:R}, expected {expected:R}");
        }
    }

    private static Trigger Trigger(JsonElement value, Values values) =>
        Binder.TryConvert(values.Convert(value), typeof(Trigger), out object? trigger)
            ? (Trigger)trigger!
            : throw new CaseFailedException($"{value} is no trigger");
}
