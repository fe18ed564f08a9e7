// Each function of programs against the C library's in long double: its bound in ulp, and its edges.
#include <cmath>
#include <limits>

#include "support/program.hpp"

using namespace nc;
using namespace nc::test;

namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();

struct Function {
  const char* name;
  int32_t op;
  long double (*exact)(long double);
  double low, high;         // sampled evenly between them, and over all magnitudes of both signs inside them
  double bound32, bound64;  // ulp
};

long double sigmoid(long double x) { return x < 0 ? expl(x) / (1 + expl(x)) : 1 / (1 + expl(-x)); }
long double softplus(long double x) { return (x > 0 ? x : 0) + log1pl(expl(-fabsl(x))); }
long double rsqrt(long double x) { return 1 / sqrtl(x); }
long double reciprocal(long double x) { return 1 / x; }

const Function kFunctions[] = {
    {"exp", NC_OP_EXP, expl, -800, 800, 1, 1},
    {"exp2", NC_OP_EXP2, exp2l, -1100, 1100, 2, 2},
    {"expm1", NC_OP_EXPM1, expm1l, -800, 800, 2, 2},
    {"log", NC_OP_LOG, logl, 0, kInf, 2, 2},
    {"log2", NC_OP_LOG2, log2l, 0, kInf, 3, 3},
    {"log10", NC_OP_LOG10, log10l, 0, kInf, 3, 3},
    {"log1p", NC_OP_LOG1P, log1pl, -1, kInf, 2, 2},
    {"sin", NC_OP_SIN, sinl, -50000, 50000, 1, 4},
    {"cos", NC_OP_COS, cosl, -50000, 50000, 1, 4},
    {"tan", NC_OP_TAN, tanl, -50000, 50000, 1, 1},
    {"asin", NC_OP_ASIN, asinl, -1, 1, 3, 3},
    {"acos", NC_OP_ACOS, acosl, -1, 1, 3, 3},
    {"atan", NC_OP_ATAN, atanl, -kInf, kInf, 4, 4},
    {"sinh", NC_OP_SINH, sinhl, -720, 720, 4, 4},
    {"cosh", NC_OP_COSH, coshl, -720, 720, 2, 2},
    {"tanh", NC_OP_TANH, tanhl, -50, 50, 3, 3},
    {"asinh", NC_OP_ASINH, asinhl, -kInf, kInf, 4, 4},
    {"acosh", NC_OP_ACOSH, acoshl, 1, kInf, 4, 4},
    {"atanh", NC_OP_ATANH, atanhl, -1, 1, 4, 4},
    {"sigmoid", NC_OP_SIGMOID, sigmoid, -800, 800, 3, 3},
    {"softplus", NC_OP_SOFTPLUS, softplus, -800, 800, 3, 3},
    {"erf", NC_OP_ERF, erfl, -10, 10, 2, 2},
    {"erfc", NC_OP_ERFC, erfcl, -10, 30, 3, 6},
    {"sqrt", NC_OP_SQRT, sqrtl, 0, kInf, 0.51, 0.51},
    {"rsqrt", NC_OP_RSQRT, rsqrt, 0, kInf, 1.6, 1.6},
    {"reciprocal", NC_OP_RECIPROCAL, reciprocal, -kInf, kInf, 0.51, 0.51},
};

template <class T>
nc_dtype dtype_of() {
  return sizeof(T) == 4 ? NC_FLOAT32 : NC_FLOAT64;
}

