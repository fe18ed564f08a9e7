// Pooling, one line of windows at a time. The rows of the windows are first taken together, column by column, in a line
// that has the padding; the columns of each window then lie in that line, so that nothing asks where the image ends.
#include "cpu/pooling.hpp"

#include <cstring>

#include "core/backend.hpp"
#include "core/thread_pool.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/pooling.cpp"
// clang-format off
#include "cpu/highway.hpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "cpu/floats-inl.hpp"
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

// n elements of any stride as contiguous ones.
template <class E>
const E* gather(const E* p, int64_t step, int64_t n, E* buffer) {
  if (step == 1) return p;
  for (int64_t i = 0; i < n; i++) buffer[i] = p[i * step];
  return buffer;
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
template <class E, class Op>
HWY_INLINE void take_row(const E* x, Compute<E>* line, int64_t n, bool first, const Op& op) {
  const Tag<E> d;
  constexpr int64_t N = kLanes<E>;
  if (n < N) {
    // The line has room for a whole vector, what lies beyond the row is written again.
    const Vector<E> v = load_tail(x, n, 0), old = hn::LoadU(d, line);
    HWY_ALIGN Compute<E> lanes[N];
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
    const Vector<E> last = op(hn::LoadU(d, line + n - N), load(x + n - N));
    for (; i + N <= n; i += N) hn::StoreU(op(hn::LoadU(d, line + i), load(x + i)), d, line + i);
    if (i < n) hn::StoreU(last, d, line + n - N);
  }
}

// Vectors of every stride-th element: element k of window o at line[o * stride + k * dilation].
template <class E, int kStride>
HWY_INLINE Vector<E> load_columns(const Compute<E>* line, int64_t o, int64_t stride, int64_t offset) {
  const Tag<E> d;
  if constexpr (kStride == 1) {
    return hn::LoadU(d, line + o + offset);
  } else if constexpr (kStride == 2) {
    Vector<E> even, odd;
    hn::LoadInterleaved2(d, line + 2 * o + offset, even, odd);
    return even;
  } else {
    HWY_ALIGN Compute<E> lanes[kLanes<E>];
    for (int64_t i = 0; i < kLanes<E>; i++) lanes[i] = line[(o + i) * stride + offset];
    return hn::Load(d, lanes);
  }
}

// op of n contiguous elements.
template <class E, class Op>
HWY_INLINE Compute<E> fold_line(const E* line, int64_t n, const Op& op) {
  const Tag<E> d;
  constexpr int64_t N = kLanes<E>;
  Vector<E> v = load_at(line, 0, std::min(n, N), op.template neutral<Compute<E>>());
  int64_t k = N;
  for (; k + N <= n; k += N) v = op(v, load(line + k));
  if (k < n) v = op(v, load_tail(line + k, n - k, op.template neutral<Compute<E>>()));
  HWY_ALIGN Compute<E> lanes[N];
  hn::Store(v, d, lanes);
  Compute<E> result = lanes[0];
  for (int64_t i = 1; i < std::min(n, N); i++) result = op.scalar(result, lanes[i]);
  return result;
}

// Calls body(o, count, result) for the vectors of a line of windows, each op of its columns.
template <class E, int kStride, class Op, class Body>
HWY_INLINE void fold_columns(const Compute<E>* line, const WindowAxis& a, const Op& op, const Body& body) {
  const Tag<E> d;
  constexpr int64_t N = kLanes<E>;
  for (int64_t o = 0; o < a.out; o += N) {
    Vector<E> v;
    int64_t k = 1;
    if (kStride == 2 && a.dilation == 1 && a.size > 1) {
      Vector<E> even, odd;
      hn::LoadInterleaved2(d, line + 2 * o, even, odd);
      v = op(even, odd);
      for (k = 2; k + 1 < a.size; k += 2) {
        hn::LoadInterleaved2(d, line + 2 * o + k, even, odd);
        v = op(op(v, even), odd);
      }
    } else {
      v = load_columns<E, kStride>(line, o, a.stride, 0);
    }
    for (; k < a.size; k++) v = op(v, load_columns<E, kStride>(line, o, a.stride, k * a.dilation));
    body(o, std::min(N, a.out - o), v);
  }
}

template <class E, class Op, class Body>
HWY_INLINE void fold_columns(const Compute<E>* line, const WindowAxis& a, const Op& op, const Body& body) {
  if (a.out == 1 && a.dilation == 1) {
    body(int64_t{0}, int64_t{1}, hn::Set(Tag<E>(), fold_line<Compute<E>>(line, a.size, op)));
  } else if (a.stride == 1) {
    fold_columns<E, 1>(line, a, op, body);
  } else if (a.stride == 2) {
    fold_columns<E, 2>(line, a, op, body);
  } else {
    fold_columns<E, 0>(line, a, op, body);
  }
}

// The rows of the windows of one line of y, taken together in `line`.
template <class E, class Row>
HWY_INLINE void for_rows(const WindowAxes& w, const Planes& x, const LineIndex& at, const Columns& columns,
                         const Row& row) {
  const WindowAxis& a0 = w.axes[0];
  const WindowAxis& a1 = w.axes[1];
  const E* const plane = x.plane<const E>(at.plane);
  for (int64_t k0 = a0.first(at.i0); k0 < a0.last(at.i0); k0++) {
    for (int64_t k1 = a1.first(at.i1); k1 < a1.last(at.i1); k1++) {
      const E* const p = plane + a0.at(at.i0, k0) * x.strides[0] + a1.at(at.i1, k1) * x.strides[1];
      row(gather(p, x.strides[2], columns.count, lane_buffer<E, 1>(columns.count)), k0 * a1.size + k1);
    }
  }
}

template <class E>
E* line_of(const Planes& t, const LineIndex& at) {
  return t.plane<E>(at.plane) + at.i0 * t.strides[0] + at.i1 * t.strides[1];
}

// The line itself where it is contiguous, else a buffer, which put_line then spreads.
template <class E, int kUse>
E* begin_line(E* p, int64_t step, int64_t n) {
  return step == 1 ? p : lane_buffer<E, kUse>(n);
}
template <class E>
void put_line(const E* buffer, E* p, int64_t step, int64_t n) {
  if (step == 1) return;
  for (int64_t i = 0; i < n; i++) p[i * step] = buffer[i];
}

// The larger one; NaN wins.
struct Larger {
  template <class V>
  HWY_INLINE V operator()(V a, V b) const {
    return hn::IfThenElse(hn::Eq(a, a), hn::Max(a, b), a);
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
  int64_t step = 1;
  for (int i = 2; i >= 0; i--) {
    const WindowAxis& a = w.axes[i];
    if (a.out != 1 || a.size != a.in || a.padding != 0 || a.dilation != 1) return false;
    if (a.in != 1 && x.strides[i] != step) return false;
    step *= a.in;
  }
  return true;
}

// y = op of each plane, divided.
template <class E, class Op>
void pool_planes(const Planes& x, const Planes& y, int64_t planes, int64_t size, Compute<E> divisor, const Op& op) {
  for_lines(planes, size, [&](int64_t plane) HWY_ATTR {
    *y.plane<E>(plane) = convert<E>(fold_line(x.plane<const E>(plane), size, op) / divisor);
  });
}

template <class E>
void max_pooling(const nc_tensor& x, const nc_window& window, const nc_tensor& y) {
  const WindowAxes w(x, y, window);
  const WindowAxis& last = w.axes[2];
  const Planes in(x), out(y);
  if (is_global(w, in)) return pool_planes<E>(in, out, x.shape[0] * x.shape[1], w.in(), 1, Larger());
  const Columns columns(last, kLanes<E>);
  for_lines(y.shape[0] * y.shape[1] * w.axes[0].out * w.axes[1].out, columns.count * w.axes[0].size * w.axes[1].size,
            [&](int64_t index) HWY_ATTR {
              const LineIndex at(index, w.axes[0].out, w.axes[1].out);
              Compute<E>* const line = lane_buffer<Compute<E>, 0>(columns.length);
              std::fill(line, line + columns.length, kLowest<E>);
              bool first = true;
              for_rows<E>(w, in, at, columns, [&](const E* row, int64_t) HWY_ATTR {
                take_row(row, line + columns.begin, columns.count, first, Larger());
                first = false;
              });
              E* const to = line_of<E>(out, at);
              E* const result = begin_line<E, 2>(to, out.strides[2], last.out);
              fold_columns<E>(line, last, Larger(),
                              [&](int64_t o, int64_t count, Vector<E> v) HWY_ATTR { store_at(v, result, o, count); });
              put_line(result, to, out.strides[2], last.out);
            });
}

// Integers as wide as the compute type.
template <class E>
using Index = std::conditional_t<std::is_same_v<E, double>, int64_t, int32_t>;
template <class E>
using IndexTag = hn::ScalableTag<Index<E>>;

// Which of two is taken: the larger, NaN before all numbers, the earlier of equal ones.
template <class E>
HWY_INLINE hn::Mask<Tag<E>> takes(Vector<E> value, Vector<E> best, hn::Mask<Tag<E>> earlier) {
  const auto value_is_nan = hn::Not(hn::Eq(value, value)), best_is_nan = hn::Not(hn::Eq(best, best));
  const auto larger = hn::AndNot(best_is_nan, hn::Or(hn::Gt(value, best), value_is_nan));
  const auto equal = hn::Or(hn::Eq(value, best), hn::And(value_is_nan, best_is_nan));
  return hn::Or(larger, hn::And(equal, earlier));
}

// As max_pooling, with a second line: for each column the position of its largest element in a window that begins
// there.
template <class E, class I>
void max_pooling_indices(const nc_tensor& x, const nc_window& window, const nc_tensor& y, const nc_tensor& indices) {
  const WindowAxes w(x, y, window);
  const WindowAxis& last = w.axes[2];
  const Planes in(x), out(y), where(indices);
  const Columns columns(last, kLanes<E>);
  constexpr int64_t N = kLanes<E>;
  constexpr Index<E> kNone = std::numeric_limits<Index<E>>::max() / 2;
  for_lines(y.shape[0] * y.shape[1] * w.axes[0].out * w.axes[1].out,
            2 * columns.count * w.axes[0].size * w.axes[1].size, [&](int64_t index) HWY_ATTR {
              const Tag<E> d;
              const IndexTag<E> di;
              const LineIndex at(index, w.axes[0].out, w.axes[1].out);
              // Rows are longer by a vector, which the last one of a row overwrites.
              Compute<E>* const line = lane_buffer<Compute<E>, 0>(columns.length + N);
              Index<E>* const rows = lane_buffer<Index<E>, 3>(columns.length + N);
              std::fill(line, line + columns.length + N, kLowest<E>);
              std::fill(rows, rows + columns.length + N, kNone);
              for_rows<E>(w, in, at, columns, [&](const E* row, int64_t position) HWY_ATTR {
                const auto here = hn::Set(di, static_cast<Index<E>>(position * last.size));
                Compute<E>* const best = line + columns.begin;
                Index<E>* const best_row = rows + columns.begin;
                for_vectors(columns.count, N, [&](int64_t i, int64_t count) HWY_ATTR {
                  const Vector<E> v = load_at(row, i, count, kLowest<E>), old = hn::LoadU(d, best + i);
                  const auto old_row = hn::LoadU(di, best_row + i);
                  // The earliest row stands already, unless none does.
                  auto take = takes<E>(v, old, hn::RebindMask(d, hn::Eq(old_row, hn::Set(di, kNone))));
                  if (HWY_UNLIKELY(count < N)) take = hn::And(take, hn::FirstN(d, static_cast<size_t>(count)));
                  hn::StoreU(hn::IfThenElse(take, v, old), d, best + i);
                  hn::StoreU(hn::IfThenElse(hn::RebindMask(di, take), here, old_row), di, best_row + i);
                });
              });
              E* const to = line_of<E>(out, at);
              I* const to_index = line_of<I>(where, at);
              E* const result = begin_line<E, 2>(to, out.strides[2], last.out);
              I* const positions = begin_line<I, 4>(to_index, where.strides[2], last.out);
              for (int64_t o = 0; o < last.out; o += N) {
                const auto load_rows = [&](int64_t offset) HWY_ATTR {
                  if (last.stride == 1) return hn::LoadU(di, rows + o + offset);
                  HWY_ALIGN Index<E> lanes[N];
                  for (int64_t i = 0; i < N; i++) lanes[i] = rows[(o + i) * last.stride + offset];
                  return hn::Load(di, lanes);
                };
                const auto load_values = [&](int64_t offset) HWY_ATTR {
                  return last.stride == 1   ? load_columns<E, 1>(line, o, 1, offset)
                         : last.stride == 2 ? load_columns<E, 2>(line, o, 2, offset)
                                            : load_columns<E, 0>(line, o, last.stride, offset);
                };
                Vector<E> best = load_values(0);
                auto best_row = load_rows(0), position = best_row;
                for (int64_t k = 1; k < last.size; k++) {
                  const Vector<E> v = load_values(k * last.dilation);
                  const auto row = load_rows(k * last.dilation);
                  const auto take = takes<E>(v, best, hn::RebindMask(d, hn::Lt(row, best_row)));
                  const auto take_index = hn::RebindMask(di, take);
                  best = hn::IfThenElse(take, v, best);
                  best_row = hn::IfThenElse(take_index, row, best_row);
                  position = hn::IfThenElse(take_index, hn::Add(row, hn::Set(di, static_cast<Index<E>>(k))), position);
                }
                const int64_t count = std::min(N, last.out - o);
                store_at(best, result, o, count);
                HWY_ALIGN Index<E> lanes[N];
                hn::Store(hn::IfThenElse(hn::Lt(position, hn::Set(di, kNone)), position, hn::Zero(di)), di, lanes);
                for (int64_t i = 0; i < count; i++) positions[o + i] = static_cast<I>(lanes[i]);
              }
              put_line(result, to, out.strides[2], last.out);
              put_line(positions, to_index, where.strides[2], last.out);
            });
}

// Refuses indices outside the window, before anything is written.
template <class I>
void check_indices(const nc_tensor& indices, const WindowAxes& w) {
  const Planes where(indices);
  const int64_t size = w.size(), n = w.axes[2].out;
  for_lines(indices.shape[0] * indices.shape[1] * w.axes[0].out * w.axes[1].out, n, [&](int64_t index) HWY_ATTR {
    const I* const p = line_of<const I>(where, LineIndex(index, w.axes[0].out, w.axes[1].out));
    const int64_t step = where.strides[2];
    bool wrong = false;
    if (step == 1) {
      for (int64_t i = 0; i < n; i++) wrong |= p[i] < 0 || p[i] >= size;
    } else {
      for (int64_t i = 0; i < n; i++) wrong |= p[i * step] < 0 || p[i * step] >= size;
    }
    if (!wrong) return;
    for (int64_t i = 0; i < n; i++) check_position(p[i * step], size);
  });
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

  // Calls body(o, offset in the plane) for the windows [begin, end) of a line whose index names no padding.
  template <class I, class Body>
  HWY_INLINE void visit(const LineIndex& at, const I* indices, int64_t step, int64_t begin, int64_t end,
                        const Body& body) const {
    const WindowAxis& a0 = w_.axes[0];
    const WindowAxis& a1 = w_.axes[1];
    const WindowAxis& a2 = w_.axes[2];
    const int64_t start = a0.at(at.i0, 0) * strides_[0] + a1.at(at.i1, 0) * strides_[1] - a2.padding * strides_[2];
    const bool inside = !offsets_.empty() && a0.count(at.i0) == a0.size && a1.count(at.i1) == a1.size;
    const int64_t first = inside ? std::clamp(first_, begin, end) : end,
                  last = inside ? std::clamp(last_, first, end) : end;
    const auto at_border = [&](int64_t from, int64_t to) {
      for (int64_t o = from; o < to; o++) {
        const int64_t index = indices[o * step], rest = index / a2.size;
        const auto in = [](int64_t i, int64_t n) { return static_cast<uint64_t>(i) < static_cast<uint64_t>(n); };
        if (in(a0.at(at.i0, rest / a1.size), a0.in) && in(a1.at(at.i1, rest % a1.size), a1.in) &&
            in(a2.at(o, index % a2.size), a2.in))
          body(o, start + o * a2.stride * strides_[2] + offset(index));
      }
    };
    at_border(begin, first);
    for (int64_t o = first; o < last; o++)
      body(o, start + o * a2.stride * strides_[2] + offsets_[static_cast<size_t>(indices[o * step])]);
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

// Windows of two by two that neither overlap nor meet the padding, over contiguous lines: both rows of each are written
// at once.
template <class E, class I>
HWY_INLINE int64_t spread_pairs(const E* gy, const I* indices, int64_t windows, E* row0, E* row1) {
  const Tag<E> d;
  const IndexTag<E> di;
  constexpr int64_t N = kLanes<E>;
  if constexpr (std::is_floating_point_v<E> && sizeof(I) == sizeof(Index<E>)) {
    const auto write = [&](Vector<E> g, hn::Vec<IndexTag<E>> i, E* to0, E* to1) HWY_ATTR {
      const auto at = [&](Index<E> k)
                          HWY_ATTR { return hn::IfThenElseZero(hn::RebindMask(d, hn::Eq(i, hn::Set(di, k))), g); };
      hn::StoreInterleaved2(at(0), at(1), d, to0);
      hn::StoreInterleaved2(at(2), at(3), d, to1);
    };
    for_vectors(windows, N, [&](int64_t o, int64_t count) HWY_ATTR {
      const Index<E>* const p = reinterpret_cast<const Index<E>*>(indices + o);
      if (HWY_LIKELY(count == N)) {
        write(load(gy + o), hn::LoadU(di, p), row0 + 2 * o, row1 + 2 * o);
        return;
      }
      HWY_ALIGN E rows[4 * N];
      write(load_tail(gy + o, count, 0), LoadTail(di, p, static_cast<size_t>(count)), rows, rows + 2 * N);
      std::copy(rows, rows + 2 * count, row0 + 2 * o);
      std::copy(rows + 2 * N, rows + 2 * N + 2 * count, row1 + 2 * o);
    });
    return windows;
  }
  return 0;
}

template <class E, class I>
void max_pooling_grad(const nc_tensor& gy, const nc_tensor& indices, const nc_window& window, const nc_tensor& gx) {
  const WindowAxes w(gx, gy, window);
  check_indices<I>(indices, w);
  const Planes in(gy), where(indices), out(gx);
  const Positions positions(w, {w.axes[1].in * w.axes[2].in, w.axes[2].in, 1});
  const WindowAxis& a0 = w.axes[0];
  const WindowAxis& a1 = w.axes[1];
  const WindowAxis& a2 = w.axes[2];
  const int64_t size = w.in();
  const bool contiguous =
      out.strides[2] == 1 && (a1.in == 1 || out.strides[1] == a2.in) && (a0.in == 1 || out.strides[0] == a1.in * a2.in);
  const bool pairs = contiguous && a0.size == 1 && in.strides[2] == 1 && where.strides[2] == 1 && a1.size == 2 &&
                     a2.size == 2 && a1.stride == 2 && a2.stride == 2 && a1.dilation == 1 && a2.dilation == 1 &&
                     a1.padding == 0 && a2.padding == 0 && a0.in == 1;
  for_lines(gx.shape[0] * gx.shape[1], size, [&](int64_t plane) HWY_ATTR {
    // 16 bits are added up in float32.
    constexpr bool kDirect = std::is_floating_point_v<E>;
    E* const to = out.plane<E>(plane);
    Compute<E>* sums;
    if constexpr (kDirect) {
      sums = contiguous ? to : lane_buffer<Compute<E>, 0>(size);
    } else {
      sums = lane_buffer<Compute<E>, 0>(size);
    }
    const int64_t whole = pairs ? std::min(a1.out, a1.in / 2) : 0;  // rows of windows that are written, not added to
    std::fill(sums + whole * 2 * a2.in, sums + size, Compute<E>{0});
    for (int64_t o0 = 0; o0 < a0.out; o0++) {
      for (int64_t o1 = 0; o1 < a1.out; o1++) {
        const LineIndex at((plane * a0.out + o0) * a1.out + o1, a0.out, a1.out);
        const E* const g = line_of<E>(in, at);
        const I* const i = line_of<I>(where, at);
        int64_t o = 0;
        if (o1 < whole) {
          Compute<E>* const row = sums + 2 * o1 * a2.in;
          if constexpr (kDirect) o = spread_pairs<E>(g, i, std::min(a2.out, a2.in / 2), row, row + a2.in);
          std::fill(row + 2 * o, row + a2.in, Compute<E>{0});
          std::fill(row + a2.in + 2 * o, row + 2 * a2.in, Compute<E>{0});
        }
        positions.visit(at, i, where.strides[2], o, a2.out, [&](int64_t window, int64_t offset) HWY_ATTR {
          sums[offset] += convert<Compute<E>>(g[window * in.strides[2]]);
        });
      }
    }
    if (kDirect && contiguous) return;
    for (int64_t i0 = 0; i0 < a0.in; i0++)
      for (int64_t i1 = 0; i1 < a1.in; i1++)
        for (int64_t i2 = 0; i2 < a2.in; i2++)
          to[i0 * out.strides[0] + i1 * out.strides[1] + i2 * out.strides[2]] =
              convert<E>(sums[(i0 * a1.in + i1) * a2.in + i2]);
  });
}

template <class E, class I>
void max_pooling_gather(const nc_tensor& x, const nc_tensor& indices, const nc_window& window, const nc_tensor& y) {
  const WindowAxes w(x, y, window);
  check_indices<I>(indices, w);
  const Planes in(x), where(indices), out(y);
  const Positions positions(w, in.strides);
  const int64_t n = w.axes[2].out;
  for_lines(y.shape[0] * y.shape[1] * w.axes[0].out * w.axes[1].out, 4 * n, [&](int64_t index) {
    const LineIndex at(index, w.axes[0].out, w.axes[1].out);
    const E* const from = in.plane<const E>(at.plane);
    const I* const i = line_of<I>(where, at);
    E* const to = line_of<E>(out, at);
    const int64_t step = out.strides[2];
    if (step == 1) {
      std::fill(to, to + n, convert<E>(0.0f));
    } else {
      for (int64_t o = 0; o < n; o++) to[o * step] = convert<E>(0.0f);
    }
    positions.visit(at, i, where.strides[2], 0, n,
                    [&](int64_t window, int64_t offset) { to[window * step] = from[offset]; });
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

template <class E>
void average_pooling(const nc_tensor& x, const nc_window& window, nc_divisor divisor, const nc_tensor& y) {
  using T = Compute<E>;
  const WindowAxes w(x, y, window);
  const WindowAxis& last = w.axes[2];
  const Planes in(x), out(y);
  const Columns columns(last, kLanes<E>);
  if (is_global(w, in)) {
    const int64_t planes = x.shape[0] * x.shape[1], size = w.in();
    return pool_planes<E>(in, out, planes, size, divisor == NC_DIVISOR_ONE ? T{1} : static_cast<T>(size), Sum());
  }
  const Divisors<T> divisors(w, divisor, kLanes<E>);
  for_lines(y.shape[0] * y.shape[1] * w.axes[0].out * w.axes[1].out, columns.count * w.axes[0].size * w.axes[1].size,
            [&](int64_t index) HWY_ATTR {
              const Tag<E> d;
              const LineIndex at(index, w.axes[0].out, w.axes[1].out);
              T* const line = lane_buffer<T, 0>(columns.length);
              std::fill(line, line + columns.length, T{0});
              bool first = true;
              for_rows<E>(w, in, at, columns, [&](const E* row, int64_t) HWY_ATTR {
                take_row(row, line + columns.begin, columns.count, first, Sum());
                first = false;
              });
              const Vector<E> rows = hn::Set(d, divisors.rows(at));
              E* const to = line_of<E>(out, at);
              E* const result = begin_line<E, 2>(to, out.strides[2], last.out);
              fold_columns<E>(line, last, Sum(), [&](int64_t o, int64_t count, Vector<E> v) HWY_ATTR {
                const Vector<E> columns_of = hn::LoadU(d, divisors.columns() + o);
                store_at(hn::Div(v, hn::Mul(columns_of, rows)), result, o, count);
              });
              put_line(result, to, out.strides[2], last.out);
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

template <class E>
void average_pooling_grad(const nc_tensor& gy, const nc_window& window, nc_divisor divisor, const nc_tensor& gx) {
  using T = Compute<E>;
  const WindowAxes w(gx, gy, window);
  const WindowAxis& a0 = w.axes[0];
  const WindowAxis& a1 = w.axes[1];
  const WindowAxis& last = w.axes[2];
  const Planes in(gy), out(gx);
  const Columns columns(last, kLanes<E>);
  const Divisors<T> divisors(w, divisor, kLanes<E>);
  constexpr int64_t N = kLanes<E>;
  for_lines(gx.shape[0] * gx.shape[1] * a0.in * a1.in, columns.count + last.out * last.size,
            [&](int64_t index) HWY_ATTR {
              const Tag<E> d;
              const LineIndex at(index, a0.in, a1.in);
              // Of each column of windows, the sum over the rows of windows that hold this line.
              T* const shares = lane_buffer<T, 3>(last.out + N);
              std::fill(shares, shares + last.out + N, T{0});
              const E* const plane = in.plane<const E>(at.plane);
              const Holders h0(a0, at.i0), h1(a1, at.i1);
              for (int64_t o0 = h0.first; o0 < h0.last; o0++) {
                if (!Holders::holds(a0, o0, at.i0)) continue;
                for (int64_t o1 = h1.first; o1 < h1.last; o1++) {
                  if (!Holders::holds(a1, o1, at.i1)) continue;
                  LineIndex windows(0, 1, 1);
                  windows.i0 = o0;
                  windows.i1 = o1;
                  const E* const g = gather(plane + o0 * in.strides[0] + o1 * in.strides[1], in.strides[2], last.out,
                                            lane_buffer<E, 1>(last.out));
                  const Vector<E> rows = hn::Set(d, divisors.rows(windows));
                  for_vectors(last.out, N, [&](int64_t o, int64_t count) HWY_ATTR {
                    const Vector<E> share =
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
                  const Vector<E> share = hn::LoadU(d, shares + o);
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
              E* const to = line_of<E>(out, at);
              E* const result = begin_line<E, 2>(to, out.strides[2], last.in);
              for_vectors(columns.count, N, [&](int64_t i, int64_t count) HWY_ATTR {
                store_at(hn::LoadU(d, line + columns.begin + i), result, i, count);
              });
              std::fill(result + columns.count, result + last.in, convert<E>(0.0f));
              put_line(result, to, out.strides[2], last.in);
            });
}

// Calls body(Type<I>{}) for the type of indices.
template <class Body>
void with_index_type(const nc_tensor& indices, const Body& body) {
  indices.dtype == NC_INT32 ? body(Type<int32_t>{}) : body(Type<int64_t>{});
}

nc_status max_pooling_slot(void*, const nc_tensor* x, const nc_window* window, const nc_tensor* y,
                           const nc_tensor* indices) {
  with_float_type(x->dtype, [&]<class E>(Type<E>) {
    if (!indices) return max_pooling<E>(*x, *window, *y);
    with_index_type(*indices, [&]<class I>(Type<I>) { max_pooling_indices<E, I>(*x, *window, *y, *indices); });
  });
  return NC_OK;
}

nc_status max_pooling_grad_slot(void*, const nc_tensor* gy, const nc_tensor* indices, const nc_window* window,
                                const nc_tensor* gx) {
  with_float_type(gx->dtype, [&]<class E>(Type<E>) {
    with_index_type(*indices, [&]<class I>(Type<I>) { max_pooling_grad<E, I>(*gy, *indices, *window, *gx); });
  });
  return NC_OK;
}

nc_status max_pooling_gather_slot(void*, const nc_tensor* x, const nc_tensor* indices, const nc_window* window,
                                  const nc_tensor* y) {
  with_float_type(x->dtype, [&]<class E>(Type<E>) {
    with_index_type(*indices, [&]<class I>(Type<I>) { max_pooling_gather<E, I>(*x, *indices, *window, *y); });
  });
  return NC_OK;
}

nc_status average_pooling_slot(void*, const nc_tensor* x, const nc_window* window, int32_t divisor,
                               const nc_tensor* y) {
  with_float_type(x->dtype, [&]<class E>(Type<E>) { average_pooling<E>(*x, *window, divisor, *y); });
  return NC_OK;
}

nc_status average_pooling_grad_slot(void*, const nc_tensor* gy, const nc_window* window, int32_t divisor,
                                    const nc_tensor* gx) {
  with_float_type(gx->dtype, [&]<class E>(Type<E>) { average_pooling_grad<E>(*gy, *window, divisor, *gx); });
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
