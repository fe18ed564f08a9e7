// Sorting along an axis.
#ifndef NATIVECHAIN_SORT_H
#define NATIVECHAIN_SORT_H

#include "nativechain/base.h"

#ifdef __cplusplus
extern "C" {
#endif

// Sorts along axis, ascending and stable; NaN comes last. y: null, or of x's shape and dtype: the elements; it may be x.
// indices: null, or of x's shape, int32 or int64: where they stood. One of the two at least.
NC_API nc_status nc_sort(nc_context* context, const nc_tensor* x, int32_t axis, const nc_tensor* y,
                         const nc_tensor* indices);

#ifdef __cplusplus
}
#endif

#endif
