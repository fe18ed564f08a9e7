// The inner loops of reductions: one table of kernels for each ISA.
#pragma once

#include <cstddef>
#include <cstdint>

#include "cpu/isa.hpp"
#include "nativechain/program.h"

namespace nc::cpu {

// Each combines with its own operation: the sum, the product, the smaller, the larger (NaN wins).
struct ReduceKernels {
  struct Operation {
    // y[i] = what the `length` values of row i come to, pairwise over fixed blocks. Rows lie one behind the other;
    // length is 1 or more.
    void (*rows)(void* y, const void* x, size_t rows, size_t length);
    // y[i] = y[i] with x[i], for n values.
    void (*combine)(void* y, const void* x, size_t n);
    // y[i] with x[i], x[i + stride], ... x[i + 7 * stride], as a tree. `more`: eight rows follow, which come next.
    void (*combine8)(void* y, const void* x, int64_t stride, size_t n, bool more);
    // y[i] = the value that changes nothing.
    void (*clear)(void* y, size_t n);
    // Of the smaller and the larger: takes rows [first, last) of n values, from x on, `stride` apart, into the best of
    // each column so far and the row that it was first met in, an integer of the values' size. The first NaN of a
    // column stays. Rows up to `all` follow in memory, and come next.
    void (*take_rows)(void* best, void* rows, const void* x, int64_t stride, int64_t first, int64_t last, int64_t all,
                      size_t n);
  };
  struct Type {
    Operation sum, product, smallest, largest;
    void (*divide)(void* y, int64_t count, size_t n);  // y[i] /= count
    // The first position of the value in x; of the first NaN where it is NaN. n where there is none.
    size_t (*find)(const void* x, size_t n, const void* value);
  };
  Type float32, float64, int64;

  const Type& of(int32_t compute_dtype) const {
    return compute_dtype == NC_FLOAT32 ? float32 : compute_dtype == NC_FLOAT64 ? float64 : int64;
  }
};

// Of an ISA with vector kernels: any but Isa::reference.
const ReduceKernels& reduce_kernels(Isa isa);

}  // namespace nc::cpu
