#include "cpu/program_updates.hpp"

#include <algorithm>
#include <initializer_list>
#include <utility>

#include "core/operation.hpp"

namespace nc::cpu {
namespace {

// Runs once for each program: short code counts, hence the attributes.
class Finder {
 public:
  Finder(const std::vector<nc_instruction>& values, const std::vector<nc_instruction>& stores)
      : values_(values), stores_(stores) {
    for (const nc_instruction& i : values) {
      const int n = operation(i.op).values;
      uniform_.push_back(i.op != NC_OP_LOAD && (n < 1 || uniform_[i.a]) && (n < 2 || uniform_[i.b]) &&
                         (n < 3 || uniform_[i.c]));
    }
  }

  [[gnu::cold]] std::optional<FoundUpdate> find() const {
    if (stores_.size() > 3) return lstm();
    for (const nc_instruction& store : stores_) {
      if (std::optional<FoundUpdate> found = stores_.size() == 2 ? momentum(store.a) : adam(store.a)) return found;
    }
    return std::nullopt;
  }

 private:
  struct Pair {
    int32_t first, second;
  };

  // A number times a value.
  std::optional<Pair> scaled(int32_t value) const {
    const nc_instruction& i = values_[value];
    if (i.op != NC_OP_MULTIPLY || uniform_[i.a] == uniform_[i.b]) return std::nullopt;
    return uniform_[i.a] ? Pair{i.a, i.b} : Pair{i.b, i.a};
  }

  // p + v1 with v1 = a v - b g.
  [[gnu::cold]] std::optional<FoundUpdate> momentum(int32_t result) const {
    const nc_instruction& sum = values_[result];
    if (sum.op != NC_OP_ADD) return std::nullopt;
    for (const auto& [p, moved] : {Pair{sum.a, sum.b}, Pair{sum.b, sum.a}}) {
      const nc_instruction& difference = values_[moved];
      if (difference.op != NC_OP_SUBTRACT) continue;
      const std::optional<Pair> v = scaled(difference.a), g = scaled(difference.b);
      if (!v || !g) continue;
      FoundUpdate found = {Update::momentum, {result, moved}, {p, v->second, g->second}, {v->first, g->first}};
      if (is_whole(found)) return found;
    }
    return std::nullopt;
  }

  // keep p - rate m1 / (sqrt(v1) + epsilon), m1 and v1 being moving averages.
  [[gnu::cold]] std::optional<FoundUpdate> adam(int32_t result) const {
    const nc_instruction& difference = values_[result];
    if (difference.op != NC_OP_SUBTRACT || values_[difference.b].op != NC_OP_DIVIDE) return std::nullopt;
    const nc_instruction &quotient = values_[difference.b], &divisor = values_[quotient.b];
    const std::optional<Pair> step = scaled(quotient.a);
    if (!step || divisor.op != NC_OP_ADD || uniform_[divisor.a] == uniform_[divisor.b]) return std::nullopt;
    const auto [epsilon, root] = uniform_[divisor.a] ? Pair{divisor.a, divisor.b} : Pair{divisor.b, divisor.a};
    if (values_[root].op != NC_OP_SQRT) return std::nullopt;
    const std::optional<Average> m = average(step->second), v = average(values_[root].a);
    if (!m || !v || m->fused != v->fused) return std::nullopt;
    const nc_instruction& square = values_[v->of];
    const bool squares = (square.op == NC_OP_SQUARE && square.a == m->of) ||
                         (square.op == NC_OP_MULTIPLY && square.a == m->of && square.b == m->of);
    if (!squares) return std::nullopt;
    const Pair p = scaled(difference.a).value_or(Pair{-1, difference.a});
    FoundUpdate found = {m->fused ? Update::adam_fused : Update::adam,
                         {result, step->second, values_[root].a},
                         {p.second, m->before, v->before, m->of},
                         {m->weight, v->weight, step->first, epsilon, p.first}};
    return is_whole(found) ? std::optional(found) : std::nullopt;
  }

  // before + weight (of - before).
  struct Average {
    int32_t before, weight, of;
    bool fused;  // a multiply-add
  };

  [[gnu::cold]] std::optional<Average> average(int32_t value) const {
    const nc_instruction& i = values_[value];
    if (i.op == NC_OP_MULTIPLY_ADD) return average(i.c, i.a, i.b, true);
    if (i.op != NC_OP_ADD) return std::nullopt;
    for (const auto& [before, product] : {Pair{i.a, i.b}, Pair{i.b, i.a}}) {
      const std::optional<Pair> move = scaled(product);
      const std::optional<Average> found =
          move ? average(before, move->first, move->second, false) : std::optional<Average>();
      if (found) return found;
    }
    return std::nullopt;
  }

  [[gnu::cold]] std::optional<Average> average(int32_t before, int32_t weight, int32_t distance, bool fused) const {
    if (uniform_[distance]) std::swap(weight, distance);
    const nc_instruction& i = values_[distance];
    if (!uniform_[weight] || i.op != NC_OP_SUBTRACT || i.b != before) return std::nullopt;
    return Average{before, weight, i.a, fused};
  }

