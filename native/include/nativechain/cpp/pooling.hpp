// Pooling over one to three spatial axes, with the gradients: one function for each of the C ABI, returning its result.
#ifndef NATIVECHAIN_CPP_POOLING_HPP
#define NATIVECHAIN_CPP_POOLING_HPP

#include "nativechain/cpp/tensor.hpp"

namespace nativechain {

// A window and how it moves: for each, one number for all spatial axes, or one an axis.
struct Window {
  Shape size;
  Shape stride = {};  // the size where it is empty
  Shape padding = {0};
  Shape dilation = {1};
  bool cover_all = false;  // whether every element is in a window, which may reach beyond the padding
};

enum class Divisor : int32_t {
  one = NC_DIVISOR_ONE,     // the sum
  size = NC_DIVISOR_SIZE,   // padding counts as zeros
  count = NC_DIVISOR_COUNT  // padding does not count
};

namespace detail {

inline nc_window window_of(const char* name, const Window& window, int64_t ndim) {
  const int64_t axes = ndim - 2;
  if (axes < 1 || axes > NC_MAX_SPATIAL)
    throw Error(NC_INVALID_SHAPE, std::string(name) + ": needs (N, C, one to three spatial axes)");
  nc_window w = {};
  const auto fill = [&](const char* entry, const Shape& values, int64_t* to) {
    if (values.size() != 1 && static_cast<int64_t>(values.size()) != axes)
      throw Error(NC_INVALID_ARGUMENT, std::string(name) + ": " + entry + " has " + std::to_string(values.size()) +
                                           " entries for " + std::to_string(axes) + " spatial axes");
    for (int64_t i = 0; i < axes; i++) to[i] = values[values.size() == 1 ? 0 : static_cast<size_t>(i)];
  };
  fill("size", window.size, w.size);
  fill("stride", window.stride.empty() ? window.size : window.stride, w.stride);
  fill("padding", window.padding, w.padding);
  fill("dilation", window.dilation, w.dilation);
  return w;
}

// (N, C, positions...)
inline Shape pooled_shape(const char* name, const Tensor& x, const nc_window& w, bool cover_all) {
  Shape shape = x.shape();
  for (size_t i = 2; i < shape.size(); i++) {
    const int64_t room = shape[i] + 2 * w.padding[i - 2] - w.dilation[i - 2] * (w.size[i - 2] - 1) - 1;
    if (w.stride[i - 2] < 1 || room < 0)
      throw Error(NC_INVALID_ARGUMENT,
                  std::string(name) + ": the window has no position along axis " + std::to_string(i));
    shape[i] = (room + (cover_all ? w.stride[i - 2] - 1 : 0)) / w.stride[i - 2] + 1;
  }
  return shape;
}

}  // namespace detail

// The largest element of each window of x (N, C, d...).
inline Tensor max_pooling(const Tensor& x, const Window& window) {
  const nc_window w = detail::window_of("max_pooling", window, x.ndim());
  Tensor y = Tensor::empty(detail::pooled_shape("max_pooling", x, w, window.cover_all), x.dtype(), x.device());
  check(nc_max_pooling(x.context(), x.descriptor(), &w, y.descriptor(), nullptr));
  return y;
}

struct MaxPooling {
  Tensor y;        // (N, C, positions...)
  Tensor indices;  // where in the window each was, int32, counted in C order
};
inline MaxPooling max_pooling_indices(const Tensor& x, const Window& window) {
  const nc_window w = detail::window_of("max_pooling_indices", window, x.ndim());
  const Shape shape = detail::pooled_shape("max_pooling_indices", x, w, window.cover_all);
  MaxPooling result = {Tensor::empty(shape, x.dtype(), x.device()), Tensor::empty(shape, DType::int32, x.device())};
  check(nc_max_pooling(x.context(), x.descriptor(), &w, result.y.descriptor(), result.indices.descriptor()));
  return result;
}

// The gradient by x, of x's shape.
inline Tensor max_pooling_grad(const Tensor& gy, const Tensor& indices, const Window& window, const Shape& x_shape) {
  const nc_window w = detail::window_of("max_pooling_grad", window, gy.ndim());
  Tensor gx = Tensor::empty(x_shape, gy.dtype(), gy.device());
  check(nc_max_pooling_grad(gy.context(), gy.descriptor(), indices.descriptor(), &w, gx.descriptor()));
  return gx;
}

// The elements of x that the indices name, what the gradient of max_pooling_grad is.
inline Tensor max_pooling_gather(const Tensor& x, const Tensor& indices, const Window& window) {
  const nc_window w = detail::window_of("max_pooling_gather", window, x.ndim());
  Tensor y = Tensor::empty(indices.shape(), x.dtype(), x.device());
  check(nc_max_pooling_gather(x.context(), x.descriptor(), indices.descriptor(), &w, y.descriptor()));
  return y;
}

// The average, or the sum, of each window of x (N, C, d...).
inline Tensor average_pooling(const Tensor& x, const Window& window, Divisor divisor = Divisor::size) {
  const nc_window w = detail::window_of("average_pooling", window, x.ndim());
  Tensor y = Tensor::empty(detail::pooled_shape("average_pooling", x, w, window.cover_all), x.dtype(), x.device());
  check(nc_average_pooling(x.context(), x.descriptor(), &w, static_cast<nc_divisor>(divisor), y.descriptor()));
  return y;
}

// The gradient by x, of x's shape; with Divisor::one, unpooling.
inline Tensor average_pooling_grad(const Tensor& gy, const Window& window, const Shape& x_shape,
                                   Divisor divisor = Divisor::size) {
  const nc_window w = detail::window_of("average_pooling_grad", window, gy.ndim());
  Tensor gx = Tensor::empty(x_shape, gy.dtype(), gy.device());
  check(nc_average_pooling_grad(gy.context(), gy.descriptor(), &w, static_cast<nc_divisor>(divisor), gx.descriptor()));
  return gx;
}

}  // namespace nativechain

#endif
