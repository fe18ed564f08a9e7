// Pooling over one to three spatial axes, with the gradients, and what undoes it.
#ifndef NATIVECHAIN_POOLING_H
#define NATIVECHAIN_POOLING_H

#include "nativechain/base.h"

#ifdef __cplusplus
extern "C" {
#endif

// A window and how it moves. Entries past the number of spatial axes do not count.
typedef struct nc_window {
  int64_t size[NC_MAX_SPATIAL];      // at least 1
  int64_t stride[NC_MAX_SPATIAL];    // at least 1
  int64_t padding[NC_MAX_SPATIAL];   // before the first and after the last element, at least 0
  int64_t dilation[NC_MAX_SPATIAL];  // from one element of the window to the next, at least 1
} nc_window;

// What an average is divided by.
typedef int32_t nc_divisor;
enum nc_divisor_code {
  NC_DIVISOR_ONE = 0,    // it is the sum
  NC_DIVISOR_SIZE = 1,   // the window's size, padding included
  NC_DIVISOR_COUNT = 2   // the number of elements of x in the window; 0 / 0 is NaN
};

// x: (N, C, d...), y: (N, C, o...); floating point of one dtype, one to three spatial axes. y's extents say how many
// positions there are: at most (d + 2 padding - dilation (size - 1) - 1) / stride + 1, the quotient rounded up. Padding
// is never the largest, and adds 0 to a sum. Any strides. No output may overlap an input.

// The largest element of each window; NaN wins; a window without an element gives -infinity. indices: null, or of y's shape,
// int32 or int64: the first position of that element in the window, counted in C order over its size (0 without an element).
NC_API nc_status nc_max_pooling(nc_context* context, const nc_tensor* x, const nc_window* window, const nc_tensor* y,
                                const nc_tensor* indices);

// The gradient by x: gx = 0, then gx[position that indices names] += gy. An index outside the window is
// NC_INDEX_OUT_OF_RANGE before anything is written; one that lies in the padding adds to nothing.
NC_API nc_status nc_max_pooling_grad(nc_context* context, const nc_tensor* gy, const nc_tensor* indices,
                                     const nc_window* window, const nc_tensor* gx);

// y = x[position that indices names], what the gradient of nc_max_pooling_grad needs; 0 in the padding.
NC_API nc_status nc_max_pooling_gather(nc_context* context, const nc_tensor* x, const nc_tensor* indices,
                                       const nc_window* window, const nc_tensor* y);

// The average (or sum) of each window.
NC_API nc_status nc_average_pooling(nc_context* context, const nc_tensor* x, const nc_window* window, nc_divisor divisor,
                                    const nc_tensor* y);

// The gradient by x: each element the sum of gy / divisor over the windows that hold it (of 1: unpooling).
NC_API nc_status nc_average_pooling_grad(nc_context* context, const nc_tensor* gy, const nc_window* window,
                                         nc_divisor divisor, const nc_tensor* gx);

#ifdef __cplusplus
}
#endif

#endif
