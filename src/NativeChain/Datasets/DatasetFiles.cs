using System.Security.Cryptography;
using Microsoft.Extensions.Logging;

namespace NativeChain;

/// <summary>Finds the files of a data set: in a folder, in the cache, or on a mirror.</summary>
/// <param name="title">Name of the data set, for messages.</param>
/// <param name="subfolder">Name of its folder, in the cache and among other data sets.</param>
/// <param name="alternatives">
/// Sets of files, any one of which will do: for each file the names that it may have. The first set is what is downloaded, under the first names.
/// </param>
/// <param name="sha256">Checksums of what is downloaded.</param>
/// <param name="mirrors">Where it is downloaded from.</param>
/// <param name="isUnmistakable">Whether the names of the files say which data set they are of.</param>
internal sealed class DatasetFiles(
    string title, string subfolder, string[][][] alternatives, string[] sha256, string[] mirrors, bool isUnmistakable = true)
{
    // A mirror that serves more than this serves something else.
    private const long MaxDownloadBytes = 1 << 28;

    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(30);

    private static readonly string[][] s_idx =
    [
        ["train-images-idx3-ubyte.gz", "train-images-idx3-ubyte"], ["train-labels-idx1-ubyte.gz", "train-labels-idx1-ubyte"],
        ["t10k-images-idx3-ubyte.gz", "t10k-images-idx3-ubyte"], ["t10k-labels-idx1-ubyte.gz", "t10k-labels-idx1-ubyte"],
    ];

    public static DatasetFiles Mnist { get; } = new(
        "MNIST",
        "mnist",
        [s_idx],
        [
            "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
            "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
            "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
            "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
        ],
        ["https://ossci-datasets.s3.amazonaws.com/mnist/", "https://storage.googleapis.com/cvdf-datasets/mnist/"]);

    /// <summary>Its files have the names of MNIST's, and must lie in a folder of its own.</summary>
    public static DatasetFiles FashionMnist { get; } = new(
        "Fashion-MNIST",
        "fashion-mnist",
        [s_idx],
        [
            "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
            "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
            "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
            "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
        ],
        [
            "https://fashion-mnist.s3.eu-central-1.amazonaws.com/",
            "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/b2617bb6d3ffa2e429640350f613e3291e10b141/data/fashion/",
        ],
        isUnmistakable: false);

    public static DatasetFiles Cifar10 { get; } = new(
        "CIFAR-10",
        "cifar-10",
        Archived("cifar-10-binary.tar.gz", "cifar-10-batches-bin", CifarFile.Cifar10Parts),
        ["c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd"],
        ["https://www.cs.toronto.edu/~kriz/", "https://storage.googleapis.com/s4tf-hosted-binaries/datasets/CIFAR10/"]);

    public static DatasetFiles Cifar100 { get; } = new(
        "CIFAR-100",
        "cifar-100",
        Archived("cifar-100-binary.tar.gz", "cifar-100-binary", CifarFile.Cifar100Parts),
        ["58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec"],
        ["https://www.cs.toronto.edu/~kriz/"]);

    public static string CacheRoot => Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify) is { Length: > 0 } local
            ? local
            : Path.GetTempPath(),
        "NativeChain");

    /// <summary>Paths of the files of one of the sets.</summary>
    /// <param name="folder">Where they are; null for the folder that the environment names, the cache, or a mirror.</param>
    /// <exception cref="DatasetNotFoundException">They are nowhere to be found.</exception>
    public string[] Find(string? folder) => Find(folder, Path.Combine(CacheRoot, subfolder), mirrors);

    internal string[] Find(string? folder, string cache, IReadOnlyList<string> fromMirrors, HttpMessageHandler? handler = null)
    {
        List<string> tried = [];
        if (folder is not null)
        {
            return InFolder(folder, tried) ?? throw NotFound(tried);
        }
        if (Environment.GetEnvironmentVariable(Datasets.DataVariable) is { Length: > 0 } root)
        {
            return (isUnmistakable ? InFolder(root, tried) : null) ?? InFolder(Path.Combine(root, subfolder), tried) ?? throw NotFound(tried);
        }
        tried.Add($"{Datasets.DataVariable} is not set");
        return InFolder(cache, tried) ?? Download(cache, fromMirrors, handler, tried) ?? throw NotFound(tried);
    }

    private static string[][][] Archived(string archive, string folder, string[] parts) =>
    [
        [[archive]], [.. parts.Select(part => new[] { Path.Combine(folder, part) })], [.. parts.Select(part => new[] { part })],
    ];

    private DatasetNotFoundException NotFound(List<string> tried) => new(
        $"{title} was not found:" + string.Concat(tried.Select(what => Environment.NewLine + "  - " + what)));

    private string[]? InFolder(string folder, List<string> tried)
    {
        foreach (string[][] set in alternatives)
        {
            string?[] paths = Array.ConvertAll(set, names => names.Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists));
            int missing = Array.IndexOf(paths, null);
            if (missing < 0)
            {
                return paths!;
            }
            tried.Add(string.Join(" and ", set[missing].Select(name => Path.Combine(folder, name))) + (set[missing].Length > 1 ? " do" : " does") + " not exist");
        }
        return null;
    }

    private string[]? Download(string cache, IReadOnlyList<string> fromMirrors, HttpMessageHandler? handler, List<string> tried)
    {
        using HttpClient client = handler is null ? new HttpClient() : new HttpClient(handler, disposeHandler: false);
        client.Timeout = s_timeout;
        ILogger logger = Config.LoggerFactory.CreateLogger(typeof(Datasets).FullName!);
        string[] paths = new string[alternatives[0].Length];
        for (int i = 0; i < paths.Length; i++)
        {
            string name = alternatives[0][i][0];
            string? path = null;
            for (int m = 0; m < fromMirrors.Count && path is null; m++)
            {
                string url = fromMirrors[m] + name;
                try
                {
                    path = Download(client, url, Path.Combine(cache, name), sha256[i]);
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

    /// <summary>A file that is seen only when all of it has come and is what it should be.</summary>
    private static string Download(HttpClient client, string url, string path, string sha256)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, url);
        using HttpResponseMessage response = client.Send(request, HttpCompletionOption.ResponseHeadersRead);
        response.EnsureSuccessStatusCode();
        using Stream stream = response.Content.ReadAsStream();
        string folder = Path.GetDirectoryName(path)!;
        bool isNew = !Directory.Exists(folder);
        Directory.CreateDirectory(folder);
        try
        {
            AtomicFile.Write(path, file => CopyChecked(stream, file, sha256));
        }
        catch when (isNew)
        {
            Directory.Delete(folder);
            throw;
        }
        return path;
    }

    private static void CopyChecked(Stream stream, Stream file, string sha256)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = new byte[1 << 16];
        long size = 0;
        for (int n; (n = stream.Read(buffer)) > 0;)
        {
            size += n;
            if (size > MaxDownloadBytes)
            {
                throw new InvalidDataException($"sent more than {MaxDownloadBytes} bytes");
            }
            hash.AppendData(buffer, 0, n);
            file.Write(buffer, 0, n);
        }
        string actual = System.Convert.ToHexStringLower(hash.GetHashAndReset());
        if (actual != sha256)
        {
            throw new InvalidDataException($"sent a file with SHA-256 {actual}, not {sha256}");
        }
    }
}
