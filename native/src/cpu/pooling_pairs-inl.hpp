// The gradient of max pooling over windows of two by two that neither overlap nor meet the padding: every element of
// the image belongs to one window at most, so that it is written once, by vectors, and none is added to.
#if defined(NATIVECHAIN_CPU_POOLING_PAIRS_INL_HPP_) == defined(HWY_TARGET_TOGGLE)
#ifdef NATIVECHAIN_CPU_POOLING_PAIRS_INL_HPP_
#undef NATIVECHAIN_CPU_POOLING_PAIRS_INL_HPP_
#else
#define NATIVECHAIN_CPU_POOLING_PAIRS_INL_HPP_
#endif

#include <algorithm>
#include <cstdint>
#include <vector>

#include "cpu/floats-inl.hpp"
#include "cpu/pooling.hpp"
#include "cpu/pooling_links.hpp"
#include "hwy/cache_control.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace nc::cpu::HWY_NAMESPACE {
namespace pooling_kernels {

namespace hn = hwy::HWY_NAMESPACE;

// Integers as wide as the compute type.
template <class T>
using Index = std::conditional_t<std::is_same_v<T, double>, int64_t, int32_t>;
template <class T>
using IndexTag = hn::ScalableTag<Index<T>>;

// Planes of so many bytes in all do not stay in the cache beside their windows: stores past it spare reading them
// first.
constexpr int64_t kLargeImage = int64_t{16} << 20;

// Whether the windows of an axis are such pairs, each of them whole.
inline bool are_pairs(const WindowAxis& a) {
  return a.size == 2 && a.stride == 2 && a.dilation == 1 && a.padding == 0 && 2 * a.out <= a.in;
}

// n contiguous elements, of which none may be written beyond.
template <class T>
HWY_INLINE void copy_line(const T* from, T* to, int64_t n) {
  constexpr int64_t N = kLanes<T>;
  if (n < N) {
    for (int64_t i = 0; i < n; i++) to[i] = from[i];
    return;
  }
  for (int64_t i = 0; i + N <= n; i += N) store(load(from + i), to + i);
  if (n % N != 0) store(load(from + n - N), to + n - N);
}

// gx of a plane without gaps: for each block of lines of windows, both rows of the image that each of them covers.
template <class T>
HWY_INLINE void spread_pairs(const WindowAxis& a1, const WindowAxis& a2, const T* g, const Index<T>* indices, T* to) {
  const Tag<T> d;
  const IndexTag<T> di;
  constexpr int64_t N = kLanes<T>, kBlock = 512;
  const int64_t lines_of_block = std::max<int64_t>(1, kBlock / a2.out), room = 2 * (lines_of_block * a2.out + N);
  T* const row0 = lane_buffer<T, 0>(2 * room);
  T* const row1 = row0 + room;
  for (int64_t begin = 0; begin < a1.out; begin += lines_of_block) {
    const int64_t lines = std::min(lines_of_block, a1.out - begin);
    for_vectors(lines * a2.out, N, [&](int64_t o, int64_t count) HWY_ATTR {
      const int64_t from = begin * a2.out + o;
      const Vector<T> v = load_at(g, from, count, 0);
      const auto i = HWY_LIKELY(count == N) ? hn::LoadU(di, indices + from)
                                            : LoadTail(di, indices + from, static_cast<size_t>(count));
      const auto at = [&](Index<T> k)
                          HWY_ATTR { return hn::IfThenElseZero(hn::RebindMask(d, hn::Eq(i, hn::Set(di, k))), v); };
      hn::StoreInterleaved2(at(0), at(1), d, row0 + 2 * o);
      hn::StoreInterleaved2(at(2), at(3), d, row1 + 2 * o);
    });
    for (int64_t line = 0; line < lines; line++) {
      T* const image = to + 2 * (begin + line) * a2.in;
      copy_line(row0 + 2 * line * a2.out, image, 2 * a2.out);
      copy_line(row1 + 2 * line * a2.out, image + a2.in, 2 * a2.out);
      for (int64_t i = 2 * a2.out; i < a2.in; i++) image[i] = image[a2.in + i] = 0;
    }
  }
  std::fill(to + 2 * a1.out * a2.in, to + a1.in * a2.in, T{0});
}

// The same where planes follow each other without gaps. Each vector of the image takes its windows from two places of
// half a vector, spreads them over its lanes and keeps those whose index names the lane. What it takes repeats after a
// period of a few units: lines of windows, where they cover each plane whole and all planes are one run of lines, and
// else planes.
template <class T>
class PairPeriod {
 public:
  // Planes of lines * width windows in rows * columns elements.
  PairPeriod(int64_t lines, int64_t width, int64_t rows, int64_t columns)
      : table_(lines, width, rows, columns, N),
        lanes_(table_.lanes.begin(), table_.lanes.end()),
        positions_(table_.positions.begin(), table_.positions.end()),
        width_(width),
        columns_(columns) {}

  // Whether every vector's windows lie in two places.
  bool fits() const { return table_.fits; }
  // Units of a period, and the windows and elements of a unit.
  int64_t units() const { return table_.units; }
  int64_t windows() const { return table_.windows; }
  int64_t size() const { return table_.size; }

  // `count` units, a multiple of units() but for the last ones of all.
  void spread(const T* g, const Index<T>* indices, int64_t count, T* to, bool large) const {
    const bool streams = large && size() * units() % N == 0 && streams_to(to);
    for (; count >= units(); count -= units()) {
      streams ? period<true>(g, indices, to) : period<false>(g, indices, to);
      g += windows() * units();
      indices += windows() * units();
      to += size() * units();
    }
    if (streams) hwy::FlushStream();
    std::fill(to, to + count * size(), T{0});
    for (int64_t o = 0; o < count * windows(); o++) {
      const int64_t line = o % windows() / width_, index = indices[o];
      to[o / windows() * size() + (2 * line + index / 2) * columns_ + o % width_ * 2 + index % 2] = g[o];
    }
  }

 private:
  static constexpr int64_t N = kLanes<T>;

  template <bool kStreams>
  HWY_INLINE void period(const T* g, const Index<T>* indices, T* to) const {
    const Tag<T> d;
    const IndexTag<T> di;
    const hn::Half<Tag<T>> half;
    const hn::Half<IndexTag<T>> half_index;
    int64_t left = size() * units();
    const Index<T>*lane = lanes_.data(), *position = positions_.data();
    for (size_t place = 0; place < table_.places.size(); place += 2, lane += N, position += N) {
      const int64_t first = table_.places[place], second = table_.places[place + 1];
      const auto lanes = hn::LoadU(di, lane);
      const Vector<T> v = hn::Combine(d, hn::LoadU(half, g + second), hn::LoadU(half, g + first));
      const auto i = hn::Combine(di, hn::LoadU(half_index, indices + second), hn::LoadU(half_index, indices + first));
      const auto named = hn::Eq(hn::TableLookupLanes(i, hn::IndicesFromVec(di, lanes)), hn::LoadU(di, position));
      const Vector<T> spread =
          hn::IfThenElseZero(hn::RebindMask(d, named), hn::TableLookupLanes(v, hn::IndicesFromVec(d, lanes)));
      if constexpr (kStreams) {
        hn::Stream(spread, d, to);
      } else {
        store_at(spread, to, 0, std::min(left, N));
      }
      left -= N;
      to += N;
    }
  }

  PairTable table_;
  std::vector<Index<T>> lanes_, positions_;
  int64_t width_, columns_;
};

}  // namespace pooling_kernels
}  // namespace nc::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // NATIVECHAIN_CPU_POOLING_PAIRS_INL_HPP_
