// Pooling by plain loops: the oracle of the fast kernels, and what runs where no vector ISA does.
#include "cpu/pooling.hpp"

#include <limits>
#include <vector>

#include "core/backend.hpp"
#include "core/element.hpp"

namespace nc::cpu::reference {
namespace {

// Calls body(plane, o0, o1, o2) for every window.
template <class Body>
void for_windows(const nc_tensor& x, const WindowAxes& w, Body&& body) {
  for (int64_t plane = 0; plane < x.shape[0] * x.shape[1]; plane++)
    for (int64_t o0 = 0; o0 < w.axes[0].out; o0++)
      for (int64_t o1 = 0; o1 < w.axes[1].out; o1++)
        for (int64_t o2 = 0; o2 < w.axes[2].out; o2++) body(plane, o0, o1, o2);
}

// Calls body(i0, i1, i2, position in the window) for the elements of a window that lie in the image, in C order.
template <class Body>
void for_elements(const WindowAxes& w, int64_t o0, int64_t o1, int64_t o2, Body&& body) {
  const WindowAxis& a0 = w.axes[0];
  const WindowAxis& a1 = w.axes[1];
  const WindowAxis& a2 = w.axes[2];
  for (int64_t k0 = a0.first(o0); k0 < a0.last(o0); k0++)
    for (int64_t k1 = a1.first(o1); k1 < a1.last(o1); k1++)
      for (int64_t k2 = a2.first(o2); k2 < a2.last(o2); k2++)
        body(a0.at(o0, k0), a1.at(o1, k1), a2.at(o2, k2), (k0 * a1.size + k1) * a2.size + k2);
}

// Elements as doubles, by plane and position.
class Image {
 public:
  explicit Image(const nc_tensor& t) : planes_(t), dtype_(t.dtype) {}
  double get(int64_t plane, int64_t i0, int64_t i1, int64_t i2) const {
    return load_element<double>(dtype_, at(plane, i0, i1, i2));
  }
  int64_t index(int64_t plane, int64_t i0, int64_t i1, int64_t i2) const {
    return load_element<int64_t>(dtype_, at(plane, i0, i1, i2));
  }
  template <class T>
  void set(int64_t plane, int64_t i0, int64_t i1, int64_t i2, T value) const {
    store_element(dtype_, at(plane, i0, i1, i2), value);
  }

