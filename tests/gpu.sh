#!/usr/bin/env bash
# The CUDA module on this machine's NVIDIA card: builds native/ with it, runs its tests on the card, and prints a table of how
# long copies, elementwise programs, reductions and matrix products take, beside their floor and, where python3 has a PyTorch
# with CUDA, PyTorch's time in the same run.
#
#   tests/gpu.sh [--build FOLDER] [CMAKE ARGUMENT...]
#
# --build FOLDER  where to build (default: native/build/gpu). A folder that is built already is brought up to date.
# Environment: CUDACXX, the nvcc to build with (default: the one on the PATH, else /usr/local/cuda/bin/nvcc);
# CMAKE_PREFIX_PATH, where Highway, Eigen and GoogleTest are if not in the system's folders (else CMake fetches them).
# The exit status is 0 where the tests passed on the card.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
build=native/build/gpu
if [[ ${1:-} == --build ]]; then
  build=${2:?--build needs a folder}
  shift 2
fi

command -v nvidia-smi > /dev/null && nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader || {
  echo "gpu.sh: nvidia-smi finds no NVIDIA card here" >&2
  exit 1
}
if [[ -z ${CUDACXX:-} ]]; then
  CUDACXX=$(command -v nvcc || echo /usr/local/cuda/bin/nvcc)
  export CUDACXX
fi
"$CUDACXX" --version | tail -n 2 || exit 1
capability=$(nvidia-smi --query-gpu=compute_cap --format=csv,noheader | head -n 1 | tr -d .)

arguments=(-DCMAKE_BUILD_TYPE=Release -DNATIVECHAIN_CUDA=ON "-DCMAKE_CUDA_ARCHITECTURES=$capability")
command -v ninja > /dev/null && arguments+=(-G Ninja)
cmake -S native -B "$build" "${arguments[@]}" "$@" || exit 1
cmake --build "$build" -j "$(nproc)" --target nativechain_cuda test_cuda_source test_cuda_module test_cuda_device benchmark_cuda || exit 1

# Where python3 has NVIDIA's libraries as packages, they serve where the system has none.
packages=$(python3 -c 'import glob, importlib.util, os
spec = importlib.util.find_spec("nvidia")
found = {os.path.dirname(f) for root in (spec.submodule_search_locations if spec else []) for name in ("libnvrtc.so.*", "libcublasLt.so.*")
         for f in glob.glob(os.path.join(root, "*", "lib", name))}
print(":".join(sorted(found)))' 2> /dev/null)
export LD_LIBRARY_PATH=${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}$(dirname "$(dirname "$(readlink -f "$CUDACXX")")")/lib64${packages:+:$packages}

NATIVECHAIN_REQUIRE_CUDA=1 ctest --test-dir "$build" -R '^cuda\.' --output-on-failure
tests=$?

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$build/benchmarks/cuda/benchmark_cuda" > "$work/ours" || exit 1
if ! cut -f 1 "$work/ours" | python3 benchmarks/python/torch_cuda.py > "$work/torch" 2> "$work/error"; then
  echo "no PyTorch beside it: $(tail -n 1 "$work/error")"
fi
head -n 1 "$work/torch" 2> /dev/null | sed -n 's/^# //p'

# Floor: bytes over the best copy of the run, or operations over the best rate of the run at that precision, whoever reached it.
awk -F '\t' '
  FILENAME == ARGV[1] { if (NF == 2 && $2 > 0) torch[$1] = $2; next }
  { id[++n] = $1; bytes[n] = $2; operations[n] = $3; ours[n] = $4
    best = $1 in torch && torch[$1] < $4 ? torch[$1] : $4
    if ($1 ~ /^(card\.copy|copy\.contiguous)$/ && $2 / best > bandwidth) bandwidth = $2 / best
    if ($3 > 0) { kind[n] = $1; sub(/\.[0-9]+$/, "", kind[n]); if ($3 / best > peak[kind[n]]) peak[kind[n]] = $3 / best } }
  END {
    printf "\n%-28s %12s %12s %12s %10s %10s  %s\n", "case", "ours us", "floor us", "PyTorch us", "of floor", "PyTorch", "rate"
    for (i = 1; i <= n; i++) {
      floor_ = operations[i] > 0 ? operations[i] / peak[kind[i]] : bytes[i] / bandwidth
      rate = operations[i] > 0 ? sprintf("%.1f TFLOP/s", operations[i] / ours[i] / 1e12) : sprintf("%.2f TB/s", bytes[i] / ours[i] / 1e12)
      has = id[i] in torch
      printf "%-28s %12.2f %12.2f %12s %9.0f%% %10s  %s\n", id[i], ours[i] * 1e6, floor_ * 1e6, has ? sprintf("%.2f", torch[id[i]] * 1e6) : "-",
        100 * floor_ / ours[i], has ? sprintf("%.2fx", torch[id[i]] / ours[i]) : "-", rate
    }
    printf "\ncopy bandwidth %.2f TB/s (read and written). PyTorch: its time over ours, above 1 ours is faster.\n", bandwidth / 1e12
  }' "$work/torch" "$work/ours"

if [[ $tests -eq 0 ]]; then echo "tests: passed"; else echo "tests: FAILED"; fi
exit "$tests"
