// Vector math in float32 and float64. Each function states its bound in units in the last place (ulp);
// program_math_test holds every ISA to it. Polynomials are interpolations at Chebyshev nodes, in Horner form:
// throughput, not latency, counts here.
#if defined(NATIVECHAIN_CPU_PROGRAM_MATH_INL_HPP_) == defined(HWY_TARGET_TOGGLE)
#ifdef NATIVECHAIN_CPU_PROGRAM_MATH_INL_HPP_
#undef NATIVECHAIN_CPU_PROGRAM_MATH_INL_HPP_
#else
#define NATIVECHAIN_CPU_PROGRAM_MATH_INL_HPP_
#endif

#include <cmath>
#include <limits>

#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace nc::cpu::HWY_NAMESPACE::math {

namespace hn = hwy::HWY_NAMESPACE;

template <class D>
using V = hn::Vec<D>;
template <class D>
using T = hn::TFromD<D>;
template <class D>
inline constexpr bool kFloat = sizeof(T<D>) == 4;

// The value for the lanes' type.
template <class D>
HWY_INLINE V<D> Pick(D d, float f32, double f64) {
  return hn::Set(d, kFloat<D> ? static_cast<T<D>>(f32) : static_cast<T<D>>(f64));
}

template <class D>
HWY_INLINE V<D> Infinity(D d) {
  return hn::Set(d, std::numeric_limits<T<D>>::infinity());
}

template <class D>
HWY_INLINE V<D> NotANumber(D d) {
  return hn::Set(d, std::numeric_limits<T<D>>::quiet_NaN());
}

// y with the sign bit of x; y >= 0.
template <class D>
HWY_INLINE V<D> WithSign(D d, V<D> y, V<D> x) {
  return hn::Or(y, hn::And(x, hn::SignBit(d)));
}

// c[0] + c[1] x + c[2] x^2 + ...
template <size_t kFirst = 0, class D, size_t N>
HWY_INLINE V<D> Polynomial(D d, V<D> x, const T<D> (&c)[N]) {
  if constexpr (kFirst == N - 1) {
    return hn::Set(d, c[kFirst]);
  } else {
    return hn::MulAdd(Polynomial<kFirst + 1>(d, x, c), x, hn::Set(d, c[kFirst]));
  }
}

// f lane by lane: for what is rare, at the cost of the C library's scalar function.
template <class D, class F>
HWY_INLINE V<D> PerLane(D d, V<D> x, F f) {
  HWY_ALIGN T<D> lanes[hn::MaxLanes(D())];
  hn::Store(x, d, lanes);
  for (size_t i = 0; i < hn::Lanes(d); i++) lanes[i] = f(lanes[i]);
  return hn::Load(d, lanes);
}

template <class D, class F>
HWY_INLINE V<D> PerLane(D d, V<D> x, V<D> y, F f) {
  HWY_ALIGN T<D> a[hn::MaxLanes(D())];
  HWY_ALIGN T<D> b[hn::MaxLanes(D())];
  hn::Store(x, d, a);
  hn::Store(y, d, b);
  for (size_t i = 0; i < hn::Lanes(d); i++) a[i] = f(a[i], b[i]);
  return hn::Load(d, a);
}

// Function::Call in float64 on float32 lanes: correct but for the last rounding, at half the throughput.
template <class Function, class D, class... X>
HWY_INLINE V<D> InDouble(D d, X... x) {
  const hn::Half<D> dh;
  const hn::Rebind<double, decltype(dh)> dd;
  const auto low = Function::Call(dd, hn::PromoteTo(dd, hn::LowerHalf(dh, x))...);
  const auto high = Function::Call(dd, hn::PromoteTo(dd, hn::UpperHalf(dh, x))...);
  return hn::Combine(d, hn::DemoteTo(dh, high), hn::DemoteTo(dh, low));
}

// 1.5 * 2^(mantissa bits): adding it leaves a float's nearest whole number in its low bits.
template <class D>
HWY_INLINE V<D> RoundingConstant(D d) {
  return Pick(d, 12582912.0f, 6755399441055744.0);
}

