// Normalization. The axes are put in the order of memory and merged. Where the innermost one is reduced, as in (N, C, H
// W) over N, H and W or in (N, D) over D, the kernels go through lines of elements that are normalized together; where
// it is not, as in (N, D) over N, through rows of which each element belongs to another set. What fits neither goes to
// the plain loops.
#include "cpu/normalization.hpp"

#include <cmath>
#include <vector>

#include "core/backend.hpp"
#include "core/element.hpp"
#include "core/thread_pool.hpp"
#include "cpu/stream.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/normalization.cpp"
// clang-format off
#include "cpu/highway.hpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "cpu/floats-inl.hpp"
#include "cpu/moments-inl.hpp"
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace nc::cpu::HWY_NAMESPACE {
namespace normalization_kernels {

namespace hn = hwy::HWY_NAMESPACE;

// Elements worth a second thread.
constexpr int64_t kChunk = 16384;
// Columns and rows that are taken together where the innermost axis is not reduced.
constexpr int64_t kTile = 512;
constexpr int64_t kTileRows = 32;

// Which of the thread's buffers holds a line that cannot be read where it lies.
template <int kUse>
using Use = std::integral_constant<int, kUse>;

// Calls body(line) with the line of an operand to write.
template <class T, int kUse, class Body>
HWY_INLINE void write(const Plan& plan, int operand, int64_t set, int64_t row, int64_t n, int64_t at,
                      const Body& body) {
  const int64_t step = plan.inner.steps[operand];
  const nc_dtype dtype = plan.dtype(operand);
  char* const to = plan.bytes(operand, set, row) + at * step * dtype_size(dtype);
  T* const line = begin_line<T, kUse>(dtype, to, step, n);
  body(line);
  end_line(dtype, line, to, step, n);
}

// y of one line, given the statistics of its set.
template <class T>
HWY_INLINE void normalize_line(const Plan& plan, int64_t set, int64_t row, T mean, T inverse) {
  const Tag<T> d;
  constexpr int64_t N = kLanes<T>;
  const int64_t n = plan.inner.n;
  const T* const x = read<T, 0>(plan, Plan::kX, set, row, n);
  const Vector<T> means = hn::Set(d, mean), inverses = hn::Set(d, inverse);
  if (plan.inner.steps[Plan::kGamma] == 0 && plan.inner.steps[Plan::kBeta] == 0) {
    const T gamma = plan.has(Plan::kGamma) ? plan.value<T>(Plan::kGamma, set, row) : 1;
    const T beta = plan.has(Plan::kBeta) ? plan.value<T>(Plan::kBeta, set, row) : 0;
    const Vector<T> scales = hn::Set(d, inverse * gamma), shifts = hn::Set(d, beta);
    write<T, 1>(plan, Plan::kY, set, row, n, 0, [&](T* y) HWY_ATTR {
      for_vectors(n, N, [&](int64_t i, int64_t count) HWY_ATTR {
        store_at(hn::MulAdd(hn::Sub(load_at(x, i, count, 0), means), scales, shifts), y, i, count);
      });
    });
  } else {
    const auto factor = [&]<int kUse>(Use<kUse>, int operand, T absent) -> const T* {
      if (plan.has(operand) && plan.inner.steps[operand] != 0) return read<T, kUse>(plan, operand, set, row, n);
      T* const buffer = lane_buffer<T, kUse>(n);
      std::fill(buffer, buffer + n, plan.has(operand) ? plan.value<T>(operand, set, row) : absent);
      return buffer;
    };
    const T* const gamma = factor(Use<5>(), Plan::kGamma, 1);
    const T* const beta = factor(Use<6>(), Plan::kBeta, 0);
    write<T, 1>(plan, Plan::kY, set, row, n, 0, [&](T* y) HWY_ATTR {
      for_vectors(n, N, [&](int64_t i, int64_t count) HWY_ATTR {
        const Vector<T> scales = hn::Mul(inverses, load_at(gamma, i, count, 0));
        store_at(hn::MulAdd(hn::Sub(load_at(x, i, count, 0), means), scales, load_at(beta, i, count, 0)), y, i, count);
      });
    });
  }
}

template <class T>
void forward_lines(const Plan& plan, double eps) {
  const Blocks blocks(plan, kBlock);
  const int64_t size = plan.rows * plan.inner.n;
  const auto finish = [&](int64_t set, const Moments& m, T* mean, T* inverse) {
    const double variance = m.squares / m.count;
    *mean = static_cast<T>(m.mean);
    *inverse = static_cast<T>(1 / std::sqrt(variance + eps));
    plan.put(Plan::kMean, set, m.mean);
    plan.put(Plan::kVariance, set, variance);
  };
  // Whole sets where there are many, which are normalized while they are in the cache.
  if (plan.sets >= 16 || size <= kChunk) {
    const int64_t group = std::max<int64_t>(1, kChunk / std::max<int64_t>(size, 1));
    parallel_for((plan.sets + group - 1) / group, [&](int64_t chunk) HWY_ATTR {
      for (int64_t set = chunk * group; set < std::min(plan.sets, (chunk + 1) * group); set++) {
        Moments m;
        for (int64_t b = 0; b < blocks.count; b++) m.add(block_moments<T>(plan, blocks, set, b));
        T mean, inverse;
        finish(set, m, &mean, &inverse);
        for (int64_t row = 0; row < plan.rows; row++) normalize_line<T>(plan, set, row, mean, inverse);
      }
    });
    return;
  }
  std::vector<T> means(static_cast<size_t>(plan.sets)), inverses(means);
  moments_of_lines(kMomentKernels<T>, plan, [&](int64_t set, const Moments& m) {
    finish(set, m, &means[static_cast<size_t>(set)], &inverses[static_cast<size_t>(set)]);
  });
  const int64_t group = std::max<int64_t>(1, kChunk / std::max<int64_t>(plan.inner.n, 1));
  const int64_t lines = plan.sets * plan.rows;
  parallel_for((lines + group - 1) / group, [&](int64_t chunk) HWY_ATTR {
    for (int64_t line = chunk * group; line < std::min(lines, (chunk + 1) * group); line++) {
      const size_t set = static_cast<size_t>(line / plan.rows);
      normalize_line<T>(plan, line / plan.rows, line % plan.rows, means[set], inverses[set]);
    }
  });
}

// Tiles of columns, and chunks of the rows of each.
struct Tiles {
  int64_t per_row, chunk_rows, chunks;

  explicit Tiles(const Plan& plan) {
    per_row = (plan.inner.n + kTile - 1) / kTile;
    const int64_t width = std::min(plan.inner.n, kTile);
    chunk_rows = std::max<int64_t>(kTileRows, 4 * kChunk / width / kTileRows * kTileRows);
    chunks = std::max<int64_t>((plan.rows + chunk_rows - 1) / chunk_rows, 1);
  }
};

// Calls body(outer set, tile, chunk, first column, width, first row, last row).
template <class Body>
void for_tiles(const Plan& plan, const Tiles& tiles, const Body& body) {
  const int64_t outer = plan.sets / plan.inner.n;
  parallel_for(outer * tiles.per_row * tiles.chunks, [&](int64_t i) {
    const int64_t chunk = i % tiles.chunks, tile = i / tiles.chunks % tiles.per_row;
    const int64_t column = tile * kTile, row = chunk * tiles.chunk_rows;
    body(i / tiles.chunks / tiles.per_row, chunk, column, std::min(kTile, plan.inner.n - column), row,
         std::min(plan.rows, row + tiles.chunk_rows));
  });
}

template <class T>
void forward_rows(const Plan& plan, double eps) {
  constexpr int64_t N = kLanes<T>;
  std::vector<T> centres(static_cast<size_t>(plan.sets + N)), inverses(centres), shifts(centres);
  moments_of_columns(
      kMomentKernels<T>, plan, [&](int64_t first, int64_t n, const double* means, const double* squares) {
        for (int64_t i = 0; i < n; i++) {
          const int64_t set = first + i;
          const double variance = squares[i] / static_cast<double>(plan.rows);
          const double gamma = plan.has(Plan::kGamma) ? plan.set_value<double>(Plan::kGamma, set) : 1;
          plan.put(Plan::kMean, set, means[i]);
          plan.put(Plan::kVariance, set, variance);
          centres[static_cast<size_t>(set)] = static_cast<T>(means[i]);
          inverses[static_cast<size_t>(set)] = static_cast<T>(gamma / std::sqrt(variance + eps));
          shifts[static_cast<size_t>(set)] = plan.has(Plan::kBeta) ? plan.set_value<T>(Plan::kBeta, set) : T{0};
        }
      });
  const Tiles tiles(plan);
  for_tiles(plan, tiles, [&](int64_t outer, int64_t, int64_t column, int64_t n, int64_t begin, int64_t end) HWY_ATTR {
    const size_t at = static_cast<size_t>(outer * plan.inner.n + column);
    const T *const mean = &centres[at], *const scale = &inverses[at], *const shift = &shifts[at];
    for (int64_t row = begin; row < end; row++) {
      const T* const x = read<T, 0>(plan, Plan::kX, outer, row, n, column);
      write<T, 1>(plan, Plan::kY, outer, row, n, column, [&](T* y) HWY_ATTR {
        for_vectors(n, N, [&](int64_t i, int64_t k) HWY_ATTR {
          const Vector<T> centred = hn::Sub(load_at(x, i, k, 0), load_at(mean, i, k, 0));
          store_at(hn::MulAdd(centred, load_at(scale, i, k, 0), load_at(shift, i, k, 0)), y, i, k);
        });
      });
    }
  });
}

// The mean and the variance of every set, and no y.
template <class T>
void statistics(const Plan& plan) {
  if (plan.inner.kept) {
    moments_of_columns(kMomentKernels<T>, plan,
                       [&](int64_t first, int64_t n, const double* means, const double* squares) {
                         plan.put_run(Plan::kMean, first, n, means, 1);
                         plan.put_run(Plan::kVariance, first, n, squares, static_cast<double>(plan.rows));
                       });
  } else {
    moments_of_lines(kMomentKernels<T>, plan, [&](int64_t set, const Moments& m) {
      plan.put(Plan::kMean, set, m.mean);
      plan.put(Plan::kVariance, set, m.squares / m.count);
    });
  }
}

// The sums of gy and of gy * x_hat over a line, gy times gamma where that goes along it.
template <class T>
struct LineSums {
  T gy = 0, product = 0;
};

// The sums of gy and of gy (x - mean), lane by lane.
template <class T>
struct LaneSums {
  Vector<T> gy, product;

  HWY_INLINE void add_line(const T* x, const T* of_gy, int64_t n, Vector<T> means) {
    constexpr int64_t N = kLanes<T>;
    Vector<T> s0 = gy, s1 = hn::Zero(Tag<T>()), p0 = product, p1 = s1;
    int64_t i = 0;
    for (; i + 2 * N <= n; i += 2 * N) {
      const Vector<T> g0 = load(of_gy + i), g1 = load(of_gy + i + N);
      s0 = hn::Add(s0, g0);
      s1 = hn::Add(s1, g1);
      p0 = hn::MulAdd(g0, hn::Sub(load(x + i), means), p0);
      p1 = hn::MulAdd(g1, hn::Sub(load(x + i + N), means), p1);
    }
    for_vectors(n - i, N, [&](int64_t j, int64_t left) HWY_ATTR {
      // Lanes beyond the line hold a gradient of 0.
      const Vector<T> g = load_at(of_gy, i + j, left, 0);
      s0 = hn::Add(s0, g);
      p0 = hn::MulAdd(g, hn::Sub(load_at(x, i + j, left, 0), means), p0);
    });
    gy = hn::Add(s0, s1);
    product = hn::Add(p0, p1);
  }
};

template <class T>
HWY_INLINE LineSums<T> line_sums(const T* x, const T* gy, const T* gamma, T mean, T inverse, int64_t n) {
  const Tag<T> d;
  constexpr int64_t N = kLanes<T>;
  const Vector<T> means = hn::Set(d, mean);
  LaneSums<T> sums{hn::Zero(d), hn::Zero(d)};
  if (!gamma) {
    sums.add_line(x, gy, n, means);
  } else {
    for_vectors(n, N, [&](int64_t i, int64_t count) HWY_ATTR {
      const Vector<T> g = hn::Mul(load_at(gy, i, count, 0), load_at(gamma, i, count, 0));
      sums.gy = hn::Add(sums.gy, g);
      sums.product = hn::MulAdd(g, hn::Sub(load_at(x, i, count, 0), means), sums.product);
    });
  }
  return {hn::GetLane(hn::SumOfLanes(d, sums.gy)), hn::GetLane(hn::SumOfLanes(d, sums.product)) * inverse};
}

// Elements of a line of the cache.
template <class T>
constexpr int64_t kLine = kLineBytes / static_cast<int64_t>(sizeof(T));

// Lanes of a sum that is still to be added up.
template <class T>
constexpr int64_t kPart = std::min<int64_t>(kLanes<T>, 4);

template <class D>
HWY_INLINE void store_part(D d, hn::Vec<D> v, hn::TFromD<D>* to) {
  if constexpr (hn::MaxLanes(D()) <= 4) {
    hn::Store(v, d, to);
  } else {
    const hn::Half<D> half;
    store_part(half, hn::Add(hn::LowerHalf(half, v), hn::UpperHalf(half, v)), to);
  }
}

// The sums of as many lines as a vector has lanes, of kPart lanes each.
template <class T>
HWY_INLINE Vector<T> add_parts(const T* parts) {
  const Tag<T> d;
  Vector<T> v[4];
  if constexpr (kPart<T> == 4) {
    hn::LoadInterleaved4(d, parts, v[0], v[1], v[2], v[3]);
    return hn::Add(hn::Add(v[0], v[1]), hn::Add(v[2], v[3]));
  } else {
    static_assert(kPart<T> == 2);
    hn::LoadInterleaved2(d, parts, v[0], v[1]);
    return hn::Add(v[0], v[1]);
  }
}

// gx = gy gamma scale + shift + (x - mean) slope
template <class T>
struct Slope {
  T mean, scale, shift, slope;

  HWY_INLINE void write_line(const T* x, const T* gy, const T* gamma, int64_t n, T* gx, bool large) const {
    const Tag<T> d;
    const Vector<T> means = hn::Set(d, mean), scales = hn::Set(d, scale), shifts = hn::Set(d, shift);
    const Vector<T> slopes = hn::Set(d, slope);
    const bool streams = large && streams_to(gx);
    for_vectors(n, kLanes<T>, [&](int64_t i, int64_t count) HWY_ATTR {
      Vector<T> g = load_at(gy, i, count, 0);
      if (gamma) g = hn::Mul(g, load_at(gamma, i, count, 0));
      const Vector<T> centred = hn::Sub(load_at(x, i, count, 0), means);
      stream_at(hn::MulAdd(centred, slopes, hn::MulAdd(g, scales, shifts)), gx, i, count, streams);
    });
  }
};

// Lines that follow each other at one distance.
template <class T>
struct Run {
  T* first;
  int64_t step;
  T* line(int64_t i) const { return first + i * step; }
};

// What is asked for ahead: the elements so far on, where lines follow each other, and the lines that will be written.
struct Ahead {
  int64_t read = 0;
  bool write = false;
};

// Of kCount lines, kPart lanes each of the sums of gy gamma and of gy gamma (x - mean); gy and gy x_hat are added to
// gbeta and ggamma column by column, of which an element is loaded and stored once for all lines.
template <class T, int kCount>
HWY_INLINE void column_sums(Run<const T> x, Run<const T> gy, Run<T> gx, const T* gamma, const T* mean, const T* inverse,
                            T* gbeta, T* ggamma, int64_t n, Ahead ahead, T* sums, T* products) {
  const Tag<T> d;
  constexpr int64_t N = kLanes<T>;
  Vector<T> means[kCount], inverses[kCount], s[kCount], p[kCount];
#pragma GCC unroll 4
  for (int l = 0; l < kCount; l++) {
    means[l] = hn::Set(d, mean[l]);
    inverses[l] = hn::Set(d, inverse[l]);
    s[l] = p[l] = hn::Zero(d);
  }
  const auto columns = [&](int64_t i, int64_t count) HWY_ATTR __attribute__((always_inline)) {
    Vector<T> to_gamma = load_at(ggamma, i, count, 0), to_beta = load_at(gbeta, i, count, 0);
    const Vector<T> factors = load_at(gamma, i, count, 0);
    if (kCount > 1 && ahead.read > 0) {
      // In the order of memory: several lines of less than a page at once are no stream that the hardware foresees.
#pragma GCC unroll 4
      for (int l = 0; l < kCount; l++) {
        __builtin_prefetch(x.first + ahead.read + kCount * i + l * N, 0, 2);
        __builtin_prefetch(gy.first + ahead.read + kCount * i + l * N, 0, 2);
        if (ahead.write) __builtin_prefetch(gx.first + kCount * i + l * N, 1, 3);
      }
    }
#pragma GCC unroll 4
    for (int l = 0; l < kCount; l++) {
      // Lanes beyond the line hold a gradient of 0.
      Vector<T> g = load_at(gy.line(l), i, count, 0);
      const Vector<T> centred = hn::Sub(load_at(x.line(l), i, count, 0), means[l]);
      to_gamma = hn::MulAdd(g, hn::Mul(centred, inverses[l]), to_gamma);
      to_beta = hn::Add(g, to_beta);
      g = hn::Mul(g, factors);
      s[l] = hn::Add(s[l], g);
      p[l] = hn::MulAdd(g, centred, p[l]);
    }
    store_at(to_gamma, ggamma, i, count);
    store_at(to_beta, gbeta, i, count);
  };
  for_vectors(n, N, columns);
#pragma GCC unroll 4
  for (int l = 0; l < kCount; l++) {
    store_part(d, s[l], sums + l * kPart<T>);
    store_part(d, p[l], products + l * kPart<T>);
  }
}

// Of one line.
template <class T>
HWY_NOINLINE void column_sums(const T* x, const T* gy, const T* gamma, const T* mean, const T* inverse, T* gbeta,
                              T* ggamma, int64_t n, T* sums, T* products) {
  column_sums<T, 1>({x, 0}, {gy, 0}, {}, gamma, mean, inverse, gbeta, ggamma, n, {}, sums, products);
}

// Lines of a set each that share factors along them: layer normalization. A block of lines is taken at a time: its
// second pass finds it in the first-level cache, and what is paid once a line is paid by vectors of lines.
template <class T>
class SharedFactors {
 public:
  // Whether all lies in memory as it is computed.
  static bool fits(const Plan& plan) {
    const bool shared = !plan.has(Plan::kGamma) || (plan.lies<T>(Plan::kGamma) && plan.kept_step(Plan::kGamma) == 0);
    return plan.rows == 1 && plan.one_kept() && plan.factor_size == plan.inner.n && shared && plan.lies<T>(Plan::kX) &&
           plan.lies<T>(Plan::kY) && (!plan.has(Plan::kGX) || plan.lies<T>(Plan::kGX));
  }

  SharedFactors(const Plan& plan, double eps) : plan_(plan), n_(plan.inner.n), eps_(static_cast<T>(eps)) {
    const int64_t line = n_ * static_cast<int64_t>(sizeof(T)), total = 3 * plan.sets * line;
    lines_ = std::clamp<int64_t>(kBlockBytes / (2 * line) / 2 * 2, 2, kLines);
    writes_ = plan.has(Plan::kGX);
    streams_ = writes_ && cpu::streams(total);
    const bool follow = plan.kept_step(Plan::kX) == n_ && plan.kept_step(Plan::kY) == n_;
    if (follow && total >= kFar) ahead_ = {lines_ * n_, writes_ && !streams_ && plan.kept_step(Plan::kGX) == n_};
    if (plan.has(Plan::kGamma)) {
      gamma_ = plan.element<const T>(Plan::kGamma);
    } else {
      T* const ones = lane_buffer<T, 5>(n_);
      std::fill(ones, ones + n_, T{1});
      gamma_ = ones;
    }
  }

  // gx of the lines [begin, end); their part of the factors' gradients is added to ggamma and gbeta.
  void write(int64_t begin, int64_t end, T* ggamma, T* gbeta) const {
    for (int64_t line = begin; line < end; line += lines_)
      write_block(line, std::min(lines_, end - line), ggamma, gbeta);
  }

 private:
  static constexpr int64_t N = kLanes<T>;
  static constexpr int64_t kLines = 16;
  static constexpr int64_t kBlockBytes = 16384;      // of x and gy
  static constexpr int64_t kFar = int64_t{4} << 20;  // bytes of all that the second-level cache does not hold

  template <class E>
  Run<E> run(int operand, int64_t line) const {
    return {plan_.element<E>(operand, line), plan_.kept_step(operand)};
  }

  HWY_INLINE void write_block(int64_t first, int64_t count, T* ggamma, T* gbeta) const {
    const Tag<T> d;
    HWY_ALIGN T mean[kLines], inverse[kLines], shift[kLines], slope[kLines];
    HWY_ALIGN T sums[kLines * kPart<T>] = {}, products[kLines * kPart<T>] = {};
    const auto take = [&](int operand, T* to) HWY_ATTR {
      const nc_dtype dtype = plan_.dtype(operand);
      const int64_t step = plan_.kept_step(operand);
      const T* const from = read_line<T, 6>(dtype, plan_.bytes(operand, first, 0), step, count);
      std::fill(std::copy(from, from + count, to), to + kLines, T{1});
    };
    take(Plan::kMean, mean);
    take(Plan::kVariance, inverse);
    for (int64_t l = 0; l < count; l += N) {
      const Vector<T> deviation = hn::Sqrt(hn::Add(hn::Load(d, inverse + l), hn::Set(d, eps_)));
      hn::Store(hn::Div(hn::Set(d, T{1}), deviation), d, inverse + l);
    }
    const Run<const T> x = run<const T>(Plan::kX, first), gy = run<const T>(Plan::kY, first);
    const Run<T> gx = writes_ ? run<T>(Plan::kGX, first) : Run<T>{};
    for (int64_t l = 0; l < count; l += 2) {
      T *const sum = sums + l * kPart<T>, *const product = products + l * kPart<T>;
      if (l + 1 < count) {
        column_sums<T, 2>({x.line(l), x.step}, {gy.line(l), gy.step}, {gx.line(l), gx.step}, gamma_, mean + l,
                          inverse + l, gbeta, ggamma, n_, ahead_, sum, product);
      } else {
        column_sums(x.line(l), gy.line(l), gamma_, mean + l, inverse + l, gbeta, ggamma, n_, sum, product);
      }
    }
    if (!writes_) return;
    const Vector<T> share = hn::Set(d, T{-1} / static_cast<T>(n_));
    for (int64_t l = 0; l < count; l += N) {
      const Vector<T> inverses = hn::Load(d, inverse + l), scaled = hn::Mul(inverses, share);
      const Vector<T> product = hn::Mul(add_parts(products + l * kPart<T>), inverses);
      hn::Store(hn::Mul(add_parts(sums + l * kPart<T>), scaled), d, shift + l);
      hn::Store(hn::Mul(hn::Mul(product, inverses), scaled), d, slope + l);
    }
    for (int64_t l = 0; l < count; l++)
      Slope<T>{mean[l], inverse[l], shift[l], slope[l]}.write_line(x.line(l), gy.line(l), gamma_, n_, gx.line(l),
                                                                   streams_);
    if (streams_) hwy::FlushStream();
  }

  const Plan& plan_;
  int64_t n_, lines_;
  T eps_;
  const T* gamma_;
  bool writes_, streams_;
  Ahead ahead_;
};

// Sets of one gamma each: batch normalization. Neighbouring sets of few elements are taken together, row by row in the
// order of memory: the short lines of one lie far apart, in few sets of the caches.
template <class T>
class SetsTogether {
 public:
  // Whether all lies in memory as it is computed.
  static bool fits(const Plan& plan) {
    return !plan.factors_along && !plan.factors_by_row && (!plan.has(Plan::kGamma) || plan.one_of_set(Plan::kGamma)) &&
           plan.lies<T>(Plan::kX) && plan.lies<T>(Plan::kY) && (!plan.has(Plan::kGX) || plan.lies<T>(Plan::kGX));
  }

  SetsTogether(const Plan& plan, double eps) : plan_(plan), n_(plan.inner.n), eps_(eps) {
    const int64_t size = plan.rows * n_;
    sets_ = std::clamp<int64_t>(kElements / size, 1, kSets);
    rows_ = std::max<int64_t>(1, kSummed / n_);
    writes_ = plan.has(Plan::kGX);
    streams_ = writes_ && cpu::streams(3 * plan.sets * size * static_cast<int64_t>(sizeof(T)));
  }

  int64_t chunks() const { return (plan_.sets + sets_ - 1) / sets_; }

  // gx of the sets of a chunk, and of each set the gradients of its factors.
  void write(int64_t chunk, double* ggamma, double* gbeta) const {
    const int64_t first = chunk * sets_, count = std::min(sets_, plan_.sets - first);
    const T *x[kSets], *gy[kSets];
    T mean[kSets];
    for (int64_t c = 0; c < count; c++) {
      x[c] = plan_.element<const T>(Plan::kX, first + c);
      gy[c] = plan_.element<const T>(Plan::kY, first + c);
      mean[c] = plan_.set_value<T>(Plan::kMean, first + c);
      ggamma[first + c] = gbeta[first + c] = 0;
    }
    for (int64_t row = 0; row < plan_.rows; row += rows_)
      add_rows(row, std::min(plan_.rows, row + rows_), count, x, gy, mean, ggamma + first, gbeta + first);
    const double m = static_cast<double>(plan_.rows * n_);
    T* gx[kSets];
    Slope<T> slopes[kSets];
    for (int64_t c = 0; c < count; c++) {
      const int64_t set = first + c;
      const double inverse = 1 / std::sqrt(plan_.set_value<double>(Plan::kVariance, set) + eps_);
      const double gamma = plan_.has(Plan::kGamma) ? plan_.value<double>(Plan::kGamma, set, 0) : 1;
      ggamma[set] *= inverse;
      if (!writes_) continue;
      gx[c] = plan_.element<T>(Plan::kGX, set);
      slopes[c] = {mean[c], static_cast<T>(inverse * gamma), static_cast<T>(-inverse * gamma * gbeta[set] / m),
                   static_cast<T>(-inverse * inverse * gamma * ggamma[set] / m)};
    }
    for (int64_t row = 0; writes_ && row < plan_.rows; row++) {
      const int64_t of_x = plan_.row_offset(Plan::kX, row), of_gy = plan_.row_offset(Plan::kY, row);
      const int64_t of_gx = plan_.row_offset(Plan::kGX, row);
      for (int64_t c = 0; c < count; c++)
        slopes[c].write_line(x[c] + of_x, gy[c] + of_gy, nullptr, n_, gx[c] + of_gx, streams_);
    }
    if (streams_) hwy::FlushStream();
  }

 private:
  static constexpr int64_t N = kLanes<T>;
  static constexpr int64_t kSets = 64;         // at most
  static constexpr int64_t kElements = 32768;  // of the sets taken together
  static constexpr int64_t kSummed = 2048;     // of a set, before they are added up in float64

  // Rows [begin, end) of `count` sets.
  HWY_INLINE void add_rows(int64_t begin, int64_t end, int64_t count, const T* const* x, const T* const* gy,
                           const T* mean, double* ggamma, double* gbeta) const {
    const Tag<T> d;
    HWY_ALIGN T sums[kSets * N], products[kSets * N];
    std::fill(sums, sums + count * N, T{0});
    std::fill(products, products + count * N, T{0});
    for (int64_t row = begin; row < end; row++) {
      const int64_t of_x = plan_.row_offset(Plan::kX, row), of_gy = plan_.row_offset(Plan::kY, row);
      for (int64_t c = 0; c < count; c++) {
        LaneSums<T> lanes{hn::Load(d, sums + c * N), hn::Load(d, products + c * N)};
        lanes.add_line(x[c] + of_x, gy[c] + of_gy, n_, hn::Set(d, mean[c]));
        hn::Store(lanes.gy, d, sums + c * N);
        hn::Store(lanes.product, d, products + c * N);
      }
    }
    for (int64_t c = 0; c < count; c++) {
      gbeta[c] += hn::GetLane(hn::SumOfLanes(d, hn::Load(d, sums + c * N)));
      ggamma[c] += hn::GetLane(hn::SumOfLanes(d, hn::Load(d, products + c * N)));
    }
  }

  const Plan& plan_;
  int64_t n_, sets_, rows_;  // sets taken together, and their rows before a sum
  double eps_;
  bool writes_, streams_;
};

template <class T>
void backward_lines(const Plan& plan, double eps) {
  const int64_t n = plan.inner.n, lines = plan.sets * plan.rows;
  const bool along = plan.has(Plan::kGamma) && plan.inner.steps[Plan::kGamma] != 0;
  const bool columns = plan.factors_along;  // the gradients of the factors have an element for each of a line
  const auto gamma_of = [&](int64_t set, int64_t row) -> const T* {
    return along ? read<T, 5>(plan, Plan::kGamma, set, row, n) : nullptr;
  };
  // Lines in up to 16 chunks, each with sums of its own for every column.
  const int64_t factor_size = columns ? plan.factor_size : 0;
  const int64_t room = (factor_size + kLine<T> - 1) / kLine<T> * kLine<T>;  // of them, with each chunk's aligned
  const int64_t least = std::max<int64_t>(1, kChunk / std::max<int64_t>(n, 1));
  const int64_t group = columns ? std::max(least, (lines + 15) / 16) : least;
  const int64_t chunks = (lines + group - 1) / group;
  T* const partial = columns ? lane_buffer<T, 7>(2 * room * chunks) : nullptr;
  const auto begin_chunk = [&](int64_t chunk) {
    T* const of_chunk = partial + 2 * room * chunk;
    std::fill(of_chunk, of_chunk + 2 * room, T{0});
    return of_chunk;
  };
  // ggamma and gbeta of the chunks.
  const auto add_chunks = [&] {
    constexpr int64_t kShare = 256;
    parallel_for((factor_size + kShare - 1) / kShare, [&](int64_t share) HWY_ATTR {
      const int64_t begin = share * kShare, count = std::min(kShare, factor_size - begin);
      double ggamma[kShare] = {}, gbeta[kShare] = {};
      for (int64_t chunk = 0; chunk < chunks; chunk++) {
        const T* const of_gamma = partial + 2 * room * chunk + begin;
        for (int64_t i = 0; i < count; i++) ggamma[i] += of_gamma[i];
        for (int64_t i = 0; i < count; i++) gbeta[i] += of_gamma[room + i];
      }
      for (int64_t i = 0; i < count; i++) plan.put_factor((begin + i) / n, (begin + i) % n, ggamma[i], gbeta[i]);
    });
  };
  if (columns && SharedFactors<T>::fits(plan)) {
    const SharedFactors<T> shared(plan, eps);
    parallel_for(chunks, [&](int64_t chunk) HWY_ATTR {
      T* const ggamma = begin_chunk(chunk);
      shared.write(chunk * group, std::min(lines, (chunk + 1) * group), ggamma, ggamma + room);
    });
    return add_chunks();
  }
  // ggamma and gbeta where a line has one of them: add(set, row, ggamma, gbeta) adds a line's, of `rows` lines a set.
  const auto add_lines = [&](int64_t rows, const auto& add) {
    if (!plan.has(Plan::kGGamma) && !plan.has(Plan::kGBeta)) return;
    std::vector<double> ggamma(static_cast<size_t>(plan.factor_size)), gbeta(ggamma);
    for (int64_t set = 0; set < plan.sets; set++) {
      size_t to = static_cast<size_t>(plan.factor_index(set, 0));
      for (int64_t row = 0; row < rows; row++) {
        if (plan.factors_by_row) to = static_cast<size_t>(plan.factor_index(set, row));
        add(set, row, ggamma[to], gbeta[to]);
      }
    }
    for (size_t i = 0; i < ggamma.size(); i++) plan.put_factor(static_cast<int64_t>(i), 0, ggamma[i], gbeta[i]);
  };
  // Whole sets where there are many: the second pass reads the cache.
  const int64_t size = plan.rows * n, sets_of_chunk = std::max<int64_t>(1, kChunk / std::max<int64_t>(size, 1));
  const bool by_set = !columns && (plan.sets >= 16 || size <= kChunk);
  if (by_set && SetsTogether<T>::fits(plan)) {
    const SetsTogether<T> together(plan, eps);
    std::vector<double> of_sets(static_cast<size_t>(2 * plan.sets));
    double *const ggamma = of_sets.data(), *const gbeta = ggamma + plan.sets;
    parallel_for(together.chunks(), [&](int64_t chunk) HWY_ATTR { together.write(chunk, ggamma, gbeta); });
    return add_lines(1, [&](int64_t set, int64_t, double& to_gamma, double& to_beta) {
      to_gamma += ggamma[set];
      to_beta += gbeta[set];
    });
  }
  std::vector<T> means(static_cast<size_t>(plan.sets)), inverses(means);
  const auto begin_set = [&](int64_t set) {
    means[static_cast<size_t>(set)] = plan.set_value<T>(Plan::kMean, set);
    inverses[static_cast<size_t>(set)] =
        static_cast<T>(1 / std::sqrt(plan.set_value<double>(Plan::kVariance, set) + eps));
  };
  std::vector<LineSums<T>> sums(static_cast<size_t>(lines));
  const auto sum_line = [&](int64_t set, int64_t row) HWY_ATTR {
    sums[static_cast<size_t>(set * plan.rows + row)] =
        line_sums(read<T, 0>(plan, Plan::kX, set, row, n), read<T, 1>(plan, Plan::kY, set, row, n), gamma_of(set, row),
                  means[static_cast<size_t>(set)], inverses[static_cast<size_t>(set)], n);
  };
  // gx = gy gamma / std + shift + (x - mean) slope
  std::vector<T> shifts(static_cast<size_t>(plan.sets)), slopes(shifts);
  const double m = static_cast<double>(plan.rows * n);
  // gamma of a line that has one, of a set's lines together where they share it.
  const bool shared = plan.has(Plan::kGamma) && plan.one_of_set(Plan::kGamma);
  const auto scale_of = [&](int64_t set, int64_t row) {
    return plan.has(Plan::kGamma) && !along ? plan.value<T>(Plan::kGamma, set, row) : T{1};
  };
  const auto finish_set = [&](int64_t set) {
    double sum = 0, product = 0;
    const double of_set = shared ? plan.value<double>(Plan::kGamma, set, 0) : 1;
    for (int64_t row = 0; row < plan.rows; row++) {
      const LineSums<T>& line = sums[static_cast<size_t>(set * plan.rows + row)];
      const double gamma =
          shared || along || !plan.has(Plan::kGamma) ? of_set : plan.value<double>(Plan::kGamma, set, row);
      sum += gamma * line.gy;
      product += gamma * line.product;
    }
    const double inverse = inverses[static_cast<size_t>(set)];
    shifts[static_cast<size_t>(set)] = static_cast<T>(-inverse * sum / m);
    slopes[static_cast<size_t>(set)] = static_cast<T>(-inverse * inverse * product / m);
  };
  const bool writes = plan.has(Plan::kGX);
  const bool large = writes && plan.inner.steps[Plan::kGX] == 1 && plan.dtype(Plan::kGX) == kComputeDtype<T> &&
                     cpu::streams(3 * lines * n * static_cast<int64_t>(sizeof(T)));
  const auto write_line = [&](int64_t set, int64_t row, T gamma_of_line) HWY_ATTR {
    const T* const x = read<T, 0>(plan, Plan::kX, set, row, n);
    const T* const gy = read<T, 1>(plan, Plan::kY, set, row, n);
    const T* const gamma = gamma_of(set, row);
    const Slope<T> of_line{means[static_cast<size_t>(set)], inverses[static_cast<size_t>(set)] * gamma_of_line,
                           shifts[static_cast<size_t>(set)], slopes[static_cast<size_t>(set)]};
    write<T, 2>(plan, Plan::kGX, set, row, n, 0, [&](T* gx) HWY_ATTR {
      of_line.write_line(x, gy, gamma, n, gx, large);
      if (large) hwy::FlushStream();
    });
  };
  // Sets of one line are written while the line is in the cache.
  const bool by_line = columns && plan.rows == 1 && writes;
  if (!by_set && !by_line)
    for (int64_t set = 0; set < plan.sets; set++) begin_set(set);
  if (by_set) {
    parallel_for((plan.sets + sets_of_chunk - 1) / sets_of_chunk, [&](int64_t chunk) HWY_ATTR {
      for (int64_t set = chunk * sets_of_chunk; set < std::min(plan.sets, (chunk + 1) * sets_of_chunk); set++) {
        begin_set(set);
        for (int64_t row = 0; row < plan.rows; row++) sum_line(set, row);
        if (!writes) continue;
        finish_set(set);
        const T of_set = scale_of(set, 0);
        for (int64_t row = 0; row < plan.rows; row++) write_line(set, row, shared ? of_set : scale_of(set, row));
      }
    });
  } else if (!columns) {
    parallel_for(chunks, [&](int64_t chunk) HWY_ATTR {
      for (int64_t line = chunk * group; line < std::min(lines, (chunk + 1) * group); line++)
        sum_line(line / plan.rows, line % plan.rows);
    });
  } else {
    parallel_for(chunks, [&](int64_t chunk) HWY_ATTR {
      T* const of_chunk = begin_chunk(chunk);
      for (int64_t line = chunk * group; line < std::min(lines, (chunk + 1) * group); line++) {
        const int64_t set = line / plan.rows, row = line % plan.rows;
        const T* gamma = gamma_of(set, row);
        if (!gamma) {
          T* const ones = lane_buffer<T, 5>(n);
          std::fill(ones, ones + n, T{1});
          gamma = ones;
        }
        T* const ggamma = of_chunk + plan.factor_index(set, row) * n;
        if (by_line) begin_set(set);
        const T *const mean = &means[static_cast<size_t>(set)], *const inverse = &inverses[static_cast<size_t>(set)];
        HWY_ALIGN T sum[kPart<T>], product[kPart<T>];
        column_sums(read<T, 0>(plan, Plan::kX, set, row, n), read<T, 1>(plan, Plan::kY, set, row, n), gamma, mean,
                    inverse, ggamma + room, ggamma, n, sum, product);
        LineSums<T>& to = sums[static_cast<size_t>(line)];
        to = {};
        for (const T v : sum) to.gy += v;
        for (const T v : product) to.product += v;
        to.product *= *inverse;
        if (!by_line) continue;
        finish_set(set);
        write_line(set, row, scale_of(set, row));
      }
    });
  }
  if (columns) {
    add_chunks();
  } else {
    add_lines(plan.rows, [&](int64_t set, int64_t row, double& to_gamma, double& to_beta) {
      const LineSums<T>& line = sums[static_cast<size_t>(set * plan.rows + row)];
      to_gamma += line.product;
      to_beta += line.gy;
    });
  }
  if (!writes || by_set || by_line) return;
  for (int64_t set = 0; set < plan.sets; set++) finish_set(set);
  parallel_for((lines + least - 1) / least, [&](int64_t chunk) HWY_ATTR {
    for (int64_t line = chunk * least; line < std::min(lines, (chunk + 1) * least); line++)
      write_line(line / plan.rows, line % plan.rows, scale_of(line / plan.rows, line % plan.rows));
  });
}

template <class T>
void backward_rows(const Plan& plan, double eps) {
  constexpr int64_t N = kLanes<T>;
  const Tiles tiles(plan);
  const int64_t columns = plan.sets;
  std::vector<T> means(static_cast<size_t>(columns)), inverses(means);
  for (int64_t c = 0; c < columns; c++) {
    means[static_cast<size_t>(c)] = plan.set_value<T>(Plan::kMean, c);
    inverses[static_cast<size_t>(c)] = static_cast<T>(1 / std::sqrt(plan.set_value<double>(Plan::kVariance, c) + eps));
  }
  std::vector<double> sums(static_cast<size_t>(columns * tiles.chunks)), products(sums);
  for_tiles(
      plan, tiles, [&](int64_t outer, int64_t chunk, int64_t column, int64_t n, int64_t begin, int64_t end) HWY_ATTR {
        const Tag<T> d;
        const int64_t at = outer * plan.inner.n + column;
        const T* const mean = &means[static_cast<size_t>(at)];
        double* const sum = &sums[static_cast<size_t>(chunk * columns + at)];
        double* const product = &products[static_cast<size_t>(chunk * columns + at)];
        T s[kTile + N], p[kTile + N];
        for (int64_t row = begin; row < end; row += 2 * kTileRows) {
          std::fill(s, s + n, T{0});
          std::fill(p, p + n, T{0});
          for (int64_t r = row; r < std::min(end, row + 2 * kTileRows); r++) {
            const T* const x = read<T, 0>(plan, Plan::kX, outer, r, n, column);
            const T* const gy = read<T, 1>(plan, Plan::kY, outer, r, n, column);
            for_vectors(n, N, [&](int64_t i, int64_t k) HWY_ATTR {
              const Vector<T> g = load_at(gy, i, k, 0), centred = hn::Sub(load_at(x, i, k, 0), load_at(mean, i, k, 0));
              hn::StoreU(hn::Add(g, hn::LoadU(d, s + i)), d, s + i);
              hn::StoreU(hn::MulAdd(g, centred, hn::LoadU(d, p + i)), d, p + i);
            });
          }
          for (int64_t i = 0; i < n; i++) {
            sum[i] += s[i];
            product[i] += p[i];
          }
        }
      });
  std::vector<T> scales(static_cast<size_t>(columns)), shifts(scales), slopes(scales);
  const double m = static_cast<double>(plan.rows);
  for (int64_t c = 0; c < columns; c++) {
    double sum = 0, product = 0;
    for (int64_t chunk = 0; chunk < tiles.chunks; chunk++) {
      sum += sums[static_cast<size_t>(chunk * columns + c)];
      product += products[static_cast<size_t>(chunk * columns + c)];
    }
    const double inverse = inverses[static_cast<size_t>(c)];
    const double gamma = plan.has(Plan::kGamma) ? plan.set_value<double>(Plan::kGamma, c) : 1;
    product *= inverse;
    if (plan.has(Plan::kGGamma)) plan.put(Plan::kGGamma, c, product);
    if (plan.has(Plan::kGBeta)) plan.put(Plan::kGBeta, c, sum);
    scales[static_cast<size_t>(c)] = static_cast<T>(inverse * gamma);
    shifts[static_cast<size_t>(c)] = static_cast<T>(-inverse * gamma * sum / m);
    slopes[static_cast<size_t>(c)] = static_cast<T>(-inverse * inverse * gamma * product / m);
  }
  if (!plan.has(Plan::kGX)) return;
  for_tiles(plan, tiles, [&](int64_t outer, int64_t, int64_t column, int64_t n, int64_t begin, int64_t end) HWY_ATTR {
    const size_t at = static_cast<size_t>(outer * plan.inner.n + column);
    const T *const mean = &means[at], *const scale = &scales[at], *const shift = &shifts[at],
                   *const slope = &slopes[at];
    for (int64_t row = begin; row < end; row++) {
      const T* const x = read<T, 0>(plan, Plan::kX, outer, row, n, column);
      const T* const gy = read<T, 1>(plan, Plan::kY, outer, row, n, column);
      write<T, 2>(plan, Plan::kGX, outer, row, n, column, [&](T* gx) HWY_ATTR {
        for_vectors(n, N, [&](int64_t i, int64_t k) HWY_ATTR {
          const Vector<T> centred = hn::Sub(load_at(x, i, k, 0), load_at(mean, i, k, 0));
          const Vector<T> scaled = hn::MulAdd(load_at(gy, i, k, 0), load_at(scale, i, k, 0), load_at(shift, i, k, 0));
          store_at(hn::MulAdd(centred, load_at(slope, i, k, 0), scaled), gx, i, k);
        });
      });
    }
  });
}

nc_status forward_slot(void* state, const nc_tensor* x, const nc_tensor* gamma, const nc_tensor* beta, double eps,
                       const nc_tensor* y, const nc_tensor* mean, const nc_tensor* variance) {
  const Plan plan(*x, y, nullptr, *mean, *variance, gamma, beta, nullptr, nullptr);
  if (!plan.fits) return reference::normalization(state, x, gamma, beta, eps, y, mean, variance);
  with_floating(x->dtype, [&]<class T>(Type<T>) {
    if (!y) {
      statistics<T>(plan);
    } else {
      plan.inner.kept ? forward_rows<T>(plan, eps) : forward_lines<T>(plan, eps);
    }
  });
  return NC_OK;
}

nc_status backward_slot(void* state, const nc_tensor* x, const nc_tensor* gamma, const nc_tensor* gy,
                        const nc_tensor* mean, const nc_tensor* variance, double eps, const nc_tensor* gx,
                        const nc_tensor* ggamma, const nc_tensor* gbeta) {
  const Plan plan(*x, gy, gx, *mean, *variance, gamma, nullptr, ggamma, gbeta);
  if (!plan.fits) return reference::normalization_grad(state, x, gamma, gy, mean, variance, eps, gx, ggamma, gbeta);
  with_floating(x->dtype, [&]<class T>(Type<T>) {
    plan.inner.kept ? backward_rows<T>(plan, eps) : backward_lines<T>(plan, eps);
  });
  return NC_OK;
}

}  // namespace normalization_kernels

void register_normalization(nc_backend& table) {
  table.normalization = normalization_kernels::forward_slot;
  table.normalization_grad = normalization_kernels::backward_slot;
}

}  // namespace nc::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nc::cpu {
void register_normalization(nc_backend& table, Isa isa) { NC_DISPATCH(isa, register_normalization, table); }
}  // namespace nc::cpu
#endif
