using NUnit.Framework;

namespace NativeChain.Tests;

[TestFixture]
public class VariableTests
{
    private static float[] Floats(NDArray? array) => array!.ToArray<float>();

    [Test]
    public void PolynomialHasValue16AndGradient8At5()
    {
        var x = new Variable(new float[] { 5 });
        Variable y = (x * x) - (2 * x) + 1;
        Assert.That(Floats(y.Array), Is.EqualTo(new float[] { 16 }));
        y.Backward();
        Assert.That(Floats(x.Grad), Is.EqualTo(new float[] { 8 }));
    }

    [Test]
    public void AMatrixNeedsAGradientToStartFrom()
    {
        var x = new Variable(new float[,] { { 1, 2, 3 }, { 4, 5, 6 } });
        Variable y = (x * x) - (2 * x) + 1;
        Assert.That(
            () => y.Backward(),
            Throws.InvalidOperationException.With.Message.Contains("(2, 3)").And.Message.Contains("F.Sum").And.Message.Contains("Grad"));
        Assert.That(x.Grad, Is.Null, "a refused call changes nothing");
        y.Grad = NDArray.Ones((2, 3));
        y.Backward();
        Assert.That(Floats(x.Grad), Is.EqualTo(new float[] { 0, 2, 4, 6, 8, 10 }));
    }

    [Test]
    public void BackwardAddsToTheGradientOfLeaves()
    {
        var x = new Variable(new float[] { 3 });
        for (int i = 1; i <= 3; i++)
        {
            (x * x).Backward();
            Assert.That(Floats(x.Grad), Is.EqualTo(new float[] { 6 * i }));
        }
        x.ClearGrad();
        Assert.That(x.Grad, Is.Null);
        (x * x).Backward();
        Assert.That(Floats(x.Grad), Is.EqualTo(new float[] { 6 }));
    }

    [Test]
    public void BackwardAgainOnTheSameGraph()
    {
        var x = new Variable(new float[] { 3 });
        Variable h = x * x;
        Variable y = h * x;
        y.Backward();
        y.Backward();
        Assert.That(Floats(x.Grad), Is.EqualTo(new float[] { 54 }));
    }

    [Test]
    public void AGradientThatWasReadIsNotWrittenInto()
    {
        var x = new Variable(new float[] { 3 });
        Variable y = x * x * x;
        y.Backward();
        NDArray first = x.Grad!;
        y.Backward();
        Assert.That(Floats(first), Is.EqualTo(new float[] { 27 }));
        Assert.That(Floats(x.Grad), Is.EqualTo(new float[] { 54 }));
        x.ClearGrad();
        Assert.That(Floats(first), Is.EqualTo(new float[] { 27 }));
    }

    [Test]
    public void OneVariableInManyPlaces()
    {
        var x = new Variable(new float[] { 2 });
        Variable y = x + x + x + (x * x) + (x * x * x);
        y.Backward();
        Assert.That(Floats(x.Grad), Is.EqualTo(new float[] { 3 + 4 + 12 }));
    }

    [Test]
    public void IntermediateGradientsAreDroppedUnlessRetained()
    {
        var x = new Variable(new float[] { 2 });
        Variable h = x * x;
        Variable y = 3 * h;
        y.Backward();
        Assert.That(h.Grad, Is.Null);
        Assert.That(y.Grad, Is.Null);
        x.ClearGrad();
        y.Backward(retainGrad: true);
        Assert.That(Floats(h.Grad), Is.EqualTo(new float[] { 3 }));
        Assert.That(Floats(y.Grad), Is.EqualTo(new float[] { 1 }));
        Assert.That(Floats(x.Grad), Is.EqualTo(new float[] { 12 }));
    }

    [Test]
    public void ALeafTakesItsOwnGradient()
    {
        var x = new Variable(new float[] { 2 });
        x.Backward();
        Assert.That(Floats(x.Grad), Is.EqualTo(new float[] { 1 }));
    }

    [Test]
    public void LossScaleMultipliesTheInitialGradientAndIsNoted()
    {
        var x = new Variable(new float[] { 3 });
        Variable y = x * x;
        y.Backward(lossScale: 128);
        Assert.That(Floats(x.Grad), Is.EqualTo(new float[] { 6 * 128 }));
        Assert.That(x.Node.LossScale, Is.EqualTo(128));
        x.ClearGrad();
        Assert.That(x.Node.LossScale, Is.Null);
        y.Grad = new float[] { 1 };
        y.Backward(lossScale: 128);
        Assert.That(Floats(x.Grad), Is.EqualTo(new float[] { 6 }), "a given gradient is taken as it is");
    }

