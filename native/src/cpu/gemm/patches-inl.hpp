// The micro-kernel on patches of an image that are read where they lie.
#if defined(NATIVECHAIN_GEMM_PATCHES_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef NATIVECHAIN_GEMM_PATCHES_INL
#undef NATIVECHAIN_GEMM_PATCHES_INL
#else
#define NATIVECHAIN_GEMM_PATCHES_INL
#endif

#include <array>
#include <cstdint>
#include <utility>

#include "cpu/gemm/kernel-inl.hpp"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace nc::cpu::HWY_NAMESPACE::gemm {
namespace hn = hwy::HWY_NAMESPACE;

// Where registers are many, a vector may go on in another row of the image: two loads, of which a mask takes lanes.
inline constexpr bool kTwoRuns = HWY_TARGET <= HWY_AVX3;

// Columns of a tile whose neighbours are neighbours in memory too, at offsets from an image; `second` holds the lanes
// from `first_lanes` of each vector on.
struct PatchColumns {
  int64_t first[kTileVectors], second[kTileVectors], first_lanes[kTileVectors];

  // False where they lie otherwise. Nothing is read that is not between the first and the last of the columns.
  template <int64_t kLanes>
  bool find(const int64_t* offsets) {
    for (int j = 0; j < kTileVectors; j++, offsets += kLanes) {
      int64_t run = 1;
      while (run < kLanes && offsets[run] == offsets[0] + run) run++;
      first[j] = second[j] = offsets[0];
      first_lanes[j] = run;
      if (run == kLanes) continue;
      second[j] = offsets[run] - run;
      if (!kTwoRuns || second[j] < first[j]) return false;
      for (int64_t i = run; i < kLanes; i++)
        if (offsets[i] != second[j] + i) return false;
    }
    return true;
  }
};

// c (+)= a . b as tile_kernel, both vectors of it; row k of b at image + depth_offsets[k].
template <int kRows>
HWY_NOINLINE void patch_tile_kernel(int64_t depth, const float* HWY_RESTRICT a, int64_t a_step,
                                    const float* HWY_RESTRICT image, const PatchColumns& columns,
                                    const int64_t* HWY_RESTRICT depth_offsets, float* HWY_RESTRICT c, int64_t c_step,
                                    bool add) {
  const hn::ScalableTag<float> d;
  using V = hn::Vec<decltype(d)>;
  V sum[kRows][kTileVectors];
#pragma GCC unroll 16
  for (int i = 0; i < kRows; i++) {
#pragma GCC unroll 4
    for (int j = 0; j < kTileVectors; j++) sum[i][j] = hn::Zero(d);
  }
  for (int i = 0; i < kRows; i++)
    for (int j = 0; j < kTileVectors; j++) prefetch_later(c + i * c_step + j * kLanes<float>);
  const float* first[kTileVectors];
  const float* second[kTileVectors];
  hn::Mask<decltype(d)> in_second[kTileVectors];
#pragma GCC unroll 4
  for (int j = 0; j < kTileVectors; j++) {
    first[j] = image + columns.first[j];
    second[j] = image + columns.second[j];
    in_second[j] = hn::Not(hn::FirstN(d, static_cast<size_t>(columns.first_lanes[j])));
  }
#pragma GCC unroll 1
  for (int64_t k = 0; k < depth; k++, a += a_step) {
    const int64_t at = depth_offsets[k];
    V bk[kTileVectors];
#pragma GCC unroll 4
    for (int j = 0; j < kTileVectors; j++) {
      bk[j] = hn::LoadU(d, first[j] + at);
      if constexpr (kTwoRuns) bk[j] = hn::IfThenElse(in_second[j], hn::LoadU(d, second[j] + at), bk[j]);
    }
#pragma GCC unroll 16
    for (int i = 0; i < kRows; i++) {
      const V ai = hn::Set(d, a[i]);
#pragma GCC unroll 4
      for (int j = 0; j < kTileVectors; j++) sum[i][j] = hn::MulAdd(ai, bk[j], sum[i][j]);
    }
  }
#pragma GCC unroll 16
  for (int i = 0; i < kRows; i++) {
#pragma GCC unroll 4
    for (int j = 0; j < kTileVectors; j++) {
      float* const p = c + j * kLanes<float>;
      hn::StoreU(add ? hn::Add(hn::LoadU(d, p), sum[i][j]) : sum[i][j], d, p);
    }
    c += c_step;
  }
}

using PatchTileKernel = decltype(&patch_tile_kernel<1>);
template <int... kRowsLess1>
constexpr std::array<PatchTileKernel, kTileRows> patch_tile_kernels(std::integer_sequence<int, kRowsLess1...>) {
  return {patch_tile_kernel<kRowsLess1 + 1>...};
}

// The kernel for 1 to kTileRows rows.
inline PatchTileKernel patch_tile_kernel_for(int64_t rows) {
  static constexpr auto kernels = patch_tile_kernels(std::make_integer_sequence<int, kTileRows>{});
  return kernels[static_cast<size_t>(rows - 1)];
}

}  // namespace nc::cpu::HWY_NAMESPACE::gemm
HWY_AFTER_NAMESPACE();

#endif
