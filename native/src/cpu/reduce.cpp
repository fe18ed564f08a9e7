// Reductions on the CPU. A program is evaluated into blocks that stay in the L1 cache and reduced there, so that a map
// needs no temporary. Blocks and chunks depend on shapes and strides alone: neither threads nor timing show.
#include <algorithm>
#include <cstring>
#include <limits>
#include <memory>
#include <optional>
#include <vector>

#include "core/denormals.hpp"
#include "core/tensor.hpp"
#include "core/thread_pool.hpp"
#include "cpu/block_program.hpp"
#include "cpu/line_walk.hpp"
#include "cpu/page.hpp"
#include "cpu/reduce_kernels.hpp"

namespace nc::cpu {
namespace {

// Elements of a task, as of a chunk of program_run.
constexpr int64_t kTask = 32768;
// Elements of input that no cache holds.
constexpr int64_t kLarge = 64 * kTask;
// Values that are evaluated before they are reduced: several blocks of the program, so that most lines are one call.
constexpr int64_t kValuesBytes = 8192;
constexpr int64_t kValuesStride = kValuesBytes + 2 * kUniformBytes;
// Lines between others that are reduced by themselves: the results of shorter ones are not worth keeping.
constexpr int64_t kLeastLine = 64;
// Parts that one output's reduction is cut into at most: their results are kept until all are done.
constexpr int64_t kMaxParts = 64;
// Columns of plain input that are taken together: pages of a row that lie one behind the other, and sums that stay in
// the L1 cache. Parts that their rows are cut into at most, twice as many of large input.
constexpr int64_t kColumnsBytes = 2 * kValuesBytes;
constexpr int64_t kColumnsStride = kColumnsBytes + kPageBytes + 2 * kUniformBytes;
constexpr int64_t kMaxColumnParts = 16;
// Rows after which columns flush their sums: pairwise enough that the error grows with the logarithm of what is left.
constexpr int64_t kFlushRows = 256;

// Columns side by side from which on the extremes of all are sought at once.
constexpr int64_t kArgColumns = 16;

int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }

bool is_arg(int32_t reduction) { return reduction == NC_REDUCE_ARGMIN || reduction == NC_REDUCE_ARGMAX; }

// The elements in the order of the work: (outer, reduced, inner), where outer and inner axes are kept. Where the axis
// of the smallest stride is reduced, inner is 1 and an output is reduced from one line; else many are, side by side.
struct Reduction {
  const ProgramKernels::Type* kernels;
  const ReduceKernels::Type* reduce;
  const ReduceKernels::Operation* operation;
  const ProgramKernels* program_kernels;
  const nc_program* program;
  const nc_scalar* parameters;
  const nc_tensor* outputs;
  int32_t reduction;
  int64_t element;  // bytes of the compute dtype
  int64_t block;    // elements that are evaluated at once
  int64_t outer = 1, reduced = 1, inner = 1;
  bool plain;  // the program only loads, and the load is the value
  nc_dtype input_dtypes[NC_PROGRAM_MAX_INPUTS];
  nc_dtype value_dtypes[NC_PROGRAM_MAX_OUTPUTS];
  int64_t row_stride = 0;  // of plain input between reduced elements, where they are one axis
  // Plain input in the order of memory, as parts of `outer` lines of so many elements each: what is kept lies between
  // reduced axes, as the channels of images do. Else null.
  const char* parts_of_lines = nullptr;
  int64_t line = 1;
  Walk<NC_PROGRAM_MAX_INPUTS> inputs;
  Walk<1> targets[NC_PROGRAM_MAX_OUTPUTS];  // outer, inner

