using System.Runtime.InteropServices;
using HostMemory = System.Runtime.InteropServices.NativeMemory;

namespace NativeChain;

// DLPack, both ways without a copy: other libraries see the array's memory, and arrays see theirs.
public sealed unsafe partial class NDArray
{
    // Pinned memory of CUDA and HIP hosts is as good as any other to the CPU.
    private const int DLCudaHost = 3;

    /// <summary>The array as a DLManagedTensor, which shares its memory. Nothing is copied or pinned.</summary>
    /// <returns>The address of the structure. Whoever takes it calls its deleter once; until then the memory stays, also if the array is disposed of.</returns>
    /// <remarks>Writing to either is seen by both. Kernels on a GPU have ended when this returns.</remarks>
    /// <exception cref="ObjectDisposedException">The array was disposed of.</exception>
    public nint ToDLPack()
    {
        var managed = (DLManagedTensor*)Export(sizeof(DLManagedTensor), out DLTensor tensor, out void* manager);
        managed->Tensor = tensor;
        managed->ManagerContext = manager;
        managed->Deleter = &Delete;
        return (nint)managed;
    }

    /// <summary>The array as a DLManagedTensorVersioned of DLPack 1.0, which shares its memory. Nothing is copied or pinned.</summary>
    /// <returns>The address of the structure. Whoever takes it calls its deleter once; until then the memory stays, also if the array is disposed of.</returns>
    /// <remarks>Writing to either is seen by both. Kernels on a GPU have ended when this returns.</remarks>
    /// <exception cref="ObjectDisposedException">The array was disposed of.</exception>
    public nint ToDLPackVersioned()
    {
        var managed = (DLManagedTensorVersioned*)Export(sizeof(DLManagedTensorVersioned), out DLTensor tensor, out void* manager);
        managed->VersionMajor = DLManagedTensorVersioned.Major;
        managed->VersionMinor = DLManagedTensorVersioned.Minor;
        managed->ManagerContext = manager;
        managed->Deleter = &DeleteVersioned;
        managed->Flags = 0;
        managed->Tensor = tensor;
        return (nint)managed;
    }

    /// <summary>An array over the memory of a DLManagedTensor. Nothing is copied.</summary>
    /// <param name="tensor">The address of the structure, of an array of at most 8 axes on the CPU or an NVIDIA GPU. The array takes it over, and calls its deleter
    /// when it and its views are disposed of or no longer reached.</param>
    /// <remarks>The caller vouches for the structure and for the memory that it names. What fails takes nothing over.</remarks>
    /// <exception cref="DeviceException">There is no such GPU.</exception>
    /// <exception cref="ArgumentException">A null address, another kind of device, elements of no dtype, too many axes or elements, or elements that are not aligned.</exception>
    public static NDArray FromDLPack(nint tensor)
    {
        var managed = (DLManagedTensor*)CheckAddress(tensor, "NDArray.FromDLPack");
        return Import(in managed->Tensor, "NDArray.FromDLPack", () =>
        {
            if (managed->Deleter is not null)
            {
                managed->Deleter(managed);
            }
        });
    }

    /// <summary>An array over the memory of a DLManagedTensorVersioned. Nothing is copied, but for what may not be written.</summary>
    /// <param name="tensor">The address of the structure, of an array of at most 8 axes on the CPU or an NVIDIA GPU. The array takes it over, and calls its deleter
    /// when it and its views are disposed of or no longer reached; at once, where it is read-only and therefore copied.</param>
    /// <remarks>The caller vouches for the structure and for the memory that it names. What fails takes nothing over.</remarks>
    /// <exception cref="DeviceException">There is no such GPU.</exception>
    /// <exception cref="ArgumentException">A null address, another major version than 1, another kind of device, elements of no dtype, too many axes or elements, or elements that are not aligned.</exception>
    public static NDArray FromDLPackVersioned(nint tensor)
    {
        const string Function = "NDArray.FromDLPackVersioned";
        var managed = (DLManagedTensorVersioned*)CheckAddress(tensor, Function);
        if (managed->VersionMajor != DLManagedTensorVersioned.Major)
        {
            throw new ArgumentException(
                $"{Function}: version {managed->VersionMajor}.{managed->VersionMinor} of DLPack; {DLManagedTensorVersioned.Major} is known.", nameof(tensor));
        }

        NDArray shared = Import(in managed->Tensor, Function, () =>
        {
            if (managed->Deleter is not null)
            {
                managed->Deleter(managed);
            }
        });
        if ((managed->Flags & DLManagedTensorVersioned.ReadOnly) == 0)
        {
            return shared;
        }

        NDArray copy = shared.Copy();
        shared.Dispose();
        return copy;
    }

    // One block for the structure, the shape and the strides. The manager is a handle of a view, which counts as one more array of the memory.
    private void* Export(int size, out DLTensor tensor, out void* manager)
    {
        NDArray view = View(in _shape, in _strides, _offset);
        if (!Device.IsCpu)
        {
            Kernels.Synchronize(Device);
        }

        var block = (byte*)HostMemory.Alloc((nuint)(size + (2 * NDim * sizeof(long))));
        manager = (void*)GCHandle.ToIntPtr(GCHandle.Alloc(view));
        tensor = new DLTensor
        {
            Data = Size == 0 ? null : (byte*)Storage.Pointer + (_offset * _dtype.ItemSize()),
            Device = new DLDevice { DeviceType = (int)Device.Type, DeviceId = Device.Id },
            NDim = NDim,
            DType = new DLDataType { Code = CodeOf(_dtype), Bits = (byte)(8 * _dtype.ItemSize()), Lanes = 1 },
            Shape = (long*)(block + size),
            Strides = (long*)(block + size) + NDim,
        };
        for (int i = 0; i < NDim; i++)
        {
            tensor.Shape[i] = _shape[i];
            tensor.Strides[i] = _strides[i];
        }

        return block;
    }

