#include "nativechain/index.h"

#include "core/thread_pool.hpp"
#include "cpu/table.hpp"
#include "support/program.hpp"

using namespace nc::test;

namespace {

std::vector<double> count_up(int64_t n) {
  std::vector<double> v(static_cast<size_t>(n));
  std::iota(v.begin(), v.end(), 0);
  return v;
}

TEST(Gather, RowsInEveryDtype) {
  for (const nc_dtype dtype : kAllDtypes) {
    const Tensor x = Tensor::random(dtype, {7, 5}, 1, 0, 100), index = Tensor::of(NC_INT64, {4}, {6, 0, -1, 3});
    const Tensor y(dtype, {4, 5});
    const int32_t axis = 0;
    ASSERT_TRUE(succeeded(nc_gather(context(), x, index, &axis, 1, y)));
    const auto from = x.values(), to = y.values();
    const int64_t rows[] = {6, 0, 6, 3};
    for (int i = 0; i < 4; i++)
      for (int j = 0; j < 5; j++) ASSERT_EQ(to[i * 5 + j], from[rows[i] * 5 + j]);
  }
}

TEST(Gather, TwoBroadcastIndicesAndStridedOperands) {
  const Tensor x = Tensor(NC_FLOAT32, {3, 4, 5}, {1, 3, 12}).fill_random(3, -1, 1);
  const Tensor first = Tensor::of(NC_INT32, {2, 1}, {0, -1}), second = Tensor::of(NC_INT64, {3}, {4, 0, 2});
  const auto indices = views({first, second});
  const int32_t axes[] = {0, 2};
  const Tensor y(NC_FLOAT32, {2, 3, 4}, {1, 2, -6});
  ASSERT_TRUE(succeeded(nc_gather(context(), x, indices.data(), axes, 2, y)));
  const auto from = x.values(), to = y.values();
  const int a[] = {0, 2}, c[] = {4, 0, 2};
  for (int i = 0; i < 2; i++)
    for (int j = 0; j < 3; j++)
      for (int k = 0; k < 4; k++) ASSERT_EQ(to[(i * 3 + j) * 4 + k], from[(a[i] * 4 + k) * 5 + c[j]]);
}

TEST(Gather, ManyRows) {
  const Tensor x = Tensor::of(NC_FLOAT32, {1000, 64}, count_up(64000)), y(NC_FLOAT32, {5000, 64});
  Tensor index(NC_INT32, {5000});
  for (int i = 0; i < 5000; i++) index.data<int32_t>()[i] = i * 7919 % 1000;
  const int32_t axis = 0;
  ASSERT_TRUE(succeeded(nc_gather(context(), x, index, &axis, 1, y)));
  for (int i = 0; i < 5000; i++)
    for (int j = 0; j < 64; j++) ASSERT_EQ(y.data<float>()[i * 64 + j], i * 7919 % 1000 * 64 + j);
}

TEST(Gather, ScalarIndexDropsTheAxis) {
  const Tensor x = Tensor::of(NC_INT32, {2, 3}, count_up(6)), index = Tensor::of(NC_INT32, {}, {1}), y(NC_INT32, {2});
  const int32_t axis = 1;
  ASSERT_TRUE(succeeded(nc_gather(context(), x, index, &axis, 1, y)));
  expect_close(y, {1, 4}, 0);
}

TEST(Gather, RefusesAnIndexOutOfRange) {
  const Tensor x(NC_FLOAT32, {3, 2}), y = Tensor::of(NC_FLOAT32, {2, 2}, {1, 2, 3, 4});
  const int32_t axis = 0;
  for (const double bad : {3.0, -4.0, 1e18}) {
    const Tensor index = Tensor::of(NC_INT64, {2}, {0, bad});
    EXPECT_TRUE(failed(nc_gather(context(), x, index, &axis, 1, y), NC_INDEX_OUT_OF_RANGE, "indices[0] holds"));
    EXPECT_TRUE(failed(nc_scatter(context(), y, index, &axis, 1, x), NC_INDEX_OUT_OF_RANGE, "extent 3"));
    EXPECT_TRUE(failed(nc_scatter_add(context(), y, index, &axis, 1, x), NC_INDEX_OUT_OF_RANGE, "element 1"));
  }
  expect_close(y, {1, 2, 3, 4}, 0);
  expect_close(x, {0, 0, 0, 0, 0, 0}, 0);
}

TEST(Gather, RefusesBadArguments) {
  const Tensor x(NC_FLOAT32, {3, 2}), y(NC_FLOAT32, {2, 2}), index(NC_INT64, {2});
  const int32_t zero = 0, two = 2, twice[] = {0, 0};
  EXPECT_TRUE(failed(nc_gather(context(), x, index, &two, 1, y), NC_INVALID_ARGUMENT, "axes[0] is 2"));
  EXPECT_TRUE(failed(nc_gather(context(), x, index, &zero, 0, y), NC_INVALID_ARGUMENT, "n is 0"));
  EXPECT_TRUE(failed(nc_gather(context(), x, index, &zero, 3, y), NC_INVALID_ARGUMENT, "n is 3"));
  EXPECT_TRUE(failed(nc_gather(context(), x, nullptr, &zero, 1, y), NC_INVALID_ARGUMENT, "indices is null"));
  EXPECT_TRUE(failed(nc_gather(context(), x, index, nullptr, 1, y), NC_INVALID_ARGUMENT, "axes is null"));
  const auto same = views({index, index});
  EXPECT_TRUE(failed(nc_gather(context(), x, same.data(), twice, 2, y), NC_INVALID_ARGUMENT, "axes[1] is 0"));
  EXPECT_TRUE(failed(nc_gather(context(), x, Tensor(NC_FLOAT32, {2}), &zero, 1, y), NC_INVALID_DTYPE, "indices[0]"));
  EXPECT_TRUE(failed(nc_gather(context(), x, index, &zero, 1, Tensor(NC_FLOAT32, {2, 3})), NC_INVALID_SHAPE, "(2, 2)"));
  EXPECT_TRUE(failed(nc_gather(context(), x, index, &zero, 1, Tensor(NC_FLOAT64, {2, 2})), NC_INVALID_DTYPE, "x is"));
  const auto unfit = views({index, Tensor(NC_INT64, {3})});
  const int32_t both[] = {0, 1};
  EXPECT_TRUE(failed(nc_gather(context(), x, unfit.data(), both, 2, y), NC_INVALID_SHAPE, "indices[0]"));
  const Tensor inside = x.view([](nc_tensor& v) { v.shape[0] = 2; });
  EXPECT_TRUE(failed(nc_gather(context(), x, index, &zero, 1, inside), NC_INVALID_ARGUMENT, "y overlaps x"));
  const Tensor high(NC_INT32, {1, 1, 1, 1, 1, 1, 1, 1}), deep(NC_FLOAT32, {2, 2});
  EXPECT_TRUE(failed(nc_gather(context(), deep, high, &zero, 1, y), NC_INVALID_SHAPE, "9 axes"));
}

TEST(Scatter, LastWriteStays) {
  for (const nc_dtype dtype : kAllDtypes) {
    const Tensor x = Tensor::of(dtype, {4}, {1, 0, 1, 1}), index = Tensor::of(NC_INT64, {4}, {2, 0, 0, 2});
    const Tensor y(dtype, {3});
    const int32_t axis = 0;
    ASSERT_TRUE(succeeded(nc_scatter(context(), x, index, &axis, 1, y)));
    expect_close(y, {1, 0, 1}, 0);
  }
}

TEST(Scatter, BroadcastsTheValue) {
  const Tensor x = Tensor::of(NC_FLOAT32, {}, {7}), index = Tensor::of(NC_INT64, {2}, {1, -1}), y(NC_FLOAT32, {2, 3});
  const int32_t axis = 1;
  ASSERT_TRUE(succeeded(nc_scatter(context(), x, index, &axis, 1, y)));
  expect_close(y, {0, 7, 7, 0, 7, 7}, 0);
}

TEST(ScatterAdd, AddsEveryRepetition) {
  for (const nc_dtype dtype : kAllDtypes) {
    const Tensor x = Tensor::of(dtype, {4, 2}, {1, 2, 3, 4, 5, 6, 7, 8}),
                 index = Tensor::of(NC_INT32, {4}, {1, 1, 2, 1});
    const Tensor y = Tensor::of(dtype, {3, 2}, {10, 10, 10, 10, 10, 10});
    const int32_t axis = 0;
    ASSERT_TRUE(succeeded(nc_scatter_add(context(), x, index, &axis, 1, y)));
    if (dtype == NC_BOOL)
      expect_close(y, {1, 1, 1, 1, 1, 1}, 0);
    else
      expect_close(y, {10, 10, 21, 24, 15, 16}, 0);
  }
}

TEST(ScatterAdd, WideRowsAreSplitAmongThreads) {
  const int64_t width = 100000;
  const Tensor x = Tensor::of(NC_FLOAT32, {2, width}, count_up(2 * width)), index = Tensor::of(NC_INT32, {2}, {0, 0});
  const Tensor y(NC_FLOAT32, {1, width});
  const int32_t axis = 0;
  ASSERT_TRUE(succeeded(nc_scatter_add(context(), x, index, &axis, 1, y)));
  for (int64_t i = 0; i < width; i++)
    ASSERT_EQ(y.data<float>()[i], static_cast<float>(i) + static_cast<float>(i + width));
}

struct IndexCase {
  Shape indexed;
  std::vector<int32_t> axes;
  Shape index;
};

// Rows of every width, few and many destinations, single elements, axes in the middle, all axes.
const IndexCase kIndexCases[] = {
    {{300, 33}, {0}, {2000}},     {{300, 17}, {0}, {20, 100}}, {{5, 3000}, {0}, {64}},    {{1, 9000}, {0}, {7}},
    {{1000, 3}, {0}, {500}},      {{1000}, {0}, {3000}},       {{7}, {0}, {40000}},       {{100, 10}, {0, 1}, {100}},
    {{40, 20, 64}, {0, 1}, {90}}, {{40, 20, 64}, {1}, {30}},   {{40, 20, 64}, {2}, {3}},  {{40, 20, 64}, {0, 2}, {50}},
    {{6, 5, 4}, {0, 1, 2}, {99}}, {{70000, 2}, {0}, {900}},    {{20, 4, 40}, {0}, {800}}, {{3, 4}, {0}, {}},
    {{65, 128}, {0}, {1000}},     {{17, 31}, {0}, {1, 700, 1}}};

// Every kernel of the chosen ISA against the plain ones: C order makes sums equal to the bit.
TEST(Index, EveryLayoutAndDtypeLikeTheReference) {
  static const nc_backend reference = nc::cpu::make_table(nc::cpu::Isa::reference);
  std::mt19937_64 engine(11);
  for (const IndexCase& c : kIndexCases) {
    for (const nc_dtype dtype : kAllDtypes) {
      const bool dense = engine() % 3 != 0;
      const auto tensor = [&](const Shape& shape, bool may_repeat) {
        return dense ? Tensor::random(dtype, shape, static_cast<unsigned>(engine()), -4, 4)
                     : random_view(engine, dtype, shape, may_repeat);
      };
      const auto n = static_cast<int32_t>(c.axes.size());
      std::vector<Tensor> indices;
      Shape view = c.index;
      for (size_t i = 0, k = 0; i < c.indexed.size(); i++) {
        if (k < c.axes.size() && c.axes[k] == static_cast<int32_t>(i)) {
          const double extent = static_cast<double>(c.indexed[i]);
          indices.push_back(Tensor::random(engine() % 2 ? NC_INT32 : NC_INT64, c.index, static_cast<unsigned>(engine()),
                                           -extent, extent));
          k++;
        } else {
          view.push_back(c.indexed[i]);
        }
      }
      const std::vector<nc_tensor> index = views(indices);

      const Tensor x = tensor(c.indexed, true), y = tensor(view, false), expected(dtype, view);
      ASSERT_TRUE(succeeded(nc_gather(context(), x, index.data(), c.axes.data(), n, y)));
      ASSERT_EQ(reference.gather(nullptr, x, index.data(), c.axes.data(), n, expected), NC_OK);
      expect_close(y, expected.values(), 0);

      const Tensor values = tensor(view, true);
      for (const bool add : {false, true}) {
        const Tensor to = tensor(c.indexed, false), plain = to.clone();
        ASSERT_TRUE(
            succeeded((add ? nc_scatter_add : nc_scatter)(context(), values, index.data(), c.axes.data(), n, to)));
        ASSERT_EQ(
            (add ? reference.scatter_add : reference.scatter)(nullptr, values, index.data(), c.axes.data(), n, plain),
            NC_OK);
        expect_close(to, plain.values(), 0);
      }
    }
  }
}

TEST(Index, SumsDoNotDependOnTheNumberOfThreads) {
  const Tensor x = Tensor::random(NC_FLOAT32, {20000, 40}, 1), index = Tensor::random(NC_INT32, {20000}, 2, 0, 90);
  const int32_t axis = 0;
  const int threads = nc::num_threads();
  std::vector<double> first;
  for (const int count : {1, 2, 5}) {
    ASSERT_TRUE(succeeded(nc_set_num_threads(count)));
    const Tensor y(NC_FLOAT32, {90, 40});
    ASSERT_TRUE(succeeded(nc_scatter_add(context(), x, index, &axis, 1, y)));
    if (first.empty()) first = y.values();
    expect_close(y, first, 0);
  }
  ASSERT_TRUE(succeeded(nc_set_num_threads(threads)));
}

TEST(Nonzero, CoordinatesInCOrder) {
  const Tensor x = Tensor::of(NC_FLOAT32, {3, 2}, {0, 1, 2, 0, NAN, 3}).transposed({1, 0});
  const Tensor y(NC_INT64, {2, 4}, {1, 2});
  ASSERT_TRUE(succeeded(nc_nonzero(context(), x, y)));
  expect_close(y, {0, 0, 1, 1, 1, 2, 0, 2}, 0);
}

TEST(Nonzero, NumbersOfAxes) {
  const Tensor none(NC_INT64, {0, 1});
  EXPECT_TRUE(succeeded(nc_nonzero(context(), Tensor::of(NC_INT32, {}, {5}), none)));
  const Tensor mask = Tensor::of(NC_BOOL, {5}, {1, 0, 0, 1, 1}), y(NC_INT64, {1, 3});
  EXPECT_TRUE(succeeded(nc_nonzero(context(), mask, y)));
  expect_close(y, {0, 3, 4}, 0);
  EXPECT_TRUE(succeeded(nc_nonzero(context(), Tensor(NC_BOOL, {0, 3}), Tensor(NC_INT64, {2, 0}))));
}

// Against plain loops: every dtype, chunks that are cut, several axes, results that are not dense.
TEST(Nonzero, AgreesWithPlainLoops) {
  std::mt19937 engine(3);
  for (const Shape& shape : {Shape{1}, Shape{1023}, Shape{70001}, Shape{3, 5}, Shape{40, 1, 1700}, Shape{2, 3, 4, 5}}) {
    for (const nc_dtype dtype : kAllDtypes) {
      std::vector<double> values(static_cast<size_t>(
          std::accumulate(shape.begin(), shape.end(), int64_t{1}, std::multiplies<int64_t>())));
      std::vector<std::vector<double>> columns;
      for (size_t i = 0; i < values.size(); i++) {
        values[i] = std::max(0, static_cast<int>(engine() % 3) - 1);
        if (values[i] == 0) continue;
        std::vector<double> column;
        auto rest = static_cast<int64_t>(i);
        for (size_t axis = shape.size(); axis-- > 0; rest /= shape[axis])
          column.insert(column.begin(), static_cast<double>(rest % shape[axis]));
        columns.push_back(column);
      }
      std::vector<double> expected;
      for (size_t axis = 0; axis < shape.size(); axis++)
        for (const auto& column : columns) expected.push_back(column[axis]);
      const Shape result = {static_cast<int64_t>(shape.size()), static_cast<int64_t>(columns.size())};
      const Tensor x = Tensor::of(dtype, shape, values);
      for (const Shape& strides : {Shape{result[1], 1}, Shape{1, result[0]}}) {
        const Tensor y(NC_INT64, result, strides);
        ASSERT_TRUE(succeeded(nc_nonzero(context(), x, y)));
        EXPECT_EQ(y.values(), expected);
      }
    }
  }
}

TEST(Nonzero, NegativeZeroIsZeroAndTheLeastNumberIsNot) {
  const Tensor y(NC_INT64, {1, 2});
  for (const nc_dtype dtype : {NC_FLOAT32, NC_FLOAT64}) {
    const double least = dtype == NC_FLOAT32 ? 0x1p-149 : 0x1p-1074;
    ASSERT_TRUE(succeeded(nc_nonzero(context(), Tensor::of(dtype, {4}, {-0.0, least, 0, -least}), y)));
    expect_close(y, {1, 3}, 0);
  }
}

TEST(Nonzero, RefusesAWrongCount) {
  const Tensor mask = Tensor::of(NC_BOOL, {5}, {1, 0, 0, 1, 1}), y = Tensor::of(NC_INT64, {1, 2}, {8, 9});
  EXPECT_TRUE(failed(nc_nonzero(context(), mask, y), NC_INVALID_SHAPE, "3 elements of x"));
  expect_close(y, {8, 9}, 0);
  EXPECT_TRUE(failed(nc_nonzero(context(), mask, Tensor(NC_INT64, {2, 3})), NC_INVALID_SHAPE, "(1, count)"));
  EXPECT_TRUE(failed(nc_nonzero(context(), mask, Tensor(NC_INT32, {1, 3})), NC_INVALID_DTYPE, "y is int32"));
}

}  // namespace
