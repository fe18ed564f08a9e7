#include "nativechain/pooling.h"

#include "core/backend.hpp"
#include "ops/window.hpp"

namespace nc {
namespace {

// x (N, C, d...) and y (N, C, o...), whichever is the output. Gives the window with every entry filled.
nc_window check_pair(const nc_context* ctx, const char* x_name, const nc_tensor* x, const nc_window* window,
                     const char* y_name, const nc_tensor* y) {
  check_not_null("context", ctx);
  check_tensor(ctx, x_name, x);
  check_tensor(ctx, y_name, y);
  check_not_null("window", window);
  check_image(x_name, *x);
  check_same_dtype(x_name, *x, y_name, *y);
  if (y->ndim != x->ndim || y->shape[0] != x->shape[0] || y->shape[1] != x->shape[1])
    fail(NC_INVALID_SHAPE, "%s %s: needs the first two extents and the number of axes of %s %s", y_name,
         shape_text(*y).c_str(), x_name, shape_text(*x).c_str());
  nc_window full = *window;
  for (int i = 0; i < NC_MAX_SPATIAL; i++) {
    if (i >= x->ndim - 2) {
      full.size[i] = full.stride[i] = full.dilation[i] = 1;
      full.padding[i] = 0;
      continue;
    }
    check_window_entry("size", i, full.size[i], 1);
    check_window_entry("stride", i, full.stride[i], 1);
    check_window_entry("padding", i, full.padding[i], 0);
    check_window_entry("dilation", i, full.dilation[i], 1);
    check_positions(y_name, *y, x_name, *x, i, full.size[i], full.stride[i], full.padding[i], full.dilation[i]);
  }
  return full;
}

void check_indices(const nc_context* ctx, const nc_tensor* indices, const char* y_name, const nc_tensor& y) {
  check_tensor(ctx, "indices", indices);
  if (indices->dtype != NC_INT32 && indices->dtype != NC_INT64)
    fail(NC_INVALID_DTYPE, "indices: needs int32 or int64, is %s", nc_dtype_name(indices->dtype));
  check_same_shape(y_name, y, "indices", *indices);
}

void check_divisor(nc_divisor divisor) {
  if (divisor < NC_DIVISOR_ONE || divisor > NC_DIVISOR_COUNT)
    fail(NC_INVALID_ARGUMENT, "divisor is %d, which none has", divisor);
}

}  // namespace
}  // namespace nc

using namespace nc;

nc_status nc_max_pooling(nc_context* context, const nc_tensor* x, const nc_window* window, const nc_tensor* y,
                         const nc_tensor* indices) {
  return guard("nc_max_pooling", [&] {
    const nc_window full = check_pair(context, "x", x, window, "y", y);
    check_output(context, "y", y);
    check_overlap("x", *x, "y", *y, Aliasing::none);
    if (indices) {
      check_indices(context, indices, "y", *y);
      check_output(context, "indices", indices);
      check_overlap("x", *x, "indices", *indices, Aliasing::none);
      check_overlap("y", *y, "indices", *indices, Aliasing::none);
    }
    if (size_of(*y) == 0) return;
    NC_CALL(context, max_pooling, y->dtype, context->state, x, &full, y, indices);
  });
}

nc_status nc_max_pooling_grad(nc_context* context, const nc_tensor* gy, const nc_tensor* indices,
                              const nc_window* window, const nc_tensor* gx) {
  return guard("nc_max_pooling_grad", [&] {
    const nc_window full = check_pair(context, "gx", gx, window, "gy", gy);
    check_indices(context, indices, "gy", *gy);
    check_output(context, "gx", gx);
    check_overlap("gy", *gy, "gx", *gx, Aliasing::none);
    check_overlap("indices", *indices, "gx", *gx, Aliasing::none);
    if (size_of(*gx) == 0) return;
    NC_CALL(context, max_pooling_grad, gx->dtype, context->state, gy, indices, &full, gx);
  });
}

nc_status nc_max_pooling_gather(nc_context* context, const nc_tensor* x, const nc_tensor* indices,
                                const nc_window* window, const nc_tensor* y) {
  return guard("nc_max_pooling_gather", [&] {
    const nc_window full = check_pair(context, "x", x, window, "y", y);
    check_indices(context, indices, "y", *y);
    check_output(context, "y", y);
    check_overlap("x", *x, "y", *y, Aliasing::none);
    check_overlap("indices", *indices, "y", *y, Aliasing::none);
    if (size_of(*y) == 0) return;
    NC_CALL(context, max_pooling_gather, y->dtype, context->state, x, indices, &full, y);
  });
}

nc_status nc_average_pooling(nc_context* context, const nc_tensor* x, const nc_window* window, nc_divisor divisor,
                             const nc_tensor* y) {
  return guard("nc_average_pooling", [&] {
    const nc_window full = check_pair(context, "x", x, window, "y", y);
    check_divisor(divisor);
    check_output(context, "y", y);
    check_overlap("x", *x, "y", *y, Aliasing::none);
    if (size_of(*y) == 0) return;
    NC_CALL(context, average_pooling, y->dtype, context->state, x, &full, divisor, y);
  });
}

nc_status nc_average_pooling_grad(nc_context* context, const nc_tensor* gy, const nc_window* window, nc_divisor divisor,
                                  const nc_tensor* gx) {
  return guard("nc_average_pooling_grad", [&] {
    const nc_window full = check_pair(context, "gx", gx, window, "gy", gy);
    check_divisor(divisor);
    check_output(context, "gx", gx);
    check_overlap("gy", *gy, "gx", *gx, Aliasing::none);
    if (size_of(*gx) == 0) return;
    NC_CALL(context, average_pooling_grad, gx->dtype, context->state, gy, &full, divisor, gx);
  });
}
