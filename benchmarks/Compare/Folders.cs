namespace NativeChain.Compare;

internal static class Folders
{
    /// <summary>The folder of cases.json, from wherever the program was started.</summary>
    public static string Benchmarks()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "cases.json")))
            {
                return folder.FullName;
            }
        }
        throw new FileNotFoundException("benchmarks/cases.json is not above the program");
    }
}
