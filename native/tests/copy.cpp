#include "nativechain/copy.h"

#include <cmath>
#include <limits>

#include "cpu/table.hpp"
#include "support/tensor.hpp"

using namespace nc::test;

namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// Every pair of dtypes and a set of layouts against the plain kernels, bit by bit.
TEST(Copy, EqualsThePlainKernels) {
  const nc_backend plain = nc::cpu::make_table(nc::cpu::Isa::reference);
  struct Layout {
    Shape shape, x_strides, y_strides;
  };
  const Layout layouts[] = {
      {{}, {}, {}},
      {{1}, {1}, {1}},
      {{7}, {1}, {1}},
      {{1037}, {1}, {1}},
      {{1037}, {2}, {1}},
      {{1037}, {1}, {3}},
      {{1037}, {-1}, {1}},
      {{1037}, {0}, {1}},
      {{67, 45}, {45, 1}, {45, 1}},
      {{67, 45}, {1, 67}, {45, 1}},
      {{67, 45}, {45, 1}, {1, 67}},
      {{67, 45}, {1, 67}, {1, 67}},
      {{67, 45}, {0, 1}, {45, 1}},
      {{67, 45}, {1, 0}, {45, 1}},
      {{67, 45}, {-90, 2}, {45, 1}},
      {{3, 33, 35}, {1, 3, 99}, {33 * 35, 35, 1}},
      {{3, 33, 35}, {33 * 35, 1, 33}, {33 * 35, 35, 1}},
      {{2, 3, 4, 5, 2, 2, 1, 3}, {3, 6, 18, 72, 720, 360, 1, 1}, {720, 240, 60, 12, 6, 3, 3, 1}},
      {{300, 257}, {1, 300}, {257, 1}},
  };
  for (const nc_dtype from : kAllDtypes) {
    for (const nc_dtype to : kAllDtypes) {
      for (const Layout& l : layouts) {
        const Tensor x = Tensor::random(from, l.shape, l.x_strides, 5, -300, 300);
        const Tensor y(to, l.shape, l.y_strides), expected(to, l.shape, l.y_strides);
        ASSERT_TRUE(succeeded(nc_copy(context(), x, y)));
        plain.copy(nullptr, x, expected);
        ASSERT_EQ(std::memcmp(y.data<char>(), expected.data<char>(), (*y).nbytes - (*y).offset), 0)
            << nc_dtype_name(from) << " to " << nc_dtype_name(to) << ", layout " << &l - layouts;
        ASSERT_EQ(y.values(), expected.values());
      }
    }
  }
}

TEST(Copy, BroadcastsAsNumPy) {
  const Tensor x = Tensor::of(NC_FLOAT32, {3, 1}, {1, 2, 3}), y(NC_FLOAT64, {2, 3, 2});
  ASSERT_TRUE(succeeded(nc_copy(context(), x, y)));
  expect_close(y, {1, 1, 2, 2, 3, 3, 1, 1, 2, 2, 3, 3}, 0);
}

// Values repeated, so that vectors and their remainders are both seen.
void expect_cast(nc_dtype from, nc_dtype to, const std::vector<double>& values, const std::vector<double>& expected) {
  std::vector<double> x, y;
  for (int k = 0; k < 9; k++) {
    x.insert(x.end(), values.begin(), values.end());
    y.insert(y.end(), expected.begin(), expected.end());
  }
  const auto n = static_cast<int64_t>(x.size());
  const Tensor result(to, {n});
  ASSERT_TRUE(succeeded(nc_copy(context(), Tensor::of(from, {n}, x), result)));
  SCOPED_TRACE(std::string(nc_dtype_name(from)) + " to " + nc_dtype_name(to));
  expect_close(result, y, 0);
}

