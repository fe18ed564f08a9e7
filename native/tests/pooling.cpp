// Pooling: what is refused, values by hand, every function over windows, dtypes and layouts against the plain
// reference, threads.
#include "nativechain/pooling.h"

#include <limits>

#include "cpu/table.hpp"
#include "support/tensor.hpp"

namespace nc::test {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

const nc_backend& reference() {
  static const nc_backend table = cpu::make_table(cpu::Isa::reference);
  return table;
}

double tolerance(nc_dtype dtype) {
  return dtype == NC_FLOAT64 ? 1e-14 : dtype == NC_FLOAT32 ? 1e-6 : dtype == NC_FLOAT16 ? 1e-3 : 8e-3;
}

struct Case {
  Shape shape;
  Shape size, stride, padding, dilation;
  bool cover_all;

  nc_window window() const {
    nc_window w = {};
    for (size_t i = 0; i < size.size(); i++) {
      w.size[i] = size[i];
      w.stride[i] = stride[i];
      w.padding[i] = padding[i];
      w.dilation[i] = dilation[i];
    }
    return w;
  }

  Shape output() const {
    Shape y = {shape[0], shape[1]};
    for (size_t i = 0; i < size.size(); i++) {
      const int64_t room = shape[2 + i] + 2 * padding[i] - dilation[i] * (size[i] - 1) - 1;
      y.push_back((room + (cover_all ? stride[i] - 1 : 0)) / stride[i] + 1);
    }
    return y;
  }

