using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;
using NativeChain.Interop;
using NUnit.Framework;

namespace NativeChain.Tests.Interop;

[NonParallelizable]
public sealed class LibraryLoaderTests
{
    private string? _given;

    [SetUp]
    public void RememberThePath()
    {
        LibraryLoader.Load();
        _given = Environment.GetEnvironmentVariable(LibraryLoader.PathVariable);
    }

    [TearDown]
    public void RestoreThePath() => Environment.SetEnvironmentVariable(LibraryLoader.PathVariable, _given);

    [Test]
    public void EqualMajorAndAtLeastTheMinorOfTheBindingsIsAccepted()
    {
        Assert.That(LibraryLoader.Mismatch(Version(Native.NC_ABI_MAJOR, Native.NC_ABI_MINOR)), Is.Empty);
        Assert.That(LibraryLoader.Mismatch(Version(Native.NC_ABI_MAJOR, Native.NC_ABI_MINOR + 1)), Is.Empty);
    }

    [Test]
    public void AMismatchSaysWhichSideIsOlder()
    {
        Assert.That(LibraryLoader.Mismatch(Version(2, 3), 3, 0), Is.EqualTo("its ABI is 2.3, the bindings need 3.0: the library is older than the bindings"));
        Assert.That(LibraryLoader.Mismatch(Version(2, 3), 2, 4), Does.EndWith("the library is older than the bindings"));
        Assert.That(LibraryLoader.Mismatch(Version(2, 3), 1, 9), Does.EndWith("the bindings are older than the library"));
    }

    [Test]
    public void AFailureIsOneExceptionWithAllThatWasTriedAndTheNextCallTriesAgain()
    {
        MethodInfo call = FreshAbiVersion();
        string missing = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        Environment.SetEnvironmentVariable(LibraryLoader.PathVariable, missing);
        AssertNotLoaded(call, missing, "no such file");

        Environment.SetEnvironmentVariable(LibraryLoader.PathVariable, LibraryFile());
        Assert.That(call.Invoke(null, null), Is.EqualTo(Native.nc_abi_version()));
    }

    [Test]
    public void AFileThatIsNoLibraryIsRefusedInTheWordsOfTheSystemsLoader()
    {
        string folder = Directory.CreateTempSubdirectory().FullName;
        try
        {
            string file = Path.Combine(folder, Path.GetFileName(LibraryFile()));
            File.WriteAllText(file, new string('x', 4096));
            Environment.SetEnvironmentVariable(LibraryLoader.PathVariable, folder);
            AssertNotLoaded(FreshAbiVersion(), file, OperatingSystem.IsLinux() ? "invalid ELF header" : "");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Test]
    public void AnotherLibraryIsRefused()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Ignore("names a library of Linux");
        }

        string other = Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "libSystem.Native.so");
        Environment.SetEnvironmentVariable(LibraryLoader.PathVariable, other);
        AssertNotLoaded(FreshAbiVersion(), other, "it does not export nc_abi_version");
    }

    [Test]
    public void AFolderMayBeGiven()
    {
        Environment.SetEnvironmentVariable(LibraryLoader.PathVariable, Path.GetDirectoryName(LibraryFile()));
        Assert.That(FreshAbiVersion().Invoke(null, null), Is.EqualTo(Native.nc_abi_version()));
    }

    private static void AssertNotLoaded(MethodInfo call, string path, string reason)
    {
        Exception? thrown = Assert.Catch(() => call.Invoke(null, BindingFlags.DoNotWrapExceptions, null, null, null));
        Assert.That(thrown!.GetType().FullName, Is.EqualTo(typeof(NativeLibraryNotLoadedException).FullName));
        Assert.That(thrown.Message, Does.Contain(path).And.Contain(reason).And.Contain("NativeChain.Runtime.Cpu")
            .And.Contain(LibraryLoader.RuntimeIdentifier()));
    }

    // nc_abi_version of a second copy of the bindings, which has not loaded the library yet.
    private static MethodInfo FreshAbiVersion()
    {
        var context = new AssemblyLoadContext(name: null);
        Assembly bindings = context.LoadFromAssemblyPath(typeof(Native).Assembly.Location);
        RuntimeHelpers.RunModuleConstructor(bindings.ManifestModule.ModuleHandle);
        return bindings.GetType(typeof(Native).FullName!, throwOnError: true)!.GetMethod(nameof(Native.nc_abi_version))!;
    }

    private static string LibraryFile() =>
        Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "runtimes", LibraryLoader.RuntimeIdentifier(), "native"), "*nativechain.*").Single();

    private static int Version(int major, int minor) => (major << 16) | minor;
}
