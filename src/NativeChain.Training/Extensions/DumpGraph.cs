using System.Text;

namespace NativeChain.Training.Extensions;

/// <summary>Writes the graph of a reported variable, of the first iteration, as a file for Graphviz: `dot -Tsvg cg.dot -o cg.svg`.</summary>
/// <remarks>Until then the updater's reports keep their graphs, and the memory that these hold.</remarks>
public sealed class DumpGraph : Extension
{
    private readonly string _rootName;
    private readonly string _fileName;
    private readonly IReadOnlyDictionary<string, string>? _variableStyle;
    private readonly IReadOnlyDictionary<string, string>? _functionStyle;
    private bool _called;

    /// <summary>Creates the extension.</summary>
    /// <param name="rootName">Name of the variable, such as `main/loss`.</param>
    /// <param name="fileName">Name of the file in the trainer's folder.</param>
    /// <param name="variableStyle">Graphviz attributes of variables; null for those of <see cref="ComputationalGraph"/>.</param>
    /// <param name="functionStyle">Graphviz attributes of functions; null for those of <see cref="ComputationalGraph"/>.</param>
    public DumpGraph(
        string rootName,
        string fileName = "cg.dot",
        IReadOnlyDictionary<string, string>? variableStyle = null,
        IReadOnlyDictionary<string, string>? functionStyle = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(rootName);
        ArgumentException.ThrowIfNullOrEmpty(fileName);
        _rootName = rootName;
        _fileName = fileName;
        _variableStyle = variableStyle;
        _functionStyle = functionStyle;
    }

    /// <inheritdoc/>
    public override string DefaultName => "dump_graph";

    /// <inheritdoc/>
    public override Trigger DefaultTrigger => Trigger.When(_ => !_called);

    /// <inheritdoc/>
    public override void Initialize(Trainer trainer)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        if (!_called)
        {
            trainer.GraphKeepers++;
        }
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">Nothing was reported under the name, or no variable.</exception>
    public override void Call(Trainer trainer)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        if (_called)
        {
            return;
        }
        _called = true;
        trainer.GraphKeepers--;
        Variable root = trainer.Observation.TryGetValue(_rootName, out ReportedValue value)
            ? value.Variable ?? throw new InvalidOperationException($"DumpGraph: what is reported as {_rootName} is no variable")
            : throw new InvalidOperationException(
                $"DumpGraph: nothing is reported as {_rootName}, only {string.Join(", ", trainer.Observation.Keys)}");
        string dot = ComputationalGraph.Build([root], _variableStyle, _functionStyle).Dump();
        AtomicFile.Write(Path.Combine(trainer.Out, _fileName), stream => stream.Write(Encoding.UTF8.GetBytes(dot)));
    }

    /// <inheritdoc/>
    public override void Serialize(Serializer serializer)
    {
        ArgumentNullException.ThrowIfNull(serializer);
        if (serializer.IsWriter)
        {
            // Chainer's extension wants to find what to put back after its call.
            serializer.Serialize("_original_flag", Config.KeepGraphOnReport);
        }
        _called = serializer.Serialize("_flag_called", _called);
    }
}
