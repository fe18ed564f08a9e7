using System.Diagnostics;
using NUnit.Framework;

namespace NativeChain.Tests;

/// <summary>With NATIVECHAIN_TEST_COLLECT=1 in the environment, a thread collects and sweeps over and over while the tests run: whatever is not kept alive as long as it is used goes wrong.</summary>
[SetUpFixture]
public sealed class CollectingThread
{
    private volatile bool _stop;
    private Thread? _thread;

    [OneTimeSetUp]
    public void Start()
    {
        if (Environment.GetEnvironmentVariable("NATIVECHAIN_TEST_COLLECT") == "1")
        {
            _thread = new Thread(Collect) { IsBackground = true };
            _thread.Start();
        }
    }

    [OneTimeTearDown]
    public void Stop()
    {
        _stop = true;
        _thread?.Join();
    }

    private void Collect()
    {
        while (!_stop)
        {
            // Half of the time: without a pause the tests get to run one kernel a collection.
            long start = Stopwatch.GetTimestamp();
            NativeMemory.Collect();
            Thread.Sleep(Stopwatch.GetElapsedTime(start));
        }
    }
}
