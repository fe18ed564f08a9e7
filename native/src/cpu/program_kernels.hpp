// The vectorised steps of programs: one table of kernels for each ISA.
#pragma once

#include <cstddef>
#include <cstdint>

#include "cpu/isa.hpp"
#include "nativechain/program.h"

namespace nc::cpu {

// Two operations in one step, the first feeding the second: a pass less over the L1 cache. Rounded as the two would be.
enum class PairFirst { add, subtract, multiply, sqrt, greater, sigmoid, count };
enum class PairSecond {
  add,            // first(a, b) + c
  subtract,       // first(a, b) - c
  subtract_from,  // c - first(a, b)
  multiply,       // first(a, b) * c
  divide,         // first(a, b) / c
  divide_into,    // c / first(a, b)
  keep,           // first(a, b) ? c : 0
  count
};

// Three operations in one step, the last of what the other two give: (a left b) op (c right d).
enum class TreeInner { add, subtract, multiply, count };
enum class TreeOuter { add, subtract, multiply, divide, count };

// What is let through by the sigmoid of a multiple or a polynomial of itself, in one step: silu, and gelu by way of
// tanh.
enum class Gate {
  linear,           // x sigmoid(a x), of x, a
  linear_gradient,  // its derivative times g, of x, a, g
  cubic,            // x sigmoid(a x + b x^3), of x, a, b
  cubic_gradient,   // its derivative times g, of x, a, b, g
  count
};

constexpr int32_t kFirstPair = NC_OP_TRUNC + 1;
// The steps of moving averages, three operations in one: b + c (a - b), and b + c (a a - b).
constexpr int32_t kMoveTowards =
    kFirstPair + static_cast<int32_t>(PairFirst::count) * static_cast<int32_t>(PairSecond::count);
constexpr int32_t kMoveTowardsSquare = kMoveTowards + 1;
constexpr int32_t kFirstTree = kMoveTowardsSquare + 1;
constexpr int32_t kTreeInners = static_cast<int32_t>(TreeInner::count);
constexpr int32_t kFirstGate = kFirstTree + kTreeInners * kTreeInners * static_cast<int32_t>(TreeOuter::count);
constexpr int32_t kSteps = kFirstGate + static_cast<int32_t>(Gate::count);

// A whole program in one step of several results: what an optimizer does to a parameter and its state, or a step of an
// LSTM. Every array is read and written once. An optimizer's is rounded as the operations that it stands for, an LSTM's
// sums with a multiply-add.
enum class Update {
  momentum,    // v' = a v - b g and p' = p + v'
  adam,        // m' = m + a (g - m), v' = v + b (g g - v), p' = keep p - rate m' / (sqrt(v') + epsilon)
  adam_fused,  // the same with multiply-add in the averages
  // i = sigmoid(u0 + b0), f = sigmoid(u1 + b1), g = tanh(u2 + b2), o = sigmoid(u3 + b3), c' = g i + f c, h = o tanh(c')
  lstm,
  lstm_gradient,  // at u0 to u3 and at c, of those gates: gc f, where gc = d + (gy + gh) o (1 - y y), y = tanh(c'), ...
  count
};

// Slots of an update: the results, the arrays (an optimizer's begin with what the results were) and the numbers:
// p', v', p, v, g, a, b; p', m', v', p, m, v, g, a, b, rate, epsilon, keep;
// i, f, g, o, c', h, u0 to u3, c, b0 to b3; the gradients at u0 to u3 and at c, i, f, g, o, c, c', gy, gh, d.
struct UpdateShape {
  int results, arrays, numbers;
  constexpr int slots() const { return results + arrays + numbers; }
};
constexpr int kMostUpdateSlots = 15;

constexpr UpdateShape update_shape(Update update) {
  switch (update) {
    case Update::momentum:
      return {2, 3, 2};
    case Update::lstm:
      return {6, 9, 0};
    case Update::lstm_gradient:
      return {5, 9, 0};
    default:
      return {3, 4, 5};
  }
}

// Others are float32's alone: their code is long.
constexpr bool is_of_every_dtype(Update update) { return update < Update::lstm; }

// Of an element, in steps of arithmetic.
constexpr int32_t update_work(Update update) {
  return update == Update::lstm ? 24 : update == Update::lstm_gradient ? 16 : 4;
}

constexpr int32_t kFirstUpdate = kSteps;  // steps of their own kernels

constexpr int32_t pair_op(PairFirst first, PairSecond second) {
  return kFirstPair + static_cast<int32_t>(first) * static_cast<int32_t>(PairSecond::count) +
         static_cast<int32_t>(second);
}

constexpr int32_t tree_op(TreeOuter op, TreeInner left, TreeInner right) {
  return kFirstTree + (static_cast<int32_t>(op) * kTreeInners + static_cast<int32_t>(left)) * kTreeInners +
         static_cast<int32_t>(right);
}

constexpr int32_t gate_op(Gate gate) { return kFirstGate + static_cast<int32_t>(gate); }

constexpr int gate_operands(Gate gate) {
  return (gate == Gate::linear ? 2 : 3) + (gate == Gate::cubic_gradient ? 1 : 0);
}

// Whether the operands of an outer operation may change places, so that a step exists for left <= right alone.
constexpr bool commutes(TreeOuter op) { return op == TreeOuter::add || op == TreeOuter::multiply; }

// Beside the operands' bits of `varying`.
constexpr uint32_t kStream = 16;

struct ProgramKernels {
  // y = op(a, b, c, d) for n elements. Bit k of `varying` is set where operand k has n elements of its own; else it is
  // one vector of kUniformBytes, the same value in each lane. y may be an operand. With kStream, y is aligned to a
  // cache line and written past the caches.
  using Compute = void (*)(void* y, const void* a, const void* b, const void* c, const void* d, size_t n,
                           uint32_t varying);
  // An update of n elements, from pointers to its slots; bit k of `varying` is array k's. Where given, the next
  // elements of slot k lie ahead[k] bytes further.
  using UpdateKernel = void (*)(char* const* slots, size_t n, uint32_t varying, const ptrdiff_t* ahead);
  // n elements of another dtype, `stride` elements apart (0 repeats), into consecutive ones of the compute dtype.
  using Load = void (*)(void* y, const void* x, int64_t stride, size_t n);
  // The way back; x is one vector of equal lanes where it does not vary.
  using Store = void (*)(void* y, int64_t stride, const void* x, size_t n, bool varying);

  struct Type {
    Compute compute[kSteps];  // null for what the type has not; what follows nc_op is floating point's
    UpdateKernel update[static_cast<size_t>(Update::count)];
    Load load[NC_FLOAT64 + 1];
    Store store[NC_FLOAT64 + 1];
  };
  Type float32, float64, int64;

  const Type& of(int32_t compute_dtype) const {
    return compute_dtype == NC_FLOAT32 ? float32 : compute_dtype == NC_FLOAT64 ? float64 : int64;
  }
};

// Of an ISA with vector kernels: any but Isa::reference.
const ProgramKernels& program_kernels(Isa isa);

}  // namespace nc::cpu
