namespace NativeChain;

/// <summary>What <see cref="Configuration.Debug"/> looks for.</summary>
internal static class DebugMode
{
    /// <summary>Whether an element is NaN; one reduction, because the maximum of any NaN is NaN.</summary>
    public static bool ContainsNaN(NDArray x) =>
        x.DType.IsFloating() && x.Size > 0 && double.IsNaN(x.Max().AsType(DType.Float64).Item<double>());
}
