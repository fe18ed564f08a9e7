// Convolutions over one to three spatial axes, with stride, padding, dilation and groups, and the two products that
// their gradients are. The product with a transposed convolution is the gradient by the data: deconvolution.
#ifndef NATIVECHAIN_CONVOLUTION_H
#define NATIVECHAIN_CONVOLUTION_H

#include "nativechain/base.h"

#ifdef __cplusplus
extern "C" {
#endif

// How a window moves. Entries past the number of spatial axes do not count.
typedef struct nc_convolution {
  int64_t stride[NC_MAX_SPATIAL];    // at least 1
  int64_t padding[NC_MAX_SPATIAL];   // zeros before the first and after the last element, at least 0
  int64_t dilation[NC_MAX_SPATIAL];  // from one element of the filter to the next, at least 1
  int64_t groups;                    // at least 1; channels of group g see those of group g alone
} nc_convolution;

// x: (N, C, d...), W: (O, C / groups, k...), y: (N, O, o...); floating point of one dtype, one to three spatial axes. y's
// extents say how many positions are computed: at most (d + 2 padding - dilation (k - 1) - 1) / stride + 1, the quotient
// rounded up (what lies beyond the padding counts as 0). Any strides; those of memory in the order of the axes are the fastest.
// float16 and bfloat16 accumulate in float32. No output may overlap an input.

// y[n, o, p] = sum over c, q of W[o, c, q] * x[n, c, p * stride + q * dilation - padding], or what a program makes of it: as
// in nc_matmul, its input 0 is the sum, inputs 1 and up are extras[0 ...] broadcast to y (a bias (O, 1...), or y itself).
NC_API nc_status nc_convolution_forward(nc_context* context, const nc_tensor* x, const nc_tensor* W,
                                        const nc_convolution* convolution, const nc_program* program,
                                        const nc_tensor* extras, const nc_scalar* parameters, const nc_tensor* y);

// The gradient by x, for gy of y's shape, or what a program makes of it (its extras are broadcast to gx): deconvolution.
NC_API nc_status nc_convolution_data(nc_context* context, const nc_tensor* gy, const nc_tensor* W,
                                     const nc_convolution* convolution, const nc_program* program,
                                     const nc_tensor* extras, const nc_scalar* parameters, const nc_tensor* gx);

// The gradient by W: gW[o, c, q] = sum over n, p of gy[n, o, p] * x[n, c, p * stride + q * dilation - padding].
NC_API nc_status nc_convolution_filter(nc_context* context, const nc_tensor* x, const nc_tensor* gy,
                                       const nc_convolution* convolution, const nc_tensor* gW);

#ifdef __cplusplus
}
#endif

#endif