  std::string text() const {
    return testing::PrintToString(shape) + " size " + testing::PrintToString(size) + " stride " +
           testing::PrintToString(stride) + " padding " + testing::PrintToString(padding) + " dilation " +
           testing::PrintToString(dilation) + (cover_all ? " cover_all" : "");
  }
};

const Case kCases[] = {
    {{2, 3, 8, 8}, {2, 2}, {2, 2}, {0, 0}, {1, 1}, false},
    {{1, 2, 7, 9}, {2, 2}, {2, 2}, {0, 0}, {1, 1}, true},
    {{2, 2, 36, 41}, {2, 2}, {2, 2}, {0, 0}, {1, 1}, true},
    {{3, 1, 5, 70}, {2, 2}, {2, 2}, {1, 1}, {1, 1}, false},
    {{2, 2, 36, 41}, {3, 3}, {2, 2}, {1, 1}, {1, 1}, false},
    {{1, 3, 19, 35}, {3, 3}, {2, 2}, {0, 0}, {1, 1}, true},
    {{1, 2, 17, 33}, {3, 3}, {1, 1}, {1, 1}, {1, 1}, false},
    {{2, 1, 6, 50}, {3, 3}, {3, 3}, {0, 0}, {1, 1}, true},
    {{1, 2, 13, 21}, {3, 2}, {1, 3}, {2, 1}, {2, 3}, true},
    {{1, 1, 4, 5}, {4, 5}, {1, 1}, {0, 0}, {1, 1}, false},
    {{2, 3, 7, 7}, {7, 7}, {1, 1}, {0, 0}, {1, 1}, false},
    {{1, 1, 3, 3}, {2, 2}, {5, 5}, {4, 4}, {1, 1}, true},
    {{1, 2, 1, 1}, {1, 1}, {1, 1}, {0, 0}, {1, 1}, false},
    {{1, 2, 9, 64}, {5, 5}, {4, 4}, {2, 2}, {1, 1}, false},
    {{5, 13, 7, 7}, {3, 3}, {2, 2}, {1, 1}, {1, 1}, false},
    {{3, 23, 9, 5}, {3, 2}, {1, 2}, {1, 0}, {1, 1}, true},
    {{67, 1, 3, 1}, {2, 1}, {1, 1}, {0, 0}, {1, 1}, false},
    {{2, 33, 13, 13}, {2, 2}, {2, 2}, {0, 0}, {1, 1}, false},
    {{1, 65, 6, 11}, {2, 3}, {3, 1}, {1, 2}, {2, 3}, true},
    {{65, 1, 8, 8}, {2, 2}, {2, 2}, {0, 0}, {1, 1}, false},
    {{1, 67, 17}, {4}, {3}, {1}, {2}, true},
    {{1, 70, 3, 4, 5}, {2, 2, 3}, {1, 2, 2}, {1, 0, 1}, {1, 1, 1}, false},
    {{1, 66, 10, 10}, {9, 9}, {1, 1}, {2, 2}, {1, 1}, false},
    {{0, 2, 4, 4}, {2, 2}, {2, 2}, {0, 0}, {1, 1}, false},
    {{2, 3, 131}, {2}, {2}, {0}, {1}, true},
    {{2, 3, 67}, {3}, {2}, {1}, {1}, false},
    {{1, 2, 40}, {5}, {3}, {4}, {2}, true},
    {{2, 2, 6, 7, 8}, {2, 2, 2}, {2, 2, 2}, {0, 0, 0}, {1, 1, 1}, true},
    {{1, 2, 5, 6, 37}, {3, 2, 3}, {2, 1, 2}, {1, 1, 1}, {1, 2, 1}, false},
};

// Strides of a shape in C order, with its axes in memory turned round, or backwards in every axis.
Tensor tensor(nc_dtype dtype, const Shape& shape, int layout, unsigned seed, double low = -4, double high = 4) {
  Shape strides(shape.size());
  int64_t n = 1;
  for (size_t k = 0; k < shape.size(); k++) {
    const size_t i = layout == 1 ? k : shape.size() - 1 - k;
    strides[i] = layout == 2 ? -n : n;
    n *= std::max<int64_t>(shape[i], 1) + (layout == 2);
  }
  return Tensor::random(dtype, shape, strides, seed, low, high);
}

class Pooling : public testing::TestWithParam<nc_dtype> {};
INSTANTIATE_TEST_SUITE_P(Dtypes, Pooling, testing::ValuesIn(kFloatDtypes),
                         [](const auto& info) { return std::string(nc_dtype_name(info.param)); });

TEST_P(Pooling, MaxIsThatOfTheReference) {
  for (const Case& c : kCases) {
    for (int layout = 0; layout < 3; layout++) {
      for (nc_dtype index : {NC_INT64, NC_INT32}) {
        SCOPED_TRACE(c.text() + " layout " + std::to_string(layout));
        const nc_window w = c.window();
        // Few values, so that there are ties.
        Tensor x = tensor(GetParam(), c.shape, layout, 1);
        std::vector<double> rounded = x.values();
        for (double& v : rounded) v = std::round(v);
        x.set(rounded);
        const Tensor y = tensor(GetParam(), c.output(), layout, 2), z(GetParam(), c.output());
        const Tensor i = tensor(index, c.output(), layout, 3), j(index, c.output());
        ASSERT_TRUE(succeeded(nc_max_pooling(context(), x, &w, y, i)));
        if (y.size() == 0) continue;
        ASSERT_EQ(reference().max_pooling(nullptr, x, &w, z, j), NC_OK);
        expect_close(y, z.values(), 0);
        EXPECT_EQ(i.values(), j.values());
        y.set(std::vector<double>(static_cast<size_t>(y.size())));
        ASSERT_TRUE(succeeded(nc_max_pooling(context(), x, &w, y, nullptr)));
        expect_close(y, z.values(), 0);

        const Tensor gy = tensor(GetParam(), c.output(), layout, 4, -1, 1);
        const Tensor gx = tensor(GetParam(), c.shape, layout, 5), expected(GetParam(), c.shape);
        ASSERT_TRUE(succeeded(nc_max_pooling_grad(context(), gy, i, &w, gx)));
        ASSERT_EQ(reference().max_pooling_grad(nullptr, gy, j, &w, expected), NC_OK);
        expect_close(gx, expected.values(), tolerance(GetParam()), 2 * tolerance(GetParam()));

        ASSERT_TRUE(succeeded(nc_max_pooling_gather(context(), x, i, &w, y)));
        ASSERT_EQ(reference().max_pooling_gather(nullptr, x, j, &w, z), NC_OK);
        expect_close(y, z.values(), 0);
      }
    }
  }
}

TEST_P(Pooling, AnyIndicesOfTheWindow) {
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.text());
    const nc_window w = c.window();
    double positions = 1;
    for (int64_t size : c.size) positions *= static_cast<double>(size);
    const Tensor i = tensor(NC_INT64, c.output(), 0, 1, 0, positions);
    const Tensor gy = tensor(GetParam(), c.output(), 0, 2), gx = tensor(GetParam(), c.shape, 0, 3);
    if (gx.size() == 0) continue;
    const Tensor expected(GetParam(), c.shape), y(GetParam(), c.output()), z(GetParam(), c.output());
    ASSERT_TRUE(succeeded(nc_max_pooling_gather(context(), gx, i, &w, y)));
    ASSERT_EQ(reference().max_pooling_gather(nullptr, gx, i, &w, z), NC_OK);
    expect_close(y, z.values(), 0);
    ASSERT_TRUE(succeeded(nc_max_pooling_grad(context(), gy, i, &w, gx)));
    ASSERT_EQ(reference().max_pooling_grad(nullptr, gy, i, &w, expected), NC_OK);
    expect_close(gx, expected.values(), tolerance(GetParam()), 8 * tolerance(GetParam()));
  }
}