TEST(Copy, FloatingPointToIntegerTruncatesAndSaturates) {
  const std::vector<double> values = {0, -0.0, 1.9, -1.9, 300, -300, 3e9, -3e9, 1e19, -1e19, kInf, -kInf, kNaN};
  for (const nc_dtype from : {NC_BFLOAT16, NC_FLOAT32, NC_FLOAT64}) {
    std::vector<double> exact = Tensor::of(from, {13}, values).values();
    const double three = std::fabs(exact[6]);
    expect_cast(from, NC_UINT8, values, {0, 0, 1, 0, 255, 0, 255, 0, 255, 0, 255, 0, 0});
    expect_cast(
        from, NC_INT32, values,
        {0, 0, 1, -1, 300, -300, 2147483647, -2147483648.0, 2147483647, -2147483648.0, 2147483647, -2147483648.0, 0});
    expect_cast(from, NC_INT64, values, {0, 0, 1, -1, 300, -300, three, -three, 0x1p63, -0x1p63, 0x1p63, -0x1p63, 0});
    expect_cast(from, NC_BOOL, values, {0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1});
  }
}

TEST(Copy, IntegersWrap) {
  expect_cast(NC_INT64, NC_INT32, {0x1p32 + 5, -0x1p31 - 1, 7}, {5, 0x1p31 - 1, 7});
  expect_cast(NC_INT32, NC_UINT8, {256, 257, -1, 255}, {0, 1, 255, 255});
  expect_cast(NC_INT64, NC_BOOL, {0, 256, -1, 0x1p40}, {0, 1, 1, 1});
}

TEST(Copy, AnyByteOfABoolIsTrue) {
  const Tensor x(NC_BOOL, {40});
  for (int i = 0; i < 40; i++) x.data<uint8_t>()[i] = static_cast<uint8_t>(i * 7);
  for (const nc_dtype to : {NC_UINT8, NC_INT32, NC_INT64, NC_FLOAT16, NC_FLOAT32, NC_FLOAT64}) {
    const Tensor y(to, {40});
    ASSERT_TRUE(succeeded(nc_copy(context(), x, y)));
    const auto v = y.values();
    for (int i = 0; i < 40; i++) ASSERT_EQ(v[i], i == 0 ? 0 : 1) << nc_dtype_name(to);
  }
}

TEST(Copy, Float16RoundsToNearestEven) {
  const std::vector<double> values = {
      1 + 0x1p-11,       1 + 3 * 0x1p-11, 65519, 65520, -65520, 0x1p-24, 0x1p-25, 0x1.8p-25, 3 * 0x1p-25,
      0x1p-14 - 0x1p-26, 0x1p-26,         1e30,  kInf,  kNaN,   -0.0,    2049,    2051};
  const std::vector<double> expected = {1,       1 + 0x1p-9, 65504, kInf, -kInf, 0x1p-24, 0,    0x1p-24, 0x1p-23,
                                        0x1p-14, 0,          kInf,  kInf, kNaN,  -0.0,    2048, 2052};
  expect_cast(NC_FLOAT32, NC_FLOAT16, values, expected);
  expect_cast(NC_FLOAT64, NC_FLOAT16, values, expected);
  // Through float32 this would round twice: up to the tie, then to even.
  expect_cast(NC_FLOAT64, NC_FLOAT16, {1 + 0x1p-11 + 0x1p-40, 1 + 0x1p-11 - 0x1p-40}, {1 + 0x1p-10, 1});
}

TEST(Copy, BFloat16RoundsToNearestEven) {
  const std::vector<double> values = {1 + 0x1p-8, 1 + 3 * 0x1p-8, 1 + 0x1p-8 + 0x1p-20, kInf,
                                      -kInf,      kNaN,           0x1.ffffp127};
  const std::vector<double> expected = {1, 1 + 0x1p-6, 1 + 0x1p-7, kInf, -kInf, kNaN, kInf};
  expect_cast(NC_FLOAT32, NC_BFLOAT16, values, expected);
  expect_cast(NC_FLOAT64, NC_BFLOAT16, values, expected);
}

TEST(Copy, EveryFloat16AndBFloat16SurvivesFloat32) {
  for (const nc_dtype dtype : {NC_FLOAT16, NC_BFLOAT16}) {
    const Tensor x(dtype, {65536}), wide(NC_FLOAT32, {65536}), back(dtype, {65536});
    for (int i = 0; i < 65536; i++) x.data<uint16_t>()[i] = static_cast<uint16_t>(i);
    ASSERT_TRUE(succeeded(nc_copy(context(), x, wide)));
    ASSERT_TRUE(succeeded(nc_copy(context(), wide, back)));
    for (int i = 0; i < 65536; i++) {
      if (std::isnan(wide.data<float>()[i])) {
        const auto bits = back.data<uint16_t>()[i];
        ASSERT_GT(bits & 0x7FFF, dtype == NC_FLOAT16 ? 0x7C00 : 0x7F80);
      } else {
        ASSERT_EQ(back.data<uint16_t>()[i], i) << nc_dtype_name(dtype);
      }
    }
  }
}

