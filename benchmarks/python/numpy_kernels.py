"""Kernels of cases.json in NumPy, as a user of it writes them."""
import numpy

from values import uniform


def matmul(case):
    if case["dtype"] not in ("float32", "float64"):
        raise NotImplementedError
    m, n, k, layout = case["m"], case.get("n", 1), case["k"], case.get("layout", "nn")
    outer = [case["batch"]] if "batch" in case else []

    def matrix(rows, columns, transposed, seed):
        shape = [columns, rows] if transposed else [rows, columns]
        a = uniform(int(numpy.prod(outer + shape)), seed, case["dtype"]).reshape(outer + shape)
        return a.swapaxes(-1, -2) if transposed else a

    a, b = matrix(m, k, layout == "tn", 1), matrix(k, n, layout == "nt", 2)
    y = numpy.empty(outer + [m, n], case["dtype"])
    return lambda: numpy.matmul(a, b, out=y)


def add(case):
    if case["graph"]:
        raise NotImplementedError
    a, b = (uniform(case["size"], seed) for seed in (1, 2))
    return lambda: a + b


def program(case):
    x, z = (uniform(case["size"], seed) - numpy.float32(0.5) for seed in (1, 2))
    y = numpy.empty_like(x)
    if case["program"] == "add":
        return lambda: numpy.add(x, z, out=y)
    if case["program"] == "relu" and case["direction"] == "forward":
        return lambda: numpy.maximum(x, 0, out=y)
    raise NotImplementedError


def reduce(case):
    x = uniform(case["rows"] * case["columns"], 1).reshape(case["rows"], case["columns"])
    axis = {"all": None, "first": 0, "last": 1}[case["axis"]]
    name = "var" if case["reduction"] == "variance" else case["reduction"]
    return lambda: getattr(x, name)(axis)


def copied(y, x):
    def operation():
        numpy.copyto(y, x)
        return y

    return operation


def copy(case):
    rows, columns = case["rows"], case["columns"]
    x = uniform(rows * columns, 1).reshape(rows, columns)
    if case["kind"] == "transposed":
        y = numpy.empty((columns, rows), x.dtype)
        return copied(y, x.T)
    if case["kind"] == "concat":
        y = numpy.empty((rows // 2, 2 * columns), x.dtype)
        return lambda: numpy.concatenate([x[: rows // 2], x[rows // 2 :]], 1, out=y)
    if case["kind"] == "strided":
        y = numpy.empty((rows, columns // 2), x.dtype)
        return copied(y, x[:, ::2])
    y = numpy.empty((rows, columns), numpy.float64)
    return copied(y, x)


OPERATIONS = {"add": add, "matmul": matmul, "batched_matmul": matmul, "matvec": matmul, "program": program, "reduce": reduce, "copy": copy}
