// Running sums, products, minima and maxima along an axis, and the linear recurrence.
#ifndef NATIVECHAIN_SCAN_H
#define NATIVECHAIN_SCAN_H

#include "nativechain/base.h"
#include "nativechain/reduce.h"

#ifdef __cplusplus
extern "C" {
#endif

// y[i] = x[0] + ... + x[i] along axis; reduction: NC_REDUCE_SUM, _PROD, _MIN or _MAX (from a NaN on, NaN). x and y: one
// shape. x is cast to y's dtype first, as in nc_copy; float16 and bfloat16 accumulate in float32. y may be x. A view with
// a negative stride runs from the other end.
NC_API nc_status nc_scan(nc_context* context, int32_t reduction, const nc_tensor* x, int32_t axis, const nc_tensor* y);

// y[0] = b[0], y[i] = a[i - 1] * y[i - 1] + b[i] along axis, each rounded twice. Floating point of one dtype; b and y: one
// shape, a: the same with one element less along axis. float16 and bfloat16 accumulate in float32. y may be b.
NC_API nc_status nc_linear_scan(nc_context* context, const nc_tensor* a, const nc_tensor* b, int32_t axis,
                                const nc_tensor* y);

#ifdef __cplusplus
}
#endif

#endif
