namespace NativeChain;

/// <summary>What a reduction makes of many elements. The values are the codes of the C ABI.</summary>
public enum Reduction
{
    /// <summary>Their sum; 0 of none.</summary>
    Sum = 0,

    /// <summary>Their mean; NaN of none. Floating point only.</summary>
    Mean = 1,

    /// <summary>Their product; 1 of none.</summary>
    Prod = 2,

    /// <summary>The least; NaN if any is NaN. Refuses none.</summary>
    Min = 3,

    /// <summary>The greatest; NaN if any is NaN. Refuses none.</summary>
    Max = 4,

    /// <summary>The index of the first least one, in C order. Refuses none.</summary>
    ArgMin = 5,

    /// <summary>The index of the first greatest one, in C order. Refuses none.</summary>
    ArgMax = 6,
}
