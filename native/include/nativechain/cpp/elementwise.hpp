// Elementwise programs: traced from C++ expressions, built once, run in one pass; and the arithmetic made of them.
//
//   const Elementwise swish([](Value x, Value beta) { return x * sigmoid(beta * x); });
//   Tensor y = swish(x, beta);
#ifndef NATIVECHAIN_CPP_ELEMENTWISE_HPP
#define NATIVECHAIN_CPP_ELEMENTWISE_HPP

#include <array>
#include <cmath>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <tuple>
#include <vector>

#include "nativechain/cpp/tensor.hpp"

namespace nativechain {

// A program of the C ABI.
class Program {
 public:
  Program(const std::vector<nc_instruction>& code, int32_t inputs, int32_t parameters, int32_t outputs, DType compute,
          int32_t flags = 0) {
    nc_program* program = nullptr;
    check(nc_program_create(code.data(), static_cast<int32_t>(code.size()), inputs, parameters, outputs,
                            static_cast<int32_t>(compute), flags, &program));
    program_ = std::shared_ptr<nc_program>(program, nc_program_destroy);
  }
  const nc_program* get() const { return program_.get(); }

 private:
  std::shared_ptr<nc_program> program_;
};

namespace detail {

struct Trace {
  std::vector<nc_instruction> code;
  int32_t add(int32_t op, int32_t a = 0, int32_t b = 0, int32_t c = 0, double f64 = 0, int64_t i64 = 0) {
    code.push_back({op, a, b, c, f64, i64});
    return static_cast<int32_t>(code.size()) - 1;
  }
};

}  // namespace detail

// A number of the program that is being traced.
class Value {
 public:
  Value(detail::Trace* trace, int32_t index) : trace_(trace), index_(index) {}
  detail::Trace* trace() const { return trace_; }
  int32_t index() const { return index_; }
  Value constant(double value) const {
    const bool fits = value >= -0x1p63 && value < 0x1p63;
    return {trace_, trace_->add(NC_OP_CONSTANT, 0, 0, 0, value, fits ? static_cast<int64_t>(value) : 0)};
  }