// The distance of y from the exact value in units of T's last place there; overflow and equal signs of zero count as 0.
template <class T>
double ulp_error(T y, long double exact) {
  const T rounded = static_cast<T>(exact);
  if (std::isnan(y) || std::isnan(rounded)) return std::isnan(y) == std::isnan(rounded) ? 0 : kInf;
  if (y == rounded) return std::signbit(y) == std::signbit(rounded) ? 0 : kInf;
  if (std::isinf(y) || std::isinf(rounded)) {
    // The last finite value and infinity are neighbours.
    const T largest = std::numeric_limits<T>::max();
    return std::fabs(std::isinf(y) ? rounded : y) == largest && std::signbit(y) == std::signbit(rounded) ? 1 : kInf;
  }
  const T size = std::fabs(rounded);
  const T last =
      std::max(std::nextafter(size, std::numeric_limits<T>::infinity()) - size, std::numeric_limits<T>::denorm_min());
  return static_cast<double>(fabsl(static_cast<long double>(y) - exact) / last);
}

template <class T>
std::vector<T> samples(double low, double high) {
  std::vector<T> xs;
  std::mt19937_64 engine(1);
  const auto keep = [&](T x) {
    if (x >= low && x <= high) xs.push_back(x);
  };
  std::uniform_real_distribution<double> even(std::max(low, -1e6), std::min(high, 1e6)), near(-4, 4), unit(0.5, 2);
  for (int i = 0; i < 20000; i++) {
    keep(static_cast<T>(even(engine)));
    keep(static_cast<T>(near(engine)));
    keep(static_cast<T>(unit(engine)));
    const int span = sizeof(T) == 4 ? 149 : 1074, top = sizeof(T) == 4 ? 128 : 1024;
    const int exponent = static_cast<int>(engine() % (span + top)) - span;
    const T magnitude = std::ldexp(static_cast<T>(unit(engine)) * T{0.5}, exponent);
    keep(engine() & 1 ? -magnitude : magnitude);
  }
  for (double edge : {low, high, 0.0, 1.0, -1.0, 0.5, -0.5}) keep(static_cast<T>(edge));
  keep(-T{0});
  keep(std::numeric_limits<T>::min());
  keep(std::numeric_limits<T>::denorm_min());
  keep(std::numeric_limits<T>::max());
  keep(std::numeric_limits<T>::lowest());
  return xs;
}

template <class T>
std::vector<T> evaluate(int32_t op, const std::vector<std::vector<T>>& arguments) {
  Code code(dtype_of<T>());
  int values[2] = {};
  for (size_t k = 0; k < arguments.size(); k++) values[k] = code.load(static_cast<int>(k));
  code.store(code.op(op, values[0], values[1]));
  std::vector<Tensor> inputs;
  const auto n = static_cast<int64_t>(arguments[0].size());
  for (const std::vector<T>& xs : arguments) {
    inputs.emplace_back(dtype_of<T>(), Shape{n});
    std::copy(xs.begin(), xs.end(), inputs.back().template data<T>());
  }
  const Tensor y(dtype_of<T>(), {n});
  EXPECT_TRUE(succeeded(nc_program_run(context(), code.build(), views(inputs).data(), nullptr, y)));
  return std::vector<T>(y.data<T>(), y.data<T>() + n);
}

template <class T>
void expect_within_bound(const Function& f) {
  const std::vector<T> xs = samples<T>(f.low, f.high);
  const std::vector<T> ys = evaluate<T>(f.op, {xs});
  double worst = 0;
  T where = 0;
  for (size_t i = 0; i < xs.size(); i++) {
    const double e = ulp_error(ys[i], f.exact(static_cast<long double>(xs[i])));
    if (e > worst) {
      worst = e;
      where = xs[i];
    }
  }
  testing::Test::RecordProperty(std::string(f.name) + (sizeof(T) == 4 ? "_float32" : "_float64"),
                                std::to_string(worst));
  EXPECT_LE(worst, sizeof(T) == 4 ? f.bound32 : f.bound64)
      << f.name << " in " << nc_dtype_name(dtype_of<T>()) << " at " << where << ": " << evaluate<T>(f.op, {{where}})[0]
      << ", exactly " << static_cast<double>(f.exact(where));
}

