// Normalization to mean 0 and variance 1 over any axes: batch, layer, group and instance normalization are the same
// kernel over other axes.
#ifndef NATIVECHAIN_NORMALIZATION_H
#define NATIVECHAIN_NORMALIZATION_H

#include "nativechain/base.h"

#ifdef __cplusplus
extern "C" {
#endif

// mean and variance have x's number of axes; an axis where their extent is 1 is reduced, as in nc_reduce. gamma and beta:
// null (1 and 0), or broadcast to x, of the dtype of mean and variance. x and y: floating point of one dtype; mean and
// variance, gamma and beta: one floating point dtype. Computed in float32, or float64 where any of them is float64; y
// and gx are found in a second reading of x. The result depends on neither threads nor timing.

// y = (x - mean) / sqrt(variance + eps) * gamma + beta, of the mean and the (biased) variance of x, which are written too; of an
// empty set they are NaN. y may be x; null: the mean and the variance alone, in one reading of x.
NC_API nc_status nc_normalization(nc_context* context, const nc_tensor* x, const nc_tensor* gamma, const nc_tensor* beta,
                                  double eps, const nc_tensor* y, const nc_tensor* mean, const nc_tensor* variance);

// The gradients of the above. ggamma and gbeta: null, or of x's number of axes, with an extent of 1 where they are
// reduced. gx: null, or of x's shape; it may be gy.
NC_API nc_status nc_normalization_grad(nc_context* context, const nc_tensor* x, const nc_tensor* gamma,
                                       const nc_tensor* gy, const nc_tensor* mean, const nc_tensor* variance, double eps,
                                       const nc_tensor* gx, const nc_tensor* ggamma, const nc_tensor* gbeta);

#ifdef __cplusplus
}
#endif

#endif
