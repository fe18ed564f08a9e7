using NativeChain.Initializers;

namespace NativeChain.Links;

/// <summary>Layers of simple recurrent units with tanh, one above the other, over sequences of any lengths.</summary>
/// <remarks>Parameters: those of layer and direction i at `/i/w0` to `/i/w1` and `/i/b0` to `/i/b1`, in the order of <see cref="F.NStepRNN"/>.</remarks>
public class NStepRNNTanh : NStepRNNBase
{
    /// <summary>Creates the layers.</summary>
    /// <param name="nLayers">Number of layers.</param>
    /// <param name="inSize">Size of an input.</param>
    /// <param name="outSize">Number of hidden units of a layer.</param>
    /// <param name="dropout">The probability that an output is dropped between layers, in training mode: at least 0, less than 1.</param>
    /// <param name="initialW">Initializer of the weights; null for <see cref="LeCunNormal"/>.</param>
    /// <param name="initialBias">Initializer of the biases; null for zeros.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive, or <paramref name="dropout"/> is outside [0, 1).</exception>
    public NStepRNNTanh(
        int nLayers, int inSize, int outSize, double dropout, Initializer? initialW = null, Initializer? initialBias = null)
        : base(2, 1, nLayers, inSize, outSize, dropout, initialW, initialBias)
    {
    }

    /// <summary>Runs sequences through the layers.</summary>
    /// <param name="hx">Initial outputs, (S, B, N); null for zeros.</param>
    /// <param name="xs">B sequences, (L_i, inSize) each, in any order.</param>
    /// <returns>The outputs after the last step, (S, B, N), and the last layer's outputs for each sequence, (L_i, N).</returns>
    /// <exception cref="ArgumentNullException"><paramref name="xs"/> or a sequence is null.</exception>
    /// <exception cref="ArgumentException">There are no sequences, or all are empty.</exception>
    /// <exception cref="InvalidTypeException">Dtypes or shapes do not fit.</exception>
    public (Variable Hy, Variable[] Ys) Forward(Variable? hx, IReadOnlyList<Variable> xs)
    {
        (Variable[] states, Variable[] ys) = Run(RecurrentStack.RNN(GetType().Name, "tanh"), [hx], xs);
        return (states[0], ys);
    }

    /// <summary><see cref="Forward(Variable, IReadOnlyList{Variable})"/> between the hooks.</summary>
    /// <inheritdoc cref="Forward(Variable, IReadOnlyList{Variable})"/>
    public (Variable Hy, Variable[] Ys) Call(Variable? hx, IReadOnlyList<Variable> xs) =>
        HasHooks ? Hooked(() => Forward(hx, xs), hx, xs) : Forward(hx, xs);
}

/// <summary>Layers of simple recurrent units with ReLU, one above the other, over sequences of any lengths.</summary>
/// <remarks>Parameters: those of layer and direction i at `/i/w0` to `/i/w1` and `/i/b0` to `/i/b1`, in the order of <see cref="F.NStepRNN"/>.</remarks>
public class NStepRNNReLU : NStepRNNBase
{
    /// <summary>Creates the layers.</summary>
    /// <param name="nLayers">Number of layers.</param>
    /// <param name="inSize">Size of an input.</param>
    /// <param name="outSize">Number of hidden units of a layer.</param>
    /// <param name="dropout">The probability that an output is dropped between layers, in training mode: at least 0, less than 1.</param>
    /// <param name="initialW">Initializer of the weights; null for <see cref="LeCunNormal"/>.</param>
    /// <param name="initialBias">Initializer of the biases; null for zeros.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive, or <paramref name="dropout"/> is outside [0, 1).</exception>
    public NStepRNNReLU(
        int nLayers, int inSize, int outSize, double dropout, Initializer? initialW = null, Initializer? initialBias = null)
        : base(2, 1, nLayers, inSize, outSize, dropout, initialW, initialBias)
    {
    }

    /// <summary>Runs sequences through the layers.</summary>
    /// <param name="hx">Initial outputs, (S, B, N); null for zeros.</param>
    /// <param name="xs">B sequences, (L_i, inSize) each, in any order.</param>
    /// <returns>The outputs after the last step, (S, B, N), and the last layer's outputs for each sequence, (L_i, N).</returns>
    /// <exception cref="ArgumentNullException"><paramref name="xs"/> or a sequence is null.</exception>
    /// <exception cref="ArgumentException">There are no sequences, or all are empty.</exception>
    /// <exception cref="InvalidTypeException">Dtypes or shapes do not fit.</exception>
    public (Variable Hy, Variable[] Ys) Forward(Variable? hx, IReadOnlyList<Variable> xs)
    {
        (Variable[] states, Variable[] ys) = Run(RecurrentStack.RNN(GetType().Name, "relu"), [hx], xs);
        return (states[0], ys);
    }

    /// <summary><see cref="Forward(Variable, IReadOnlyList{Variable})"/> between the hooks.</summary>
    /// <inheritdoc cref="Forward(Variable, IReadOnlyList{Variable})"/>
    public (Variable Hy, Variable[] Ys) Call(Variable? hx, IReadOnlyList<Variable> xs) =>
        HasHooks ? Hooked(() => Forward(hx, xs), hx, xs) : Forward(hx, xs);
}

