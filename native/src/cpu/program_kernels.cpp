#include "cpu/program_kernels.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "cpu/reference/program.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/program_kernels.cpp"
#include "cpu/highway.hpp"  // first
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
// The rest takes the target from those.
#include "cpu/extremes-inl.hpp"
#include "cpu/program_convert-inl.hpp"
#include "cpu/program_math-inl.hpp"
#include "cpu/program_trigonometry-inl.hpp"
#include "cpu/tail-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace nc::cpu::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using math::T;
using math::V;

// Keeps the compiler from knowing that a value is the same in each round of a loop.
HWY_INLINE void opaque([[maybe_unused]] uint32_t& value) {
#if defined(__GNUC__)
  asm volatile("" : "+r"(value));
#endif
}

template <class Function, int kOperands, class D>
HWY_INLINE V<D> Apply(D d, V<D> a, V<D> b, V<D> c, V<D> e) {
  if constexpr (kOperands == 1) {
    return Function::Call(d, a);
  } else if constexpr (kOperands == 2) {
    return Function::Call(d, a, b);
  } else if constexpr (kOperands == 3) {
    return Function::Call(d, a, b, c);
  } else {
    return Function::Call(d, a, b, c, e);
  }
}

// A kernel of one operation: kUnroll vectors at a time, so that cheap operations keep both load ports busy, and long
// ones wait less for their own results. An operand that does not vary stays where it is (step 0).
template <class Function, int kOperands, class S, int kUnroll>
void Compute(void* y_, const void* a_, const void* b_, const void* c_, const void* e_, size_t n, uint32_t varying) {
  const hn::ScalableTag<S> d;
  const size_t N = hn::Lanes(d);
  S* y = static_cast<S*>(y_);
  const S* a = static_cast<const S*>(a_);
  const S* b = kOperands > 1 ? static_cast<const S*>(b_) : a;
  const S* c = kOperands > 2 ? static_cast<const S*>(c_) : a;
  const S* e = kOperands > 3 ? static_cast<const S*>(e_) : a;
  const size_t sa = varying & 1 ? N : 0, sb = varying & 2 ? N : 0, sc = varying & 4 ? N : 0, se = varying & 8 ? N : 0;
  const auto at = [&](size_t k) HWY_ATTR {
    const auto va = hn::LoadU(d, a + k * sa);
    const auto vb = kOperands > 1 ? hn::LoadU(d, b + k * sb) : va;
    const auto vc = kOperands > 2 ? hn::LoadU(d, c + k * sc) : va;
    const auto ve = kOperands > 3 ? hn::LoadU(d, e + k * se) : va;
    return Apply<Function, kOperands>(d, va, vb, vc, ve);
  };
  const auto advance = [&](size_t k) HWY_ATTR {
    y += k * N;
    a += k * sa;
    b += k * sb;
    c += k * sc;
    e += k * se;
    n -= k * N;
  };
  // Asked in each round, rather than of two loops: the branch is always foretold, and the code is half as long.
  const auto streams = [&]() HWY_ATTR {
    opaque(varying);
    return (varying & kStream) != 0;
  };
  if constexpr (kUnroll == 4) {
    while (n >= 4 * N) {
      const auto y0 = at(0), y1 = at(1), y2 = at(2), y3 = at(3);
      if (streams()) {
        hn::Stream(y0, d, y);
        hn::Stream(y1, d, y + N);
        hn::Stream(y2, d, y + 2 * N);
        hn::Stream(y3, d, y + 3 * N);
      } else {
        hn::StoreU(y0, d, y);
        hn::StoreU(y1, d, y + N);
        hn::StoreU(y2, d, y + 2 * N);
        hn::StoreU(y3, d, y + 3 * N);
      }
      advance(4);
    }
  }
  if constexpr (kUnroll == 2) {
    while (n >= 2 * N) {
      const auto y0 = at(0), y1 = at(1);
      if (streams()) {
        hn::Stream(y0, d, y);
        hn::Stream(y1, d, y + N);
      } else {
        hn::StoreU(y0, d, y);
        hn::StoreU(y1, d, y + N);
      }
      advance(2);
    }
  }
  if constexpr (kUnroll <= 2) {
    // The rest runs as a vector of its own through the same loop: a function's code is long.
    HWY_ALIGN S rest[kOperands + 1][hn::MaxLanes(hn::ScalableTag<S>())];
    S* const end = y + n / N * N;
    const size_t left = n % N;
    for (;;) {
      for (; n >= N; advance(1)) {
        const auto v = at(0);
        if (streams()) {
          hn::Stream(v, d, y);
        } else {
          hn::StoreU(v, d, y);
        }
      }
      if (n == 0) break;
      const auto take = [&](const S*& p, size_t step, S* to) HWY_ATTR {
        if (step == 0) return;
        hn::Store(LoadTail(d, p, n), d, to);
        p = to;
      };
      take(a, sa, rest[0]);
      if constexpr (kOperands > 1) take(b, sb, rest[1]);
      if constexpr (kOperands > 2) take(c, sc, rest[2]);
      if constexpr (kOperands > 3) take(e, se, rest[3]);
      y = rest[kOperands];
      n = N;
    }
    if (left > 0) StoreTail(d, hn::Load(d, rest[kOperands]), end, left);
    return;
  }
  for (; n >= N; advance(1)) hn::StoreU(at(0), d, y);
  if (n > 0) {
    const auto tail = [&](const S* p, size_t step) HWY_ATTR { return step ? LoadTail(d, p, n) : hn::LoadU(d, p); };
    const auto va = tail(a, sa);
    const auto vb = kOperands > 1 ? tail(b, sb) : va;
    const auto vc = kOperands > 2 ? tail(c, sc) : va;
    const auto ve = kOperands > 3 ? tail(e, se) : va;
    StoreTail(d, Apply<Function, kOperands>(d, va, vb, vc, ve), y, n);
  }
}