TEST_P(Pooling, AverageIsThatOfTheReference) {
  for (const Case& c : kCases) {
    for (int layout = 0; layout < 3; layout++) {
      for (nc_divisor divisor : {NC_DIVISOR_ONE, NC_DIVISOR_SIZE, NC_DIVISOR_COUNT}) {
        SCOPED_TRACE(c.text() + " layout " + std::to_string(layout) + " divisor " + std::to_string(divisor));
        const nc_window w = c.window();
        const Tensor x = tensor(GetParam(), c.shape, layout, 1), gy = tensor(GetParam(), c.output(), layout, 2);
        const Tensor y = tensor(GetParam(), c.output(), layout, 3), z(GetParam(), c.output());
        const Tensor gx = tensor(GetParam(), c.shape, layout, 4), expected(GetParam(), c.shape);
        ASSERT_TRUE(succeeded(nc_average_pooling(context(), x, &w, divisor, y)));
        ASSERT_TRUE(succeeded(nc_average_pooling_grad(context(), gy, &w, divisor, gx)));
        if (y.size() == 0) continue;
        double elements = divisor == NC_DIVISOR_ONE ? 1 : 0;
        for (int64_t size : c.size) elements *= static_cast<double>(size);
        const double limit = tolerance(GetParam());
        ASSERT_EQ(reference().average_pooling(nullptr, x, &w, divisor, z), NC_OK);
        expect_close(y, z.values(), limit, 4 * limit * std::max(elements, 1.0));
        ASSERT_EQ(reference().average_pooling_grad(nullptr, gy, &w, divisor, expected), NC_OK);
        expect_close(gx, expected.values(), limit, 4 * limit * std::max(elements, 1.0));
      }
    }
  }
}

TEST(Pooling, ValuesByHand) {
  const Tensor x = Tensor::of(NC_FLOAT32, {1, 1, 3, 4}, {1, 2, 3, 4, 9, 8, 7, 6, 5, 5, 5, 5});
  const nc_window w = {{2, 2}, {2, 2}, {0, 0}, {1, 1}};
  const Tensor y(NC_FLOAT32, {1, 1, 2, 2}), i(NC_INT64, {1, 1, 2, 2}), gx(NC_FLOAT32, {1, 1, 3, 4});
  ASSERT_TRUE(succeeded(nc_max_pooling(context(), x, &w, y, i)));
  expect_close(y, {9, 7, 5, 5}, 0);
  expect_close(i, {2, 2, 0, 0}, 0);
  ASSERT_TRUE(succeeded(nc_max_pooling_grad(context(), y, i, &w, gx)));
  expect_close(gx, {0, 0, 0, 0, 9, 0, 7, 0, 5, 0, 5, 0}, 0);
  ASSERT_TRUE(succeeded(nc_average_pooling(context(), x, &w, NC_DIVISOR_SIZE, y)));
  expect_close(y, {5, 5, 2.5, 2.5}, 0);
  ASSERT_TRUE(succeeded(nc_average_pooling(context(), x, &w, NC_DIVISOR_COUNT, y)));
  expect_close(y, {5, 5, 5, 5}, 0);
  ASSERT_TRUE(succeeded(nc_average_pooling_grad(context(), y, &w, NC_DIVISOR_COUNT, gx)));
  expect_close(gx, {1.25, 1.25, 1.25, 1.25, 1.25, 1.25, 1.25, 1.25, 2.5, 2.5, 2.5, 2.5}, 0);
  ASSERT_TRUE(succeeded(nc_average_pooling_grad(context(), y, &w, NC_DIVISOR_ONE, gx)));
  expect_close(gx, std::vector<double>(12, 5), 0);
}

