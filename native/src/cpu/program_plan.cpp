#include "cpu/program_plan.hpp"

#include <algorithm>
#include <cstring>
#include <memory>
#include <optional>
#include <utility>

#include "core/operation.hpp"
#include "cpu/program_gates.hpp"
#include "cpu/program_kernels.hpp"
#include "cpu/program_updates.hpp"

namespace nc::cpu {
namespace {

// How a value comes about.
enum class Kind : uint8_t { constant, parameter, uniform, input, computed };

struct Value {
  nc_instruction code;
  Kind kind;
  int32_t d = 0;  // the fourth operand, of a tree or a gate
  bool live = false;
  int32_t uses = 0;       // by live values and stores
  int32_t last_use = -1;  // index of the value whose step reads it last
  int16_t slot = -1;
};

int operands(int32_t op) {
  if (op >= kFirstUpdate) return 0;  // kept apart
  if (op >= kFirstGate) return gate_operands(static_cast<Gate>(op - kFirstGate));
  return op >= kFirstTree ? 4 : op >= kFirstPair ? 3 : operation(op).values;
}

bool same_bits(double a, double b) { return std::memcmp(&a, &b, sizeof a) == 0; }

class Planner {
 public:
  Planner(const nc_program& program, ProgramPlan& plan) : program_(program), plan_(plan) {
    number_values();
    mark_live();
    if (program_.compute_dtype != NC_INT64) {
      if (!fuse_update()) {
        fuse_gates();
        fuse_pairs();
      }
      mark_live();
    }
    assign_uniform_slots();
    assign_slots();
    order_outputs();
  }

 private:
  // Value numbering: equal instructions on equal operands become one value.
  void number_values() {
    std::vector<int32_t> number(program_.code.size(), -1);
    for (size_t k = 0; k < program_.code.size(); k++) {
      nc_instruction i = program_.code[k];
      const int values = operation(i.op).values;
      if (values > 0) i.a = number[i.a];
      if (values > 1) i.b = number[i.b];
      if (values > 2) i.c = number[i.c];
      if (i.op == NC_OP_STORE) {
        stores_.push_back(i);
        continue;
      }
      i = simplify(i);
      number[k] = find_or_add(i);
    }
  }

  // Cheaper instructions of the same value: powers with the exponents 1, 2 and -1 by a constant.
  nc_instruction simplify(nc_instruction i) const {
    if (i.op != NC_OP_POWER || values_[i.b].code.op != NC_OP_CONSTANT) return i;
    const nc_instruction& exponent = values_[i.b].code;
    const bool integer = program_.compute_dtype == NC_INT64;
    const double e = integer ? static_cast<double>(exponent.i64) : exponent.f64;
    if (e == 2) i.op = NC_OP_SQUARE;
    if (e == -1 && !integer) i.op = NC_OP_RECIPROCAL;
    return i;
  }

  int32_t find_or_add(const nc_instruction& i) {
    const int values = operation(i.op).values;
    const bool leaf = i.op == NC_OP_LOAD || i.op == NC_OP_PARAMETER;
    const auto same = [&](const nc_instruction& j) {
      if (i.op != j.op) return false;
      if (i.op == NC_OP_CONSTANT) return program_.compute_dtype == NC_INT64 ? i.i64 == j.i64 : same_bits(i.f64, j.f64);
      return ((values < 1 && !leaf) || i.a == j.a) && (values < 2 || i.b == j.b) && (values < 3 || i.c == j.c);
    };
    for (size_t v = 0; v < values_.size(); v++) {
      if (same(values_[v].code)) return static_cast<int32_t>(v);
    }
    values_.push_back({i, kind_of(i)});
    return static_cast<int32_t>(values_.size()) - 1;
  }

  Kind kind_of(const nc_instruction& i) const {
    if (i.op == NC_OP_CONSTANT) return Kind::constant;
    if (i.op == NC_OP_PARAMETER) return Kind::parameter;
    if (i.op == NC_OP_LOAD) return Kind::input;
    const int values = operation(i.op).values;
    const auto varies = [this](int32_t v) {
      return values_[v].kind == Kind::input || values_[v].kind == Kind::computed;
    };
    const bool any = varies(i.a) || (values > 1 && varies(i.b)) || (values > 2 && varies(i.c));
    return any ? Kind::computed : Kind::uniform;
  }

