// Pooling, one line of windows at a time. The rows of the windows are first taken together, column by column, in a line
// that has the padding; the columns of each window then lie in that line, so that nothing asks where the image ends.
#include "cpu/pooling.hpp"

#include <cstring>

#include "core/backend.hpp"
#include "core/element.hpp"
#include "core/thread_pool.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/pooling.cpp"
// clang-format off
#include "cpu/highway.hpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "cpu/extremes-inl.hpp"
#include "cpu/floats-inl.hpp"
#include "cpu/pooling_pairs-inl.hpp"
#include "cpu/pooling_planes-inl.hpp"
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace nc::cpu::HWY_NAMESPACE {
namespace pooling_kernels {

namespace hn = hwy::HWY_NAMESPACE;

// Elements worth a second thread.
constexpr int64_t kChunk = 16384;

// Lines of windows, or of elements: the last axis at one index of plane and the two axes before.
struct LineIndex {
  int64_t plane, i0, i1;
  LineIndex(int64_t line, int64_t n0, int64_t n1) : plane(line / (n0 * n1)), i0(line / n1 % n0), i1(line % n1) {}
};

// Calls body(line) for lines that each cost as much as `work` elements, on any threads.
template <class Body>
void for_lines(int64_t lines, int64_t work, const Body& body) {
  const int64_t block = std::max<int64_t>(1, kChunk / std::max<int64_t>(work, 1));
  parallel_for((lines + block - 1) / block, [&](int64_t chunk) {
    const int64_t end = std::min(lines, (chunk + 1) * block);
    for (int64_t line = chunk * block; line < end; line++) body(line);
  });
}

// The columns of a line of windows: where they lie in a line that has the padding.
struct Columns {
  int64_t begin, count;  // those of the image, and where the first lies in the line
  int64_t length;        // of the line, with room for vectors beyond

  Columns(const WindowAxis& a, int64_t lanes) {
    const int64_t needed = std::max<int64_t>((a.out - 1) * a.stride + (a.size - 1) * a.dilation + 1, 0);
    begin = std::min(a.padding, needed);
    count = std::min(a.in, needed - begin);
    // The last vector of windows: lanes * stride columns from its first one on, and one more for pairs.
    length = needed + (lanes + 1) * std::max<int64_t>(a.stride, 1) + 2 * lanes;
  }
};

// line[i] = op(line[i], x[i]), or x[i] for the first row.
template <class T, class Op>
HWY_INLINE void take_row(const T* x, T* line, int64_t n, bool first, const Op& op) {
  const Tag<T> d;
  constexpr int64_t N = kLanes<T>;
  if (n < N) {
    // The line has room for a whole vector, what lies beyond the row is written again.
    const Vector<T> v = load_tail(x, n, 0), old = hn::LoadU(d, line);
    HWY_ALIGN T lanes[N];
    hn::Store(first ? v : op(old, v), d, lanes);
    std::copy(lanes, lanes + n, line);
    return;
  }
  int64_t i = 0;
  if (first) {
    for (; i + N <= n; i += N) hn::StoreU(load(x + i), d, line + i);
    if (i < n) hn::StoreU(load(x + n - N), d, line + n - N);
  } else {
    // The last vector overlaps the one before, whose result it must not see.
    const Vector<T> last = op(hn::LoadU(d, line + n - N), load(x + n - N));
    for (; i + N <= n; i += N) hn::StoreU(op(hn::LoadU(d, line + i), load(x + i)), d, line + i);
    if (i < n) hn::StoreU(last, d, line + n - N);
  }
}

// Vectors of every stride-th element: element k of window o at line[o * stride + k * dilation].
template <class T, int kStride>
HWY_INLINE Vector<T> load_columns(const T* line, int64_t o, int64_t stride, int64_t offset) {
  const Tag<T> d;
  if constexpr (kStride == 1) {
    return hn::LoadU(d, line + o + offset);
  } else if constexpr (kStride == 2) {
    Vector<T> even, odd;
    hn::LoadInterleaved2(d, line + 2 * o + offset, even, odd);
    return even;
  } else {
    HWY_ALIGN T lanes[kLanes<T>];
    for (int64_t i = 0; i < kLanes<T>; i++) lanes[i] = line[(o + i) * stride + offset];
    return hn::Load(d, lanes);
  }
}

// op of n contiguous elements.
template <class T, class Op>
HWY_INLINE T fold_line(const T* line, int64_t n, const Op& op) {
  const Tag<T> d;
  constexpr int64_t N = kLanes<T>;
  Vector<T> v = load_at(line, 0, std::min(n, N), op.template neutral<T>());
  int64_t k = N;
  for (; k + N <= n; k += N) v = op(v, load(line + k));
  if (k < n) v = op(v, load_tail(line + k, n - k, op.template neutral<T>()));
  HWY_ALIGN T lanes[N];
  hn::Store(v, d, lanes);
  T result = lanes[0];
  for (int64_t i = 1; i < std::min(n, N); i++) result = op.scalar(result, lanes[i]);
  return result;
}

// Calls body(o, count, result) for the vectors of a line of windows, each op of its columns.
template <class T, int kStride, class Op, class Body>
HWY_INLINE void fold_columns(const T* line, const WindowAxis& a, const Op& op, const Body& body) {
  const Tag<T> d;
  constexpr int64_t N = kLanes<T>;
  for (int64_t o = 0; o < a.out; o += N) {
    Vector<T> v;
    int64_t k = 1;
    if (kStride == 2 && a.dilation == 1 && a.size > 1) {
      Vector<T> even, odd;
      hn::LoadInterleaved2(d, line + 2 * o, even, odd);
      v = op(even, odd);
      for (k = 2; k + 1 < a.size; k += 2) {
        hn::LoadInterleaved2(d, line + 2 * o + k, even, odd);
        v = op(op(v, even), odd);
      }
    } else {
      v = load_columns<T, kStride>(line, o, a.stride, 0);
    }
    for (; k < a.size; k++) v = op(v, load_columns<T, kStride>(line, o, a.stride, k * a.dilation));
    body(o, std::min(N, a.out - o), v);
  }
}

template <class T, class Op, class Body>
HWY_INLINE void fold_columns(const T* line, const WindowAxis& a, const Op& op, const Body& body) {
  if (a.out == 1 && a.dilation == 1) {
    body(int64_t{0}, int64_t{1}, hn::Set(Tag<T>(), fold_line(line, a.size, op)));
  } else if (a.stride == 1) {
    fold_columns<T, 1>(line, a, op, body);
  } else if (a.stride == 2) {
    fold_columns<T, 2>(line, a, op, body);
  } else {
    fold_columns<T, 0>(line, a, op, body);
  }
}

// Calls row(columns of the image, row of the window) for the rows of the windows of one line of y.
template <class T, class Row>
HWY_INLINE void for_rows(const WindowAxes& w, const Planes& x, const LineIndex& at, const Columns& columns,
                         const Row& row) {
  const WindowAxis& a0 = w.axes[0];
  const WindowAxis& a1 = w.axes[1];
  for (int64_t k0 = a0.first(at.i0); k0 < a0.last(at.i0); k0++) {
    for (int64_t k1 = a1.first(at.i1); k1 < a1.last(at.i1); k1++) {
      const char* const p = x.line(at.plane, a0.at(at.i0, k0), a1.at(at.i1, k1));
      row(read_line<T, 1>(x.dtype, p, x.strides[2], columns.count), k0 * a1.size + k1);
    }
  }
}

// Calls body(line) with the line of y to write.
template <class T, class Body>
HWY_INLINE void write_line(const Planes& y, const LineIndex& at, int64_t n, const Body& body) {
  char* const to = y.line(at.plane, at.i0, at.i1);
  T* const line = begin_line<T, 2>(y.dtype, to, y.strides[2], n);
  body(line);
  end_line(y.dtype, line, to, y.strides[2], n);
}

// Positions in windows, int32 or int64, as Index and back.
template <class Index>
HWY_INLINE const Index* read_indices(const Planes& where, const LineIndex& at, int64_t n) {
  const char* const p = where.line(at.plane, at.i0, at.i1);
  const int64_t step = where.strides[2];
  if (step == 1 && where.item == sizeof(Index)) return reinterpret_cast<const Index*>(p);
  Index* const line = lane_buffer<Index, 4>(n);
  for (int64_t i = 0; i < n; i++)
    line[i] = static_cast<Index>(where.item == 4 ? reinterpret_cast<const int32_t*>(p)[i * step]
                                                 : reinterpret_cast<const int64_t*>(p)[i * step]);
  return line;
}
template <class Index, class Body>
HWY_INLINE void write_indices(const Planes& where, const LineIndex& at, int64_t n, const Body& body) {
  char* const p = where.line(at.plane, at.i0, at.i1);
  const int64_t step = where.strides[2];
  if (step == 1 && where.item == sizeof(Index)) return body(reinterpret_cast<Index*>(p));
  Index* const line = lane_buffer<Index, 4>(n);
  body(line);
  for (int64_t i = 0; i < n; i++) {
    if (where.item == 4) {
      reinterpret_cast<int32_t*>(p)[i * step] = static_cast<int32_t>(line[i]);
    } else {
      reinterpret_cast<int64_t*>(p)[i * step] = line[i];
    }
  }
}

// The larger one; NaN wins.
struct Larger {
  template <class V>
  HWY_INLINE V operator()(V a, V b) const {
    return ExtremeOf<true>(a, b);
  }
  template <class T>
  static T scalar(T a, T b) {
    return b > a || b != b ? b : a;
  }
  template <class T>
  static constexpr T neutral() {
    return -std::numeric_limits<T>::infinity();
  }
};
struct Sum {
  template <class V>
  HWY_INLINE V operator()(V a, V b) const {
    return hn::Add(a, b);
  }
  template <class T>
  static T scalar(T a, T b) {
    return a + b;
  }
  template <class T>
  static constexpr T neutral() {
    return 0;
  }
};

// Whether each plane is one window, contiguous: global pooling.
bool is_global(const WindowAxes& w, const Planes& x) {
  for (const WindowAxis& a : w.axes) {
    if (a.out != 1 || a.size != a.in || a.padding != 0 || a.dilation != 1) return false;
  }
  return x.contiguous({w.axes[0].in, w.axes[1].in, w.axes[2].in});
}

// y = op of each plane, divided.
template <class T, class Op>
void pool_planes(const Planes& x, const Planes& y, int64_t planes, int64_t size, T divisor, const Op& op) {
  for_lines(planes, size, [&](int64_t plane) HWY_ATTR {
    const T* const from = read_line<T, 1>(x.dtype, x.plane(plane), 1, size);
    store_element(y.dtype, y.plane(plane), fold_line(from, size, op) / divisor);
  });
}

// Windows at every second column, of few elements, whose columns lie side by side: each is read where it lies.
bool is_small(const WindowAxes& w) {
  const WindowAxis& last = w.axes[2];
  return last.stride == 2 && last.dilation == 1 && last.size <= 4 && w.size() <= 16;
}

// The rows of the windows of one line of y, from the first column of the first window on, with room for vectors beyond.
template <class T>
class SmallRows {
 public:
  SmallRows(const WindowAxes& w, const nc_tensor& x, const Planes& in, const Columns& columns)
      : w_(w), in_(in), columns_(columns) {
    const WindowAxis& last = w.axes[2];
    char* end = in.base;
    for (int i = 0; i < x.ndim; i++) end += std::max<int64_t>((x.shape[i] - 1) * x.strides[i], 0) * in.item;
    const bool inside = last.padding == 0 && (last.out - 1) * last.stride + last.size <= last.in;
    if (inside && in.strides[2] == 1 && in.dtype == kComputeDtype<T>)
      last_start_ = end + in.item - columns.length * in.item;
  }

  HWY_INLINE void take(const LineIndex& at) {
    const WindowAxis& a0 = w_.axes[0];
    const WindowAxis& a1 = w_.axes[1];
    T* buffer = lane_buffer<T, 0>(16 * columns_.length);
    count = 0;
    for (int64_t k0 = a0.first(at.i0); k0 < a0.last(at.i0); k0++) {
      for (int64_t k1 = a1.first(at.i1); k1 < a1.last(at.i1); k1++) {
        const char* const p = in_.line(at.plane, a0.at(at.i0, k0), a1.at(at.i1, k1));
        positions[count] = (k0 * a1.size + k1) * w_.axes[2].size;
        if (p <= last_start_) {
          rows[count++] = reinterpret_cast<const T*>(p);
          continue;
        }
        T* const begin = buffer + columns_.begin;
        std::fill(buffer, begin, kLowest<T>);
        if (in_.strides[2] == 1 && in_.dtype == kComputeDtype<T>) {
          std::memcpy(begin, p, static_cast<size_t>(columns_.count) * sizeof(T));
        } else {
          widen(in_.dtype, p, in_.strides[2], columns_.count, begin);
        }
        std::fill(begin + columns_.count, buffer + columns_.length, kLowest<T>);
        rows[count++] = buffer;
        buffer += columns_.length;
      }
    }
  }

  // Window o, one element after the other: NaN before all numbers, the first of equal ones, never the padding.
  void largest(int64_t o, T* value, Index<T>* index) const {
    const WindowAxis& last = w_.axes[2];
    T best = kLowest<T>;
    int64_t position = -1;
    for (int r = 0; r < count; r++) {
      for (int64_t k = last.first(o); k < last.last(o); k++) {
        const T v = rows[r][2 * o + k];
        if (position >= 0 && !(v > best) && !(v != v && best == best)) continue;
        best = v;
        position = positions[r] + k;
      }
    }
    *value = best;
    if (index) *index = static_cast<Index<T>>(std::max<int64_t>(position, 0));
  }

  int count = 0;
  const T* rows[16];
  int64_t positions[16];

 private:
  const WindowAxes& w_;
  const Planes& in_;
  const Columns& columns_;
  const char* last_start_ = nullptr;  // up to which a row is read where it lies
};

// y, and with kIndices the positions, of one line of small windows. Vectors with a NaN, or without any element above
// minus infinity, are left to `largest`.
template <bool kIndices, class T>
HWY_INLINE void small_line(const SmallRows<T>& rows, const WindowAxis& last, T* y, Index<T>* indices) {
  const Tag<T> d;
  const IndexTag<T> di;
  constexpr int64_t N = kLanes<T>;
  for (int64_t o = 0; o < last.out; o += N) {
    Vector<T> best = hn::Set(d, kLowest<T>), sum = hn::Zero(d);
    auto where = hn::Zero(di);
    const auto take = [&](Vector<T> v, int64_t position) HWY_ATTR {
      sum = hn::Add(sum, v);
      if constexpr (kIndices) {
        const auto larger = hn::Gt(v, best);
        where = hn::IfThenElse(hn::RebindMask(di, larger), hn::Set(di, static_cast<Index<T>>(position)), where);
        best = hn::IfThenElse(larger, v, best);
      } else {
        best = hn::Max(v, best);
      }
    };
    for (int r = 0; r < rows.count; r++) {
      for (int64_t k = 0; k < last.size; k += 2) {
        Vector<T> even, odd;
        hn::LoadInterleaved2(d, rows.rows[r] + 2 * o + k, even, odd);
        take(even, rows.positions[r] + k);
        if (k + 1 < last.size) take(odd, rows.positions[r] + k + 1);
      }
    }
    const int64_t count = std::min(N, last.out - o);
    auto doubtful = hn::Not(hn::Eq(sum, sum));
    if constexpr (kIndices) doubtful = hn::Or(doubtful, hn::Eq(best, hn::Set(d, kLowest<T>)));
    store_at(best, y, o, count);
    if constexpr (kIndices) {
      if (count == N) {
        hn::StoreU(where, di, indices + o);
      } else {
        StoreTail(di, where, indices + o, static_cast<size_t>(count));
      }
    }
    if (HWY_LIKELY(hn::AllFalse(d, hn::And(doubtful, hn::FirstN(d, static_cast<size_t>(count)))))) continue;
    for (int64_t i = o; i < o + count; i++) rows.largest(i, y + i, kIndices ? indices + i : nullptr);
  }
}

template <class T>
void small_max_pooling(const WindowAxes& w, const nc_tensor& x, const Planes& in, const Planes& out,
                       const Planes* where, int64_t lines) {
  const WindowAxis& last = w.axes[2];
  const Columns columns(last, kLanes<T>);
  const SmallRows<T> rows_of(w, x, in, columns);
  for_lines(lines, last.out * w.size(), [&](int64_t index) HWY_ATTR {
    const LineIndex at(index, w.axes[0].out, w.axes[1].out);
    SmallRows<T> rows = rows_of;
    rows.take(at);
    write_line<T>(out, at, last.out, [&](T* y) HWY_ATTR {
      if (!where) return small_line<false, T>(rows, last, y, nullptr);
      write_indices<Index<T>>(*where, at, last.out,
                              [&](Index<T>* indices) HWY_ATTR { small_line<true, T>(rows, last, y, indices); });
    });
  });
}

template <class T>
void max_pooling(const nc_tensor& x, const nc_window& window, const nc_tensor& y) {
  const WindowAxes w(x, y, window);
  const WindowAxis& last = w.axes[2];
  const Planes in(x), out(y);
  const int64_t planes = x.shape[0] * x.shape[1], lines = planes * w.axes[0].out * w.axes[1].out;
  if (is_global(w, in)) return pool_planes<T>(in, out, planes, w.in(), 1, Larger());
  if constexpr (std::is_same_v<T, float>) {
    if (SmallPlanes::fits(w, in, out, nullptr)) return SmallPlanes(w, in, out, nullptr).largest<false>();
  }
  if (is_small(w)) return small_max_pooling<T>(w, x, in, out, nullptr, lines);
  const Columns columns(last, kLanes<T>);
  for_lines(lines, columns.count * w.axes[0].size * w.axes[1].size, [&](int64_t index) HWY_ATTR {
    const LineIndex at(index, w.axes[0].out, w.axes[1].out);
    T* const line = lane_buffer<T, 0>(columns.length);
    std::fill(line, line + columns.length, kLowest<T>);
    bool first = true;
    for_rows<T>(w, in, at, columns, [&](const T* row, int64_t) HWY_ATTR {
      take_row(row, line + columns.begin, columns.count, first, Larger());
      first = false;
    });
    write_line<T>(out, at, last.out, [&](T* result) HWY_ATTR {
      fold_columns(line, last, Larger(),
                   [&](int64_t o, int64_t count, Vector<T> v) HWY_ATTR { store_at(v, result, o, count); });
    });
  });
}

// Which of two is taken: the larger, NaN before all numbers, the earlier of equal ones.
template <class T>
HWY_INLINE hn::Mask<Tag<T>> takes(Vector<T> value, Vector<T> best, hn::Mask<Tag<T>> earlier) {
  const auto value_is_nan = hn::Not(hn::Eq(value, value)), best_is_nan = hn::Not(hn::Eq(best, best));
  const auto larger = hn::AndNot(best_is_nan, hn::Or(hn::Gt(value, best), value_is_nan));
  const auto equal = hn::Or(hn::Eq(value, best), hn::And(value_is_nan, best_is_nan));
  return hn::Or(larger, hn::And(equal, earlier));
}

// The largest of n contiguous elements, and where it lies: NaN before all numbers, the first of equal ones.
template <class T>
HWY_INLINE int64_t largest_of(const T* p, int64_t n, T* value) {
  const Tag<T> d;
  const IndexTag<T> di;
  constexpr int64_t N = kLanes<T>;
  Vector<T> best = hn::Set(d, kLowest<T>), sum = hn::Zero(d);
  auto where = hn::Set(di, std::numeric_limits<Index<T>>::max());
  for_vectors(n, N, [&](int64_t i, int64_t count) HWY_ATTR {
    const Vector<T> v = load_at(p, i, count, kLowest<T>);
    sum = hn::Add(sum, v);
    const auto larger = hn::Gt(v, best);
    where = hn::IfThenElse(hn::RebindMask(di, larger), hn::Iota(di, static_cast<Index<T>>(i)), where);
    best = hn::IfThenElse(larger, v, best);
  });
  const Vector<T> max = hn::MaxOfLanes(d, best);
  if (HWY_UNLIKELY(!hn::AllTrue(d, hn::Eq(sum, sum)) || hn::GetLane(max) == kLowest<T>)) {
    int64_t at = 0;
    for (int64_t i = 1; i < n; i++) {
      if (p[i] > p[at] || (p[i] != p[i] && p[at] == p[at])) at = i;
    }
    *value = p[at];
    return at;
  }
  *value = hn::GetLane(max);
  HWY_ALIGN Index<T> lanes[N];
  const auto equal = hn::RebindMask(di, hn::Eq(best, max));
  hn::Store(hn::IfThenElse(equal, where, hn::Set(di, std::numeric_limits<Index<T>>::max())), di, lanes);
  return *std::min_element(lanes, lanes + N);
}

// As max_pooling, with a second line: for each column the position of its largest element in a window that begins
// there.
template <class T>
void max_pooling_indices(const nc_tensor& x, const nc_window& window, const nc_tensor& y, const nc_tensor& indices) {
  const WindowAxes w(x, y, window);
  const WindowAxis& last = w.axes[2];
  const Planes in(x), out(y), where(indices);
  const int64_t planes = x.shape[0] * x.shape[1], lines = planes * w.axes[0].out * w.axes[1].out;
  if (is_global(w, in) && w.in() < std::numeric_limits<int32_t>::max()) {
    for_lines(planes, 2 * w.in(), [&](int64_t plane) HWY_ATTR {
      T value;
      const int64_t index = largest_of(read_line<T, 1>(in.dtype, in.plane(plane), 1, w.in()), w.in(), &value);
      store_element(out.dtype, out.plane(plane), value);
      store_element(where.dtype, where.plane(plane), index);
    });
    return;
  }
  if constexpr (std::is_same_v<T, float>) {
    if (SmallPlanes::fits(w, in, out, &where)) return SmallPlanes(w, in, out, &where).largest<true>();
  }
  if (is_small(w)) return small_max_pooling<T>(w, x, in, out, &where, lines);
  const Columns columns(last, kLanes<T>);
  constexpr int64_t N = kLanes<T>;
  constexpr Index<T> kNone = std::numeric_limits<Index<T>>::max() / 2;
  for_lines(lines, 2 * columns.count * w.axes[0].size * w.axes[1].size, [&](int64_t index) HWY_ATTR {
    const Tag<T> d;
    const IndexTag<T> di;
    const LineIndex at(index, w.axes[0].out, w.axes[1].out);
    // Rows are longer by a vector, which the last one of a row overwrites.
    T* const line = lane_buffer<T, 0>(columns.length + N);
    Index<T>* const rows = lane_buffer<Index<T>, 3>(columns.length + N);
    std::fill(line, line + columns.length + N, kLowest<T>);
    std::fill(rows, rows + columns.length + N, kNone);
    for_rows<T>(w, in, at, columns, [&](const T* row, int64_t position) HWY_ATTR {
      const auto here = hn::Set(di, static_cast<Index<T>>(position * last.size));
      T* const best = line + columns.begin;
      Index<T>* const best_row = rows + columns.begin;
      for_vectors(columns.count, N, [&](int64_t i, int64_t count) HWY_ATTR {
        const Vector<T> v = load_at(row, i, count, kLowest<T>), old = hn::LoadU(d, best + i);
        const auto old_row = hn::LoadU(di, best_row + i);
        // The earliest row stands already, unless none does.
        auto take = takes<T>(v, old, hn::RebindMask(d, hn::Eq(old_row, hn::Set(di, kNone))));
        if (HWY_UNLIKELY(count < N)) take = hn::And(take, hn::FirstN(d, static_cast<size_t>(count)));
        hn::StoreU(hn::IfThenElse(take, v, old), d, best + i);
        hn::StoreU(hn::IfThenElse(hn::RebindMask(di, take), here, old_row), di, best_row + i);
      });
    });
    const auto load_rows = [&](int64_t o, int64_t offset) HWY_ATTR {
      if (last.stride == 1) return hn::LoadU(di, rows + o + offset);
      HWY_ALIGN Index<T> lanes[N];
      for (int64_t i = 0; i < N; i++) lanes[i] = rows[(o + i) * last.stride + offset];
      return hn::Load(di, lanes);
    };
    const auto load_values = [&](int64_t o, int64_t offset) HWY_ATTR {
      return last.stride == 1 ? load_columns<T, 1>(line, o, 1, offset)
                              : load_columns<T, 0>(line, o, last.stride, offset);
    };
    write_line<T>(out, at, last.out, [&](T* result) HWY_ATTR {
      write_indices<Index<T>>(where, at, last.out, [&](Index<T>* positions) HWY_ATTR {
        for (int64_t o = 0; o < last.out; o += N) {
          Vector<T> best = load_values(o, 0);
          auto best_row = load_rows(o, 0), position = best_row;
          for (int64_t k = 1; k < last.size; k++) {
            const Vector<T> v = load_values(o, k * last.dilation);
            const auto row = load_rows(o, k * last.dilation);
            const auto take = takes<T>(v, best, hn::RebindMask(d, hn::Lt(row, best_row)));
            const auto take_index = hn::RebindMask(di, take);
            best = hn::IfThenElse(take, v, best);
            best_row = hn::IfThenElse(take_index, row, best_row);
            position = hn::IfThenElse(take_index, hn::Add(row, hn::Set(di, static_cast<Index<T>>(k))), position);
          }
          const int64_t count = std::min(N, last.out - o);
          store_at(best, result, o, count);
          StoreTail(di, hn::IfThenElse(hn::Lt(position, hn::Set(di, kNone)), position, hn::Zero(di)), positions + o,
                    static_cast<size_t>(count));
        }
      });
    });
  });
}

// The largest of n contiguous unsigned elements, or 0.
template <class U>
HWY_INLINE U largest_of_line(const U* p, int64_t n) {
  const hn::ScalableTag<U> d;
  constexpr int64_t N = HWY_MAX_BYTES / static_cast<int64_t>(sizeof(U));
  auto m0 = hn::Zero(d), m1 = m0, m2 = m0, m3 = m0;
  int64_t i = 0;
  for (; i + 4 * N <= n; i += 4 * N) {
    m0 = hn::Max(m0, hn::LoadU(d, p + i));
    m1 = hn::Max(m1, hn::LoadU(d, p + i + N));
    m2 = hn::Max(m2, hn::LoadU(d, p + i + 2 * N));
    m3 = hn::Max(m3, hn::LoadU(d, p + i + 3 * N));
  }
  HWY_ALIGN U lanes[N];
  hn::Store(hn::Max(hn::Max(m0, m1), hn::Max(m2, m3)), d, lanes);
  U largest = *std::max_element(lanes, lanes + N);
  for (; i < n; i++) largest = std::max(largest, p[i]);
  return largest;
}

// Refuses indices outside the window, before anything is written.
template <class I>
void check_indices(const nc_tensor& indices, const WindowAxes& w) {
  using U = std::make_unsigned_t<I>;
  const Planes where(indices);
  const int64_t planes = indices.shape[0] * indices.shape[1], out = w.out(), n = w.axes[2].out;
  // A negative index is a large one without its sign.
  const U limit = static_cast<U>(std::min<int64_t>(w.size(), std::numeric_limits<I>::max()));
  const auto check = [&](const I* p, int64_t count, int64_t step) HWY_ATTR {
    const U largest = step == 1 ? largest_of_line(reinterpret_cast<const U*>(p), count) : std::numeric_limits<U>::max();
    for (int64_t i = 0; largest >= limit && i < count; i++) check_position(p[i * step], w.size());
  };
  if (where.contiguous({w.axes[0].out, w.axes[1].out, n}) && where.follow(out)) {
    const int64_t total = planes * out;
    parallel_for((total + kChunk - 1) / kChunk, [&](int64_t chunk) HWY_ATTR {
      check(where.plane<const I>(0) + chunk * kChunk, std::min(kChunk, total - chunk * kChunk), 1);
    });
    return;
  }
  for_lines(planes * w.axes[0].out * w.axes[1].out, n, [&](int64_t index) HWY_ATTR {
    const LineIndex at(index, w.axes[0].out, w.axes[1].out);
    check(reinterpret_cast<const I*>(where.line(at.plane, at.i0, at.i1)), n, where.strides[2]);
  });
}
void check_indices(const nc_tensor& indices, const WindowAxes& w) {
  indices.dtype == NC_INT32 ? check_indices<int32_t>(indices, w) : check_indices<int64_t>(indices, w);
}

// Where in a plane of the given strides the elements lie that the indices of windows name.
class Positions {
 public:
  Positions(const WindowAxes& w, const int64_t (&strides)[3]) : w_(w) {
    std::copy(strides, strides + 3, strides_);
    const WindowAxis& last = w.axes[2];
    while (first_ < last.out && last.first(first_) > 0) first_++;
    last_ = first_;
    while (last_ < last.out && last.last(last_) == last.size) last_++;
    if (w.size() > kTable) return;
    offsets_.resize(static_cast<size_t>(w.size()));
    for (int64_t i = 0; i < w.size(); i++) offsets_[static_cast<size_t>(i)] = offset(i);
  }

  // Calls body(o, offset in the plane) for the windows of a line whose index names no padding.
  template <class Body>
  HWY_INLINE void visit(const LineIndex& at, const int64_t* indices, const Body& body) const {
    const int64_t begin = 0, end = w_.axes[2].out;
    const WindowAxis& a0 = w_.axes[0];
    const WindowAxis& a1 = w_.axes[1];
    const WindowAxis& a2 = w_.axes[2];
    const int64_t start = a0.at(at.i0, 0) * strides_[0] + a1.at(at.i1, 0) * strides_[1] - a2.padding * strides_[2];
    const bool inside = !offsets_.empty() && a0.count(at.i0) == a0.size && a1.count(at.i1) == a1.size;
    const int64_t first = inside ? std::clamp(first_, begin, end) : end,
                  last = inside ? std::clamp(last_, first, end) : end;
    const auto at_border = [&](int64_t from, int64_t to) {
      for (int64_t o = from; o < to; o++) {
        const int64_t index = indices[o], rest = index / a2.size;
        const auto in = [](int64_t i, int64_t n) { return static_cast<uint64_t>(i) < static_cast<uint64_t>(n); };
        if (in(a0.at(at.i0, rest / a1.size), a0.in) && in(a1.at(at.i1, rest % a1.size), a1.in) &&
            in(a2.at(o, index % a2.size), a2.in))
          body(o, start + o * a2.stride * strides_[2] + offset(index));
      }
    };
    at_border(begin, first);
    for (int64_t o = first; o < last; o++)
      body(o, start + o * a2.stride * strides_[2] + offsets_[static_cast<size_t>(indices[o])]);
    at_border(last, end);
  }

 private:
  static constexpr int64_t kTable = 4096;

  int64_t offset(int64_t index) const {
    const WindowAxis* const a = w_.axes;
    const int64_t rest = index / a[2].size;
    return rest / a[1].size * a[0].dilation * strides_[0] + rest % a[1].size * a[1].dilation * strides_[1] +
           index % a[2].size * a[2].dilation * strides_[2];
  }

  const WindowAxes& w_;
  int64_t strides_[3];
  int64_t first_ = 0, last_ = 0;  // the windows of a line whose columns are all in the image
  std::vector<int64_t> offsets_;  // of each position of a window, unless they are many
};

template <class T>
void max_pooling_grad(const nc_tensor& gy, const nc_tensor& indices, const nc_window& window, const nc_tensor& gx) {
  const WindowAxes w(gx, gy, window);
  check_indices(indices, w);
  const Planes in(gy), where(indices), out(gx);
  const WindowAxis& a0 = w.axes[0];
  const WindowAxis& a1 = w.axes[1];
  const WindowAxis& a2 = w.axes[2];
  const int64_t size = w.in(), planes = gx.shape[0] * gx.shape[1];
  const bool contiguous = out.contiguous({a0.in, a1.in, a2.in});
  if (is_global(w, out)) {
    for_lines(planes, size, [&](int64_t plane) HWY_ATTR {
      char* const p = out.plane(plane);
      T* const to = begin_line<T, 2>(out.dtype, p, 1, size);
      std::fill(to, to + size, T{0});
      const int64_t index = *read_indices<int64_t>(where, LineIndex(plane, 1, 1), 1);
      to[index] = *read_line<T, 1>(in.dtype, in.plane(plane), 1, 1);
      end_line(out.dtype, to, p, 1, size);
    });
    return;
  }
  const auto lies = [&](const Planes& t, nc_dtype dtype) {
    return t.dtype == dtype && t.contiguous({a0.out, a1.out, a2.out});
  };
  const bool contiguous_windows =
      lies(in, kComputeDtype<T>) && lies(where, sizeof(Index<T>) == 4 ? NC_INT32 : NC_INT64);
  if (a0.size == 1 && a0.in == 1 && are_pairs(a1) && are_pairs(a2) && contiguous && out.dtype == kComputeDtype<T> &&
      contiguous_windows) {
    const bool large = planes * size * static_cast<int64_t>(sizeof(T)) >= kLargeImage;
    const int64_t windows = w.out();
    if (in.follow(windows) && where.follow(windows) && out.follow(size)) {
      const PairPeriod<T> period(a1.out, a2.out, a1.in, a2.in);
      if (period.fits()) {
        const int64_t units = planes * size / period.size(), step = period.units();
        const int64_t block = std::max<int64_t>(1, kChunk / (step * period.size())) * step;
        parallel_for((units + block - 1) / block, [&](int64_t chunk) HWY_ATTR {
          const int64_t unit = chunk * block, from = unit * period.windows();
          period.spread(in.plane<const T>(0) + from, where.plane<const Index<T>>(0) + from,
                        std::min(block, units - unit), out.plane<T>(0) + unit * period.size(), large);
        });
        return;
      }
    }
    for_lines(planes, size, [&](int64_t plane) HWY_ATTR {
      spread_pairs(a1, a2, in.plane<const T>(plane), where.plane<const Index<T>>(plane), out.plane<T>(plane));
    });
    return;
  }
  if (contiguous && out.dtype == kComputeDtype<T> && contiguous_windows) {
    if (PoolingScatter::fits(w)) {
      const PoolingScatter scatter(w);
      const int64_t block = std::max<int64_t>(4, kChunk / size / 4 * 4);
      parallel_for((planes + block - 1) / block, [&](int64_t chunk) {
        const int64_t plane = chunk * block;
        scatter.write<T, Index<T>>(in, where, out, plane, std::min(block, planes - plane));
      });
      return;
    }
  }
  const Positions positions(w, {a1.in * a2.in, a2.in, 1});
  for_lines(planes, size, [&](int64_t plane) HWY_ATTR {
    // 16 bits are added up in float32.
    const bool direct = contiguous && out.dtype == kComputeDtype<T>;
    T* const sums = direct ? out.plane<T>(plane) : lane_buffer<T, 0>(size);
    std::fill(sums, sums + size, T{0});
    for (int64_t line = 0; line < a0.out * a1.out; line++) {
      const LineIndex at(plane * a0.out * a1.out + line, a0.out, a1.out);
      const T* const g = read_line<T, 1>(in.dtype, in.line(plane, at.i0, at.i1), in.strides[2], a2.out);
      positions.visit(at, read_indices<int64_t>(where, at, a2.out),
                      [&](int64_t o, int64_t offset) HWY_ATTR { sums[offset] += g[o]; });
    }
    if (direct) return;
    for (int64_t line = 0; line < a0.in * a1.in; line++)
      narrow(out.dtype, sums + line * a2.in, out.line(plane, line / a1.in, line % a1.in), out.strides[2], a2.in);
  });
}

// U: an integer as wide as an element.
template <class U>
void max_pooling_gather(const nc_tensor& x, const nc_tensor& indices, const nc_window& window, const nc_tensor& y) {
  const WindowAxes w(x, y, window);
  check_indices(indices, w);
  const Planes in(x), where(indices), out(y);
  const Positions positions(w, in.strides);
  const int64_t n = w.axes[2].out, step = out.strides[2];
  for_lines(y.shape[0] * y.shape[1] * w.axes[0].out * w.axes[1].out, 4 * n, [&](int64_t index) HWY_ATTR {
    const LineIndex at(index, w.axes[0].out, w.axes[1].out);
    const U* const from = in.plane<const U>(at.plane);
    U* const to = reinterpret_cast<U*>(out.line(at.plane, at.i0, at.i1));
    for (int64_t o = 0; o < n; o++) to[o * step] = 0;
    positions.visit(at, read_indices<int64_t>(where, at, n),
                    [&](int64_t o, int64_t offset) { to[o * step] = from[offset]; });
  });
}

// What the elements of the last axis contribute to the divisors of its windows; the other axes' part is a factor.
template <class T>
class Divisors {
 public:
  Divisors(const WindowAxes& w, nc_divisor divisor, int64_t lanes) : w_(w), divisor_(divisor) {
    const WindowAxis& last = w.axes[2];
    columns_.assign(static_cast<size_t>(last.out + lanes), T{1});
    for (int64_t o = 0; o < last.out; o++) {
      if (divisor == NC_DIVISOR_COUNT) columns_[static_cast<size_t>(o)] = static_cast<T>(last.count(o));
      if (divisor == NC_DIVISOR_SIZE) columns_[static_cast<size_t>(o)] = static_cast<T>(last.size);
    }
  }

  const T* columns() const { return columns_.data(); }

  // Of each window of a plane.
  std::vector<T> windows() const {
    std::vector<T> result(static_cast<size_t>(w_.out()));
    const int64_t n = w_.axes[2].out;
    for (int64_t o = 0; o < w_.out(); o++)
      result[static_cast<size_t>(o)] =
          columns_[static_cast<size_t>(o % n)] * rows(LineIndex(o / n, w_.axes[0].out, w_.axes[1].out));
    return result;
  }

  T rows(const LineIndex& at) const {
    if (divisor_ == NC_DIVISOR_ONE) return 1;
    return static_cast<T>(divisor_ == NC_DIVISOR_SIZE ? w_.axes[0].size * w_.axes[1].size
                                                      : w_.axes[0].count(at.i0) * w_.axes[1].count(at.i1));
  }

 private:
  const WindowAxes& w_;
  nc_divisor divisor_;
  std::vector<T> columns_;
};

template <class T>
void average_pooling(const nc_tensor& x, const nc_window& window, nc_divisor divisor, const nc_tensor& y) {
  const WindowAxes w(x, y, window);
  const WindowAxis& last = w.axes[2];
  const Planes in(x), out(y);
  const Columns columns(last, kLanes<T>);
  if (is_global(w, in)) {
    const int64_t planes = x.shape[0] * x.shape[1], size = w.in();
    return pool_planes<T>(in, out, planes, size, divisor == NC_DIVISOR_ONE ? T{1} : static_cast<T>(size), Sum());
  }
  const Divisors<T> divisors(w, divisor, kLanes<T>);
  if constexpr (std::is_same_v<T, float>) {
    if (SmallPlanes::fits(w, in, out, nullptr))
      return SmallPlanes(w, in, out, nullptr).average(divisors.windows().data());
  }
  for_lines(y.shape[0] * y.shape[1] * w.axes[0].out * w.axes[1].out, columns.count * w.axes[0].size * w.axes[1].size,
            [&](int64_t index) HWY_ATTR {
              const Tag<T> d;
              const LineIndex at(index, w.axes[0].out, w.axes[1].out);
              T* const line = lane_buffer<T, 0>(columns.length);
              std::fill(line, line + columns.length, T{0});
              bool first = true;
              for_rows<T>(w, in, at, columns, [&](const T* row, int64_t) HWY_ATTR {
                take_row(row, line + columns.begin, columns.count, first, Sum());
                first = false;
              });
              const Vector<T> rows = hn::Set(d, divisors.rows(at));
              write_line<T>(out, at, last.out, [&](T* result) HWY_ATTR {
                fold_columns(line, last, Sum(), [&](int64_t o, int64_t count, Vector<T> v) HWY_ATTR {
                  const Vector<T> columns_of = hn::LoadU(d, divisors.columns() + o);
                  store_at(hn::Div(v, hn::Mul(columns_of, rows)), result, o, count);
                });
              });
            });
}

// The windows [first, last) that may hold element i of an axis; those with (i + padding - o * stride) % dilation != 0
// do not.
struct Holders {
  int64_t first, last;
  Holders(const WindowAxis& a, int64_t i) {
    const int64_t at = i + a.padding, reach = (a.size - 1) * a.dilation;
    first = at <= reach ? 0 : (at - reach + a.stride - 1) / a.stride;
    last = std::min(a.out, at / a.stride + 1);
  }
  static bool holds(const WindowAxis& a, int64_t o, int64_t i) {
    return a.dilation == 1 || (i + a.padding - o * a.stride) % a.dilation == 0;
  }
};

template <class T>
void average_pooling_grad(const nc_tensor& gy, const nc_window& window, nc_divisor divisor, const nc_tensor& gx) {
  const WindowAxes w(gx, gy, window);
  const WindowAxis& a0 = w.axes[0];
  const WindowAxis& a1 = w.axes[1];
  const WindowAxis& last = w.axes[2];
  const Planes in(gy), out(gx);
  if (is_global(w, out)) {
    const int64_t size = w.in();
    const T count = divisor == NC_DIVISOR_ONE ? T{1} : static_cast<T>(size);
    for_lines(gx.shape[0] * gx.shape[1], size, [&](int64_t plane) HWY_ATTR {
      char* const p = out.plane(plane);
      T* const to = begin_line<T, 2>(out.dtype, p, 1, size);
      std::fill(to, to + size, load_element<T>(in.dtype, in.plane(plane)) / count);
      end_line(out.dtype, to, p, 1, size);
    });
    return;
  }
  const Columns columns(last, kLanes<T>);
  const Divisors<T> divisors(w, divisor, kLanes<T>);
  if constexpr (std::is_same_v<T, float>) {
    if (SmallPlanes::fits(w, out, in, nullptr))
      return SmallPlanes(w, out, in, nullptr).spread_average(divisors.windows().data());
  }
  constexpr int64_t N = kLanes<T>;
  for_lines(gx.shape[0] * gx.shape[1] * a0.in * a1.in, columns.count + last.out * last.size,
            [&](int64_t index) HWY_ATTR {
              const Tag<T> d;
              const LineIndex at(index, a0.in, a1.in);
              // Of each column of windows, the sum over the rows of windows that hold this line.
              T* const shares = lane_buffer<T, 3>(last.out + N);
              std::fill(shares, shares + last.out + N, T{0});
              const Holders h0(a0, at.i0), h1(a1, at.i1);
              for (int64_t o0 = h0.first; o0 < h0.last; o0++) {
                if (!Holders::holds(a0, o0, at.i0)) continue;
                for (int64_t o1 = h1.first; o1 < h1.last; o1++) {
                  if (!Holders::holds(a1, o1, at.i1)) continue;
                  LineIndex windows(0, 1, 1);
                  windows.i0 = o0;
                  windows.i1 = o1;
                  const T* const g = read_line<T, 1>(in.dtype, in.line(at.plane, o0, o1), in.strides[2], last.out);
                  const Vector<T> rows = hn::Set(d, divisors.rows(windows));
                  for_vectors(last.out, N, [&](int64_t o, int64_t count) HWY_ATTR {
                    const Vector<T> share =
                        hn::Div(load_at(g, o, count, 0), hn::Mul(hn::LoadU(d, divisors.columns() + o), rows));
                    hn::StoreU(hn::Add(hn::LoadU(d, shares + o), share), d, shares + o);
                  });
                }
              }
              T* const line = lane_buffer<T, 0>(columns.length);
              const bool pairs = last.stride == 2 && last.size == 2 && last.dilation == 1;
              if (!pairs) std::fill(line, line + columns.length, T{0});
              if (pairs) {
                for (int64_t o = 0; o < last.out; o += N) {
                  const Vector<T> share = hn::LoadU(d, shares + o);
                  hn::StoreInterleaved2(share, share, d, line + 2 * o);
                }
              } else if (last.stride == 1) {
                // The shares beyond the last window are 0, and may be added.
                for (int64_t k = 0; k < last.size; k++) {
                  T* const to = line + k * last.dilation;
                  for (int64_t o = 0; o < last.out; o += N)
                    hn::StoreU(hn::Add(hn::LoadU(d, to + o), hn::LoadU(d, shares + o)), d, to + o);
                }
              } else {
                for (int64_t k = 0; k < last.size; k++) {
                  T* const to = line + k * last.dilation;
                  for (int64_t o = 0; o < last.out; o++) to[o * last.stride] += shares[o];
                }
              }
              write_line<T>(out, at, last.in, [&](T* result) HWY_ATTR {
                std::copy(line + columns.begin, line + columns.begin + columns.count, result);
                std::fill(result + columns.count, result + last.in, T{0});
              });
            });
}

nc_status max_pooling_slot(void*, const nc_tensor* x, const nc_window* window, const nc_tensor* y,
                           const nc_tensor* indices) {
  with_compute_type(x->dtype, [&]<class T>(Type<T>) {
    indices ? max_pooling_indices<T>(*x, *window, *y, *indices) : max_pooling<T>(*x, *window, *y);
  });
  return NC_OK;
}

nc_status max_pooling_grad_slot(void*, const nc_tensor* gy, const nc_tensor* indices, const nc_window* window,
                                const nc_tensor* gx) {
  with_compute_type(gx->dtype, [&]<class T>(Type<T>) { max_pooling_grad<T>(*gy, *indices, *window, *gx); });
  return NC_OK;
}

nc_status max_pooling_gather_slot(void*, const nc_tensor* x, const nc_tensor* indices, const nc_window* window,
                                  const nc_tensor* y) {
  switch (dtype_size(x->dtype)) {
    case 2:
      max_pooling_gather<uint16_t>(*x, *indices, *window, *y);
      break;
    case 4:
      max_pooling_gather<uint32_t>(*x, *indices, *window, *y);
      break;
    default:
      max_pooling_gather<uint64_t>(*x, *indices, *window, *y);
  }
  return NC_OK;
}

nc_status average_pooling_slot(void*, const nc_tensor* x, const nc_window* window, int32_t divisor,
                               const nc_tensor* y) {
  with_compute_type(x->dtype, [&]<class T>(Type<T>) { average_pooling<T>(*x, *window, divisor, *y); });
  return NC_OK;
}

nc_status average_pooling_grad_slot(void*, const nc_tensor* gy, const nc_window* window, int32_t divisor,
                                    const nc_tensor* gx) {
  with_compute_type(gx->dtype, [&]<class T>(Type<T>) { average_pooling_grad<T>(*gy, *window, divisor, *gx); });
  return NC_OK;
}

}  // namespace pooling_kernels

void register_pooling(nc_backend& table) {
  using namespace pooling_kernels;
  table.max_pooling = max_pooling_slot;
  table.max_pooling_grad = max_pooling_grad_slot;
  table.max_pooling_gather = max_pooling_gather_slot;
  table.average_pooling = average_pooling_slot;
  table.average_pooling_grad = average_pooling_grad_slot;
}

}  // namespace nc::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nc::cpu {
void register_pooling(nc_backend& table, Isa isa) { NC_DISPATCH(isa, register_pooling, table); }
}  // namespace nc::cpu
#endif
