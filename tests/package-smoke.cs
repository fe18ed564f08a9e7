// The program that package-smoke.sh builds against the packages: a chain, found by its fields, trained for two steps.
using NativeChain;
using NativeChain.Optimizers;
using L = NativeChain.Links;

NDArray x = new float[,] { { 0, 1 }, { 1, 0 }, { 1, 1 }, { 0, 0 } };
NDArray t = new int[] { 1, 1, 0, 0 };

var model = new Mlp();
var optimizer = new SGD(0.1);
optimizer.Setup(model);

var losses = new List<float>();
for (int step = 0; step <= 2; step++)
{
    Variable loss = F.SoftmaxCrossEntropy(model.Forward(x), t);
    losses.Add(loss.Array!.Item<float>());
    if (step < 2)
    {
        model.ClearGrads();
        loss.Backward();
        optimizer.Update();
    }
}

int parameters = model.NamedParams().Count();
if (parameters != 4)
{
    Console.WriteLine($"{parameters} parameters where 4 are: a field was trimmed away");
    return 1;
}

Console.WriteLine(losses[2] < losses[0] ? "trained 2 steps: the loss fell" : $"the loss did not fall: {string.Join(", ", losses)}");
return 0;

internal sealed class Mlp : Chain
{
    private readonly L.Linear _l1 = new(2, 8);
    private readonly L.Linear _l2 = new(8, 2);

    public override Variable Forward(Variable x) => _l2.Call(F.Relu(_l1.Call(x)));
}
