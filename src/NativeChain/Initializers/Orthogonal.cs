namespace NativeChain.Initializers;

/// <summary>Which weights <see cref="Orthogonal"/> takes, as matrices of as many rows as outputs.</summary>
public enum OrthogonalMode
{
    /// <summary>All.</summary>
    Auto,

    /// <summary>Those with no more outputs than inputs: their rows are orthogonal.</summary>
    Projection,

    /// <summary>Those with no fewer outputs than inputs: their columns are orthogonal.</summary>
    Embedding,

    /// <summary>Square ones.</summary>
    Basis,
}

/// <summary>Fills with a random matrix of orthogonal rows, or columns if there are more rows, each of norm scale.</summary>
/// <remarks>
/// Axes after the first are taken together: (out, in...). The matrix is uniform among all such: Q of the QR decomposition of a normal one, with the
/// signs that make the diagonal of R positive. Saxe, McClelland and Ganguli, Exact solutions to the nonlinear dynamics of learning in deep linear
/// neural networks, 2013. A 0-d array is scale or its negative.
/// </remarks>
/// <param name="scale">Norm of the rows or columns.</param>
/// <param name="dtype">Dtype of the arrays it is made for; null for the configuration's.</param>
/// <param name="mode">Which shapes are taken; others are refused.</param>
/// <param name="rng">Source of random numbers; null for <see cref="NDArray.Random"/>.</param>
public sealed class Orthogonal(
    double scale = 1.1, DType? dtype = null, OrthogonalMode mode = OrthogonalMode.Auto, RandomGenerator? rng = null) : Initializer(dtype)
{
    private static readonly Elementwise s_signed =
        Elementwise.Of((q, r, scale) => q * Expr.Select(r < 0, -scale, scale), "Orthogonal");

    /// <inheritdoc/>
    public override void Fill(NDArray array)
    {
        Check(array);
        RandomGenerator random = rng ?? NDArray.Random.Default;
        if (array.NDim == 0)
        {
            array.Fill(random.Bernoulli(0.5, device: array.Device).Item<double>() != 0 ? scale : -scale);
            return;
        }
        if (array.Size == 0)
        {
            throw new ArgumentException($"Orthogonal.Fill: needs an array with elements, not {array.Shape}", nameof(array));
        }
        int outputs = array.Shape[0], inputs = checked((int)(array.Size / outputs));
        bool fits = mode switch
        {
            OrthogonalMode.Projection => outputs <= inputs,
            OrthogonalMode.Embedding => outputs >= inputs,
            OrthogonalMode.Basis => outputs == inputs,
            _ => true,
        };
        if (!fits)
        {
            throw new ArgumentException(
                $"Orthogonal.Fill: {array.Shape}, of {inputs} inputs and {outputs} outputs, is no {mode.ToString().ToLowerInvariant()}", nameof(array));
        }

        // (long, short): orthogonal columns, transposed where the rows are to be.
        DType computed = array.DType == NativeChain.DType.Float64 ? NativeChain.DType.Float64 : NativeChain.DType.Float32;
        NDArray normal = random.Normal(0, 1, (Math.Max(inputs, outputs), Math.Min(inputs, outputs)), computed, array.Device);
        (NDArray q, NDArray r) = NDArray.Linalg.QR(normal);
        q = s_signed.Compute(q, r.Diagonal(), scale);
        Kernels.Copy((inputs > outputs ? q.T : q).Reshape(array.Shape), array);
    }
}
