"""The workloads of cases.json in PyTorch, for Compare: reads a case as JSON from each line of standard input, answers
with {"seconds": per operation}. Threads: argv[1] for torch; BLAS takes its own from the environment."""
import json
import sys
import time

import numpy
import torch

torch.set_num_threads(int(sys.argv[1]))
torch.set_flush_denormal(True)


def timed(operation, seconds=0.05):
    """Seconds of one operation: the mean over a loop of about `seconds`, after a loop as long to warm up."""
    count = 1
    while True:
        start = time.perf_counter()
        for _ in range(count):
            operation()
        elapsed = time.perf_counter() - start
        if elapsed > seconds:
            break
        count *= 2
    start = time.perf_counter()
    for _ in range(count):
        operation()
    return (time.perf_counter() - start) / count


def uniform(count, seed):
    """The numbers that every runner makes: the high bits of a multiplicative hash, in [0, 1)."""
    i = numpy.arange(count, dtype=numpy.uint64) + numpy.uint64(seed)
    return (((i * numpy.uint64(2654435761)) & numpy.uint64(0xFFFFFFFF)) / 4294967296.0).astype(numpy.float32)


def add(case):
    a, b = (torch.from_numpy(uniform(case["size"], seed)) for seed in (1, 2))
    if case["graph"]:
        a.requires_grad_()
        b.requires_grad_()
        return timed(lambda: a + b)
    with torch.no_grad():
        return timed(lambda: a + b)


def adds_backward(case):
    x = torch.from_numpy(uniform(case["size"], 1)).requires_grad_()
    gy = torch.ones(case["size"])

    def operation():
        y = x
        for _ in range(case["count"]):
            y = y + x
        x.grad = None
        y.backward(gy)

    return timed(operation)


def train(model, shape, case):
    """Seconds of a step: forward, backward and update."""
    batch, classes = case["batch"], case["units"][-1]
    optimizer = torch.optim.Adam(model.parameters(), foreach=case.get("foreach"))
    size = batch * int(numpy.prod(shape))
    xs = [torch.from_numpy(uniform(size, k).reshape(batch, *shape)) for k in range(10)]
    ts = [torch.from_numpy((uniform(batch, 100 + k) * classes).astype(numpy.int64)) for k in range(10)]
    start = 0.0
    for step in range(case["last_step"]):
        if step == case["first_step"]:
            start = time.perf_counter()
        optimizer.zero_grad(set_to_none=True)
        loss = torch.nn.functional.cross_entropy(model(xs[step % 10]), ts[step % 10])
        loss.backward()
        optimizer.step()
    return (time.perf_counter() - start) / (case["last_step"] - case["first_step"])


def fully_connected(units):
    layers = []
    for fan_in, fan_out in zip(units, units[1:]):
        layers += [torch.nn.Linear(fan_in, fan_out), torch.nn.ReLU()]
    return layers[:-1]


def mlp_step(case):
    return train(torch.nn.Sequential(*fully_connected(case["units"])), [case["units"][0]], case)


def cnn_step(case):
    channels, extent = case["channels"], case["extent"]
    layers = []
    for fan_in, fan_out in zip(channels, channels[1:]):
        layers += [torch.nn.Conv2d(fan_in, fan_out, 3), torch.nn.ReLU()]
    rest = (extent - 2 * (len(channels) - 1)) // 2
    layers += [torch.nn.MaxPool2d(2), torch.nn.Flatten()]
    layers += fully_connected([channels[-1] * rest * rest, *case["units"]])
    return train(torch.nn.Sequential(*layers), [channels[0], extent, extent], case)


def lstm(case):
    units, batch, steps = case["units"], case["batch"], case["steps"]
    model = torch.nn.LSTM(units, units)
    x = torch.from_numpy(uniform(steps * batch * units, 0).reshape(steps, batch, units)).requires_grad_()
    gy = torch.ones(steps, batch, units)

    def operation():
        for parameter in model.parameters():
            parameter.grad = None
        x.grad = None
        y, _ = model(x)
        y.backward(gy)

    return timed(operation)


def main():
    workloads = {"add": add, "adds_backward": adds_backward, "mlp_step": mlp_step, "cnn_step": cnn_step, "lstm": lstm}
    print(json.dumps({"name": f"PyTorch {torch.__version__}"}), flush=True)
    for line in sys.stdin:
        case = json.loads(line)
        print(json.dumps({"seconds": workloads[case["operation"]](case)}), flush=True)


main()
