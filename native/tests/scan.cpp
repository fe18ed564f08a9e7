// Scans: every reduction of every pair of dtypes over axes of views against plain loops, in place, NaN, what is
// refused.
#include "nativechain/scan.h"

#include "cpu/table.hpp"
#include "support/lanes.hpp"
#include "support/program.hpp"

using namespace nc;
using namespace nc::test;

namespace {

constexpr int32_t kReductions[] = {NC_REDUCE_SUM, NC_REDUCE_PROD, NC_REDUCE_MIN, NC_REDUCE_MAX};

// In double, which holds what the tests use.
std::vector<double> scan_of(int32_t reduction, const std::vector<double>& x, const Shape& shape, int axis) {
  std::vector<double> y(x.size());
  for_each_lane(shape, axis, [&](auto at) {
    for (int64_t i = 0; i < shape[axis]; i++) {
      const double a = i == 0 ? 0 : y[at(i - 1)], b = x[at(i)];
      y[at(i)] = i == 0                           ? b
                 : reduction == NC_REDUCE_SUM     ? a + b
                 : reduction == NC_REDUCE_PROD    ? a * b
                 : std::isnan(a) || std::isnan(b) ? NAN
                 : reduction == NC_REDUCE_MIN     ? std::min(a, b)
                                                  : std::max(a, b);
    }
  });
  return y;
}

TEST(Scan, EveryReductionAndDtype) {
  const Shape shape = {3, 5, 4};
  for (const int32_t reduction : kReductions) {
    for (const nc_dtype dtype : kAllDtypes) {
      if (dtype == NC_BOOL) continue;
      for (int axis = 0; axis < 3; axis++) {
        const Tensor x = Tensor::random(dtype, shape, 7, 0, 3), y(dtype, shape);
        ASSERT_TRUE(succeeded(nc_scan(context(), reduction, x, axis, y)));
        const double tolerance = dtype == NC_FLOAT64    ? 1e-15
                                 : dtype == NC_FLOAT32  ? 1e-6
                                 : dtype == NC_FLOAT16  ? 2e-3
                                 : dtype == NC_BFLOAT16 ? 2e-2
                                                        : 0;
        expect_close(y, scan_of(reduction, x.values(), shape, axis), tolerance);
      }
    }
  }
}

TEST(Scan, BoolIsOrAndAnd) {
  const Tensor x = Tensor::of(NC_BOOL, {4}, {0, 1, 1, 0}), y(NC_BOOL, {4});
  ASSERT_TRUE(succeeded(nc_scan(context(), NC_REDUCE_SUM, x, 0, y)));
  expect_close(y, {0, 1, 1, 1}, 0);
  ASSERT_TRUE(succeeded(nc_scan(context(), NC_REDUCE_MAX, x, 0, y)));
  expect_close(y, {0, 1, 1, 1}, 0);
  ASSERT_TRUE(succeeded(nc_scan(context(), NC_REDUCE_PROD, Tensor::of(NC_BOOL, {4}, {1, 1, 0, 1}), 0, y)));
  expect_close(y, {1, 1, 0, 0}, 0);
  const Tensor counts(NC_INT64, {4});
  ASSERT_TRUE(succeeded(nc_scan(context(), NC_REDUCE_SUM, x, 0, counts)));
  expect_close(counts, {0, 1, 2, 2}, 0);
}

TEST(Scan, CastsFirst) {
  const Tensor x = Tensor::of(NC_FLOAT64, {4}, {1.9, 1.9, -1.9, 1e9}), y(NC_INT32, {4});
  ASSERT_TRUE(succeeded(nc_scan(context(), NC_REDUCE_SUM, x, 0, y)));
  expect_close(y, {1, 2, 1, 1000000001}, 0);
  const Tensor bytes = Tensor::of(NC_INT32, {3}, {200, 100, 1}), sums(NC_UINT8, {3});
  ASSERT_TRUE(succeeded(nc_scan(context(), NC_REDUCE_SUM, bytes, 0, sums)));
  expect_close(sums, {200, 44, 45}, 0);
}

TEST(Scan, SixteenBitsAccumulateInFloat32) {
  const int64_t n = 4000;
  for (const nc_dtype dtype : {NC_FLOAT16, NC_BFLOAT16}) {
    const Tensor x = Tensor::of(dtype, {n}, std::vector<double>(n, 1.0)), y(dtype, {n});
    ASSERT_TRUE(succeeded(nc_scan(context(), NC_REDUCE_SUM, x, 0, y)));
    EXPECT_NEAR(y.values().back(), n, n / 200.0);
  }
}

TEST(Scan, NanStays) {
  const Tensor x = Tensor::of(NC_FLOAT32, {4}, {2, 1, NAN, 0}), y(NC_FLOAT32, {4});
  ASSERT_TRUE(succeeded(nc_scan(context(), NC_REDUCE_MIN, x, 0, y)));
  expect_close(y, {2, 1, NAN, NAN}, 0);
  ASSERT_TRUE(succeeded(nc_scan(context(), NC_REDUCE_MAX, x, 0, y)));
  expect_close(y, {2, 2, NAN, NAN}, 0);
}

// Sums run in the order of the elements on every ISA, so that results are equal to the bit.
TEST(Scan, ViewsLikeTheReference) {
  static const nc_backend reference = cpu::make_table(cpu::Isa::reference);
  std::mt19937_64 engine(3);
  for (int trial = 0; trial < 400; trial++) {
    const nc_dtype from = kAllDtypes[engine() % std::size(kAllDtypes)];
    const nc_dtype to = engine() % 3 ? from : kAllDtypes[engine() % std::size(kAllDtypes)];
    const Shape shape = random_shape(engine);
    if (shape.empty()) continue;
    const int axis = static_cast<int>(engine() % shape.size());
    const int32_t reduction = kReductions[engine() % std::size(kReductions)];
    const Tensor x = random_view(engine, from, shape, true), y = random_view(engine, to, shape, false), z(to, shape);
    ASSERT_EQ(reference.scan(nullptr, reduction, x, axis, z), NC_OK);
    ASSERT_TRUE(succeeded(nc_scan(context(), reduction, x, axis, y)));
    expect_close(y, z.values(), 0);
    const Tensor same = random_view(engine, to, shape, false);
    same.set(x.values());
    ASSERT_EQ(reference.scan(nullptr, reduction, same.clone(), axis, z), NC_OK);
    ASSERT_TRUE(succeeded(nc_scan(context(), reduction, same, axis, same)));
    expect_close(same, z.values(), 0);
  }
}

TEST(Scan, ManyLanesAndALongOne) {
  for (const Shape& shape : {Shape{300, 257}, Shape{1, 200000}, Shape{200000, 1}, Shape{40000, 3}, Shape{3, 40000}}) {
    const Tensor x = Tensor::random(NC_FLOAT64, shape, 1, 0, 16), y(NC_FLOAT64, shape);
    std::vector<double> whole = x.values();
    for (double& v : whole) v = std::floor(v);
    x.set(whole);
    for (const int axis : {0, 1}) {
      ASSERT_TRUE(succeeded(nc_scan(context(), NC_REDUCE_SUM, x, axis, y)));
      expect_close(y, scan_of(NC_REDUCE_SUM, whole, shape, axis), 0);
    }
  }
}

TEST(Scan, BackwardsByANegativeStride) {
  const Tensor x = Tensor::of(NC_FLOAT32, {4}, {1, 2, 3, 4}), y(NC_FLOAT32, {4});
  const auto turned = [](const Tensor& t) {
    return t.view([](nc_tensor& v) {
      v.offset += 3 * dtype_size(v.dtype);
      v.strides[0] = -1;
    });
  };
  ASSERT_TRUE(succeeded(nc_scan(context(), NC_REDUCE_SUM, turned(x), 0, turned(y))));
  expect_close(y, {10, 9, 7, 4}, 0);
}

Shape shorter(Shape shape, int axis) {
  shape[axis] = std::max<int64_t>(shape[axis] - 1, 0);
  return shape;
}

TEST(LinearScan, IsTheRecurrence) {
  const Tensor a = Tensor::of(NC_FLOAT32, {3}, {2, 0, -1}), b = Tensor::of(NC_FLOAT32, {4}, {1, 2, 3, 4}),
               y(NC_FLOAT32, {4});
  ASSERT_TRUE(succeeded(nc_linear_scan(context(), a, b, 0, y)));
  expect_close(y, {1, 4, 3, 1}, 0);
  const Tensor one = Tensor::of(NC_FLOAT32, {1}, {5});
  ASSERT_TRUE(succeeded(nc_linear_scan(context(), Tensor(NC_FLOAT32, {0}), one, 0, one)));
  expect_close(one, {5}, 0);
  const Tensor none(NC_FLOAT32, {0});
  EXPECT_TRUE(succeeded(nc_linear_scan(context(), none, none, 0, none)));
}

TEST(LinearScan, ViewsOfEveryDtype) {
  static const nc_backend reference = cpu::make_table(cpu::Isa::reference);
  std::mt19937_64 engine(4);
  for (int trial = 0; trial < 400; trial++) {
    const nc_dtype dtype = kFloatDtypes[engine() % std::size(kFloatDtypes)];
    const Shape shape = random_shape(engine);
    if (shape.empty()) continue;
    const int axis = static_cast<int>(engine() % shape.size());
    const Tensor a = random_view(engine, dtype, shorter(shape, axis), true),
                 b = random_view(engine, dtype, shape, true), y = random_view(engine, dtype, shape, false),
                 z(dtype, shape);
    ASSERT_TRUE(succeeded(nc_linear_scan(context(), a, b, axis, y)));
    const std::vector<double> factors = a.values(), terms = b.values();
    std::vector<double> expected(terms.size());
    for_each_lane(shape, axis, [&](auto at) {
      for (int64_t i = 0; i < shape[axis]; i++) {
        // The lane of a in C order, which is one element shorter.
        const int64_t inner = static_cast<int64_t>(at(1) - at(0)),
                      outer = static_cast<int64_t>(at(0)) / (inner * shape[axis]);
        const int64_t k = (outer * (shape[axis] - 1) + i - 1) * inner + static_cast<int64_t>(at(0)) % inner;
        expected[at(i)] = i == 0 ? terms[at(0)] : factors[k] * expected[at(i - 1)] + terms[at(i)];
      }
    });
    const double tolerance = dtype == NC_FLOAT64   ? 1e-13
                             : dtype == NC_FLOAT32 ? 1e-5
                             : dtype == NC_FLOAT16 ? 1e-3
                                                   : 1e-2;
    expect_close(y, expected, tolerance, tolerance);
    ASSERT_EQ(reference.linear_scan(nullptr, a, b, axis, z), NC_OK);
    expect_close(y, z.values(), 0);
    const Tensor same = b.clone();
    ASSERT_TRUE(succeeded(nc_linear_scan(context(), a, same, axis, same)));
    expect_close(same, z.values(), 0);
  }
}

TEST(LinearScan, RefusesBadArguments) {
  const Tensor a(NC_FLOAT32, {2, 2}), b(NC_FLOAT32, {2, 3}), y(NC_FLOAT32, {2, 3});
  EXPECT_TRUE(succeeded(nc_linear_scan(context(), a, b, 1, y)));
  EXPECT_TRUE(failed(nc_linear_scan(context(), a, b, 0, y), NC_INVALID_SHAPE, "a"));
  EXPECT_TRUE(failed(nc_linear_scan(context(), a, b, 2, y), NC_INVALID_ARGUMENT, "axis"));
  EXPECT_TRUE(failed(nc_linear_scan(context(), b, b, 1, y), NC_INVALID_SHAPE, "one element less"));
  EXPECT_TRUE(failed(nc_linear_scan(context(), a, a, 1, y), NC_INVALID_SHAPE, "b"));
  EXPECT_TRUE(failed(nc_linear_scan(context(), Tensor(NC_FLOAT64, {2, 2}), b, 1, y), NC_INVALID_DTYPE, "a is"));
  const Tensor whole(NC_INT32, {3});
  EXPECT_TRUE(failed(nc_linear_scan(context(), Tensor(NC_INT32, {2}), whole, 0, whole), NC_INVALID_DTYPE, "y"));
  const Tensor part = y.view([](nc_tensor& v) { v.shape[1] = 2; });
  EXPECT_TRUE(failed(nc_linear_scan(context(), part, b, 1, y), NC_INVALID_ARGUMENT, "overlaps"));
}

TEST(Scan, RefusesBadArguments) {
  const Tensor x(NC_FLOAT32, {2, 3}), y(NC_FLOAT32, {2, 3});
  EXPECT_TRUE(failed(nc_scan(context(), NC_REDUCE_MEAN, x, 0, y), NC_INVALID_ARGUMENT, "reduction is 1"));
  EXPECT_TRUE(failed(nc_scan(context(), NC_REDUCE_ARGMAX, x, 0, y), NC_INVALID_ARGUMENT, "reduction"));
  EXPECT_TRUE(failed(nc_scan(context(), NC_REDUCE_SUM, x, 2, y), NC_INVALID_ARGUMENT, "axis"));
  EXPECT_TRUE(failed(nc_scan(context(), NC_REDUCE_SUM, x, -1, y), NC_INVALID_ARGUMENT, "axis"));
  EXPECT_TRUE(failed(nc_scan(context(), NC_REDUCE_SUM, x, 0, Tensor(NC_FLOAT32, {3, 2})), NC_INVALID_SHAPE, "y"));
  const Tensor square(NC_FLOAT32, {3, 3});
  EXPECT_TRUE(
      failed(nc_scan(context(), NC_REDUCE_SUM, square, 0, square.transposed({1, 0})), NC_INVALID_ARGUMENT, "overlaps"));
  EXPECT_TRUE(succeeded(nc_scan(context(), NC_REDUCE_SUM, Tensor(NC_FLOAT32, {0, 3}), 0, Tensor(NC_FLOAT32, {0, 3}))));
}

}  // namespace