 private:
  char* at(int64_t plane, int64_t i0, int64_t i1, int64_t i2) const {
    return planes_.plane(plane) +
           (i0 * planes_.strides[0] + i1 * planes_.strides[1] + i2 * planes_.strides[2]) * planes_.item;
  }
  Planes planes_;
  nc_dtype dtype_;
};

void check_indices(const nc_tensor& indices, const WindowAxes& w) {
  const Image values(indices);
  for_windows(indices, w, [&](int64_t plane, int64_t o0, int64_t o1, int64_t o2) {
    check_position(values.index(plane, o0, o1, o2), w.size());
  });
}

nc_status max_pooling(void*, const nc_tensor* x, const nc_window* window, const nc_tensor* y,
                      const nc_tensor* indices) {
  const WindowAxes w(*x, *y, *window);
  const Image in(*x), out(*y), at(indices ? *indices : *y);
  for_windows(*y, w, [&](int64_t plane, int64_t o0, int64_t o1, int64_t o2) {
    double max = -std::numeric_limits<double>::infinity();
    int64_t found = -1;
    for_elements(w, o0, o1, o2, [&](int64_t i0, int64_t i1, int64_t i2, int64_t position) {
      const double value = in.get(plane, i0, i1, i2);
      if (found >= 0 && (max != max || value <= max)) return;
      max = value;
      found = position;
    });
    out.set(plane, o0, o1, o2, max);
    if (indices) at.set<int64_t>(plane, o0, o1, o2, std::max<int64_t>(found, 0));
  });
  return NC_OK;
}

// Sums in double of what body adds to each element, stored once.
template <class Body>
void accumulate(const nc_tensor& gx, const WindowAxes& w, Body&& body) {
  std::vector<double> sums(static_cast<size_t>(size_of(gx)));
  const auto sum_at = [&](int64_t plane, int64_t i0, int64_t i1, int64_t i2) -> double& {
    return sums[static_cast<size_t>(((plane * w.axes[0].in + i0) * w.axes[1].in + i1) * w.axes[2].in + i2)];
  };
  body(sum_at);
  const Image out(gx);
  for (int64_t plane = 0; plane < gx.shape[0] * gx.shape[1]; plane++)
    for (int64_t i0 = 0; i0 < w.axes[0].in; i0++)
      for (int64_t i1 = 0; i1 < w.axes[1].in; i1++)
        for (int64_t i2 = 0; i2 < w.axes[2].in; i2++) out.set(plane, i0, i1, i2, sum_at(plane, i0, i1, i2));
}

nc_status max_pooling_grad(void*, const nc_tensor* gy, const nc_tensor* indices, const nc_window* window,
                           const nc_tensor* gx) {
  const WindowAxes w(*gx, *gy, *window);
  check_indices(*indices, w);
  const Image gradient(*gy), positions(*indices);
  accumulate(*gx, w, [&](const auto& sum_at) {
    for_windows(*gy, w, [&](int64_t plane, int64_t o0, int64_t o1, int64_t o2) {
      const int64_t chosen = positions.index(plane, o0, o1, o2);
      for_elements(w, o0, o1, o2, [&](int64_t i0, int64_t i1, int64_t i2, int64_t position) {
        if (position == chosen) sum_at(plane, i0, i1, i2) += gradient.get(plane, o0, o1, o2);
      });
    });
  });
  return NC_OK;
}

nc_status max_pooling_gather(void*, const nc_tensor* x, const nc_tensor* indices, const nc_window* window,
                             const nc_tensor* y) {
  const WindowAxes w(*x, *y, *window);
  check_indices(*indices, w);
  const Image in(*x), out(*y), positions(*indices);
  for_windows(*y, w, [&](int64_t plane, int64_t o0, int64_t o1, int64_t o2) {
    const int64_t chosen = positions.index(plane, o0, o1, o2);
    double value = 0;
    for_elements(w, o0, o1, o2, [&](int64_t i0, int64_t i1, int64_t i2, int64_t position) {
      if (position == chosen) value = in.get(plane, i0, i1, i2);
    });
    out.set(plane, o0, o1, o2, value);
  });
  return NC_OK;
}

double divisor_of(const WindowAxes& w, nc_divisor divisor, int64_t o0, int64_t o1, int64_t o2) {
  if (divisor == NC_DIVISOR_ONE) return 1;
  if (divisor == NC_DIVISOR_SIZE) return static_cast<double>(w.size());
  return static_cast<double>(w.axes[0].count(o0) * w.axes[1].count(o1) * w.axes[2].count(o2));
}

nc_status average_pooling(void*, const nc_tensor* x, const nc_window* window, int32_t divisor, const nc_tensor* y) {
  const WindowAxes w(*x, *y, *window);
  const Image in(*x), out(*y);
  for_windows(*y, w, [&](int64_t plane, int64_t o0, int64_t o1, int64_t o2) {
    double sum = 0;
    for_elements(w, o0, o1, o2, [&](int64_t i0, int64_t i1, int64_t i2, int64_t) { sum += in.get(plane, i0, i1, i2); });
    out.set(plane, o0, o1, o2, sum / divisor_of(w, divisor, o0, o1, o2));
  });
  return NC_OK;
}

nc_status average_pooling_grad(void*, const nc_tensor* gy, const nc_window* window, int32_t divisor,
                               const nc_tensor* gx) {
  const WindowAxes w(*gx, *gy, *window);
  const Image gradient(*gy);
  accumulate(*gx, w, [&](const auto& sum_at) {
    for_windows(*gy, w, [&](int64_t plane, int64_t o0, int64_t o1, int64_t o2) {
      const double share = gradient.get(plane, o0, o1, o2) / divisor_of(w, divisor, o0, o1, o2);
      for_elements(w, o0, o1, o2,
                   [&](int64_t i0, int64_t i1, int64_t i2, int64_t) { sum_at(plane, i0, i1, i2) += share; });
    });
  });
  return NC_OK;
}

}  // namespace

void register_pooling(nc_backend& table) {
  table.max_pooling = max_pooling;
  table.max_pooling_grad = max_pooling_grad;
  table.max_pooling_gather = max_pooling_gather;
  table.average_pooling = average_pooling;
  table.average_pooling_grad = average_pooling_grad;
}

}  // namespace nc::cpu::reference
