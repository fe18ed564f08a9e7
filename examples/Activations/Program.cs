// Draws activation functions with their derivatives, which backward computes, and the distributions of initial weights:
//   dotnet run -c Release --project examples/Activations [-- FOLDER]
using System.Globalization;
using NativeChain;
using NativeChain.Initializers;
using NativeChain.Training.Plotting;

string folder = args.Length > 0 ? args[0] : "result";
NDArray.Random.Seed(0);

(string Name, Func<Variable, Variable> Function)[] activations =
[
    ("ReLU", F.Relu),
    ("leaky ReLU, slope 0.2", x => F.LeakyRelu(x)),
    ("PReLU, slope 0.5", x => F.PRelu(x, (NDArray)new float[] { 0.5f })),
    ("Maxout of three lines", x => F.Maxout(F.Linear(x, Slopes(), Offsets()), poolSize: 3)),
    ("softplus", x => F.Softplus(x)),
    ("sigmoid", F.Sigmoid),
    ("tanh", F.Tanh),
    ("ELU", x => F.Elu(x)),
];
List<Chart> charts = [];
Console.WriteLine($"{"f",-24}{"f(-2)",9}{"f(2)",9}{"f'(-2)",9}{"f'(2)",9}");
foreach ((string name, Func<Variable, Variable> function) in activations)
{
    // 401 inputs from -4 to 4: one a row.
    Variable x = new(NDArray.Arange(-200, 201).AsType(DType.Float32).Reshape((-1, 1)) / 50);
    Variable y = function(x);
    y.Grad = NDArray.OnesLike(y.Array);
    y.Backward();
    (double[] at, double[] values, double[] slopes) = (Numbers(x.Array), Numbers(y.Array), Numbers(x.Grad!));
    Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture, $"{name,-24}{values[100],9:F4}{values[300],9:F4}{slopes[100],9:F4}{slopes[300],9:F4}"));
    charts.Add(new Chart { Title = name, Width = 380, Height = 300 }
        .AddLine("f(x)", at, values)
        .AddLine("f'(x)", at, slopes, new SeriesStyle { Dashed = true }));
}
Save("activations.svg", charts, columns: 4);

// Weights of a layer of 784 inputs and 1,000 outputs.
(string Name, Initializer Initializer)[] distributions =
[
    ("Normal, 0.05", new Normal(0.05)),
    ("TruncatedNormal, 0.05, at 2σ", new TruncatedNormal(0.05, bound: 2)),
    ("LeCunNormal, √(1/784)", new LeCunNormal()),
    ("HeNormal, √(2/784)", new HeNormal()),
    ("GlorotNormal, √(2/1784)", new GlorotNormal()),
];
charts = [];
Chart all = new() { Title = "all of them", Width = 380, Height = 300, XRange = (-0.2, 0.2), YRange = (0, 13) };
Console.WriteLine();
Console.WriteLine($"{"distribution",-30}{"deviation",10}{"smallest",10}{"largest",10}");
foreach ((string name, Initializer initializer) in distributions)
{
    NDArray weights = NDArray.Empty((1000, 784), DType.Float32);
    initializer.Fill(weights);
    double[] numbers = Numbers(weights);
    double deviation = Math.Sqrt(numbers.Average(w => w * w));
    Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture, $"{name,-30}{deviation,10:F4}{numbers.Min(),10:F4}{numbers.Max(),10:F4}"));
    charts.Add(new Chart { Title = name, Width = 380, Height = 300, XRange = (-0.2, 0.2), YRange = (0, 13) }
        .AddHistogram(null, numbers, bins: 80, range: (-0.2, 0.2)));
    all.AddHistogram(name.Split(',')[0], numbers, bins: 40, range: (-0.2, 0.2));
}
Save("initializers.svg", [.. charts, all], columns: 3);

void Save(string name, IReadOnlyList<Chart> drawn, int columns)
{
    string file = Path.Combine(folder, name);
    Chart.Save(file, drawn, columns);
    Console.WriteLine($"plot: {file}");
}

static double[] Numbers(NDArray array) => array.Ravel().AsType(DType.Float64).ToArray<double>();

// The three lines: -0.8x - 1.003, 0.2x and x - 1.003. They cross between the inputs: where two are largest, both have a gradient.
static NDArray Slopes() => new float[,] { { -0.8f }, { 0.2f }, { 1 } };

static NDArray Offsets() => new float[] { -1.003f, 0, -1.003f };