TEST(Copy, OntoItselfChangesNothing) {
  const Tensor x = Tensor::random(NC_FLOAT32, {30, 30}, 1);
  const auto before = x.values();
  ASSERT_TRUE(succeeded(nc_copy(context(), x, x)));
  EXPECT_EQ(x.values(), before);
}

TEST(Copy, ColumnsOfOneMatrix) {
  const Tensor m = Tensor::of(NC_FLOAT32, {3, 4}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11});
  const auto columns = [&](int64_t first) {
    return m.view([&](nc_tensor& v) {
      v.shape[1] = 2;
      v.offset = first * 4;
    });
  };
  ASSERT_TRUE(succeeded(nc_copy(context(), columns(0), columns(2))));
  expect_close(m, {0, 1, 0, 1, 4, 5, 4, 5, 8, 9, 8, 9}, 0);
  EXPECT_TRUE(failed(nc_copy(context(), columns(0), columns(1)), NC_INVALID_ARGUMENT, "y overlaps x"));
}

// So large that the result is written past the caches: rows, casts, steps and transpositions, from any address.
TEST(Copy, LargeTensorsEqualThePlainKernels) {
  const nc_backend plain = nc::cpu::make_table(nc::cpu::Isa::reference);
  struct Case {
    nc_dtype from, to;
    Shape shape, x_strides, y_strides;
  };
  const Case cases[] = {
      {NC_FLOAT32, NC_FLOAT32, {4200013}, {1}, {1}},
      {NC_FLOAT32, NC_FLOAT32, {4200013}, {2}, {1}},
      {NC_FLOAT32, NC_FLOAT32, {4200013}, {-3}, {1}},
      {NC_FLOAT32, NC_FLOAT64, {2800013}, {1}, {1}},
      {NC_FLOAT32, NC_FLOAT16, {5600013}, {1}, {1}},
      {NC_FLOAT32, NC_INT64, {2800013}, {1}, {1}},
      {NC_FLOAT32, NC_FLOAT32, {2100, 2003}, {2003, 1}, {2 * 2003, 1}},
      {NC_FLOAT32, NC_FLOAT32, {2112, 2016}, {1, 2112}, {2016, 1}},
      {NC_FLOAT32, NC_FLOAT32, {2117, 2021}, {1, 2117}, {2021, 1}},
      {NC_FLOAT32, NC_FLOAT32, {2117, 2021}, {1, 2117}, {2032, 1}},
      {NC_FLOAT64, NC_FLOAT64, {1501, 1424}, {1, 1501}, {1424, 1}},
      {NC_FLOAT16, NC_FLOAT16, {3, 1501, 1888}, {1501 * 1888, 1, 1501}, {1501 * 1888, 1888, 1}},
      {NC_UINT8, NC_UINT8, {4099, 4160}, {1, 4099}, {4160, 1}},
  };
  const int32_t saved = nc_num_threads();
  for (const Case& c : cases) {
    for (const int64_t shift : {int64_t{0}, int64_t{3}}) {
      Tensor whole_x(c.from, {56000000 / nc_dtype_size(c.from)}), whole_y(c.to, {56000000 / nc_dtype_size(c.to)});
      whole_x.fill_random(5, 0, 200);
      const Tensor expected(c.to, {56000000 / nc_dtype_size(c.to)});
      const auto view = [&](const Tensor& t, const Shape& strides) {
        nc_tensor v = *t;
        v.ndim = static_cast<int32_t>(c.shape.size());
        int64_t low = 0;
        for (size_t i = 0; i < c.shape.size(); i++) {
          v.shape[i] = c.shape[i];
          v.strides[i] = strides[i];
          low += strides[i] < 0 ? (c.shape[i] - 1) * strides[i] : 0;
        }
        v.offset = (shift - low) * nc_dtype_size(v.dtype);
        return v;
      };
      const nc_tensor x = view(whole_x, c.x_strides), y = view(whole_y, c.y_strides), z = view(expected, c.y_strides);
      plain.copy(nullptr, &x, &z);
      for (int32_t threads : {1, 3}) {
        ASSERT_TRUE(succeeded(nc_set_num_threads(threads)));
        std::memset(whole_y.data<char>(), 0, static_cast<size_t>(y.nbytes));
        ASSERT_TRUE(succeeded(nc_copy(context(), &x, &y)));
        ASSERT_EQ(std::memcmp(whole_y.data<char>(), expected.data<char>(), static_cast<size_t>(y.nbytes)), 0)
            << "case " << &c - cases << ", shifted by " << shift << ", " << threads << " threads";
      }
    }
  }
  nc_set_num_threads(saved);
}

