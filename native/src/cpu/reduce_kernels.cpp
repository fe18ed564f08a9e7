#include "cpu/reduce_kernels.hpp"

#include <limits>
#include <type_traits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/reduce_kernels.cpp"
#include "cpu/highway.hpp"  // first
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
// The rest takes the target from those.
#include "cpu/ahead-inl.hpp"
#include "cpu/extremes-inl.hpp"
#include "cpu/tail-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace nc::cpu::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// Elements that are combined in a row: beyond, the error of a sum grows with the logarithm of their number.
template <class S>
constexpr size_t kReduceBlock = 8192 / sizeof(S);

struct Sum {
  template <class S>
  static constexpr S kNeutral = S{0};
  template <class D, class V>
  static HWY_INLINE V Call(D, V a, V b) {
    return hn::Add(a, b);
  }
};

struct Product {
  template <class S>
  static constexpr S kNeutral = S{1};
  template <class D, class V>
  static HWY_INLINE V Call(D d, V a, V b) {
    if constexpr (hwy::IsFloat<hn::TFromD<D>>()) {
      return hn::Mul(a, b);
    } else {
      // No ISA below AVX-512 multiplies 64 bits: low * low + (low * high + high * low) << 32.
      const hn::Repartition<uint32_t, D> narrow;
      const hn::RebindToUnsigned<D> du;
      const auto ua = hn::BitCast(du, a), ub = hn::BitCast(du, b);
      const auto product = [&](auto x, auto y)
                               HWY_ATTR { return hn::MulEven(hn::BitCast(narrow, x), hn::BitCast(narrow, y)); };
      const auto cross = hn::Add(product(ua, hn::ShiftRight<32>(ub)), product(hn::ShiftRight<32>(ua), ub));
      return hn::BitCast(d, hn::Add(product(ua, ub), hn::ShiftLeft<32>(cross)));
    }
  }
};

template <bool kLargest>
struct Extreme {
  template <class S>
  static constexpr S kNeutral = std::numeric_limits<S>::has_infinity
                                    ? (kLargest ? -std::numeric_limits<S>::infinity()
                                                : std::numeric_limits<S>::infinity())
                                    : (kLargest ? std::numeric_limits<S>::lowest() : std::numeric_limits<S>::max());
  template <class D, class V>
  static HWY_INLINE V Call(D, V a, V b) {
    return ExtremeOf<kLargest>(a, b);
  }
};

// The vector's lanes, halved until one is left.
template <class Op, class S>
HWY_NOINLINE S Fold(S* lanes) {
  const hn::CappedTag<S, 1> one;
  for (size_t half = hn::Lanes(hn::ScalableTag<S>()) / 2; half > 0; half /= 2) {
    for (size_t i = 0; i < half; i++) {
      const auto a = hn::Set(one, lanes[i]), b = hn::Set(one, lanes[i + half]);
      lanes[i] = hn::GetLane(Op::Call(one, a, b));
    }
  }
  return lanes[0];
}

// lanes[k] = a vector of what the values of stream k come to, which begins k * stride elements after x.
template <class Op, class S, size_t kStreams>
HWY_NOINLINE void ReduceBlock(S* lanes, const S* x, size_t stride, size_t length) {
  const hn::ScalableTag<S> d;
  const size_t N = hn::Lanes(d);
  const auto neutral = hn::Set(d, Op::template kNeutral<S>);
  // One stream takes four vectors at a time.
  const size_t step = kStreams == 1 ? 4 * N : N, next = kStreams == 1 ? N : stride;
  auto v0 = neutral, v1 = neutral, v2 = neutral, v3 = neutral;
  size_t i = 0;
  for (; i + step <= length; i += step) {
    v0 = Op::Call(d, v0, hn::LoadU(d, x + i));
    v1 = Op::Call(d, v1, hn::LoadU(d, x + i + next));
    v2 = Op::Call(d, v2, hn::LoadU(d, x + i + 2 * next));
    v3 = Op::Call(d, v3, hn::LoadU(d, x + i + 3 * next));
  }
  hn::Store(v0, d, lanes);
  hn::Store(v1, d, lanes + N);
  hn::Store(v2, d, lanes + 2 * N);
  hn::Store(v3, d, lanes + 3 * N);
#pragma GCC unroll 1
  for (size_t k = 0; k < kStreams; k++, x += stride) {
    auto total = hn::Load(d, lanes + k * N);
    if (kStreams == 1) total = Op::Call(d, Op::Call(d, v0, v1), Op::Call(d, v2, v3));
    size_t at = i;
    for (; at + N <= length; at += N) total = Op::Call(d, total, hn::LoadU(d, x + at));
    if (at < length) {
      const auto tail = hn::IfThenElse(hn::FirstN(d, length - at), LoadTail(d, x + at, length - at), neutral);
      total = Op::Call(d, total, tail);
    }
    hn::Store(total, d, lanes + k * N);
  }
}

