using System.Numerics;

namespace NativeChain;

public sealed partial class Elementwise
{
    // In the expressions of a gradient, slots 0 to Inputs - 1 are the inputs; the outputs and the gradients at the outputs follow.
    private Func<Expr[], Expr[], Expr[], Expr[]>? _gradientRule;
    private Gradient[] _gradients = [];

    private bool IsGradient { get; init; }

    /// <summary>The same function of one input and one result with its derivative given by hand, to be used instead of the one that is derived.</summary>
    /// <param name="gradient">Of x, y and the gradient at y: the gradient at x. It is differentiated itself, for gradients of gradients.</param>
    /// <exception cref="ArgumentNullException"><paramref name="gradient"/> is null.</exception>
    /// <exception cref="ArgumentException">This is no function of one input and one result.</exception>
    public Elementwise WithGradient(Func<Expr, Expr, Expr, Expr> gradient)
    {
        ArgumentNullException.ThrowIfNull(gradient);
        RequireArity(1);
        return WithGradient((x, y, gy) => [gradient(x[0], y[0], gy[0])]);
    }

    /// <summary>The same function with its derivatives given by hand, to be used instead of those that are derived.</summary>
    /// <param name="gradient">Of the inputs, the results and the gradients at the results: the gradient at each input; <c>default</c> for none. It is differentiated itself, for gradients of gradients.</param>
    /// <exception cref="ArgumentNullException"><paramref name="gradient"/> is null.</exception>
    public Elementwise WithGradient(Func<Expr[], Expr[], Expr[], Expr[]> gradient)
    {
        ArgumentNullException.ThrowIfNull(gradient);
        return new Elementwise(Name, Inputs, Outputs, _trace, _flags) { _gradientRule = gradient, TypeRule = TypeRule, Arguments = Arguments };
    }

    /// <summary>The gradients at some inputs, from the gradients at some outputs.</summary>
    /// <param name="inputs">Bit k is set where the gradient at input k is needed.</param>
    /// <param name="gradOutputs">Bit k is set where there is a gradient at output k.</param>
    /// <param name="summed">Whether the outputs are sums over elements, in which case no gradient can be computed from them.</param>
    private Gradient GradientOf(ulong inputs, uint gradOutputs, bool summed)
    {
        foreach (Gradient gradient in Volatile.Read(ref _gradients))
        {
            if (gradient.Inputs == inputs && gradient.GradOutputs == gradOutputs && gradient.Summed == summed)
            {
                return gradient;
            }
        }

        Gradient built = BuildGradient(inputs, gradOutputs, summed);
        lock (_lock)
        {
            Volatile.Write(ref _gradients, [.. _gradients, built]);
        }

        return built;
    }

    private Gradient BuildGradient(ulong inputs, uint gradOutputs, bool summed)
    {
        var table = new ExprTable();
        ExprNode?[] partials = _gradientRule is null ? Derive(table, inputs, gradOutputs, summed) : ApplyRule(table, inputs, gradOutputs, summed);

        // What the expressions read becomes the inputs of the gradient's function, in this order.
        ulong sources = 0;
        int firstGrad = Inputs + Outputs;
        for (int i = 0; i < partials.Length; i++)
        {
            if (partials[i] is ExprNode partial && !(partial.Op == OpCode.Load && partial.Slot >= firstGrad))
            {
                CollectLoads(partial, ref sources, []);
            }
        }

        var slots = new int[BitOperations.PopCount(sources)];
        Dictionary<ExprNode, ExprNode> places = new(ReferenceEqualityComparer.Instance);
        for (int i = 0; i < slots.Length; i++, sources &= sources - 1)
        {
            slots[i] = BitOperations.TrailingZeroCount(sources);
            places.Add(table.Share(ExprNode.Load(slots[i])), ExprNode.Load(i));
        }

        var results = new int[partials.Length];
        var outputs = new List<ExprNode>();
        for (int i = 0; i < results.Length; i++)
        {
            if (partials[i] is not ExprNode partial)
            {
                results[i] = Gradient.None;
            }
            else if (partial.Op == OpCode.Load && partial.Slot >= firstGrad)
            {
                results[i] = ~(partial.Slot - firstGrad);
            }
            else
            {
                results[i] = outputs.Count;
                outputs.Add(table.Replace(partial, places));
            }
        }

        Elementwise? function = outputs.Count == 0
            ? null
            : new Elementwise(Name + "Grad", slots.Length, [.. outputs], _flags) { IsGradient = true };
        return new Gradient(inputs, gradOutputs, summed, function, slots, results);
    }

