namespace NativeChain;

/// <summary>The functions of the library, on variables: they record the graph that <see cref="Variable.Backward"/> goes through.</summary>
/// <remarks>Arrays convert to variables that require no gradient. Names and defaults are Chainer's.</remarks>
public static partial class F
{
}
