// Products of bfloat16 in pairs along the depth, summed in float32: what AVX512-BF16 and AMX multiply. float32 operands
// are rounded to nearest even while they are packed.
#pragma once

#include <cstdint>

#include "cpu/gemm/problem.hpp"

namespace nc::cpu::gemm {

// The depth is packed in blocks, each padded with zeros to whole steps.
inline constexpr int64_t kPairStep = 32;
// Columns of a panel of a packed right operand.
inline constexpr int64_t kPairColumns = 32;

// From one row of a left operand packed in blocks of `depth` (whole steps) to the next: an odd number of lines, so that
// rows of one tile do not share a set of the caches.
constexpr int64_t pair_row(int64_t depth) { return (depth / kPairStep | 1) * kPairStep; }

// Columns of a right operand in memory.
struct PairsAhead {
  const char* data = nullptr;
  int64_t count = 0, depth = 0;
  int64_t step = 0, depth_step = 0;  // bytes
  int64_t size = 0;                  // of an element
};

// c (+)= a . b on rows x columns (at most kPairColumns). a: element (i, k) at a[i * a_row + k]; b: element (k, j) at
// b[(k / 2 * kPairColumns + j) * 2 + k % 2]; both with zeros up to a whole step of the depth. `next`: what is packed
// after b, and may be asked for beside the multiplications.
struct PairKernel {
  int64_t rows;      // of a tile
  int64_t row_step;  // chunks begin at multiples of it
  int64_t depth;     // of a block at most, whole steps
  int64_t size;      // elements at most of the left operand that one chunk reads again and again
  int64_t own_size;  // up to here each thread packs them for itself, where several chunks read them
  void (*multiply)(int64_t rows, int64_t columns, int64_t depth, const uint16_t* a, int64_t a_row, const uint16_t* b,
                   const PairsAhead& next, float* c, int64_t c_step, bool add);
};

// That of isa(); null where bfloat16 is widened to float32 instead.
const PairKernel* pair_kernel();

// count x depth of an operand in float32 or bfloat16, any strides, from (p, k), as PairKernel reads them on the left,
// y_row from row to row, and, up to kPairColumns, on the right.
void pack_rows(const Operand& x, int64_t p, int64_t count, int64_t k, int64_t depth, uint16_t* y, int64_t y_row);
void pack_columns(const Operand& x, int64_t p, int64_t count, int64_t k, int64_t depth, uint16_t* y);

// One product by a kernel; needs AVX512-BF16, which packs. Defined in src/cpu/matmul.cpp.
void multiply_pairs(const Problem& problem, const PairKernel& kernel);

}  // namespace nc::cpu::gemm
