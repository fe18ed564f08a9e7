// Scans of lanes that lie beside each other: a vector holds the running values of as many lanes.
#include "core/backend.hpp"
#include "cpu/scan.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/scan_lanes.cpp"
// clang-format off
#include "cpu/highway.hpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "cpu/half-inl.hpp"
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace nc::cpu::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// What a vector of T is computed in.
template <class T>
using Lane = std::conditional_t<kIsHalf<T>, float, T>;

template <class T, class D>
HWY_INLINE hn::Vec<D> LoadLanes(D d, const char* p) {
  if constexpr (kIsHalf<T>)
    return LoadFloat(d, reinterpret_cast<const T*>(p));
  else
    return hn::LoadU(d, reinterpret_cast<const T*>(p));
}

template <class T, class D>
HWY_INLINE void StoreLanes(D d, hn::Vec<D> v, char* p) {
  if constexpr (kIsHalf<T>)
    StoreFloat(d, v, reinterpret_cast<T*>(p));
  else
    hn::StoreU(v, d, reinterpret_cast<T*>(p));
}

template <int32_t kReduction, class V>
HWY_INLINE V Step(V a, V b) {
  if constexpr (kReduction == NC_REDUCE_SUM) return hn::Add(a, b);
  if constexpr (kReduction == NC_REDUCE_PROD) return hn::Mul(a, b);
  // The first operand where it is a NaN; the second where it is one, since no comparison with it holds.
  if constexpr (kReduction == NC_REDUCE_MIN) return hn::IfThenElse(hn::Or(hn::Ne(a, a), hn::Lt(a, b)), a, b);
  if constexpr (kReduction == NC_REDUCE_MAX) return hn::IfThenElse(hn::Or(hn::Ne(a, a), hn::Gt(a, b)), a, b);
}

// Runs of kVectors vectors of lanes, each from its first row to its last; returns the lanes taken. Four vectors fill
// the cache lines that they touch.
template <int kVectors, int32_t kReduction, class T>
HWY_INLINE int64_t ScanVectors(char* y, int64_t step_y, const char* x, int64_t step_x, int64_t n, int64_t lanes) {
  const hn::ScalableTag<Lane<T>> d;
  const auto bytes = static_cast<int64_t>(hn::Lanes(d) * sizeof(T)), end = lanes * static_cast<int64_t>(sizeof(T));
  int64_t at = 0;
  for (; at + kVectors * bytes <= end; at += kVectors * bytes) {
    const char* from = x + at;
    char* to = y + at;
    auto total0 = LoadLanes<T>(d, from), total1 = total0, total2 = total0, total3 = total0;
    if constexpr (kVectors == 4) {
      total1 = LoadLanes<T>(d, from + bytes);
      total2 = LoadLanes<T>(d, from + 2 * bytes);
      total3 = LoadLanes<T>(d, from + 3 * bytes);
    }
    for (int64_t i = 1;; i++) {
      StoreLanes<T>(d, total0, to);
      if constexpr (kVectors == 4) {
        StoreLanes<T>(d, total1, to + bytes);
        StoreLanes<T>(d, total2, to + 2 * bytes);
        StoreLanes<T>(d, total3, to + 3 * bytes);
      }
      if (i == n) break;
      from += step_x;
      to += step_y;
      total0 = Step<kReduction>(total0, LoadLanes<T>(d, from));
      if constexpr (kVectors == 4) {
        total1 = Step<kReduction>(total1, LoadLanes<T>(d, from + bytes));
        total2 = Step<kReduction>(total2, LoadLanes<T>(d, from + 2 * bytes));
        total3 = Step<kReduction>(total3, LoadLanes<T>(d, from + 3 * bytes));
      }
    }
  }
  return at / static_cast<int64_t>(sizeof(T));
}

template <int32_t kReduction, class T>
int64_t ScanOf(char* y, int64_t step_y, const char* x, int64_t step_x, int64_t n, int64_t lanes) {
  const int64_t taken = ScanVectors<4, kReduction, T>(y, step_y, x, step_x, n, lanes);
  const auto first = taken * static_cast<int64_t>(sizeof(T));
  return taken + ScanVectors<1, kReduction, T>(y + first, step_y, x + first, step_x, n, lanes - taken);
}

template <class T>
int64_t LinearScanOf(char* y, int64_t step_y, const char* a, int64_t step_a, const char* b, int64_t step_b, int64_t n,
                     int64_t lanes) {
  const hn::ScalableTag<Lane<T>> d;
  const auto N = static_cast<int64_t>(hn::Lanes(d));
  int64_t lane = 0;
  for (; lane + N <= lanes; lane += N) {
    const auto at = lane * static_cast<int64_t>(sizeof(T));
    auto total = LoadLanes<T>(d, b + at);
    StoreLanes<T>(d, total, y + at);
    for (int64_t i = 1; i < n; i++) {
      // Rounded twice on every ISA.
      const auto product = hn::Mul(LoadLanes<T>(d, a + at + (i - 1) * step_a), total);
      total = hn::Add(product, LoadLanes<T>(d, b + at + i * step_b));
      StoreLanes<T>(d, total, y + at + i * step_y);
    }
  }
  return lane;
}

template <class T>
void Fill(ScanKernels& kernels, nc_dtype dtype) {
  kernels.scan[NC_REDUCE_SUM][dtype] = ScanOf<NC_REDUCE_SUM, T>;
  kernels.scan[NC_REDUCE_MIN][dtype] = ScanOf<NC_REDUCE_MIN, T>;
  kernels.scan[NC_REDUCE_MAX][dtype] = ScanOf<NC_REDUCE_MAX, T>;
  // No ISA below AVX-512 multiplies 64 bits.
  if constexpr (!std::is_same_v<T, int64_t>) kernels.scan[NC_REDUCE_PROD][dtype] = ScanOf<NC_REDUCE_PROD, T>;
  if constexpr (std::is_floating_point_v<Lane<T>>) kernels.linear[dtype] = LinearScanOf<T>;
}

const ScanKernels& Kernels() {
  static const ScanKernels kernels = [] {
    ScanKernels k = {};
    Fill<int32_t>(k, NC_INT32);
    Fill<int64_t>(k, NC_INT64);
    Fill<Float16>(k, NC_FLOAT16);
    Fill<BFloat16>(k, NC_BFLOAT16);
    Fill<float>(k, NC_FLOAT32);
    Fill<double>(k, NC_FLOAT64);
    return k;
  }();
  return kernels;
}

nc_status Scan(void*, int32_t reduction, const nc_tensor* x, int32_t axis, const nc_tensor* y) {
  return scan_by(Kernels(), reduction, x, axis, y);
}

nc_status LinearScan(void*, const nc_tensor* a, const nc_tensor* b, int32_t axis, const nc_tensor* y) {
  return linear_scan_by(Kernels(), a, b, axis, y);
}

void register_scan(nc_backend& table) {
  table.scan = Scan;
  table.linear_scan = LinearScan;
}

}  // namespace nc::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nc::cpu {

void register_scan(nc_backend& table, Isa isa) { NC_DISPATCH(isa, register_scan, table); }

}  // namespace nc::cpu
#endif