// The plain loop, for operations on integers that no ISA has.
template <int32_t kOp>
void ComputeInt64(void* y_, const void* a_, const void* b_, const void*, const void*, size_t n, uint32_t varying) {
  auto* y = static_cast<int64_t*>(y_);
  const auto *a = static_cast<const int64_t*>(a_), *b = static_cast<const int64_t*>(b_);
  const size_t sa = varying & 1 ? 1 : 0, sb = varying & 2 ? 1 : 0;
  for (size_t i = 0; i < n; i++) y[i] = reference::compute<int64_t>(kOp, a[i * sa], b[i * sb], 0);
}

#define NC_FUNCTION1(name, expression)                                           \
  struct name {                                                                  \
    template <class D>                                                           \
    static HWY_INLINE V<D> Call([[maybe_unused]] D d, [[maybe_unused]] V<D> a) { \
      return expression;                                                         \
    }                                                                            \
  };
#define NC_FUNCTION2(name, expression)                                  \
  struct name {                                                         \
    template <class D>                                                  \
    static HWY_INLINE V<D> Call([[maybe_unused]] D d, V<D> a, V<D> b) { \
      return expression;                                                \
    }                                                                   \
  };
#define NC_FUNCTION3(name, expression)                                          \
  struct name {                                                                 \
    template <class D>                                                          \
    static HWY_INLINE V<D> Call([[maybe_unused]] D d, V<D> a, V<D> b, V<D> c) { \
      return expression;                                                        \
    }                                                                           \
  };

// 1 where the mask is set, else 0.
template <class D, class M>
HWY_INLINE V<D> Truth(D d, M mask) {
  return hn::IfThenElseZero(mask, hn::Set(d, T<D>(1)));
}
// NaN is unlike everything, itself included; Highway's Ne says otherwise from AVX2 on.
template <class D>
HWY_INLINE auto Unequal(D, V<D> a, V<D> b) {
  return hn::Not(hn::Eq(a, b));
}
template <class D>
HWY_INLINE auto IsTrue(D d, V<D> a) {
  return Unequal(d, a, hn::Zero(d));
}
// a <= b, which Highway has for floating point only.
template <class D>
HWY_INLINE auto AtMost(D, V<D> a, V<D> b) {
  if constexpr (hwy::IsFloat<T<D>>()) {
    return hn::Le(a, b);
  } else {
    return hn::Not(hn::Gt(a, b));
  }
}

