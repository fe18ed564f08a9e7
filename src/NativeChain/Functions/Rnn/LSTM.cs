namespace NativeChain;

public static partial class F
{
    /// <summary>A unit of long short-term memory with a forget gate, without its weights: c = tanh(a) σ(i) + σ(f) cPrev and h = σ(o) tanh(c).</summary>
    /// <remarks>
    /// The gates lie interleaved along axis 1 of <paramref name="x"/>: a, i, f and o of unit u at 4u to 4u + 3. A smaller batch than that of the
    /// state updates its first rows and leaves the others as they are, so that sequences sorted by falling length can end one after the other.
    /// See F. A. Gers, J. Schmidhuber, F. Cummins: Learning to Forget, Neural Computation 12 (2000).
    /// </remarks>
    /// <param name="cPrev">The cell state before the step, (B, U, ...); floating point.</param>
    /// <param name="x">The gates before their activation, (N, 4U, ...) with N up to B; of the dtype of <paramref name="cPrev"/>.</param>
    /// <returns>The cell state after the step, (B, U, ...), and the output, (N, U, ...).</returns>
    /// <exception cref="InvalidTypeException">Dtypes or shapes do not fit.</exception>
    public static (Variable C, Variable H) LSTM(Variable cPrev, Variable x)
    {
        ArgumentNullException.ThrowIfNull(cPrev);
        ArgumentNullException.ThrowIfNull(x);
        Variable[] ys = new LSTM().Apply(cPrev, x);
        return (ys[0], ys[1]);
    }
}

/// <summary>The node of <see cref="F.LSTM"/>: one pass over strided views of the gates, forward and backward.</summary>
internal sealed class LSTM : FunctionNode
{
    // Of cPrev, a, i, f and o: c and h.
    private static readonly Elementwise s_cell = Elementwise.OfMany(
        5,
        v =>
        {
            Expr c = (Expr.Tanh(v[1]) * Expr.Sigmoid(v[2])) + (Expr.Sigmoid(v[3]) * v[0]);
            return [c, Expr.Sigmoid(v[4]) * Expr.Tanh(c)];
        },
        "LSTM");

    // Of cPrev, a, i, f, o, c, gc and gh: the gradients at the first five.
    private static readonly Elementwise s_cellGrad = Elementwise.OfMany(
        8,
        v =>
        {
            (Expr cPrev, Expr a, Expr i, Expr f, Expr o) = (v[0], Expr.Tanh(v[1]), Expr.Sigmoid(v[2]), Expr.Sigmoid(v[3]), Expr.Sigmoid(v[4]));
            Expr y = Expr.Tanh(v[5]);
            Expr gc = v[6] + (v[7] * o * (1 - (y * y)));
            return
            [
                gc * f,
                gc * i * (1 - (a * a)),
                gc * a * i * (1 - i),
                gc * cPrev * f * (1 - f),
                v[7] * y * o * (1 - o),
            ];
        },
        "LSTMGrad");

    internal override bool ReleasesGradients => true;

    public override NDArray[] Forward(ReadOnlySpan<NDArray> inputs)
    {
        RetainInputs(0, 1);
        RetainOutputs(0);
        (NDArray cPrev, NDArray x) = (inputs[0], inputs[1]);
        (int batch, int rows) = (cPrev.Shape[0], x.Shape[0]);
        NDArray c = NDArray.EmptyLike(cPrev);
        NDArray h = NDArray.Allocate(WithRows(cPrev.Shape, rows), x.DType, x.Device);
        using (NDArray before = cPrev[..rows])
        using (NDArray after = c[..rows])
        {
            NDArray[] gates = Gates(x);
            s_cell.ComputeInto([after, h], before, gates[0], gates[1], gates[2], gates[3]);
        }

        CopyRest(cPrev, c, rows, batch);
        return [c, h];
    }

