// Matrix products.
#ifndef NATIVECHAIN_MATMUL_H
#define NATIVECHAIN_MATMUL_H

#include "nativechain/base.h"

#ifdef __cplusplus
extern "C" {
#endif

// y = a . b, or what a program makes of it. a: (..., M, K), b: (..., K, N), y: (..., M, N); leading axes are broadcast to
// y's. Any strides: a transposed view costs nothing. a, b and y have one dtype; float16 and bfloat16 accumulate in
// float32, integers in int64. The program's input 0 is the product in its compute dtype (float32, float64, or int64 for
// integers), inputs 1 and up are extras[0 ...] broadcast to y (a bias, or y itself to accumulate), its one output is y.
// y must not overlap a or b; an extra may be the same view as y.
NC_API nc_status nc_matmul(nc_context* context, const nc_tensor* a, const nc_tensor* b, const nc_program* program,
                           const nc_tensor* extras, const nc_scalar* parameters, const nc_tensor* y);

#ifdef __cplusplus
}
#endif

#endif
