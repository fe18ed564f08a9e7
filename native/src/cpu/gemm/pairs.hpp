// Products of bfloat16 in pairs along the depth, summed in float32: what AVX512-BF16 and AMX multiply. float32 operands are
// rounded to nearest even while they are packed.
#pragma once

#include <cstdint>

#include "cpu/gemm/problem.hpp"

namespace nc::cpu::gemm {

// The depth is packed in blocks, each padded with zeros to whole steps.
inline constexpr int64_t kPairStep = 32, kPairDepth = 512;
// From one row of a packed left operand to the next: not a power of two, which rows of one tile would share a set of the
// caches for.
inline constexpr int64_t kPairRow = kPairDepth + 32;
// Columns of a panel of a packed right operand.
inline constexpr int64_t kPairColumns = 32;

// c (+)= a . b on rows x columns (at most kPairColumns). a: element (i, k) at a[i * kPairRow + k]; b: element (k, j) at
// b[(k / 2 * kPairColumns + j) * 2 + k % 2]; both with zeros up to a whole step of the depth.
struct PairKernel {
  int64_t rows;  // of a tile: multiples of it are whole ones
  void (*multiply)(int64_t rows, int64_t columns, int64_t depth, const uint16_t* a, const uint16_t* b, float* c,
                   int64_t c_step, bool add);
};

// That of isa(); null where bfloat16 is widened to float32 instead.
const PairKernel* pair_kernel();

// count x depth (at most kPairDepth) of an operand in float32 or bfloat16, any strides, from (p, k), as PairKernel reads
// them on the left and, up to kPairColumns, on the right.
void pack_rows(const Operand& x, int64_t p, int64_t count, int64_t k, int64_t depth, uint16_t* y);
void pack_columns(const Operand& x, int64_t p, int64_t count, int64_t k, int64_t depth, uint16_t* y);

// One product by a kernel; needs AVX512-BF16, which packs. Defined in src/cpu/matmul.cpp.
void multiply_pairs(const Problem& problem, const PairKernel& kernel);

}  // namespace nc::cpu::gemm
