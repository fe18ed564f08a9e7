// Convolutions of 3x3 filters, one apart and undilated, by Winograd's transformation (Lavin and Gray, Fast Algorithms
// for Convolutional Neural Networks, 2016): F(4x4, 3x3), which makes a tile of 4 x 4 sums of 36 multiplications a
// channel instead of 144.
//
// A tile of 6 x 6 pixels, its filter and its 4 x 4 sums are polynomials, multiplied by their values at the points
// 0, +-5/8, +-3/2 and infinity of each axis. These points are exact in binary and lose less to rounding than the usual
// 0, +-1, +-2: over normal data the root mean square error is about 2.5 times that of our direct sums, a filter's
// gradient's up to 7 times (1e-6 of the result's root mean square).
#pragma once

#include <cstdint>

#include "core/backend.hpp"
#include "cpu/gemm/problem.hpp"

namespace nc::cpu::gemm {

// A tile of values at points, of pixels, of sums, and of a filter.
inline constexpr int kPoints = 36, kTilePixels = 36, kTileSums = 16, kTaps = 9;

// Of one instruction set. A vector holds `lanes` channels; (pixels, lanes) is a vector for each pixel. Where the pixels
// of a tile lie is given by offsets in elements, tile after tile.
struct Winograd {
  int64_t lanes;

  // Planes of channels to (pixels, lanes); lanes beyond the channels repeat the last one. Gives the bits of the largest
  // magnitude.
  int32_t (*gather)(const float* x, int64_t channels, int64_t channel_step, int64_t pixels, int64_t pixel_step,
                    float* to);
  // The way back, without those lanes.
  void (*scatter)(const float* from, int64_t pixels, int64_t channels, float* y, int64_t channel_step);

  // Tiles of 6 x 6 pixels, or of 4 x 4 gradients, to points.
  void (*image)(const float* from, const int32_t* offsets, int64_t tiles, float* to, int64_t tile_step,
                int64_t point_step);
  void (*gradient)(const float* from, const int32_t* offsets, int64_t tiles, float* to, int64_t tile_step,
                   int64_t point_step);
  // Points to tiles of 4 x 4 sums.
  void (*sums)(const float* from, int64_t tile_step, int64_t point_step, const int32_t* offsets, int64_t tiles,
               float* to);
  // Taps of filters to points, and the transpose of it.
  void (*filter)(const float* from, int64_t tap_step, float* to, int64_t point_step);
  void (*filter_back)(const float* from, int64_t point_step, float* to);

  // c(tile, output) = sum over channels of a(tile, channel) * b(channel, output), for each point. a: (blocks of lanes
  // channels, tiles, lanes), b: (channels, vectors of outputs), c: (tiles, vectors).
  void (*multiply)(const float* a, int64_t a_point_step, const float* b, int64_t b_point_step, int64_t tiles,
                   int64_t channels, int64_t vectors, float* c, int64_t c_point_step);
  // c(channel, output) (+)= sum over tiles of a(tile, channel) * b(tile, output), of one point. a: (blocks, tiles,
  // lanes), b: (pairs of vectors, tiles, two vectors), c: (blocks * lanes, vectors); `step` tiles from block to block.
  void (*multiply_tiles)(const float* a, int64_t blocks, const float* b, int64_t vectors, int64_t tiles, int64_t step,
                         float* c, bool add);
};

// The transformed way where the shapes and strides say that it wins: false where they do not, or where a filter is not
// finite or so large that its values at the points may not be. Parts of images that are not finite take the direct way.
bool convolve_transformed(const Gemm& gemm, void* state, const nc_tensor& x, const nc_tensor& W,
                          const nc_convolution& window, const nc_program* program, const nc_tensor* extras,
                          const nc_scalar* parameters, const nc_tensor& y);
bool convolve_data_transformed(const Gemm& gemm, void* state, const nc_tensor& gy, const nc_tensor& W,
                               const nc_convolution& window, const nc_program* program, const nc_tensor* extras,
                               const nc_scalar* parameters, const nc_tensor& gx);
bool convolve_filter_transformed(const Gemm& gemm, const nc_tensor& x, const nc_tensor& gy,
                                 const nc_convolution& window, const nc_tensor& gW);

}  // namespace nc::cpu::gemm
