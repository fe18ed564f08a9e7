using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using NativeChain.Interop;
using NUnit.Framework;

namespace NativeChain.Tests.Interop;

/// <summary>The committed bindings belong to the headers, and both to the library.</summary>
public sealed class BindingsTests
{
    private static IEnumerable<MethodInfo> Imports =>
        typeof(Native).GetMethods(BindingFlags.Public | BindingFlags.Static)
            .Where(method => method.GetCustomAttribute<DllImportAttribute>() is not null);

    [Test]
    public void TheBindingsWereGeneratedFromTheseHeaders()
    {
        string[] headers = Directory.GetFiles(Path.Combine(Repository.Root, "native", "include", "nativechain"), "*.h");
        Array.Sort(headers, StringComparer.Ordinal);
        byte[] text = headers.SelectMany(File.ReadAllBytes).Where(value => value != '\r').ToArray();
        string actual = Convert.ToHexStringLower(SHA256.HashData(text));

        string generated = Path.Combine(Repository.Root, "bindings", "NativeChain.Interop", "Generated", "headers.sha256");
        Assert.That(actual, Is.EqualTo(File.ReadAllText(generated).Trim()), "the headers changed: run bindings/generation/generate.sh");
    }

    [Test]
    public void EveryFunctionOfTheHeadersIsImported()
    {
        var declared = new SortedSet<string>(StringComparer.Ordinal);
        foreach (string header in Directory.GetFiles(Path.Combine(Repository.Root, "native", "include", "nativechain"), "*.h"))
        {
            foreach (Match match in Regex.Matches(File.ReadAllText(header), @"^NC_API [^(]*?(nc_\w+)\(", RegexOptions.Multiline))
            {
                declared.Add(match.Groups[1].Value);
            }
        }

        Assert.That(declared, Is.Not.Empty);
        Assert.That(Imports.Select(method => method.Name), Is.EquivalentTo(declared));
    }

    [Test]
    public void EveryImportResolvesInTheLibrary()
    {
        nint library = LibraryLoader.Load();
        string[] names = [.. Imports.Select(method => method.Name)];
        Assert.That(names, Is.Not.Empty);
        Assert.That(names.Where(name => !NativeLibrary.TryGetExport(library, name, out _)), Is.Empty);
    }

    [Test]
    public void TheLibraryHasTheAbiVersionOfTheBindings() =>
        Assert.That(Native.nc_abi_version(), Is.EqualTo((Native.NC_ABI_MAJOR << 16) | Native.NC_ABI_MINOR));

    [Test]
    public void EveryStructHasTheSizeAndOffsetsThatTheCompilerOfTheLibraryGaveIt()
    {
        string layout = File.ReadAllText(Path.Combine(Repository.Root, "native", "src", "core", "layout.inc"));
        var expected = new SortedSet<string>(StringComparer.Ordinal);
        foreach (Match match in Regex.Matches(layout, @"^NC_STRUCT\((\w+), (\d+)\)", RegexOptions.Multiline))
        {
            expected.Add($"{match.Groups[1].Value}: {match.Groups[2].Value} bytes");
        }

        foreach (Match match in Regex.Matches(layout, @"^NC_FIELD\((\w+), (\w+), (\d+), (\d+)\)", RegexOptions.Multiline))
        {
            expected.Add($"{match.Groups[1].Value}.{match.Groups[2].Value}: {match.Groups[4].Value} bytes at {match.Groups[3].Value}");
        }

        var actual = new SortedSet<string>(StringComparer.Ordinal);
        foreach (Type type in typeof(Native).Assembly.GetExportedTypes().Where(IsAbiStruct))
        {
            actual.Add($"{type.Name}: {SizeOf(type)} bytes");
            foreach (FieldInfo field in type.GetFields())
            {
                int size = field.GetCustomAttribute<FixedBufferAttribute>() is { } buffer
                    ? buffer.Length * SizeOf(buffer.ElementType)
                    : SizeOf(field.FieldType);
                actual.Add($"{type.Name}.{field.Name}: {size} bytes at {Marshal.OffsetOf(type, field.Name)}");
            }
        }

        Assert.That(actual, Is.EqualTo(expected));
    }

    [Test]
    public void EveryCodeHasTheValueOfTheHeaders()
    {
        var declared = new StringBuilder();
        foreach (string header in Directory.GetFiles(Path.Combine(Repository.Root, "native", "include", "nativechain"), "*.h"))
        {
            declared.Append(File.ReadAllText(header));
        }

        string text = declared.ToString();
        Type[] enums = [.. typeof(Native).Assembly.GetExportedTypes().Where(type => type.IsEnum && type.Name.StartsWith("nc_", StringComparison.Ordinal))];
        Assert.That(enums, Is.Not.Empty);
        Assert.Multiple(() =>
        {
            foreach (Type type in enums)
            {
                foreach (object value in Enum.GetValues(type))
                {
                    Assert.That(Regex.IsMatch(text, $@"\b{value} = {Convert.ToInt32(value)}\b"), Is.True, $"{type.Name}.{value}");
                }
            }
        });
    }

    private static bool IsAbiStruct(Type type) =>
        type is { IsValueType: true, IsEnum: false, IsNested: false } && type.GetFields().Length > 0
        && type.Name.StartsWith("nc_", StringComparison.Ordinal);

    private static int SizeOf(Type type) =>
        type.IsPointer
            ? IntPtr.Size
            : (int)typeof(Unsafe).GetMethod(nameof(Unsafe.SizeOf))!.MakeGenericMethod(type).Invoke(null, null)!;
}
