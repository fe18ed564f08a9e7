// Descriptors whose base and nbytes are true and whose other fields are wild, through every exported function that
// takes one: no call may crash or leave a block, and a call that fails changes nothing.
#include <cmath>
#include <cstring>
#include <limits>
#include <random>

#include "support/tensor.hpp"

using namespace nc::test;

namespace {

class Fuzz {
 public:
  explicit Fuzz(unsigned seed) : engine_(seed) {
    for (Block& b : blocks_) {
      b.bytes.reset(static_cast<char*>(::operator new (kBytes, std::align_val_t{64})));
      for (int i = 0; i < kBytes; i++) b.bytes.get()[i] = static_cast<char>(engine_());
      // A part of small numbers, so that indices sometimes fit.
      for (int i = 0; i < kBytes / 2; i += 8) {
        const int64_t small = static_cast<int64_t>(engine_() % 5) - 1;
        std::memcpy(b.bytes.get() + i, &small, 8);
      }
    }
  }

  int64_t below(int64_t n) { return static_cast<int64_t>(engine_() % static_cast<uint64_t>(n)); }
  bool chance(int percent) { return below(100) < percent; }
  int64_t wild() {
    static constexpr int64_t values[] = {0,         1,         -1,          2,         7,         8,
                                         9,         63,        64,          kBytes,    -kBytes,   INT32_MAX,
                                         INT32_MIN, INT64_MAX, INT64_MIN,   1LL << 31, 1LL << 32, 1LL << 55,
                                         1LL << 56, 1LL << 60, -(1LL << 56)};
    return values[below(std::size(values))];
  }
  double number() {
    static constexpr double values[] = {0, 1, -1, 0.5, 2, -2, 1e300, -1e300, 1e-310, INFINITY, -INFINITY, NAN};
    return values[below(std::size(values))];
  }

  // A view in one of four blocks; about half of them valid.
  nc_tensor tensor() {
    nc_tensor t = {};
    const Block& block = blocks_[below(4)];
    t.base = block.bytes.get();
    t.nbytes = kBytes;
    t.device_type = NC_CPU;
    t.dtype = chance(75) ? NC_FLOAT32 : static_cast<int32_t>(below(8));
    t.ndim = static_cast<int32_t>(chance(75) ? 2 : below(5));
    int64_t n = 1;
    for (int i = t.ndim - 1; i >= 0; i--) {
      t.shape[i] = chance(85) ? 3 : below(5);
      t.strides[i] = n;
      n *= std::max<int64_t>(t.shape[i], 1);
    }
    if (chance(20)) std::swap(t.strides[0], t.strides[1]);
    t.offset = chance(70) ? below(8) * 64 : below(kBytes);
    if (chance(20)) {
      switch (below(8)) {
        case 0:
          t.offset = wild();
          break;
        case 1:
          t.shape[below(8)] = wild();
          break;
        case 2:
          t.strides[below(8)] = wild();
          break;
        case 3:
          t.ndim = static_cast<int32_t>(wild());
          break;
        case 4:
          t.dtype = static_cast<int32_t>(wild());
          break;
        case 5:
          t.device_type = static_cast<int32_t>(wild());
          break;
        case 6:
          t.strides[below(8)] = -below(5);
          break;
        default:
          for (int i = 0; i < 8; i++) {
            t.shape[i] = wild();
            t.strides[i] = wild();
          }
      }
    }
    return t;
  }

  nc_scalar scalar(const nc_tensor* tensor) {
    const bool by_tensor = chance(20);
    return {by_tensor ? tensor : nullptr, number(), chance(50) ? below(100) * 4 : wild()};
  }

