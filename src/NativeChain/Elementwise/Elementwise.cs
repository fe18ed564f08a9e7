using System.Runtime.CompilerServices;

namespace NativeChain;

/// <summary>
/// A function of single elements, traced once from a C# expression, at its first use, and run over whole arrays in one native pass, on any device. Inputs are broadcast
/// against each other; gradients, and gradients of gradients, are derived from the expression.
/// </summary>
/// <example><code>
/// using static NativeChain.Expr;
///
/// static readonly Elementwise Swish = Elementwise.Of((x, beta) => x * Sigmoid(beta * x));
///
/// Variable y = Swish.Apply(x, beta);      // recorded: one pass forward, one backward
/// NDArray z = Swish.Compute(a, 1.5);      // arrays and numbers, no graph
/// </code></example>
/// <remarks>
/// bool and integers compute in int64; float16, bfloat16 and float32 in float32, rounded once when stored; float64 in float64. The function is
/// called with <see cref="Expr"/>s, so what C# itself decides in it (if, loops) is decided while tracing. An instance is immutable, and may be used
/// by many threads. It holds compiled programs: keep it in a static field.
/// </remarks>
public sealed partial class Elementwise
{
    // Traced at the first use: a program that names one function of a class does not pay for tracing all of its others.
    private readonly Lazy<ExprNode[]> _trace;
    private readonly ProgramFlags _flags;

    private Elementwise(string name, int inputs, int outputs, Lazy<ExprNode[]> trace, ProgramFlags flags)
    {
        if (inputs is < 0 or > Program.MaxInputs)
        {
            throw new ArgumentOutOfRangeException(nameof(inputs), inputs, $"{name}: a program has up to {Program.MaxInputs} inputs");
        }

        if (outputs is 0 or > Program.MaxOutputs)
        {
            throw new ArgumentException($"{name}: {outputs} outputs; a program has 1 to {Program.MaxOutputs}.", nameof(outputs));
        }

        Name = name;
        Inputs = inputs;
        Outputs = outputs;
        _trace = trace;
        _flags = flags;
    }

    private Elementwise(string name, int inputs, ExprNode[] outputs, ProgramFlags flags)
        : this(name, inputs, outputs.Length, new Lazy<ExprNode[]>(outputs), flags)
    {
    }

    private Elementwise(string name, int inputs, Func<Expr> output, ProgramFlags flags)
        : this(name, inputs, 1, new Lazy<ExprNode[]>(() => [output().Node]), flags)
    {
    }

    /// <summary>The name in messages.</summary>
    /// <value>The name of the field that <c>Of</c> initializes, by default.</value>
    public string Name { get; }

    /// <summary>How many arrays, Variables or numbers it takes.</summary>
    public int Inputs { get; }

    private TypeRule TypeRule { get; init; }

    private string[]? Arguments { get; init; }

    /// <summary>How many results it gives.</summary>
    public int Outputs { get; }

    private ExprNode[] OutputNodes => _trace.Value;

    /// <summary>A function of one input.</summary>
    /// <param name="function">The expression; called once, at the first use.</param>
    /// <param name="name">The name in messages; by default that of the field or member that it is made for.</param>
    /// <param name="flags">How its programs run.</param>
    /// <exception cref="ArgumentNullException"><paramref name="function"/> is null.</exception>
    public static Elementwise Of(Func<Expr, Expr> function, [CallerMemberName] string name = "", ProgramFlags flags = ProgramFlags.None)
    {
        ArgumentNullException.ThrowIfNull(function);
        return new(name, 1, () => function(X(0)), flags);
    }

    /// <summary>A function of two inputs.</summary>
    /// <inheritdoc cref="Of(Func{Expr, Expr}, string, ProgramFlags)"/>
    public static Elementwise Of(Func<Expr, Expr, Expr> function, [CallerMemberName] string name = "", ProgramFlags flags = ProgramFlags.None)
    {
        ArgumentNullException.ThrowIfNull(function);
        return new(name, 2, () => function(X(0), X(1)), flags);
    }

