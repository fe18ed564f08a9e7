// One element of any dtype: reading, writing and casting it. Kernels convert whole vectors; this is their meaning.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>

#include "nativechain/base.h"

namespace nc {

inline float float16_to_float(uint16_t h) {
  const uint32_t sign = uint32_t{h & 0x8000u} << 16, exponent = (h >> 10) & 31u, mantissa = h & 0x3ffu;
  if (exponent == 31) return std::bit_cast<float>(sign | 0x7f800000u | mantissa << 13);
  if (exponent != 0) return std::bit_cast<float>(sign | (exponent + 112) << 23 | mantissa << 13);
  const float magnitude = static_cast<float>(mantissa) * 0x1p-24f;
  return sign ? -magnitude : magnitude;
}

// Half to even; a NaN stays one.
inline uint16_t float_to_float16(float x) {
  const uint32_t bits = std::bit_cast<uint32_t>(x), magnitude = bits & 0x7fffffffu;
  const uint32_t sign = (bits >> 16) & 0x8000u;
  if (magnitude > 0x7f800000u) return static_cast<uint16_t>(sign | 0x7e00u | ((magnitude >> 13) & 0x3ffu));
  if (magnitude >= 0x477ff000u) return static_cast<uint16_t>(sign | 0x7c00u);
  if (magnitude < 0x38800000u) {
    // Adding 0.5 leaves the units of 2^-24 in the low bits, rounded by the addition itself.
    const float shifted = std::bit_cast<float>(magnitude) + 0.5f;
    return static_cast<uint16_t>(sign | (std::bit_cast<uint32_t>(shifted) - 0x3f000000u));
  }
  return static_cast<uint16_t>(sign | ((magnitude - 0x38000000u + 0xfffu + ((magnitude >> 13) & 1u)) >> 13));
}

inline float bfloat16_to_float(uint16_t h) { return std::bit_cast<float>(uint32_t{h} << 16); }

inline uint16_t float_to_bfloat16(float x) {
  const uint32_t bits = std::bit_cast<uint32_t>(x);
  if ((bits & 0x7fffffffu) > 0x7f800000u) return static_cast<uint16_t>(bits >> 16 | 0x40u);
  return static_cast<uint16_t>((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
}

// The float beside x whose last bit is odd unless x is a float: a second rounding to fewer bits is then exact.
inline float round_to_odd(double x) {
  const float f = static_cast<float>(x);
  uint32_t bits = std::bit_cast<uint32_t>(f);
  if (f != f || static_cast<double>(f) == x || (bits & 1u)) return f;
  bits += std::fabs(static_cast<double>(f)) > std::fabs(x) ? -1 : 1;
  return std::bit_cast<float>(bits);
}

// Towards zero, saturating; NaN gives 0.
template <class I, class F>
I saturate_cast(F x) {
  constexpr F end = static_cast<F>(std::numeric_limits<I>::max() / 2 + 1) * 2;
  if (x != x) return 0;
  if (x >= end) return std::numeric_limits<I>::max();
  if (x <= static_cast<F>(std::numeric_limits<I>::min())) return std::numeric_limits<I>::min();
  return static_cast<I>(x);
}

// The element at p, cast as nc_copy casts to float, double or int64_t.
template <class T>
T load_element(nc_dtype dtype, const void* p) {
  const auto read = [p]<class S>(S value) {
    std::memcpy(&value, p, sizeof value);
    return value;
  };
  const auto from_floating = [](auto value) {
    if constexpr (std::is_floating_point_v<T>) {
      return static_cast<T>(value);
    } else {
      return saturate_cast<T>(value);
    }
  };
  switch (dtype) {
    case NC_BOOL:
      return static_cast<T>(read(uint8_t{}) != 0);
    case NC_UINT8:
      return static_cast<T>(read(uint8_t{}));
    case NC_INT32:
      return static_cast<T>(read(int32_t{}));
    case NC_INT64:
      return static_cast<T>(read(int64_t{}));
    case NC_FLOAT16:
      return from_floating(float16_to_float(read(uint16_t{})));
    case NC_BFLOAT16:
      return from_floating(bfloat16_to_float(read(uint16_t{})));
    case NC_FLOAT32:
      return from_floating(read(float{}));
    default:
      return from_floating(read(double{}));
  }
}

// Writes value, a float, double or int64_t, cast as nc_copy casts.
template <class T>
void store_element(nc_dtype dtype, void* p, T value) {
  const auto write = [p](auto element) { std::memcpy(p, &element, sizeof element); };
  const auto integer = [value]<class I>(I) {
    if constexpr (std::is_floating_point_v<T>) {
      return saturate_cast<I>(value);
    } else {
      return static_cast<I>(value);
    }
  };
  const auto narrow = [value] {
    if constexpr (std::is_same_v<T, float>) {
      return value;
    } else if constexpr (std::is_same_v<T, double>) {
      return round_to_odd(value);
    } else {
      // 2^53 bounds the integers that double holds; beyond it float16 overflows and bfloat16 has dropped the last bits.
      const int64_t low = value & 0x7ff;
      const bool exact = value > -(int64_t{1} << 53) && value < (int64_t{1} << 53);
      return round_to_odd(static_cast<double>(exact ? value : (value - low) | (low != 0 ? 0x400 : 0)));
    }
  };
  switch (dtype) {
    case NC_BOOL:
      return write(static_cast<uint8_t>(value != 0));
    case NC_UINT8:
      return write(integer(uint8_t{}));
    case NC_INT32:
      return write(integer(int32_t{}));
    case NC_INT64:
      return write(integer(int64_t{}));
    case NC_FLOAT16:
      return write(float_to_float16(narrow()));
    case NC_BFLOAT16:
      return write(float_to_bfloat16(narrow()));
    case NC_FLOAT32:
      return write(static_cast<float>(value));
    default:
      return write(static_cast<double>(value));
  }
}

}  // namespace nc
