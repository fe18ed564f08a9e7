// Convolutions that read images where they lie, without panels of patches: sums over taps of neighbouring pixels.
#pragma once

#include <cstdint>

#include "cpu/gemm/problem.hpp"

namespace nc::cpu::gemm {

// Rows of filters that are held in registers all at once: more are worth packing patches for.
inline constexpr int kFewOutputs = 6;

// c(i, j) = sum over k of a(i, k) * image(j, k): vector j of the image's patches begins, for k, at
// image[vectors[j] + depth_offsets[k]], and its sums go to columns[j] and on of c.
struct Patches {
  const float* image;
  const int64_t* vectors;
  const int64_t* columns;
  int64_t n_vectors;  // a multiple of vectors_of(rows)
  const int64_t* depth_offsets;
  int64_t depth;
  const float* packed;  // the filters
  int64_t rows;         // at most kFewOutputs
  float* c;
  int64_t c_step;
};

// A run of columns of a product: from column `from` of c to column `to` of y.
struct Run {
  int64_t from, to, count;
};

// Part of a filter's gradient: c(l * taps + t, o) += sum over pixels of image(line l, pixel + t) * gradients(pixel, o).
struct FilterLines {
  const float* image;
  const int64_t* lines;  // where each begins
  int64_t n_lines;
  int64_t taps;
  int64_t stride, row_step;  // from a pixel, and a row of them, to the next
  int64_t rows, width;       // of the pixels
  const float* gradients;    // (pixels, outputs), `outputs` whole vectors
  int64_t outputs;
  float* c;
  int64_t c_step;
};

// sums(t) += products of rows x width gradients with what lies at tap t of the image, a vector of sums for each tap.
struct FilterTaps {
  const float* image;
  const int64_t* taps;
  int64_t n_taps;
  int64_t image_row_step;
  const float* gradients;
  int64_t gradients_row_step;
  int64_t rows, width;
  float* sums;
};

// Of one instruction set, in float32.
struct Direct {
  int64_t lanes;
  int64_t (*packed_size)(int64_t depth);  // of filters, in elements
  void (*pack)(const Operand& a, int64_t depth, float* packed);
  int64_t (*vectors_of)(int64_t rows);
  void (*multiply)(const Patches& patches);
  // The program on runs of the product's columns, from `column` of y on, all rows of problem.y.
  void (*finish)(const Problem& problem, const float* c, int64_t c_step, int64_t column, const Run* runs,
                 int64_t n_runs);
  int64_t (*filter_outputs)(int64_t outputs);  // of a block of gradients: at most two vectors
  void (*pack_gradients)(const float* gy, int64_t outputs, int64_t step, int64_t pixels, float* packed,
                         int64_t packed_step);
  void (*filter_lines)(const FilterLines& lines);
  void (*filter_taps)(const FilterTaps& taps);
};

// Taps in a row for which there is filter_lines.
inline bool has_filter_lines(int64_t taps) { return taps == 3 || taps == 5 || taps == 7; }

}  // namespace nc::cpu::gemm