NC_FUNCTION2(Add, hn::Add(a, b))
NC_FUNCTION2(Subtract, hn::Sub(a, b))
NC_FUNCTION2(Multiply, hn::Mul(a, b))
NC_FUNCTION2(Divide, hn::Div(a, b))
NC_FUNCTION3(MultiplyAdd, hn::MulAdd(a, b, c))
NC_FUNCTION2(Maximum, ExtremeOf<true>(a, b))
NC_FUNCTION2(Minimum, ExtremeOf<false>(a, b))
NC_FUNCTION2(BitAnd, hn::And(a, b))
NC_FUNCTION2(BitOr, hn::Or(a, b))
NC_FUNCTION2(BitXor, hn::Xor(a, b))
NC_FUNCTION2(Equal, Truth(d, hn::Eq(a, b)))
NC_FUNCTION2(NotEqual, Truth(d, Unequal(d, a, b)))
NC_FUNCTION2(Less, Truth(d, hn::Lt(a, b)))
NC_FUNCTION2(LessEqual, Truth(d, AtMost(d, a, b)))
NC_FUNCTION2(Greater, Truth(d, hn::Gt(a, b)))
NC_FUNCTION2(GreaterEqual, Truth(d, AtMost(d, b, a)))
NC_FUNCTION2(LogicalAnd, Truth(d, hn::And(IsTrue(d, a), IsTrue(d, b))))
NC_FUNCTION2(LogicalOr, Truth(d, hn::Or(IsTrue(d, a), IsTrue(d, b))))
NC_FUNCTION2(LogicalXor, Truth(d, hn::Xor(IsTrue(d, a), IsTrue(d, b))))
NC_FUNCTION1(LogicalNot, Truth(d, hn::Eq(a, hn::Zero(d))))
NC_FUNCTION3(Select, hn::IfThenElse(IsTrue(d, a), b, c))
NC_FUNCTION3(MoveTowards, hn::MulAdd(hn::Sub(a, b), c, b))
NC_FUNCTION3(MoveTowardsSquare, hn::MulAdd(hn::Sub(hn::Mul(a, a), b), c, b))
NC_FUNCTION1(IsNan, Truth(d, Unequal(d, a, a)))
NC_FUNCTION1(IsInf, Truth(d, hn::Eq(hn::Abs(a), math::Infinity(d))))
NC_FUNCTION1(IsFinite, Truth(d, hn::Lt(hn::Abs(a), math::Infinity(d))))
NC_FUNCTION1(Negate, hn::Neg(a))
NC_FUNCTION1(Absolute, hn::Abs(a))
NC_FUNCTION1(Sign, hn::IfThenElse(hn::Gt(a, hn::Zero(d)), hn::Set(d, T<D>(1)),
                                  hn::IfThenElse(hn::Lt(a, hn::Zero(d)), hn::Set(d, T<D>(-1)), a)))
NC_FUNCTION1(Square, hn::Mul(a, a))
NC_FUNCTION1(Reciprocal, hn::Div(hn::Set(d, T<D>(1)), a))
NC_FUNCTION1(Sqrt, hn::Sqrt(a))
NC_FUNCTION1(Rsqrt, hn::Div(hn::Set(d, T<D>(1)), hn::Sqrt(a)))
NC_FUNCTION1(Floor, hn::Floor(a))
NC_FUNCTION1(Ceil, hn::Ceil(a))
NC_FUNCTION1(Round, hn::Round(a))
NC_FUNCTION1(Trunc, hn::Trunc(a))
NC_FUNCTION1(Identity, a)
NC_FUNCTION1(Zero, hn::Xor(a, a))
NC_FUNCTION1(One, hn::Set(d, T<D>(1)))
// Lane by lane: exact remainders need as many steps as the quotient has bits.
NC_FUNCTION2(FloorDivide, math::PerLane(d, a, b, reference::floor_divide<T<D>>))
NC_FUNCTION2(Remainder, math::PerLane(d, a, b, reference::remainder<T<D>>))
NC_FUNCTION2(Fmod, math::PerLane(d, a, b, [](T<D> x, T<D> y) { return std::fmod(x, y); }))

#undef NC_FUNCTION1
#undef NC_FUNCTION2
#undef NC_FUNCTION3

