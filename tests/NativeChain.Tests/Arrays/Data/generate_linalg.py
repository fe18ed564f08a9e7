"""Writes what numpy.linalg makes of its functions into linalg.json. Run: python3 generate_linalg.py"""
import json
import pathlib
import warnings

import numpy as np

warnings.simplefilter("ignore")
rng = np.random.RandomState(0)
INF = float("inf")


def encoded(x):
    x = np.asarray(x)
    return {"dtype": x.dtype.name, "shape": list(x.shape), "bytes": np.ascontiguousarray(x).tobytes().hex()}


def call(name, f, *args):
    """[name, arguments, results]: arrays are encoded, all else is JSON; no results mean that NumPy refuses."""
    try:
        y = f(*args)
        results = [encoded(y) for y in (y if isinstance(y, tuple) else (y,))]
    except (np.linalg.LinAlgError, ValueError, IndexError, np.AxisError):
        results = None
    names = {INF: "inf", -INF: "-inf"}
    return [name, [encoded(a) if isinstance(a, np.ndarray) else names.get(a, a) if isinstance(a, float) else a for a in args], results]


def matrices(*shapes, dtypes=("float64", "float32", "int32")):
    for shape in shapes:
        for d in dtypes:
            yield np.asarray(rng.randint(-5, 6, shape) if d.startswith("int") else rng.random_sample(shape) * 4 - 2, d)


def solve(a, b):
    """As of NumPy 2: only a b of one axis is a vector."""
    columns = b[:, None] if b.ndim == 1 else b
    batch = np.broadcast_shapes(a.shape[:-2], columns.shape[:-2])
    y = np.linalg.solve(np.broadcast_to(a, batch + a.shape[-2:]), np.broadcast_to(columns, batch + columns.shape[-2:]))
    return y[..., 0] if b.ndim == 1 else y


def functions():
    square = [(1, 1), (2, 2), (3, 3), (5, 5), (4, 3, 3), (2, 3, 2, 2), (0, 0), (0, 3, 3), (2, 3), (3,), (), (2, 0, 0)]
    for x in matrices(*square):
        yield call("det", np.linalg.det, x)
        yield call("slogdet", lambda x: tuple(np.linalg.slogdet(x)), x)
        yield call("inv", np.linalg.inv, x)
        for n in (0, 1, 2, 3, 5, -1, -2):
            yield call("matrix_power", np.linalg.matrix_power, x, n)
    for x in (np.array([[1.0, 2], [2, 4]]), np.zeros((3, 3)), np.ones((2, 2), "int64"), np.array([[True, False], [False, True]])):
        yield call("det", np.linalg.det, x)
        yield call("slogdet", lambda x: tuple(np.linalg.slogdet(x)), x)
        yield call("inv", np.linalg.inv, x)
        yield call("matrix_power", np.linalg.matrix_power, x, -1)
        yield call("matrix_rank", np.linalg.matrix_rank, x, None)
        yield call("pinv", np.linalg.pinv, x)
    for a, b in (((3, 3), (3,)), ((3, 3), (3, 2)), ((4, 3, 3), (3,)), ((4, 3, 3), (4, 3, 2)), ((4, 3, 3), (3, 2)), ((3, 3), (4, 3, 1)),
                 ((2, 1, 3, 3), (5, 3, 2)), ((3, 3), (3, 0)), ((3, 3), (2,)), ((3, 3), (2, 3)), ((2, 3), (2,)), ((4, 3, 3), (3, 3, 2)), ((3, 3), ())):
        for da, db in (("float64", "float64"), ("float32", "float32"), ("float32", "float64"), ("int32", "float32"), ("int32", "int32")):
            yield call("solve", solve, next(matrices(a, dtypes=[da])), next(matrices(b, dtypes=[db])))
    for x in matrices(*square):
        if x.ndim >= 2 and x.shape[-1] == x.shape[-2]:
            x = x @ x.swapaxes(-1, -2) + np.eye(x.shape[-1], dtype=x.dtype)
        yield call("cholesky", np.linalg.cholesky, x)
        yield call("eigvalsh", np.linalg.eigvalsh, x)
    yield call("cholesky", np.linalg.cholesky, np.array([[1.0, 2], [2, 1]]))
    for x in matrices((3, 3), (4, 2, 2)):
        yield call("eigvalsh", np.linalg.eigvalsh, x)
        yield call("eigvalsh_upper", lambda x: np.linalg.eigvalsh(x, "U"), x)
    for x in matrices((1, 1), (3, 3), (5, 2), (2, 5), (4, 3, 2), (2, 2, 1, 3), (0, 3), (3, 0), (2,)):
        for mode in ("reduced", "complete"):
            yield call("qr", np.linalg.qr, x, mode)
        yield call("svdvals", lambda x: np.linalg.svd(x, compute_uv=False), x)
        if 0 not in x.shape or x.dtype != "int32":  # which NumPy leaves int32
            yield call("pinv", np.linalg.pinv, x)
        if 0 not in x.shape:
            yield call("matrix_rank", np.linalg.matrix_rank, x, None)
            yield call("matrix_rank", np.linalg.matrix_rank, x, 1.5)
    yield call("matrix_rank", np.linalg.matrix_rank, np.outer([1.0, 2, 3], [4.0, 5, 6]), None)
    yield call("matrix_rank", np.linalg.matrix_rank, np.zeros(3), None)
    for a, b in (((5, 2), (5,)), ((5, 2), (5, 3)), ((3, 3), (3,)), ((2, 4), (2, 2)), ((5, 2), (4,)), ((5,), (5,)), ((2, 5, 2), (5,))):
        for d in ("float64", "float32", "int32"):
            yield call("lstsq", lambda a, b: np.linalg.lstsq(a, b, None), next(matrices(a, dtypes=[d])), next(matrices(b, dtypes=[d])))
    yield call("lstsq", lambda a, b: np.linalg.lstsq(a, b, None), np.array([[1.0, 2], [2, 4], [3, 6]]), np.array([1.0, 2, 4]))
    orders = [None, "fro", "nuc", INF, -INF, 0, 1, -1, 2, -2, 3, 2.5, -3, 0.5]
    for x in matrices((5,), (3, 4), (1, 1)):
        for ord in orders:
            yield call("norm", lambda x, ord, axis, keepdims: np.linalg.norm(x, ord, axis, keepdims), x, ord, None, False)
            yield call("norm", lambda x, ord, axis, keepdims: np.linalg.norm(x, ord, axis, keepdims), x, ord, None, True)
    norm = lambda x, ord, axis, keepdims: np.linalg.norm(x, ord, tuple(axis) if isinstance(axis, list) else axis, keepdims)
    for x in matrices((2, 3, 4)):
        for ord in orders:
            for axis in (None, 0, -1, [0, 1], [2, 0], [-1, 1], [1, 1], [0, 1, 2], 3):
                for keepdims in (False, True):
                    yield call("norm", norm, x, ord, axis, keepdims)
    for x in matrices((), (0,), (0, 3)):
        for ord in orders:
            yield call("norm", norm, x, ord, None, False)
            yield call("norm", norm, x, ord, -1, False)


path = pathlib.Path(__file__).with_name("linalg.json")
path.write_text(json.dumps({"linalg": list(functions())}, separators=(",", ":"), default=int).replace("],[\"", "],\n[\"") + "\n")
