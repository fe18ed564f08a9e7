namespace NativeChain.Training.Plotting;

/// <summary>How a series looks.</summary>
public sealed record SeriesStyle
{
    /// <summary>Colour, as in CSS.</summary>
    /// <value>null: the next of eight that everyone can tell apart.</value>
    public string? Color { get; init; }

    /// <summary>Width of lines, radius of points, in pixels.</summary>
    /// <value>null: 2 for lines, 4 for points.</value>
    public double? Size { get; init; }

    /// <summary>Whether lines are dashed.</summary>
    public bool Dashed { get; init; }

    /// <summary>Whether the points of a line are marked, if there are few enough to be told apart.</summary>
    public bool Markers { get; init; }
}
