using System.Text.Json;
using NUnit.Framework;

namespace NativeChain.Tests.Arrays;

public class PrintingTests
{
    public static IEnumerable<TestCaseData> Cases() => NumPyTable.Cases("printing").Select((c, i) =>
        new TestCaseData(c).SetArgDisplayNames($"{i}", c.GetProperty("dtype").GetString()!, NumPyTable.Shape(c.GetProperty("shape")).ToString()));

    [TestCaseSource(nameof(Cases))]
    public void PrintsAsNumPy(JsonElement c)
    {
        NDArray x = NumPyTable.Array(
            c.GetProperty("bytes"), DTypes.Parse(c.GetProperty("dtype").GetString()!), NumPyTable.Shape(c.GetProperty("shape")));
        Assert.Multiple(() =>
        {
            Assert.That(x.ToString(), Is.EqualTo(c.GetProperty("str").GetString()));
            Assert.That(x.ToRepr(), Is.EqualTo(c.GetProperty("repr").GetString()));
        });
    }

    [Test]
    public void PrintsViewsAndBFloat16()
    {
        NDArray x = NDArray.Arange(6).Reshape((2, 3));
        Assert.Multiple(() =>
        {
            Assert.That(x.T.ToString(), Is.EqualTo("[[0 3]\n [1 4]\n [2 5]]"));
            Assert.That(x.BroadcastTo((2, 2, 3))[.., 0].ToString(), Is.EqualTo("[[0 1 2]\n [0 1 2]]"));
            Assert.That(((NDArray)new[] { 1.5f, 3f }).AsType(DType.BFloat16).ToRepr(), Is.EqualTo("array([1.5, 3. ], dtype=bfloat16)"));
        });
    }

    [Test]
    public void DisposedArrayStillHasText()
    {
        NDArray x = NDArray.Zeros(3);
        x.Dispose();
        Assert.That(x.ToString(), Does.Contain("disposed"));
    }
}
