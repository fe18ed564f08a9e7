using System.Text.Json;

namespace NativeChain.Conformance;

/// <summary>A file that Chainer wrote: what it holds, that it loads, and what the model then gives.</summary>
internal static class SnapshotCase
{
    public static void Run(JsonElement test, CaseFile file)
    {
        using IDisposable config = Scope.Configure(test.Get("config"));
        Values values = new(file);
        Link model = values.Link(test.GetProperty("model"));
        string path = Path.Combine(file.Folder, test.Text("file"));
        CheckKeys(path, test);
        if (test.Get("stop_trigger") is not null)
        {
            TrainerCase.Run(test, model, path, file, values);
        }
        else if (test.Get("optimizer") is not null)
        {
            Resume(test, model, path, file, values);
        }
        else
        {
            Serializers.LoadNpz(path, model, test.Get("path")?.GetString() ?? "");
            CheckLoaded(test, model, file);
        }
    }

    private static void CheckLoaded(JsonElement test, Link model, CaseFile file)
    {
        if (test.Text("id") == "uninitialized" && model.Params().All(parameter => parameter.IsInitialized))
        {
            throw new CaseFailedException("every parameter is initialized, although the file holds None");
        }
        if (test.Get("input") is not { } input)
        {
            return;
        }
        (double rtol, double atol) = test.Tolerance();
        Variable y = model.Call(file.Array(input.GetString()!));
        Comparison.Close("output", y.Array, file.Array(test.Text("output")), rtol, atol);
        if (test.Get("mnist") is { } mnist)
        {
            CheckMnist(model, mnist, file, rtol, atol);
        }
    }

    private static void CheckMnist(Link model, JsonElement mnist, CaseFile file, double rtol, double atol)
    {
        string beside = Path.Combine(file.Folder, "..", "..", "data", "mnist");
        (_, TupleDataset test) = Datasets.GetMnist(folder: Directory.Exists(beside) ? beside : null);
        int right = 0;
        using (Config.Using(train: false, enableBackprop: false))
        {
            foreach ((NDArray x, NDArray t) in new SerialIterator(test, 1000, repeat: false, shuffle: false))
            {
                NDArray hits = NDArray.Equal(model.Call(x).Array.ArgMax(axis: 1), t);
                right += (int)hits.Sum().Item<long>();
            }
        }
        if (test.Count != mnist.GetProperty("test_images").GetInt32() || right != mnist.GetProperty("test_correct").GetInt32())
        {
            throw new CaseFailedException($"{right} of {test.Count} images right, expected {mnist.GetProperty("test_correct")}");
        }
    }

    private static void Resume(JsonElement test, Link model, string path, CaseFile file, Values values)
    {
        Serializers.LoadNpz(Path.Combine(file.Folder, test.Text("model_file")), model);
        Optimizer optimizer = OptimizerCase.Build(test, values);
        optimizer.Setup(model);
        OptimizerCase.AddHooks(optimizer, test, values);
        Serializers.LoadNpz(path, optimizer);
        (double rtol, double atol) = test.Tolerance();
        OptimizerCase.Steps(optimizer, model, test.GetProperty("resume"), [], file, values, rtol, atol);
    }

    private static void CheckKeys(string path, JsonElement test)
    {
        using NpzFile arrays = NpzFile.Open(path);
        foreach (JsonElement key in test.Get("keys").Items())
        {
            string name = key.Text("key");
            bool none = key.Text("dtype") == "object", text = key.Text("dtype").StartsWith("<U", StringComparison.Ordinal);
            if (none || text)
            {
                continue;
            }
            NDArray array = arrays[name];
            Shape shape = key.GetProperty("shape").EnumerateArray().Select(extent => extent.GetInt32()).ToArray();
            if (array.Shape != shape || array.DType.Name() != key.Text("dtype"))
            {
                throw new CaseFailedException($"{name} is {array.Shape} {array.DType.Name()}, expected {shape} {key.Text("dtype")}");
            }
        }
    }
}
