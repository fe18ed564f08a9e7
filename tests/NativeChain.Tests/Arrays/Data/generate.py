"""Writes what NumPy makes of printing, promotion and basic indexing into numpy.json. Run: python3 generate.py"""
import json
import pathlib

import numpy as np

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


def promotion():
    for a in DTYPES:
        for b in DTYPES:
            yield {"a": a, "b": b, "result": np.promote_types(a, b).name}


table = {"printing": [printed(x) for x in printing()], "indexing": list(indexing()), "promotion": list(promotion())}
path = pathlib.Path(__file__).with_name("numpy.json")
path.write_text(json.dumps(table, separators=(",", ":")).replace("},{", "},\n{") + "\n")
