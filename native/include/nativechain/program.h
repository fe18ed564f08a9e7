// Elementwise programs: short straight-line code over broadcast tensors, run in one pass.
#ifndef NATIVECHAIN_PROGRAM_H
#define NATIVECHAIN_PROGRAM_H

#include "nativechain/base.h"

#ifdef __cplusplus
extern "C" {
#endif

// Operations. Instruction k defines value k; a, b and c name earlier values unless said otherwise. A truth value is 1 or
// 0 in the program's compute dtype; any value but 0 is true. Every operation works in every compute dtype, except those
// marked [f], which need float32 or float64, and [i], which need int64.
typedef int32_t nc_op;
enum nc_op_code {
  NC_OP_LOAD = 0,       // input a at this element, cast to the compute dtype
  NC_OP_CONSTANT = 1,   // f64, or i64 where the compute dtype is int64
  NC_OP_PARAMETER = 2,  // parameter a of the call
  NC_OP_STORE = 3,      // value a into output b, cast to its dtype as in nc_copy; defines no value

  NC_OP_ADD = 10,
  NC_OP_SUBTRACT = 11,
  NC_OP_MULTIPLY = 12,
  NC_OP_DIVIDE = 13,           // [f]
  NC_OP_FLOOR_DIVIDE = 14,     // towards minus infinity; integer division by 0 gives 0
  NC_OP_REMAINDER = 15,        // sign of the divisor, as % of NumPy; integer remainder by 0 gives 0
  NC_OP_FMOD = 16,             // sign of the dividend, as C's fmod
  NC_OP_POWER = 17,            // integer: a negative exponent gives 0 except for bases 1 and -1
  NC_OP_MAXIMUM = 18,          // NaN if either is NaN
  NC_OP_MINIMUM = 19,          // NaN if either is NaN
  NC_OP_ATAN2 = 20,            // [f]
  NC_OP_BIT_AND = 21,          // [i]
  NC_OP_BIT_OR = 22,           // [i]
  NC_OP_BIT_XOR = 23,          // [i]
  NC_OP_MULTIPLY_ADD = 24,     // a * b + c, fused or not

  NC_OP_EQUAL = 30,
  NC_OP_NOT_EQUAL = 31,
  NC_OP_LESS = 32,
  NC_OP_LESS_EQUAL = 33,
  NC_OP_GREATER = 34,
  NC_OP_GREATER_EQUAL = 35,
  NC_OP_AND = 36,
  NC_OP_OR = 37,
  NC_OP_XOR = 38,
  NC_OP_NOT = 39,
  NC_OP_SELECT = 40,           // a ? b : c; what is not selected does not matter, NaN included
  NC_OP_IS_NAN = 41,
  NC_OP_IS_INF = 42,
  NC_OP_IS_FINITE = 43,

  NC_OP_NEGATE = 50,
  NC_OP_ABSOLUTE = 51,
  NC_OP_SIGN = 52,             // -1, 0, 1; NaN stays
  NC_OP_SQUARE = 53,
  NC_OP_RECIPROCAL = 54,       // [f]
  NC_OP_SQRT = 55,             // [f], and so are all below up to NC_OP_ERFC
  NC_OP_RSQRT = 56,
  NC_OP_EXP = 57,
  NC_OP_EXP2 = 58,
  NC_OP_EXPM1 = 59,
  NC_OP_LOG = 60,
  NC_OP_LOG2 = 61,
  NC_OP_LOG10 = 62,
  NC_OP_LOG1P = 63,
  NC_OP_SIN = 64,
  NC_OP_COS = 65,
  NC_OP_TAN = 66,
  NC_OP_ASIN = 67,
  NC_OP_ACOS = 68,
  NC_OP_ATAN = 69,
  NC_OP_SINH = 70,
  NC_OP_COSH = 71,
  NC_OP_TANH = 72,
  NC_OP_ASINH = 73,
  NC_OP_ACOSH = 74,
  NC_OP_ATANH = 75,
  NC_OP_SIGMOID = 76,          // 1 / (1 + exp(-a)), without overflow
  NC_OP_SOFTPLUS = 77,         // log(1 + exp(a)), without overflow
  NC_OP_ERF = 78,
  NC_OP_ERFC = 79,
  NC_OP_FLOOR = 80,
  NC_OP_CEIL = 81,
  NC_OP_ROUND = 82,            // half to even
  NC_OP_TRUNC = 83
};

typedef struct nc_instruction {
  int32_t op;  // nc_op
  int32_t a;
  int32_t b;
  int32_t c;
  double f64;
  int64_t i64;
} nc_instruction;

enum nc_program_limit {
  NC_PROGRAM_MAX_INSTRUCTIONS = 256,
  NC_PROGRAM_MAX_INPUTS = 16,
  NC_PROGRAM_MAX_PARAMETERS = 16,
  NC_PROGRAM_MAX_OUTPUTS = 8
};

enum nc_program_flag {
  NC_PROGRAM_FLUSH_DENORMALS = 1  // flush denormal inputs and results to zero while it runs (float32 only)
};

// Checks the code and builds a program that computes in float32, float64 or int64. Immutable; any thread may run it, on
// any context. Every output must be stored once. The code is copied.
NC_API nc_status nc_program_create(const nc_instruction* code, int32_t count, int32_t inputs, int32_t parameters,
                                   int32_t outputs, int32_t compute_dtype, int32_t flags, nc_program** program);

// Null does nothing. The caller sees to it that no call still runs the program.
NC_API nc_status nc_program_destroy(nc_program* program);

// Runs the program once for each element of the outputs, which all have one shape; inputs are broadcast to it. The arrays
// hold as many entries as the program was created with. An output may be the same view as an input of the same dtype;
// no other overlap is allowed.
NC_API nc_status nc_program_run(nc_context* context, const nc_program* program, const nc_tensor* inputs,
                                const nc_scalar* parameters, const nc_tensor* outputs);

// nc_program_run for many tuples of tensors in one pass over all of them, such as an optimizer's step over every
// parameter of a model: tuple k reads inputs[k * n_inputs ...], parameters[k * n_parameters ...] and writes
// outputs[k * n_outputs ...]. All is checked before the first is written.
NC_API nc_status nc_program_run_many(nc_context* context, const nc_program* program, int32_t count,
                                     const nc_tensor* inputs, const nc_scalar* parameters, const nc_tensor* outputs);

#ifdef __cplusplus
}
#endif

#endif
