using System.Collections;

namespace NativeChain;

/// <summary>A minibatch: one array for each part of an example, examples along the first axis.</summary>
/// <remarks><code>foreach (var (x, t) in iterator)</code></remarks>
public sealed class Batch : IReadOnlyList<NDArray>
{
    private readonly NDArray[] _arrays;

    /// <summary>Creates a minibatch.</summary>
    /// <param name="arrays">Its arrays, all with one extent of the first axis.</param>
    public Batch(params NDArray[] arrays)
    {
        ArgumentNullException.ThrowIfNull(arrays);
        _arrays = arrays;
    }

    /// <summary>Number of arrays.</summary>
    public int Count => _arrays.Length;

    /// <summary>Number of examples.</summary>
    public int Size => _arrays.Length == 0 ? 0 : _arrays[0].Shape[0];

    /// <summary>One of the arrays.</summary>
    /// <param name="index">Its index.</param>
    public NDArray this[int index] => _arrays[index];

    /// <summary>The first two arrays of a minibatch of two.</summary>
    /// <param name="x">The first.</param>
    /// <param name="t">The second.</param>
    /// <exception cref="InvalidOperationException">It has another number of arrays.</exception>
    public void Deconstruct(out NDArray x, out NDArray t)
    {
        Check(2);
        (x, t) = (_arrays[0], _arrays[1]);
    }

    /// <summary>The arrays of a minibatch of three.</summary>
    /// <param name="a">The first.</param>
    /// <param name="b">The second.</param>
    /// <param name="c">The third.</param>
    /// <exception cref="InvalidOperationException">It has another number of arrays.</exception>
    public void Deconstruct(out NDArray a, out NDArray b, out NDArray c)
    {
        Check(3);
        (a, b, c) = (_arrays[0], _arrays[1], _arrays[2]);
    }

    /// <summary>The arrays of a minibatch of four.</summary>
    /// <param name="a">The first.</param>
    /// <param name="b">The second.</param>
    /// <param name="c">The third.</param>
    /// <param name="d">The fourth.</param>
    /// <exception cref="InvalidOperationException">It has another number of arrays.</exception>
    public void Deconstruct(out NDArray a, out NDArray b, out NDArray c, out NDArray d)
    {
        Check(4);
        (a, b, c, d) = (_arrays[0], _arrays[1], _arrays[2], _arrays[3]);
    }

    /// <summary>The minibatch on a device.</summary>
    /// <param name="device">The device.</param>
    public Batch To(Device device) => new(Array.ConvertAll(_arrays, array => array.To(device)));

    /// <summary>The arrays as variables that take no gradient, such as a loss wants them.</summary>
    public Variable[] ToVariables() => Array.ConvertAll(_arrays, array => (Variable)array);

    /// <summary>The arrays, in order.</summary>
    public IEnumerator<NDArray> GetEnumerator() => ((IEnumerable<NDArray>)_arrays).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private void Check(int count)
    {
        if (_arrays.Length != count)
        {
            throw new InvalidOperationException($"a minibatch of {_arrays.Length} arrays cannot be taken apart into {count}");
        }
    }
}
