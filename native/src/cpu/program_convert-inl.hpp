// Loads and stores of programs: elements of every dtype to and from the compute dtype.
#if defined(NATIVECHAIN_CPU_PROGRAM_CONVERT_INL_HPP_) == defined(HWY_TARGET_TOGGLE)
#ifdef NATIVECHAIN_CPU_PROGRAM_CONVERT_INL_HPP_
#undef NATIVECHAIN_CPU_PROGRAM_CONVERT_INL_HPP_
#else
#define NATIVECHAIN_CPU_PROGRAM_CONVERT_INL_HPP_
#endif

#include <cstring>
#include <type_traits>

#include "core/dtype.hpp"
#include "cpu/half-inl.hpp"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace nc::cpu::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// Every second (kSteps 1) or fourth (kSteps 2) element from p on.
template <int kSteps, class D, class T = hn::TFromD<D>>
HWY_INLINE hn::Vec<D> LoadEvery(D d, const T* p) {
  if constexpr (kSteps == 0) {
    return hn::LoadU(d, p);
  } else {
    const int64_t half = static_cast<int64_t>(hn::Lanes(d)) << (kSteps - 1);
    return hn::ConcatEven(d, LoadEvery<kSteps - 1>(d, p + half), LoadEvery<kSteps - 1>(d, p));
  }
}

// y[i] = x[i << kSteps] for the first elements, and how many they are: whole vectors, and always one element fewer than
// n, so that what lies behind the last is not read.
template <int kSteps, class T>
HWY_INLINE size_t LoadInterleaved(T* HWY_RESTRICT y, const T* HWY_RESTRICT x, size_t n) {
  const hn::ScalableTag<T> d;
  const size_t N = hn::Lanes(d);
  size_t i = 0;
  for (; i + N < n; i += N) hn::StoreU(LoadEvery<kSteps>(d, x + (i << kSteps)), d, y + i);
  return i;
}

// y[i] = x[i * stride] in S. The plain loops are ones that the compiler vectorises for the target.
template <class S, class X>
void LoadElements(void* y_, const void* x_, int64_t stride, size_t n) {
  S* HWY_RESTRICT y = static_cast<S*>(y_);
  const X* HWY_RESTRICT x = static_cast<const X*>(x_);
  if (stride == 0) {
    const S value = convert<S>(*x);
    for (size_t i = 0; i < n; i++) y[i] = value;
    return;
  }
  if (stride != 1) {
    size_t i = 0;
    // Parts of interleaved records, such as the gates of recurrent units.
    if constexpr (std::is_same_v<S, X>) {
      if (stride == 2) i = LoadInterleaved<1>(y, x, n);
      if (stride == 4) i = LoadInterleaved<2>(y, x, n);
    }
    for (x += static_cast<int64_t>(i) * stride; i < n; i++, x += stride) y[i] = convert<S>(*x);
    return;
  }
  if constexpr (std::is_same_v<S, X>) {
    std::memcpy(y, x, n * sizeof(S));
    return;
  }
  size_t i = 0;
  if constexpr (std::is_same_v<S, float> && kIsHalf<X>) {
    const hn::ScalableTag<float> d;
    const size_t N = hn::Lanes(d);
    for (; i + N <= n; i += N) hn::StoreU(LoadFloat(d, x + i), d, y + i);
  }
  for (; i < n; i++) y[i] = convert<S>(x[i]);
}

// y[i * stride] = x[i], or x[0] where it does not vary.
template <class S, class Y>
void StoreElements(void* y_, int64_t stride, const void* x_, size_t n, bool varying) {
  Y* HWY_RESTRICT y = static_cast<Y*>(y_);
  const S* HWY_RESTRICT x = static_cast<const S*>(x_);
  if (!varying) {
    const Y value = convert<Y>(*x);
    for (size_t i = 0; i < n; i++, y += stride) *y = value;
    return;
  }
  if (stride != 1) {
    for (size_t i = 0; i < n; i++, y += stride) *y = convert<Y>(x[i]);
    return;
  }
  if constexpr (std::is_same_v<S, Y>) {
    std::memcpy(y, x, n * sizeof(S));
    return;
  }
  size_t i = 0;
  if constexpr (std::is_same_v<S, float> && kIsHalf<Y>) {
    const hn::ScalableTag<float> d;
    const size_t N = hn::Lanes(d);
    for (; i + N <= n; i += N) StoreFloat(d, hn::LoadU(d, x + i), y + i);
  }
  for (; i < n; i++) y[i] = convert<Y>(x[i]);
}

template <class S, class Table>
void FillConversions(Table& table) {
  table.load[NC_BOOL] = LoadElements<S, Bool>;
  table.load[NC_UINT8] = LoadElements<S, uint8_t>;
  table.load[NC_INT32] = LoadElements<S, int32_t>;
  table.load[NC_INT64] = LoadElements<S, int64_t>;
  table.load[NC_FLOAT16] = LoadElements<S, Float16>;
  table.load[NC_BFLOAT16] = LoadElements<S, BFloat16>;
  table.load[NC_FLOAT32] = LoadElements<S, float>;
  table.load[NC_FLOAT64] = LoadElements<S, double>;
  table.store[NC_BOOL] = StoreElements<S, Bool>;
  table.store[NC_UINT8] = StoreElements<S, uint8_t>;
  table.store[NC_INT32] = StoreElements<S, int32_t>;
  table.store[NC_INT64] = StoreElements<S, int64_t>;
  table.store[NC_FLOAT16] = StoreElements<S, Float16>;
  table.store[NC_BFLOAT16] = StoreElements<S, BFloat16>;
  table.store[NC_FLOAT32] = StoreElements<S, float>;
  table.store[NC_FLOAT64] = StoreElements<S, double>;
}

}  // namespace nc::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // NATIVECHAIN_CPU_PROGRAM_CONVERT_INL_HPP_
