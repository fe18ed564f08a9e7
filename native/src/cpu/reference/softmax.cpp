// The softmax family by plain loops: the oracle of the fast kernels, and what runs where no vector ISA does.
#include <cmath>
#include <limits>
#include <type_traits>

#include "core/backend.hpp"
#include "core/element.hpp"
#include "core/tensor.hpp"

namespace nc::cpu::reference {
namespace {

// The elements along one axis of a tensor, at one index of the other axes.
class Lane {
 public:
  // index counts the other axes in C order.
  Lane(const nc_tensor& t, int axis, int64_t index) : dtype_(t.dtype), first_(data<char>(t)) {
    const int64_t size = dtype_size(t.dtype);
    for (int i = t.ndim - 1; i >= 0; i--) {
      if (i == axis) continue;
      first_ += index % t.shape[i] * t.strides[i] * size;
      index /= t.shape[i];
    }
    if (axis >= 0) step_ = t.strides[axis] * size;
  }
  template <class T>
  T get(int64_t i = 0) const {
    return load_element<T>(dtype_, first_ + i * step_);
  }
  template <class T>
  void set(int64_t i, T value) const {
    store_element(dtype_, first_ + i * step_, value);
  }

 private:
  nc_dtype dtype_;
  char* first_;
  int64_t step_ = 0;
};

template <class T>
T max_of(const Lane& x, int64_t n) {
  T max = -std::numeric_limits<T>::infinity();
  for (int64_t i = 0; i < n; i++) {
    const T value = x.get<T>(i);
    if (value != value) return value;
    if (value > max) max = value;
  }
  return max;
}

template <class T>
T sum_of_exp(const Lane& x, int64_t n, T max) {
  T sum = 0;
  for (int64_t i = 0; i < n; i++) sum += std::exp(x.get<T>(i) - max);
  return sum;
}

int64_t lanes_of(const nc_tensor& t, int axis) {
  int64_t lanes = 1;
  for (int i = 0; i < t.ndim; i++)
    if (i != axis) lanes *= t.shape[i];
  return lanes;
}

// Calls body(T{}) with the type that a dtype computes in.
template <class Body>
void with_compute_type(nc_dtype dtype, Body&& body) {
  if (dtype == NC_FLOAT64) {
    body(double{});
  } else {
    body(float{});
  }
}

nc_status softmax(void*, const nc_tensor* x, int32_t axis, const nc_tensor* y) {
  with_compute_type(y->dtype, [&]<class T>(T) {
    const int64_t n = x->shape[axis], lanes = lanes_of(*x, axis);
    for (int64_t lane = 0; lane < lanes; lane++) {
      const Lane in(*x, axis, lane), out(*y, axis, lane);
      const T max = max_of<T>(in, n), sum = sum_of_exp(in, n, max);
      for (int64_t i = 0; i < n; i++) out.set(i, std::exp(in.get<T>(i) - max) / sum);
    }
  });
  return NC_OK;
}

nc_status softmax_grad(void*, const nc_tensor* y, const nc_tensor* gy, int32_t axis, const nc_tensor* gx) {
  with_compute_type(y->dtype, [&]<class T>(T) {
    const int64_t n = y->shape[axis], lanes = lanes_of(*y, axis);
    for (int64_t lane = 0; lane < lanes; lane++) {
      const Lane in(*y, axis, lane), gradient(*gy, axis, lane), out(*gx, axis, lane);
      T sum = 0;
      for (int64_t i = 0; i < n; i++) sum += gradient.get<T>(i) * in.get<T>(i);
      for (int64_t i = 0; i < n; i++) out.set(i, in.get<T>(i) * (gradient.get<T>(i) - sum));
    }
  });
  return NC_OK;
}

nc_status log_softmax(void*, const nc_tensor* x, int32_t axis, const nc_tensor* y) {
  with_compute_type(y->dtype, [&]<class T>(T) {
    const int64_t n = x->shape[axis], lanes = lanes_of(*x, axis);
    for (int64_t lane = 0; lane < lanes; lane++) {
      const Lane in(*x, axis, lane), out(*y, axis, lane);
      const T max = max_of<T>(in, n), log_sum = std::log(sum_of_exp(in, n, max));
      for (int64_t i = 0; i < n; i++) out.set(i, in.get<T>(i) - max - log_sum);
    }
  });
  return NC_OK;
}

nc_status log_softmax_grad(void*, const nc_tensor* y, const nc_tensor* gy, int32_t axis, const nc_tensor* gx) {
  with_compute_type(y->dtype, [&]<class T>(T) {
    const int64_t n = y->shape[axis], lanes = lanes_of(*y, axis);
    for (int64_t lane = 0; lane < lanes; lane++) {
      const Lane in(*y, axis, lane), gradient(*gy, axis, lane), out(*gx, axis, lane);
      T sum = 0;
      for (int64_t i = 0; i < n; i++) sum += gradient.get<T>(i);
      for (int64_t i = 0; i < n; i++) out.set(i, gradient.get<T>(i) - std::exp(in.get<T>(i)) * sum);
    }
  });
  return NC_OK;
}

void check_labels(const nc_tensor& t, int64_t classes, int64_t ignore_label) {
  const int64_t n = size_of(t);
  for (int64_t i = 0; i < n; i++) {
    const int64_t label = Lane(t, -1, i).get<int64_t>();
    if (label != ignore_label && (label < 0 || label >= classes))
      fail(NC_INDEX_OUT_OF_RANGE, "t: label %lld is not in [0, %lld)", static_cast<long long>(label),
           static_cast<long long>(classes));
  }
}

nc_status softmax_cross_entropy(void* state, const nc_tensor* x, const nc_tensor* t, const nc_tensor* weight,
                                int64_t ignore_label, const nc_tensor* log_p, const nc_tensor* loss) {
  check_labels(*t, x->shape[1], ignore_label);
  log_softmax(state, x, 1, log_p);
  with_compute_type(x->dtype, [&]<class T>(T) {
    const int64_t n = size_of(*t);
    for (int64_t i = 0; i < n; i++) {
      const int64_t label = Lane(*t, -1, i).get<int64_t>();
      T value = 0;
      if (label != ignore_label) {
        value = -Lane(*log_p, 1, i).get<T>(label);
        if (weight) value *= Lane(*weight, 0, 0).get<T>(label);
      }
      Lane(*loss, -1, i).set(0, value);
    }
  });
  return NC_OK;
}

nc_status softmax_cross_entropy_grad(void*, const nc_tensor* log_p, const nc_tensor* t, const nc_tensor* weight,
                                     int64_t ignore_label, const nc_tensor* g, const nc_tensor* gx) {
  const int64_t classes = log_p->shape[1], n = size_of(*t);
  check_labels(*t, classes, ignore_label);
  with_compute_type(log_p->dtype, [&]<class T>(T) {
    for (int64_t i = 0; i < n; i++) {
      const Lane in(*log_p, 1, i), out(*gx, 1, i);
      const int64_t label = Lane(*t, -1, i).get<int64_t>();
      T scale = 0;
      if (label != ignore_label) {
        scale = Lane(*g, -1, i).get<T>();
        if (weight) scale *= Lane(*weight, 0, 0).get<T>(label);
      }
      for (int64_t c = 0; c < classes; c++) {
        const T p = std::exp(in.get<T>(c));
        out.set(c, label == ignore_label ? T{0} : scale * (p - T(c == label)));
      }
    }
  });
  return NC_OK;
}

}  // namespace

void register_softmax(nc_backend& table) {
  table.softmax = softmax;
  table.softmax_grad = softmax_grad;
  table.log_softmax = log_softmax;
  table.log_softmax_grad = log_softmax_grad;
  table.softmax_cross_entropy = softmax_cross_entropy;
  table.softmax_cross_entropy_grad = softmax_cross_entropy_grad;
}

}  // namespace nc::cpu::reference
