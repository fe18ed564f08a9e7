using NativeChain;
using L = NativeChain.Links;

// y = x^2 - 2x + 1, forward and backward.
Variable x = new(new float[] { 5 });
Variable y = (x * x) - (2 * x) + 1;
y.Backward();
Console.WriteLine($"y      = {y.Array}");
Console.WriteLine($"x.grad = {x.Grad}");

// A result of more than one element needs a gradient to start from.
x = new Variable(new float[,] { { 1, 2, 3 }, { 4, 5, 6 } });
y = (x * x) - (2 * x) + 1;
y.Grad = NDArray.OnesLike(y.Array);
y.Backward();
Console.WriteLine($"x.grad =\n{x.Grad}");

// A link holds parameters; backward leaves their gradients in them.
L.Linear f = new(3, 2);
x = new Variable(new float[,] { { 1, 2, 3 }, { 4, 5, 6 } });
y = f.Call(x);
y.Grad = NDArray.Ones((2, 2));
y.Backward();
Console.WriteLine($"W.grad =\n{f.W.Grad}");
Console.WriteLine($"b.grad = {f.B!.Grad}");

// A second backward adds to them, until they are zeroed or cleared.
y = f.Call(x);
y.Grad = NDArray.Ones((2, 2));
y.Backward();
Console.WriteLine($"W.grad after a second backward =\n{f.W.Grad}");
f.ZeroGrads();
Console.WriteLine($"W.grad zeroed =\n{f.W.Grad}");
