// Reductions: what is refused, every reduction of every dtype over every set of axes against the plain reference,
// views, map-reduce, threads.
#include "nativechain/reduce.h"

#include <cmath>
#include <limits>

#include "cpu/table.hpp"
#include "support/program.hpp"

using namespace nc;
using namespace nc::test;

namespace {

constexpr int32_t kReductions[] = {NC_REDUCE_SUM, NC_REDUCE_MEAN,   NC_REDUCE_PROD,  NC_REDUCE_MIN,
                                   NC_REDUCE_MAX, NC_REDUCE_ARGMIN, NC_REDUCE_ARGMAX};
const char* const kNames[] = {"sum", "mean", "prod", "min", "max", "argmin", "argmax"};

bool is_arg(int32_t reduction) { return reduction >= NC_REDUCE_ARGMIN; }

Shape reduced_shape(const Shape& shape, unsigned axes) {
  Shape result = shape;
  for (size_t i = 0; i < shape.size(); i++) {
    if (axes >> i & 1) result[i] = 1;
  }
  return result;
}

nc_status reduce(int32_t reduction, const Tensor& x, const Tensor& y) {
  return nc_reduce(context(), reduction, nullptr, x, 1, nullptr, y);
}

const nc_program* identity(nc_dtype compute) {
  static Code f32(NC_FLOAT32), f64(NC_FLOAT64), i64(NC_INT64);
  Code& code = compute == NC_FLOAT32 ? f32 : compute == NC_FLOAT64 ? f64 : i64;
  static const bool stored = [] {
    for (Code* c : {&f32, &f64, &i64}) c->store(c->load(0));
    return true;
  }();
  EXPECT_TRUE(stored);
  return code.build();
}

// The same on the plain table, whose slots take inputs of one shape.
void reduce_reference(int32_t reduction, const nc_program* program, const std::vector<nc_tensor>& inputs,
                      const nc_scalar* parameters, const nc_tensor* outputs) {
  static const nc_backend reference = cpu::make_table(cpu::Isa::reference);
  ASSERT_EQ(reference.reduce(nullptr, reduction, program, inputs.data(), static_cast<int32_t>(inputs.size()),
                             parameters, outputs),
            NC_OK);
}

// Each of y, of one shape and dtype: sums within the error of a pairwise sum; the rest exactly, products to rounding.
void expect_like_reference(int32_t reduction, const Tensor& x, const std::vector<Tensor>& ys, double scale) {
  const nc_dtype dtype = ys[0].dtype();
  const Tensor z(dtype, ys[0].shape());
  if (z.size() > 0) reduce_reference(reduction, identity(compute_dtype(x.dtype())), {*x}, nullptr, z);
  const bool rounds = is_floating(dtype) && reduction <= NC_REDUCE_PROD;
  const double unit = dtype == NC_FLOAT64 ? 1e-15 : dtype == NC_FLOAT32 ? 4e-7 : dtype == NC_FLOAT16 ? 1e-3 : 1e-2;
  for (const Tensor& y : ys) {
    ASSERT_TRUE(succeeded(reduce(reduction, x, y))) << kNames[reduction];
    expect_close(y, z.values(), rounds ? 8 * unit : 0, rounds ? 8 * unit * scale : 0);
  }
}

TEST(Reduce, RefusesBadArguments) {
  const Tensor x = Tensor::random(NC_FLOAT32, {2, 3}, 1), y(NC_FLOAT32, {2, 1});
  EXPECT_TRUE(failed(reduce(7, x, y), NC_INVALID_ARGUMENT, "reduction is 7"));
  EXPECT_TRUE(failed(reduce(-1, x, y), NC_INVALID_ARGUMENT, "reduction is -1"));
  EXPECT_TRUE(failed(reduce(NC_REDUCE_SUM, x, Tensor(NC_FLOAT32, {2})), NC_INVALID_SHAPE, "outputs[0] (2,)"));
  EXPECT_TRUE(failed(reduce(NC_REDUCE_SUM, x, Tensor(NC_FLOAT32, {2, 2})), NC_INVALID_SHAPE, "outputs[0]"));
  EXPECT_TRUE(failed(reduce(NC_REDUCE_ARGMAX, x, y), NC_INVALID_DTYPE, "index is int32 or int64"));
  EXPECT_TRUE(failed(reduce(NC_REDUCE_MEAN, Tensor(NC_INT32, {2, 3}), y), NC_INVALID_DTYPE, "mean"));
  EXPECT_TRUE(failed(reduce(NC_REDUCE_MAX, Tensor(NC_FLOAT32, {2, 0}), y), NC_INVALID_SHAPE, "max over no elements"));
  EXPECT_TRUE(
      failed(nc_reduce(context(), NC_REDUCE_SUM, nullptr, x, 2, nullptr, y), NC_INVALID_ARGUMENT, "n_inputs is 2"));
  EXPECT_TRUE(
      failed(nc_reduce(context(), NC_REDUCE_SUM, nullptr, nullptr, 1, nullptr, y), NC_INVALID_ARGUMENT, "inputs"));
  EXPECT_TRUE(failed(nc_reduce(nullptr, NC_REDUCE_SUM, nullptr, x, 1, nullptr, y), NC_INVALID_ARGUMENT, "context"));
  const Tensor part = x.view([](nc_tensor& t) { t.shape[1] = 1; });
  EXPECT_TRUE(failed(reduce(NC_REDUCE_SUM, x, part), NC_INVALID_ARGUMENT, "overlaps inputs[0]"));
  Code two(NC_FLOAT32);
  two.store(two.op(NC_OP_ADD, two.load(0), two.load(1)));
  const std::vector<nc_tensor> wrong = {*x, *Tensor(NC_FLOAT32, {2})};
  EXPECT_TRUE(failed(nc_reduce(context(), NC_REDUCE_SUM, two.build(), wrong.data(), 2, nullptr, y), NC_INVALID_SHAPE,
                     "cannot be broadcast"));
  EXPECT_EQ(y.values(), (std::vector<double>{0, 0}));
}

TEST(Reduce, NothingSumsToZero) {
  const Tensor x(NC_FLOAT32, {0, 3});
  const Tensor sum(NC_FLOAT32, {1, 3}), product(NC_FLOAT32, {1, 1}), mean(NC_FLOAT32, {1, 3}), none(NC_FLOAT32, {0, 1});
  EXPECT_TRUE(succeeded(reduce(NC_REDUCE_SUM, x, sum)));
  EXPECT_TRUE(succeeded(reduce(NC_REDUCE_PROD, x, product)));
  EXPECT_TRUE(succeeded(reduce(NC_REDUCE_MEAN, x, mean)));
  EXPECT_TRUE(succeeded(reduce(NC_REDUCE_MAX, x, none)));
  EXPECT_EQ(sum.values(), (std::vector<double>{0, 0, 0}));
  EXPECT_EQ(product.values(), (std::vector<double>{1}));
  for (double v : mean.values()) EXPECT_TRUE(std::isnan(v));
}

TEST(Reduce, EveryReductionOfEveryDtypeIsTheReferences) {
  const Shape shapes[] = {{}, {1}, {7}, {1031}, {3, 65}, {17, 63}, {5, 1, 9}, {4, 3, 7, 2}, {2, 1500}, {1500, 2}};
  unsigned seed = 0;
  for (nc_dtype dtype : kAllDtypes) {
    for (const Shape& shape : shapes) {
      const Tensor x = Tensor::random(dtype, shape, ++seed, is_floating(dtype) ? 0.5 : 0, is_floating(dtype) ? 1.5 : 4);
      for (unsigned axes = 0; axes < 1u << shape.size(); axes++) {
        for (int32_t reduction : kReductions) {
          if (reduction == NC_REDUCE_MEAN && !is_floating(dtype)) continue;
          const Tensor y(is_arg(reduction)    ? NC_INT64
                         : is_floating(dtype) ? dtype
                                              : NC_INT64,
                         reduced_shape(shape, axes));
          expect_like_reference(reduction, x, {y}, 1);
          if (HasFatalFailure()) {
            ADD_FAILURE() << kNames[reduction] << " of " << describe(*x) << ", axes " << axes;
            return;
          }
        }
      }
    }
  }
}

TEST(Reduce, AnyViews) {
  for (int64_t rows : {1, 3, 40, 300}) {
    for (int64_t columns : {1, 5, 50, 1100}) {
      const Shape shape = {rows, columns};
      const Tensor views_of_it[] = {
          Tensor::random(NC_FLOAT32, {columns, rows}, 1).transposed({1, 0}),
          Tensor::random(NC_FLOAT32, shape, {2 * columns + 3, 2}, 2),
          Tensor::random(NC_FLOAT32, shape, {-columns, -1}, 3),
          Tensor::random(NC_FLOAT32, shape, {columns, -1}, 4),
          Tensor::random(NC_FLOAT32, {columns}, 5).view([&](nc_tensor& t) {
            t.ndim = 2;
            t.shape[0] = rows;
            t.shape[1] = columns;
            t.strides[0] = 0;
            t.strides[1] = 1;
          }),
          Tensor::random(NC_FLOAT32, {rows}, 6).view([&](nc_tensor& t) {
            t.ndim = 2;
            t.shape[1] = columns;
            t.strides[1] = 0;
          }),
      };
      for (const Tensor& x : views_of_it) {
        for (unsigned axes = 0; axes < 4; axes++) {
          for (int32_t reduction : {NC_REDUCE_SUM, NC_REDUCE_MAX, NC_REDUCE_ARGMIN}) {
            const nc_dtype dtype = is_arg(reduction) ? NC_INT32 : NC_FLOAT32;
            const Shape out = reduced_shape(shape, axes);
            expect_like_reference(reduction, x, {Tensor(dtype, out), Tensor(dtype, out, {3, 3 * out[0] + 1})},
                                  static_cast<double>(rows * columns) / 4);
            if (HasFatalFailure()) {
              ADD_FAILURE() << kNames[reduction] << " of " << describe(*x) << ", strides " << (*x).strides[0] << ", "
                            << (*x).strides[1] << ", axes " << axes;
              return;
            }
          }
        }
      }
    }
  }
}

TEST(Reduce, RandomViews) {
  std::mt19937 engine(12);
  Code code(NC_FLOAT32);
  code.store(code.op(NC_OP_MULTIPLY, code.load(0), code.load(1)));
  for (int trial = 0; trial < 400; trial++) {
    const Shape shape = random_shape(engine);
    const Shape out = reduced_shape(shape, engine() % 64);
    const int32_t reduction = kReductions[engine() % 7];
    const nc_dtype dtype = is_arg(reduction) ? NC_INT64 : NC_FLOAT32;
    const std::vector<Tensor> x = {random_view(engine, NC_FLOAT32, shape, true),
                                   random_view(engine, engine() % 2 ? NC_FLOAT32 : NC_FLOAT16, shape, true)};
    const Tensor y = random_view(engine, dtype, out, false), z(dtype, out);
    ASSERT_TRUE(succeeded(nc_reduce(context(), reduction, code.build(), views(x).data(), 2, nullptr, y)));
    reduce_reference(reduction, code.build(), views(x), nullptr, z);
    expect_close(y, z.values(), 1e-4, 1e-4);
    expect_like_reference(reduction, x[0], {random_view(engine, dtype, out, false)}, 2000);
    if (HasFatalFailure()) {
      ADD_FAILURE() << "trial " << trial << ", " << kNames[reduction] << " of " << describe(*x[0]) << " to "
                    << describe(*y);
      return;
    }
  }
}

TEST(Reduce, NaNWins) {
  for (int64_t n : {3, 40, 3000}) {
    for (int64_t at : {int64_t{0}, n / 2, n - 1}) {
      Tensor x = Tensor::random(NC_FLOAT32, {n}, 1);
      x.data<float>()[at] = std::numeric_limits<float>::quiet_NaN();
      x.data<float>()[n - 1] = std::numeric_limits<float>::quiet_NaN();
      const Tensor y(NC_FLOAT32, {1}), i(NC_INT64, {1});
      for (int32_t reduction : {NC_REDUCE_MIN, NC_REDUCE_MAX}) {
        ASSERT_TRUE(succeeded(reduce(reduction, x, y)));
        EXPECT_TRUE(std::isnan(*y.data<float>()));
      }
      for (int32_t reduction : {NC_REDUCE_ARGMIN, NC_REDUCE_ARGMAX}) {
        ASSERT_TRUE(succeeded(reduce(reduction, x, i)));
        EXPECT_EQ(*i.data<int64_t>(), at);
      }
    }
  }
}

TEST(Reduce, TheFirstOfEqualsWins) {
  const Tensor x = Tensor::of(NC_INT32, {2, 4}, {1, 3, 3, 0, 0, 3, 1, 0});
  const Tensor all(NC_INT64, {1, 1}), columns(NC_INT64, {1, 4}), rows(NC_INT32, {2, 1});
  ASSERT_TRUE(succeeded(reduce(NC_REDUCE_ARGMAX, x, all)));
  ASSERT_TRUE(succeeded(reduce(NC_REDUCE_ARGMIN, x, columns)));
  ASSERT_TRUE(succeeded(reduce(NC_REDUCE_ARGMAX, x, rows)));
  EXPECT_EQ(all.values(), (std::vector<double>{1}));
  EXPECT_EQ(columns.values(), (std::vector<double>{1, 0, 1, 0}));
  EXPECT_EQ(rows.values(), (std::vector<double>{1, 1}));
  // Infinite extremes are found too.
  const double inf = std::numeric_limits<double>::infinity();
  const Tensor same = Tensor::of(NC_FLOAT64, {3}, {-inf, -inf, -inf}), first(NC_INT64, {1});
  ASSERT_TRUE(succeeded(reduce(NC_REDUCE_ARGMAX, same, first)));
  EXPECT_EQ(first.values(), (std::vector<double>{0}));
}

TEST(Reduce, MapsBroadcastInputsToSeveralOutputs) {
  // sum of (x - m)^2 * s and sum of x * m, where m is a row and s a parameter.
  Code code(NC_FLOAT64);
  const int x = code.load(0), m = code.load(1);
  const int difference = code.op(NC_OP_SUBTRACT, x, m);
  code.store(code.op(NC_OP_MULTIPLY, code.op(NC_OP_SQUARE, difference), code.parameter(0)), 1);
  code.store(code.op(NC_OP_MULTIPLY, x, m), 0);
  const nc_scalar half = {nullptr, 0.5, 0};
  for (const Shape& shape : {Shape{5, 7}, Shape{300, 9}, Shape{3, 2000}, Shape{700, 700}}) {
    const Tensor a = Tensor::random(NC_FLOAT32, shape, 1), row = Tensor::random(NC_FLOAT16, {shape[1]}, 2);
    const std::vector<nc_tensor> inputs = {*a, *row};
    std::vector<nc_tensor> broadcast = {*a, broadcast_to("m", *row, 2, shape.data())};
    for (unsigned axes = 0; axes < 4; axes++) {
      const Shape out = reduced_shape(shape, axes);
      const std::vector<Tensor> y = {Tensor(NC_FLOAT64, out), Tensor(NC_FLOAT32, out)};
      const std::vector<Tensor> z = {Tensor(NC_FLOAT64, out), Tensor(NC_FLOAT32, out)};
      ASSERT_TRUE(
          succeeded(nc_reduce(context(), NC_REDUCE_SUM, code.build(), inputs.data(), 2, &half, views(y).data())));
      reduce_reference(NC_REDUCE_SUM, code.build(), broadcast, &half, views(z).data());
      for (size_t k = 0; k < 2; k++) expect_close(y[k], z[k].values(), 1e-7, 1e-9);
    }
  }
}

TEST(Reduce, BroadcastsInputsAgainstEachOther) {
  Code code(NC_FLOAT32);
  code.store(code.op(NC_OP_MULTIPLY, code.load(0), code.load(1)));
  const Tensor x = Tensor::of(NC_FLOAT32, {3, 1}, {1, 2, 3}), w = Tensor::of(NC_FLOAT32, {2}, {10, 1});
  const std::vector<nc_tensor> inputs = {*x, *w};
  const Tensor column(NC_FLOAT32, {3, 1}), row(NC_FLOAT32, {1, 2});
  ASSERT_TRUE(succeeded(nc_reduce(context(), NC_REDUCE_SUM, code.build(), inputs.data(), 2, nullptr, column)));
  ASSERT_TRUE(succeeded(nc_reduce(context(), NC_REDUCE_MAX, code.build(), inputs.data(), 2, nullptr, row)));
  EXPECT_EQ(column.values(), (std::vector<double>{11, 22, 33}));
  EXPECT_EQ(row.values(), (std::vector<double>{30, 3}));
}

TEST(Reduce, SumsStayAccurate) {
  // A plain loop in float32 is off by a hundredth here.
  const int64_t n = 2'000'000;
  const Tensor x(NC_FLOAT32, {n});
  std::fill(x.data<float>(), x.data<float>() + n, 0.1f);
  const Tensor y(NC_FLOAT32, {1}), both(NC_FLOAT32, {1, 2});
  const double exact = static_cast<double>(n) * static_cast<double>(0.1f);
  ASSERT_TRUE(succeeded(reduce(NC_REDUCE_SUM, x, y)));
  expect_close(y, {exact}, 1e-6);
  const Tensor tall = x.view([](nc_tensor& t) {
    t.ndim = 2;
    t.shape[0] = 1'000'000;
    t.shape[1] = 2;
    t.strides[0] = 2;
    t.strides[1] = 1;
  });
  ASSERT_TRUE(succeeded(reduce(NC_REDUCE_SUM, tall, both)));
  expect_close(both, {exact / 2, exact / 2}, 1e-6);
}

// Long lines are cut, large rows are read at several places, columns are searched side by side. Whole numbers, so that
// sums are exact in any order and extremes are met more than once.
TEST(Reduce, LargeInputIsTheReferences) {
  if (runs_reference()) GTEST_SKIP() << "the reference is what it is compared with";
  struct Case {
    Shape shape, reduced;
  };
  const Case cases[] = {
      {{300007}, {1}},
      {{5, 70001}, {5, 1}},
      {{2003, 67}, {1, 67}},
      {{3, 501, 40}, {3, 1, 40}},
      {{2, 40, 2500}, {2, 1, 2500}},
      {{71, 4097}, {1, 4097}},
      {{301, 2049}, {1, 2049}},
      {{19, 8193}, {1, 8193}},
      {{600, 17, 31}, {1, 17, 31}},
      // What is kept lies between what is reduced, with lines that are worth a sum of their own and without.
      {{7, 33, 9, 65}, {1, 33, 1, 1}},
      {{11, 5, 2, 640}, {1, 5, 2, 1}},
      {{64, 3, 1000}, {1, 3, 1}},
      {{17, 4, 63}, {1, 4, 1}},
      // Beyond the caches: once.
      {{2300007}, {1}},
      {{131, 17003}, {131, 1}},
      {{2300, 1000}, {2300, 1}},
      {{523, 4099}, {1, 4099}},
      {{30011, 71}, {1, 71}},
  };
  for (const nc_dtype dtype : {NC_FLOAT32, NC_FLOAT64, NC_INT64}) {
    for (const Case& c : cases) {
      const Tensor x = Tensor::random(dtype, c.shape, 7, -4, 5);
      if (dtype != NC_FLOAT32 && x.size() > 2000000) continue;
      for (int64_t i = 0; i < x.size(); i++) {
        if (dtype == NC_FLOAT32) x.data<float>()[i] = std::floor(x.data<float>()[i]);
        if (dtype == NC_FLOAT64) x.data<double>()[i] = std::floor(x.data<double>()[i]);
      }
      for (const bool with_nan : {false, true}) {
        if (with_nan && dtype == NC_INT64) continue;
        if (with_nan) {
          for (const int64_t at : {x.size() / 3, x.size() / 2, x.size() - 1}) {
            if (dtype == NC_FLOAT32) x.data<float>()[at] = std::numeric_limits<float>::quiet_NaN();
            if (dtype == NC_FLOAT64) x.data<double>()[at] = std::numeric_limits<double>::quiet_NaN();
          }
        }
        for (int32_t reduction : {NC_REDUCE_SUM, NC_REDUCE_MIN, NC_REDUCE_MAX, NC_REDUCE_ARGMIN, NC_REDUCE_ARGMAX}) {
          const nc_dtype result = is_arg(reduction) ? NC_INT64 : dtype;
          const Tensor y(result, c.reduced), expected(result, c.reduced);
          ASSERT_TRUE(succeeded(reduce(reduction, x, y)));
          reduce_reference(reduction, identity(dtype), {*x}, nullptr, expected);
          const std::vector<double> ys = y.values(), wanted = expected.values();
          for (size_t i = 0; i < ys.size(); i++) {
            ASSERT_TRUE(ys[i] == wanted[i] || (std::isnan(ys[i]) && std::isnan(wanted[i])))
                << kNames[reduction] << " of " << nc_dtype_name(dtype) << ", case " << &c - cases << ", " << i << ": "
                << ys[i] << ", not " << wanted[i];
          }
        }
      }
    }
  }
}

// More columns than a block has, beside others, every second one, and from the last row up.
TEST(Reduce, WideColumnsOfViews) {
  if (runs_reference()) GTEST_SKIP() << "the reference is what it is compared with";
  constexpr int64_t kColumns = 5003;
  for (const nc_dtype dtype : {NC_FLOAT32, NC_FLOAT64, NC_INT64}) {
    for (const int64_t rows : {1, 9, 17, 65}) {
      const Shape shape = {rows, 2, kColumns};
      const Tensor views[] = {Tensor::random(dtype, shape, {2 * kColumns + 14, kColumns + 7, 1}, 1, -4, 5),
                              Tensor::random(dtype, shape, {4 * kColumns, 2 * kColumns, 2}, 2, -4, 5),
                              Tensor::random(dtype, shape, {-2 * kColumns, kColumns, 1}, 3, -4, 5),
                              Tensor::random(dtype, shape, {kColumns, rows * kColumns, 1}, 4, -4, 5),
                              Tensor::random(dtype, {rows, 1, kColumns}, {2 * kColumns, 1, 1}, 5, -4, 5)};
      for (const Tensor& x : views) {
        for (int32_t reduction : {NC_REDUCE_SUM, NC_REDUCE_MAX, NC_REDUCE_ARGMIN, NC_REDUCE_ARGMAX}) {
          const Tensor y(is_arg(reduction) ? NC_INT64 : dtype, {1, x.shape()[1], x.shape()[2]});
          expect_like_reference(reduction, x, {y}, static_cast<double>(rows));
          ASSERT_FALSE(HasFailure()) << kNames[reduction] << " of " << describe(*x);
        }
      }
    }
  }
}

TEST(Reduce, TheNumberOfThreadsDoesNotShow) {
  if (runs_reference()) GTEST_SKIP() << "the reference runs on one thread";
  const int32_t saved = nc_num_threads();
  for (const Shape& shape : {Shape{200, 1031}, Shape{70000, 3}, Shape{3, 70000}, Shape{3, 900001}, Shape{40, 7, 1031},
                             Shape{600, 4099}}) {
    const Tensor x = Tensor::random(NC_FLOAT32, shape, 5);
    for (unsigned axes = 1; axes < 1U << shape.size(); axes++) {
      for (int32_t reduction : {NC_REDUCE_SUM, NC_REDUCE_PROD, NC_REDUCE_ARGMAX}) {
        if (reduction == NC_REDUCE_PROD && x.size() > 2000000) continue;
        std::vector<double> first;
        for (int32_t threads : {1, 2, 3, 8}) {
          ASSERT_TRUE(succeeded(nc_set_num_threads(threads)));
          const Tensor y(is_arg(reduction) ? NC_INT64 : NC_FLOAT32, reduced_shape(shape, axes));
          ASSERT_TRUE(succeeded(reduce(reduction, x, y)));
          if (first.empty()) first = y.values();
          EXPECT_EQ(y.values(), first) << kNames[reduction] << ", axes " << axes << ", " << threads << " threads";
        }
      }
    }
  }
  nc_set_num_threads(saved);
}

}  // namespace
