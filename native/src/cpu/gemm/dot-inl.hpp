// Products with few rows or columns, read where they lie: dots of rows, and sums of rows.
#if defined(NATIVECHAIN_GEMM_DOT_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef NATIVECHAIN_GEMM_DOT_INL
#undef NATIVECHAIN_GEMM_DOT_INL
#else
#define NATIVECHAIN_GEMM_DOT_INL
#endif

#include <algorithm>
#include <cstdint>

#include "cpu/gemm/kernel-inl.hpp"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace nc::cpu::HWY_NAMESPACE::gemm {
namespace hn = hwy::HWY_NAMESPACE;

// Rows of a x rows of b whose dots are held in registers.
#if HWY_TARGET <= HWY_AVX3 || HWY_TARGET == HWY_NEON
inline constexpr int kDotRows = 4, kDotColumns = 4;
#else
inline constexpr int kDotRows = 4, kDotColumns = 2;
#endif

// c[i * row_step + j * column_step] (+)= dot of row i of a and row j of b, both contiguous along the depth.
template <class T, int kRows, int kColumns>
HWY_NOINLINE void dot_kernel(int64_t depth, const T* a, int64_t a_step, const T* b, int64_t b_step, T* c,
                             int64_t row_step, int64_t column_step, bool add) {
  const hn::ScalableTag<T> d;
  using V = hn::Vec<decltype(d)>;
  constexpr int64_t N = kLanes<T>;
  V sum[kRows][kColumns];
#pragma GCC unroll 4
  for (int i = 0; i < kRows; i++) {
#pragma GCC unroll 4
    for (int j = 0; j < kColumns; j++) sum[i][j] = hn::Zero(d);
  }
  int64_t k = 0;
#pragma GCC unroll 1
  for (; k + N <= depth; k += N) {
    V bk[kColumns];
#pragma GCC unroll 4
    for (int j = 0; j < kColumns; j++) bk[j] = hn::LoadU(d, b + j * b_step + k);
#pragma GCC unroll 4
    for (int i = 0; i < kRows; i++) {
      const V ak = hn::LoadU(d, a + i * a_step + k);
#pragma GCC unroll 4
      for (int j = 0; j < kColumns; j++) sum[i][j] = hn::MulAdd(ak, bk[j], sum[i][j]);
    }
  }
  if (k < depth) {
    HWY_ALIGN T tail[kRows + kColumns][N] = {};
    for (int i = 0; i < kRows; i++) std::copy(a + i * a_step + k, a + i * a_step + depth, tail[i]);
    for (int j = 0; j < kColumns; j++) std::copy(b + j * b_step + k, b + j * b_step + depth, tail[kRows + j]);
#pragma GCC unroll 4
    for (int i = 0; i < kRows; i++) {
#pragma GCC unroll 4
      for (int j = 0; j < kColumns; j++)
        sum[i][j] = hn::MulAdd(hn::Load(d, tail[i]), hn::Load(d, tail[kRows + j]), sum[i][j]);
    }
  }
#pragma GCC unroll 4
  for (int i = 0; i < kRows; i++) {
#pragma GCC unroll 4
    for (int j = 0; j < kColumns; j++) {
      T& y = c[i * row_step + j * column_step];
      const T value = hn::GetLane(hn::SumOfLanes(d, sum[i][j]));
      y = add ? y + value : value;
    }
  }
}

// dot_kernel over any number of rows of a and b.
template <class T>
void dot_rows(int64_t rows, int64_t columns, int64_t depth, const T* a, int64_t a_step, const T* b, int64_t b_step,
              T* c, int64_t row_step, int64_t column_step, bool add) {
  int64_t i = 0;
  const auto over_columns = [&]<int kRows>(std::integral_constant<int, kRows>) HWY_ATTR {
    int64_t j = 0;
    for (; j + kDotColumns <= columns; j += kDotColumns)
      dot_kernel<T, kRows, kDotColumns>(depth, a + i * a_step, a_step, b + j * b_step, b_step,
                                        c + i * row_step + j * column_step, row_step, column_step, add);
    if (kDotColumns > 2 && j + 2 <= columns) {
      dot_kernel<T, kRows, 2>(depth, a + i * a_step, a_step, b + j * b_step, b_step, c + i * row_step + j * column_step,
                              row_step, column_step, add);
      j += 2;
    }
    if (j < columns)
      dot_kernel<T, kRows, 1>(depth, a + i * a_step, a_step, b + j * b_step, b_step, c + i * row_step + j * column_step,
                              row_step, column_step, add);
    i += kRows;
  };
  while (i + kDotRows <= rows) over_columns(std::integral_constant<int, kDotRows>{});
  if (i + 2 <= rows) over_columns(std::integral_constant<int, 2>{});
  if (i < rows) over_columns(std::integral_constant<int, 1>{});
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
