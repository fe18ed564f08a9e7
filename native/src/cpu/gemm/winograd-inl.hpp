// The transformations of F(4x4, 3x3) and the products between them, on vectors of channels.
#if defined(NATIVECHAIN_GEMM_WINOGRAD_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef NATIVECHAIN_GEMM_WINOGRAD_INL
#undef NATIVECHAIN_GEMM_WINOGRAD_INL
#else
#define NATIVECHAIN_GEMM_WINOGRAD_INL
#endif

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "cpu/gemm/kernel-inl.hpp"
#include "cpu/gemm/pack-inl.hpp"
#include "cpu/gemm/winograd.hpp"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace nc::cpu::HWY_NAMESPACE::gemm {
namespace hn = hwy::HWY_NAMESPACE;
using namespace nc::cpu::gemm;

// The points are 0, a, -a, b, -b and infinity.
inline constexpr float kA = 0.625F, kB = 1.5F, kA2 = kA * kA, kB2 = kB * kB;
// What the filter's values are divided by: the derivative of x (x^2 - a^2) (x^2 - b^2) at 0, +-a and +-b.
inline constexpr float kAt0 = 1 / (kA2 * kB2), kAtA = 1 / (2 * kA2 * (kA2 - kB2)), kAtB = 1 / (2 * kB2 * (kB2 - kA2));

using Floats = hn::ScalableTag<float>;
using FloatV = hn::Vec<Floats>;

// Each line of a transformation: v to w.
struct ImageLine {
  static constexpr int kFrom = 6, kTo = 6;
  HWY_INLINE void operator()(const FloatV (&v)[6], FloatV (&w)[6]) const {
    const Floats d;
    const FloatV a = hn::Set(d, kA), b = hn::Set(d, kB), a2 = hn::Set(d, kA2), b2 = hn::Set(d, kB2);
    const FloatV product = hn::Set(d, kA2 * kB2), sum = hn::Set(d, kA2 + kB2);
    const FloatV even_a = hn::NegMulAdd(b2, v[2], v[4]), odd_a = hn::NegMulAdd(b2, v[1], v[3]);
    const FloatV even_b = hn::NegMulAdd(a2, v[2], v[4]), odd_b = hn::NegMulAdd(a2, v[1], v[3]);
    w[0] = hn::MulAdd(product, v[0], hn::NegMulAdd(sum, v[2], v[4]));
    w[1] = hn::MulAdd(a, odd_a, even_a);
    w[2] = hn::NegMulAdd(a, odd_a, even_a);
    w[3] = hn::MulAdd(b, odd_b, even_b);
    w[4] = hn::NegMulAdd(b, odd_b, even_b);
    w[5] = hn::MulAdd(product, v[1], hn::NegMulAdd(sum, v[3], v[5]));
  }
};

struct SumsLine {
  static constexpr int kFrom = 6, kTo = 4;
  HWY_INLINE void operator()(const FloatV (&v)[6], FloatV (&w)[4]) const {
    const Floats d;
    const FloatV a = hn::Set(d, kA), b = hn::Set(d, kB), a2 = hn::Set(d, kA2), b2 = hn::Set(d, kB2);
    const FloatV a3 = hn::Set(d, kA2 * kA), b3 = hn::Set(d, kB2 * kB);
    const FloatV even_a = hn::Add(v[1], v[2]), odd_a = hn::Sub(v[1], v[2]);
    const FloatV even_b = hn::Add(v[3], v[4]), odd_b = hn::Sub(v[3], v[4]);
    w[0] = hn::Add(v[0], hn::Add(even_a, even_b));
    w[1] = hn::MulAdd(a, odd_a, hn::Mul(b, odd_b));
    w[2] = hn::MulAdd(a2, even_a, hn::Mul(b2, even_b));
    w[3] = hn::MulAdd(a3, odd_a, hn::MulAdd(b3, odd_b, v[5]));
  }
};

