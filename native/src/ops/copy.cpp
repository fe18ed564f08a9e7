// Copy, cast and fill: checks, one table slot each.
#include "nativechain/copy.h"

#include "core/backend.hpp"
#include "core/tensor.hpp"

using namespace nc;

nc_status nc_copy(nc_context* context, const nc_tensor* x, const nc_tensor* y) {
  return guard("nc_copy", [&] {
    check_not_null("context", context);
    check_not_null("x", x);
    check_not_null("y", y);
    // Between devices one side may be host memory; the context's device does the work.
    const nc_context host = {nullptr, NC_CPU, 0, nullptr, nullptr};
    const bool x_on_host = x->device_type == NC_CPU, y_on_host = y->device_type == NC_CPU;
    check_tensor(x_on_host && !y_on_host ? &host : context, "x", x);
    check_output(y_on_host && !x_on_host ? &host : context, "y", y);
    const nc_tensor from = same_shape(*x, *y) ? *x : broadcast_to("x", *x, y->ndim, y->shape);
    check_overlap("x", from, "y", *y, Aliasing::exact);
    if (size_of(*y) == 0) return;
    NC_CALL(context, copy, y->dtype, context->state, &from, y);
  });
}

nc_status nc_fill(nc_context* context, nc_scalar value, const nc_tensor* y) {
  return guard("nc_fill", [&] {
    check_output(context, "y", y);
    check_scalar(context, "value", value, "y", *y);
    if (size_of(*y) == 0) return;
    NC_CALL(context, fill, y->dtype, context->state, &value, y);
  });
}
