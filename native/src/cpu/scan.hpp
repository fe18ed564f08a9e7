// Scans: one step in plain C++, with which the kernels of every ISA agree to the bit, and those kernels.
#pragma once

#include <cstdint>
#include <type_traits>

#include "core/dtype.hpp"
#include "nativechain/reduce.h"

namespace nc::cpu {

// What a running value of T is kept in.
template <class T>
using Running =
    std::conditional_t<std::is_same_v<T, float> || std::is_same_v<T, double>, T,
                       std::conditional_t<std::is_same_v<T, Float16> || std::is_same_v<T, BFloat16>, float, int64_t>>;

// Integers wrap; a NaN stays.
template <int32_t kReduction, class S>
S scan_step(S a, S b) {
  using U = typename std::conditional_t<std::is_integral_v<S>, std::make_unsigned<S>, Type<S>>::type;
  if constexpr (kReduction == NC_REDUCE_SUM) return static_cast<S>(static_cast<U>(a) + static_cast<U>(b));
  if constexpr (kReduction == NC_REDUCE_PROD) return static_cast<S>(static_cast<U>(a) * static_cast<U>(b));
  if constexpr (kReduction == NC_REDUCE_MIN) return a != a || a < b ? a : b;
  if constexpr (kReduction == NC_REDUCE_MAX) return a != a || a > b ? a : b;
}

// Calls f with the reduction as a constant.
template <class F>
void with_reduction(int32_t reduction, const F& f) {
  switch (reduction) {
    case NC_REDUCE_SUM:
      return f(std::integral_constant<int32_t, NC_REDUCE_SUM>());
    case NC_REDUCE_PROD:
      return f(std::integral_constant<int32_t, NC_REDUCE_PROD>());
    case NC_REDUCE_MIN:
      return f(std::integral_constant<int32_t, NC_REDUCE_MIN>());
    default:
      return f(std::integral_constant<int32_t, NC_REDUCE_MAX>());
  }
}

// Scans the first of `lanes` lanes that lie beside each other in x and y, n elements each, `step` bytes apart, and
// returns how many it took; a, b and y of a linear scan likewise.
using ScanLanes = int64_t (*)(char* y, int64_t step_y, const char* x, int64_t step_x, int64_t n, int64_t lanes);
using LinearScanLanes = int64_t (*)(char* y, int64_t step_y, const char* a, int64_t step_a, const char* b,
                                    int64_t step_b, int64_t n, int64_t lanes);

// Null where the ISA has none.
struct ScanKernels {
  ScanLanes scan[NC_REDUCE_MAX + 1][NC_FLOAT64 + 1];  // by reduction and dtype
  LinearScanLanes linear[NC_FLOAT64 + 1];
};

nc_status scan_by(const ScanKernels& kernels, int32_t reduction, const nc_tensor* x, int32_t axis, const nc_tensor* y);
nc_status linear_scan_by(const ScanKernels& kernels, const nc_tensor* a, const nc_tensor* b, int32_t axis,
                         const nc_tensor* y);

}  // namespace nc::cpu
