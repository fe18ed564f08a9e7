using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using NUnit.Framework;
using HostMemory = System.Runtime.InteropServices.NativeMemory;

namespace NativeChain.Tests.Arrays;

[NonParallelizable]
public unsafe class DLPackTests
{
    private static int s_deleted;

    // What an earlier test left to the collector is given back before this one counts.
    [SetUp]
    public void Reset()
    {
        NativeMemory.Collect();
        s_deleted = 0;
    }

    [Test]
    [NoLeaks]
    public void SharesMemoryBothWays([Values] DType dtype, [Values] bool versioned)
    {
        NDArray x = NDArray.Arange(24).Reshape((2, 3, 4)).AsType(dtype);
        NDArray view = x.T[1.., new Slice(step: -1)];
        NDArray y = versioned ? NDArray.FromDLPackVersioned(view.ToDLPackVersioned()) : NDArray.FromDLPack(view.ToDLPack());
        Assert.That((y.DType, y.Shape, y.Device), Is.EqualTo((dtype, view.Shape, view.Device)));
        Assert.That(y.ToString(), Is.EqualTo(view.ToString()));
        y.Fill(0);
        Assert.That(x.AsType(DType.Float64)[0, 0].ToArray<double>()[1..], Is.All.Zero);
        y.Dispose();
        x.Dispose();
        view.Dispose();
    }

    [Test]
    public void TheStructureSaysWhatTheArrayIs()
    {
        NDArray x = NDArray.Arange(12.0).Reshape((3, 4))[1.., new Slice(step: 2)];
        nint address = x.ToDLPack();
        long* words = (long*)address;
        int* halves = (int*)address;
        Assert.Multiple(() =>
        {
            Assert.That(((double*)words[0])[0], Is.EqualTo(4), "data");
            Assert.That((halves[2], halves[3]), Is.EqualTo((1, 0)), "device");
            Assert.That(halves[4], Is.EqualTo(2), "ndim");
            Assert.That(halves[5], Is.EqualTo(2 | (64 << 8) | (1 << 16)), "dtype: float, 64 bits, 1 lane");
            Assert.That(new[] { ((long*)words[3])[0], ((long*)words[3])[1] }, Is.EqualTo(new long[] { 2, 2 }), "shape");
            Assert.That(new[] { ((long*)words[4])[0], ((long*)words[4])[1] }, Is.EqualTo(new long[] { 4, 2 }), "strides");
            Assert.That(words[5], Is.Zero, "byte_offset");
            Assert.That(words[7], Is.Not.Zero, "deleter");
        });
        ((delegate* unmanaged<nint, void>)words[7])(address);
    }

