"""Training steps and small operations of cases.json in Chainer, on NumPy."""
import chainer
import chainer.functions as F
import chainer.links as L
import numpy

from values import trained, uniform


def add(case):
    if not case["graph"]:
        raise NotImplementedError  # arrays alone are NumPy's
    a, b = (chainer.Variable(uniform(case["size"], seed)) for seed in (1, 2))
    return lambda: (a + b).array


def adds_backward(case):
    x = chainer.Variable(uniform(case["size"], 1))
    gy = numpy.ones(case["size"], numpy.float32)

    def operation():
        y = x
        for _ in range(case["count"]):
            y = y + x
        x.cleargrad()
        y.grad = gy
        y.backward()
        return x.grad

    return operation


def train(model, shape, case):
    """A step: forward, backward and update."""
    batch, classes = case["batch"], case["units"][-1]
    optimizer = chainer.optimizers.Adam().setup(model)
    size = batch * int(numpy.prod(shape))
    xs = [uniform(size, k).reshape(batch, *shape) for k in range(10)]
    ts = [(uniform(batch, 100 + k) * classes).astype(numpy.int32) for k in range(10)]

    def step(k):
        model.cleargrads()
        loss = F.softmax_cross_entropy(model(xs[k % 10]), ts[k % 10])
        loss.backward()
        optimizer.update()

    return trained(step, case, model.params())


def fully_connected(units):
    layers = []
    for fan_in, fan_out in zip(units, units[1:]):
        layers += [L.Linear(fan_in, fan_out), F.relu]
    return layers[:-1]


def mlp_step(case):
    if case.get("precision", "float32") != "float32":
        raise NotImplementedError
    return train(chainer.Sequential(*fully_connected(case["units"])), [case["units"][0]], case)


def cnn_step(case):
    channels, extent = case["channels"], case["extent"]
    layers = []
    for fan_in, fan_out in zip(channels, channels[1:]):
        layers += [L.Convolution2D(fan_in, fan_out, 3), F.relu]
    layers.append(lambda x: F.max_pooling_2d(x, 2))
    layers += fully_connected([None, *case["units"]])
    return train(chainer.Sequential(*layers), [channels[0], extent, extent], case)


def vgg_step(case):
    channels, extent = case["channels"], case["extent"]
    layers = []
    for i, (fan_in, fan_out) in enumerate(zip(channels, channels[1:])):
        layers += [L.Convolution2D(fan_in, fan_out, 3, pad=1, nobias=True), L.BatchNormalization(fan_out), F.relu]
        if i % 2 == 1:
            layers.append(lambda x: F.max_pooling_2d(x, 2))
    layers += fully_connected([None, *case["units"]])
    return train(chainer.Sequential(*layers), [channels[0], extent, extent], case)


def lstm(case):
    units, batch, steps = case["units"], case["batch"], case["steps"]
    model = L.NStepLSTM(1, units, units, 0.0)
    xs = [chainer.Variable(uniform(steps * units, k).reshape(steps, units)) for k in range(batch)]
    gy = numpy.ones((batch * steps, units), numpy.float32)

    def step(_):
        model.cleargrads()
        for x in xs:
            x.cleargrad()
        _, _, ys = model(None, None, xs)
        y = F.concat(ys, 0)
        y.grad = gy
        y.backward()

    return trained(step, case, model.params())


OPERATIONS = {
    "add": add, "adds_backward": adds_backward, "mlp_step": mlp_step, "cnn_step": cnn_step, "vgg_step": vgg_step, "lstm": lstm,
}
