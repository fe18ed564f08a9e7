"""Kernels of cases.json in PyTorch. What has an `out` argument gets one, so that its memory is as warm as ours."""
import numpy
import torch
import torch.nn.functional as F

from values import uniform

aten = torch.ops.aten


def tensor(shape, seed, shift=0.0, dtype=torch.float32):
    return (torch.from_numpy(uniform(int(numpy.prod(shape)), seed)).reshape(shape) - shift).to(dtype)


def matmul(case):
    dtype = getattr(torch, case.get("dtype", "float32"))
    m, n, k, layout = case["m"], case.get("n", 1), case["k"], case.get("layout", "nn")
    outer = [case["batch"]] if "batch" in case else []

    def matrix(rows, columns, transposed, seed):
        a = tensor(outer + ([columns, rows] if transposed else [rows, columns]), seed, dtype=dtype)
        return a.transpose(-1, -2) if transposed else a

    a, b = matrix(m, k, layout == "tn", 1), matrix(k, n, layout == "nt", 2)
    y = torch.empty(outer + [m, n], dtype=dtype)
    return lambda: torch.matmul(a, b, out=y)


def matvec(case):
    a, x, y = tensor([case["m"], case["k"]], 1), tensor([case["k"]], 2), torch.empty(case["m"])
    return lambda: torch.mv(a, x, out=y)


