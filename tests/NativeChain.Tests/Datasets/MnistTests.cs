using System.Buffers.Binary;
using System.IO.Compression;
using System.Net;
using System.Text;
using NUnit.Framework;

namespace NativeChain.Tests.Datasets;

[TestFixture]
public class MnistTests : TemporaryFolder
{
    [TestCase(false)]
    [TestCase(true)]
    public void FilesAreReadGzippedOrNot(bool gzipped)
    {
        WriteAll(gzipped);
        (TupleDataset train, TupleDataset test) = NativeChain.Datasets.GetMnist(folder: Folder);
        Assert.That((train.Count, test.Count), Is.EqualTo((6, 3)));
        Assert.That(train.Arrays[0].Shape, Is.EqualTo(new Shape(6, 784)));
        Assert.That((train.Arrays[0].DType, train.Arrays[1].DType), Is.EqualTo((DType.Float32, DType.Int32)));
        Assert.That(train.Arrays[0].ToArray<float>()[255], Is.EqualTo(255f * (float)(1 / 255.0)));
        Assert.That(train.Arrays[1].ToArray<int>(), Is.EqualTo(new[] { 0, 1, 2, 3, 4, 5 }));
    }

    [Test]
    public void ShapesScalesAndDTypesCanBeChosen()
    {
        WriteAll(gzipped: true);
        (TupleDataset train, _) = NativeChain.Datasets.GetMnist(
            ndim: 3, scale: 255, dtype: DType.Float64, labelDType: DType.Int64, folder: Folder);
        Assert.That(train.Arrays[0].Shape, Is.EqualTo(new Shape(6, 1, 28, 28)));
        Assert.That(train.Arrays[0].ToArray<double>()[7], Is.EqualTo(7.0));
        Assert.That(train.Arrays[1].DType, Is.EqualTo(DType.Int64));
        Assert.That(NativeChain.Datasets.GetMnist(withLabel: false, ndim: 2, folder: Folder).Test.Arrays.Single().Shape, Is.EqualTo(new Shape(3, 28, 28)));
        Assert.That(() => NativeChain.Datasets.GetMnist(ndim: 4, folder: Folder), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void AMissingFileIsNamed()
    {
        WriteAll(gzipped: false);
        File.Delete(At("t10k-labels-idx1-ubyte"));
        Assert.That(
            () => NativeChain.Datasets.GetMnist(folder: Folder),
            Throws.TypeOf<DatasetNotFoundException>().With.Message.Contains(At("t10k-labels-idx1-ubyte")));
    }

    [Test]
    public void AllThatWasTriedIsNamed()
    {
        string[] mirrors = ["http://one.invalid/", "http://two.invalid/"];
        string? variable = Environment.GetEnvironmentVariable(NativeChain.Datasets.DataVariable);
        Environment.SetEnvironmentVariable(NativeChain.Datasets.DataVariable, null);
        try
        {
            DatasetNotFoundException error = Assert.Throws<DatasetNotFoundException>(
                () => DatasetFiles.Mnist.Find(null, At("cache"), mirrors, new Mirror(_ => null)))!;
            foreach (string what in (string[])[NativeChain.Datasets.DataVariable, At("cache"), .. mirrors])
            {
                Assert.That(error.Message, Does.Contain(what));
            }
            Environment.SetEnvironmentVariable(NativeChain.Datasets.DataVariable, At("nowhere"));
            Assert.That(
                () => DatasetFiles.Mnist.Find(null, At("cache"), mirrors, new Mirror(_ => null)),
                Throws.TypeOf<DatasetNotFoundException>().With.Message.Contains(At("nowhere")));
        }
        finally
        {
            Environment.SetEnvironmentVariable(NativeChain.Datasets.DataVariable, variable);
        }
    }

    [Test]
    public void ADownloadOfAnotherContentIsRefused()
    {
        string? variable = Environment.GetEnvironmentVariable(NativeChain.Datasets.DataVariable);
        Environment.SetEnvironmentVariable(NativeChain.Datasets.DataVariable, null);
        try
        {
            Assert.That(
                () => DatasetFiles.Mnist.Find(null, At("cache"), ["http://one.invalid/"], new Mirror(_ => Encoding.ASCII.GetBytes("something else"))),
                Throws.TypeOf<DatasetNotFoundException>().With.Message.Contains("SHA-256"));
            Assert.That(Directory.Exists(At("cache")), Is.False);
        }
        finally
        {
            Environment.SetEnvironmentVariable(NativeChain.Datasets.DataVariable, variable);
        }
    }

    [TestCase("train-images-idx3-ubyte", 3, "within its magic number")]
    [TestCase("train-images-idx3-ubyte", 10, "of its header")]
    [TestCase("train-images-idx3-ubyte", 1000, "ends after")]
    [TestCase("train-labels-idx1-ubyte", 9, "ends after")]
    public void ATruncatedFileIsNamed(string name, int length, string message)
    {
        WriteAll(gzipped: false);
        File.WriteAllBytes(At(name), File.ReadAllBytes(At(name))[..length]);
        Refuse(name, message);
    }

    [Test]
    public void ATruncatedGzipIsNamed()
    {
        WriteAll(gzipped: true);
        const string Name = "train-images-idx3-ubyte.gz";
        byte[] bytes = File.ReadAllBytes(At(Name));
        File.WriteAllBytes(At(Name), bytes[..(bytes.Length / 2)]);
        Refuse(Name, "");
    }

    [Test]
    public void OtherFilesAreNamed()
    {
        WriteAll(gzipped: false);
        Write("train-images-idx3-ubyte", Idx(0x801, [6], new byte[6]), gzipped: false);
        Refuse("train-images-idx3-ubyte", "magic number is 0x00000801");
        Write("train-images-idx3-ubyte", Idx(0x803, [6, 28, 29], new byte[6 * 28 * 29]), gzipped: false);
        Refuse("train-images-idx3-ubyte", "28 x 29");
        Write("train-images-idx3-ubyte", Idx(0x803, [6, 28, 28], new byte[(6 * 784) + 1]), gzipped: false);
        Refuse("train-images-idx3-ubyte", "more than");
        WriteAll(gzipped: false);
        Write("train-labels-idx1-ubyte", Idx(0x801, [5], new byte[5]), gzipped: false);
        Refuse("train-labels-idx1-ubyte", "5 labels");
        Write("train-labels-idx1-ubyte", Idx(0x801, [6], [0, 1, 2, 10, 4, 5]), gzipped: false);
        Refuse("train-labels-idx1-ubyte", "label 3 is 10");
    }

    [Test]
    public void ColoursAreTheGrey()
    {
        WriteAll(gzipped: true);
        NDArray rgb = NativeChain.Datasets.GetMnist(ndim: 3, rgbFormat: true, folder: Folder).Test.Arrays[0];
        NDArray grey = NativeChain.Datasets.GetMnist(ndim: 3, folder: Folder).Test.Arrays[0];
        Assert.That(rgb.Shape, Is.EqualTo(new Shape(3, 3, 28, 28)));
        Assert.That(rgb[2, 1].ToArray<float>(), Is.EqualTo(grey[2, 0].ToArray<float>()));
    }

    [Test]
    public void FashionLiesInAFolderOfItsOwn()
    {
        WriteAll(gzipped: true);
        Assert.That(NativeChain.Datasets.GetFashionMnist(folder: Folder).Train.Count, Is.EqualTo(6));
        Assert.That(NativeChain.Datasets.GetFashionMnistLabels(), Has.Count.EqualTo(10));
        string? variable = Environment.GetEnvironmentVariable(NativeChain.Datasets.DataVariable);
        Environment.SetEnvironmentVariable(NativeChain.Datasets.DataVariable, Folder);
        try
        {
            Assert.That(NativeChain.Datasets.GetMnist().Train.Count, Is.EqualTo(6));
            Assert.That(
                () => NativeChain.Datasets.GetFashionMnist(),
                Throws.TypeOf<DatasetNotFoundException>().With.Message.Contains(At("fashion-mnist/train-images-idx3-ubyte")));
            Directory.CreateDirectory(At("mnist"));
            foreach (string file in Directory.GetFiles(Folder))
            {
                File.Move(file, Path.Combine(Folder, "mnist", Path.GetFileName(file)));
            }
            Assert.That(NativeChain.Datasets.GetMnist().Test.Count, Is.EqualTo(3));
        }
        finally
        {
            Environment.SetEnvironmentVariable(NativeChain.Datasets.DataVariable, variable);
        }
    }

    [Test]
    public void DamagedFilesAreRefusedOrRight()
    {
        WriteAll(gzipped: true);
        string file = At("train-images-idx3-ubyte.gz");
        byte[] whole = File.ReadAllBytes(file);
        float[] expected = NativeChain.Datasets.GetMnist(folder: Folder).Train.Arrays[0].ToArray<float>();
        Random random = new(1);
        int refused = 0;
        for (int i = 0; i < 200; i++)
        {
            byte[] bytes = i % 4 == 0 ? whole[..random.Next(whole.Length)] : [.. whole];
            if (bytes.Length == whole.Length)
            {
                bytes[i < 40 ? i % 24 : random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            }
            File.WriteAllBytes(file, bytes);
            try
            {
                Assert.That(NativeChain.Datasets.GetMnist(folder: Folder).Train.Arrays[0].ToArray<float>(), Is.EqualTo(expected));
            }
            catch (InvalidDataException e)
            {
                Assert.That(e.Message, Does.StartWith(file));
                refused++;
            }
        }
        Assert.That(refused, Is.GreaterThan(100));
    }

    [TestCase(2_000_000_000u, 1u)]
    [TestCase(0xFFFFFFFFu, 28u)]
    [TestCase(2_000_000u, 1000u)]
    public void AClaimTakesNoMemory(uint count, uint rows)
    {
        WriteAll(gzipped: true);
        byte[] bytes = Idx(0x803, [0, 0, 1], new byte[100]);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(4), count);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(8), rows);
        Write("train-images-idx3-ubyte", bytes, gzipped: true);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Refuse("train-images-idx3-ubyte.gz", "");
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(8 << 20));
    }

