// One product of two matrices: the way it is computed, its chunks, and its epilogue while the result is in cache.
#if defined(NATIVECHAIN_GEMM_PRODUCT_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef NATIVECHAIN_GEMM_PRODUCT_INL
#undef NATIVECHAIN_GEMM_PRODUCT_INL
#else
#define NATIVECHAIN_GEMM_PRODUCT_INL
#endif

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "core/element.hpp"
#include "core/thread_pool.hpp"
#include "cpu/gemm/dot-inl.hpp"
#include "cpu/gemm/kernel-inl.hpp"
#include "cpu/gemm/pack-inl.hpp"
#include "cpu/gemm/patches-inl.hpp"
#include "cpu/gemm/problem.hpp"
#include "cpu/gemm/scratch.hpp"
#include "cpu/table.hpp"
#include "cpu/tail-inl.hpp"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace nc::cpu::HWY_NAMESPACE::gemm {
namespace hn = hwy::HWY_NAMESPACE;
using namespace nc::cpu::gemm;

constexpr int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }

// y = relu(scale * x + extra), a vector at a time.
template <class T>
struct Form {
  using D = hn::ScalableTag<T>;
  using V = hn::Vec<D>;
  V scale;
  bool scaled;
  Epilogue::Relu relu;

  explicit HWY_INLINE Form(const Epilogue& e)
      : scale(hn::Set(D(), static_cast<T>(e.scale))), scaled(static_cast<T>(e.scale) != 1), relu(e.relu) {}

  HWY_INLINE V scaled_of(V v) const { return scaled ? hn::Mul(v, scale) : v; }
  HWY_INLINE V relu_of(V v) const {
    const V zero = hn::Zero(D());
    if (relu == Epilogue::Relu::maximum) return hn::IfThenElse(hn::Lt(v, zero), zero, v);
    if (relu == Epilogue::Relu::select) return hn::IfThenElseZero(hn::Gt(v, zero), v);
    return v;
  }
};

// apply_form where the columns of y lie side by side, not its rows: through transposes.
template <class T>
void apply_form_turned(const Epilogue& e, const T* x, int64_t x_row, const T* extra, int64_t extra_row,
                       int64_t extra_column, T* y, int64_t y_column, int64_t rows, int64_t columns) {
  const hn::ScalableTag<T> d;
  constexpr int64_t N = kLanes<T>, kBlock = 64;
  const Form<T> form(e);
  HWY_ALIGN T block[kBlock * N];
  for (int64_t i = 0; i < rows; i += N) {
    const int64_t n = std::min(N, rows - i);
    for (int64_t j = 0; j < columns; j += kBlock) {
      const int64_t width = std::min(kBlock, columns - j);
      const T* lines[N];  // those beyond the rows repeat the last one
      for (int64_t r = 0; r < N; r++) lines[r] = x + (i + std::min(r, n - 1)) * x_row + j;
      transpose_rows<T>(lines, width, block, N);
      for (int64_t c = 0; c < width; c++) {
        auto v = form.scaled_of(hn::Load(d, block + c * N));
        T* const to = y + i + (j + c) * y_column;
        if (extra) {
          const T* const from = extra + i * extra_row + (j + c) * extra_column;
          v = hn::Add(v, extra_row == 0 ? hn::Set(d, *from)
                         : n == N       ? hn::LoadU(d, from)
                                        : LoadTail(d, from, static_cast<size_t>(n)));
        }
        v = form.relu_of(v);
        n == N ? hn::StoreU(v, d, to) : StoreTail(d, v, to, static_cast<size_t>(n));
      }
    }
  }
}

// y = relu(scale * x + extra) on rows x columns elements; y may be x. extra may be null.
template <class T>
void apply_form(const Epilogue& e, const T* x, int64_t x_row, int64_t x_column, const T* extra, int64_t extra_row,
                int64_t extra_column, T* y, int64_t y_row, int64_t y_column, int64_t rows, int64_t columns) {
  const hn::ScalableTag<T> d;
  constexpr int64_t N = kLanes<T>;
  if (x != y && x_column == 1 && y_row == 1 && y_column != 1 && (!extra || extra_row == 0 || extra_row == 1)) {
    apply_form_turned(e, x, x_row, extra, extra_row, extra_column, y, y_column, rows, columns);
    return;
  }
  const Form<T> form(e);
  const T scale = static_cast<T>(e.scale);
  const bool vectors = x_column == 1 && y_column == 1 && (!extra || extra_column == 0 || extra_column == 1);
  for (int64_t i = 0; i < rows; i++, x += x_row, y += y_row) {
    int64_t j = 0;
    if (vectors) {
      for (; j + N <= columns; j += N) {
        auto v = form.scaled_of(hn::LoadU(d, x + j));
        if (extra) v = hn::Add(v, extra_column == 1 ? hn::LoadU(d, extra + j) : hn::Set(d, *extra));
        hn::StoreU(form.relu_of(v), d, y + j);
      }
    }
    for (; j < columns; j++) {
      T v = x[j * x_column];
      if (form.scaled) v *= scale;
      if (extra) v += extra[j * extra_column];
      if (e.relu == Epilogue::Relu::maximum && v < 0) v = 0;
      if (e.relu == Epilogue::Relu::select && !(v > 0)) v = 0;
      y[j * y_column] = v;
    }
    if (extra) extra += extra_row;
  }
}