TEST(Copy, EmptyTensors) {
  const Tensor x(NC_FLOAT32, {0, 5}), y(NC_INT32, {0, 5});
  EXPECT_TRUE(succeeded(nc_copy(context(), x, y)));
  EXPECT_TRUE(succeeded(nc_copy(context(), Tensor(NC_FLOAT32, {1, 5}), y)));
}

TEST(Copy, RefusesBadArguments) {
  const Tensor x(NC_FLOAT32, {3}), y(NC_FLOAT32, {4});
  EXPECT_TRUE(failed(nc_copy(context(), x, y), NC_INVALID_SHAPE, "nc_copy: x (3,) cannot be broadcast to (4,)"));
  EXPECT_TRUE(failed(nc_copy(context(), nullptr, y), NC_INVALID_ARGUMENT, "x is null"));
  EXPECT_TRUE(failed(nc_copy(context(), x, nullptr), NC_INVALID_ARGUMENT, "y is null"));
  EXPECT_TRUE(failed(nc_copy(nullptr, x, y), NC_INVALID_ARGUMENT, "context is null"));
  const Tensor repeated = y.view([](nc_tensor& v) { v.strides[0] = 0; });
  EXPECT_TRUE(failed(nc_copy(context(), y, repeated), NC_INVALID_SHAPE, "overlaps itself"));
  const Tensor elsewhere = y.view([](nc_tensor& v) { v.device_type = NC_CUDA; });
  EXPECT_TRUE(failed(nc_copy(context(), elsewhere, y), NC_INVALID_DEVICE, "x is on cuda:0"));
  const Tensor beyond = y.view([](nc_tensor& v) { v.shape[0] = 5; });
  EXPECT_TRUE(failed(nc_copy(context(), beyond, beyond), NC_INVALID_SHAPE, "leaves its block of 16 bytes"));
}

TEST(Fill, EveryDtypeAndLayout) {
  for (const nc_dtype dtype : kAllDtypes) {
    for (const Shape& strides : {Shape{70, 1}, Shape{1, 50}, Shape{140, 2}, Shape{-70, 1}}) {
      const Tensor y(dtype, {50, 70}, strides);
      ASSERT_TRUE(succeeded(nc_fill(context(), {nullptr, 3, 3}, y)));
      expect_close(y, std::vector<double>(3500, dtype == NC_BOOL ? 1 : 3), 0);
    }
  }
}

TEST(Fill, WritesNothingBesideTheView) {
  const Tensor block(NC_FLOAT32, {10, 10});
  const Tensor inside = block.view([](nc_tensor& v) {
    v.offset = 11 * 4;
    v.shape[0] = v.shape[1] = 8;
  });
  ASSERT_TRUE(succeeded(nc_fill(context(), {nullptr, 1, 0}, inside)));
  double sum = 0;
  for (const double x : block.values()) sum += x;
  EXPECT_EQ(sum, 64);
}

TEST(Fill, ReadsATensor) {
  const Tensor value = Tensor::of(NC_FLOAT32, {2}, {2.5, 9}), y(NC_FLOAT64, {3});
  ASSERT_TRUE(succeeded(nc_fill(context(), {value, 0, 0}, y)));
  expect_close(y, {2.5, 2.5, 2.5}, 0);
  const Tensor empty(NC_FLOAT32, {0});
  EXPECT_TRUE(failed(nc_fill(context(), {empty, 0, 0}, y), NC_INVALID_SHAPE, "value has no element"));
  EXPECT_TRUE(failed(nc_fill(context(), {y, 0, 0}, y), NC_INVALID_ARGUMENT, "y overlaps value"));
}

}  // namespace
