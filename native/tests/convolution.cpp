#include "nativechain/convolution.h"

#include <limits>

#include "core/thread_pool.hpp"
#include "support/program.hpp"
#include "support/tensor.hpp"

namespace nc::test {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

double tolerance(nc_dtype dtype, double magnitude) {
  return magnitude * (dtype == NC_FLOAT64 ? 1e-14 : dtype == NC_FLOAT32 ? 2e-6 : dtype == NC_FLOAT16 ? 2e-3 : 2e-2);
}

struct Case {
  Shape x, W;  // (N, C, d...), (O, C / groups, k...)
  Shape stride, padding, dilation;
  int64_t groups = 1;
  bool cover_all = false;
};

std::ostream& operator<<(std::ostream& out, const Case& c) {
  const auto list = [&](const char* name, const Shape& values) {
    out << name;
    for (int64_t v : values) out << " " << v;
  };
  list("x", c.x);
  list(" W", c.W);
  list(" stride", c.stride);
  list(" padding", c.padding);
  list(" dilation", c.dilation);
  return out << " groups " << c.groups << (c.cover_all ? " cover_all" : "");
}

nc_convolution window_of(const Case& c) {
  nc_convolution window = {};
  for (size_t i = 0; i < c.stride.size(); i++) {
    window.stride[i] = c.stride[i];
    window.padding[i] = c.padding[i];
    window.dilation[i] = c.dilation[i];
  }
  window.groups = c.groups;
  return window;
}

Shape output_of(const Case& c) {
  Shape y = {c.x[0], c.W[0]};
  for (size_t i = 0; i < c.stride.size(); i++) {
    const int64_t room = c.x[2 + i] + 2 * c.padding[i] - c.dilation[i] * (c.W[2 + i] - 1) - 1;
    y.push_back((room + (c.cover_all ? c.stride[i] - 1 : 0)) / c.stride[i] + 1);
  }
  return y;
}

int64_t count(const Shape& shape, size_t first = 0) {
  return std::accumulate(shape.begin() + static_cast<int64_t>(first), shape.end(), int64_t{1}, std::multiplies<>());
}

// Calls body(index of y, index of W, index of x or -1 beyond it) for each product of a convolution.
template <class Body>
void each_product(const Case& c, Body&& body) {
  const Shape y = output_of(c);
  const size_t axes = c.stride.size();
  const int64_t positions = count(y, 2), taps = count(c.W, 2), channels = c.W[1], outputs = c.W[0] / c.groups;
  for (int64_t n = 0; n < y[0]; n++)
    for (int64_t o = 0; o < y[1]; o++)
      for (int64_t p = 0; p < positions; p++)
        for (int64_t k = 0; k < channels; k++)
          for (int64_t q = 0; q < taps; q++) {
            int64_t at = 0, step = 1, rest_p = p, rest_q = q;
            for (size_t i = axes; i-- > 0;) {
              const int64_t pi = rest_p % y[2 + i], qi = rest_q % c.W[2 + i];
              rest_p /= y[2 + i];
              rest_q /= c.W[2 + i];
              const int64_t position = pi * c.stride[i] + qi * c.dilation[i] - c.padding[i];
              if (position < 0 || position >= c.x[2 + i]) step = -1;
              if (step > 0) {
                at += position * step;
                step *= c.x[2 + i];
              }
            }
            const int64_t channel = o / outputs * channels + k;
            body(static_cast<size_t>((n * y[1] + o) * positions + p), static_cast<size_t>((o * channels + k) * taps + q),
                 step < 0 ? -1 : (n * c.x[1] + channel) * count(c.x, 2) + at);
          }
}

struct Sums {
  std::vector<double> y, gx, gW;
};

// Over what is not padding.
Sums sums_of(const Case& c, const std::vector<double>& x, const std::vector<double>& W, const std::vector<double>& gy) {
  Sums sums{std::vector<double>(gy.size()), std::vector<double>(x.size()), std::vector<double>(W.size())};
  each_product(c, [&](size_t i, size_t j, int64_t k) {
    if (k < 0) return;
    const auto at = static_cast<size_t>(k);
    sums.y[i] += W[j] * x[at];
    sums.gx[at] += W[j] * gy[i];
    sums.gW[j] += gy[i] * x[at];
  });
  return sums;
}

// In C order, or with the axes of memory turned round, or backwards and two apart.
Tensor random_tensor(nc_dtype dtype, const Shape& shape, int layout, unsigned seed) {
  Shape strides(shape.size());
  int64_t n = layout == 2 ? -2 : 1;
  for (size_t k = 0; k < shape.size(); k++) {
    const size_t i = layout == 1 ? k : shape.size() - 1 - k;
    strides[i] = n;
    n *= std::max<int64_t>(shape[i], 1);
  }
  return Tensor::random(dtype, shape, strides, seed);
}

// Forward and both gradients against sums in double; `looser` bounds are for sums that are not made directly.
void check(const Case& c, nc_dtype dtype, int layout, double looser = 1) {
  SCOPED_TRACE(testing::Message() << c << ", dtype " << dtype << ", layout " << layout);
  const nc_convolution window = window_of(c);
  const Shape shape = output_of(c);
  const Tensor x = random_tensor(dtype, c.x, layout, 1), W = random_tensor(dtype, c.W, layout, 2);
  const Tensor gy = random_tensor(dtype, shape, layout, 3);
  const Tensor y = random_tensor(dtype, shape, layout, 4), gx = random_tensor(dtype, c.x, layout, 5);
  const Tensor gW = random_tensor(dtype, c.W, layout, 6);
  const std::vector<double> xs = x.values(), Ws = W.values(), gys = gy.values();
  const auto [ys, gxs, gWs] = sums_of(c, xs, Ws, gys);
  // What sums of `depth` products, one after the other, may be off.
  const auto bound = [&](const std::vector<double>& sums, int64_t depth) {
    const double root = std::sqrt(static_cast<double>(depth));
    double largest = root;
    for (double v : sums) largest = std::max(largest, std::fabs(v));
    return tolerance(dtype, largest) * std::max(root / 32, 1.0) * looser;
  };
  ASSERT_TRUE(succeeded(nc_convolution_forward(context(), x, W, &window, nullptr, nullptr, nullptr, y)));
  expect_close(y, ys, 0, bound(ys, count(c.W, 1)));
  ASSERT_TRUE(succeeded(nc_convolution_data(context(), gy, W, &window, nullptr, nullptr, nullptr, gx)));
  expect_close(gx, gxs, 0, bound(gxs, c.W[0] * count(c.W, 2)));
  ASSERT_TRUE(succeeded(nc_convolution_filter(context(), x, gy, &window, gW)));
  expect_close(gW, gWs, 0, bound(gWs, c.x[0] * count(shape, 2)));
}

const Case kCases[] = {
    // One spatial axis.
    {{2, 3, 7}, {4, 3, 3}, {1}, {0}, {1}},
    {{1, 2, 31}, {3, 2, 5}, {2}, {3}, {1}},
    {{3, 4, 17}, {6, 2, 3}, {3}, {1}, {2}, 2},
    {{2, 2, 9}, {2, 2, 2}, {2}, {1}, {2}, 1, true},
    {{1, 1, 1}, {1, 1, 1}, {1}, {0}, {1}},
    {{2, 5, 40}, {7, 5, 1}, {1}, {0}, {1}},
    // Two.
    {{2, 3, 7, 17}, {5, 3, 3, 3}, {1, 1}, {0, 0}, {1, 1}},
    {{2, 3, 17, 7}, {5, 3, 3, 3}, {1, 1}, {1, 1}, {1, 1}},
    {{1, 16, 17, 31}, {17, 16, 3, 3}, {1, 1}, {1, 1}, {1, 1}},
    {{3, 7, 13, 11}, {31, 7, 5, 3}, {1, 1}, {2, 1}, {1, 1}},
    {{2, 4, 15, 16}, {6, 4, 3, 3}, {2, 2}, {1, 1}, {1, 1}},
    {{2, 4, 15, 16}, {6, 4, 3, 5}, {2, 3}, {1, 0}, {1, 1}, 1, true},
    {{1, 3, 33, 35}, {16, 3, 7, 7}, {2, 2}, {3, 3}, {1, 1}},
    {{2, 3, 17, 19}, {4, 3, 3, 3}, {1, 1}, {2, 2}, {2, 2}},
    {{2, 3, 17, 19}, {4, 3, 3, 2}, {3, 2}, {2, 4}, {2, 3}},
    {{2, 6, 9, 10}, {9, 2, 3, 3}, {1, 1}, {1, 1}, {1, 1}, 3},
    {{2, 7, 9, 10}, {7, 1, 3, 3}, {1, 1}, {1, 1}, {1, 1}, 7},
    {{2, 5, 20, 37}, {10, 1, 3, 3}, {2, 1}, {1, 1}, {1, 2}, 5},
    {{5, 17, 7, 7}, {31, 17, 3, 3}, {1, 1}, {1, 1}, {1, 1}},
    {{9, 3, 5, 3}, {2, 3, 2, 2}, {1, 1}, {0, 0}, {1, 1}},
    {{2, 17, 9, 9}, {19, 17, 1, 1}, {1, 1}, {0, 0}, {1, 1}},
    {{2, 17, 9, 9}, {19, 17, 1, 1}, {2, 2}, {0, 0}, {1, 1}},
    {{2, 8, 9, 9}, {6, 4, 1, 1}, {1, 1}, {0, 0}, {1, 1}, 2},
    {{1, 2, 3, 3}, {2, 2, 2, 2}, {1, 1}, {4, 3}, {1, 1}},  // wider padding than the filter: negative for its gradient
    {{1, 2, 6, 6}, {2, 2, 1, 2}, {3, 4}, {0, 0}, {1, 1}},  // a stride beyond the filter: elements of x that nothing sees
    // Groups of one channel: each a sum over taps, also with several outputs, strides and dilation.
    {{3, 9, 17, 31}, {9, 1, 3, 3}, {1, 1}, {1, 1}, {1, 1}, 9},
    {{2, 8, 7, 65}, {16, 1, 3, 5}, {1, 2}, {1, 3}, {1, 1}, 8},
    {{2, 9, 13, 7}, {9, 1, 7, 7}, {2, 2}, {3, 3}, {1, 1}, 9},
    {{1, 8, 11, 19}, {24, 1, 2, 3}, {1, 1}, {2, 2}, {3, 2}, 8},
    {{2, 11, 1, 1}, {11, 1, 3, 3}, {1, 1}, {1, 1}, {1, 1}, 11},
    {{1, 10, 3, 130}, {10, 1, 1, 9}, {1, 1}, {0, 4}, {1, 1}, 10},
    // Few channels on one side.
    {{2, 1, 17, 33}, {17, 1, 5, 5}, {1, 1}, {2, 2}, {1, 1}},
    {{2, 17, 13, 63}, {6, 17, 3, 3}, {1, 1}, {1, 1}, {1, 1}},
    {{1, 5, 21, 23}, {33, 5, 3, 7}, {3, 2}, {1, 3}, {2, 1}},
    {{2, 34, 9, 11}, {36, 17, 5, 5}, {2, 1}, {2, 0}, {1, 1}, 2},
    // Rows of pixels that are whole vectors, end within one, or fill it with part of a third.
    {{2, 8, 7, 32}, {9, 8, 3, 3}, {1, 1}, {1, 1}, {1, 1}},
    {{5, 9, 6, 20}, {29, 9, 3, 3}, {1, 1}, {0, 0}, {1, 1}},
    {{3, 7, 9, 17}, {15, 7, 3, 3}, {1, 1}, {0, 0}, {1, 2}},
    {{7, 10, 5, 63}, {12, 10, 2, 3}, {1, 2}, {1, 1}, {1, 1}},
    // One tap over images that are matrices of their own.
    {{3, 17, 13, 17}, {19, 17, 1, 1}, {1, 1}, {0, 0}, {1, 1}},
    {{2, 10, 13, 17}, {6, 5, 1, 1}, {1, 1}, {0, 0}, {1, 1}, 2},
    {{2, 3, 193}, {5, 3, 1}, {1}, {0}, {1}},
    // Three.
    {{2, 3, 5, 6, 7}, {4, 3, 2, 3, 3}, {1, 1, 1}, {0, 1, 1}, {1, 1, 1}},
    {{1, 4, 7, 6, 9}, {6, 2, 3, 2, 3}, {2, 1, 2}, {1, 0, 2}, {1, 2, 1}, 2},
    {{1, 2, 4, 3, 5}, {3, 2, 3, 2, 2}, {2, 2, 2}, {1, 0, 1}, {1, 1, 1}, 1, true},
};

TEST(Convolution, AddsProductsOverChannelsAndTaps) {
  for (const Case& c : kCases) {
    for (nc_dtype dtype : kFloatDtypes) check(c, dtype, 0);
    for (int layout : {1, 2}) check(c, NC_FLOAT32, layout);
  }
}

// Larger than one chunk in every direction.
TEST(Convolution, LargerThanAChunk) {
  check({{2, 32, 20, 20}, {40, 32, 3, 3}, {1, 1}, {0, 0}, {1, 1}}, NC_FLOAT32, 0);
  check({{9, 3, 40, 40}, {24, 3, 3, 3}, {2, 2}, {1, 1}, {1, 1}}, NC_FLOAT32, 0);
  check({{1, 67, 14, 14}, {31, 67, 3, 3}, {1, 1}, {1, 1}, {1, 1}}, NC_FLOAT64, 0);
  check({{1, 24, 40, 50}, {24, 1, 5, 5}, {1, 1}, {2, 2}, {1, 1}, 24}, NC_FLOAT32, 0);
  check({{3, 9, 67, 131}, {9, 1, 3, 3}, {1, 1}, {1, 1}, {1, 1}, 9}, NC_FLOAT32, 0);
  check({{1, 3, 65, 130}, {3, 3, 3, 3}, {1, 1}, {1, 1}, {1, 1}}, NC_FLOAT32, 0);
  check({{1, 8, 31, 29}, {130, 8, 3, 3}, {1, 1}, {1, 1}, {1, 1}}, NC_FLOAT32, 0);
  check({{9, 16, 19, 20}, {24, 16, 1, 1}, {1, 1}, {0, 0}, {1, 1}}, NC_FLOAT32, 0);
  check({{64, 1, 28, 28}, {32, 1, 3, 3}, {1, 1}, {0, 0}, {1, 1}}, NC_FLOAT32, 0);
}

// Enough channels, outputs and tiles of 4 x 4 for the transformed way, each beside whole vectors, tiles and parts.
const Case kTransformedCases[] = {
    {{3, 33, 17, 18}, {35, 33, 3, 3}, {1, 1}, {1, 1}, {1, 1}},
    {{9, 32, 7, 7}, {63, 32, 3, 3}, {1, 1}, {0, 0}, {1, 1}},
    {{33, 65, 3, 1}, {33, 65, 3, 3}, {1, 1}, {1, 1}, {1, 1}},
    {{34, 40, 1, 1}, {40, 40, 3, 3}, {1, 1}, {2, 2}, {1, 1}},
    {{1, 32, 63, 65}, {32, 32, 3, 3}, {1, 1}, {2, 0}, {1, 1}},
    {{2, 32, 5, 131}, {48, 32, 3, 3}, {1, 1}, {0, 1}, {1, 1}},
    {{2, 32, 131, 3}, {32, 32, 3, 3}, {1, 1}, {1, 2}, {1, 1}},
    {{4, 80, 11, 13}, {66, 40, 3, 3}, {1, 1}, {1, 1}, {1, 1}, 2},
    {{2, 32, 1, 17, 19}, {33, 32, 1, 3, 3}, {1, 1, 1}, {0, 1, 1}, {1, 1, 1}},
    {{2, 130, 16, 16}, {32, 130, 3, 3}, {1, 1}, {1, 1}, {1, 1}},
};

TEST(Convolution, OfTransformedTiles) {
  if (runs_reference()) GTEST_SKIP() << "the reference transforms nothing";
  for (const Case& c : kTransformedCases) check(c, NC_FLOAT32, 0, 5);
  for (int layout : {1, 2}) check(kTransformedCases[0], NC_FLOAT32, layout, 5);
}

// Rows of pixels with gaps between them, channels before images, filters whose taps lie apart.
TEST(Convolution, OfTransformedTilesInViews) {
  const Case c = {{2, 33, 17, 18}, {35, 33, 3, 3}, {1, 1}, {1, 1}, {1, 1}};
  const nc_convolution window = window_of(c);
  const Shape shape = output_of(c);
  const Tensor x = Tensor::random(NC_FLOAT32, c.x, {21 * 17, 2 * 21 * 17, 21, 1}, 1);
  const Tensor W = Tensor::random(NC_FLOAT32, c.W, {1, 35 * 12, 35 * 4, 35}, 2);
  const Tensor gy = Tensor::random(NC_FLOAT32, shape, {23 * 17 * 35, 23 * 17, 23, 1}, 3);
  // Planes as they come, with gaps between rows, and two pixels apart.
  const Shape strides[] = {{18 * 17 * 35, 18 * 17, 18, 1}, {25 * 17 * 35, 25 * 17, 25, 1}, {36 * 17 * 35, 36 * 17, 36, 2}};
  const std::vector<double> xs = x.values(), Ws = W.values(), gys = gy.values();
  const auto [ys, gxs, gWs] = sums_of(c, xs, Ws, gys);
  for (const Shape& steps : strides) {
    const Tensor y(NC_FLOAT32, shape, steps), gx(NC_FLOAT32, c.x, steps), gW(NC_FLOAT32, c.W, {9 * 33, 9, 1, 3});
    ASSERT_TRUE(succeeded(nc_convolution_forward(context(), x, W, &window, nullptr, nullptr, nullptr, y)));
    expect_close(y, ys, 0, 1e-4);
    ASSERT_TRUE(succeeded(nc_convolution_data(context(), gy, W, &window, nullptr, nullptr, nullptr, gx)));
    expect_close(gx, gxs, 0, 1e-4);
    ASSERT_TRUE(succeeded(nc_convolution_filter(context(), x, gy, &window, gW)));
    expect_close(gW, gWs, 0, 3e-4);
  }
}

TEST(Convolution, WithoutExamplesChannelsOrOutputs) {
  check({{0, 2, 5, 5}, {3, 2, 3, 3}, {1, 1}, {0, 0}, {1, 1}}, NC_FLOAT32, 0);
  check({{2, 0, 5, 5}, {3, 0, 3, 3}, {1, 1}, {0, 0}, {1, 1}}, NC_FLOAT32, 0);
  check({{2, 2, 5, 5}, {0, 2, 3, 3}, {1, 1}, {0, 0}, {1, 1}}, NC_FLOAT32, 0);
}

// What reads an element that is not finite is not finite; zeros of the padding count.
TEST(Convolution, WhatIsNotFinite) {
  for (double value : {kNaN, kInfinity, -kInfinity}) {
    const Case c = {{2, 3, 9, 17}, {5, 3, 3, 3}, {1, 1}, {1, 1}, {1, 1}};
    const nc_convolution window = window_of(c);
    const Shape shape = output_of(c);
    Tensor x = Tensor::random(NC_FLOAT32, c.x, 1), W = Tensor::random(NC_FLOAT32, c.W, 2), y(NC_FLOAT32, shape);
    std::vector<double> xs = x.values();
    xs[200] = value;
    x.set(xs);
    std::vector<double> expected(static_cast<size_t>(y.size()));
    const std::vector<double> Ws = W.values();
    each_product(c, [&](size_t i, size_t j, int64_t k) { expected[i] += Ws[j] * (k < 0 ? 0 : xs[static_cast<size_t>(k)]); });
    ASSERT_TRUE(succeeded(nc_convolution_forward(context(), x, W, &window, nullptr, nullptr, nullptr, y)));
    expect_close(y, expected, 1e-5, 1e-5);
    // A filter that is not finite, also over the padding.
    std::vector<double> broken = Ws;
    broken[13] = value;
    W.set(broken);
    xs[200] = 0.5;
    x.set(xs);
    std::fill(expected.begin(), expected.end(), 0);
    each_product(
        c, [&](size_t i, size_t j, int64_t k) { expected[i] += broken[j] * (k < 0 ? 0 : xs[static_cast<size_t>(k)]); });
    ASSERT_TRUE(succeeded(nc_convolution_forward(context(), x, W, &window, nullptr, nullptr, nullptr, y)));
    expect_close(y, expected, 1e-5, 1e-5);
  }
}

// Its gradients likewise: no lane without a pixel, or with a neighbour's, leaks into a sum.
TEST(Convolution, WhatIsNotFiniteInGradients) {
  const Case cases[] = {{{2, 3, 9, 18}, {17, 3, 3, 3}, {1, 1}, {1, 1}, {1, 1}},
                        {{2, 9, 9, 18}, {9, 1, 3, 3}, {1, 1}, {1, 1}, {1, 1}, 9},
                        {{2, 8, 9, 20}, {11, 8, 3, 3}, {1, 1}, {1, 1}, {1, 1}},
                        {{2, 9, 13, 19}, {8, 9, 1, 1}, {1, 1}, {0, 0}, {1, 1}}};
  for (const Case& c : cases) {
    for (double value : {kNaN, kInfinity, -kInfinity}) {
      SCOPED_TRACE(testing::Message() << c << ", " << value);
      const nc_convolution window = window_of(c);
      Tensor x = Tensor::random(NC_FLOAT32, c.x, 1), gy = Tensor::random(NC_FLOAT32, output_of(c), 3);
      const Tensor W = Tensor::random(NC_FLOAT32, c.W, 2), gx(NC_FLOAT32, c.x), gW(NC_FLOAT32, c.W);
      std::vector<double> xs = x.values(), gys = gy.values();
      const std::vector<double> Ws = W.values();
      xs[163] = value;
      gys[19] = value;
      x.set(xs);
      gy.set(gys);
      std::vector<double> gxs(xs.size()), gWs(Ws.size());
      each_product(c, [&](size_t i, size_t j, int64_t k) {
        gWs[j] += gys[i] * (k < 0 ? 0 : xs[static_cast<size_t>(k)]);
        if (k >= 0) gxs[static_cast<size_t>(k)] += Ws[j] * gys[i];
      });
      ASSERT_TRUE(succeeded(nc_convolution_filter(context(), x, gy, &window, gW)));
      expect_close(gW, gWs, 1e-5, 1e-4);
      ASSERT_TRUE(succeeded(nc_convolution_data(context(), gy, W, &window, nullptr, nullptr, nullptr, gx)));
      expect_close(gx, gxs, 1e-5, 1e-4);
    }
  }
}

// In tiles a value that is not finite, or too large for the transformation, spreads no farther than its filter reaches,
// and images far from it are what they are without it.
TEST(Convolution, WhatIsNotFiniteInTransformedTiles) {
  if (runs_reference()) GTEST_SKIP() << "the reference transforms nothing";
  const Case cases[] = {{{2, 33, 29, 13}, {32, 33, 3, 3}, {1, 1}, {1, 1}, {1, 1}},
                        {{34, 64, 5, 7}, {64, 32, 3, 3}, {1, 1}, {2, 0}, {1, 1}, 2}};
  for (const Case& c : cases) {
    const nc_convolution window = window_of(c);
    const Tensor x = Tensor::random(NC_FLOAT32, c.x, 1), W = Tensor::random(NC_FLOAT32, c.W, 2);
    const Tensor gy = Tensor::random(NC_FLOAT32, output_of(c), 3);
    const Tensor y(NC_FLOAT32, output_of(c)), gx(NC_FLOAT32, c.x), gW(NC_FLOAT32, c.W);
    ASSERT_TRUE(succeeded(nc_convolution_forward(context(), x, W, &window, nullptr, nullptr, nullptr, y)));
    const std::vector<double> xs = x.values(), Ws = W.values(), gys = gy.values(), finite = y.values();
    const size_t images = static_cast<size_t>(c.x[0]), y_image = gys.size() / images;
    for (double value : {kNaN, kInfinity, -kInfinity, 1e15}) {
      SCOPED_TRACE(testing::Message() << c << ", " << value);
      // One inside the first image, one in the last corner of the last.
      std::vector<double> bad_x = xs, bad_gy = gys;
      bad_x[17] = bad_x.back() = bad_gy[23] = bad_gy.back() = value;
      x.set(bad_x);
      gy.set(bad_gy);
      ASSERT_TRUE(succeeded(nc_convolution_forward(context(), x, W, &window, nullptr, nullptr, nullptr, y)));
      ASSERT_TRUE(succeeded(nc_convolution_data(context(), gy, W, &window, nullptr, nullptr, nullptr, gx)));
      ASSERT_TRUE(succeeded(nc_convolution_filter(context(), x, gy, &window, gW)));
      std::vector<double> ys(gys.size()), gxs(xs.size()), gWs(Ws.size());
      each_product(c, [&](size_t i, size_t j, int64_t k) {
        const double pixel = k < 0 ? 0 : bad_x[static_cast<size_t>(k)];
        ys[i] += Ws[j] * pixel;
        gWs[j] += bad_gy[i] * pixel;
        if (k >= 0) gxs[static_cast<size_t>(k)] += Ws[j] * bad_gy[i];
      });
      expect_close(y, ys, 1e-5, 1e-4);
      expect_close(gx, gxs, 1e-5, 1e-4);
      expect_close(gW, gWs, 1e-5, std::isfinite(value) ? 1e-6 * value : 1e-3);
      const std::vector<double> beside = y.values();
      for (size_t i = images / 2 * y_image; i < (images / 2 + 1) * y_image && images > 2; i++)
        ASSERT_EQ(beside[i], finite[i]);
    }
    // A filter that is not finite, also over the padding.
    for (double value : {kNaN, kInfinity}) {
      SCOPED_TRACE(testing::Message() << c << ", filter " << value);
      std::vector<double> bad_W = Ws, ys(gys.size());
      bad_W[bad_W.size() / 2] = value;
      x.set(xs);
      W.set(bad_W);
      each_product(
          c, [&](size_t i, size_t j, int64_t k) { ys[i] += bad_W[j] * (k < 0 ? 0 : xs[static_cast<size_t>(k)]); });
      ASSERT_TRUE(succeeded(nc_convolution_forward(context(), x, W, &window, nullptr, nullptr, nullptr, y)));
      expect_close(y, ys, 1e-5, 1e-4);
    }
  }
}

// y += sum once, also where parts of it are made directly.
TEST(Convolution, AddsOnceWhatIsNotFiniteInTransformedTiles) {
  const Case c = {{4, 33, 37, 18}, {35, 33, 3, 3}, {1, 1}, {1, 1}, {1, 1}};
  const nc_convolution window = window_of(c);
  Tensor x = Tensor::random(NC_FLOAT32, c.x, 1);
  const Tensor W = Tensor::random(NC_FLOAT32, c.W, 2), sum(NC_FLOAT32, output_of(c));
  std::vector<double> xs = x.values();
  xs[xs.size() / 2 + 40] = xs[70] = kInfinity;
  x.set(xs);
  ASSERT_TRUE(succeeded(nc_convolution_forward(context(), x, W, &window, nullptr, nullptr, nullptr, sum)));
  Code add(NC_FLOAT32);
  add.store(add.op(NC_OP_ADD, add.load(0), add.load(1)));
  const Tensor y = Tensor::random(NC_FLOAT32, output_of(c), 9);
  std::vector<double> expected = y.values();
  const std::vector<double> sums = sum.values();
  for (size_t i = 0; i < sums.size(); i++) expected[i] += sums[i];
  ASSERT_TRUE(succeeded(nc_convolution_forward(context(), x, W, &window, add.build(), y, nullptr, y)));
  expect_close(y, expected, 1e-6, 1e-6);
}

// y = relu(sum + bias), and a program that no kernel knows, with y itself among its inputs.
TEST(Convolution, RunsAProgramOnTheSum) {
  std::vector<Case> cases(std::begin(kCases), std::end(kCases));
  if (!runs_reference()) cases.insert(cases.end(), std::begin(kTransformedCases), std::end(kTransformedCases));
  for (const Case& c : cases) {
    for (nc_dtype dtype : {NC_FLOAT32, NC_FLOAT64, NC_FLOAT16}) {
      SCOPED_TRACE(testing::Message() << c << ", dtype " << dtype);
      const nc_dtype computed = compute_dtype(dtype);
      const nc_convolution window = window_of(c);
      const Shape shape = output_of(c);
      const Tensor x = Tensor::random(dtype, c.x, 1), W = Tensor::random(dtype, c.W, 2);
      const Tensor gy = Tensor::random(dtype, shape, 7);
      const auto expect = [&](const Tensor& y, const std::vector<double>& expected) {
        double largest = 4;
        for (double v : expected) largest = std::max(largest, std::fabs(v));
        expect_close(y, expected, 0, 4 * tolerance(dtype, largest));
      };
      for (const bool data : {false, true}) {
        const Shape& out = data ? c.x : shape;
        Tensor plain(dtype, out), y(dtype, out);
        const auto run = [&](const nc_program* program, const std::vector<nc_tensor>& extras,
                             const std::vector<nc_scalar>& parameters, const Tensor& to) {
          return data ? nc_convolution_data(context(), gy, W, &window, program, extras.data(), parameters.data(), to)
                      : nc_convolution_forward(context(), x, W, &window, program, extras.data(), parameters.data(), to);
        };
        ASSERT_TRUE(succeeded(run(nullptr, {}, {}, plain)));
        const std::vector<double> sums = plain.values();
        Shape bias_shape(out.size() - 1, 1);
        bias_shape[0] = out[1];
        const Tensor bias = Tensor::random(dtype, bias_shape, 8);
        const std::vector<double> biases = bias.values();
        const int64_t positions = count(out, 2);
        const auto channel = [&](size_t i) { return static_cast<size_t>(static_cast<int64_t>(i) / positions % out[1]); };

        Code relu(computed);
        const int sum = relu.op(NC_OP_ADD, relu.load(0), relu.load(1));
        relu.store(relu.op(NC_OP_MAXIMUM, sum, relu.constant(0)));
        ASSERT_TRUE(succeeded(run(relu.build(), {*bias}, {}, y)));
        std::vector<double> expected = sums;
        for (size_t i = 0; i < sums.size(); i++) expected[i] = std::max(sums[i] + biases[channel(i)], 0.0);
        expect(y, expected);

        Code add(computed);
        add.store(add.op(NC_OP_ADD, add.load(0), add.load(1)));
        Tensor to = Tensor::random(dtype, out, 9);
        const std::vector<double> before = to.values();
        ASSERT_TRUE(succeeded(run(add.build(), {*to}, {}, to)));
        for (size_t i = 0; i < sums.size(); i++) expected[i] = sums[i] + before[i];
        expect(to, expected);

        Code general(computed);
        const int scaled = general.op(NC_OP_MULTIPLY, general.load(0), general.parameter(0));
        const int product = general.op(NC_OP_MULTIPLY, scaled, general.load(2));
        general.store(general.op(NC_OP_SUBTRACT, product, general.load(1)));
        to.set(before);
        ASSERT_TRUE(succeeded(run(general.build(), {*to, *bias}, {nc_scalar{nullptr, 0.5, 0}}, to)));
        for (size_t i = 0; i < sums.size(); i++) expected[i] = sums[i] * 0.5 * biases[channel(i)] - before[i];
        expect(to, expected);
      }
    }
  }
}

TEST(Convolution, DoesNotDependOnTheNumberOfThreads) {
  if (runs_reference()) GTEST_SKIP() << "the reference runs on one thread";
  const Case cases[] = {{{9, 5, 17, 19}, {31, 5, 3, 3}, {1, 1}, {1, 1}, {1, 1}},
                        {{3, 16, 20, 20}, {40, 16, 3, 3}, {1, 1}, {0, 0}, {1, 1}},
                        {{33, 6, 7, 7}, {10, 3, 3, 3}, {2, 2}, {1, 1}, {1, 1}, 2},
                        {{9, 40, 16, 16}, {24, 40, 1, 1}, {1, 1}, {0, 0}, {1, 1}},
                        {{2, 3, 65, 130}, {17, 3, 3, 7}, {2, 2}, {1, 3}, {1, 1}},
                        {{3, 24, 31, 31}, {24, 1, 3, 3}, {1, 1}, {1, 1}, {1, 1}, 24},
                        {{5, 40, 37, 29}, {36, 40, 3, 3}, {1, 1}, {1, 1}, {1, 1}},
                        {{37, 64, 7, 9}, {70, 32, 3, 3}, {1, 1}, {2, 1}, {1, 1}, 2}};
  const int before = num_threads();
  for (const Case& c : cases) {
    const nc_convolution window = window_of(c);
    const Tensor x = Tensor::random(NC_FLOAT32, c.x, 1), W = Tensor::random(NC_FLOAT32, c.W, 2);
    const Tensor gy = Tensor::random(NC_FLOAT32, output_of(c), 3);
    std::vector<std::vector<double>> results[3];
    for (int threads : {1, 2, 3, 8}) {
      set_num_threads(threads);
      const Tensor y(NC_FLOAT32, output_of(c)), gx(NC_FLOAT32, c.x), gW(NC_FLOAT32, c.W);
      ASSERT_TRUE(succeeded(nc_convolution_forward(context(), x, W, &window, nullptr, nullptr, nullptr, y)));
      ASSERT_TRUE(succeeded(nc_convolution_data(context(), gy, W, &window, nullptr, nullptr, nullptr, gx)));
      ASSERT_TRUE(succeeded(nc_convolution_filter(context(), x, gy, &window, gW)));
      results[0].push_back(y.values());
      results[1].push_back(gx.values());
      results[2].push_back(gW.values());
    }
    set_num_threads(before);
    for (const auto& result : results)
      for (const auto& values : result) EXPECT_EQ(values, result[0]) << c;
  }
}

TEST(Convolution, RefusesWhatDoesNotFit) {
  const Tensor x(NC_FLOAT32, {2, 4, 5, 5}), W(NC_FLOAT32, {6, 4, 3, 3}), y(NC_FLOAT32, {2, 6, 3, 3});
  nc_convolution window = {{1, 1, 0}, {0, 0, 0}, {1, 1, 0}, 1};
  const auto forward = [&](const nc_tensor* a, const nc_tensor* b, const nc_tensor* c) {
    return nc_convolution_forward(context(), a, b, &window, nullptr, nullptr, nullptr, c);
  };
  EXPECT_TRUE(succeeded(forward(x, W, y)));
  EXPECT_TRUE(failed(forward(x, Tensor(NC_FLOAT32, {6, 3, 3, 3}), y), NC_INVALID_SHAPE, "W"));
  EXPECT_TRUE(failed(forward(x, Tensor(NC_FLOAT64, {6, 4, 3, 3}), y), NC_INVALID_DTYPE, "W"));
  EXPECT_TRUE(failed(forward(x, W, Tensor(NC_FLOAT32, {2, 6, 4, 3})), NC_INVALID_SHAPE, "y"));
  EXPECT_TRUE(failed(forward(x, W, Tensor(NC_FLOAT32, {2, 5, 3, 3})), NC_INVALID_SHAPE, "y"));
  EXPECT_TRUE(failed(forward(x, W, x), NC_INVALID_SHAPE, "y"));
  EXPECT_TRUE(failed(forward(Tensor(NC_INT32, {2, 4, 5, 5}), W, y), NC_INVALID_DTYPE, "x"));
  window.stride[1] = 0;
  EXPECT_TRUE(failed(forward(x, W, y), NC_INVALID_ARGUMENT, "stride"));
  window.stride[1] = 1;
  window.groups = 3;
  EXPECT_TRUE(failed(forward(x, W, y), NC_INVALID_ARGUMENT, "groups"));
}

}  // namespace
}  // namespace nc::test
