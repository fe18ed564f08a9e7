// Normalization by plain loops, in double: the oracle of the fast kernels, and what runs where no vector ISA does.
#include "cpu/normalization.hpp"

#include <cmath>
#include <vector>

#include "core/backend.hpp"
#include "core/element.hpp"
#include "core/tensor.hpp"

namespace nc::cpu::reference {
namespace {

// The element of t at an index that counts x's elements in C order; axes of extent 1 are repeated.
char* element_at(const nc_tensor& t, const nc_tensor& x, int64_t index) {
  int64_t at = 0;
  for (int i = x.ndim - 1; i >= 0; i--) {
    if (t.shape[i] != 1) at += index % x.shape[i] * t.strides[i];
    index /= x.shape[i];
  }
  return data<char>(t) + at * dtype_size(t.dtype);
}

double get(const nc_tensor& t, const nc_tensor& x, int64_t index) {
  return load_element<double>(t.dtype, element_at(t, x, index));
}

// Sums over x's elements, one for each element of `like`, which is broadcast to x.
class Sums {
 public:
  Sums(const nc_tensor& like, const nc_tensor& x) : like_(like), x_(x), sums_(static_cast<size_t>(size_of(like))) {}

  double& at(int64_t index) {
    int64_t at = 0, step = 1;
    for (int i = x_.ndim - 1; i >= 0; i--) {
      if (like_.shape[i] != 1) at += index % x_.shape[i] * step;
      index /= x_.shape[i];
      step *= like_.shape[i];
    }
    return sums_[static_cast<size_t>(at)];
  }

  // t[i] = sum / divisor
  void store(const nc_tensor& t, double divisor) const {
    for (int64_t i = 0; i < size_of(t); i++)
      store_element(t.dtype, element_at(t, t, i), sums_[static_cast<size_t>(i)] / divisor);
  }

 private:
  const nc_tensor& like_;
  const nc_tensor& x_;
  std::vector<double> sums_;
};

}  // namespace

nc_status normalization(void*, const nc_tensor* x, const nc_tensor* gamma, const nc_tensor* beta, double eps,
                        const nc_tensor* y, const nc_tensor* mean, const nc_tensor* variance) {
  const int64_t size = size_of(*x);
  const double count = static_cast<double>(size) / static_cast<double>(size_of(*mean));
  Sums means(*mean, *x), squares(*mean, *x);
  for (int64_t i = 0; i < size; i++) means.at(i) += get(*x, *x, i);
  const auto centred = [&](int64_t i) { return get(*x, *x, i) - means.at(i) / count; };
  for (int64_t i = 0; i < size; i++) squares.at(i) += centred(i) * centred(i);
  for (int64_t i = 0; y && i < size; i++) {
    double value = centred(i) / std::sqrt(squares.at(i) / count + eps);
    if (gamma) value *= get(*gamma, *x, i);
    if (beta) value += get(*beta, *x, i);
    store_element(y->dtype, element_at(*y, *x, i), value);
  }
  means.store(*mean, count);
  squares.store(*variance, count);
  return NC_OK;
}

nc_status normalization_grad(void*, const nc_tensor* x, const nc_tensor* gamma, const nc_tensor* gy,
                             const nc_tensor* mean, const nc_tensor* variance, double eps, const nc_tensor* gx,
                             const nc_tensor* ggamma, const nc_tensor* gbeta) {
  const int64_t size = size_of(*x);
  const double count = static_cast<double>(size) / static_cast<double>(size_of(*mean));
  const auto inverse = [&](int64_t i) { return 1 / std::sqrt(get(*variance, *x, i) + eps); };
  const auto normalized = [&](int64_t i) { return (get(*x, *x, i) - get(*mean, *x, i)) * inverse(i); };
  const auto scaled = [&](int64_t i) { return get(*gy, *x, i) * (gamma ? get(*gamma, *x, i) : 1); };
  // Before gx, which may be gy.
  if (ggamma) {
    Sums sums(*ggamma, *x);
    for (int64_t i = 0; i < size; i++) sums.at(i) += get(*gy, *x, i) * normalized(i);
    sums.store(*ggamma, 1);
  }
  if (gbeta) {
    Sums sums(*gbeta, *x);
    for (int64_t i = 0; i < size; i++) sums.at(i) += get(*gy, *x, i);
    sums.store(*gbeta, 1);
  }
  if (gx) {
    Sums sums(*mean, *x), products(*mean, *x);
    for (int64_t i = 0; i < size; i++) {
      sums.at(i) += scaled(i);
      products.at(i) += scaled(i) * normalized(i);
    }
    for (int64_t i = 0; i < size; i++)
      store_element(gx->dtype, element_at(*gx, *x, i),
                    inverse(i) * (scaled(i) - (sums.at(i) + normalized(i) * products.at(i)) / count));
  }
  return NC_OK;
}

void register_normalization(nc_backend& table) {
  table.normalization = normalization;
  table.normalization_grad = normalization_grad;
}

}  // namespace nc::cpu::reference
