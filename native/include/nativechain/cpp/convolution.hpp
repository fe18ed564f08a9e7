// Convolutions as functions that return their result.
#ifndef NATIVECHAIN_CPP_CONVOLUTION_HPP
#define NATIVECHAIN_CPP_CONVOLUTION_HPP

#include <array>
#include <string>

#include "nativechain/convolution.h"
#include "nativechain/cpp/tensor.hpp"

namespace nativechain {

// How the filter of a convolution moves: for each spatial axis, the first entry for those that are not given.
struct Convolution {
  std::vector<int64_t> stride = {1};
  std::vector<int64_t> padding = {0};
  std::vector<int64_t> dilation = {1};
  int64_t groups = 1;
};

namespace detail {

inline nc_convolution window_of(const char* name, const Tensor& x, const Convolution& convolution) {
  const int64_t axes = x.ndim() - 2;
  if (axes < 1 || axes > NC_MAX_SPATIAL)
    throw Error(NC_INVALID_SHAPE, std::string(name) + ": needs one to three spatial axes");
  nc_convolution window = {};
  const auto fill = [&](const char* what, const std::vector<int64_t>& values, int64_t* to) {
    if (values.size() != 1 && values.size() != static_cast<size_t>(axes))
      throw Error(NC_INVALID_ARGUMENT,
                  std::string(name) + ": " + what + " has " + std::to_string(values.size()) + " entries");
    for (int64_t i = 0; i < axes; i++) to[i] = values[values.size() == 1 ? 0 : static_cast<size_t>(i)];
  };
  fill("stride", convolution.stride, window.stride);
  fill("padding", convolution.padding, window.padding);
  fill("dilation", convolution.dilation, window.dilation);
  window.groups = convolution.groups;
  return window;
}

}  // namespace detail

// x: (N, C, d...), W: (O, C / groups, k...); gives (N, O, o...), o = (d + 2 padding - dilation (k - 1) - 1) / stride + 1.
inline Tensor convolution(const Tensor& x, const Tensor& W, const Convolution& how = {}) {
  const nc_convolution window = detail::window_of("convolution", x, how);
  if (W.ndim() != x.ndim()) throw Error(NC_INVALID_SHAPE, "convolution: x and W have another number of axes");
  Shape shape = {x.shape(0), W.shape(0)};
  for (int64_t i = 0; i < x.ndim() - 2; i++) {
    if (window.stride[i] < 1) throw Error(NC_INVALID_ARGUMENT, "convolution: stride below 1");
    const int64_t room = x.shape(2 + i) + 2 * window.padding[i] - window.dilation[i] * (W.shape(2 + i) - 1) - 1;
    shape.push_back(room < 0 ? 0 : room / window.stride[i] + 1);
  }
  Tensor y = Tensor::empty(shape, x.dtype(), x.device());
  check(nc_convolution_forward(x.context(), x.descriptor(), W.descriptor(), &window, nullptr, nullptr, nullptr,
                               y.descriptor()));
  return y;
}

// The gradient by x, of its shape: deconvolution of gy.
inline Tensor convolution_data(const Tensor& gy, const Tensor& W, const Shape& x_shape, const Convolution& how = {}) {
  const nc_convolution window = detail::window_of("convolution_data", gy, how);
  Tensor gx = Tensor::empty(x_shape, gy.dtype(), gy.device());
  check(nc_convolution_data(gy.context(), gy.descriptor(), W.descriptor(), &window, nullptr, nullptr, nullptr,
                            gx.descriptor()));
  return gx;
}

// The gradient by W, of its shape.
inline Tensor convolution_filter(const Tensor& x, const Tensor& gy, const Shape& W_shape, const Convolution& how = {}) {
  const nc_convolution window = detail::window_of("convolution_filter", x, how);
  Tensor gW = Tensor::empty(W_shape, x.dtype(), x.device());
  check(nc_convolution_filter(x.context(), x.descriptor(), gy.descriptor(), &window, gW.descriptor()));
  return gW;
}

}  // namespace nativechain

#endif
