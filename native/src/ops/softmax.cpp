#include "nativechain/softmax.h"

#include "core/backend.hpp"
#include "core/tensor.hpp"

namespace nc {
namespace {

// x and y: floating point, one shape and dtype; y may be x.
void check_pair(const nc_context* ctx, const char* x_name, const nc_tensor* x, const char* y_name, const nc_tensor* y) {
  check_tensor(ctx, x_name, x);
  check_output(ctx, y_name, y);
  check_floating(x_name, *x);
  check_same_dtype(x_name, *x, y_name, *y);
  check_same_shape(x_name, *x, y_name, *y);
  check_overlap(x_name, *x, y_name, *y, Aliasing::exact);
}

// t: class indices of the shape of x without its axis 1; weight: null or (C).
void check_labels(const nc_context* ctx, const char* x_name, const nc_tensor& x, const nc_tensor* t,
                  const nc_tensor* weight) {
  if (x.ndim < 2) fail(NC_INVALID_SHAPE, "%s: needs two axes or more, has shape %s", x_name, shape_text(x).c_str());
  check_tensor(ctx, "t", t);
  if (t->dtype != NC_INT32 && t->dtype != NC_INT64)
    fail(NC_INVALID_DTYPE, "t: needs int32 or int64, is %s", nc_dtype_name(t->dtype));
  bool fits = t->ndim == x.ndim - 1 && t->shape[0] == x.shape[0];
  for (int i = 1; fits && i < t->ndim; i++) fits = t->shape[i] == x.shape[i + 1];
  if (!fits)
    fail(NC_INVALID_SHAPE, "t: shape %s is not that of %s without axis 1, %s", shape_text(*t).c_str(), x_name,
         shape_text(x).c_str());
  if (!weight) return;
  check_tensor(ctx, "weight", weight);
  check_same_dtype(x_name, x, "weight", *weight);
  if (weight->ndim != 1 || weight->shape[0] != x.shape[1])
    fail(NC_INVALID_SHAPE, "weight: shape %s, needs (%lld)", shape_text(*weight).c_str(),
         static_cast<long long>(x.shape[1]));
}

}  // namespace
}  // namespace nc

extern "C" nc_status nc_softmax(nc_context* context, const nc_tensor* x, int32_t axis, const nc_tensor* y) {
  return nc::guard("nc_softmax", [&] {
    using namespace nc;
    check_not_null("context", context);
    check_pair(context, "x", x, "y", y);
    check_axis("axis", axis, x->ndim);
    if (size_of(*y) == 0) return;
    NC_CALL(context, softmax, y->dtype, context->state, x, axis, y);
  });
}

extern "C" nc_status nc_softmax_grad(nc_context* context, const nc_tensor* y, const nc_tensor* gy, int32_t axis,
                                     const nc_tensor* gx) {
  return nc::guard("nc_softmax_grad", [&] {
    using namespace nc;
    check_not_null("context", context);
    check_pair(context, "y", y, "gx", gx);
    check_pair(context, "gy", gy, "gx", gx);
    check_axis("axis", axis, y->ndim);
    if (size_of(*gx) == 0) return;
    NC_CALL(context, softmax_grad, gx->dtype, context->state, y, gy, axis, gx);
  });
}

extern "C" nc_status nc_log_softmax(nc_context* context, const nc_tensor* x, int32_t axis, const nc_tensor* y) {
  return nc::guard("nc_log_softmax", [&] {
    using namespace nc;
    check_not_null("context", context);
    check_pair(context, "x", x, "y", y);
    check_axis("axis", axis, x->ndim);
    if (size_of(*y) == 0) return;
    NC_CALL(context, log_softmax, y->dtype, context->state, x, axis, y);
  });
}

extern "C" nc_status nc_log_softmax_grad(nc_context* context, const nc_tensor* y, const nc_tensor* gy, int32_t axis,
                                         const nc_tensor* gx) {
  return nc::guard("nc_log_softmax_grad", [&] {
    using namespace nc;
    check_not_null("context", context);
    check_pair(context, "y", y, "gx", gx);
    check_pair(context, "gy", gy, "gx", gx);
    check_axis("axis", axis, y->ndim);
    if (size_of(*gx) == 0) return;
    NC_CALL(context, log_softmax_grad, gx->dtype, context->state, y, gy, axis, gx);
  });
}

extern "C" nc_status nc_softmax_cross_entropy(nc_context* context, const nc_tensor* x, const nc_tensor* t,
                                              const nc_tensor* weight, int64_t ignore_label, const nc_tensor* log_p,
                                              const nc_tensor* loss) {
  return nc::guard("nc_softmax_cross_entropy", [&] {
    using namespace nc;
    check_not_null("context", context);
    check_pair(context, "x", x, "log_p", log_p);
    check_labels(context, "x", *x, t, weight);
    check_output(context, "loss", loss);
    check_same_dtype("x", *x, "loss", *loss);
    check_same_shape("t", *t, "loss", *loss);
    check_overlap("t", *t, "log_p", *log_p, Aliasing::none);
    check_overlap("x", *x, "loss", *loss, Aliasing::none);
    check_overlap("t", *t, "loss", *loss, Aliasing::none);
    check_overlap("log_p", *log_p, "loss", *loss, Aliasing::none);
    if (weight) {
      check_overlap("weight", *weight, "log_p", *log_p, Aliasing::none);
      check_overlap("weight", *weight, "loss", *loss, Aliasing::none);
    }
    if (size_of(*loss) == 0) return;
    NC_CALL(context, softmax_cross_entropy, loss->dtype, context->state, x, t, weight, ignore_label, log_p, loss);
  });
}

extern "C" nc_status nc_softmax_cross_entropy_grad(nc_context* context, const nc_tensor* log_p, const nc_tensor* t,
                                                   const nc_tensor* weight, int64_t ignore_label, const nc_tensor* g,
                                                   const nc_tensor* gx) {
  return nc::guard("nc_softmax_cross_entropy_grad", [&] {
    using namespace nc;
    check_not_null("context", context);
    check_pair(context, "log_p", log_p, "gx", gx);
    check_labels(context, "log_p", *log_p, t, weight);
    check_tensor(context, "g", g);
    check_same_dtype("log_p", *log_p, "g", *g);
    const nc_tensor full_g = broadcast_to("g", *g, t->ndim, t->shape);
    check_overlap("t", *t, "gx", *gx, Aliasing::none);
    check_overlap("g", *g, "gx", *gx, Aliasing::none);
    if (weight) check_overlap("weight", *weight, "gx", *gx, Aliasing::none);
    if (size_of(*gx) == 0 && size_of(*t) == 0) return;
    NC_CALL(context, softmax_cross_entropy_grad, gx->dtype, context->state, log_p, t, weight, ignore_label, &full_g,
            gx);
  });
}
