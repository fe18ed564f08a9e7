#include "cpu/pooling_links.hpp"

#include <algorithm>

namespace nc::cpu {

namespace {

// Calls body(window, element, position) for all that lie in the image, in the order of windows and positions.
template <class Body>
void for_links(const WindowAxes& w, const Body& body) {
  const WindowAxis &a0 = w.axes[0], &a1 = w.axes[1], &a2 = w.axes[2];
  int64_t o = 0;
  for (int64_t o0 = 0; o0 < a0.out; o0++) {
    for (int64_t o1 = 0; o1 < a1.out; o1++) {
      for (int64_t o2 = 0; o2 < a2.out; o2++, o++) {
        const int64_t first = a2.first(o2), last = a2.last(o2);
        for (int64_t k0 = a0.first(o0); k0 < a0.last(o0); k0++) {
          for (int64_t k1 = a1.first(o1); k1 < a1.last(o1); k1++) {
            const int64_t line = (a0.at(o0, k0) * a1.in + a1.at(o1, k1)) * a2.in;
            const int64_t position = (k0 * a1.size + k1) * a2.size;
            for (int64_t k = first; k < last; k++) body(o, line + a2.at(o2, k), position + k);
          }
        }
      }
    }
  }
}

}  // namespace

PoolingLinks::PoolingLinks(const WindowAxes& w, Of of, int64_t step) {
  begins_.assign(static_cast<size_t>((of == kWindows ? w.out() : w.in()) + 1), 0);
  const auto owner = [of](int64_t window, int64_t element) {
    return static_cast<size_t>(of == kWindows ? window : element);
  };
  for_links(w, [&](int64_t window, int64_t element, int64_t) { begins_[owner(window, element) + 1]++; });
  for (size_t i = 1; i < begins_.size(); i++) begins_[i] += begins_[i - 1];
  links_.resize(static_cast<size_t>(begins_.back()));
  std::vector<int64_t> next(begins_);
  for_links(w, [&](int64_t window, int64_t element, int64_t position) {
    const int64_t other = of == kWindows ? element : window;
    links_[static_cast<size_t>(next[owner(window, element)]++)] = {static_cast<int32_t>(other * step),
                                                                   static_cast<int32_t>(position)};
  });
}

PoolingScatter::PoolingScatter(const WindowAxes& w) : size_(w.in()) {
  const WindowAxis* const a = w.axes;
  const auto at = [a](int64_t i0, int64_t i1, int64_t i2) { return (i0 * a[1].in + i1) * a[2].in + i2; };
  for (int64_t o = 0; o < w.out(); o++) {
    const int64_t line = o / a[2].out;
    windows_.push_back({0, at(a[0].at(line / a[1].out, 0), a[1].at(line % a[1].out, 0), a[2].at(o % a[2].out, 0))});
  }
  for_links(w, [this](int64_t window, int64_t, int64_t position) {
    windows_[static_cast<size_t>(window)].inside |= uint64_t{1} << position;
  });
  for (int64_t k = 0; k < w.size(); k++) {
    const int64_t line = k / a[2].size;
    offsets_[k] = at(line / a[1].size * a[0].dilation, line % a[1].size * a[1].dilation, k % a[2].size * a[2].dilation);
  }
}

PairTable::PairTable(int64_t lines, int64_t width, int64_t rows, int64_t columns, int64_t n) {
  constexpr int64_t kLeast = 8;       // vectors of a period, to outweigh its loop
  constexpr int64_t kWidest = 256;    // windows of a line: beyond, the period itself would fill the cache
  constexpr int64_t kLargest = 1024;  // elements of a plane, for the same reason
  const bool whole = rows == 2 * lines && columns == 2 * width;
  const int64_t half = n / 2;
  windows = whole ? width : lines * width;
  size = whole ? 4 * width : rows * columns;
  if (windows == 0 || (whole ? width > kWidest : size > kLargest)) return;
  while ((whole && size * units % n != 0) || size * units < kLeast * n || windows * units < half) units *= 2;
  const int64_t all = windows * units;
  fits = true;
  std::vector<int64_t> window(static_cast<size_t>(n));
  for (int64_t first = 0; first < size * units; first += n) {
    int64_t from[2] = {all, all};
    for (int64_t j = 0; j < n; j++) {
      const int64_t unit = (first + j) / size, at = (first + j) % size, row = at / columns, column = at % columns;
      const bool inside = unit < units && row < 2 * lines && column < 2 * width;
      const int64_t of_lane = inside ? unit * windows + row / 2 * width + column / 2 : -1;
      window[static_cast<size_t>(j)] = of_lane;
      positions.push_back(static_cast<int32_t>(inside ? row % 2 * 2 + column % 2 : -1));
      if (inside) from[0] = std::min(from[0], of_lane);
    }
    from[0] = std::min(from[0], all - half);
    for (int64_t w : window) {
      if (w >= from[0] + half) from[1] = std::min(from[1], w);
    }
    from[1] = std::min(from[1], all - half);
    for (int64_t w : window) {
      const bool second = w >= from[0] + half;
      const int64_t lane = w < 0 ? 0 : w - from[second];
      fits = fits && lane < half;
      lanes.push_back(static_cast<int32_t>(lane + (second ? half : 0)));
    }
    places.insert(places.end(), from, from + 2);
  }
}

// Several planes side by side: what an element waits for, the sum just stored there, is then one plane's alone.
template <int kCount, class T, class Index>
void PoolingScatter::write_planes(const Planes& gy, const Planes& indices, const Planes& gx, int64_t plane) const {
  const T* g[kCount];
  const Index* index[kCount];
  T* to[kCount];
  for (int l = 0; l < kCount; l++) {
    g[l] = gy.plane<const T>(plane + l);
    index[l] = indices.plane<const Index>(plane + l);
    to[l] = gx.plane<T>(plane + l);
    std::fill(to[l], to[l] + size_, T{0});
  }
  const Window* const windows = windows_.data();
  const size_t count = windows_.size();
  for (size_t o = 0; o < count; o++) {
    const Window window = windows[o];
#pragma GCC unroll 4
    for (int l = 0; l < kCount; l++) {
      const int64_t at = index[l][o];
      if (__builtin_expect(window.inside >> at & 1, 1)) to[l][window.start + offsets_[at]] += g[l][o];
    }
  }
}

template <class T, class Index>
void PoolingScatter::write(const Planes& gy, const Planes& indices, const Planes& gx, int64_t plane,
                           int64_t count) const {
  const int64_t end = plane + count;
  for (; plane + kTogether <= end; plane += kTogether) write_planes<kTogether, T, Index>(gy, indices, gx, plane);
  for (; plane < end; plane++) write_planes<1, T, Index>(gy, indices, gx, plane);
}

template void PoolingScatter::write<float, int32_t>(const Planes&, const Planes&, const Planes&, int64_t,
                                                    int64_t) const;
template void PoolingScatter::write<double, int64_t>(const Planes&, const Planes&, const Planes&, int64_t,
                                                     int64_t) const;

}  // namespace nc::cpu