  // Counts the call; what failed must have left every block as it was (but for a matrix that has no result).
  template <class Call>
  void run(const char* name, Call call) {
    for (Block& b : blocks_) std::memcpy(b.before, b.bytes.get(), kBytes);
    const nc_status status = call();
    ASSERT_GE(status, NC_OK);
    ASSERT_TRUE(status <= NC_BACKEND_ERROR || status == NC_LINALG_ERROR) << name << ": " << nc_last_error();
    (status == NC_OK ? succeeded_ : failed_)++;
    if (status == NC_OK || status == NC_LINALG_ERROR) return;
    ASSERT_EQ(std::strncmp(nc_last_error(), name, std::strlen(name)), 0) << nc_last_error();
    for (Block& b : blocks_) ASSERT_EQ(std::memcmp(b.before, b.bytes.get(), kBytes), 0) << nc_last_error();
  }

  int64_t succeeded() const { return succeeded_; }
  int64_t failed() const { return failed_; }

 private:
  static constexpr int kBytes = 4096;
  struct Block {
    struct Free {
      void operator()(char* p) const { ::operator delete (p, std::align_val_t{64}); }
    };
    std::unique_ptr<char, Free> bytes;
    char before[kBytes];
  };
  Block blocks_[4];
  std::mt19937_64 engine_;
  int64_t succeeded_ = 0, failed_ = 0;
};

constexpr int kCalls = 4000;

TEST(Fuzz, CopyAndFill) {
  Fuzz f(1);
  for (int i = 0; i < kCalls; i++) {
    const nc_tensor x = f.tensor(), y = f.tensor(), v = f.tensor();
    const nc_scalar value = f.scalar(&v);
    f.run("nc_copy", [&] { return nc_copy(context(), &x, &y); });
    f.run("nc_fill", [&] { return nc_fill(context(), value, &y); });
  }
  EXPECT_GT(f.succeeded(), kCalls / 20);
  EXPECT_GT(f.failed(), kCalls / 20);
}

TEST(Fuzz, Index) {
  Fuzz f(2);
  for (int i = 0; i < kCalls; i++) {
    const nc_tensor x = f.tensor(), y = f.tensor();
    nc_tensor indices[8];
    int32_t axes[8];
    for (int k = 0; k < 8; k++) {
      indices[k] = f.tensor();
      if (f.chance(90)) indices[k].dtype = static_cast<int32_t>(NC_INT32 + f.below(2));
      axes[k] = static_cast<int32_t>(f.chance(90) ? k + f.below(2) : f.wild());
    }
    const auto n = static_cast<int32_t>(f.chance(90) ? 1 + f.below(2) : f.below(10) - 1);
    if (n > 8) continue;
    f.run("nc_gather", [&] { return nc_gather(context(), &x, indices, axes, n, &y); });
    f.run("nc_scatter", [&] { return nc_scatter(context(), &x, indices, axes, n, &y); });
    f.run("nc_scatter_add", [&] { return nc_scatter_add(context(), &x, indices, axes, n, &y); });
    f.run("nc_nonzero", [&] { return nc_nonzero(context(), &x, &y); });
  }
  EXPECT_GT(f.succeeded(), kCalls / 100);
  EXPECT_GT(f.failed(), kCalls / 20);
}

TEST(Fuzz, Matmul) {
  Fuzz f(3);
  for (int i = 0; i < kCalls; i++) {
    const nc_tensor a = f.tensor(), b = f.tensor(), y = f.tensor();
    f.run("nc_matmul", [&] { return nc_matmul(context(), &a, &b, nullptr, nullptr, nullptr, &y); });
  }
  EXPECT_GT(f.succeeded(), kCalls / 100);
  EXPECT_GT(f.failed(), kCalls / 20);
}

// y = a * b + p, of float32.
nc_program* make_program() {
  const nc_instruction code[] = {{NC_OP_LOAD, 0, 0, 0, 0, 0},
                                 {NC_OP_LOAD, 1, 0, 0, 0, 0},
                                 {NC_OP_PARAMETER, 0, 0, 0, 0, 0},
                                 {NC_OP_MULTIPLY_ADD, 0, 1, 2, 0, 0},
                                 {NC_OP_STORE, 3, 0, 0, 0, 0}};
  nc_program* program = nullptr;
  EXPECT_TRUE(succeeded(nc_program_create(code, 5, 2, 1, 1, NC_FLOAT32, 0, &program)));
  return program;
}

TEST(Fuzz, ProgramsReductionsAndProductsWithOne) {
  Fuzz f(4);
  nc_program* program = make_program();
  for (int i = 0; i < kCalls; i++) {
    nc_tensor inputs[4], outputs[2], values[2];
    for (nc_tensor& t : inputs) t = f.tensor();
    for (nc_tensor& t : outputs) t = f.tensor();
    for (nc_tensor& t : values) t = f.tensor();
    const nc_scalar parameters[] = {f.scalar(&values[0]), f.scalar(&values[1])};
    const auto reduction = static_cast<int32_t>(f.chance(90) ? f.below(7) : f.wild());
    f.run("nc_program_run", [&] { return nc_program_run(context(), program, inputs, parameters, outputs); });
    f.run("nc_program_run_many",
          [&] { return nc_program_run_many(context(), program, 2, inputs, parameters, outputs); });
    f.run("nc_reduce", [&] { return nc_reduce(context(), reduction, program, inputs, 2, parameters, outputs); });
    f.run("nc_reduce", [&] { return nc_reduce(context(), reduction, nullptr, inputs, 1, nullptr, outputs); });
    f.run("nc_matmul",
          [&] { return nc_matmul(context(), &inputs[0], &inputs[1], program, &inputs[2], parameters, outputs); });
  }
  EXPECT_TRUE(succeeded(nc_program_destroy(program)));
  EXPECT_GT(f.succeeded(), kCalls / 20);
  EXPECT_GT(f.failed(), kCalls / 20);
}

TEST(Fuzz, ProgramCode) {
  Fuzz f(5);
  int made = 0;
  for (int i = 0; i < 20 * kCalls; i++) {
    nc_instruction code[8];
    const auto count = static_cast<int32_t>(f.chance(95) ? 1 + f.below(8) : f.below(12) - 2);
    for (int k = 0; k < 8; k++) {
      const auto operand = [&] { return static_cast<int32_t>(f.chance(90) ? f.below(k + 1) : f.wild()); };
      code[k] = {static_cast<int32_t>(f.chance(40)   ? int64_t{NC_OP_LOAD}
                                      : f.chance(90) ? f.below(90)
                                                     : f.wild()),
                 operand(),
                 operand(),
                 operand(),
                 f.number(),
                 f.wild()};
    }
    const int32_t last = std::clamp(count, 1, 8) - 1;
    if (f.chance(80)) code[last] = {NC_OP_STORE, std::max(0, last - 1), 0, 0, 0, 0};
    const int32_t dtypes[] = {NC_FLOAT32, NC_FLOAT64, NC_INT64, NC_INT32, -1};
    nc_program* program = nullptr;
    const nc_status status = nc_program_create(code, std::min(count, 8), 8, 8, 1, dtypes[f.below(f.chance(90) ? 3 : 5)],
                                               static_cast<int32_t>(f.below(2)), &program);
    if (status != NC_OK) {
      ASSERT_EQ(program, nullptr);
      continue;
    }
    made++;
    const Tensor x = Tensor::random(NC_FLOAT32, {5}, 1, -3, 3), y(NC_FLOAT32, {5});
    const std::vector<nc_tensor> inputs(8, *x);
    std::vector<nc_scalar> parameters(8);
    for (nc_scalar& p : parameters) p = {nullptr, f.number(), f.wild()};
    ASSERT_TRUE(succeeded(nc_program_run(context(), program, inputs.data(), parameters.data(), y)));
    ASSERT_TRUE(succeeded(nc_program_destroy(program)));
  }
  EXPECT_GT(made, kCalls / 4);
}

TEST(Fuzz, Softmax) {
  Fuzz f(6);
  for (int i = 0; i < kCalls; i++) {
    const nc_tensor x = f.tensor(), y = f.tensor(), z = f.tensor(), w = f.tensor();
    nc_tensor t = f.tensor();
    if (f.chance(80)) {
      t.dtype = static_cast<int32_t>(NC_INT32 + f.below(2));
      t.ndim = 1;
    }
    const nc_tensor* weight = f.chance(50) ? nullptr : &w;
    const auto axis = static_cast<int32_t>(f.chance(90) ? f.below(3) : f.wild());
    const int64_t ignore = f.chance(50) ? -1 : f.wild();
    f.run("nc_softmax", [&] { return nc_softmax(context(), &x, axis, &y); });
    f.run("nc_softmax_grad", [&] { return nc_softmax_grad(context(), &x, &y, axis, &z); });
    f.run("nc_log_softmax", [&] { return nc_log_softmax(context(), &x, axis, &y); });
    f.run("nc_log_softmax_grad", [&] { return nc_log_softmax_grad(context(), &x, &y, axis, &z); });
    f.run("nc_softmax_cross_entropy",
          [&] { return nc_softmax_cross_entropy(context(), &x, &t, weight, ignore, &y, &z); });
    f.run("nc_softmax_cross_entropy_grad",
          [&] { return nc_softmax_cross_entropy_grad(context(), &x, &t, weight, ignore, &y, &z); });
  }
  EXPECT_GT(f.succeeded(), kCalls / 20);
  EXPECT_GT(f.failed(), kCalls / 20);
}

TEST(Fuzz, Random) {
  Fuzz f(7);
  for (int i = 0; i < kCalls; i++) {
    const nc_tensor y = f.tensor(), counter = f.tensor();
    const nc_random_key key = {static_cast<uint64_t>(f.wild()), f.scalar(&counter)};
    const double a = f.number(), b = f.number(), c = f.number(), d = f.number();
    f.run("nc_random_words", [&] { return nc_random_words(context(), key, &y); });
    f.run("nc_random_uniform", [&] { return nc_random_uniform(context(), key, a, b, &y); });
    f.run("nc_random_normal", [&] { return nc_random_normal(context(), key, a, b, &y); });
    f.run("nc_random_truncated_normal", [&] { return nc_random_truncated_normal(context(), key, a, b, c, d, &y); });
    f.run("nc_random_bernoulli", [&] { return nc_random_bernoulli(context(), key, a, &y); });
    f.run("nc_random_permutation", [&] { return nc_random_permutation(context(), key, &y); });
  }
  EXPECT_GT(f.succeeded(), kCalls / 50);
  EXPECT_GT(f.failed(), kCalls / 20);
}

TEST(Fuzz, SortAndScan) {
  Fuzz f(8);
  for (int i = 0; i < kCalls; i++) {
    const nc_tensor x = f.tensor(), y = f.tensor();
    nc_tensor places = f.tensor();
    if (f.chance(80)) places.dtype = static_cast<int32_t>(NC_INT32 + f.below(2));
    const auto axis = static_cast<int32_t>(f.chance(90) ? f.below(3) : f.wild());
    const auto reduction = static_cast<int32_t>(f.chance(90) ? f.below(7) : f.wild());
    f.run("nc_sort", [&] { return nc_sort(context(), &x, axis, &y, &places); });
    f.run("nc_sort", [&] { return nc_sort(context(), &x, axis, &y, nullptr); });
    f.run("nc_sort", [&] { return nc_sort(context(), &x, axis, nullptr, &places); });
    f.run("nc_linear_scan", [&] { return nc_linear_scan(context(), &places, &x, axis, &y); });
    f.run("nc_scan", [&] { return nc_scan(context(), reduction, &x, axis, &y); });
  }
  EXPECT_GT(f.succeeded(), kCalls / 20);
  EXPECT_GT(f.failed(), kCalls / 20);
}

TEST(Fuzz, Linalg) {
  Fuzz f(9);
  for (int i = 0; i < kCalls; i++) {
    nc_tensor t[4];
    for (nc_tensor& tensor : t) {
      tensor = f.tensor();
      // Results of one axis or none.
      if (f.chance(30)) tensor.ndim = static_cast<int32_t>(f.below(2));
    }
    f.run("nc_det", [&] { return nc_det(context(), &t[0], &t[1]); });
    f.run("nc_slogdet", [&] { return nc_slogdet(context(), &t[0], &t[1], &t[2]); });
    f.run("nc_inv", [&] { return nc_inv(context(), &t[0], &t[1]); });
    f.run("nc_solve", [&] { return nc_solve(context(), &t[0], &t[1], &t[2]); });
    f.run("nc_cholesky", [&] { return nc_cholesky(context(), &t[0], &t[1]); });
    f.run("nc_qr", [&] { return nc_qr(context(), &t[0], &t[1], &t[2]); });
    f.run("nc_svd", [&] { return nc_svd(context(), &t[0], &t[1], &t[2], &t[3]); });
    f.run("nc_svd", [&] { return nc_svd(context(), &t[0], nullptr, &t[1], nullptr); });
    f.run("nc_eigh", [&] { return nc_eigh(context(), &t[0], &t[1], &t[2]); });
  }
  EXPECT_GT(f.succeeded(), kCalls / 100);
  EXPECT_GT(f.failed(), kCalls / 20);
}

// Mostly a view of the shape that fits the others of its call.
nc_tensor shaped(Fuzz& f, std::initializer_list<int64_t> shape) {
  nc_tensor t = f.tensor();
  if (f.chance(20)) return t;
  t.ndim = 0;
  for (const int64_t extent : shape) t.shape[t.ndim++] = f.chance(97) ? extent : f.below(5);
  for (int64_t i = t.ndim - 1, step = 1; i >= 0; step *= t.shape[i--]) t.strides[i] = step;
  t.dtype = NC_FLOAT32;
  t.offset = f.below(4) * 64;
  return t;
}

int64_t entry(Fuzz& f, int64_t usual) { return f.chance(85) ? usual : f.chance(70) ? f.below(4) : f.wild(); }

TEST(Fuzz, Convolution) {
  Fuzz f(10);
  for (int i = 0; i < kCalls; i++) {
    const nc_tensor x = shaped(f, {1, 2, 4, 4}), W = shaped(f, {2, 2, 2, 2}), y = shaped(f, {1, 2, 3, 3});
    nc_convolution window = {};
    for (int d = 0; d < NC_MAX_SPATIAL; d++) {
      window.stride[d] = entry(f, 1);
      window.padding[d] = entry(f, 0);
      window.dilation[d] = entry(f, 1);
    }
    window.groups = entry(f, 1);
    f.run("nc_convolution_forward",
          [&] { return nc_convolution_forward(context(), &x, &W, &window, nullptr, nullptr, nullptr, &y); });
    f.run("nc_convolution_data",
          [&] { return nc_convolution_data(context(), &y, &W, &window, nullptr, nullptr, nullptr, &x); });
    f.run("nc_convolution_filter", [&] { return nc_convolution_filter(context(), &x, &y, &window, &W); });
  }
  EXPECT_GT(f.succeeded(), kCalls / 100);
  EXPECT_GT(f.failed(), kCalls / 20);
}

TEST(Fuzz, Pooling) {
  Fuzz f(11);
  for (int i = 0; i < kCalls; i++) {
    const nc_tensor x = shaped(f, {1, 2, 4, 4}), y = shaped(f, {1, 2, 3, 3});
    nc_tensor indices = shaped(f, {1, 2, 3, 3});
    if (f.chance(90)) indices.dtype = static_cast<int32_t>(NC_INT32 + f.below(2));
    nc_window window = {};
    for (int d = 0; d < NC_MAX_SPATIAL; d++) {
      window.size[d] = entry(f, 2);
      window.stride[d] = entry(f, 1);
      window.padding[d] = entry(f, 0);
      window.dilation[d] = entry(f, 1);
    }
    const auto divisor = static_cast<nc_divisor>(f.chance(90) ? f.below(3) : f.wild());
    f.run("nc_max_pooling", [&] { return nc_max_pooling(context(), &x, &window, &y, nullptr); });
    f.run("nc_max_pooling", [&] { return nc_max_pooling(context(), &x, &window, &y, &indices); });
    f.run("nc_max_pooling_grad", [&] { return nc_max_pooling_grad(context(), &y, &indices, &window, &x); });
    f.run("nc_max_pooling_gather", [&] { return nc_max_pooling_gather(context(), &x, &indices, &window, &y); });
    f.run("nc_average_pooling", [&] { return nc_average_pooling(context(), &x, &window, divisor, &y); });
    f.run("nc_average_pooling_grad", [&] { return nc_average_pooling_grad(context(), &y, &window, divisor, &x); });
  }
  EXPECT_GT(f.succeeded(), kCalls / 100);
  EXPECT_GT(f.failed(), kCalls / 20);
}

TEST(Fuzz, Normalization) {
  Fuzz f(12);
  for (int i = 0; i < kCalls; i++) {
    nc_tensor t[8];
    for (int k = 0; k < 8; k++) t[k] = k < 3 ? shaped(f, {3, 4}) : shaped(f, {1, 4});
    const double eps = f.number();
    const nc_tensor* gamma = f.chance(70) ? &t[5] : nullptr;
    const nc_tensor* y = f.chance(70) ? &t[1] : nullptr;
    f.run("nc_normalization",
          [&] { return nc_normalization(context(), &t[0], gamma, gamma, eps, y, &t[3], &t[4]); });
    f.run("nc_normalization_grad", [&] {
      return nc_normalization_grad(context(), &t[0], gamma, &t[1], &t[3], &t[4], eps, f.chance(70) ? &t[2] : nullptr,
                                   &t[6], &t[7]);
    });
  }
  EXPECT_GT(f.succeeded(), kCalls / 1000);
  EXPECT_GT(f.failed(), kCalls / 20);
}

// Null in the place of every pointer.
TEST(Fuzz, Nulls) {
  const nc_random_key key = {};
  nc_context* none = nullptr;
  for (nc_context* ctx : {none, context()}) {
    EXPECT_NE(nc_copy(ctx, nullptr, nullptr), NC_OK);
    EXPECT_NE(nc_fill(ctx, {}, nullptr), NC_OK);
    EXPECT_NE(nc_program_run(ctx, nullptr, nullptr, nullptr, nullptr), NC_OK);
    EXPECT_NE(nc_program_run_many(ctx, nullptr, 1, nullptr, nullptr, nullptr), NC_OK);
    EXPECT_NE(nc_reduce(ctx, NC_REDUCE_SUM, nullptr, nullptr, 1, nullptr, nullptr), NC_OK);
    EXPECT_NE(nc_matmul(ctx, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr), NC_OK);
    EXPECT_NE(nc_softmax(ctx, nullptr, 0, nullptr), NC_OK);
    EXPECT_NE(nc_softmax_grad(ctx, nullptr, nullptr, 0, nullptr), NC_OK);
    EXPECT_NE(nc_log_softmax(ctx, nullptr, 0, nullptr), NC_OK);
    EXPECT_NE(nc_log_softmax_grad(ctx, nullptr, nullptr, 0, nullptr), NC_OK);
    EXPECT_NE(nc_softmax_cross_entropy(ctx, nullptr, nullptr, nullptr, 0, nullptr, nullptr), NC_OK);
    EXPECT_NE(nc_softmax_cross_entropy_grad(ctx, nullptr, nullptr, nullptr, 0, nullptr, nullptr), NC_OK);
    EXPECT_NE(nc_gather(ctx, nullptr, nullptr, nullptr, 1, nullptr), NC_OK);
    EXPECT_NE(nc_scatter(ctx, nullptr, nullptr, nullptr, 1, nullptr), NC_OK);
    EXPECT_NE(nc_scatter_add(ctx, nullptr, nullptr, nullptr, 1, nullptr), NC_OK);
    EXPECT_NE(nc_nonzero(ctx, nullptr, nullptr), NC_OK);
    EXPECT_NE(nc_random_words(ctx, key, nullptr), NC_OK);
    EXPECT_NE(nc_random_uniform(ctx, key, 0, 1, nullptr), NC_OK);
    EXPECT_NE(nc_random_normal(ctx, key, 0, 1, nullptr), NC_OK);
    EXPECT_NE(nc_random_truncated_normal(ctx, key, 0, 1, 0, 1, nullptr), NC_OK);
    EXPECT_NE(nc_random_bernoulli(ctx, key, 0.5, nullptr), NC_OK);
    EXPECT_NE(nc_random_permutation(ctx, key, nullptr), NC_OK);
    EXPECT_NE(nc_convolution_forward(ctx, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr), NC_OK);
    EXPECT_NE(nc_convolution_data(ctx, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr), NC_OK);
    EXPECT_NE(nc_convolution_filter(ctx, nullptr, nullptr, nullptr, nullptr), NC_OK);
    EXPECT_NE(nc_max_pooling(ctx, nullptr, nullptr, nullptr, nullptr), NC_OK);
    EXPECT_NE(nc_max_pooling_grad(ctx, nullptr, nullptr, nullptr, nullptr), NC_OK);
    EXPECT_NE(nc_max_pooling_gather(ctx, nullptr, nullptr, nullptr, nullptr), NC_OK);
    EXPECT_NE(nc_average_pooling(ctx, nullptr, nullptr, NC_DIVISOR_ONE, nullptr), NC_OK);
    EXPECT_NE(nc_average_pooling_grad(ctx, nullptr, nullptr, NC_DIVISOR_ONE, nullptr), NC_OK);
    EXPECT_NE(nc_normalization(ctx, nullptr, nullptr, nullptr, 0, nullptr, nullptr, nullptr), NC_OK);
    EXPECT_NE(nc_normalization_grad(ctx, nullptr, nullptr, nullptr, nullptr, nullptr, 0, nullptr, nullptr, nullptr),
              NC_OK);
    EXPECT_NE(nc_sort(ctx, nullptr, 0, nullptr, nullptr), NC_OK);
    EXPECT_NE(nc_scan(ctx, NC_REDUCE_SUM, nullptr, 0, nullptr), NC_OK);
    EXPECT_NE(nc_linear_scan(ctx, nullptr, nullptr, 0, nullptr), NC_OK);
    EXPECT_NE(nc_det(ctx, nullptr, nullptr), NC_OK);
    EXPECT_NE(nc_slogdet(ctx, nullptr, nullptr, nullptr), NC_OK);
    EXPECT_NE(nc_inv(ctx, nullptr, nullptr), NC_OK);
    EXPECT_NE(nc_solve(ctx, nullptr, nullptr, nullptr), NC_OK);
    EXPECT_NE(nc_cholesky(ctx, nullptr, nullptr), NC_OK);
    EXPECT_NE(nc_qr(ctx, nullptr, nullptr, nullptr), NC_OK);
    EXPECT_NE(nc_svd(ctx, nullptr, nullptr, nullptr, nullptr), NC_OK);
    EXPECT_NE(nc_eigh(ctx, nullptr, nullptr, nullptr), NC_OK);
    EXPECT_NE(nc_memory_statistics(ctx, nullptr), NC_OK);
    EXPECT_NE(nc_alloc(ctx, 1, nullptr, nullptr), NC_OK);
  }
  EXPECT_NE(nc_context_synchronize(nullptr), NC_OK);
  EXPECT_NE(nc_trim(nullptr, nullptr), NC_OK);
  EXPECT_NE(nc_memory_reset_peak(nullptr), NC_OK);
  EXPECT_NE(nc_load_backend(nullptr), NC_OK);
  EXPECT_NE(nc_device_count(NC_CPU, nullptr), NC_OK);
  EXPECT_NE(nc_program_create(nullptr, 1, 0, 0, 1, NC_FLOAT32, 0, nullptr), NC_OK);
  EXPECT_EQ(nc_context_destroy(nullptr), NC_OK);
  EXPECT_EQ(nc_program_destroy(nullptr), NC_OK);
}

}  // namespace
