// Copy, cast and fill.
#ifndef NATIVECHAIN_COPY_H
#define NATIVECHAIN_COPY_H

#include "nativechain/base.h"

#ifdef __cplusplus
extern "C" {
#endif

// y = x, cast to y's dtype. x is broadcast to y's shape as in NumPy. Any strides; y must not overlap itself, nor x except
// where both are the same view with the same dtype. Floating point to integer truncates towards zero and saturates
// (NaN gives 0); to bool, non-zero is 1; integers wrap. One of the two may lie on another device than the context's.
NC_API nc_status nc_copy(nc_context* context, const nc_tensor* x, const nc_tensor* y);

// y = value everywhere, cast to y's dtype as in nc_copy (integers read value.i64, floating point and bool value.f64).
NC_API nc_status nc_fill(nc_context* context, nc_scalar value, const nc_tensor* y);

#ifdef __cplusplus
}
#endif

#endif
