// Tensor: an array as a value. Copies share memory, as do views; what an operation returns is new.
#ifndef NATIVECHAIN_CPP_TENSOR_HPP
#define NATIVECHAIN_CPP_TENSOR_HPP

#include <algorithm>
#include <cstring>
#include <initializer_list>
#include <map>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "nativechain/cpp/error.hpp"

namespace nativechain {

using Shape = std::vector<int64_t>;

inline std::string to_string(const Shape& shape) {
  std::string text = "(";
  for (size_t i = 0; i < shape.size(); i++) text += (i ? ", " : "") + std::to_string(shape[i]);
  return text + (shape.size() == 1 ? ",)" : ")");
}

namespace detail {

// Calls on one context must not overlap: each thread has its own.
inline nc_context* context_of(Device device) {
  thread_local std::vector<std::unique_ptr<Context>> contexts;
  for (const auto& c : contexts)
    if (c->device() == device) return c->get();
  contexts.push_back(std::make_unique<Context>(device));
  return contexts.back()->get();
}

// Frees blocks, whatever thread they end on: the pool is the device's. Lives as long as the process.
inline nc_context* memory_context(Device device) {
  static auto* const mutex = new std::mutex;
  static auto* const contexts = new std::map<std::pair<int32_t, int32_t>, std::unique_ptr<Context>>;
  const std::lock_guard lock(*mutex);
  auto& context = (*contexts)[{device.type, device.id}];
  if (!context) context = std::make_unique<Context>(device);
  return context->get();
}

inline int64_t count(const Shape& shape) {
  int64_t n = 1;
  for (const int64_t extent : shape) {
    if (extent < 0) throw Error(NC_INVALID_SHAPE, "negative extent in " + to_string(shape));
    if (extent > 0 && n > INT64_MAX / 16 / extent)
      throw Error(NC_INVALID_SHAPE, "too many elements: " + to_string(shape));
    n *= extent;
  }
  return n;
}

inline int64_t axis_of(const char* function, int64_t axis, int64_t ndim) {
  if (axis < -ndim || axis >= ndim)
    throw Error(NC_INVALID_ARGUMENT,
                std::string(function) + ": axis " + std::to_string(axis) + " of " + std::to_string(ndim) + " axes");
  return axis < 0 ? axis + ndim : axis;
}

// Nested braces with their shape: {{1, 2}, {3, 4}}.
template <class T>
struct Nested {
  Nested(T value) : values{value} {}
  Nested(std::initializer_list<Nested> rows) : shape{static_cast<int64_t>(rows.size())} {
    for (const Nested& row : rows) {
      if (&row == rows.begin()) shape.insert(shape.end(), row.shape.begin(), row.shape.end());
      if (!std::equal(row.shape.begin(), row.shape.end(), shape.begin() + 1, shape.end()))
        throw Error(NC_INVALID_SHAPE, "Tensor: rows of different shapes");
      values.insert(values.end(), row.values.begin(), row.values.end());
    }
  }
  Shape shape;
  std::vector<T> values;
};

}  // namespace detail

class Tensor {
 public:
  // Uninitialised memory, in C order.
  static Tensor empty(const Shape& shape, DType dtype = DType::float32, Device device = {}) {
    if (shape.size() > NC_MAX_DIMS) throw Error(NC_INVALID_SHAPE, "more than 8 axes: " + to_string(shape));
    Tensor t;
    const int64_t nbytes = detail::count(shape) * size_of(dtype);
    nc_context* context = detail::memory_context(device);
    void* block = nullptr;
    check(nc_alloc(context, nbytes, &block, nullptr));
    t.block_ = std::shared_ptr<void>(block, [context](void* p) { nc_free(context, p); });
    t.view_.base = block;
    t.view_.nbytes = nbytes;
    t.view_.device_type = device.type;
    t.view_.device_id = device.id;
    t.view_.dtype = static_cast<int32_t>(dtype);
    t.set_shape(shape);
    return t;
  }

  static Tensor full(const Shape& shape, double value, DType dtype = DType::float32, Device device = {}) {
    Tensor t = empty(shape, dtype, device);
    t.fill(value);
    return t;
  }
  static Tensor zeros(const Shape& shape, DType dtype = DType::float32, Device device = {}) {
    return full(shape, 0, dtype, device);
  }
  static Tensor ones(const Shape& shape, DType dtype = DType::float32, Device device = {}) {
    return full(shape, 1, dtype, device);
  }

  // Over memory that something else owns, and that stays while the owner does.
  static Tensor over(const nc_tensor& view, std::shared_ptr<void> owner) {
    Tensor t;
    t.view_ = view;
    t.block_ = std::move(owner);
    return t;
  }

  // Without memory: to be assigned. Every use of it as an operand is refused.
  Tensor() = default;

  // float32 from nested braces: Tensor({{1, 2}, {3, 4}}).
  explicit Tensor(std::initializer_list<detail::Nested<float>> rows) {
    const detail::Nested<float> nested(rows);
    *this = from(nested.values, nested.shape);
  }

