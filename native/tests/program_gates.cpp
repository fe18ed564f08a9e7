// Gates, x sigmoid(v) with v = a x or a x + b x^3, and their gradients: which programs become one, and what it
// computes.
#include <cmath>
#include <functional>
#include <limits>

#include "cpu/program_kernels.hpp"
#include "cpu/program_plan.hpp"
#include "cpu/table.hpp"
#include "support/program.hpp"

using namespace nc;
using namespace nc::test;
using cpu::Gate;

namespace {

constexpr double kScale = 0.7978845608028654, kCube = 0.044715;  // of tanh's argument in gelu

// A program under construction, with the operations of expressions.
struct Writer {
  Code& code;

  int add(int a, int b) const { return code.op(NC_OP_ADD, a, b); }
  int sub(int a, int b) const { return code.op(NC_OP_SUBTRACT, a, b); }
  int mul(int a, int b) const { return code.op(NC_OP_MULTIPLY, a, b); }
  int mul(double a, int b) const { return mul(code.constant(a), b); }
  int square(int a) const { return code.op(NC_OP_SQUARE, a); }
  int madd(int a, int b, int c) const { return code.op(NC_OP_MULTIPLY_ADD, a, b, c); }
  int sigmoid(int a) const { return code.op(NC_OP_SIGMOID, a); }
  int tanh(int a) const { return code.op(NC_OP_TANH, a); }
  int one() const { return code.constant(1); }

