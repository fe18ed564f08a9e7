// What the benchmarks share: a context, and tensors of float32.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <vector>

#include "nativechain/nativechain.h"

namespace nc::benchmarks {

inline void check(nc_status status) {
  if (status == NC_OK) return;
  std::fprintf(stderr, "%s\n", nc_last_error());
  std::exit(1);
}

inline nc_context* context() {
  static nc_context* const instance = [] {
    nc_context* created;
    check(nc_context_create(NC_CPU, 0, &created));
    return created;
  }();
  return instance;
}

// Gives a view this shape in C order; how many elements that is.
inline int64_t set_shape(nc_tensor& view, const std::vector<int64_t>& shape) {
  int64_t n = 1;
  view.ndim = static_cast<int32_t>(shape.size());
  for (int32_t i = view.ndim - 1; i >= 0; i--) {
    view.shape[i] = shape[static_cast<size_t>(i)];
    view.strides[i] = n;
    n *= view.shape[i];
  }
  return n;
}

// float32, C order, ones.
struct Tensor {
  std::vector<float> values;
  nc_tensor view = {};

  explicit Tensor(const std::vector<int64_t>& shape, float value = 1) {
    const int64_t n = set_shape(view, shape);
    values.assign(static_cast<size_t>(n), value);
    view.base = values.data();
    view.nbytes = n * 4;
    view.device_type = NC_CPU;
    view.dtype = NC_FLOAT32;
  }
};

}  // namespace nc::benchmarks
