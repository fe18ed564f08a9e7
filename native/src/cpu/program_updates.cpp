#include "cpu/program_updates.hpp"

#include <algorithm>
#include <utility>

#include "core/operation.hpp"

namespace nc::cpu {
namespace {

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

  std::optional<FoundUpdate> find() const {
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
  std::optional<FoundUpdate> momentum(int32_t result) const {
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
  std::optional<FoundUpdate> adam(int32_t result) const {
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

  std::optional<Average> average(int32_t value) const {
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

  std::optional<Average> average(int32_t before, int32_t weight, int32_t distance, bool fused) const {
    if (uniform_[distance]) std::swap(weight, distance);
    const nc_instruction& i = values_[distance];
    if (!uniform_[weight] || i.op != NC_OP_SUBTRACT || i.b != before) return std::nullopt;
    return Average{before, weight, i.a, fused};
  }

  // Arrays are inputs, and what is stored is what is found, each once.
  bool is_whole(const FoundUpdate& found) const {
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
  if (stores.size() != 2 && stores.size() != 3) return std::nullopt;
  return Finder(values, stores).find();
}

}  // namespace nc::cpu
