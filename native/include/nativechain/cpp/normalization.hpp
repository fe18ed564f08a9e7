// Normalization to mean 0 and variance 1 over any axes, with its gradients.
#ifndef NATIVECHAIN_CPP_NORMALIZATION_HPP
#define NATIVECHAIN_CPP_NORMALIZATION_HPP

#include "nativechain/cpp/tensor.hpp"

namespace nativechain {

struct Normalization {
  Tensor y;         // as x
  Tensor mean;      // with extent 1 on the axes that are reduced; float64 of float64, else float32
  Tensor variance;  // biased, as mean
};

// y = (x - mean) / sqrt(variance + eps) * gamma + beta, of the mean and the variance of x over the axes. gamma and
// beta: null, or broadcast to x, float64 for float64, else float32. Batch normalization of (N, C, H, W): axes {0, 2,
// 3}, gamma (C, 1, 1).
inline Normalization normalization(const Tensor& x, const std::vector<int64_t>& axes, const Tensor* gamma = nullptr,
                                   const Tensor* beta = nullptr, double eps = 1e-5) {
  Shape kept = x.shape();
  for (const int64_t axis : axes) kept[detail::axis_of("normalization", axis, x.ndim())] = 1;
  const DType dtype = x.dtype() == DType::float64 ? DType::float64 : DType::float32;
  Normalization result = {Tensor::empty(x.shape(), x.dtype(), x.device()), Tensor::empty(kept, dtype, x.device()),
                          Tensor::empty(kept, dtype, x.device())};
  check(nc_normalization(x.context(), x.descriptor(), gamma ? gamma->descriptor() : nullptr,
                         beta ? beta->descriptor() : nullptr, eps, result.y.descriptor(), result.mean.descriptor(),
                         result.variance.descriptor()));
  return result;
}

struct NormalizationGrad {
  Tensor gx;      // as x
  Tensor ggamma;  // factors
  Tensor gbeta;   // factors
};

// The gradients of the above. `factors`: the shape of those of gamma and beta, as many axes as x has, 1 where they are
// summed.
inline NormalizationGrad normalization_grad(const Tensor& x, const Tensor* gamma, const Tensor& gy,
                                            const Normalization& forward, const Shape& factors, double eps = 1e-5) {
  const DType dtype = forward.mean.dtype();
  NormalizationGrad result = {Tensor::empty(x.shape(), x.dtype(), x.device()),
                              Tensor::empty(factors, dtype, x.device()), Tensor::empty(factors, dtype, x.device())};
  check(nc_normalization_grad(x.context(), x.descriptor(), gamma ? gamma->descriptor() : nullptr, gy.descriptor(),
                              forward.mean.descriptor(), forward.variance.descriptor(), eps, result.gx.descriptor(),
                              result.ggamma.descriptor(), result.gbeta.descriptor()));
  return result;
}

}  // namespace nativechain

#endif
