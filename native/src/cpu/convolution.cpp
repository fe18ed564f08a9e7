// Convolutions: src/cpu/gemm makes products of them.
#include "core/backend.hpp"
#include "core/denormals.hpp"
#include "core/tensor.hpp"
#include "cpu/gemm/convolution.hpp"
#include "cpu/gemm/problem.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/convolution.cpp"
// clang-format off
#include "cpu/highway.hpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "cpu/gemm/direct-inl.hpp"
#include "cpu/gemm/product-inl.hpp"
#include "cpu/gemm/winograd-inl.hpp"
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace nc::cpu::HWY_NAMESPACE {

template <class T>
constexpr nc::cpu::gemm::Gemm kGemm = {
    [](const gemm::Problem& problem) { gemm::Product<T>(problem).run(); },
    [](int64_t m, int64_t depth) {
      return gemm::Product<T>::packed_size(m, depth) * static_cast<int64_t>(sizeof(T));
    },
    [](const gemm::Operand& a, int64_t depth, void* packed) {
      gemm::Product<T>::pack_left(a, depth, static_cast<T*>(packed));
    },
    sizeof(T) == sizeof(float) ? &gemm::kDirect : nullptr,
    sizeof(T) == sizeof(float) ? &gemm::kWinograd : nullptr,
};

const nc::cpu::gemm::Gemm& gemm_of(nc_dtype dtype) { return dtype == NC_FLOAT64 ? kGemm<double> : kGemm<float>; }

nc_status convolution_forward(void* state, const nc_tensor* x, const nc_tensor* W, const nc_convolution* window,
                              const nc_program* program, const nc_tensor* extras, const nc_scalar* parameters,
                              const nc_tensor* y) {
  const FlushDenormals flush(y->dtype != NC_FLOAT64);
  nc::cpu::gemm::convolve(gemm_of(y->dtype), state, *x, *W, *window, program, extras, parameters, *y);
  return NC_OK;
}

nc_status convolution_data(void* state, const nc_tensor* gy, const nc_tensor* W, const nc_convolution* window,
                           const nc_program* program, const nc_tensor* extras, const nc_scalar* parameters,
                           const nc_tensor* gx) {
  const FlushDenormals flush(gx->dtype != NC_FLOAT64);
  nc::cpu::gemm::convolve_data(gemm_of(gx->dtype), state, *gy, *W, *window, program, extras, parameters, *gx);
  return NC_OK;
}

nc_status convolution_filter(void* state, const nc_tensor* x, const nc_tensor* gy, const nc_convolution* window,
                             const nc_tensor* gW) {
  const FlushDenormals flush(gW->dtype != NC_FLOAT64);
  nc::cpu::gemm::convolve_filter(gemm_of(gW->dtype), state, *x, *gy, *window, *gW);
  return NC_OK;
}

void register_convolution(nc_backend& table) {
  table.convolution_forward = convolution_forward;
  table.convolution_data = convolution_data;
  table.convolution_filter = convolution_filter;
}

}  // namespace nc::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nc::cpu {
void register_convolution(nc_backend& table, Isa isa) { NC_DISPATCH(isa, register_convolution, table); }
}  // namespace nc::cpu
#endif
