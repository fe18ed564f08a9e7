namespace NativeChain.Links;

/// <summary>What the normalizations of one size share.</summary>
internal static class NormalizationParameters
{
    /// <summary>Gives a scale and a shift their size at the first call; the first calls may come from several threads.</summary>
    public static void EnsureInitialized(Parameter gamma, Parameter beta, int size)
    {
        if (gamma.IsInitialized && beta.IsInitialized)
        {
            return;
        }
        lock (gamma)
        {
            if (!beta.IsInitialized)
            {
                beta.Initialize(size);
            }
            if (!gamma.IsInitialized)
            {
                gamma.Initialize(size);
            }
        }
    }
}
