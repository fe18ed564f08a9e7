#include "nativechain/softmax.h"

#include <limits>

#include "support/lanes.hpp"

namespace nc::test {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

double tolerance(nc_dtype dtype) {
  return dtype == NC_FLOAT64 ? 1e-14 : dtype == NC_FLOAT32 ? 2e-6 : dtype == NC_FLOAT16 ? 2e-3 : 2e-2;
}

std::vector<double> log_softmax_of(const std::vector<double>& x, const Shape& shape, int axis) {
  std::vector<double> y(x.size());
  for_each_lane(shape, axis, [&](auto at) {
    double max = -kInfinity, sum = 0;
    for (int64_t i = 0; i < shape[axis]; i++) max = std::isnan(x[at(i)]) ? kNaN : std::max(max, x[at(i)]);
    for (int64_t i = 0; i < shape[axis]; i++) sum += std::exp(x[at(i)] - max);
    for (int64_t i = 0; i < shape[axis]; i++) y[at(i)] = x[at(i)] - max - std::log(sum);
  });
  return y;
}

std::vector<double> exp_of(std::vector<double> x) {
  for (double& v : x) v = std::exp(v);
  return x;
}

// y * (gy - sum(gy * y)), or gy - exp(y) * sum(gy).
std::vector<double> grad_of(const std::vector<double>& y, const std::vector<double>& gy, const Shape& shape, int axis,
                            bool log) {
  std::vector<double> gx(y.size());
  for_each_lane(shape, axis, [&](auto at) {
    double sum = 0;
    for (int64_t i = 0; i < shape[axis]; i++) sum += log ? gy[at(i)] : gy[at(i)] * y[at(i)];
    for (int64_t i = 0; i < shape[axis]; i++) {
      const size_t k = at(i);
      gx[k] = log ? gy[k] - std::exp(y[k]) * sum : y[k] * (gy[k] - sum);
    }
  });
  return gx;
}

struct Case {
  Shape shape;
  int axis;
};

const Case kCases[] = {{{1}, 0},         {{10}, 0},        {{3, 1}, 1},       {{100, 10}, 1},   {{100, 10}, 0},
                       {{7, 17}, 1},     {{7, 17}, 0},     {{5, 1000}, 1},    {{1000, 5}, 0},   {{2, 3, 5, 7}, 1},
                       {{2, 10, 63}, 1}, {{3, 65, 67}, 1}, {{2, 3, 4, 5}, 2}, {{16, 16, 3}, 1}, {{2, 21, 9, 31}, 1},
                       {{1, 40000}, 1},  {{40000, 1}, 0},  {{3, 16}, 1},      {{3, 31}, 1},     {{4000, 11}, 1}};

// A shape's tensor in C order, with its axes in memory turned round, or backwards in every axis.
Tensor tensor(nc_dtype dtype, const Shape& shape, int layout, unsigned seed, double low = -4, double high = 4) {
  Shape strides(shape.size());
  int64_t n = 1;
  for (size_t k = 0; k < shape.size(); k++) {
    const size_t i = layout == 1 ? k : shape.size() - 1 - k;
    strides[i] = layout == 2 ? -n : n;
    n *= shape[i] + (layout == 2);
  }
  return Tensor::random(dtype, shape, strides, seed, low, high);
}

class Softmax : public testing::TestWithParam<nc_dtype> {};
INSTANTIATE_TEST_SUITE_P(Dtypes, Softmax, testing::ValuesIn(kFloatDtypes),
                         [](const auto& info) { return std::string(nc_dtype_name(info.param)); });

TEST_P(Softmax, ForwardAndBackward) {
  const nc_dtype dtype = GetParam();
  const double limit = tolerance(dtype);
  for (const auto& [shape, axis] : kCases) {
    for (int layout = 0; layout < 3; layout++) {
      for (int y_layout = 0; y_layout < 3; y_layout++) {
        SCOPED_TRACE(testing::PrintToString(shape) + " axis " + std::to_string(axis) + " layouts " +
                     std::to_string(layout) + std::to_string(y_layout));
        const Tensor x = tensor(dtype, shape, layout, 1), y = tensor(dtype, shape, y_layout, 2);
        const Tensor gy = tensor(dtype, shape, layout, 3, -1, 1), gx = tensor(dtype, shape, y_layout, 4);
        const std::vector<double> log_p = log_softmax_of(x.values(), shape, axis);
        ASSERT_TRUE(succeeded(nc_softmax(context(), x, axis, y)));
        expect_close(y, exp_of(log_p), limit, limit * 1e-3);
        ASSERT_TRUE(succeeded(nc_softmax_grad(context(), y, gy, axis, gx)));
        expect_close(gx, grad_of(y.values(), gy.values(), shape, axis, false), limit, limit);
        ASSERT_TRUE(succeeded(nc_log_softmax(context(), x, axis, y)));
        expect_close(y, log_p, limit, limit);
        ASSERT_TRUE(succeeded(nc_log_softmax_grad(context(), y, gy, axis, gx)));
        const double sum_error = limit * 1e-2 * static_cast<double>(shape[axis]);
        expect_close(gx, grad_of(y.values(), gy.values(), shape, axis, true), limit,
                     dtype == NC_FLOAT16 || dtype == NC_BFLOAT16 ? limit : limit + sum_error);
      }
    }
  }
}

TEST_P(Softmax, InPlace) {
  for (const auto& [shape, axis] : kCases) {
    for (int layout = 0; layout < 3; layout++) {
      const Tensor x = tensor(GetParam(), shape, layout, 5), y = tensor(GetParam(), shape, layout, 6);
      const Tensor gy = tensor(GetParam(), shape, layout, 7);
      const Tensor in_place = tensor(GetParam(), shape, layout, 5);
      ASSERT_TRUE(succeeded(nc_softmax(context(), x, axis, y)));
      ASSERT_TRUE(succeeded(nc_softmax(context(), in_place, axis, in_place)));
      EXPECT_EQ(in_place.values(), y.values());
      ASSERT_TRUE(succeeded(nc_softmax_grad(context(), y, gy, axis, x)));
      ASSERT_TRUE(succeeded(nc_softmax_grad(context(), in_place, gy, axis, in_place)));
      EXPECT_EQ(in_place.values(), x.values());
      in_place.set(gy.values());
      ASSERT_TRUE(succeeded(nc_softmax_grad(context(), y, in_place, axis, in_place)));
      EXPECT_EQ(in_place.values(), x.values());
      in_place.set(gy.values());
      ASSERT_TRUE(succeeded(nc_log_softmax_grad(context(), y, gy, axis, x)));
      ASSERT_TRUE(succeeded(nc_log_softmax_grad(context(), y, in_place, axis, in_place)));
      EXPECT_EQ(in_place.values(), x.values());
    }
  }
}

TEST(Softmax, ExtremeAndNonFiniteValues) {
  for (int64_t n : {4, 40}) {
    for (int axis : {0, 1}) {
      // Lanes along the axis; the other axis is wide enough for vectors of lanes.
      const Shape shape = axis == 1 ? Shape{40, n} : Shape{n, 40};
      const auto lane_of = [&](const Tensor& t, int64_t lane, int64_t i) -> float& {
        return t.data<float>()[axis == 1 ? lane * n + i : i * 40 + lane];
      };
      const Tensor x(NC_FLOAT32, shape), y(NC_FLOAT32, shape);
      lane_of(x, 0, 1) = 1000;
      lane_of(x, 1, 1) = -1000;
      lane_of(x, 2, 1) = static_cast<float>(kNaN);
      lane_of(x, 3, 1) = static_cast<float>(kInfinity);
      lane_of(x, 4, 1) = static_cast<float>(-kInfinity);
      for (int64_t i = 0; i < n; i++) lane_of(x, 5, i) = static_cast<float>(-kInfinity);
      ASSERT_TRUE(succeeded(nc_softmax(context(), x, axis, y)));
      const double rest = 1.0 / static_cast<double>(n - 1);
      for (int64_t i = 0; i < n; i++) {
        EXPECT_EQ(lane_of(y, 0, i), i == 1 ? 1 : 0);
        EXPECT_NEAR(lane_of(y, 1, i), i == 1 ? 0 : rest, 1e-7);
        EXPECT_TRUE(std::isnan(lane_of(y, 2, i)));
        if (i == 1) {
          EXPECT_TRUE(std::isnan(lane_of(y, 3, i)));
        }
        EXPECT_NEAR(lane_of(y, 4, i), i == 1 ? 0 : rest, 1e-7);
        EXPECT_TRUE(std::isnan(lane_of(y, 5, i)));
        EXPECT_NEAR(lane_of(y, 6, i), 1.0 / static_cast<double>(n), 1e-7);
      }
      ASSERT_TRUE(succeeded(nc_log_softmax(context(), x, axis, y)));
      EXPECT_EQ(lane_of(y, 0, 0), -1000);
      EXPECT_EQ(lane_of(y, 4, 1), -kInfinity);
    }
  }
}

TEST(Softmax, EmptyTensors) {
  for (const Shape& shape : {Shape{0, 3}, Shape{3, 0}}) {
    const Tensor x(NC_FLOAT32, shape), y(NC_FLOAT32, shape);
    EXPECT_TRUE(succeeded(nc_softmax(context(), x, 1, y)));
    EXPECT_TRUE(succeeded(nc_log_softmax(context(), x, 0, y)));
    EXPECT_TRUE(succeeded(nc_softmax_grad(context(), y, y, 1, x)));
    EXPECT_TRUE(succeeded(nc_log_softmax_grad(context(), y, y, 0, x)));
  }
  // No class: every label must be ignored.
  const Tensor x(NC_FLOAT32, {3, 0}), t = Tensor::of(NC_INT32, {3}, {-1, -1, -1}),
                                      loss = Tensor::of(NC_FLOAT32, {3}, {1, 1, 1});
  EXPECT_TRUE(succeeded(nc_softmax_cross_entropy(context(), x, t, nullptr, -1, x, loss)));
  expect_close(loss, {0, 0, 0}, 0);
  EXPECT_TRUE(failed(nc_softmax_cross_entropy(context(), x, t, nullptr, -2, x, loss), NC_INDEX_OUT_OF_RANGE, "t"));
  const Tensor none(NC_FLOAT32, {0, 3}), no_labels(NC_INT64, {0}), no_loss(NC_FLOAT32, {0});
  EXPECT_TRUE(succeeded(nc_softmax_cross_entropy(context(), none, no_labels, nullptr, -1, none, no_loss)));
  EXPECT_TRUE(succeeded(nc_softmax_cross_entropy_grad(context(), none, no_labels, nullptr, -1, no_loss, none)));
}

class CrossEntropy : public testing::TestWithParam<nc_dtype> {};
INSTANTIATE_TEST_SUITE_P(Dtypes, CrossEntropy, testing::ValuesIn(kFloatDtypes),
                         [](const auto& info) { return std::string(nc_dtype_name(info.param)); });

TEST_P(CrossEntropy, ForwardAndBackward) {
  const nc_dtype dtype = GetParam();
  const double limit = tolerance(dtype);
  for (const Shape& shape : {Shape{1, 1}, Shape{100, 10}, Shape{7, 65}, Shape{3, 5, 7}, Shape{2, 10, 9, 31}}) {
    for (int layout = 0; layout < 3; layout++) {
      for (bool weighted : {false, true}) {
        for (nc_dtype label_dtype : {NC_INT32, NC_INT64}) {
          SCOPED_TRACE(testing::PrintToString(shape) + " layout " + std::to_string(layout));
          const int64_t classes = shape[1], ignore_label = layout == 1 ? 0 : -1;
          Shape label_shape = shape;
          label_shape.erase(label_shape.begin() + 1);
          const Tensor x = tensor(dtype, shape, layout, 8), log_p = tensor(dtype, shape, layout, 9);
          const Tensor gx = tensor(dtype, shape, 0, 10), loss = tensor(dtype, label_shape, layout, 11);
          const Tensor t = tensor(label_dtype, label_shape, layout, 12, -1, static_cast<double>(classes));
          const Tensor weight = Tensor::random(dtype, {classes}, 13, 0, 2), g = tensor(dtype, label_shape, 0, 14);
          std::vector<double> labels = t.values();
          for (double& v : labels) v = v < 0 ? static_cast<double>(ignore_label) : v;
          t.set(labels);

          ASSERT_TRUE(succeeded(
              nc_softmax_cross_entropy(context(), x, t, weighted ? &*weight : nullptr, ignore_label, log_p, loss)));
          const std::vector<double> expected = log_softmax_of(x.values(), shape, 1);
          expect_close(log_p, expected, limit, limit);
          const std::vector<double> lp = log_p.values(), w = weight.values(), scales = g.values();
          const auto gradients = [&](bool one_scale) {
            std::vector<double> grad(lp.size());
            size_t lane = 0;
            for_each_lane(shape, 1, [&](auto at) {
              const double label = labels[lane], scale = one_scale ? scales[0] : scales[lane];
              for (int64_t c = 0; c < classes; c++) {
                if (label == static_cast<double>(ignore_label)) continue;
                grad[at(c)] = scale * (weighted ? w[static_cast<size_t>(label)] : 1) *
                              (std::exp(lp[at(c)]) - (static_cast<double>(c) == label));
              }
              lane++;
            });
            return grad;
          };
          std::vector<double> losses;
          size_t lane = 0;
          for_each_lane(shape, 1, [&](auto at) {
            const double label = labels[lane++];
            losses.push_back(label == static_cast<double>(ignore_label)
                                 ? 0
                                 : -(weighted ? w[static_cast<size_t>(label)] : 1) *
                                       expected[at(static_cast<int64_t>(label))]);
          });
          expect_close(loss, losses, 2 * limit, 2 * limit);

          ASSERT_TRUE(succeeded(
              nc_softmax_cross_entropy_grad(context(), log_p, t, weighted ? &*weight : nullptr, ignore_label, g, gx)));
          expect_close(gx, gradients(false), limit, limit);
          // One number for all, and in place.
          const Tensor one = Tensor::of(dtype, {}, {scales[0]});
          ASSERT_TRUE(succeeded(nc_softmax_cross_entropy_grad(context(), log_p, t, weighted ? &*weight : nullptr,
                                                              ignore_label, one, log_p)));
          expect_close(log_p, gradients(true), limit, limit);
        }
      }
    }
  }
}

TEST(CrossEntropy, LabelsAreCheckedBeforeAnythingIsWritten) {
  const Tensor x = Tensor::random(NC_FLOAT32, {100, 10}, 15), log_p = Tensor::random(NC_FLOAT32, {100, 10}, 16);
  const Tensor loss = Tensor::random(NC_FLOAT32, {100}, 17), t(NC_INT32, {100});
  const std::vector<double> log_p_before = log_p.values(), loss_before = loss.values();
  for (int32_t bad : {10, -1, std::numeric_limits<int32_t>::min(), std::numeric_limits<int32_t>::max()}) {
    t.data<int32_t>()[99] = bad;
    EXPECT_TRUE(
        failed(nc_softmax_cross_entropy(context(), x, t, nullptr, -2, log_p, loss), NC_INDEX_OUT_OF_RANGE, "t: label"));
    EXPECT_TRUE(failed(nc_softmax_cross_entropy_grad(context(), x, t, nullptr, -2, loss, log_p), NC_INDEX_OUT_OF_RANGE,
                       "t: label"));
    EXPECT_EQ(log_p.values(), log_p_before);
    EXPECT_EQ(loss.values(), loss_before);
  }
}

TEST(Softmax, ResultsDoNotDependOnThreads) {
  const int32_t threads = nc_num_threads();
  for (const auto& [shape, axis] : {Case{{3000, 100}, 1}, Case{{8, 100, 500}, 1}, Case{{2, 100000}, 1}}) {
    const Tensor x = tensor(NC_FLOAT32, shape, 0, 18), gy = tensor(NC_FLOAT32, shape, 0, 19);
    std::vector<double> first, first_grad;
    for (int32_t count : {1, 2, 3, 8}) {
      ASSERT_TRUE(succeeded(nc_set_num_threads(count)));
      const Tensor y(NC_FLOAT32, shape), gx(NC_FLOAT32, shape);
      ASSERT_TRUE(succeeded(nc_softmax(context(), x, axis, y)));
      ASSERT_TRUE(succeeded(nc_softmax_grad(context(), y, gy, axis, gx)));
      if (count == 1) first = y.values(), first_grad = gx.values();
      ASSERT_EQ(y.values(), first);
      ASSERT_EQ(gx.values(), first_grad);
    }
  }
  nc_set_num_threads(threads);
}

TEST(Softmax, BadInputChangesNothing) {
  const Tensor x = Tensor::random(NC_FLOAT32, {3, 4}, 20), y = Tensor::random(NC_FLOAT32, {3, 4}, 21);
  const Tensor t(NC_INT32, {3}), loss(NC_FLOAT32, {3});
  const std::vector<double> before = y.values();
  const auto refuses = [&](nc_status status, nc_status expected, const char* text) {
    EXPECT_TRUE(failed(status, expected, text));
    EXPECT_EQ(y.values(), before);
  };
  refuses(nc_softmax(nullptr, x, 1, y), NC_INVALID_ARGUMENT, "nc_softmax: context");
  refuses(nc_softmax(context(), nullptr, 1, y), NC_INVALID_ARGUMENT, "x");
  refuses(nc_softmax(context(), x, 1, nullptr), NC_INVALID_ARGUMENT, "y");
  refuses(nc_softmax(context(), x, 2, y), NC_INVALID_ARGUMENT, "axis");
  refuses(nc_softmax(context(), x, -1, y), NC_INVALID_ARGUMENT, "axis");
  refuses(nc_softmax(context(), Tensor(NC_FLOAT32, {}), 0, Tensor(NC_FLOAT32, {})), NC_INVALID_ARGUMENT, "axis");
  refuses(nc_softmax(context(), Tensor(NC_FLOAT32, {4, 3}), 1, y), NC_INVALID_SHAPE, "(4, 3)");
  refuses(nc_softmax(context(), Tensor(NC_FLOAT64, {3, 4}), 1, y), NC_INVALID_DTYPE, "float64");
  refuses(nc_softmax(context(), Tensor(NC_INT32, {3, 4}), 1, Tensor(NC_INT32, {3, 4})), NC_INVALID_DTYPE, "x");
  refuses(nc_log_softmax(context(), x, 7, y), NC_INVALID_ARGUMENT, "nc_log_softmax");
  refuses(nc_softmax_grad(context(), x, Tensor(NC_FLOAT32, {3}), 1, y), NC_INVALID_SHAPE, "gy");
  refuses(nc_log_softmax_grad(context(), x, nullptr, 1, y), NC_INVALID_ARGUMENT, "gy");
  const Tensor shifted = y.view([](nc_tensor& v) {
    v.offset += 4;
    v.shape[0] = 2;
  });
  const Tensor part = y.view([](nc_tensor& v) { v.shape[0] = 2; });
  refuses(nc_softmax(context(), part, 1, shifted), NC_INVALID_ARGUMENT, "y");
  refuses(nc_softmax_cross_entropy(context(), x, Tensor(NC_INT32, {4}), nullptr, -1, y, loss), NC_INVALID_SHAPE, "t");
  refuses(nc_softmax_cross_entropy(context(), x, Tensor(NC_FLOAT32, {3}), nullptr, -1, y, loss), NC_INVALID_DTYPE, "t");
  refuses(nc_softmax_cross_entropy(context(), x, t, Tensor(NC_FLOAT32, {3}), -1, y, loss), NC_INVALID_SHAPE, "weight");
  refuses(nc_softmax_cross_entropy(context(), x, t, nullptr, -1, y, Tensor(NC_FLOAT32, {4})), NC_INVALID_SHAPE, "loss");
  refuses(nc_softmax_cross_entropy(context(), Tensor(NC_FLOAT32, {3}), t, nullptr, -1, Tensor(NC_FLOAT32, {3}), loss),
          NC_INVALID_SHAPE, "x");
  refuses(nc_softmax_cross_entropy_grad(context(), x, t, nullptr, -1, Tensor(NC_FLOAT32, {4}), y), NC_INVALID_SHAPE,
          "g");
}

}  // namespace
}  // namespace nc::test