// 2^n, where t is n + RoundingConstant.
template <class D>
HWY_INLINE V<D> Power2(D d, V<D> t) {
  const hn::RebindToSigned<D> di;
  constexpr int kBits = kFloat<D> ? 23 : 52;
  const auto bias = hn::Sub(hn::Set(di, kFloat<D> ? 127 : 1023), hn::BitCast(di, RoundingConstant(d)));
  return hn::BitCast(d, hn::ShiftLeft<kBits>(hn::Add(hn::BitCast(di, t), bias)));
}

// e^r - 1 for |r| <= ln(2) / 2.
template <class D>
HWY_INLINE V<D> ExpReduced(D d, V<D> r) {
  V<D> p;
  if constexpr (kFloat<D>) {
    static constexpr float c[] = {0.5f, 0.166665778f, 0.0416665561f, 0.00836317334f, 0.00139261759f};
    p = Polynomial(d, r, c);
  } else {
    static constexpr double c[] = {0.5,
                                   0.16666666666666671,
                                   0.041666666666666671,
                                   0.0083333333333261411,
                                   0.0013888888888883752,
                                   0.00019841269874800493,
                                   2.4801587325533363e-05,
                                   2.7557255425746435e-06,
                                   2.7557273661348637e-07,
                                   2.5105206373957011e-08,
                                   2.0914679376583935e-09};
    p = Polynomial(d, r, c);
  }
  return hn::MulAdd(hn::Mul(r, r), p, r);
}

// x = n ln(2) + r. Gives n and r.
template <class D>
HWY_INLINE V<D> ReduceLn2(D d, V<D> x, V<D>& n) {
  const V<D> magic = RoundingConstant(d);
  n = hn::Sub(hn::MulAdd(x, hn::Set(d, T<D>(1.44269504088896341)), magic), magic);
  const V<D> r = hn::NegMulAdd(n, Pick(d, 0.693145751953125f, 0.693147180559663), x);
  return hn::NegMulAdd(n, Pick(d, 1.42860677e-06f, 2.8235290563031577e-13), r);
}

#if HWY_TARGET == HWY_AVX3
HWY_INLINE hn::Vec512<float> ScaleWhole(hn::Vec512<float> y, hn::Vec512<float> n) {
  return hn::Vec512<float>{_mm512_scalef_ps(y.raw, n.raw)};
}
HWY_INLINE hn::Vec512<double> ScaleWhole(hn::Vec512<double> y, hn::Vec512<double> n) {
  return hn::Vec512<double>{_mm512_scalef_pd(y.raw, n.raw)};
}
#endif

// y * 2^n in two steps, so that neither factor leaves the range before the result does; AVX-512 has one instruction for
// it, of the same result.
template <class D>
HWY_INLINE V<D> Scale(D d, V<D> y, V<D> n) {
#if HWY_TARGET == HWY_AVX3
  if constexpr (sizeof(V<D>) == 64) return ScaleWhole(y, n);
#endif
  const V<D> magic = RoundingConstant(d);
  const V<D> t = hn::MulAdd(n, hn::Set(d, T<D>(0.5)), magic);
  const V<D> rest = hn::Sub(n, hn::Sub(t, magic));
  return hn::Mul(hn::Mul(y, Power2(d, t)), Power2(d, hn::Add(rest, magic)));
}

// y where x is a number, else x.
template <class D>
HWY_INLINE V<D> KeepNaN(D, V<D> x, V<D> y) {
  return hn::IfThenElse(hn::Eq(x, x), y, x);
}

// x not below the bound, or not above it; NaN stays: x86 gives the second operand where one is NaN.
template <class D>
HWY_INLINE V<D> AtLeast([[maybe_unused]] D d, V<D> x, V<D> bound) {
  return HWY_ARCH_X86 ? hn::Max(bound, x) : KeepNaN(d, x, hn::Max(bound, x));
}
template <class D>
HWY_INLINE V<D> NoMore([[maybe_unused]] D d, V<D> x, V<D> bound) {
  return HWY_ARCH_X86 ? hn::Min(bound, x) : KeepNaN(d, x, hn::Min(bound, x));
}

