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
