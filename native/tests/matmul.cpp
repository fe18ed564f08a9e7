#include "nativechain/matmul.h"

#include <limits>

#include "support/matrix.hpp"

namespace nc::test {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

double unit_of(nc_dtype dtype) {
  switch (dtype) {
    case NC_FLOAT16:
      return 0x1p-11;
    case NC_BFLOAT16:
      return 0x1p-8;
    case NC_FLOAT32:
      return 0x1p-24;
    case NC_FLOAT64:
      return 0x1p-53;
    default:
      return 0;
  }
}

// Operands lie in [-1, 1): each product is off by its rounding, each sum by that of at most depth terms.
double bound(nc_dtype dtype, int64_t depth) {
  const double sum = dtype == NC_FLOAT64 ? 0x1p-53 : is_floating(dtype) ? 0x1p-24 : 0;
  return sum * static_cast<double>(depth + 4) * 2 + unit_of(dtype) * std::sqrt(static_cast<double>(depth) + 1) * 8;
}

struct ProgramDeleter {
  void operator()(nc_program* p) const { nc_program_destroy(p); }
};
using Program = std::unique_ptr<nc_program, ProgramDeleter>;

Program program(const std::vector<nc_instruction>& code, int32_t inputs, nc_dtype dtype, int32_t parameters = 0) {
  nc_program* p = nullptr;
  const nc_status status =
      nc_program_create(code.data(), static_cast<int32_t>(code.size()), inputs, parameters, 1, dtype, 0, &p);
  EXPECT_TRUE(succeeded(status));
  return Program(p);
}

nc_instruction op(int32_t code, int32_t a = 0, int32_t b = 0, int32_t c = 0, double f64 = 0) {
  return {code, a, b, c, f64, static_cast<int64_t>(f64)};
}

Program add_extra(nc_dtype dtype) {
  return program({op(NC_OP_LOAD, 0), op(NC_OP_LOAD, 1), op(NC_OP_ADD, 0, 1), op(NC_OP_STORE, 2)}, 2, dtype);
}
Program add_extra_relu(nc_dtype dtype) {
  return program({op(NC_OP_LOAD, 0), op(NC_OP_LOAD, 1), op(NC_OP_ADD, 0, 1), op(NC_OP_CONSTANT),
                  op(NC_OP_MAXIMUM, 2, 3), op(NC_OP_STORE, 4)},
                 2, dtype);
}

nc_status matmul(const Tensor& a, const Tensor& b, const Tensor& y) {
  return nc_matmul(context(), a, b, nullptr, nullptr, nullptr, y);
}

TEST(Matmul, SizesAndLayouts) {
  const int64_t sizes[] = {1, 3, 7, 17, 63, 65};
  const char* const layouts[] = {"plain", "transposed", "backwards", "padded", "spread"};
  unsigned seed = 0;
  for (int64_t m : sizes) {
    for (int64_t k : sizes) {
      for (int64_t n : sizes) {
        for (nc_dtype dtype : {NC_FLOAT32, NC_FLOAT64}) {
          const char* const la = layouts[seed % 5];
          const char* const lb = layouts[seed / 5 % 5];
          const char* const ly = layouts[seed / 25 % 5];
          SCOPED_TRACE(testing::Message() << m << "x" << k << "x" << n << " " << la << " " << lb << " " << ly << " "
                                          << nc_dtype_name(dtype));
          const Tensor a = matrix(dtype, m, k, la, seed), b = matrix(dtype, k, n, lb, seed + 1);
          const Tensor y = matrix(dtype, m, n, ly, seed + 2);
          ASSERT_TRUE(succeeded(matmul(a, b, y)));
          expect_close(y, product_of(a, b), 0, bound(dtype, k));
          seed++;
        }
      }
    }
  }
}

TEST(Matmul, EveryLayout) {
  const char* const layouts[] = {"plain", "transposed", "backwards", "padded", "spread"};
  // Packed tiles, dots of few columns, few rows, one row, one column.
  const Shape shapes[] = {{67, 131, 71}, {131, 97, 10}, {5, 131, 97}, {1, 67, 131}, {131, 67, 1}};
  for (const Shape& s : shapes) {
    for (nc_dtype dtype : {NC_FLOAT32, NC_FLOAT64, NC_FLOAT16, NC_INT32}) {
      for (const char* la : layouts) {
        for (const char* lb : layouts) {
          const Tensor a = matrix(dtype, s[0], s[1], la, 1), b = matrix(dtype, s[1], s[2], lb, 2);
          const std::vector<double> expected = product_of(a, b);
          for (const char* ly : layouts) {
            SCOPED_TRACE(testing::Message() << s[0] << "x" << s[1] << "x" << s[2] << " " << la << " " << lb << " " << ly
                                            << " " << nc_dtype_name(dtype));
            const Tensor y = matrix(dtype, s[0], s[2], ly, 3);
            ASSERT_TRUE(succeeded(matmul(a, b, y)));
            expect_close(y, expected, 0, bound(dtype, s[1]));
          }
        }
      }
    }
  }
}

// Operands read where they lie or packed: small ones, rows whole pages apart, more columns than are read in place.
TEST(Matmul, InPlaceAndPacked) {
  const Shape shapes[] = {{30, 1024, 40}, {40, 53, 1024}, {33, 70, 1100}, {61, 67, 131},
                          {29, 300, 64},  {64, 64, 64},   {15, 16, 33}};
  for (const Shape& s : shapes) {
    for (nc_dtype dtype : {NC_FLOAT32, NC_FLOAT64}) {
      for (const char* la : {"plain", "transposed", "padded", "backwards", "spread"}) {
        for (const char* lb : {"plain", "transposed", "padded"}) {
          SCOPED_TRACE(testing::Message()
                       << s[0] << "x" << s[1] << "x" << s[2] << " " << la << " " << lb << " " << nc_dtype_name(dtype));
          const Tensor a = matrix(dtype, s[0], s[1], la, 23), b = matrix(dtype, s[1], s[2], lb, 24);
          const Tensor y(dtype, {s[0], s[2]});
          ASSERT_TRUE(succeeded(matmul(a, b, y)));
          expect_close(y, product_of(a, b), 0, bound(dtype, s[1]));
        }
      }
    }
  }
}

// Dots of few rows: every width of their groups, and every rest of rows and of the depth.
// Columns of wider matrices: what lies beside them is neither summed nor written.
TEST(Matmul, EdgesOfTiles) {
  constexpr int64_t kBeside = 9;
  for (nc_dtype dtype : {NC_FLOAT32, NC_FLOAT64}) {
    for (int64_t n = 1; n <= 70; n++) {
      const int64_t m = 13 + n % 4, k = n % 2 ? 40 : 700;
      SCOPED_TRACE(testing::Message() << m << "x" << k << "x" << n << " " << nc_dtype_name(dtype));
      const auto inside = [&](const Tensor& wide) {
        return wide.view([&](nc_tensor& v) {
          v.offset += kBeside * dtype_size(dtype);
          v.shape[1] = n;
        });
      };
      const Tensor a = Tensor::random(dtype, {m, k}, 5);
      const Tensor wide_b = Tensor::random(dtype, {k, n + 2 * kBeside}, 6);
      std::vector<double> values = wide_b.values();
      for (size_t i = 0; i < values.size(); i++) {
        const int64_t column = static_cast<int64_t>(i) % (n + 2 * kBeside) - kBeside;
        if (column < 0 || column >= n) values[i] = kNaN;
      }
      const Tensor b = Tensor::of(dtype, wide_b.shape(), values);
      const Tensor y = Tensor::of(dtype, {m, n + 2 * kBeside}, std::vector<double>(m * (n + 2 * kBeside), 7));
      ASSERT_TRUE(succeeded(matmul(a, inside(b), inside(y))));
      expect_close(inside(y), product_of(a, inside(b)), 0, bound(dtype, k));
      const std::vector<double> got = y.values();
      for (int64_t i = 0; i < y.size(); i++) {
        const int64_t column = i % (n + 2 * kBeside) - kBeside;
        if (column < 0 || column >= n) {
          ASSERT_EQ(got[i], 7);
        }
      }
    }
  }
}

TEST(Matmul, DotsOfFewRows) {
  for (int64_t few = 1; few <= 17; few++) {
    for (const auto& [many, depth] : {std::pair<int64_t, int64_t>{5, 65}, {7, 1031}, {34, 127}, {103, 999}}) {
      for (nc_dtype dtype : {NC_FLOAT32, NC_FLOAT64}) {
        for (bool wide : {false, true}) {
          const int64_t m = wide ? few : many, n = wide ? many : few;
          SCOPED_TRACE(testing::Message() << m << "x" << depth << "x" << n << " " << nc_dtype_name(dtype));
          const Tensor a = matrix(dtype, m, depth, "plain", 25), b = matrix(dtype, depth, n, "transposed", 26);
          const Tensor y(dtype, {m, n});
          ASSERT_TRUE(succeeded(matmul(a, b, y)));
          expect_close(y, product_of(a, b), 0, bound(dtype, depth));
        }
      }
    }
  }
}

TEST(Matmul, AllDtypes) {
  for (nc_dtype dtype : kAllDtypes) {
    for (const Shape& s : {Shape{2, 3, 2}, Shape{37, 41, 43}, Shape{9, 300, 40}}) {
      SCOPED_TRACE(testing::Message() << nc_dtype_name(dtype) << " " << s[0]);
      const Tensor a = matrix(dtype, s[0], s[1], "plain", 4), b = matrix(dtype, s[1], s[2], "transposed", 5);
      const Tensor y(dtype, {s[0], s[2]});
      ASSERT_TRUE(succeeded(matmul(a, b, y)));
      std::vector<double> expected = product_of(a, b);
      for (double& v : expected) {
        if (dtype == NC_BOOL) v = v != 0;
        if (dtype == NC_UINT8) v = static_cast<uint8_t>(static_cast<int64_t>(v));
      }
      expect_close(y, expected, 0, bound(dtype, s[1]));
    }
  }
}

TEST(Matmul, IntegersWrap) {
  const Tensor a(NC_INT64, {1, 2}), b(NC_INT64, {2, 1}), y(NC_INT64, {1, 1});
  a.data<int64_t>()[0] = a.data<int64_t>()[1] = std::numeric_limits<int64_t>::max();
  b.data<int64_t>()[0] = 2;
  b.data<int64_t>()[1] = 3;
  ASSERT_TRUE(succeeded(matmul(a, b, y)));
  EXPECT_EQ(*y.data<int64_t>(), std::numeric_limits<int64_t>::max() - 4);  // 5 * 2^63 - 5
}

// Of depth 1 each element is one of a times one of b, whatever is not finite included.
TEST(Matmul, OuterProducts) {
  const char* const layouts[] = {"plain", "transposed", "backwards", "padded", "spread"};
  for (const Shape& s : {Shape{1, 1}, Shape{3, 7}, Shape{17, 63}, Shape{65, 131}, Shape{5, 521}, Shape{63, 1031}}) {
    for (nc_dtype dtype : {NC_FLOAT32, NC_FLOAT64, NC_FLOAT16, NC_BFLOAT16}) {
      for (const char* layout : layouts) {
        for (const char* ly : layouts) {
          SCOPED_TRACE(testing::Message()
                       << s[0] << "x" << s[1] << " " << layout << " " << ly << " " << nc_dtype_name(dtype));
          const Tensor a = matrix(dtype, s[0], 1, layout, 1), b = matrix(dtype, 1, s[1], layout, 2);
          std::vector<double> left = a.values(), right = b.values();
          left[static_cast<size_t>(s[0] / 2)] = kInfinity;
          right[static_cast<size_t>(s[1] / 3)] = kNaN;
          a.set(left);
          b.set(right);
          const Tensor y = matrix(dtype, s[0], s[1], ly, 3);
          ASSERT_TRUE(succeeded(matmul(a, b, y)));
          expect_close(y, product_of(a, b), 0, bound(dtype, 1));
        }
      }
    }
  }
  const Tensor a = Tensor::random(NC_FLOAT32, {3, 1, 5, 1}, 4), b = Tensor::random(NC_FLOAT32, {2, 1, 533}, 5);
  const Tensor y(NC_FLOAT32, {3, 2, 5, 533});
  ASSERT_TRUE(succeeded(matmul(a, b, y)));
  const std::vector<double> left = a.values(), right = b.values(), products = y.values();
  for (size_t i = 0; i < products.size(); i++) {
    const size_t column = i % 533, row = i / 533 % 5, second = i / 2665 % 2, first = i / 5330;
    ASSERT_EQ(products[i], static_cast<float>(left[first * 5 + row] * right[second * 533 + column])) << i;
  }
}

TEST(Matmul, ManyBlocksOfDepth) {
  for (const Shape& s : {Shape{33, 1031, 70}, Shape{300, 1500, 301}, Shape{3, 5003, 3}, Shape{450, 1031, 200}}) {
    const char* const layout = s[0] == 450 ? "transposed" : "plain";
    const Tensor a = matrix(NC_FLOAT32, s[0], s[1], layout, 6), b = matrix(NC_FLOAT32, s[1], s[2], "plain", 7);
    const Tensor y(NC_FLOAT32, {s[0], s[2]});
    ASSERT_TRUE(succeeded(matmul(a, b, y)));
    expect_close(y, product_of(a, b), 0, 0x1p-24 * std::sqrt(static_cast<double>(s[1])) * 64);
  }
}

TEST(Matmul, NoDepthGivesZerosThenTheProgram) {
  for (nc_dtype dtype : kAllDtypes) {
    for (const Shape& s : {Shape{2, 3}, Shape{40, 50}, Shape{1, 3000}, Shape{300, 600}}) {
      const Tensor a(dtype, {s[0], 0}), b(dtype, {0, s[1]});
      const Tensor y = Tensor::random(dtype, s, 8, 0, 2);
      ASSERT_TRUE(succeeded(matmul(a, b, y)));
      expect_close(y, std::vector<double>(static_cast<size_t>(s[0] * s[1])), 0);
      const Program p = add_extra(compute_dtype(dtype));
      const Tensor bias = Tensor::of(dtype, {1}, {1});
      ASSERT_TRUE(succeeded(nc_matmul(context(), a, b, p.get(), bias, nullptr, y)));
      expect_close(y, std::vector<double>(static_cast<size_t>(s[0] * s[1]), 1), 0);
    }
  }
}

TEST(Matmul, EmptyResults) {
  for (const Shape& s : {Shape{0, 3, 4}, Shape{3, 4, 0}, Shape{0, 0, 0}}) {
    const Tensor a(NC_FLOAT32, {s[0], s[1]}), b(NC_FLOAT32, {s[1], s[2]}), y(NC_FLOAT32, {s[0], s[2]});
    EXPECT_TRUE(succeeded(matmul(a, b, y)));
  }
  const Tensor a(NC_FLOAT32, {0, 2, 3}), b(NC_FLOAT32, {3, 4}), y(NC_FLOAT32, {0, 2, 4});
  EXPECT_TRUE(succeeded(matmul(a, b, y)));
}

TEST(Matmul, LeadingAxesAreBroadcast) {
  struct Case {
    Shape a, b, y;
  };
  const Case cases[] = {
      {{5, 7, 6}, {5, 6, 4}, {5, 7, 4}},
      {{5, 7, 6}, {6, 4}, {5, 7, 4}},
      {{7, 6}, {5, 6, 4}, {5, 7, 4}},
      {{3, 1, 7, 6}, {1, 2, 6, 4}, {3, 2, 7, 4}},
      {{2, 1, 1, 3, 2}, {2, 4}, {2, 3, 1, 3, 4}},
      {{4, 70, 80}, {4, 80, 33}, {4, 70, 33}},
      {{3, 200, 180}, {3, 180, 190}, {3, 200, 190}},
  };
  for (nc_dtype dtype : {NC_FLOAT32, NC_FLOAT64, NC_BFLOAT16, NC_INT64}) {
    for (const Case& c : cases) {
      SCOPED_TRACE(testing::PrintToString(c.y) + nc_dtype_name(dtype));
      const double high = is_floating(dtype) ? 1 : 4;
      const Tensor a = Tensor::random(dtype, c.a, 9, -high, high), b = Tensor::random(dtype, c.b, 10, -high, high);
      const Tensor y(dtype, c.y);
      ASSERT_TRUE(succeeded(matmul(a, b, y)));
      const size_t axes = c.y.size();
      const int64_t m = c.y[axes - 2], n = c.y[axes - 1], k = c.a[c.a.size() - 1];
      const nc_tensor a_full = broadcast_to("a", *a, static_cast<int32_t>(axes), [&] {
        static Shape shape;
        shape = c.y;
        shape[axes - 1] = k;
        return shape.data();
      }());
      const nc_tensor b_full = broadcast_to("b", *b, static_cast<int32_t>(axes), [&] {
        static Shape shape;
        shape = c.y;
        shape[axes - 2] = k;
        return shape.data();
      }());
      const auto av = a.view([&](nc_tensor& v) { v = a_full; }).values();
      const auto bv = b.view([&](nc_tensor& v) { v = b_full; }).values();
      std::vector<double> expected;
      for (int64_t batch = 0; batch < y.size() / (m * n); batch++) {
        const auto part = product_of({av.begin() + batch * m * k, av.begin() + (batch + 1) * m * k},
                                     {bv.begin() + batch * k * n, bv.begin() + (batch + 1) * k * n}, m, k, n);
        expected.insert(expected.end(), part.begin(), part.end());
      }
      expect_close(y, expected, 0, bound(dtype, k));
    }
  }
}

TEST(Matmul, NonFiniteValuesStayInTheirRowsAndColumns) {
  const Shape shapes[] = {{3, 3, 2},     {16, 16, 16}, {17, 19, 33}, {50, 70, 40},  {100, 200, 9},
                          {100, 999, 7}, {1, 90, 90},  {90, 90, 1},  {20, 1024, 40}};
  for (const Shape& s : shapes) {
    for (nc_dtype dtype : {NC_FLOAT32, NC_FLOAT64}) {
      for (const char* la : {"plain", "transposed"}) {
        for (const char* lb : {"plain", "transposed"}) {
          SCOPED_TRACE(testing::Message() << s[0] << "x" << s[1] << "x" << s[2] << " " << la << " " << lb);
          const Tensor a = matrix(dtype, s[0], s[1], la, 27), b = matrix(dtype, s[1], s[2], lb, 28);
          const Tensor y(dtype, {s[0], s[2]});
          std::vector<double> av(static_cast<size_t>(a.size()), 1), bv(static_cast<size_t>(b.size()), 1);
          std::vector<double> expected(static_cast<size_t>(y.size()), static_cast<double>(s[1]));
          // In the last row and column, and at the end of the depth.
          av[static_cast<size_t>(s[0] * s[1] - 1)] = kInfinity;
          bv[static_cast<size_t>(s[1] * s[2] - 1)] = kNaN;
          a.set(av);
          b.set(bv);
          for (int64_t j = 0; j < s[2]; j++) expected[static_cast<size_t>((s[0] - 1) * s[2] + j)] = kInfinity;
          for (int64_t i = 0; i < s[0]; i++) expected[static_cast<size_t>(i * s[2] + s[2] - 1)] = kNaN;
          ASSERT_TRUE(succeeded(matmul(a, b, y)));
          expect_close(y, expected, 0);
        }
      }
    }
  }
}

TEST(Matmul, DenormalsAreFlushed) {
  const Tensor a = Tensor::of(NC_FLOAT32, {1, 1}, {0x1p-100}), b = Tensor::of(NC_FLOAT32, {1, 1}, {0x1p-40});
  const Tensor y = Tensor::of(NC_FLOAT32, {1, 1}, {1});
  ASSERT_TRUE(succeeded(matmul(a, b, y)));
  if (std::string(nc_cpu_isa()) != "reference") {
    EXPECT_EQ(*y.data<float>(), 0);
  }
  volatile float tiny = 0x1p-140f;
  EXPECT_NE(tiny * 2, 0);  // the mode of the thread is as it was
}

class Epilogue : public testing::TestWithParam<nc_dtype> {};

TEST_P(Epilogue, OnEveryPathAndLayout) {
  const nc_dtype dtype = GetParam(), compute = compute_dtype(dtype);
  const Shape shapes[] = {{3, 3, 2}, {70, 300, 67}, {101, 130, 10}, {10, 90, 101}, {1, 67, 131}, {131, 67, 1},
                          {31, 1100, 131}};
  const double two = is_floating(dtype) ? 0.5 : 2;
  for (const Shape& s : shapes) {
    for (const char* layout : {"plain", "transposed", "spread"}) {
      SCOPED_TRACE(testing::Message() << s[0] << "x" << s[1] << "x" << s[2] << " " << layout);
      const Tensor a = matrix(dtype, s[0], s[1], "plain", 11), b = matrix(dtype, s[1], s[2], "transposed", 12);
      const std::vector<double> ab = product_of(a, b);
      const size_t n = static_cast<size_t>(s[2]);
      const double limit = 2 * bound(dtype, s[1]);

      // Bias along either axis, a scalar, or a whole matrix.
      for (const Shape& shape : {Shape{s[2]}, Shape{s[0], 1}, Shape{}, Shape{s[0], s[2]}}) {
        const Tensor extra = Tensor::random(dtype, shape, 13, is_floating(dtype) ? -1 : -5, is_floating(dtype) ? 1 : 5);
        const std::vector<double> e = extra.values();
        const auto extra_at = [&](size_t at) {
          if (shape.empty()) return e[0];
          return e[shape.size() == 1 ? at % n : shape[1] == 1 ? at / n : at];
        };
        std::vector<double> sum(ab.size()), relu(ab.size());
        for (size_t i = 0; i < ab.size(); i++) {
          sum[i] = ab[i] + extra_at(i);
          relu[i] = std::max(sum[i], 0.0);
        }
        const Tensor y = matrix(dtype, s[0], s[2], layout, 14);
        ASSERT_TRUE(succeeded(nc_matmul(context(), a, b, add_extra(compute).get(), extra, nullptr, y)));
        expect_close(y, sum, 0, limit);
        ASSERT_TRUE(succeeded(nc_matmul(context(), a, b, add_extra_relu(compute).get(), extra, nullptr, y)));
        expect_close(y, relu, 0, limit);
      }

      // y += product, and relu(y + product) into y.
      const Tensor y = matrix(dtype, s[0], s[2], layout, 15);
      const std::vector<double> before = y.values();
      std::vector<double> expected(ab.size());
      for (size_t i = 0; i < ab.size(); i++) expected[i] = before[i] + ab[i];
      ASSERT_TRUE(succeeded(nc_matmul(context(), a, b, add_extra(compute).get(), y, nullptr, y)));
      expect_close(y, expected, 0, limit);
      y.set(before);
      for (double& v : expected) v = std::max(v, 0.0);
      ASSERT_TRUE(succeeded(nc_matmul(context(), a, b, add_extra_relu(compute).get(), y, nullptr, y)));
      expect_close(y, expected, 0, limit);

      // A parameter times the product, and what no form covers: (product - extra)^2.
      const Program scale = program(
          {op(NC_OP_LOAD, 0), op(NC_OP_PARAMETER, 0), op(NC_OP_MULTIPLY, 1, 0), op(NC_OP_STORE, 2)}, 1, compute, 1);
      const nc_scalar parameter{nullptr, two, static_cast<int64_t>(two)};
      const Tensor by_tensor = Tensor::of(dtype, {1}, {two});
      const nc_scalar in_memory{by_tensor, 0, 0};
      for (size_t i = 0; i < ab.size(); i++) expected[i] = two * ab[i];
      ASSERT_TRUE(succeeded(nc_matmul(context(), a, b, scale.get(), nullptr, &parameter, y)));
      expect_close(y, expected, 0, limit);
      ASSERT_TRUE(succeeded(nc_matmul(context(), a, b, scale.get(), nullptr, &in_memory, y)));
      expect_close(y, expected, 0, limit);
      const Program square = program(
          {op(NC_OP_LOAD, 0), op(NC_OP_LOAD, 1), op(NC_OP_SUBTRACT, 0, 1), op(NC_OP_SQUARE, 2), op(NC_OP_STORE, 3)}, 2,
          compute);
      const Tensor bias = Tensor::random(dtype, {s[2]}, 16);
      const std::vector<double> bv = bias.values();
      for (size_t i = 0; i < ab.size(); i++) expected[i] = (ab[i] - bv[i % n]) * (ab[i] - bv[i % n]);
      ASSERT_TRUE(succeeded(nc_matmul(context(), a, b, square.get(), bias, nullptr, y)));
      expect_close(y, expected, 8 * unit_of(dtype), 100 * limit);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Dtypes, Epilogue, testing::Values(NC_FLOAT32, NC_FLOAT64, NC_FLOAT16, NC_BFLOAT16, NC_INT64),
                         [](const auto& info) { return std::string(nc_dtype_name(info.param)); });

TEST(Matmul, EpilogueKeepsNaN) {
  for (const Shape& s : {Shape{2, 2, 2}, Shape{40, 60, 50}}) {
    const Tensor a(NC_FLOAT32, {s[0], s[1]}), b(NC_FLOAT32, {s[1], s[2]}), y(NC_FLOAT32, {s[0], s[2]});
    const Tensor bias(NC_FLOAT32, {s[2]});
    bias.set(std::vector<double>(static_cast<size_t>(s[2]), kNaN));
    ASSERT_TRUE(succeeded(nc_matmul(context(), a, b, add_extra_relu(NC_FLOAT32).get(), bias, nullptr, y)));
    expect_close(y, std::vector<double>(static_cast<size_t>(y.size()), kNaN), 0);
    const Program select = program({op(NC_OP_LOAD, 0), op(NC_OP_LOAD, 1), op(NC_OP_ADD, 0, 1), op(NC_OP_CONSTANT),
                                    op(NC_OP_GREATER, 2, 3), op(NC_OP_SELECT, 4, 2, 3), op(NC_OP_STORE, 5)},
                                   2, NC_FLOAT32);
    ASSERT_TRUE(succeeded(nc_matmul(context(), a, b, select.get(), bias, nullptr, y)));
    expect_close(y, std::vector<double>(static_cast<size_t>(y.size())), 0);
  }
}

TEST(Matmul, ResultsDoNotDependOnThreads) {
  if (runs_reference()) GTEST_SKIP() << "the reference runs on one thread";
  const int32_t threads = nc_num_threads();
  struct Case {
    Shape a, b;
  };
  const Case cases[] = {{{100, 784}, {784, 300}},  {{500, 300}, {300, 400}},     {{1, 700}, {700, 3000}},
                        {{1500, 2000}, {2000, 1}}, {{2000, 300}, {300, 10}},     {{128, 128}, {128, 130}},
                        {{57, 1024}, {1024, 300}}, {{30, 20, 30}, {30, 30, 20}}, {{700, 1}, {1, 900}},
                        {{64, 64}, {64, 64}},      {{53, 70}, {70, 41}},         {{70, 71}, {71, 69}},
                        {{450, 1031}, {1031, 200}}, {{63, 1500}, {1500, 200}}};
  for (nc_dtype dtype : {NC_FLOAT32, NC_FLOAT64, NC_BFLOAT16, NC_INT32}) {
    for (const Case& c : cases) {
      const size_t axes = c.a.size();
      const auto operand = [&](const Shape& shape, bool transposed, unsigned seed) {
        Shape stored = shape;
        if (transposed) std::swap(stored[axes - 2], stored[axes - 1]);
        const Tensor t = Tensor::random(dtype, stored, seed, -9, 9);
        if (!transposed) return t;
        return t.view([&](nc_tensor& v) {
          std::swap(v.shape[axes - 2], v.shape[axes - 1]);
          std::swap(v.strides[axes - 2], v.strides[axes - 1]);
        });
      };
      // The sums are packed in the same order whatever the dtype: float32 stands for all in the other layouts.
      for (int layout = 0; layout < (dtype == NC_FLOAT32 ? 4 : 1); layout++) {
        const Tensor a = operand(c.a, layout & 1, 17), b = operand(c.b, layout & 2, 18);
        Shape shape = c.a;
        shape.back() = c.b.back();
        std::vector<double> first;
        for (int32_t count : {1, 2, 3, 8}) {
          ASSERT_TRUE(succeeded(nc_set_num_threads(count)));
          const Tensor y(dtype, shape);
          ASSERT_TRUE(succeeded(matmul(a, b, y)));
          if (count == 1) first = y.values();
          ASSERT_EQ(y.values(), first) << count << " threads, layout " << layout;
        }
      }
    }
  }
  nc_set_num_threads(threads);
}

TEST(Matmul, BadInputChangesNothing) {
  const Tensor a = Tensor::random(NC_FLOAT32, {3, 4}, 19), b = Tensor::random(NC_FLOAT32, {4, 5}, 20);
  const Tensor y = Tensor::random(NC_FLOAT32, {3, 5}, 21);
  const std::vector<double> before = y.values();
  const Program add = add_extra(NC_FLOAT32);
  const auto refuses = [&](nc_status status, nc_status expected, const char* text) {
    EXPECT_TRUE(failed(status, expected, "nc_matmul"));
    EXPECT_TRUE(failed(status, expected, text));
    EXPECT_EQ(y.values(), before);
  };
  refuses(nc_matmul(nullptr, a, b, nullptr, nullptr, nullptr, y), NC_INVALID_ARGUMENT, "context");
  refuses(nc_matmul(context(), nullptr, b, nullptr, nullptr, nullptr, y), NC_INVALID_ARGUMENT, "a");
  refuses(nc_matmul(context(), a, nullptr, nullptr, nullptr, nullptr, y), NC_INVALID_ARGUMENT, "b");
  refuses(nc_matmul(context(), a, b, nullptr, nullptr, nullptr, nullptr), NC_INVALID_ARGUMENT, "y");
  refuses(matmul(a, Tensor(NC_FLOAT32, {3, 5}), y), NC_INVALID_SHAPE, "(3, 5)");
  refuses(matmul(Tensor(NC_FLOAT32, {4}), b, y), NC_INVALID_SHAPE, "a");
  refuses(matmul(Tensor(NC_FLOAT32, {2, 4}), b, y), NC_INVALID_SHAPE, "y");
  refuses(matmul(Tensor(NC_FLOAT32, {2, 3, 4}), b, y), NC_INVALID_SHAPE, "a");
  refuses(matmul(Tensor(NC_FLOAT64, {3, 4}), b, y), NC_INVALID_DTYPE, "a");
  refuses(matmul(a, b, Tensor(NC_FLOAT64, {3, 5})), NC_INVALID_DTYPE, "y");
  refuses(matmul(a, b, y.view([](nc_tensor& v) { v.strides[0] = 0; })), NC_INVALID_SHAPE, "y");
  refuses(matmul(a, b, y.view([](nc_tensor& v) { v.nbytes -= 1; })), NC_INVALID_SHAPE, "y");
  const Tensor square = Tensor::random(NC_FLOAT32, {4, 4}, 22);
  EXPECT_TRUE(failed(matmul(square, Tensor(NC_FLOAT32, {4, 4}), square), NC_INVALID_ARGUMENT, "y"));
  EXPECT_TRUE(failed(matmul(Tensor(NC_FLOAT32, {4, 4}), square, square), NC_INVALID_ARGUMENT, "y"));

  refuses(nc_matmul(context(), a, b, add.get(), nullptr, nullptr, y), NC_INVALID_ARGUMENT, "extras");
  refuses(nc_matmul(context(), a, b, add.get(), Tensor(NC_FLOAT32, {4}), nullptr, y), NC_INVALID_SHAPE, "extras[0]");
  const Tensor reversed = y.view([](nc_tensor& v) {
    v.offset += 14 * 4;
    v.strides[0] = -5;
    v.strides[1] = -1;
  });
  refuses(nc_matmul(context(), a, b, add.get(), reversed, nullptr, y), NC_INVALID_ARGUMENT, "extras[0]");
  const Program none = program({op(NC_OP_CONSTANT), op(NC_OP_STORE, 0)}, 0, NC_FLOAT32);
  refuses(nc_matmul(context(), a, b, none.get(), nullptr, nullptr, y), NC_INVALID_ARGUMENT, "program");
  const Program parameter =
      program({op(NC_OP_LOAD, 0), op(NC_OP_PARAMETER), op(NC_OP_ADD, 0, 1), op(NC_OP_STORE, 2)}, 1, NC_FLOAT32, 1);
  refuses(nc_matmul(context(), a, b, parameter.get(), nullptr, nullptr, y), NC_INVALID_ARGUMENT, "parameters");
}

}  // namespace
}  // namespace nc::test