// e^x where x is no larger than what the result is finite for. 1 ulp.
template <class D>
HWY_INLINE V<D> ExpBounded(D d, V<D> x) {
  V<D> n;
  const V<D> r = ReduceLn2(d, AtLeast(d, x, Pick(d, -104.0f, -746.0)), n);
  return Scale(d, hn::Add(ExpReduced(d, r), hn::Set(d, T<D>(1))), n);
}

// 1 ulp.
struct Exp {
  template <class D>
  static HWY_INLINE V<D> Call(D d, V<D> x) {
    return ExpBounded(d, NoMore(d, x, Pick(d, 89.0f, 710.0)));
  }
};

// e^-|x|.
template <class D>
HWY_INLINE V<D> ExpOfMinusAbs(D d, V<D> x) {
  return ExpBounded(d, hn::Or(x, hn::SignBit(d)));
}

#if HWY_TARGET == HWY_AVX3
// x - floor(x), 0 for infinities.
HWY_INLINE hn::Vec512<float> Fraction(hn::Vec512<float> x) { return hn::Vec512<float>{_mm512_reduce_ps(x.raw, 1)}; }
#endif

// e^-x, infinite where it leaves the range: 2 ulp and, in float32, |x| more, since the argument of the power of two is
// not exact: AVX-512 takes such a one apart in two instructions.
template <class D>
HWY_INLINE V<D> ExpOfMinus(D d, V<D> x) {
  if constexpr (kFloat<D>) {
    // 2^r for r within [0, 1], exact at 0.
    static constexpr float c[] = {1.0f, 0.693151312f, 0.24016445f, 0.0557999139f, 0.00901703032f, 0.00186713007f};
    V<D> z = hn::Mul(x, hn::Set(d, -1.44269504f));
#if HWY_TARGET == HWY_AVX3
    if constexpr (sizeof(V<D>) == 64) return ScaleWhole(Polynomial(d, Fraction(z), c), z);
#endif
    z = NoMore(d, AtLeast(d, z, hn::Set(d, -151.0f)), hn::Set(d, 129.0f));
    const V<D> n = hn::Floor(z);
    return Scale(d, Polynomial(d, hn::Sub(z, n), c), n);
  } else {
    return Exp::Call(d, hn::Neg(x));
  }
}

// e^x / 2 without overflow where it is finite, for x >= 0. 1 ulp.
template <class D>
HWY_INLINE V<D> HalfExp(D d, V<D> x) {
  V<D> n;
  const V<D> r = ReduceLn2(d, NoMore(d, x, Pick(d, 89.5f, 711.0)), n);
  const V<D> y = hn::Add(ExpReduced(d, r), hn::Set(d, T<D>(1)));
  return Scale(d, y, hn::Sub(n, hn::Set(d, T<D>(1))));
}

// 2 ulp.
struct Exp2 {
  template <class D>
  static HWY_INLINE V<D> Call(D d, V<D> x) {
    const V<D> magic = RoundingConstant(d);
    const V<D> clamped = NoMore(d, AtLeast(d, x, Pick(d, -151.0f, -1077.0)), Pick(d, 128.5f, 1024.5));
    const V<D> n = hn::Sub(hn::Add(clamped, magic), magic);
    const V<D> r = hn::Mul(hn::Sub(clamped, n), hn::Set(d, T<D>(0.69314718055994531)));
    return Scale(d, hn::Add(ExpReduced(d, r), hn::Set(d, T<D>(1))), n);
  }
};

// 2^n (e^r - 1) + (2^n - 1), halved until the last step. 2 ulp.
struct Expm1 {
  template <class D>
  static HWY_INLINE V<D> Call(D d, V<D> x) {
    const V<D> one = hn::Set(d, T<D>(1)), half = hn::Set(d, T<D>(0.5));
    V<D> n;
    const V<D> bounded = NoMore(d, AtLeast(d, x, Pick(d, -20.0f, -40.0)), Pick(d, 89.0f, 710.0));
    const V<D> r = ReduceLn2(d, bounded, n);
    const V<D> p = ExpReduced(d, r);
    const V<D> s = Power2(d, hn::Add(hn::Sub(n, one), RoundingConstant(d)));
    const V<D> y = hn::MulAdd(p, s, hn::Sub(s, half));
    const V<D> z = hn::IfThenElse(hn::Eq(n, hn::Zero(d)), p, hn::Add(y, y));
    return hn::Or(z, hn::And(x, hn::SignBit(d)));
  }
};

