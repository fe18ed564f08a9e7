using System.IO.Compression;
using NativeChain.Optimizers;
using NUnit.Framework;
using L = NativeChain.Links;

namespace NativeChain.Tests.Serializers;

[TestFixture]
public class NpzTests : TemporaryFolder
{
    [TestCase(true)]
    [TestCase(false)]
    public void ArraysOfEveryDTypeComeBackAsTheyWere(bool compression)
    {
        Dictionary<string, NDArray> arrays = new()
        {
            ["b"] = new[] { true, false, true },
            ["u1"] = new byte[] { 0, 255 },
            ["i4"] = new[] { int.MinValue, 7 },
            ["i8"] = new[,] { { long.MaxValue, 1 }, { -1, 0 } },
            ["f2"] = new[] { (Half)0.5, Half.NaN },
            ["bf2"] = NDArray.Arange(5.0).AsType(DType.BFloat16),
            ["f4"] = NDArray.Arange(24.0).AsType(DType.Float32).Reshape((2, 3, 4)),
            ["f8"] = 2.5,
            ["empty"] = NDArray.Zeros((0, 3)),
            ["nested/view"] = NDArray.Arange(12.0).Reshape((3, 4)).T,
            ["rows"] = NDArray.Arange(12.0).Reshape((3, 4))[1..],
        };
        string file = At("a.npz");
        NativeChain.Serializers.SaveNpz(file, arrays, compression);
        using NpzFile npz = NpzFile.Open(file);
        Assert.That(npz.Keys, Is.EquivalentTo(arrays.Keys));
        foreach ((string name, NDArray array) in arrays)
        {
            Assert.That(npz[name].DType, Is.EqualTo(array.DType), name);
            Assert.That(npz[name].Shape, Is.EqualTo(array.Shape), name);
            Assert.That(npz[name].ToString(), Is.EqualTo(array.ToString()), name);
        }
    }

    [Test]
    public void ALargeArrayComesBack()
    {
        NDArray x = NDArray.Arange(3_000_001.0).AsType(DType.Float32);
        NativeChain.Serializers.SaveNpz(At("a.npz"), new Dictionary<string, NDArray> { ["x"] = x });
        using NpzFile npz = NpzFile.Open(At("a.npz"));
        Assert.That(npz["x"].ToArray<float>(), Is.EqualTo(x.ToArray<float>()));
    }

    [Test]
    public void OnlyWhatDeflateMakesSmallerIsDeflated()
    {
        NDArray noise = NDArray.Random.Normal(shape: (300, 200)).AsType(DType.Float32), zeros = NDArray.Zeros((300, 200), DType.Float32);
        NativeChain.Serializers.SaveNpz(At("a.npz"), new Dictionary<string, NDArray> { ["noise"] = noise, ["part"] = noise[1..], ["zeros"] = zeros });
        using (ZipArchive zip = ZipFile.OpenRead(At("a.npz")))
        {
            Assert.That(zip.GetEntry("noise.npy")!.CompressedLength, Is.EqualTo(zip.GetEntry("noise.npy")!.Length));
            Assert.That(zip.GetEntry("zeros.npy")!.CompressedLength, Is.LessThan(10_000));
        }
        using NpzFile npz = NpzFile.Open(At("a.npz"));
        Assert.That(npz["noise"].ToArray<float>(), Is.EqualTo(noise.ToArray<float>()));
        Assert.That(npz["part"].ToArray<float>(), Is.EqualTo(noise[1..].ToArray<float>()));
        Assert.That(npz["zeros"].ToArray<float>(), Is.All.Zero);
    }

    [Test]
    public void ModelsAndOptimizersComeBack()
    {
        Mlp from = new(), to = new();
        Optimizer saved = new Adam().Setup(from), loaded = new Adam().Setup(to);
        saved.Update(() => F.Sum(from.Call(NDArray.Ones((2, 3)))));
        NativeChain.Serializers.SaveNpz(At("model.npz"), from);
        NativeChain.Serializers.SaveNpz(At("optimizer.npz"), saved);
        NativeChain.Serializers.LoadNpz(At("model.npz"), to);
        NativeChain.Serializers.LoadNpz(At("optimizer.npz"), loaded);
        Assert.That(loaded.T, Is.EqualTo(1));
        foreach ((Parameter a, Parameter b) in from.Params().Zip(to.Params()))
        {
            Assert.That(b.Array.ToArray<float>(), Is.EqualTo(a.Array.ToArray<float>()));
            Assert.That(b.UpdateRule!.State!["m"].ToArray<float>(), Is.EqualTo(a.UpdateRule!.State!["m"].ToArray<float>()));
            Assert.That(b.UpdateRule.T, Is.EqualTo(1));
        }
        using NpzFile npz = NpzFile.Open(At("optimizer.npz"));
        Assert.That(npz.Keys, Is.EquivalentTo(new[]
        {
            "t", "epoch", "l1/W/t", "l1/W/m", "l1/W/v", "l1/b/t", "l1/b/m", "l1/b/v", "l2/W/t", "l2/W/m", "l2/W/v", "l2/b/t", "l2/b/m", "l2/b/v",
        }));
    }