TEST(Pooling, WindowsInThePadding) {
  const Tensor x = Tensor::of(NC_FLOAT32, {1, 1, 2}, {3, 4}), y(NC_FLOAT32, {1, 1, 3}), i(NC_INT32, {1, 1, 3});
  const nc_window w = {{2}, {3}, {3}, {1}};  // over -3, -2; 0, 1; 3, 4
  ASSERT_TRUE(succeeded(nc_max_pooling(context(), x, &w, y, i)));
  expect_close(y, {-kInfinity, 4, -kInfinity}, 0);
  expect_close(i, {0, 1, 0}, 0);
  ASSERT_TRUE(succeeded(nc_average_pooling(context(), x, &w, NC_DIVISOR_COUNT, y)));
  expect_close(y, {kNaN, 3.5, kNaN}, 0);
  ASSERT_TRUE(succeeded(nc_average_pooling(context(), x, &w, NC_DIVISOR_SIZE, y)));
  expect_close(y, {0, 3.5, 0}, 0);
  const Tensor gx(NC_FLOAT32, {1, 1, 2});
  ASSERT_TRUE(succeeded(nc_average_pooling_grad(context(), y, &w, NC_DIVISOR_COUNT, gx)));
  expect_close(gx, {1.75, 1.75}, 0);
}

TEST(Pooling, NaNAndInfinities) {
  for (const auto& [width, planes] : {std::pair<int64_t, int64_t>{6, 2}, {70, 2}, {6, 67}, {7, 131}}) {
    for (const int64_t size : {2, 3}) {
      const Tensor x = Tensor::random(NC_FLOAT32, {1, planes, width, width}, 1);
      for (int64_t k = 0; k < planes * width * width; k++) {
        if (k % 7 == 3) x.data<float>()[k] = static_cast<float>(kNaN);
        if (k % 5 == 1) x.data<float>()[k] = static_cast<float>(-kInfinity);
        if (k % 11 == 1) x.data<float>()[k] = static_cast<float>(kInfinity);
      }
      std::fill(x.data<float>() + width * width, x.data<float>() + 2 * width * width, static_cast<float>(-kInfinity));
      const nc_window w = {{size, size}, {2, 2}, {1, 1}, {1, 1}};
      const int64_t out = (width + 2 - size) / 2 + 1;
      const Tensor y(NC_FLOAT32, {1, planes, out, out}), z(NC_FLOAT32, {1, planes, out, out});
      const Tensor i(NC_INT32, {1, planes, out, out}), j(NC_INT32, {1, planes, out, out});
      ASSERT_TRUE(succeeded(nc_max_pooling(context(), x, &w, y, i)));
      ASSERT_EQ(reference().max_pooling(nullptr, x, &w, z, j), NC_OK);
      expect_close(y, z.values(), 0);
      EXPECT_EQ(i.values(), j.values());
      ASSERT_TRUE(succeeded(nc_max_pooling(context(), x, &w, y, nullptr)));
      expect_close(y, z.values(), 0);
    }
  }
}

TEST(Pooling, ResultsDoNotDependOnTheThreads) {
  const nc_window w = {{3, 3}, {2, 2}, {1, 1}, {1, 1}};
  const int32_t threads = nc_num_threads();
  for (const Shape& shape : {Shape{4, 16, 37, 41}, Shape{7, 61, 17, 9}}) {
    const Shape windows = {shape[0], shape[1], (shape[2] + 1) / 2, (shape[3] + 1) / 2};
    const Tensor x = Tensor::random(NC_FLOAT32, shape, 1), gy = Tensor::random(NC_FLOAT32, windows, 2);
    std::vector<std::vector<double>> first;
    for (int32_t count : {1, 2, 3, 8}) {
      ASSERT_TRUE(succeeded(nc_set_num_threads(count)));
      const Tensor y(NC_FLOAT32, windows), i(NC_INT32, windows), gx(NC_FLOAT32, shape);
      std::vector<std::vector<double>> results;
      ASSERT_TRUE(succeeded(nc_max_pooling(context(), x, &w, y, i)));
      results.push_back(y.values());
      results.push_back(i.values());
      ASSERT_TRUE(succeeded(nc_max_pooling_grad(context(), gy, i, &w, gx)));
      results.push_back(gx.values());
      ASSERT_TRUE(succeeded(nc_average_pooling(context(), x, &w, NC_DIVISOR_COUNT, y)));
      results.push_back(y.values());
      ASSERT_TRUE(succeeded(nc_average_pooling_grad(context(), gy, &w, NC_DIVISOR_COUNT, gx)));
      results.push_back(gx.values());
      if (first.empty()) first = results;
      EXPECT_EQ(results, first);
    }
  }
  nc_set_num_threads(threads);
}

