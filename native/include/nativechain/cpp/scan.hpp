// Running sums, products, minima and maxima along an axis, and the linear recurrence.
#ifndef NATIVECHAIN_CPP_SCAN_HPP
#define NATIVECHAIN_CPP_SCAN_HPP

#include "nativechain/cpp/operations.hpp"

namespace nativechain {

namespace detail {

inline Tensor scan(const char* name, int32_t reduction, const Tensor& x, int64_t axis, DType dtype) {
  Tensor y = Tensor::empty(x.shape(), dtype, x.device());
  const auto at = static_cast<int32_t>(axis_of(name, axis, x.ndim()));
  check(nc_scan(x.context(), reduction, x.descriptor(), at, y.descriptor()));
  return y;
}

}  // namespace detail

// Integers and bool sum in int64.
inline Tensor cumsum(const Tensor& x, int64_t axis) {
  return detail::scan("cumsum", NC_REDUCE_SUM, x, axis, detail::sum_dtype(x));
}
inline Tensor cumprod(const Tensor& x, int64_t axis) {
  return detail::scan("cumprod", NC_REDUCE_PROD, x, axis, detail::sum_dtype(x));
}
// NaN from a NaN on.
inline Tensor cummin(const Tensor& x, int64_t axis) {
  return detail::scan("cummin", NC_REDUCE_MIN, x, axis, x.dtype());
}
inline Tensor cummax(const Tensor& x, int64_t axis) {
  return detail::scan("cummax", NC_REDUCE_MAX, x, axis, x.dtype());
}

// y[0] = b[0], y[i] = a[i - 1] * y[i - 1] + b[i] along the axis, of which a has one element less.
inline Tensor linear_scan(const Tensor& a, const Tensor& b, int64_t axis) {
  Tensor y = Tensor::empty(b.shape(), b.dtype(), b.device());
  const auto at = static_cast<int32_t>(detail::axis_of("linear_scan", axis, b.ndim()));
  check(nc_linear_scan(b.context(), a.descriptor(), b.descriptor(), at, y.descriptor()));
  return y;
}

}  // namespace nativechain

#endif