    [Test]
    public void AnUninitializedParameterIsNoneAndStaysSo()
    {
        NativeChain.Serializers.SaveNpz(At("a.npz"), new L.Linear(null, 2));
        L.Linear link = new(null, 2);
        NativeChain.Serializers.LoadNpz(At("a.npz"), link);
        Assert.That(link.W.IsInitialized, Is.False);
        L.Linear full = new(3, 2);
        NativeChain.Serializers.SaveNpz(At("b.npz"), full);
        NativeChain.Serializers.LoadNpz(At("b.npz"), link);
        Assert.That(link.W.Array.ToArray<float>(), Is.EqualTo(full.W.Array.ToArray<float>()));
    }

    [Test]
    public void APartOfAFileIsLoadedByItsPath()
    {
        Mlp model = new();
        model.Call(NDArray.Ones((1, 3)));
        NativeChain.Serializers.SaveNpz(At("a.npz"), model);
        L.Linear link = new(3, 4);
        NativeChain.Serializers.LoadNpz(At("a.npz"), link, path: "l1/");
        Assert.That(link.W.Array.ToArray<float>(), Is.EqualTo(model.L1.W.Array.ToArray<float>()));
    }

    [Test]
    public void AMissingEntryChangesNothingAndIsNamed()
    {
        NativeChain.Serializers.SaveNpz(At("a.npz"), new Dictionary<string, NDArray> { ["W"] = NDArray.Ones((2, 3)) });
        L.Linear link = new(3, 2, initialW: 0.0);
        Assert.That(
            () => NativeChain.Serializers.LoadNpz(At("a.npz"), link),
            Throws.TypeOf<KeyNotFoundException>().With.Message.Contains("a.npz").And.Message.Contains("entry b"));
        Assert.That(link.W.Array.ToArray<float>(), Is.All.EqualTo(0f));
        NativeChain.Serializers.LoadNpz(At("a.npz"), link, strict: false);
        Assert.That(link.W.Array.ToArray<float>(), Is.All.EqualTo(1f));
    }

    [Test]
    public void AnEntryOfAnotherShapeChangesNothingAndIsNamed()
    {
        NativeChain.Serializers.SaveNpz(
            At("a.npz"), new Dictionary<string, NDArray> { ["W"] = NDArray.Ones((2, 3)), ["b"] = NDArray.Ones(5) });
        L.Linear link = new(3, 2, initialW: 0.0);
        Assert.That(
            () => NativeChain.Serializers.LoadNpz(At("a.npz"), link),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("a.npz: entry b has shape (5,), not (2,)"));
        Assert.That(link.W.Array.ToArray<float>(), Is.All.EqualTo(0f));
    }

    [Test]
    public void WhatIsNoZipIsRefused()
    {
        File.WriteAllText(At("a.npz"), "no zip at all");
        Refuse("a.npz");
        File.WriteAllBytes(At("a.npz"), []);
        Refuse("a.npz");
        Assert.That(() => NpzFile.Open(At("none.npz")), Throws.TypeOf<FileNotFoundException>());
    }

    [Test]
    public void ATruncatedFileIsRefusedWhereverItEnds()
    {
        NativeChain.Serializers.SaveNpz(At("whole.npz"), new Mlp());
        byte[] whole = File.ReadAllBytes(At("whole.npz"));
        for (int length = 0; length < whole.Length; length += 1 + (whole.Length / 50))
        {
            File.WriteAllBytes(At("a.npz"), whole[..length]);
            Refuse("a.npz");
        }
    }

    [Test]
    public void EveryDamagedByteOfAnArrayIsNoticed()
    {
        NativeChain.Serializers.SaveNpz(At("whole.npz"), new Dictionary<string, NDArray> { ["x"] = NDArray.Arange(100.0) }, compression: false);
        byte[] whole = File.ReadAllBytes(At("whole.npz"));
        for (int i = 200; i < 800; i += 37)
        {
            byte[] damaged = [.. whole];
            damaged[i] ^= 0x40;
            File.WriteAllBytes(At("a.npz"), damaged);
            Assert.That(
                () => Read("a.npz"), Throws.TypeOf<InvalidDataException>().With.Message.Contains("a.npz: entry x"), $"byte {i}");
        }
    }

    [Test]
    public void ADamagedFileIsRefusedOrReadWhateverTheDamage([Values] bool compression)
    {
        NativeChain.Serializers.SaveNpz(At("whole.npz"), new L.Linear(3, 2), compression);
        byte[] whole = File.ReadAllBytes(At("whole.npz"));
        Random random = new(1);
        for (int i = 0; i < 500; i++)
        {
            byte[] damaged = [.. whole];
            for (int k = random.Next(1, 4); k > 0; k--)
            {
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            }
            File.WriteAllBytes(At("a.npz"), damaged);
            try
            {
                NativeChain.Serializers.LoadNpz(At("a.npz"), new L.Linear(3, 2));
            }
            catch (Exception e) when (e is InvalidDataException or KeyNotFoundException)
            {
                Assert.That(e.Message, Does.Contain("a.npz"));
            }
        }
    }

