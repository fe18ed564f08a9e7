using NUnit.Framework;

namespace NativeChain.Tests.Functions;

[TestFixture]
public class EinsumTests
{
    private static NUnit.Framework.Constraints.Constraint Refuses(string function) =>
        Throws.TypeOf<InvalidTypeException>().With.Message.Contains(function);

    private static NDArray[] Arrays(params Shape[] shapes) => [.. shapes.Select((shape, i) => FunctionTest.Uniform(shape, seed: i + 1))];

    private static void Check(string subscripts, Func<NDArray[], NDArray> expected, params Shape[] shapes) =>
        new FunctionTest(x => F.Einsum(subscripts, x)) { Expected = x => [expected(x)], Ulps = 16 }.Run(Arrays(shapes));

    private static double Sum(int n, Func<int, double> term) => Enumerable.Range(0, n).Sum(term);

    [Test]
    public void ProductsAndSums()
    {
        Check("ij,jk->ik", x => Elements.Build((2, 4), i => Sum(3, j => x[0].At(i[0], j) * x[1].At(j, i[1]))), (2, 3), (3, 4));
        Check("ij,jk->ki", x => Elements.Build((4, 2), i => Sum(3, j => x[0].At(i[1], j) * x[1].At(j, i[0]))), (2, 3), (3, 4));
        Check("i,j", x => Elements.Build((2, 3), i => x[0].At(i[0]) * x[1].At(i[1])), 2, 3);
        Check("ij,ij->", x => Elements.Build(Shape.Scalar, _ => Sum(6, k => x[0].At(k / 3, k % 3) * x[1].At(k / 3, k % 3))), (2, 3), (2, 3));
        Check("i,ij,j->", x => Elements.Build(Shape.Scalar, _ => Sum(6, k => x[0].At(k / 3) * x[1].At(k / 3, k % 3) * x[2].At(k % 3))), 2, (2, 3), 3);
        Check("...ij,...jk->...ik", x => Elements.Build((2, 1, 2), i => Sum(3, j => x[0].At(i[0], i[1], j) * x[1].At(i[0], j, i[2]))), (2, 1, 3), (2, 3, 2));
        Check("ij,jk->ik", x => NDArray.Zeros((2, 3), DType.Float64), (2, 0), (0, 3));
    }

    [Test]
    public void SingleOperands()
    {
        Check("ij->ji", x => Elements.Build((3, 2), i => x[0].At(i[1], i[0])), (2, 3));
        Check("ij->", x => Elements.Build(Shape.Scalar, _ => Sum(6, k => x[0].At(k / 3, k % 3))), (2, 3));
        Check("ij->j", x => Elements.Build(3, i => Sum(2, k => x[0].At(k, i[0]))), (2, 3));
        Check("ii->i", x => Elements.Build(3, i => x[0].At(i[0], i[0])), (3, 3));
        Check("ii", x => Elements.Build(Shape.Scalar, _ => Sum(3, k => x[0].At(k, k))), (3, 3));
        Check("iji->j", x => Elements.Build(3, i => Sum(2, k => x[0].At(k, i[0], k))), (2, 3, 2));
        Check("i...->...i", x => Elements.Build((3, 1, 2), i => x[0].At(i[2], i[0], i[1])), (2, 3, 1));
    }

    [Test]
    public void DiagonalsAmongProducts()
    {
        Check("iij,j->i", x => Elements.Build(2, i => Sum(3, k => x[0].At(i[0], i[0], k) * x[1].At(k))), (2, 2, 3), 3);
        Check("ii,jj->", x => Elements.Build(Shape.Scalar, _ => Sum(2, k => x[0].At(k, k)) * Sum(3, k => x[1].At(k, k))), (2, 2), (3, 3));
    }

