// The kernels of direct.hpp.
#if defined(NATIVECHAIN_GEMM_DIRECT_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef NATIVECHAIN_GEMM_DIRECT_INL
#undef NATIVECHAIN_GEMM_DIRECT_INL
#else
#define NATIVECHAIN_GEMM_DIRECT_INL
#endif

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "cpu/gemm/direct.hpp"
#include "cpu/gemm/pack-inl.hpp"
#include "cpu/gemm/product-inl.hpp"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace nc::cpu::HWY_NAMESPACE::gemm {
namespace hn = hwy::HWY_NAMESPACE;

// Vectors of pixels beside so many rows of filters in registers.
#if HWY_TARGET <= HWY_AVX3
constexpr int patch_vectors(int64_t rows) { return rows <= 3 ? 8 : 4; }
#else
constexpr int patch_vectors(int64_t rows) { return rows <= 3 ? 4 : 2; }
#endif
constexpr int64_t kPatchStep = ceil_div(kFewOutputs, kLanes<float>) * kLanes<float>;  // of packed filters

template <int kRows>
HWY_NOINLINE void patch_kernel(int64_t depth, const float* HWY_RESTRICT a, const float* HWY_RESTRICT image,
                               const int64_t* HWY_RESTRICT vectors, const int64_t* HWY_RESTRICT depth_offsets,
                               float* HWY_RESTRICT c, const int64_t* HWY_RESTRICT columns, int64_t c_step) {
  const hn::ScalableTag<float> d;
  using V = hn::Vec<decltype(d)>;
  constexpr int kVectors = patch_vectors(kRows);
  V sum[kRows][kVectors];
  const float* b[kVectors];
#pragma GCC unroll 8
  for (int j = 0; j < kVectors; j++) b[j] = image + vectors[j];
#pragma GCC unroll 16
  for (int i = 0; i < kRows; i++) {
#pragma GCC unroll 8
    for (int j = 0; j < kVectors; j++) sum[i][j] = hn::Zero(d);
  }
#pragma GCC unroll 1
  for (int64_t k = 0; k < depth; k++, a += kPatchStep) {
    const int64_t at = depth_offsets[k];
    V ak[kRows];
#pragma GCC unroll 8
    for (int i = 0; i < kRows; i++) ak[i] = hn::Set(d, a[i]);
#pragma GCC unroll 8
    for (int j = 0; j < kVectors; j++) {
      const V bk = hn::LoadU(d, b[j] + at);
#pragma GCC unroll 8
      for (int i = 0; i < kRows; i++) sum[i][j] = hn::MulAdd(ak[i], bk, sum[i][j]);
    }
  }
#pragma GCC unroll 16
  for (int i = 0; i < kRows; i++, c += c_step) {
#pragma GCC unroll 8
    for (int j = 0; j < kVectors; j++) hn::StoreU(sum[i][j], d, c + columns[j]);
  }
}

using PatchKernel = decltype(&patch_kernel<1>);
template <int... kRowsLess1>
constexpr std::array<PatchKernel, kFewOutputs> patch_kernels(std::integer_sequence<int, kRowsLess1...>) {
  return {patch_kernel<kRowsLess1 + 1>...};
}

inline void multiply_patches(const Patches& p) {
  static constexpr auto kernels = patch_kernels(std::make_integer_sequence<int, kFewOutputs>{});
  const auto kernel = kernels[static_cast<size_t>(p.rows - 1)];
  for (int64_t j = 0; j < p.n_vectors; j += patch_vectors(p.rows))
    kernel(p.depth, p.packed, p.image, p.vectors + j, p.depth_offsets, p.c, p.columns + j, p.c_step);
}

