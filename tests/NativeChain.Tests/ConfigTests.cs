using NUnit.Framework;

namespace NativeChain.Tests;

[TestFixture]
public class ConfigTests
{
    [Test]
    public void DefaultsAreChainers()
    {
        var config = new Configuration();
        Assert.Multiple(() =>
        {
            Assert.That(config.Train, Is.True);
            Assert.That(config.EnableBackprop, Is.True);
            Assert.That(config.DType, Is.EqualTo(DType.Float32));
            Assert.That(config.Debug, Is.False);
            Assert.That(config.TypeCheck, Is.True);
            Assert.That(config.KeepGraphOnReport, Is.False);
            Assert.That(config.Seed, Is.Null);
            Assert.That(config.MatmulPrecision, Is.EqualTo(MatmulPrecision.Float32));
        });
    }

    [Test]
    public void ScopesNestAndRestore()
    {
        using (Config.Using(train: false))
        {
            Assert.That(Config.Train, Is.False);
            using (Config.Using(dtype: DType.Float64, debug: true))
            {
                Assert.That(Config.Train, Is.False, "an inner scope keeps what it does not name");
                Assert.That(Config.DType, Is.EqualTo(DType.Float64));
                Assert.That(Config.Debug, Is.True);
            }
            Assert.That(Config.DType, Is.EqualTo(DType.Float32));
            Assert.That(Config.Debug, Is.False);
            Assert.That(Config.Train, Is.False);
        }
        Assert.That(Config.Train, Is.True);
    }

    [Test]
    public void BackpropModesNest()
    {
        using (Config.NoBackpropMode())
        {
            Assert.That(Config.EnableBackprop, Is.False);
            using (Config.ForceBackpropMode())
            {
                Assert.That(Config.EnableBackprop, Is.True);
            }
            Assert.That(Config.EnableBackprop, Is.False);
        }
        Assert.That(Config.EnableBackprop, Is.True);
    }

    [Test]
    public void AScopeFlowsIntoNewThreadsAndTasksButNotBack()
    {
        using (Config.NoBackpropMode())
        {
            bool inThread = true;
            var thread = new Thread(() =>
            {
                inThread = Config.EnableBackprop;
                Config.Using(enableBackprop: true);
            });
            thread.Start();
            thread.Join();
            Assert.That(inThread, Is.False);
            Assert.That(Config.EnableBackprop, Is.False, "what a thread opens stays in it");
        }
    }

    [Test]
    public async Task AScopeSurvivesAwait()
    {
        using (Config.Using(train: false))
        {
            await Task.Yield();
            Assert.That(Config.Train, Is.False);
            await Task.Run(() => Assert.That(Config.Train, Is.False));
            await Inner();
            Assert.That(Config.Train, Is.False, "the scope of an awaited method stays in it");
        }
        Assert.That(Config.Train, Is.True);

        static async Task Inner()
        {
            using (Config.Using(train: true))
            {
                await Task.Yield();
                Assert.That(Config.Train, Is.True);
            }
        }
    }

    [Test]
    [NonParallelizable]
    public void GlobalIsSeenByThreadsWithoutScope()
    {
        Configuration before = Config.Global;
        try
        {
            Config.Global = before with { Debug = true };
            bool seen = false;
            var thread = new Thread(() => seen = Config.Debug);
            thread.Start();
            thread.Join();
            Assert.That(seen, Is.True);
        }
        finally
        {
            Config.Global = before;
        }
    }

    [Test]
    public void GlobalAndUsingRefuseNull()
    {
        Assert.That(() => Config.Global = null!, Throws.ArgumentNullException);
        Assert.That(() => Config.Using((Configuration)null!), Throws.ArgumentNullException);
        Assert.That(() => Config.LoggerFactory = null!, Throws.ArgumentNullException);
    }

    [Test]
    public void ConfigurationsCompareByValue()
    {
        var a = new Configuration { Seed = 3 };
        _ = a.WithEnableBackprop(false);
        Assert.That(a, Is.EqualTo(new Configuration { Seed = 3 }));
        Assert.That(a, Is.Not.EqualTo(a with { MatmulPrecision = MatmulPrecision.BFloat16 }));
        Assert.That(a.WithEnableBackprop(false), Is.Not.EqualTo(a));
        Assert.That(a.WithEnableBackprop(false).WithEnableBackprop(true), Is.SameAs(a));
        Assert.That((a with { Train = false }).WithEnableBackprop(false).Train, Is.False);
        Configuration rounding = a with { MatmulPrecision = MatmulPrecision.BFloat16 };
        Assert.That(rounding.WithEnableBackprop(false).MatmulPrecision, Is.EqualTo(MatmulPrecision.BFloat16));
    }
}