// T: float or double, what the product is computed in.
template <class T>
class Product {
 public:
  explicit Product(const Problem& problem) : p_(problem), e_(*problem.epilogue), m_(p_.a.count), n_(p_.b.count) {
    own_dtype_ = p_.y.dtype == kDtype;
    const bool matrix = p_.y.ndim == 2;
    const bool reads_y = e_.recognised && e_.extra >= 0 && same_view(p_.extras[e_.extra], p_.y);
    accumulates_ = matrix && own_dtype_ && reads_y && e_.scale == 1 && e_.relu == Epilogue::Relu::none;
    in_place_ = matrix && own_dtype_ && e_.recognised && (!reads_y || accumulates_);
  }

  void run() const {
    if (p_.a.offsets || p_.b.offsets) return panels();
    if (work_of(m_, n_, p_.depth) < kTinyWork) return tiny();
    if (dots_fit()) return dots();
    if (m_ == 1 && in_own_dtype(p_.b) && p_.b.step == 1) return row();
    turns() ? turned() : panels();
  }

  // y = a . b of two matrices where the call costs beside its multiplications: element by element, or by tiles that
  // read a where it lies. False: another way is better.
  static bool small(const nc_tensor& a, const nc_tensor& b, const nc_tensor& y) {
    const int64_t m = y.shape[0], n = y.shape[1], depth = a.shape[1];
    const double work = work_of(m, n, depth);
    if (work > kSmallWork || depth == 0 || depth > kSmallDepth || y.strides[1] != 1) return false;
    if (work < kTinyWork) {
      for (int64_t i = 0; i < m; i++)
        for (int64_t j = 0; j < n; j++)
          data<T>(y)[i * y.strides[0] + j] =
              dot(data<T>(a) + i * a.strides[0], a.strides[1], data<T>(b) + j * b.strides[1], b.strides[0], depth);
      return true;
    }
    // Few rows do not fill the registers, nor a few columns the vectors.
    if (m < 4 || n < kLanes<T> / 2) return false;
    if (n <= kLanes<T> && m > 2 * kLanes<T> && a.strides[0] == 1) return false;
    // Two threads take half the rows each where b is not packed: lines of y that lie side by side stay with one of
    // them.
    const bool brief = work >= kBriefWork, in_order = b.strides[1] == 1;
    const int64_t column_panels = ceil_div(n, kTileColumns<T>);
    const int64_t parts = brief && (in_order || column_panels % 2 != 0) ? 2 : 1;
    const int64_t row_panels = ceil_div(ceil_div(m, kTileRows), parts) * parts;
    const auto columns_of_rows = [&](int64_t panel, int64_t part) HWY_ATTR {
      const int64_t j = panel * kTileColumns<T>, width = std::min(kTileColumns<T>, n - j);
      const T* right = data<T>(b) + j * b.strides[1];
      int64_t right_step = b.strides[0];
      if (!in_order || !(kMasks || width % kLanes<T> == 0)) {
        T* const packed = thread_scratch().right.template reserve<T>(kTileColumns<T> * depth + kLanes<T>);
        pack_panel(right, width, b.strides[1], depth, right_step, packed, kTileColumns<T>);
        right = packed;
        right_step = kTileColumns<T>;
      }
      for (int64_t i = part * row_panels / parts; i < (part + 1) * row_panels / parts; i++) {
        const int64_t first = panel_row(m, i, row_panels), height = panel_row(m, i + 1, row_panels) - first;
        tile(height, width, depth, data<T>(a) + first * a.strides[0], a.strides[0], a.strides[1], right, right_step,
             data<T>(y) + first * y.strides[0] + j, y.strides[0], false, nullptr, {right, 0});
      }
    };
    if (!brief) {
      for (int64_t panel = 0; panel < column_panels; panel++) columns_of_rows(panel, 0);
    } else if (in_order) {
      parallel_for_brief(parts, [&](int64_t part) HWY_ATTR {
        for (int64_t panel = 0; panel < column_panels; panel++) columns_of_rows(panel, part);
      });
    } else {
      parallel_for_brief(column_panels * parts,
                         [&](int64_t chunk) HWY_ATTR { columns_of_rows(chunk / parts, chunk % parts); });
    }
    return true;
  }

  // What a program makes of columns of a product that lie elsewhere.
  void finish_columns(const T* product, int64_t row_step, int64_t rows, int64_t j, int64_t columns) const {
    finish({const_cast<T*>(product), row_step, 1, false}, 0, j, rows, columns);
  }

