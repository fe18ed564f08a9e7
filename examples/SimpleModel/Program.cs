using System.Globalization;
using System.Text;
using NativeChain;
using NativeChain.Optimizers;
using L = NativeChain.Links;

NDArray.Random.Seed(0);
L.Linear model = new(1, 1);
Optimizer optimizer = new SGD(lr: 0.01).Setup(model);
Variable x = new(new float[,] { { 1 }, { 2 }, { 7 } });
Variable t = new(new float[,] { { 2 }, { 4 }, { 14 } });
const int Steps = 50;
List<(float W, float B)> lines = [];

for (int step = 1; step <= Steps; step++)
{
    // The first step in slow motion; Update(lossFunction) does the same in one call.
    Variable y = model.Call(x);
    Variable loss = F.MeanSquaredError(y, t);
    model.ClearGrads();
    Show(step, "y", y.Array);
    Show(step, "before backward:  W.grad", model.W.Grad);
    Show(step, "before backward:  b.grad", model.B!.Grad);
    loss.Backward();
    Show(step, "after backward:   W.grad", model.W.Grad);
    Show(step, "after backward:   b.grad", model.B.Grad);
    Show(step, "before update:    W", model.W.Array);
    Show(step, "before update:    b", model.B.Array);
    lines.Add((model.W.Array.Item<float>(), model.B.Array.Item<float>()));
    optimizer.Update();
    Show(step, "after update:     W", model.W.Array);
    Show(step, "after update:     b", model.B.Array);
    if (step == 1 || step % 10 == 0)
    {
        Console.WriteLine($"step {step,2}: loss {loss.Array.Item<float>():F6}");
    }
}
lines.Add((model.W.Array.Item<float>(), model.B!.Array.Item<float>()));

using (Config.NoBackpropMode())
{
    Variable prediction = model.Call((NDArray)new float[,] { { 3 }, { 4 }, { 5 } });
    Console.WriteLine($"prediction for 3, 4, 5: {string.Join(", ", prediction.Array.ToArray<float>().Select(v => v.ToString("F2", CultureInfo.InvariantCulture)))}");
}
string file = args.Length > 0 ? args[0] : Path.Combine("result", "simple-model.svg");
Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
File.WriteAllText(file, Plot(lines));
Console.WriteLine($"plot: {file}");

static void Show(int step, string what, NDArray? array)
{
    if (step is 1 or Steps)
    {
        Console.WriteLine($"step {step,2}, {what} = {array?.ToString().ReplaceLineEndings(" ") ?? "null"}");
    }
}

// One line a step, from pale to dark, over y = 2x and the three points.
static string Plot(List<(float W, float B)> lines)
{
    const double Width = 480, Height = 360, MaxX = 8, MaxY = 16;
    StringBuilder svg = new();
    svg.AppendLine(CultureInfo.InvariantCulture, $"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Width} {Height}" font-family="sans-serif" font-size="12">""");
    svg.AppendLine("""<rect width="100%" height="100%" fill="white"/>""");
    for (int i = 0; i < lines.Count; i++)
    {
        double age = (double)i / (lines.Count - 1);
        Line(lines[i].W, lines[i].B, $"stroke=\"rgb({(int)(210 - (180 * age))},{(int)(225 - (130 * age))},{(int)(250 - (60 * age))})\" stroke-width=\"1\"");
    }
    Line(2, 0, "stroke=\"crimson\" stroke-width=\"1.5\" stroke-dasharray=\"6 4\"");
    foreach ((double px, double py) in new[] { (1.0, 2.0), (2.0, 4.0), (7.0, 14.0) })
    {
        svg.AppendLine(CultureInfo.InvariantCulture, $"""<circle cx="{X(px):F1}" cy="{Y(py):F1}" r="4" fill="crimson"/>""");
    }
    svg.AppendLine(CultureInfo.InvariantCulture, $"""<text x="{X(0.3):F1}" y="{Y(15):F1}">y = Wx + b after each of {lines.Count - 1} steps; dashed: y = 2x</text>""");
    return svg.AppendLine("</svg>").ToString();

    void Line(double w, double b, string style) => svg.AppendLine(
        CultureInfo.InvariantCulture, $"""<line x1="{X(0):F1}" y1="{Y(b):F1}" x2="{X(MaxX):F1}" y2="{Y((w * MaxX) + b):F1}" {style}/>""");

    static double X(double x) => x / MaxX * Width;

    static double Y(double y) => Height - 20 - (y / MaxY * (Height - 40));
}
