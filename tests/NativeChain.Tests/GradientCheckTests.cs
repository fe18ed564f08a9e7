using NUnit.Framework;

namespace NativeChain.Tests;

[TestFixture]
public class GradientCheckTests
{
    /// <summary>The square, whose gradient is wrong by a factor.</summary>
    private sealed class Square(double factor) : FunctionNode
    {
        public override NDArray[] Forward(ReadOnlySpan<NDArray> inputs)
        {
            RetainInputs(0);
            return [inputs[0] * inputs[0]];
        }

        public override Variable?[] Backward(ReadOnlySpan<int> targetInputs, ReadOnlySpan<Variable?> gradOutputs) =>
            [2 * factor * GetRetainedInputs()[0] * gradOutputs[0]!];
    }

    private static readonly double[] s_x = [0.5, -1.5, 2, 0.1];
    private static readonly double[] s_gy = [1, 2, -1, 0.5];

    [Test]
    public void AcceptsARightGradientAndRefusesAWrongOne()
    {
        Assert.That(() => GradientCheck.CheckBackward(v => new Square(1).ApplySingle(v), s_x, s_gy), Throws.Nothing);
        Assert.That(
            () => GradientCheck.CheckBackward(v => new Square(1.01).ApplySingle(v), s_x, s_gy),
            Throws.TypeOf<GradientCheckException>().With.Message.Contains("finite differences"));
    }

    [Test]
    public void RefusesAGradientThatIsMissing()
    {
        Assert.That(
            () => GradientCheck.CheckBackward(v => { Variable y = v * v; y.Unchain(); return y; }, s_x, s_gy),
            Throws.TypeOf<GradientCheckException>());
    }

    [Test]
    public void ChecksSecondDerivatives()
    {
        Assert.That(
            () => GradientCheck.CheckDoubleBackward(v => [v[0] * v[0] * v[1]], [s_x, s_x], [s_gy]), Throws.Nothing);
        Assert.That(
            () => GradientCheck.CheckDoubleBackward(v => [new Square(1.01).ApplySingle(v[0])], [s_x], [s_gy]),
            Throws.Nothing,
            "the derivative of the wrong gradient is right");
    }

    [Test]
    public void ChecksParametersAndRestoresThem()
    {
        var p = new Parameter((NDArray)new double[] { 1, 2, 3, 4 });
        NDArray array = p.Array;
        GradientCheck.CheckBackward(v => [v[0] * p * p], [s_x], [s_gy], [p]);
        GradientCheck.CheckDoubleBackward(v => [v[0] * p * p], [s_x], [s_gy], null, [p]);
        Assert.That(p.Array, Is.SameAs(array));
        Assert.That(
            () => GradientCheck.CheckBackward(v => [v[0] * new Square(0.9).ApplySingle(p)], [s_x], [s_gy], [p]),
            Throws.TypeOf<GradientCheckException>());
        Assert.That(p.Array, Is.SameAs(array));
        Assert.That(array.ToArray<double>(), Is.EqualTo(new double[] { 1, 2, 3, 4 }));
    }

    [Test]
    public void IntegerInputsAreLeftAlone()
    {
        NDArray t = new int[] { 1, 0 };
        NDArray x = new double[,] { { 1, 2, 3 }, { 0.5, 0, -1 } };
        Assert.That(() => GradientCheck.CheckBackward(v => [F.SoftmaxCrossEntropy(v[0], v[1])], [x, t]), Throws.Nothing);
    }

    [Test]
    public void DifferencesMayBeComputedInFloat64ForFloat32Inputs()
    {
        Assert.That(
            () => GradientCheck.CheckBackward(
                v => [F.Sum(v[0] * v[0])], [new float[] { 100, 200, 300 }], dtype: DType.Float64, eps: 1e-3),
            Throws.Nothing);
    }

    [Test]
    public void NumericalGradDiffersEachElement()
    {
        NDArray x = s_x;
        NDArray[] g = GradientCheck.NumericalGrad(() => [x * x], [x], [s_gy]);
        double[] expected = [.. s_x.Zip(s_gy, (a, b) => 2 * a * b)];
        Assert.That(g[0].ToArray<double>(), Is.EqualTo(expected).Within(1e-9));
        Assert.That(x.ToArray<double>(), Is.EqualTo(s_x));
    }

    [Test]
    public void RefusesWhatDoesNotBelongTogether()
    {
        Assert.That(() => GradientCheck.CheckBackward(v => v * v, s_x), Throws.ArgumentException);
        Assert.That(() => GradientCheck.CheckBackward(v => [v[0]], [s_x], [s_gy, s_gy]), Throws.ArgumentException);
        Assert.That(() => GradientCheck.CheckBackward(v => v * v, s_x, new double[] { 1 }), Throws.ArgumentException);
        Assert.That(() => GradientCheck.CheckBackward(v => [v[0]], [s_x], [s_gy], dtype: DType.Int32), Throws.ArgumentException);
    }
}