  // The panels of a left operand, in elements, and the operand packed into them.
  static int64_t packed_size(int64_t m, int64_t depth) {
    return ceil_div(m, kTileRows) * kPanelStep * depth + kLanes<T>;
  }
  static void pack_left(const Operand& a, int64_t depth, T* packed) {
    pack_left(a, depth, ceil_div(a.count, kTileRows), packed);
  }
  static void pack_left(const Operand& a, int64_t depth, int64_t panels, T* packed) {
    const int64_t group = std::max<int64_t>((int64_t{1} << 16) / (kPanelStep * std::max<int64_t>(depth, 1)), 4);
    parallel_for(ceil_div(panels, group), [&](int64_t chunk) HWY_ATTR {
      pack_panels(a, 0, depth, panels, chunk * group, std::min(panels, (chunk + 1) * group),
                  packed + chunk * group * kPanelStep * depth);
    });
  }
  // Panels [begin, end) of `panels` at [k_begin, k_end) of the depth, one after the other.
  static void pack_panels(const Operand& a, int64_t k_begin, int64_t k_end, int64_t panels, int64_t begin, int64_t end,
                          T* packed) {
    const int64_t depth = k_end - k_begin;
    // Lines of memory hold parts of several panels where rows are neighbours: few lines at once, for all panels.
    const int64_t step = lies_in_order(a) ? 8 : depth_block(depth);
    for (int64_t at = 0; at < depth; at += step) {
      for (int64_t i = begin; i < end; i++) {
        const int64_t first = panel_row(a.count, i, panels), rows = panel_row(a.count, i + 1, panels) - first;
        pack(a, first, rows, k_begin + at, std::min(step, depth - at), packed + ((i - begin) * depth + at) * kPanelStep,
             kPanelStep);
      }
    }
  }

 protected:
  static constexpr nc_dtype kDtype = sizeof(T) == 8 ? NC_FLOAT64 : NC_FLOAT32;
  // Below it one loop over elements costs less than packing.
  static constexpr int64_t kTinyWork = 512;
  // Up to here the call counts.
  static constexpr double kSmallWork = 1 << 18;
  static constexpr int64_t kSmallDepth = 256;
  // Rows or columns up to which dots read the other operand where it lies, and the most that is transposed for them.
  static constexpr int64_t kFew = 16, kFewSize = 1 << 16;
  // The few rows of a block of the depth stay in the first-level cache.
  static constexpr int64_t kDotSize = 20480 / static_cast<int64_t>(sizeof(T));
  // Depth of a block, and rows and columns of a chunk at most: its part of a takes half of a second-level cache of
  // 1 MiB. A panel of b need not stay in the first-level cache: the rows to come are read ahead of their use.
  static constexpr int64_t kDepth = 400, kChunkRows = 280, kChunkColumns = 256;
  // Up to here the depth is not cut: adding to y a second time costs more than a larger part of a.
  static constexpr int64_t kWholeDepth = 2048 / static_cast<int64_t>(sizeof(T));
  // Likewise where the part of a has few rows, while it and a panel of b stay in the second-level cache.
  static constexpr int64_t kFewRowsSize = 448 * 1024 / static_cast<int64_t>(sizeof(T));
  static constexpr int64_t kFewRowsDepth = 8192 / static_cast<int64_t>(sizeof(T));
  // Up to so many columns of y the left operand is read where it lies, else it is packed. Where its rows are
  // neighbours, that is so only while each step of the depth meets a page of its own.
  static constexpr int64_t kNeighbourColumns = 4 * kTileColumns<T>, kRowColumns = 1024;
  static constexpr int64_t kNeighbourStep = 4096 / static_cast<int64_t>(sizeof(T));
  // Panels of the right operand up to this size are read where they lie by every row panel.
  static constexpr int64_t kInPlaceSize = 32768 / static_cast<int64_t>(sizeof(T));
  // Panels of rows up to which patches of an image are read where they lie: more of them pay for a packed panel.
  static constexpr int64_t kPatchPanels = 10;
  // Chunks wanted, while each keeps that many multiplications.
  static constexpr int64_t kChunks = 8, kChunkWork = int64_t{1} << 19;
  // Likewise where more of them cost nothing.
  static constexpr int64_t kFineChunks = 32, kFineWork = int64_t{1} << 20;
  // Panels of rows from which on a chunk is made two.
  static constexpr int64_t kChunkPanels = 16;
  static constexpr int64_t kPanelStep = ceil_div(kTileRows, kLanes<T>) * kLanes<T>;  // of a packed panel of a
  static constexpr int64_t kSharedSize = int64_t{1} << 21;                           // elements of a, packed at once
  static constexpr int64_t kOwnSize = int64_t{3} << 18;                              // likewise, a chunk's rows

  // Below this many multiplications, an element read or written counting as four, waking a thread costs more than it
  // saves.
  static constexpr double kSerialWork = 1 << 20;

  // From here on a thread that is awake saves some of it.
  static constexpr double kBriefWork = 1 << 17;

  template <class Body>
  void for_chunks(int64_t chunks, const Body& body) const {
    const double work = work_of(m_, n_, p_.depth);
    const double elements = work_of(m_, 1, p_.depth) + work_of(n_, 1, p_.depth) + work_of(m_, n_, 1);
    if (work + 4 * elements > kSerialWork) return parallel_for(chunks, body);
    for_brief_chunks(work, chunks, body);
  }
  template <class Body>
  static void for_brief_chunks(double work, int64_t chunks, const Body& body) {
    if (work >= kBriefWork) return parallel_for_brief(chunks, body);
    for (int64_t chunk = 0; chunk < chunks; chunk++) body(chunk);
  }

