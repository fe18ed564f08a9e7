// Vector trigonometry in float32 and float64, with bounds as in program_math-inl.hpp.
#if defined(NATIVECHAIN_CPU_PROGRAM_TRIGONOMETRY_INL_HPP_) == defined(HWY_TARGET_TOGGLE)
#ifdef NATIVECHAIN_CPU_PROGRAM_TRIGONOMETRY_INL_HPP_
#undef NATIVECHAIN_CPU_PROGRAM_TRIGONOMETRY_INL_HPP_
#else
#define NATIVECHAIN_CPU_PROGRAM_TRIGONOMETRY_INL_HPP_
#endif

#include <cmath>

#include "cpu/program_math-inl.hpp"
#include "hwy/contrib/math/math-inl.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace nc::cpu::HWY_NAMESPACE::math {

namespace hn = hwy::HWY_NAMESPACE;

enum class Trigonometric { sin, cos, tan };

// In float64, for a float32 result and |x| < 2^20: x = n pi/2 + r, in three parts of pi/2, the first two of 30 bits.
template <Trigonometric kind>
struct TrigonometricDouble {
  template <class D>
  static HWY_INLINE V<D> Call(D d, V<D> x) {
    const hn::RebindToSigned<D> di;
    const V<D> magic = RoundingConstant(d), one = hn::Set(d, 1.0);
    const V<D> t = hn::MulAdd(x, hn::Set(d, 0.63661977236758134), magic);
    const V<D> n = hn::Sub(t, magic);
    V<D> r = hn::NegMulAdd(n, hn::Set(d, 1.570796325802803), x);
    r = hn::NegMulAdd(n, hn::Set(d, 9.920935791635221e-10), r);
    r = hn::NegMulAdd(n, hn::Set(d, 5.170182981794105e-19), r);
    static constexpr double s[] = {-0.16666666666663885, 0.0083333333310792231, -0.00019841266916985966,
                                   2.7555990929565319e-06, -2.4805636241834762e-08};
    static constexpr double c[] = {0.04166666666666468, -0.0013888888887277342, 2.4801585210990515e-05,
                                   -2.7556369695573007e-07, 2.0700600483433117e-09};
    const V<D> w = hn::Mul(r, r);
    const V<D> sin = hn::MulAdd(hn::Mul(r, w), Polynomial(d, w, s), r);
    const V<D> cos = hn::MulAdd(hn::Mul(w, w), Polynomial(d, w, c), hn::NegMulAdd(w, hn::Set(d, 0.5), one));
    const auto quadrant = hn::BitCast(di, t);
    const auto odd = hn::MaskFromVec(hn::BitCast(d, hn::Neg(hn::And(quadrant, hn::Set(di, 1)))));
    const auto negate = [&](auto q) HWY_ATTR {  // the sign bit where q has the bit 2
      return hn::BitCast(d, hn::ShiftLeft<62>(hn::And(q, hn::Set(di, 2))));
    };
    if constexpr (kind == Trigonometric::sin) {
      return hn::Xor(hn::IfThenElse(odd, cos, sin), negate(quadrant));
    } else if constexpr (kind == Trigonometric::cos) {
      return hn::Xor(hn::IfThenElse(odd, sin, cos), negate(hn::Add(quadrant, hn::Set(di, 1))));
    } else {
      return hn::Div(hn::IfThenElse(odd, hn::Neg(cos), sin), hn::IfThenElse(odd, sin, cos));
    }
  }
};

template <Trigonometric kind, class S>
inline S TrigonometricScalar(S x) {
  return kind == Trigonometric::sin ? std::sin(x) : kind == Trigonometric::cos ? std::cos(x) : std::tan(x);
}

// float32: 1 ulp. float64: 4 ulp, tan lane by lane. Arguments beyond the range of the reduction lane by lane.
template <Trigonometric kind>
struct TrigonometricFunction {
  template <class D>
  static HWY_INLINE V<D> Call(D d, V<D> x) {
    using S = T<D>;
    const V<D> a = hn::Abs(x);
    V<D> y;
    if constexpr (kFloat<D>) {
      y = InDouble<TrigonometricDouble<kind>>(d, x);
    } else if constexpr (kind == Trigonometric::sin) {
      y = hn::Sin(d, x);
    } else if constexpr (kind == Trigonometric::cos) {
      y = hn::Cos(d, x);
    } else {
      return PerLane(d, x, [](S v) { return std::tan(v); });
    }
    const auto within = hn::Le(a, Pick(d, 1048576.0f, 39000.0));
    if (HWY_LIKELY(hn::AllTrue(d, within))) return kind == Trigonometric::cos ? y : Odd(d, x, y);
    return PerLane(d, x, [](S v) { return TrigonometricScalar<kind>(v); });
  }

 private:
  // Keeps the sign of zero.
  template <class D>
  static HWY_INLINE V<D> Odd(D d, V<D> x, V<D> y) {
    return hn::IfThenElse(hn::Eq(x, hn::Zero(d)), x, y);
  }
};

// 3 ulp.
struct Asin {
  template <class D>
  static HWY_INLINE V<D> Call(D d, V<D> x) {
    return hn::Asin(d, x);
  }
};

// 3 ulp.
struct Acos {
  template <class D>
  static HWY_INLINE V<D> Call(D d, V<D> x) {
    return hn::Acos(d, x);
  }
};

// 4 ulp.
struct Atan {
  template <class D>
  static HWY_INLINE V<D> Call(D d, V<D> x) {
    return hn::Atan(d, x);
  }
};

// From atan of the smaller over the larger. 4 ulp.
struct Atan2 {
  template <class D>
  static HWY_INLINE V<D> Call(D d, V<D> y, V<D> x) {
    const V<D> zero = hn::Zero(d), one = hn::Set(d, T<D>(1));
    const V<D> ax = hn::Abs(x), ay = hn::Abs(y);
    const auto steep = hn::Gt(ay, ax);
    const V<D> low = hn::Min(ax, ay), high = hn::Max(ax, ay);
    V<D> q = hn::IfThenElse(hn::Eq(low, high), one, hn::Div(low, high));
    q = hn::IfThenElse(hn::Eq(high, zero), zero, q);
    V<D> r = hn::impl::AtanImpl<T<D>>().AtanPoly(d, q);
    r = hn::IfThenElse(steep, hn::Sub(hn::Set(d, T<D>(1.57079632679489662)), r), r);
    const hn::RebindToSigned<D> di;
    const auto left = hn::MaskFromVec(hn::BitCast(d, hn::BroadcastSignBit(hn::BitCast(di, x))));
    r = hn::IfThenElse(left, hn::Sub(hn::Set(d, T<D>(3.14159265358979324)), r), r);
    return KeepNaN(d, hn::Add(x, y), WithSign(d, r, y), x, y);
  }

 private:
  template <class D>
  static HWY_INLINE V<D> KeepNaN(D, V<D> sum, V<D> r, V<D> x, V<D> y) {
    return hn::IfThenElse(hn::And(hn::Eq(x, x), hn::Eq(y, y)), r, sum);
  }
};

}  // namespace nc::cpu::HWY_NAMESPACE::math
HWY_AFTER_NAMESPACE();

#endif  // NATIVECHAIN_CPU_PROGRAM_TRIGONOMETRY_INL_HPP_
