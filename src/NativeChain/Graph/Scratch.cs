namespace NativeChain;

/// <summary>
/// Arrays that only the library sees: the gradients that flow between built-in functions. Their memory is reused as soon as a backward pass
/// has consumed them, unless they were recorded in a graph or handed out before (<see cref="VariableNode.Escape"/>).
/// </summary>
internal static class Scratch
{
    public static NDArray Like(NDArray x) => NDArray.AllocateScratch(x.Shape, x.DType, x.Device);

    /// <summary>Marks an array that was just made, and that nobody else refers to.</summary>
    public static NDArray Mark(NDArray array)
    {
        array.IsScratch = true;
        return array;
    }

    /// <summary>The transpose for the length of one kernel call: unlike a view that is kept, it leaves scratch scratch.</summary>
    public static Borrowed Transpose(NDArray x) => new(x, x.IsScratch, x.T);

    /// <summary>Another shape for the length of one kernel call: unlike a view that is kept, it leaves scratch scratch.</summary>
    public static Borrowed Reshape(NDArray x, Shape shape) => new(x, x.IsScratch, x.Reshape(shape));

    /// <summary>Repeated to a larger shape for the length of one kernel call: unlike a view that is kept, it leaves scratch scratch.</summary>
    public static Borrowed BroadcastTo(NDArray x, Shape shape) => new(x, x.IsScratch, x.BroadcastTo(shape));

    /// <summary>The reverse along an axis for the length of one kernel call: unlike a view that is kept, it leaves scratch scratch.</summary>
    public static Borrowed Flip(NDArray x, int axis) => new(x, x.IsScratch, NDArray.Flip(x, axis));

    internal readonly ref struct Borrowed(NDArray source, bool isScratch, NDArray view)
    {
        public NDArray View => view;

        public void Dispose()
        {
            view.Dispose();
            source.IsScratch = isScratch;
        }
    }
}
