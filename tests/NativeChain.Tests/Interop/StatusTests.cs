using NativeChain.Interop;
using NUnit.Framework;

namespace NativeChain.Tests.Interop;

public sealed unsafe class StatusTests
{
    [Test]
    public void SuccessDoesNothing() =>
        Assert.That(() => Status.Check((int)nc_status_code.NC_OK), Throws.Nothing);

    [TestCase(nc_status_code.NC_INVALID_ARGUMENT, typeof(ArgumentException))]
    [TestCase(nc_status_code.NC_INVALID_SHAPE, typeof(ArgumentException))]
    [TestCase(nc_status_code.NC_INVALID_DTYPE, typeof(ArgumentException))]
    [TestCase(nc_status_code.NC_INVALID_DEVICE, typeof(ArgumentException))]
    [TestCase(nc_status_code.NC_INDEX_OUT_OF_RANGE, typeof(ArgumentOutOfRangeException))]
    [TestCase(nc_status_code.NC_OUT_OF_MEMORY, typeof(OutOfDeviceMemoryException))]
    [TestCase(nc_status_code.NC_UNSUPPORTED, typeof(NotSupportedException))]
    [TestCase(nc_status_code.NC_BACKEND_ERROR, typeof(DeviceException))]
    [TestCase(nc_status_code.NC_INTERNAL_ERROR, typeof(NativeChainException))]
    [TestCase(nc_status_code.NC_LINALG_ERROR, typeof(LinAlgException))]
    [TestCase((nc_status_code)999, typeof(NativeChainException))]
    public void EachCodeHasItsException(nc_status_code code, Type exception) =>
        Assert.That(() => Status.Check((int)code), Throws.TypeOf(exception));

    [Test]
    public void TheMessageIsTheLibrarysAndNamesTheFunction()
    {
        int status = Native.nc_context_create((int)nc_device_code.NC_CPU, 0, null);
        Assert.That(() => Status.Check(status), Throws.ArgumentException.With.Message.Contains(nameof(Native.nc_context_create)));
    }
}