    /// <summary>A function of three inputs.</summary>
    /// <inheritdoc cref="Of(Func{Expr, Expr}, string, ProgramFlags)"/>
    public static Elementwise Of(
        Func<Expr, Expr, Expr, Expr> function, [CallerMemberName] string name = "", ProgramFlags flags = ProgramFlags.None)
    {
        ArgumentNullException.ThrowIfNull(function);
        return new(name, 3, () => function(X(0), X(1), X(2)), flags);
    }

    /// <summary>A function of four inputs.</summary>
    /// <inheritdoc cref="Of(Func{Expr, Expr}, string, ProgramFlags)"/>
    public static Elementwise Of(
        Func<Expr, Expr, Expr, Expr, Expr> function, [CallerMemberName] string name = "", ProgramFlags flags = ProgramFlags.None)
    {
        ArgumentNullException.ThrowIfNull(function);
        return new(name, 4, () => function(X(0), X(1), X(2), X(3)), flags);
    }

    /// <summary>A function of five inputs.</summary>
    /// <inheritdoc cref="Of(Func{Expr, Expr}, string, ProgramFlags)"/>
    public static Elementwise Of(
        Func<Expr, Expr, Expr, Expr, Expr, Expr> function, [CallerMemberName] string name = "", ProgramFlags flags = ProgramFlags.None)
    {
        ArgumentNullException.ThrowIfNull(function);
        return new(name, 5, () => function(X(0), X(1), X(2), X(3), X(4)), flags);
    }

    /// <summary>A function of six inputs.</summary>
    /// <inheritdoc cref="Of(Func{Expr, Expr}, string, ProgramFlags)"/>
    public static Elementwise Of(
        Func<Expr, Expr, Expr, Expr, Expr, Expr, Expr> function, [CallerMemberName] string name = "", ProgramFlags flags = ProgramFlags.None)
    {
        ArgumentNullException.ThrowIfNull(function);
        return new(name, 6, () => function(X(0), X(1), X(2), X(3), X(4), X(5)), flags);
    }

    /// <summary>A function of up to 16 inputs with up to 8 results.</summary>
    /// <param name="inputs">How many inputs the function takes.</param>
    /// <param name="function">The expressions of the results; called once.</param>
    /// <param name="name">The name in messages; by default that of the field or member that it is made for.</param>
    /// <param name="flags">How its programs run.</param>
    /// <exception cref="ArgumentNullException"><paramref name="function"/> is null.</exception>
    /// <exception cref="ArgumentException">No results, or too many inputs or results.</exception>
    public static Elementwise OfMany(
        int inputs, Func<Expr[], Expr[]> function, [CallerMemberName] string name = "", ProgramFlags flags = ProgramFlags.None)
    {
        ArgumentNullException.ThrowIfNull(function);
        ArgumentOutOfRangeException.ThrowIfNegative(inputs);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(inputs, Program.MaxInputs);
        Expr[] outputs = function(Loads(0, inputs)) ?? throw new ArgumentException($"{name}: the function returned null.", nameof(function));
        return new(name, inputs, Nodes(outputs), flags);
    }

    /// <summary>The name.</summary>
    public override string ToString() => Name;

    /// <summary>The same function, which refuses Variables that break a rule; its errors give the operands these names.</summary>
    internal Elementwise Taking(TypeRule rule, params string[] arguments) =>
        new(Name, Inputs, Outputs, _trace, _flags) { _gradientRule = _gradientRule, TypeRule = rule, Arguments = arguments };

    private static Expr X(int slot) => new(ExprNode.Load(slot));

    private static Expr[] Loads(int first, int count)
    {
        var loads = new Expr[count];
        for (int i = 0; i < count; i++)
        {
            loads[i] = X(first + i);
        }

        return loads;
    }

    private static ExprNode[] Nodes(Expr[] expressions) => Array.ConvertAll(expressions, e => e.Node);
}
