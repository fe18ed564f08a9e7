#include "nativechain/normalization.h"

#include "core/backend.hpp"
#include "core/tensor.hpp"

namespace nc {
namespace {

void check_statistic(const nc_context* ctx, const char* name, const nc_tensor* t, const nc_tensor& x) {
  check_tensor(ctx, name, t);
  check_floating(name, *t);
  bool fits = t->ndim == x.ndim;
  for (int i = 0; fits && i < x.ndim; i++) fits = t->shape[i] == 1 || t->shape[i] == x.shape[i];
  if (!fits)
    fail(NC_INVALID_SHAPE, "%s %s: needs x's number of axes, each of extent 1 or that of x %s", name,
         shape_text(*t).c_str(), shape_text(x).c_str());
}

void check_statistics(const nc_context* ctx, const nc_tensor& x, const nc_tensor* mean, const nc_tensor* variance) {
  check_statistic(ctx, "mean", mean, x);
  check_statistic(ctx, "variance", variance, x);
  check_same_shape("mean", *mean, "variance", *variance);
  check_same_dtype("mean", *mean, "variance", *variance);
}

// gamma or beta as x sees it; null stays null.
const nc_tensor* check_factor(const nc_context* ctx, const char* name, const nc_tensor* t, const nc_tensor& mean,
                              const nc_tensor& x, nc_tensor* full) {
  if (!t) return nullptr;
  check_tensor(ctx, name, t);
  check_same_dtype("mean", mean, name, *t);
  *full = broadcast_to(name, *t, x.ndim, x.shape);
  return full;
}

void check_data(const nc_context* ctx, const char* x_name, const nc_tensor& x, const char* y_name, const nc_tensor* y) {
  check_tensor(ctx, y_name, y);
  check_same_dtype(x_name, x, y_name, *y);
  check_same_shape(x_name, x, y_name, *y);
}

}  // namespace
}  // namespace nc

using namespace nc;

nc_status nc_normalization(nc_context* context, const nc_tensor* x, const nc_tensor* gamma, const nc_tensor* beta,
                           double eps, const nc_tensor* y, const nc_tensor* mean, const nc_tensor* variance) {
  return guard("nc_normalization", [&] {
    check_not_null("context", context);
    check_tensor(context, "x", x);
    check_floating("x", *x);
    if (y) check_data(context, "x", *x, "y", y);
    check_statistics(context, *x, mean, variance);
    nc_tensor full_gamma, full_beta;
    const nc_tensor* g = check_factor(context, "gamma", gamma, *mean, *x, &full_gamma);
    const nc_tensor* b = check_factor(context, "beta", beta, *mean, *x, &full_beta);
    struct Output {
      const char* name;
      const nc_tensor* t;
    } const outputs[] = {{"y", y}, {"mean", mean}, {"variance", variance}};
    for (const Output& output : outputs) {
      if (!output.t) continue;
      check_output(context, output.name, output.t);
      check_overlap("x", *x, output.name, *output.t, output.t == y ? Aliasing::exact : Aliasing::none);
      if (gamma) check_overlap("gamma", *gamma, output.name, *output.t, Aliasing::none);
      if (beta) check_overlap("beta", *beta, output.name, *output.t, Aliasing::none);
    }
    if (y) check_overlap("mean", *mean, "y", *y, Aliasing::none);
    if (y) check_overlap("variance", *variance, "y", *y, Aliasing::none);
    check_overlap("mean", *mean, "variance", *variance, Aliasing::none);
    if (size_of(*mean) == 0) return;
    NC_CALL(context, normalization, x->dtype, context->state, x, g, b, eps, y, mean, variance);
  });
}

nc_status nc_normalization_grad(nc_context* context, const nc_tensor* x, const nc_tensor* gamma, const nc_tensor* gy,
                                const nc_tensor* mean, const nc_tensor* variance, double eps, const nc_tensor* gx,
                                const nc_tensor* ggamma, const nc_tensor* gbeta) {
  return guard("nc_normalization_grad", [&] {
    check_not_null("context", context);
    check_tensor(context, "x", x);
    check_floating("x", *x);
    check_data(context, "x", *x, "gy", gy);
    check_statistics(context, *x, mean, variance);
    nc_tensor full_gamma;
    const nc_tensor* g = check_factor(context, "gamma", gamma, *mean, *x, &full_gamma);
    if (gx) check_data(context, "x", *x, "gx", gx);
    struct Output {
      const char* name;
      const nc_tensor* t;
    } const outputs[] = {{"gx", gx}, {"ggamma", ggamma}, {"gbeta", gbeta}};
    for (const Output& output : outputs) {
      if (!output.t) continue;
      check_output(context, output.name, output.t);
      if (output.t != gx) {
        check_statistic(context, output.name, output.t, *x);
        check_same_dtype("mean", *mean, output.name, *output.t);
      }
      check_overlap("x", *x, output.name, *output.t, Aliasing::none);
      check_overlap("gy", *gy, output.name, *output.t, output.t == gx ? Aliasing::exact : Aliasing::none);
      check_overlap("mean", *mean, output.name, *output.t, Aliasing::none);
      check_overlap("variance", *variance, output.name, *output.t, Aliasing::none);
      if (gamma) check_overlap("gamma", *gamma, output.name, *output.t, Aliasing::none);
      for (const Output& other : outputs) {
        if (&other == &output) break;
        if (other.t) check_overlap(other.name, *other.t, output.name, *output.t, Aliasing::none);
      }
    }
    if (!gx && !ggamma && !gbeta) return;
    NC_CALL(context, normalization_grad, x->dtype, context->state, x, g, gy, mean, variance, eps, gx, ggamma, gbeta);
  });
}
