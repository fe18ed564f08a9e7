using System.Formats.Tar;
using System.IO.Compression;
using NUnit.Framework;

namespace NativeChain.Tests.Datasets;

[TestFixture]
public class CifarTests : TemporaryFolder
{
    private static readonly Random s_random = new(1);

    [Test]
    public void Cifar10IsReadInAnArchiveAndOutOfIt([Values("archive", "folder", "files")] string form)
    {
        byte[][] parts = [.. Enumerable.Range(0, 6).Select(i => Records(2, [(byte)i], [(byte)(9 - i)]))];
        Write(form, "cifar-10-binary.tar.gz", "cifar-10-batches-bin", CifarFile.Cifar10Parts, parts);
        (TupleDataset train, TupleDataset test) = NativeChain.Datasets.GetCifar10(folder: Folder);
        Assert.That((train.Count, test.Count), Is.EqualTo((10, 2)));
        Assert.That(train.Arrays[0].Shape, Is.EqualTo(new Shape(10, 3, 32, 32)));
        Assert.That((train.Arrays[0].DType, train.Arrays[1].DType), Is.EqualTo((DType.Float32, DType.Int32)));
        Assert.That(train.Arrays[1].ToArray<int>(), Is.EqualTo(new[] { 0, 9, 1, 8, 2, 7, 3, 6, 4, 5 }));
        Assert.That(test.Arrays[1].ToArray<int>(), Is.EqualTo(new[] { 5, 4 }));
        // Example 3 is the second record of the second file; its pixel in channel 2, row 1, column 4.
        float pixel = train.Arrays[0][3, 2, 1, 4].Item<float>();
        Assert.That(pixel, Is.EqualTo(parts[1][3073 + 1 + (2 * 1024) + 32 + 4] * (float)(1 / 255.0)));
    }

