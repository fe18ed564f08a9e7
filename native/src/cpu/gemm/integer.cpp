#include "cpu/gemm/integer.hpp"

#include <algorithm>

#include "core/backend.hpp"
#include "core/thread_pool.hpp"
#include "cpu/gemm/scratch.hpp"
#include "cpu/table.hpp"

namespace nc::cpu::gemm {
namespace {

// A chunk is kRows x kColumns of the product; its operands are widened to int64 kDepth at a time.
constexpr int64_t kRows = 32, kColumns = 128, kDepth = 128;

// y[k * count + p] = x(first + p, k0 + k), as int64.
void widen(const Operand& x, int64_t first, int64_t count, int64_t k0, int64_t depth, uint64_t* y) {
  nc_tensor from = {}, to = {};
  from.base = const_cast<char*>(x.at(first, k0));
  from.device_type = NC_CPU;
  from.dtype = x.dtype;
  from.ndim = 2;
  from.shape[0] = depth;
  from.shape[1] = count;
  from.strides[0] = x.depth_step;
  from.strides[1] = x.step;
  to = from;
  to.base = y;
  to.dtype = NC_INT64;
  to.strides[0] = count;
  to.strides[1] = 1;
  check_slot(table()->copy(nullptr, &from, &to));
}

}  // namespace

void multiply_integer(const Problem& problem) {
  const int64_t m = problem.a.count, n = problem.b.count;
  const int64_t column_chunks = (n + kColumns - 1) / kColumns, row_chunks = (m + kRows - 1) / kRows;
  parallel_for(row_chunks * column_chunks, [&](int64_t chunk) {
    const int64_t i0 = chunk / column_chunks * kRows, j0 = chunk % column_chunks * kColumns;
    const int64_t rows = std::min(kRows, m - i0), columns = std::min(kColumns, n - j0);
    // Unsigned: wraps.
    uint64_t* const product = thread_scratch().tile.reserve<uint64_t>(kRows * kColumns);
    uint64_t* const a = thread_scratch().left.reserve<uint64_t>(kRows * kDepth);
    uint64_t* const b = thread_scratch().right.reserve<uint64_t>(kColumns * kDepth);
    std::fill(product, product + rows * columns, 0);
    for (int64_t k0 = 0; k0 < problem.depth; k0 += kDepth) {
      const int64_t depth = std::min(kDepth, problem.depth - k0);
      widen(problem.a, i0, rows, k0, depth, a);
      widen(problem.b, j0, columns, k0, depth, b);
      for (int64_t i = 0; i < rows; i++) {
        uint64_t* const y = product + i * columns;
        for (int64_t k = 0; k < depth; k++) {
          const uint64_t ak = a[k * rows + i];
          for (int64_t j = 0; j < columns; j++) y[j] += ak * b[k * columns + j];
        }
      }
    }
    run_epilogue(problem, product, columns, 1, i0, j0, rows, columns);
  });
}

}  // namespace nc::cpu::gemm