  int gelu_tanh(int x) const { return tanh(mul(kScale, add(x, mul(kCube, mul(mul(x, x), x))))); }
  int gelu(int x) const { return mul(mul(0.5, x), add(one(), gelu_tanh(x))); }
  int gelu_gradient(int x, int g, double cube = 3 * kCube) const {
    const int t = gelu_tanh(x), half = mul(0.5, add(one(), t));
    const int slope = mul(mul(mul(0.5, x), sub(one(), mul(t, t))), mul(kScale, add(one(), mul(cube, mul(x, x)))));
    return mul(g, add(half, slope));
  }
  int silu_gradient(int x, int g) const {
    const int s = sigmoid(x);
    return mul(g, add(s, mul(mul(x, s), sub(one(), s))));
  }
};

// Input 0 is x, input 1 the gradient or what else there is.
struct Form {
  const char* name;
  std::function<int(const Writer&)> write;
  Gate gate;  // count: none
};

const Form kForms[] = {
    {"silu",
     [](const Writer& w) {
       const int x = w.code.load(0);
       return w.mul(x, w.sigmoid(x));
     },
     Gate::linear},
    {"silu, turned",
     [](const Writer& w) {
       const int x = w.code.load(0);
       return w.mul(w.sigmoid(x), x);
     },
     Gate::linear},
    {"quick gelu",
     [](const Writer& w) {
       const int x = w.code.load(0);
       return w.mul(x, w.sigmoid(w.mul(1.702, x)));
     },
     Gate::linear},
    {"swish of a parameter",
     [](const Writer& w) {
       const int x = w.code.load(0);
       return w.mul(x, w.sigmoid(w.mul(w.code.parameter(0), x)));
     },
     Gate::linear},
    {"swish of an input",
     [](const Writer& w) {
       const int x = w.code.load(0);
       return w.mul(x, w.sigmoid(w.mul(x, w.code.load(1))));
     },
     Gate::linear},
    {"silu by way of tanh",
     [](const Writer& w) {
       const int x = w.code.load(0), half = w.mul(0.5, x);
       return w.madd(half, w.tanh(half), half);
     },
     Gate::linear},
    {"silu of a sum",
     [](const Writer& w) {
       const int x = w.code.op(NC_OP_MAXIMUM, w.code.load(0), w.code.load(1));
       return w.mul(x, w.sigmoid(x));
     },
     Gate::linear},
    {"silu's gradient", [](const Writer& w) { return w.silu_gradient(w.code.load(0), w.code.load(1)); },
     Gate::linear_gradient},
    {"silu's gradient, derived",
     [](const Writer& w) {
       const int x = w.code.load(0), s = w.sigmoid(x);
       return w.mul(w.madd(w.mul(s, w.sub(w.one(), s)), x, s), w.code.load(1));
     },
     Gate::linear_gradient},
    {"silu's gradient by the result",
     [](const Writer& w) {
       const int x = w.code.load(0), s = w.sigmoid(x), y = w.mul(x, s);
       return w.mul(w.code.load(1), w.add(y, w.mul(s, w.sub(w.one(), y))));
     },
     Gate::linear_gradient},
    {"swish's gradient",
     [](const Writer& w) {
       const int x = w.code.load(0), g = w.code.load(1), beta = w.code.load(2), s = w.sigmoid(w.mul(beta, x));
       return w.mul(g, w.madd(w.mul(beta, w.mul(s, w.sub(w.one(), s))), x, s));
     },
     Gate::linear_gradient},
    {"gelu", [](const Writer& w) { return w.gelu(w.code.load(0)); }, Gate::cubic},
    {"gelu of a power and a quotient",
     [](const Writer& w) {
       const int x = w.code.load(0), three = w.code.constant(3), two = w.code.constant(2);
       const int t = w.tanh(w.mul(kScale, w.madd(w.code.constant(kCube), w.code.op(NC_OP_POWER, x, three), x)));
       return w.mul(w.code.op(NC_OP_DIVIDE, x, two), w.add(t, w.one()));
     },
     Gate::cubic},
    {"gelu by Horner's rule",
     [](const Writer& w) {
       const int x = w.code.load(0);
       const int u = w.mul(x, w.madd(w.square(x), w.code.constant(kScale * kCube), w.code.constant(kScale)));
       return w.mul(x, w.madd(w.code.constant(0.5), w.tanh(u), w.code.constant(0.5)));
     },
     Gate::cubic},
    {"gelu by the sigmoid",
     [](const Writer& w) {
       const int x = w.code.load(0);
       return w.mul(x, w.sigmoid(w.mul(2 * kScale, w.madd(w.mul(kCube, x), w.square(x), x))));
     },
     Gate::cubic},
    {"gelu's gradient", [](const Writer& w) { return w.gelu_gradient(w.code.load(0), w.code.load(1)); },
     Gate::cubic_gradient},
    {"gelu's gradient, derived",
     [](const Writer& w) {
       const int x = w.code.load(0), g = w.code.load(1), t = w.gelu_tanh(x);
       const int inner = w.madd(w.square(x), w.code.constant(3 * kCube), w.one());
       const int slope = w.mul(w.mul(w.mul(inner, w.sub(w.one(), w.square(t))), x), w.code.constant(0.5 * kScale));
       return w.mul(w.madd(w.add(t, w.one()), w.code.constant(0.5), slope), g);
     },
     Gate::cubic_gradient},

    {"x times the sigmoid of another", [](const Writer& w) { return w.mul(w.code.load(0), w.sigmoid(w.code.load(1))); },
     Gate::count},
    {"x squared times its sigmoid",
     [](const Writer& w) {
       const int x = w.code.load(0);
       return w.mul(w.square(x), w.sigmoid(x));
     },
     Gate::count},
    {"twice silu",
     [](const Writer& w) {
       const int x = w.code.load(0);
       return w.mul(x, w.add(w.one(), w.tanh(x)));
     },
     Gate::count},
    {"a sigmoid of a square",
     [](const Writer& w) {
       const int x = w.code.load(0);
       return w.mul(x, w.sigmoid(w.add(x, w.square(x))));
     },
     Gate::count},
    {"a sigmoid of a fifth power",
     [](const Writer& w) {
       const int x = w.code.load(0), cube = w.mul(x, w.square(x));
       return w.mul(x, w.sigmoid(w.add(x, w.mul(cube, w.square(x)))));
     },
     Gate::count},
    {"a sigmoid of x and a number",
     [](const Writer& w) {
       const int x = w.code.load(0);
       return w.mul(x, w.sigmoid(w.add(x, w.one())));
     },
     Gate::count},
    {"a cube by a parameter",
     [](const Writer& w) {
       const int x = w.code.load(0), cube = w.mul(x, w.square(x));
       return w.mul(x, w.sigmoid(w.madd(w.code.parameter(0), cube, x)));
     },
     Gate::count},
    {"gelu without its half",
     [](const Writer& w) {
       const int x = w.code.load(0);
       return w.mul(x, w.add(w.one(), w.gelu_tanh(x)));
     },
     Gate::count},
    {"silu's gradient with a sign lost",
     [](const Writer& w) {
       const int x = w.code.load(0), s = w.sigmoid(x);
       return w.mul(w.code.load(1), w.add(s, w.mul(w.mul(x, s), w.add(w.one(), s))));
     },
     Gate::count},
    {"silu's gradient by itself",
     [](const Writer& w) {
       const int x = w.code.load(0);
       return w.silu_gradient(x, x);
     },
     Gate::count},
    {"gelu's gradient with another factor",
     [](const Writer& w) { return w.gelu_gradient(w.code.load(0), w.code.load(1), 2 * kCube); }, Gate::count},
};

int32_t step_op(Code& code) {
  const cpu::ProgramPlan& plan = cpu::plan_of(*code.build());
  return plan.steps.size() == 1 ? plan.steps[0].op : -1;
}

TEST(ProgramGates, AreFoundHoweverTheyAreWritten) {
  for (const nc_dtype dtype : {NC_FLOAT32, NC_FLOAT64}) {
    for (const Form& form : kForms) {
      SCOPED_TRACE(form.name);
      Code code(dtype);
      code.store(form.write({code}));
      const cpu::ProgramPlan& plan = cpu::plan_of(*code.build());
      const bool found =
          std::any_of(plan.steps.begin(), plan.steps.end(), [](const cpu::Step& s) { return s.op >= cpu::kFirstGate; });
      EXPECT_EQ(found, form.gate != Gate::count);
      if (form.gate != Gate::count) {
        EXPECT_EQ(plan.steps.back().op, cpu::gate_op(form.gate));
      }
    }
  }
}

TEST(ProgramGates, StandAmongOtherSteps) {
  Code code(NC_FLOAT32);
  const Writer w{code};
  const int x = w.add(code.load(0), code.load(1));
  code.store(w.mul(w.gelu(x), code.load(2)), 0).store(w.silu_gradient(x, code.load(2)), 1);
  const cpu::ProgramPlan& plan = cpu::plan_of(*code.build());
  ASSERT_EQ(plan.steps.size(), 4u);
  EXPECT_EQ(plan.steps[1].op, cpu::gate_op(Gate::cubic));
  EXPECT_EQ(plan.steps[3].op, cpu::gate_op(Gate::linear_gradient));
}

// What the function gives is stored, so it is computed, and the product is one step more.
TEST(ProgramGates, AreNotMadeWhereTheFunctionIsNeededToo) {
  Code code(NC_FLOAT32);
  const int x = code.load(0), s = code.op(NC_OP_SIGMOID, x);
  code.store(code.op(NC_OP_MULTIPLY, x, s), 0).store(s, 1);
  const cpu::ProgramPlan& plan = cpu::plan_of(*code.build());
  ASSERT_EQ(plan.steps.size(), 2u);
  EXPECT_EQ(plan.steps[0].op, NC_OP_SIGMOID);
  EXPECT_EQ(plan.steps[1].op, NC_OP_MULTIPLY);
}

TEST(ProgramGates, AreForFloatingPoint) {
  Code code(NC_INT64);
  const int x = code.load(0);
  code.store(code.op(NC_OP_MULTIPLY, x, x));
  EXPECT_EQ(step_op(code), NC_OP_MULTIPLY);
}

// The programs that are one gate, of x, g and beta in this order where they have them.
struct Gated {
  const char* name;
  double a, b;  // the sigmoid's argument; a: beta where it is an input
  bool gradient, beta;
};

const Gated kGated[] = {
    {"silu", 1, 0, false, false},
    {"quick gelu", 1.702, 0, false, false},
    {"swish", -0.75, 0, false, true},
    {"gelu", 2 * kScale, 2 * kScale* kCube, false, false},
    {"silu's gradient", 1, 0, true, false},
    {"swish's gradient", -0.75, 0, true, true},
    {"gelu's gradient", 2 * kScale, 2 * kScale* kCube, true, false},
};

void write(const Gated& gate, Code& code) {
  const Writer w{code};
  const int x = code.load(0), g = gate.gradient ? code.load(1) : 0;
  const int a = gate.beta ? code.load(gate.gradient ? 2 : 1) : code.constant(gate.a), ax = w.mul(a, x);
  const int v = gate.b == 0 ? ax : w.add(ax, w.mul(gate.b, w.mul(x, w.square(x)))), s = w.sigmoid(v);
  const int slope = gate.b == 0 ? a : w.add(a, w.mul(3 * gate.b, w.square(x)));
  code.store(gate.gradient ? w.mul(g, w.add(s, w.mul(w.mul(w.mul(x, s), w.sub(w.one(), s)), slope))) : w.mul(x, s));
  ASSERT_GE(step_op(code), cpu::kFirstGate) << gate.name;
}

// x of all magnitudes, and dense where the sigmoid is neither 0 nor 1.
template <class T>
std::vector<double> samples() {
  std::vector<double> xs;
  std::mt19937_64 engine(3);
  std::uniform_real_distribution<double> near(-6, 6), wide(-130, 130), unit(1, 2);
  const int least = sizeof(T) == 4 ? -149 : -1074, most = sizeof(T) == 4 ? 127 : 1023;
  for (int i = 0; i < 20000; i++) {
    xs.push_back(near(engine));
    xs.push_back((sizeof(T) == 4 ? 1 : 7) * wide(engine));
    const double magnitude =
        std::ldexp(unit(engine), least + static_cast<int>(engine() % static_cast<unsigned>(most - least)));
    xs.push_back(engine() & 1 ? magnitude : -magnitude);
  }
  return xs;
}

// Values in long double. A sigmoid's argument is rounded, which weighs as much as the argument is large; the sum of a
// gradient may cancel.
template <class T>
void expect_exact(const Gated& gate) {
  const nc_dtype dtype = sizeof(T) == 4 ? NC_FLOAT32 : NC_FLOAT64;
  const std::vector<double> drawn = samples<T>();
  const auto n = static_cast<int64_t>(drawn.size());
  const Tensor x = Tensor::of(dtype, {n}, drawn), y(dtype, {n});
  const Tensor g = Tensor::random(dtype, {n}, 5, -2, 2), beta = Tensor::of(dtype, {1}, {gate.a});
  std::vector<Tensor> inputs = {x};
  if (gate.gradient) inputs.push_back(g);
  if (gate.beta) {
    inputs.push_back(beta.view([&](nc_tensor& t) {
      t.shape[0] = n;
      t.strides[0] = 0;
    }));
  }
  Code code(dtype);
  write(gate, code);
  ASSERT_TRUE(succeeded(nc_program_run(context(), code.build(), views(inputs).data(), nullptr, y)));
  const long double unit = std::numeric_limits<T>::epsilon() / 2, largest = std::numeric_limits<T>::max();
  const auto a = static_cast<long double>(static_cast<T>(gate.a)), b = static_cast<long double>(static_cast<T>(gate.b));
  double worst = 0;
  for (int64_t i = 0; i < n; i++) {
    const long double at = x.data<T>()[i], v = a * at + b * at * at * at;
    if (fabsl(at * at) > largest && b != 0 && gate.gradient) continue;  // as the single steps: see the edges
    const long double e = expl(-v), s = 1 / (1 + e), rest = 1 / (1 + expl(v));
    const long double terms[] = {s, at * s * rest * (a + 3 * b * at * at)};
    const long double exact = gate.gradient ? g.data<T>()[i] * (terms[0] + terms[1]) : at * s;
    const long double size = gate.gradient ? fabsl(g.data<T>()[i]) * (terms[0] + fabsl(terms[1])) : fabsl(exact);
    const long double off = fabsl(y.data<T>()[i] - exact);
    // Next to nothing is 0: where the sigmoid is below the normal numbers.
    const long double nothing =
        4 * std::numeric_limits<T>::min() * (1 + fabsl(at) * (gate.gradient ? 1 + fabsl(v) : 1));
    const long double allowed = unit * size * (8 + 3 * fabsl(v)) + std::min(nothing, size + 1e-30L);
    worst = std::max(worst, static_cast<double>(off / allowed));
    ASSERT_LE(off, allowed) << gate.name << " at " << static_cast<double>(at) << ": " << y.data<T>()[i] << ", exactly "
                            << static_cast<double>(exact);
  }
  testing::Test::RecordProperty(std::string(gate.name) + (sizeof(T) == 4 ? " float32" : " float64"),
                                std::to_string(worst));
}

TEST(ProgramGates, AreWithinTheirBounds) {
  for (const Gated& gate : kGated) {
    expect_exact<float>(gate);
    expect_exact<double>(gate);
    if (HasFatalFailure()) return;
  }
}

// At NaN, infinities, zeros and what overflows on the way, what the single steps give.
TEST(ProgramGates, MeetTheEdgesOfTheSingleSteps) {
  const double inf = std::numeric_limits<double>::infinity();
  const std::vector<double> edges = {0,     -0.0,  inf,   -inf, std::nan(""), 1e-40, -1e-40, 90,    -90,
                                     1000,  -1000, 1e7,   -1e7, 1e13,         -1e13, 1e15,   -1e15, 1e18,
                                     -1e18, 1e20,  -1e20, 1e30, -1e30,        3e38,  -3e38};
  static const nc_backend plain = cpu::make_table(cpu::Isa::reference);
  const auto n = static_cast<int64_t>(edges.size());
  for (const nc_dtype dtype : {NC_FLOAT32, NC_FLOAT64}) {
    const Tensor x = Tensor::of(dtype, {n}, edges);
    for (const double gradient : {1.5, -0.0, inf, std::nan("")}) {
      for (const Gated& gate : kGated) {
        SCOPED_TRACE(gate.name);
        std::vector<Tensor> inputs = {x};
        if (gate.gradient) inputs.push_back(Tensor::of(dtype, {n}, std::vector<double>(edges.size(), gradient)));
        if (gate.beta) inputs.push_back(Tensor::of(dtype, {n}, std::vector<double>(edges.size(), gate.a)));
        Code code(dtype);
        write(gate, code);
        const Tensor y(dtype, {n}), z(dtype, {n});
        ASSERT_TRUE(succeeded(nc_program_run(context(), code.build(), views(inputs).data(), nullptr, y)));
        ASSERT_EQ(plain.program_run(nullptr, code.build(), 1, views(inputs).data(), nullptr, z), NC_OK);
        const std::vector<double> got = y.values(), wanted = z.values();
        for (size_t i = 0; i < edges.size(); i++) {
          // A sigmoid below the normal numbers is 0, and infinity times 0 is no number.
          if (std::isinf(gradient) && edges[i] == -90) continue;
          if (std::isnan(wanted[i])) {
            EXPECT_TRUE(std::isnan(got[i])) << edges[i] << ": " << got[i];
          } else if (std::isinf(wanted[i])) {
            EXPECT_EQ(got[i], wanted[i]) << edges[i];
          } else {
            EXPECT_NEAR(got[i], wanted[i], 1e-5 * std::fabs(wanted[i]) + 1e-35) << edges[i];
          }
          if (edges[i] == 0 && !gate.gradient) {
            EXPECT_EQ(std::signbit(got[i]), std::signbit(edges[i]));
          }
        }
      }
    }
  }
}

// Of any strides, of any length, in place and on any number of threads, an element's bits are the same.
TEST(ProgramGates, BitsDependOnTheElementAlone) {
  std::mt19937 engine(11);
  for (const nc_dtype dtype : {NC_FLOAT32, NC_FLOAT64}) {
    for (const Gated& gate : kGated) {
      SCOPED_TRACE(gate.name);
      Code code(dtype);
      write(gate, code);
      const int64_t most = 70001;
      std::vector<Tensor> whole = {Tensor::random(dtype, {most}, 1, -9, 9)};
      if (gate.gradient) whole.push_back(Tensor::random(dtype, {most}, 2, -2, 2));
      if (gate.beta) whole.push_back(Tensor::random(dtype, {most}, 3, -2, 2));
      const Tensor y(dtype, {most});
      ASSERT_TRUE(succeeded(nc_program_run(context(), code.build(), views(whole).data(), nullptr, y)));
      const std::vector<double> expected = y.values();

      const int32_t saved = nc_num_threads();
      for (const int32_t threads : {1, 2, 3, 8}) {
        ASSERT_TRUE(succeeded(nc_set_num_threads(threads)));
        const Tensor z(dtype, {most});
        ASSERT_TRUE(succeeded(nc_program_run(context(), code.build(), views(whole).data(), nullptr, z)));
        EXPECT_EQ(z.values(), expected) << threads << " threads";
      }
      nc_set_num_threads(saved);

      for (const int64_t n : {0, 1, 3, 7, 17, 63, 65, 1031}) {
        const int64_t first = n == 0 ? 0 : static_cast<int64_t>(engine() % static_cast<unsigned>(most - n));
        const std::vector<double> part(expected.begin() + first, expected.begin() + first + n);
        std::vector<Tensor> strided, dense;
        for (const Tensor& t : whole) {
          const std::vector<double> all = t.values();
          const std::vector<double> values(all.begin() + first, all.begin() + first + n);
          strided.emplace_back(dtype, Shape{n}, Shape{1 + static_cast<int64_t>(engine() % 3)});
          strided.back().set(values);
          dense.push_back(Tensor::of(dtype, {n}, values));
        }
        const Tensor z(dtype, {n}, Shape{2});
        ASSERT_TRUE(succeeded(nc_program_run(context(), code.build(), views(strided).data(), nullptr, z)));
        EXPECT_EQ(z.values(), part) << n << ", strided";
        const Tensor& place = dense[engine() % dense.size()];
        ASSERT_TRUE(succeeded(nc_program_run(context(), code.build(), views(dense).data(), nullptr, place)));
        EXPECT_EQ(place.values(), part) << n << ", in place";
      }
    }
  }
}

}  // namespace
