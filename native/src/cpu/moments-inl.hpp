// The kernels of moments.hpp.
#if defined(NATIVECHAIN_CPU_MOMENTS_INL_HPP_) == defined(HWY_TARGET_TOGGLE)
#ifdef NATIVECHAIN_CPU_MOMENTS_INL_HPP_
#undef NATIVECHAIN_CPU_MOMENTS_INL_HPP_
#else
#define NATIVECHAIN_CPU_MOMENTS_INL_HPP_
#endif

#include <algorithm>
#include <cstdint>
#include <vector>

#include "cpu/ahead-inl.hpp"
#include "cpu/floats-inl.hpp"
#include "cpu/moments.hpp"
#include "cpu/page.hpp"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace nc::cpu::HWY_NAMESPACE {
namespace normalization_kernels {

namespace hn = hwy::HWY_NAMESPACE;

using Plan = NormalizationPlan;

// Of `count` elements, given their sum and the sum of the squared differences from their rounded mean: what the
// rounding adds is known.
template <class T>
Moments moments_from(double count, double sum, T rounded, double squares) {
  const double rest = sum / count - rounded;
  return {count, sum / count, std::max(squares - count * rest * rest, 0.0)};
}

// A line of an operand, `at` elements from its set and row.
template <class T, int kUse>
HWY_INLINE const T* read(const Plan& plan, int operand, int64_t set, int64_t row, int64_t n, int64_t at = 0) {
  const int64_t step = plan.inner.steps[operand];
  const nc_dtype dtype = plan.dtype(operand);
  return read_line<T, kUse>(dtype, plan.bytes(operand, set, row) + at * step * dtype_size(dtype), step, n);
}

// f(vector) summed over n contiguous elements.
template <class T, class F>
HWY_NOINLINE T sum_over(const T* p, int64_t n, const F& f) {
  const Tag<T> d;
  constexpr int64_t N = kLanes<T>;
  Vector<T> s0 = hn::Zero(d), s1 = s0, s2 = s0, s3 = s0;
  int64_t i = 0;
  for (; i + 4 * N <= n; i += 4 * N) {
    s0 = hn::Add(s0, f(load(p + i)));
    s1 = hn::Add(s1, f(load(p + i + N)));
    s2 = hn::Add(s2, f(load(p + i + 2 * N)));
    s3 = hn::Add(s3, f(load(p + i + 3 * N)));
  }
  for (; i + N <= n; i += N) s0 = hn::Add(s0, f(load(p + i)));
  if (i < n) {
    const auto counts = hn::FirstN(d, static_cast<size_t>(n - i));
    s1 = hn::Add(s1, hn::IfThenElseZero(counts, f(load_tail(p + i, n - i, 0))));
  }
  return hn::GetLane(hn::SumOfLanes(d, hn::Add(hn::Add(s0, s1), hn::Add(s2, s3))));
}

template <class T>
T sum_of(const T* p, int64_t n) {
  return sum_over(p, n, [](Vector<T> v) HWY_ATTR { return v; });
}

// Of the differences from the mean.
template <class T>
T squares_of(const T* p, int64_t n, T mean) {
  const Vector<T> means = hn::Set(Tag<T>(), mean);
  return sum_over(p, n, [means](Vector<T> v) HWY_ATTR {
    const Vector<T> centred = hn::Sub(v, means);
    return hn::Mul(centred, centred);
  });
}

// The elements of block b of a set, as segments: body(first element, length).
template <class T, class Body>
HWY_INLINE void for_segments(const Plan& plan, const Blocks& blocks, int64_t set, int64_t b, const Body& body) {
  if (blocks.per_line > 1) {
    const int64_t begin = b % blocks.per_line * blocks.length, n = std::min(blocks.length, plan.inner.n - begin);
    if (n > 0) body(read<T, 0>(plan, Plan::kX, set, b / blocks.per_line, n, begin), n);
    return;
  }
  const int64_t end = std::min(plan.rows, (b + 1) * blocks.lines);
  for (int64_t row = b * blocks.lines; row < end; row++)
    body(read<T, 0>(plan, Plan::kX, set, row, plan.inner.n), plan.inner.n);
}

// Elements that lie one behind the other.
template <class T>
HWY_NOINLINE Moments moments_of_part(const T* p, int64_t n) {
  if (n == 0) return {};
  const double sum = sum_of(p, n), count = static_cast<double>(n);
  const T mean = static_cast<T>(sum / count);
  return moments_from(count, sum, mean, squares_of(p, n, mean));
}

template <class T>
HWY_NOINLINE Moments block_moments(const Plan& plan, const Blocks& blocks, int64_t set, int64_t b) {
  double sum = 0, count = 0;
  for_segments<T>(plan, blocks, set, b, [&](const T* p, int64_t n) HWY_ATTR {
    sum += sum_of(p, n);
    count += static_cast<double>(n);
  });
  if (count == 0) return {};
  const T mean = static_cast<T>(sum / count);
  double squares = 0;
  for_segments<T>(plan, blocks, set, b, [&](const T* p, int64_t n) HWY_ATTR { squares += squares_of(p, n, mean); });
  return moments_from(count, sum, mean, squares);
}

// Rows at once, whose elements are held in registers; rows whose moments are combined in T before they are in float64.
constexpr int kRows = 8;
constexpr int64_t kRowsInT = 64;

// Adds kCount vectors to the means and the squares that others have, a lane each; to none yet where `first`. Of those
// before and of these, `share` is what part these are, `weight` the harmonic sum of the two counts.
template <class T, int kCount, class At>
HWY_INLINE void add_vectors(const At& at, bool first, Vector<T> share, Vector<T> weight, T* means, T* squares) {
  const Tag<T> d;
  Vector<T> v[kCount], sums[kCount];
#pragma GCC unroll 8
  for (int k = 0; k < kCount; k++) sums[k] = v[k] = load(at(k));
#pragma GCC unroll 3
  for (int half = kCount / 2; half > 0; half /= 2) {
#pragma GCC unroll 4
    for (int k = 0; k < half; k++) sums[k] = hn::Add(sums[k], sums[k + half]);
  }
  const Vector<T> mean = hn::Mul(sums[0], hn::Set(d, T{1} / kCount));
  Vector<T> q = hn::Zero(d), q2 = q;
#pragma GCC unroll 8
  for (int k = 0; k < kCount; k++) {
    const Vector<T> centred = hn::Sub(v[k], mean);
    Vector<T>& to = k % 2 == 0 ? q : q2;
    to = hn::MulAdd(centred, centred, to);
  }
  q = hn::Add(q, q2);
  if (first) {
    hn::Store(mean, d, means);
    hn::Store(q, d, squares);
    return;
  }
  const Vector<T> old = hn::Load(d, means), delta = hn::Sub(mean, old);
  hn::Store(hn::MulAdd(delta, share, old), d, means);
  hn::Store(hn::MulAdd(hn::Mul(delta, weight), delta, hn::Add(q, hn::Load(d, squares))), d, squares);
}

template <class T>
HWY_INLINE Vector<T> share_of(int64_t before, int64_t more) {
  return hn::Set(Tag<T>(), static_cast<T>(more) / static_cast<T>(before + more));
}
template <class T>
HWY_INLINE Vector<T> weight_of(int64_t before, int64_t more) {
  return hn::Set(Tag<T>(), static_cast<T>(before * more) / static_cast<T>(before + more));
}

// Adds kCount rows to the means and the squares of n columns, whole vectors, that `before` rows have. Where rows follow
// each other evenly, those that come next lie `ahead` elements on, and are asked for before they are met.
template <class T, int kCount>
HWY_NOINLINE void add_rows(const T* const* rows, int64_t n, int64_t before, int64_t ahead, T* means, T* squares) {
  constexpr int64_t N = kLanes<T>;
  const Vector<T> share = share_of<T>(before, kCount), weight = weight_of<T>(before, kCount);
  for (int64_t i = 0; i < n; i += N) {
    if (ahead > 0) fetch_rows(rows[0] + ahead, ahead / kCount, i, n);
    add_vectors<T, kCount>([&](int k) { return rows[k] + i; }, before == 0, share, weight, means + i, squares + i);
  }
}

// The same of any n; the columns beyond the last whole vector are copied.
template <class T, int kCount>
HWY_NOINLINE void add_columns(const T* const* rows, int64_t n, int64_t before, int64_t ahead, T* means, T* squares) {
  constexpr int64_t N = kLanes<T>;
  const int64_t whole = n - n % N;
  add_rows<T, kCount>(rows, whole, before, ahead, means, squares);
  if (whole == n) return;
  HWY_ALIGN T lanes[kCount * N] = {};
  const T* tail[kCount];
#pragma GCC unroll 1
  for (int k = 0; k < kCount; k++) {
    std::copy(rows[k] + whole, rows[k] + n, lanes + k * N);
    tail[k] = lanes + k * N;
  }
  add_rows<T, kCount>(tail, N, before, 0, means + whole, squares + whole);
}

// A vector of doubles from p.
template <class T>
HWY_INLINE Vector<double> load_wide(const T* p) {
  if constexpr (std::is_same_v<T, double>) {
    return load(p);
  } else {
    return hn::PromoteTo(Tag<double>(), hn::LoadU(hn::Rebind<float, Tag<double>>(), p));
  }
}

// The means and the squares of n columns of `count` rows, with those of `more` others. Whole vectors are read and
// written.
template <class T>
HWY_NOINLINE void combine_columns(double* means, double* squares, const T* means2, const T* squares2, int64_t n,
                                  int64_t count, int64_t more) {
  const Tag<double> d;
  const double total = static_cast<double>(count + more);
  const Vector<double> share = hn::Set(d, static_cast<double>(more) / total);
  const Vector<double> weight = hn::Set(d, static_cast<double>(count) * static_cast<double>(more) / total);
  for (int64_t i = 0; i < n; i += kLanes<double>) {
    const Vector<double> mean = load_wide(means2 + i), q = load_wide(squares2 + i);
    if (count == 0) {
      store(mean, means + i);
      store(q, squares + i);
      continue;
    }
    const Vector<double> old = load(means + i), delta = hn::Sub(mean, old);
    store(hn::MulAdd(delta, share, old), means + i);
    store(hn::MulAdd(hn::Mul(delta, weight), delta, hn::Add(q, load(squares + i))), squares + i);
  }
}

template <class T>
HWY_NOINLINE void moments_of_rows(const Plan& plan, int64_t outer, int64_t column, int64_t n, int64_t first,
                                  int64_t count, int64_t side, double* means, double* squares) {
  constexpr int64_t kStride = (kColumns + kLanes<T>) * static_cast<int64_t>(sizeof(T)) + kPageBytes;
  HWY_ALIGN char buffers[2 * kStride];
  const nc_dtype dtype = plan.dtype(Plan::kX);
  const int64_t along = plan.inner.steps[Plan::kX], step = plan.row_step(Plan::kX) * side;
  const bool lies = plan.lies<T>(Plan::kX), large = lies && plan.sets * plan.rows >= kLarge;
  const auto row = [&](int k, int64_t r) -> const T* {
    const char* const p = plan.bytes(Plan::kX, outer, first + r * side) + column * along * nc::dtype_size(dtype);
    if (lies) return reinterpret_cast<const T*>(p);
    T* const line = lane_buffer<T, 8>(kRows * kColumns) + k * kColumns;
    widen(dtype, p, along, n, line);
    return line;
  };
  const T* const rows = row(0, 0);
  T* const m = reinterpret_cast<T*>(beside(buffers, rows, kPageBytes / 2));
  T* const q = reinterpret_cast<T*>(beside(buffers + kStride, rows, kPageBytes / 4));
  for (int64_t begin = 0; begin < count; begin += kRowsInT) {
    const int64_t end = std::min(count, begin + kRowsInT);
    int64_t r = begin;
    for (; r + kRows <= end; r += kRows) {
      const T* eight[kRows];
#pragma GCC unroll 1
      for (int k = 0; k < kRows; k++) eight[k] = row(k, r + k);
      const bool more = large && first + (r + 2 * kRows) * side <= plan.rows;
      add_columns<T, kRows>(eight, n, r - begin, more ? kRows * step : 0, m, q);
    }
    for (; r < end; r++) {
      const T* const one = row(0, r);
      add_columns<T, 1>(&one, n, r - begin, 0, m, q);
    }
    combine_columns(means, squares, m, q, n, begin, end - begin);
  }
}

// The moments of kPlaces segments, side by side. Their lanes are the columns of rows of a vector each.
template <class T>
HWY_NOINLINE void moments_of_segments(const void* const* segments, const int64_t* lengths, Moments* moments) {
  constexpr int64_t N = kLanes<T>, kWide = kPlaces * N, kGroup = kRows * N, kGroups = kRowsInT / kRows;
  HWY_ALIGN T m[kWide + kLanes<double>];
  HWY_ALIGN T q[kWide + kLanes<double>];
  HWY_ALIGN double means[kWide + kLanes<double>];
  HWY_ALIGN double squares[kWide + kLanes<double>];
  const int64_t groups = *std::min_element(lengths, lengths + kPlaces) / kGroup;
  for (int64_t begin = 0; begin < groups; begin += kGroups) {
    const int64_t end = std::min(groups, begin + kGroups);
    for (int64_t g = begin; g < end; g++) {
      const int64_t before = (g - begin) * kRows;
      const Vector<T> share = share_of<T>(before, kRows), weight = weight_of<T>(before, kRows);
#pragma GCC unroll 1
      for (int k = 0; k < kPlaces; k++) {
        const T* const x = static_cast<const T*>(segments[k]) + g * kGroup;
        add_vectors<T, kRows>([x](int j) { return x + j * N; }, before == 0, share, weight, m + k * N, q + k * N);
      }
    }
    combine_columns(means, squares, m, q, kWide, begin * kRows, (end - begin) * kRows);
  }
#pragma GCC unroll 1
  for (int k = 0; k < kPlaces; k++) {
    moments[k] = {};
    if (groups > 0) {
      double *const mean = means + k * N, *const square = squares + k * N;
      int64_t count = groups * kRows;
      for (int64_t half = N / 2; half > 0; half /= 2, count *= 2)
        combine_columns(mean, square, mean + half, square + half, half, count, count);
      moments[k] = {static_cast<double>(count), mean[0], square[0]};
    }
    const T* const rest = static_cast<const T*>(segments[k]) + groups * kGroup;
    moments[k].add(moments_of_part(rest, lengths[k] - groups * kGroup));
  }
}

template <class T>
constexpr MomentKernels kMomentKernels = {kComputeDtype<T>, moments_of_segments<T>, block_moments<T>,
                                          moments_of_rows<T>, combine_columns<double>};

}  // namespace normalization_kernels
}  // namespace nc::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // NATIVECHAIN_CPU_MOMENTS_INL_HPP_
