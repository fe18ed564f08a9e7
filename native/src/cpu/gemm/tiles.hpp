// AMX: the kernel of pairs by tiles, 2 x 2 of 16 rows x 64 bytes each of the product at a time. It is written over the
// instructions, Tiles: those of the machine (tiles.cpp), or a model of them in the tests.
#pragma once

#include <algorithm>
#include <cstdint>

#include "cpu/gemm/pairs.hpp"

namespace nc::cpu::gemm {

// What LDTILECFG reads.
struct alignas(64) TileConfig {
  uint8_t palette = 1;
  uint8_t start_row = 0;
  uint8_t reserved[14] = {};
  uint16_t row_bytes[16] = {};
  uint8_t rows[16] = {};

  void set(int tile, int64_t n_rows, int64_t n_bytes) {
    rows[tile] = static_cast<uint8_t>(n_bytes > 0 ? n_rows : 0);
    row_bytes[tile] = static_cast<uint16_t>(n_rows > 0 ? n_bytes : 0);
  }
};
static_assert(sizeof(TileConfig) == 64);

// Tiles: configure(config), release(), and by the tile's number zero<t>(), load<t>(from, stride in bytes),
// store<t>(to, stride), and dot<c, a, b>(), which is TDPBF16PS.
template <class Tiles>
class TileProduct {
 public:
  static constexpr int64_t kRows = 32;
  // A panel of the right operand stays in the first-level cache.
  static constexpr int64_t kDepth = 512, kSize = 1036 * kDepth;

  static constexpr PairKernel kernel() { return {kRows, kRows, kDepth, kSize, 0, multiply}; }

  static void multiply(int64_t rows, int64_t columns, int64_t depth, const uint16_t* a, int64_t a_row,
                       const uint16_t* b, const PairsAhead&, float* c, int64_t c_step, bool add) {
    const int64_t steps = (depth + kPairStep - 1) / kPairStep;
    const bool wide = columns > kHalf;
    for (int64_t i = 0; i < rows; i += kRows) {
      const int64_t height = std::min(kRows, rows - i);
      if (i == 0 || height < kRows) configure(height, columns);
      const uint16_t* const at = a + i * a_row;
      float* const to = c + i * c_step;
      if (height > kHalf)
        wide ? tile<true, true>(steps, at, a_row, b, to, c_step, add)
             : tile<true, false>(steps, at, a_row, b, to, c_step, add);
      else
        wide ? tile<false, true>(steps, at, a_row, b, to, c_step, add)
             : tile<false, false>(steps, at, a_row, b, to, c_step, add);
    }
    // Tiles in use make every switch of threads dearer.
    Tiles::release();
  }

 private:
  static constexpr int64_t kHalf = 16;  // rows, and float32 or pairs in a row, of a tile

  // Tiles 0 to 3 hold the product by rows, 4 and 5 the left operand, 6 and 7 the right one.
  static void configure(int64_t rows, int64_t columns) {
    TileConfig config;
    for (int i = 0; i < 2; i++) {
      const int64_t height = std::clamp<int64_t>(rows - i * kHalf, 0, kHalf);
      config.set(4 + i, height, 2 * kPairStep);
      config.set(6 + i, kPairStep / 2, 4 * std::clamp<int64_t>(columns - i * kHalf, 0, kHalf));
      for (int j = 0; j < 2; j++) config.set(2 * i + j, height, 4 * std::clamp<int64_t>(columns - j * kHalf, 0, kHalf));
    }
    Tiles::configure(config);
  }

  template <bool kTall, bool kWide>
  static void tile(int64_t steps, const uint16_t* a, int64_t a_row, const uint16_t* b, float* c, int64_t c_step,
                   bool add) {
    begin<0>(c, c_step, add);
    if constexpr (kWide) begin<1>(c + kHalf, c_step, add);
    if constexpr (kTall) begin<2>(c + kHalf * c_step, c_step, add);
    if constexpr (kTall && kWide) begin<3>(c + kHalf * c_step + kHalf, c_step, add);
    constexpr int64_t kPairBytes = kPairColumns * 4;
    const int64_t row_bytes = a_row * 2;
    for (int64_t k = 0; k < steps; k++, a += kPairStep, b += kPairStep * kPairColumns) {
      Tiles::template load<4>(a, row_bytes);
      Tiles::template load<6>(b, kPairBytes);
      Tiles::template dot<0, 4, 6>();
      if constexpr (kWide) {
        Tiles::template load<7>(b + 2 * kHalf, kPairBytes);
        Tiles::template dot<1, 4, 7>();
      }
      if constexpr (kTall) {
        Tiles::template load<5>(a + kHalf * a_row, row_bytes);
        Tiles::template dot<2, 5, 6>();
        if constexpr (kWide) Tiles::template dot<3, 5, 7>();
      }
    }
    Tiles::template store<0>(c, c_step * 4);
    if constexpr (kWide) Tiles::template store<1>(c + kHalf, c_step * 4);
    if constexpr (kTall) Tiles::template store<2>(c + kHalf * c_step, c_step * 4);
    if constexpr (kTall && kWide) Tiles::template store<3>(c + kHalf * c_step + kHalf, c_step * 4);
  }

  template <int kTile>
  static void begin(const float* c, int64_t c_step, bool add) {
    if (add)
      Tiles::template load<kTile>(c, c_step * 4);
    else
      Tiles::template zero<kTile>();
  }
};

// For Isa::amx.
const PairKernel& amx_kernel();

}  // namespace nc::cpu::gemm
