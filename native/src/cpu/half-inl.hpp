// Vectors of float16 and bfloat16 as float32 and back, rounded to nearest even: the same bits at every ISA, infinities
// and NaN included. (Highway 1.0.3 truncates to bfloat16 everywhere and to float16 below AVX2, where it also widens
// infinities to 65536.)
#if defined(NATIVECHAIN_CPU_HALF_INL_HPP_) == defined(HWY_TARGET_TOGGLE)
#ifdef NATIVECHAIN_CPU_HALF_INL_HPP_
#undef NATIVECHAIN_CPU_HALF_INL_HPP_
#else
#define NATIVECHAIN_CPU_HALF_INL_HPP_
#endif

#include "core/dtype.hpp"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace nc::cpu::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

template <class T>
inline constexpr bool kIsHalf = std::is_same_v<T, Float16> || std::is_same_v<T, BFloat16>;

// Lanes(d) elements from p on.
template <class D>
HWY_INLINE hn::Vec<D> LoadFloat(D d, const float* p) {
  return hn::LoadU(d, p);
}

template <class D>
HWY_INLINE hn::Vec<D> LoadFloat(D d, const BFloat16* p) {
  const hn::Rebind<uint16_t, D> d16;
  const hn::RebindToUnsigned<D> du;
  const auto bits = hn::PromoteTo(du, hn::LoadU(d16, reinterpret_cast<const uint16_t*>(p)));
  return hn::BitCast(d, hn::ShiftLeft<16>(bits));
}

template <class D>
HWY_INLINE hn::Vec<D> LoadFloat(D d, const Float16* p) {
#if HWY_TARGET == HWY_SSE4
  const hn::Rebind<uint16_t, D> d16;
  const hn::RebindToSigned<D> di;
  const auto bits = hn::PromoteTo(di, hn::LoadU(d16, reinterpret_cast<const uint16_t*>(p)));
  const auto magnitude = hn::And(bits, hn::Set(di, 0x7FFF));
  const auto shifted = hn::ShiftLeft<13>(magnitude);
  const auto normal = hn::Add(shifted, hn::Set(di, 112 << 23));
  const auto denormal = hn::BitCast(di, hn::Mul(hn::ConvertTo(d, magnitude), hn::Set(d, 0x1p-24f)));
  const auto infinite = hn::Or(shifted, hn::Set(di, 0x7F800000));
  auto y = hn::IfThenElse(hn::Lt(magnitude, hn::Set(di, 0x400)), denormal, normal);
  y = hn::IfThenElse(hn::Gt(magnitude, hn::Set(di, 0x7BFF)), infinite, y);
  return hn::BitCast(d, hn::Or(y, hn::ShiftLeft<16>(hn::And(bits, hn::Set(di, 0x8000)))));
#else
  const hn::Rebind<hwy::float16_t, D> d16;
  return hn::PromoteTo(d, hn::LoadU(d16, reinterpret_cast<const hwy::float16_t*>(p)));
#endif
}

template <class D>
HWY_INLINE void StoreFloat(D d, hn::Vec<D> x, float* p) {
  hn::StoreU(x, d, p);
}

template <class D>
HWY_INLINE void StoreFloat(D d, hn::Vec<D> x, BFloat16* p) {
  const hn::Rebind<uint16_t, D> d16;
  const hn::RebindToUnsigned<D> du;
  const hn::RebindToSigned<D> di;
  const auto bits = hn::BitCast(du, x);
  const auto odd = hn::And(hn::ShiftRight<16>(bits), hn::Set(du, 1));
  const auto rounded = hn::BitCast(d, hn::Add(bits, hn::Add(odd, hn::Set(du, 0x7FFF))));
  const auto quiet = hn::BitCast(d, hn::Or(bits, hn::Set(du, 0x400000)));
  const auto kept = hn::BitCast(du, hn::IfThenElse(hn::Eq(x, x), rounded, quiet));
  hn::StoreU(hn::DemoteTo(d16, hn::BitCast(di, hn::ShiftRight<16>(kept))), d16, reinterpret_cast<uint16_t*>(p));
}

template <class D>
HWY_INLINE void StoreFloat([[maybe_unused]] D d, hn::Vec<D> x, Float16* p) {
#if HWY_TARGET == HWY_SSE4
  const hn::Rebind<uint16_t, D> d16;
  const hn::RebindToSigned<D> di;
  const auto bits = hn::BitCast(di, x), magnitude = hn::And(bits, hn::Set(di, 0x7FFFFFFF));
  const auto odd = hn::And(hn::ShiftRight<13>(magnitude), hn::Set(di, 1));
  const auto normal = hn::ShiftRight<13>(hn::Add(hn::Sub(magnitude, hn::Set(di, 0x38000000 - 0xFFF)), odd));
  // Adding 0.5 leaves units of 2^-24 in the low bits, rounded by the addition itself.
  const auto denormal =
      hn::Sub(hn::BitCast(di, hn::Add(hn::BitCast(d, magnitude), hn::Set(d, 0.5f))), hn::Set(di, 0x3F000000));
  const auto nan = hn::Or(hn::And(hn::ShiftRight<13>(magnitude), hn::Set(di, 0x3FF)), hn::Set(di, 0x7E00));
  auto y = hn::IfThenElse(hn::Lt(magnitude, hn::Set(di, 0x38800000)), denormal, normal);
  y = hn::IfThenElse(hn::Gt(magnitude, hn::Set(di, 0x477FEFFF)), hn::Set(di, 0x7C00), y);
  y = hn::IfThenElse(hn::Gt(magnitude, hn::Set(di, 0x7F800000)), nan, y);
  const auto sign =
      hn::And(hn::BitCast(di, hn::ShiftRight<16>(hn::BitCast(hn::RebindToUnsigned<D>(), x))), hn::Set(di, 0x8000));
  hn::StoreU(hn::DemoteTo(d16, hn::Or(y, sign)), d16, reinterpret_cast<uint16_t*>(p));
#else
  const hn::Rebind<hwy::float16_t, D> d16;
  hn::StoreU(hn::DemoteTo(d16, x), d16, reinterpret_cast<hwy::float16_t*>(p));
#endif
}

}  // namespace nc::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // NATIVECHAIN_CPU_HALF_INL_HPP_