// The transpose of SumsLine.
struct GradientLine {
  static constexpr int kFrom = 4, kTo = 6;
  HWY_INLINE void operator()(const FloatV (&v)[4], FloatV (&w)[6]) const {
    const Floats d;
    const FloatV a = hn::Set(d, kA), b = hn::Set(d, kB), a2 = hn::Set(d, kA2), b2 = hn::Set(d, kB2);
    const FloatV even_a = hn::MulAdd(a2, v[2], v[0]), odd_a = hn::MulAdd(a2, v[3], v[1]);
    const FloatV even_b = hn::MulAdd(b2, v[2], v[0]), odd_b = hn::MulAdd(b2, v[3], v[1]);
    w[0] = v[0];
    w[1] = hn::MulAdd(a, odd_a, even_a);
    w[2] = hn::NegMulAdd(a, odd_a, even_a);
    w[3] = hn::MulAdd(b, odd_b, even_b);
    w[4] = hn::NegMulAdd(b, odd_b, even_b);
    w[5] = v[3];
  }
};

struct FilterLine {
  static constexpr int kFrom = 3, kTo = 6;
  HWY_INLINE void operator()(const FloatV (&v)[3], FloatV (&w)[6]) const {
    const Floats d;
    const FloatV at_a = hn::Set(d, kAtA), at_b = hn::Set(d, kAtB);
    const FloatV even_a = hn::Mul(at_a, hn::MulAdd(hn::Set(d, kA2), v[2], v[0]));
    const FloatV even_b = hn::Mul(at_b, hn::MulAdd(hn::Set(d, kB2), v[2], v[0]));
    const FloatV odd_a = hn::Mul(hn::Set(d, kA * kAtA), v[1]), odd_b = hn::Mul(hn::Set(d, kB * kAtB), v[1]);
    w[0] = hn::Mul(hn::Set(d, kAt0), v[0]);
    w[1] = hn::Add(even_a, odd_a);
    w[2] = hn::Sub(even_a, odd_a);
    w[3] = hn::Add(even_b, odd_b);
    w[4] = hn::Sub(even_b, odd_b);
    w[5] = v[2];
  }
};

// The transpose of FilterLine.
struct FilterBackLine {
  static constexpr int kFrom = 6, kTo = 3;
  HWY_INLINE void operator()(const FloatV (&v)[6], FloatV (&w)[3]) const {
    const Floats d;
    const FloatV even_a = hn::Mul(hn::Set(d, kAtA), hn::Add(v[1], v[2]));
    const FloatV odd_a = hn::Mul(hn::Set(d, kAtA), hn::Sub(v[1], v[2]));
    const FloatV even_b = hn::Mul(hn::Set(d, kAtB), hn::Add(v[3], v[4]));
    const FloatV odd_b = hn::Mul(hn::Set(d, kAtB), hn::Sub(v[3], v[4]));
    w[0] = hn::MulAdd(hn::Set(d, kAt0), v[0], hn::Add(even_a, even_b));
    w[1] = hn::MulAdd(hn::Set(d, kA), odd_a, hn::Mul(hn::Set(d, kB), odd_b));
    w[2] = hn::MulAdd(hn::Set(d, kA2), even_a, hn::MulAdd(hn::Set(d, kB2), even_b, v[5]));
  }
};

// Along both axes: load(i) and store(i, v) of the elements in C order.
template <class Line, class Load, class Store>
HWY_INLINE void transform_tile(const Load& load, const Store& store) {
  constexpr int kFrom = Line::kFrom, kTo = Line::kTo;
  const Line line;
  FloatV half[kTo][kFrom];
#pragma GCC unroll 6
  for (int j = 0; j < kFrom; j++) {
    FloatV v[kFrom], w[kTo];
#pragma GCC unroll 6
    for (int i = 0; i < kFrom; i++) v[i] = load(i * kFrom + j);
    line(v, w);
#pragma GCC unroll 6
    for (int i = 0; i < kTo; i++) half[i][j] = w[i];
  }
#pragma GCC unroll 6
  for (int i = 0; i < kTo; i++) {
    FloatV w[kTo];
    line(half[i], w);
#pragma GCC unroll 6
    for (int j = 0; j < kTo; j++) store(i * kTo + j, w[j]);
  }
}

// Pixels that lie at offsets to points.
template <class Line>
HWY_NOINLINE void transform_pixels(const float* HWY_RESTRICT from, const int32_t* HWY_RESTRICT offsets, int64_t tiles,
                                   float* HWY_RESTRICT to, int64_t tile_step, int64_t point_step) {
  const Floats d;
  for (int64_t t = 0; t < tiles; t++, offsets += Line::kFrom * Line::kFrom, to += tile_step) {
    transform_tile<Line>([&](int i) HWY_ATTR { return hn::Load(d, from + offsets[i]); },
                         [&](int i, FloatV v) HWY_ATTR { hn::Store(v, d, to + i * point_step); });
  }
}

