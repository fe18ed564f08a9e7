// Walks operands of one shape as lines: axes ordered by the first output's strides, neighbours merged where every
// operand allows it, so that contiguous tensors are one line.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "core/tensor.hpp"
#include "cpu/block_program.hpp"

namespace nc::cpu {

// Axes by falling key(axis), such as the size of a stride; equal ones stay in order.
template <class Key>
void sort_axes(int32_t* axes, int32_t count, const Key& key) {
  for (int32_t i = 1; i < count; i++) {
    const int32_t axis = axes[i];
    int32_t at = i;
    for (; at > 0 && key(axes[at - 1]) < key(axis); at--) axes[at] = axes[at - 1];
    axes[at] = axis;
  }
}

template <int kMax>
class Walk {
 public:
  // Operands of one shape, in the order that suits the first output. The first n_inputs are read, the others written.
  void set(const nc_tensor* const* operands, int32_t n, int32_t n_inputs) {
    start(operands, n, n_inputs);
    bool contiguous = true;
    for (int32_t k = 0; k < n; k++) contiguous = contiguous && is_contiguous(*operands[k]);
    if (contiguous) {
      ndim_ = 1;
      shape_[0] = size_of(*operands[0]);
      for (int32_t k = 0; k < n; k++) strides_[k][0] = 1;
      return;
    }
    const nc_tensor& y = *operands[n_inputs];
    int32_t axes[NC_MAX_DIMS], count = 0;
    for (int32_t i = 0; i < y.ndim; i++) {
      if (y.shape[i] != 1) axes[count++] = i;
    }
    sort_axes(axes, count, [&y](int32_t i) { return std::abs(y.strides[i]); });
    take_axes(operands, axes, count);
    flip_axes(n_inputs);
    merge_axes();
  }

  // The given axes in the given order; the operands stay at 0 along the others.
  void set_axes(const nc_tensor* const* operands, int32_t n, int32_t n_inputs, const int32_t* axes, int32_t count) {
    start(operands, n, n_inputs);
    take_axes(operands, axes, count);
    merge_axes();
  }

  // The longest line that `lines` gives.
  int64_t line() const { return packs_ ? kPack : shape_[ndim_ - 1]; }

  // Whether lines may lie in scratch, gathered, rather than in the operands.
  bool packs() const { return packs_; }

  // The element of operand k at a position in the order of the walk.
  char* at(int32_t k, int64_t position) const {
    int64_t index[NC_MAX_DIMS];
    split(position, index);
    return data_[k] + offset(k, index) * item_[k];
  }

  // Calls body(lines, length) for the elements [begin, end), counted in the order of the walk.
  template <class Body>
  void lines(int64_t begin, int64_t end, const Body& body) const {
    if (packs_) {
      packed_lines(begin, end, body);
      return;
    }
    Line line[kMax];
    int64_t index[NC_MAX_DIMS];
    split(begin, index);
    const int32_t last = ndim_ - 1;
    for (int32_t k = 0; k < n_; k++) line[k] = {data_[k] + offset(k, index) * item_[k], strides_[k][last]};
    for (;;) {
      const int64_t length = std::min(shape_[last] - index[last], end - begin);
      body(static_cast<const Line*>(line), length);
      begin += length;
      if (begin == end) return;
      index[last] = 0;
      for (int32_t i = last - 1; ++index[i] == shape_[i]; i--) index[i] = 0;
      for (int32_t k = 0; k < n_; k++) line[k].data = data_[k] + offset(k, index) * item_[k];
    }
  }

 private:
  // Shorter lines are gathered into longer ones: a kernel's call costs as much as some 50 elements.
  static constexpr int64_t kShortLine = 48;
  static constexpr int64_t kPack = 512;

  void start(const nc_tensor* const* operands, int32_t n, int32_t n_inputs) {
    n_ = n;
    n_inputs_ = n_inputs;
    packs_ = false;
    for (int32_t k = 0; k < n; k++) {
      data_[k] = data<char>(*operands[k]);
      item_[k] = dtype_size(operands[k]->dtype);
    }
  }

  void take_axes(const nc_tensor* const* operands, const int32_t* axes, int32_t count) {
    ndim_ = std::max(count, 1);
    shape_[0] = 1;
    for (int32_t k = 0; k < n_; k++) strides_[k][0] = 1;
    for (int32_t i = 0; i < count; i++) {
      shape_[i] = operands[0]->shape[axes[i]];
      for (int32_t k = 0; k < n_; k++) strides_[k][i] = operands[k]->strides[axes[i]];
    }
  }