  void order_axes(const nc_tensor* x, int32_t n);
  void find_lines(const nc_tensor& x, const int32_t* kept, int32_t n_kept, const int32_t* gone, int32_t n_gone);
  bool large() const { return outer * reduced * inner >= kLarge; }
  // The elements [begin, end) where they are plain input and lie in one dense line, else null.
  const char* dense(int64_t begin, int64_t end) const;
  // Writes n results of output k, the first of which is number `first`.
  void finish(int32_t k, int64_t first, char* values, int64_t n) const;
};

void Reduction::order_axes(const nc_tensor* x, int32_t n) {
  const nc_tensor& y = outputs[0];
  const nc_tensor& shape = x[0];
  const auto key = [&](int32_t axis) {
    int64_t sum = 0;
    for (int32_t k = 0; k < n; k++) sum += std::abs(x[k].strides[axis]);
    return sum;
  };
  int32_t kept[NC_MAX_DIMS], gone[NC_MAX_DIMS], n_kept = 0, n_gone = 0;
  for (int32_t i = 0; i < y.ndim; i++) {
    if (shape.shape[i] == 1) continue;
    if (y.shape[i] == 1) {
      gone[n_gone++] = i;
      reduced *= shape.shape[i];
    } else {
      kept[n_kept++] = i;
    }
  }
  sort_axes(kept, n_kept, key);
  int32_t n_outer = n_kept;
  if (is_arg(reduction)) {  // an index is counted in C order
    int64_t side = 1;       // dense elements beside each other, along the last of the kept axes
    int32_t first = n_kept;
    if (plain && n_gone == 1 && reduced <= std::numeric_limits<int32_t>::max()) {
      while (first > 0 && x[0].strides[kept[first - 1]] == side && side < std::abs(x[0].strides[gone[0]])) {
        side *= shape.shape[kept[--first]];
      }
    }
    if (side >= kArgColumns) n_outer = first;
  } else {
    sort_axes(gone, n_gone, key);
    while (n_outer > 0 && (n_gone == 0 || key(kept[n_outer - 1]) < key(gone[n_gone - 1]))) n_outer--;
  }
  int32_t axes[NC_MAX_DIMS];
  for (int32_t i = 0; i < n_kept; i++) (i < n_outer ? outer : inner) *= shape.shape[kept[i]];
  std::copy(kept, kept + n_outer, axes);
  std::copy(gone, gone + n_gone, axes + n_outer);
  std::copy(kept + n_outer, kept + n_kept, axes + n_outer + n_gone);
  const nc_tensor* operands[NC_PROGRAM_MAX_INPUTS];
  for (int32_t k = 0; k < n; k++) operands[k] = &x[k];
  inputs.set_axes(operands, n, n, axes, n_kept + n_gone);
  for (int32_t k = 0; k < program->outputs; k++) {
    const nc_tensor* target = &outputs[k];
    targets[k].set_axes(&target, 1, 0, kept, n_kept);
  }
  if (plain && n_gone > 0) {
    row_stride = x[0].strides[gone[n_gone - 1]];
    for (int32_t i = n_gone - 1; i > 0; i--) {
      if (x[0].strides[gone[i - 1]] != x[0].strides[gone[i]] * shape.shape[gone[i]]) row_stride = 0;
    }
  }
  if (plain && inner == 1 && !is_arg(reduction)) find_lines(x[0], kept, n_kept, gone, n_gone);
}

void Reduction::find_lines(const nc_tensor& x, const int32_t* kept, int32_t n_kept, const int32_t* gone,
                           int32_t n_gone) {
  int32_t axes[NC_MAX_DIMS], before = 0;
  while (n_kept > 0 && before < n_gone && x.strides[gone[before]] > x.strides[kept[0]]) before++;
  std::copy(gone, gone + before, axes);
  std::copy(kept, kept + n_kept, axes + before);
  std::copy(gone + before, gone + n_gone, axes + before + n_kept);
  int64_t size = 1;
  for (int32_t i = n_kept + n_gone - 1; i >= 0; i--) {
    if (x.strides[axes[i]] != size) return;
    size *= x.shape[axes[i]];
    if (i >= before + n_kept) line = size;
  }
  if (before > 0 && line >= kLeastLine && line <= kTask) parts_of_lines = data<const char>(x);
}

const char* Reduction::dense(int64_t begin, int64_t end) const {
  const char* found = nullptr;
  if (!plain || inputs.packs()) return found;
  inputs.lines(begin, end, [&](const Line* x, int64_t n) {
    if (x->stride == 1 && n == end - begin) found = x->data;
  });
  return found;
}

void Reduction::finish(int32_t k, int64_t first, char* values, int64_t n) const {
  if (reduction == NC_REDUCE_MEAN) reduce->divide(values, reduced, static_cast<size_t>(n));
  const nc_dtype dtype = outputs[k].dtype;
  targets[k].lines(first, first + n, [&](const Line* y, int64_t length) {
    kernels->store[dtype](y->data, y->stride, values, static_cast<size_t>(length), true);
    values += length * element;
  });
}

// Evaluates runs of elements of a reduction, for one thread.
class Values {
 public:
  // Scratch for `more` bytes besides is the caller's.
  Values(const Reduction& r, int64_t more)
      : r_(r),
        program_(*r.program_kernels, *r.program, r.parameters, r.input_dtypes, r.value_dtypes, 0,
                 std::min(r.block, r.inputs.line())),
        buffers_(thread_scratch(ScratchUse::reduce, r.program->outputs * kValuesStride + more)) {}