// x = 2^k m with m within [sqrt(1/2), sqrt(2)]: gives ln(m), and k. For x > 0.
template <class D, bool kDenormals = true>
HWY_INLINE V<D> LogReduced(D d, V<D> x, V<D>& k) {
  const hn::RebindToSigned<D> di;
  using TI = hn::TFromD<decltype(di)>;
  const hn::RebindToUnsigned<D> du;
  constexpr int kBits = kFloat<D> ? 23 : 52;
  constexpr TI kOne = kFloat<D> ? TI(0x3F800000) : TI(0x3FF0000000000000);
  constexpr TI kRoot = kFloat<D> ? TI(0x3F3504F3) : TI(0x3FE6A09E667F3BCD);
  constexpr TI kFraction = (TI(1) << kBits) - 1;
  const V<D> one = hn::Set(d, T<D>(1));
  V<D> shift = hn::Zero(d);
  if constexpr (kDenormals) {
    const auto small = hn::Lt(x, hn::Set(d, std::numeric_limits<T<D>>::min()));
    x = hn::IfThenElse(small, hn::Mul(x, Pick(d, 33554432.0f, 18014398509481984.0)), x);
    shift = hn::IfThenElseZero(small, Pick(d, 25.0f, 54.0));
  }
  const auto bits = hn::Add(hn::BitCast(di, x), hn::Set(di, kOne - kRoot));
  const auto exponent = hn::ShiftRight<kBits>(hn::BitCast(du, bits));
  // The exponent, a small whole number, set into the last bits of 2^kBits.
  const V<D> base = Pick(d, 8388608.0f, 4503599627370496.0);
  k = hn::Sub(hn::BitCast(d, hn::Or(exponent, hn::BitCast(du, base))), hn::Add(base, Pick(d, 127.0f, 1023.0)));
  k = hn::Sub(k, shift);
  const V<D> m = hn::BitCast(d, hn::Add(hn::And(bits, hn::Set(di, kFraction)), hn::Set(di, kRoot)));

  // ln(m) = 2 artanh(z) with z = f / (2 + f); 2 z = f - z f.
  const V<D> f = hn::Sub(m, one);
  const V<D> z = hn::Div(f, hn::Add(m, one));
  const V<D> w = hn::Mul(z, z);
  V<D> p;
  if constexpr (kFloat<D>) {
    static constexpr float c[] = {0.666666687f, 0.400001228f, 0.285508215f, 0.233304679f};
    p = Polynomial(d, w, c);
  } else {
    static constexpr double c[] = {0.66666666666666696, 0.39999999999899505, 0.28571428625975487, 0.22222211134795081,
                                   0.18182889125261723, 0.15331721600556042, 0.14616449685043406};
    p = Polynomial(d, w, c);
  }
  return hn::NegMulAdd(z, hn::NegMulAdd(w, p, f), f);
}

// y for x > 0 finite; -inf at 0, inf at inf, NaN below 0 and at NaN.
template <class D>
HWY_INLINE V<D> LogEdges(D d, V<D> x, V<D> y) {
  const V<D> zero = hn::Zero(d), infinity = Infinity(d);
  y = hn::IfThenElse(hn::Eq(x, infinity), infinity, y);
  const V<D> edge = hn::IfThenElse(hn::Eq(x, zero), hn::Neg(infinity), NotANumber(d));
  return hn::IfThenElse(hn::Gt(x, zero), y, edge);
}

template <class D>
HWY_INLINE V<D> TimesLn2(D d, V<D> k, V<D> rest) {
  const V<D> low = hn::MulAdd(k, Pick(d, 1.42860677e-06f, 2.8235290563031577e-13), rest);
  return hn::MulAdd(k, Pick(d, 0.693145751953125f, 0.693147180559663), low);
}

// 2 ulp.
struct Log {
  template <class D>
  static HWY_INLINE V<D> Call(D d, V<D> x) {
    V<D> k;
    const V<D> m = LogReduced(d, x, k);
    return LogEdges(d, x, TimesLn2(d, k, m));
  }
};

