// The element types in C++, conversions between them, and the step from a dtype to a type.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "nativechain/base.h"

namespace nc {

struct Bool {
  uint8_t byte;  // 0 or 1; any other byte read from memory is true
};

struct Float16 {
  uint16_t bits;
};

struct BFloat16 {
  uint16_t bits;
};

inline float to_float(Float16 h) {
  const uint32_t sign = uint32_t{h.bits & 0x8000u} << 16, exponent = (h.bits >> 10) & 31u, fraction = h.bits & 0x3FFu;
  if (exponent == 31) return std::bit_cast<float>(sign | 0x7F800000u | fraction << 13);
  if (exponent != 0) return std::bit_cast<float>(sign | (exponent + 112) << 23 | fraction << 13);
  if (fraction == 0) return std::bit_cast<float>(sign);
  const int shift = std::countl_zero(fraction) - 21;  // to bring the leading one to bit 10
  return std::bit_cast<float>(sign | uint32_t(113 - shift) << 23 | ((fraction << shift) & 0x3FFu) << 13);
}

inline float to_float(BFloat16 b) { return std::bit_cast<float>(uint32_t{b.bits} << 16); }

// Round to nearest, ties to even; NaN stays NaN.
inline Float16 to_float16(float x) {
  const uint32_t bits = std::bit_cast<uint32_t>(x), magnitude = bits & 0x7FFFFFFFu;
  const auto sign = static_cast<uint16_t>((bits >> 16) & 0x8000u);
  if (magnitude >= 0x7F800000u)
    return {static_cast<uint16_t>(sign | 0x7C00u | (magnitude > 0x7F800000u ? 0x200u | (magnitude >> 13 & 0x3FFu) : 0))};
  if (magnitude >= 0x477FF000u) return {static_cast<uint16_t>(sign | 0x7C00u)};  // 65520 and up
  if (magnitude < 0x33000001u) return {sign};                                   // 2^-25 and below
  if (magnitude < 0x38800000u) {                                                // below 2^-14: a denormal
    const int shift = 126 - static_cast<int>(magnitude >> 23);                  // 14 to 24
    const uint32_t fraction = (magnitude & 0x7FFFFFu) | 0x800000u;
    const uint32_t kept = fraction >> shift, rest = fraction & ((1u << shift) - 1), half = 1u << (shift - 1);
    return {static_cast<uint16_t>(sign | (kept + (rest > half || (rest == half && (kept & 1)))))};
  }
  return {static_cast<uint16_t>(sign | ((magnitude - 0x38000000u + 0xFFFu + (magnitude >> 13 & 1u)) >> 13))};
}

inline BFloat16 to_bfloat16(float x) {
  const uint32_t bits = std::bit_cast<uint32_t>(x);
  if ((bits & 0x7FFFFFFFu) > 0x7F800000u) return {static_cast<uint16_t>(bits >> 16 | 0x40u)};
  return {static_cast<uint16_t>((bits + 0x7FFFu + (bits >> 16 & 1u)) >> 16)};
}

// Double to float rounding to odd, so that a second rounding to a shorter format is the right one.
inline float to_float_odd(double x) {
  const float y = static_cast<float>(x);
  if (std::isnan(x) || std::isinf(y) || static_cast<double>(y) == x) return y;
  const uint32_t bits = std::bit_cast<uint32_t>(y);
  if (bits & 1) return y;
  const bool below = std::fabs(static_cast<double>(y)) < std::fabs(x);
  return std::bit_cast<float>(below ? bits + 1 : bits - 1);
}

template <class T>
struct Type {
  using type = T;
};

// Calls f(Type<T>{}) for the element type of a dtype that has been checked.
template <class F>
decltype(auto) with_dtype(nc_dtype dtype, F&& f) {
  switch (dtype) {
    case NC_BOOL:
      return f(Type<Bool>{});
    case NC_UINT8:
      return f(Type<uint8_t>{});
    case NC_INT32:
      return f(Type<int32_t>{});
    case NC_INT64:
      return f(Type<int64_t>{});
    case NC_FLOAT16:
      return f(Type<Float16>{});
    case NC_BFLOAT16:
      return f(Type<BFloat16>{});
    case NC_FLOAT32:
      return f(Type<float>{});
    default:
      return f(Type<double>{});
  }
}

// One element to another type by the rules of nc_copy: floating point to integer truncates and saturates (NaN gives 0),
// to bool non-zero is 1, integers wrap.
template <class To, class From>
inline To convert(From x) {
  if constexpr (std::is_same_v<To, From> && !std::is_same_v<To, Bool>) {
    return x;
  } else if constexpr (std::is_same_v<From, Bool>) {
    return convert<To>(static_cast<uint8_t>(x.byte != 0));
  } else if constexpr (std::is_same_v<From, Float16> || std::is_same_v<From, BFloat16>) {
    return convert<To>(to_float(x));
  } else if constexpr (std::is_same_v<To, Bool>) {
    return {static_cast<uint8_t>(x != From{0})};
  } else if constexpr (std::is_same_v<To, Float16>) {
    if constexpr (std::is_same_v<From, float>)
      return to_float16(x);
    else
      return to_float16(to_float_odd(static_cast<double>(x)));
  } else if constexpr (std::is_same_v<To, BFloat16>) {
    if constexpr (std::is_same_v<From, float>)
      return to_bfloat16(x);
    else
      return to_bfloat16(to_float_odd(static_cast<double>(x)));
  } else if constexpr (std::is_integral_v<To> && std::is_floating_point_v<From>) {
    using Limits = std::numeric_limits<To>;
    // The bounds are exact in From or round outwards to a power of two, which >= then excludes.
    if (x >= static_cast<From>(Limits::max())) return Limits::max();
    if (x <= static_cast<From>(Limits::min())) return Limits::min();
    return x == x ? static_cast<To>(x) : To{0};
  } else {
    return static_cast<To>(x);
  }
}

}  // namespace nc