  char* scratch() const { return buffers_ + r_.program->outputs * kValuesStride; }

  // The elements [begin, end), no more than a block, in the order of the work.
  void evaluate(int64_t begin, int64_t end) {
    const nc_program& program = *r_.program;
    direct_ = nullptr;
    Line values[NC_PROGRAM_MAX_OUTPUTS];
    for (int32_t k = 0; k < program.outputs; k++) values[k] = {buffers_ + k * kValuesStride, 1};
    r_.inputs.lines(begin, end, [&](const Line* x, int64_t n) {
      if (r_.plain && x->stride == 1 && n == end - begin) {
        direct_ = x->data;
        return;
      }
      program_.run(x, values, n);
      for (int32_t k = 0; k < program.outputs; k++) values[k].data += n * r_.element;
    });
  }

  const char* of(int32_t output) const { return direct_ ? direct_ : buffers_ + output * kValuesStride; }

 private:
  const Reduction& r_;
  BlockProgram program_;
  char* buffers_;
  const char* direct_ = nullptr;
};

// Combines values two by two, as they come, in a tree of fixed form.
class Cascade {
 public:
  Cascade(const ReduceKernels::Operation& operation, int64_t element) : operation_(operation), element_(element) {}

  void push(const void* value) {
    std::memcpy(stack_[top_++], value, static_cast<size_t>(element_));
    for (uint64_t n = ++count_; (n & 1) == 0; n >>= 1) join();
  }

  const void* total() {
    while (top_ > 1) join();
    return stack_[0];
  }

 private:
  void join() {
    top_--;
    operation_.combine(stack_[top_ - 1], stack_[top_], 1);
  }

