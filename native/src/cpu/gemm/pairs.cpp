// AVX512-BF16: the micro-kernel of pairs, and their packing.
#include "cpu/gemm/pairs.hpp"

#include "cpu/gemm/tiles.hpp"
#include "cpu/isa.hpp"

#if defined(__x86_64__)

// g++ 12 takes the undefined vectors inside of its own intrinsics for a mistake.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <immintrin.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#define NC_PAIRS __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512bf16")))

namespace nc::cpu::gemm {
namespace {

constexpr int64_t kLanes = 16;  // pairs in a vector
constexpr int64_t kBlock = 32;  // elements of the depth in kLanes pairs
constexpr int64_t kRowsOfTile = 14;

NC_PAIRS inline __m512bh as_pairs(__m512i x) { return reinterpret_cast<__m512bh>(x); }

NC_PAIRS inline __m512i round_pairs(__m512 low, __m512 high) {
  return reinterpret_cast<__m512i>(_mm512_cvtne2ps_pbh(high, low));
}

// 32 elements along the depth.
NC_PAIRS inline __m512i load_along(const float* x, __mmask32 mask) {
  return round_pairs(_mm512_maskz_loadu_ps(static_cast<__mmask16>(mask), x),
                     _mm512_maskz_loadu_ps(static_cast<__mmask16>(mask >> 16), x + 16));
}
NC_PAIRS inline __m512i load_along(const uint16_t* x, __mmask32 mask) { return _mm512_maskz_loadu_epi16(mask, x); }

// 16 elements of each of two neighbours in depth, one after the other.
NC_PAIRS inline __m512i load_across(const float* x, const float* next, __mmask16 mask, __mmask16 next_mask) {
  return round_pairs(_mm512_maskz_loadu_ps(mask, x), _mm512_maskz_loadu_ps(next_mask, next));
}
NC_PAIRS inline __m512i load_across(const uint16_t* x, const uint16_t* next, __mmask16 mask, __mmask16 next_mask) {
  return _mm512_inserti64x4(_mm512_castsi256_si512(_mm256_maskz_loadu_epi16(mask, x)),
                            _mm256_maskz_loadu_epi16(next_mask, next), 1);
}

// 16 x 16 pairs.
NC_PAIRS inline void transpose(__m512i (&v)[16]) {
  __m512i t[16];
#pragma GCC unroll 8
  for (int i = 0; i < 16; i += 2) {
    t[i] = _mm512_unpacklo_epi32(v[i], v[i + 1]);
    t[i + 1] = _mm512_unpackhi_epi32(v[i], v[i + 1]);
  }
#pragma GCC unroll 4
  for (int i = 0; i < 16; i += 4) {
    v[i] = _mm512_unpacklo_epi64(t[i], t[i + 2]);
    v[i + 1] = _mm512_unpackhi_epi64(t[i], t[i + 2]);
    v[i + 2] = _mm512_unpacklo_epi64(t[i + 1], t[i + 3]);
    v[i + 3] = _mm512_unpackhi_epi64(t[i + 1], t[i + 3]);
  }
#pragma GCC unroll 4
  for (int i = 0; i < 4; i++) {
    t[i] = _mm512_shuffle_i32x4(v[i], v[i + 4], 0x88);
    t[i + 4] = _mm512_shuffle_i32x4(v[i], v[i + 4], 0xDD);
    t[i + 8] = _mm512_shuffle_i32x4(v[i + 8], v[i + 12], 0x88);
    t[i + 12] = _mm512_shuffle_i32x4(v[i + 8], v[i + 12], 0xDD);
  }
#pragma GCC unroll 4
  for (int i = 0; i < 4; i++) {
    v[i] = _mm512_shuffle_i32x4(t[i], t[i + 8], 0x88);
    v[i + 8] = _mm512_shuffle_i32x4(t[i], t[i + 8], 0xDD);
    v[i + 4] = _mm512_shuffle_i32x4(t[i + 4], t[i + 12], 0x88);
    v[i + 12] = _mm512_shuffle_i32x4(t[i + 4], t[i + 12], 0xDD);
  }
}

enum class Order { rows, columns };  // v[p] holds pairs along the depth, or v[k / 2] pairs of neighbouring p

// Up to 16 x 32 (depth) elements at x, zeros beyond.
template <Order kOrder, class T>
NC_PAIRS inline void load_block(const T* x, int64_t step, int64_t depth_step, int64_t count, int64_t depth,
                                __m512i (&v)[16]) {
  if constexpr (kOrder == Order::rows) {
    if (step == 1 && depth_step != 1) {
      const __m512i interleave = _mm512_set_epi16(31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8, 23, 7,
                                                  22, 6, 21, 5, 20, 4, 19, 3, 18, 2, 17, 1, 16, 0);
      const __mmask16 mask = static_cast<__mmask16>((1u << count) - 1);
#pragma GCC unroll 16
      for (int i = 0; i < 16; i++) {
        const T* const at = x + 2 * i * depth_step;
        v[i] =
            _mm512_permutexvar_epi16(interleave, load_across(at, at + depth_step, 2 * i < depth ? mask : __mmask16{0},
                                                             2 * i + 1 < depth ? mask : __mmask16{0}));
      }
      transpose(v);
      return;
    }
  }
  T gathered[16][32];
  if (depth_step != 1) {
    for (int64_t i = 0; i < count; i++)
      for (int64_t k = 0; k < depth; k++) gathered[i][k] = x[i * step + k * depth_step];
    x = gathered[0];
    step = 32;
  }
  const __mmask32 mask = static_cast<__mmask32>((uint64_t{1} << depth) - 1);
#pragma GCC unroll 16
  for (int i = 0; i < 16; i++) {
    // Where masked off, nothing is read: the last row stands for those beyond.
    v[i] = load_along(x + std::min<int64_t>(i, count - 1) * step, i < count ? mask : __mmask32{0});
  }
  if constexpr (kOrder == Order::columns) transpose(v);
}

template <class T>
NC_PAIRS void pack_rows_of(const T* x, int64_t step, int64_t depth_step, int64_t count, int64_t depth, uint16_t* y,
                           int64_t y_row) {
  // Where rows are neighbours, a line holds parts of several blocks of them: those follow each other.
  const int64_t slice = step == 1 ? kBlock : depth;
  for (int64_t from = 0; from < depth; from += slice) {
    for (int64_t i = 0; i < count; i += 16) {
      const int64_t rows = std::min<int64_t>(count - i, 16);
      for (int64_t k = from; k < std::min(from + slice, depth); k += kBlock) {
        __m512i v[16];
        load_block<Order::rows>(x + i * step + k * depth_step, step, depth_step, rows, std::min(depth - k, kBlock), v);
        for (int64_t r = 0; r < rows; r++) _mm512_storeu_si512(y + (i + r) * y_row + k, v[r]);
      }
    }
  }
}

// Neighbouring columns: whole lines of two neighbours in depth at a time.
template <class T>
NC_PAIRS void pack_neighbours(const T* x, int64_t depth_step, int64_t count, int64_t depth, uint16_t* y) {
  const __m512i low = _mm512_set_epi16(47, 15, 46, 14, 45, 13, 44, 12, 43, 11, 42, 10, 41, 9, 40, 8, 39, 7, 38, 6, 37,
                                       5, 36, 4, 35, 3, 34, 2, 33, 1, 32, 0);
  const __m512i high = _mm512_add_epi16(low, _mm512_set1_epi16(kLanes));
  const auto mask = static_cast<__mmask32>((uint64_t{1} << count) - 1);
  const int64_t whole = (depth + kBlock - 1) / kBlock * kBlock;
  for (int64_t k = 0; k < whole; k += 2, x += 2 * depth_step, y += 2 * kPairColumns) {
    const __m512i first = load_along(x, k < depth ? mask : __mmask32{0});
    const __m512i second = load_along(x + depth_step, k + 1 < depth ? mask : __mmask32{0});
    _mm512_storeu_si512(y, _mm512_permutex2var_epi16(first, low, second));
    if (count > kLanes) _mm512_storeu_si512(y + kPairColumns, _mm512_permutex2var_epi16(first, high, second));
  }
}

template <class T>
NC_PAIRS void pack_columns_of(const T* x, int64_t step, int64_t depth_step, int64_t count, int64_t depth, uint16_t* y) {
  if (step == 1 && depth_step != 1) return pack_neighbours(x, depth_step, count, depth, y);
  for (int64_t k = 0; k < depth; k += kBlock) {
    for (int64_t j = 0; j < count; j += kLanes) {
      __m512i v[16];
      load_block<Order::columns>(x + j * step + k * depth_step, step, depth_step, std::min(count - j, kLanes),
                                 std::min(depth - k, kBlock), v);
      uint16_t* const to = y + k * kPairColumns + 2 * j;
#pragma GCC unroll 16
      for (int i = 0; i < 16; i++) _mm512_storeu_si512(to + i * 2 * kPairColumns, v[i]);
    }
  }
}

// Lines that a tile asks for.
struct Lines {
  const char* at;
  int64_t step, gap;  // bytes
};

// Those of tile t, none of which is asked for where the tiles before have come to the end.
Lines lines_of(const PairsAhead& x, int64_t t, int64_t pairs, const void* none) {
  constexpr int64_t kLine = 64;
  if (x.depth_step == x.size) {  // two columns, from end to end
    const int64_t j = 2 * t;
    if (j < x.count) return {x.data + j * x.step, 2 * x.size, j + 1 < x.count ? x.step : 0};
  } else if (t * pairs < x.depth) {
    return {x.data + t * pairs * x.depth_step, x.depth_step, x.count * x.size > kLine ? kLine : 0};
  }
  return {static_cast<const char*>(none), 0, 0};
}

// A tile of the product, held in registers over the block's depth: kRows x kVectors vectors, the last of them up to
// mask. Two lines of what comes next are asked for at each step, `gap` apart.
template <int kRows, int kVectors>
NC_PAIRS __attribute__((noinline)) void tile_kernel(int64_t pairs, const uint16_t* __restrict a, int64_t a_row,
                                                    const uint16_t* __restrict b, Lines next, float* __restrict c,
                                                    int64_t c_step, __mmask16 mask, bool add) {
  __m512 sum[kRows][kVectors];
#pragma GCC unroll 16
  for (int i = 0; i < kRows; i++) {
#pragma GCC unroll 2
    for (int j = 0; j < kVectors; j++) sum[i][j] = _mm512_setzero_ps();
  }
  for (int i = 0; i < kRows; i++) {
    for (int j = 0; j < kVectors; j++) __builtin_prefetch(c + i * c_step + j * kLanes, 0, 2);
  }
  // Three rows share a pointer: an address adds no more than twice one register.
  constexpr int kShared = 3, kPointers = (kRows + kShared - 1) / kShared;
  const int64_t row_bytes = a_row * static_cast<int64_t>(sizeof(*a));
  const char* rows[kPointers];
#pragma GCC unroll 8
  for (int i = 0; i < kPointers; i++) rows[i] = reinterpret_cast<const char*>(a) + i * kShared * row_bytes;
#pragma GCC unroll 1
  for (int64_t k = 0; k < pairs; k++) {
    __m512i bk[kVectors];
#pragma GCC unroll 2
    for (int j = 0; j < kVectors; j++) bk[j] = _mm512_loadu_si512(b + 2 * j * kLanes);
#pragma GCC unroll 16
    for (int i = 0; i < kRows; i++) {
      int32_t pair;
      std::memcpy(&pair, rows[i / kShared] + i % kShared * row_bytes, sizeof(pair));
      const __m512i ai = _mm512_set1_epi32(pair);
#pragma GCC unroll 2
      for (int j = 0; j < kVectors; j++) sum[i][j] = _mm512_dpbf16_ps(sum[i][j], as_pairs(ai), as_pairs(bk[j]));
    }
#pragma GCC unroll 8
    for (int i = 0; i < kPointers; i++) rows[i] += sizeof(int32_t);
    b += 2 * kPairColumns;
    __builtin_prefetch(next.at, 0, 2);
    __builtin_prefetch(next.at + next.gap, 0, 2);
    next.at += next.step;
  }
#pragma GCC unroll 16
  for (int i = 0; i < kRows; i++) {
#pragma GCC unroll 2
    for (int j = 0; j < kVectors; j++) {
      float* const y = c + i * c_step + j * kLanes;
      if (j + 1 < kVectors || mask == 0xFFFF) {
        _mm512_storeu_ps(y, add ? _mm512_add_ps(_mm512_loadu_ps(y), sum[i][j]) : sum[i][j]);
      } else {
        _mm512_mask_storeu_ps(y, mask, add ? _mm512_add_ps(_mm512_maskz_loadu_ps(mask, y), sum[i][j]) : sum[i][j]);
      }
    }
  }
}

using TileKernel = void (*)(int64_t pairs, const uint16_t* a, int64_t a_row, const uint16_t* b, Lines next, float* c,
                            int64_t c_step, __mmask16 mask, bool add);

template <int kVectors, int... kRowsLess1>
constexpr std::array<TileKernel, kRowsOfTile> kernels_of(std::integer_sequence<int, kRowsLess1...>) {
  return {tile_kernel<kRowsLess1 + 1, kVectors>...};
}

void multiply(int64_t rows, int64_t columns, int64_t depth, const uint16_t* a, int64_t a_row, const uint16_t* b,
              const PairsAhead& next, float* c, int64_t c_step, bool add) {
  static constexpr auto one = kernels_of<1>(std::make_integer_sequence<int, kRowsOfTile>{});
  static constexpr auto two = kernels_of<2>(std::make_integer_sequence<int, kRowsOfTile>{});
  const auto& kernels = columns <= kLanes ? one : two;
  const int64_t last = columns <= kLanes ? columns : columns - kLanes;
  const auto mask = static_cast<__mmask16>((1u << last) - 1);
  // Tiles of nearly equal height.
  const int64_t tiles = (rows + kRowsOfTile - 1) / kRowsOfTile, pairs = (depth + 1) / 2;
  for (int64_t t = 0; t < tiles; t++) {
    const int64_t first = t * rows / tiles, height = (t + 1) * rows / tiles - first;
    kernels[static_cast<size_t>(height - 1)](pairs, a + first * a_row, a_row, b, lines_of(next, t, pairs, b),
                                             c + first * c_step, c_step, mask, add);
  }
}

}  // namespace

const PairKernel* pair_kernel() {
  // 280 rows of 1024 of the depth: half of a second-level cache of 1 MiB.
  static const PairKernel pairs{kRowsOfTile, 1, 1024, 280 * 1024, 1 << 20, multiply};
  switch (isa()) {
    case Isa::amx:
      return &amx_kernel();
    case Isa::avx3_bf16:
      return &pairs;
    default:
      return nullptr;
  }
}

void pack_rows(const Operand& x, int64_t p, int64_t count, int64_t k, int64_t depth, uint16_t* y, int64_t y_row) {
  if (x.dtype == NC_FLOAT32)
    pack_rows_of(reinterpret_cast<const float*>(x.at(p, k)), x.step, x.depth_step, count, depth, y, y_row);
  else
    pack_rows_of(reinterpret_cast<const uint16_t*>(x.at(p, k)), x.step, x.depth_step, count, depth, y, y_row);
}

void pack_columns(const Operand& x, int64_t p, int64_t count, int64_t k, int64_t depth, uint16_t* y) {
  if (x.dtype == NC_FLOAT32)
    pack_columns_of(reinterpret_cast<const float*>(x.at(p, k)), x.step, x.depth_step, count, depth, y);
  else
    pack_columns_of(reinterpret_cast<const uint16_t*>(x.at(p, k)), x.step, x.depth_step, count, depth, y);
}

}  // namespace nc::cpu::gemm

#endif