    private void Refuse(string name, string message) => Assert.That(
        () => NativeChain.Datasets.GetMnist(folder: Folder),
        Throws.TypeOf<InvalidDataException>().With.Message.Contains(At(name)).And.Message.Contains(message));

    private void WriteAll(bool gzipped)
    {
        byte[] pixels = [.. Enumerable.Range(0, 6 * 784).Select(i => (byte)i)];
        Write("train-images-idx3-ubyte", Idx(0x803, [6, 28, 28], pixels), gzipped);
        Write("train-labels-idx1-ubyte", Idx(0x801, [6], [0, 1, 2, 3, 4, 5]), gzipped);
        Write("t10k-images-idx3-ubyte", Idx(0x803, [3, 28, 28], pixels[..(3 * 784)]), gzipped);
        Write("t10k-labels-idx1-ubyte", Idx(0x801, [3], [7, 8, 9]), gzipped);
    }

    private void Write(string name, byte[] bytes, bool gzipped)
    {
        using Stream file = File.Create(At(gzipped ? name + ".gz" : name));
        using Stream content = gzipped ? new GZipStream(file, CompressionLevel.Fastest) : file;
        content.Write(bytes);
    }

    private static byte[] Idx(uint magic, int[] extents, byte[] content)
    {
        byte[] bytes = new byte[4 + (4 * extents.Length) + content.Length];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, magic);
        for (int i = 0; i < extents.Length; i++)
        {
            BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(4 + (4 * i)), extents[i]);
        }
        content.CopyTo(bytes, 4 + (4 * extents.Length));
        return bytes;
    }

    private sealed class Mirror(Func<string, byte[]?> serve) : HttpMessageHandler
    {
        protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken) =>
            serve(request.RequestUri!.ToString()) is { } content
                ? new HttpResponseMessage(HttpStatusCode.OK) { Content = new ByteArrayContent(content) }
                : throw new HttpRequestException("no such host");

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(Send(request, cancellationToken));
    }
}
