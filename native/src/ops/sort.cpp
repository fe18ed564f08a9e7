#include "nativechain/sort.h"

#include "core/backend.hpp"
#include "core/tensor.hpp"

using namespace nc;

nc_status nc_sort(nc_context* context, const nc_tensor* x, int32_t axis, const nc_tensor* y, const nc_tensor* indices) {
  return guard("nc_sort", [&] {
    check_not_null("context", context);
    check_tensor(context, "x", x);
    check_axis("axis", axis, x->ndim);
    if (!y && !indices) fail(NC_INVALID_ARGUMENT, "y and indices are both null");
    if (y) {
      check_output(context, "y", y);
      check_same_dtype("x", *x, "y", *y);
      check_same_shape("x", *x, "y", *y);
      check_overlap("x", *x, "y", *y, Aliasing::exact);
    }
    if (indices) {
      check_output(context, "indices", indices);
      if (indices->dtype != NC_INT32 && indices->dtype != NC_INT64)
        fail(NC_INVALID_DTYPE, "indices: needs int32 or int64, is %s", nc_dtype_name(indices->dtype));
      check_same_shape("x", *x, "indices", *indices);
      check_overlap("x", *x, "indices", *indices, Aliasing::none);
      if (y) check_overlap("y", *y, "indices", *indices, Aliasing::none);
    }
    if (size_of(*x) == 0) return;
    NC_CALL(context, sort, x->dtype, context->state, x, axis, y, indices);
  });
}
