using System.Runtime.InteropServices;

namespace NativeChain;

// DLPack's structures and codes, as version 1 lays them out.

/// <summary>Kinds of elements.</summary>
internal enum DLDataTypeCode : byte
{
    Int = 0,
    UInt = 1,
    Float = 2,
    BFloat = 4,
    Bool = 6,
}

[StructLayout(LayoutKind.Sequential)]
internal struct DLDevice
{
    internal int DeviceType;
    internal int DeviceId;
}

[StructLayout(LayoutKind.Sequential)]
internal struct DLDataType
{
    internal DLDataTypeCode Code;
    internal byte Bits;
    internal ushort Lanes;
}

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct DLTensor
{
    internal void* Data;
    internal DLDevice Device;
    internal int NDim;
    internal DLDataType DType;
    internal long* Shape;
    internal long* Strides; // in elements; null where the elements lie in C order
    internal ulong ByteOffset;
}

/// <summary>What a capsule named "dltensor" holds.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct DLManagedTensor
{
    internal DLTensor Tensor;
    internal void* ManagerContext;
    internal delegate* unmanaged<DLManagedTensor*, void> Deleter;
}

/// <summary>What a capsule named "dltensor_versioned" holds.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct DLManagedTensorVersioned
{
    internal const uint Major = 1;
    internal const uint Minor = 0;
    internal const ulong ReadOnly = 1;

    internal uint VersionMajor;
    internal uint VersionMinor;
    internal void* ManagerContext;
    internal delegate* unmanaged<DLManagedTensorVersioned*, void> Deleter;
    internal ulong Flags;
    internal DLTensor Tensor;
}
