using System.Text.Json.Nodes;

namespace NativeChain.Compare;

/// <summary>What a runner's result comes to, in any order of its elements: runners that compute the same agree in it.</summary>
/// <param name="Count">Of its elements.</param>
/// <param name="Sum">Of its elements.</param>
/// <param name="Squares">The sum of their squares.</param>
internal readonly record struct Digest(double Count, double Sum, double Squares)
{
    /// <summary>From [count, sum, squares].</summary>
    public static Digest Of(JsonNode node) => new((double)node[0]!, (double)node[1]!, (double)node[2]!);

    /// <summary>Up to rounding: results of <paramref name="dtype"/> that were summed in another order.</summary>
    public bool Agrees(Digest other, string dtype)
    {
        double tolerance = dtype switch { "float64" => 1e-9, "bfloat16" => 1e-2, _ => 1e-4 };
        // By Cauchy and Schwarz, a sum is at most the root of count times squares: what its rounding is measured by where it cancels.
        return Count == other.Count
            && Math.Abs(Sum - other.Sum) <= tolerance * Math.Sqrt(Count * Squares)
            && Math.Abs(Squares - other.Squares) <= 2 * tolerance * Squares;
    }
}
