using System.Text;

namespace NativeChain;

public sealed partial class NDArray
{
    private const int LineWidth = 75;
    private const int SummaryThreshold = 1000;
    private const int EdgeItems = 3;

    /// <summary>The elements as NumPy's <c>str</c> writes them: precision 8, lines of 75, the middle of more than 1000 elements left out.</summary>
    public override string ToString()
    {
        if (_storage is null)
        {
            return "<disposed NDArray>";
        }

        if (NDim > 0)
        {
            return ToText(" ", "", "");
        }

        return _dtype.IsFloating() ? FloatFormat.FormatScalar(Item<double>(), _dtype) : ElementFormat.Of(this).Format(0);
    }

    /// <summary>As NumPy's <c>repr</c>: "array([1., 2.], dtype=float32)".</summary>
    /// <exception cref="ObjectDisposedException">The array was disposed of.</exception>
    public string ToRepr()
    {
        const string Prefix = "array(";
        bool implied = _dtype is DType.Bool or DType.Int64 or DType.Float64 && Size > 0;
        string suffix = implied ? ")" : ",";
        string elements = Size > 0 || (NDim == 1 && _shape[0] == 0) ? ToText(", ", Prefix, suffix) : $"[], shape={_shape}";
        string text = Prefix + elements + suffix;
        if (implied)
        {
            return text;
        }

        string dtype = $"dtype={_dtype.Name()})";
        int lastLine = text.Length - (text.LastIndexOf('\n') + 1);
        return text + (lastLine + dtype.Length + 1 > LineWidth ? "\n" + new string(' ', Prefix.Length) : " ") + dtype;
    }

    private string ToText(string separator, string prefix, string suffix)
    {
        if (Size == 0)
        {
            return "[]";
        }

        bool summarize = Size > SummaryThreshold;
        NDArray shown = summarize ? Corners(this, 0) : this;
        var printer = new Printer(ElementFormat.Of(shown), _shape, shown._shape, summarize, separator);
        return printer.Print(0, 0, new string(' ', prefix.Length + 1), LineWidth - suffix.Length);
    }

    // The first and last three along each longer axis.
    private static NDArray Corners(NDArray x, int axis)
    {
        for (; axis < x.NDim; axis++)
        {
            if (x._shape[axis] > 2 * EdgeItems)
            {
                var index = new IndexExpr[axis + 1];
                Array.Fill(index, (IndexExpr)Range.All);
                index[axis] = new Slice(stop: EdgeItems);
                NDArray head = x[index];
                index[axis] = new Slice(start: -EdgeItems);
                x = Concatenate([head, x[index]], axis);
            }
        }

        return x;
    }

    private sealed class Printer(ElementFormat format, Shape shape, Shape shown, bool summarize, string separator)
    {
        /// <summary>The text from one position on, brackets included.</summary>
        /// <param name="axis">The axis that is written.</param>
        /// <param name="at">The position, among the shown elements in C order, before this axis.</param>
        /// <param name="indent">What each line begins with.</param>
        /// <param name="width">How long a line can be.</param>
        internal string Print(int axis, long at, string indent, int width)
        {
            if (axis == shape.NDim)
            {
                return format.Format(at);
            }

            int count = shown[axis];
            bool summary = summarize && shape[axis] > 2 * EdgeItems;
            bool last = axis == shape.NDim - 1;
            int elementWidth = width - Math.Max(separator.TrimEnd().Length, 1);
            string rowEnd = separator.TrimEnd() + new string('\n', shape.NDim - axis - 1);
            var text = new StringBuilder();
            var line = new StringBuilder(indent);
            for (int i = 0; i < count; i++)
            {
                if (summary && i == EdgeItems)
                {
                    Append("...", end: false);
                }

                Append(Print(axis + 1, (at * count) + i, indent + " ", width - 1), end: i == count - 1);
            }

            return "[" + text.Append(last ? line.ToString() : "").ToString()[indent.Length..] + "]";

            void Append(string word, bool end)
            {
                if (!last)
                {
                    text.Append(indent).Append(word).Append(end ? "" : rowEnd);
                    return;
                }

                if (line.Length + word.Length > elementWidth && line.Length > indent.Length)
                {
                    text.Append(line.ToString().TrimEnd()).Append('\n');
                    line.Clear().Append(indent);
                }

                line.Append(word).Append(end ? "" : separator);
            }
        }
    }
}