// Lines of an image x taps along them x vectors of outputs, in registers over all pixels.
template <int kLines, int kTaps, int kVectors>
HWY_NOINLINE void lines_kernel(const FilterLines& p, const int64_t* lines, const float* gradients, float* c) {
  const hn::ScalableTag<float> d;
  using V = hn::Vec<decltype(d)>;
  constexpr int64_t N = kLanes<float>;
  V sum[kLines][kTaps][kVectors];
#pragma GCC unroll 16
  for (int i = 0; i < kLines; i++) {
#pragma GCC unroll 16
    for (int t = 0; t < kTaps; t++) {
#pragma GCC unroll 2
      for (int j = 0; j < kVectors; j++) sum[i][t][j] = hn::Zero(d);
    }
  }
  const int64_t stride = p.stride;
  const float* HWY_RESTRICT b = gradients;
  for (int64_t r = 0; r < p.rows; r++) {
    const float* x[kLines];
#pragma GCC unroll 16
    for (int i = 0; i < kLines; i++) x[i] = p.image + lines[i] + r * p.row_step;
#pragma GCC unroll 1
    for (int64_t w = 0, at = 0; w < p.width; w++, at += stride, b += p.outputs) {
      V bk[kVectors];
#pragma GCC unroll 2
      for (int j = 0; j < kVectors; j++) bk[j] = hn::LoadU(d, b + j * N);
#pragma GCC unroll 16
      for (int i = 0; i < kLines; i++) {
#pragma GCC unroll 16
        for (int t = 0; t < kTaps; t++) {
          const V a = hn::Set(d, x[i][at + t]);
#pragma GCC unroll 2
          for (int j = 0; j < kVectors; j++) sum[i][t][j] = hn::MulAdd(a, bk[j], sum[i][t][j]);
        }
      }
    }
  }
#pragma GCC unroll 16
  for (int i = 0; i < kLines; i++) {
#pragma GCC unroll 16
    for (int t = 0; t < kTaps; t++, c += p.c_step) {
#pragma GCC unroll 2
      for (int j = 0; j < kVectors; j++) hn::StoreU(hn::Add(hn::LoadU(d, c + j * N), sum[i][t][j]), d, c + j * N);
    }
  }
}

using LinesKernel = decltype(&lines_kernel<1, 3, 1>);
template <int kTaps, int kVectors, int... kLinesLess1>
constexpr std::array<LinesKernel, sizeof...(kLinesLess1)> lines_kernels(std::integer_sequence<int, kLinesLess1...>) {
  return {lines_kernel<kLinesLess1 + 1, kTaps, kVectors>...};
}

template <int kTaps>
void filter_lines_of(const FilterLines& p) {
#if HWY_TARGET <= HWY_AVX3
  constexpr int kLines = 14 / kTaps, kMost = 2;
#else
  constexpr int kLines = kTaps == 3 ? 2 : 1, kMost = kTaps == 7 ? 1 : 2;
#endif
  constexpr int64_t N = kLanes<float>;
  static constexpr auto one = lines_kernels<kTaps, 1>(std::make_integer_sequence<int, kLines>{});
  static constexpr auto most = lines_kernels<kTaps, kMost>(std::make_integer_sequence<int, kLines>{});
  const int64_t groups = ceil_div(p.n_lines, kLines);  // of nearly as many lines
  for (int64_t j = 0; j < p.outputs; j += kMost * N) {
    const auto& kernels = p.outputs - j >= kMost * N ? most : one;
    for (int64_t i = 0; i < groups; i++) {
      const int64_t line = i * p.n_lines / groups, lines = (i + 1) * p.n_lines / groups - line;
      kernels[static_cast<size_t>(lines - 1)](p, p.lines + line, p.gradients + j, p.c + line * kTaps * p.c_step + j);
    }
  }
}

inline void filter_lines(const FilterLines& p) {
  switch (p.taps) {
    case 3:
      return filter_lines_of<3>(p);
    case 5:
      return filter_lines_of<5>(p);
    default:
      return filter_lines_of<7>(p);
  }
}

