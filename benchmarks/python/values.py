"""The numbers that every runner makes."""
import numpy


def uniform(count, seed, dtype=numpy.float32):
    """The high bits of a multiplicative hash, in [0, 1)."""
    i = numpy.arange(count, dtype=numpy.uint64) + numpy.uint64(seed)
    return (((i * numpy.uint64(2654435761)) & numpy.uint64(0xFFFFFFFF)) / 4294967296.0).astype(dtype)
