// Packing: a panel of an operand, any strides, into the order in which the micro-kernel reads it.
#if defined(NATIVECHAIN_GEMM_PACK_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef NATIVECHAIN_GEMM_PACK_INL
#undef NATIVECHAIN_GEMM_PACK_INL
#else
#define NATIVECHAIN_GEMM_PACK_INL
#endif

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "cpu/gemm/kernel-inl.hpp"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace nc::cpu::HWY_NAMESPACE::gemm {
namespace hn = hwy::HWY_NAMESPACE;

// Block k of the result: 16 bytes from p[first + k * stride]. The blocks make a whole vector.
template <class D, class T = hn::TFromD<D>>
HWY_INLINE hn::Vec<D> load_blocks(D d, const T* const* p, int64_t first, int64_t stride, int64_t at) {
  if constexpr (hn::MaxLanes(D()) * sizeof(T) <= 16) {
    return hn::LoadU(d, p[first] + at);
  } else {
    const hn::Half<D> half;
    constexpr int64_t kHalfBlocks = static_cast<int64_t>(hn::MaxLanes(hn::Half<D>()) * sizeof(T) / 16);
    return hn::Combine(d, load_blocks(half, p, first + kHalfBlocks * stride, stride, at),
                       load_blocks(half, p, first, stride, at));
  }
}

// y[k * y_step + i] = x[i * x_step + k] for kLanes rows i and all k: 4 x 4 (2 x 2) transposes inside of 16 byte blocks.
// Rows beyond `rows` repeat the last one.
template <class T>
HWY_INLINE void transpose_rows(const T* HWY_RESTRICT x, int64_t x_step, int64_t rows, int64_t depth, T* HWY_RESTRICT y,
                               int64_t y_step) {
  const hn::ScalableTag<T> d;
  constexpr int64_t N = kLanes<T>, kBlock = 16 / sizeof(T);
  const T* p[N];
  for (int64_t i = 0; i < N; i++) p[i] = x + std::min(i, rows - 1) * x_step;
  int64_t k = 0;
  for (; k + kBlock <= depth; k += kBlock, y += kBlock * y_step) {
    const auto r0 = load_blocks(d, p, 0, kBlock, k), r1 = load_blocks(d, p, 1, kBlock, k);
    if constexpr (sizeof(T) == 8) {
      hn::StoreU(hn::InterleaveLower(d, r0, r1), d, y);
      hn::StoreU(hn::InterleaveUpper(d, r0, r1), d, y + y_step);
    } else {
      const hn::Repartition<double, decltype(d)> pairs;
      const auto r2 = load_blocks(d, p, 2, kBlock, k), r3 = load_blocks(d, p, 3, kBlock, k);
      const auto low01 = hn::BitCast(pairs, hn::InterleaveLower(d, r0, r1));
      const auto low23 = hn::BitCast(pairs, hn::InterleaveLower(d, r2, r3));
      const auto high01 = hn::BitCast(pairs, hn::InterleaveUpper(d, r0, r1));
      const auto high23 = hn::BitCast(pairs, hn::InterleaveUpper(d, r2, r3));
      hn::StoreU(hn::BitCast(d, hn::InterleaveLower(pairs, low01, low23)), d, y);
      hn::StoreU(hn::BitCast(d, hn::InterleaveUpper(pairs, low01, low23)), d, y + y_step);
      hn::StoreU(hn::BitCast(d, hn::InterleaveLower(pairs, high01, high23)), d, y + 2 * y_step);
      hn::StoreU(hn::BitCast(d, hn::InterleaveUpper(pairs, high01, high23)), d, y + 3 * y_step);
    }
  }
  for (; k < depth; k++, y += y_step)
    for (int64_t i = 0; i < N; i++) y[i] = p[i][k];
}

// y[k * y_step + i] = x[i * step + k * depth_step] for i below count; y has room for count rounded up to whole vectors,
// whose rest holds any finite or not finite numbers of x or zeros: no sum that is kept reads them.
template <class T>
void pack_panel(const T* HWY_RESTRICT x, int64_t count, int64_t step, int64_t depth, int64_t depth_step,
                T* HWY_RESTRICT y, int64_t y_step) {
  const hn::ScalableTag<T> d;
  constexpr int64_t N = kLanes<T>;
  if (step == 1) {
    const int64_t whole = count / N * N, rest = count - whole;
    for (int64_t k = 0; k < depth; k++, x += depth_step, y += y_step) {
      for (int64_t i = 0; i < whole; i += N) hn::StoreU(hn::LoadU(d, x + i), d, y + i);
      if (rest > 0) {
        hn::StoreU(hn::Zero(d), d, y + whole);
        for (int64_t i = whole; i < count; i++) y[i] = x[i];
      }
    }
  } else if (depth_step == 1) {
    for (int64_t i = 0; i < count; i += N)
      transpose_rows(x + i * step, step, std::min(N, count - i), depth, y + i, y_step);
  } else {
    for (int64_t k = 0; k < depth; k++, x += depth_step, y += y_step) {
      for (int64_t i = 0; i < count; i++) y[i] = x[i * step];
      for (int64_t i = count; i % N != 0; i++) y[i] = 0;
    }
  }
}

// Asks for share `part` of `parts` of the panel that is packed next, into the second-level cache.
template <class T>
HWY_INLINE void prefetch_panel(const T* x, int64_t count, int64_t step, int64_t depth, int64_t depth_step, int64_t part,
                               int64_t parts) {
  constexpr int64_t kLine = 64 / sizeof(T);
  const bool along = depth_step == 1;
  if (!along && step != 1) return;
  const int64_t rows = along ? count : depth, row_step = along ? step : depth_step, columns = along ? depth : count;
  for (int64_t i = part * rows / parts; i < (part + 1) * rows / parts; i++)
    for (int64_t j = 0; j < columns; j += kLine) __builtin_prefetch(x + i * row_step + j, 0, 2);
}

}  // namespace nc::cpu::HWY_NAMESPACE::gemm
HWY_AFTER_NAMESPACE();

#endif
