// Transposes in registers.
#if defined(NATIVECHAIN_CPU_TRANSPOSE_INL_HPP_) == defined(HWY_TARGET_TOGGLE)
#ifdef NATIVECHAIN_CPU_TRANSPOSE_INL_HPP_
#undef NATIVECHAIN_CPU_TRANSPOSE_INL_HPP_
#else
#define NATIVECHAIN_CPU_TRANSPOSE_INL_HPP_
#endif

#include <cstdint>

#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace nc::cpu::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// The 4 x 4 transpose of four vectors of four-byte elements, inside of their 16 byte blocks.
template <class D>
HWY_INLINE void TransposeBlocks4x4(D d, hn::Vec<D> (&r)[4]) {
  static_assert(sizeof(hn::TFromD<D>) == 4);
  const hn::Repartition<uint64_t, D> pairs;
  const auto low01 = hn::BitCast(pairs, hn::InterleaveLower(d, r[0], r[1]));
  const auto low23 = hn::BitCast(pairs, hn::InterleaveLower(d, r[2], r[3]));
  const auto high01 = hn::BitCast(pairs, hn::InterleaveUpper(d, r[0], r[1]));
  const auto high23 = hn::BitCast(pairs, hn::InterleaveUpper(d, r[2], r[3]));
  r[0] = hn::BitCast(d, hn::InterleaveLower(pairs, low01, low23));
  r[1] = hn::BitCast(d, hn::InterleaveUpper(pairs, low01, low23));
  r[2] = hn::BitCast(d, hn::InterleaveLower(pairs, high01, high23));
  r[3] = hn::BitCast(d, hn::InterleaveUpper(pairs, high01, high23));
}

}  // namespace nc::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // NATIVECHAIN_CPU_TRANSPOSE_INL_HPP_
