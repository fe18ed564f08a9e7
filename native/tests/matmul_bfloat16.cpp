// Products of bfloat16, and of float32 that may be rounded to it.
#include <algorithm>
#include <array>
#include <bit>
#include <limits>

#include "core/program.hpp"
#include "cpu/gemm/pairs.hpp"
#include "cpu/gemm/tiles.hpp"
#include "nativechain/matmul.h"
#include "support/matrix.hpp"
#include "support/program.hpp"

namespace nc::test {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
const char* const kLayouts[] = {"plain", "transposed", "backwards", "padded", "spread"};

bool has_pairs() {
  const std::string isa = nc_cpu_isa();
  return isa == "avx3_bf16" || isa == "amx";
}

bool rounds(int64_t m, int64_t n) { return has_pairs() && std::min(m, n) >= 16; }

// What a float32 matrix is read as.
std::vector<double> rounded(const Tensor& x) {
  const Tensor y(NC_BFLOAT16, x.shape());
  y.set(x.values());
  return y.values();
}

std::vector<double> expected_of(const Tensor& a, const Tensor& b) {
  const int64_t m = a.shape()[0], n = b.shape()[1];
  if (!rounds(m, n)) return product_of(a, b);
  return product_of(rounded(a), rounded(b), m, a.shape()[1], n);
}

// Operands lie in [-1, 1): the error of the sums alone.
double bound(int64_t depth) { return 0x1p-24 * (2.0 * static_cast<double>(depth) + 16); }

nc_status multiply(const Tensor& a, const Tensor& b, const Tensor& y, const nc_program* program = nullptr,
                   const nc_tensor* extras = nullptr, const nc_scalar* parameters = nullptr) {
  return nc_matmul_with(context(), NC_MATMUL_BFLOAT16, a, b, program, extras, parameters, y);
}

TEST(MatmulBfloat16, SizesAndLayouts) {
  const int64_t sizes[] = {1, 3, 7, 17, 31, 63, 65};
  unsigned seed = 0;
  for (int64_t m : sizes) {
    for (int64_t k : sizes) {
      for (int64_t n : sizes) {
        const char* const la = kLayouts[seed % 5];
        const char* const lb = kLayouts[seed / 5 % 5];
        const char* const ly = kLayouts[seed / 25 % 5];
        SCOPED_TRACE(testing::Message() << m << "x" << k << "x" << n << " " << la << " " << lb << " " << ly);
        const Tensor a = matrix(NC_FLOAT32, m, k, la, seed), b = matrix(NC_FLOAT32, k, n, lb, seed + 1);
        const Tensor y = matrix(NC_FLOAT32, m, n, ly, seed + 2);
        ASSERT_TRUE(succeeded(multiply(a, b, y)));
        expect_close(y, expected_of(a, b), 0, bound(k));
        // Operands of bfloat16 are multiplied as they are, to either dtype.
        const Tensor a2 = matrix(NC_BFLOAT16, m, k, la, seed), b2 = matrix(NC_BFLOAT16, k, n, lb, seed + 1);
        const std::vector<double> product = product_of(a2, b2);
        ASSERT_TRUE(succeeded(nc_matmul(context(), a2, b2, nullptr, nullptr, nullptr, y)));
        expect_close(y, product, 0, bound(k));
        const Tensor y2 = matrix(NC_BFLOAT16, m, n, ly, seed + 2);
        ASSERT_TRUE(succeeded(nc_matmul(context(), a2, b2, nullptr, nullptr, nullptr, y2)));
        expect_close(y2, product, 0x1.01p-8, bound(k));
        seed++;
      }
    }
  }
}

TEST(MatmulBfloat16, EveryLayoutAndBlock) {
  for (const Shape& s :
       {Shape{67, 301, 71}, Shape{33, 1031, 70}, Shape{16, 513, 16}, Shape{520, 17, 130}, Shape{290, 1100, 33}}) {
    for (const char* la : kLayouts) {
      for (const char* lb : kLayouts) {
        const Tensor a = matrix(NC_FLOAT32, s[0], s[1], la, 1), b = matrix(NC_FLOAT32, s[1], s[2], lb, 2);
        const std::vector<double> expected = expected_of(a, b);
        for (const char* ly : {"plain", "transposed", "spread"}) {
          SCOPED_TRACE(testing::Message() << s[0] << "x" << s[1] << "x" << s[2] << " " << la << " " << lb << " " << ly);
          const Tensor y = matrix(NC_FLOAT32, s[0], s[2], ly, 3);
          ASSERT_TRUE(succeeded(multiply(a, b, y)));
          expect_close(y, expected, 0, bound(s[1]));
        }
      }
    }
  }
}

TEST(MatmulBfloat16, RoundsWhereTheMachineGainsByIt) {
  const Tensor a = matrix(NC_FLOAT32, 40, 90, "plain", 4), b = matrix(NC_FLOAT32, 90, 50, "plain", 5);
  const Tensor full(NC_FLOAT32, {40, 50}), y(NC_FLOAT32, {40, 50}), same(NC_FLOAT32, {40, 50});
  ASSERT_TRUE(succeeded(nc_matmul(context(), a, b, nullptr, nullptr, nullptr, full)));
  ASSERT_TRUE(succeeded(multiply(a, b, y)));
  ASSERT_TRUE(succeeded(nc_matmul_with(context(), NC_MATMUL_FLOAT32, a, b, nullptr, nullptr, nullptr, same)));
  EXPECT_EQ(same.values(), full.values());
  expect_close(full, product_of(a, b), 0, bound(90));
  EXPECT_EQ(y.values() != full.values(), has_pairs());
  // No more than 2^-8 of the sum of the magnitudes.
  std::vector<double> av = a.values(), bv = b.values();
  for (double& v : av) v = std::fabs(v);
  for (double& v : bv) v = std::fabs(v);
  const std::vector<double> limit = product_of(av, bv, 40, 90, 50), exact = product_of(a, b), values = y.values();
  for (size_t i = 0; i < values.size(); i++) ASSERT_LE(std::fabs(values[i] - exact[i]), limit[i] * 0x1p-8);
}

TEST(MatmulBfloat16, OtherDtypesAreAsTheyAre) {
  for (nc_dtype dtype : {NC_FLOAT64, NC_FLOAT16, NC_BFLOAT16, NC_INT32, NC_BOOL}) {
    const Tensor a = matrix(dtype, 20, 30, "plain", 6), b = matrix(dtype, 30, 40, "plain", 7);
    const Tensor full(dtype, {20, 40}), y(dtype, {20, 40});
    ASSERT_TRUE(succeeded(nc_matmul(context(), a, b, nullptr, nullptr, nullptr, full)));
    ASSERT_TRUE(succeeded(multiply(a, b, y)));
    EXPECT_EQ(y.values(), full.values()) << nc_dtype_name(dtype);
  }
}

TEST(MatmulBfloat16, Epilogues) {
  for (const Shape& s : {Shape{70, 300, 67}, Shape{37, 600, 40}, Shape{17, 5, 33}}) {
    for (const char* layout : {"plain", "transposed", "spread"}) {
      SCOPED_TRACE(testing::Message() << s[0] << "x" << s[1] << "x" << s[2] << " " << layout);
      const Tensor a = matrix(NC_FLOAT32, s[0], s[1], "plain", 8), b = matrix(NC_FLOAT32, s[1], s[2], "transposed", 9);
      const std::vector<double> ab = expected_of(a, b);
      const double limit = 2 * bound(s[1]);
      const size_t n = static_cast<size_t>(s[2]);
      std::vector<double> expected(ab.size());
      Code add(NC_FLOAT32), relu(NC_FLOAT32), square(NC_FLOAT32), scale(NC_FLOAT32);
      add.store(add.op(NC_OP_ADD, add.load(0), add.load(1)));
      const int sum = relu.op(NC_OP_ADD, relu.load(0), relu.load(1));
      relu.store(relu.op(NC_OP_MAXIMUM, sum, relu.constant(0)));
      square.store(square.op(NC_OP_SQUARE, square.op(NC_OP_SUBTRACT, square.load(0), square.load(1))));
      scale.store(scale.op(NC_OP_MULTIPLY, scale.load(0), scale.parameter(0)));

      const Tensor bias = Tensor::random(NC_FLOAT32, {s[2]}, 10);
      const std::vector<double> bv = bias.values();
      const Tensor y = matrix(NC_FLOAT32, s[0], s[2], layout, 11);
      for (size_t i = 0; i < ab.size(); i++) expected[i] = std::max(ab[i] + bv[i % n], 0.0);
      const std::vector<double> before = y.values();
      ASSERT_TRUE(succeeded(multiply(a, b, y, relu.build(), bias)));
      expect_close(y, expected, 0, limit);
      for (size_t i = 0; i < ab.size(); i++) expected[i] = (ab[i] - bv[i % n]) * (ab[i] - bv[i % n]);
      ASSERT_TRUE(succeeded(multiply(a, b, y, square.build(), bias)));
      expect_close(y, expected, 0x1p-20, 100 * limit);
      y.set(before);
      for (size_t i = 0; i < ab.size(); i++) expected[i] = before[i] + ab[i];
      ASSERT_TRUE(succeeded(multiply(a, b, y, add.build(), y)));
      expect_close(y, expected, 0, limit);
      const nc_scalar half{nullptr, 0.5, 0};
      for (size_t i = 0; i < ab.size(); i++) expected[i] = 0.5 * ab[i];
      ASSERT_TRUE(succeeded(multiply(a, b, y, scale.build(), nullptr, &half)));
      expect_close(y, expected, 0, limit);
      // The result of bfloat16 operands in float32, with its bias.
      const Tensor a2 = matrix(NC_BFLOAT16, s[0], s[1], "plain", 8), b2 = matrix(NC_BFLOAT16, s[1], s[2], "padded", 9);
      const std::vector<double> ab2 = product_of(a2, b2);
      for (size_t i = 0; i < ab.size(); i++) expected[i] = ab2[i] + bv[i % n];
      ASSERT_TRUE(succeeded(nc_matmul(context(), a2, b2, add.build(), bias, nullptr, y)));
      expect_close(y, expected, 0, limit);
    }
  }
}

TEST(MatmulBfloat16, NoDepthGivesZerosAndNoElementNothing) {
  for (nc_dtype dtype : {NC_FLOAT32, NC_BFLOAT16}) {
    for (const Shape& s : {Shape{2, 3}, Shape{40, 50}, Shape{300, 600}}) {
      const Tensor y = Tensor::random(dtype, s, 12, 1, 2);
      ASSERT_TRUE(succeeded(multiply(Tensor(dtype, {s[0], 0}), Tensor(dtype, {0, s[1]}), y)));
      expect_close(y, std::vector<double>(static_cast<size_t>(y.size())), 0);
    }
    EXPECT_TRUE(succeeded(multiply(Tensor(dtype, {0, 30}), Tensor(dtype, {30, 40}), Tensor(dtype, {0, 40}))));
    EXPECT_TRUE(succeeded(multiply(Tensor(dtype, {30, 40}), Tensor(dtype, {40, 0}), Tensor(dtype, {30, 0}))));
  }
}

TEST(MatmulBfloat16, LeadingAxesAreBroadcast) {
  for (const Shape& s : {Shape{5, 17, 33, 19}, Shape{3, 200, 180, 190}, Shape{7, 3, 2, 4}}) {
    const Tensor a = Tensor::random(NC_FLOAT32, {s[0], s[1], s[2]}, 13),
                 b = Tensor::random(NC_FLOAT32, {s[2], s[3]}, 14);
    const Tensor both = Tensor::random(NC_FLOAT32, {s[0], s[2], s[3]}, 15), y(NC_FLOAT32, {s[0], s[1], s[3]});
    for (const Tensor& right : {b, both}) {
      ASSERT_TRUE(succeeded(multiply(a, right, y)));
      const std::vector<double> values = y.values();
      // Where b does not change, the rows of all matrices are one's.
      const bool round = rounds(right.shape().size() == 2 ? s[0] * s[1] : s[1], s[3]);
      const std::vector<double> av = round ? rounded(a) : a.values(), bv = round ? rounded(right) : right.values();
      const auto part = [&](const std::vector<double>& v, int64_t at, int64_t size) {
        return std::vector<double>(v.begin() + at * size, v.begin() + (at + 1) * size);
      };
      for (int64_t batch = 0; batch < s[0]; batch++) {
        const int64_t at = right.shape().size() == 2 ? 0 : batch;
        expect_close(part(values, batch, s[1] * s[3]),
                     product_of(part(av, batch, s[1] * s[2]), part(bv, at, s[2] * s[3]), s[1], s[2], s[3]), 0,
                     bound(s[2]));
      }
    }
  }
}

TEST(MatmulBfloat16, NonFiniteValuesStayInTheirRowsAndColumns) {
  for (nc_dtype dtype : {NC_FLOAT32, NC_BFLOAT16}) {
    for (const Shape& s : {Shape{3, 3, 2}, Shape{50, 71, 40}, Shape{100, 200, 17}, Shape{33, 600, 90}}) {
      const Tensor a(dtype, {s[0], s[1]}), b(dtype, {s[1], s[2]}), y(NC_FLOAT32, {s[0], s[2]});
      std::vector<double> av(static_cast<size_t>(a.size()), 1), bv(static_cast<size_t>(b.size()), 1);
      std::vector<double> expected(static_cast<size_t>(y.size()), static_cast<double>(s[1]));
      av[(s[0] - 1) * s[1] + 1] = kInfinity;
      bv[1 * s[2] + s[2] - 1] = kNaN;
      for (int64_t j = 0; j < s[2]; j++) expected[(s[0] - 1) * s[2] + j] = kInfinity;
      for (int64_t i = 0; i < s[0]; i++) expected[i * s[2] + s[2] - 1] = kNaN;
      a.set(av);
      b.set(bv);
      ASSERT_TRUE(succeeded(multiply(a, b, y)));
      expect_close(y, expected, 0);
    }
  }
}

// Half way between two neighbours the even one is taken; the largest float32 rounds to infinity; denormals are 0.
TEST(MatmulBfloat16, RoundsToNearestEven) {
  if (!has_pairs()) GTEST_SKIP() << nc_cpu_isa() << " rounds no float32";
  const Tensor a(NC_FLOAT32, {16, 16}), b(NC_FLOAT32, {16, 16}), y(NC_FLOAT32, {16, 16});
  std::vector<double> x(256), identity(256), expected(256);
  for (size_t i = 0; i < 16; i++) identity[i * 16 + i] = 1;
  b.set(identity);
  const double cases[][2] = {
      {1 + 0x1p-8, 1}, {1 + 0x3p-8, 1 + 0x2p-7}, {1 + 0x1.0002p-8, 1 + 0x1p-7}, {-1 - 0x3p-8, -1 - 0x2p-7},
      {0x1p-130, 0},   {0x1p-126, 0x1p-126}};
  for (size_t i = 0; i < std::size(cases); i++) {
    x[i * 16 + i] = cases[i][0];
    expected[i * 16 + i] = cases[i][1];
  }
  a.set(x);
  ASSERT_TRUE(succeeded(multiply(a, b, y)));
  EXPECT_EQ(y.values(), expected);
  a.set(std::vector<double>(256, std::numeric_limits<float>::max()));
  b.set(std::vector<double>(256, 1));
  ASSERT_TRUE(succeeded(multiply(a, b, y)));
  expect_close(y, std::vector<double>(256, kInfinity), 0);
}

TEST(MatmulBfloat16, ResultsDoNotDependOnThreads) {
  const int32_t threads = nc_num_threads();
  for (nc_dtype dtype : {NC_FLOAT32, NC_BFLOAT16}) {
    for (const Shape& s : {Shape{100, 584, 150}, Shape{260, 150, 270}, Shape{16, 300, 1500}, Shape{560, 600, 40},
                           Shape{577, 1031, 33}, Shape{290, 2081, 33}}) {
      const Tensor a = Tensor::random(dtype, {s[0], s[1]}, 17, -9, 9),
                   b = Tensor::random(dtype, {s[1], s[2]}, 18, -9, 9);
      std::vector<double> first;
      for (int32_t count : {1, 2, 3, 8}) {
        ASSERT_TRUE(succeeded(nc_set_num_threads(count)));
        const Tensor y(dtype, {s[0], s[2]});
        ASSERT_TRUE(succeeded(multiply(a, b, y)));
        if (count == 1) first = y.values();
        ASSERT_EQ(y.values(), first) << count << " threads";
      }
    }
  }
  nc_set_num_threads(threads);
}

TEST(MatmulBfloat16, BadInputChangesNothing) {
  const Tensor a = Tensor::random(NC_FLOAT32, {3, 4}, 19), b = Tensor::random(NC_FLOAT32, {4, 5}, 20);
  const Tensor y = Tensor::random(NC_FLOAT32, {3, 5}, 21);
  const std::vector<double> before = y.values();
  for (int32_t precision : {-1, 2}) {
    EXPECT_TRUE(failed(nc_matmul_with(context(), precision, a, b, nullptr, nullptr, nullptr, y), NC_INVALID_ARGUMENT,
                       "nc_matmul_with: precision is"));
  }
  EXPECT_TRUE(failed(multiply(a, Tensor(NC_FLOAT32, {3, 5}), y), NC_INVALID_SHAPE, "(3, 5)"));
  EXPECT_TRUE(failed(multiply(Tensor(NC_BFLOAT16, {3, 4}), b, y), NC_INVALID_DTYPE, "a"));
  EXPECT_TRUE(failed(multiply(Tensor(NC_BFLOAT16, {3, 4}), Tensor(NC_BFLOAT16, {4, 5}), Tensor(NC_FLOAT16, {3, 5})),
                     NC_INVALID_DTYPE, "y"));
  EXPECT_TRUE(failed(multiply(Tensor(NC_INT32, {3, 4}), Tensor(NC_INT32, {4, 5}), Tensor(NC_INT64, {3, 5})),
                     NC_INVALID_DTYPE, "y"));
  EXPECT_EQ(y.values(), before);
}

float flush(float x) { return std::fpclassify(x) == FP_SUBNORMAL ? std::copysign(0.0f, x) : x; }

struct Tile {
  int rows = 0, bytes = 0;
  alignas(4) uint8_t data[16][64] = {};
  float& f32(int row, int column) { return *reinterpret_cast<float*>(data[row] + 4 * column); }
  float bf16(int row, int at) {
    uint16_t bits;
    std::memcpy(&bits, data[row] + 2 * at, 2);
    return flush(std::bit_cast<float>(static_cast<uint32_t>(bits) << 16));
  }
};

// The tile instructions as Intel's manual defines them, with what they refuse: the kernel of AMX runs here whole, but
// for the encoding of its instructions.
struct TileModel {
  static inline std::array<Tile, 8> tiles;
  static inline bool configured = false;
  static inline int dots = 0;

