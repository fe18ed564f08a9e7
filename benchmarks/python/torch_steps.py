"""Training steps and small operations of cases.json in PyTorch."""
import numpy
import torch

from values import trained, uniform


def add(case):
    a, b = (torch.from_numpy(uniform(case["size"], seed)) for seed in (1, 2))
    if case["graph"]:
        a.requires_grad_()
        b.requires_grad_()
    return lambda: a + b


def adds_backward(case):
    x = torch.from_numpy(uniform(case["size"], 1)).requires_grad_()
    gy = torch.ones(case["size"])

    def operation():
        y = x
        for _ in range(case["count"]):
            y = y + x
        x.grad = None
        y.backward(gy)
        return x.grad

    return operation


def train(model, shape, case):
    """A step: forward, backward and update."""
    batch, classes = case["batch"], case["units"][-1]
    optimizer = torch.optim.Adam(model.parameters())
    size = batch * int(numpy.prod(shape))
    xs = [torch.from_numpy(uniform(size, k).reshape(batch, *shape)) for k in range(10)]
    ts = [torch.from_numpy((uniform(batch, 100 + k) * classes).astype(numpy.int64)) for k in range(10)]

    def step(k):
        optimizer.zero_grad(set_to_none=True)
        loss = torch.nn.functional.cross_entropy(model(xs[k % 10]), ts[k % 10])
        loss.backward()
        optimizer.step()

    return trained(step, case, model.parameters())


def fully_connected(units):
    layers = []
    for fan_in, fan_out in zip(units, units[1:]):
        layers += [torch.nn.Linear(fan_in, fan_out), torch.nn.ReLU()]
    return layers[:-1]


def mlp_step(case):
    if case.get("precision", "float32") != "float32":
        raise NotImplementedError  # float32 parameters with products of bfloat16: CPUs have no such setting here
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


def vgg_step(case):
    channels, extent = case["channels"], case["extent"]
    layers = []
    for i, (fan_in, fan_out) in enumerate(zip(channels, channels[1:])):
        layers += [torch.nn.Conv2d(fan_in, fan_out, 3, padding=1, bias=False), torch.nn.BatchNorm2d(fan_out), torch.nn.ReLU()]
        if i % 2 == 1:
            layers.append(torch.nn.MaxPool2d(2))
            extent //= 2
    layers.append(torch.nn.Flatten())
    layers += fully_connected([channels[-1] * extent * extent, *case["units"]])
    return train(torch.nn.Sequential(*layers), [channels[0], case["extent"], case["extent"]], case)


def lstm(case):
    units, batch, steps = case["units"], case["batch"], case["steps"]
    model = torch.nn.LSTM(units, units)
    x = torch.from_numpy(uniform(steps * batch * units, 0).reshape(steps, batch, units)).requires_grad_()
    gy = torch.ones(steps, batch, units)

    def step(_):
        for parameter in model.parameters():
            parameter.grad = None
        x.grad = None
        y, _ = model(x)
        y.backward(gy)

    return trained(step, case, model.parameters())


OPERATIONS = {
    "add": add, "adds_backward": adds_backward, "mlp_step": mlp_step, "cnn_step": cnn_step, "vgg_step": vgg_step, "lstm": lstm,
}
