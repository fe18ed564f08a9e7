using NUnit.Framework;

namespace NativeChain.Tests;

/// <summary>Tests that each have an empty folder.</summary>
public abstract class TemporaryFolder
{
    protected string Folder { get; private set; } = "";

    [SetUp]
    public void CreateFolder() => Folder = Directory.CreateTempSubdirectory("nativechain-").FullName;

    [TearDown]
    public void DeleteFolder() => Directory.Delete(Folder, recursive: true);

    /// <summary>The path of a file in it.</summary>
    protected string At(string name) => Path.Combine(Folder, name);
}