 private:
  detail::Trace* trace_;
  int32_t index_;
};

namespace detail {

inline Value apply(int32_t op, Value a) { return {a.trace(), a.trace()->add(op, a.index())}; }
inline Value apply(int32_t op, Value a, Value b) { return {a.trace(), a.trace()->add(op, a.index(), b.index())}; }

// One operation over tensors and numbers, as a program kept for the next call. A number is a parameter and takes the
// tensor's dtype; a fraction beside integers gives float64.
struct Operand {
  Operand(const Tensor& t) : tensor(&t) {}
  Operand(double v) : number(v) {}
  const Tensor* tensor = nullptr;
  double number = 0;
};
Tensor run(int32_t op, std::initializer_list<Operand> operands);

}  // namespace detail

inline Tensor select(const Tensor& condition, const detail::Operand& a, const detail::Operand& b) {
  return detail::run(NC_OP_SELECT, {condition, a, b});
}
inline Value select(Value condition, Value a, Value b) {
  return {a.trace(), a.trace()->add(NC_OP_SELECT, condition.index(), a.index(), b.index())};
}

#define NATIVECHAIN_UNARY(name, op)                           \
  inline Value name(Value a) { return detail::apply(op, a); } \
  inline Tensor name(const Tensor& a) { return detail::run(op, {a}); }
#define NATIVECHAIN_BINARY(name, op)                                                       \
  inline Value name(Value a, Value b) { return detail::apply(op, a, b); }                  \
  inline Value name(Value a, double b) { return detail::apply(op, a, a.constant(b)); }     \
  inline Value name(double a, Value b) { return detail::apply(op, b.constant(a), b); }     \
  inline Tensor name(const Tensor& a, const Tensor& b) { return detail::run(op, {a, b}); } \
  inline Tensor name(const Tensor& a, double b) { return detail::run(op, {a, b}); }        \
  inline Tensor name(double a, const Tensor& b) { return detail::run(op, {a, b}); }

NATIVECHAIN_BINARY(operator+, NC_OP_ADD)
NATIVECHAIN_BINARY(operator-, NC_OP_SUBTRACT)
NATIVECHAIN_BINARY(operator*, NC_OP_MULTIPLY)
NATIVECHAIN_BINARY(operator/, NC_OP_DIVIDE)
NATIVECHAIN_BINARY(operator%, NC_OP_REMAINDER)
NATIVECHAIN_BINARY(operator==, NC_OP_EQUAL)
NATIVECHAIN_BINARY(operator!=, NC_OP_NOT_EQUAL)
NATIVECHAIN_BINARY(operator<, NC_OP_LESS)
NATIVECHAIN_BINARY(operator<=, NC_OP_LESS_EQUAL)
NATIVECHAIN_BINARY(operator>, NC_OP_GREATER)
NATIVECHAIN_BINARY(operator>=, NC_OP_GREATER_EQUAL)
NATIVECHAIN_BINARY(floor_divide, NC_OP_FLOOR_DIVIDE)
NATIVECHAIN_BINARY(fmod, NC_OP_FMOD)
NATIVECHAIN_BINARY(power, NC_OP_POWER)
NATIVECHAIN_BINARY(maximum, NC_OP_MAXIMUM)
NATIVECHAIN_BINARY(minimum, NC_OP_MINIMUM)
NATIVECHAIN_BINARY(atan2, NC_OP_ATAN2)
NATIVECHAIN_BINARY(logical_and, NC_OP_AND)
NATIVECHAIN_BINARY(logical_or, NC_OP_OR)
NATIVECHAIN_BINARY(logical_xor, NC_OP_XOR)

NATIVECHAIN_UNARY(operator-, NC_OP_NEGATE)
NATIVECHAIN_UNARY(logical_not, NC_OP_NOT)
NATIVECHAIN_UNARY(isnan, NC_OP_IS_NAN)
NATIVECHAIN_UNARY(isinf, NC_OP_IS_INF)
NATIVECHAIN_UNARY(isfinite, NC_OP_IS_FINITE)
NATIVECHAIN_UNARY(absolute, NC_OP_ABSOLUTE)
NATIVECHAIN_UNARY(sign, NC_OP_SIGN)
NATIVECHAIN_UNARY(square, NC_OP_SQUARE)
NATIVECHAIN_UNARY(reciprocal, NC_OP_RECIPROCAL)
NATIVECHAIN_UNARY(sqrt, NC_OP_SQRT)
NATIVECHAIN_UNARY(rsqrt, NC_OP_RSQRT)
NATIVECHAIN_UNARY(exp, NC_OP_EXP)
NATIVECHAIN_UNARY(exp2, NC_OP_EXP2)
NATIVECHAIN_UNARY(expm1, NC_OP_EXPM1)
NATIVECHAIN_UNARY(log, NC_OP_LOG)
NATIVECHAIN_UNARY(log2, NC_OP_LOG2)
NATIVECHAIN_UNARY(log10, NC_OP_LOG10)
NATIVECHAIN_UNARY(log1p, NC_OP_LOG1P)
NATIVECHAIN_UNARY(sin, NC_OP_SIN)
NATIVECHAIN_UNARY(cos, NC_OP_COS)
NATIVECHAIN_UNARY(tan, NC_OP_TAN)
NATIVECHAIN_UNARY(asin, NC_OP_ASIN)
NATIVECHAIN_UNARY(acos, NC_OP_ACOS)
NATIVECHAIN_UNARY(atan, NC_OP_ATAN)
NATIVECHAIN_UNARY(sinh, NC_OP_SINH)
NATIVECHAIN_UNARY(cosh, NC_OP_COSH)
NATIVECHAIN_UNARY(tanh, NC_OP_TANH)
NATIVECHAIN_UNARY(asinh, NC_OP_ASINH)
NATIVECHAIN_UNARY(acosh, NC_OP_ACOSH)
NATIVECHAIN_UNARY(atanh, NC_OP_ATANH)
NATIVECHAIN_UNARY(sigmoid, NC_OP_SIGMOID)
NATIVECHAIN_UNARY(softplus, NC_OP_SOFTPLUS)
NATIVECHAIN_UNARY(erf, NC_OP_ERF)
NATIVECHAIN_UNARY(erfc, NC_OP_ERFC)
NATIVECHAIN_UNARY(floor, NC_OP_FLOOR)
NATIVECHAIN_UNARY(ceil, NC_OP_CEIL)
NATIVECHAIN_UNARY(round, NC_OP_ROUND)
NATIVECHAIN_UNARY(trunc, NC_OP_TRUNC)

#undef NATIVECHAIN_UNARY
#undef NATIVECHAIN_BINARY

inline Tensor relu(const Tensor& x) { return maximum(x, 0); }
inline Value relu(Value x) { return maximum(x, 0); }

// A function of tensors, broadcast against each other, in one pass. The result has the operands' promoted dtype.
class Elementwise {
 public:
  template <class F>
  explicit Elementwise(F function) {
    trace(function, std::integral_constant<size_t, 1>{});
  }

  template <class... Tensors>
  Tensor operator()(const Tensors&... x) const {
    return run({&x...});
  }

  Tensor run(std::initializer_list<const Tensor*> operands) const;

 private:
  template <class F, size_t N>
  void trace(F& function, std::integral_constant<size_t, N>) {
    static_assert(N <= NC_PROGRAM_MAX_INPUTS, "a function of 1 to 16 Values is needed");
    [&]<size_t... I>(std::index_sequence<I...>) {
      if constexpr (std::is_invocable_v<F&, decltype((void)I, std::declval<Value>())...>) {
        detail::Trace recorded;
        const Value x[] = {Value(&recorded, recorded.add(NC_OP_LOAD, static_cast<int32_t>(I)))...};
        const Value y = function(x[I]...);
        recorded.add(NC_OP_STORE, y.index(), 0);
        code_ = std::move(recorded.code);
        inputs_ = N;
      } else {
        trace(function, std::integral_constant<size_t, N + 1>{});
      }
    }
    (std::make_index_sequence<N>{});
  }

