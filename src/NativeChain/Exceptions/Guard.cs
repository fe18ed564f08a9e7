using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace NativeChain;

/// <summary>Checks of arguments that name the function and the argument.</summary>
internal static class Guard
{
    /// <summary>The value, where it is not null.</summary>
    /// <exception cref="ArgumentNullException">It is null.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static T NotNull<T>(
        [NotNull] T? value,
        [CallerArgumentExpression(nameof(value))] string parameter = "",
        [CallerMemberName] string function = "")
        where T : class
    {
        if (value is null)
        {
            ThrowNull(parameter, function);
        }

        return value;
    }

    [DoesNotReturn]
    private static void ThrowNull(string parameter, string function) =>
        throw new ArgumentNullException(parameter, $"{function}: {parameter} is null.");
}