  void mark_live() {
    constexpr int32_t end = NC_PROGRAM_MAX_INSTRUCTIONS;
    for (Value& v : values_) {
      v.live = false;
      v.uses = 0;
      v.last_use = -1;
    }
    const auto use = [this](int32_t operand, int32_t user) {
      values_[operand].live = true;
      values_[operand].uses++;
      values_[operand].last_use = std::max(values_[operand].last_use, user);
    };
    for (const nc_instruction& s : stores_) use(s.a, end);
    if (update_) {
      for (int32_t v : update_->arrays) use(v, end);
      for (int32_t v : update_->numbers) use(v, end);
    }
    for (int32_t v = static_cast<int32_t>(values_.size()) - 1; v >= 0; v--) {
      if (!values_[v].live) continue;
      const nc_instruction& i = values_[v].code;
      const int n = operands(i.op);
      if (n > 0) use(i.a, v);
      if (n > 1) use(i.b, v);
      if (n > 2) use(i.c, v);
      if (n > 3) use(values_[v].d, v);
    }
  }

  // An update is all of the program: its results are stored, and nothing else is.
  bool fuse_update() {
    update_ = find_update(code(), stores_);
    if (update_ && program_.compute_dtype != NC_FLOAT32 && !is_of_every_dtype(update_->update)) update_.reset();
    if (!update_) return false;
    for (int32_t& v : update_->numbers) v = v < 0 ? constant(1) : v;
    for (int32_t v : update_->results) {
      values_[v].code = {kFirstUpdate + static_cast<int32_t>(update_->update), 0, 0, 0, 0, 0};
    }
    return true;
  }

  std::vector<nc_instruction> code() const {
    std::vector<nc_instruction> all;
    for (const Value& v : values_) all.push_back(v.code);
    return all;
  }

  int32_t constant(double value) { return find_or_add({NC_OP_CONSTANT, 0, 0, 0, value, 0}); }

  // Gates become one step where nothing else needs the function that they take in.
  void fuse_gates() {
    const std::vector<FoundGate> found = find_gates(code());
    for (size_t k = 0; k < found.size();) {
      const int32_t function = found[k].function;
      const std::vector<Value> before = values_;
      for (; k < found.size() && found[k].function == function; k++) fuse_gate(found[k]);
      mark_live();
      if (values_[function].live) {
        values_ = before;
        mark_live();
      }
    }
  }

  void fuse_gate(const FoundGate& found) {
    if (!values_[found.value].live || values_[found.value].kind != Kind::computed) return;
    const int32_t a = found.scale >= 0 ? found.scale : constant(found.a), g = found.gradient;
    const int32_t b = found.b != 0 ? constant(found.b) : 0;
    const bool linear = found.gate == Gate::linear_gradient;
    values_[found.value].code = {gate_op(found.gate), found.x, a, linear ? g : b, 0, 0};
    values_[found.value].d = g;
  }

  // A value that is used once, by an operation that takes a pair or a tree, is computed there.
  void fuse_pairs() {
    for (Value& v : values_) {
      if (!v.live || v.kind != Kind::computed) continue;
      const nc_instruction i = v.code;
      if (fuse_tree(v)) continue;
      const bool either = i.op == NC_OP_ADD || i.op == NC_OP_MULTIPLY;
      if (i.op == NC_OP_SELECT && is_zero(i.c)) {
        fuse(v, i.a, i.b, PairSecond::keep);
      } else if (i.op == NC_OP_ADD) {
        fuse(v, i.a, i.b, PairSecond::add);
      } else if (i.op == NC_OP_MULTIPLY) {
        fuse(v, i.a, i.b, PairSecond::multiply);
      } else if (i.op == NC_OP_SUBTRACT) {
        fuse(v, i.a, i.b, PairSecond::subtract) || fuse(v, i.b, i.a, PairSecond::subtract_from);
      } else if (i.op == NC_OP_DIVIDE) {
        fuse(v, i.a, i.b, PairSecond::divide) || fuse(v, i.b, i.a, PairSecond::divide_into);
      } else if (i.op == NC_OP_MULTIPLY_ADD) {
        fuse_average(v, i.a, i.b, i.c) || fuse_average(v, i.b, i.a, i.c);
      }
      if (either && v.code.op == i.op) {
        fuse(v, i.b, i.a, i.op == NC_OP_ADD ? PairSecond::add : PairSecond::multiply);
      }
    }
  }

  std::optional<TreeInner> inner(int32_t value) const {
    const Value& x = values_[value];
    if (x.kind != Kind::computed || x.uses != 1) return std::nullopt;
    switch (x.code.op) {
      case NC_OP_ADD:
        return TreeInner::add;
      case NC_OP_SUBTRACT:
        return TreeInner::subtract;
      case NC_OP_MULTIPLY:
        return TreeInner::multiply;
      default:
        return std::nullopt;
    }
  }