  struct Part {  // where rows x columns of the product go
    T* data;
    int64_t row_step, column_step;
    bool in_y;
  };

  static bool in_own_dtype(const Operand& x) { return x.dtype == kDtype; }
  static const T* elements(const Operand& x, int64_t p, int64_t k) { return reinterpret_cast<const T*>(x.at(p, k)); }

  // y itself where it may, else this thread's tile.
  Part begin(int64_t i, int64_t j, int64_t rows, int64_t columns, bool may_lie_in_y = true) const {
    if (in_place_ && may_lie_in_y)
      return {data<T>(p_.y) + i * p_.y.strides[0] + j * p_.y.strides[1], p_.y.strides[0], p_.y.strides[1], true};
    const int64_t step = ceil_div(columns, kTileColumns<T>) * kTileColumns<T>;
    return {thread_scratch().tile.template reserve<T>(rows * step), step, 1, false};
  }
  void finish(const Part& part, int64_t i, int64_t j, int64_t rows, int64_t columns) const {
    if (part.in_y && (!e_.program || accumulates_)) return;
    if (p_.y.ndim == 2) return finish_matrix(p_, part, i, j, rows, columns);
    // Columns in several axes: as far as the last one goes.
    const int64_t row = p_.y.shape[p_.y.ndim - 1];
    Problem part_of_y = p_;
    std::array<nc_tensor, NC_PROGRAM_MAX_INPUTS> extras;
    part_of_y.extras = extras.data();
    for (int64_t done = 0; done < columns;) {
      const int64_t at = (j + done) % row, run = std::min(row - at, columns - done);
      part_of_y.y = matrix_of_row(p_.y, (j + done) / row);
      for (int32_t e = 0; e < p_.n_extras; e++) extras[e] = matrix_of_row(p_.extras[e], (j + done) / row);
      finish_matrix(part_of_y, {part.data + done * part.column_step, part.row_step, part.column_step, false}, i, at,
                    rows, run);
      done += run;
    }
  }
  void finish_matrix(const Problem& p, const Part& part, int64_t i, int64_t j, int64_t rows, int64_t columns) const {
    if (!own_dtype_ || !e_.recognised) {
      run_epilogue(p, part.data, part.row_step, part.column_step, i, j, rows, columns);
      return;
    }
    const nc_tensor* extra = e_.extra < 0 ? nullptr : &p.extras[e_.extra];
    const int64_t extra_row = extra ? extra->strides[0] : 0, extra_column = extra ? extra->strides[1] : 0;
    apply_form(e_, part.data, part.row_step, part.column_step,
               extra ? data<T>(*extra) + i * extra_row + j * extra_column : nullptr, extra_row, extra_column,
               data<T>(p.y) + i * p.y.strides[0] + j * p.y.strides[1], p.y.strides[0], p.y.strides[1], rows, columns);
  }
  // (M, n...) along its last axis: (M, n), at index `row` of the axes between.
  static nc_tensor matrix_of_row(const nc_tensor& t, int64_t row) {
    nc_tensor matrix = t;
    const int last = t.ndim - 1;
    matrix.ndim = 2;
    matrix.shape[1] = t.shape[last];
    matrix.strides[1] = t.strides[last];
    for (int axis = last - 1; axis > 0; axis--) {
      matrix.offset += row % t.shape[axis] * t.strides[axis] * dtype_size(t.dtype);
      row /= t.shape[axis];
    }
    return matrix;
  }

  static T dot(const T* a, int64_t a_step, const T* b, int64_t b_step, int64_t depth) {
    T sum = 0;
    for (int64_t k = 0; k < depth; k++) sum += a[k * a_step] * b[k * b_step];
    return sum;
  }

  void tiny() const {
    const Part part = begin(0, 0, m_, n_);
    const bool add = accumulates_ && part.in_y;
    for (int64_t i = 0; i < m_; i++) {
      for (int64_t j = 0; j < n_; j++) {
        T sum = 0;
        if (in_own_dtype(p_.a)) {
          sum = dot(elements(p_.a, i, 0), p_.a.depth_step, elements(p_.b, j, 0), p_.b.depth_step, p_.depth);
        } else {
          for (int64_t k = 0; k < p_.depth; k++)
            sum += load_element<T>(p_.a.dtype, p_.a.at(i, k)) * load_element<T>(p_.b.dtype, p_.b.at(j, k));
        }
        T& y = part.data[i * part.row_step + j * part.column_step];
        y = add ? y + sum : sum;
      }
    }
    finish(part, 0, 0, m_, n_);
  }

  bool dots_fit() const {
    if (!in_own_dtype(p_.a) || std::min(m_, n_) > kFew || p_.depth < 4 * kLanes<T>) return false;
    const bool small = std::min(m_, n_) * p_.depth <= kFewSize;
    const bool a_along = p_.a.depth_step == 1, b_along = p_.b.depth_step == 1;
    return (a_along && b_along) || (small && (n_ <= m_ ? a_along : b_along));
  }

