using System.Security.Cryptography;
using Microsoft.Extensions.Logging;

namespace NativeChain;

/// <summary>Finds the four files of MNIST: in a folder, in the cache, or on a mirror.</summary>
internal static class MnistFiles
{
    // A mirror that serves more than this serves something else.
    private const long MaxDownloadBytes = 1 << 26;

    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(30);

    internal static readonly string[] Mirrors =
    [
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
    ];

    internal static readonly (string Name, string Sha256)[] Files =
    [
        ("train-images-idx3-ubyte", "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"),
        ("train-labels-idx1-ubyte", "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"),
        ("t10k-images-idx3-ubyte", "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"),
        ("t10k-labels-idx1-ubyte", "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"),
    ];

    public static string CacheFolder => Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify) is { Length: > 0 } local
            ? local
            : Path.GetTempPath(),
        "NativeChain", "mnist");

    /// <summary>Paths of training images, training labels, test images and test labels.</summary>
    /// <exception cref="DatasetNotFoundException">They are nowhere to be found.</exception>
    public static string[] Find(string? folder, string cache, IReadOnlyList<string> mirrors, HttpMessageHandler? handler = null)
    {
        List<string> tried = [];
        folder ??= Environment.GetEnvironmentVariable(Datasets.DataVariable) is { Length: > 0 } variable ? variable : null;
        if (folder is not null)
        {
            return InFolder(folder, tried) ?? throw NotFound(tried);
        }
        tried.Add($"{Datasets.DataVariable} is not set");
        return InFolder(cache, tried) ?? Download(cache, mirrors, handler, tried) ?? throw NotFound(tried);
    }

    private static DatasetNotFoundException NotFound(List<string> tried) => new(
        "MNIST was not found:" + string.Concat(tried.Select(what => Environment.NewLine + "  - " + what)));

    private static string[]? InFolder(string folder, List<string> tried)
    {
        string[] paths = new string[Files.Length];
        for (int i = 0; i < Files.Length; i++)
        {
            string plain = Path.Combine(folder, Files[i].Name);
            string? found = new[] { plain + ".gz", plain }.FirstOrDefault(File.Exists);
            if (found is null)
            {
                tried.Add($"{plain}[.gz] does not exist");
                return null;
            }
            paths[i] = found;
        }
        return paths;
    }

    private static string[]? Download(string cache, IReadOnlyList<string> mirrors, HttpMessageHandler? handler, List<string> tried)
    {
        using HttpClient client = handler is null ? new HttpClient() : new HttpClient(handler, disposeHandler: false);
        client.Timeout = s_timeout;
        ILogger logger = Config.LoggerFactory.CreateLogger(typeof(Datasets).FullName!);
        string[] paths = new string[Files.Length];
        for (int i = 0; i < Files.Length; i++)
        {
            string? path = null;
            for (int m = 0; m < mirrors.Count && path is null; m++)
            {
                string url = mirrors[m] + Files[i].Name + ".gz";
                try
                {
                    path = Download(client, url, Path.Combine(cache, Files[i].Name + ".gz"), Files[i].Sha256);
                    logger.LogInformation("downloaded {Url} to {Path}", url, path);
                }
                catch (Exception e) when (e is HttpRequestException or TaskCanceledException or IOException or InvalidDataException or UnauthorizedAccessException)
                {
                    tried.Add($"{url}: {e.Message}");
                }
            }
            if (path is null)
            {
                return null;
            }
            paths[i] = path;
        }
        return paths;
    }

    private static string Download(HttpClient client, string url, string path, string sha256)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, url);
        using HttpResponseMessage response = client.Send(request, HttpCompletionOption.ResponseHeadersRead);
        response.EnsureSuccessStatusCode();
        using Stream stream = response.Content.ReadAsStream();
        using MemoryStream content = new();
        byte[] buffer = new byte[1 << 16];
        for (int n; (n = stream.Read(buffer)) > 0;)
        {
            content.Write(buffer, 0, n);
            if (content.Length > MaxDownloadBytes)
            {
                throw new InvalidDataException($"sent more than {MaxDownloadBytes} bytes");
            }
        }
        content.Position = 0;
        string actual = System.Convert.ToHexStringLower(SHA256.HashData(content));
        if (actual != sha256)
        {
            throw new InvalidDataException($"sent a file with SHA-256 {actual}, not {sha256}");
        }
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        content.Position = 0;
        AtomicFile.Write(path, file => content.CopyTo(file));
        return path;
    }
}