    [Test]
    public void AnOptimizerDividesByTheLossScaleOnce()
    {
        var link = new NativeChain.Links.Linear(1, 1, nobias: true, initialW: 2.0);
        var optimizer = new NativeChain.Optimizers.SGD(0.5);
        optimizer.Setup(link);
        Variable y = F.Sum(link.Call((NDArray)new float[,] { { 3 } }));
        y.Backward(lossScale: 64);
        Assert.That(Floats(link.W.Grad), Is.EqualTo(new float[] { 192 }));
        optimizer.Update();
        Assert.That(Floats(link.W.Array), Is.EqualTo(new float[] { 0.5f }));
        Assert.That(Floats(link.W.Grad), Is.EqualTo(new float[] { 3 }));
        optimizer.Update();
        Assert.That(Floats(link.W.Array), Is.EqualTo(new float[] { -1 }));
    }

    [Test]
    public void GradientOfGradientOfGradient()
    {
        var x = new Variable(new double[] { 2 });
        Variable y = x * x * x * x;
        y.Backward(enableDoubleBackprop: true);
        Variable gx = x.GradVar!;
        Assert.That(gx.Array.ToArray<double>(), Is.EqualTo(new double[] { 32 }));
        x.ClearGrad();
        gx.Backward(enableDoubleBackprop: true);
        Variable ggx = x.GradVar!;
        Assert.That(ggx.Array.ToArray<double>(), Is.EqualTo(new double[] { 48 }));
        x.ClearGrad();
        ggx.Backward();
        Assert.That(x.Grad!.ToArray<double>(), Is.EqualTo(new double[] { 48 }));
    }

    [Test]
    public void WithoutDoubleBackpropAGradientHasNoGraph()
    {
        var x = new Variable(new float[] { 2 });
        (x * x).Backward();
        Assert.That(x.GradVar!.Creator, Is.Null);
    }

    [Test]
    public void UnchainStopsBackward()
    {
        var x = new Variable(new float[] { 2 });
        Variable h = x * x;
        Variable y = h * h;
        h.Unchain();
        y.Backward();
        Assert.That(x.Grad, Is.Null);
        Assert.That(Floats(h.Grad), Is.EqualTo(new float[] { 8 }));
    }

    [Test]
    public void UnchainBackwardCutsTheWholeGraph()
    {
        var x = new Variable(new float[] { 2 });
        Variable h = x * x;
        Variable y = h * x;
        Variable z = y * y;
        y.UnchainBackward();
        Assert.That(y.Creator, Is.Null);
        Assert.That(h.Creator, Is.Null);
        z.Backward();
        Assert.That(x.Grad, Is.Null);
        Assert.That(Floats(y.Grad), Is.EqualTo(new float[] { 16 }));
    }

    [Test]
    public void NoBackpropModeRecordsNothing()
    {
        var x = new Variable(new float[] { 2 });
        Variable y;
        using (Config.NoBackpropMode())
        {
            y = x * x;
            using (Config.ForceBackpropMode())
            {
                Assert.That((x * x).Creator, Is.Not.Null);
            }
        }
        Assert.That(y.Creator, Is.Null);
        Assert.That(y.RequiresGrad, Is.True);
        y.Backward();
        Assert.That(x.Grad, Is.Null);
    }

    [Test]
    public async Task NoBackpropModeFollowsTheFlowOfExecution()
    {
        var x = new Variable(new float[] { 2 });
        using (Config.NoBackpropMode())
        {
            await Task.Yield();
            Assert.That((x * x).Creator, Is.Null);
            Variable inTask = await Task.Run(() => x * x);
            Assert.That(inTask.Creator, Is.Null);
        }
        Assert.That((x * x).Creator, Is.Not.Null);
    }

    [Test]
    public void ConstantsTakeNoGradient()
    {
        var x = new Variable(new float[] { 2 });
        var c = new Variable(new float[] { 3 }, requiresGrad: false);
        Variable y = x * c;
        y.Backward();
        Assert.That(c.Grad, Is.Null);
        Assert.That(Floats(x.Grad), Is.EqualTo(new float[] { 3 }));
        Assert.That((c * c).Creator, Is.Null, "nothing is recorded where nothing requires a gradient");
    }

    [Test]
    public void ABroadcastGradientOfALeafIsAnArrayOfItsOwn()
    {
        var x = new Variable(new float[,] { { 1, 2 }, { 3, 4 } });
        F.Sum(x).Backward();
        x.Grad![0, 0] = 7f;
        Assert.That(Floats(x.Grad), Is.EqualTo(new float[] { 7, 1, 1, 1 }));
    }

    [Test]
    public void AGradientOfAnotherShapeOrDTypeIsRefused()
    {
        var x = new Variable(new float[] { 1, 2 });
        Assert.That(() => x.Grad = new float[] { 1 }, Throws.TypeOf<InvalidTypeException>().With.Message.Contains("(2,)"));
        Assert.That(() => x.Grad = new double[] { 1, 2 }, Throws.TypeOf<InvalidTypeException>().With.Message.Contains("float32"));
        Assert.That(x.Grad, Is.Null);
    }