    [UnmanagedCallersOnly]
    private static void Delete(DLManagedTensor* managed) => Delete(managed, managed->ManagerContext);

    [UnmanagedCallersOnly]
    private static void DeleteVersioned(DLManagedTensorVersioned* managed) => Delete(managed, managed->ManagerContext);

    private static void Delete(void* managed, void* manager)
    {
        GCHandle handle = GCHandle.FromIntPtr((nint)manager);
        ((NDArray)handle.Target!).Dispose();
        handle.Free();
        HostMemory.Free(managed);
    }

    private static void* CheckAddress(nint tensor, string function) => tensor != 0
        ? (void*)tensor
        : throw new ArgumentException($"{function}: a null address.", nameof(tensor));

    private static NDArray Import(in DLTensor tensor, string function, Action giveBack)
    {
        DType dtype = DTypeOf(tensor.DType, function);
        Device device = tensor.Device.DeviceType switch
        {
            (int)DeviceType.Cpu or DLCudaHost => Device.Cpu,
            (int)DeviceType.Cuda when tensor.Device.DeviceId >= 0 => Device.Cuda(tensor.Device.DeviceId),
            _ => throw new ArgumentException(
                $"{function}: device {tensor.Device.DeviceType}:{tensor.Device.DeviceId} is neither the CPU nor an NVIDIA GPU.", nameof(tensor)),
        };
        if (tensor.NDim is < 0 or > Shape.MaxNDim || (tensor.NDim > 0 && tensor.Shape is null))
        {
            throw new ArgumentException($"{function}: {tensor.NDim} axes; 0 to {Shape.MaxNDim}, with their extents, are possible.", nameof(tensor));
        }

        Span<int> extents = stackalloc int[tensor.NDim];
        for (int i = 0; i < extents.Length; i++)
        {
            extents[i] = tensor.Shape[i] is >= 0 and <= int.MaxValue
                ? (int)tensor.Shape[i]
                : throw new ArgumentException($"{function}: axis {i} has extent {tensor.Shape[i]}; 0 to {int.MaxValue} are possible.", nameof(tensor));
        }

        var shape = new Shape(extents);
        Strides strides = NativeChain.Strides.Contiguous(in shape);
        for (int i = 0; tensor.Strides is not null && i < extents.Length; i++)
        {
            strides[i] = tensor.Strides[i];
        }

        int itemSize = dtype.ItemSize();
        nint first = (nint)tensor.Data + (nint)tensor.ByteOffset;
        (long low, long high) = ByteRange(in shape, ref strides, itemSize, function);
        if (high > low && (tensor.Data is null || first % itemSize != 0))
        {
            throw new ArgumentException(
                $"{function}: elements of {itemSize} bytes at address 0x{first:x} are not there, or not aligned.", nameof(tensor));
        }

        if (!device.IsCpu)
        {
            Kernels.Synchronize(device); // throws where there is none
        }

        MemoryPool pool = MemoryPool.For(device);
        var storage = new ForeignStorage(pool, high > low ? first + (nint)low : first, high - low, giveBack);
        return new NDArray(storage, -low / itemSize, in shape, in strides, dtype);
    }

    // The bytes from the lowest element to the end of the highest, counted from the first. Strides of axes of one element are made 0.
    private static (long Low, long High) ByteRange(in Shape shape, ref Strides strides, int itemSize, string function)
    {
        Int128 low = 0;
        Int128 high = 1;
        bool fits = shape.TryGetSize(out long size);
        if (fits && size == 0)
        {
            strides = NativeChain.Strides.Contiguous(in shape);
            return (0, 0);
        }

        for (int i = 0; i < shape.NDim; i++)
        {
            strides[i] = shape[i] == 1 ? 0 : strides[i];
            Int128 span = (Int128)strides[i] * (shape[i] - 1);
            low += Int128.Min(span, 0);
            high += Int128.Max(span, 0);
        }

        return fits && low >= long.MinValue / 16 && high <= long.MaxValue / 16
            ? ((long)low * itemSize, (long)high * itemSize)
            : throw new ArgumentException($"{function}: an array of shape {shape} leaves the address space.", "tensor");
    }

    private static DLDataTypeCode CodeOf(DType dtype) => dtype switch
    {
        DType.Bool => DLDataTypeCode.Bool,
        DType.UInt8 => DLDataTypeCode.UInt,
        DType.Int32 or DType.Int64 => DLDataTypeCode.Int,
        DType.BFloat16 => DLDataTypeCode.BFloat,
        _ => DLDataTypeCode.Float,
    };

    private static DType DTypeOf(DLDataType type, string function) => (type.Code, type.Bits, type.Lanes) switch
    {
        (DLDataTypeCode.Bool, 8, 1) => DType.Bool,
        (DLDataTypeCode.UInt, 8, 1) => DType.UInt8,
        (DLDataTypeCode.Int, 32, 1) => DType.Int32,
        (DLDataTypeCode.Int, 64, 1) => DType.Int64,
        (DLDataTypeCode.Float, 16, 1) => DType.Float16,
        (DLDataTypeCode.BFloat, 16, 1) => DType.BFloat16,
        (DLDataTypeCode.Float, 32, 1) => DType.Float32,
        (DLDataTypeCode.Float, 64, 1) => DType.Float64,
        _ => throw new ArgumentException(
            $"{function}: elements of code {(byte)type.Code}, {type.Bits} bits and {type.Lanes} lanes are of no dtype.", "tensor"),
    };
}
