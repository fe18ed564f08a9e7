#include "cpu/gemm/images.hpp"

#include <algorithm>
#include <cstring>

#include "core/backend.hpp"
#include "cpu/table.hpp"

namespace nc::cpu::gemm {

nc_tensor with_all_axes(const nc_tensor& t) {
  nc_tensor all = t;
  const int missing = 2 + NC_MAX_SPATIAL - t.ndim;
  all.ndim = 2 + NC_MAX_SPATIAL;
  for (int i = 0; i < NC_MAX_SPATIAL; i++) {
    all.shape[2 + i] = i < missing ? 1 : t.shape[2 + i - missing];
    all.strides[2 + i] = i < missing ? 0 : t.strides[2 + i - missing];
  }
  return all;
}

Position with_all_axes(const nc_tensor& t, const int64_t* values, int64_t none) {
  Position all;
  const int missing = 2 + NC_MAX_SPATIAL - t.ndim;
  for (int i = 0; i < NC_MAX_SPATIAL; i++) all[i] = i < missing ? none : values[i - missing];
  return all;
}

Images::Images(const nc_tensor& t, int64_t channels, nc_dtype dtype, const Position& before, const Position& extents,
               int64_t split, bool copied)
    : t_(t), channels_(channels), dtype_(dtype), before_(before), extents_(extents), split_(split) {
  bool inside = true;
  for (int i = 0; i < NC_MAX_SPATIAL; i++) inside &= before[i] <= 0 && extents[i] - before[i] <= t.shape[2 + i];
  copied_ = copied || !inside || t.dtype != dtype || split > 1 || (t.strides[4] != 1 && extents[2] > 1);
  if (!copied_) {
    for (int i = 0; i < NC_MAX_SPATIAL; i++) steps_[i] = t.strides[2 + i];
    channel_step_ = t.strides[1];
    image_step_ = t.strides[0];
    return;
  }
  part_ = (extents[2] + split - 1) / split;
  steps_[2] = 1;
  steps_[1] = part_ * split;
  steps_[0] = steps_[1] * extents[1];
  channel_step_ = steps_[0] * extents[0];
  image_step_ = channel_step_ * channels;
}

Images::View Images::view(int64_t n, int64_t count, int64_t c, Scratch& scratch) const {
  const int64_t item = dtype_size(t_.dtype), to_item = dtype_size(dtype_);
  nc_tensor from = t_;
  from.offset += (n * t_.strides[0] + c * t_.strides[1]) * item;
  if (!copied_) {
    for (int i = 0; i < NC_MAX_SPATIAL; i++) from.offset -= before_[i] * t_.strides[2 + i] * item;
    return {data<const char>(from), static_cast<const char*>(t_.base) + t_.nbytes};
  }
  const int64_t nbytes = count * image_step_ * to_item;
  char* const first = scratch.reserve<char>(nbytes + kSlack);
  from.shape[0] = count;
  from.shape[1] = channels_;
  nc_tensor to = from;
  to.base = first;
  to.nbytes = nbytes;
  to.offset = 0;
  to.dtype = dtype_;
  to.strides[0] = image_step_;
  to.strides[1] = channel_step_;
  Position low, high;  // the part that t has
  bool whole = extents_[2] % split_ == 0;
  for (int i = 0; i < NC_MAX_SPATIAL; i++) {
    low[i] = std::max<int64_t>(before_[i], 0);
    high[i] = std::min(extents_[i], before_[i] + t_.shape[2 + i]);
    whole &= low[i] == 0 && high[i] == extents_[i];
  }
  if (!whole) std::memset(first, 0, static_cast<size_t>(nbytes));
  for (int i = 0; i < 2; i++) {
    from.shape[2 + i] = to.shape[2 + i] = high[i] - low[i];
    if (high[i] <= low[i]) return {first, first + nbytes + kSlack};
    from.offset += (low[i] - before_[i]) * t_.strides[2 + i] * item;
    to.offset += low[i] * steps_[i] * to_item;
    to.strides[2 + i] = steps_[i];
  }
  from.strides[4] = t_.strides[4] * split_;
  to.strides[4] = 1;
  const int64_t from_offset = from.offset, to_offset = to.offset;
  for (int64_t r = 0; r < split_; r++) {
    const int64_t at = low[2] + (r + split_ - low[2] % split_) % split_;  // the first one of this part
    if (at >= high[2]) continue;
    from.shape[4] = to.shape[4] = (high[2] - at + split_ - 1) / split_;
    from.offset = from_offset + (at - before_[2]) * t_.strides[4] * item;
    to.offset = to_offset + (r * part_ + at / split_) * to_item;
    check_slot(table()->copy(nullptr, &from, &to));
  }
  return {first, first + nbytes + kSlack};
}

}  // namespace nc::cpu::gemm