  static Tile& used(int t) {
    EXPECT_TRUE(configured && t < 8 && tiles[t].rows > 0) << "tile " << t;
    return tiles[t];
  }

  static void configure(const cpu::gemm::TileConfig& config) {
    EXPECT_EQ(reinterpret_cast<uintptr_t>(&config) % 64, 0u);
    EXPECT_EQ(config.palette, 1);
    EXPECT_EQ(config.start_row, 0);
    for (uint8_t byte : config.reserved) EXPECT_EQ(byte, 0);
    for (int t = 0; t < 16; t++) {
      EXPECT_LE(config.rows[t], t < 8 ? 16 : 0);
      EXPECT_LE(config.row_bytes[t], t < 8 ? 64 : 0);
      EXPECT_EQ(config.rows[t] == 0, config.row_bytes[t] == 0);
      if (t < 8) tiles[t] = Tile{config.rows[t], config.row_bytes[t], {}};
    }
    configured = true;
  }
  static void release() { configured = false; }
  template <int t>
  static void zero() {
    Tile& tile = used(t);
    std::memset(tile.data, 0, sizeof(tile.data));
  }
  template <int t>
  static void load(const void* from, int64_t stride) {
    Tile& tile = used(t);
    std::memset(tile.data, 0, sizeof(tile.data));
    for (int i = 0; i < tile.rows; i++)
      std::memcpy(tile.data[i], static_cast<const char*>(from) + i * stride, static_cast<size_t>(tile.bytes));
  }
  template <int t>
  static void store(void* to, int64_t stride) {
    Tile& tile = used(t);
    for (int i = 0; i < tile.rows; i++)
      std::memcpy(static_cast<char*>(to) + i * stride, tile.data[i], static_cast<size_t>(tile.bytes));
  }
  // TDPBF16PS: sums of the even and of the odd products by fused steps, rounded to nearest even, denormals flushed;
  // then their sum, then c.
  template <int c, int a, int b>
  static void dot() {
    Tile &x = used(a), &w = used(b), &y = used(c);
    EXPECT_TRUE(y.rows == x.rows && y.bytes == w.bytes && x.bytes == 4 * w.rows && x.bytes % 4 == 0 &&
                y.bytes % 4 == 0);
    for (int i = 0; i < y.rows; i++) {
      for (int j = 0; j < y.bytes / 4; j++) {
        float even = 0, odd = 0;
        for (int k = 0; k < x.bytes / 4; k++) {
          even = flush(std::fma(x.bf16(i, 2 * k), w.bf16(k, 2 * j), even));
          odd = flush(std::fma(x.bf16(i, 2 * k + 1), w.bf16(k, 2 * j + 1), odd));
        }
        y.f32(i, j) = flush(flush(y.f32(i, j)) + flush(even + odd));
      }
    }
    dots++;
  }
};

using TileKernel = cpu::gemm::TileProduct<TileModel>;

// The kernel alone, on operands packed by plain loops, at every ISA.
TEST(MatmulTiles, EveryHeightAndWidth) {
  using cpu::gemm::kPairColumns, cpu::gemm::kPairStep;
  for (int64_t m : {1, 15, 16, 17, 31, 32, 33, 47, 64, 65, 97}) {
    for (int64_t n : {1, 7, 15, 16, 17, 31, 32}) {
      for (int64_t depth : {0, 1, 2, 31, 32, 33, 65, 512}) {
        SCOPED_TRACE(testing::Message() << m << "x" << depth << "x" << n);
        const Tensor a = matrix(NC_BFLOAT16, m, depth, "plain", 22), b = matrix(NC_BFLOAT16, depth, n, "plain", 23);
        const int64_t steps = (depth + kPairStep - 1) / kPairStep;
        const int64_t row = cpu::gemm::pair_row(steps * kPairStep);
        std::vector<uint16_t> left(static_cast<size_t>(m * row), 0x7FC0),
            right(static_cast<size_t>(steps * kPairStep * kPairColumns));
        for (int64_t i = 0; i < m; i++) {
          for (int64_t k = 0; k < steps * kPairStep; k++)
            left[i * row + k] = k < depth ? a.data<uint16_t>()[i * depth + k] : 0;
        }
        for (int64_t k = 0; k < depth; k++)
          for (int64_t j = 0; j < n; j++) right[(k / 2 * kPairColumns + j) * 2 + k % 2] = b.data<uint16_t>()[k * n + j];
        const std::vector<double> product = product_of(a, b);
        const int64_t step = n + 3;
        for (bool add : {false, true}) {
          std::vector<float> y(static_cast<size_t>((m - 1) * step + n), 0.5f);
          TileKernel::multiply(m, n, depth, left.data(), row, right.data(), {}, y.data(), step, add);
          EXPECT_FALSE(TileModel::configured) << "tiles are released";
          for (int64_t i = 0; i < m; i++) {
            for (int64_t j = 0; j < step && i * step + j < static_cast<int64_t>(y.size()); j++) {
              const double expected = j >= n ? 0.5 : product[i * n + j] + (add ? 0.5 : 0);
              ASSERT_NEAR(y[i * step + j], expected, bound(depth)) << i << ", " << j;
            }
          }
        }
      }
    }
  }
}

#if defined(__x86_64__)
// Under the driver that serves the machine's own kernel, which packs by AVX512-BF16.
TEST(MatmulTiles, WholeProducts) {
  if (!has_pairs()) GTEST_SKIP() << nc_cpu_isa() << " has no instructions for bfloat16";
  const cpu::gemm::PairKernel kernel = TileKernel::kernel();
  const int32_t threads = nc_num_threads();
  nc_set_num_threads(1);  // the model has one set of tiles
  for (const Shape& s : {Shape{17, 33, 65}, Shape{131, 97, 67}, Shape{64, 1031, 70}, Shape{530, 40, 33}}) {
    for (const char* layout : kLayouts) {
      for (nc_dtype dtype : {NC_FLOAT32, NC_BFLOAT16}) {
        SCOPED_TRACE(testing::Message() << s[0] << "x" << s[1] << "x" << s[2] << " " << layout);
        const Tensor a = matrix(dtype, s[0], s[1], layout, 24), b = matrix(dtype, s[1], s[2], layout, 25);
        const Tensor y(NC_FLOAT32, {s[0], s[2]});
        const auto epilogue = cpu::gemm::Epilogue::of(nullptr, nullptr, nullptr, NC_FLOAT32, nullptr);
        TileModel::dots = 0;
        cpu::gemm::multiply_pairs({.a = {data<char>(*a), dtype, s[0], (*a).strides[0], (*a).strides[1]},
                                   .b = {data<char>(*b), dtype, s[2], (*b).strides[1], (*b).strides[0]},
                                   .depth = s[1],
                                   .y = *y,
                                   .extras = nullptr,
                                   .n_extras = 0,
                                   .epilogue = &epilogue},
                                  kernel);
        EXPECT_GT(TileModel::dots, 0);
        expect_close(y, product_of(rounded(a), rounded(b), s[0], s[1], s[2]), 0, bound(s[1]));
      }
    }
  }
  nc_set_num_threads(threads);
}
#endif

}  // namespace
}  // namespace nc::test
