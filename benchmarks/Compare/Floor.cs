using System.Text.Json.Nodes;

namespace NativeChain.Compare;

/// <summary>What a case cannot do without: operations of the processor, or bytes that move between it and memory.</summary>
/// <param name="Operations">Multiplications and additions; 0 where bytes decide.</param>
/// <param name="Read">Bytes that are read.</param>
/// <param name="Written">Bytes that are written.</param>
internal readonly record struct Work(double Operations, double Read, double Written)
{
    public double Bytes => Read + Written;

    /// <summary>Null for what has no simple count.</summary>
    public static Work? Of(Case c)
    {
        double size = c.DType == "float64" ? 8 : 4;
        double Elements(params ReadOnlySpan<string> names)
        {
            double product = 1;
            foreach (string name in names)
            {
                product *= c.Parameters.ContainsKey(name) ? c.Number(name) : 1;
            }
            return product;
        }
        Work Moves(double read, double written) => new(0, size * read, size * written);
        switch (c.Operation)
        {
            case "matmul" or "batched_matmul":
                return new(2 * Elements("batch", "m", "n", "k"), 0, 0);
            case "matvec":
                return Moves(Elements("m", "k"), Elements("m"));
            case "convolution":
                double positions = Math.Floor((c.Number("extent") + 2 * c.Number("pad") - c.Number("kernel")) / c.Number("stride")) + 1;
                double kernel = c.Number("kernel") * c.Number("kernel") * c.Number("in") / c.Number("groups");
                double images = Elements("batch") * (Elements("in", "extent", "extent") + Elements("out") * positions * positions);
                // A depthwise one does less with each element than a processor does while it fetches one.
                return kernel < 16 ? Moves(images, 0) : new(2 * Elements("batch", "out") * positions * positions * kernel, 0, 0);
            case "max_pooling" or "average_pooling":
                double x = Elements("batch", "channels", "extent", "extent"), y = x / (c.Number("stride") * c.Number("stride"));
                double kept = c.Operation == "max_pooling" ? 2 * y : y;
                return c.Text("direction") == "forward" ? Moves(x, kept) : Moves(kept, x);
            case "batch_normalization":
                double pixels = Elements("batch", "channels", "extent", "extent");
                return c.Text("direction") == "forward" ? Moves(pixels, pixels) : Moves(2 * pixels, pixels);
            case "layer_normalization" or "softmax":
                double rows = Elements("rows", "columns");
                return c.Text("direction") == "forward" ? Moves(rows, rows) : Moves(2 * rows, rows);
            case "softmax_cross_entropy":
                return Moves(Elements("rows", "columns"), Elements("rows", "columns"));
            case "embedding":
                return c.Text("direction") == "forward"
                    ? Moves(Elements("count", "columns"), Elements("count", "columns"))
                    : Moves(2 * Elements("count", "columns"), Elements("count", "columns") + Elements("vocabulary", "columns"));
            case "program":
                return Moves(c.Text("program") == "add" || c.Text("direction") == "backward" ? 2 * c.Number("size") : c.Number("size"), c.Number("size"));
            case "reduce":
                return Moves(Elements("rows", "columns"), 0);
            case "copy":
                double elements = Elements("rows", "columns");
                return c.Text("kind") switch
                {
                    "strided" => Moves(elements, elements / 2),
                    "cast" => Moves(elements, 2 * elements),
                    _ => Moves(elements, elements),
                };
            case "optimizer":
                double parameters = Parameters([.. c.Parameters["units"]!.AsArray().Select(unit => (double)unit!)]);
                return c.Text("rule") == "adam" ? Moves(4 * parameters, 3 * parameters) : Moves(3 * parameters, 2 * parameters);
            case "mlp_step":
                double[] units = c.Parameters.ContainsKey("depth")
                    ? [784, .. Enumerable.Repeat(c.Number("width"), (int)c.Number("depth") - 1), 10]
                    : [.. c.Parameters["units"]!.AsArray().Select(unit => (double)unit!)];
                // Forward, and backward by the weights and, but for the first layer, by the inputs; Adam.
                double products = units.Zip(units.Skip(1), (fanIn, fanOut) => fanIn * fanOut).Sum();
                return new(2 * c.Number("batch") * (3 * products - units[0] * units[1]), 4 * 4 * Parameters(units), 4 * 3 * Parameters(units));
            default:
                return null;
        }
    }

    private static double Parameters(double[] units) => units.Zip(units.Skip(1), (fanIn, fanOut) => (fanIn + 1) * fanOut).Sum();
}

/// <summary>A measure of the machine that a floor is made of: a case of the core's own runner.</summary>
internal sealed record Yardstick(JsonObject Case, double Count)
{
    // What moves less, or computes less, is bound by the call itself.
    private const double LeastBytes = 1e6, LeastOperations = 1e6;

    /// <summary>The peak where the work is operations, else the bandwidth of as many bytes with as many threads; null where there is too little of either.</summary>
    public static Yardstick? Of(Case c)
    {
        if (Work.Of(c) is not { } work || Math.Max(work.Bytes / LeastBytes, work.Operations / LeastOperations) < 1)
        {
            return null;
        }
        if (work.Operations > 0)
        {
            const double operations = 1e9;
            return new(Make("peak", c, "operations", operations), work.Operations / operations);
        }
        double bytes = Math.Ceiling(work.Bytes / 128) * 128;
        return new(Make(work.Written > 0 ? "stream_copy" : "stream_read", c, "bytes", bytes), work.Bytes / bytes);
    }

    private static JsonObject Make(string operation, Case c, string name, double count) =>
        new() { ["id"] = operation, ["operation"] = operation, ["dtype"] = c.DType, ["threads"] = c.Threads, [name] = (long)count };
}
