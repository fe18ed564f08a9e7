// Rows that are asked for before they are met.
#if defined(NATIVECHAIN_CPU_AHEAD_INL_HPP_) == defined(HWY_TARGET_TOGGLE)
#ifdef NATIVECHAIN_CPU_AHEAD_INL_HPP_
#undef NATIVECHAIN_CPU_AHEAD_INL_HPP_
#else
#define NATIVECHAIN_CPU_AHEAD_INL_HPP_
#endif

#include <cstdint>

#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace nc::cpu::HWY_NAMESPACE {

// Asks, into the L2 cache, for what is read while a vector at `i` of n elements of each of eight rows is worked on: as
// much of the next eight, four places of which are gone through one line after the other. Eight rows are so met in that
// cache, and memory is read as the hardware fetches ahead.
template <class T>
HWY_INLINE void fetch_rows(const T* next, int64_t stride, int64_t i, int64_t n) {
  constexpr int64_t kLine = 64 / static_cast<int64_t>(sizeof(T));
  constexpr int64_t kTwice = 2 * HWY_MAX_BYTES / static_cast<int64_t>(sizeof(T));  // as the eight rows go on
  const bool second = 2 * i >= n;
  const T* p = next + 2 * i + (second ? stride - n : 0);
#pragma GCC unroll 4
  for (int place = 0; place < 4; place++, p += 2 * stride) {
    for (int64_t at = 0; at < kTwice; at += kLine) __builtin_prefetch(p + at, 0, 2);
  }
}

}  // namespace nc::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // NATIVECHAIN_CPU_AHEAD_INL_HPP_
