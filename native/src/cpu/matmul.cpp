// Matrix products: leading axes, dtypes and orientation; src/cpu/gemm computes one product of two matrices.
#include <algorithm>
#include <array>

#include "core/backend.hpp"
#include "core/denormals.hpp"
#include "core/program.hpp"
#include "core/tensor.hpp"
#include "core/thread_pool.hpp"
#include "cpu/gemm/integer.hpp"
#include "cpu/gemm/problem.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/matmul.cpp"
// clang-format off
#include "cpu/highway.hpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "cpu/gemm/product-inl.hpp"
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace nc::cpu::HWY_NAMESPACE {

void multiply_float32(const gemm::Problem& problem) { gemm::Product<float>(problem).run(); }
void multiply_float64(const gemm::Problem& problem) { gemm::Product<double>(problem).run(); }

nc_status matmul(void* state, const nc_tensor* a, const nc_tensor* b, const nc_program* program,
                 const nc_tensor* extras, const nc_scalar* parameters, const nc_tensor* y) {
  const auto multiply = !is_floating(y->dtype)   ? &nc::cpu::gemm::multiply_integer
                        : y->dtype == NC_FLOAT64 ? &multiply_float64
                                                 : &multiply_float32;
  const FlushDenormals flush(is_floating(y->dtype) && y->dtype != NC_FLOAT64);
  nc::cpu::gemm::multiply_batches(state, *a, *b, program, extras, parameters, *y, multiply);
  return NC_OK;
}

void register_matmul(nc_backend& table) { table.matmul = matmul; }

}  // namespace nc::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nc::cpu {
void register_matmul(nc_backend& table, Isa isa) { NC_DISPATCH(isa, register_matmul, table); }
}  // namespace nc::cpu
#endif
