// Softmax, log-softmax and softmax cross entropy, with their gradients. Floating point; computed in float32, or float64
// for float64.
#ifndef NATIVECHAIN_SOFTMAX_H
#define NATIVECHAIN_SOFTMAX_H

#include "nativechain/base.h"

#ifdef __cplusplus
extern "C" {
#endif

// y = exp(x - max) / sum(exp(x - max)) along axis. y may be x.
NC_API nc_status nc_softmax(nc_context* context, const nc_tensor* x, int32_t axis, const nc_tensor* y);

// gx = y * (gy - sum(gy * y)) along axis. gx may be gy or y.
NC_API nc_status nc_softmax_grad(nc_context* context, const nc_tensor* y, const nc_tensor* gy, int32_t axis,
                                 const nc_tensor* gx);

// y = x - max - log(sum(exp(x - max))) along axis. y may be x.
NC_API nc_status nc_log_softmax(nc_context* context, const nc_tensor* x, int32_t axis, const nc_tensor* y);

// gx = gy - exp(y) * sum(gy) along axis. gx may be gy or y.
NC_API nc_status nc_log_softmax_grad(nc_context* context, const nc_tensor* y, const nc_tensor* gy, int32_t axis,
                                     const nc_tensor* gx);

// x: (N, C, d1, ...) scores, t: (N, d1, ...) int32 or int64 class indices, weight: (C) or null.
// log_p = log_softmax(x, 1); loss (N, d1, ...) = -weight[t] * log_p[t], 0 where t is ignore_label. Any other t outside [0, C) is
// NC_INDEX_OUT_OF_RANGE before anything is written. log_p may be x.
NC_API nc_status nc_softmax_cross_entropy(nc_context* context, const nc_tensor* x, const nc_tensor* t,
                                          const nc_tensor* weight, int64_t ignore_label, const nc_tensor* log_p,
                                          const nc_tensor* loss);

// gx = g * weight[t] * (exp(log_p) - onehot(t)), 0 where t is ignore_label. g: broadcast to (N, d1, ...). gx may be log_p.
NC_API nc_status nc_softmax_cross_entropy_grad(nc_context* context, const nc_tensor* log_p, const nc_tensor* t,
                                               const nc_tensor* weight, int64_t ignore_label, const nc_tensor* g,
                                               const nc_tensor* gx);

#ifdef __cplusplus
}
#endif

#endif