  const ReduceKernels::Operation& operation_;
  int64_t element_;
  uint64_t count_ = 0;
  int top_ = 0;
  alignas(8) char stack_[64][8];
};

// What [begin, end) come to, block by block, for each output of the program.
void reduce_line(const Reduction& r, Values& values, int64_t begin, int64_t end, char* totals) {
  if (const char* x = r.dense(begin, end)) {
    r.operation->rows(totals, x, 1, static_cast<size_t>(end - begin));
    return;
  }
  std::optional<Cascade> cascades[NC_PROGRAM_MAX_OUTPUTS];
  const int32_t outputs = r.program->outputs;
  for (int32_t k = 0; k < outputs; k++) cascades[k].emplace(*r.operation, r.element);
  for (; begin < end; begin += r.block) {
    const int64_t n = std::min(r.block, end - begin);
    values.evaluate(begin, begin + n);
    for (int32_t k = 0; k < outputs; k++) {
      alignas(8) char part[8];
      r.operation->rows(part, values.of(k), 1, static_cast<size_t>(n));
      cascades[k]->push(part);
    }
  }
  for (int32_t k = 0; k < outputs; k++)
    std::memcpy(totals + k * 8, cascades[k]->total(), static_cast<size_t>(r.element));
}

// Outputs [first, last), each from one line of no more than a task.
void reduce_short_lines(const Reduction& r, int64_t first, int64_t last) {
  const int32_t outputs = r.program->outputs;
  const int64_t step = std::max<int64_t>(1, r.block / r.reduced);
  Values values(r, outputs * kValuesStride);
  if (const char* x = r.dense(first * r.reduced, last * r.reduced)) {
    for (int64_t o = first; o < last; o += r.block) {
      const int64_t n = std::min(r.block, last - o);
      const char* rows = x + (o - first) * r.reduced * r.element;
      r.operation->rows(values.scratch(), rows, static_cast<size_t>(n), static_cast<size_t>(r.reduced));
      r.finish(0, o, values.scratch(), n);
    }
    return;
  }
  for (int64_t o = first; o < last; o += step) {
    const int64_t n = std::min(step, last - o);
    alignas(8) char totals[NC_PROGRAM_MAX_OUTPUTS * 8];
    if (r.reduced > r.block) {
      reduce_line(r, values, o * r.reduced, (o + 1) * r.reduced, totals);
      for (int32_t k = 0; k < outputs; k++) r.finish(k, o, totals + k * 8, 1);
      continue;
    }
    values.evaluate(o * r.reduced, (o + n) * r.reduced);
    for (int32_t k = 0; k < outputs; k++) {
      char* results = values.scratch() + k * kValuesStride;
      r.operation->rows(results, values.of(k), static_cast<size_t>(n), static_cast<size_t>(r.reduced));
      r.finish(k, o, results, n);
    }
  }
}

// parts[0 ... n) of `width` values each, combined into the first as a tree.
void combine_parts(const Reduction& r, char* parts, int64_t n, int64_t width) {
  while (n > 1) {
    const int64_t half = (n + 1) / 2;
    r.operation->combine(parts, parts + half * width * r.element, static_cast<size_t>((n - half) * width));
    n = half;
  }
}

// The same of parts that lie `pitch` values apart.
void combine_parts(const Reduction& r, char* parts, int64_t n, int64_t width, int64_t pitch) {
  for (; n > 1; n = (n + 1) / 2) {
    for (int64_t half = (n + 1) / 2, k = half; k < n; k++) {
      r.operation->combine(parts + (k - half) * pitch * r.element, parts + k * pitch * r.element,
                           static_cast<size_t>(width));
    }
  }
}

template <class Body>
void in_mode(const Reduction& r, const Body& body) {
  std::optional<FlushDenormals> flush;
  if (r.program->flags & NC_PROGRAM_FLUSH_DENORMALS) flush.emplace();
  body();
}

void reduce_parts_of_lines(const Reduction& r) {
  const int64_t parts = r.reduced / r.line, lines = parts * r.outer, step = kTask / r.line;
  std::vector<char> kept(static_cast<size_t>(lines * r.element));
  parallel_for(ceil_div(lines, step), [&](int64_t task) {
    in_mode(r, [&] {
      const int64_t first = task * step, n = std::min(step, lines - first);
      r.operation->rows(kept.data() + first * r.element, r.parts_of_lines + first * r.line * r.element,
                        static_cast<size_t>(n), static_cast<size_t>(r.line));
    });
  });
  in_mode(r, [&] {
    combine_parts(r, kept.data(), parts, r.outer);
    r.finish(0, 0, kept.data(), r.outer);
  });
}

void reduce_rows(const Reduction& r) {
  if (r.parts_of_lines) return reduce_parts_of_lines(r);
  // Large dense input is read at four places of a task at once, each of many pages.
  const int64_t whole = r.outer * r.reduced, task_size = r.large() && r.dense(0, whole) ? 8 * kTask : kTask;
  if (r.reduced <= task_size) {
    const int64_t step = std::max<int64_t>(1, task_size / r.reduced);
    parallel_for(ceil_div(r.outer, step), [&](int64_t task) {
      in_mode(r, [&] { reduce_short_lines(r, task * step, std::min(r.outer, (task + 1) * step)); });
    });
    return;
  }
  const int64_t length = std::max(task_size, ceil_div(ceil_div(r.reduced, kMaxParts), r.block) * r.block);
  const int64_t parts = ceil_div(r.reduced, length);
  const int32_t outputs = r.program->outputs;
  std::vector<char> kept(static_cast<size_t>(outputs * r.outer * parts * r.element));
  const auto part_of = [&](int32_t k, int64_t o) { return kept.data() + (k * r.outer + o) * parts * r.element; };
  parallel_for(r.outer * parts, [&](int64_t task) {
    in_mode(r, [&] {
      const int64_t o = task / parts, part = task % parts;
      alignas(8) char totals[NC_PROGRAM_MAX_OUTPUTS * 8];
      Values values(r, 0);
      reduce_line(r, values, o * r.reduced + part * length, o * r.reduced + std::min(r.reduced, (part + 1) * length),
                  totals);
      for (int32_t k = 0; k < outputs; k++) {
        std::memcpy(part_of(k, o) + part * r.element, totals + k * 8, static_cast<size_t>(r.element));
      }
    });
  });
  for (int32_t k = 0; k < outputs; k++) {
    for (int64_t o = 0; o < r.outer; o++) {
      combine_parts(r, part_of(k, o), parts, 1);
      r.finish(k, o, part_of(k, o), 1);
    }
  }
}

// Columns [column, column + width) of one outer index, rows [first, last): their sums go to totals[k], `width` values.
void reduce_columns_part(const Reduction& r, Values& values, int64_t outer, int64_t column, int64_t width,
                         int64_t first, int64_t last, char* const* totals) {
  const int32_t outputs = r.program->outputs;
  // Rows that fit into a block stand side by side, and are folded at the end.
  const int64_t side = width == r.inner ? std::max<int64_t>(1, std::min(r.block / width, last - first)) : 1;
  const auto wide = static_cast<size_t>(side * width);
  char* sums = values.scratch();  // per output: the sums of some rows
  char* const flushed = sums + outputs * kColumnsStride;
  const auto at = [&](int64_t row) { return (outer * r.reduced + row) * r.inner + column; };

  const char* direct = nullptr;
  if (r.plain && !r.inputs.packs() && r.row_stride != 0 && (side == 1 || r.row_stride == r.inner)) {
    r.inputs.lines(at(first), at(first) + width, [&](const Line* x, int64_t n) {
      if (x->stride == 1 && n == width) direct = x->data;
    });
  }
  if (direct) sums = beside(sums, direct, kPageBytes / 2);
  for (int64_t begin = first, row = first; begin < last; begin = row) {
    for (int32_t k = 0; k < outputs; k++) r.operation->clear(sums + k * kColumnsStride, wide);
    const int64_t stop = std::min(last, row + kFlushRows * side);
    const int64_t stride = r.row_stride * side;
    for (; direct && row + 8 * side <= stop; row += 8 * side) {
      r.operation->combine8(sums, direct + (row - first) * r.row_stride * r.element, stride, wide,
                            r.large() && row + 16 * side <= r.reduced);
    }
    for (; row < stop; row += side) {
      const auto n = static_cast<size_t>(std::min(side, stop - row) * width);
      if (direct) {
        r.operation->combine(sums, direct + (row - first) * r.row_stride * r.element, n);
        continue;
      }
      values.evaluate(at(row), at(row) + static_cast<int64_t>(n));
      for (int32_t k = 0; k < outputs; k++) r.operation->combine(sums + k * kColumnsStride, values.of(k), n);
    }
    row = stop;
    for (int32_t k = 0; k < outputs; k++) {
      char *const to = flushed + k * kColumnsStride, *const from = sums + k * kColumnsStride;
      if (begin == first) {
        std::memcpy(to, from, wide * static_cast<size_t>(r.element));
      } else {
        r.operation->combine(to, from, wide);
      }
    }
  }
  for (int32_t k = 0; k < outputs; k++) {
    combine_parts(r, flushed + k * kColumnsStride, side, width);
    std::memcpy(totals[k], flushed + k * kColumnsStride, static_cast<size_t>(width * r.element));
  }
}

void reduce_columns(const Reduction& r) {
  const int32_t outputs = r.program->outputs;
  bool direct = false;
  if (r.plain && !r.inputs.packs() && r.row_stride != 0 && r.inputs.line() >= r.inner) {
    r.inputs.lines(0, r.inner, [&](const Line* x, int64_t) { direct = x->stride == 1; });
  }
  const int64_t width = std::min(r.inner, direct ? kColumnsBytes / r.element : r.block);
  const int64_t blocks = ceil_div(r.inner, width), side = std::max<int64_t>(1, r.block / width);
  const int64_t least = std::max(kTask / width, ceil_div(r.reduced, (r.large() ? 2 : 1) * kMaxColumnParts));
  const int64_t rows = ceil_div(std::max<int64_t>(least, 1), 8 * side) * 8 * side;
  const int64_t parts = std::max<int64_t>(1, ceil_div(r.reduced, rows));
  const int64_t step = parts > 1 ? 1 : std::max<int64_t>(1, kTask / std::max<int64_t>(1, r.reduced * width));
  const int64_t columns = r.outer * blocks;  // a column here is a block of them
  const int64_t outcomes = r.outer * r.inner;
  const int64_t kept_bytes = parts > 1 ? outputs * parts * outcomes * r.element : 0;
  const auto kept = std::make_unique_for_overwrite<char[]>(static_cast<size_t>(kept_bytes));
  const auto part_of = [&](int32_t k, int64_t part) { return kept.get() + (k * parts + part) * outcomes * r.element; };
  parallel_for(ceil_div(columns, step) * parts, [&](int64_t task) {
    in_mode(r, [&] {
      Values values(r, 3 * outputs * kColumnsStride);
      const int64_t part = task % parts, begin = task / parts * step;
      for (int64_t c = begin; c < std::min(columns, begin + step); c++) {
        const int64_t outer = c / blocks, column = c % blocks * width, n = std::min(width, r.inner - column);
        const int64_t first = outer * r.inner + column;
        char* totals[NC_PROGRAM_MAX_OUTPUTS];
        for (int32_t k = 0; k < outputs; k++) {
          totals[k] =
              parts > 1 ? part_of(k, part) + first * r.element : values.scratch() + (2 * outputs + k) * kColumnsStride;
        }
        reduce_columns_part(r, values, outer, column, n, part * rows, std::min(r.reduced, (part + 1) * rows), totals);
        for (int32_t k = 0; k < outputs && parts == 1; k++) r.finish(k, first, totals[k], n);
      }
    });
  });
  if (parts == 1) return;
  const int64_t piece = std::max<int64_t>(kLeastLine, kTask / parts), pieces = ceil_div(outcomes, piece);
  parallel_for(outputs * pieces, [&](int64_t task) {
    const auto k = static_cast<int32_t>(task / pieces);
    const int64_t begin = task % pieces * piece, n = std::min(piece, outcomes - begin);
    char* const total = part_of(k, 0) + begin * r.element;
    combine_parts(r, total, parts, n, outcomes);
    r.finish(k, begin, total, n);
  });
}

// The extreme of a line or of a part of it, and where it is met first.
template <class T>
struct Extreme {
  T value = {};
  int64_t position = -1;