    // Sum over the outputs of gy * dy/dx; an output that occurs in it is read, not computed again.
    private ExprNode?[] Derive(ExprTable table, ulong inputs, uint gradOutputs, bool summed)
    {
        Dictionary<ExprNode, ExprNode> known = new(ReferenceEqualityComparer.Instance);
        for (int j = 0; !summed && j < Outputs; j++)
        {
            ExprNode y = table.Share(OutputNodes[j]);
            if (y.Op is not (OpCode.Load or OpCode.Constant or >= OpCode.Equal and <= OpCode.Not or >= OpCode.IsNaN and <= OpCode.IsFinite))
            {
                known.TryAdd(y, table.Share(ExprNode.Load(Inputs + j)));
            }
        }

        var partials = new ExprNode?[BitOperations.PopCount(inputs)];
        int k = 0;
        for (ulong rest = inputs; rest != 0; rest &= rest - 1)
        {
            var derivative = new Derivative(BitOperations.TrailingZeroCount(rest));
            ExprNode? sum = null;
            for (int j = 0; j < Outputs; j++)
            {
                if ((gradOutputs >> j & 1) != 0 && derivative.Of(OutputNodes[j]) is ExprNode dy)
                {
                    sum = Algebra.Sum(sum, Algebra.Multiply(ExprNode.Load(Inputs + Outputs + j), dy));
                }
            }

            partials[k++] = sum is null ? null : table.Replace(table.Share(sum), known);
        }

        return partials;
    }

    private ExprNode?[] ApplyRule(ExprTable table, ulong inputs, uint gradOutputs, bool summed)
    {
        Expr[] gy = Loads(Inputs + Outputs, Outputs);
        for (int j = 0; j < gy.Length; j++)
        {
            if ((gradOutputs >> j & 1) == 0)
            {
                gy[j] = 0;
            }
        }

        Expr[] y = summed ? Array.ConvertAll(OutputNodes, e => new Expr(e)) : Loads(Inputs, Outputs);
        Expr[] gx = _gradientRule!(Loads(0, Inputs), y, gy);
        if (gx is null || gx.Length != Inputs)
        {
            throw new InvalidOperationException($"{Name}: the gradient by hand gives {gx?.Length ?? 0} expressions for {Inputs} inputs.");
        }

        var partials = new ExprNode?[BitOperations.PopCount(inputs)];
        int k = 0;
        for (ulong rest = inputs; rest != 0; rest &= rest - 1)
        {
            Expr partial = gx[BitOperations.TrailingZeroCount(rest)];
            partials[k++] = partial.IsDefault ? null : table.Share(partial.Node);
        }

        return partials;
    }

    // Sets the bit of every slot that is read: at most 16 inputs, 8 outputs and their gradients.
    private static void CollectLoads(ExprNode? node, ref ulong slots, HashSet<ExprNode> seen)
    {
        if (node is null || !seen.Add(node))
        {
            return;
        }

        if (node.Op == OpCode.Load)
        {
            slots |= 1UL << node.Slot;
        }

        CollectLoads(node.A, ref slots, seen);
        CollectLoads(node.B, ref slots, seen);
        CollectLoads(node.C, ref slots, seen);
    }

    /// <summary>How the gradients at some inputs are computed: one function for all of them, of what it reads.</summary>
    private sealed class Gradient(ulong inputs, uint gradOutputs, bool summed, Elementwise? function, int[] sources, int[] results)
    {
        /// <summary>In <see cref="Results"/>: the gradient is zero.</summary>
        internal const int None = int.MinValue;

        internal readonly ulong Inputs = inputs;
        internal readonly uint GradOutputs = gradOutputs;
        internal readonly bool Summed = summed;

        /// <summary>Null where every gradient is zero or one of those at the outputs.</summary>
        internal readonly Elementwise? Function = function;

        /// <summary>What each input of the function is: an input, an output or a gradient at an output, by slot.</summary>
        internal readonly int[] Sources = sources;

        /// <summary>For each input that a gradient was asked for: which output of the function, ~j for the gradient at output j as it is, or <see cref="None"/>.</summary>
        internal readonly int[] Results = results;
    }
}
