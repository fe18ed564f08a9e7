// Random tensors from Philox 4x32-10: a generator is a seed and how far it has come, so that equal ones give equal
// numbers on every machine and device.
#ifndef NATIVECHAIN_CPP_RANDOM_HPP
#define NATIVECHAIN_CPP_RANDOM_HPP

#include "nativechain/cpp/tensor.hpp"

namespace nativechain {

class Generator {
 public:
  explicit Generator(uint64_t seed = 0) : seed_(seed) {}

  // The next 32-bit words, as int32.
  Tensor words(const Shape& shape, Device device = {}) {
    return draw(shape, DType::int32, device,
                [](const Tensor& y, nc_random_key key) { return nc_random_words(y.context(), key, y.descriptor()); });
  }
  // In [low, high).
  Tensor uniform(const Shape& shape, double low = 0, double high = 1, DType dtype = DType::float32,
                 Device device = {}) {
    return draw(shape, dtype, device, [=](const Tensor& y, nc_random_key key) {
      return nc_random_uniform(y.context(), key, low, high, y.descriptor());
    });
  }
  Tensor normal(const Shape& shape, double mean = 0, double stddev = 1, DType dtype = DType::float32,
                Device device = {}) {
    return draw(shape, dtype, device, [=](const Tensor& y, nc_random_key key) {
      return nc_random_normal(y.context(), key, mean, stddev, y.descriptor());
    });
  }
  // Between low and high standard deviations from the mean.
  Tensor truncated_normal(const Shape& shape, double mean = 0, double stddev = 1, double low = -2, double high = 2,
                          DType dtype = DType::float32, Device device = {}) {
    return draw(shape, dtype, device, [=](const Tensor& y, nc_random_key key) {
      return nc_random_truncated_normal(y.context(), key, mean, stddev, low, high, y.descriptor());
    });
  }
  // 1 with probability p.
  Tensor bernoulli(const Shape& shape, double p, DType dtype = DType::boolean, Device device = {}) {
    return draw(shape, dtype, device, [=](const Tensor& y, nc_random_key key) {
      return nc_random_bernoulli(y.context(), key, p, y.descriptor());
    });
  }
  // 0 to n - 1 in random order, int64.
  Tensor permutation(int64_t n, Device device = {}) {
    return draw({n}, DType::int64, device, [](const Tensor& y, nc_random_key key) {
      return nc_random_permutation(y.context(), key, y.descriptor());
    });
  }

 private:
  template <class Call>
  Tensor draw(const Shape& shape, DType dtype, Device device, Call call) {
    Tensor y = Tensor::empty(shape, dtype, device);
    check(call(y, {seed_, {nullptr, 0, counter_}}));
    // float64 and permutations take two words an element.
    const int64_t words = y.size() * (dtype == DType::float64 || dtype == DType::int64 ? 2 : 1);
    counter_ += (words + 3) / 4 * 4;
    return y;
  }

  uint64_t seed_;
  int64_t counter_ = 0;
};

}  // namespace nativechain

#endif
