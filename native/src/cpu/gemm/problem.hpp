// One product of two matrices, y = a . b, and what its program makes of it.
#pragma once

#include <cstdint>

#include "core/tensor.hpp"

struct nc_program;

namespace nc::cpu::gemm {

// An operand as packing reads it: element (p, k) of the depth k, where p counts the rows of a or the columns of b.
struct Operand {
  const char* data;
  nc_dtype dtype;
  int64_t count;       // M or N
  int64_t step;        // from p to p + 1, in elements
  int64_t depth_step;  // from k to k + 1

  // Where given, element (p, k) lies at offsets[p] + depth_offsets[k] instead, such as the matrix of the patches of an
  // image, which exists only where a panel of it is packed. Of the dtype of the product; memory can be read up to `end`.
  const int64_t* offsets = nullptr;
  const int64_t* depth_offsets = nullptr;
  const char* end = nullptr;

  const char* at(int64_t p, int64_t k) const { return data + (p * step + k * depth_step) * dtype_size(dtype); }
};

// The program, run on a tile of the product. The forms that networks use are recognised and computed in place:
//   y = relu(scale * product + extra)
// with any of the three parts missing; extra may be a bias along either axis, a matrix, or y itself.
struct Epilogue {
  enum class Relu { none, maximum, select };  // NaN stays with maximum, gives 0 with select

  const nc_program* program;  // null: y is the product
  const nc_scalar* parameters;
  void* state;
  bool recognised = true;  // the form above, in the dtype of y, which is also that of the extra
  double scale = 1;
  int extra = -1;  // which of the extras is added
  Relu relu = Relu::none;

  static Epilogue of(const nc_program* program, const nc_scalar* parameters, const nc_tensor* extras, nc_dtype dtype,
                     void* state);
};

struct Problem {
  Operand a, b;
  int64_t depth;
  nc_tensor y;              // (M, N), or N in several axes, (M, n...)
  const nc_tensor* extras;  // each of y's shape
  int32_t n_extras;
  const Epilogue* epilogue;
  const void* packed = nullptr;  // a, as Gemm::pack left it; null: the product packs it
};

struct Direct;
struct Winograd;

// The products of one dtype and instruction set.
struct Gemm {
  void (*multiply)(const Problem& problem);
  // The left operand once for many products.
  int64_t (*packed_size)(int64_t m, int64_t depth);  // bytes
  void (*pack)(const Operand& a, int64_t depth, void* packed);
  const Direct* direct = nullptr;  // convolutions without panels of patches, where the dtype has them
  const Winograd* winograd = nullptr;
};

// Multiplications, at least one an element of y; not in int64, which three extents may leave where axes are repeated.
inline double work_of(int64_t m, int64_t n, int64_t depth) {
  return static_cast<double>(m) * static_cast<double>(n) * static_cast<double>(depth > 0 ? depth : 1);
}

bool same_view(const nc_tensor& a, const nc_tensor& b);

// Runs the program on product, rows x columns of y's compute dtype at (row, column) of y.
void run_epilogue(const Problem& problem, const void* product, int64_t row_step, int64_t column_step, int64_t row,
                  int64_t column, int64_t rows, int64_t columns);

using Multiply = void (*)(const Problem& problem);

// Calls multiply for each matrix of the leading axes, or once where they are rows of one matrix; in the orientation in
// which y's rows are contiguous, if one is.
void multiply_batches(void* state, const nc_tensor& a, const nc_tensor& b, const nc_program* program,
                      const nc_tensor* extras, const nc_scalar* parameters, const nc_tensor& y, Multiply multiply);

// Products of depth 1, floating point of one dtype, with long rows: each element of y is one of a times one of b, and
// there is nothing to pack.
bool is_outer(const nc_tensor& a, const nc_tensor& b, const nc_tensor& y);
void multiply_outer(void* state, const nc_tensor& a, const nc_tensor& b, const nc_tensor& y);

}  // namespace nc::cpu::gemm
