namespace NativeChain;

/// <summary>Which Variables a built-in elementwise function takes.</summary>
internal enum TypeRule
{
    /// <summary>Those that its expression can be computed of.</summary>
    Expression,

    /// <summary>Of one dtype.</summary>
    SameDType,

    /// <summary>Floating point, of one dtype.</summary>
    Floating,

    /// <summary>Floating point, of one dtype and one shape.</summary>
    FloatingSameShape,
}
