"""Writes what NumPy makes of printing, promotion, indexing and its functions of arrays into numpy.json. Run: python3 generate.py"""
import json
import pathlib
import warnings

import numpy as np

warnings.simplefilter("ignore")
warnings.filterwarnings("error", "Out of bound index found")  # which picks nothing, but is an error all the same
rng = np.random.RandomState(0)
DTYPES = ["bool", "uint8", "int32", "int64", "float16", "float32", "float64"]


def printed(x):
    return {"dtype": x.dtype.name, "shape": list(x.shape), "bytes": np.ascontiguousarray(x).tobytes().hex(),
            "str": str(x), "repr": repr(x)}


def printing():
    yield from (np.array(v, d) for d in ("float16", "float32", "float64") for v in (
        [0.0], [1.0], [-0.0, 1], [0.1, 0.2, 0.3], [1e-5, 1], [1e8, 1], [1.5, 1000.5, 0.5], [1, 10000.25], [1e-4], [9.9e-5],
        [np.nan, 1], [np.inf, -np.inf, 1.5], [np.nan, np.nan], [-np.inf], [1e-7, np.nan, -1e7], [1 / 3, 2 / 3],
        [2.0 ** -9, 3 * 2.0 ** -9], [0.123456785, 0.000123456789], [999999.99, 1], [99999999.5], [0.99999999999, 1]))
    for d in ("float32", "float64"):
        for scale in (1, 1e-3, 1e3, 1e6, 1e10, 1e-12, 1e30):
            yield (rng.standard_normal(7) * scale).astype(d)
            yield (rng.standard_normal((3, 11)) * scale).astype(d)
        yield np.exp(rng.standard_normal((4, 5)) * 12).astype(d)
        yield np.round(rng.standard_normal((5, 5)), 2).astype(d)
        yield rng.standard_normal((1001,)).astype(d)
        yield rng.standard_normal((40, 30)).astype(d)
        yield rng.standard_normal((2, 3, 4, 2)).astype(d)
        yield rng.standard_normal((8, 8, 20)).astype(d)
    yield np.frombuffer(rng.bytes(8 * 60), "float64")
    yield np.frombuffer(rng.bytes(4 * 60), "float32")
    yield np.frombuffer(rng.bytes(2 * 60), "float16")
    yield (rng.standard_normal((3, 9))).astype("float16")
    for d in ("uint8", "int32", "int64"):
        yield np.arange(12).reshape(3, 4).astype(d)
        yield rng.randint(0, 255, (5, 40)).astype(d)
        yield np.arange(1000).astype(d)
        yield np.arange(1001).astype(d)
        yield np.arange(6 * 7 * 50).reshape(6, 7, 50).astype(d)
        yield np.arange(7 * 1 * 200).reshape(7, 1, 200).astype(d)
    yield np.array([[-5, 100], [2 ** 31 - 1, -2 ** 31]], "int32")
    yield np.array([2 ** 63 - 1, -2 ** 63], "int64")
    yield rng.standard_normal((3, 4)) > 0
    yield rng.standard_normal((30,)) > 0
    for d in DTYPES:
        yield np.zeros((0,), d)
        yield np.zeros((0, 3), d)
        yield np.zeros((2, 0), d)
        yield np.ones((1, 1, 1), d)
        yield np.array(1, d)
        yield np.zeros((), d)
    for d in ("float16", "float32", "float64"):
        for v in (0.1, -1.5, 1e-5, 1e16, 1e15, 123456.789, np.nan, np.inf, -np.inf, 1 / 3, 65504, 1e-4):
            yield np.array(v).astype(d)


