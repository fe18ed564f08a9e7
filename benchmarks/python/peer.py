"""The cases of cases.json in another library, for Compare: peer.py torch|chainer|numpy [torch threads].

Reads a case as JSON from each line of standard input and answers with {"seconds": of one operation} or {"unsupported": why}.
A case with "digest": true is answered with what the first operation came to, too. BLAS takes its threads from the environment.
Exits with 3 where the library cannot be imported."""
import importlib
import json
import statistics
import sys
import time

from values import digest


LIBRARIES = {
    "torch": ("PyTorch", ["torch_kernels", "torch_steps"]),
    "chainer": ("Chainer", ["chainer_steps"]),
    "numpy": ("NumPy", ["numpy_kernels"]),
}


def timed(operation, sample=0.03, loops=5):
    """Seconds of one operation: the median of the means of five loops of about `sample` seconds together, after as many to warm up; what takes
    twice that warms itself."""
    def loop(count):
        start = time.perf_counter()
        for _ in range(count):
            operation()
        return time.perf_counter() - start

    count = 1
    while (warm := loop(count)) <= sample / 2:
        count *= 2
    if warm > 2 * sample:
        return warm / count
    length = -(-count // loops)
    return statistics.median_high(loop(length) / length for _ in range(0, count, length))


def answer(operations, case):
    """What to say to a case. An operation is something to time, or an answer of its own."""
    if case["operation"] not in operations:
        return {"unsupported": f"no operation {case['operation']}"}
    try:
        made = operations[case["operation"]](case)
    except NotImplementedError:
        return {"unsupported": case["id"]}
    if isinstance(made, dict):
        return made
    first = {"digest": digest(made())} if case.get("digest") else {}
    return first | {"seconds": timed(made)}


def main():
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    if name not in LIBRARIES:
        sys.exit(__doc__)
    title, modules = LIBRARIES[name]
    try:
        library = importlib.import_module(name)
    except ImportError as error:
        print(error, file=sys.stderr)
        sys.exit(3)
    if name == "torch":
        library.set_num_threads(int(sys.argv[2]) if len(sys.argv) > 2 else 1)
        library.set_flush_denormal(True)
    operations = {}
    for module in modules:
        operations |= importlib.import_module(module).OPERATIONS
    print(json.dumps({"name": title, "version": library.__version__}), flush=True)
    for line in sys.stdin:
        print(json.dumps(answer(operations, json.loads(line))), flush=True)


main()