// The same of lines of any length: blocks are combined two by two as they come, in a tree of fixed form.
template <class Op, class S, size_t kStreams>
HWY_NOINLINE void ReduceStreams(S* lanes, const S* x, size_t stride, size_t length) {
  const hn::ScalableTag<S> d;
  constexpr size_t N = hn::MaxLanes(hn::ScalableTag<S>()), kWide = kStreams * N;
  if (length <= kReduceBlock<S>) return ReduceBlock<Op, S, kStreams>(lanes, x, stride, length);
  HWY_ALIGN S stack[40 * kWide + 4 * N];
  S* top = stack;  // past the last
  const auto join = [&]() HWY_ATTR {
    top -= kWide;
    for (size_t k = 0; k < kWide; k += N) {
      hn::Store(Op::Call(d, hn::Load(d, top - kWide + k), hn::Load(d, top + k)), d, top - kWide + k);
    }
  };
  size_t count = 0;
  for (size_t begin = 0; begin < length; begin += kReduceBlock<S>) {
    ReduceBlock<Op, S, kStreams>(top, x + begin, stride, HWY_MIN(kReduceBlock<S>, length - begin));
    top += kWide;
    for (size_t n = ++count; (n & 1) == 0; n >>= 1) join();
  }
  while (top > stack + kWide) join();
  for (size_t k = 0; k < kWide; k += N) hn::Store(hn::Load(d, stack + k), d, lanes + k);
}

// Large ones (of the reductions that memory bounds) are read at four places at once: the hardware fetches ahead within
// a page only, and four of its streams hide the beginning of a page.
template <class Op, class S>
void Rows(void* y_, const void* x_, size_t rows, size_t length) {
  const hn::ScalableTag<S> d;
  constexpr size_t N = hn::MaxLanes(hn::ScalableTag<S>()), kLarge = size_t{1} << 18;
  constexpr bool kFourfold = hwy::IsFloat<S>() && !std::is_same_v<Op, Product>;
  HWY_ALIGN S lanes[4 * N];
  HWY_ALIGN S rest[4 * N];
  S* y = static_cast<S*>(y_);
  const S* x = static_cast<const S*>(x_);
  size_t row = 0;
  if (kFourfold && rows >= 4 && rows * length * sizeof(S) >= kLarge) {
    const size_t quarter = rows / 4;
    for (; row < quarter; row++) {
      ReduceStreams<Op, S, kFourfold ? 4 : 1>(lanes, x + row * length, quarter * length, length);
#pragma GCC unroll 1
      for (size_t k = 0; k < 4; k++) y[k * quarter + row] = Fold<Op, S>(lanes + k * N);
    }
    row = 4 * quarter;
  }
  for (; row < rows; row++) {
    const S* line = x + row * length;
    size_t left = length;
    if (kFourfold && length * sizeof(S) >= kLarge) {
      const size_t quarter = length / 4 / kReduceBlock<S> * kReduceBlock<S>;
      ReduceStreams<Op, S, kFourfold ? 4 : 1>(rest, line, quarter, quarter);
      line += 4 * quarter;
      left -= 4 * quarter;
    }
    const auto total = [&](const S* p, size_t k) HWY_ATTR { return hn::Load(d, p + k * N); };
    if (left > 0) ReduceStreams<Op, S, 1>(lanes, line, 0, left);
    if (left < length) {
      auto sum = Op::Call(d, Op::Call(d, total(rest, 0), total(rest, 1)), Op::Call(d, total(rest, 2), total(rest, 3)));
      if (left > 0) sum = Op::Call(d, sum, total(lanes, 0));
      hn::Store(sum, d, lanes);
    }
    y[row] = Fold<Op, S>(lanes);
  }
}

