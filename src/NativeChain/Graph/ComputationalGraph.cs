using System.Globalization;
using System.Text;

namespace NativeChain;

/// <summary>The functions and variables that some variables were computed from, to be drawn by Graphviz.</summary>
/// <example><code>
/// File.WriteAllText("graph.dot", ComputationalGraph.Build(loss).Dump());   // dot -Tsvg graph.dot -o graph.svg
/// </code></example>
public sealed class ComputationalGraph
{
    private static readonly Dictionary<string, string> s_variableStyle = new()
    {
        ["shape"] = "octagon", ["fillcolor"] = "#E0E0E0", ["style"] = "filled",
    };

    private static readonly Dictionary<string, string> s_functionStyle = new()
    {
        ["shape"] = "record", ["fillcolor"] = "#6495ED", ["style"] = "filled",
    };

    private readonly List<object> _nodes;
    private readonly List<(object Head, object Tail)> _edges;
    private readonly IReadOnlyDictionary<string, string> _variableAttributes;
    private readonly IReadOnlyDictionary<string, string> _functionAttributes;
    private readonly string _rankDir;
    private readonly bool _showName;

    private ComputationalGraph(
        List<object> nodes,
        List<(object Head, object Tail)> edges,
        IReadOnlyDictionary<string, string>? variableStyle,
        IReadOnlyDictionary<string, string>? functionStyle,
        string rankDir,
        bool showName)
    {
        _nodes = nodes;
        _edges = edges;
        _variableAttributes = variableStyle ?? s_variableStyle;
        _functionAttributes = functionStyle ?? s_functionStyle;
        _rankDir = rankDir;
        _showName = showName;
    }

    /// <summary>The variables, those of the highest rank first.</summary>
    public IReadOnlyList<VariableNode> Variables => [.. _nodes.OfType<VariableNode>()];

    /// <summary>The functions, those of the highest rank first.</summary>
    public IReadOnlyList<FunctionNode> Functions => [.. _nodes.OfType<FunctionNode>()];

    /// <summary>Pairs of nodes, each a <see cref="VariableNode"/> or a <see cref="FunctionNode"/>, in the direction of the computation.</summary>
    public IReadOnlyList<(object Head, object Tail)> Edges => _edges;

    /// <summary>The graph that one variable was computed by.</summary>
    /// <param name="output">The variable.</param>
    public static ComputationalGraph Build(Variable output) => Build([output]);

    /// <summary>The graph that some variables were computed by.</summary>
    /// <param name="outputs">The variables.</param>
    /// <param name="variableStyle">Graphviz attributes of variables; null for a grey octagon.</param>
    /// <param name="functionStyle">Graphviz attributes of functions; null for a blue box.</param>
    /// <param name="rankDir">Direction: `TB` (top to bottom), `BT`, `LR` or `RL`.</param>
    /// <param name="removeVariable">Whether only functions are drawn.</param>
    /// <param name="showName">Whether variables show their names.</param>
    /// <exception cref="ArgumentException">The direction is another.</exception>
    public static ComputationalGraph Build(
        IEnumerable<Variable> outputs,
        IReadOnlyDictionary<string, string>? variableStyle = null,
        IReadOnlyDictionary<string, string>? functionStyle = null,
        string rankDir = "TB",
        bool removeVariable = false,
        bool showName = true)
    {
        ArgumentNullException.ThrowIfNull(outputs);
        if (rankDir is not ("TB" or "BT" or "LR" or "RL"))
        {
            throw new ArgumentException($"ComputationalGraph: rankDir must be TB, BT, LR or RL, not {rankDir}", nameof(rankDir));
        }
        (List<object> nodes, List<(object Head, object Tail)> edges) = Collect(outputs);
        if (removeVariable)
        {
            edges = [.. edges
                .Where(edge => edge.Head is VariableNode { Creator: not null } && edge.Tail is FunctionNode)
                .Select(edge => ((object)((VariableNode)edge.Head).Creator!, edge.Tail))
                .Distinct()];
            nodes = [.. nodes.Where(node => node is FunctionNode)];
        }
        return new ComputationalGraph(nodes, edges, variableStyle, functionStyle, rankDir, showName);
    }

    /// <summary>The graph in Graphviz's language.</summary>
    public string Dump()
    {
        StringBuilder dot = new();
        dot.Append(CultureInfo.InvariantCulture, $"digraph graphname{{rankdir={_rankDir};\n");
        Dictionary<object, int> ids = new(ReferenceEqualityComparer.Instance);
        foreach (object node in _nodes)
        {
            ids.Add(node, ids.Count);
            IReadOnlyDictionary<string, string> style = node is VariableNode ? _variableAttributes : _functionAttributes;
            string label = node is VariableNode variable
                ? (_showName && variable.Name is { } name ? $"{name}: {variable.Label}" : variable.Label)
                : ((FunctionNode)node).Label;
            bool isRecord = style.GetValueOrDefault("shape", "").EndsWith("record", StringComparison.Ordinal);
            IEnumerable<string> attributes = style.Where(entry => entry.Key != "label").Select(entry => $"{entry.Key}=\"{Escape(entry.Value, false)}\"");
            string shown = style.TryGetValue("label", out string? given) ? given : label;
            dot.Append(CultureInfo.InvariantCulture, $"{ids[node]} [label=\"{Escape(shown, isRecord)}\"{string.Concat(attributes.Select(a => "," + a))}];\n");
        }
        foreach ((object head, object tail) in _edges)
        {
            dot.Append(CultureInfo.InvariantCulture, $"{ids[head]} -> {ids[tail]};\n");
        }
        return dot.Append("}\n").ToString();
    }

    /// <summary>All that is reached backwards, functions of the highest rank first.</summary>
    private static (List<object> Nodes, List<(object Head, object Tail)> Edges) Collect(IEnumerable<Variable> outputs)
    {
        List<object> nodes = [];
        List<(object Head, object Tail)> edges = [];
        HashSet<object> seen = new(ReferenceEqualityComparer.Instance);
        PriorityQueue<object, (int Rank, int Order)> queue = new();
        foreach (Variable output in outputs)
        {
            ArgumentNullException.ThrowIfNull(output, nameof(outputs));
            Add(output.Node, output.Node.Rank);
        }
        while (queue.TryDequeue(out object? node, out _))
        {
            nodes.Add(node);
            if (node is VariableNode { Creator: { } creator })
            {
                edges.Add((creator, node));
                Add(creator, creator.Rank);
            }
            else if (node is FunctionNode function)
            {
                HashSet<object> inputs = new(ReferenceEqualityComparer.Instance);
                foreach (VariableNode input in function.Inputs)
                {
                    if (inputs.Add(input))
                    {
                        edges.Add((input, function));
                        Add(input, input.Rank);
                    }
                }
            }
        }
        return (nodes, edges);

        void Add(object node, int rank)
        {
            if (seen.Add(node))
            {
                queue.Enqueue(node, (-rank, seen.Count));
            }
        }
    }

    private static string Escape(string text, bool isRecord)
    {
        StringBuilder escaped = new(text.Length);
        foreach (char c in text)
        {
            if (c is '"' or '\\' || (isRecord && c is '{' or '}' or '<' or '>' or '|'))
            {
                escaped.Append('\\');
            }
            escaped.Append(c);
        }
        return escaped.ToString();
    }
}
