// Products with few rows or columns, read where they lie: dots of rows, and sums of rows.
#if defined(NATIVECHAIN_GEMM_DOT_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef NATIVECHAIN_GEMM_DOT_INL
#undef NATIVECHAIN_GEMM_DOT_INL
#else
#define NATIVECHAIN_GEMM_DOT_INL
#endif

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "cpu/gemm/kernel-inl.hpp"
#include "cpu/tail-inl.hpp"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace nc::cpu::HWY_NAMESPACE::gemm {
namespace hn = hwy::HWY_NAMESPACE;

// Rows of a x rows of b whose dots are held in registers: four, and up to so many.
inline constexpr int kDotRows = 4;
#if HWY_TARGET <= HWY_AVX3 || HWY_TARGET == HWY_NEON
inline constexpr int kDotColumns = 5;
#else
inline constexpr int kDotColumns = 2;
#endif

// The blocks of 16 bytes of v, summed.
template <class D, class V = hn::Vec<D>>
HWY_INLINE auto sum_blocks(D, V v) {
  if constexpr (hn::MaxLanes(D()) * sizeof(hn::TFromD<D>) <= 16) {
    return v;
  } else {
    const hn::Half<D> half;
    return sum_blocks(half, hn::Add(hn::LowerHalf(half, v), hn::UpperHalf(half, v)));
  }
}

// to[i] = the sum of v[i]'s lanes: as the vectors are added, their sums move side by side.
template <class D, class V, class T = hn::TFromD<D>>
HWY_INLINE void sum_lanes(D d, const V (&v)[4], T* HWY_RESTRICT to) {
  const auto low = hn::Add(hn::InterleaveLower(d, v[0], v[1]), hn::InterleaveUpper(d, v[0], v[1]));
  const auto high = hn::Add(hn::InterleaveLower(d, v[2], v[3]), hn::InterleaveUpper(d, v[2], v[3]));
  const hn::CappedTag<T, 16 / sizeof(T)> block;
  if constexpr (sizeof(T) == 8) {
    hn::StoreU(sum_blocks(d, low), block, to);
    hn::StoreU(sum_blocks(d, high), block, to + 2);
  } else {
    const hn::Repartition<double, D> pairs;
    const auto a = hn::BitCast(pairs, low), b = hn::BitCast(pairs, high);
    hn::StoreU(sum_blocks(d, hn::Add(hn::BitCast(d, hn::InterleaveLower(pairs, a, b)),
                                     hn::BitCast(d, hn::InterleaveUpper(pairs, a, b)))),
               block, to);
  }
}

// c[i * row_step + j * column_step] (+)= dot of row i of a and row j of b, both contiguous along the depth. Four rows
// or one.
template <class T, int kRows, int kColumns>
HWY_NOINLINE void dot_kernel(int64_t depth, const T* a, int64_t a_step, const T* b, int64_t b_step, T* c,
                             int64_t row_step, int64_t column_step, bool add) {
  const hn::ScalableTag<T> d;
  using V = hn::Vec<decltype(d)>;
  constexpr int64_t N = kLanes<T>;
  V sum[kColumns][kRows];
#pragma GCC unroll 8
  for (int j = 0; j < kColumns; j++) {
#pragma GCC unroll 4
    for (int i = 0; i < kRows; i++) sum[j][i] = hn::Zero(d);
  }
  const auto step = [&](auto&& load) HWY_ATTR {
    V bk[kColumns];
#pragma GCC unroll 8
    for (int j = 0; j < kColumns; j++) bk[j] = load(b + j * b_step);
#pragma GCC unroll 4
    for (int i = 0; i < kRows; i++) {
      const V ak = load(a + i * a_step);
#pragma GCC unroll 8
      for (int j = 0; j < kColumns; j++) sum[j][i] = hn::MulAdd(ak, bk[j], sum[j][i]);
    }
  };
  int64_t k = 0;
#pragma GCC unroll 1
  for (; k + N <= depth; k += N) step([&](const T* row) HWY_ATTR { return hn::LoadU(d, row + k); });
  if (k < depth) step([&](const T* row) HWY_ATTR { return LoadTail(d, row + k, static_cast<size_t>(depth - k)); });
#pragma GCC unroll 8
  for (int j = 0; j < kColumns; j++) {
    T values[kRows];
    if constexpr (kRows == 4) {
      sum_lanes(d, sum[j], values);
    } else {
      values[0] = hn::GetLane(hn::SumOfLanes(d, sum[j][0]));
    }
    for (int i = 0; i < kRows; i++) {
      T& y = c[i * row_step + j * column_step];
      y = add ? y + values[i] : values[i];
    }
  }
}