template <PairFirst kFirst, PairSecond kSecond>
struct Pair {
  template <class D>
  static HWY_INLINE V<D> Call(D d, V<D> a, V<D> b, V<D> c) {
    if constexpr (kSecond == PairSecond::keep) return hn::IfThenElseZero(hn::Gt(a, b), c);
    const V<D> x = First(d, a, b);
    switch (kSecond) {
      case PairSecond::add:
        return hn::Add(x, c);
      case PairSecond::subtract:
        return hn::Sub(x, c);
      case PairSecond::subtract_from:
        return hn::Sub(c, x);
      case PairSecond::multiply:
        return hn::Mul(x, c);
      case PairSecond::divide:
        return hn::Div(x, c);
      default:
        return hn::Div(c, x);
    }
  }

 private:
  template <class D>
  static HWY_INLINE V<D> First(D d, V<D> a, [[maybe_unused]] V<D> b) {
    switch (kFirst) {
      case PairFirst::add:
        return hn::Add(a, b);
      case PairFirst::subtract:
        return hn::Sub(a, b);
      case PairFirst::multiply:
        return hn::Mul(a, b);
      case PairFirst::sqrt:
        return hn::Sqrt(a);
      case PairFirst::sigmoid:
        return math::Sigmoid::Call(d, a);
      default:
        return Truth(d, hn::Gt(a, b));
    }
  }
};

template <TreeOuter kOp, TreeInner kLeft, TreeInner kRight>
struct Tree {
  template <class D>
  static HWY_INLINE V<D> Call(D, V<D> a, V<D> b, V<D> c, V<D> e) {
    const V<D> left = Inner<kLeft, D>(a, b), right = Inner<kRight, D>(c, e);
    switch (kOp) {
      case TreeOuter::add:
        return hn::Add(left, right);
      case TreeOuter::subtract:
        return hn::Sub(left, right);
      case TreeOuter::multiply:
        return hn::Mul(left, right);
      default:
        return hn::Div(left, right);
    }
  }

 private:
  template <TreeInner kInner, class D>
  static HWY_INLINE V<D> Inner(V<D> a, V<D> b) {
    switch (kInner) {
      case TreeInner::add:
        return hn::Add(a, b);
      case TreeInner::subtract:
        return hn::Sub(a, b);
      default:
        return hn::Mul(a, b);
    }
  }
};

struct MomentumUpdate {
  static constexpr Update kUpdate = Update::momentum;
  static constexpr bool kFetches = false;
  template <class D, class Vector>
  static HWY_INLINE void Call(D, const Vector* x, const Vector* numbers, Vector* y) {
    y[1] = hn::Sub(hn::Mul(numbers[0], x[1]), hn::Mul(numbers[1], x[2]));
    y[0] = hn::Add(x[0], y[1]);
  }
};

template <bool kFused>
struct AdamUpdate {
  static constexpr Update kUpdate = kFused ? Update::adam_fused : Update::adam;
  static constexpr bool kFetches = false;
  template <class D, class Vector>
  static HWY_INLINE void Call(D d, const Vector* x, const Vector* numbers, Vector* y) {
    y[1] = Average(d, x[1], numbers[0], x[3]);
    y[2] = Average(d, x[2], numbers[1], hn::Mul(x[3], x[3]));
    const Vector step = hn::Div(hn::Mul(numbers[2], y[1]), hn::Add(hn::Sqrt(y[2]), numbers[3]));
    y[0] = hn::Sub(hn::Mul(numbers[4], x[0]), step);
  }

 private:
  template <class D>
  static HWY_INLINE V<D> Average(D, V<D> before, V<D> weight, V<D> x) {
    const V<D> distance = hn::Sub(x, before);
    return kFused ? hn::MulAdd(distance, weight, before) : hn::Add(before, hn::Mul(weight, distance));
  }
};

struct LstmUpdate {
  static constexpr Update kUpdate = Update::lstm;
  static constexpr bool kFetches = true;
  template <class D, class Vector>
  static HWY_INLINE void Call(D d, const Vector* x, const Vector*, Vector* y) {
    y[0] = math::Sigmoid::Call(d, hn::Add(x[0], x[5]));
    y[1] = math::Sigmoid::Call(d, hn::Add(x[1], x[6]));
    y[2] = math::Tanh::Call(d, hn::Add(x[2], x[7]));
    y[3] = math::Sigmoid::Call(d, hn::Add(x[3], x[8]));
    y[4] = hn::MulAdd(y[2], y[0], hn::Mul(y[1], x[4]));
    y[5] = hn::Mul(y[3], math::Tanh::Call(d, y[4]));
  }
};

