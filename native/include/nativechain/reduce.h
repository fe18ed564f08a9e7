// Reductions over any axes, of a tensor or of what a program makes of several (map-reduce).
#ifndef NATIVECHAIN_REDUCE_H
#define NATIVECHAIN_REDUCE_H

#include "nativechain/base.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef int32_t nc_reduction;
enum nc_reduction_code {
  NC_REDUCE_SUM = 0,
  NC_REDUCE_MEAN = 1,     // sum over the number of elements; NaN where that is 0. Floating point only
  NC_REDUCE_PROD = 2,
  NC_REDUCE_MIN = 3,      // NaN if any is NaN; refuses an empty set
  NC_REDUCE_MAX = 4,
  NC_REDUCE_ARGMIN = 5,   // index of the first, counted in C order over the reduced axes; the first NaN wins
  NC_REDUCE_ARGMAX = 6
};

// Reduces what the program makes of the inputs. The inputs are broadcast against each other to one shape; every output
// has as many axes, and an axis where the output's extent is 1 is reduced (kept as an axis of 1). Output k takes what the
// program stores into k. A null program reads inputs[0] alone into one output, computing in float32 for float16,
// bfloat16 and float32, in float64 for float64 and in int64 for the rest. No output may overlap an input.
// Sums of floating point are pairwise over fixed blocks: the result depends on neither threads nor timing.
NC_API nc_status nc_reduce(nc_context* context, int32_t reduction, const nc_program* program, const nc_tensor* inputs,
                           int32_t n_inputs, const nc_scalar* parameters, const nc_tensor* outputs);

#ifdef __cplusplus
}
#endif

#endif