  void dots() const {
    struct Rows {
      const T* data;
      int64_t step;
    };
    // Each thread packs the few rows for itself: lines that another core wrote come slowly.
    const uint64_t id = p_.a.depth_step == 1 && p_.b.depth_step == 1 ? 0 : next_packed_ids(1);
    const auto along_depth = [this, id](const Operand& x) HWY_ATTR -> Rows {
      const T* const first = elements(x, 0, 0);
      if (x.depth_step == 1) return {first, x.step};
      const int64_t step = ceil_div(p_.depth, kLanes<T>) * kLanes<T>;
      ThreadScratch& scratch = thread_scratch();
      T* const rows = scratch.left.template reserve<T>(step * x.count);
      if (scratch.packed_id != id) pack_panel(first, p_.depth, x.depth_step, x.count, x.step, rows, step);
      scratch.packed_id = id;
      return {rows, step};
    };
    const int64_t many = std::max(m_, n_), few = std::min(m_, n_);
    const int64_t share = std::max<int64_t>(ceil_div(kChunkWork / 8, few * p_.depth), 1);
    const int64_t block = ceil_div(share, kDotRows) * kDotRows;
    const int64_t dot_depth = ceil_div(ceil_div(p_.depth, ceil_div(few * p_.depth, kDotSize)), 64) * 64;
    for_chunks(ceil_div(many, block), [&](int64_t chunk) HWY_ATTR {
      const Rows a = along_depth(p_.a), b = along_depth(p_.b);
      const int64_t first = chunk * block, count = std::min(block, many - first);
      const int64_t i = m_ >= n_ ? first : 0, j = m_ >= n_ ? 0 : first;
      const int64_t rows = m_ >= n_ ? count : m_, columns = m_ >= n_ ? n_ : count;
      const Part part = begin(i, j, rows, columns);
      const bool add = accumulates_ && part.in_y;
      for (int64_t k = 0; k < p_.depth; k += dot_depth) {
        const int64_t depth = std::min(dot_depth, p_.depth - k);
        if (m_ >= n_) {
          dot_rows(rows, columns, depth, a.data + i * a.step + k, a.step, b.data + k, b.step, part.data, part.row_step,
                   part.column_step, add || k > 0);
        } else {
          dot_rows(columns, rows, depth, b.data + j * b.step + k, b.step, a.data + k, a.step, part.data,
                   part.column_step, part.row_step, add || k > 0);
        }
      }
      finish(part, i, j, rows, columns);
    });
  }

  // Whether the columns of b, which lie along the depth, are better read where they lie, as rows of the product turned
  // over, than packed for a few rows of a: where those fill vectors, and the result is little beside b.
  bool turns() const {
    constexpr int64_t N = kLanes<T>, kMost = 8 * N;
    const int64_t empty = ceil_div(m_, N) * N - m_;
    return m_ <= kMost && p_.y.ndim == 2 && own_dtype_ && e_.recognised && !p_.packed && in_own_dtype(p_.a) &&
           in_own_dtype(p_.b) && p_.b.depth_step == 1 && p_.b.step != 1 && !conflicts(p_.b.step) &&
           p_.y.strides[1] == 1 && n_ >= kMost && p_.depth * (N / 4 - empty) > 32 * m_;
  }
  void turned() const {
    const auto turn = [](nc_tensor t) {
      std::swap(t.shape[0], t.shape[1]);
      std::swap(t.strides[0], t.strides[1]);
      return t;
    };
    Problem problem = p_;
    std::swap(problem.a, problem.b);
    problem.y = turn(p_.y);
    std::array<nc_tensor, NC_PROGRAM_MAX_INPUTS> extras;
    for (int32_t i = 0; i < p_.n_extras; i++) extras[i] = turn(p_.extras[i]);
    problem.extras = extras.data();
    Product(problem).panels();
  }

  // One row: b is read once, in whole rows.
  void row() const {
    const int64_t width = std::min<int64_t>(ceil_div(ceil_div(n_, 4), 64) * 64, 1024);
    for_chunks(ceil_div(n_, width), [&](int64_t chunk) HWY_ATTR {
      const int64_t j = chunk * width, columns = std::min(width, n_ - j);
      const Part part = begin(0, j, 1, columns, p_.y.strides[1] == 1);
      sum_rows(columns, p_.depth, elements(p_.a, 0, 0), p_.a.depth_step, elements(p_.b, j, 0), p_.b.depth_step,
               part.data, accumulates_ && part.in_y);
      finish(part, 0, j, 1, columns);
    });
  }