// !(x <= best), or >= for the smaller: where the best may have to change. True of NaN.
template <bool kLargest, class D, class V>
HWY_INLINE auto MayBeat(D, V x, V best) {
  if constexpr (hwy::IsFloat<hn::TFromD<D>>()) {
    return hn::Not(kLargest ? hn::Le(x, best) : hn::Ge(x, best));
  } else {
    return kLargest ? hn::Gt(x, best) : hn::Lt(x, best);
  }
}

// Up to 8 rows at a time, whose best of a column and its row stay in registers. Without a branch, as most rows beat the
// best of one column or another.
template <bool kLargest, class S>
void TakeRows(void* best_, void* rows_, const void* x_, int64_t stride, int64_t first, int64_t last, int64_t all,
              size_t n) {
  const hn::ScalableTag<S> d;
  const hn::RebindToSigned<decltype(d)> di;
  using TI = hn::TFromD<decltype(di)>;
  const size_t N = hn::Lanes(d);
  S* best = static_cast<S*>(best_);
  TI* rows = static_cast<TI*>(rows_);
  const S* x = static_cast<const S*>(x_);
  for (int64_t row = first; row < last; row += 8, x += 8 * stride) {
    const int64_t some = HWY_MIN(int64_t{8}, last - row);
    const bool more = row + 16 <= all;
    size_t i = 0;
    for (; i + N <= n; i += N) {
      if (more) fetch_rows(x + 8 * stride, stride, static_cast<int64_t>(i), static_cast<int64_t>(n));
      auto b = hn::LoadU(d, best + i);
      auto r = hn::LoadU(di, rows + i);
      const S* line = x + i;
      auto number = hn::Set(di, static_cast<TI>(row));
#pragma GCC unroll 1
      for (int64_t k = 0; k < some; k++, line += stride) {
        const auto v = hn::LoadU(d, line);
        auto beats = MayBeat<kLargest>(d, v, b);
        if constexpr (hwy::IsFloat<S>()) beats = hn::And(beats, hn::Eq(b, b));
        b = hn::IfThenElse(beats, v, b);
        r = hn::IfThenElse(hn::RebindMask(di, beats), number, r);
        number = hn::Add(number, hn::Set(di, 1));
      }
      hn::StoreU(b, d, best + i);
      hn::StoreU(r, di, rows + i);
    }
    for (; i < n; i++) {
      for (int64_t k = 0; k < some; k++) {
        const S v = x[static_cast<int64_t>(i) + k * stride];
        const bool beats = kLargest ? !(v <= best[i]) : !(v >= best[i]);
        if (!beats || best[i] != best[i]) continue;
        best[i] = v;
        rows[i] = static_cast<TI>(row + k);
      }
    }
  }
}

template <class S>
size_t Find(const void* x_, size_t n, const void* value_) {
  const hn::ScalableTag<S> d;
  const size_t N = hn::Lanes(d);
  const S* x = static_cast<const S*>(x_);
  const S value = *static_cast<const S*>(value_);
  const bool number = value == value;
  const auto wanted = hn::Set(d, value);
  size_t i = 0;
  for (; i + N <= n; i += N) {
    const auto v = hn::LoadU(d, x + i);
    const auto found = number ? hn::Eq(v, wanted) : hn::Not(hn::Eq(v, v));
    const intptr_t at = hn::FindFirstTrue(d, found);
    if (HWY_UNLIKELY(at >= 0)) return i + static_cast<size_t>(at);
  }
  while (i < n && (number ? x[i] != value : x[i] == x[i])) i++;
  return i;
}

