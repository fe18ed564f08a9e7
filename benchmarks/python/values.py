"""The numbers that every runner makes, and what it says of its result."""
import functools
import math
import time

import numpy


@functools.lru_cache(4)
def uniform(count, seed, dtype=numpy.float32):
    """The high bits of a multiplicative hash, in [0, 1). They are only read: each round of a case asks for the same."""
    i = numpy.arange(count, dtype=numpy.uint64) + numpy.uint64(seed)
    return (((i * numpy.uint64(2654435761)) & numpy.uint64(0xFFFFFFFF)) / 4294967296.0).astype(dtype)


def digest(result):
    """Count, sum and sum of squares of a result: an array, several, or the first of a tuple that is there."""
    if isinstance(result, tuple):
        result = next(part for part in result if part is not None)
    parts = result if isinstance(result, list) else [result]
    wide = [numpy.asarray(p.detach().double() if hasattr(p, "detach") else p, numpy.float64) for p in parts]
    return [sum(p.size for p in wide), float(sum(p.sum() for p in wide)), float(sum((p * p).sum() for p in wide))]


def trained(step, case, parameters):
    """The answer to a training: the mean time of its steps from first_step to last_step. Its weights are random: how many there are says that
    the models are the same."""
    start = 0.0
    for k in range(case["last_step"]):
        if k == case["first_step"]:
            start = time.perf_counter()
        step(k)
    seconds = (time.perf_counter() - start) / (case["last_step"] - case["first_step"])
    return {"seconds": seconds, "digest": [sum(math.prod(parameter.shape) for parameter in parameters), 0.0, 0.0]}
