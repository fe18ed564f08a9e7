// Reading and writing elements by index arrays and boolean masks.
#ifndef NATIVECHAIN_INDEX_H
#define NATIVECHAIN_INDEX_H

#include "nativechain/base.h"

#ifdef __cplusplus
extern "C" {
#endif

// The indexed view of x: n index tensors (int32 or int64, broadcast to one shape I) select along axes[0] < axes[1] < ...
// of x; it has shape I followed by the axes of x that are not indexed. A negative index counts from the end. Any
// index outside [-extent, extent) is NC_INDEX_OUT_OF_RANGE before anything is written.

// y = the indexed view of x; y has x's dtype.
NC_API nc_status nc_gather(nc_context* context, const nc_tensor* x, const nc_tensor* indices, const int32_t* axes,
                           int32_t n, const nc_tensor* y);

// The indexed view of y = x, broadcast to it, in C order: of several writes to one element the last stays.
NC_API nc_status nc_scatter(nc_context* context, const nc_tensor* x, const nc_tensor* indices, const int32_t* axes,
                            int32_t n, const nc_tensor* y);

// The indexed view of y += x, broadcast to it; an element that is indexed twice takes both, in C order.
NC_API nc_status nc_scatter_add(nc_context* context, const nc_tensor* x, const nc_tensor* indices, const int32_t* axes,
                                int32_t n, const nc_tensor* y);

// Coordinates of the elements of x that are not zero, in C order. y: (ndim of x, count) int64, where count is how many
// there are (nc_reduce counts them); any other count is NC_INVALID_SHAPE. With nc_gather and nc_scatter: boolean masks.
NC_API nc_status nc_nonzero(nc_context* context, const nc_tensor* x, const nc_tensor* y);

#ifdef __cplusplus
}
#endif

#endif
