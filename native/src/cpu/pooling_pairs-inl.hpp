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

// The same where the windows cover each plane whole, and planes follow each other without gaps: all of them are one run
// of lines. Each vector of the image takes its windows from two places of half a vector, spreads them over its lanes
// and keeps those whose index names the lane. What it takes repeats after a few lines, a period.
template <class T>
class PairPeriod {
 public:
  explicit PairPeriod(int64_t width) : width_(width) {
    if (width > kWidest) return;
    while (4 * width * lines_ % N != 0 || 4 * width * lines_ < kLeast * N) lines_ *= 2;
    const int64_t windows = width * lines_;
    fits_ = true;
    for (int64_t first = 0; first < 4 * windows; first += N) {
      Source& source = sources_.emplace_back();
      int64_t window[N], from[2] = {windows, windows};
      for (int64_t j = 0; j < N; j++) {
        const int64_t at = (first + j) % (4 * width), column = at % (2 * width);
        window[j] = (first + j) / (4 * width) * width + column / 2;
        source.position[j] = static_cast<Index<T>>(at / (2 * width) * 2 + column % 2);
        from[0] = std::min(from[0], window[j]);
      }
      from[0] = std::min(from[0], windows - kHalf);
      for (int64_t w : window) {
        if (w >= from[0] + kHalf) from[1] = std::min(from[1], w);
      }
      from[1] = std::min(from[1], windows - kHalf);
      for (int64_t j = 0; j < N; j++) {
        const bool second = window[j] >= from[0] + kHalf;
        const int64_t lane = window[j] - from[second];
        fits_ = fits_ && lane < kHalf;
        source.lane[j] = static_cast<Index<T>>(lane + (second ? kHalf : 0));
      }
      std::copy(from, from + 2, source.window);
    }
  }

  // Whether every vector's windows lie in two places.
  bool fits() const { return fits_; }
  int64_t lines() const { return lines_; }

  // `count` lines of windows, a multiple of lines() but for the last ones of all.
  void spread(const T* g, const Index<T>* indices, int64_t count, T* to, bool large) const {
    const bool streams = large && streams_to(to);
    for (; count >= lines_; count -= lines_) {
      streams ? period<true>(g, indices, to) : period<false>(g, indices, to);
      g += width_ * lines_;
      indices += width_ * lines_;
      to += 4 * width_ * lines_;
    }
    if (streams) hwy::FlushStream();
    for (int64_t o = 0; o < count * width_; o++) {
      T* const image = to + o / width_ * 4 * width_ + o % width_ * 2;
      for (int64_t k = 0; k < 4; k++) image[k / 2 * 2 * width_ + k % 2] = indices[o] == k ? g[o] : T{0};
    }
  }

 private:
  static constexpr int64_t N = kLanes<T>, kHalf = N / 2;
  static constexpr int64_t kLeast = 8;     // vectors of a period, to outweigh its loop
  static constexpr int64_t kWidest = 256;  // beyond, the period itself would fill the cache

  struct Source {
    int64_t window[2];              // where the two places begin
    Index<T> lane[N], position[N];  // of each lane: the window among those, and the index that names the lane
  };

  template <bool kStreams>
  HWY_INLINE void period(const T* g, const Index<T>* indices, T* to) const {
    const Tag<T> d;
    const IndexTag<T> di;
    const hn::Half<Tag<T>> half;
    const hn::Half<IndexTag<T>> half_index;
    for (const Source& source : sources_) {
      const int64_t first = source.window[0], second = source.window[1];
      const auto lanes = hn::LoadU(di, source.lane);
      const Vector<T> v = hn::Combine(d, hn::LoadU(half, g + second), hn::LoadU(half, g + first));
      const auto i = hn::Combine(di, hn::LoadU(half_index, indices + second), hn::LoadU(half_index, indices + first));
      const auto named = hn::Eq(hn::TableLookupLanes(i, hn::IndicesFromVec(di, lanes)), hn::LoadU(di, source.position));
      const Vector<T> spread =
          hn::IfThenElseZero(hn::RebindMask(d, named), hn::TableLookupLanes(v, hn::IndicesFromVec(d, lanes)));
      if constexpr (kStreams) {
        hn::Stream(spread, d, to);
      } else {
        hn::StoreU(spread, d, to);
      }
      to += N;
    }
  }

  int64_t width_, lines_ = 1;
  bool fits_ = false;
  std::vector<Source> sources_;  // of each vector of a period
};

}  // namespace pooling_kernels
}  // namespace nc::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // NATIVECHAIN_CPU_POOLING_PAIRS_INL_HPP_
