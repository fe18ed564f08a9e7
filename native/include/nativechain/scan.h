// Running sums, products, minima and maxima along an axis.
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

#ifdef __cplusplus
}
#endif

#endif
