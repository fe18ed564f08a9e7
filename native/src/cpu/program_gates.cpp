#include "cpu/program_gates.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "core/operation.hpp"

namespace nc::cpu {
namespace {

// A product of a number and of values, by index, in ascending order.
struct Term {
  static constexpr int kMostFactors = 8;
  double number;
  int count;
  std::array<int32_t, kMostFactors> factors;

  explicit Term(double n) : number(n), count(0), factors{} {}
  Term(double n, int32_t value) : number(n), count(1), factors{value} {}

  bool same_factors(const Term& other) const {
    return count == other.count && std::equal(factors.begin(), factors.begin() + count, other.factors.begin());
  }
};

// A sum of terms, no two of the same factors.
using Sum = std::vector<Term>;

// Longer ones are not taken apart.
constexpr size_t kMostTerms = 16;

void add(Sum& sum, const Term& term) {
  const auto same = std::find_if(sum.begin(), sum.end(), [&](const Term& t) { return t.same_factors(term); });
  if (same == sum.end()) {
    sum.push_back(term);
  } else {
    same->number += term.number;
    if (same->number == 0) sum.erase(same);
  }
}

Sum plus(Sum a, const Sum& b, double factor = 1) {
  for (Term t : b) {
    t.number *= factor;
    add(a, t);
  }
  return a;
}

std::optional<Sum> times(const Sum& a, const Sum& b) {
  Sum product;
  for (const Term& s : a) {
    for (const Term& t : b) {
      if (s.count + t.count > Term::kMostFactors) return std::nullopt;
      Term st(s.number * t.number);
      st.count = s.count + t.count;
      std::merge(s.factors.begin(), s.factors.begin() + s.count, t.factors.begin(), t.factors.begin() + t.count,
                 st.factors.begin());
      add(product, st);
    }
  }
  if (product.size() > kMostTerms) return std::nullopt;
  return product;
}

// Numbers that differ by the rounding of a few products are equal.
bool close(double a, double b) { return std::fabs(a - b) <= 1e-14 * std::fabs(b); }

bool equal(const Sum& a, const Sum& b) {
  return a.size() == b.size() && std::all_of(a.begin(), a.end(), [&](const Term& s) {
           return std::any_of(b.begin(), b.end(),
                              [&](const Term& t) { return s.same_factors(t) && close(s.number, t.number); });
         });
}

// Values as sums, in terms of x and of a sigmoid: `function`, or 2 sigmoid(2 u) - 1 where that is tanh(u).
class Expansion {
 public:
  Expansion(const std::vector<nc_instruction>& values, int32_t x, int32_t function)
      : values_(values), x_(x), function_(function), known_(values.size()) {}

  const Sum& of(int32_t value) {
    std::optional<Sum>& sum = known_[static_cast<size_t>(value)];
    if (!sum) sum = expand(value);
    if (!sum) sum = Sum{Term(1, value)};
    return *sum;
  }

 private:
  std::optional<Sum> expand(int32_t value) {
    const nc_instruction& i = values_[static_cast<size_t>(value)];
    if (value == x_) return std::nullopt;
    if (value == function_) {
      if (i.op == NC_OP_SIGMOID) return std::nullopt;
      return Sum{Term(2, value), Term(-1)};
    }
    switch (i.op) {
      case NC_OP_CONSTANT:
        return i.f64 == 0 || !std::isfinite(i.f64) ? std::nullopt : std::optional(Sum{Term(i.f64)});
      case NC_OP_ADD:
        return short_enough(plus(of(i.a), of(i.b)));
      case NC_OP_SUBTRACT:
        return short_enough(plus(of(i.a), of(i.b), -1));
      case NC_OP_NEGATE:
        return plus({}, of(i.a), -1);
      case NC_OP_MULTIPLY:
        return times(of(i.a), of(i.b));
      case NC_OP_SQUARE:
        return times(of(i.a), of(i.a));
      case NC_OP_MULTIPLY_ADD: {
        const std::optional<Sum> product = times(of(i.a), of(i.b));
        return product ? short_enough(plus(*product, of(i.c))) : std::nullopt;
      }
      case NC_OP_POWER: {
        if (number(i.b) != 3) return std::nullopt;
        const std::optional<Sum> square = times(of(i.a), of(i.a));
        return square ? times(*square, of(i.a)) : std::nullopt;
      }
      case NC_OP_DIVIDE:
        return number(i.b) == 0 ? std::nullopt : std::optional(plus({}, of(i.a), 1 / number(i.b)));
      default:
        return std::nullopt;
    }
  }

