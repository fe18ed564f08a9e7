#include "nativechain/matmul.h"

#include <array>

#include "ops/program.hpp"

namespace nc {
namespace {

// x, rows x columns, with the leading axes of y: itself where neither has any, else in `full`.
const nc_tensor* broadcast_operand(const char* name, const nc_tensor& x, const nc_tensor& y, int64_t rows,
                                   int64_t columns, nc_tensor& full) {
  if (x.ndim == 2 && y.ndim == 2) return &x;
  int64_t shape[NC_MAX_DIMS];
  for (int i = 0; i < y.ndim - 2; i++) shape[i] = y.shape[i];
  shape[y.ndim - 2] = rows;
  shape[y.ndim - 1] = columns;
  full = broadcast_to(name, x, y.ndim, shape);
  return &full;
}

void check_matrix(const nc_context* ctx, const char* name, const nc_tensor* t) {
  check_tensor(ctx, name, t);
  if (t->ndim < 2) fail(NC_INVALID_SHAPE, "%s: needs two axes or more, has shape %s", name, shape_text(*t).c_str());
}

void multiply(nc_context* context, int32_t precision, const nc_tensor* a, const nc_tensor* b, const nc_program* program,
              const nc_tensor* extras, const nc_scalar* parameters, const nc_tensor* y) {
  check_not_null("context", context);
  if (precision != NC_MATMUL_FLOAT32 && precision != NC_MATMUL_BFLOAT16)
    fail(NC_INVALID_ARGUMENT, "precision is %d; 0 is float32, 1 is bfloat16", precision);
  check_matrix(context, "a", a);
  check_matrix(context, "b", b);
  check_output(context, "y", y);
  check_matrix(context, "y", y);
  check_same_dtype("a", *a, "b", *b);
  if (!is_floating(a->dtype) || y->dtype != compute_dtype(a->dtype)) check_same_dtype("a", *a, "y", *y);
  const int64_t m = a->shape[a->ndim - 2], k = a->shape[a->ndim - 1], n = b->shape[b->ndim - 1];
  if (b->shape[b->ndim - 2] != k)
    fail(NC_INVALID_SHAPE, "a and b: inner extents differ: a %s, b %s", shape_text(*a).c_str(), shape_text(*b).c_str());
  if (y->shape[y->ndim - 2] != m || y->shape[y->ndim - 1] != n)
    fail(NC_INVALID_SHAPE, "y: shape %s, but a %s . b %s has (..., %lld, %lld)", shape_text(*y).c_str(),
         shape_text(*a).c_str(), shape_text(*b).c_str(), static_cast<long long>(m), static_cast<long long>(n));
  nc_tensor a_storage, b_storage;
  const nc_tensor* const full_a = broadcast_operand("a", *a, *y, m, k, a_storage);
  const nc_tensor* const full_b = broadcast_operand("b", *b, *y, k, n, b_storage);
  check_overlap("a", *a, "y", *y, Aliasing::none);
  check_overlap("b", *b, "y", *y, Aliasing::none);

  std::array<nc_tensor, NC_PROGRAM_MAX_INPUTS> full_extras;
  check_epilogue(context, program, extras, parameters, *y, full_extras.data());
  if (size_of(*y) == 0) return;
  if (precision != NC_MATMUL_FLOAT32 && a->dtype == NC_FLOAT32 && context->backend->matmul_with) {
    NC_CALL(context, matmul_with, y->dtype, context->state, precision, full_a, full_b, program, full_extras.data(),
            parameters, y);
  } else {
    NC_CALL(context, matmul, y->dtype, context->state, full_a, full_b, program, full_extras.data(), parameters, y);
  }
}

}  // namespace
}  // namespace nc

extern "C" nc_status nc_matmul(nc_context* context, const nc_tensor* a, const nc_tensor* b, const nc_program* program,
                               const nc_tensor* extras, const nc_scalar* parameters, const nc_tensor* y) {
  return nc::guard("nc_matmul",
                   [&] { nc::multiply(context, NC_MATMUL_FLOAT32, a, b, program, extras, parameters, y); });
}

extern "C" nc_status nc_matmul_with(nc_context* context, int32_t precision, const nc_tensor* a, const nc_tensor* b,
                                    const nc_program* program, const nc_tensor* extras, const nc_scalar* parameters,
                                    const nc_tensor* y) {
  return nc::guard("nc_matmul_with", [&] { nc::multiply(context, precision, a, b, program, extras, parameters, y); });
}
