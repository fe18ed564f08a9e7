// Updates: the programs of optimizers and of the LSTM that run as one step, which these are, and that it gives what the
// single operations give.
#include <cmath>
#include <functional>
#include <limits>

#include "cpu/program_plan.hpp"
#include "cpu/table.hpp"
#include "support/program.hpp"

using namespace nc;
using namespace nc::test;
using cpu::Update;

namespace {

const nc_scalar kParameters[] = {
    {nullptr, 0.1, 0}, {nullptr, 0.001, 0}, {nullptr, 0.003, 0}, {nullptr, 1e-6, 0}, {nullptr, 0.99, 0}};

// Inputs p, g, m, v as optimizers have them; outputs p, m, v.
struct AdamForm {
  bool fused, turned, parameters, keep;
};

void write_adam(Code& code, const AdamForm& form, bool stores_root = false) {
  const auto number = [&](int k) { return form.parameters ? code.parameter(k) : code.constant(kParameters[k].f64); };
  const auto either = [&](int32_t op, int a, int b) { return form.turned ? code.op(op, b, a) : code.op(op, a, b); };
  const int p = code.load(0), g = code.load(1), m = code.load(2), v = code.load(3);
  const auto average = [&](int before, int weight, int of) {
    const int distance = code.op(NC_OP_SUBTRACT, of, before);
    if (!form.fused) return either(NC_OP_ADD, before, either(NC_OP_MULTIPLY, weight, distance));
    return form.turned ? code.op(NC_OP_MULTIPLY_ADD, distance, weight, before)
                       : code.op(NC_OP_MULTIPLY_ADD, weight, distance, before);
  };
  const int m1 = average(m, number(0), g);
  const int v1 = average(v, number(1), form.turned ? code.op(NC_OP_SQUARE, g) : code.op(NC_OP_MULTIPLY, g, g));
  const int root = code.op(NC_OP_SQRT, v1);
  const int step = code.op(NC_OP_DIVIDE, either(NC_OP_MULTIPLY, number(2), m1), either(NC_OP_ADD, root, number(3)));
  const int kept = form.keep ? either(NC_OP_MULTIPLY, number(4), p) : p;
  code.store(code.op(NC_OP_SUBTRACT, kept, step), 0).store(m1, 1).store(stores_root ? root : v1, 2);
}

// Inputs p, g, v; outputs p, v.
void write_momentum(Code& code, bool turned, bool parameters) {
  const auto number = [&](int k) { return parameters ? code.parameter(k) : code.constant(kParameters[k].f64); };
  const auto either = [&](int32_t op, int a, int b) { return turned ? code.op(op, b, a) : code.op(op, a, b); };
  const int p = code.load(0), g = code.load(1), v = code.load(2);
  const int moved = code.op(NC_OP_SUBTRACT, either(NC_OP_MULTIPLY, number(0), v), either(NC_OP_MULTIPLY, number(1), g));
  code.store(either(NC_OP_ADD, p, moved), 0).store(moved, 1);
}

// Inputs u0 to u3, c, b0 to b3; outputs i, f, g, o, c, h.
void write_lstm(Code& code, bool turned, bool fused) {
  const auto either = [&](int32_t op, int a, int b) { return turned ? code.op(op, b, a) : code.op(op, a, b); };
  int u[9], gate[4];
  for (int k = 0; k < 9; k++) u[k] = code.load(k);
  for (int k = 0; k < 4; k++) {
    gate[k] = code.op(k == 2 ? NC_OP_TANH : NC_OP_SIGMOID, either(NC_OP_ADD, u[k], u[5 + k]));
    code.store(gate[k], k);
  }
  const int kept = either(NC_OP_MULTIPLY, gate[1], u[4]);
  const int c = fused ? code.op(NC_OP_MULTIPLY_ADD, gate[turned ? 0 : 2], gate[turned ? 2 : 0], kept)
                      : either(NC_OP_ADD, either(NC_OP_MULTIPLY, gate[2], gate[0]), kept);
  code.store(c, 4).store(either(NC_OP_MULTIPLY, gate[3], code.op(NC_OP_TANH, c)), 5);
}

// Inputs i, f, g, o, c before and after, gy, gh, gc; outputs: the gradients at the gates and at c.
void write_lstm_gradient(Code& code, bool turned, bool fused, bool wrong = false) {
  const auto either = [&](int32_t op, int a, int b) { return turned ? code.op(op, b, a) : code.op(op, a, b); };
  const auto product = [&](int a, int b, int c, int d) {
    return turned ? code.op(NC_OP_MULTIPLY, code.op(NC_OP_MULTIPLY, d, c), code.op(NC_OP_MULTIPLY, b, a))
                  : code.op(NC_OP_MULTIPLY, code.op(NC_OP_MULTIPLY, code.op(NC_OP_MULTIPLY, a, b), c), d);
  };
  const int i = code.load(0), f = code.load(1), g = code.load(2), o = code.load(3), before = code.load(4);
  const int one = code.constant(1);
  const auto rest = [&](int x) { return code.op(NC_OP_SUBTRACT, one, x); };
  const auto square = [&](int x) { return code.op(NC_OP_MULTIPLY, x, x); };
  const int y = code.op(NC_OP_TANH, code.load(5)), gh = either(NC_OP_ADD, code.load(6), code.load(7));
  const int through = either(NC_OP_MULTIPLY, gh, o), slope = rest(square(y));
  const int gc = fused ? code.op(NC_OP_MULTIPLY_ADD, through, slope, code.load(8))
                       : either(NC_OP_ADD, code.load(8), either(NC_OP_MULTIPLY, through, slope));
  code.store(product(gc, g, i, rest(i)), 0).store(product(gc, before, f, rest(f)), 1);
  code.store(either(NC_OP_MULTIPLY, either(NC_OP_MULTIPLY, gc, i), rest(square(g))), 2);
  code.store(product(gh, y, o, rest(wrong ? i : o)), 3).store(either(NC_OP_MULTIPLY, gc, f), 4);
}

struct Rule {
  std::string name;
  Update update;
  int arrays, results;
  std::function<void(Code&)> write;
  bool lstm() const { return update == Update::lstm || update == Update::lstm_gradient; }
  // The array whose memory result k may take.
  int own(int k) const {
    if (update == Update::lstm) return k < 4 ? k : -1;
    if (update == Update::lstm_gradient) return k < 4 ? -1 : 8;
    return k == 0 ? 0 : k + 1;
  }
  // Functions have a bound of some units in the last place; a multiply-add may round once or twice.
  double tolerance(nc_dtype held) const {
    if (update != Update::adam_fused && !lstm()) return 0;
    return held == NC_FLOAT64 ? 1e-13 : held == NC_FLOAT32 ? 2e-6 : 2e-3;
  }
};

std::vector<Rule> rules() {
  std::vector<Rule> all;
  for (int k = 0; k < 16; k++) {
    const AdamForm form = {(k & 1) != 0, (k & 2) != 0, (k & 4) != 0, (k & 8) != 0};
    all.push_back({"adam " + std::to_string(k), form.fused ? Update::adam_fused : Update::adam, 4, 3,
                   [form](Code& code) { write_adam(code, form); }});
    if (k < 4) {
      all.push_back({"momentum " + std::to_string(k), Update::momentum, 3, 2,
                     [k](Code& code) { write_momentum(code, k & 1, k & 2); }});
      all.push_back(
          {"lstm " + std::to_string(k), Update::lstm, 9, 6, [k](Code& code) { write_lstm(code, k & 1, k & 2); }});
      all.push_back({"lstm gradient " + std::to_string(k), Update::lstm_gradient, 9, 5,
                     [k](Code& code) { write_lstm_gradient(code, k & 1, k & 2); }});
    }
  }
  return all;
}

bool is_update(Code& code) { return cpu::plan_of(*code.build()).steps[0].op >= cpu::kFirstUpdate; }

TEST(ProgramUpdates, AreFoundHoweverTheyAreWritten) {
  for (const nc_dtype dtype : {NC_FLOAT32, NC_FLOAT64}) {
    for (const Rule& rule : rules()) {
      SCOPED_TRACE(rule.name);
      Code code(dtype);
      rule.write(code);
      const cpu::ProgramPlan& plan = cpu::plan_of(*code.build());
      if (rule.lstm() && dtype != NC_FLOAT32) {
        EXPECT_GT(plan.steps.size(), 1u);
        continue;
      }
      ASSERT_EQ(plan.steps.size(), 1u);
      EXPECT_EQ(plan.steps[0].op, cpu::kFirstUpdate + static_cast<int32_t>(rule.update));
    }
  }
}

TEST(ProgramUpdates, AreNotFoundWhereTheProgramIsAnother) {
  Code integers(NC_INT64);
  write_momentum(integers, false, true);
  EXPECT_FALSE(is_update(integers));

  Code gradient(NC_FLOAT32);  // of another gate's slope
  write_lstm_gradient(gradient, false, true, true);
  EXPECT_FALSE(is_update(gradient));

  // The last result is of an operation without a b, or without operands, whatever stands in their place.
  constexpr int32_t kNowhere = 1 << 30;
  const auto made = [](int32_t op, int32_t a, int32_t b) { return nc_instruction{op, a, b, 0, 0, 0}; };
  for (const nc_instruction& last : {made(NC_OP_TANH, 1, kNowhere), made(NC_OP_CONSTANT, kNowhere, kNowhere)}) {
    std::vector<nc_instruction> code;
    for (int32_t k = 0; k < 9; k++) code.push_back(made(NC_OP_LOAD, k, 0));
    code.push_back(last);
    for (int32_t k = 0; k < 5; k++) code.push_back(made(NC_OP_STORE, k < 4 ? k : 9, k));
    nc_program* program = nullptr;
    ASSERT_TRUE(
        succeeded(nc_program_create(code.data(), static_cast<int32_t>(code.size()), 9, 0, 5, NC_FLOAT32, 0, &program)));
    for (const cpu::Step& step : cpu::plan_of(*program).steps) EXPECT_LT(step.op, cpu::kFirstUpdate);
    ASSERT_TRUE(succeeded(nc_program_destroy(program)));
  }

  Code cell(NC_FLOAT32);  // stores a seventh value
  write_lstm(cell, false, true);
  cell.store(cell.load(0), 6);
  EXPECT_FALSE(is_update(cell));

  Code root(NC_FLOAT32);  // stores the root instead of the average
  write_adam(root, {true, false, true, true}, true);
  EXPECT_FALSE(is_update(root));

  Code more(NC_FLOAT32);  // stores a fourth value
  write_adam(more, {true, false, true, true});
  more.store(more.load(1), 3);
  EXPECT_FALSE(is_update(more));

  Code third(NC_FLOAT32);
  write_momentum(third, false, false);
  third.store(third.constant(1), 2);
  EXPECT_FALSE(is_update(third));

  Code rate(NC_FLOAT32);  // a rate that is an array
  const int p = rate.load(0), g = rate.load(1), v = rate.load(2), lr = rate.load(3);
  const int moved =
      rate.op(NC_OP_SUBTRACT, rate.op(NC_OP_MULTIPLY, rate.parameter(0), v), rate.op(NC_OP_MULTIPLY, lr, g));
  rate.store(rate.op(NC_OP_ADD, p, moved), 0).store(moved, 1);
  EXPECT_FALSE(is_update(rate));

  Code other(NC_FLOAT32);  // the average of another's square
  const int x = other.load(0), dx = other.load(1), m = other.load(2), w = other.load(3);
  const auto average = [&](int before, int of) {
    return other.op(NC_OP_MULTIPLY_ADD, other.parameter(0), other.op(NC_OP_SUBTRACT, of, before), before);
  };
  const int m1 = average(m, dx), w1 = average(w, other.op(NC_OP_SQUARE, x));
  const int divisor = other.op(NC_OP_ADD, other.op(NC_OP_SQRT, w1), other.parameter(1));
  const int step = other.op(NC_OP_DIVIDE, other.op(NC_OP_MULTIPLY, other.parameter(0), m1), divisor);
  other.store(other.op(NC_OP_SUBTRACT, x, step), 0).store(m1, 1).store(w1, 2);
  EXPECT_FALSE(is_update(other));
}

void expect_same(const std::vector<double>& actual, const std::vector<double>& expected, double tolerance) {
  ASSERT_EQ(actual.size(), expected.size());
  for (size_t i = 0; i < actual.size(); i++) {
    if (actual[i] == expected[i] || (std::isnan(actual[i]) && std::isnan(expected[i]))) continue;
    ASSERT_LE(std::fabs(actual[i] - expected[i]), tolerance * (1 + std::fabs(expected[i]))) << "at " << i;
  }
}

// Arrays dense, strided, repeated or of another dtype; results in the arrays' own memory, in another array's or apart.
TEST(ProgramUpdates, GiveWhatTheOperationsGive) {
  static const nc_backend plain = cpu::make_table(cpu::Isa::reference);
  std::mt19937 engine(5);
  const double inf = std::numeric_limits<double>::infinity();
  for (const nc_dtype dtype : {NC_FLOAT32, NC_FLOAT64}) {
    for (const Rule& rule : rules()) {
      SCOPED_TRACE(rule.name);
      Code code(dtype);
      rule.write(code);
      for (const int64_t n : {0, 1, 3, 7, 17, 63, 65, 521, 2053}) {
        for (int place = 0; place < 4; place++) {  // own, another's, apart; 3: own, and strided
          std::vector<Tensor> x, z, y;
          for (int k = 0; k < rule.arrays; k++) {
            const bool repeats = k == (rule.lstm() ? 4 : 1) && engine() % 4 == 0 && place == 0;
            const nc_dtype held = repeats || engine() % 4 ? dtype : NC_FLOAT16;
            x.push_back(Tensor::random(held, {n},
                                       {repeats      ? 0
                                        : place == 3 ? 2
                                                     : 1},
                                       static_cast<unsigned>(engine()), k == 3 ? 0 : -1, 1));
            if (n > 3 && k == 1 && !repeats) {
              std::vector<double> values = x.back().values();
              values[static_cast<size_t>(n / 2)] = std::nan("");
              values[static_cast<size_t>(n / 3)] = inf;
              values[0] = -0.0;
              x.back().set(values);
            }
          }
          for (int k = 0; k < rule.results; k++) {
            const int own = rule.own(k), other = rule.lstm() ? 8 - k : k == 0 ? 1 : k;
            const bool apart = place == 2 || (place == 1 && k == 1) || (place != 1 && own < 0);
            y.push_back(apart ? Tensor(dtype, {n}) : x[static_cast<size_t>(place == 1 ? other : own)]);
            z.emplace_back(y.back().dtype(), Shape{n});
          }
          ASSERT_EQ(plain.program_run(nullptr, code.build(), 1, views(x).data(), kParameters, views(z).data()), NC_OK);
          ASSERT_TRUE(
              succeeded(nc_program_run(context(), code.build(), views(x).data(), kParameters, views(y).data())));
          for (size_t k = 0; k < y.size(); k++) {
            SCOPED_TRACE("result " + std::to_string(k) + " of " + std::to_string(n) + ", place " +
                         std::to_string(place));
            expect_same(y[k].values(), z[k].values(), rule.tolerance(y[k].dtype()));
          }
          if (HasFatalFailure()) return;
        }
      }
    }
  }
}

TEST(ProgramUpdates, TheNumberOfThreadsDoesNotShow) {
  constexpr int64_t n = 300007;
  const int32_t saved = nc_num_threads();
  for (const Rule& rule : {rules()[0], rules()[1], rules()[2], rules()[3]}) {
    Code code(NC_FLOAT32, NC_PROGRAM_FLUSH_DENORMALS);
    rule.write(code);
    std::vector<std::vector<double>> first;
    for (const int32_t threads : {1, 2, 3, 8}) {
      ASSERT_TRUE(succeeded(nc_set_num_threads(threads)));
      std::vector<Tensor> x, y;
      for (int k = 0; k < rule.arrays; k++) x.push_back(Tensor::random(NC_FLOAT32, {n}, 20u + k, k == 3 ? 0 : -1, 1));
      for (int k = 0; k < rule.results; k++) {
        y.push_back(rule.own(k) < 0 ? Tensor(NC_FLOAT32, {n}) : x[static_cast<size_t>(rule.own(k))]);
      }
      ASSERT_TRUE(succeeded(nc_program_run(context(), code.build(), views(x).data(), kParameters, views(y).data())));
      for (size_t k = 0; k < y.size(); k++) {
        if (threads == 1) first.push_back(y[k].values());
        EXPECT_EQ(y[k].values(), first[k]) << threads << " threads, result " << k;
      }
    }
  }
  nc_set_num_threads(saved);
}

// Rows of gates beside each other, as a layer has them: short lines, of which the next is asked for ahead.
TEST(ProgramUpdates, TakesRowsOfGates) {
  static const nc_backend plain = cpu::make_table(cpu::Isa::reference);
  const auto columns = [](const Tensor& t, int64_t first, int64_t count) {
    return t.view([&](nc_tensor& v) {
      v.offset += first * dtype_size(v.dtype);
      v.shape[1] = count;
    });
  };
  for (const int64_t units : {1, 17, 63, 64, 65, 256, 521}) {
    for (const int64_t rows : {1, 2, 7, 64}) {
      Code code(NC_FLOAT32, NC_PROGRAM_FLUSH_DENORMALS);
      write_lstm(code, false, true);
      const Tensor gates = Tensor::random(NC_FLOAT32, {rows, 4 * units}, {4 * units, 1}, 3u, -4, 4);
      std::vector<Tensor> x, y, z;
      for (int k = 0; k < 4; k++) x.push_back(columns(gates, k * units, units));
      x.push_back(Tensor::random(NC_FLOAT32, {rows, units}, {units, 1}, 4u, -1, 1));
      const Tensor bias = Tensor::random(NC_FLOAT32, {rows, 4 * units}, {0, 1}, 5u, -1, 1);
      for (int k = 0; k < 4; k++) x.push_back(columns(bias, k * units, units));
      for (int k = 0; k < 6; k++) {
        z.emplace_back(NC_FLOAT32, Shape{rows, units});
        y.push_back(k < 4 ? x[static_cast<size_t>(k)] : Tensor(NC_FLOAT32, {rows, units}));
      }
      ASSERT_EQ(plain.program_run(nullptr, code.build(), 1, views(x).data(), nullptr, views(z).data()), NC_OK);
      ASSERT_TRUE(succeeded(nc_program_run(context(), code.build(), views(x).data(), nullptr, views(y).data())));
      for (size_t k = 0; k < y.size(); k++) {
        SCOPED_TRACE("result " + std::to_string(k) + ", " + std::to_string(rows) + " rows of " + std::to_string(units));
        expect_same(y[k].values(), z[k].values(), 2e-6);
      }
    }
  }
}

}  // namespace
