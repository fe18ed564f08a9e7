// Pooling of small images, a vector of planes at a time: the planes are transposed, so that each vector holds one
// element of every plane, and windows of any kind are plain loops over vectors. What a line of few windows would cost
// is paid once for all these planes.
#if defined(NATIVECHAIN_CPU_POOLING_PLANES_INL_HPP_) == defined(HWY_TARGET_TOGGLE)
#ifdef NATIVECHAIN_CPU_POOLING_PLANES_INL_HPP_
#undef NATIVECHAIN_CPU_POOLING_PLANES_INL_HPP_
#else
#define NATIVECHAIN_CPU_POOLING_PLANES_INL_HPP_
#endif

#include <algorithm>
#include <cstdint>
#include <vector>

#include "core/thread_pool.hpp"
#include "cpu/floats-inl.hpp"
#include "cpu/pooling_links.hpp"
#include "cpu/transpose-inl.hpp"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace nc::cpu::HWY_NAMESPACE {
namespace pooling_kernels {

namespace hn = hwy::HWY_NAMESPACE;

constexpr int64_t kPlaneLanes = kLanes<float>;

// Calls body(element, plane) for the blocks of four elements of four planes; the last elements are taken twice.
template <class Body>
HWY_INLINE void for_blocks(int64_t size, const Body& body) {
  for (int64_t plane = 0; plane < kPlaneLanes; plane += 4) {
    for (int64_t i = 0; i + 4 <= size; i += 4) body(i, plane);
    if (size % 4 != 0) body(size - 4, plane);
  }
}

// to[i][plane] = planes[plane][i], of kPlaneLanes planes of `size` elements of four bytes.
HWY_NOINLINE void take_planes(const float* const* planes, int64_t size, float* to) {
  constexpr int64_t N = kPlaneLanes;
  if (size < 4) {
    for (int64_t i = 0; i < size * N; i++) to[i] = planes[i % N][i / N];
    return;
  }
  const hn::Full128<float> d;
  for_blocks(size, [&](int64_t i, int64_t plane) HWY_ATTR {
    hn::Vec<hn::Full128<float>> v[4];
    for (int64_t k = 0; k < 4; k++) v[k] = hn::LoadU(d, planes[plane + k] + i);
    TransposeBlocks4x4(d, v);
    for (int64_t k = 0; k < 4; k++) hn::Store(v[k], d, to + (i + k) * N + plane);
  });
}

// The other way.
HWY_NOINLINE void put_planes(const float* from, int64_t size, float* const* planes) {
  constexpr int64_t N = kPlaneLanes;
  if (size < 4) {
    for (int64_t i = 0; i < size * N; i++) planes[i % N][i / N] = from[i];
    return;
  }
  const hn::Full128<float> d;
  for_blocks(size, [&](int64_t i, int64_t plane) HWY_ATTR {
    hn::Vec<hn::Full128<float>> v[4];
    for (int64_t k = 0; k < 4; k++) v[k] = hn::Load(d, from + (i + k) * N + plane);
    TransposeBlocks4x4(d, v);
    for (int64_t k = 0; k < 4; k++) hn::StoreU(v[k], d, planes[plane + k] + i);
  });
}

// Small images of float32 without gaps.
class SmallPlanes {
 public:
  // x: what the windows move over, y: one element a window; of those that lie in memory, and with positions of int32.
  static bool fits(const WindowAxes& w, const Planes& x, const Planes& y, const Planes* indices) {
    const int64_t in[3] = {w.axes[0].in, w.axes[1].in, w.axes[2].in};
    const int64_t out[3] = {w.axes[0].out, w.axes[1].out, w.axes[2].out};
    return x.n * x.channels >= std::max(kLeast, w.in() / 4) && std::max(w.in(), w.out()) <= kLargest &&
           w.size() <= kLargest && x.dtype == NC_FLOAT32 && y.dtype == NC_FLOAT32 && x.contiguous(in) &&
           y.contiguous(out) && (!indices || (indices->dtype == NC_INT32 && indices->contiguous(out)));
  }

  SmallPlanes(const WindowAxes& w, const Planes& x, const Planes& y, const Planes* indices)
      : w_(w), x_(x), y_(y), indices_(indices) {}

