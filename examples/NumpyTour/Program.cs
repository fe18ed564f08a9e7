using NativeChain;

// Arrays, and what they print: what NumPy prints.
Show("array", (NDArray)new[] { 1, 2, 3 });
Show("arange", NDArray.Arange(10), NDArray.Arange(0, 1, 0.25));
NDArray a = NDArray.Arange(12).Reshape((3, 4));
Show("reshape", a);
Show("shape, size", a.Shape, a.Size);
Show("zeros, ones", NDArray.Zeros((2, 3)), NDArray.Ones(4));

NDArray.Random.Seed(1);
Show("permutation", NDArray.Random.Permutation(10), NDArray.Random.Permutation(a));

NDArray b = NDArray.Full((3, 2), 0.5);
Show("hstack", NDArray.HStack(a, b));
Show("vstack", NDArray.VStack(a, new[] { 10, 20, 30, 40 }));

Show("rows by a list", a[[0, 2]]);
Show("columns by a list", a[.., [3, 1]]);
Show("elements by two lists", a[[0, 1, 2], [1, 2, 3]]);
Show("a range, backwards", a[1.., new Slice(step: -1)]);

NDArray masked = a.Copy();
masked[masked % 2 == 0] = -1;
Show("a mask, assigned", masked, a[a > 6]);

NDArray x = new[,] { { 1.0, 2.0 }, { 3.0, 4.0 } };
NDArray y = new[,] { { 5.0, 6.0 }, { 7.0, 8.0 } };
Show("arithmetic", x + y, x - y, x * y, x / y, x % 2, 1 / x, NDArray.Sqrt(x));
Show("a row added to each", a + new[] { 100, 200, 300, 400 });
Show("sum", a.Sum(), a.Sum(axis: 0), a.Sum(axis: 1));
Show("mean", a.Mean(), a.Mean(axis: 0), a.Mean(axis: 1, keepDims: true));
Show("sort, argsort, cumsum", NDArray.Sort(x % 3), (x % 3).ArgSort(), x.CumSum());
Show("dot", x.Dot(y), ((NDArray)new[] { 1.0, 2.0 }).Dot(new[] { 3.0, 4.0 }));
Show("T", a.T);
NDArray z = new[,] { { 2.0, 1.0 }, { 4.0, 4.0 } };
Show("det, inv", NDArray.Linalg.Det(z), NDArray.Linalg.Inv(z), z.Dot(NDArray.Linalg.Inv(z)));
Show("einsum", NDArray.Einsum("ij,kj->ik", x, y));

// A network of two layers, trained sample by sample; its backward pass is written by hand, on arrays.
NDArray samples = new[,] { { 0.0, 0.0 }, { 0.0, 1.0 }, { 1.0, 0.0 }, { 1.0, 1.0 } };
NDArray targets = new[,] { { 0.0 }, { 1.0 }, { 1.0 }, { 0.0 } };
NDArray W1 = NDArray.Random.Normal(0, 1, (4, 2), DType.Float64);
NDArray b1 = NDArray.Zeros(4, DType.Float64);
NDArray W2 = NDArray.Random.Normal(0, 1, (1, 4), DType.Float64);
NDArray b2 = NDArray.Zeros(1, DType.Float64);
double largest = 0;
for (int epoch = 0; epoch <= 2000; epoch++)
{
    double loss = 0;
    for (int i = 0; i < 4; i++)
    {
        NDArray s = samples[i];
        NDArray t = targets[i];
        NDArray h = Sigmoid(W1.Dot(s) + b1);
        NDArray p = Sigmoid(W2.Dot(h) + b2);
        loss += (double)(0.5 * NDArray.Square(p - t).Sum());

        NDArray gb2 = (p - t) * p * (1 - p);
        NDArray gW2 = NDArray.Outer(gb2, h);
        NDArray gb1 = W2.T.Dot(gb2) * h * (1 - h);
        NDArray gW1 = NDArray.Outer(gb1, s);
        if (epoch % 100 == 0)
        {
            largest = Math.Max(largest, DifferenceFromAutograd(s, t, [W1, b1, W2, b2], [gW1, gb1, gW2, gb2]));
        }

        W1 -= gW1;
        b1 -= gb1;
        W2 -= gW2;
        b2 -= gb2;
    }

    if (epoch % 500 == 0)
    {
        Console.WriteLine($"epoch {epoch,4}: loss {loss:F4}");
    }
}

NDArray answers = Sigmoid(Sigmoid(samples.Dot(W1.T) + b1).Dot(W2.T) + b2);
Console.WriteLine($"xor = {(answers > 0.5).AsType(DType.Int32).Ravel()}");
Console.WriteLine($"largest difference from autograd's gradients: {largest:F9}");
return largest < 1e-6 ? 0 : 1;

static NDArray Sigmoid(NDArray x) => 1 / (1 + NDArray.Exp(-x));

// The gradients of the same loss, by the graph of the same network.
static double DifferenceFromAutograd(NDArray s, NDArray t, NDArray[] parameters, NDArray[] gradients)
{
    Variable[] v = [.. parameters.Select(p => new Variable(p))];
    Variable h = F.Sigmoid(F.Linear(s.Reshape((1, 2)), v[0], v[1]));
    Variable error = F.Sigmoid(F.Linear(h, v[2], v[3])) - t.Reshape((1, 1));
    F.Sum(0.5 * error * error).Backward();
    return v.Zip(gradients, (own, gradient) => (double)NDArray.Abs(own.Grad! - gradient).Max()).Max();
}

static void Show(string what, params object[] values) => Console.WriteLine($"{what}\n{string.Join("\n", values)}\n");