struct LstmGradientUpdate {
  static constexpr Update kUpdate = Update::lstm_gradient;
  static constexpr bool kFetches = true;
  template <class D, class Vector>
  static HWY_INLINE void Call(D d, const Vector* x, const Vector*, Vector* y) {
    const Vector one = hn::Set(d, T<D>(1));
    const Vector t = math::Tanh::Call(d, x[5]), gh = hn::Add(x[6], x[7]);
    const Vector gc = hn::MulAdd(hn::Mul(gh, x[3]), hn::Sub(one, hn::Mul(t, t)), x[8]);
    y[0] = hn::Mul(hn::Mul(hn::Mul(gc, x[2]), x[0]), hn::Sub(one, x[0]));
    y[1] = hn::Mul(hn::Mul(hn::Mul(gc, x[4]), x[1]), hn::Sub(one, x[1]));
    y[2] = hn::Mul(hn::Mul(gc, x[0]), hn::Sub(one, hn::Mul(x[2], x[2])));
    y[3] = hn::Mul(hn::Mul(hn::Mul(gh, t), x[3]), hn::Sub(one, x[3]));
    y[4] = hn::Mul(gc, x[1]);
  }
};

template <class Rule, class S>
void RunUpdate(char* const* slots, size_t n, uint32_t varying, const ptrdiff_t* ahead) {
  constexpr UpdateShape kShape = update_shape(Rule::kUpdate);
  constexpr int kArrays = kShape.arrays, kResults = kShape.results;
  const hn::ScalableTag<S> d;
  using Vector = hn::Vec<decltype(d)>;
  const size_t N = hn::Lanes(d), whole = n / N * N, left = n - whole;
  S* y[kResults];
  const S* x[kArrays];
  size_t mask[kArrays];  // 0 where an array stays where it is
  Vector numbers[std::max(kShape.numbers, 1)], in[kArrays], out[kResults];
  for (int k = 0; k < kResults; k++) y[k] = reinterpret_cast<S*>(slots[k]);
  for (int k = 0; k < kArrays; k++) {
    x[k] = reinterpret_cast<const S*>(slots[kResults + k]);
    mask[k] = varying >> k & 1 ? ~size_t{0} : 0;
  }
  for (int k = 0; k < kShape.numbers; k++) {
    numbers[k] = hn::LoadU(d, reinterpret_cast<const S*>(slots[kResults + kArrays + k]));
  }
  // The rest runs as a vector of its own through the same loop, as in Compute.
  HWY_ALIGN S rest[kResults + kArrays][hn::MaxLanes(hn::ScalableTag<S>())];
  for (size_t end = whole;; end = N) {
    for (size_t i = 0; i < end; i += N) {
      if (Rule::kFetches && ahead) {
        for (int k = 0; k < kResults; k++) __builtin_prefetch(reinterpret_cast<char*>(y[k] + i) + ahead[k], 1);
        for (int k = 0; k < kArrays; k++) {
          __builtin_prefetch(reinterpret_cast<const char*>(x[k] + i) + ahead[kResults + k]);
        }
      }
      for (int k = 0; k < kArrays; k++) in[k] = hn::LoadU(d, x[k] + (i & mask[k]));
      Rule::Call(d, in, numbers, out);
      for (int k = 0; k < kResults; k++) hn::StoreU(out[k], d, y[k] + i);
    }
    if (left == 0) return;
    if (y[0] == rest[0]) break;
    std::memset(rest, 0, sizeof rest);
    for (int k = 0; k < kResults; k++) y[k] = rest[k];
    for (int k = 0; k < kArrays; k++) {
      if (mask[k] == 0) continue;
      std::memcpy(rest[kResults + k], x[k] + whole, left * sizeof(S));
      x[k] = rest[kResults + k];
    }
    ahead = nullptr;
  }
  for (int k = 0; k < kResults; k++) {
    std::memcpy(reinterpret_cast<S*>(slots[k]) + whole, rest[k], left * sizeof(S));
  }
}