template <class Op, class S>
void Combine(void* y_, const void* x_, size_t n) {
  const hn::ScalableTag<S> d;
  const size_t N = hn::Lanes(d);
  S* y = static_cast<S*>(y_);
  const S* x = static_cast<const S*>(x_);
  size_t i = 0;
  for (; i + N <= n; i += N) hn::StoreU(Op::Call(d, hn::LoadU(d, y + i), hn::LoadU(d, x + i)), d, y + i);
  if (i < n) StoreTail(d, Op::Call(d, LoadTail(d, y + i, n - i), LoadTail(d, x + i, n - i)), y + i, n - i);
}

template <class Op, class S>
void Combine8(void* y_, const void* x_, int64_t stride, size_t n, bool more) {
  const hn::ScalableTag<S> d;
  const size_t N = hn::Lanes(d);
  S* y = static_cast<S*>(y_);
  const S* x = static_cast<const S*>(x_);
  const S* const next = x + 8 * stride;
  const auto tree = [&](const auto& load) HWY_ATTR {
    const auto v01 = Op::Call(d, load(x), load(x + stride));
    const auto v23 = Op::Call(d, load(x + 2 * stride), load(x + 3 * stride));
    const auto v45 = Op::Call(d, load(x + 4 * stride), load(x + 5 * stride));
    const auto v67 = Op::Call(d, load(x + 6 * stride), load(x + 7 * stride));
    return Op::Call(d, Op::Call(d, v01, v23), Op::Call(d, v45, v67));
  };
  size_t i = 0;
  for (; i + N <= n; i += N, x += N, y += N) {
    if (more) fetch_rows(next, stride, static_cast<int64_t>(i), static_cast<int64_t>(n));
    const auto whole = [&](const S* p) HWY_ATTR { return hn::LoadU(d, p); };
    hn::StoreU(Op::Call(d, hn::LoadU(d, y), tree(whole)), d, y);
  }
  if (i < n) {
    const auto part = [&](const S* p) HWY_ATTR { return LoadTail(d, p, n - i); };
    StoreTail(d, Op::Call(d, LoadTail(d, y, n - i), tree(part)), y, n - i);
  }
}

template <class Op, class S>
void Clear(void* y_, size_t n) {
  S* y = static_cast<S*>(y_);
  for (size_t i = 0; i < n; i++) y[i] = Op::template kNeutral<S>;
}

template <class S>
void Divide(void* y_, int64_t count, size_t n) {
  S* y = static_cast<S*>(y_);
  for (size_t i = 0; i < n; i++) y[i] /= static_cast<S>(count);
}

template <class Op, class S>
constexpr ReduceKernels::Operation OperationOf() {
  return {Rows<Op, S>, Combine<Op, S>, Combine8<Op, S>, Clear<Op, S>, nullptr};
}

template <class S>
void FillType(ReduceKernels::Type& t) {
  t.sum = OperationOf<Sum, S>();
  t.product = OperationOf<Product, S>();
  t.smallest = OperationOf<Extreme<false>, S>();
  t.largest = OperationOf<Extreme<true>, S>();
  t.smallest.take_rows = TakeRows<false, S>;
  t.largest.take_rows = TakeRows<true, S>;
  t.divide = Divide<S>;
  t.find = Find<S>;
}

void FillReduceKernels(ReduceKernels& kernels) {
  FillType<float>(kernels.float32);
  FillType<double>(kernels.float64);
  FillType<int64_t>(kernels.int64);
}

}  // namespace nc::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nc::cpu {

const ReduceKernels& reduce_kernels(Isa isa) {
  return kernels_of<ReduceKernels>(isa, [isa](ReduceKernels& k) { NC_DISPATCH(isa, FillReduceKernels, k); });
}

}  // namespace nc::cpu
#endif  // HWY_ONCE
