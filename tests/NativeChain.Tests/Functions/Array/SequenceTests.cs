using NUnit.Framework;

namespace NativeChain.Tests.Functions;

[TestFixture]
public class SequenceTests
{
    private static NUnit.Framework.Constraints.Constraint Refuses(string function) =>
        Throws.TypeOf<InvalidTypeException>().With.Message.Contains(function);

    private static NDArray[] Sequences(params int[] lengths) => [.. lengths.Select((n, i) => FunctionTest.Uniform((n, 2), seed: i + 1))];

    private static NDArray[] Steps(NDArray[] xs) => [.. Enumerable.Range(0, xs[0].Shape[0])
        .Select(p => NDArray.Stack([.. xs.Where(x => x.Shape[0] > p).Select(x => x[p])]))];

    [TestCase(3, 2, 2, 1)]
    [TestCase(2, 2)]
    [TestCase(4)]
    [TestCase(3, 1, 0)]
    public void TransposeSequenceTurnsSequencesIntoSteps(params int[] lengths)
    {
        NDArray[] xs = Sequences(lengths);
        new FunctionTest(v => F.TransposeSequence(v)) { Expected = Steps, Ulps = 0.5 }.Run(xs);
    }

    [Test]
    public void TransposeSequenceTwiceGivesTheSequences()
    {
        NDArray[] xs = Sequences(3, 2, 2);
        Variable[] twice = F.TransposeSequence(F.TransposeSequence([.. xs.Select(x => (Variable)x)]));
        Assert.That(twice.Select(x => x.Array.ToArray<double>()), Is.EqualTo(xs.Select(x => x.ToArray<double>())));
        Assert.That(F.TransposeSequence([]), Is.Empty);
        Assert.That(F.TransposeSequence([NDArray.Zeros((0, 2))]), Is.Empty);
    }

    [Test]
    public void AStepThatNobodyUsesHasNoGradient()
    {
        var a = new Variable(NDArray.Ones(2, DType.Float64));
        var b = new Variable(NDArray.Ones(1, DType.Float64));
        F.Sum(F.TransposeSequence([a, b])[0]).Backward();
        Assert.That(a.Grad!.ToArray<double>(), Is.EqualTo(new double[] { 1, 0 }));
        Assert.That(b.Grad!.ToArray<double>(), Is.EqualTo(new double[] { 1 }));
    }

    [Test]
    public void PadSequence()
    {
        new FunctionTest(v => F.PadSequence(v))
        {
            Expected = xs => [Elements.Build((3, 4, 2), i => i[1] < xs[i[0]].Shape[0] ? xs[i[0]].At(i[1], i[2]) : 0)],
            Ulps = 0.5,
        }.Run(Sequences(2, 4, 0));
        new FunctionTest(v => F.PadSequence(v, 5, -1))
        {
            Expected = xs => [Elements.Build((2, 5), i => i[1] < xs[i[0]].Shape[0] ? xs[i[0]].At(i[1]) : -1)],
            Ulps = 0.5,
        }.Run(FunctionTest.Uniform(3), FunctionTest.Uniform(5));
        Variable integers = F.PadSequence([(NDArray)new[] { 1 }, (NDArray)new[] { 2, 3 }], padding: -1);
        Assert.That(integers.Array.ToArray<int>(), Is.EqualTo(new[] { 1, -1, 2, 3 }));
    }

    [Test]
    public void RefusesWhatDoesNotFit()
    {
        Variable[] xs = [.. Sequences(2, 3).Select(x => (Variable)x)];
        Assert.That(() => F.TransposeSequence(xs), Refuses("TransposeSequence"));
        Assert.That(() => F.TransposeSequence([xs[1], FunctionTest.Uniform((2, 3))]), Refuses("TransposeSequence"));
        Assert.That(() => F.TransposeSequence([FunctionTest.Uniform(Shape.Scalar)]), Refuses("TransposeSequence"));
        Assert.That(() => F.TransposeSequence([xs[1], F.Cast(xs[0], DType.Float32)]), Refuses("TransposeSequence"));
        Assert.That(() => F.PadSequence(xs, 2), Refuses("PadSequence"));
        Assert.That(() => F.PadSequence([xs[0], FunctionTest.Uniform((2, 3))]), Refuses("PadSequence"));
        Assert.That(() => F.PadSequence([]), Throws.ArgumentException);
        Assert.That(() => F.PadSequence(null!), Throws.ArgumentNullException);
    }
}