HWY_NOINLINE inline void transform_sums(const float* HWY_RESTRICT from, int64_t tile_step, int64_t point_step,
                                        const int32_t* HWY_RESTRICT offsets, int64_t tiles, float* HWY_RESTRICT to) {
  const Floats d;
  for (int64_t t = 0; t < tiles; t++, offsets += kTileSums, from += tile_step) {
    transform_tile<SumsLine>([&](int i) HWY_ATTR { return hn::Load(d, from + i * point_step); },
                             [&](int i, FloatV v) HWY_ATTR { hn::Store(v, d, to + offsets[i]); });
  }
}

HWY_NOINLINE inline void transform_filter(const float* HWY_RESTRICT from, int64_t tap_step, float* HWY_RESTRICT to,
                                          int64_t point_step) {
  const Floats d;
  transform_tile<FilterLine>([&](int i) HWY_ATTR { return hn::Load(d, from + i * tap_step); },
                             [&](int i, FloatV v) HWY_ATTR { hn::Store(v, d, to + i * point_step); });
}

HWY_NOINLINE inline void transform_filter_back(const float* HWY_RESTRICT from, int64_t point_step,
                                               float* HWY_RESTRICT to) {
  const Floats d;
  transform_tile<FilterBackLine>([&](int i) HWY_ATTR { return hn::Load(d, from + i * point_step); },
                                 [&](int i, FloatV v) HWY_ATTR { hn::Store(v, d, to + i * kLanes<float>); });
}

inline int32_t gather_channels(const float* x, int64_t channels, int64_t channel_step, int64_t pixels,
                               int64_t pixel_step, float* to) {
  constexpr int64_t N = kLanes<float>;
  pack_panel(x, channels, channel_step, pixels, pixel_step, to, N);
  const Floats d;
  const hn::RebindToSigned<Floats> bits;
  const auto magnitude = hn::Set(bits, 0x7FFFFFFF);
  auto largest0 = hn::Zero(bits), largest1 = hn::Zero(bits);
  int64_t i = 0;
  for (; i + 2 <= pixels; i += 2) {
    largest0 = hn::Max(largest0, hn::And(magnitude, hn::BitCast(bits, hn::Load(d, to + i * N))));
    largest1 = hn::Max(largest1, hn::And(magnitude, hn::BitCast(bits, hn::Load(d, to + (i + 1) * N))));
  }
  if (i < pixels) largest0 = hn::Max(largest0, hn::And(magnitude, hn::BitCast(bits, hn::Load(d, to + i * N))));
  HWY_ALIGN int32_t lanes[N];
  hn::Store(hn::Max(largest0, largest1), bits, lanes);
  return *std::max_element(lanes, lanes + N);
}

inline void scatter_channels(const float* from, int64_t pixels, int64_t channels, float* y, int64_t channel_step) {
  constexpr int64_t N = kLanes<float>;
  if (pixels < N) {
    for (int64_t c = 0; c < channels; c++)
      for (int64_t i = 0; i < pixels; i++) y[c * channel_step + i] = from[i * N + c];
    return;
  }
  // The last vector is laid over the one before.
  for (int64_t i = 0; i < pixels; i += N) {
    const int64_t at = std::min(i, pixels - N);
    const float* rows[N];
    for (int64_t r = 0; r < N; r++) rows[r] = from + (at + r) * N;
    transpose_rows<float>(rows, channels, y + at, channel_step);
  }
}

// c, rows of kVectors vectors, (+)= a . b; a's channel k of row i lies at block k / N, i * N + k % N.
template <int kRows, int kVectors>
HWY_NOINLINE void blocks_kernel(int64_t channels, const float* HWY_RESTRICT a, int64_t a_block,
                                const float* HWY_RESTRICT b, float* HWY_RESTRICT c, bool add) {
  constexpr int64_t N = kLanes<float>;
  const Floats d;
  FloatV sum[kRows][kVectors];
#pragma GCC unroll 16
  for (int i = 0; i < kRows; i++) {
#pragma GCC unroll 4
    for (int j = 0; j < kVectors; j++) sum[i][j] = hn::Zero(d);
  }
  for (int64_t first = 0; first < channels; first += N, a += a_block) {
    const float* ak = a;
    const float* const end = a + std::min(channels - first, N);
#pragma GCC unroll 1
    for (; ak < end; ak++, b += kVectors * N) {
      FloatV bk[kVectors];
#pragma GCC unroll 4
      for (int j = 0; j < kVectors; j++) bk[j] = hn::Load(d, b + j * N);
#pragma GCC unroll 16
      for (int i = 0; i < kRows; i++) {
        const FloatV ai = hn::Set(d, ak[i * N]);
#pragma GCC unroll 4
        for (int j = 0; j < kVectors; j++) sum[i][j] = hn::MulAdd(ai, bk[j], sum[i][j]);
      }
    }
  }
#pragma GCC unroll 16
  for (int i = 0; i < kRows; i++) {
#pragma GCC unroll 4
    for (int j = 0; j < kVectors; j++) {
      float* const p = c + (i * kVectors + j) * N;
      hn::Store(add ? hn::Add(hn::Load(d, p), sum[i][j]) : sum[i][j], d, p);
    }
  }
}

