// Tensors for tests: memory of exactly the size that the view needs, so that sanitizers see a step outside.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <functional>
#include <initializer_list>
#include <memory>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "core/dtype.hpp"
#include "core/tensor.hpp"
#include "nativechain/nativechain.h"

namespace nc::test {

using Shape = std::vector<int64_t>;

inline constexpr nc_dtype kAllDtypes[] = {NC_BOOL,    NC_UINT8,    NC_INT32,   NC_INT64,
                                          NC_FLOAT16, NC_BFLOAT16, NC_FLOAT32, NC_FLOAT64};
inline constexpr nc_dtype kFloatDtypes[] = {NC_FLOAT16, NC_BFLOAT16, NC_FLOAT32, NC_FLOAT64};

// The process's CPU context.
inline nc_context* context() {
  static nc_context* const instance = [] {
    nc_context* created = nullptr;
    if (nc_context_create(NC_CPU, 0, &created) != NC_OK) throw std::runtime_error(nc_last_error());
    return created;
  }();
  return instance;
}

// Whether the kernels under test are the reference themselves, which is plain loops on one thread.
inline bool runs_reference() { return std::strcmp(nc_cpu_isa(), "reference") == 0; }

class Tensor {
 public:
  // Zeros, in C order.
  Tensor(nc_dtype dtype, const Shape& shape) : Tensor(dtype, shape, contiguous(shape)) {}

  // Zeros, with strides in elements; the block ends where the view does.
  Tensor(nc_dtype dtype, const Shape& shape, const Shape& strides) {
    view_ = {};
    view_.device_type = NC_CPU;
    view_.dtype = dtype;
    view_.ndim = static_cast<int32_t>(shape.size());
    int64_t low = 0, high = 0;
    bool empty = false;
    for (size_t i = 0; i < shape.size(); i++) {
      view_.shape[i] = shape[i];
      view_.strides[i] = strides[i];
      empty |= shape[i] == 0;
      const int64_t span = (shape[i] - 1) * strides[i];
      (span < 0 ? low : high) += span;
    }
    const int64_t item = dtype_size(dtype);
    view_.nbytes = empty ? 0 : (high - low + 1) * item;
    view_.offset = empty ? 0 : -low * item;
    memory_.reset(static_cast<char*>(::operator new (view_.nbytes, std::align_val_t{64})),
                  [](char* p) { ::operator delete (p, std::align_val_t{64}); });
    std::memset(memory_.get(), 0, view_.nbytes);
    view_.base = memory_.get();
  }

  // Uniform in [low, high) from the seed; whole numbers for integers, 0 and 1 for bool.
  static Tensor random(nc_dtype dtype, const Shape& shape, unsigned seed, double low = -1, double high = 1) {
    return Tensor(dtype, shape).fill_random(seed, low, high);
  }
  static Tensor random(nc_dtype dtype, const Shape& shape, const Shape& strides, unsigned seed, double low = -1,
                       double high = 1) {
    return Tensor(dtype, shape, strides).fill_random(seed, low, high);
  }

  static Tensor of(nc_dtype dtype, const Shape& shape, const std::vector<double>& values) {
    Tensor t(dtype, shape);
    t.set(values);
    return t;
  }

  Tensor& fill_random(unsigned seed, double low, double high) {
    std::mt19937_64 engine(seed);
    std::uniform_real_distribution<double> uniform(low, high);
    std::vector<double> values(size());
    for (double& v : values) {
      v = view_.dtype == NC_BOOL ? double(engine() & 1) : uniform(engine);
      if (!is_floating(view_.dtype)) v = std::floor(v);
    }
    set(values);
    return *this;
  }

  // Elements in C order, as doubles (int64 beyond 2^53 rounds).
  std::vector<double> values() const {
    std::vector<double> result(size());
    double* next = result.data();
    visit([&](const auto& element) { *next++ = convert<double>(element); });
    return result;
  }