  // NaN before all numbers, the first of equal ones, never the padding.
  template <bool kIndices>
  HWY_NOINLINE void largest() const {
    const PoolingLinks windows(w_, PoolingLinks::kWindows, N);
    for_groups([&](int64_t group) HWY_ATTR {
      const Tag<float> d;
      const hn::ScalableTag<int32_t> di;
      const float* const x = take<0>(x_, group, w_.in());
      float *const y = lane_buffer<float, 2>(w_.out() * N), *const where = lane_buffer<float, 3>(w_.out() * N);
      for (int64_t o = 0; o < windows.size(); o++) {
        const auto *link = windows.begin(o), *const end = windows.begin(o + 1);
        Vector<float> best = hn::Set(d, kLowest<float>);
        auto position = hn::Zero(di);
        if (link != end) {
          best = hn::Load(d, x + link->at);
          position = hn::Set(di, link->position);
        }
        while (link != end && ++link != end) {
          const Vector<float> v = hn::Load(d, x + link->at);
          const auto larger = hn::AndNot(hn::Le(v, best), hn::Eq(best, best));
          best = hn::IfThenElse(larger, v, best);
          if constexpr (kIndices)
            position = hn::IfThenElse(hn::RebindMask(di, larger), hn::Set(di, link->position), position);
        }
        hn::Store(best, d, y + o * N);
        if constexpr (kIndices) hn::Store(hn::BitCast(d, position), d, where + o * N);
      }
      put(y, y_, group, w_.out());
      if constexpr (kIndices) put(where, *indices_, group, w_.out());
    });
  }

  // The sums of windows over their divisors, and their gradient.
  HWY_NOINLINE void average(const float* divisors) const {
    const PoolingLinks windows(w_, PoolingLinks::kWindows, N);
    for_groups([&](int64_t group) HWY_ATTR {
      const Tag<float> d;
      const float* const x = take<0>(x_, group, w_.in());
      float* const y = lane_buffer<float, 2>(w_.out() * N);
      add_links(windows, x, y);
      for (int64_t o = 0; o < w_.out(); o++)
        hn::Store(hn::Div(hn::Load(d, y + o * N), hn::Set(d, divisors[o])), d, y + o * N);
      put(y, y_, group, w_.out());
    });
  }
  HWY_NOINLINE void spread_average(const float* divisors) const {
    const PoolingLinks holders(w_, PoolingLinks::kElements, N);
    for_groups([&](int64_t group) HWY_ATTR {
      const Tag<float> d;
      float *const gy = take<2>(y_, group, w_.out()), *const gx = lane_buffer<float, 0>(w_.in() * N);
      for (int64_t o = 0; o < w_.out(); o++)
        hn::Store(hn::Div(hn::Load(d, gy + o * N), hn::Set(d, divisors[o])), d, gy + o * N);
      add_links(holders, gy, gx);
      put(gx, x_, group, w_.in());
    });
  }

 private:
  static constexpr int64_t N = kPlaneLanes;
  static constexpr int64_t kLeast = 4 * N;     // planes, to outweigh the tables
  static constexpr int64_t kLargest = 2048;    // elements of a plane
  static constexpr int64_t kElements = 16384;  // worth a second thread

  // Calls body(first plane) for each vector of planes, on any threads.
  template <class Body>
  void for_groups(const Body& body) const {
    const int64_t groups = (x_.n * x_.channels + N - 1) / N;
    const int64_t block = std::max<int64_t>(1, kElements / (N * (w_.in() + w_.out())));
    parallel_for((groups + block - 1) / block, [&](int64_t chunk) {
      const int64_t end = std::min(groups, (chunk + 1) * block);
      for (int64_t group = chunk * block; group < end; group++) body(group);
    });
  }

  // Where the planes of a group begin; beyond the last plane, that one again: its lanes hold the same values.
  struct Lines {
    float* planes[N];
    HWY_NOINLINE Lines(const Planes& t, int64_t group) {
      for (int64_t l = 0; l < N; l++) planes[l] = t.plane<float>(std::min(group * N + l, t.n * t.channels - 1));
    }
  };
  template <int kUse>
  static HWY_NOINLINE float* take(const Planes& t, int64_t group, int64_t size) {
    float* const to = lane_buffer<float, kUse>(size * N);
    take_planes(Lines(t, group).planes, size, to);
    return to;
  }
  static HWY_NOINLINE void put(const float* from, const Planes& t, int64_t group, int64_t size) {
    put_planes(from, size, Lines(t, group).planes);
  }

  static HWY_NOINLINE void add_links(const PoolingLinks& links, const float* from, float* to) {
    const Tag<float> d;
    for (int64_t i = 0; i < links.size(); i++) {
      Vector<float> sum = hn::Zero(d);
      for (const auto *link = links.begin(i), *const end = links.begin(i + 1); link != end; link++)
        sum = hn::Add(sum, hn::Load(d, from + link->at));
      hn::Store(sum, d, to + i * N);
    }
  }

  const WindowAxes& w_;
  const Planes &x_, &y_;
  const Planes* indices_;
};

}  // namespace pooling_kernels
}  // namespace nc::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // NATIVECHAIN_CPU_POOLING_PLANES_INL_HPP_
