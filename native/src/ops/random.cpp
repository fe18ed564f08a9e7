// Random numbers: checks, one table slot each.
#include "nativechain/random.h"

#include <cmath>

#include "core/backend.hpp"
#include "core/tensor.hpp"

using namespace nc;

namespace {

void check_key(const nc_context* ctx, const nc_random_key& key, const nc_tensor& y) {
  const nc_scalar& counter = key.counter;
  if (counter.tensor) {
    check_scalar(ctx, "key.counter", counter, "y", y);
    check_dtype("key.counter", *counter.tensor, NC_INT64);
  } else if (counter.i64 < 0 || counter.i64 % 4 != 0) {
    fail(NC_INVALID_ARGUMENT, "key.counter is %lld; a multiple of 4, 0 or more, is needed", (long long)counter.i64);
  }
}

// Finite in the dtype that is computed in: float64, or float32 for the rest.
void check_finite(const char* name, double value, const nc_tensor& y) {
  if (!std::isfinite(y.dtype == NC_FLOAT64 ? value : static_cast<float>(value)))
    fail(NC_INVALID_ARGUMENT, "%s is %g; a finite number is needed", name, value);
}

void check_stddev(double stddev, const nc_tensor& y) {
  check_finite("stddev", stddev, y);
  if (stddev < 0) fail(NC_INVALID_ARGUMENT, "stddev is %g; 0 or more is needed", stddev);
}

}  // namespace

nc_status nc_random_words(nc_context* context, nc_random_key key, const nc_tensor* y) {
  return guard("nc_random_words", [&] {
    check_output(context, "y", y);
    check_dtype("y", *y, NC_INT32);
    check_key(context, key, *y);
    if (size_of(*y) == 0) return;
    NC_CALL(context, random_words, y->dtype, context->state, &key, y);
  });
}

nc_status nc_random_uniform(nc_context* context, nc_random_key key, double low, double high, const nc_tensor* y) {
  return guard("nc_random_uniform", [&] {
    check_output(context, "y", y);
    check_floating("y", *y);
    check_key(context, key, *y);
    check_finite("low", low, *y);
    check_finite("high", high, *y);
    if (low > high) fail(NC_INVALID_ARGUMENT, "low is %g, above high, %g", low, high);
    check_finite("high - low", high - low, *y);
    if (size_of(*y) == 0) return;
    NC_CALL(context, random_uniform, y->dtype, context->state, &key, low, high, y);
  });
}

nc_status nc_random_normal(nc_context* context, nc_random_key key, double mean, double stddev, const nc_tensor* y) {
  return guard("nc_random_normal", [&] {
    check_output(context, "y", y);
    check_floating("y", *y);
    check_key(context, key, *y);
    check_finite("mean", mean, *y);
    check_stddev(stddev, *y);
    if (size_of(*y) == 0) return;
    NC_CALL(context, random_normal, y->dtype, context->state, &key, mean, stddev, y);
  });
}

nc_status nc_random_truncated_normal(nc_context* context, nc_random_key key, double mean, double stddev, double low,
                                     double high, const nc_tensor* y) {
  return guard("nc_random_truncated_normal", [&] {
    check_output(context, "y", y);
    check_floating("y", *y);
    check_key(context, key, *y);
    check_finite("mean", mean, *y);
    check_stddev(stddev, *y);
    if (!(low < high)) fail(NC_INVALID_ARGUMENT, "low is %g, not below high, %g", low, high);
    if (size_of(*y) == 0) return;
    NC_CALL(context, random_truncated_normal, y->dtype, context->state, &key, mean, stddev, low, high, y);
  });
}

nc_status nc_random_bernoulli(nc_context* context, nc_random_key key, double p, const nc_tensor* y) {
  return guard("nc_random_bernoulli", [&] {
    check_output(context, "y", y);
    check_key(context, key, *y);
    if (!(p >= 0 && p <= 1)) fail(NC_INVALID_ARGUMENT, "p is %g, not within [0, 1]", p);
    if (size_of(*y) == 0) return;
    NC_CALL(context, random_bernoulli, y->dtype, context->state, &key, p, y);
  });
}

nc_status nc_random_permutation(nc_context* context, nc_random_key key, const nc_tensor* y) {
  return guard("nc_random_permutation", [&] {
    check_output(context, "y", y);
    check_key(context, key, *y);
    if (y->dtype != NC_INT32 && y->dtype != NC_INT64)
      fail(NC_INVALID_DTYPE, "y is %s; int32 or int64 is needed", nc_dtype_name(y->dtype));
    if (y->ndim != 1) fail(NC_INVALID_SHAPE, "y is %s; one axis is needed", shape_text(*y).c_str());
    if (y->dtype == NC_INT32 && y->shape[0] > int64_t{1} << 31)
      fail(NC_INVALID_SHAPE, "y is %s int32, which cannot count so far", shape_text(*y).c_str());
    if (size_of(*y) == 0) return;
    NC_CALL(context, random_permutation, y->dtype, context->state, &key, y);
  });
}
