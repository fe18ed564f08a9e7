// The plain meaning of a program: one element at a time. The oracle for the vectorised kernels.
#pragma once

#include <array>
#include <cmath>
#include <limits>
#include <type_traits>

#include "core/element.hpp"
#include "core/program.hpp"
#include "core/tensor.hpp"
#include "cpu/scalar.hpp"

namespace nc::cpu::reference {

inline int64_t floor_divide(int64_t a, int64_t b) {
  if (b == 0) return 0;
  if (b == -1) return static_cast<int64_t>(0 - static_cast<uint64_t>(a));
  return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

inline int64_t remainder(int64_t a, int64_t b) {
  if (b == 0 || b == -1) return 0;
  const int64_t r = a % b;
  return r != 0 && (r < 0) != (b < 0) ? r + b : r;
}

inline int64_t power(int64_t a, int64_t b) {
  if (b < 0) return a == 1 ? 1 : a == -1 ? (b & 1 ? -1 : 1) : 0;
  uint64_t result = 1;
  for (uint64_t base = static_cast<uint64_t>(a); b > 0; b >>= 1, base *= base) {
    if (b & 1) result *= base;
  }
  return static_cast<int64_t>(result);
}

// NumPy's floor_divide: from the remainder, so that a = b * floor_divide + remainder holds.
template <class T>
T floor_divide(T a, T b) {
  if (b == 0) return a / b;
  const T r = std::fmod(a, b);
  T quotient = (a - r) / b;
  if (r != 0 && (r < 0) != (b < 0)) quotient -= 1;
  if (quotient == 0) return std::copysign(T{0}, a / b);
  const T floor = std::floor(quotient);
  return quotient - floor > T{0.5} ? floor + 1 : floor;
}

template <class T>
T remainder(T a, T b) {
  const T r = std::fmod(a, b);
  if (r == 0) return std::copysign(r, b);
  return (r < 0) != (b < 0) ? r + b : r;
}

template <class T>
T softplus(T x) {
  return x != x ? x : std::fmax(x, T{0}) + std::log1p(std::exp(-std::fabs(x)));
}

template <class T>
T sigmoid(T x) {
  const T e = std::exp(-std::fabs(x));
  return (x < 0 ? e : T{1}) / (1 + e);
}

// clang-format off
inline int64_t apply(int32_t op, int64_t a, int64_t b, int64_t c) {
  const auto x = static_cast<uint64_t>(a), y = static_cast<uint64_t>(b), z = static_cast<uint64_t>(c);
  switch (op) {
    case NC_OP_ADD: return static_cast<int64_t>(x + y);
    case NC_OP_SUBTRACT: return static_cast<int64_t>(x - y);
    case NC_OP_MULTIPLY: return static_cast<int64_t>(x * y);
    case NC_OP_MULTIPLY_ADD: return static_cast<int64_t>(x * y + z);
    case NC_OP_FLOOR_DIVIDE: return floor_divide(a, b);
    case NC_OP_REMAINDER: return remainder(a, b);
    case NC_OP_FMOD: return b == 0 || b == -1 ? 0 : a % b;
    case NC_OP_POWER: return power(a, b);
    case NC_OP_BIT_AND: return a & b;
    case NC_OP_BIT_OR: return a | b;
    case NC_OP_BIT_XOR: return a ^ b;
    case NC_OP_IS_NAN:
    case NC_OP_IS_INF: return 0;
    case NC_OP_IS_FINITE: return 1;
    case NC_OP_NEGATE: return static_cast<int64_t>(0 - x);
    case NC_OP_ABSOLUTE: return a < 0 ? static_cast<int64_t>(0 - x) : a;
    case NC_OP_SIGN: return (a > 0) - (a < 0);
    case NC_OP_SQUARE: return static_cast<int64_t>(x * x);
    default: return a;  // floor, ceil, round and trunc
  }
}

template <class T>
T apply(int32_t op, T a, T b, T c) {
  switch (op) {
    case NC_OP_ADD: return a + b;
    case NC_OP_SUBTRACT: return a - b;
    case NC_OP_MULTIPLY: return a * b;
    case NC_OP_MULTIPLY_ADD: return a * b + c;
    case NC_OP_DIVIDE: return a / b;
    case NC_OP_FLOOR_DIVIDE: return floor_divide(a, b);
    case NC_OP_REMAINDER: return remainder(a, b);
    case NC_OP_FMOD: return std::fmod(a, b);
    case NC_OP_POWER: return std::pow(a, b);
    case NC_OP_ATAN2: return std::atan2(a, b);
    case NC_OP_IS_NAN: return a != a;
    case NC_OP_IS_INF: return std::fabs(a) == std::numeric_limits<T>::infinity();
    case NC_OP_IS_FINITE: return std::fabs(a) < std::numeric_limits<T>::infinity();
    case NC_OP_NEGATE: return -a;
    case NC_OP_ABSOLUTE: return std::fabs(a);
    case NC_OP_SIGN: return a > 0 ? T{1} : a < 0 ? T{-1} : a;
    case NC_OP_SQUARE: return a * a;
    case NC_OP_RECIPROCAL: return 1 / a;
    case NC_OP_SQRT: return std::sqrt(a);
    case NC_OP_RSQRT: return 1 / std::sqrt(a);
    case NC_OP_EXP: return std::exp(a);
    case NC_OP_EXP2: return std::exp2(a);
    case NC_OP_EXPM1: return std::expm1(a);
    case NC_OP_LOG: return std::log(a);
    case NC_OP_LOG2: return std::log2(a);
    case NC_OP_LOG10: return std::log10(a);
    case NC_OP_LOG1P: return std::log1p(a);
    case NC_OP_SIN: return std::sin(a);
    case NC_OP_COS: return std::cos(a);
    case NC_OP_TAN: return std::tan(a);
    case NC_OP_ASIN: return std::asin(a);
    case NC_OP_ACOS: return std::acos(a);
    case NC_OP_ATAN: return std::atan(a);
    case NC_OP_SINH: return std::sinh(a);
    case NC_OP_COSH: return std::cosh(a);
    case NC_OP_TANH: return std::tanh(a);
    case NC_OP_ASINH: return std::asinh(a);
    case NC_OP_ACOSH: return std::acosh(a);
    case NC_OP_ATANH: return std::atanh(a);
    case NC_OP_SIGMOID: return sigmoid(a);
    case NC_OP_SOFTPLUS: return softplus(a);
    case NC_OP_ERF: return std::erf(a);
    case NC_OP_ERFC: return std::erfc(a);
    case NC_OP_FLOOR: return std::floor(a);
    case NC_OP_CEIL: return std::ceil(a);
    case NC_OP_ROUND: return std::nearbyint(a);  // half to even
    default: return std::trunc(a);
  }
}

// Operations that mean the same in every type; the rest by type.
template <class T>
T compute(int32_t op, T a, T b, T c) {
  switch (op) {
    case NC_OP_MAXIMUM: return a != a || a > b ? a : b;
    case NC_OP_MINIMUM: return a != a || a < b ? a : b;
    case NC_OP_EQUAL: return a == b;
    case NC_OP_NOT_EQUAL: return a != b;
    case NC_OP_LESS: return a < b;
    case NC_OP_LESS_EQUAL: return a <= b;
    case NC_OP_GREATER: return a > b;
    case NC_OP_GREATER_EQUAL: return a >= b;
    case NC_OP_AND: return a != 0 && b != 0;
    case NC_OP_OR: return a != 0 || b != 0;
    case NC_OP_XOR: return (a != 0) != (b != 0);
    case NC_OP_NOT: return a == 0;
    case NC_OP_SELECT: return a != 0 ? b : c;
    default: return apply(op, a, b, c);
  }
}

// clang-format on

// Element `index`, counted in C order over t's shape.
inline const char* element(const nc_tensor& t, int64_t index) {
  int64_t offset = 0;
  for (int32_t i = t.ndim - 1; i >= 0; i--) {
    offset += index % t.shape[i] * t.strides[i];
    index /= t.shape[i];
  }
  return data<const char>(t) + offset * dtype_size(t.dtype);
}

// The values of all instructions at one element; a store's entry is the value that it stores.
template <class T>
void evaluate(const nc_program& program, const nc_tensor* inputs, const nc_scalar* parameters, int64_t index,
              std::array<T, NC_PROGRAM_MAX_INSTRUCTIONS>& values) {
  for (size_t k = 0; k < program.code.size(); k++) {
    const nc_instruction& i = program.code[k];
    switch (i.op) {
      case NC_OP_LOAD:
        values[k] = load_element<T>(inputs[i.a].dtype, element(inputs[i.a], index));
        break;
      case NC_OP_CONSTANT:
        values[k] = std::is_integral_v<T> ? static_cast<T>(i.i64) : static_cast<T>(i.f64);
        break;
      case NC_OP_PARAMETER:
        values[k] = read_scalar<T>(parameters[i.a]);
        break;
      case NC_OP_STORE:
        values[k] = values[i.a];
        break;
      default: {
        const auto value = [&](int32_t operand) {
          return operand >= 0 && operand < static_cast<int32_t>(k) ? values[operand] : T{};
        };
        values[k] = compute(i.op, value(i.a), value(i.b), value(i.c));
      }
    }
  }
}

}  // namespace nc::cpu::reference
