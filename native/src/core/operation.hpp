// What each operation of an elementwise program takes.
#pragma once

#include "core/program.hpp"

namespace nc {

struct Operation {
  const char* name;  // null: no such operation
  int8_t values;     // how many of a, b and c name earlier values
  bool floating;     // needs float32 or float64
  bool integer;      // needs int64
};

inline Operation operation(int32_t op) {
  switch (op) {
#define NC_OPERATION(code, name, values, floating, integer) \
  case NC_OP_##code:                                        \
    return {name, values, floating, integer};
    NC_OPERATION(LOAD, "load", 0, false, false)
    NC_OPERATION(CONSTANT, "constant", 0, false, false)
    NC_OPERATION(PARAMETER, "parameter", 0, false, false)
    NC_OPERATION(STORE, "store", 1, false, false)
    NC_OPERATION(ADD, "add", 2, false, false)
    NC_OPERATION(SUBTRACT, "subtract", 2, false, false)
    NC_OPERATION(MULTIPLY, "multiply", 2, false, false)
    NC_OPERATION(DIVIDE, "divide", 2, true, false)
    NC_OPERATION(FLOOR_DIVIDE, "floor_divide", 2, false, false)
    NC_OPERATION(REMAINDER, "remainder", 2, false, false)
    NC_OPERATION(FMOD, "fmod", 2, false, false)
    NC_OPERATION(POWER, "power", 2, false, false)
    NC_OPERATION(MAXIMUM, "maximum", 2, false, false)
    NC_OPERATION(MINIMUM, "minimum", 2, false, false)
    NC_OPERATION(ATAN2, "atan2", 2, true, false)
    NC_OPERATION(BIT_AND, "bit_and", 2, false, true)
    NC_OPERATION(BIT_OR, "bit_or", 2, false, true)
    NC_OPERATION(BIT_XOR, "bit_xor", 2, false, true)
    NC_OPERATION(MULTIPLY_ADD, "multiply_add", 3, false, false)
    NC_OPERATION(EQUAL, "equal", 2, false, false)
    NC_OPERATION(NOT_EQUAL, "not_equal", 2, false, false)
    NC_OPERATION(LESS, "less", 2, false, false)
    NC_OPERATION(LESS_EQUAL, "less_equal", 2, false, false)
    NC_OPERATION(GREATER, "greater", 2, false, false)
    NC_OPERATION(GREATER_EQUAL, "greater_equal", 2, false, false)
    NC_OPERATION(AND, "and", 2, false, false)
    NC_OPERATION(OR, "or", 2, false, false)
    NC_OPERATION(XOR, "xor", 2, false, false)
    NC_OPERATION(NOT, "not", 1, false, false)
    NC_OPERATION(SELECT, "select", 3, false, false)
    NC_OPERATION(IS_NAN, "is_nan", 1, false, false)
    NC_OPERATION(IS_INF, "is_inf", 1, false, false)
    NC_OPERATION(IS_FINITE, "is_finite", 1, false, false)
    NC_OPERATION(NEGATE, "negate", 1, false, false)
    NC_OPERATION(ABSOLUTE, "absolute", 1, false, false)
    NC_OPERATION(SIGN, "sign", 1, false, false)
    NC_OPERATION(SQUARE, "square", 1, false, false)
    NC_OPERATION(RECIPROCAL, "reciprocal", 1, true, false)
    NC_OPERATION(SQRT, "sqrt", 1, true, false)
    NC_OPERATION(RSQRT, "rsqrt", 1, true, false)
    NC_OPERATION(EXP, "exp", 1, true, false)
    NC_OPERATION(EXP2, "exp2", 1, true, false)
    NC_OPERATION(EXPM1, "expm1", 1, true, false)
    NC_OPERATION(LOG, "log", 1, true, false)
    NC_OPERATION(LOG2, "log2", 1, true, false)
    NC_OPERATION(LOG10, "log10", 1, true, false)
    NC_OPERATION(LOG1P, "log1p", 1, true, false)
    NC_OPERATION(SIN, "sin", 1, true, false)
    NC_OPERATION(COS, "cos", 1, true, false)
    NC_OPERATION(TAN, "tan", 1, true, false)
    NC_OPERATION(ASIN, "asin", 1, true, false)
    NC_OPERATION(ACOS, "acos", 1, true, false)
    NC_OPERATION(ATAN, "atan", 1, true, false)
    NC_OPERATION(SINH, "sinh", 1, true, false)
    NC_OPERATION(COSH, "cosh", 1, true, false)
    NC_OPERATION(TANH, "tanh", 1, true, false)
    NC_OPERATION(ASINH, "asinh", 1, true, false)
    NC_OPERATION(ACOSH, "acosh", 1, true, false)
    NC_OPERATION(ATANH, "atanh", 1, true, false)
    NC_OPERATION(SIGMOID, "sigmoid", 1, true, false)
    NC_OPERATION(SOFTPLUS, "softplus", 1, true, false)
    NC_OPERATION(ERF, "erf", 1, true, false)
    NC_OPERATION(ERFC, "erfc", 1, true, false)
    NC_OPERATION(FLOOR, "floor", 1, false, false)
    NC_OPERATION(CEIL, "ceil", 1, false, false)
    NC_OPERATION(ROUND, "round", 1, false, false)
    NC_OPERATION(TRUNC, "trunc", 1, false, false)
#undef NC_OPERATION
    default:
      return {nullptr, 0, false, false};
  }
}

}  // namespace nc