  // A step of an LSTM or its gradient, with its arrays and results in the order of the kernel's slots.
  [[gnu::cold]] std::optional<FoundUpdate> lstm() const {
    FoundUpdate found = {stores_.size() == 6 ? Update::lstm : Update::lstm_gradient, {}, {}, {}};
    const UpdateShape shape = update_shape(found.update);
    for (int32_t k = 0; k < shape.arrays; k++) found.arrays.push_back(value(NC_OP_LOAD, k));
    found.results.resize(stores_.size());
    for (const nc_instruction& s : stores_) found.results[static_cast<size_t>(s.b)] = s.a;
    if (std::count(found.arrays.begin(), found.arrays.end(), -1) > 0) return std::nullopt;
    const int32_t *x = found.arrays.data(), *y = found.results.data();
    const bool is_found = found.update == Update::lstm ? is_step(x, y) : is_gradient(x, y);
    return is_found ? std::optional(found) : std::nullopt;
  }

  [[gnu::cold]] bool is_step(const int32_t* x, const int32_t* y) const {
    for (int32_t k = 0; k < 4; k++) {
      if (y[k] != value(k == 2 ? NC_OP_TANH : NC_OP_SIGMOID, either(NC_OP_ADD, x[k], x[5 + k]))) return false;
    }
    return is_sum(y[4], {y[2], y[0]}, either(NC_OP_MULTIPLY, y[1], x[4])) &&
           is_product(y[5], {y[3], value(NC_OP_TANH, y[4])});
  }

  [[gnu::cold]] bool is_gradient(const int32_t* x, const int32_t* y) const {
    const int32_t i = x[0], f = x[1], g = x[2], o = x[3], c = x[4];
    const int32_t t = value(NC_OP_TANH, x[5]), gh = either(NC_OP_ADD, x[6], x[7]);
    const nc_instruction& last = values_[y[4]];
    if (last.op != NC_OP_MULTIPLY) return false;
    const int32_t gc = last.a == f ? last.b : last.a;
    return is_sum(gc, {gh, o, rest(value(NC_OP_MULTIPLY, t, t))}, x[8]) && is_product(y[0], {gc, g, i, rest(i)}) &&
           is_product(y[1], {gc, c, f, rest(f)}) && is_product(y[2], {gc, i, rest(value(NC_OP_MULTIPLY, g, g))}) &&
           is_product(y[3], {gh, t, o, rest(o)}) && is_product(y[4], {gc, f});
  }

  // The value of an operation, which there is but once; -1 where it is not.
  [[gnu::cold]] int32_t value(int32_t op, int32_t a, int32_t b = -1) const {
    for (size_t k = 0; k < values_.size(); k++) {
      const nc_instruction& i = values_[k];
      if (i.op == op && i.a == a && (b < 0 || i.b == b)) return static_cast<int32_t>(k);
    }
    return -1;
  }
  int32_t either(int32_t op, int32_t a, int32_t b) const { return std::max(value(op, a, b), value(op, b, a)); }

  // 1 - x.
  [[gnu::cold]] int32_t rest(int32_t x) const {
    for (size_t k = 0; k < values_.size(); k++) {
      const nc_instruction& i = values_[k];
      if (i.op == NC_OP_SUBTRACT && i.b == x && values_[i.a].op == NC_OP_CONSTANT && values_[i.a].f64 == 1) {
        return static_cast<int32_t>(k);
      }
    }
    return -1;
  }

  // A product of up to four values, in any order.
  [[gnu::cold]] bool is_product(int32_t product, std::initializer_list<int32_t> of) const {
    uint32_t left = (1u << of.size()) - 1;
    return take(product, of.begin(), left) && left == 0;
  }

  // Takes the factors of a value off those that are left.
  [[gnu::cold]] bool take(int32_t factor, const int32_t* of, uint32_t& left) const {
    for (uint32_t k = 0; left >> k != 0; k++) {
      if ((left >> k & 1) != 0 && of[k] == factor) {
        left &= ~(1u << k);
        return true;
      }
    }
    const nc_instruction& i = values_[factor];
    return i.op == NC_OP_MULTIPLY && take(i.a, of, left) && take(i.b, of, left);
  }

  // A product plus a value.
  [[gnu::cold]] bool is_sum(int32_t sum, std::initializer_list<int32_t> of, int32_t addend) const {
    const nc_instruction& i = values_[sum];
    uint32_t left = (1u << of.size()) - 1;
    if (i.op == NC_OP_MULTIPLY_ADD) {
      return i.c == addend && take(i.a, of.begin(), left) && take(i.b, of.begin(), left) && left == 0;
    }
    return i.op == NC_OP_ADD && ((i.b == addend && is_product(i.a, of)) || (i.a == addend && is_product(i.b, of)));
  }

  // Arrays are inputs, and what is stored is what is found, each once.
  [[gnu::cold]] bool is_whole(const FoundUpdate& found) const {
    return stores_.size() == found.results.size() &&
           std::all_of(found.results.begin(), found.results.end(),
                       [&](int32_t r) {
                         return std::any_of(stores_.begin(), stores_.end(),
                                            [&](const nc_instruction& s) { return s.a == r; });
                       }) &&
           std::all_of(found.arrays.begin(), found.arrays.end(),
                       [&](int32_t x) { return values_[x].op == NC_OP_LOAD; });
  }

  const std::vector<nc_instruction>& values_;
  const std::vector<nc_instruction>& stores_;
  std::vector<bool> uniform_;  // the same for every element
};

}  // namespace

std::optional<FoundUpdate> find_update(const std::vector<nc_instruction>& values,
                                       const std::vector<nc_instruction>& stores) {
  const size_t n = stores.size();
  if (n != 2 && n != 3 && n != 5 && n != 6) return std::nullopt;
  return Finder(values, stores).find();
}

}  // namespace nc::cpu
