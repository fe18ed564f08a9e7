using System.Text;
using NUnit.Framework;

namespace NativeChain.Tests.Arrays;

public class FilesTests : TemporaryFolder
{
    [Test]
    public void AnArrayComesBack([Values] DType dtype)
    {
        foreach (NDArray x in new NDArray[] { NDArray.Arange(24).Reshape((2, 3, 4)).AsType(dtype).T, NDArray.Zeros((0, 3), dtype), NDArray.Ones(Shape.Scalar, dtype) })
        {
            x.Save(At("x.npy"));
            NDArray y = NDArray.Load(At("x.npy"));
            Assert.That((y.DType, y.Shape), Is.EqualTo((dtype, x.Shape)));
            Assert.That(NDArray.ArrayEqual(y, x));
            NDArray.SaveNpz(At("x.npz"), x);
            Assert.That(NDArray.ArrayEqual(NDArray.Load(At("x.npz")), x));
        }
    }

    [Test]
    public void TheBytesAreThoseOfNumPy()
    {
        NDArray.Save(At("x.npy"), new[,] { { 1, 2, 3 }, { 4, 5, 6 } });
        string header = "{'descr': '<i4', 'fortran_order': False, 'shape': (2, 3), }".PadRight(117) + "\n";
        byte[] expected = [0x93, .. "NUMPY"u8, 1, 0, 118, 0, .. Encoding.ASCII.GetBytes(header), 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0, 5, 0, 0, 0, 6, 0, 0, 0];
        Assert.That(File.ReadAllBytes(At("x.npy")), Is.EqualTo(expected));
    }

    [Test]
    public void NamedArraysComeBack([Values] bool compression)
    {
        NDArray.SaveNpz(At("x.npz"), new Dictionary<string, NDArray> { ["a"] = NDArray.Arange(5), ["b/c"] = 2.5 }, compression);
        IReadOnlyDictionary<string, NDArray> back = NDArray.LoadNpz(At("x.npz"));
        Assert.That(back.Keys, Is.EqualTo(new[] { "a", "b/c" }));
        Assert.That(back["a"].ToArray<long>(), Is.EqualTo(new long[] { 0, 1, 2, 3, 4 }));
        Assert.That(back["b/c"].Item<double>(), Is.EqualTo(2.5));
        Assert.That(() => NDArray.Load(At("x.npz")), Throws.TypeOf<InvalidDataException>().With.Message.Contains("x.npz").And.Message.Contains("a, b/c"));
        NDArray.SaveNpz(At("x.npz"), NDArray.Arange(2), NDArray.Arange(3));
        Assert.That(NDArray.LoadNpz(At("x.npz")).Keys, Is.EqualTo(new[] { "arr_0", "arr_1" }));
    }

    [Test]
    public void AStreamHoldsSeveralBehindEachOther()
    {
        using MemoryStream stream = new();
        NDArray.Arange(3).Save(stream);
        NDArray.Ones((2, 2)).Save(stream);
        stream.Position = 0;
        Assert.That(NDArray.Load(stream).ToArray<long>(), Is.EqualTo(new long[] { 0, 1, 2 }));
        Assert.That(NDArray.Load(stream).Shape, Is.EqualTo((Shape)(2, 2)));
        Assert.That(() => NDArray.Load(stream), Throws.TypeOf<InvalidDataException>());
    }

    [Test]
    public void WhatFailsLeavesTheOldFile()
    {
        NDArray x = NDArray.Arange(3);
        x.Save(At("x.npy"));
        NDArray disposed = NDArray.Arange(4);
        disposed.Dispose();
        Assert.That(() => disposed.Save(At("x.npy")), Throws.TypeOf<ObjectDisposedException>());
        Assert.That(() => NDArray.SaveNpz(At("x.npy"), x, disposed), Throws.TypeOf<ObjectDisposedException>());
        Assert.That(() => NDArray.SaveNpz(At("x.npy"), x, null!), Throws.ArgumentNullException);
        Assert.That(NDArray.ArrayEqual(NDArray.Load(At("x.npy")), x));
        Assert.That(Directory.GetFiles(Folder), Has.Length.EqualTo(1));
        Assert.That(() => NDArray.Load(At("none.npy")), Throws.TypeOf<FileNotFoundException>());
    }