    [Test]
    public void Cifar100HasItsFineLabels([Values("archive", "folder", "files")] string form)
    {
        Write(form, "cifar-100-binary.tar.gz", "cifar-100-binary", CifarFile.Cifar100Parts, Records(2, [19, 99], [3, 50]), Records(1, [0, 7]));
        (TupleDataset train, TupleDataset test) = NativeChain.Datasets.GetCifar100(folder: Folder, ndim: 1, scale: 255, dtype: DType.Float64);
        Assert.That(train.Arrays[0].Shape, Is.EqualTo(new Shape(2, 3072)));
        Assert.That(train.Arrays[0].DType, Is.EqualTo(DType.Float64));
        Assert.That(train.Arrays[1].ToArray<int>(), Is.EqualTo(new[] { 99, 50 }));
        Assert.That(test.Arrays[1].ToArray<int>(), Is.EqualTo(new[] { 7 }));
        Assert.That(NativeChain.Datasets.GetCifar100(withLabel: false, folder: Folder).Test.Arrays, Has.Count.EqualTo(1));
        Assert.That(() => NativeChain.Datasets.GetCifar100(ndim: 2, folder: Folder), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void WhatIsMissingIsNamed()
    {
        Assert.That(
            () => NativeChain.Datasets.GetCifar10(folder: Folder),
            Throws.TypeOf<DatasetNotFoundException>().With.Message.StartsWith("CIFAR-10 was not found")
                .And.Message.Contains(At("cifar-10-binary.tar.gz")).And.Message.Contains(At("data_batch_1.bin")));
        Write("archive", "cifar-100-binary.tar.gz", "cifar-100-binary", ["train.bin"], Records(1, [0, 7]));
        Refuse("holds no test.bin");
        Write("archive", "cifar-100-binary.tar.gz", "cifar-100-binary", ["train.bin", "test.bin", "train.bin"], Records(1, [0, 7]), Records(1, [0, 7]), Records(1, [0, 7]));
        Refuse("twice");
    }

    [Test]
    public void OtherContentIsNamed()
    {
        Write("archive", "cifar-100-binary.tar.gz", "cifar-100-binary", CifarFile.Cifar100Parts, Records(1, [0, 7])[..^1], Records(1, [0, 7]));
        Refuse("train.bin: 3073 bytes are no whole number of records of 3074");
        Write("archive", "cifar-100-binary.tar.gz", "cifar-100-binary", CifarFile.Cifar100Parts, Records(1, [0, 7]), Records(2, [0, 7], [0, 100]));
        Refuse("test.bin: a label of record 1 is 100, but there are 100 classes");
        Write("archive", "cifar-100-binary.tar.gz", "cifar-100-binary", CifarFile.Cifar100Parts, Records(1, [20, 7]), Records(1, [0, 7]));
        Refuse("is 20, but there are 20 classes");
        File.WriteAllText(At("cifar-100-binary.tar.gz"), "no archive");
        Refuse("");
    }

    [Test]
    public void DamagedArchivesAreRefusedOrRight()
    {
        Write("archive", "cifar-100-binary.tar.gz", "cifar-100-binary", CifarFile.Cifar100Parts, Records(2, [0, 7], [1, 8]), Records(1, [0, 9]));
        string file = At("cifar-100-binary.tar.gz");
        byte[] whole = File.ReadAllBytes(file);
        (TupleDataset train, _) = NativeChain.Datasets.GetCifar100(folder: Folder);
        float[] expected = train.Arrays[0].ToArray<float>();
        int refused = 0;
        for (int i = 0; i < 200; i++)
        {
            byte[] bytes = i % 4 == 0 ? whole[..s_random.Next(whole.Length)] : [.. whole];
            if (bytes.Length == whole.Length)
            {
                bytes[i < 60 ? i : s_random.Next(bytes.Length)] ^= (byte)(1 << s_random.Next(8));
            }
            Try(bytes);
        }
        // Headers of the archive itself, with a right checksum around them.
        byte[] tar = Unzip(whole);
        for (int i = 0; i < 200; i++)
        {
            byte[] bytes = [.. tar];
            bytes[s_random.Next(1024)] ^= (byte)(1 << s_random.Next(8));
            Try(Zip(bytes));
        }
        Assert.That(refused, Is.GreaterThan(200));

        void Try(byte[] bytes)
        {
            File.WriteAllBytes(file, bytes);
            try
            {
                float[] read = NativeChain.Datasets.GetCifar100(folder: Folder).Train.Arrays[0].ToArray<float>();
                Assert.That(read.AsSpan().SequenceEqual(expected));
            }
            catch (InvalidDataException e)
            {
                Assert.That(e.Message, Does.StartWith(file));
                refused++;
            }
        }
    }

    private void Refuse(string message) => Assert.That(
        () => NativeChain.Datasets.GetCifar100(folder: Folder),
        Throws.TypeOf<InvalidDataException>().With.Message.StartsWith(At("cifar-100-binary.tar.gz")).And.Message.Contains(message));

    private static byte[] Records(int count, params byte[][] labels)
    {
        List<byte> bytes = [];
        for (int i = 0; i < count; i++)
        {
            byte[] pixels = new byte[3072];
            s_random.NextBytes(pixels);
            bytes.AddRange([.. labels[i], .. pixels]);
        }
        return [.. bytes];
    }

    private void Write(string form, string archive, string folder, string[] names, params byte[][] parts)
    {
        if (form != "archive")
        {
            string to = form == "folder" ? At(folder) : Folder;
            Directory.CreateDirectory(to);
            for (int i = 0; i < names.Length; i++)
            {
                File.WriteAllBytes(Path.Combine(to, names[i]), parts[i]);
            }
            return;
        }
        using MemoryStream content = new();
        using (TarWriter tar = new(content, TarEntryFormat.Ustar, leaveOpen: true))
        {
            tar.WriteEntry(new UstarTarEntry(TarEntryType.Directory, folder));
            for (int i = 0; i < names.Length; i++)
            {
                tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, $"{folder}/{names[i]}") { DataStream = new MemoryStream(parts[i]) });
            }
            tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, $"{folder}/readme.html") { DataStream = new MemoryStream([1, 2, 3]) });
        }
        File.WriteAllBytes(At(archive), Zip(content.ToArray()));
    }

    private static byte[] Zip(byte[] bytes)
    {
        using MemoryStream content = new();
        using (GZipStream zip = new(content, CompressionLevel.Fastest, leaveOpen: true))
        {
            zip.Write(bytes);
        }
        return content.ToArray();
    }

    private static byte[] Unzip(byte[] bytes)
    {
        using GZipStream zip = new(new MemoryStream(bytes), CompressionMode.Decompress);
        using MemoryStream content = new();
        zip.CopyTo(content);
        return content.ToArray();
    }
}
