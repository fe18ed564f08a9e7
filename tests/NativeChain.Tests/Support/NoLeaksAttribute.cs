using NUnit.Framework;
using NUnit.Framework.Interfaces;

namespace NativeChain.Tests;

/// <summary>After the test, with everything unreachable collected, as many bytes of native memory are live as before it.</summary>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Class)]
public sealed class NoLeaksAttribute : Attribute, ITestAction
{
    private readonly AsyncLocal<long> _before = new();

    /// <inheritdoc/>
    public ActionTargets Targets => ActionTargets.Test;

    /// <inheritdoc/>
    public void BeforeTest(ITest test) => _before.Value = Live();

    /// <inheritdoc/>
    public void AfterTest(ITest test) => Assert.That(Live(), Is.EqualTo(_before.Value), "live bytes of native memory");

    private static long Live()
    {
        NativeMemory.Collect();
        return NativeMemory.GetStats().Live;
    }
}