  static std::optional<Sum> short_enough(Sum sum) {
    return sum.size() > kMostTerms ? std::nullopt : std::optional(std::move(sum));
  }

  // The number that a value is, or 0.
  double number(int32_t value) const {
    const nc_instruction& i = values_[static_cast<size_t>(value)];
    return i.op == NC_OP_CONSTANT && std::isfinite(i.f64) ? i.f64 : 0;
  }

  const std::vector<nc_instruction>& values_;
  int32_t x_, function_;
  std::vector<std::optional<Sum>> known_;
};

// Reads v = a x + b x^3 into the gate: a is one value or a number, b is a number.
bool read_argument(const Sum& v, FoundGate& found) {
  const int32_t x = found.x;
  found.scale = -1;
  found.a = found.b = 0;
  for (const Term& t : v) {
    const auto first = t.factors.begin(), last = first + t.count;
    const auto xs = std::count(first, last, x);
    if (t.count == 1 && xs == 1) {
      found.a = t.number;
    } else if (t.count == 3 && xs == 3) {
      found.b = t.number;
    } else if (t.count == 2 && xs == 1 && t.number == 1) {
      found.scale = *first == x ? *(first + 1) : *first;
    } else {
      return false;
    }
  }
  return v.size() == (found.b != 0 ? 2 : 1) && !(found.scale >= 0 && found.b != 0);
}

// g (s + x (s - s^2) (a + 3 b x^2)), s being sigmoid(v).
Sum gradient_of(const FoundGate& found) {
  const Sum s = {Term(1, found.function)}, x = {Term(1, found.x)};
  Sum slope = {found.scale >= 0 ? Term(1, found.scale) : Term(found.a)};
  if (found.b != 0) slope = plus(std::move(slope), *times(x, x), 3 * found.b);
  const Sum inner = *times(*times(x, plus(s, *times(s, s), -1)), slope);
  return *times({Term(1, found.gradient)}, plus(s, inner));
}

// The other of two factors, where a sum has a term of just one and `value`; else -1.
int32_t partner(const Sum& sum, int32_t value, int32_t not_this) {
  for (const Term& t : sum) {
    if (t.count != 2 || t.number != 1) continue;
    const int32_t a = t.factors[0], b = t.factors[1];
    const int32_t other = a == value ? b : b == value ? a : -1;
    if (other >= 0 && other != value && other != not_this) return other;
  }
  return -1;
}

// All gates of one function and one x.
void find(const std::vector<nc_instruction>& values, FoundGate found, std::vector<FoundGate>& all) {
  Expansion expansion(values, found.x, found.function);
  const nc_instruction& f = values[static_cast<size_t>(found.function)];
  if (!read_argument(plus({}, expansion.of(f.a), f.op == NC_OP_TANH ? 2 : 1), found)) return;
  const Sum forward = *times({Term(1, found.x)}, {Term(1, found.function)});
  for (found.value = found.function + 1; found.value < static_cast<int32_t>(values.size()); found.value++) {
    const Sum& y = expansion.of(found.value);
    if (equal(y, forward)) {
      found.gate = found.b != 0 ? Gate::cubic : Gate::linear;
      all.push_back(found);
    } else if ((found.gradient = partner(y, found.function, found.x)) >= 0 && equal(y, gradient_of(found))) {
      found.gate = found.b != 0 ? Gate::cubic_gradient : Gate::linear_gradient;
      all.push_back(found);
    }
  }
}

}  // namespace

std::vector<FoundGate> find_gates(const std::vector<nc_instruction>& values) {
  std::vector<FoundGate> all;
  for (size_t function = 0; function < values.size(); function++) {
    const nc_instruction& f = values[function];
    if (f.op != NC_OP_SIGMOID && f.op != NC_OP_TANH) continue;
    // x is the argument or what that is made of.
    std::vector<bool> within(values.size());
    within[static_cast<size_t>(f.a)] = true;
    const size_t before = all.size();
    for (int32_t x = f.a; x >= 0 && all.size() == before; x--) {
      const nc_instruction& i = values[static_cast<size_t>(x)];
      if (!within[static_cast<size_t>(x)] || i.op == NC_OP_CONSTANT) continue;
      const int operands = operation(i.op).values;
      if (operands > 0) within[static_cast<size_t>(i.a)] = true;
      if (operands > 1) within[static_cast<size_t>(i.b)] = true;
      if (operands > 2) within[static_cast<size_t>(i.c)] = true;
      FoundGate found{};
      found.function = static_cast<int32_t>(function);
      found.x = x;
      find(values, found, all);
    }
  }
  return all;
}

}  // namespace nc::cpu