// kTaps of them from `first` on; those beyond the last repeat it and are dropped.
template <int kTaps>
HWY_NOINLINE void taps_kernel(const FilterTaps& p, int64_t first) {
  const hn::ScalableTag<float> d;
  using V = hn::Vec<decltype(d)>;
  constexpr int64_t N = kLanes<float>;
  const int64_t n = std::min<int64_t>(kTaps, p.n_taps - first), rest = p.width % N;
  V sum[kTaps];
  const float* x[kTaps];
#pragma GCC unroll 16
  for (int t = 0; t < kTaps; t++) {
    sum[t] = hn::Zero(d);
    x[t] = p.image + p.taps[first + std::min<int64_t>(t, n - 1)];
  }
  const float* g = p.gradients;
  int64_t at = 0;
#if HWY_TARGET <= HWY_AVX2
  const auto mask = hn::FirstN(d, static_cast<size_t>(rest));
#else
  float single[kTaps] = {};
#endif
  for (int64_t r = 0; r < p.rows; r++, g += p.gradients_row_step, at += p.image_row_step) {
    int64_t w = 0;
#pragma GCC unroll 1
    for (; w + N <= p.width; w += N) {
      const V gw = hn::LoadU(d, g + w);
#pragma GCC unroll 16
      for (int t = 0; t < kTaps; t++) sum[t] = hn::MulAdd(gw, hn::LoadU(d, x[t] + at + w), sum[t]);
    }
    if (rest == 0) continue;
#if HWY_TARGET <= HWY_AVX2
    const V gw = hn::MaskedLoad(mask, d, g + w);
#pragma GCC unroll 16
    for (int t = 0; t < kTaps; t++) sum[t] = hn::MulAdd(gw, hn::MaskedLoad(mask, d, x[t] + at + w), sum[t]);
#else
    for (; w < p.width; w++)
      for (int t = 0; t < kTaps; t++) single[t] += g[w] * x[t][at + w];
#endif
  }
#pragma GCC unroll 16
  for (int t = 0; t < kTaps; t++) {
    if (t >= n) return;
    float* const to = p.sums + (first + t) * N;
    hn::StoreU(hn::Add(hn::LoadU(d, to), sum[t]), d, to);
#if HWY_TARGET > HWY_AVX2
    to[0] += single[t];
#endif
  }
}

inline void filter_taps(const FilterTaps& p) {
  constexpr int kTaps = 9;
  for (int64_t first = 0; first < p.n_taps; first += kTaps) taps_kernel<kTaps>(p, first);
}

inline constexpr Direct kDirect = {
    kLanes<float>,
    [](int64_t depth) { return kPatchStep * depth + kLanes<float>; },
    [](const Operand& a, int64_t depth, float* packed) {
      pack_gathered(reinterpret_cast<const float*>(a.data), a.offsets, a.count, a.depth_offsets, depth,
                    reinterpret_cast<const float*>(a.end), packed, kPatchStep);
    },
    [](int64_t rows) -> int64_t { return patch_vectors(rows); },
    multiply_patches,
    [](const Problem& problem, const float* c, int64_t c_step, int64_t column, const Run* runs, int64_t n_runs) {
      const Product<float> product(problem);
      for (int64_t i = 0; i < n_runs; i++)
        product.finish_columns(c + runs[i].from, c_step, problem.y.shape[0], column + runs[i].to, runs[i].count);
    },
    [](int64_t outputs) { return std::min(ceil_div(outputs, kLanes<float>), int64_t{2}) * kLanes<float>; },
    [](const float* gy, int64_t outputs, int64_t step, int64_t pixels, float* packed, int64_t packed_step) {
      pack_panel(gy, outputs, step, pixels, int64_t{1}, packed, packed_step);
    },
    filter_lines,
    filter_taps,
};

}  // namespace nc::cpu::HWY_NAMESPACE::gemm
HWY_AFTER_NAMESPACE();

#endif