  // The elements of a vector in C order; without a shape, one axis.
  template <class T>
  static Tensor from(const std::vector<T>& values, Shape shape, Device device = {}) {
    Tensor t = empty(shape, dtype_of<T>());
    if (t.size() != static_cast<int64_t>(values.size()))
      throw Error(NC_INVALID_SHAPE,
                  "Tensor::from: " + std::to_string(values.size()) + " values for shape " + to_string(shape));
    T* to = static_cast<T*>(t.view_.base);
    std::copy(values.begin(), values.end(), to);
    return device == Device{} ? t : t.to(device);
  }
  template <class T>
  static Tensor from(const std::vector<T>& values) {
    return from(values, {static_cast<int64_t>(values.size())});
  }

  Shape shape() const { return Shape(view_.shape, view_.shape + view_.ndim); }
  int64_t shape(int64_t axis) const { return view_.shape[detail::axis_of("shape", axis, ndim())]; }
  int64_t ndim() const { return view_.ndim; }
  int64_t size() const { return detail::count(shape()); }
  DType dtype() const { return static_cast<DType>(view_.dtype); }
  Device device() const { return {view_.device_type, view_.device_id}; }
  bool is_contiguous() const {
    int64_t n = 1;
    for (int i = view_.ndim - 1; i >= 0; i--) {
      if (view_.shape[i] != 1 && view_.strides[i] != n) return size() == 0;
      n *= view_.shape[i];
    }
    return true;
  }

  // What calls of the C ABI take.
  const nc_tensor* descriptor() const {
    if (!block_) throw Error(NC_INVALID_ARGUMENT, "a Tensor without memory");
    return &view_;
  }
  nc_context* context() const { return detail::context_of(device()); }

  // Views: no element moves.
  Tensor transpose(const std::vector<int64_t>& axes) const {
    if (static_cast<int64_t>(axes.size()) != ndim())
      throw Error(NC_INVALID_ARGUMENT, "transpose: not one axis for each of " + to_string(shape()));
    Tensor t = *this;
    std::vector<bool> taken(axes.size());
    for (size_t i = 0; i < axes.size(); i++) {
      const int64_t axis = detail::axis_of("transpose", axes[i], ndim());
      if (taken[axis]) throw Error(NC_INVALID_ARGUMENT, "transpose: axis " + std::to_string(axis) + " twice");
      taken[axis] = true;
      t.view_.shape[i] = view_.shape[axis];
      t.view_.strides[i] = view_.strides[axis];
    }
    return t;
  }
  Tensor transpose() const {
    std::vector<int64_t> axes;
    for (int64_t i = ndim(); i-- > 0;) axes.push_back(i);
    return transpose(axes);
  }

  // Elements start, start + step ... before stop along an axis; negative start and stop count from the end.
  Tensor slice(int64_t axis, int64_t start, int64_t stop, int64_t step = 1) const {
    axis = detail::axis_of("slice", axis, ndim());
    if (step == 0) throw Error(NC_INVALID_ARGUMENT, "slice: step is 0");
    const int64_t extent = view_.shape[axis], low = step > 0 ? 0 : -1, high = step > 0 ? extent : extent - 1;
    const auto place = [&](int64_t at) { return std::clamp(at < 0 ? at + extent : at, low, high); };
    start = place(start);
    stop = place(stop);
    const int64_t span = step > 0 ? stop - start : start - stop, by = step > 0 ? step : -step;
    Tensor t = *this;
    t.view_.shape[axis] = span > 0 ? (span - 1) / by + 1 : 0;
    if (t.view_.shape[axis] > 0) t.view_.offset += start * view_.strides[axis] * size_of(dtype());
    t.view_.strides[axis] *= t.view_.shape[axis] > 1 ? step : 1;
    return t;
  }

  // One index of the first axis, which goes.
  Tensor operator[](int64_t index) const {
    if (ndim() == 0) throw Error(NC_INDEX_OUT_OF_RANGE, "an index into no axes");
    if (index < -view_.shape[0] || index >= view_.shape[0])
      throw Error(NC_INDEX_OUT_OF_RANGE, "index " + std::to_string(index) + " of shape " + to_string(shape()));
    Tensor t = *this;
    t.view_.offset += (index < 0 ? index + view_.shape[0] : index) * view_.strides[0] * size_of(dtype());
    t.drop_axis(0);
    return t;
  }

  Tensor broadcast_to(const Shape& target) const {
    Tensor t = *this;
    const auto added = static_cast<int64_t>(target.size()) - ndim();
    bool fits = added >= 0 && target.size() <= NC_MAX_DIMS;
    for (int64_t i = 0; fits && i < static_cast<int64_t>(target.size()); i++) {
      const bool own = i >= added && view_.shape[i - added] == target[i];
      fits = own || i < added || view_.shape[i - added] == 1;
      t.view_.shape[i] = target[i];
      t.view_.strides[i] = own ? view_.strides[i - added] : 0;
    }
    if (!fits) throw Error(NC_INVALID_SHAPE, to_string(shape()) + " cannot be broadcast to " + to_string(target));
    t.view_.ndim = static_cast<int32_t>(target.size());
    return t;
  }