def convolution(case):
    kernel, stride, pad, groups = (case[key] for key in ("kernel", "stride", "pad", "groups"))
    x = tensor([case["batch"], case["in"], case["extent"], case["extent"]], 1)
    weight = tensor([case["out"], case["in"] // groups, kernel, kernel], 2, 0.5)
    if case["direction"] == "forward":
        return lambda: torch.conv2d(x, weight, None, stride, pad, 1, groups)
    gy = tensor(torch.conv2d(x, weight, None, stride, pad, 1, groups).shape, 3, 0.5)
    mask = [case["direction"] == "data", case["direction"] == "filter", False]
    return lambda: aten.convolution_backward(gy, x, weight, None, [stride] * 2, [pad] * 2, [1, 1], False, [0, 0], groups, mask)


def pooling(case):
    size, stride, pad = case["kernel"], case["stride"], case["pad"]
    x = tensor([case["batch"], case["channels"], case["extent"], case["extent"]], 1)
    if case["operation"] == "max_pooling":
        y, indices = aten.max_pool2d_with_indices(x, [size] * 2, [stride] * 2, [pad] * 2)
        if case["direction"] == "forward":
            return lambda: aten.max_pool2d_with_indices(x, [size] * 2, [stride] * 2, [pad] * 2)
        return lambda: aten.max_pool2d_with_indices_backward(y, x, [size] * 2, [stride] * 2, [pad] * 2, [1, 1], False, indices)
    if case["direction"] == "forward":
        return lambda: F.avg_pool2d(x, size, stride, pad)
    y = F.avg_pool2d(x, size, stride, pad)
    return lambda: aten.avg_pool2d_backward(y, x, [size] * 2, [stride] * 2, [pad] * 2, False, True, None)


def batch_normalization(case):
    channels = case["channels"]
    x = tensor([case["batch"], channels, case["extent"], case["extent"]], 1)
    gamma, beta = torch.ones(channels), torch.zeros(channels)
    y, mean, invstd = aten.native_batch_norm(x, gamma, beta, None, None, True, 0.1, 1e-5)
    if case["direction"] == "forward":
        return lambda: aten.native_batch_norm(x, gamma, beta, None, None, True, 0.1, 1e-5)
    gy = tensor(x.shape, 2)
    return lambda: aten.native_batch_norm_backward(gy, x, gamma, None, None, mean, invstd, True, 1e-5, [True] * 3)


def layer_normalization(case):
    columns = case["columns"]
    x, gamma, beta = tensor([case["rows"], columns], 1), torch.ones(columns), torch.zeros(columns)
    y, mean, rstd = aten.native_layer_norm(x, [columns], gamma, beta, 1e-5)
    if case["direction"] == "forward":
        return lambda: aten.native_layer_norm(x, [columns], gamma, beta, 1e-5)
    gy = tensor(x.shape, 2)
    return lambda: aten.native_layer_norm_backward(gy, x, [columns], mean, rstd, gamma, beta, [True] * 3)


def softmax(case):
    x = tensor([case["rows"], case["columns"]], 1)
    y, gx = torch.softmax(x, 1), torch.empty_like(x)
    if case["direction"] == "forward":
        return lambda: aten._softmax.out(x, 1, False, out=gx)
    return lambda: aten._softmax_backward_data.out(x, y, 1, torch.float32, grad_input=gx)


def softmax_cross_entropy(case):
    rows, columns = case["rows"], case["columns"]
    x = tensor([rows, columns], 1).requires_grad_()
    t = (tensor([rows], 2) * columns).to(torch.int64)
    if case["direction"] == "forward":
        def forward():
            with torch.no_grad():
                return F.cross_entropy(x, t)
        return forward
    log_p = torch.log_softmax(x.detach(), 1)
    weight = torch.tensor(float(rows))
    g = torch.tensor(1.0)
    return lambda: aten._log_softmax_backward_data(
        aten.nll_loss_backward(g, log_p, t, None, 1, -100, weight), log_p, 1, torch.float32)


def embedding(case):
    weight = tensor([case["vocabulary"], case["columns"]], 1)
    ids = (tensor([case["count"]], 2) * case["vocabulary"]).to(torch.int64)
    if case["direction"] == "forward":
        return lambda: F.embedding(ids, weight)
    gy = tensor([case["count"], case["columns"]], 3)
    return lambda: aten.embedding_dense_backward(gy, ids, case["vocabulary"], -1, False)


def program(case):
    x, z = tensor([case["size"]], 1, 0.5), tensor([case["size"]], 2, 0.5)
    y = torch.empty_like(x)
    forward = case["direction"] == "forward"
    return {
        ("add", True): lambda: torch.add(x, z, out=y),
        ("relu", True): lambda: torch.clamp_min(x, 0, out=y),
        ("relu", False): lambda: aten.threshold_backward.grad_input(z, x, 0, grad_input=y),
        ("silu", True): lambda: aten.silu.out(x, out=y),
        ("silu", False): lambda: aten.silu_backward.grad_input(z, x, grad_input=y),
        ("gelu", True): lambda: aten.gelu.out(x, approximate="tanh", out=y),
        ("gelu", False): lambda: aten.gelu_backward.grad_input(z, x, approximate="tanh", grad_input=y),
    }[case["program"], forward]


def reduce(case):
    x = tensor([case["rows"], case["columns"]], 1)
    name = {"variance": "var", "max": "amax"}.get(case["reduction"], case["reduction"])
    function = getattr(torch, name)
    more = {"unbiased": False} if name == "var" else {}
    if case["axis"] == "all":
        flat = x.reshape(-1)
        return lambda: function(flat, 0, **more)
    axis = 0 if case["axis"] == "first" else 1
    return lambda: function(x, axis, **more)


def copy(case):
    rows, columns = case["rows"], case["columns"]
    x = tensor([rows, columns], 1)
    if case["kind"] == "concat":
        top, bottom, y = x[: rows // 2], x[rows // 2 :], torch.empty(rows // 2, 2 * columns)
        return lambda: torch.cat([top, bottom], 1, out=y)
    source = {"transposed": x.t(), "strided": x[:, ::2], "cast": x}[case["kind"]]
    y = torch.empty(source.shape, dtype=torch.float64 if case["kind"] == "cast" else torch.float32)
    return lambda: y.copy_(source)


def optimizer(case):
    units = case["units"]
    parameters = []
    for fan_in, fan_out in zip(units, units[1:]):
        for shape in ([fan_out, fan_in], [fan_out]):
            p = torch.nn.Parameter(tensor(shape, len(parameters)))
            p.grad = tensor(shape, len(parameters) + 1)
            parameters.append(p)
    made = torch.optim.Adam(parameters) if case["rule"] == "adam" else torch.optim.SGD(parameters, lr=0.01, momentum=0.9)

    def step():
        made.step()
        return parameters

    return step


OPERATIONS = {
    "matmul": matmul, "batched_matmul": matmul, "matvec": matvec, "convolution": convolution,
    "max_pooling": pooling, "average_pooling": pooling, "batch_normalization": batch_normalization,
    "layer_normalization": layer_normalization, "softmax": softmax, "softmax_cross_entropy": softmax_cross_entropy,
    "embedding": embedding, "program": program, "reduce": reduce, "copy": copy, "optimizer": optimizer,
}
