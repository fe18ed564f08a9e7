// Normalization: what is refused, values by hand, every set of axes over dtypes and layouts against the plain
// reference, accuracy far from 0, threads.
#include "nativechain/normalization.h"

#include <limits>

#include "cpu/table.hpp"
#include "support/tensor.hpp"

namespace nc::test {
namespace {

const nc_backend& reference() {
  static const nc_backend table = cpu::make_table(cpu::Isa::reference);
  return table;
}

double tolerance(nc_dtype dtype) {
  return dtype == NC_FLOAT64 ? 1e-12 : dtype == NC_FLOAT32 ? 1e-5 : dtype == NC_FLOAT16 ? 2e-3 : 2e-2;
}

// A shape, and what is left of it in the statistics and in gamma.
struct Case {
  Shape shape, statistics, gamma;
};

const Case kCases[] = {
    {{4, 3}, {1, 3}, {1, 3}},
    {{37, 131}, {1, 131}, {1, 131}},
    {{300, 5}, {1, 5}, {1, 5}},
    {{5, 7}, {5, 1}, {1, 7}},
    {{37, 131}, {37, 1}, {1, 131}},
    {{3, 1030}, {3, 1}, {1, 1030}},
    {{65, 1}, {65, 1}, {1, 1}},
    {{63, 3}, {63, 1}, {1, 3}},
    {{33, 17}, {33, 1}, {1, 17}},
    {{19, 64}, {19, 1}, {1, 64}},
    {{7, 5, 63}, {7, 5, 1}, {1, 1, 63}},
    {{5, 3, 65}, {5, 3, 1}, {1, 3, 65}},
    {{2, 9000}, {2, 1}, {1, 9000}},
    {{3, 4, 5, 7}, {1, 4, 1, 1}, {1, 4, 1, 1}},
    {{2, 3, 33, 35}, {1, 3, 1, 1}, {1, 3, 1, 1}},
    {{9, 70, 3, 3}, {1, 70, 1, 1}, {1, 70, 1, 1}},
    {{37, 2, 7, 9}, {1, 2, 1, 1}, {1, 2, 1, 1}},
    {{37, 17, 7, 9}, {1, 17, 1, 1}, {1, 17, 1, 1}},
    {{65, 131, 1, 3}, {1, 131, 1, 1}, {1, 131, 1, 1}},
    {{17, 33, 4, 4}, {1, 33, 1, 1}, {1, 33, 1, 1}},
    {{13, 19, 8, 8}, {13, 19, 1, 1}, {1, 19, 1, 1}},
    {{70, 3, 65}, {1, 3, 1}, {1, 1, 1}},
    {{6, 2, 70, 60}, {1, 2, 1, 1}, {1, 2, 1, 1}},
    {{3, 20, 1, 1}, {1, 20, 1, 1}, {1, 20, 1, 1}},
    {{2, 3, 4, 6, 5}, {2, 3, 1, 1, 1}, {1, 3, 4, 1, 1}},
    {{3, 2, 5, 37}, {3, 2, 1, 1}, {1, 2, 5, 1}},
    {{4, 6, 11}, {4, 6, 1}, {1, 6, 1}},
    {{4, 6, 11}, {1, 6, 11}, {1, 6, 11}},
    {{3, 5, 8}, {1, 1, 8}, {1, 1, 8}},
    {{4, 5, 6}, {1, 5, 1}, {4, 1, 6}},
    {{4, 5, 6}, {4, 1, 6}, {1, 5, 1}},
    {{2, 3, 4}, {1, 1, 1}, {1, 1, 1}},
    {{50000}, {1}, {1}},
    {{7}, {7}, {7}},
    {{1, 1}, {1, 1}, {1, 1}},
};

Tensor tensor(nc_dtype dtype, const Shape& shape, int layout, unsigned seed, double low = -2, double high = 3) {
  Shape strides(shape.size());
  int64_t n = 1;
  for (size_t k = 0; k < shape.size(); k++) {
    const size_t i = layout == 1 ? k : shape.size() - 1 - k;
    strides[i] = layout == 2 ? -n : n;
    n *= std::max<int64_t>(shape[i], 1) + (layout == 2);
  }
  return Tensor::random(dtype, shape, strides, seed, low, high);
}

struct Types {
  nc_dtype x, statistics;
};
class Normalization : public testing::TestWithParam<Types> {};
INSTANTIATE_TEST_SUITE_P(Dtypes, Normalization,
                         testing::Values(Types{NC_FLOAT32, NC_FLOAT32}, Types{NC_FLOAT64, NC_FLOAT64},
                                         Types{NC_FLOAT16, NC_FLOAT32}, Types{NC_BFLOAT16, NC_FLOAT32},
                                         Types{NC_FLOAT16, NC_FLOAT16}, Types{NC_FLOAT32, NC_FLOAT64},
                                         Types{NC_FLOAT64, NC_FLOAT32}, Types{NC_BFLOAT16, NC_FLOAT64}),
                         [](const auto& info) {
                           return std::string(nc_dtype_name(info.param.x)) + "_" + nc_dtype_name(info.param.statistics);
                         });

TEST_P(Normalization, IsThatOfTheReference) {
  const auto [dtype, other] = GetParam();
  const double limit = tolerance(dtype), rough = std::max(limit, tolerance(other));
  for (const auto& [shape, statistics, factors] : kCases) {
    for (int layout = 0; layout < 3; layout++) {
      for (const bool scaled : {true, false}) {
        SCOPED_TRACE(testing::PrintToString(shape) + " to " + testing::PrintToString(statistics) + " layout " +
                     std::to_string(layout));
        const Tensor x = tensor(dtype, shape, layout, 1), y = tensor(dtype, shape, layout, 2), z(dtype, shape);
        const Tensor gamma = tensor(other, factors, 0, 3, 0.5, 2), beta = tensor(other, factors, layout, 4);
        const Tensor mean = tensor(other, statistics, layout, 5), variance = tensor(other, statistics, 0, 6);
        const Tensor mean2(other, statistics), variance2(other, statistics);
        ASSERT_TRUE(succeeded(nc_normalization(context(), x, scaled ? &*gamma : nullptr, scaled ? &*beta : nullptr,
                                               1e-3, y, mean, variance)));
        nc_tensor full_gamma = broadcast_to("gamma", *gamma, (*x).ndim, (*x).shape);
        nc_tensor full_beta = broadcast_to("beta", *beta, (*x).ndim, (*x).shape);
        ASSERT_EQ(reference().normalization(nullptr, x, scaled ? &full_gamma : nullptr, scaled ? &full_beta : nullptr,
                                            1e-3, z, mean2, variance2),
                  NC_OK);
        expect_close(mean, mean2.values(), tolerance(other), tolerance(other));
        expect_close(variance, variance2.values(), tolerance(other), tolerance(other));
        expect_close(y, z.values(), limit, 4 * limit);

        const Tensor gy = tensor(dtype, shape, layout, 7, -1, 1);
        const Tensor gx = tensor(dtype, shape, layout, 8), gx2(dtype, shape);
        const Tensor ggamma = tensor(other, factors, layout, 9), gbeta = tensor(other, factors, 0, 10);
        const Tensor ggamma2(other, factors), gbeta2(other, factors);
        ASSERT_TRUE(succeeded(nc_normalization_grad(context(), x, scaled ? &*gamma : nullptr, gy, mean2, variance2,
                                                    1e-3, gx, ggamma, gbeta)));
        ASSERT_EQ(reference().normalization_grad(nullptr, x, scaled ? &full_gamma : nullptr, gy, mean2, variance2, 1e-3,
                                                 gx2, ggamma2, gbeta2),
                  NC_OK);
        const double terms = std::sqrt(static_cast<double>(x.size()) / static_cast<double>(ggamma.size()));
        // One element a set has the standard deviation sqrt(eps): all is magnified by some 30.
        expect_close(gx, gx2.values(), limit, 100 * std::max(limit, dtype == NC_FLOAT64 ? 1e-12 : 1e-7));
        expect_close(ggamma, ggamma2.values(), tolerance(other), 4 * rough * std::max(terms, 1.0));
        expect_close(gbeta, gbeta2.values(), tolerance(other), 4 * tolerance(other) * std::max(terms, 1.0));

        // Each output alone, and in place.
        const std::vector<double> whole_gx = gx.values(), whole_ggamma = ggamma.values(), whole_gbeta = gbeta.values();
        const auto grad = [&](const nc_tensor* a, const nc_tensor* b, const nc_tensor* c) {
          return nc_normalization_grad(context(), x, scaled ? &*gamma : nullptr, gy, mean2, variance2, 1e-3, a, b, c);
        };
        ASSERT_TRUE(succeeded(grad(nullptr, ggamma, nullptr)));
        EXPECT_EQ(ggamma.values(), whole_ggamma);
        ASSERT_TRUE(succeeded(grad(nullptr, nullptr, gbeta)));
        EXPECT_EQ(gbeta.values(), whole_gbeta);
        ASSERT_TRUE(succeeded(grad(gy, nullptr, nullptr)));
        expect_close(gy, whole_gx, limit, 10 * limit);
        const std::vector<double> whole_y = y.values();
        ASSERT_TRUE(succeeded(nc_normalization(context(), x, scaled ? &*gamma : nullptr, scaled ? &*beta : nullptr,
                                               1e-3, x, mean, variance)));
        EXPECT_EQ(x.values(), whole_y);
      }
    }
  }
}

TEST(Normalization, ValuesByHand) {
  const Tensor x = Tensor::of(NC_FLOAT32, {2, 2}, {1, 10, 3, 30}), gamma = Tensor::of(NC_FLOAT32, {2}, {2, 1});
  const Tensor beta = Tensor::of(NC_FLOAT32, {2}, {0.5, 0}), y(NC_FLOAT32, {2, 2});
  const Tensor mean(NC_FLOAT32, {1, 2}), variance(NC_FLOAT32, {1, 2});
  ASSERT_TRUE(succeeded(nc_normalization(context(), x, gamma, beta, 0, y, mean, variance)));
  expect_close(mean, {2, 20}, 0);
  expect_close(variance, {1, 100}, 0);
  expect_close(y, {-1.5, -1, 2.5, 1}, 1e-6);
  const Tensor gy = Tensor::of(NC_FLOAT32, {2, 2}, {1, 2, 3, 6}), ggamma(NC_FLOAT32, {1, 2}), gbeta(NC_FLOAT32, {1, 2});
  ASSERT_TRUE(succeeded(nc_normalization_grad(context(), x, gamma, gy, mean, variance, 0, nullptr, ggamma, gbeta)));
  expect_close(ggamma, {2, 4}, 1e-6);
  expect_close(gbeta, {4, 8}, 1e-6);
}

// A mean a million times the deviation: the variance must not come from a difference of squares.
TEST(Normalization, VarianceFarFromZero) {
  for (const auto& [shape, statistics] :
       {std::pair<Shape, Shape>{{64, 3, 31, 33}, {1, 3, 1, 1}}, {{4, 30000}, {4, 1}}, {{3000, 17}, {1, 17}}}) {
    const Tensor x = Tensor::random(NC_FLOAT32, shape, 1, 4095, 4097);
    const Tensor y(NC_FLOAT32, shape), mean(NC_FLOAT32, statistics), variance(NC_FLOAT32, statistics);
    const Tensor z(NC_FLOAT32, shape), mean2(NC_FLOAT32, statistics), variance2(NC_FLOAT32, statistics);
    ASSERT_TRUE(succeeded(nc_normalization(context(), x, nullptr, nullptr, 1e-5, y, mean, variance)));
    ASSERT_EQ(reference().normalization(nullptr, x, nullptr, nullptr, 1e-5, z, mean2, variance2), NC_OK);
    expect_close(mean, mean2.values(), 2e-7);
    expect_close(variance, variance2.values(), 1e-3);
    expect_close(y, z.values(), 1e-3, 1e-3);
    ASSERT_TRUE(succeeded(nc_normalization(context(), x, nullptr, nullptr, 1e-5, nullptr, mean, variance)));
    expect_close(mean, mean2.values(), 2e-7);
    expect_close(variance, variance2.values(), 1e-3);
  }
}

// Lines and columns that begin with values far from the others, or end with them.
TEST(Normalization, VarianceOfSteps) {
  for (const auto& [shape, statistics] : {std::pair<Shape, Shape>{{71, 5003}, {71, 1}}, {{5003, 71}, {1, 71}}}) {
    for (const int64_t step : {1, 4, 63, 1000}) {
      const Tensor x = Tensor::random(NC_FLOAT32, shape, 1);
      const int64_t columns = shape[1], along = columns > shape[0] ? columns : shape[0];
      for (const int64_t begin : {int64_t{0}, along - 2 * step}) {
        for (int64_t i = 0; i < x.size(); i++) {
          const int64_t at = along == columns ? i % columns : i / columns;
          if (begin <= at && at < begin + step) x.data<float>()[i] += 10000;
        }
      }
      const Tensor mean(NC_FLOAT32, statistics), variance(NC_FLOAT32, statistics), y(NC_FLOAT32, shape);
      const Tensor mean2(NC_FLOAT32, statistics), variance2(NC_FLOAT32, statistics);
      ASSERT_TRUE(succeeded(nc_normalization(context(), x, nullptr, nullptr, 0, nullptr, mean, variance)));
      ASSERT_EQ(reference().normalization(nullptr, x, nullptr, nullptr, 0, y, mean2, variance2), NC_OK);
      expect_close(mean, mean2.values(), 1e-5);
      expect_close(variance, variance2.values(), 3e-5);
    }
  }
}

// Without y: of lines longer than a block, of columns that stand side by side, and of several tiles of them.
const Case kStatistics[] = {
    {{1}, {1}, {}},
    {{4099}, {1}, {}},
    {{262147}, {1}, {}},
    {{17, 4097}, {17, 1}, {}},
    {{131, 257}, {131, 1}, {}},
    {{7, 16411}, {7, 1}, {}},
    {{71, 5003}, {71, 1}, {}},
    {{67, 2111}, {67, 1}, {}},
    {{1100003}, {1}, {}},
    {{65, 3, 63}, {65, 1, 1}, {}},
    {{3, 5, 2500}, {1, 5, 1}, {}},
    {{1, 17}, {1, 17}, {}},
    {{7, 3}, {1, 3}, {}},
    {{5003, 3}, {1, 3}, {}},
    {{1201, 63}, {1, 63}, {}},
    {{65, 2049}, {1, 2049}, {}},
    {{71, 4101}, {1, 4101}, {}},
    {{3, 701, 17}, {3, 1, 17}, {}},
    {{31, 2, 6, 65}, {1, 2, 1, 65}, {}},
    {{70, 3, 2050}, {1, 1, 2050}, {}},
    {{5, 6, 7}, {5, 6, 7}, {}},
};

TEST_P(Normalization, StatisticsAloneAreThoseOfTheReference) {
  const auto [dtype, other] = GetParam();
  const double limit = tolerance(other);
  const auto compare = [&](const Shape& shape, const Shape& statistics, int layout) {
    SCOPED_TRACE(testing::PrintToString(shape) + " to " + testing::PrintToString(statistics) + " layout " +
                 std::to_string(layout));
    const Tensor x = tensor(dtype, shape, layout, 1);
    const Tensor mean = tensor(other, statistics, layout, 2), variance = tensor(other, statistics, 0, 3);
    const Tensor mean2(other, statistics), variance2(other, statistics);
    ASSERT_TRUE(succeeded(nc_normalization(context(), x, nullptr, nullptr, 0, nullptr, mean, variance)));
    ASSERT_EQ(reference().normalization(nullptr, x, nullptr, nullptr, 0, nullptr, mean2, variance2), NC_OK);
    expect_close(mean, mean2.values(), limit, limit);
    expect_close(variance, variance2.values(), limit, limit);
  };
  for (int layout = 0; layout < 3; layout++) {
    for (const auto& [shape, statistics, unused] : kStatistics) compare(shape, statistics, layout);
    for (const auto& [shape, statistics, unused] : kCases) compare(shape, statistics, layout);
  }
}

// NaN where the set has a NaN or an infinity; the others as they are without.
TEST(Normalization, VarianceOfWhatIsNotFinite) {
  for (const auto& [shape, statistics, unused] : kStatistics) {
    SCOPED_TRACE(testing::PrintToString(shape) + " to " + testing::PrintToString(statistics));
    for (const double value : {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(),
                               -std::numeric_limits<double>::infinity()}) {
      const Tensor x = Tensor::random(NC_FLOAT32, shape, 1);
      const int64_t size = size_of(*x);
      for (const int64_t at : {int64_t{0}, size / 2, size - 1}) x.data<float>()[at] = static_cast<float>(value);
      const Tensor mean(NC_FLOAT32, statistics), variance(NC_FLOAT32, statistics);
      const Tensor mean2(NC_FLOAT32, statistics), variance2(NC_FLOAT32, statistics);
      ASSERT_TRUE(succeeded(nc_normalization(context(), x, nullptr, nullptr, 0, nullptr, mean, variance)));
      ASSERT_EQ(reference().normalization(nullptr, x, nullptr, nullptr, 0, nullptr, mean2, variance2), NC_OK);
      const std::vector<double> found = variance.values(), expected = variance2.values();
      for (size_t i = 0; i < expected.size(); i++) {
        if (std::isnan(expected[i])) {
          EXPECT_TRUE(std::isnan(found[i])) << i;
          EXPECT_FALSE(std::isfinite(mean.values()[i])) << i;
        } else {
          EXPECT_NEAR(found[i], expected[i], 1e-5 * expected[i] + 1e-30) << i;
        }
      }
    }
  }
}

TEST(Normalization, EmptySets) {
  const Tensor x(NC_FLOAT32, {0, 3}), mean(NC_FLOAT32, {1, 3}), variance(NC_FLOAT32, {1, 3});
  ASSERT_TRUE(succeeded(nc_normalization(context(), x, nullptr, nullptr, 1e-5, x, mean, variance)));
  for (const double v : mean.values()) EXPECT_TRUE(std::isnan(v));
  for (const double v : variance.values()) EXPECT_TRUE(std::isnan(v));
  const Tensor ggamma = Tensor::of(NC_FLOAT32, {1, 3}, {1, 2, 3}), gbeta = Tensor::of(NC_FLOAT32, {1, 3}, {1, 2, 3});
  ASSERT_TRUE(succeeded(nc_normalization_grad(context(), x, nullptr, x, mean, variance, 1e-5, nullptr, ggamma, gbeta)));
  expect_close(ggamma, {0, 0, 0}, 0);
  expect_close(gbeta, {0, 0, 0}, 0);
  const Tensor none(NC_FLOAT32, {3, 0}), no_mean(NC_FLOAT32, {1, 0});
  EXPECT_TRUE(succeeded(nc_normalization(context(), none, nullptr, nullptr, 1e-5, none, no_mean, no_mean)));
}

// NaN and infinity stay in their line of gx, and in their columns of the factors' gradients.
TEST(Normalization, SpecialValuesStayInTheirLines) {
  for (const int64_t n : {3, 31, 64, 515}) {
    SCOPED_TRACE(n);
    const Tensor x = Tensor::random(NC_FLOAT32, {21, n}, 1), gy = Tensor::random(NC_FLOAT32, {21, n}, 2);
    const Tensor gamma = Tensor::random(NC_FLOAT32, {1, n}, 3), mean = Tensor::random(NC_FLOAT32, {21, 1}, 4);
    const Tensor variance = Tensor::random(NC_FLOAT32, {21, 1}, 5, 0.5, 1.5);
    x.data<float>()[4 * n + 1] = std::numeric_limits<float>::quiet_NaN();
    gy.data<float>()[9 * n + 2] = std::numeric_limits<float>::infinity();
    variance.data<float>()[20] = std::numeric_limits<float>::infinity();
    const Tensor gx(NC_FLOAT32, {21, n}), ggamma(NC_FLOAT32, {1, n}), gbeta(NC_FLOAT32, {1, n});
    const Tensor gx2(NC_FLOAT32, {21, n}), ggamma2(NC_FLOAT32, {1, n}), gbeta2(NC_FLOAT32, {1, n});
    ASSERT_TRUE(succeeded(nc_normalization_grad(context(), x, gamma, gy, mean, variance, 1e-3, gx, ggamma, gbeta)));
    const nc_tensor full_gamma = broadcast_to("gamma", *gamma, (*x).ndim, (*x).shape);
    ASSERT_EQ(reference().normalization_grad(nullptr, x, &full_gamma, gy, mean, variance, 1e-3, gx2, ggamma2, gbeta2),
              NC_OK);
    const auto expect_alike = [](const Tensor& actual, const Tensor& expected) {
      const std::vector<double> a = actual.values(), b = expected.values();
      ASSERT_EQ(a.size(), b.size());
      for (size_t i = 0; i < a.size(); i++) {
        EXPECT_EQ(std::isnan(a[i]), std::isnan(b[i])) << i;
        if (std::isinf(b[i])) {
          EXPECT_EQ(a[i], b[i]) << i;
        } else if (!std::isnan(b[i])) {
          EXPECT_NEAR(a[i], b[i], 1e-4) << i;
        }
      }
    };
    expect_alike(gx, gx2);
    expect_alike(ggamma, ggamma2);
    expect_alike(gbeta, gbeta2);
  }
}

TEST(Normalization, StatisticsDoNotDependOnTheThreads) {
  if (runs_reference()) GTEST_SKIP() << "the reference runs on one thread";
  const int32_t threads = nc_num_threads();
  for (const auto& [shape, statistics] : {std::pair<Shape, Shape>{{1300007}, {1}},
                                          {{1021, 1031}, {1021, 1}},
                                          {{1021, 2053}, {1, 2053}},
                                          {{519, 4099}, {1, 4099}},
                                          {{100003, 7}, {1, 7}},
                                          {{40, 1021, 31}, {40, 1, 31}},
                                          {{30, 5, 6007}, {1, 5, 1}}}) {
    SCOPED_TRACE(testing::PrintToString(shape));
    const Tensor x = Tensor::random(NC_FLOAT32, shape, 1);
    std::vector<double> first;
    for (int32_t count : {1, 2, 3, 8}) {
      ASSERT_TRUE(succeeded(nc_set_num_threads(count)));
      const Tensor mean(NC_FLOAT32, statistics), variance(NC_FLOAT32, statistics);
      ASSERT_TRUE(succeeded(nc_normalization(context(), x, nullptr, nullptr, 0, nullptr, mean, variance)));
      std::vector<double> results = mean.values();
      for (const double v : variance.values()) results.push_back(v);
      if (first.empty()) first = results;
      EXPECT_EQ(results, first);
    }
  }
  nc_set_num_threads(threads);
}

TEST(Normalization, ResultsDoNotDependOnTheThreads) {
  if (runs_reference()) GTEST_SKIP() << "the reference runs on one thread";
  const int32_t threads = nc_num_threads();
  for (const auto& [shape, statistics, factors] :
       {Case{{16, 12, 37, 41}, {1, 12, 1, 1}, {1, 12, 1, 1}}, Case{{500, 257}, {1, 257}, {1, 257}},
        Case{{500, 257}, {500, 1}, {1, 257}}, Case{{5003, 31}, {5003, 1}, {1, 31}},
        Case{{33, 131, 7, 7}, {1, 131, 1, 1}, {1, 131, 1, 1}}, Case{{3, 4, 9, 2000}, {3, 4, 1, 1}, {1, 4, 9, 1}}}) {
    const Tensor x = Tensor::random(NC_FLOAT32, shape, 1), gy = Tensor::random(NC_FLOAT32, shape, 2);
    const Tensor gamma = Tensor::random(NC_FLOAT32, factors, 3);
    std::vector<std::vector<double>> first;
    for (int32_t count : {1, 2, 3, 8}) {
      ASSERT_TRUE(succeeded(nc_set_num_threads(count)));
      const Tensor y(NC_FLOAT32, shape), mean(NC_FLOAT32, statistics), variance(NC_FLOAT32, statistics);
      const Tensor gx(NC_FLOAT32, shape), ggamma(NC_FLOAT32, factors), gbeta(NC_FLOAT32, factors);
      ASSERT_TRUE(succeeded(nc_normalization(context(), x, gamma, gamma, 1e-5, y, mean, variance)));
      ASSERT_TRUE(succeeded(nc_normalization_grad(context(), x, gamma, gy, mean, variance, 1e-5, gx, ggamma, gbeta)));
      const std::vector<std::vector<double>> results = {y.values(),  mean.values(),   variance.values(),
                                                        gx.values(), ggamma.values(), gbeta.values()};
      if (first.empty()) first = results;
      EXPECT_EQ(results, first);
    }
  }
  nc_set_num_threads(threads);
}

// Of more bytes than stay in a cache.
TEST(Normalization, LargeGradients) {
  if (runs_reference()) GTEST_SKIP() << "the reference is what it is compared with";
  const int32_t threads = nc_num_threads();
  struct Large {
    Shape shape, statistics, factors;
  };
  for (const auto& [shape, statistics, factors] :
       {Large{{16, 18, 128, 128}, {1, 18, 1, 1}, {1, 18, 1, 1}}, Large{{8209, 515}, {8209, 1}, {1, 515}},
        Large{{4099, 131}, {4099, 1}, {1, 131}}, Large{{32771, 96}, {32771, 1}, {1, 96}}}) {
    SCOPED_TRACE(testing::PrintToString(shape));
    const Tensor x = Tensor::random(NC_FLOAT32, shape, 1), gy = Tensor::random(NC_FLOAT32, shape, 2);
    const Tensor gamma = Tensor::random(NC_FLOAT32, factors, 3), mean = Tensor::random(NC_FLOAT32, statistics, 4);
    const Tensor variance = Tensor::random(NC_FLOAT32, statistics, 5, 0.5, 1.5), gx(NC_FLOAT32, shape);
    const Tensor ggamma(NC_FLOAT32, factors), gbeta(NC_FLOAT32, factors);
    const nc_tensor full_gamma = broadcast_to("gamma", *gamma, (*x).ndim, (*x).shape);
    ASSERT_EQ(reference().normalization_grad(nullptr, x, &full_gamma, gy, mean, variance, 1e-3, gx, ggamma, gbeta),
              NC_OK);
    const std::vector<double> expected = gx.values();
    const Tensor gx2(NC_FLOAT32, shape);
    std::vector<double> first;
    for (int32_t count : {1, 3}) {
      ASSERT_TRUE(succeeded(nc_set_num_threads(count)));
      const Tensor ggamma2(NC_FLOAT32, factors), gbeta2(NC_FLOAT32, factors);
      std::memset(gx2.data<char>(), -1, static_cast<size_t>((*gx2).nbytes));
      ASSERT_TRUE(
          succeeded(nc_normalization_grad(context(), x, gamma, gy, mean, variance, 1e-3, gx2, ggamma2, gbeta2)));
      if (first.empty()) {
        first = gx2.values();
        expect_close(first, expected, 1e-5, 1e-5);
        expect_close(ggamma2, ggamma.values(), 1e-5, 1e-2);
        expect_close(gbeta2, gbeta.values(), 1e-5, 1e-2);
      }
      EXPECT_EQ(gx2.values(), first);
    }
  }
  nc_set_num_threads(threads);
}

TEST(Normalization, RefusesWhatDoesNotFit) {
  const Tensor x(NC_FLOAT32, {4, 3}), y(NC_FLOAT32, {4, 3}), m(NC_FLOAT32, {1, 3}), v(NC_FLOAT32, {1, 3});
  const auto run = [&](const nc_tensor* a, const nc_tensor* gamma, const nc_tensor* b, const nc_tensor* mean,
                       const nc_tensor* variance) {
    return nc_normalization(context(), a, gamma, nullptr, 1e-5, b, mean, variance);
  };
  EXPECT_TRUE(failed(run(nullptr, nullptr, y, m, v), NC_INVALID_ARGUMENT, "x"));
  EXPECT_TRUE(failed(run(Tensor(NC_INT32, {4, 3}), nullptr, y, m, v), NC_INVALID_DTYPE, "x"));
  EXPECT_TRUE(failed(run(x, nullptr, Tensor(NC_FLOAT64, {4, 3}), m, v), NC_INVALID_DTYPE, "y"));
  EXPECT_TRUE(failed(run(x, nullptr, Tensor(NC_FLOAT32, {3, 4}), m, v), NC_INVALID_SHAPE, "y"));
  EXPECT_TRUE(failed(run(x, nullptr, y, Tensor(NC_FLOAT32, {3}), v), NC_INVALID_SHAPE, "mean"));
  EXPECT_TRUE(failed(run(x, nullptr, y, m, Tensor(NC_FLOAT32, {4, 1})), NC_INVALID_SHAPE, "variance"));
  EXPECT_TRUE(failed(run(x, nullptr, y, m, Tensor(NC_FLOAT64, {1, 3})), NC_INVALID_DTYPE, "variance"));
  EXPECT_TRUE(failed(run(x, Tensor(NC_FLOAT64, {3}), y, m, v), NC_INVALID_DTYPE, "gamma"));
  EXPECT_TRUE(failed(run(x, Tensor(NC_FLOAT32, {4}), y, m, v), NC_INVALID_SHAPE, "gamma"));
  EXPECT_TRUE(failed(run(x, nullptr, y, m, m), NC_INVALID_ARGUMENT, "variance"));
  EXPECT_TRUE(
      failed(nc_normalization_grad(context(), x, nullptr, y, m, v, 1e-5, nullptr, Tensor(NC_FLOAT32, {3}), nullptr),
             NC_INVALID_SHAPE, "ggamma"));
}

}  // namespace
}  // namespace nc::test
