#include "nativechain/scan.h"

#include "core/backend.hpp"
#include "core/tensor.hpp"

using namespace nc;

nc_status nc_scan(nc_context* context, int32_t reduction, const nc_tensor* x, int32_t axis, const nc_tensor* y) {
  return guard("nc_scan", [&] {
    check_not_null("context", context);
    if (reduction != NC_REDUCE_SUM && reduction != NC_REDUCE_PROD && reduction != NC_REDUCE_MIN &&
        reduction != NC_REDUCE_MAX)
      fail(NC_INVALID_ARGUMENT, "reduction is %d; a scan is of a sum, product, minimum or maximum", reduction);
    check_tensor(context, "x", x);
    check_output(context, "y", y);
    check_same_shape("x", *x, "y", *y);
    check_axis("axis", axis, x->ndim);
    check_overlap("x", *x, "y", *y, Aliasing::exact);
    if (size_of(*y) == 0) return;
    NC_CALL(context, scan, y->dtype, context->state, reduction, x, axis, y);
  });
}

nc_status nc_linear_scan(nc_context* context, const nc_tensor* a, const nc_tensor* b, int32_t axis,
                         const nc_tensor* y) {
  return guard("nc_linear_scan", [&] {
    check_not_null("context", context);
    check_tensor(context, "a", a);
    check_tensor(context, "b", b);
    check_output(context, "y", y);
    check_floating("y", *y);
    check_same_dtype("a", *a, "y", *y);
    check_same_dtype("b", *b, "y", *y);
    check_same_shape("b", *b, "y", *y);
    check_axis("axis", axis, y->ndim);
    nc_tensor shorter = *y;
    shorter.shape[axis] = y->shape[axis] > 0 ? y->shape[axis] - 1 : 0;
    check_same_shape("a", *a, "y, one element less along axis", shorter);
    check_overlap("a", *a, "y", *y, Aliasing::none);
    check_overlap("b", *b, "y", *y, Aliasing::exact);
    if (size_of(*y) == 0) return;
    NC_CALL(context, linear_scan, y->dtype, context->state, a, b, axis, y);
  });
}