  // Packs count x depth of an operand; 16 bit elements are widened first.
  static void pack(const Operand& x, int64_t p, int64_t count, int64_t k, int64_t depth, T* y, int64_t y_step) {
    if (x.offsets) {
      pack_gathered(reinterpret_cast<const T*>(x.data), x.offsets + p, count, x.depth_offsets + k, depth,
                    reinterpret_cast<const T*>(x.end), y, y_step);
      return;
    }
    if (in_own_dtype(x)) {
      pack_panel(elements(x, p, k), count, x.step, depth, x.depth_step, y, y_step);
      return;
    }
    const bool along = x.depth_step == 1;
    T* const wide = thread_scratch().converted.template reserve<T>(count * depth);
    nc_tensor from = {}, to = {};
    from.base = const_cast<char*>(x.at(p, k));
    from.device_type = NC_CPU;
    from.dtype = x.dtype;
    from.ndim = 2;
    from.shape[0] = along ? count : depth;
    from.shape[1] = along ? depth : count;
    from.strides[0] = along ? x.step : x.depth_step;
    from.strides[1] = along ? x.depth_step : x.step;
    to = from;
    to.base = wide;
    to.dtype = kDtype;
    to.strides[0] = from.shape[1];
    to.strides[1] = 1;
    check_slot(table()->copy(nullptr, &from, &to));
    pack_panel(wide, count, along ? depth : 1, depth, along ? 1 : count, y, y_step);
  }

  // Elements lie in the order of a packed panel.
  static bool lies_in_order(const Operand& x) { return in_own_dtype(x) && !x.offsets && x.step == 1; }

  // Lines whole pages apart share few sets of the caches.
  static bool conflicts(int64_t step) { return step * static_cast<int64_t>(sizeof(T)) % 4096 == 0; }

  bool a_in_place() const {
    if (p_.packed || p_.a.offsets || !in_own_dtype(p_.a)) return false;
    if (p_.a.step == 1) return n_ <= kNeighbourColumns || (!p_.b.offsets && p_.a.depth_step < kNeighbourStep);
    return p_.a.depth_step == 1 && !p_.b.offsets && n_ <= kRowColumns && !conflicts(p_.a.step);
  }
  bool b_in_place(int64_t depth, int64_t row_panels) const {
    return lies_in_order(p_.b) &&
           (row_panels == 1 || (depth * kTileColumns<T> <= kInPlaceSize && !conflicts(p_.b.depth_step)));
  }

  // Blocks of nearly equal depth for a chunk of so many rows. A product without depth is one block of nothing: the
  // kernel stores zeros.
  static int64_t depth_block(int64_t depth, int64_t rows = kChunkRows) {
    depth = std::max<int64_t>(depth, 1);
    const bool whole = depth <= kWholeDepth || (depth <= kFewRowsDepth && rows * depth <= kFewRowsSize);
    const int64_t blocks = whole ? 1 : ceil_div(depth, kDepth);
    return ceil_div(ceil_div(depth, blocks), 16) * 16;
  }

  // First row of panel i of `panels` of nearly equal height, in which m rows lie.
  static int64_t panel_row(int64_t m, int64_t i, int64_t panels) { return i * m / panels; }
  int64_t panel_row(int64_t i, int64_t panels) const { return panel_row(m_, i, panels); }

  void panels() const {
    int64_t row_panels = ceil_div(m_, kTileRows);
    const int64_t column_panels = ceil_div(n_, kTileColumns<T>);
    // Chunks follow the shape alone: not too large for the caches, enough of them for some threads.
    int64_t row_chunks = ceil_div(m_, kChunkRows), column_chunks = ceil_div(n_, kChunkColumns);
    const auto too_few = [&] {
      const int64_t chunks = row_chunks * column_chunks;
      const double most = chunks == 1 ? 3 * kBriefWork : static_cast<double>(kChunkWork);
      return chunks < kChunks && work_of(m_, n_, p_.depth) / static_cast<double>(chunks) > most;
    };
    // Rows that are packed anyway are packed once, a block of the depth at a time, where one chunk takes all columns.
    const bool in_place = a_in_place();
    if (column_chunks == 1 && !in_place && !p_.packed)
      while (too_few() && row_panels >= kChunkPanels * row_chunks) row_chunks *= 2;
    while (too_few() && column_chunks < column_panels) column_chunks *= 2;
    while (too_few() && row_chunks < row_panels) row_chunks *= 2;
    row_chunks = std::min(row_chunks, row_panels);
    // Chunks of fewer columns of the same rows cost nothing where no program runs on each and no block of the depth
    // comes back to them: what a thread that comes late or is slower leaves to the others is in small pieces.
    const int64_t block = depth_block(p_.depth, ceil_div(m_, row_chunks));
    const auto coarse = [&](int64_t chunks) {
      return chunks < kFineChunks && work_of(m_, n_, p_.depth) / static_cast<double>(chunks) > kFineWork;
    };
    if (e_.recognised && !p_.a.offsets && !p_.b.offsets && column_chunks > 1 && p_.depth <= block)
      while (coarse(row_chunks * column_chunks) && column_chunks < column_panels) column_chunks *= 2;
    column_chunks = std::min(column_chunks, column_panels);
    // Chunks of as many panels, a little lower ones: a panel more is time that other threads wait.
    if (!p_.packed) row_panels = std::min(ceil_div(row_panels, row_chunks) * row_chunks, m_);
    const T* shared = static_cast<const T*>(p_.packed);
    // What several chunks read is packed once: the rows of a chunk by each thread that comes to them, since lines that
    // another core wrote come slower than they are packed; what is too much for that by all threads together.
    const int64_t most_panels = ceil_div(row_panels, row_chunks), panel_size = kPanelStep * p_.depth;
    const bool repeated = !shared && !in_place && column_chunks > 1;
    const bool by_thread = repeated && work_of(most_panels * kPanelStep, 1, p_.depth) <= static_cast<double>(kOwnSize);
    const uint64_t id = by_thread ? next_packed_ids(row_chunks) : 0;
    if (repeated && !by_thread && work_of(row_panels * kPanelStep, 1, p_.depth) <= static_cast<double>(kSharedSize)) {
      T* const packed = thread_scratch().left.template reserve<T>(row_panels * panel_size + kLanes<T>);
      pack_left(p_.a, p_.depth, row_panels, packed);
      shared = packed;
    }
    for_chunks(row_chunks * column_chunks, [&](int64_t chunk) HWY_ATTR {
      const int64_t r = chunk / column_chunks, c = chunk % column_chunks;
      const int64_t row_begin = r * row_panels / row_chunks, row_end = (r + 1) * row_panels / row_chunks;
      const T* left = shared ? shared + row_begin * panel_size : nullptr;
      if (by_thread) {
        ThreadScratch& scratch = thread_scratch();
        T* const packed = scratch.left.template reserve<T>(most_panels * panel_size + kLanes<T>);
        if (scratch.packed_id != id + static_cast<uint64_t>(r))
          pack_panels(p_.a, 0, p_.depth, row_panels, row_begin, row_end, packed);
        scratch.packed_id = id + static_cast<uint64_t>(r);
        left = packed;
      }
      chunk_of_panels(row_begin, row_end, row_panels, c * column_panels / column_chunks,
                      (c + 1) * column_panels / column_chunks, block, left);
    });
  }

