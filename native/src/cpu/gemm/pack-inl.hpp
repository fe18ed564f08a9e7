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
#include "cpu/transpose-inl.hpp"
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

#if HWY_TARGET <= HWY_AVX3
// y[k * y_step + i] = p[i][k] for 16 rows and 16 k: a line of each row is read once, even where all of them share few
// sets of the caches.
HWY_INLINE void transpose_lines(const float* const* p, int64_t at, float* HWY_RESTRICT y, int64_t y_step) {
  const hn::ScalableTag<float> d;
  using V = hn::Vec<decltype(d)>;
  V x[4][4];  // x[g][q]: blocks of rows 4 * g and on, at k = q, 4 + q, 8 + q and 12 + q
#pragma GCC unroll 4
  for (int g = 0; g < 4; g++) {
#pragma GCC unroll 4
    for (int q = 0; q < 4; q++) x[g][q] = hn::LoadU(d, p[4 * g + q] + at);
    TransposeBlocks4x4(d, x[g]);
  }
  constexpr int kEven = 0x88, kOdd = 0xDD;  // the blocks taken from each of two vectors
#pragma GCC unroll 4
  for (int q = 0; q < 4; q++, y += y_step) {
    const auto even01 = _mm512_shuffle_f32x4(x[0][q].raw, x[1][q].raw, kEven);
    const auto even23 = _mm512_shuffle_f32x4(x[2][q].raw, x[3][q].raw, kEven);
    const auto odd01 = _mm512_shuffle_f32x4(x[0][q].raw, x[1][q].raw, kOdd);
    const auto odd23 = _mm512_shuffle_f32x4(x[2][q].raw, x[3][q].raw, kOdd);
    hn::StoreU(V{_mm512_shuffle_f32x4(even01, even23, kEven)}, d, y);
    hn::StoreU(V{_mm512_shuffle_f32x4(odd01, odd23, kEven)}, d, y + 4 * y_step);
    hn::StoreU(V{_mm512_shuffle_f32x4(even01, even23, kOdd)}, d, y + 8 * y_step);
    hn::StoreU(V{_mm512_shuffle_f32x4(odd01, odd23, kOdd)}, d, y + 12 * y_step);
  }
}
#endif

// y[k * y_step + i] = p[i][k] for kLanes rows i and all k: 4 x 4 (2 x 2) transposes inside of 16 byte blocks.
template <class T>
void transpose_rows(const T* const (&p)[kLanes<T>], int64_t depth, T* HWY_RESTRICT y, int64_t y_step) {
  const hn::ScalableTag<T> d;
  constexpr int64_t N = kLanes<T>, kBlock = 16 / sizeof(T);
  int64_t k = 0;
#if HWY_TARGET <= HWY_AVX3
  if constexpr (sizeof(T) == sizeof(float)) {
    for (; k + N <= depth; k += N, y += N * y_step) transpose_lines(p, k, y, y_step);
  }
#endif
  for (; k + kBlock <= depth; k += kBlock, y += kBlock * y_step) {
    if constexpr (sizeof(T) == 8) {
      const auto r0 = load_blocks(d, p, 0, kBlock, k), r1 = load_blocks(d, p, 1, kBlock, k);
      hn::StoreU(hn::InterleaveLower(d, r0, r1), d, y);
      hn::StoreU(hn::InterleaveUpper(d, r0, r1), d, y + y_step);
    } else {
      hn::Vec<decltype(d)> r[4];
#pragma GCC unroll 4
      for (int i = 0; i < 4; i++) r[i] = load_blocks(d, p, i, kBlock, k);
      TransposeBlocks4x4(d, r);
#pragma GCC unroll 4
      for (int i = 0; i < 4; i++) hn::StoreU(r[i], d, y + i * y_step);
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
#if HWY_TARGET <= HWY_AVX2
        hn::StoreU(hn::MaskedLoad(hn::FirstN(d, static_cast<size_t>(rest)), d, x + whole), d, y + whole);
#else
        hn::StoreU(hn::Zero(d), d, y + whole);
        for (int64_t i = whole; i < count; i++) y[i] = x[i];
#endif
      }
    }
  } else if (depth_step == 1) {
    for (int64_t i = 0; i < count; i += N) {
      const T* rows[N];  // those beyond count repeat the last one
      for (int64_t r = 0; r < N; r++) rows[r] = x + std::min(i + r, count - 1) * step;
      transpose_rows<T>(rows, depth, y + i, y_step);
    }
  } else {
    for (int64_t k = 0; k < depth; k++, x += depth_step, y += y_step) {
      for (int64_t i = 0; i < count; i++) y[i] = x[i * step];
      for (int64_t i = count; i % N != 0; i++) y[i] = 0;
    }
  }
}