def indexing():
    shapes = [(5,), (4, 6), (2, 3, 4), (3, 1, 2, 5), (0, 3)]
    for shape in shapes:
        x = np.arange(int(np.prod(shape))).reshape(shape)
        for _ in range(60):
            parts, index, axis = [], [], 0
            wanted = rng.randint(0, len(shape) + 1)
            dots = rng.randint(0, 3) == 0
            while axis < wanted:
                kind = rng.randint(0, 6)
                if kind == 0:
                    parts.append(["n"])
                    index.append(None)
                    if len(parts) > 6:
                        break
                    continue
                if dots and rng.randint(0, 2) == 0:
                    parts.append(["e"])
                    index.append(Ellipsis)
                    dots = False
                    continue
                n = shape[axis]
                if kind == 1 and n > 0:
                    i = int(rng.randint(-n - 1, n + 1)) if rng.randint(0, 4) == 0 else int(rng.randint(-n, n))
                    parts.append(["i", i])
                    index.append(i)
                else:
                    a, b = (None if rng.randint(0, 3) == 0 else int(rng.randint(-n - 2, n + 3)) for _ in "ab")
                    s = [None, 1, 2, 3, -1, -2][rng.randint(0, 6)]
                    parts.append(["s", a, b, s])
                    index.append(slice(a, b, s))
                axis += 1
            try:
                y = x[tuple(index)]
                yield {"shape": list(shape), "index": parts, "result": list(y.shape), "values": y.ravel().tolist()}
            except IndexError:
                yield {"shape": list(shape), "index": parts, "result": None, "values": None}


def picking():
    """Indices with arrays and masks among them into arrays of 0, 1, 2, ...: what they pick, and what assigning an array makes of it."""
    rng = np.random.RandomState(2)
    shapes = [(5,), (3, 4), (2, 3, 4), (2, 3, 1, 4), (0, 3), (3, 2, 4)]
    for case in range(400):
        shape = shapes[case % len(shapes)]
        x = np.arange(int(np.prod(shape))).reshape(shape)
        common = [(), (2,), (3,), (2, 3), (1, 3), (2, 1), (0,)][rng.randint(0, 7)]
        parts, index, axis, arrays = [], [], 0, 0
        dots = rng.randint(0, 3) == 0
        while axis < len(shape) and len(parts) < 7:
            kind = rng.randint(0, 10)
            n = shape[axis]
            if kind == 0:
                parts.append(["n"])
                index.append(None)
            elif kind == 1:
                if not dots:
                    continue
                parts.append(["e"])
                index.append(Ellipsis)
                dots = False
                axis += rng.randint(0, len(shape) - axis)
            elif kind == 2 and n > 0:
                i = int(rng.randint(-n - (rng.randint(0, 15) == 0), n))
                parts.append(["i", i])
                index.append(i)
                axis += 1
            elif kind in (3, 4):
                a, b = (None if rng.randint(0, 2) == 0 else int(rng.randint(-n - 1, n + 2)) for _ in "ab")
                s = [None, 2, -1][rng.randint(0, 3)]
                parts.append(["s", a, b, s])
                index.append(slice(a, b, s))
                axis += 1
            elif kind == 5:
                span = int(rng.randint(0, 3))
                extents = shape[axis:axis + span]
                if rng.randint(0, 20) == 0 and span:
                    extents = extents[:-1] + (extents[-1] + 1,)
                mask = rng.randint(0, 3, extents) > 0
                parts.append(["m", list(np.shape(mask)), np.ravel(mask).tolist()])
                index.append(np.array(mask))
                axis += span
                arrays += 1
            else:
                own = common[rng.randint(0, len(common) + 1):]
                own = tuple(1 if rng.randint(0, 4) == 0 else e for e in own)
                if rng.randint(0, 25) == 0:
                    own += (7,)
                high = n + (rng.randint(0, 25) == 0)
                a = rng.randint(-n, max(high, 1 - n), own) if n else np.zeros(own, int)
                a = np.asarray(a, "int32" if rng.randint(0, 2) else "int64")
                parts.append(["a", a.dtype.name, list(a.shape), a.ravel().tolist()])
                index.append(a)
                axis += 1
                arrays += 1
            if rng.randint(0, 6) == 0:
                break
        if not arrays:
            continue
        case = {"shape": list(shape), "index": parts, "result": None}
        try:
            y = x[tuple(index)]
            many = x.copy()
            # A value that lacks leading axes, and repeats along some others.
            extents = tuple(1 if rng.randint(0, 4) == 0 else e for e in y.shape)[rng.randint(0, y.ndim + 1):]
            value = np.arange(-int(np.prod(extents)), 0).reshape(extents)
            many[tuple(index)] = value
            case.update(result=list(y.shape), values=y.ravel().tolist(), value=list(extents), assigned=many.ravel().tolist())
        except (IndexError, DeprecationWarning):
            pass
        yield case