  void flip_axes(int32_t decisive) {
    for (int32_t i = 0; i < ndim_; i++) {
      if (strides_[decisive][i] >= 0) continue;
      for (int32_t k = 0; k < n_; k++) {
        data_[k] += (shape_[i] - 1) * strides_[k][i] * item_[k];
        strides_[k][i] = -strides_[k][i];
      }
    }
  }

  void merge_axes() {
    int32_t last = 0;
    for (int32_t i = 1; i < ndim_; i++) {
      bool merge = true;
      for (int32_t k = 0; k < n_; k++) merge = merge && strides_[k][last] == strides_[k][i] * shape_[i];
      if (!merge) last++;
      shape_[last] = merge ? shape_[last] * shape_[i] : shape_[i];
      for (int32_t k = 0; k < n_; k++) strides_[k][last] = strides_[k][i];
    }
    ndim_ = last + 1;
    packs_ = ndim_ > 1 && shape_[ndim_ - 1] < kShortLine;
  }

  void split(int64_t position, int64_t* index) const {
    for (int32_t i = ndim_ - 1; i > 0; i--) {
      index[i] = position % shape_[i];
      position /= shape_[i];
    }
    index[0] = position;
  }

  int64_t offset(int32_t k, const int64_t* index) const {
    int64_t at = 0;
    for (int32_t i = 0; i < ndim_; i++) at += index[i] * strides_[k][i];
    return at;
  }

  // Whether operand k is one line by itself, or one element, whatever the others are.
  bool is_line(int32_t k) const {
    for (int32_t i = ndim_ - 1; i > 0; i--) {
      if (strides_[k][i - 1] != strides_[k][i] * shape_[i]) return false;
    }
    return true;
  }

  template <class Body>
  void packed_lines(int64_t begin, int64_t end, const Body& body) const {
    Line line[kMax];
    bool whole[kMax] = {};
    char* scratch = thread_scratch(ScratchUse::walk, n_ * kPack * 8);
    for (int32_t k = 0; k < n_; k++) {
      whole[k] = is_line(k);
      line[k] = {scratch + k * kPack * 8, 1};
    }
    int64_t index[NC_MAX_DIMS];
    for (; begin < end; begin += kPack) {
      const int64_t length = std::min(kPack, end - begin);
      split(begin, index);
      for (int32_t k = 0; k < n_; k++) {
        if (whole[k]) {
          const int64_t stride = strides_[k][ndim_ - 1];
          line[k] = {data_[k] + begin * stride * item_[k], stride};
        } else if (k < n_inputs_) {
          move<true>(k, index, line[k].data, length);
        }
      }
      body(static_cast<const Line*>(line), length);
      for (int32_t k = n_inputs_; k < n_; k++) {
        if (!whole[k]) move<false>(k, index, line[k].data, length);
      }
    }
  }

  template <bool kGather>
  void move(int32_t k, const int64_t* index, char* packed, int64_t n) const {
    switch (item_[k]) {
      case 1:
        return move_elements<kGather, uint8_t>(k, index, packed, n);
      case 2:
        return move_elements<kGather, uint16_t>(k, index, packed, n);
      case 4:
        return move_elements<kGather, uint32_t>(k, index, packed, n);
      default:
        return move_elements<kGather, uint64_t>(k, index, packed, n);
    }
  }

  template <bool kGather, class T>
  void move_elements(int32_t k, const int64_t* first, char* packed_, int64_t n) const {
    const int32_t last = ndim_ - 1;
    int64_t index[NC_MAX_DIMS];
    std::copy(first, first + ndim_, index);
    const int64_t stride = strides_[k][last];
    T* packed = reinterpret_cast<T*>(packed_);
    while (n > 0) {
      T* p = reinterpret_cast<T*>(data_[k]) + offset(k, index);
      const int64_t length = std::min(shape_[last] - index[last], n);
      for (int64_t i = 0; i < length; i++) {
        if constexpr (kGather) {
          packed[i] = p[i * stride];
        } else {
          p[i * stride] = packed[i];
        }
      }
      packed += length;
      n -= length;
      index[last] = 0;
      for (int32_t i = last - 1; i >= 0 && ++index[i] == shape_[i]; i--) index[i] = 0;
    }
  }

  int32_t n_;
  int32_t n_inputs_;
  int32_t ndim_;
  bool packs_;
  int64_t shape_[NC_MAX_DIMS];
  char* data_[kMax];
  int64_t item_[kMax];
  int64_t strides_[kMax][NC_MAX_DIMS];
};

}  // namespace nc::cpu
