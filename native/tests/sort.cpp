// Sorting: every dtype over every axis of views against the standard library, in place, indices alone, ties and NaN,
// what is refused.
#include "nativechain/sort.h"

#include <algorithm>

#include "support/lanes.hpp"
#include "support/program.hpp"

using namespace nc;
using namespace nc::test;

namespace {

struct Sorted {
  std::vector<double> values, places;
};

Sorted sort_of(const std::vector<double>& x, const Shape& shape, int axis) {
  Sorted sorted = {std::vector<double>(x.size()), std::vector<double>(x.size())};
  for_each_lane(shape, axis, [&](auto at) {
    std::vector<int64_t> order(static_cast<size_t>(shape[axis]));
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
      return x[at(a)] < x[at(b)] || (!std::isnan(x[at(a)]) && std::isnan(x[at(b)]));
    });
    for (size_t i = 0; i < order.size(); i++) {
      sorted.values[at(i)] = x[at(order[i])];
      sorted.places[at(i)] = static_cast<double>(order[i]);
    }
  });
  return sorted;
}

// Ties in plenty; in floating point infinities, zeros of both signs and NaN as well.
void fill(const Tensor& x, unsigned seed) {
  std::mt19937_64 engine(seed);
  const double special[] = {INFINITY, -INFINITY, NAN, 0.0, -0.0, 1e4, -1e4, 6e-8};
  std::vector<double> values(static_cast<size_t>(x.size()));
  const bool whole = engine() % 2;
  for (double& v : values) {
    v = static_cast<double>(engine() % 2000) / 100 - 10;
    if (whole || !is_floating(x.dtype())) v = std::floor(v);
    if (x.dtype() == NC_UINT8) v += 100;
    if (is_floating(x.dtype()) && engine() % 5 == 0) v = special[engine() % std::size(special)];
    if (x.dtype() == NC_INT64 && engine() % 9 == 0) v *= 0x1p50;
  }
  x.set(values);
}

void expect_sorted(const Tensor& x, int axis, const Tensor& y, const Tensor& indices) {
  const Sorted expected = sort_of(x.values(), x.shape(), axis);
  ASSERT_TRUE(succeeded(nc_sort(context(), x, axis, y, indices)));
  expect_close(y, expected.values, 0);
  expect_close(indices, expected.places, 0);
  indices.set(std::vector<double>(static_cast<size_t>(x.size())));
  ASSERT_TRUE(succeeded(nc_sort(context(), x, axis, nullptr, indices)));
  expect_close(indices, expected.places, 0);
  ASSERT_TRUE(succeeded(nc_sort(context(), x, axis, x, nullptr)));
  expect_close(x, expected.values, 0);
}

TEST(Sort, EveryDtypeAndLength) {
  unsigned seed = 0;
  for (const nc_dtype dtype : kAllDtypes) {
    for (const int64_t n : {1, 2, 3, 5, 16, 17, 31, 64, 100, 257, 1000, 5000, 70000}) {
      const Tensor x(dtype, {n});
      fill(x, seed++);
      expect_sorted(x, 0, Tensor(dtype, {n}), Tensor(n % 2 ? NC_INT32 : NC_INT64, {n}));
    }
  }
}

TEST(Sort, AxesOfViews) {
  std::mt19937_64 engine(5);
  for (int trial = 0; trial < 300; trial++) {
    const nc_dtype dtype = kAllDtypes[engine() % std::size(kAllDtypes)];
    Shape shape = random_shape(engine);
    if (shape.empty()) continue;
    const int axis = static_cast<int>(engine() % shape.size());
    const Tensor x = random_view(engine, dtype, shape, false), y = random_view(engine, dtype, shape, false);
    fill(x, static_cast<unsigned>(trial));
    expect_sorted(x, axis, y, random_view(engine, engine() % 2 ? NC_INT32 : NC_INT64, shape, false));
  }
}

TEST(Sort, ManyLanes) {
  const Tensor x(NC_FLOAT32, {300, 257}), y(NC_FLOAT32, {300, 257}), indices(NC_INT64, {300, 257});
  for (const int axis : {0, 1}) {
    fill(x, 1);
    expect_sorted(x, axis, y, indices);
  }
}

TEST(Sort, ABroadcastInput) {
  const Tensor x = Tensor::of(NC_FLOAT32, {3}, {2, 0, 1}).view([](nc_tensor& v) {
    v.ndim = 2;
    v.shape[1] = v.shape[0];
    v.strides[1] = v.strides[0];
    v.shape[0] = 2;
    v.strides[0] = 0;
  });
  const Tensor y(NC_FLOAT32, {2, 3});
  ASSERT_TRUE(succeeded(nc_sort(context(), x, 1, y, nullptr)));
  expect_close(y, {0, 1, 2, 0, 1, 2}, 0);
  ASSERT_TRUE(succeeded(nc_sort(context(), x, 0, y, nullptr)));
  expect_close(y, {2, 0, 1, 2, 0, 1}, 0);
}

TEST(Sort, Empty) {
  const Tensor x(NC_FLOAT32, {0, 3}), indices(NC_INT64, {0, 3});
  EXPECT_TRUE(succeeded(nc_sort(context(), x, 0, x, indices)));
  EXPECT_TRUE(succeeded(nc_sort(context(), x, 1, x, indices)));
}

TEST(Sort, RefusesBadArguments) {
  const Tensor x(NC_FLOAT32, {2, 3}), y(NC_FLOAT32, {2, 3}), indices(NC_INT64, {2, 3});
  EXPECT_TRUE(failed(nc_sort(context(), x, 0, nullptr, nullptr), NC_INVALID_ARGUMENT, "both null"));
  EXPECT_TRUE(failed(nc_sort(context(), x, 2, y, nullptr), NC_INVALID_ARGUMENT, "axis"));
  EXPECT_TRUE(failed(nc_sort(context(), x, 0, Tensor(NC_FLOAT64, {2, 3}), nullptr), NC_INVALID_DTYPE, "y is"));
  EXPECT_TRUE(failed(nc_sort(context(), x, 0, Tensor(NC_FLOAT32, {3, 2}), nullptr), NC_INVALID_SHAPE, "y"));
  EXPECT_TRUE(failed(nc_sort(context(), x, 0, y, y), NC_INVALID_DTYPE, "indices"));
  EXPECT_TRUE(failed(nc_sort(context(), x, 0, y, Tensor(NC_INT64, {2})), NC_INVALID_SHAPE, "indices"));
  const Tensor whole(NC_INT64, {2, 3});
  EXPECT_TRUE(failed(nc_sort(context(), whole, 0, indices, whole), NC_INVALID_ARGUMENT, "overlaps"));
  EXPECT_TRUE(failed(nc_sort(context(), Tensor(NC_FLOAT32, {}), 0, nullptr, Tensor(NC_INT64, {})), NC_INVALID_ARGUMENT,
                     "axis"));
}

}  // namespace