// Two by two, in images that fit the vectors, that do not, and of more bytes than stay in a cache.
TEST(Pooling, PairsAndGlobalWindowsOnAnyThreads) {
  const int32_t threads = nc_num_threads();
  const nc_window pairs = {{2, 2}, {2, 2}, {0, 0}, {1, 1}};
  for (const Shape& shape :
       {Shape{2, 3, 8, 8}, Shape{3, 5, 14, 14}, Shape{2, 3, 17, 63}, Shape{1, 2, 65, 131}, Shape{5, 61, 7, 7},
        Shape{2, 97, 3, 5}, Shape{4, 33, 13, 12}, Shape{3, 31, 27, 27}, Shape{2, 7, 2, 2}, Shape{3, 1, 6, 4},
        Shape{1, 5, 10, 6}, Shape{2, 3, 6, 10}, Shape{3, 3, 2, 18}, Shape{1, 3, 26, 26}, Shape{5, 7, 10, 34},
        Shape{2, 3, 56, 56}, Shape{1, 1, 4, 510}, Shape{2, 1, 2, 514}, Shape{32, 32, 64, 64}}) {
    for (const auto& [global, dtype] :
         {std::pair{false, NC_FLOAT32}, std::pair{false, NC_FLOAT64}, std::pair{true, NC_FLOAT32}}) {
      if (shape[0] == 32 && (global || dtype == NC_FLOAT64)) continue;
      SCOPED_TRACE(testing::PrintToString(shape) + (global ? " global " : " ") + std::to_string(dtype));
      const nc_window w = global ? nc_window{{shape[2], shape[3]}, {1, 1}, {0, 0}, {1, 1}} : pairs;
      const Shape out = {shape[0], shape[1], global ? 1 : shape[2] / 2, global ? 1 : shape[3] / 2};
      const Tensor x = Tensor::random(dtype, shape, 1), gy = Tensor::random(dtype, out, 2);
      const Tensor y(dtype, out), i(dtype == NC_FLOAT32 ? NC_INT32 : NC_INT64, out), gx(dtype, shape);
      ASSERT_EQ(reference().max_pooling(nullptr, x, &w, y, i), NC_OK);
      ASSERT_EQ(reference().max_pooling_grad(nullptr, gy, i, &w, gx), NC_OK);
      for (int32_t count : {1, 2, 3, 8}) {
        ASSERT_TRUE(succeeded(nc_set_num_threads(count)));
        const Tensor y2(dtype, out), i2(dtype == NC_FLOAT32 ? NC_INT32 : NC_INT64, out),
            gx2 = Tensor::random(dtype, shape, 3);
        ASSERT_TRUE(succeeded(nc_max_pooling(context(), x, &w, y2, i2)));
        EXPECT_EQ(y2.values(), y.values());
        EXPECT_EQ(i2.values(), i.values());
        ASSERT_TRUE(succeeded(nc_max_pooling_grad(context(), gy, i2, &w, gx2)));
        EXPECT_EQ(gx2.values(), gx.values());
      }
    }
  }
  nc_set_num_threads(threads);
}

// One wrong index among many, wherever it stands.
TEST(Pooling, RefusesAnyIndexBeforeItWrites) {
  const nc_window w = {{2, 2}, {2, 2}, {0, 0}, {1, 1}};
  const Tensor gy(NC_FLOAT32, {2, 3, 16, 17});
  const Tensor gx = Tensor::of(NC_FLOAT32, {2, 3, 32, 34}, std::vector<double>(2 * 3 * 32 * 34, 7));
  for (const nc_dtype dtype : {NC_INT32, NC_INT64}) {
    for (const size_t at : {0, 70, 1000, 1631}) {
      for (const double wrong : {4.0, -1.0}) {
        std::vector<double> values(2 * 3 * 16 * 17, 3);
        values[at] = wrong;
        const Tensor i = Tensor::of(dtype, {2, 3, 16, 17}, values);
        EXPECT_TRUE(failed(nc_max_pooling_grad(context(), gy, i, &w, gx), NC_INDEX_OUT_OF_RANGE, "indices"));
        EXPECT_EQ(gx.values(), std::vector<double>(2 * 3 * 32 * 34, 7));
      }
    }
  }
}