// 3 ulp; powers of two are exact.
struct Log2 {
  template <class D>
  static HWY_INLINE V<D> Call(D d, V<D> x) {
    V<D> k;
    const V<D> m = LogReduced(d, x, k);
    return LogEdges(d, x, hn::MulAdd(m, hn::Set(d, T<D>(1.44269504088896341)), k));
  }
};

// 3 ulp.
struct Log10 {
  template <class D>
  static HWY_INLINE V<D> Call(D d, V<D> x) {
    V<D> k;
    const V<D> m = LogReduced(d, x, k);
    const V<D> low = hn::MulAdd(m, hn::Set(d, T<D>(0.43429448190325183)),
                                hn::Mul(k, Pick(d, 4.60503907e-06f, 1.42050232272661e-13)));
    return LogEdges(d, x, hn::MulAdd(k, Pick(d, 0.301025390625f, 0.30102999566383914), low));
  }
};

// ln(1 + x) for x within [0, 1], with what 1 + x rounded off.
template <class D>
HWY_INLINE V<D> Log1pUnit(D d, V<D> x) {
  const V<D> one = hn::Set(d, T<D>(1));
  const V<D> u = hn::Add(one, x);
  V<D> k;
  const V<D> m = LogReduced<D, false>(d, u, k);
  return TimesLn2(d, k, hn::Add(m, hn::Div(hn::Sub(x, hn::Sub(u, one)), u)));
}

// 2 ulp.
struct Log1p {
  template <class D>
  static HWY_INLINE V<D> Call(D d, V<D> x) {
    const V<D> one = hn::Set(d, T<D>(1));
    const V<D> u = hn::Add(one, x);
    const V<D> kept = hn::Sub(u, one);
    const V<D> lost = hn::Add(hn::Sub(one, hn::Sub(u, kept)), hn::Sub(x, kept));
    V<D> k;
    const V<D> m = LogReduced<D, false>(d, u, k);
    const V<D> y = LogEdges(d, u, TimesLn2(d, k, hn::Add(m, hn::Div(lost, u))));
    return hn::IfThenElse(hn::Eq(u, one), x, y);
  }
};

// 3 ulp.
struct Tanh {
  template <class D>
  static HWY_INLINE V<D> Call(D d, V<D> x) {
    // e^z - 1 = 2^n (e^r - 1) + (2^n - 1) for z = -2 |x|.
    const V<D> one = hn::Set(d, T<D>(1));
    const V<D> a = hn::Or(x, hn::SignBit(d));
    V<D> n;
    const V<D> r = ReduceLn2(d, AtLeast(d, hn::Add(a, a), Pick(d, -20.0f, -40.0)), n);
    const V<D> s = Power2(d, hn::Add(n, RoundingConstant(d)));
    const V<D> e = hn::MulAdd(ExpReduced(d, r), s, hn::Sub(s, one));
    return WithSign(d, hn::Abs(hn::Div(e, hn::Add(e, hn::Set(d, T<D>(2))))), x);
  }
};

// 3 ulp.
struct Sigmoid {
  template <class D>
  static HWY_INLINE V<D> Call(D d, V<D> x) {
    const V<D> one = hn::Set(d, T<D>(1));
    const V<D> e = ExpOfMinusAbs(d, x);
    return hn::Div(hn::IfThenElse(hn::Lt(x, hn::Zero(d)), e, one), hn::Add(one, e));
  }
};

// x sigmoid(v), as all gates: 4 + 1.5 |v| ulp (of the sum of the magnitudes of its terms, a gradient), of which a
// rounding of v makes |v|; 0 where the sigmoid is less than the least normal number.
template <class D>
HWY_INLINE V<D> Gated(D d, V<D> x, V<D> v) {
  return hn::Div(x, hn::Add(hn::Set(d, T<D>(1)), ExpOfMinus(d, v)));
}

// s = sigmoid(v), and rest = 1 - s to the same relative error, but for 0 where s is.
template <class D>
HWY_INLINE V<D> SigmoidAndRest(D d, V<D> v, V<D>& rest) {
  const V<D> one = hn::Set(d, T<D>(1));
  const V<D> e = ExpOfMinus(d, v);
  const V<D> s = hn::Div(one, hn::Add(one, e));
  rest = hn::Mul(s, NoMore(d, e, hn::Set(d, std::numeric_limits<T<D>>::max())));
  return s;
}