  Tensor expand_dims(int64_t axis) const {
    axis = detail::axis_of("expand_dims", axis, ndim() + 1);
    if (ndim() == NC_MAX_DIMS) throw Error(NC_INVALID_SHAPE, "expand_dims: more than 8 axes");
    Tensor t = *this;
    for (int64_t i = ndim(); i > axis; i--) {
      t.view_.shape[i] = view_.shape[i - 1];
      t.view_.strides[i] = view_.strides[i - 1];
    }
    t.view_.shape[axis] = 1;
    t.view_.strides[axis] = 0;
    t.view_.ndim++;
    return t;
  }
  Tensor squeeze(int64_t axis) const {
    axis = detail::axis_of("squeeze", axis, ndim());
    if (view_.shape[axis] != 1)
      throw Error(NC_INVALID_SHAPE, "squeeze: axis " + std::to_string(axis) + " of " + to_string(shape()));
    Tensor t = *this;
    t.drop_axis(axis);
    return t;
  }

  // A view where the elements lie in C order, else a copy. One extent may be -1.
  Tensor reshape(Shape target) const {
    const auto open = std::find(target.begin(), target.end(), -1);
    if (open != target.end()) {
      *open = 1;
      const int64_t known = detail::count(target);
      if (known == 0 || size() % known != 0)
        *open = -1;
      else
        *open = size() / known;
    }
    if (detail::count(target) != size() || target.size() > NC_MAX_DIMS)
      throw Error(NC_INVALID_SHAPE, "reshape: " + to_string(shape()) + " to " + to_string(target));
    Tensor t = is_contiguous() ? *this : copy();
    t.set_shape(target);
    return t;
  }

  // New memory.
  Tensor copy() const { return astype(dtype()); }
  Tensor astype(DType dtype) const {
    Tensor t = empty(shape(), dtype, device());
    check(nc_copy(context(), descriptor(), t.descriptor()));
    return t;
  }
  Tensor to(Device device) const {
    Tensor t = empty(shape(), dtype(), device);
    nc_context* context = detail::context_of(device.type == NC_CPU ? this->device() : device);
    check(nc_copy(context, descriptor(), t.descriptor()));
    check(nc_context_synchronize(context));
    return t;
  }

  // Writes through to every tensor that shares the memory.
  void assign(const Tensor& x) { check(nc_copy(context(), x.descriptor(), descriptor())); }
  void fill(double value) {
    // As an integer where the number is one; what lies beyond int64 is refused, not wrapped.
    if (!nativechain::is_floating(dtype()) && !(value >= -0x1p63 && value < 0x1p63))
      throw Error(NC_INVALID_ARGUMENT, "fill: " + std::to_string(value) + " in " + name_of(dtype()));
    check(nc_fill(context(), {nullptr, value, nativechain::is_floating(dtype()) ? 0 : static_cast<int64_t>(value)},
                  descriptor()));
  }

  // Elements in C order, cast.
  template <class T>
  std::vector<T> to_vector() const {
    Tensor t = dtype() == dtype_of<T>() ? *this : astype(dtype_of<T>());
    if (t.device().type != NC_CPU) t = t.to({});
    if (!t.is_contiguous()) t = t.copy();
    const T* from = reinterpret_cast<const T*>(static_cast<const char*>(t.view_.base) + t.view_.offset);
    return std::vector<T>(from, from + t.size());
  }
  template <class T>
  T item(const std::vector<int64_t>& index = {}) const {
    Tensor t = *this;
    for (const int64_t i : index) t = t[i];
    if (t.size() != 1) throw Error(NC_INVALID_SHAPE, "item: " + to_string(t.shape()) + " is not one element");
    return t.to_vector<T>()[0];
  }

 private:
  void set_shape(const Shape& shape) {
    view_.ndim = static_cast<int32_t>(shape.size());
    int64_t n = 1;
    for (size_t i = shape.size(); i-- > 0; n *= std::max<int64_t>(shape[i], 1)) {
      view_.shape[i] = shape[i];
      view_.strides[i] = n;
    }
  }
  void drop_axis(int64_t axis) {
    for (int64_t i = axis; i + 1 < ndim(); i++) {
      view_.shape[i] = view_.shape[i + 1];
      view_.strides[i] = view_.strides[i + 1];
    }
    view_.ndim--;
  }

  nc_tensor view_ = {nullptr, 0, 0, NC_CPU, 0, NC_FLOAT32, 0, {}, {}};
  std::shared_ptr<void> block_;
};

// The shape that all broadcast to, as in NumPy.
inline Shape broadcast_shape(const std::vector<Shape>& shapes) {
  Shape shape;
  for (const Shape& own : shapes) {
    if (own.size() > shape.size()) shape.insert(shape.begin(), own.size() - shape.size(), 1);
    for (size_t i = 0; i < own.size(); i++) {
      int64_t& extent = shape[shape.size() - own.size() + i];
      if (extent == 1) {
        extent = own[i];
      } else if (own[i] != 1 && own[i] != extent) {
        throw Error(NC_INVALID_SHAPE, "shapes " + to_string(shape) + " and " + to_string(own) + " do not broadcast");
      }
    }
  }
  return shape;
}

}  // namespace nativechain

#endif
