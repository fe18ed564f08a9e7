using NUnit.Framework;

namespace NativeChain.Tests.Graph;

[TestFixture]
public class FunctionNodeTests
{
    private sealed class Cube : FunctionNode
    {
        public override NDArray[] Forward(ReadOnlySpan<NDArray> inputs)
        {
            RetainInputs(0);
            return [inputs[0] * inputs[0] * inputs[0]];
        }

        public override Variable?[] Backward(ReadOnlySpan<int> targetInputs, ReadOnlySpan<Variable?> gradOutputs)
        {
            Variable x = GetRetainedInputs()[0];
            return [3 * x * x * gradOutputs[0]!];
        }
    }

    private sealed class Exponential : FunctionNode
    {
        public override NDArray[] Forward(ReadOnlySpan<NDArray> inputs)
        {
            RetainOutputs(0);
            return [NDArray.Exp(inputs[0])];
        }

        public override Variable?[] Backward(ReadOnlySpan<int> targetInputs, ReadOnlySpan<Variable?> gradOutputs) =>
            [GetRetainedOutputs()[0] * gradOutputs[0]!];
    }

    private sealed class KeepsNothing : FunctionNode
    {
        public override NDArray[] Forward(ReadOnlySpan<NDArray> inputs) => [inputs[0].Copy()];

        public override Variable?[] Backward(ReadOnlySpan<int> targetInputs, ReadOnlySpan<Variable?> gradOutputs)
        {
            RetainInputs(0);
            return [GetRetainedInputs()[0] * gradOutputs[0]!];
        }
    }

    private sealed class KeepsGradients : FunctionNode
    {
        public static Variable? Kept { get; set; }

        public override NDArray[] Forward(ReadOnlySpan<NDArray> inputs) => [inputs[0].Copy()];

        public override Variable?[] Backward(ReadOnlySpan<int> targetInputs, ReadOnlySpan<Variable?> gradOutputs)
        {
            Kept = gradOutputs[0];
            return [gradOutputs[0]];
        }
    }

    [Test]
    public void AUsersNodeHasGradientsOfAnyOrder()
    {
        NDArray x = new double[] { -1.2, 0.3, 2 };
        NDArray gy = new double[] { 1, -2, 0.5 };
        GradientCheck.CheckBackward(v => new Cube().ApplySingle(v), x, gy);
        GradientCheck.CheckDoubleBackward(v => [new Cube().ApplySingle(v[0])], [x], [gy]);
        GradientCheck.CheckBackward(v => new Exponential().ApplySingle(v), x, gy);
        GradientCheck.CheckDoubleBackward(v => [new Exponential().ApplySingle(v[0])], [x], [gy]);
    }

    [Test]
    public void ANodeIsAppliedOnce()
    {
        var node = new Cube();
        var x = new Variable(new float[] { 2 });
        node.ApplySingle(x);
        Assert.That(() => node.ApplySingle(x), Throws.InvalidOperationException.With.Message.Contains("Cube"));
    }

    [Test]
    public void ReadingWhatWasNotRetainedSaysSo()
    {
        var x = new Variable(new float[] { 2 });
        Variable y = new KeepsNothing().ApplySingle(x);
        Assert.That(() => y.Backward(), Throws.InvalidOperationException.With.Message.Contains("retained"));
    }

    [Test]
    public void DataThatNoBackwardNeedsIsNotHeldByTheGraph()
    {
        var x = new Variable(new float[] { 2 });
        Variable h = new KeepsNothing().ApplySingle(x);
        Variable y = new Cube().ApplySingle(h);
        Assert.That(x.Node.Data, Is.Null);
        Assert.That(h.Node.Data, Is.SameAs(h.Array));
        Assert.That(y.Node.Data, Is.Null);
    }

    [Test]
    public void AGradientThatAUserKeepsStaysWhole()
    {
        var W = new Variable(NDArray.Ones((4, 4)));
        Variable h = F.Linear(NDArray.Ones((4, 4)), W);
        Variable y = F.Sum(F.Linear(new KeepsGradients().ApplySingle(h), NDArray.Ones((4, 4))));
        y.Backward();
        float[] before = KeepsGradients.Kept!.Array.ToArray<float>();
        W.ClearGrad();
        for (int i = 0; i < 50; i++)
        {
            NDArray.Zeros((4, 4));
        }
        Assert.That(KeepsGradients.Kept!.Array.ToArray<float>(), Is.EqualTo(before));
        Assert.That(before, Is.All.EqualTo(4f));
    }

    [Test]
    public void InputsOutputsAndRankDescribeTheGraph()
    {
        var x = new Variable(new float[] { 2 });
        Variable y = new Cube().ApplySingle(x);
        FunctionNode node = y.Creator!;
        Assert.That(node.Label, Is.EqualTo("Cube"));
        Assert.That(node.Inputs.ToArray(), Is.EqualTo(new[] { x.Node }));
        Assert.That(node.Outputs.ToArray(), Is.EqualTo(new[] { y.Node }));
        Assert.That(node.Rank, Is.Zero);
        Assert.That(y.Node.Label, Is.EqualTo("(1,), float32"));
        node.Unchain();
        Assert.That(y.Creator, Is.Null);
        Assert.That(node.Inputs.Length, Is.Zero);
    }

    [Test]
    public void NullAndEmptyInputsAreRefusedByName()
    {
        Assert.That(() => new Cube().ApplySingle((Variable)null!), Throws.ArgumentNullException.With.Message.Contains("Cube"));
        Assert.That(() => new Cube().ApplySingle(new Variable()), Throws.ArgumentException.With.Message.Contains("Cube"));
    }
}