    [Test]
    public void ZeroGradFills()
    {
        var x = new Variable(new float[] { 1, 2 });
        x.ZeroGrad();
        Assert.That(Floats(x.Grad), Is.EqualTo(new float[] { 0, 0 }));
    }

    [Test]
    public void AddGradAdds()
    {
        var a = new Variable(new float[] { 1, 2 }, grad: new float[] { 1, 2 });
        var b = new Variable(new float[] { 1, 2 }, grad: new float[] { 10, 20 });
        var empty = new Variable(new float[] { 1, 2 });
        a.AddGrad(b);
        a.AddGrad(empty);
        Assert.That(Floats(a.Grad), Is.EqualTo(new float[] { 11, 22 }));
        Assert.That(Floats(b.Grad), Is.EqualTo(new float[] { 10, 20 }));
        empty.AddGrad(b);
        Assert.That(Floats(empty.Grad), Is.EqualTo(new float[] { 10, 20 }));
    }

    [Test]
    public void CopyDataCopiesIntoTheArray()
    {
        var a = new Variable(new float[] { 1, 2 });
        NDArray array = a.Array;
        a.CopyData(new Variable(new float[] { 3, 4 }));
        Assert.That(Floats(array), Is.EqualTo(new float[] { 3, 4 }));
        Assert.That(() => a.CopyData(new Variable(new float[] { 1 })), Throws.ArgumentException);
    }

    [Test]
    public void AVariableWithoutDataSaysSo()
    {
        var x = new Variable(name: "x");
        Assert.That(x.ArrayOrNull, Is.Null);
        Assert.That(() => x.Array, Throws.InvalidOperationException.With.Message.Contains("x"));
        Assert.That(() => x.Shape, Throws.InvalidOperationException);
        Assert.That(() => x * x, Throws.ArgumentException);
        Assert.That(() => x.Backward(), Throws.InvalidOperationException);
    }

    [Test]
    public void RankCountsFunctions()
    {
        var x = new Variable(new float[] { 2 });
        Variable y = x * x;
        Variable z = (y * y) + x;
        Assert.That(new[] { x.Rank, y.Rank, z.Rank }, Is.EqualTo(new[] { 0, 1, 3 }));
    }

    [Test]
    public void ALongChainNeedsNoStack()
    {
        var x = new Variable(new float[] { 1 });
        Variable y = x;
        for (int i = 0; i < 20000; i++)
        {
            y = y + x;
        }
        y.Backward();
        Assert.That(Floats(x.Grad), Is.EqualTo(new float[] { 20001 }));
        y.UnchainBackward();
    }

    [Test]
    public void ADisposedArrayIsRefused()
    {
        NDArray array = new float[] { 1, 2 };
        var x = new Variable(array);
        Variable y = x * x;
        array.Dispose();
        Assert.That(() => x + x, Throws.TypeOf<ObjectDisposedException>());
        y.Grad = NDArray.Ones(2);
        Assert.That(() => y.Backward(), Throws.TypeOf<ObjectDisposedException>());
        Assert.That(Floats(y.Grad), Is.EqualTo(new float[] { 1, 1 }), "a failed backward leaves the gradient it started from");
        Assert.That(x.Grad, Is.Null);
    }

    [Test]
    public void DebugModeNamesTheFunctionThatMadeANaN()
    {
        using (Config.Using(debug: true))
        {
            var x = new Variable(new float[] { -1 });
            Assert.That(() => F.Log(x), Throws.TypeOf<NotFiniteNumberException>().With.Message.Contains("Log"));
            var zero = new Variable(new float[] { 0 });
            Variable y = F.Sqrt(zero) * 0;
            Assert.That(() => y.Backward(), Throws.TypeOf<NotFiniteNumberException>().With.Message.Contains("Sqrt"));
            Assert.That(zero.Grad, Is.Null);
        }
    }

    [Test]
    public void ToStringPrintsNameAndData()
    {
        Assert.That(new Variable(new float[] { 1, 2 }).ToString(), Is.EqualTo("variable([1. 2.])"));
        Assert.That(new Variable(new float[] { 1, 2 }, name: "x").ToString(), Is.EqualTo("variable x([1. 2.])"));
        Assert.That(new Variable().ToString(), Is.EqualTo("variable(None)"));
    }

    [Test]
    public void GradientsFlowThroughViews()
    {
        var x = new Variable(new float[,] { { 1, 2, 3 }, { 4, 5, 6 } });
        Variable y = F.Sum(x.T[1..] * x.T[1..]);
        y.Backward();
        Assert.That(Floats(x.Grad), Is.EqualTo(new float[] { 0, 4, 6, 0, 10, 12 }));
    }
}
