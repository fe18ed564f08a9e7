// Reductions, products, softmax, indexing: one function for each of the C ABI, returning its result.
#ifndef NATIVECHAIN_CPP_OPERATIONS_HPP
#define NATIVECHAIN_CPP_OPERATIONS_HPP

#include <optional>

#include "nativechain/cpp/elementwise.hpp"

namespace nativechain {

using Axes = std::optional<std::vector<int64_t>>;  // none: all of them

namespace detail {

inline Tensor reduce(const char* name, int32_t reduction, const Tensor& x, const Axes& axes, bool keepdims,
                     DType dtype) {
  Shape kept = x.shape(), dropped;
  std::vector<bool> reduced(kept.size(), !axes);
  if (axes) {
    for (const int64_t axis : *axes) {
      const int64_t at = axis_of(name, axis, x.ndim());
      if (reduced[at]) throw Error(NC_INVALID_ARGUMENT, std::string(name) + ": axis " + std::to_string(at) + " twice");
      reduced[at] = true;
    }
  }
  for (size_t i = 0; i < kept.size(); i++) {
    if (reduced[i])
      kept[i] = 1;
    else
      dropped.push_back(kept[i]);
  }
  Tensor y = Tensor::empty(kept, dtype, x.device());
  check(nc_reduce(x.context(), reduction, nullptr, x.descriptor(), 1, nullptr, y.descriptor()));
  return keepdims ? y : y.reshape(dropped);
}

inline Axes one(std::optional<int64_t> axis) { return axis ? Axes(std::vector<int64_t>{*axis}) : Axes(); }
inline DType sum_dtype(const Tensor& x) { return is_floating(x.dtype()) ? x.dtype() : DType::int64; }

}  // namespace detail

// Integers and bool sum in int64.
inline Tensor sum(const Tensor& x, const Axes& axes = {}, bool keepdims = false) {
  return detail::reduce("sum", NC_REDUCE_SUM, x, axes, keepdims, detail::sum_dtype(x));
}
inline Tensor prod(const Tensor& x, const Axes& axes = {}, bool keepdims = false) {
  return detail::reduce("prod", NC_REDUCE_PROD, x, axes, keepdims, detail::sum_dtype(x));
}
// float64 of integers and bool.
inline Tensor mean(const Tensor& x, const Axes& axes = {}, bool keepdims = false) {
  if (!is_floating(x.dtype())) return mean(x.astype(DType::float64), axes, keepdims);
  return detail::reduce("mean", NC_REDUCE_MEAN, x, axes, keepdims, x.dtype());
}
inline Tensor min(const Tensor& x, const Axes& axes = {}, bool keepdims = false) {
  return detail::reduce("min", NC_REDUCE_MIN, x, axes, keepdims, x.dtype());
}
inline Tensor max(const Tensor& x, const Axes& axes = {}, bool keepdims = false) {
  return detail::reduce("max", NC_REDUCE_MAX, x, axes, keepdims, x.dtype());
}
// int64; without an axis, of the elements in C order.
inline Tensor argmin(const Tensor& x, std::optional<int64_t> axis = {}, bool keepdims = false) {
  return detail::reduce("argmin", NC_REDUCE_ARGMIN, x, detail::one(axis), keepdims, DType::int64);
}
inline Tensor argmax(const Tensor& x, std::optional<int64_t> axis = {}, bool keepdims = false) {
  return detail::reduce("argmax", NC_REDUCE_ARGMAX, x, detail::one(axis), keepdims, DType::int64);
}

// The least precision of the operands of a product of float32 matrices: see nc_matmul_precision_code.
enum class MatmulPrecision : int32_t { float32 = NC_MATMUL_FLOAT32, bfloat16 = NC_MATMUL_BFLOAT16 };

// As NumPy's: the last two axes are matrices, the rest is broadcast, one axis is a row on the left and a column on the
// right.
inline Tensor matmul(const Tensor& a, const Tensor& b, MatmulPrecision precision = MatmulPrecision::float32) {
  if (a.ndim() == 0 || b.ndim() == 0) throw Error(NC_INVALID_SHAPE, "matmul: an operand without axes");
  const DType dtype = promote(a.dtype(), b.dtype());
  Tensor left = a.dtype() == dtype ? a : a.astype(dtype), right = b.dtype() == dtype ? b : b.astype(dtype);
  if (a.ndim() == 1) left = left.expand_dims(0);
  if (b.ndim() == 1) right = right.expand_dims(1);
  const auto leading = [](const Tensor& t) {
    Shape shape = t.shape();
    shape.resize(shape.size() - 2);
    return shape;
  };
  Shape shape = broadcast_shape({leading(left), leading(right)});
  shape.push_back(left.shape(-2));
  shape.push_back(right.shape(-1));
  Tensor y = Tensor::empty(shape, dtype, a.device());
  check(nc_matmul_with(y.context(), static_cast<int32_t>(precision), left.descriptor(), right.descriptor(), nullptr,
                       nullptr, nullptr, y.descriptor()));
  if (b.ndim() == 1) y = y.squeeze(-1);
  if (a.ndim() == 1) y = y.squeeze(b.ndim() == 1 ? -1 : -2);
  return y;
}

inline Tensor softmax(const Tensor& x, int64_t axis = -1) {
  Tensor y = Tensor::empty(x.shape(), x.dtype(), x.device());
  const auto at = static_cast<int32_t>(detail::axis_of("softmax", axis, x.ndim()));
  check(nc_softmax(x.context(), x.descriptor(), at, y.descriptor()));
  return y;
}
inline Tensor softmax_grad(const Tensor& y, const Tensor& gy, int64_t axis = -1) {
  Tensor gx = Tensor::empty(y.shape(), y.dtype(), y.device());
  const auto at = static_cast<int32_t>(detail::axis_of("softmax_grad", axis, y.ndim()));
  check(nc_softmax_grad(y.context(), y.descriptor(), gy.descriptor(), at, gx.descriptor()));
  return gx;
}
inline Tensor log_softmax(const Tensor& x, int64_t axis = -1) {
  Tensor y = Tensor::empty(x.shape(), x.dtype(), x.device());
  const auto at = static_cast<int32_t>(detail::axis_of("log_softmax", axis, x.ndim()));
  check(nc_log_softmax(x.context(), x.descriptor(), at, y.descriptor()));
  return y;
}
inline Tensor log_softmax_grad(const Tensor& y, const Tensor& gy, int64_t axis = -1) {
  Tensor gx = Tensor::empty(y.shape(), y.dtype(), y.device());
  const auto at = static_cast<int32_t>(detail::axis_of("log_softmax_grad", axis, y.ndim()));
  check(nc_log_softmax_grad(y.context(), y.descriptor(), gy.descriptor(), at, gx.descriptor()));
  return gx;
}

struct CrossEntropy {
  Tensor log_p;  // as x
  Tensor loss;   // one number an example: (N, d1, ...)
};

// x: (N, C, d1, ...) scores, t: (N, d1, ...) class indices; examples of ignore_label lose nothing.
inline CrossEntropy softmax_cross_entropy(const Tensor& x, const Tensor& t, const Tensor* weight = nullptr,
                                          int64_t ignore_label = -1) {
  CrossEntropy y = {Tensor::empty(x.shape(), x.dtype(), x.device()), Tensor::empty(t.shape(), x.dtype(), x.device())};
  check(nc_softmax_cross_entropy(x.context(), x.descriptor(), t.descriptor(), weight ? weight->descriptor() : nullptr,
                                 ignore_label, y.log_p.descriptor(), y.loss.descriptor()));
  return y;
}
// g: the gradient of each example's loss, broadcast to t's shape.
inline Tensor softmax_cross_entropy_grad(const Tensor& log_p, const Tensor& t, const Tensor& g,
                                         const Tensor* weight = nullptr, int64_t ignore_label = -1) {
  Tensor gx = Tensor::empty(log_p.shape(), log_p.dtype(), log_p.device());
  check(nc_softmax_cross_entropy_grad(log_p.context(), log_p.descriptor(), t.descriptor(),
                                      weight ? weight->descriptor() : nullptr, ignore_label, g.descriptor(),
                                      gx.descriptor()));
  return gx;
}

namespace detail {

// What nc_gather and its like take for index tensors along ascending axes.
struct Index {
  std::vector<nc_tensor> indices;
  std::vector<int32_t> axes;
  Shape shape;  // of the indexed view
};

inline Index index_of(const char* name, const Tensor& x, const std::vector<Tensor>& indices,
                      std::vector<int64_t> axes) {
  if (axes.empty())
    for (size_t i = 0; i < indices.size(); i++) axes.push_back(static_cast<int64_t>(i));
  if (axes.size() != indices.size() || indices.empty())
    throw Error(NC_INVALID_ARGUMENT, std::string(name) + ": not one axis for each index tensor");
  Index index;
  std::vector<Shape> shapes;
  for (size_t i = 0; i < indices.size(); i++) {
    index.indices.push_back(*indices[i].descriptor());
    index.axes.push_back(static_cast<int32_t>(axis_of(name, axes[i], x.ndim())));
    shapes.push_back(indices[i].shape());
  }
  index.shape = broadcast_shape(shapes);
  for (int64_t i = 0; i < x.ndim(); i++)
    if (std::find(index.axes.begin(), index.axes.end(), i) == index.axes.end()) index.shape.push_back(x.shape(i));
  return index;
}

}  // namespace detail

// Elements of x where int32 or int64 tensors, broadcast against each other, point along ascending axes (the first ones
// by default); the axes that are not indexed follow. Negative indices count from the end.
inline Tensor gather(const Tensor& x, const std::vector<Tensor>& indices, const std::vector<int64_t>& axes = {}) {
  const detail::Index index = detail::index_of("gather", x, indices, axes);
  Tensor y = Tensor::empty(index.shape, x.dtype(), x.device());
  check(nc_gather(x.context(), x.descriptor(), index.indices.data(), index.axes.data(),
                  static_cast<int32_t>(index.axes.size()), y.descriptor()));
  return y;
}

// Writes x, broadcast, to the places of y that gather would read; of several writes to one the last stays.
inline void scatter(Tensor& y, const std::vector<Tensor>& indices, const Tensor& x,
                    const std::vector<int64_t>& axes = {}) {
  const detail::Index index = detail::index_of("scatter", y, indices, axes);
  check(nc_scatter(y.context(), x.descriptor(), index.indices.data(), index.axes.data(),
                   static_cast<int32_t>(index.axes.size()), y.descriptor()));
}

// Adds x there; a place that is named twice takes both.
inline void scatter_add(Tensor& y, const std::vector<Tensor>& indices, const Tensor& x,
                        const std::vector<int64_t>& axes = {}) {
  const detail::Index index = detail::index_of("scatter_add", y, indices, axes);
  check(nc_scatter_add(y.context(), x.descriptor(), index.indices.data(), index.axes.data(),
                       static_cast<int32_t>(index.axes.size()), y.descriptor()));
}

// (ndim, count) int64: coordinates of the elements that are not zero, in C order.
inline Tensor nonzero(const Tensor& x) {
  const auto count = sum(x.dtype() == DType::boolean ? x : x.astype(DType::boolean)).item<int64_t>();
  Tensor y = Tensor::empty({x.ndim(), count}, DType::int64, x.device());
  check(nc_nonzero(x.context(), x.descriptor(), y.descriptor()));
  return y;
}

// The elements of x where a boolean mask over its first axes is true.
inline Tensor mask_select(const Tensor& x, const Tensor& mask) {
  if (mask.dtype() != DType::boolean)
    throw Error(NC_INVALID_DTYPE, "mask_select: the mask is " + name_of(mask.dtype()));
  const Shape shape = x.shape(), masked = mask.shape();
  if (masked.empty() || masked.size() > shape.size() || !std::equal(masked.begin(), masked.end(), shape.begin()))
    throw Error(NC_INVALID_SHAPE, "mask_select: a mask of " + to_string(masked) + " over " + to_string(shape));
  const Tensor places = nonzero(mask);
  std::vector<Tensor> indices;
  for (int64_t i = 0; i < mask.ndim(); i++) indices.push_back(places[i]);
  return gather(x, indices);
}

}  // namespace nativechain

#endif