    public override Variable?[] Backward(ReadOnlySpan<int> targetInputs, ReadOnlySpan<Variable?> gradOutputs)
    {
        if (Config.EnableBackprop)
        {
            return ComposedGradient.Of(Composed, GetRetainedInputs(), targetInputs, gradOutputs);
        }

        NDArray cPrev = GetRetainedInput(0).RawArray!;
        NDArray x = GetRetainedInput(1).RawArray!;
        NDArray c = GetRetainedOutput(0).RawArray!;
        NDArray? gc = gradOutputs[0]?.RawArray;
        NDArray? gh = gradOutputs[1]?.RawArray;
        (int batch, int rows) = (cPrev.Shape[0], x.Shape[0]);
        NDArray gcPrev = NDArray.EmptyLike(cPrev);
        NDArray gx = NDArray.Allocate(x.Shape, x.DType, x.Device);
        bool scratch = gc?.IsScratch ?? false;
        using (NDArray before = cPrev[..rows])
        using (NDArray after = c[..rows])
        using (NDArray gBefore = gcPrev[..rows])
        using (NDArray? gAfter = gc?[..rows])
        {
            NDArray[] gates = Gates(x);
            NDArray[] gGates = Gates(gx);
            s_cellGrad.ComputeInto(
                [gBefore, .. gGates],
                before, gates[0], gates[1], gates[2], gates[3], after, gAfter ?? (Operand)0.0, gh ?? (Operand)0.0);
            foreach (NDArray gate in gGates)
            {
                gate.Dispose();
            }
        }

        if (gc is null)
        {
            using NDArray rest = gcPrev[rows..];
            Kernels.Fill(0.0, rest);
        }
        else
        {
            CopyRest(gc, gcPrev, rows, batch);
            gc.IsScratch = scratch;
        }

        Variable?[] all = [Variable.Wrap(Scratch.Mark(gcPrev), false), Variable.Wrap(Scratch.Mark(gx), false)];
        return all;
    }

    protected override void CheckTypes(ReadOnlySpan<NDArray> inputs)
    {
        (NDArray cPrev, NDArray x) = (inputs[0], inputs[1]);
        TypeCheck.Floating("LSTM", "cPrev", cPrev);
        TypeCheck.SameDType("LSTM", "x", x, cPrev.DType);
        TypeCheck.MinNDim("LSTM", "cPrev", cPrev, 2);
        TypeCheck.NDim("LSTM", "x", x, cPrev.NDim);
        if (x.Shape[0] > cPrev.Shape[0])
        {
            TypeCheck.Throw("LSTM", "x", $"at most {cPrev.Shape[0]} rows, those of cPrev", $"shape {x.Shape}");
        }

        if (x.Shape[1] != 4L * cPrev.Shape[1])
        {
            TypeCheck.Throw("LSTM", "x", $"extent {4L * cPrev.Shape[1]} along axis 1, four times that of cPrev", $"shape {x.Shape}");
        }

        for (int i = 2; i < x.NDim; i++)
        {
            TypeCheck.Extent("LSTM", "x", x, i, cPrev.Shape[i]);
        }
    }

    /// <summary>The unit, made of other functions.</summary>
    internal static (Variable C, Variable H) ComposedCell(Variable cPrev, Variable a, Variable i, Variable f, Variable o)
    {
        Variable c = (F.Tanh(a) * F.Sigmoid(i)) + (F.Sigmoid(f) * cPrev);
        return (c, F.Sigmoid(o) * F.Tanh(c));
    }

    private static Variable[] Composed(Variable[] inputs)
    {
        (Variable cPrev, Variable x) = (inputs[0], inputs[1]);
        int rows = x.Shape[0];
        Variable[] parts = rows < cPrev.Shape[0] ? F.SplitAxis(cPrev, [rows], 0) : [cPrev];
        Variable gates = F.Reshape(x, GateShape(x.Shape));
        (Variable c, Variable h) = ComposedCell(
            parts[0],
            F.GetItem(gates, .., .., 0),
            F.GetItem(gates, .., .., 1),
            F.GetItem(gates, .., .., 2),
            F.GetItem(gates, .., .., 3));
        return [parts.Length == 1 ? c : F.Concat([c, parts[1]], 0), h];
    }

    private static NDArray[] Gates(NDArray x)
    {
        bool scratch = x.IsScratch;
        using NDArray gates = x.Reshape(GateShape(x.Shape));
        NDArray[] views = [gates[.., .., 0], gates[.., .., 1], gates[.., .., 2], gates[.., .., 3]];
        x.IsScratch = scratch;
        return views;
    }

    // (N, 4U, ...) as (N, U, 4, ...).
    private static Shape GateShape(Shape shape) => new([shape[0], shape[1] / 4, 4, .. shape.Span[2..]]);

    private static Shape WithRows(Shape shape, int rows) => new([rows, .. shape.Span[1..]]);

    private static void CopyRest(NDArray from, NDArray to, int rows, int batch)
    {
        if (rows < batch)
        {
            using NDArray source = from[rows..];
            using NDArray target = to[rows..];
            Kernels.Copy(source, target);
        }
    }
}
