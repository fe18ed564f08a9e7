// Sorting along an axis: ascending, stable, NaN last.
#ifndef NATIVECHAIN_CPP_SORT_HPP
#define NATIVECHAIN_CPP_SORT_HPP

#include "nativechain/cpp/tensor.hpp"

namespace nativechain {

inline Tensor sort(const Tensor& x, int64_t axis = -1) {
  Tensor y = Tensor::empty(x.shape(), x.dtype(), x.device());
  const auto at = static_cast<int32_t>(detail::axis_of("sort", axis, x.ndim()));
  check(nc_sort(x.context(), x.descriptor(), at, y.descriptor(), nullptr));
  return y;
}

// int64: where along the axis the sorted elements stood.
inline Tensor argsort(const Tensor& x, int64_t axis = -1) {
  Tensor indices = Tensor::empty(x.shape(), DType::int64, x.device());
  const auto at = static_cast<int32_t>(detail::axis_of("argsort", axis, x.ndim()));
  check(nc_sort(x.context(), x.descriptor(), at, nullptr, indices.descriptor()));
  return indices;
}

}  // namespace nativechain

#endif