  bool fuse_tree(Value& v) {
    TreeOuter op;
    switch (v.code.op) {
      case NC_OP_ADD:
        op = TreeOuter::add;
        break;
      case NC_OP_SUBTRACT:
        op = TreeOuter::subtract;
        break;
      case NC_OP_MULTIPLY:
        op = TreeOuter::multiply;
        break;
      case NC_OP_DIVIDE:
        op = TreeOuter::divide;
        break;
      default:
        return false;
    }
    std::optional<TreeInner> left = inner(v.code.a), right = inner(v.code.b);
    if (!left || !right) return false;
    const nc_instruction *x = &values_[v.code.a].code, *y = &values_[v.code.b].code;
    if (commutes(op) && *left > *right) {
      std::swap(left, right);
      std::swap(x, y);
    }
    v.code = {tree_op(op, *left, *right), x->a, x->b, y->a, 0, 0};
    v.d = y->b;
    return true;
  }

  bool fuse(Value& v, int32_t first, int32_t other, PairSecond second) {
    const Value& x = values_[first];
    if (x.kind != Kind::computed || x.uses != 1) return false;
    PairFirst kind;
    switch (x.code.op) {
      case NC_OP_ADD:
        kind = PairFirst::add;
        break;
      case NC_OP_SUBTRACT:
        kind = PairFirst::subtract;
        break;
      case NC_OP_MULTIPLY:
        kind = PairFirst::multiply;
        break;
      case NC_OP_SQRT:
        kind = PairFirst::sqrt;
        break;
      case NC_OP_GREATER:
        kind = PairFirst::greater;
        break;
      case NC_OP_SIGMOID:
        if (second != PairSecond::multiply) return false;
        kind = PairFirst::sigmoid;
        break;
      default:
        return false;
    }
    if ((kind == PairFirst::greater && second != PairSecond::multiply && second != PairSecond::keep) ||
        (kind != PairFirst::greater && second == PairSecond::keep)) {
      return false;
    }
    v.code = {pair_op(kind, second), x.code.a, operation(x.code.op).values == 1 ? x.code.a : x.code.b, other, 0, 0};
    return true;
  }

  // average + weight * (x - average), or of x squared.
  bool fuse_average(Value& v, int32_t distance, int32_t weight, int32_t average) {
    const Value& d = values_[distance];
    if (d.kind != Kind::computed || d.uses != 1) return false;
    const nc_instruction& i = d.code;
    const bool plain = i.op == NC_OP_SUBTRACT && i.b == average;
    const bool square = i.op == pair_op(PairFirst::multiply, PairSecond::subtract) && i.a == i.b && i.c == average;
    if (!plain && !square) return false;
    v.code = {plain ? kMoveTowards : kMoveTowardsSquare, i.a, average, weight, 0, 0};
    return true;
  }

  bool is_zero(int32_t value) const {
    const nc_instruction& i = values_[value].code;
    return i.op == NC_OP_CONSTANT && same_bits(i.f64, 0);
  }

  Step step_of(const Value& v, int16_t y) const {
    const int values = operands(v.code.op);
    return {v.code.op,
            y,
            values_[v.code.a].slot,
            values > 1 ? values_[v.code.b].slot : int16_t{0},
            values > 2 ? values_[v.code.c].slot : int16_t{0},
            values > 3 ? values_[v.d].slot : int16_t{0}};
  }

  void assign_uniform_slots() {
    for (Value& v : values_) {
      if (!v.live || v.kind != Kind::constant) continue;
      v.slot = next_++;
      std::array<char, kUniformBytes>& filled = plan_.constants.emplace_back();
      for (int64_t at = 0; at < kUniformBytes; at += plan_.element) {
        const auto value32 = static_cast<float>(v.code.f64);
        if (program_.compute_dtype == NC_FLOAT32) std::memcpy(&filled[at], &value32, 4);
        if (program_.compute_dtype == NC_FLOAT64) std::memcpy(&filled[at], &v.code.f64, 8);
        if (program_.compute_dtype == NC_INT64) std::memcpy(&filled[at], &v.code.i64, 8);
      }
    }
    plan_.first_uniform = next_;
    for (Value& v : values_) {
      if (!v.live) continue;
      if (v.kind == Kind::parameter) {
        v.slot = next_++;
        plan_.parameters.push_back({static_cast<int16_t>(v.code.a), v.slot});
      } else if (v.kind == Kind::uniform) {
        v.slot = next_++;
        plan_.uniform_steps.push_back(step_of(v, v.slot));
      }
    }
  }