    [Test]
    [NoLeaks]
    public void AnExportKeepsTheMemoryAlive()
    {
        nint address = Export();
        NativeMemory.Collect();
        for (int i = 0; i < 100; i++)
        {
            NDArray.Full(1000, -1);
        }

        NativeMemory.Collect();
        using (NDArray y = NDArray.FromDLPack(address))
        {
            Assert.That(y.ToArray<float>(), Is.All.EqualTo(7f));
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        static nint Export()
        {
            using NDArray x = NDArray.Full(1000, 7, DType.Float32);
            return x.ToDLPack();
        }
    }

    [Test]
    public void ForeignMemoryIsGivenBackOnce([Values] bool versioned)
    {
        NDArray x = Import(versioned, shape: [2, 3]);
        NDArray row = x[1];
        x[0, 0] = 10;
        x.Dispose();
        x.Dispose();
        Assert.That(s_deleted, Is.Zero, "a view is left");
        Assert.That(row.ToArray<float>(), Is.EqualTo(new float[] { 3, 4, 5 }));
        row.Dispose();
        Assert.That(s_deleted, Is.EqualTo(1));
    }

    [Test]
    public void ForeignMemoryIsGivenBackByTheCollector()
    {
        Drop();
        NativeMemory.Collect();
        Assert.That(s_deleted, Is.EqualTo(1));

        [MethodImpl(MethodImplOptions.NoInlining)]
        static void Drop() => Assert.That(Import(false, shape: [6]).Sum().Item<float>(), Is.EqualTo(15));
    }

    [Test]
    public void StridesAndOffsetsAreUnderstood()
    {
        using NDArray backwards = Import(false, shape: [3], strides: [-2], byteOffset: 20);
        using NDArray repeated = Import(false, shape: [2, 2], strides: [0, 3], byteOffset: 4);
        using NDArray one = Import(false, shape: []);
        using NDArray none = Import(false, shape: [0, 3]);
        Assert.Multiple(() =>
        {
            Assert.That(backwards.ToArray<float>(), Is.EqualTo(new float[] { 5, 3, 1 }));
            using NDArray last = backwards[^1];
            Assert.That(last.Item<float>(), Is.EqualTo(1));
            Assert.That(repeated.ToArray<float>(), Is.EqualTo(new float[] { 1, 4, 1, 4 }));
            Assert.That(one.Item<float>(), Is.Zero);
            Assert.That(none.Shape, Is.EqualTo((Shape)(0, 3)));
        });
    }

    [Test]
    public void ReadOnlyMemoryIsCopied()
    {
        using NDArray x = Import(true, shape: [6], flags: 1);
        Assert.That(s_deleted, Is.EqualTo(1));
        Assert.That(x.ToArray<float>(), Is.EqualTo(new float[] { 0, 1, 2, 3, 4, 5 }));
    }

    [Test]
    public void WhatIsRefusedIsNotTakenOver()
    {
        Assert.Multiple(() =>
        {
            Assert.That(() => NDArray.FromDLPack(0), Throws.ArgumentException.With.Message.Contains("null"));
            Assert.That(() => Import(true, [6], major: 2), Throws.ArgumentException.With.Message.Contains("version 2.0"));
            Assert.That(() => Import(false, [6], device: 4), Throws.ArgumentException.With.Message.Contains("device 4:0"));
            Assert.That(() => Import(false, [6], code: 5, bits: 64), Throws.ArgumentException.With.Message.Contains("code 5, 64 bits"));
            Assert.That(() => Import(false, [6], bits: 8), Throws.ArgumentException);
            Assert.That(() => Import(false, [6], lanes: 4), Throws.ArgumentException.With.Message.Contains("4 lanes"));
            Assert.That(() => Import(false, [1, 1, 1, 1, 1, 1, 1, 1, 1]), Throws.ArgumentException.With.Message.Contains("9 axes"));
            Assert.That(() => Import(false, [-1]), Throws.ArgumentException.With.Message.Contains("extent -1"));
            Assert.That(() => Import(false, [1L << 31]), Throws.ArgumentException);
            Assert.That(() => Import(false, [1 << 30, 1 << 30, 1 << 30], strides: [1, 1, 1]), Throws.ArgumentException);
            Assert.That(() => Import(false, [3], strides: [long.MaxValue]), Throws.ArgumentException);
            Assert.That(() => Import(false, [2], byteOffset: 2), Throws.ArgumentException.With.Message.Contains("aligned"));
        });
        Assert.That(s_deleted, Is.Zero);
    }

    // Six floats, 0 to 5, in memory of the C runtime, which the deleter frees.
    private static NDArray Import(
        bool versioned, long[] shape, long[]? strides = null, ulong byteOffset = 0, ulong flags = 0, uint major = 1, int device = 1, byte code = 2, byte bits = 32, ushort lanes = 1)
    {
        float* data = (float*)HostMemory.AlignedAlloc(6 * sizeof(float), 64);
        for (int i = 0; i < 6; i++)
        {
            data[i] = i;
        }

        var extents = (long*)HostMemory.Alloc((nuint)(2 * shape.Length * sizeof(long)) + 1);
        shape.CopyTo(new Span<long>(extents, shape.Length));
        strides?.CopyTo(new Span<long>(extents + shape.Length, shape.Length));
        var tensor = new DLTensor
        {
            Data = data,
            Device = new DLDevice { DeviceType = device },
            NDim = shape.Length,
            DType = new DLDataType { Code = (DLDataTypeCode)code, Bits = bits, Lanes = lanes },
            Shape = extents,
            Strides = strides is null ? null : extents + shape.Length,
            ByteOffset = byteOffset,
        };
        void* managed = HostMemory.Alloc((nuint)(versioned ? sizeof(DLManagedTensorVersioned) : sizeof(DLManagedTensor)));
        if (versioned)
        {
            *(DLManagedTensorVersioned*)managed = new() { VersionMajor = major, Flags = flags, Deleter = &DeleteVersioned, Tensor = tensor };
        }
        else
        {
            *(DLManagedTensor*)managed = new() { Deleter = &Delete, Tensor = tensor };
        }

        try
        {
            return versioned ? NDArray.FromDLPackVersioned((nint)managed) : NDArray.FromDLPack((nint)managed);
        }
        catch
        {
            Free(managed, in tensor);
            throw;
        }
    }

    [UnmanagedCallersOnly]
    private static void Delete(DLManagedTensor* managed)
    {
        Interlocked.Increment(ref s_deleted);
        Free(managed, in managed->Tensor);
    }

    [UnmanagedCallersOnly]
    private static void DeleteVersioned(DLManagedTensorVersioned* managed)
    {
        Interlocked.Increment(ref s_deleted);
        Free(managed, in managed->Tensor);
    }

    private static void Free(void* managed, in DLTensor tensor)
    {
        HostMemory.AlignedFree(tensor.Data);
        HostMemory.Free(tensor.Shape);
        HostMemory.Free(managed);
    }
}