template <class T, int kRows, int... kColumnsLess1>
constexpr auto dot_kernels_of(std::integer_sequence<int, kColumnsLess1...>) {
  return std::array{dot_kernel<T, kRows, kColumnsLess1 + 1>...};
}

// dot_kernel over any number of rows of a and b; the columns in groups of nearly equal width.
template <class T>
void dot_rows(int64_t rows, int64_t columns, int64_t depth, const T* a, int64_t a_step, const T* b, int64_t b_step,
              T* c, int64_t row_step, int64_t column_step, bool add) {
  static constexpr auto four = dot_kernels_of<T, kDotRows>(std::make_integer_sequence<int, kDotColumns>{});
  static constexpr auto one = dot_kernels_of<T, 1>(std::make_integer_sequence<int, kDotColumns>{});
  const int64_t groups = (columns + kDotColumns - 1) / kDotColumns;
  for (int64_t i = 0; i < rows;) {
    const bool all = i + kDotRows <= rows;
    for (int64_t g = 0; g < groups; g++) {
      const int64_t j = g * columns / groups, width = (g + 1) * columns / groups - j;
      (all ? four : one)[static_cast<size_t>(width - 1)](depth, a + i * a_step, a_step, b + j * b_step, b_step,
                                                         c + i * row_step + j * column_step, row_step, column_step,
                                                         add);
    }
    i += all ? kDotRows : 1;
  }
}

// y[j] (+)= sum over k of a[k * a_step] * b[k * b_step + j]: whole rows of b, eight at a time.
template <class T>
void sum_rows(int64_t columns, int64_t depth, const T* a, int64_t a_step, const T* b, int64_t b_step, T* HWY_RESTRICT y,
              bool add) {
  const hn::ScalableTag<T> d;
  using V = hn::Vec<decltype(d)>;
  constexpr int64_t N = kLanes<T>;
  constexpr int kStep = 8;
  if (!add) std::fill(y, y + columns, T{0});
  int64_t k = 0;
  for (; k + kStep <= depth; k += kStep) {
    const T* const row = b + k * b_step;
    T ak[kStep];
    for (int r = 0; r < kStep; r++) ak[r] = a[(k + r) * a_step];
    int64_t j = 0;
    for (; j + N <= columns; j += N) {
      V even = hn::LoadU(d, y + j), odd = hn::Zero(d);
#pragma GCC unroll 8
      for (int r = 0; r < kStep; r += 2) {
        even = hn::MulAdd(hn::Set(d, ak[r]), hn::LoadU(d, row + r * b_step + j), even);
        odd = hn::MulAdd(hn::Set(d, ak[r + 1]), hn::LoadU(d, row + (r + 1) * b_step + j), odd);
      }
      hn::StoreU(hn::Add(even, odd), d, y + j);
    }
    for (; j < columns; j++)
      for (int r = 0; r < kStep; r++) y[j] += ak[r] * row[r * b_step + j];
  }
  for (; k < depth; k++) {
    const T* const row = b + k * b_step;
    const V ak = hn::Set(d, a[k * a_step]);
    int64_t j = 0;
    for (; j + N <= columns; j += N) hn::StoreU(hn::MulAdd(ak, hn::LoadU(d, row + j), hn::LoadU(d, y + j)), d, y + j);
    for (; j < columns; j++) y[j] += a[k * a_step] * row[j];
  }
}

}  // namespace nc::cpu::HWY_NAMESPACE::gemm
HWY_AFTER_NAMESPACE();

#endif