TEST(Pooling, RefusesWhatDoesNotFit) {
  const Tensor x(NC_FLOAT32, {1, 2, 4, 4}), y(NC_FLOAT32, {1, 2, 2, 2}), i(NC_INT64, {1, 2, 2, 2});
  const nc_window w = {{2, 2}, {2, 2}, {0, 0}, {1, 1}};
  const auto pool = [&](const nc_tensor* from, nc_window window, const nc_tensor* to, const nc_tensor* at = nullptr) {
    return nc_max_pooling(context(), from, &window, to, at);
  };
  EXPECT_TRUE(failed(pool(nullptr, w, y), NC_INVALID_ARGUMENT, "x"));
  EXPECT_TRUE(failed(nc_max_pooling(context(), x, nullptr, y, nullptr), NC_INVALID_ARGUMENT, "window"));
  EXPECT_TRUE(failed(pool(Tensor(NC_INT32, {1, 2, 4, 4}), w, y), NC_INVALID_DTYPE, "x"));
  EXPECT_TRUE(failed(pool(x, w, Tensor(NC_FLOAT64, {1, 2, 2, 2})), NC_INVALID_DTYPE, "y"));
  EXPECT_TRUE(failed(pool(Tensor(NC_FLOAT32, {2, 4}), w, y), NC_INVALID_SHAPE, "x"));
  EXPECT_TRUE(failed(pool(x, w, Tensor(NC_FLOAT32, {1, 2, 3, 2})), NC_INVALID_SHAPE, "positions"));
  EXPECT_TRUE(failed(pool(x, w, Tensor(NC_FLOAT32, {1, 3, 2, 2})), NC_INVALID_SHAPE, "y"));
  EXPECT_TRUE(failed(pool(x, w, y, Tensor(NC_INT64, {1, 2, 2, 1})), NC_INVALID_SHAPE, "indices"));
  EXPECT_TRUE(failed(pool(x, w, y, Tensor(NC_FLOAT32, {1, 2, 2, 2})), NC_INVALID_DTYPE, "indices"));
  EXPECT_TRUE(failed(pool(x, {{0, 2}, {2, 2}, {0, 0}, {1, 1}}, y), NC_INVALID_ARGUMENT, "size[0]"));
  EXPECT_TRUE(failed(pool(x, {{2, 2}, {2, 0}, {0, 0}, {1, 1}}, y), NC_INVALID_ARGUMENT, "stride[1]"));
  EXPECT_TRUE(failed(pool(x, {{2, 2}, {2, 2}, {0, -1}, {1, 1}}, y), NC_INVALID_ARGUMENT, "padding[1]"));
  EXPECT_TRUE(failed(pool(x, {{2, 2}, {2, 2}, {0, 0}, {0, 1}}, y), NC_INVALID_ARGUMENT, "dilation[0]"));
  EXPECT_TRUE(failed(nc_average_pooling(context(), x, &w, 3, y), NC_INVALID_ARGUMENT, "divisor"));

  for (const double wrong : {4.0, -1.0}) {
    const Tensor filled = Tensor::of(NC_FLOAT32, {1, 2, 4, 4}, std::vector<double>(32, 7));
    i.set({0, 1, 2, 3, 0, 1, 2, wrong});
    EXPECT_TRUE(failed(nc_max_pooling_grad(context(), y, i, &w, filled), NC_INDEX_OUT_OF_RANGE, "indices"));
    EXPECT_EQ(filled.values(), std::vector<double>(32, 7));
    EXPECT_TRUE(failed(nc_max_pooling_gather(context(), filled, i, &w, y), NC_INDEX_OUT_OF_RANGE, "indices"));
    EXPECT_EQ(y.values(), std::vector<double>(8, 0));
  }
}

}  // namespace
}  // namespace nc::test
