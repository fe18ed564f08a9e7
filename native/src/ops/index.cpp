// Gather, scatter, scatter-add and the coordinates of a mask: checks, one table slot each. Index values are checked by
// the backend, before it writes.
#include "nativechain/index.h"

#include <algorithm>
#include <string>

#include "core/backend.hpp"
#include "core/tensor.hpp"

using namespace nc;

namespace {

std::string index_name(int32_t k) { return "indices[" + std::to_string(k) + "]"; }

// Checks axes and indices against x, gives the shape of the indexed view in `shape` and the indices, broadcast to one
// shape, in `broadcast`.
void check_indexed(const nc_context* ctx, const char* x_name, const nc_tensor& x, const nc_tensor* indices,
                   const int32_t* axes, int32_t n, nc_tensor* broadcast, nc_tensor* shape) {
  if (n < 1 || n > x.ndim) fail(NC_INVALID_ARGUMENT, "n is %d; 1 to %d axes of %s can be indexed", n, x.ndim, x_name);
  check_not_null("indices", indices);
  check_not_null("axes", axes);
  *shape = x;
  shape->ndim = 0;
  for (int32_t k = 0; k < n; k++) {
    if (axes[k] < 0 || axes[k] >= x.ndim || (k > 0 && axes[k] <= axes[k - 1]))
      fail(NC_INVALID_ARGUMENT, "axes[%d] is %d; axes of %s in ascending order are needed", k, axes[k], x_name);
    const std::string name = index_name(k);
    check_tensor(ctx, name.c_str(), &indices[k]);
    if (indices[k].dtype != NC_INT32 && indices[k].dtype != NC_INT64)
      fail(NC_INVALID_DTYPE, "%s is %s; int32 or int64 is needed", name.c_str(), nc_dtype_name(indices[k].dtype));
    shape->ndim = std::max(shape->ndim, indices[k].ndim);
  }
  const int32_t index_ndim = shape->ndim;
  for (int32_t i = 0; i < index_ndim; i++) {
    int64_t extent = 1;
    for (int32_t k = 0; k < n; k++) {
      const int32_t from = i - (index_ndim - indices[k].ndim);
      if (from >= 0 && indices[k].shape[from] != 1) extent = indices[k].shape[from];
    }
    shape->shape[i] = extent;
  }
  for (int32_t k = 0; k < n; k++)
    broadcast[k] = broadcast_to(index_name(k).c_str(), indices[k], index_ndim, shape->shape);

  if (index_ndim + x.ndim - n > NC_MAX_DIMS)
    fail(NC_INVALID_SHAPE, "the indexed view of %s has %d axes; %d are possible", x_name, index_ndim + x.ndim - n,
         NC_MAX_DIMS);
  for (int32_t i = 0, k = 0; i < x.ndim; i++) {
    if (k < n && axes[k] == i)
      k++;
    else
      shape->shape[shape->ndim++] = x.shape[i];
  }
}

// The index values are read while y is written.
void check_no_overlap(const nc_tensor* indices, int32_t n, const nc_tensor& y) {
  for (int32_t k = 0; k < n; k++) check_overlap(index_name(k).c_str(), indices[k], "y", y, Aliasing::none);
}

template <class Call>
void check_scatter(const nc_context* context, const nc_tensor* x, const nc_tensor* indices, const int32_t* axes,
                   int32_t n, const nc_tensor* y, Call call) {
  check_tensor(context, "x", x);
  check_output(context, "y", y);
  check_same_dtype("x", *x, "y", *y);
  nc_tensor broadcast[NC_MAX_DIMS], shape;
  check_indexed(context, "y", *y, indices, axes, n, broadcast, &shape);
  const nc_tensor values = broadcast_to("x", *x, shape.ndim, shape.shape);
  check_overlap("x", *x, "y", *y, Aliasing::none);
  check_no_overlap(indices, n, *y);
  if (size_of(shape) != 0) call(values, broadcast);
}

}  // namespace

nc_status nc_gather(nc_context* context, const nc_tensor* x, const nc_tensor* indices, const int32_t* axes, int32_t n,
                    const nc_tensor* y) {
  return guard("nc_gather", [&] {
    check_tensor(context, "x", x);
    check_output(context, "y", y);
    check_same_dtype("x", *x, "y", *y);
    nc_tensor broadcast[NC_MAX_DIMS], shape;
    check_indexed(context, "x", *x, indices, axes, n, broadcast, &shape);
    check_same_shape("the indexed view of x", shape, "y", *y);
    check_overlap("x", *x, "y", *y, Aliasing::none);
    check_no_overlap(indices, n, *y);
    if (size_of(shape) == 0) return;
    NC_CALL(context, gather, y->dtype, context->state, x, broadcast, axes, n, y);
  });
}

nc_status nc_scatter(nc_context* context, const nc_tensor* x, const nc_tensor* indices, const int32_t* axes, int32_t n,
                     const nc_tensor* y) {
  return guard("nc_scatter", [&] {
    check_scatter(context, x, indices, axes, n, y, [&](const nc_tensor& values, const nc_tensor* broadcast) {
      NC_CALL(context, scatter, y->dtype, context->state, &values, broadcast, axes, n, y);
    });
  });
}

nc_status nc_scatter_add(nc_context* context, const nc_tensor* x, const nc_tensor* indices, const int32_t* axes,
                         int32_t n, const nc_tensor* y) {
  return guard("nc_scatter_add", [&] {
    check_scatter(context, x, indices, axes, n, y, [&](const nc_tensor& values, const nc_tensor* broadcast) {
      NC_CALL(context, scatter_add, y->dtype, context->state, &values, broadcast, axes, n, y);
    });
  });
}

nc_status nc_nonzero(nc_context* context, const nc_tensor* x, const nc_tensor* y) {
  return guard("nc_nonzero", [&] {
    check_tensor(context, "x", x);
    check_output(context, "y", y);
    check_dtype("y", *y, NC_INT64);
    if (y->ndim != 2 || y->shape[0] != x->ndim)
      fail(NC_INVALID_SHAPE, "y is %s; (%d, count) is needed", shape_text(*y).c_str(), x->ndim);
    check_overlap("x", *x, "y", *y, Aliasing::none);
    NC_CALL(context, nonzero, x->dtype, context->state, x, y);
  });
}