struct LinearGate {
  template <class D>
  static HWY_INLINE V<D> Call(D d, V<D> x, V<D> a) {
    return Gated(d, x, hn::Mul(a, x));
  }
};

// g (s + v s (1 - s)).
struct LinearGateGradient {
  template <class D>
  static HWY_INLINE V<D> Call(D d, V<D> x, V<D> a, V<D> g) {
    const V<D> v = hn::Mul(a, x);
    V<D> rest;
    const V<D> s = SigmoidAndRest(d, v, rest);
    return hn::Mul(g, hn::MulAdd(hn::Mul(v, s), rest, s));
  }
};

struct CubicGate {
  template <class D>
  static HWY_INLINE V<D> Call(D d, V<D> x, V<D> a, V<D> b) {
    return Gated(d, x, hn::Mul(x, hn::MulAdd(b, hn::Mul(x, x), a)));
  }
};

// g (s + (x s (1 - s)) (a + 3 b x^2)), in this order: the last factor may be large where the others make 0.
struct CubicGateGradient {
  template <class D>
  static HWY_INLINE V<D> Call(D d, V<D> x, V<D> a, V<D> b, V<D> g) {
    const V<D> bw = hn::Mul(b, hn::Mul(x, x));
    V<D> rest;
    const V<D> s = SigmoidAndRest(d, hn::Mul(x, hn::Add(a, bw)), rest);
    const V<D> slope = hn::MulAdd(hn::Set(d, T<D>(3)), bw, a);
    return hn::Mul(g, hn::MulAdd(hn::Mul(hn::Mul(x, s), rest), slope, s));
  }
};

// 3 ulp.
struct Softplus {
  template <class D>
  static HWY_INLINE V<D> Call(D d, V<D> x) {
    const V<D> e = ExpOfMinusAbs(d, x);
    return KeepNaN(d, x, hn::Add(hn::Max(x, hn::Zero(d)), Log1pUnit(d, e)));
  }
};

// 4 ulp.
struct Sinh {
  template <class D>
  static HWY_INLINE V<D> Call(D d, V<D> x) {
    const V<D> a = hn::Abs(x), one = hn::Set(d, T<D>(1));
    const V<D> y = Expm1::Call(d, hn::Min(a, one));
    const V<D> small = hn::Mul(hn::Set(d, T<D>(0.5)), hn::Add(y, hn::Div(y, hn::Add(y, one))));
    const V<D> h = HalfExp(d, a);
    const V<D> large = hn::Sub(h, hn::Div(hn::Set(d, T<D>(0.25)), h));
    return WithSign(d, hn::IfThenElse(hn::Lt(a, one), small, large), x);
  }
};

// 2 ulp.
struct Cosh {
  template <class D>
  static HWY_INLINE V<D> Call(D d, V<D> x) {
    const V<D> h = HalfExp(d, hn::Abs(x));
    return hn::Add(h, hn::Div(hn::Set(d, T<D>(0.25)), h));
  }
};

// 4 ulp. Where big, ln(a) + ln(2).
struct Asinh {
  template <class D>
  static HWY_INLINE V<D> Call(D d, V<D> x) {
    const V<D> a = hn::Abs(x), one = hn::Set(d, T<D>(1));
    const auto big = hn::Gt(a, Pick(d, 16384.0f, 268435456.0));
    const V<D> t = hn::Mul(a, a);
    const V<D> argument = hn::Add(a, hn::Div(t, hn::Add(one, hn::Sqrt(hn::Add(t, one)))));
    const V<D> y = Log1p::Call(d, hn::IfThenElse(big, hn::Sub(a, one), argument));
    const V<D> ln2 = hn::IfThenElseZero(big, hn::Set(d, T<D>(0.69314718055994531)));
    return WithSign(d, hn::Add(y, ln2), x);
  }
};

