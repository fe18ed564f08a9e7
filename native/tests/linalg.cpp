// Dense linear algebra: identities on batches of views of both dtypes, special matrices, signs, empty ones, what is
// singular or not finite, what is refused.
#include "nativechain/linalg.h"

#include <algorithm>
#include <cmath>

#include "support/program.hpp"

using namespace nc;
using namespace nc::test;

namespace {

constexpr nc_dtype kDtypes[] = {NC_FLOAT32, NC_FLOAT64};

double tolerance(nc_dtype dtype) { return dtype == NC_FLOAT32 ? 2e-5 : 1e-11; }

// One matrix of a batch, in C order.
struct Dense {
  int64_t rows, columns;
  std::vector<double> values;

  Dense(int64_t m, int64_t n) : rows(m), columns(n), values(static_cast<size_t>(m * n)) {}
  Dense(const Tensor& t, int64_t place) : Dense(t.shape()[t.shape().size() - 2], t.shape().back()) {
    const std::vector<double> all = t.values();
    std::copy_n(all.begin() + place * rows * columns, rows * columns, values.begin());
  }
  double& at(int64_t i, int64_t j) { return values[static_cast<size_t>(i * columns + j)]; }
  double at(int64_t i, int64_t j) const { return values[static_cast<size_t>(i * columns + j)]; }
};

Dense operator*(const Dense& a, const Dense& b) {
  Dense y(a.rows, b.columns);
  for (int64_t i = 0; i < a.rows; i++)
    for (int64_t k = 0; k < a.columns; k++)
      for (int64_t j = 0; j < b.columns; j++) y.at(i, j) += a.at(i, k) * b.at(k, j);
  return y;
}

Dense transpose(const Dense& a) {
  Dense y(a.columns, a.rows);
  for (int64_t i = 0; i < a.rows; i++)
    for (int64_t j = 0; j < a.columns; j++) y.at(j, i) = a.at(i, j);
  return y;
}

Dense identity(int64_t n) {
  Dense y(n, n);
  for (int64_t i = 0; i < n; i++) y.at(i, i) = 1;
  return y;
}

// The sum over permutations, by expansion along the first row.
double determinant(const Dense& a) {
  if (a.rows == 0) return 1;
  double sum = 0;
  for (int64_t k = 0; k < a.rows; k++) {
    Dense minor(a.rows - 1, a.rows - 1);
    for (int64_t i = 1; i < a.rows; i++)
      for (int64_t j = 0; j < a.rows; j++)
        if (j != k) minor.at(i - 1, j - (j > k)) = a.at(i, j);
    sum += (k % 2 ? -1 : 1) * a.at(0, k) * determinant(minor);
  }
  return sum;
}

void expect_near(const Dense& a, const Dense& b, double atol) { expect_close(a.values, b.values, 0, atol); }

// A batch of (m, n) matrices of random numbers, in memory of any order.
Tensor batch(std::mt19937_64& engine, nc_dtype dtype, const Shape& lead, int64_t m, int64_t n) {
  Shape shape = lead;
  shape.push_back(m);
  shape.push_back(n);
  return random_view(engine, dtype, shape, false);
}

// x^T x + 1 of each, which is positive definite.
Tensor definite(std::mt19937_64& engine, nc_dtype dtype, const Shape& lead, int64_t n) {
  const Tensor x = batch(engine, NC_FLOAT64, lead, n, n), y = batch(engine, dtype, lead, n, n);
  std::vector<double> all;
  for (int64_t k = 0; n > 0 && k < x.size() / (n * n); k++) {
    const Dense a(x, k);
    Dense product = transpose(a) * a;
    for (int64_t i = 0; i < n; i++) product.at(i, i) += 1;
    all.insert(all.end(), product.values.begin(), product.values.end());
  }
  y.set(all);
  return y;
}

Shape with(Shape shape, std::initializer_list<int64_t> more) {
  shape.insert(shape.end(), more);
  return shape;
}

int64_t places(const Shape& lead) {
  int64_t n = 1;
  for (const int64_t extent : lead) n *= extent;
  return n;
}

const Shape kLeads[] = {{}, {3}, {2, 5}, {0}};
constexpr int64_t kExtents[] = {0, 1, 2, 3, 5, 17, 40};

template <class Body>
void for_cases(const Body& body) {
  std::mt19937_64 engine(1);
  for (const nc_dtype dtype : kDtypes)
    for (const Shape& lead : kLeads)
      for (const int64_t n : kExtents) body(engine, dtype, lead, n);
}

TEST(Linalg, DeterminantsOfSmallMatrices) {
  for_cases([](std::mt19937_64& engine, nc_dtype dtype, const Shape& lead, int64_t n) {
    if (n > 5) return;
    const Tensor x = batch(engine, dtype, lead, n, n), y(dtype, lead), sign(dtype, lead), log(dtype, lead);
    ASSERT_TRUE(succeeded(nc_det(context(), x, y)));
    ASSERT_TRUE(succeeded(nc_slogdet(context(), x, sign, log)));
    for (int64_t k = 0; k < places(lead); k++) {
      const double expected = determinant(Dense(x, k));
      EXPECT_NEAR(y.values()[k], expected, tolerance(dtype) * (1 + std::fabs(expected)));
      EXPECT_NEAR(sign.values()[k] * std::exp(log.values()[k]), expected, 4 * tolerance(dtype));
    }
  });
}

TEST(Linalg, DeterminantsBeyondTheRangeOfProducts) {
  const int64_t n = 300;
  const Tensor x(NC_FLOAT64, {n, n}), y(NC_FLOAT64, {}), sign(NC_FLOAT64, {}), log(NC_FLOAT64, {});
  std::vector<double> values(n * n);
  for (int64_t i = 0; i < n; i++) values[i * n + i] = i < n / 2 ? 1e10 : -1e-10;
  x.set(values);
  ASSERT_TRUE(succeeded(nc_det(context(), x, y)));
  expect_close(y, {1}, 1e-12);
  for (int64_t i = 0; i < n; i++) values[i * n + i] = i == 0 ? -1e10 : 1e10;
  x.set(values);
  ASSERT_TRUE(succeeded(nc_slogdet(context(), x, sign, log)));
  expect_close(sign, {-1}, 0);
  expect_close(log, {300 * std::log(1e10)}, 1e-13);
  ASSERT_TRUE(succeeded(nc_det(context(), x, y)));
  expect_close(y, {-INFINITY}, 0);
}

TEST(Linalg, TheDeterminantOfASingularMatrixIsZero) {
  const Tensor x = Tensor::of(NC_FLOAT32, {2, 2, 2}, {1, 2, 2, 4, 0, 1, 1, 0}), y(NC_FLOAT32, {2}),
               log(NC_FLOAT32, {2});
  ASSERT_TRUE(succeeded(nc_det(context(), x, y)));
  expect_close(y, {0, -1}, 0);
  ASSERT_TRUE(succeeded(nc_slogdet(context(), x, y, log)));
  expect_close(y, {0, -1}, 0);
  expect_close(log, {-INFINITY, 0}, 0);
}

TEST(Linalg, InverseTimesMatrix) {
  for_cases([](std::mt19937_64& engine, nc_dtype dtype, const Shape& lead, int64_t n) {
    const Tensor x = definite(engine, dtype, lead, n), y = batch(engine, dtype, lead, n, n);
    ASSERT_TRUE(succeeded(nc_inv(context(), x, y)));
    for (int64_t k = 0; k < places(lead); k++)
      expect_near(Dense(y, k) * Dense(x, k), identity(n), 10 * tolerance(dtype));
    ASSERT_TRUE(succeeded(nc_inv(context(), x, x)));
    expect_close(x, y.values(), 0);
  });
}

TEST(Linalg, SolutionsFit) {
  for_cases([](std::mt19937_64& engine, nc_dtype dtype, const Shape& lead, int64_t n) {
    for (const int64_t k : {0, 1, 4}) {
      const Tensor a = definite(engine, dtype, lead, n), b = batch(engine, dtype, lead, n, k),
                   y = batch(engine, dtype, lead, n, k);
      ASSERT_TRUE(succeeded(nc_solve(context(), a, b, y)));
      for (int64_t p = 0; p < places(lead); p++)
        expect_near(Dense(a, p) * Dense(y, p), Dense(b, p), 10 * tolerance(dtype));
      ASSERT_TRUE(succeeded(nc_solve(context(), a, b, b)));
      expect_close(b, y.values(), 0);
    }
  });
}

TEST(Linalg, CholeskyFactors) {
  for_cases([](std::mt19937_64& engine, nc_dtype dtype, const Shape& lead, int64_t n) {
    const Tensor x = definite(engine, dtype, lead, n), y = batch(engine, dtype, lead, n, n);
    ASSERT_TRUE(succeeded(nc_cholesky(context(), x, y)));
    for (int64_t k = 0; k < places(lead); k++) {
      const Dense l(y, k);
      expect_near(l * transpose(l), Dense(x, k), 10 * tolerance(dtype));
      for (int64_t i = 0; i < n; i++) {
        EXPECT_GT(l.at(i, i), 0);
        for (int64_t j = i + 1; j < n; j++) EXPECT_EQ(l.at(i, j), 0);
      }
    }
  });
}

TEST(Linalg, CholeskyReadsTheLowerTriangleAlone) {
  const Tensor x = Tensor::of(NC_FLOAT32, {2, 2}, {4, NAN, 2, 5}), y(NC_FLOAT32, {2, 2});
  ASSERT_TRUE(succeeded(nc_cholesky(context(), x, y)));
  expect_close(y, {2, 0, 1, 2}, 0);
}

TEST(Linalg, QrReducedAndComplete) {
  for_cases([](std::mt19937_64& engine, nc_dtype dtype, const Shape& lead, int64_t m) {
    for (const int64_t n : {0, 1, 3, 20}) {
      for (const int64_t k : {std::min(m, n), m}) {
        const Tensor x = batch(engine, dtype, lead, m, n), q = batch(engine, dtype, lead, m, k),
                     r = batch(engine, dtype, lead, k, n);
        ASSERT_TRUE(succeeded(nc_qr(context(), x, q, r)));
        for (int64_t p = 0; p < places(lead); p++) {
          const Dense a(x, p), unitary(q, p), upper(r, p);
          expect_near(unitary * upper, a, tolerance(dtype));
          expect_near(transpose(unitary) * unitary, identity(k), tolerance(dtype));
          for (int64_t i = 0; i < k; i++)
            for (int64_t j = 0; j < std::min(i, n); j++) ASSERT_EQ(upper.at(i, j), 0);
          // Householder's reflections turn the first column against its first element.
          if (m > 1 && n > 0) {
            EXPECT_LE(upper.at(0, 0) * a.at(0, 0), 0);
          }
        }
      }
    }
  });
}

TEST(Linalg, QrOfGreatAndSmallNumbers) {
  for (const double scale : {1e-300, 1e300}) {
    const Tensor x = Tensor::of(NC_FLOAT64, {2, 2}, {3 * scale, 1 * scale, 4 * scale, 2 * scale}),
                 q(NC_FLOAT64, {2, 2}), r(NC_FLOAT64, {2, 2});
    ASSERT_TRUE(succeeded(nc_qr(context(), x, q, r)));
    expect_close(q, {-0.6, -0.8, -0.8, 0.6}, 1e-14);
    expect_close(r, {-5 * scale, -2.2 * scale, 0, 0.4 * scale}, 1e-14);
  }
}

TEST(Linalg, SingularValuesAndVectors) {
  for_cases([](std::mt19937_64& engine, nc_dtype dtype, const Shape& lead, int64_t m) {
    for (const int64_t n : {0, 1, 3, 33}) {
      const int64_t least = std::min(m, n);
      const Tensor x = batch(engine, dtype, lead, m, n);
      const Tensor alone(dtype, with(lead, {least}));
      ASSERT_TRUE(succeeded(nc_svd(context(), x, nullptr, alone, nullptr)));
      for (const bool full : {false, true}) {
        const int64_t columns = full ? m : least, rows = full ? n : least;
        const Tensor u = batch(engine, dtype, lead, m, columns), s(dtype, with(lead, {least})),
                     vt = batch(engine, dtype, lead, rows, n);
        ASSERT_TRUE(succeeded(nc_svd(context(), x, u, s, vt)));
        expect_close(alone, s.values(), 0, 4 * tolerance(dtype));
        const std::vector<double> all = s.values();
        for (int64_t p = 0; p < places(lead); p++) {
          Dense diagonal(columns, rows);
          for (int64_t i = 0; i < least; i++) {
            diagonal.at(i, i) = all[p * least + i];
            EXPECT_GE(diagonal.at(i, i), 0);
            if (i > 0) {
              EXPECT_LE(diagonal.at(i, i), diagonal.at(i - 1, i - 1));
            }
          }
          const Dense left(u, p), right(vt, p);
          expect_near(left * diagonal * right, Dense(x, p), tolerance(dtype) * 4);
          expect_near(transpose(left) * left, identity(columns), tolerance(dtype) * 4);
          expect_near(right * transpose(right), identity(rows), tolerance(dtype) * 4);
        }
      }
    }
  });
}

TEST(Linalg, SingularValuesOfSpecialMatrices) {
  const int64_t n = 60;
  const Tensor x(NC_FLOAT64, {n, n}), u(NC_FLOAT64, {n, n}), s(NC_FLOAT64, {n}), vt(NC_FLOAT64, {n, n});
  const auto check = [&](const std::function<double(int64_t, int64_t)>& value, double scale) {
    std::vector<double> values;
    for (int64_t i = 0; i < n; i++)
      for (int64_t j = 0; j < n; j++) values.push_back(scale * value(i, j));
    x.set(values);
    ASSERT_TRUE(succeeded(nc_svd(context(), x, u, s, vt)));
    Dense diagonal(n, n);
    for (int64_t i = 0; i < n; i++) diagonal.at(i, i) = s.values()[i];
    expect_near(Dense(u, 0) * diagonal * Dense(vt, 0), Dense(x, 0), 1e-11 * scale);
    expect_near(transpose(Dense(u, 0)) * Dense(u, 0), identity(n), 1e-11);
  };
  for (const double scale : {1.0, 1e-250, 1e250}) {
    check([](int64_t, int64_t) { return 0; }, scale);
    check([](int64_t, int64_t) { return 1; }, scale);
    check([](int64_t i, int64_t j) { return i == j; }, scale);
    check([](int64_t i, int64_t j) { return i % 7 == j % 7 ? 1 : 0; }, scale);
    check([](int64_t i, int64_t j) { return i == j ? (i % 2 ? 1e-8 : 1) : 0; }, scale);
    check([](int64_t i, int64_t j) { return 1.0 / static_cast<double>(i + j + 1); }, scale);
    check([](int64_t i, int64_t j) { return j == i + 1 ? 1 : 0; }, scale);
  }
}

TEST(Linalg, EigenvaluesAndVectors) {
  for_cases([](std::mt19937_64& engine, nc_dtype dtype, const Shape& lead, int64_t n) {
    const Tensor x = definite(engine, dtype, lead, n), v = batch(engine, dtype, lead, n, n), w(dtype, with(lead, {n})),
                 alone(dtype, with(lead, {n}));
    ASSERT_TRUE(succeeded(nc_eigh(context(), x, w, v)));
    ASSERT_TRUE(succeeded(nc_eigh(context(), x, alone, nullptr)));
    expect_close(alone, w.values(), 4 * tolerance(dtype));
    const std::vector<double> all = w.values();
    for (int64_t p = 0; p < places(lead); p++) {
      Dense diagonal(n, n);
      for (int64_t i = 0; i < n; i++) {
        diagonal.at(i, i) = all[p * n + i];
        if (i > 0) {
          EXPECT_GE(all[p * n + i], all[p * n + i - 1]);
        }
      }
      const Dense vectors(v, p);
      expect_near(Dense(x, p) * vectors, vectors * diagonal, 20 * tolerance(dtype));
      expect_near(transpose(vectors) * vectors, identity(n), 4 * tolerance(dtype));
    }
  });
}

TEST(Linalg, EigenvaluesReadTheLowerTriangleAlone) {
  const Tensor x = Tensor::of(NC_FLOAT64, {2, 2}, {2, NAN, 1, 2}), w(NC_FLOAT64, {2});
  ASSERT_TRUE(succeeded(nc_eigh(context(), x, w, nullptr)));
  expect_close(w, {1, 3}, 1e-14);
}

TEST(Linalg, ManyMatricesAreAsTheyAreAlone) {
  std::mt19937_64 engine(3);
  const Tensor x = definite(engine, NC_FLOAT64, {1000}, 3), y(NC_FLOAT64, {1000, 3, 3}), alone(NC_FLOAT64, {3, 3});
  ASSERT_TRUE(succeeded(nc_inv(context(), x, y)));
  for (const int64_t k : {0, 1, 499, 999}) {
    alone.set(Dense(x, k).values);
    ASSERT_TRUE(succeeded(nc_inv(context(), alone, alone)));
    expect_close(Dense(y, k).values, alone.values(), 0);
  }
}

TEST(Linalg, TheFirstSingularMatrixIsNamed) {
  const Tensor x(NC_FLOAT64, {20, 30, 2, 2}), b(NC_FLOAT64, {20, 30, 2, 1});
  std::vector<double> values;
  for (int64_t i = 0; i < 600; i++) values.insert(values.end(), {1, 2, 2, i == 307 || i == 599 ? 4.0 : 5.0});
  x.set(values);
  EXPECT_TRUE(failed(nc_inv(context(), x, x.clone()), NC_LINALG_ERROR, "nc_inv: x[10, 7] is singular"));
  EXPECT_TRUE(failed(nc_solve(context(), x, b, b), NC_LINALG_ERROR, "nc_solve: a[10, 7] is singular"));
  EXPECT_TRUE(failed(nc_inv(context(), Tensor(NC_FLOAT32, {2, 2}), Tensor(NC_FLOAT32, {2, 2})), NC_LINALG_ERROR,
                     "nc_inv: x is singular"));
  for (const double last : {1.0, 0.0, double{NAN}}) {
    const Tensor indefinite = Tensor::of(NC_FLOAT64, {2, 2}, {1, 2, 2, last});
    EXPECT_TRUE(failed(nc_cholesky(context(), indefinite, indefinite), NC_LINALG_ERROR, "x is not positive"));
  }
}

TEST(Linalg, NumbersThatAreNotFinite) {
  for (const double value : {double{NAN}, double{INFINITY}}) {
    for (const int64_t n : {1, 2, 30}) {
      const Tensor x(NC_FLOAT64, {n, n}), y(NC_FLOAT64, {n, n}), z(NC_FLOAT64, {n, n}), s(NC_FLOAT64, {n}),
          number(NC_FLOAT64, {});
      std::vector<double> values(static_cast<size_t>(n * n), 1.0);
      values[static_cast<size_t>(n * n - n)] = value;
      x.set(values);
      EXPECT_TRUE(failed(nc_svd(context(), x, y, s, z), NC_LINALG_ERROR, "x has no singular values"));
      EXPECT_TRUE(failed(nc_eigh(context(), x, s, y), NC_LINALG_ERROR, "x has no eigenvalues"));
      EXPECT_TRUE(succeeded(nc_det(context(), x, number)));
      EXPECT_TRUE(succeeded(nc_qr(context(), x, y, z)));
      nc_inv(context(), x, y);
      nc_cholesky(context(), x, y);
    }
  }
}

TEST(Linalg, RefusesBadArguments) {
  const Tensor square(NC_FLOAT32, {3, 3}), y(NC_FLOAT32, {3, 3}), tall(NC_FLOAT32, {4, 3}), number(NC_FLOAT32, {}),
      three(NC_FLOAT32, {3});
  EXPECT_TRUE(failed(nc_det(context(), tall, number), NC_INVALID_SHAPE, "square"));
  EXPECT_TRUE(failed(nc_det(context(), three, number), NC_INVALID_SHAPE, "two axes"));
  EXPECT_TRUE(failed(nc_det(context(), square, three), NC_INVALID_SHAPE, "y (3,)"));
  EXPECT_TRUE(failed(nc_det(context(), Tensor(NC_INT32, {3, 3}), number), NC_INVALID_DTYPE, "float32 or float64"));
  EXPECT_TRUE(failed(nc_det(context(), Tensor(NC_FLOAT16, {3, 3}), number), NC_INVALID_DTYPE, "float16"));
  EXPECT_TRUE(failed(nc_slogdet(context(), square, number, number), NC_INVALID_ARGUMENT, "overlaps"));
  EXPECT_TRUE(failed(nc_inv(context(), square, Tensor(NC_FLOAT64, {3, 3})), NC_INVALID_DTYPE, "y is"));
  EXPECT_TRUE(failed(nc_inv(context(), square, square.transposed({1, 0})), NC_INVALID_ARGUMENT, "overlaps"));
  EXPECT_TRUE(failed(nc_solve(context(), square, tall, tall), NC_INVALID_SHAPE, "b (4, 3)"));
  EXPECT_TRUE(failed(nc_solve(context(), square, y, square), NC_INVALID_ARGUMENT, "overlaps"));
  EXPECT_TRUE(failed(nc_qr(context(), tall, Tensor(NC_FLOAT32, {4, 2}), Tensor(NC_FLOAT32, {2, 3})), NC_INVALID_SHAPE,
                     "q (4, 2)"));
  EXPECT_TRUE(failed(nc_qr(context(), tall, tall.clone(), Tensor(NC_FLOAT32, {4, 3})), NC_INVALID_SHAPE, "r (4, 3)"));
  EXPECT_TRUE(failed(nc_svd(context(), square, y, three, nullptr), NC_INVALID_ARGUMENT, "both or neither"));
  EXPECT_TRUE(failed(nc_eigh(context(), square, three, three), NC_INVALID_SHAPE, "v (3,)"));
  EXPECT_TRUE(failed(nc_cholesky(context(), square, nullptr), NC_INVALID_ARGUMENT, "y is null"));
}

}  // namespace
