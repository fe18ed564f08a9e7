"""Seconds of PyTorch for the cases of native/benchmarks/cuda, by their ids on standard input: id and seconds, one line a case."""
import statistics
import sys
import time

import torch
import torch.nn.functional as F

N = 8192
SIZES = {"1K": 1 << 10, "1M": 1 << 20, "64M": 1 << 26}
PROGRAMS = {"add": (2, torch.add), "relu": (1, F.relu), "gelu": (1, F.gelu), "silu": (1, F.silu)}
AXES = {"all": None, "first": 0, "last": 1}


def random(*shape, dtype=torch.float32):
    return (torch.rand(shape, device="cuda") * 2 - 1).to(dtype)


def copy(kind):
    x, y = random(N, N), random(N, N)
    half, packed = random(N, N, dtype=torch.bfloat16), random(N, N // 2)
    source, target = {
        "contiguous": (x, y), "transposed": (x.t(), y), "rows": (x[:, :N // 2], y[:, :N // 2]), "strided": (x[:, ::2], packed),
        "to_bfloat16": (x, half), "to_float32": (half, y)}[kind]
    return lambda i: target.copy_(source)


def program(name, size):
    inputs, function = PROGRAMS[name]
    n = SIZES[size]
    count = max(1, min(64, int(3e8 / (4 * n * (inputs + 1)))))
    sets = [[random(n) for _ in range(inputs)] for _ in range(count)]
    outputs = [random(n) for _ in range(count)]
    if name == "add":
        return lambda i: torch.add(*sets[i % count], out=outputs[i % count])
    # relu, gelu and silu have no `out` that is public; their results are freed and reused.
    return lambda i: function(*sets[i % count])


def reduction(name, axis):
    x = random(N, N)
    function = torch.sum if name == "sum" else torch.amax
    dimensions = (0, 1) if AXES[axis] is None else (AXES[axis],)
    return lambda i: function(x, dim=dimensions)


def matmul(kind, n):
    n = int(n)
    dtype = torch.bfloat16 if kind == "bfloat16" else torch.float32
    a, b, y = (random(n, n, dtype=dtype) for _ in range(3))
    torch.backends.cuda.matmul.allow_tf32 = kind == "less_precision"
    return lambda i: torch.matmul(a, b, out=y)


def seconds_of(call):
    def loop(count):
        start = time.perf_counter()
        for i in range(count):
            call(i)
        torch.cuda.synchronize()
        return time.perf_counter() - start

    loop(3)
    count = 1
    while loop(count) < 0.005:
        count *= 2
    return statistics.median(loop(2 * count) / (2 * count) for _ in range(7))


def main():
    if not torch.cuda.is_available():
        sys.exit("this PyTorch sees no CUDA device")
    print("#", "PyTorch", torch.__version__)
    for line in sys.stdin:
        name, *rest = line.strip().split(".")
        if name == "card":
            continue
        if name == "copy":
            call = copy(*rest)
        elif name == "matmul":
            call = matmul(*rest)
        elif name in PROGRAMS:
            call = program(name, *rest)
        else:
            call = reduction(name, *rest)
        print(line.strip(), seconds_of(call), sep="\t", flush=True)
        del call
        torch.cuda.empty_cache()


if __name__ == "__main__":
    main()
