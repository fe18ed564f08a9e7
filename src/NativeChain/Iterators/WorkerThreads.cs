namespace NativeChain;

/// <summary>
/// A few threads that work through a queue. They come when there is work, and go when there has been none for a while, so that one
/// who forgets to stop them leaks nothing.
/// </summary>
/// <param name="count">Most threads at a time.</param>
/// <param name="name">Their name.</param>
internal sealed class WorkerThreads(int count, string name)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    private readonly object _lock = new();
    private readonly Queue<Action> _queue = new();
    private readonly List<Thread> _threads = [];
    private int _idle;
    private bool _stopping;

    /// <summary>Adds work; it must not throw.</summary>
    public void Add(IEnumerable<Action> work)
    {
        lock (_lock)
        {
            foreach (Action item in work)
            {
                _queue.Enqueue(item);
            }
            for (int missing = Math.Min(count - _threads.Count, _queue.Count - _idle); missing > 0; missing--)
            {
                Thread thread = new(Run) { Name = name, IsBackground = true };
                _threads.Add(thread);
                thread.UnsafeStart();
            }
            Monitor.PulseAll(_lock);
        }
    }

    /// <summary>Drops what has not begun, and waits for the end of what has, and of the threads.</summary>
    public void Stop()
    {
        Thread[] threads;
        lock (_lock)
        {
            _queue.Clear();
            _stopping = true;
            threads = [.. _threads];
            Monitor.PulseAll(_lock);
        }
        foreach (Thread thread in threads)
        {
            thread.Join();
        }
        lock (_lock)
        {
            _stopping = false;
        }
    }

    private void Run()
    {
        while (Take() is { } work)
        {
            work();
        }
    }

    private Action? Take()
    {
        lock (_lock)
        {
            while (_queue.Count == 0)
            {
                _idle++;
                bool pulsed = !_stopping && Monitor.Wait(_lock, s_patience);
                _idle--;
                if (_queue.Count == 0 && (_stopping || !pulsed))
                {
                    _threads.Remove(Thread.CurrentThread);
                    return null;
                }
            }
            return _queue.Dequeue();
        }
    }
}
