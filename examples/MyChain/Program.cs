using NativeChain;
using NativeChain.Optimizers;
using L = NativeChain.Links;

NDArray.Random.Seed(0);
MyChain model = new();
Variable x = new(new float[,] { { 1, 2, 3, 4 }, { 5, 6, 7, 8 } });
Variable t = new(new float[,] { { 1, 0 }, { 0, 1 } });
Console.WriteLine(model);
Console.WriteLine($"parameters: {string.Join(", ", model.NamedParams().Select(entry => $"{entry.Path} {entry.Param.Shape}"))}");
Console.WriteLine($"model(x) =\n{model.Call(x).Array}");

Optimizer optimizer = new SGD(lr: 0.005).Setup(model);
for (int step = 0; step <= 500; step++)
{
    if (step % 100 == 0)
    {
        Console.WriteLine($"step {step,3}: loss {Loss(x, t, model).Array.Item<float>():F6}");
    }
    optimizer.Update(Loss, x, t, model);
}
Console.WriteLine($"model(x) =\n{model.Call(x).Array}");

static Variable Loss(Variable x, Variable t, MyChain model) => F.MeanSquaredError(model.Call(x), t);

/// <summary>Two fully connected layers, 4 to 3 to 2. Its fields are its children: `/l1` and `/l2`.</summary>
internal sealed class MyChain : Chain
{
    private readonly L.Linear _l1 = new(4, 3);
    private readonly L.Linear _l2 = new(3, 2);

    public override Variable Forward(Variable x) => _l2.Call(_l1.Call(x));
}
