using System.Globalization;

namespace NativeChain.Training.Extensions;

/// <summary>Where console extensions print: a writer that the user gave, or the console; control codes go to a terminal only.</summary>
internal sealed class Terminal(TextWriter? writer)
{
    public TextWriter Writer { get; } = writer ?? Console.Out;

    /// <summary>Whether lines can be written over.</summary>
    public bool IsInteractive { get; } = writer is null && !Console.IsOutputRedirected;

    /// <summary>Clears from the cursor to the end of the screen.</summary>
    public void ClearBelow()
    {
        if (IsInteractive)
        {
            Writer.Write("\u001b[J");
        }
    }

    public void MoveUp(int lines)
    {
        if (IsInteractive)
        {
            Writer.Write(string.Create(CultureInfo.InvariantCulture, $"\u001b[{lines}A"));
        }
    }
}