using BlocksKernel = void (*)(int64_t channels, const float* a, int64_t a_block, const float* b, float* c, bool add);

template <int kVectors, int... kRowsLess1>
constexpr std::array<BlocksKernel, kTileRows> blocks_kernels(std::integer_sequence<int, kRowsLess1...>) {
  return {blocks_kernel<kRowsLess1 + 1, kVectors>...};
}

// Channels that are summed in registers: their filters stay in the first-level cache for all tiles, and shorter sums
// lose less to rounding.
inline constexpr int64_t kDepthChunk = 64;

inline void multiply_points(const float* a, int64_t a_point_step, const float* b, int64_t b_point_step, int64_t tiles,
                            int64_t channels, int64_t vectors, float* c, int64_t c_point_step) {
  static constexpr auto one = blocks_kernels<1>(std::make_integer_sequence<int, kTileRows>{});
  static constexpr auto two = blocks_kernels<2>(std::make_integer_sequence<int, kTileRows>{});
  constexpr int64_t N = kLanes<float>;
  const auto& kernels = vectors == 1 ? one : two;
  const int64_t panels = (tiles + kTileRows - 1) / kTileRows;
  for (int64_t p = 0; p < kPoints; p++, a += a_point_step, b += b_point_step, c += c_point_step) {
    for (int64_t k = 0; k < channels; k += kDepthChunk) {
      const int64_t depth = std::min(channels - k, kDepthChunk);
      for (int64_t i = 0; i < panels; i++) {
        const int64_t first = i * tiles / panels, rows = (i + 1) * tiles / panels - first;
        kernels[static_cast<size_t>(rows - 1)](depth, a + k * tiles + first * N, tiles * N, b + k * vectors * N,
                                               c + first * vectors * N, k > 0);
      }
    }
  }
}

// Channels in a tile of registers, of which there are whole ones in a block.
inline constexpr int kChannelRows = kLanes<float> >= 16 ? 8 : 4;
// Tiles for which two vectors of gradients each stay in the first-level cache.
inline constexpr int64_t kTileChunk = 128;

inline void multiply_tiles(const float* a, int64_t blocks, const float* b, int64_t vectors, int64_t tiles, int64_t step,
                           float* c, bool add) {
  constexpr int64_t N = kLanes<float>;
  const int64_t chunks = (tiles + kTileChunk - 1) / kTileChunk;
  for (int64_t chunk = 0; chunk < chunks; chunk++) {
    const int64_t first = chunk * tiles / chunks, count = (chunk + 1) * tiles / chunks - first;
    for (int64_t j = 0; j < vectors; j += kTileVectors) {
      const auto kernel = tile_kernel_for<float>(kChannelRows, std::min<int64_t>(vectors - j, kTileVectors));
      const float* const bj = b + j * step * N + first * kTileVectors * N;
      for (int64_t i = 0; i < blocks * N; i += kChannelRows)
        kernel(count, a + (i / N * step + first) * N + i % N, 1, N, bj, kTileVectors * N, c + (i * vectors + j) * N,
               vectors * N, add || chunk > 0, N, nullptr, {c, 0});
    }
  }
}

inline constexpr Winograd kWinograd = {
    kLanes<float>,
    gather_channels,
    scatter_channels,
    transform_pixels<ImageLine>,
    transform_pixels<GradientLine>,
    transform_sums,
    transform_filter,
    transform_filter_back,
    multiply_points,
    multiply_tiles,
};

}  // namespace nc::cpu::HWY_NAMESPACE::gemm
HWY_AFTER_NAMESPACE();

#endif
