// Matrix products: leading axes, dtypes and orientation; src/cpu/gemm computes one product of two matrices.
#include <algorithm>
#include <array>

#include "core/backend.hpp"
#include "core/denormals.hpp"
#include "core/program.hpp"
#include "core/tensor.hpp"
#include "core/thread_pool.hpp"
#include "cpu/gemm/integer.hpp"
#include "cpu/gemm/pairs.hpp"
#include "cpu/gemm/problem.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/matmul.cpp"
// clang-format off
#include "cpu/highway.hpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "cpu/gemm/pairs-inl.hpp"
#include "cpu/gemm/product-inl.hpp"
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace nc::cpu::HWY_NAMESPACE {

void multiply_float32(const gemm::Problem& problem) { gemm::Product<float>(problem).run(); }
void multiply_float64(const gemm::Problem& problem) { gemm::Product<double>(problem).run(); }

#if HWY_TARGET == HWY_AVX3
void run_pairs(const gemm::Problem& problem, const gemm::PairKernel& kernel) {
  gemm::PairProduct(problem, kernel).run();
}

void multiply_bfloat16(const gemm::Problem& problem) { run_pairs(problem, *nc::cpu::gemm::pair_kernel()); }

// float32, rounded where that pays: a product of few rows or columns waits for its operands.
void multiply_rounded(const gemm::Problem& problem) {
  constexpr int64_t kLeast = 16;
  std::min(problem.a.count, problem.b.count) < kLeast ? multiply_float32(problem) : multiply_bfloat16(problem);
}

nc_status matmul_with(void* state, int32_t, const nc_tensor* a, const nc_tensor* b, const nc_program* program,
                      const nc_tensor* extras, const nc_scalar* parameters, const nc_tensor* y) {
  const FlushDenormals flush;
  nc::cpu::gemm::multiply_batches(state, *a, *b, program, extras, parameters, *y, &multiply_rounded);
  return NC_OK;
}
#endif

// Products that are summed in float32.
nc::cpu::gemm::Multiply float32_products([[maybe_unused]] nc_dtype operands) {
#if HWY_TARGET == HWY_AVX3
  if (operands == NC_BFLOAT16 && nc::cpu::gemm::pair_kernel()) return &multiply_bfloat16;
#endif
  return &multiply_float32;
}

nc_status matmul(void* state, const nc_tensor* a, const nc_tensor* b, const nc_program* program,
                 const nc_tensor* extras, const nc_scalar* parameters, const nc_tensor* y) {
  const auto multiply = !is_floating(y->dtype)   ? &nc::cpu::gemm::multiply_integer
                        : y->dtype == NC_FLOAT64 ? &multiply_float64
                                                 : float32_products(a->dtype);
  const FlushDenormals flush(is_floating(y->dtype) && y->dtype != NC_FLOAT64);
  if (!program && y->ndim == 2 && a->dtype == y->dtype) {
    if (y->dtype == NC_FLOAT32 && gemm::Product<float>::small(*a, *b, *y)) return NC_OK;
    if (y->dtype == NC_FLOAT64 && gemm::Product<double>::small(*a, *b, *y)) return NC_OK;
  }
  if (!program && nc::cpu::gemm::is_outer(*a, *b, *y)) {
    nc::cpu::gemm::multiply_outer(state, *a, *b, *y);
    return NC_OK;
  }
  nc::cpu::gemm::multiply_batches(state, *a, *b, program, extras, parameters, *y, multiply);
  return NC_OK;
}

void register_matmul(nc_backend& table) {
  table.matmul = matmul;
#if HWY_TARGET == HWY_AVX3
  if (nc::cpu::gemm::pair_kernel()) table.matmul_with = matmul_with;
#endif
}

}  // namespace nc::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nc::cpu {
void register_matmul(nc_backend& table, Isa isa) { NC_DISPATCH(isa, register_matmul, table); }

#if defined(__x86_64__)
void gemm::multiply_pairs(const Problem& problem, const PairKernel& kernel) {
  N_AVX3::run_pairs(problem, kernel);
}
#endif
}  // namespace nc::cpu
#endif
