using System.Globalization;
using NativeChain;
using NativeChain.Optimizers;
using NativeChain.Training.Plotting;
using L = NativeChain.Links;

NDArray.Random.Seed(0);
L.Linear model = new(1, 1);
Optimizer optimizer = new SGD(lr: 0.01).Setup(model);
Variable x = new(new float[,] { { 1 }, { 2 }, { 7 } });
Variable t = new(new float[,] { { 2 }, { 4 }, { 14 } });
const int Steps = 50;
(float W, float B)[] lines = new (float W, float B)[Steps + 1];

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
    lines[step - 1] = (model.W.Array.Item<float>(), model.B.Array.Item<float>());
    optimizer.Update();
    Show(step, "after update:     W", model.W.Array);
    Show(step, "after update:     b", model.B.Array);
    if (step == 1 || step % 10 == 0)
    {
        Console.WriteLine($"step {step,2}: loss {loss.Array.Item<float>():F6}");
    }
}
lines[Steps] = (model.W.Array.Item<float>(), model.B!.Array.Item<float>());

using (Config.NoBackpropMode())
{
    Variable prediction = model.Call((NDArray)new float[,] { { 3 }, { 4 }, { 5 } });
    string[] values = Array.ConvertAll(prediction.Array.ToArray<float>(), v => v.ToString("F2", CultureInfo.InvariantCulture));
    Console.WriteLine($"prediction for 3, 4, 5: {string.Join(", ", values)}");
}
string file = args.Length > 0 ? args[0] : Path.Combine("result", "simple-model.svg");
Plot(lines).Save(file);
Console.WriteLine($"plot: {file}");

static void Show(int step, string what, NDArray? array)
{
    if (step is 1 or Steps)
    {
        Console.WriteLine($"step {step,2}, {what} = {array?.ToString().Replace('\n', ' ') ?? "null"}");
    }
}

// One line a step, from pale to dark, over y = 2x and the three points.
static Chart Plot((float W, float B)[] lines)
{
    const double End = 8;
    Chart chart = new()
    {
        Title = $"y = Wx + b after each of {lines.Length - 1} steps", XLabel = "x", YLabel = "y", XRange = (0, End), YRange = (0, 16),
    };
    for (int i = 0; i < lines.Length; i++)
    {
        (double w, double b) = lines[i];
        double age = (double)i / (lines.Length - 1);
        string color = $"rgb({(int)(200 - (200 * age))},{(int)(220 - (106 * age))},{(int)(245 - (67 * age))})";
        string? name = i == 0 ? "first" : i == lines.Length - 1 ? "last" : null;
        chart.AddLine(name, [0, End], [b, (w * End) + b], new SeriesStyle { Color = color, Size = 1.2 });
    }
    return chart
        .AddLine("y = 2x", [0, End], [0, 2 * End], new SeriesStyle { Color = "#D55E00", Dashed = true })
        .AddPoints("examples", [1, 2, 7], [2, 4, 14], new SeriesStyle { Color = "#D55E00", Size = 5 });
}
