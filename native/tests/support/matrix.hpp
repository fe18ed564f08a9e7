// Matrices for tests, and their products by plain loops.
#pragma once

#include "support/tensor.hpp"

namespace nc::test {

// The block starts and ends where the view does, also when a stride is negative or axes are permuted.
inline Tensor matrix(nc_dtype dtype, int64_t rows, int64_t columns, const std::string& layout, unsigned seed) {
  const double low = is_floating(dtype) ? -1 : -4, high = is_floating(dtype) ? 1 : 5;
  Shape strides{columns, 1};
  if (layout == "transposed") strides = {1, rows};
  if (layout == "backwards") strides = {-columns, -1};
  if (layout == "padded") strides = {columns + 3, 1};
  if (layout == "spread") strides = {2 * columns + 1, 2};
  return Tensor::random(dtype, {rows, columns}, strides, seed, low, high);
}

// a . b of two matrices, in double (exact for the small integers here).
inline std::vector<double> product_of(const std::vector<double>& a, const std::vector<double>& b, int64_t m, int64_t k,
                               int64_t n) {
  std::vector<double> y(static_cast<size_t>(m * n));
  for (int64_t i = 0; i < m; i++)
    for (int64_t l = 0; l < k; l++)
      for (int64_t j = 0; j < n; j++) y[i * n + j] += a[i * k + l] * b[l * n + j];
  return y;
}

inline std::vector<double> product_of(const Tensor& a, const Tensor& b) {
  return product_of(a.values(), b.values(), a.shape()[0], a.shape()[1], b.shape()[1]);
}

}  // namespace nc::test