  std::vector<nc_instruction> code_;
  size_t inputs_ = 0;
  // One program for each compute dtype, built when first needed.
  struct Built {
    std::mutex mutex;
    std::map<DType, Program> programs;
  };
  std::shared_ptr<Built> built_ = std::make_shared<Built>();
};

inline Tensor Elementwise::run(std::initializer_list<const Tensor*> operands) const {
  if (operands.size() != inputs_)
    throw Error(NC_INVALID_ARGUMENT,
                "a function of " + std::to_string(inputs_) + " tensors called with " + std::to_string(operands.size()));
  DType dtype = (*operands.begin())->dtype();
  std::vector<nc_tensor> inputs;
  std::vector<Shape> shapes;
  for (const Tensor* x : operands) {
    shapes.push_back(x->shape());
    dtype = promote(dtype, x->dtype());
    inputs.push_back(*x->descriptor());
  }
  const nc_program* program;
  {
    const std::lock_guard lock(built_->mutex);
    const auto made = built_->programs.find(compute_dtype(dtype));
    program = (made != built_->programs.end()
                   ? made
                   : built_->programs
                         .emplace(compute_dtype(dtype),
                                  Program(code_, static_cast<int32_t>(inputs_), 0, 1, compute_dtype(dtype)))
                         .first)
                  ->second.get();
  }
  Tensor y = Tensor::empty(broadcast_shape(shapes), dtype, (*operands.begin())->device());
  check(nc_program_run(y.context(), program, inputs.data(), nullptr, y.descriptor()));
  return y;
}

namespace detail {

inline bool gives_truth(int32_t op) { return op >= NC_OP_EQUAL && op <= NC_OP_IS_FINITE && op != NC_OP_SELECT; }
inline bool needs_floating(int32_t op) {
  return op == NC_OP_DIVIDE || op == NC_OP_ATAN2 || (op >= NC_OP_RECIPROCAL && op <= NC_OP_ERFC);
}

inline Program single(int32_t op, const std::vector<bool>& is_tensor, DType compute) {
  using Key = std::tuple<int32_t, std::vector<bool>, DType>;
  static auto* const mutex = new std::mutex;
  static auto* const programs = new std::map<Key, Program>;
  const std::lock_guard lock(*mutex);
  const Key key{op, is_tensor, compute};
  if (const auto made = programs->find(key); made != programs->end()) return made->second;
  Trace trace;
  int32_t inputs = 0, parameters = 0, values[3] = {};
  for (size_t i = 0; i < is_tensor.size(); i++)
    values[i] = is_tensor[i] ? trace.add(NC_OP_LOAD, inputs++) : trace.add(NC_OP_PARAMETER, parameters++);
  trace.add(NC_OP_STORE, trace.add(op, values[0], values[1], values[2]), 0);
  return programs->emplace(key, Program(trace.code, inputs, parameters, 1, compute)).first->second;
}

inline Tensor run(int32_t op, std::initializer_list<Operand> operands) {
  // A condition is read as true or false, and says nothing of the result.
  const auto counts = [&](const Operand& o) { return op != NC_OP_SELECT || &o != operands.begin(); };
  const Tensor* first = nullptr;
  bool fraction = false, number = false;
  DType dtype = DType::boolean;
  std::vector<bool> is_tensor;
  std::vector<nc_tensor> inputs;
  std::vector<nc_scalar> parameters;
  std::vector<Shape> shapes;
  for (const Operand& o : operands) {
    is_tensor.push_back(o.tensor != nullptr);
    if (o.tensor) {
      if (!first) first = o.tensor;
      inputs.push_back(*o.tensor->descriptor());
      shapes.push_back(o.tensor->shape());
      if (counts(o)) dtype = promote(dtype, o.tensor->dtype());
    } else {
      number = true;
      fraction |= o.number != std::trunc(o.number) || std::isinf(o.number);
    }
  }
  if (number && dtype == DType::boolean) dtype = DType::int64;
  if ((fraction || needs_floating(op)) && !is_floating(dtype)) dtype = DType::float64;
  for (const Operand& o : operands) {
    if (o.tensor) continue;
    const bool fits = o.number >= -0x1p63 && o.number < 0x1p63;
    if (!fits && !is_floating(dtype))
      throw Error(NC_INVALID_ARGUMENT, std::to_string(o.number) + " beside " + name_of(dtype));
    parameters.push_back({nullptr, o.number, fits ? static_cast<int64_t>(o.number) : 0});
  }
  Tensor y = Tensor::empty(broadcast_shape(shapes), gives_truth(op) ? DType::boolean : dtype, first->device());
  const Program program = single(op, is_tensor, compute_dtype(dtype));
  check(nc_program_run(y.context(), program.get(), inputs.data(), parameters.data(), y.descriptor()));
  return y;
}

}  // namespace detail

}  // namespace nativechain

#endif