// 4 ulp.
struct Acosh {
  template <class D>
  static HWY_INLINE V<D> Call(D d, V<D> x) {
    const V<D> one = hn::Set(d, T<D>(1));
    const auto big = hn::Gt(x, Pick(d, 16384.0f, 268435456.0));
    const V<D> t = hn::Sub(x, one);
    const V<D> argument = hn::Add(t, hn::Sqrt(hn::MulAdd(t, t, hn::Add(t, t))));
    const V<D> y = Log1p::Call(d, hn::IfThenElse(big, t, argument));
    const V<D> ln2 = hn::IfThenElseZero(big, hn::Set(d, T<D>(0.69314718055994531)));
    return hn::IfThenElse(hn::Ge(x, one), hn::Add(y, ln2), NotANumber(d));
  }
};

// 4 ulp.
struct Atanh {
  template <class D>
  static HWY_INLINE V<D> Call(D d, V<D> x) {
    const V<D> a = hn::Abs(x), one = hn::Set(d, T<D>(1));
    const V<D> y = Log1p::Call(d, hn::Div(hn::Add(a, a), hn::Sub(one, a)));
    return WithSign(d, hn::Mul(hn::Set(d, T<D>(0.5)), y), x);
  }
};

// sqrt(pi) / 2-scaled pieces of erf: x + x q(x^2) up to 1, 1 - exp(-x^2) h(t) / (1 + 2 x) with t = (x - k) / (x + k)
// above.
template <class D>
HWY_INLINE V<D> ErfSmall(D d, V<D> a) {
  const V<D> w = hn::Mul(a, a);
  V<D> q;
  if constexpr (kFloat<D>) {
    static constexpr float c[] = {0.128379167f,   -0.37612626f,    0.112835944f,   -0.0268542115f,
                                  0.00518908724f, -0.00080168643f, 7.87587487e-05f};
    q = Polynomial(d, w, c);
  } else {
    static constexpr double c[] = {0.12837916709551258,     -0.37612638903183754,    0.11283791670955121,
                                   -0.02686617064512984,    0.0052239776254232985,   -0.00085483270219348297,
                                   0.00012055332902888736,  -1.4925647567519332e-05, 1.6462045441468418e-06,
                                   -1.6364642158167616e-07, 1.4792401209404813e-08,  -1.216456005728345e-09,
                                   8.7090451290531062e-11,  -4.2309458242953377e-12};
    q = Polynomial(d, w, c);
  }
  return hn::MulAdd(a, q, a);
}

// exp(a^2) erfc(a).
template <class D>
HWY_INLINE V<D> ErfcScaled(D d, V<D> a) {
  const V<D> k = Pick(d, 2.0f, 3.75);
  const V<D> u = hn::MulAdd(a, hn::Set(d, T<D>(2)), hn::Set(d, T<D>(1))), v = hn::Add(a, k);
  const V<D> inverse = hn::Div(hn::Set(d, T<D>(1)), hn::Mul(u, v));
  const V<D> t = hn::Mul(hn::Mul(hn::Sub(a, k), u), inverse);
  V<D> h;
  if constexpr (kFloat<D>) {
    static constexpr float c[] = {1.27697837f,   -0.0927638113f,  -0.166030973f,  0.164050043f,
                                  -0.054195527f, -0.00800498202f, 0.00838821568f, 0.00104765815f};
    h = Polynomial(d, t, c);
  } else {
    static constexpr double c[] = {
        1.2375126308378275,     -0.14024059858554702,    0.0035854154854658496,   0.082276738490150589,
        -0.1088039301418558,    0.092304321160222455,    -0.058693398586566817,   0.028362277420937457,
        -0.0097465796025133136, 0.0017556258398018613,   0.00029371403752720052,  -0.0002901540353335165,
        5.164717365417525e-05,  2.2384180644872092e-05,  -1.1437767278950732e-05, -9.7368428239225994e-07,
        1.7380461262457937e-06, -5.6580534033535847e-08, -2.4053815536618181e-07, 2.2156361551057863e-08,
        2.4650884795239513e-08, -2.8191256630864012e-09};
    h = Polynomial(d, t, c);
  }
  return hn::Mul(h, hn::Mul(v, inverse));
}