// Outside the domain and at what is no number the C library decides.
template <class T>
void expect_edges(const Function& f) {
  const T inf = std::numeric_limits<T>::infinity(), nan = std::numeric_limits<T>::quiet_NaN();
  const std::vector<T> xs = {inf, -inf, nan, 0, -T{0}, 2, -2, 1e10, -1e10, T(1e30), -T(1e30)};
  const std::vector<T> ys = evaluate<T>(f.op, {xs});
  for (size_t i = 0; i < xs.size(); i++) {
    const double e = ulp_error(ys[i], f.exact(static_cast<long double>(xs[i])));
    EXPECT_LE(e, 4) << f.name << " in " << nc_dtype_name(dtype_of<T>()) << " at " << xs[i] << ": " << ys[i];
  }
}

class ProgramMath : public testing::TestWithParam<Function> {};

TEST_P(ProgramMath, StaysWithinItsBoundInFloat32) { expect_within_bound<float>(GetParam()); }
TEST_P(ProgramMath, StaysWithinItsBoundInFloat64) { expect_within_bound<double>(GetParam()); }
TEST_P(ProgramMath, MeetsItsEdgesInFloat32) { expect_edges<float>(GetParam()); }
TEST_P(ProgramMath, MeetsItsEdgesInFloat64) { expect_edges<double>(GetParam()); }

INSTANTIATE_TEST_SUITE_P(All, ProgramMath, testing::ValuesIn(kFunctions),
                         [](const auto& tested) { return std::string(tested.param.name); });

template <class T>
void expect_binary(int32_t op, long double (*exact)(long double, long double), const std::vector<T>& as,
                   const std::vector<T>& bs, double bound) {
  const std::vector<T> ys = evaluate<T>(op, {as, bs});
  for (size_t i = 0; i < as.size(); i++) {
    ASSERT_LE(ulp_error(ys[i], exact(as[i], bs[i])), bound) << as[i] << ", " << bs[i] << ": " << ys[i];
  }
}

template <class T>
void expect_all_pairs(int32_t op, long double (*exact)(long double, long double), double bound) {
  const T inf = std::numeric_limits<T>::infinity(), nan = std::numeric_limits<T>::quiet_NaN();
  const std::vector<T> edges = {0,          -T{0}, 1,      -1,      2,        -2,
                                3,          -3,    T{0.5}, T{-0.5}, T{2.5},   T{-2.5},
                                inf,        -inf,  nan,    T(1e30), T(1e-30), std::numeric_limits<T>::denorm_min(),
                                T(16777216)};
  std::vector<T> as, bs;
  for (T a : edges) {
    for (T b : edges) {
      as.push_back(a);
      bs.push_back(b);
    }
  }
  expect_binary(op, exact, as, bs, bound);
  std::mt19937_64 engine(2);
  std::uniform_real_distribution<double> base(0, 20), any(-20, 20);
  as.clear();
  bs.clear();
  for (int i = 0; i < 50000; i++) {
    as.push_back(static_cast<T>(op == NC_OP_POWER ? base(engine) : any(engine)));
    bs.push_back(static_cast<T>(any(engine)));
  }
  expect_binary(op, exact, as, bs, bound);
}

TEST(ProgramMath, Power) {
  expect_all_pairs<float>(NC_OP_POWER, powl, 1);
  expect_all_pairs<double>(NC_OP_POWER, powl, 1);
}

TEST(ProgramMath, Atan2) {
  expect_all_pairs<float>(NC_OP_ATAN2, atan2l, 4);
  expect_all_pairs<double>(NC_OP_ATAN2, atan2l, 4);
}

TEST(ProgramMath, PowersOfTwoHaveExactLogarithms) {
  std::vector<float> xs;
  for (int k = -149; k < 128; k++) xs.push_back(std::ldexp(1.0f, k));
  const std::vector<float> ys = evaluate<float>(NC_OP_LOG2, {xs});
  for (int k = -149; k < 128; k++) EXPECT_EQ(ys[static_cast<size_t>(k + 149)], k);
}

}  // namespace
