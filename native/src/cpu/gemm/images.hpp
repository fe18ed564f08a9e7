// Images as convolutions gather from them: with their padding, so that no element has to be looked at before it is read.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "core/tensor.hpp"
#include "cpu/gemm/scratch.hpp"

namespace nc::cpu::gemm {

using Position = std::array<int64_t, NC_MAX_SPATIAL>;

// Calls body(position) for each in C order.
template <class Body>
void each_position(const Position& extents, Body&& body) {
  Position p;
  for (p[0] = 0; p[0] < extents[0]; p[0]++)
    for (p[1] = 0; p[1] < extents[1]; p[1]++)
      for (p[2] = 0; p[2] < extents[2]; p[2]++) body(p);
}

inline int64_t count_of(const Position& extents) { return extents[0] * extents[1] * extents[2]; }

// (N, C, d...) with all three spatial axes; those that t lacks come first, with extent 1.
nc_tensor with_all_axes(const nc_tensor& t);
// What each spatial axis is given, with `none` for those that come first.
Position with_all_axes(const nc_tensor& t, const int64_t* values, int64_t none);

class Images {
 public:
  // Of t (all axes), `channels` at a time, elements of `dtype`: along each spatial axis `extents` from `before` ahead of
  // the first (behind it where negative). `split`: elements so far apart in the last axis are neighbours in memory.
  // `copied`: even where they could be read where they lie; kSlack bytes behind a copy can be read.
  Images(const nc_tensor& t, int64_t channels, nc_dtype dtype, const Position& before, const Position& extents,
         int64_t split, bool copied = false);
  static constexpr int64_t kSlack = 64;

  // As many rows from `row` on.
  Images from_row(int64_t row) const {
    Images part = *this;
    part.before_[1] -= row;
    return part;
  }

  // Where element (c, p) lies, in elements, from the first of an image; p counts from the first one before.
  // offset(c, p + q) = offset(c, p) + offset(0, q) where p is a multiple of `split`.
  int64_t offset(int64_t c, const Position& p) const {
    return c * channel_step_ + p[0] * steps_[0] + p[1] * steps_[1] + p[2] % split_ * part_ + p[2] / split_ * steps_[2];
  }
  int64_t image_step() const { return image_step_; }

  struct View {
    const char* first;  // offset 0 of the first image
    const char* end;    // up to which memory can be read
  };
  // The channels from c on of count images from n on: where they lie, or a copy in the scratch.
  View view(int64_t n, int64_t count, int64_t c, Scratch& scratch) const;

 private:
  nc_tensor t_;
  int64_t channels_;
  nc_dtype dtype_;
  Position before_, extents_;
  int64_t split_;
  bool copied_;
  int64_t image_step_, channel_step_, part_ = 0;
  Position steps_;
};

}  // namespace nc::cpu::gemm
