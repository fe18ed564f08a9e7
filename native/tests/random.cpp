#include "nativechain/random.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/philox.hpp"
#include "core/random_math.hpp"
#include "cpu/table.hpp"
#include "support/tensor.hpp"

using namespace nc::test;

namespace {

nc_random_key key(uint64_t seed, int64_t counter = 0) { return {seed, {nullptr, 0, counter}}; }

double mean(const std::vector<double>& v) { return std::accumulate(v.begin(), v.end(), 0.0) / v.size(); }

double variance(const std::vector<double>& v) {
  const double m = mean(v);
  double sum = 0;
  for (double x : v) sum += (x - m) * (x - m);
  return sum / v.size();
}

// Known answers of the paper's own library.
TEST(Philox, KnownAnswers) {
  uint32_t zeros[4] = {};
  nc::philox::block(0, 0, zeros);
  EXPECT_EQ(std::vector<uint32_t>(zeros, zeros + 4),
            (std::vector<uint32_t>{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  uint32_t ones[4] = {~0u, ~0u, ~0u, ~0u};
  nc::philox::block(~0u, ~0u, ones);
  EXPECT_EQ(std::vector<uint32_t>(ones, ones + 4),
            (std::vector<uint32_t>{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  uint32_t pi[4] = {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344};
  nc::philox::block(0xa4093822, 0x299f31d0, pi);
  EXPECT_EQ(std::vector<uint32_t>(pi, pi + 4), (std::vector<uint32_t>{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(RandomWords, AreThePhiloxSequence) {
  // Past 2^34 words the block number fills the counter's second word.
  for (const int64_t counter : {int64_t{0}, int64_t{4}, int64_t{1} << 34, (int64_t{1} << 34) - 64, int64_t{1} << 62}) {
    const Tensor y(NC_INT32, {1037});
    ASSERT_TRUE(succeeded(nc_random_words(context(), key(0x123456789ABCDEFu, counter), y)));
    std::vector<uint32_t> expected(1040);
    nc::philox::words(0x123456789ABCDEFu, counter, 1040, expected.data());
    for (int i = 0; i < 1037; i++) ASSERT_EQ(static_cast<uint32_t>(y.data<int32_t>()[i]), expected[i]) << i;
  }
}

// Each result at this ISA is bit by bit that of the plain kernels.
TEST(Random, EqualsThePlainKernels) {
  const nc_backend plain = nc::cpu::make_table(nc::cpu::Isa::reference), &fast = *nc::cpu::table();
  for (const nc_dtype dtype : kFloatDtypes) {
    for (const int64_t n : {1, 5, 63, 64, 65, 1024, 20000}) {
      const Tensor a(dtype, {n}), b(dtype, {n});
      const nc_random_key k = key(7, 12);
      const auto expect_same = [&](const char* what) {
        ASSERT_EQ(std::memcmp(a.data<char>(), b.data<char>(), (*a).nbytes), 0) << what << " " << dtype << " " << n;
      };
      plain.random_uniform(nullptr, &k, -2, 3, a);
      fast.random_uniform(nullptr, &k, -2, 3, b);
      expect_same("uniform");
      plain.random_normal(nullptr, &k, 1, 2, a);
      fast.random_normal(nullptr, &k, 1, 2, b);
      expect_same("normal");
      plain.random_truncated_normal(nullptr, &k, 0, 1, -2, 2, a);
      fast.random_truncated_normal(nullptr, &k, 0, 1, -2, 2, b);
      expect_same("truncated normal");
      plain.random_bernoulli(nullptr, &k, 0.3, a);
      fast.random_bernoulli(nullptr, &k, 0.3, b);
      expect_same("bernoulli");
    }
  }
}

TEST(Random, ElementDependsOnKeyAndPlaceAlone) {
  const Tensor whole(NC_FLOAT32, {100000});
  ASSERT_TRUE(succeeded(nc_random_normal(context(), key(3), 0, 1, whole)));
  const auto all = whole.values();
  const Tensor part(NC_FLOAT32, {1000});
  ASSERT_TRUE(succeeded(nc_random_normal(context(), key(3, 40000), 0, 1, part)));
  EXPECT_EQ(part.values(), std::vector<double>(all.begin() + 40000, all.begin() + 41000));

  const Tensor strided = Tensor(NC_FLOAT32, {50, 20}, {1, 50});
  ASSERT_TRUE(succeeded(nc_random_normal(context(), key(3, 40000), 0, 1, strided)));
  EXPECT_EQ(strided.values(), part.values());

  const Tensor counter = Tensor::of(NC_INT64, {}, {40000}), again(NC_FLOAT32, {1000});
  nc_random_key on_device = key(3);
  on_device.counter.tensor = counter;
  ASSERT_TRUE(succeeded(nc_random_normal(context(), on_device, 0, 1, again)));
  EXPECT_EQ(again.values(), part.values());

  const int32_t threads = nc_num_threads();
  for (const int32_t count : {1, 3}) {
    ASSERT_TRUE(succeeded(nc_set_num_threads(count)));
    const Tensor y(NC_FLOAT32, {100000});
    ASSERT_TRUE(succeeded(nc_random_normal(context(), key(3), 0, 1, y)));
    EXPECT_EQ(y.values(), all);
  }
  ASSERT_TRUE(succeeded(nc_set_num_threads(threads)));
}

TEST(RandomUniform, MomentsAndRange) {
  for (const nc_dtype dtype : kFloatDtypes) {
    const Tensor y(dtype, {200000});
    ASSERT_TRUE(succeeded(nc_random_uniform(context(), key(11), -1, 3, y)));
    const auto v = y.values();
    EXPECT_GE(*std::min_element(v.begin(), v.end()), -1);
    EXPECT_LT(*std::max_element(v.begin(), v.end()), 3) << dtype;
    EXPECT_NEAR(mean(v), 1, 0.02);
    EXPECT_NEAR(variance(v), 16.0 / 12, 0.02);
  }
}

TEST(RandomUniform, IsLowWhereBothEndsAreEqual) {
  for (const nc_dtype dtype : kFloatDtypes) {
    const Tensor y(dtype, {10});
    ASSERT_TRUE(succeeded(nc_random_uniform(context(), key(1), 2, 2, y)));
    expect_close(y, std::vector<double>(10, 2), 0);
  }
}

TEST(RandomUniform, NeverReachesHigh) {
  // The only float16 in [1, 1.0005) is 1; every sum above its middle would round up.
  const Tensor y(NC_FLOAT16, {1000});
  ASSERT_TRUE(succeeded(nc_random_uniform(context(), key(1), 1, 1.0009765625, y)));
  expect_close(y, std::vector<double>(1000, 1), 0);
}

TEST(RandomNormal, MomentsAndTails) {
  for (const nc_dtype dtype : kFloatDtypes) {
    const Tensor y(dtype, {400000});
    ASSERT_TRUE(succeeded(nc_random_normal(context(), key(5), 0.5, 2, y)));
    auto v = y.values();
    EXPECT_NEAR(mean(v), 0.5, 0.02);
    EXPECT_NEAR(variance(v), 4, 0.05);
    double fourth = 0;
    for (double& x : v) {
      x = (x - 0.5) / 2;
      fourth += x * x * x * x;
    }
    EXPECT_NEAR(fourth / v.size(), 3, 0.1);
    const auto beyond = std::count_if(v.begin(), v.end(), [](double x) { return std::fabs(x) > 3; });
    EXPECT_NEAR(beyond, 400000 * 0.0026998, 150);
  }
}

TEST(RandomNormal, WithinFourUnitsInTheLastPlace) {
  const int64_t n = 100000;
  const Tensor words(NC_INT32, {n}), y(NC_FLOAT32, {n});
  ASSERT_TRUE(succeeded(nc_random_words(context(), key(9), words)));
  ASSERT_TRUE(succeeded(nc_random_normal(context(), key(9), 0, 1, y)));
  for (int64_t i = 0; i < n; i += 2) {
    const auto w0 = static_cast<uint32_t>(words.data<int32_t>()[i]),
               w1 = static_cast<uint32_t>(words.data<int32_t>()[i + 1]);
    const double u = static_cast<float>((w0 + 0.5) * 0x1p-32), t = (w1 >> 8) * 0x1p-24;
    const double radius = std::sqrt(-2 * std::log(u));
    // Of an exact multiple of a quarter turn the library's pi would be seen, not ours.
    const double z[] = {radius * std::cos(2 * M_PI * t), radius * std::sin(2 * M_PI * t)};
    for (int k = 0; k < 2; k++) {
      const double ulp = std::ldexp(1.0, std::max(std::ilogb(z[k]), -60) - 23);
      ASSERT_LE(std::fabs(y.data<float>()[i + k] - z[k]), 4 * ulp + 1e-15) << i + k;
    }
  }
}

TEST(RandomTruncatedNormal, MomentsAndRange) {
  for (const nc_dtype dtype : {NC_FLOAT32, NC_FLOAT64}) {
    const Tensor y(dtype, {200000});
    ASSERT_TRUE(succeeded(nc_random_truncated_normal(context(), key(5), 10, 0.5, -2, 2, y)));
    const auto v = y.values();
    EXPECT_GE(*std::min_element(v.begin(), v.end()), 9);
    EXPECT_LE(*std::max_element(v.begin(), v.end()), 11);
    EXPECT_NEAR(mean(v), 10, 0.01);
    EXPECT_NEAR(variance(v), 0.25 * 0.7737413, 0.003);

    // Far in the upper tail: mean of Z given 8 < Z < 9, where 1 - Phi has no digits left.
    ASSERT_TRUE(succeeded(nc_random_truncated_normal(context(), key(5), 0, 1, 8, 9, y)));
    const auto tail = y.values();
    EXPECT_GE(*std::min_element(tail.begin(), tail.end()), 8);
    EXPECT_LE(*std::max_element(tail.begin(), tail.end()), 9);
    EXPECT_NEAR(mean(tail), 8.1210, 0.003);
  }
}

TEST(RandomTruncatedNormal, OneSidedAndBeyondAllDigits) {
  const Tensor y(NC_FLOAT64, {1000});
  ASSERT_TRUE(succeeded(nc_random_truncated_normal(context(), key(5), 0, 1, 0, INFINITY, y)));
  EXPECT_NEAR(mean(y.values()), 0.7979, 0.06);
  ASSERT_TRUE(succeeded(nc_random_truncated_normal(context(), key(5), 0, 1, 50, 51, y)));
  for (const double x : y.values()) ASSERT_TRUE(x >= 50 && x <= 51);
}

TEST(RandomBernoulli, FrequenciesInEveryDtype) {
  for (const nc_dtype dtype : kAllDtypes) {
    const Tensor y(dtype, {100000});
    ASSERT_TRUE(succeeded(nc_random_bernoulli(context(), key(2), 0.25, y)));
    const auto v = y.values();
    for (const double x : v) ASSERT_TRUE(x == 0 || x == 1);
    EXPECT_NEAR(mean(v), 0.25, 0.01);
    ASSERT_TRUE(succeeded(nc_random_bernoulli(context(), key(2), 1, y)));
    EXPECT_EQ(mean(y.values()), 1);
    ASSERT_TRUE(succeeded(nc_random_bernoulli(context(), key(2), 0, y)));
    EXPECT_EQ(mean(y.values()), 0);
  }
}

TEST(RandomPermutation, HoldsEachNumberOnce) {
  for (const nc_dtype dtype : {NC_INT32, NC_INT64}) {
    for (const int64_t n : {0, 1, 2, 1000, 5001}) {
      const Tensor y(dtype, {n}, {-2});
      ASSERT_TRUE(succeeded(nc_random_permutation(context(), key(4, 8), y)));
      auto v = y.values();
      if (n > 10) {
        EXPECT_FALSE(std::is_sorted(v.begin(), v.end()));
      }
      std::sort(v.begin(), v.end());
      for (int64_t i = 0; i < n; i++) ASSERT_EQ(v[i], i);
    }
  }
}

TEST(RandomPermutation, EveryOrderIsAsLikely) {
  int counts[6] = {};
  for (int i = 0; i < 6000; i++) {
    const Tensor y(NC_INT32, {3});
    ASSERT_TRUE(succeeded(nc_random_permutation(context(), key(i), y)));
    const int32_t* p = y.data<int32_t>();
    counts[p[0] * 2 + (p[1] > p[2])]++;
  }
  for (const int count : counts) EXPECT_NEAR(count, 1000, 150);
}

TEST(RandomMath, LogAndQuantile) {
  for (double x = 1e-12; x < 1e12; x *= 1.37) {
    EXPECT_NEAR(nc::random_math::log(x), std::log(x), 4e-16 * std::fabs(std::log(x))) << x;
    const auto f = static_cast<float>(x);
    EXPECT_NEAR(nc::random_math::log(f), std::log(double(f)), 2.4e-7 * std::fabs(std::log(double(f)))) << x;
  }
  for (double z = -37; z <= 8; z += 0.37) {
    const double p = 0.5 * std::erfc(-z / std::sqrt(2.0));
    const double slope = std::exp(-z * z / 2) / std::sqrt(2 * M_PI);
    EXPECT_NEAR(nc::random_math::normal_quantile(p), z, 1e-14 * std::fabs(z) + 4e-16 * p / slope + 1e-15) << z;
  }
}

TEST(Random, RefusesBadArguments) {
  const Tensor y(NC_FLOAT32, {4}), integers(NC_INT32, {4});
  EXPECT_TRUE(failed(nc_random_words(context(), key(1), y), NC_INVALID_DTYPE, "nc_random_words: y is float32"));
  EXPECT_TRUE(failed(nc_random_uniform(context(), key(1), 0, 1, integers), NC_INVALID_DTYPE, "y is int32"));
  EXPECT_TRUE(failed(nc_random_uniform(context(), key(1), 2, 1, y), NC_INVALID_ARGUMENT, "low is 2"));
  EXPECT_TRUE(failed(nc_random_uniform(context(), key(1), 0, NAN, y), NC_INVALID_ARGUMENT, "high is nan"));
  EXPECT_TRUE(failed(nc_random_uniform(context(), key(1), -2e38, 2e38, y), NC_INVALID_ARGUMENT, "high - low"));
  EXPECT_TRUE(failed(nc_random_uniform(context(), key(1, 3), 0, 1, y), NC_INVALID_ARGUMENT, "multiple of 4"));
  EXPECT_TRUE(failed(nc_random_normal(context(), key(1), 0, -1, y), NC_INVALID_ARGUMENT, "stddev is -1"));
  EXPECT_TRUE(failed(nc_random_truncated_normal(context(), key(1), 0, 1, 1, 1, y), NC_INVALID_ARGUMENT, "low is 1"));
  EXPECT_TRUE(failed(nc_random_bernoulli(context(), key(1), 1.5, y), NC_INVALID_ARGUMENT, "p is 1.5"));
  EXPECT_TRUE(failed(nc_random_permutation(context(), key(1), y), NC_INVALID_DTYPE, "y is float32"));
  EXPECT_TRUE(failed(nc_random_permutation(context(), key(1), Tensor(NC_INT32, {2, 2})), NC_INVALID_SHAPE, "one axis"));
  EXPECT_TRUE(failed(nc_random_normal(nullptr, key(1), 0, 1, y), NC_INVALID_ARGUMENT, "context is null"));
  EXPECT_TRUE(failed(nc_random_normal(context(), key(1), 0, 1, nullptr), NC_INVALID_ARGUMENT, "y is null"));

  const Tensor odd = Tensor::of(NC_INT64, {}, {5});
  nc_random_key on_device = key(3);
  on_device.counter.tensor = odd;
  EXPECT_TRUE(failed(nc_random_normal(context(), on_device, 0, 1, y), NC_INVALID_ARGUMENT, "key.counter is 5"));
  const Tensor wrong = Tensor::of(NC_FLOAT32, {}, {4});
  on_device.counter.tensor = wrong;
  EXPECT_TRUE(failed(nc_random_normal(context(), on_device, 0, 1, y), NC_INVALID_DTYPE, "key.counter is float32"));
  expect_close(y, {0, 0, 0, 0}, 0);
}

}  // namespace