template <class Rule, class S>
void FillUpdate(ProgramKernels::Type& t) {
  t.update[static_cast<size_t>(Rule::kUpdate)] = RunUpdate<Rule, S>;
}

template <class S, TreeOuter kOp, TreeInner kLeft, TreeInner kRight>
void FillTree(ProgramKernels::Type& t) {
  if constexpr (kLeft <= kRight || !commutes(kOp)) {
    t.compute[tree_op(kOp, kLeft, kRight)] = Compute<Tree<kOp, kLeft, kRight>, 4, S, 1>;
  }
}

template <class S, TreeOuter kOp, TreeInner kLeft>
void FillTrees(ProgramKernels::Type& t) {
  FillTree<S, kOp, kLeft, TreeInner::add>(t);
  FillTree<S, kOp, kLeft, TreeInner::subtract>(t);
  FillTree<S, kOp, kLeft, TreeInner::multiply>(t);
}

template <class S, TreeOuter kOp>
void FillTrees(ProgramKernels::Type& t) {
  FillTrees<S, kOp, TreeInner::add>(t);
  FillTrees<S, kOp, TreeInner::subtract>(t);
  FillTrees<S, kOp, TreeInner::multiply>(t);
}

template <class S, PairFirst kFirst, PairSecond kSecond>
void FillPair(ProgramKernels::Type& t) {
  t.compute[pair_op(kFirst, kSecond)] = Compute<Pair<kFirst, kSecond>, 3, S, 4>;
}

template <class S, PairFirst kFirst>
void FillPairs(ProgramKernels::Type& t) {
  FillPair<S, kFirst, PairSecond::add>(t);
  FillPair<S, kFirst, PairSecond::subtract>(t);
  FillPair<S, kFirst, PairSecond::subtract_from>(t);
  FillPair<S, kFirst, PairSecond::multiply>(t);
  FillPair<S, kFirst, PairSecond::divide>(t);
  FillPair<S, kFirst, PairSecond::divide_into>(t);
}

template <class S>
void FillShared(ProgramKernels::Type& t) {
  t.compute[NC_OP_ADD] = Compute<Add, 2, S, 4>;
  t.compute[NC_OP_SUBTRACT] = Compute<Subtract, 2, S, 4>;
  t.compute[NC_OP_EQUAL] = Compute<Equal, 2, S, 4>;
  t.compute[NC_OP_NOT_EQUAL] = Compute<NotEqual, 2, S, 4>;
  t.compute[NC_OP_LESS] = Compute<Less, 2, S, 4>;
  t.compute[NC_OP_LESS_EQUAL] = Compute<LessEqual, 2, S, 4>;
  t.compute[NC_OP_GREATER] = Compute<Greater, 2, S, 4>;
  t.compute[NC_OP_GREATER_EQUAL] = Compute<GreaterEqual, 2, S, 4>;
  t.compute[NC_OP_AND] = Compute<LogicalAnd, 2, S, 4>;
  t.compute[NC_OP_OR] = Compute<LogicalOr, 2, S, 4>;
  t.compute[NC_OP_XOR] = Compute<LogicalXor, 2, S, 4>;
  t.compute[NC_OP_NOT] = Compute<LogicalNot, 1, S, 4>;
  t.compute[NC_OP_SELECT] = Compute<Select, 3, S, 4>;
  t.compute[NC_OP_MAXIMUM] = Compute<Maximum, 2, S, 4>;
  t.compute[NC_OP_MINIMUM] = Compute<Minimum, 2, S, 4>;
  t.compute[NC_OP_NEGATE] = Compute<Negate, 1, S, 4>;
  t.compute[NC_OP_ABSOLUTE] = Compute<Absolute, 1, S, 4>;
  t.compute[NC_OP_SIGN] = Compute<Sign, 1, S, 4>;
  FillConversions<S>(t);
}

