// Matrix products.
#ifndef NATIVECHAIN_MATMUL_H
#define NATIVECHAIN_MATMUL_H

#include "nativechain/base.h"

#ifdef __cplusplus
extern "C" {
#endif

// y = a . b, or what a program makes of it. a: (..., M, K), b: (..., K, N), y: (..., M, N); leading axes are broadcast to
// y's. Any strides: a transposed view costs nothing. a, b and y have one dtype, or y is float32 where a and b are float16
// or bfloat16, which accumulate in float32; integers accumulate in int64. The program's input 0 is the product in its
// compute dtype (float32, float64, or int64 for integers), inputs 1 and up are extras[0 ...] broadcast to y (a bias, or y
// itself to accumulate), its one output is y. y must not overlap a or b; an extra may be the same view as y.
NC_API nc_status nc_matmul(nc_context* context, const nc_tensor* a, const nc_tensor* b, const nc_program* program,
                           const nc_tensor* extras, const nc_scalar* parameters, const nc_tensor* y);

// The least precision of the operands of a product of float32 matrices.
typedef int32_t nc_matmul_precision;
enum nc_matmul_precision_code {
  NC_MATMUL_FLOAT32 = 0,  // all bits of the operands: nc_matmul
  // The operands may be rounded to bfloat16 (8 bits, to nearest even; denormals to 0) as they are read, which leaves an
  // error of at most 2^-8 of the sum of |a| |b|. Products are still summed, and y kept, in float32. Done where it pays: on
  // CPUs whose nc_cpu_isa is "avx3_bf16" or "amx", for matrices of at least 16 rows and columns; on CUDA devices of compute
  // capability 8.0 and up, whose tensor cores keep 11 bits (TF32); else as NC_MATMUL_FLOAT32.
  NC_MATMUL_BFLOAT16 = 1
};

// nc_matmul, whose float32 operands may be read in less precision; other dtypes are as they are there.
NC_API nc_status nc_matmul_with(nc_context* context, int32_t precision, const nc_tensor* a, const nc_tensor* b,
                                const nc_program* program, const nc_tensor* extras, const nc_scalar* parameters,
                                const nc_tensor* y);

#ifdef __cplusplus
}
#endif

#endif
