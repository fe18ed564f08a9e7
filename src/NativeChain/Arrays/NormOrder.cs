using System.Globalization;

namespace NativeChain;

/// <summary>The order of a norm (<see cref="NDArray.Linalg.Norm"/>): a number, "fro", "nuc", or (the default value) the square root of the sum of squares.</summary>
public readonly record struct NormOrder
{
    private readonly double _p;
    private readonly Name _name;

    private NormOrder(double p, Name name)
    {
        _p = p;
        _name = name;
    }

    private enum Name
    {
        None,
        Number,
        Frobenius,
        Nuclear,
    }

    /// <summary>Of matrices: the square root of the sum of squares.</summary>
    public static NormOrder Frobenius => new(0, Name.Frobenius);

    /// <summary>Of matrices: the sum of the singular values.</summary>
    public static NormOrder Nuclear => new(0, Name.Nuclear);

    /// <summary>True where no order was given.</summary>
    internal bool IsDefault => _name == Name.None;

    internal bool IsFrobenius => _name == Name.Frobenius;

    internal bool IsNuclear => _name == Name.Nuclear;

    /// <summary>The number, where it is one.</summary>
    internal double? Number => _name == Name.Number ? _p : null;

    /// <summary>A number; infinities among them.</summary>
    /// <param name="p">The order.</param>
    public static implicit operator NormOrder(double p) => new(p, Name.Number);

    /// <summary>"fro" or "nuc"; null is none.</summary>
    /// <param name="name">The name.</param>
    /// <exception cref="ArgumentException">Another name.</exception>
    public static implicit operator NormOrder(string? name) => name switch
    {
        null => default,
        "fro" => Frobenius,
        "nuc" => Nuclear,
        _ => throw new ArgumentException($"A norm of order '{name}'; \"fro\", \"nuc\" or a number is needed.", nameof(name)),
    };

    /// <summary>The number or the name.</summary>
    public override string ToString() => _name switch
    {
        Name.Number => _p.ToString(CultureInfo.InvariantCulture),
        Name.Frobenius => "fro",
        Name.Nuclear => "nuc",
        _ => "none",
    };
}
