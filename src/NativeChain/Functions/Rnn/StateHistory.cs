namespace NativeChain;

/// <summary>
/// A state before and after each step of a layer. One block of B + S rows: the initial state, first where time runs forwards and last where it runs
/// backwards, beside those after each of the S packed steps. What a step starts from is a view of it, save where a sequence begins later than others.
/// </summary>
internal sealed class StateHistory
{
    private readonly TimeSteps _steps;
    private readonly bool _reverse;
    private readonly int _batch;
    private readonly NDArray _block;

    /// <param name="steps">The packed steps, S in all.</param>
    /// <param name="reverse">Whether time runs backwards.</param>
    /// <param name="initial">(B, N), B at least the size of the first step.</param>
    public StateHistory(TimeSteps steps, bool reverse, NDArray initial)
    {
        _steps = steps;
        _reverse = reverse;
        _batch = initial.Shape[0];
        _block = NDArray.Allocate([_batch + steps.Rows, initial.Shape[1]], initial.DType, initial.Device);
        using NDArray start = Initial(0, _batch);
        Kernels.Copy(initial, start);
    }

    /// <summary>The states after all steps, (S, N): a view.</summary>
    public NDArray All() => _reverse ? _block[.._steps.Rows] : _block[_batch..];

    /// <summary>The states after step t, (size of t, N): a view.</summary>
    public NDArray After(int t) => After(t, 0, _steps.Size(t));

    /// <summary>The states from which step t starts, (size of t, N).</summary>
    public NDArray Before(int t)
    {
        int size = _steps.Size(t);
        if (!_reverse)
        {
            return t == 0 ? Initial(0, size) : After(t - 1, 0, size);
        }

        int going = _steps.Size(t + 1);
        if (going == 0)
        {
            return Initial(0, size);
        }

        if (going == size)
        {
            return After(t + 1, 0, size);
        }

        NDArray joined = NDArray.Allocate([size, _block.Shape[1]], _block.DType, _block.Device);
        Copy(After(t + 1, 0, going), joined, 0);
        Copy(Initial(going, size), joined, going);
        return joined;
    }

    /// <summary>The states from which all steps start, packed, (S, N).</summary>
    public NDArray AllBefore()
    {
        if (_steps.AreAll(_batch))
        {
            return _reverse ? _block[_batch..] : _block[.._steps.Rows];
        }

        NDArray packed = NDArray.Allocate([_steps.Rows, _block.Shape[1]], _block.DType, _block.Device);
        for (int t = 0; t < _steps.Count; t++)
        {
            Copy(Before(t), packed, _steps.Offset(t));
        }

        return packed;
    }

    /// <summary>The states after the last step of each sequence, (B, N); the initial one where there is no step.</summary>
    public NDArray Final()
    {
        NDArray final = NDArray.Allocate([_batch, _block.Shape[1]], _block.DType, _block.Device);
        int first = _steps.Size(0);
        if (_reverse)
        {
            Copy(After(0, 0, first), final, 0);
        }
        else
        {
            for (int t = 0; t < _steps.Count; t++)
            {
                Copy(After(t, _steps.Size(t + 1), _steps.Size(t)), final, _steps.Size(t + 1));
            }
        }

        Copy(Initial(first, _batch), final, first);
        return final;
    }

    /// <summary>Gives the block back once no view of it is left.</summary>
    public void Release() => _block.Dispose();

    private NDArray Initial(int begin, int end)
    {
        int start = _reverse ? _steps.Rows : 0;
        return _block[(start + begin)..(start + end)];
    }

    private NDArray After(int t, int begin, int end)
    {
        int start = _steps.Offset(t) + (_reverse ? 0 : _batch);
        return _block[(start + begin)..(start + end)];
    }

    // Rows at their place; the source is given back.
    private static void Copy(NDArray rows, NDArray to, int at)
    {
        if (rows.Size > 0)
        {
            using NDArray target = to[at..(at + rows.Shape[0])];
            Kernels.Copy(rows, target);
        }

        rows.Dispose();
    }
}
