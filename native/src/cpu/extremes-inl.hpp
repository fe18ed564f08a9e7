// The larger and the smaller of two vectors.
#if defined(NATIVECHAIN_CPU_EXTREMES_INL_HPP_) == defined(HWY_TARGET_TOGGLE)
#ifdef NATIVECHAIN_CPU_EXTREMES_INL_HPP_
#undef NATIVECHAIN_CPU_EXTREMES_INL_HPP_
#else
#define NATIVECHAIN_CPU_EXTREMES_INL_HPP_
#endif

#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace nc::cpu::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// NaN where either is; that of a, if both are.
template <bool kLargest, class V>
HWY_INLINE V ExtremeOf(V a, V b) {
  V v = kLargest ? hn::Max(a, b) : hn::Min(a, b);
  if constexpr (hwy::IsFloat<hn::TFromV<V>>()) {
    // x86 gives b where either is NaN, arm64 the number.
    if constexpr (!HWY_ARCH_X86) v = hn::IfThenElse(hn::Eq(b, b), v, b);
    v = hn::IfThenElse(hn::Eq(a, a), v, a);
  }
  return v;
}

}  // namespace nc::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