template <class S>
void FillFloating(ProgramKernels::Type& t) {
  FillShared<S>(t);
  FillPairs<S, PairFirst::add>(t);
  FillPairs<S, PairFirst::subtract>(t);
  FillPairs<S, PairFirst::multiply>(t);
  FillPairs<S, PairFirst::sqrt>(t);
  FillTrees<S, TreeOuter::add>(t);
  FillTrees<S, TreeOuter::subtract>(t);
  FillTrees<S, TreeOuter::multiply>(t);
  FillTrees<S, TreeOuter::divide>(t);
  FillPair<S, PairFirst::greater, PairSecond::multiply>(t);
  FillPair<S, PairFirst::greater, PairSecond::keep>(t);
  t.compute[pair_op(PairFirst::sigmoid, PairSecond::multiply)] =
      Compute<Pair<PairFirst::sigmoid, PairSecond::multiply>, 3, S, 1>;
  t.compute[gate_op(Gate::linear)] = Compute<math::LinearGate, 2, S, 2>;
  t.compute[gate_op(Gate::linear_gradient)] = Compute<math::LinearGateGradient, 3, S, 2>;
  t.compute[gate_op(Gate::cubic)] = Compute<math::CubicGate, 3, S, 2>;
  t.compute[gate_op(Gate::cubic_gradient)] = Compute<math::CubicGateGradient, 4, S, 2>;
  FillUpdate<MomentumUpdate, S>(t);
  FillUpdate<AdamUpdate<false>, S>(t);
  FillUpdate<AdamUpdate<true>, S>(t);
  if constexpr (sizeof(S) == 4) {
    FillUpdate<LstmUpdate, S>(t);
    FillUpdate<LstmGradientUpdate, S>(t);
  }
  t.compute[kMoveTowards] = Compute<MoveTowards, 3, S, 4>;
  t.compute[kMoveTowardsSquare] = Compute<MoveTowardsSquare, 3, S, 4>;
  t.compute[NC_OP_MULTIPLY] = Compute<Multiply, 2, S, 4>;
  t.compute[NC_OP_MULTIPLY_ADD] = Compute<MultiplyAdd, 3, S, 4>;
  t.compute[NC_OP_SQUARE] = Compute<Square, 1, S, 4>;
  t.compute[NC_OP_DIVIDE] = Compute<Divide, 2, S, 4>;
  t.compute[NC_OP_FLOOR_DIVIDE] = Compute<FloorDivide, 2, S, 1>;
  t.compute[NC_OP_REMAINDER] = Compute<Remainder, 2, S, 1>;
  t.compute[NC_OP_FMOD] = Compute<Fmod, 2, S, 1>;
  t.compute[NC_OP_POWER] = Compute<math::Pow, 2, S, 1>;
  t.compute[NC_OP_ATAN2] = Compute<math::Atan2, 2, S, 1>;
  t.compute[NC_OP_IS_NAN] = Compute<IsNan, 1, S, 4>;
  t.compute[NC_OP_IS_INF] = Compute<IsInf, 1, S, 4>;
  t.compute[NC_OP_IS_FINITE] = Compute<IsFinite, 1, S, 4>;
  t.compute[NC_OP_RECIPROCAL] = Compute<Reciprocal, 1, S, 4>;
  t.compute[NC_OP_SQRT] = Compute<Sqrt, 1, S, 4>;
  t.compute[NC_OP_RSQRT] = Compute<Rsqrt, 1, S, 4>;
  t.compute[NC_OP_EXP] = Compute<math::Exp, 1, S, 1>;
  t.compute[NC_OP_EXP2] = Compute<math::Exp2, 1, S, 1>;
  t.compute[NC_OP_EXPM1] = Compute<math::Expm1, 1, S, 1>;
  t.compute[NC_OP_LOG] = Compute<math::Log, 1, S, 1>;
  t.compute[NC_OP_LOG2] = Compute<math::Log2, 1, S, 1>;
  t.compute[NC_OP_LOG10] = Compute<math::Log10, 1, S, 1>;
  t.compute[NC_OP_LOG1P] = Compute<math::Log1p, 1, S, 1>;
  t.compute[NC_OP_SIN] = Compute<math::TrigonometricFunction<math::Trigonometric::sin>, 1, S, 1>;
  t.compute[NC_OP_COS] = Compute<math::TrigonometricFunction<math::Trigonometric::cos>, 1, S, 1>;
  t.compute[NC_OP_TAN] = Compute<math::TrigonometricFunction<math::Trigonometric::tan>, 1, S, 1>;
  t.compute[NC_OP_ASIN] = Compute<math::Asin, 1, S, 1>;
  t.compute[NC_OP_ACOS] = Compute<math::Acos, 1, S, 1>;
  t.compute[NC_OP_ATAN] = Compute<math::Atan, 1, S, 1>;
  t.compute[NC_OP_SINH] = Compute<math::Sinh, 1, S, 1>;
  t.compute[NC_OP_COSH] = Compute<math::Cosh, 1, S, 1>;
  t.compute[NC_OP_TANH] = Compute<math::Tanh, 1, S, 1>;
  t.compute[NC_OP_ASINH] = Compute<math::Asinh, 1, S, 1>;
  t.compute[NC_OP_ACOSH] = Compute<math::Acosh, 1, S, 1>;
  t.compute[NC_OP_ATANH] = Compute<math::Atanh, 1, S, 1>;
  t.compute[NC_OP_SIGMOID] = Compute<math::Sigmoid, 1, S, 1>;
  t.compute[NC_OP_SOFTPLUS] = Compute<math::Softplus, 1, S, 1>;
  t.compute[NC_OP_ERF] = Compute<math::Erf, 1, S, 1>;
  t.compute[NC_OP_ERFC] = Compute<math::Erfc, 1, S, 1>;
  t.compute[NC_OP_FLOOR] = Compute<Floor, 1, S, 4>;
  t.compute[NC_OP_CEIL] = Compute<Ceil, 1, S, 4>;
  t.compute[NC_OP_ROUND] = Compute<Round, 1, S, 4>;
  t.compute[NC_OP_TRUNC] = Compute<Trunc, 1, S, 4>;
}

