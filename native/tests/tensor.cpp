#include "core/tensor.hpp"

#include <random>
#include <set>

#include "core/loops.hpp"
#include "support/tensor.hpp"

using namespace nc;
using namespace nc::test;

namespace {

nc_tensor make(nc_dtype dtype, const Shape& shape, const Shape& strides, int64_t offset, int64_t nbytes, void* base) {
  nc_tensor t = {};
  t.base = base;
  t.nbytes = nbytes;
  t.offset = offset;
  t.device_type = NC_CPU;
  t.dtype = dtype;
  t.ndim = static_cast<int32_t>(shape.size());
  std::copy(shape.begin(), shape.end(), t.shape);
  std::copy(strides.begin(), strides.end(), t.strides);
  return t;
}

alignas(64) char block[1 << 16];

template <class F>
std::string error_of(F&& f) {
  try {
    f();
  } catch (const Error& e) {
    return e.what();
  }
  return "";
}

std::string check(const nc_tensor& t) {
  return error_of([&] { check_tensor(context(), "x", &t); });
}

TEST(CheckTensor, TakesWhatLiesInItsBlock) {
  EXPECT_EQ(check(make(NC_FLOAT32, {2, 3}, {3, 1}, 0, 24, block)), "");
  EXPECT_EQ(check(make(NC_FLOAT32, {2, 3}, {-3, -1}, 20, 24, block)), "");
  EXPECT_EQ(check(make(NC_FLOAT32, {}, {}, 20, 24, block)), "");
  EXPECT_EQ(check(make(NC_FLOAT32, {1 << 20, 3}, {0, 1}, 0, 12, block)), "");
  EXPECT_EQ(check(make(NC_FLOAT32, {0, 3}, {3, 1}, 0, 0, nullptr)), "");
  EXPECT_EQ(check(make(NC_FLOAT32, {1, 3}, {1 << 30, 1}, 0, 12, block)), "");
}

TEST(CheckTensor, RefusesTheRest) {
  const auto has = [](const std::string& text, const char* part) { return text.find(part) != std::string::npos; };
  EXPECT_TRUE(has(check(make(NC_FLOAT32, {2, 3}, {3, 1}, 0, 23, block)), "leaves its block"));
  EXPECT_TRUE(has(check(make(NC_FLOAT32, {2, 3}, {3, 1}, 4, 24, block)), "leaves its block"));
  EXPECT_TRUE(has(check(make(NC_FLOAT32, {2, 3}, {-3, 1}, 8, 24, block)), "leaves its block"));
  EXPECT_TRUE(has(check(make(NC_FLOAT32, {}, {}, 24, 24, block)), "leaves its block"));
  EXPECT_TRUE(has(check(make(NC_FLOAT32, {2}, {1}, 2, 24, block)), "aligned"));
  EXPECT_TRUE(has(check(make(NC_FLOAT32, {2}, {1}, -4, 24, block)), "starts at byte -4"));
  EXPECT_TRUE(has(check(make(NC_FLOAT32, {2}, {1}, 28, 24, block)), "starts at byte 28"));
  EXPECT_TRUE(has(check(make(NC_FLOAT32, {-1}, {1}, 0, 24, block)), "negative extent"));
  EXPECT_TRUE(has(check(make(8, {1}, {1}, 0, 24, block)), "dtype 8"));
  EXPECT_TRUE(has(check(make(-1, {1}, {1}, 0, 24, block)), "dtype -1"));
  EXPECT_TRUE(has(check(make(NC_FLOAT32, {1}, {1}, 0, -1, block)), "-1 bytes"));
  EXPECT_TRUE(has(check(make(NC_FLOAT32, {1}, {1}, 0, 24, nullptr)), "base is null"));
  EXPECT_TRUE(has(check(make(NC_FLOAT32, {1 << 20, 1 << 20, 1 << 20}, {0, 0, 0}, 0, 24, block)), "too many elements"));
  EXPECT_TRUE(has(check(make(NC_FLOAT32, {0, INT64_MAX, 2}, {1, 1, 1}, 0, 24, block)), "too many elements"));
  EXPECT_TRUE(has(check(make(NC_FLOAT32, {3}, {INT64_MAX}, 0, 24, block)), "stride"));
  EXPECT_TRUE(has(check(make(NC_FLOAT32, {3}, {INT64_MIN}, 0, 24, block)), "stride"));
  EXPECT_TRUE(has(check(make(NC_FLOAT32, {1 << 30, 1 << 20}, {1 << 30, 1}, 0, 24, block)), "leaves its block"));
  nc_tensor t = make(NC_FLOAT32, {}, {}, 0, 24, block);
  t.ndim = 9;
  EXPECT_TRUE(has(check(t), "9 axes"));
  t.ndim = -1;
  EXPECT_TRUE(has(check(t), "-1 axes"));
  t.ndim = 0;
  t.device_id = 1;
  EXPECT_TRUE(has(check(t), "cpu:1"));
}

// Byte sets by enumeration: the oracle of every overlap check.
std::multiset<int64_t> bytes_of(const nc_tensor& t) {
  std::multiset<int64_t> bytes;
  const int64_t item = dtype_size(t.dtype), n = size_of(t);
  for (int64_t k = 0; k < n; k++) {
    int64_t rest = k, at = t.offset;
    for (int i = t.ndim - 1; i >= 0; i--) {
      at += rest % t.shape[i] * t.strides[i] * item;
      rest /= t.shape[i];
    }
    for (int64_t b = 0; b < item; b++) bytes.insert(at + b);
  }
  return bytes;
}

nc_tensor random_view(std::mt19937& engine) {
  const nc_dtype dtypes[] = {NC_UINT8, NC_FLOAT16, NC_FLOAT32, NC_FLOAT64};
  for (;;) {
    const auto below = [&](int n) { return static_cast<int64_t>(engine() % n); };
    Shape shape, strides;
    for (int64_t i = below(4); i > 0; i--) {
      shape.push_back(below(5));
      strides.push_back(below(25) - 8);
    }
    const nc_dtype dtype = dtypes[below(4)];
    const nc_tensor t = make(dtype, shape, strides, below(40) * dtype_size(dtype), 512, block);
    if (check(t).empty()) return t;
  }
}

TEST(CheckOverlap, AgreesWithEnumeration) {
  std::mt19937 engine(1);
  int overlapping = 0, disjoint = 0;
  for (int k = 0; k < 20000; k++) {
    const nc_tensor x = random_view(engine), y = random_view(engine);
    const auto a = bytes_of(x), b = bytes_of(y);
    bool expected = false;
    for (const int64_t byte : a) expected |= b.count(byte) > 0;
    const bool refused = !error_of([&] { check_overlap("x", x, "y", y, Aliasing::none); }).empty();
    ASSERT_EQ(refused, expected) << describe(x) << " at " << x.offset << ", " << describe(y) << " at " << y.offset;
    (expected ? overlapping : disjoint)++;
  }
  EXPECT_GT(overlapping, 1000);
  EXPECT_GT(disjoint, 1000);
}

TEST(CheckOverlap, TakesTheSameViewWhereAllowed) {
  const nc_tensor x = make(NC_FLOAT32, {4, 4}, {4, 1}, 0, 64, block);
  EXPECT_EQ(error_of([&] { check_overlap("x", x, "y", x, Aliasing::exact); }), "");
  nc_tensor transposed = x, other = x;
  std::swap(transposed.strides[0], transposed.strides[1]);
  EXPECT_NE(error_of([&] { check_overlap("x", x, "y", transposed, Aliasing::exact); }), "");
  other.dtype = NC_INT32;
  EXPECT_NE(error_of([&] { check_overlap("x", x, "y", other, Aliasing::exact); }), "");
  const nc_tensor row = make(NC_FLOAT32, {1, 4}, {9, 1}, 0, 64, block),
                  column = make(NC_FLOAT32, {4, 1}, {1, 5}, 0, 64, block);
  EXPECT_EQ(error_of([&] { check_overlap("x", row, "y", column, Aliasing::exact); }), "");
}

// Never takes a view whose elements share memory. (Some interleaved ones that do not are refused as well.)
TEST(CheckOutput, RefusesSharedElements) {
  std::mt19937 engine(2);
  int taken = 0;
  for (int k = 0; k < 20000; k++) {
    const nc_tensor y = random_view(engine);
    if (!error_of([&] { check_output(context(), "y", &y); }).empty()) continue;
    taken++;
    const auto bytes = bytes_of(y);
    ASSERT_EQ(std::set<int64_t>(bytes.begin(), bytes.end()).size(), bytes.size()) << describe(y);
  }
  EXPECT_GT(taken, 2000);
}

TEST(CheckOutput, TakesSlicesAndTranspositions) {
  for (const auto& [shape, strides] : std::vector<std::pair<Shape, Shape>>{{{5, 7}, {7, 1}},
                                                                           {{7, 5}, {1, 7}},
                                                                           {{3, 4}, {14, 2}},
                                                                           {{3, 2, 2}, {1, 30, 10}},
                                                                           {{1, 3}, {0, 1}},
                                                                           {{0, 3}, {0, 0}}}) {
    const nc_tensor y = make(NC_FLOAT32, shape, strides, 0, 1024, block);
    EXPECT_EQ(error_of([&] { check_output(context(), "y", &y); }), "");
  }
}

TEST(BroadcastTo, RepeatsByStrideZero) {
  const nc_tensor x = make(NC_FLOAT32, {3, 1}, {1, 1}, 0, 64, block);
  const int64_t shape[] = {2, 3, 4};
  const nc_tensor y = broadcast_to("x", x, 3, shape);
  EXPECT_EQ(shape_text(y), "(2, 3, 4)");
  EXPECT_EQ(y.strides[0], 0);
  EXPECT_EQ(y.strides[1], 1);
  EXPECT_EQ(y.strides[2], 0);
  const int64_t wrong[] = {2, 4, 4}, few[] = {3};
  EXPECT_NE(error_of([&] { broadcast_to("x", x, 3, wrong); }), "");
  EXPECT_NE(error_of([&] { broadcast_to("x", x, 1, few); }), "");
}

// Each element of both operands is met once, together with its partner.
TEST(Loops, VisitEachPairOnce) {
  std::mt19937 engine(3);
  for (int k = 0; k < 3000; k++) {
    nc_tensor y = random_view(engine), x = y;
    for (int i = 0; i < x.ndim; i++) x.strides[i] = static_cast<int64_t>(engine() % 25) - 8;
    x.offset = 8 * static_cast<int64_t>(engine() % 40);
    if (!check(x).empty()) continue;
    std::multiset<std::pair<int64_t, int64_t>> expected, met;
    const int64_t n = size_of(y), item = dtype_size(y.dtype);
    for (int64_t e = 0; e < n; e++) {
      int64_t rest = e, at_y = y.offset, at_x = x.offset;
      for (int i = y.ndim - 1; i >= 0; i--) {
        at_y += rest % y.shape[i] * y.strides[i] * item;
        at_x += rest % y.shape[i] * x.strides[i] * item;
        rest /= y.shape[i];
      }
      expected.insert({at_y, at_x});
    }
    const auto loops = make_loops<2>({&y, &x});
    if (!loops.empty) {
      // In two parts, to see that a walk can begin anywhere.
      const int64_t middle = loops.rows / 2;
      for (const auto& [begin, end] : {std::pair{int64_t{0}, middle}, std::pair{middle, loops.rows}})
        loops.for_rows(begin, end, [&](char* const* at) {
          for (int64_t i = 0; i < loops.row(); i++)
            met.insert({at[0] + i * loops.step(0) - block, at[1] + i * loops.step(1) - block});
        });
    }
    ASSERT_EQ(met, expected);
  }
}

}  // namespace