// A vector of a panel's row that is moved at once.
struct Move {
  int64_t from, to;
};

// y[k * y_step + to] = a vector at x + depth_offsets[k] + from, for each move in order: what one writes too much, the
// next one or the next row overwrites.
template <int kMoves, class T>
void move_rows(const T* HWY_RESTRICT x, const Move* moves, const int64_t* depth_offsets, int64_t depth,
               T* HWY_RESTRICT y, int64_t y_step) {
  const hn::ScalableTag<T> d;
  for (int64_t k = 0; k < depth; k++, y += y_step) {
    const T* const row = x + depth_offsets[k];
#pragma GCC unroll 8
    for (int i = 0; i < kMoves; i++) hn::StoreU(hn::LoadU(d, row + moves[i].from), d, y + moves[i].to);
  }
}

// y[k * y_step + i] = x[offsets[i] + depth_offsets[k]] as pack_panel does; y has room for one vector more.
template <class T>
void pack_gathered(const T* HWY_RESTRICT x, const int64_t* offsets, int64_t count, const int64_t* depth_offsets,
                   int64_t depth, const T* end, T* HWY_RESTRICT y, int64_t y_step) {
  constexpr int64_t N = kLanes<T>;
  // Neighbours of one row of an image are moved together.
  constexpr int kMostMoves = 6;
  Move moves[kMostMoves] = {};
  int n = 0;
  int64_t furthest = 0;
  for (int64_t i = 0; i < count && n <= kMostMoves;) {
    int64_t run = 1;
    while (i + run < count && run < N && offsets[i + run] == offsets[i] + run) run++;
    if (n < kMostMoves) moves[n] = {offsets[i], i};
    furthest = std::max(furthest, offsets[i] + N);
    n++;
    i += run;
  }
  // Short runs are not worth it; and evenly spaced lines are whole vectors or none, so that nothing is written behind a
  // panel of the left operand, where another thread's may lie.
  if (n <= kMostMoves && 4 * n <= count) {
    // Rows too close to the end of memory are not read in whole vectors.
    int64_t whole = 0;
    while (whole < depth && end - x >= furthest + depth_offsets[whole]) whole++;
    switch (n) {
      case 1:
        move_rows<1>(x, moves, depth_offsets, whole, y, y_step);
        break;
      case 2:
        move_rows<2>(x, moves, depth_offsets, whole, y, y_step);
        break;
      case 3:
        move_rows<3>(x, moves, depth_offsets, whole, y, y_step);
        break;
      case 4:
        move_rows<4>(x, moves, depth_offsets, whole, y, y_step);
        break;
      case 5:
        move_rows<5>(x, moves, depth_offsets, whole, y, y_step);
        break;
      default:
        move_rows<6>(x, moves, depth_offsets, whole, y, y_step);
    }
    for (int64_t k = whole; k < depth; k++) {
      for (int64_t i = 0; i < count; i++) y[k * y_step + i] = x[offsets[i] + depth_offsets[k]];
      for (int64_t i = count; i % N != 0; i++) y[k * y_step + i] = 0;
    }
    return;
  }
  // Else rows of the panel are gathered from as many lines, along which the depth may run.
  for (int64_t k = 0; k < depth;) {
    int64_t run = 1;
    while (k + run < depth && depth_offsets[k + run] == depth_offsets[k] + run) run++;
    const T* const line = x + depth_offsets[k];
    for (int64_t i = 0; i < count; i += N) {
      const T* rows[N];  // those beyond count repeat the last one
      for (int64_t r = 0; r < N; r++) rows[r] = line + offsets[std::min(i + r, count - 1)];
      transpose_rows<T>(rows, run, y + k * y_step + i, y_step);
    }
    k += run;
  }
}

// Asks for share `part` of `parts` of the lines along which a panel that is packed next is `depth` deep.
template <class T>
HWY_INLINE void prefetch_lines(const T* x, int64_t count, int64_t step, int64_t depth, int64_t part, int64_t parts) {
  constexpr int64_t kLine = 64 / sizeof(T);
  for (int64_t i = part * count / parts; i < (part + 1) * count / parts; i++)
    for (int64_t k = 0; k < depth; k += kLine) prefetch_later(x + i * step + k);
}

}  // namespace nc::cpu::HWY_NAMESPACE::gemm
HWY_AFTER_NAMESPACE();

#endif