  // One that comes after it; the first NaN, and the first of equals, stays.
  void take(const Extreme& later, bool largest) {
    const bool beats = largest ? !(later.value <= value) : !(later.value >= value);
    if (position < 0 || (value == value && beats)) *this = later;
  }
};

// Of elements that may be more than a block; positions are counted from `begin`.
template <class T>
Extreme<T> extreme_in_line(const Reduction& r, Values& values, int32_t k, int64_t begin, int64_t end) {
  const bool largest = r.reduction == NC_REDUCE_ARGMAX;
  Extreme<T> best;
  const T* dense = reinterpret_cast<const T*>(r.dense(begin, end));
  const int64_t block = dense ? 32 * r.block : r.block;
  for (int64_t at = begin; at < end && best.value == best.value; at += block) {
    const int64_t n = std::min(block, end - at);
    if (!dense) values.evaluate(at, at + n);
    const T* x = dense ? dense + (at - begin) : reinterpret_cast<const T*>(values.of(k));
    T value;
    r.operation->rows(&value, x, 1, static_cast<size_t>(n));
    if (best.position >= 0 && (largest ? value <= best.value : value >= best.value)) continue;
    best = {value, at - begin + static_cast<int64_t>(r.reduce->find(x, static_cast<size_t>(n), &value))};
  }
  return best;
}

// Writes the positions of n results of output k, the first of which is number `first`.
void store_positions(const Reduction& r, int32_t k, int64_t first, const int64_t* positions, int64_t n) {
  const nc_dtype dtype = r.outputs[k].dtype;
  r.targets[k].lines(first, first + n, [&](const Line* y, int64_t length) {
    r.program_kernels->int64.store[dtype](y->data, y->stride, positions, static_cast<size_t>(length), true);
    positions += length;
  });
}

// Parts of `length` elements of lines that are longer than a task.
template <class T>
void reduce_arg_parts(const Reduction& r) {
  const int64_t length = std::max(kTask, ceil_div(ceil_div(r.reduced, kMaxParts), r.block) * r.block);
  const int64_t parts = ceil_div(r.reduced, length);
  const int32_t outputs = r.program->outputs;
  std::vector<Extreme<T>> kept(static_cast<size_t>(outputs * r.outer * parts));
  parallel_for(r.outer * parts, [&](int64_t task) {
    in_mode(r, [&] {
      Values values(r, 0);
      const int64_t part = task % parts, line = task / parts * r.reduced;
      for (int32_t k = 0; k < outputs; k++) {
        Extreme<T>& found = kept[static_cast<size_t>(k * r.outer * parts + task)];
        found = extreme_in_line<T>(r, values, k, line + part * length, line + std::min(r.reduced, (part + 1) * length));
        found.position += part * length;
      }
    });
  });
  for (int64_t line = 0; line < outputs * r.outer; line++) {
    Extreme<T> best;
    for (int64_t part = 0; part < parts; part++) {
      best.take(kept[static_cast<size_t>(line * parts + part)], r.reduction == NC_REDUCE_ARGMAX);
    }
    store_positions(r, static_cast<int32_t>(line / r.outer), line % r.outer, &best.position, 1);
  }
}

// Plain input whose columns lie side by side: row by row into the best of each column.
template <class T>
void reduce_arg_columns(const Reduction& r) {
  using Row = std::conditional_t<sizeof(T) == 4, int32_t, int64_t>;
  const int64_t most = r.large() ? 16 : 8;
  const int64_t width = std::min(r.inner, r.large() ? kColumnsBytes / r.element : r.block);
  const int64_t blocks = ceil_div(r.inner, width);
  const int64_t rows = std::max(std::max<int64_t>(1, kTask / width), ceil_div(r.reduced, most));
  const int64_t parts = ceil_div(r.reduced, rows), outcomes = r.outer * r.inner;
  const int64_t step = parts > 1 ? 1 : std::max<int64_t>(1, kTask / (r.reduced * width));
  // Rows that are shorter than a page are one stream, which the hardware follows.
  const int64_t all = r.large() && width * r.element >= kPageBytes ? r.reduced : 0;
  // One block of memory: what is taken and given back in pieces may go back to the system each time.
  struct Best {
    T value;
    Row row;
  };
  const auto kept = std::make_unique_for_overwrite<Best[]>(static_cast<size_t>(parts * outcomes));
  T* const best = reinterpret_cast<T*>(kept.get());
  Row* const first = reinterpret_cast<Row*>(best + parts * outcomes);
  parallel_for(ceil_div(r.outer * blocks, step) * parts, [&](int64_t task) {
    in_mode(r, [&] {
      const int64_t part = task % parts, begin = part * rows, end = std::min(r.reduced, begin + rows);
      for (int64_t c = task / parts * step; c < std::min(r.outer * blocks, (task / parts + 1) * step); c++) {
        const int64_t outer = c / blocks, column = c % blocks * width;
        const auto n = static_cast<size_t>(std::min(width, r.inner - column));
        const auto at = static_cast<size_t>(part * outcomes + outer * r.inner + column);
        const T* x = reinterpret_cast<const T*>(r.inputs.at(0, (outer * r.reduced + begin) * r.inner + column));
        alignas(kUniformBytes) char buffers[2 * kColumnsStride];
        T* const values = reinterpret_cast<T*>(beside(buffers, x, kPageBytes / 2));
        Row* const met = reinterpret_cast<Row*>(beside(buffers + kColumnsStride, x, kPageBytes / 4));
        std::copy_n(x, n, values);
        std::fill_n(met, n, static_cast<Row>(begin));
        r.operation->take_rows(values, met, x + r.row_stride, r.row_stride, begin + 1, end, all, n);
        std::copy_n(values, n, &best[at]);
        std::copy_n(met, n, &first[at]);
      }
    });
  });
  // The part that has the best of each column is found as its row was.
  const auto winner = std::make_unique<Row[]>(static_cast<size_t>(outcomes));
  r.operation->take_rows(best, winner.get(), best + outcomes, outcomes, 1, parts, 0, static_cast<size_t>(outcomes));
  std::vector<int64_t> positions(static_cast<size_t>(outcomes));
  for (int64_t i = 0; i < outcomes; i++) positions[static_cast<size_t>(i)] = first[winner[i] * outcomes + i];
  store_positions(r, 0, 0, positions.data(), outcomes);
}

template <class T>
void reduce_arg(const Reduction& r) {
  if (r.inner > 1) return reduce_arg_columns<T>(r);
  if (r.reduced > kTask) return reduce_arg_parts<T>(r);
  const int64_t step = std::max<int64_t>(1, kTask / r.reduced);
  const int64_t lines = std::max<int64_t>(1, r.block / r.reduced);  // that are evaluated at once
  parallel_for(ceil_div(r.outer, step), [&](int64_t task) {
    in_mode(r, [&] {
      Values values(r, 0);
      T extremes[kValuesBytes / sizeof(T)];
      int64_t positions[kValuesBytes / sizeof(T)];
      const int64_t last = std::min(r.outer, (task + 1) * step);
      for (int64_t o = task * step; o < last; o += lines) {
        const int64_t n = std::min(lines, last - o);
        const bool whole = r.reduced <= r.block;
        if (whole) values.evaluate(o * r.reduced, (o + n) * r.reduced);
        for (int32_t k = 0; k < r.program->outputs; k++) {
          if (whole) {
            const T* x = reinterpret_cast<const T*>(values.of(k));
            const auto length = static_cast<size_t>(r.reduced);
            r.operation->rows(extremes, x, static_cast<size_t>(n), length);
            for (int64_t i = 0; i < n; i++) {
              positions[i] = static_cast<int64_t>(r.reduce->find(x + i * r.reduced, length, extremes + i));
            }
          } else {
            positions[0] = extreme_in_line<T>(r, values, k, o * r.reduced, (o + 1) * r.reduced).position;
          }
          store_positions(r, k, o, positions, n);
        }
      }
    });
  });
}

// Sums of nothing are 0, products 1, means NaN.
void reduce_nothing(const Reduction& r) {
  const int64_t outcomes = r.outer * r.inner;
  std::vector<char> values(static_cast<size_t>(outcomes * r.element));
  for (int32_t k = 0; k < r.program->outputs; k++) {
    r.operation->clear(values.data(), static_cast<size_t>(outcomes));
    r.finish(k, 0, values.data(), outcomes);
  }
}

void run(Isa isa, int32_t reduction, const nc_program& program, const nc_tensor* inputs, int32_t n_inputs,
         const nc_scalar* parameters, const nc_tensor* outputs) {
  const ProgramPlan& plan = plan_of(program);
  Reduction r;
  r.program_kernels = &program_kernels(isa);
  r.kernels = &r.program_kernels->of(program.compute_dtype);
  r.reduce = &reduce_kernels(isa).of(program.compute_dtype);
  r.operation = reduction == NC_REDUCE_SUM || reduction == NC_REDUCE_MEAN     ? &r.reduce->sum
                : reduction == NC_REDUCE_PROD                                 ? &r.reduce->product
                : reduction == NC_REDUCE_MIN || reduction == NC_REDUCE_ARGMIN ? &r.reduce->smallest
                                                                              : &r.reduce->largest;
  r.program = &program;
  r.parameters = parameters;
  r.outputs = outputs;
  r.reduction = reduction;
  r.element = plan.element;
  r.block = kValuesBytes / plan.element;
  r.plain = plan.steps.empty() && program.outputs == 1 && plan.outputs[0].slot >= plan.first_input &&
            program.inputs == 1 && inputs[0].dtype == program.compute_dtype;
  for (int32_t k = 0; k < n_inputs; k++) r.input_dtypes[k] = inputs[k].dtype;
  for (int32_t k = 0; k < program.outputs; k++) r.value_dtypes[k] = program.compute_dtype;
  r.order_axes(inputs, n_inputs);
  if (r.reduced == 0) {
    reduce_nothing(r);
  } else if (!is_arg(reduction)) {
    r.inner > 1 ? reduce_columns(r) : reduce_rows(r);
  } else if (program.compute_dtype == NC_FLOAT32) {
    reduce_arg<float>(r);
  } else if (program.compute_dtype == NC_FLOAT64) {
    reduce_arg<double>(r);
  } else {
    reduce_arg<int64_t>(r);
  }
}

template <Isa kIsa>
nc_status reduce(void*, int32_t reduction, const nc_program* program, const nc_tensor* inputs, int32_t n_inputs,
                 const nc_scalar* parameters, const nc_tensor* outputs) {
  run(kIsa, reduction, *program, inputs, n_inputs, parameters, outputs);
  return NC_OK;
}

}  // namespace

void register_reduce(nc_backend& table, Isa isa) {
  with_isa(isa, [&](auto constant) { table.reduce = reduce<decltype(constant)::value>; });
}

}  // namespace nc::cpu