// 2 ulp.
struct Erf {
  template <class D>
  static HWY_INLINE V<D> Call(D d, V<D> x) {
    const V<D> one = hn::Set(d, T<D>(1));
    const V<D> a = hn::Min(hn::Abs(x), Pick(d, 4.2f, 6.0));
    const V<D> large = hn::NegMulAdd(Exp::Call(d, hn::Neg(hn::Mul(a, a))), ErfcScaled(d, a), one);
    const V<D> y = hn::IfThenElse(hn::Lt(a, one), ErfSmall(d, a), large);
    return KeepNaN(d, x, WithSign(d, y, x));
  }
};

// float64: 6 ulp. exp(-a^2) is taken from the first 26 bits of a, whose square is exact, and a factor near 1.
struct ErfcDouble {
  template <class D>
  static HWY_INLINE V<D> Call(D d, V<D> x) {
    const hn::RebindToUnsigned<D> du;
    const V<D> one = hn::Set(d, 1.0), half = hn::Set(d, 0.5);
    const V<D> a = hn::Min(hn::Abs(x), hn::Set(d, 28.0));
    const V<D> head = hn::BitCast(d, hn::And(hn::BitCast(du, a), hn::Set(du, 0xFFFFFFFFF8000000u)));
    const V<D> r = hn::Mul(hn::Sub(a, head), hn::Add(a, head));
    const V<D> third = hn::NegMulAdd(r, hn::Set(d, 1.0 / 3.0), one);
    const V<D> factor = hn::NegMulAdd(r, hn::NegMulAdd(hn::Mul(r, half), third, one), one);
    const V<D> tail = hn::Mul(hn::Mul(ErfcScaled(d, a), factor), Exp::Call(d, hn::Neg(hn::Mul(head, head))));
    const auto negative = hn::Lt(x, hn::Zero(d));
    const V<D> small = ErfSmall(d, a);
    const V<D> near = hn::Sub(one, hn::IfThenElse(negative, hn::Neg(small), small));
    const V<D> far = hn::IfThenElse(negative, hn::Sub(hn::Set(d, 2.0), tail), tail);
    return KeepNaN(d, x, hn::IfThenElse(hn::Lt(a, half), near, far));
  }
};

// 6 ulp; float32 by way of float64, 1 ulp.
struct Erfc {
  template <class D>
  static HWY_INLINE V<D> Call(D d, V<D> x) {
    if constexpr (kFloat<D>) {
      return InDouble<ErfcDouble>(d, x);
    } else {
      return ErfcDouble::Call(d, x);
    }
  }
};

// |x|^y in float64 for float32 arguments.
struct PowDouble {
  template <class D>
  static HWY_INLINE V<D> Call(D d, V<D> x, V<D> y) {
    return Exp2::Call(d, hn::Mul(y, Log2::Call(d, hn::Abs(x))));
  }
};

// float32: 1 ulp, by way of float64. float64 lane by lane: the C library's.
struct Pow {
  template <class D>
  static HWY_INLINE V<D> Call(D d, V<D> x, V<D> y) {
    if constexpr (kFloat<D>) {
      const V<D> zero = hn::Zero(d), one = hn::Set(d, 1.0f), half = hn::Set(d, 0.5f), infinity = Infinity(d);
      const V<D> ax = hn::Abs(x);
      V<D> r = InDouble<PowDouble>(d, x, y);
      const V<D> yh = hn::Mul(y, half);
      const auto whole = hn::Eq(hn::Round(y), y);
      const auto odd = hn::AndNot(hn::Eq(hn::Round(yh), yh), whole);
      r = hn::Or(r, hn::And(hn::VecFromMask(d, odd), hn::And(x, hn::SignBit(d))));
      const auto no_power = hn::AndNot(whole, hn::And(hn::Lt(x, zero), hn::Lt(ax, infinity)));
      r = hn::IfThenElse(no_power, NotANumber(d), r);
      const auto unit = hn::And(hn::Eq(ax, one), hn::Eq(hn::Abs(y), infinity));
      return hn::IfThenElse(hn::Or(hn::Or(hn::Eq(y, zero), hn::Eq(x, one)), unit), one, r);
    } else {
      return PerLane(d, x, y, [](double a, double b) { return std::pow(a, b); });
    }
  }
};

}  // namespace nc::cpu::HWY_NAMESPACE::math
HWY_AFTER_NAMESPACE();

#endif  // NATIVECHAIN_CPU_PROGRAM_MATH_INL_HPP_