/// <summary>Layers of simple recurrent units with tanh in both directions of time, one above the other, over sequences of any lengths.</summary>
/// <remarks>Parameters: those of layer and direction i at `/i/w0` to `/i/w1` and `/i/b0` to `/i/b1`, in the order of <see cref="F.NStepBiRNN"/>.</remarks>
public class NStepBiRNNTanh : NStepRNNBase
{
    /// <summary>Creates the layers.</summary>
    /// <param name="nLayers">Number of layers.</param>
    /// <param name="inSize">Size of an input.</param>
    /// <param name="outSize">Number of hidden units of a layer in one direction.</param>
    /// <param name="dropout">The probability that an output is dropped between layers, in training mode: at least 0, less than 1.</param>
    /// <param name="initialW">Initializer of the weights; null for <see cref="LeCunNormal"/>.</param>
    /// <param name="initialBias">Initializer of the biases; null for zeros.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive, or <paramref name="dropout"/> is outside [0, 1).</exception>
    public NStepBiRNNTanh(
        int nLayers, int inSize, int outSize, double dropout, Initializer? initialW = null, Initializer? initialBias = null)
        : base(2, 2, nLayers, inSize, outSize, dropout, initialW, initialBias)
    {
    }

    /// <summary>Runs sequences through the layers.</summary>
    /// <param name="hx">Initial outputs, (2S, B, N); null for zeros.</param>
    /// <param name="xs">B sequences, (L_i, inSize) each, in any order.</param>
    /// <returns>The outputs after the last step, (2S, B, N), and the last layer's outputs for each sequence, (L_i, 2N).</returns>
    /// <exception cref="ArgumentNullException"><paramref name="xs"/> or a sequence is null.</exception>
    /// <exception cref="ArgumentException">There are no sequences, or all are empty.</exception>
    /// <exception cref="InvalidTypeException">Dtypes or shapes do not fit.</exception>
    public (Variable Hy, Variable[] Ys) Forward(Variable? hx, IReadOnlyList<Variable> xs)
    {
        (Variable[] states, Variable[] ys) = Run(RecurrentStack.RNN(GetType().Name, "tanh"), [hx], xs);
        return (states[0], ys);
    }

    /// <summary><see cref="Forward(Variable, IReadOnlyList{Variable})"/> between the hooks.</summary>
    /// <inheritdoc cref="Forward(Variable, IReadOnlyList{Variable})"/>
    public (Variable Hy, Variable[] Ys) Call(Variable? hx, IReadOnlyList<Variable> xs) =>
        HasHooks ? Hooked(() => Forward(hx, xs), hx, xs) : Forward(hx, xs);
}

/// <summary>Layers of simple recurrent units with ReLU in both directions of time, one above the other, over sequences of any lengths.</summary>
/// <remarks>Parameters: those of layer and direction i at `/i/w0` to `/i/w1` and `/i/b0` to `/i/b1`, in the order of <see cref="F.NStepBiRNN"/>.</remarks>
public class NStepBiRNNReLU : NStepRNNBase
{
    /// <summary>Creates the layers.</summary>
    /// <param name="nLayers">Number of layers.</param>
    /// <param name="inSize">Size of an input.</param>
    /// <param name="outSize">Number of hidden units of a layer in one direction.</param>
    /// <param name="dropout">The probability that an output is dropped between layers, in training mode: at least 0, less than 1.</param>
    /// <param name="initialW">Initializer of the weights; null for <see cref="LeCunNormal"/>.</param>
    /// <param name="initialBias">Initializer of the biases; null for zeros.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive, or <paramref name="dropout"/> is outside [0, 1).</exception>
    public NStepBiRNNReLU(
        int nLayers, int inSize, int outSize, double dropout, Initializer? initialW = null, Initializer? initialBias = null)
        : base(2, 2, nLayers, inSize, outSize, dropout, initialW, initialBias)
    {
    }

    /// <summary>Runs sequences through the layers.</summary>
    /// <param name="hx">Initial outputs, (2S, B, N); null for zeros.</param>
    /// <param name="xs">B sequences, (L_i, inSize) each, in any order.</param>
    /// <returns>The outputs after the last step, (2S, B, N), and the last layer's outputs for each sequence, (L_i, 2N).</returns>
    /// <exception cref="ArgumentNullException"><paramref name="xs"/> or a sequence is null.</exception>
    /// <exception cref="ArgumentException">There are no sequences, or all are empty.</exception>
    /// <exception cref="InvalidTypeException">Dtypes or shapes do not fit.</exception>
    public (Variable Hy, Variable[] Ys) Forward(Variable? hx, IReadOnlyList<Variable> xs)
    {
        (Variable[] states, Variable[] ys) = Run(RecurrentStack.RNN(GetType().Name, "relu"), [hx], xs);
        return (states[0], ys);
    }

    /// <summary><see cref="Forward(Variable, IReadOnlyList{Variable})"/> between the hooks.</summary>
    /// <inheritdoc cref="Forward(Variable, IReadOnlyList{Variable})"/>
    public (Variable Hy, Variable[] Ys) Call(Variable? hx, IReadOnlyList<Variable> xs) =>
        HasHooks ? Hooked(() => Forward(hx, xs), hx, xs) : Forward(hx, xs);
}