  // A buffer is free again after the step that reads it last; that step may write into it, element by element.
  void assign_slots() {
    plan_.first_input = next_;
    for (Value& v : values_) {
      if (!v.live || v.kind != Kind::input) continue;
      v.slot = next_++;
      plan_.inputs.push_back({static_cast<int16_t>(v.code.a), v.slot});
    }
    plan_.first_buffer = next_;
    std::vector<int16_t> free;
    for (int32_t k = 0; k < static_cast<int32_t>(values_.size()); k++) {
      Value& v = values_[k];
      if (!v.live || v.kind != Kind::computed) continue;
      const int values = operands(v.code.op);
      const auto release = [&](int32_t operand) {
        Value& o = values_[operand];
        if (o.kind == Kind::computed && o.last_use == k && std::find(free.begin(), free.end(), o.slot) == free.end()) {
          free.push_back(o.slot);
        }
      };
      release(v.code.a);
      if (values > 1) release(v.code.b);
      if (values > 2) release(v.code.c);
      if (values > 3) release(v.d);
      if (free.empty() || v.last_use == NC_PROGRAM_MAX_INSTRUCTIONS) {
        v.slot = next_++;  // what is stored may stand for the output's own memory, so it shares with nothing before it
      } else {
        v.slot = free.back();
        free.pop_back();
      }
      step_values_.push_back(k);
      plan_.steps.push_back(step_of(v, v.slot));
    }
    plan_.slots = next_;
    if (update_) keep_one_step();
  }

  // The results' steps are one, which reads all inputs before it writes an element: none is late.
  void keep_one_step() {
    plan_.steps.resize(1);
    step_values_.clear();
    auto slot = plan_.update_slots.begin();
    for (const std::vector<int32_t>* values : {&update_->results, &update_->arrays, &update_->numbers}) {
      for (int32_t v : *values) *slot++ = values_[v].slot;
    }
  }

  uint32_t input_bit(int32_t value) const {
    return values_[value].kind == Kind::input ? 1u << values_[value].code.a : 0;
  }

  void order_outputs() {
    std::vector<bool> placed(values_.size(), false);
    uint32_t copied = 0;
    std::vector<PlannedOutput> copies;
    for (auto s = stores_.rbegin(); s != stores_.rend(); ++s) {
      const Value& v = values_[s->a];
      if (v.kind == Kind::computed && !placed[s->a]) {
        placed[s->a] = true;
        plan_.outputs.push_back({static_cast<int16_t>(s->b), v.slot, true, v.uses == 1, late_inputs(s->a)});
      } else {
        copies.push_back({static_cast<int16_t>(s->b), v.slot, false, false, copied});
        copied |= input_bit(s->a);
      }
    }
    for (PlannedOutput& o : plan_.outputs) o.late_inputs |= copied;
    plan_.outputs.insert(plan_.outputs.end(), copies.rbegin(), copies.rend());
  }

  uint32_t late_inputs(int32_t value) const {
    uint32_t late = 0;
    for (int32_t k : step_values_) {
      if (k <= value) continue;
      const nc_instruction& i = values_[k].code;
      const int values = operands(i.op);
      late |= input_bit(i.a) | (values > 1 ? input_bit(i.b) : 0) | (values > 2 ? input_bit(i.c) : 0) |
              (values > 3 ? input_bit(values_[k].d) : 0);
    }
    return late;
  }

  const nc_program& program_;
  ProgramPlan& plan_;
  std::vector<Value> values_;
  std::vector<nc_instruction> stores_;
  std::vector<int32_t> step_values_;
  std::optional<FoundUpdate> update_;
  int16_t next_ = 0;
};

}  // namespace

ProgramPlan::ProgramPlan(const nc_program& program) : element(program.compute_dtype == NC_FLOAT32 ? 4 : 8) {
  Planner(program, *this);
  size_t length = steps.size();
  for (const Step& s : steps) {
    if (s.op == kMoveTowards || s.op == kMoveTowardsSquare) length++;
    const bool function = s.op == pair_op(PairFirst::sigmoid, PairSecond::multiply) || s.op == NC_OP_POWER ||
                          s.op == NC_OP_ATAN2 || (s.op >= NC_OP_EXP && s.op <= NC_OP_ERFC) || s.op >= kFirstGate;
    work += s.op >= kFirstUpdate ? update_work(static_cast<Update>(s.op - kFirstUpdate)) : function ? 4 : 1;
  }
  fetches = length > 6;
}

const ProgramPlan& plan_of(const nc_program& program) {
  nc_program::Cache* cache = program.cpu_cache.load(std::memory_order_acquire);
  if (!cache) {
    auto built = std::make_unique<ProgramPlan>(program);
    if (program.cpu_cache.compare_exchange_strong(cache, built.get(), std::memory_order_acq_rel))
      cache = built.release();
  }
  return static_cast<const ProgramPlan&>(*cache);
}

}  // namespace nc::cpu