  // Row panels [row_begin, row_end) x column panels [column_begin, column_end), the whole depth. `packed`: the rows of
  // a, or null.
  void chunk_of_panels(int64_t row_begin, int64_t row_end, int64_t row_panels, int64_t column_begin, int64_t column_end,
                       int64_t block, const T* packed) const {
    constexpr int64_t kColumns = kTileColumns<T>, kLine = 64 / static_cast<int64_t>(sizeof(T));
    const int64_t i0 = panel_row(row_begin, row_panels), rows = panel_row(row_end, row_panels) - i0;
    const int64_t j0 = column_begin * kColumns, columns = std::min(column_end * kColumns, n_) - j0;
    // Such rows of y are added to once, not for every block.
    const bool may_lie_in_y = p_.y.strides[1] == 1 && !(p_.depth > block && conflicts(p_.y.strides[0]));
    const Part part = begin(i0, j0, rows, columns, may_lie_in_y);
    const bool in_place = a_in_place();
    const int64_t own_size = (row_end - row_begin) * kPanelStep * block + kLanes<T>;
    T* const own = packed || in_place ? nullptr : thread_scratch().left.template reserve<T>(own_size);
    T* const b_panel = thread_scratch().right.template reserve<T>(kColumns * block + kLanes<T>);
    for (int64_t k = 0; k == 0 || k < p_.depth; k += block) {
      const int64_t depth = std::min(block, p_.depth - k);
      const bool last = k + depth >= p_.depth;
      const bool add = k > 0 || (accumulates_ && part.in_y);
      if (own) pack_panels(p_.a, k, k + depth, row_panels, row_begin, row_end, own);
      // Lines of the part of a to come, for the kernels of the last columns: of this chunk's rows, or of the next
      // one's.
      const int64_t next_row = last ? i0 + rows : i0, left_k = last ? 0 : k + depth;
      const bool left_along = p_.a.depth_step == 1;
      const bool packs_next =
          own && next_row < m_ && in_own_dtype(p_.a) && !p_.a.offsets && (left_along || p_.a.step == 1);
      const int64_t left_lines = packs_next ? ceil_div(left_along ? block : rows, kLine) : 0;
      const int64_t left_panels = ceil_div(left_lines, std::max<int64_t>(row_end - row_begin - kTileVectors, 1));
      int64_t left_line = 0;
      for (int64_t j = j0; j < j0 + columns; j += kColumns) {
        const int64_t width = std::min(kColumns, j0 + columns - j), vectors = ceil_div(width, kLanes<T>);
        const bool whole = width == vectors * kLanes<T>;
        const int64_t stored = kMasks || part.in_y ? width : vectors * kLanes<T>;  // a tile has room for more
        const T* b = b_panel;
        int64_t b_step = kColumns;
        bool fills = false, in_image = false;
        [[maybe_unused]] PatchColumns patches;
        if constexpr (sizeof(T) == sizeof(float)) {
          in_image = width == kColumns && p_.b.offsets && row_end - row_begin <= kPatchPanels &&
                     patches.find<kLanes<T>>(p_.b.offsets + j);
        }
        if ((kMasks || whole) && b_in_place(depth, row_end - row_begin)) {
          b = elements(p_.b, j, k);
          b_step = p_.b.depth_step;
        } else if ((kMasks || whole) && lies_in_order(p_.b)) {
          fills = true;  // by the kernel of the first row panel
        } else if (depth > 0 && !in_image) {
          pack(p_.b, j, width, k, depth, b_panel, b_step);
        }
        // The panel to come: beside this one, in the next block of the depth, or in the chunk to come, mostly this
        // thread's too.
        int64_t next_j = j + kColumns, next_k = k;
        if (next_j >= j0 + columns) {
          next_k = last ? 0 : k + depth;
          if (!last) next_j = j0;
        }
        const bool has_next = depth > 0 && next_j < n_ && in_own_dtype(p_.b) && !p_.b.offsets;
        for (int64_t i = row_begin; i < row_end; i++) {
          const int64_t first = panel_row(i, row_panels), height = panel_row(i + 1, row_panels) - first;
          const T* a = in_place ? elements(p_.a, first, k)
                       : packed ? packed + ((i - row_begin) * p_.depth + k) * kPanelStep
                                : own + (i - row_begin) * depth * kPanelStep;
          const int64_t a_row = in_place ? p_.a.step : 1, a_step = in_place ? p_.a.depth_step : kPanelStep;
          T* const c = part.data + (first - i0) * part.row_step + (j - j0);
          if (has_next && p_.b.step != 1 && p_.b.depth_step == 1)
            prefetch_lines(elements(p_.b, next_j, next_k), std::min(kColumns, n_ - next_j), p_.b.step,
                           std::min(block, p_.depth - next_k), i - row_begin, row_end - row_begin);
          const int64_t line = (i - row_begin) * kLine;
          Ahead<T> ahead{b, 0};
          if (has_next && p_.b.step == 1 && line < kColumns) {
            ahead = {elements(p_.b, next_j, next_k) + line, p_.b.depth_step};
          } else if (in_place && j == j0 && i + 1 < row_end && p_.a.step == p_.depth) {
            ahead = {elements(p_.a, panel_row(i + 1, row_panels), 0), kLine};  // as many lines as the kernel asks for
          } else if (left_line < left_lines && j0 + columns - j <= left_panels * kColumns) {
            const int64_t at = kLine * left_line++;
            ahead = left_along ? Ahead<T>{elements(p_.a, next_row, left_k + at), p_.a.step}
                               : Ahead<T>{elements(p_.a, next_row + at, left_k), p_.a.depth_step};
          }
          if (in_image) {
            if constexpr (sizeof(T) == sizeof(float))
              patch_tile_kernel_for(height)(depth, a, a_step, reinterpret_cast<const float*>(p_.b.data), patches,
                                            p_.b.depth_offsets + k, c, part.row_step, add);
          } else if (fills && i == row_begin) {
            tile(height, stored, depth, a, a_row, a_step, elements(p_.b, j, k), p_.b.depth_step, c, part.row_step, add,
                 b_panel, ahead);
          } else {
            tile(height, stored, depth, a, a_row, a_step, b, b_step, c, part.row_step, add, nullptr, ahead);
          }
        }
        if (last && part.in_y) finish(Part{part.data + (j - j0), part.row_step, 1, true}, i0, j, rows, width);
      }
    }
    if (!part.in_y) finish(part, i0, j0, rows, columns);
  }