  void set(const std::vector<double>& values) const {
    if (static_cast<int64_t>(values.size()) < size()) throw std::out_of_range("fewer values than elements");
    const double* next = values.data();
    visit([&](auto& element) { element = convert<std::remove_reference_t<decltype(element)>>(*next++); });
  }

  // The same memory seen otherwise.
  Tensor view(const std::function<void(nc_tensor&)>& change) const {
    Tensor t = *this;
    change(t.view_);
    return t;
  }
  Tensor transposed(const std::vector<int>& axes) const {
    return view([&](nc_tensor& v) {
      for (size_t i = 0; i < axes.size(); i++) {
        v.shape[i] = view_.shape[axes[i]];
        v.strides[i] = view_.strides[axes[i]];
      }
    });
  }

  Tensor clone() const {
    Tensor t(view_.dtype, shape());
    t.set(values());
    return t;
  }

  int64_t size() const { return size_of(view_); }
  nc_dtype dtype() const { return view_.dtype; }
  Shape shape() const { return Shape(view_.shape, view_.shape + view_.ndim); }
  template <class T>
  T* data() const {
    return nc::data<T>(view_);
  }
  const nc_tensor& operator*() const { return view_; }
  operator const nc_tensor*() const { return &view_; }

 private:
  static Shape contiguous(const Shape& shape) {
    Shape strides(shape.size());
    int64_t n = 1;
    for (size_t i = shape.size(); i-- > 0; n *= std::max<int64_t>(shape[i], 1)) strides[i] = n;
    return strides;
  }

  // Each element in C order. The dtype is looked up once and the place once a row: tests visit millions.
  template <class F>
  void visit(F&& f) const {
    const int last = view_.ndim - 1;
    const int64_t n = size(), row = last < 0 ? 1 : view_.shape[last], step = last < 0 ? 0 : view_.strides[last];
    with_dtype(view_.dtype, [&](auto type) {
      int64_t index[NC_MAX_DIMS] = {};
      for (int64_t k = 0; k < n; k += row) {
        int64_t at = 0;
        for (int i = 0; i < last; i++) at += index[i] * view_.strides[i];
        auto* const first = nc::data<typename decltype(type)::type>(view_) + at;
        for (int64_t i = 0; i < row; i++) f(first[i * step]);
        for (int i = last - 1; i >= 0 && ++index[i] == view_.shape[i]; i--) index[i] = 0;
      }
    });
  }

  nc_tensor view_;
  std::shared_ptr<char> memory_;
};

// |actual - expected| <= atol + rtol * |expected| for each element; NaN equals NaN, infinities must be equal.
inline void expect_close(const std::vector<double>& actual, const std::vector<double>& expected, double rtol,
                         double atol = 0) {
  ASSERT_EQ(actual.size(), expected.size());
  for (size_t i = 0; i < actual.size(); i++) {
    const double a = actual[i], e = expected[i];
    if (a == e || (std::isnan(a) && std::isnan(e))) continue;
    ASSERT_LE(std::fabs(a - e), atol + rtol * std::fabs(e)) << "at " << i << ": " << a << ", expected " << e;
  }
}
inline void expect_close(const Tensor& actual, const std::vector<double>& expected, double rtol, double atol = 0) {
  expect_close(actual.values(), expected, rtol, atol);
}

inline testing::AssertionResult succeeded(nc_status status) {
  if (status == NC_OK) return testing::AssertionSuccess();
  return testing::AssertionFailure() << "status " << status << ": " << nc_last_error();
}

// The call failed with the status, and the text names what it should.
inline testing::AssertionResult failed(nc_status status, nc_status expected, const std::string& text) {
  if (status != expected)
    return testing::AssertionFailure() << "status " << status << (status == NC_OK ? "" : nc_last_error());
  if (std::string(nc_last_error()).find(text) == std::string::npos)
    return testing::AssertionFailure() << "text is '" << nc_last_error() << "', without '" << text << "'";
  return testing::AssertionSuccess();
}

}  // namespace nc::test
