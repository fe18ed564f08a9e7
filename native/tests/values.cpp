// The C++ layer: arrays as values.
#include <gtest/gtest.h>

#include <cmath>
#include <nativechain.hpp>
#include <thread>

using namespace nativechain;

namespace {

std::vector<double> values(const Tensor& t) { return t.to_vector<double>(); }
using V = std::vector<double>;

TEST(Tensor, FromBracesAndVectors) {
  const Tensor x({{1, 2, 3}, {4, 5, 6}});
  EXPECT_EQ(x.shape(), (Shape{2, 3}));
  EXPECT_EQ(x.dtype(), DType::float32);
  EXPECT_EQ(values(x), (V{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(x.item<float>({1, -1}), 6);
  const Tensor i = Tensor::from(std::vector<int64_t>{1, 2, 3, 4}, {2, 2});
  EXPECT_EQ(i.dtype(), DType::int64);
  EXPECT_THROW(Tensor({{1, 2}, {3}}), Error);
  EXPECT_THROW(Tensor::from(std::vector<float>{1, 2}, {3}), Error);
  EXPECT_THROW(Tensor::empty({-1}), Error);
  EXPECT_THROW(Tensor::empty({int64_t{1} << 40, int64_t{1} << 40}), Error);
  EXPECT_EQ(values(Tensor::ones({2}, DType::boolean)), (V{1, 1}));
}

TEST(Tensor, WithoutMemoryIsRefused) {
  const Tensor none;
  EXPECT_THROW(none + 1.0, Error);
  EXPECT_THROW(none.copy(), Error);
  EXPECT_THROW(sum(none), Error);
}

TEST(Tensor, Views) {
  const Tensor x({{1, 2, 3}, {4, 5, 6}});
  EXPECT_EQ(values(x.transpose()), (V{1, 4, 2, 5, 3, 6}));
  EXPECT_EQ(values(x.slice(1, 0, 3, 2)), (V{1, 3, 4, 6}));
  EXPECT_EQ(values(x.slice(1, -1, -9, -1)), (V{3, 2, 1, 6, 5, 4}));
  EXPECT_EQ(values(x.slice(0, 5, 9)), V{});
  EXPECT_EQ(values(x[-1]), (V{4, 5, 6}));
  EXPECT_EQ(values(x.reshape({3, -1})), (V{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(x.reshape({3, -1}).shape(), (Shape{3, 2}));
  EXPECT_EQ(values(x.transpose().reshape({6})), (V{1, 4, 2, 5, 3, 6}));
  EXPECT_EQ(x.expand_dims(1).shape(), (Shape{2, 1, 3}));
  EXPECT_EQ(x.expand_dims(-1).squeeze(2).shape(), (Shape{2, 3}));
  EXPECT_EQ(values(Tensor({1, 2}).broadcast_to({2, 2})), (V{1, 2, 1, 2}));
  EXPECT_THROW(x.reshape({4, -1}), Error);
  EXPECT_THROW(x.transpose({0, 0}), Error);
  EXPECT_THROW(x.squeeze(0), Error);
  EXPECT_THROW(x[2], Error);
  EXPECT_THROW(x.slice(2, 0, 1), Error);

  Tensor y = x.copy(), row = y[0];
  row.assign(Tensor({7, 8, 9}));
  EXPECT_EQ(values(y), (V{7, 8, 9, 4, 5, 6}));
  y.slice(1, 1, 2).fill(0);
  EXPECT_EQ(values(y), (V{7, 0, 9, 4, 0, 6}));
  EXPECT_EQ(values(x), (V{1, 2, 3, 4, 5, 6}));
}

TEST(Tensor, ArithmeticAndPromotion) {
  const Tensor x({{1, 2}, {3, 4}}), row({10, 20});
  EXPECT_EQ(values(x + row), (V{11, 22, 13, 24}));
  EXPECT_EQ(values(2.0 * x - 1.0), (V{1, 3, 5, 7}));
  EXPECT_EQ(values(12.0 / x), (V{12, 6, 4, 3}));
  EXPECT_EQ((2.0 * x).dtype(), DType::float32);
  EXPECT_EQ(values(-x), (V{-1, -2, -3, -4}));
  EXPECT_EQ(values(x > 2.0), (V{0, 0, 1, 1}));
  EXPECT_EQ((x == x).dtype(), DType::boolean);
  EXPECT_EQ(values(select(x > 2.0, x, 0.0)), (V{0, 0, 3, 4}));
  EXPECT_EQ(values(relu(x - 2.5)), (V{0, 0, 0.5, 1.5}));

  const Tensor i = Tensor::from(std::vector<int32_t>{7, -7});
  EXPECT_EQ((i + 1.0).dtype(), DType::int32);
  EXPECT_EQ((i + 0.5).dtype(), DType::float64);
  EXPECT_EQ((i / 2.0).dtype(), DType::float64);
  EXPECT_EQ(values(i / 2.0), (V{3.5, -3.5}));
  EXPECT_EQ(values(i % 4.0), (V{3, 1}));
  EXPECT_EQ(values(floor_divide(i, 2.0)), (V{3, -4}));
  EXPECT_EQ((i + x[0]).dtype(), DType::float64);
  EXPECT_EQ(sqrt(i * i).dtype(), DType::float64);
  EXPECT_EQ((x > 0.0).dtype(), DType::boolean);
  EXPECT_EQ(((x > 0.0) + 1.0).dtype(), DType::int64);
  EXPECT_THROW(i + 1e30, Error);
  EXPECT_THROW(x + Tensor({1, 2, 3}), Error);
}

TEST(Elementwise, TracesOnceAndRunsOnAnyDtype) {
  int traces = 0;
  const Elementwise swish([&](Value x, Value beta) {
    traces++;
    return x * sigmoid(beta * x);
  });
  const Tensor x({-1, 0, 2}), beta({1.5});
  const auto y = values(swish(x, beta)), wide = values(swish(x.astype(DType::float64), beta));
  for (int i = 0; i < 3; i++) {
    const double v = values(x)[i], expected = v / (1 + std::exp(-1.5 * v));
    EXPECT_NEAR(y[i], expected, 1e-6);
    EXPECT_NEAR(wide[i], expected, 1e-14);
  }
  EXPECT_EQ(traces, 1);
  EXPECT_THROW(swish(x), Error);
  const Elementwise clamp([](Value x) { return select(x < 0.5, x, x.constant(0.5)); });
  EXPECT_EQ(values(clamp(x)), (V{-1, 0, 0.5}));
}

TEST(Operations, Reductions) {
  const Tensor x({{1, 5, 3}, {4, 2, 6}});
  EXPECT_EQ(sum(x).item<float>(), 21);
  EXPECT_EQ(values(sum(x, {{0}})), (V{5, 7, 9}));
  EXPECT_EQ(sum(x, {{-1}}, true).shape(), (Shape{2, 1}));
  EXPECT_EQ(values(mean(x, {{1}})), (V{3, 4}));
  EXPECT_EQ(values(max(x, {{1}})), (V{5, 6}));
  EXPECT_EQ(min(x).item<float>(), 1);
  EXPECT_EQ(prod(x).item<float>(), 720);
  EXPECT_EQ(values(argmax(x, 1)), (V{1, 2}));
  EXPECT_EQ(argmin(x).item<int64_t>(), 0);
  EXPECT_EQ(sum(x > 2.0).dtype(), DType::int64);
  EXPECT_EQ(mean(x > 2.0).dtype(), DType::float64);
  EXPECT_THROW(sum(x, {{2}}), Error);
  EXPECT_THROW(sum(x, {{0, -2}}), Error);
}

TEST(Operations, Matmul) {
  const Tensor a({{1, 2}, {3, 4}}), v({5, 6});
  EXPECT_EQ(values(matmul(a, a)), (V{7, 10, 15, 22}));
  EXPECT_EQ(values(matmul(a, v)), (V{17, 39}));
  EXPECT_EQ(values(matmul(v, a)), (V{23, 34}));
  EXPECT_EQ(matmul(v, v).item<float>(), 61);
  EXPECT_EQ(values(matmul(a, a, MatmulPrecision::bfloat16)), (V{7, 10, 15, 22}));
  EXPECT_EQ(matmul(v, v).ndim(), 0);
  EXPECT_EQ(matmul(Tensor::ones({4, 1, 2, 3}), Tensor::ones({5, 3, 2})).shape(), (Shape{4, 5, 2, 2}));
  EXPECT_EQ(matmul(a, a.astype(DType::float64)).dtype(), DType::float64);
  EXPECT_THROW(matmul(a, Tensor({1, 2, 3})), Error);
}

TEST(Operations, SoftmaxAndItsGradient) {
  const Tensor x({{0, 1, 2}, {5, 5, 5}}), t = Tensor::from(std::vector<int32_t>{2, -1});
  const auto y = values(softmax(x));
  EXPECT_NEAR(y[0] + y[1] + y[2], 1, 1e-6);
  EXPECT_NEAR(y[4], 1.0 / 3, 1e-6);
  EXPECT_NEAR(values(log_softmax(x))[2], std::log(y[2]), 1e-6);
  const CrossEntropy loss = softmax_cross_entropy(x, t);
  EXPECT_NEAR(loss.loss.item<float>({0}), -std::log(y[2]), 1e-6);
  EXPECT_EQ(loss.loss.item<float>({1}), 0);
  const auto gx = values(softmax_cross_entropy_grad(loss.log_p, t, Tensor::ones({})));
  EXPECT_NEAR(gx[2], y[2] - 1, 1e-6);
  EXPECT_EQ(gx[5], 0);
  const auto zero = values(softmax_grad(softmax(x), Tensor::ones({2, 3})));
  for (const double g : zero) EXPECT_NEAR(g, 0, 1e-6);
  EXPECT_EQ(log_softmax_grad(log_softmax(x), x).shape(), x.shape());
}

TEST(Operations, Indexing) {
  const Tensor x({{1, 2, 3}, {4, 5, 6}});
  const Tensor rows = Tensor::from(std::vector<int64_t>{1, 0, -1});
  EXPECT_EQ(values(gather(x, {rows})), (V{4, 5, 6, 1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(values(gather(x, {Tensor::from(std::vector<int32_t>{2})}, {1})), (V{3, 6}));
  EXPECT_EQ(values(mask_select(x, x > 2.0)), (V{3, 4, 5, 6}));
  EXPECT_EQ(values(mask_select(x, Tensor({0, 1}) > 0.5)), (V{4, 5, 6}));
  EXPECT_EQ(values(nonzero(x - 2.0)), (V{0, 0, 1, 1, 1, 0, 2, 0, 1, 2}));
  Tensor y = Tensor::zeros({2, 3});
  scatter_add(y, {rows}, Tensor::ones({3, 3}));
  EXPECT_EQ(values(y), (V{1, 1, 1, 2, 2, 2}));
  scatter(y, {rows}, Tensor({7}));
  EXPECT_EQ(values(y), (V{7, 7, 7, 7, 7, 7}));
  EXPECT_THROW(gather(x, {Tensor::from(std::vector<int64_t>{2})}), Error);
  EXPECT_THROW(mask_select(x, x), Error);
}

TEST(Operations, SortAndScan) {
  const Tensor x({{3, 1, 2}, {0, 5, 4}});
  EXPECT_EQ(values(sort(x)), (V{1, 2, 3, 0, 4, 5}));
  EXPECT_EQ(values(sort(x, 0)), (V{0, 1, 2, 3, 5, 4}));
  EXPECT_EQ(values(argsort(x)), (V{1, 2, 0, 0, 2, 1}));
  EXPECT_EQ(argsort(x).dtype(), DType::int64);
  EXPECT_EQ(values(cumsum(x, 1)), (V{3, 4, 6, 0, 5, 9}));
  EXPECT_EQ(values(cumprod(x, -1)), (V{3, 3, 6, 0, 0, 0}));
  EXPECT_EQ(values(cummin(x, 1)), (V{3, 1, 1, 0, 0, 0}));
  EXPECT_EQ(values(cummax(x, 1)), (V{3, 3, 3, 0, 5, 5}));
  EXPECT_EQ(cumsum(x > 0.0, 0).dtype(), DType::int64);
  EXPECT_EQ(values(linear_scan(Tensor({2, 3}), Tensor({1, 1, 1}), 0)), (V{1, 3, 10}));
  EXPECT_THROW(sort(x, 2), Error);
  EXPECT_THROW(cumsum(x, 2), Error);
  EXPECT_THROW(linear_scan(x, x, 0), Error);
}

void expect_near(const Tensor& a, const Tensor& b) {
  ASSERT_EQ(a.shape(), b.shape());
  const V actual = values(a), expected = values(b);
  for (size_t i = 0; i < actual.size(); i++) EXPECT_NEAR(actual[i], expected[i], 1e-5);
}

TEST(Linalg, Decompositions) {
  const Tensor x({{4, 1, 0}, {1, 3, 1}, {0, 1, 2}}), tall = x.slice(1, 0, 2);
  const Tensor identity({{1, 0, 0}, {0, 1, 0}, {0, 0, 1}});
  EXPECT_NEAR(linalg::det(x).item<float>(), 18, 1e-5);
  const auto [sign, log_abs] = linalg::slogdet(x * -1.0);
  EXPECT_EQ(sign.item<float>(), -1);
  EXPECT_NEAR(log_abs.item<float>(), std::log(18.0), 1e-6);
  expect_near(matmul(linalg::inv(x), x), identity);
  const Tensor l = linalg::cholesky(x);
  expect_near(matmul(l, l.transpose()), x);
  for (const bool complete : {false, true}) {
    const auto [q, r] = linalg::qr(tall, complete);
    EXPECT_EQ(q.shape(), (Shape{3, complete ? 3 : 2}));
    expect_near(matmul(q, r), tall);
  }
  const auto [u, s, vt] = linalg::svd(tall, false);
  expect_near(matmul(u * s, vt), tall);
  expect_near(linalg::svdvals(tall), s);
  EXPECT_EQ(linalg::svd(tall).u.shape(), (Shape{3, 3}));
  const auto [w, v] = linalg::eigh(x);
  expect_near(matmul(x, v), v * w);
  expect_near(linalg::eigvalsh(x), w);
}

TEST(Linalg, SolveBroadcastsAndPromotes) {
  const Tensor a({{2, 0}, {0, 4}}), b = Tensor::from(std::vector<int32_t>{2, 4});
  const Tensor y = linalg::solve(a, b);
  EXPECT_EQ(y.dtype(), DType::float64);
  EXPECT_EQ(values(y), (V{1, 1}));
  const Tensor many = linalg::solve(a, Tensor::ones({3, 2, 1}));
  EXPECT_EQ(many.shape(), (Shape{3, 2, 1}));
  EXPECT_EQ(values(many), (V{0.5, 0.25, 0.5, 0.25, 0.5, 0.25}));
  EXPECT_THROW(linalg::solve(a, Tensor::ones({3})), Error);
}

TEST(Linalg, DtypesAndErrors) {
  const Tensor whole = Tensor::from(std::vector<int64_t>{2, 1, 1, 1}, {2, 2}), half = whole.astype(DType::float16);
  EXPECT_EQ(linalg::inv(whole).dtype(), DType::float64);
  EXPECT_EQ(linalg::inv(half).dtype(), DType::float16);
  EXPECT_EQ(values(linalg::inv(half).astype(DType::float32)), (V{1, -1, -1, 2}));
  EXPECT_THROW(linalg::det(Tensor({1, 2})), Error);
  EXPECT_THROW(linalg::det(Tensor::ones({2, 3})), Error);
  try {
    linalg::inv(Tensor::ones({2, 2}));
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.status(), NC_LINALG_ERROR);
    EXPECT_NE(std::string(e.what()).find("x is singular"), std::string::npos);
  }
}

TEST(Operations, Pooling) {
  const Tensor x = Tensor({{1, 2, 3, 4}, {9, 8, 7, 6}, {5, 5, 5, 5}}).reshape({1, 1, 3, 4});
  EXPECT_EQ(values(max_pooling(x, {.size = {2}})), (V{9, 7}));
  EXPECT_EQ(values(average_pooling(x, {.size = {2}})), (V{5, 5}));
  const Window window = {.size = {2, 2}, .stride = {2}, .cover_all = true};
  const MaxPooling pooled = max_pooling_indices(x, window);
  EXPECT_EQ(values(pooled.y), (V{9, 7, 5, 5}));
  EXPECT_EQ(values(pooled.indices), (V{2, 2, 0, 0}));
  const Tensor gx = max_pooling_grad(pooled.y, pooled.indices, window, x.shape());
  EXPECT_EQ(values(gx), (V{0, 0, 0, 0, 9, 0, 7, 0, 5, 0, 5, 0}));
  EXPECT_EQ(values(max_pooling_gather(gx, pooled.indices, window)), (V{9, 7, 5, 5}));
  EXPECT_EQ(values(average_pooling(x, window, Divisor::count)), (V{5, 5, 5, 5}));
  EXPECT_EQ(values(average_pooling_grad(pooled.y, window, {1, 1, 3, 4}, Divisor::one)),
            (V{9, 9, 7, 7, 9, 9, 7, 7, 5, 5, 5, 5}));
  EXPECT_THROW(max_pooling(x, {.size = {5}}), Error);
  EXPECT_THROW(max_pooling(x, {.size = {2, 2, 2}}), Error);
  EXPECT_THROW(max_pooling(x.reshape({3, 4}), {.size = {2}}), Error);
}

TEST(Operations, NormalizationAndItsGradients) {
  const Tensor x({{1, 10}, {3, 30}}), gamma({2, 1}), beta({0.5, 0});
  const Normalization n = normalization(x, {0}, &gamma, &beta, 0);
  EXPECT_EQ(values(n.mean), (V{2, 20}));
  EXPECT_EQ(values(n.variance), (V{1, 100}));
  EXPECT_EQ(values(n.y), (V{-1.5, -1, 2.5, 1}));
  const NormalizationGrad g = normalization_grad(x, &gamma, Tensor({{1, 2}, {3, 6}}), n, {1, 2}, 0);
  EXPECT_EQ(values(g.ggamma), (V{2, 4}));
  EXPECT_EQ(values(g.gbeta), (V{4, 8}));
  for (const double v : values(g.gx)) EXPECT_NEAR(v, 0, 1e-6);
  EXPECT_THROW(normalization(x, {2}), Error);
}

TEST(Generator, GoesOnWhereItStopped) {
  Generator a(3), b(3);
  const Tensor first = a.normal({10}), second = a.normal({10});
  EXPECT_EQ(values(first), values(b.normal({10})));
  EXPECT_EQ(values(second), values(b.normal({10})));
  EXPECT_NE(values(first), values(second));
  EXPECT_EQ(a.words({4}).dtype(), DType::int32);
  EXPECT_NEAR(mean(a.uniform({10000}, 2, 4)).item<float>(), 3, 0.05);
  EXPECT_NEAR(mean(a.bernoulli({10000}, 0.25)).item<double>(), 0.25, 0.03);
  EXPECT_LE(max(a.truncated_normal({1000})).item<float>(), 2);
  EXPECT_EQ(sum(a.permutation(100)).item<int64_t>(), 4950);
}

TEST(Tensor, BlocksComeBackFromAnyThread) {
  nc_memory_stats before, after;
  nc_context* context = Tensor::zeros({1}).context();
  ASSERT_EQ(nc_memory_statistics(context, &before), NC_OK);
  Tensor made;
  std::thread([&] { made = Tensor::ones({1000}) + 1.0; }).join();
  EXPECT_EQ(sum(made).item<float>(), 2000);
  made = Tensor();
  ASSERT_EQ(nc_memory_statistics(context, &after), NC_OK);
  EXPECT_EQ(after.live_bytes, before.live_bytes);
}

TEST(Tensor, Convolutions) {
  const Tensor x = Tensor({0, 1, 2, 3, 4, 5, 6, 7, 8}).reshape({1, 1, 3, 3});
  const Tensor W = Tensor({{1, 0}, {0, 2}}).reshape({1, 1, 2, 2});
  const Tensor y = convolution(x, W);
  EXPECT_EQ(y.shape(), (Shape{1, 1, 2, 2}));
  EXPECT_EQ(values(y), (V{8, 11, 17, 20}));
  EXPECT_EQ(values(convolution(x, W, {.stride = {2}, .padding = {1}})), (V{0, 4, 12, 20}));
  const Tensor gy = Tensor::ones({1, 1, 2, 2});
  EXPECT_EQ(values(convolution_data(gy, W, x.shape())), (V{1, 1, 0, 1, 3, 2, 0, 2, 2}));
  EXPECT_EQ(values(convolution_filter(x, gy, W.shape())), (V{8, 12, 20, 24}));
  EXPECT_THROW(convolution(x, W, {.stride = {0}}), Error);
  EXPECT_THROW(convolution(x, W, {.padding = {1, 1, 1}}), Error);
  EXPECT_THROW(convolution(x, W, {.groups = 2}), Error);
  EXPECT_THROW(convolution(x[0], W), Error);
}

}  // namespace
