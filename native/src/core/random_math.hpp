// Functions behind the random distributions, of additions, multiplications, divisions and square roots alone, each
// rounded by itself: the same bits wherever they are compiled.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <type_traits>

namespace nc::random_math {

// Coefficients from the highest power down: float needs fewer.
inline constexpr double kLog[] = {1. / 23, 1. / 21, 1. / 19, 1. / 17, 1. / 15, 1. / 13,
                                  1. / 11, 1. / 9,  1. / 7,  1. / 5,  1. / 3};
inline constexpr float kLogFloat[] = {1.f / 11, 1.f / 9, 1.f / 7, 1.f / 5, 1.f / 3};
inline constexpr double kSin[] = {1. / 355687428096000, -1. / 1307674368000, 1. / 6227020800, -1. / 39916800,
                                  1. / 362880,          -1. / 5040,          1. / 120,        -1. / 6};
inline constexpr float kSinFloat[] = {1.f / 362880, -1.f / 5040, 1.f / 120, -1.f / 6};
inline constexpr double kCos[] = {1. / 20922789888000, -1. / 87178291200, 1. / 479001600, -1. / 3628800,
                                  1. / 40320,          -1. / 720,         1. / 24,        -1. / 2};
inline constexpr float kCosFloat[] = {1.f / 479001600, -1.f / 3628800, 1.f / 40320, -1.f / 720, 1.f / 24, -1.f / 2};

template <class T, int N>
T polynomial(const T (&coefficients)[N], T x) {
  T p = coefficients[0];
  for (int i = 1; i < N; i++) p = p * x + coefficients[i];
  return p;
}

// Where the exponent field is taken off: sqrt(1/2). And log 2 in two parts, e times the first of which is exact.
template <class T>
struct LogConstants;
template <>
struct LogConstants<float> {
  using Bits = uint32_t;
  static constexpr int kFraction = 23;
  static constexpr Bits kStart = 0x3F3504F3u, kExponentMask = 0xFF800000u;
  static constexpr float kLog2High = 0x1.62e4p-1f, kLog2Low = 0x1.7f7d1cf79abcap-20f;
};
template <>
struct LogConstants<double> {
  using Bits = uint64_t;
  static constexpr int kFraction = 52;
  static constexpr Bits kStart = 0x3FE6A09E667F3BCDu, kExponentMask = 0xFFF0000000000000u;
  static constexpr double kLog2High = 0x1.62e42fefa38p-1, kLog2Low = 0x1.ef35793c7673p-45;
};

// Natural logarithm of a normal number above 0. x = 2^e m, m in [sqrt(1/2), sqrt(2)), f = m - 1, s = f / (2 + f):
// log m = 2 atanh s = f - s (f - 2 (s^3 / 3 + s^5 / 5 ...) / s).
template <class T>
T log(T x) {
  using C = LogConstants<T>;
  using Bits = typename C::Bits;
  const Bits bits = std::bit_cast<Bits>(x), shifted = bits - C::kStart;
  const T e = static_cast<T>(static_cast<std::make_signed_t<Bits>>(shifted) >> C::kFraction);
  const T f = std::bit_cast<T>(bits - (shifted & C::kExponentMask)) - T{1};
  const T s = f / (T{2} + f), z = s * s;
  T p;
  if constexpr (std::is_same_v<T, float>)
    p = polynomial(kLogFloat, z);
  else
    p = polynomial(kLog, z);
  const T tail = s * (f - T{2} * (z * p));
  return e * C::kLog2High + (f - (tail - e * C::kLog2Low));
}

// sin(2 pi t) and cos(2 pi t) for t in [0, 1). The nearest quarter turn is taken off exactly; Taylor series of the
// rest.
template <class T>
void sincos_turns(T t, T* sine, T* cosine) {
  const auto quarter = static_cast<int32_t>(T{4} * t + T{0.5});
  const T x = (t - T{0.25} * static_cast<T>(quarter)) * static_cast<T>(6.283185307179586477);
  const T z = x * x;
  T s, c;
  if constexpr (std::is_same_v<T, float>) {
    s = x + x * (z * polynomial(kSinFloat, z));
    c = T{1} + z * polynomial(kCosFloat, z);
  } else {
    s = x + x * (z * polynomial(kSin, z));
    c = T{1} + z * polynomial(kCos, z);
  }
  const T swapped_s = quarter & 1 ? c : s, swapped_c = quarter & 1 ? s : c;
  *sine = quarter & 2 ? -swapped_s : swapped_s;
  *cosine = (quarter + 1) & 2 ? -swapped_c : swapped_c;
}

// The standard normal's quantile for p in (0, 1), within about 1e-15 of itself: Wichura, Algorithm AS 241 (PPND16),
// 1988.
inline double normal_quantile(double p) {
  static constexpr double a[] = {2.5090809287301226727e+3, 3.3430575583588128105e+4, 6.7265770927008700853e+4,
                                 4.5921953931549871457e+4, 1.3731693765509461125e+4, 1.9715909503065514427e+3,
                                 1.3314166789178437745e+2, 3.3871328727963666080e+0};
  static constexpr double b[] = {
      5.2264952788528545610e+3, 2.8729085735721942674e+4, 3.9307895800092710610e+4, 2.1213794301586595867e+4,
      5.3941960214247511077e+3, 6.8718700749205790830e+2, 4.2313330701600911252e+1, 1.0};
  static constexpr double c[] = {7.74545014278341407640e-4, 2.27238449892691845833e-2, 2.41780725177450611770e-1,
                                 1.27045825245236838258e+0, 3.64784832476320460504e+0, 5.76949722146069140550e+0,
                                 4.63033784615654529590e+0, 1.42343711074968357734e+0};
  static constexpr double d[] = {
      1.05075007164441684324e-9, 5.47593808499534494600e-4, 1.51986665636164571966e-2, 1.48103976427480074590e-1,
      6.89767334985100004550e-1, 1.67638483018380384940e+0, 2.05319162663775882187e+0, 1.0};
  static constexpr double e[] = {2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.24266094738807843860e-3,
                                 2.65321895265761230930e-2, 2.96560571828504891230e-1, 1.78482653991729133580e+0,
                                 5.46378491116411436990e+0, 6.65790464350110377720e+0};
  static constexpr double f[] = {
      2.04426310338993978564e-15, 1.42151175831644588870e-7, 1.84631831751005468180e-5, 7.86869131145613259100e-4,
      1.48753612908506148525e-2,  1.36929880922735805310e-1, 5.99832206555887937690e-1, 1.0};
  const double q = p - 0.5;
  if (std::fabs(q) <= 0.425) {
    const double r = 0.180625 - q * q;
    return q * polynomial(a, r) / polynomial(b, r);
  }
  double r = std::sqrt(-log(q < 0 ? p : 1.0 - p));
  if (r <= 5.0) {
    r -= 1.6;
    r = polynomial(c, r) / polynomial(d, r);
  } else {
    r -= 5.0;
    r = polynomial(e, r) / polynomial(f, r);
  }
  return q < 0 ? -r : r;
}

}  // namespace nc::random_math
