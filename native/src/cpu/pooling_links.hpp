// Which elements and windows of a pooling belong together, as tables that are made once a call.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "cpu/pooling.hpp"

namespace nc::cpu {

// For each window its elements, or for each element the windows that hold it: where they lie, in steps of `step`, and
// the positions in the windows. In the order of memory.
class PoolingLinks {
 public:
  struct Link {
    int32_t at, position;
  };
  enum Of { kWindows, kElements };

  PoolingLinks(const WindowAxes& w, Of of, int64_t step);

  int64_t size() const { return static_cast<int64_t>(begins_.size()) - 1; }
  const Link* begin(int64_t i) const { return links_.data() + begins_[static_cast<size_t>(i)]; }

 private:
  std::vector<int64_t> begins_;
  std::vector<Link> links_;
};

// Adds up the gradient of planes by the indices of windows of at most 64 elements.
class PoolingScatter {
 public:
  static bool fits(const WindowAxes& w) { return w.size() <= kPositions && std::max(w.in(), w.out()) <= kMost; }

  explicit PoolingScatter(const WindowAxes& w);

  // gx of `count` planes from `plane` on. T: float or double, Index: int32 or int64; all without gaps in a plane.
  template <class T, class Index>
  void write(const Planes& gy, const Planes& indices, const Planes& gx, int64_t plane, int64_t count) const;

 private:
  static constexpr int64_t kPositions = 64, kMost = 65536;
  static constexpr int kTogether = 4;

  struct Window {
    uint64_t inside;  // a bit for each position, unless it lies in the padding
    int64_t start;    // of its first position in the plane, or before it
  };

  template <int kCount, class T, class Index>
  void write_planes(const Planes& gy, const Planes& indices, const Planes& gx, int64_t plane) const;

  int64_t size_;
  std::vector<Window> windows_;
  int64_t offsets_[kPositions];  // of the positions, from there
};

// Which of the windows of two by two each vector of an image spreads, for a period of units after which that repeats:
// lines of windows, where they cover the image whole, and else planes.
struct PairTable {
  // Planes of lines * width windows in rows * columns elements, by vectors of n elements.
  PairTable(int64_t lines, int64_t width, int64_t rows, int64_t columns, int64_t n);

  bool fits = false;                      // whether every vector's windows lie in two places of half a vector
  int64_t units = 1, windows, size;       // of a period, and of a unit
  std::vector<int64_t> places;            // where the two of each vector begin
  std::vector<int32_t> lanes, positions;  // of each lane: the window among those, and the index that names the lane
};

}  // namespace nc::cpu
