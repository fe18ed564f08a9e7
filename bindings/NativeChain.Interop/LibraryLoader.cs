using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace NativeChain.Interop;

/// <summary>
/// Finds <c>libnativechain</c>. Where the environment variable <c>NATIVECHAIN_LIBRARY_PATH</c> is set, it names the file
/// or its folder, and nothing else is tried. Else: <c>runtimes/RID/native</c> under the application's folder, the folders
/// that the host lists for native assets of packages, the application's folder. A failure is not remembered.
/// </summary>
internal static unsafe class LibraryLoader
{
    internal const string PathVariable = "NATIVECHAIN_LIBRARY_PATH";

    private const string LibraryName = "nativechain";

    private static readonly Lock LoadLock = new();
    private static nint s_handle;

#pragma warning disable CA2255 // The resolver has to be there before the first import is bound, whichever type asks for it.
    [ModuleInitializer]
    internal static void Register() =>
        NativeLibrary.SetDllImportResolver(typeof(LibraryLoader).Assembly, (name, _, _) => name == LibraryName ? Load() : 0);
#pragma warning restore CA2255

    internal static nint Load()
    {
        lock (LoadLock)
        {
            if (s_handle == 0)
            {
                s_handle = Find();
            }

            return s_handle;
        }
    }

    private static nint Find()
    {
        string rid = RuntimeIdentifier();
        List<NativeLibraryAttempt> attempts = [];
        string? given = Environment.GetEnvironmentVariable(PathVariable);
        nint handle = string.IsNullOrEmpty(given) ? FindInstalled(rid, attempts) : TryLoad(FileAt(Path.GetFullPath(given)), attempts);
        return handle != 0 ? handle : throw NotLoaded(rid, attempts);
    }

    private static string FileAt(string path) => Directory.Exists(path) ? Path.Combine(path, FileName()) : path;

    private static nint FindInstalled(string rid, List<NativeLibraryAttempt> attempts)
    {
        string file = FileName();
        nint handle = TryLoad(Path.Combine(AppContext.BaseDirectory, "runtimes", rid, Path.Combine("native", file)), attempts);
        return handle != 0 ? handle : FindElsewhere(file, attempts);
    }

    private static nint FindElsewhere(string file, List<NativeLibraryAttempt> attempts)
    {
        string listed = AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? "";
        foreach (string folder in (string[])[.. listed.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries), AppContext.BaseDirectory])
        {
            string path = Path.Combine(folder, file);
            if (attempts.Exists(attempt => attempt.Path == path))
            {
                continue;
            }

            nint handle = TryLoad(path, attempts);
            if (handle != 0)
            {
                return handle;
            }
        }

        return 0;
    }

    private static NativeLibraryNotLoadedException NotLoaded(string rid, List<NativeLibraryAttempt> attempts)
    {
        string package = rid == "linux-x64" ? "NativeChain.Runtime.Cpu" : $"NativeChain.Runtime.Cpu for {rid}";
        string advice = $"Add the package {package}, or set {PathVariable} to the library or its folder.";
        return new NativeLibraryNotLoadedException(rid, package, advice, attempts);
    }

    private static nint TryLoad(string path, List<NativeLibraryAttempt> attempts)
    {
        nint handle = TryLoad(path, out string failure);
        if (handle == 0)
        {
            attempts.Add(new NativeLibraryAttempt(path, failure));
        }

        return handle;
    }

    private static nint TryLoad(string path, out string failure)
    {
        if (!File.Exists(path))
        {
            failure = "no such file";
            return 0;
        }

        nint handle;
        try
        {
            handle = NativeLibrary.Load(path);
        }
        catch (Exception exception) when (exception is DllNotFoundException or BadImageFormatException)
        {
            failure = exception.Message;
            return 0;
        }

        if (!NativeLibrary.TryGetExport(handle, nameof(Native.nc_abi_version), out nint export))
        {
            failure = $"it does not export {nameof(Native.nc_abi_version)}";
        }
        else
        {
            failure = Mismatch(((delegate* unmanaged[Cdecl]<int>)export)());
        }

        if (failure.Length == 0)
        {
            return handle;
        }

        NativeLibrary.Free(handle);
        return 0;
    }

    // Empty where a library of this version (major << 16 | minor) serves bindings of the other.
    internal static string Mismatch(int version, int bindingsMajor = Native.NC_ABI_MAJOR, int bindingsMinor = Native.NC_ABI_MINOR)
    {
        int major = version >> 16;
        int minor = version & 0xFFFF;
        if (major == bindingsMajor && minor >= bindingsMinor)
        {
            return "";
        }

        string older = major > bindingsMajor ? "the bindings are older than the library" : "the library is older than the bindings";
        return $"its ABI is {major}.{minor}, the bindings need {bindingsMajor}.{bindingsMinor}: {older}";
    }

    private static string FileName() =>
        OperatingSystem.IsWindows() ? $"{LibraryName}.dll"
        : OperatingSystem.IsMacOS() ? $"lib{LibraryName}.dylib"
        : $"lib{LibraryName}.so";

    // The portable RID: that of a distribution's own build of .NET would name the distribution.
    internal static string RuntimeIdentifier()
    {
        string system = OperatingSystem.IsWindows() ? "win"
            : OperatingSystem.IsMacOS() ? "osx"
            : RuntimeInformation.RuntimeIdentifier.Contains("musl", StringComparison.Ordinal) ? "linux-musl"
            : "linux";
        // The names of an enumeration take milliseconds to find, at the start of every program.
        string architecture = RuntimeInformation.ProcessArchitecture switch
        {
            Architecture.X64 => "x64",
            Architecture.Arm64 => "arm64",
            Architecture other => other.ToString().ToLowerInvariant(),
        };
        return $"{system}-{architecture}";
    }
}
