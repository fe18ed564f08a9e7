// Where the windows of a pooling lie, with the spatial axes always three: those that are missing stand in front, of
// extent 1.
#pragma once

#include <algorithm>

#include "core/tensor.hpp"
#include "nativechain/pooling.h"

namespace nc::cpu {

// One spatial axis: elements in and windows out.
struct WindowAxis {
  int64_t in, out, size, stride, padding, dilation;

  // The elements [first, last) of window o that lie in the image.
  int64_t first(int64_t o) const {
    const int64_t start = o * stride - padding;
    return start >= 0 ? 0 : std::min(size, (-start + dilation - 1) / dilation);
  }
  int64_t last(int64_t o) const {
    const int64_t room = in - (o * stride - padding);
    return room <= 0 ? 0 : std::min(size, (room + dilation - 1) / dilation);
  }
  int64_t count(int64_t o) const { return std::max<int64_t>(last(o) - first(o), 0); }
  // Where element k of window o lies; outside [0, in) in the padding.
  int64_t at(int64_t o, int64_t k) const { return o * stride - padding + k * dilation; }
};

struct WindowAxes {
  WindowAxis axes[3];

  // x: what the windows move over, y: one element a window.
  WindowAxes(const nc_tensor& x, const nc_tensor& y, const nc_window& window) {
    const int missing = 5 - x.ndim;
    for (int i = 0; i < 3; i++) {
      const int a = i - missing;
      axes[i] =
          a < 0 ? WindowAxis{1, 1, 1, 1, 0, 1} : WindowAxis{x.shape[2 + a],   y.shape[2 + a],    window.size[a],
                                                            window.stride[a], window.padding[a], window.dilation[a]};
    }
  }

  int64_t in() const { return axes[0].in * axes[1].in * axes[2].in; }
  int64_t out() const { return axes[0].out * axes[1].out * axes[2].out; }
  int64_t size() const { return axes[0].size * axes[1].size * axes[2].size; }
};

// Refuses an index that is no position in a window of `size` elements.
inline void check_position(int64_t index, int64_t size) {
  if (index < 0 || index >= size)
    fail(NC_INDEX_OUT_OF_RANGE, "indices: %lld is not in [0, %lld), the positions in the window",
         static_cast<long long>(index), static_cast<long long>(size));
}

// The planes of an image (N, C, d...), each of three axes. Strides in elements.
struct Planes {
  char* base;
  nc_dtype dtype;
  int64_t item;
  int64_t n, channels;
  int64_t n_stride, c_stride;
  int64_t strides[3];

  explicit Planes(const nc_tensor& t)
      : base(data<char>(t)),
        dtype(t.dtype),
        item(dtype_size(t.dtype)),
        n(t.shape[0]),
        channels(t.shape[1]),
        n_stride(t.strides[0]),
        c_stride(t.strides[1]) {
    const int missing = 5 - t.ndim;
    for (int i = 0; i < 3; i++) strides[i] = i < missing ? 0 : t.strides[2 + i - missing];
  }

  // Plane index counts (N, C) in C order.
  template <class E = char>
  E* plane(int64_t index) const {
    return reinterpret_cast<E*>(base + (index / channels * n_stride + index % channels * c_stride) * item);
  }

  // The line along the last axis at an index of the two before.
  char* line(int64_t plane_index, int64_t i0, int64_t i1) const {
    return plane(plane_index) + (i0 * strides[0] + i1 * strides[1]) * item;
  }

  // Whether planes of so many elements follow each other without gaps.
  bool follow(int64_t size) const {
    return (channels == 1 || c_stride == size) && (n == 1 || n_stride == size * channels);
  }

  // Whether a plane of these extents lies without gaps in C order.
  bool contiguous(const int64_t (&extents)[3]) const {
    int64_t step = 1;
    for (int i = 2; i >= 0; i--) {
      if (extents[i] != 1 && strides[i] != step) return false;
      step *= extents[i];
    }
    return true;
  }
};

}  // namespace nc::cpu