def encoded(x):
    x = np.asarray(x)
    return {"dtype": x.dtype.name, "shape": list(x.shape), "bytes": np.ascontiguousarray(x).tobytes().hex()}


def functions():
    """Calls as [name, arguments, results]: arrays are encoded, all else is JSON; no results mean that NumPy refuses."""
    rng = np.random.RandomState(3)

    def call(name, f, *args):
        try:
            y = f(*args)
            ys = list(y) if isinstance(y, (list, tuple)) else [y]
            results = [encoded(y) for y in ys]
        except (ValueError, IndexError, TypeError, np.AxisError):
            results = None
        return [name, [encoded(a) if isinstance(a, np.ndarray) else a for a in args], results]

    def arrays(*shapes, dtypes=("float64", "int32", "bool", "float32", "uint8")):
        for shape in shapes:
            for d in dtypes:
                yield np.asarray(rng.randint(0, 2 if d == "bool" else 5, shape), d)

    shapes = [(), (1,), (5,), (0,), (3, 4), (0, 3), (2, 3, 4)]
    few, small = ("float64", "int32"), ("bool", "uint8")
    for n, name in ((1, "hstack"), (2, "vstack"), (3, "dstack"), (2, "column_stack")):
        f = getattr(np, name)
        for a, b in [((), ()), ((3,), (2,)), ((2, 3), (2, 3)), ((2, 3), (2, 1)), ((2, 3), (4, 3)), ((2, 3, 4), (2, 1, 4)), ((3,), (3,)),
                     ((3,), (3, 2)), ((0,), (2,)), ((1, 3), (3,))]:
            yield call(name, lambda a, b: f([a, b]), np.asarray(rng.randint(0, 9, a), "float32"), np.asarray(rng.randint(0, 9, b)))
    for axis in (0, 1, -1, None, 2):
        for a, b in [((3, 2), (3, 2)), ((3, 2), (3, 1)), ((3, 2), (1, 2)), ((2, 3, 2), (2, 3, 2)), ((0, 2), (3, 2))]:
            yield call("concatenate", lambda a, b, axis: np.concatenate([a, b], axis), rng.randint(0, 9, a), rng.rand(*b), axis)
    for x in arrays((6,), (4, 6), (0, 4), dtypes=["uint8"]):
        for axis in (0, 1, -1):
            for k in (1, 2, 4, 7):
                yield call("split", np.split, x, k, axis)
                yield call("array_split", np.array_split, x, k, axis)
            for k in ([2], [1, 3], [3, 1], [], [-2, 9], [0, 0, 4]):
                yield call("split_at", np.split, x, k, axis)
    for x in arrays(*shapes, dtypes=small):
        for axis in (None, 0, 1, -1):
            yield call("repeat", np.repeat, x, 3, axis)
            yield call("flip", np.flip, x, axis)
            for shift in (1, -2, 7):
                yield call("roll", np.roll, x, shift, axis)
        yield call("repeat", np.repeat, x, 0, None)
        for reps in ([2], [2, 1], [1, 2, 2], [0], []):
            yield call("tile", np.tile, x, reps)
    for x in arrays((3, 4), (2, 3, 4), dtypes=["int32"]):
        yield call("roll_axes", np.roll, x, [1, -1], [0, 1])
        yield call("roll_axes", np.roll, x, [2, 1, 1], [1, 1, 0])
        for k in (-1, 0, 1, 2, 3):
            yield call("rot90", np.rot90, x, k)
        for k in (-2, 0, 1, 5):
            for name in ("tril", "triu"):
                yield call(name, getattr(np, name), x, k)
            for a, b in ((0, 1), (1, 0), (-1, 0)):
                yield call("diagonal", np.diagonal, x, k, a, b)
                yield call("trace", np.trace, x, k, a, b)
    for k in (-1, 0, 2):
        yield call("diag", np.diag, np.arange(3.0), k)
        yield call("diag", np.diag, np.arange(6).reshape(2, 3), k)
        yield call("tri", np.tri, 3, 4, k)
    for mode in ("constant", "edge", "reflect", "symmetric", "wrap"):
        for x in arrays((1,), (4,), (3, 4), (2, 1, 3), (0, 2), dtypes=["uint8"]):
            # Wider than the array only where NumPy 1's wrap was right.
            for width in ([0, 0], [1, 2], [2, 0], [3, 5], [9, 11]):
                if mode == "wrap" and max(width) > 2:
                    continue
                yield call("pad", lambda x, width, mode: np.pad(x, width, mode), x, [width] * x.ndim, mode)
            yield call("pad", lambda x, width, mode: np.pad(x, width, mode), x, [[i, 2 - i] for i in range(x.ndim)], mode)
    for x in arrays(*shapes):
        yield call("nonzero", lambda x: np.nonzero(x) if x.ndim else np.nonzero(x)[5], x)
        yield call("argwhere", np.argwhere, x)
        yield call("flatnonzero", np.flatnonzero, x)
        for axis in (None, 0, 1, -1):
            if axis is not None and not -x.ndim <= axis < x.ndim:
                continue
            yield call("count_nonzero", lambda x, axis: np.asarray(np.count_nonzero(x, axis), "int64"), x, axis)
            if not x.size or x.ndim == 0:
                continue
            for ddof in (0, 1):
                yield call("var", lambda x, axis, ddof: np.var(x, axis, ddof=ddof), x, axis, ddof)
                yield call("std", lambda x, axis, ddof: np.std(x, axis, ddof=ddof, keepdims=True), x, axis, ddof)
            if x.dtype != bool:
                yield call("ptp", lambda x, axis: np.ptp(x, axis), x, axis)
                yield call("average", lambda x, axis, w: np.average(x, axis, w), x, axis, rng.rand(*x.shape))
    for args in ((0, 1, 5, True, None), (0, 1, 5, False, None), (2, 3, 1, True, None), (2, 3, 1, False, None), (0, 0, 3, True, None), (1, -1, 7, True, "float32"),
                 (0, 10, 4, True, "int64"), (-3, 3, 4, False, "int32"), (0, 1, 0, True, None), (0.1, 0.7, 50, True, None), (-1, 3, 4, True, "int64"), (0, 1, -1, True, None)):
        yield call("linspace", lambda a, b, n, e, d: np.linspace(a, b, n, e, dtype=d), *args)
    yield call("logspace", np.logspace, 0, 2, 3)
    for indexing in ("xy", "ij"):
        yield call("meshgrid", lambda a, b, c, i: np.meshgrid(a, b, c, indexing=i), np.arange(2), np.arange(3.0), np.arange(4), indexing)
        yield call("meshgrid", lambda a, b, i: np.meshgrid(a, b, indexing=i), np.arange(2), np.array(3.0), indexing)
    for x in arrays((5,), (3, 4), dtypes=few):
        for low, high in ((1, 3), (None, 2), (2, None), (3, 1), (None, None)):
            yield call("clip", lambda x, a, b: np.clip(x, a, b) if (a, b) != (None, None) else x, x, low, high)
        i = rng.randint(-3, 3, (2, 3))
        for axis in (None, 0, -1):
            yield call("take", np.take, x, i, axis)
    x = rng.rand(3, 4)
    yield call("take_along_axis", np.take_along_axis, x, rng.randint(0, 4, (3, 2)), 1)
    yield call("take_along_axis", np.take_along_axis, x, rng.randint(0, 3, (2, 4)), 0)
    yield call("take_along_axis", np.take_along_axis, x, rng.randint(0, 12, (5,)), None)

    def unordered():
        for x in arrays(*shapes):
            yield x
        for d in ("float32", "float64"):
            yield np.array([3, np.nan, -np.inf, 0, np.nan, np.inf, -0.0, 3], d)
            yield np.array([[2, np.nan, 1], [np.nan, np.nan, -1], [2, 2, 0]], d)

    for x in unordered():
        for axis in (-1, None, 0, 1):
            if x.ndim or axis is None:
                yield call("sort", np.sort, x, axis)
                yield call("argsort", lambda x, axis: np.argsort(x, axis, kind="stable"), x, axis)
            yield call("cumsum", lambda x, axis: np.cumsum(x, axis, dtype="int64" if x.dtype.kind in "bui" else None), x, axis)
            yield call("cumprod", lambda x, axis: np.cumprod(x, axis, dtype="int64" if x.dtype.kind in "bui" else None), x, axis)
        yield call("unique", lambda x: np.unique(x, True, True, True), x)
        for n in (0, 1, 2):
            yield call("diff", lambda x, n: np.diff(x, n), x, n)
        if x.size and x.dtype != bool:
            yield call("median", lambda x: np.median(x), x)
            for q in (0, 0.1, 0.5, 0.75, 1):
                if x.ndim:
                    yield call("quantile", lambda x, q: np.asarray(np.quantile(x, q, axis=-1), x.dtype if x.dtype.kind == "f" else float), x, q)
    for x in arrays((6, 2), (3, 4, 2), (1, 3), dtypes=few + ("bool",)):
        for axis in range(x.ndim):
            yield call("unique_axis", lambda x, axis: np.unique(x, True, True, True, axis=axis), x, axis)
    for d in ("int32", "float64"):
        for right in (False, True):
            yield call("searchsorted", lambda a, v, right: np.searchsorted(a, v, "right" if right else "left"), np.sort(rng.randint(0, 9, 7)).astype(d), rng.randint(-1, 10, (3, 4)), right)
            yield call("searchsorted", lambda a, v, right: np.searchsorted(a, v, "right" if right else "left"), np.zeros(0, d), np.arange(3), right)
            yield call("searchsorted", lambda a, v, right: np.searchsorted(a, v, "right" if right else "left"), np.arange(5.0), np.array(2.0), right)
    yield call("bincount", lambda x, n: np.bincount(x, minlength=n), rng.randint(0, 5, 9), 0)
    yield call("bincount", lambda x, n: np.bincount(x, minlength=n), rng.randint(0, 5, 9), 8)
    yield call("bincount", lambda x, n: np.bincount(x, minlength=n), np.zeros(0, int), 2)
    yield call("bincount", lambda x, n: np.bincount(x, minlength=n), np.array([1, -1]), 2)
    for x in arrays((4,), (2, 2), (3, 4), dtypes=["uint8"]):
        for repeats in ([1, 2, 0, 3], [2], [0, 0, 0, 0], [1, 2], [1, -1, 1, 1]):
            for axis in (None, -1):
                yield call("repeat_each", np.repeat, x, np.array(repeats), axis)

    for x in arrays((5,), (3, 4), dtypes=few):
        for i in (0, 2, -1, x.shape[-1], 9):
            yield call("insert", lambda x, i, v, axis: np.insert(x, i, v, axis), x, i, np.array(7), None)
            yield call("insert", lambda x, i, v, axis: np.insert(x, i, v, axis), x, i, np.array([7.5, 8]), None)
            yield call("insert", lambda x, i, v, axis: np.insert(x, i, v, axis), x, i, np.array(9), -1)
        for i in ([0, 2], [-1], [], [9]):
            for axis in (None, -1):
                yield call("delete", lambda x, i, axis: np.delete(x, np.array(i, int), axis), x, i, axis)
        yield call("isin", np.isin, x, np.array([[1.0, 3], [np.nan, 7]]))
        yield call("isin", np.isin, x, np.zeros(0, "float32"))
        for name in ("logical_and", "logical_or", "logical_xor"):
            yield call(name, getattr(np, name), x, x[..., ::-1].copy())
        yield call("logical_not", np.logical_not, x)
    yield call("insert", lambda x, i, v, axis: np.insert(x, i, v, axis), np.arange(6).reshape(2, 3), 1, np.array([7, 8, 9]), 0)
    yield call("insert", lambda x, i, v, axis: np.insert(x, i, v, axis), np.arange(6).reshape(2, 3), 1, np.array([[7, 8, 9], [1, 2, 3]]), 0)
    for decimals in (-2, -1, 0, 1, 3):
        yield call("round", np.round, np.array([0.5, 1.25, -2.675, 1234.5678, 15, 25]), decimals)
        yield call("round", np.round, np.array([5, 15, 25, -1251]), decimals)
    x = rng.uniform(-0.9, 0.9, (7,))
    for name in ("arcsin", "arccos", "arctan", "sinh", "cosh", "arcsinh", "arctanh", "exp2"):
        yield call(name, getattr(np, name), x)
    yield call("arccosh", np.arccosh, 1 + np.abs(x))
    yield call("arctan2", np.arctan2, x, x[::-1].copy())

    for x in unordered():
        if x.size and x.dtype != bool:
            yield call("cummax", lambda x, axis: np.maximum.accumulate(x if axis is not None else x.ravel(), axis or 0), x, None)
            if x.ndim > 1:
                yield call("cummin", lambda x, axis: np.minimum.accumulate(x, axis), x, 1)
            yield call("nansum", lambda x, axis: np.asarray(np.nansum(x, axis), x.dtype if x.dtype.kind == "f" else int), x, None)
            if not np.isinf(x).any():
                yield call("nanmean", lambda x, axis: np.nanmean(x, axis), x, -1 if x.ndim else None)
    v = rng.rand(50)
    yield call("histogram", np.histogram, v, 7)
    yield call("histogram", np.histogram, np.arange(12).reshape(3, 4), 4)
    yield call("histogram", np.histogram, np.zeros(3), 2)
    yield call("histogram", np.histogram, np.zeros(0), 2)
    yield call("histogram", np.histogram, np.array([1, np.nan]), 2)
    yield call("histogram_of", lambda x, e: np.histogram(x, e)[0], v, np.array([0.1, 0.2, 0.2, 0.9]))
    yield call("histogram_of", lambda x, e: np.histogram(x, e)[0], np.array([1, 2, 3, 2]), np.array([1, 2, 3]))
    yield call("histogram_of", lambda x, e: np.histogram(x, e)[0], v, np.array([0.3, 0.1]))
    for a, b in (((2, 3), (3, 2)), ((3,), (2,)), ((2, 2), (3,)), ((), (2, 2)), ((1, 2, 2), (2, 1))):
        yield call("kron", np.kron, np.asarray(rng.randint(0, 5, a)), np.asarray(rng.randint(0, 5, b)))

    def tensors(*shapes, dtype):
        return [np.asarray(rng.randint(0, 2 if dtype == "bool" else 5, s), dtype) for s in shapes]

    for dtype in ("float64", "int32", "bool"):
        for subscripts, *operands in (
                ("ii", (3, 3)), ("ii->i", (3, 3)), ("ij->ji", (2, 3)), ("ba", (2, 3)), ("ij", (2, 3)), ("ij->", (2, 3)), ("ij->i", (2, 3)), ("...j->...", (2, 3, 4)),
                ("i...->...", (2, 3, 4)), ("...ii->...i", (2, 3, 3)), ("iji->j", (3, 2, 3)), ("iii->", (3, 3, 3)), ("->", ()), ("", ()), ("...", (2, 3)), ("bA", (2, 3)),
                ("i,i", (3,), (3,)), ("i,j", (3,), (2,)), ("i,j->ji", (3,), (2,)), ("ij,jk", (2, 3), (3, 4)), ("ij,jk->ki", (2, 3), (3, 4)), ("ji,jk", (3, 2), (3, 4)),
                ("ij,j", (2, 3), (3,)), ("ij,ij->ij", (2, 3), (2, 3)), ("ij,ij->i", (2, 3), (2, 3)), ("ij,ij->", (2, 3), (2, 3)), ("ij,kl->", (2, 3), (4, 2)),
                ("bij,bjk->bik", (5, 2, 3), (5, 3, 4)), ("bij,bjk->ikb", (5, 2, 3), (5, 3, 4)), ("...ij,...jk", (5, 2, 3), (5, 3, 4)), ("...ij,...jk->...ik", (6, 1, 2, 3), (5, 3, 4)),
                ("...i,...j", (3, 4), (2, 1, 5)), ("...i,...j->ij", (3, 4), (2, 1, 5)), ("ijkl,klm->mij", (2, 3, 4, 2), (4, 2, 3)), ("ij,ik,il->jkl", (2, 3), (2, 4), (2, 2)),
                ("ij,jk,kl->il", (2, 3), (3, 4), (4, 5)), ("ij,jk,kl", (20, 3), (3, 40), (40, 2)), ("i,j,k->ijk", (2,), (3,), (4,)), ("ijk,il,jm,kn->lmn", (2, 3, 4), (2, 5), (3, 2), (4, 3)),
                ("ii,i->i", (3, 3), (3,)), ("ij,ji->", (2, 3), (3, 2)), ("i,i,i", (4,), (4,), (4,)), ("i,i->i", (3,), (1,)), ("ij,jk", (2, 1), (3, 4)), (",", (), ()), (",i", (), (3,)),
                ("ij,...->...i", (2, 3), (4, 5)), (" i j , j k -> i k ", (2, 3), (3, 4)), ("ij,jk->ik", (0, 3), (3, 4)), ("ij,jk->ik", (2, 0), (0, 4)), ("ijk->kj", (2, 3, 4)),
                ("i,i", (3,), (4,)), ("ij,jk->il", (2, 3), (3, 4)), ("ij->ii", (2, 3)), ("i", (2, 3)), ("ijk", (2, 3)), ("i,j", (3,)), ("i-j", (3,)), ("ii", (2, 3)), ("i....", (2, 3)), ("i1", (2, 3))):
            yield call("einsum", np.einsum, subscripts, *tensors(*operands, dtype=dtype))
        for a, b, axes in (((2, 3, 4), (3, 4, 5), 2), ((2, 3), (3, 4), 1), ((2, 3), (4, 5), 0), ((2, 3, 4), (4, 3, 2), [[0, 1], [2, 1]]), ((3, 4), (3, 4), [[-1, 0], [1, 0]]),
                           ((2, 3), (2, 4), 1), ((2, 3), (2, 3), [[0, 0], [0, 0]]), ((2, 3), (2,), [[0], [0]]), ((), (), 0)):
            if dtype != "bool":
                yield call("tensordot", np.tensordot, *tensors(a, b, dtype=dtype), axes)
        if dtype != "bool":
            for a, b in (((3,), (2,)), ((2, 3), (2,)), ((), (3,))):
                yield call("outer", np.outer, *tensors(a, b, dtype=dtype))
            for a, b in (((3,), (3,)), ((2, 3), (3,)), ((2, 3), (4, 3)), ((2, 3), ()), ((2, 3), (2, 4))):
                yield call("inner", np.inner, *tensors(a, b, dtype=dtype))
            for a, b in (((2, 3), (4, 3, 5)), ((2, 4, 3), (6, 3, 5)), ((3,), (2, 3, 4)), ((0, 3), (2, 3, 4)), ((2, 3), (4, 2, 5))):
                yield call("dot", np.dot, *tensors(a, b, dtype=dtype))


def promotion():
    for a in DTYPES:
        for b in DTYPES:
            yield {"a": a, "b": b, "result": np.promote_types(a, b).name}


table = {"printing": [printed(x) for x in printing()], "indexing": list(indexing()), "promotion": list(promotion()),
         "picking": list(picking()), "functions": list(functions())}
path = pathlib.Path(__file__).with_name("numpy.json")
path.write_text(json.dumps(table, separators=(",", ":"), default=int).replace("},{", "},\n{").replace("],[\"", "],\n[\"") + "\n")