    [Test]
    public void MixedDTypesPromoteAndGradientsKeepTheirs()
    {
        var a = new Variable(NDArray.Ones((2, 2), DType.Float32));
        var b = new Variable(NDArray.Ones((2, 2), DType.Float64));
        Variable y = F.Einsum("ij,jk->", a, b);
        Assert.That(y.DType, Is.EqualTo(DType.Float64));
        y.Backward();
        Assert.That(a.Grad!.DType, Is.EqualTo(DType.Float32));
        Assert.That(a.Grad!.ToArray<float>(), Is.All.EqualTo(2));
        Assert.That(b.Grad!.ToArray<double>(), Is.All.EqualTo(2));
    }

    [Test]
    public void EinsumRefusesWhatDoesNotFit()
    {
        Variable[] x = [.. Arrays((2, 3), (3, 4)).Select(a => (Variable)a)];
        Assert.That(() => F.Einsum("ij,jk->il", x), Throws.ArgumentException);
        Assert.That(() => F.Einsum("ij->ij", x), Throws.ArgumentException);
        Assert.That(() => F.Einsum("i?,jk", x), Throws.ArgumentException.Or.TypeOf<InvalidTypeException>());
        Assert.That(() => F.Einsum("ij,ik->jk", x), Refuses("Einsum"));
        Assert.That(() => F.Einsum("i,jk->ik", x), Refuses("Einsum"));
        Assert.That(() => F.Einsum("...,...->...", FunctionTest.Uniform((2, 3)), FunctionTest.Uniform(3)), Refuses("Einsum"));
        Assert.That(() => F.Einsum("...,...->...", FunctionTest.Uniform(3), FunctionTest.Uniform(1)), Refuses("Einsum"));
        Assert.That(() => F.Einsum("i", NDArray.Zeros(2, DType.Int32)), Refuses("Einsum"));
        Assert.That(() => F.Einsum("i"), Throws.ArgumentException);
        Assert.That(() => F.Einsum(null!, x), Throws.ArgumentNullException);
    }

    [Test]
    public void TensorDot()
    {
        void CheckDot(Func<Variable, Variable, Variable> function, Func<NDArray, NDArray, NDArray> expected, Shape a, Shape b) =>
            new FunctionTest(x => function(x[0], x[1])) { Expected = x => [expected(x[0], x[1])], Ulps = 16 }.Run(Arrays(a, b));

        CheckDot((a, b) => F.TensorDot(a, b), (a, b) => Elements.Build((2, 2), i => Sum(6, k => a.At(i[0], k / 3, k % 3) * b.At(k / 3, k % 3, i[1]))), (2, 2, 3), (2, 3, 2));
        CheckDot((a, b) => F.TensorDot(a, b, 1), (a, b) => Elements.Build((2, 4), i => Sum(3, k => a.At(i[0], k) * b.At(k, i[1]))), (2, 3), (3, 4));
        CheckDot((a, b) => F.TensorDot(a, b, 0), (a, b) => Elements.Build((2, 3), i => a.At(i[0]) * b.At(i[1])), 2, 3);
        CheckDot(
            (a, b) => F.TensorDot(a, b, ((1, 2), (2, 0))),
            (a, b) => Elements.Build((2, 2), i => Sum(6, k => a.At(i[0], k / 2, k % 2) * b.At(k % 2, i[1], k / 2))), (2, 3, 2), (2, 2, 3));
        CheckDot((a, b) => F.TensorDot(a, b, (0, -1)), (a, b) => Elements.Build((3, 4), i => Sum(2, k => a.At(k, i[0]) * b.At(i[1], k))), (2, 3), (4, 2));
        NDArray x = FunctionTest.Uniform((2, 3));
        Assert.That(() => F.TensorDot(x, x, 1), Throws.ArgumentException.With.Message.Contains("TensorDot"));
        Assert.That(() => F.TensorDot(x, x, 3), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => F.TensorDot(x, x, (0, (0, 1))), Throws.ArgumentException);
        Assert.That(() => F.TensorDot(x, x, ((0, 0), (0, 0))), Throws.ArgumentException);
        Assert.That(() => F.TensorDot(x, NDArray.Zeros((3, 2), DType.Int32), 1), Refuses("TensorDot"));
    }
}