void FillIntegers(ProgramKernels::Type& t) {
  using S = int64_t;
  FillShared<S>(t);
  t.compute[NC_OP_MULTIPLY] = ComputeInt64<NC_OP_MULTIPLY>;
  t.compute[NC_OP_MULTIPLY_ADD] = [](void* y, const void* a, const void* b, const void* c, const void*, size_t n,
                                     uint32_t varying) {
    auto* out = static_cast<int64_t*>(y);
    const auto *x = static_cast<const int64_t*>(a), *w = static_cast<const int64_t*>(b);
    const auto* z = static_cast<const int64_t*>(c);
    const size_t sx = varying & 1, sw = varying >> 1 & 1, sz = varying >> 2 & 1;
    for (size_t i = 0; i < n; i++) out[i] = reference::apply(NC_OP_MULTIPLY_ADD, x[i * sx], w[i * sw], z[i * sz]);
  };
  t.compute[NC_OP_SQUARE] = ComputeInt64<NC_OP_SQUARE>;
  t.compute[NC_OP_FLOOR_DIVIDE] = ComputeInt64<NC_OP_FLOOR_DIVIDE>;
  t.compute[NC_OP_REMAINDER] = ComputeInt64<NC_OP_REMAINDER>;
  t.compute[NC_OP_FMOD] = ComputeInt64<NC_OP_FMOD>;
  t.compute[NC_OP_POWER] = ComputeInt64<NC_OP_POWER>;
  t.compute[NC_OP_BIT_AND] = Compute<BitAnd, 2, S, 4>;
  t.compute[NC_OP_BIT_OR] = Compute<BitOr, 2, S, 4>;
  t.compute[NC_OP_BIT_XOR] = Compute<BitXor, 2, S, 4>;
  t.compute[NC_OP_IS_NAN] = t.compute[NC_OP_IS_INF] = Compute<Zero, 1, S, 4>;
  t.compute[NC_OP_IS_FINITE] = Compute<One, 1, S, 4>;
  t.compute[NC_OP_FLOOR] = t.compute[NC_OP_CEIL] = Compute<Identity, 1, S, 4>;
  t.compute[NC_OP_ROUND] = t.compute[NC_OP_TRUNC] = Compute<Identity, 1, S, 4>;
}

void FillProgramKernels(ProgramKernels& kernels) {
  FillFloating<float>(kernels.float32);
  FillFloating<double>(kernels.float64);
  FillIntegers(kernels.int64);
}

}  // namespace nc::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nc::cpu {

const ProgramKernels& program_kernels(Isa isa) {
  return kernels_of<ProgramKernels>(isa, [isa](ProgramKernels& k) { NC_DISPATCH(isa, FillProgramKernels, k); });
}

}  // namespace nc::cpu
#endif  // HWY_ONCE