    [TestCase("(1000000000, 1000)", "<f4", "bytes follow")]
    [TestCase("(9000000000000000000, 9000000000000000000)", "<f4", "too large")]
    [TestCase("(3,)", "<f4", "bytes follow")]
    [TestCase("(-1,)", "<f4", "malformed")]
    [TestCase("(2,)", ">f4", ">f4")]
    [TestCase("()", "<U2", "no array")]
    [TestCase("(2,)", "<U99999999999999999999", "")]
    [TestCase("()", "|O", "pickled")]
    public void ALyingHeaderIsRefusedWithoutTakingMemory(string shape, string descr, string message)
    {
        string header = $"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}".PadRight(117) + "\n";
        File.WriteAllBytes(At("x.npy"), [0x93, .. "NUMPY"u8, 1, 0, 118, 0, .. Encoding.ASCII.GetBytes(header), .. new byte[8]]);
        long live = NativeMemory.GetStats().Live;
        Assert.That(
            () => NDArray.Load(At("x.npy")), Throws.TypeOf<InvalidDataException>().With.Message.Contains("x.npy").And.Message.Contains(message));
        Assert.That(NativeMemory.GetStats().Live - live, Is.LessThan(1 << 20));
    }

    [Test]
    public void EveryMutatedFileIsRefusedOrReadAsWhatItSays([Values("x.npy", "x.npz")] string name)
    {
        NDArray x = NDArray.Arange(20).Reshape((4, 5)).AsType(DType.Float32);
        if (name == "x.npy")
        {
            x.Save(At(name));
        }
        else
        {
            NDArray.SaveNpz(At(name), new Dictionary<string, NDArray> { ["x"] = x, ["y"] = x > 3 }, compression: true);
        }

        byte[] whole = File.ReadAllBytes(At(name));
        var random = new Random(7);
        for (int i = 0; i < 400; i++)
        {
            List<byte> mutated = [.. whole];
            for (int k = random.Next(1, 4); k > 0; k--)
            {
                // The header is where it hurts most.
                int at = random.Next(2) == 0 ? random.Next(mutated.Count) : random.Next(Math.Min(80, mutated.Count));
                switch (random.Next(4))
                {
                    case 0:
                        mutated[at] ^= (byte)(1 << random.Next(8));
                        break;
                    case 1:
                        mutated[at] = (byte)random.Next(256);
                        break;
                    case 2:
                        mutated.RemoveRange(at, Math.Min(random.Next(1, 9), mutated.Count - at - 1));
                        break;
                    default:
                        mutated.Insert(at, (byte)("0123456789(),'<f"[random.Next(16)]));
                        break;
                }
            }

            File.WriteAllBytes(At("mutated"), [.. mutated]);
            try
            {
                if (name == "x.npz")
                {
                    // Sums tell damage: what is read is what was written.
                    foreach ((string key, NDArray y) in NDArray.LoadNpz(At("mutated")))
                    {
                        NDArray expected = y.DType == DType.Bool ? x > 3 : x;
                        Assert.That(NDArray.ArrayEqual(y, expected), $"entry {key} of mutation {i}");
                    }
                }
                else
                {
                    NDArray y = NDArray.Load(At("mutated"));
                    Assert.That(mutated, Has.Count.EqualTo(128 + y.NBytes), $"mutation {i}");
                    _ = y.ToString();
                }
            }
            catch (InvalidDataException e)
            {
                Assert.That(e.Message, Does.Contain("mutated"), $"mutation {i}");
            }
        }
    }
}
