// Updates: the programs of optimizers that run as one step, which these are, and that it gives what the single
// operations give.
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

struct Rule {
  std::string name;
  Update update;
  int arrays, results;
  std::function<void(Code&)> write;
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
      ASSERT_EQ(plan.steps.size(), 1u);
      EXPECT_EQ(plan.steps[0].op, cpu::kFirstUpdate + static_cast<int32_t>(rule.update));
    }
  }
}

TEST(ProgramUpdates, AreNotFoundWhereTheProgramIsAnother) {
  Code integers(NC_INT64);
  write_momentum(integers, false, true);
  EXPECT_FALSE(is_update(integers));

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
      // A multiply-add may round once or twice.
      const auto tolerance = [&](nc_dtype held) {
        if (rule.update != Update::adam_fused) return 0.0;
        return held == NC_FLOAT64 ? 1e-13 : held == NC_FLOAT32 ? 2e-6 : 2e-3;
      };
      for (const int64_t n : {0, 1, 3, 7, 17, 63, 65, 521, 2053}) {
        for (int place = 0; place < 4; place++) {  // own, another's, apart; 3: own, and strided
          std::vector<Tensor> x, z, y;
          for (int k = 0; k < rule.arrays; k++) {
            const bool repeats = k == 1 && engine() % 4 == 0 && place == 0;
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
            const int own = k == 0 ? 0 : k + 1, other = k == 0 ? 1 : 0;
            y.push_back(place == 2 || (place == 1 && k == 1) ? Tensor(dtype, {n})
                                                             : x[static_cast<size_t>(place == 1 ? other + k : own)]);
            z.emplace_back(y.back().dtype(), Shape{n});
          }
          ASSERT_EQ(plain.program_run(nullptr, code.build(), 1, views(x).data(), kParameters, views(z).data()), NC_OK);
          ASSERT_TRUE(
              succeeded(nc_program_run(context(), code.build(), views(x).data(), kParameters, views(y).data())));
          for (size_t k = 0; k < y.size(); k++) {
            SCOPED_TRACE("result " + std::to_string(k) + " of " + std::to_string(n) + ", place " +
                         std::to_string(place));
            expect_same(y[k].values(), z[k].values(), tolerance(y[k].dtype()));
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
  for (const Rule& rule : {rules()[0], rules()[1]}) {
    Code code(NC_FLOAT32, NC_PROGRAM_FLUSH_DENORMALS);
    rule.write(code);
    std::vector<std::vector<double>> first;
    for (const int32_t threads : {1, 2, 3, 8}) {
      ASSERT_TRUE(succeeded(nc_set_num_threads(threads)));
      std::vector<Tensor> x, y;
      for (int k = 0; k < rule.arrays; k++) x.push_back(Tensor::random(NC_FLOAT32, {n}, 20u + k, k == 3 ? 0 : -1, 1));
      for (int k = 0; k < rule.results; k++) y.push_back(x[static_cast<size_t>(k == 0 ? 0 : k + 1)]);
      ASSERT_TRUE(succeeded(nc_program_run(context(), code.build(), views(x).data(), kParameters, views(y).data())));
      for (size_t k = 0; k < y.size(); k++) {
        if (threads == 1) first.push_back(y[k].values());
        EXPECT_EQ(y[k].values(), first[k]) << threads << " threads, result " << k;
      }
    }
  }
  nc_set_num_threads(saved);
}

}  // namespace