  // rows x columns of c (+)= a . b by one tile.
  static HWY_INLINE void tile(int64_t rows, int64_t columns, int64_t depth, const T* a, int64_t a_row, int64_t a_step,
                              const T* b, int64_t b_step, T* c, int64_t c_step, bool add, T* panel, Ahead<T> ahead) {
    const int64_t vectors = ceil_div(columns, kLanes<T>), rest = columns - (vectors - 1) * kLanes<T>;
    const auto kernel = tile_kernel_for<T>(rows, vectors);
    if (kMasks || rest == kLanes<T>) {
      kernel(depth, a, a_row, a_step, b, b_step, c, c_step, add, rest, panel, ahead);
      return;
    }
    // The last vector would reach beyond y's row.
    HWY_ALIGN T result[kTileRows * kTileColumns<T>];
    kernel(depth, a, a_row, a_step, b, b_step, result, kTileColumns<T>, false, rest, panel, ahead);
    add_tile(result, rows, columns, c, c_step, add);
  }
  static void add_tile(const T* x, int64_t rows, int64_t columns, T* c, int64_t c_step, bool add) {
    const hn::ScalableTag<T> d;
    const int64_t whole = columns / kLanes<T> * kLanes<T>;
    const size_t rest = static_cast<size_t>(columns - whole);
    for (int64_t i = 0; i < rows; i++, x += kTileColumns<T>, c += c_step) {
      for (int64_t j = 0; j < whole; j += kLanes<T>) {
        const auto v = hn::Load(d, x + j);
        hn::StoreU(add ? hn::Add(hn::LoadU(d, c + j), v) : v, d, c + j);
      }
      const auto v = hn::Load(d, x + whole);
      StoreTail(d, add ? hn::Add(LoadTail(d, c + whole, rest), v) : v, c + whole, rest);
    }
  }

  const Problem& p_;
  const Epilogue& e_;
  int64_t m_, n_;
  bool own_dtype_;    // y has the dtype of the product
  bool accumulates_;  // y += product
  bool in_place_;     // the product is accumulated in y
};

}  // namespace nc::cpu::HWY_NAMESPACE::gemm
HWY_AFTER_NAMESPACE();

#endif
