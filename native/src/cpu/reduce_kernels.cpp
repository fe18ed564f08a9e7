#include "cpu/reduce_kernels.hpp"

#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/reduce_kernels.cpp"
#include "cpu/highway.hpp"  // first
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
// The rest takes the target from those.
#include "cpu/tail-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace nc::cpu::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

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
    const V v = kLargest ? hn::Max(a, b) : hn::Min(a, b);
    if constexpr (hwy::IsFloat<hn::TFromD<D>>()) {
      return hn::IfThenElse(hn::Eq(a, a), hn::IfThenElse(hn::Eq(b, b), v, b), a);
    } else {
      return v;
    }
  }
};

// The vector's lanes, halved until one is left.
template <class Op, class S>
HWY_INLINE S Fold(hn::Vec<hn::ScalableTag<S>> v) {
  const hn::ScalableTag<S> d;
  HWY_ALIGN S lanes[hn::MaxLanes(hn::ScalableTag<S>())];
  hn::Store(v, d, lanes);
  const hn::CappedTag<S, 1> one;
  for (size_t half = hn::Lanes(d) / 2; half > 0; half /= 2) {
    for (size_t i = 0; i < half; i++) {
      const auto a = hn::Set(one, lanes[i]), b = hn::Set(one, lanes[i + half]);
      lanes[i] = hn::GetLane(Op::Call(one, a, b));
    }
  }
  return lanes[0];
}

template <class Op, class S>
void Rows(void* y_, const void* x_, size_t rows, size_t length) {
  const hn::ScalableTag<S> d;
  const size_t N = hn::Lanes(d);
  S* y = static_cast<S*>(y_);
  const S* x = static_cast<const S*>(x_);
  const auto neutral = hn::Set(d, Op::template kNeutral<S>);
  for (size_t row = 0; row < rows; row++, x += length) {
    auto total = neutral;
    size_t i = 0;
    if (length >= 4 * N) {
      auto v0 = hn::LoadU(d, x), v1 = hn::LoadU(d, x + N), v2 = hn::LoadU(d, x + 2 * N), v3 = hn::LoadU(d, x + 3 * N);
      for (i = 4 * N; i + 4 * N <= length; i += 4 * N) {
        v0 = Op::Call(d, v0, hn::LoadU(d, x + i));
        v1 = Op::Call(d, v1, hn::LoadU(d, x + i + N));
        v2 = Op::Call(d, v2, hn::LoadU(d, x + i + 2 * N));
        v3 = Op::Call(d, v3, hn::LoadU(d, x + i + 3 * N));
      }
      total = Op::Call(d, Op::Call(d, v0, v1), Op::Call(d, v2, v3));
    }
    for (; i + N <= length; i += N) total = Op::Call(d, total, hn::LoadU(d, x + i));
    if (i < length) {
      const auto tail = hn::IfThenElse(hn::FirstN(d, length - i), LoadTail(d, x + i, length - i), neutral);
      total = Op::Call(d, total, tail);
    }
    y[row] = Fold<Op, S>(total);
  }
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
void Combine8(void* y_, const void* x_, int64_t stride, size_t n) {
  const hn::ScalableTag<S> d;
  const size_t N = hn::Lanes(d);
  S* y = static_cast<S*>(y_);
  const S* x = static_cast<const S*>(x_);
  const auto tree = [&](const auto& load) HWY_ATTR {
    const auto v01 = Op::Call(d, load(x), load(x + stride));
    const auto v23 = Op::Call(d, load(x + 2 * stride), load(x + 3 * stride));
    const auto v45 = Op::Call(d, load(x + 4 * stride), load(x + 5 * stride));
    const auto v67 = Op::Call(d, load(x + 6 * stride), load(x + 7 * stride));
    return Op::Call(d, Op::Call(d, v01, v23), Op::Call(d, v45, v67));
  };
  for (; n >= N; n -= N, x += N, y += N) {
    const auto whole = [&](const S* p) HWY_ATTR { return hn::LoadU(d, p); };
    hn::StoreU(Op::Call(d, hn::LoadU(d, y), tree(whole)), d, y);
  }
  if (n > 0) {
    const auto part = [&](const S* p) HWY_ATTR { return LoadTail(d, p, n); };
    StoreTail(d, Op::Call(d, LoadTail(d, y, n), tree(part)), y, n);
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
  return {Rows<Op, S>, Combine<Op, S>, Combine8<Op, S>, Clear<Op, S>};
}

template <class S>
void FillType(ReduceKernels::Type& t) {
  t.sum = OperationOf<Sum, S>();
  t.product = OperationOf<Product, S>();
  t.smallest = OperationOf<Extreme<false>, S>();
  t.largest = OperationOf<Extreme<true>, S>();
  t.divide = Divide<S>;
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