    [TestCase("(1000000000, 1000)", "<f4", "bytes follow")]
    [TestCase("(9000000000000000000, 9000000000000000000)", "<f4", "too large")]
    [TestCase("(3,)", "<f4", "bytes follow")]
    [TestCase("(-1,)", "<f4", "malformed")]
    [TestCase("(1,) * 3", "<f4", "malformed")]
    [TestCase("(2,)", ">f4", ">f4")]
    [TestCase("(2,)", "<U99999999999999999999", "")]
    [TestCase("()", "|O", "pickled")]
    [TestCase("(1, 1, 1, 1, 1, 1, 1, 1, 2)", "<f4", "9 axes")]
    public void ALyingHeaderIsRefusedWithoutTakingMemory(string shape, string descr, string message)
    {
        WriteEntry("a.npz", "x", $"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}", new byte[8]);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.That(
            () => Read("a.npz"),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("a.npz: entry x").And.Message.Contains(message));
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(1 << 20));
    }

    [Test]
    public void AZipThatLiesAboutItsLengthsIsRefused()
    {
        WriteEntry("a.npz", "x", "{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000,), }", new byte[8]);
        byte[] bytes = File.ReadAllBytes(At("a.npz"));
        // The uncompressed length of the one entry, in the central directory.
        int central = bytes.AsSpan().LastIndexOf("PK\u0001\u0002"u8);
        BitConverter.TryWriteBytes(bytes.AsSpan(central + 24), 128 + 4_000_000_000u);
        File.WriteAllBytes(At("a.npz"), bytes);
        Assert.That(() => Read("a.npz"), Throws.TypeOf<InvalidDataException>().With.Message.Contains("a.npz: entry x"));
    }

    [Test]
    public void FortranOrderIsUnderstood()
    {
        float[] columns = [1, 4, 2, 5, 3, 6];
        byte[] bytes = new byte[24];
        Buffer.BlockCopy(columns, 0, bytes, 0, 24);
        WriteEntry("a.npz", "x", "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }", bytes);
        using NpzFile npz = NpzFile.Open(At("a.npz"));
        Assert.That(npz["x"].ToArray<float>(), Is.EqualTo(new float[] { 1, 2, 3, 4, 5, 6 }));
    }

    [Test]
    public void TextsOfEveryCharacterComeBack()
    {
        Texts from = new() { Text = "[\"main/loss\", \"\u00e4\U0001F600\"]" }, to = new();
        NativeChain.Serializers.SaveNpz(At("a.npz"), from);
        NativeChain.Serializers.LoadNpz(At("a.npz"), to);
        Assert.That(to.Text, Is.EqualTo(from.Text));
        from.Text = "";
        NativeChain.Serializers.SaveNpz(At("a.npz"), from);
        NativeChain.Serializers.LoadNpz(At("a.npz"), to);
        Assert.That(to.Text, Is.Empty);
    }

    [Test]
    public void AFailedSaveLeavesTheOldFileAndNothingElse()
    {
        L.Linear link = new(3, 2, initialW: 1.0);
        NativeChain.Serializers.SaveNpz(At("a.npz"), link);
        byte[] before = File.ReadAllBytes(At("a.npz"));
        Assert.That(() => AtomicFile.Write(At("a.npz"), stream =>
        {
            stream.WriteByte(1);
            throw new IOException("disk full");
        }), Throws.TypeOf<IOException>());
        Assert.That(File.ReadAllBytes(At("a.npz")), Is.EqualTo(before));
        Assert.That(Directory.GetFiles(Folder), Has.Length.EqualTo(1));
    }

    [Test]
    public void TwoValuesOfOneKeyAreRefused()
    {
        DictionarySerializer serializer = new();
        serializer.Serialize("x", 1L);
        Assert.That(() => serializer.Serialize("/x", 2L), Throws.InvalidOperationException.With.Message.Contains("x"));
    }

    private void Refuse(string name) => Assert.That(
        () => NativeChain.Serializers.LoadNpz(At(name), new Mlp()), Throws.TypeOf<InvalidDataException>().With.Message.Contains(name));

    private void Read(string name)
    {
        using NpzFile npz = NpzFile.Open(At(name));
        _ = npz["x"];
    }

    private void WriteEntry(string file, string name, string header, byte[] content)
    {
        using FileStream stream = File.Create(At(file));
        using ZipArchive zip = new(stream, ZipArchiveMode.Create);
        using Stream entry = zip.CreateEntry(name + ".npy", CompressionLevel.NoCompression).Open();
        header = header.PadRight(117) + "\n";
        entry.Write([0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, (byte)(header.Length >> 8)]);
        entry.Write(System.Text.Encoding.Latin1.GetBytes(header));
        entry.Write(content);
    }

    private sealed class Mlp : Chain
    {
        public L.Linear L1 { get; } = new(null, 4);

        public L.Linear L2 { get; } = new(4, 2);

        public override Variable Forward(Variable x) => L2.Call(F.Relu(L1.Call(x)));
    }

    private sealed class Texts : ISerializable
    {
        public string Text { get; set; } = "";

        public void Serialize(Serializer serializer) => Text = serializer.Serialize("text", Text);
    }
}
