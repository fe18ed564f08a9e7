using NUnit.Framework;

namespace NativeChain.Tests.Graph;

[TestFixture]
public class ComputationalGraphTests
{
    [Test]
    public void NodesAndEdgesAreThoseThatTheOutputsCameFrom()
    {
        Variable x = new((NDArray)new float[] { 1, 2 }, "x");
        Variable y = F.Relu(x), z = F.Tanh(x);
        Variable sum = y + y;
        ComputationalGraph graph = ComputationalGraph.Build(sum);
        Assert.That(graph.Functions, Has.Count.EqualTo(2));
        Assert.That(graph.Variables, Is.EqualTo(new[] { sum.Node, y.Node, x.Node }));
        Assert.That(graph.Edges, Is.EquivalentTo(new (object, object)[]
        {
            (sum.Creator!, sum.Node), (y.Node, sum.Creator!), (y.Creator!, y.Node), (x.Node, y.Creator!),
        }));
        ComputationalGraph both = ComputationalGraph.Build([sum, z]);
        Assert.That(both.Functions, Has.Count.EqualTo(3));
        Assert.That(both.Variables, Has.Count.EqualTo(4));
        y.Unchain();
        Assert.That(ComputationalGraph.Build(sum).Functions, Has.Count.EqualTo(1));
    }

    [Test]
    public void VariablesCanBeLeftOut()
    {
        Variable x = new((NDArray)new float[] { 1, 2 });
        Variable y = F.Relu(x);
        Variable sum = F.Tanh(y) + y;
        ComputationalGraph graph = ComputationalGraph.Build([sum], removeVariable: true, rankDir: "LR");
        Assert.That(graph.Variables, Is.Empty);
        Assert.That(graph.Functions, Has.Count.EqualTo(3));
        Assert.That(graph.Edges, Has.Count.EqualTo(3));
        Assert.That(graph.Edges, Does.Contain(((object)y.Creator!, (object)sum.Creator!)));
        Assert.That(graph.Dump(), Does.StartWith("digraph graphname{rankdir=LR;\n").And.EndsWith("}\n"));
    }

    [Test]
    public void TheDumpIsGraphvizs()
    {
        Variable x = new((NDArray)new float[] { 1, 2 }, "a \"name\"");
        string[] lines = ComputationalGraph.Build(
            [new Curly().ApplySingle(x)], variableStyle: new Dictionary<string, string> { ["color"] = "red" }).Dump().Split('\n');
        Assert.That(lines, Is.EqualTo(new[]
        {
            "digraph graphname{rankdir=TB;",
            "0 [label=\"(2,), float32\",color=\"red\"];",
            "1 [label=\"\\{x\\}\",shape=\"record\",fillcolor=\"#6495ED\",style=\"filled\"];",
            "2 [label=\"a \\\"name\\\": (2,), float32\",color=\"red\"];",
            "1 -> 0;",
            "2 -> 1;",
            "}",
            "",
        }));
        Assert.That(ComputationalGraph.Build([x], showName: false).Dump(), Does.Contain("label=\"(2,), float32\""));
        Assert.That(() => ComputationalGraph.Build([x], rankDir: "XY"), Throws.ArgumentException);
    }

    private sealed class Curly : FunctionNode
    {
        public override string Label => "{x}";

        public override NDArray[] Forward(ReadOnlySpan<NDArray> inputs) => [inputs[0] + 1];

        public override Variable?[] Backward(ReadOnlySpan<int> targetInputs, ReadOnlySpan<Variable?> gradOutputs) => [gradOutputs[0]];
    }
}
