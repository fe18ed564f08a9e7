// Gather, scatter and scatter-add where what is left of the axes is one dense row, such as an embedding's, or a single
// element; all else is the reference's.
#include "cpu/index.hpp"

#include <atomic>
#include <cstring>
#include <vector>

#include "core/backend.hpp"
#include "core/thread_pool.hpp"
#include "cpu/isa.hpp"
#include "cpu/line_walk.hpp"

namespace nc::cpu {

namespace reference {
void register_index(nc_backend& table);
}
void register_index_rows(nc_backend& table, Isa isa);

namespace {

const nc_backend& plain() {
  static const nc_backend table = [] {
    nc_backend t = {};
    reference::register_index(t);
    return t;
  }();
  return table;
}

// The places of an indexed view of t, in C order of the index shape.
class Places {
 public:
  // step[k]: what one step of index k adds to an offset.
  Places(const nc_tensor& t, const nc_tensor* indices, const int32_t* axes, const int64_t* step, int32_t n) : n_(n) {
    const nc_tensor* operands[NC_MAX_DIMS];
    int32_t order[NC_MAX_DIMS] = {};
    for (int32_t k = 0; k < n; k++) {
      operands[k] = &indices[k];
      index_[k] = {indices[k].dtype, t.shape[axes[k]], step[k]};
    }
    for (int32_t i = 0; i < indices[0].ndim; i++) order[i] = i;
    walk_.set_axes(operands, n, n, order, indices[0].ndim);
    count_ = size_of(indices[0]);
  }

  int64_t count() const { return count_; }

  // Whether every index lies inside its axis.
  bool fit() const {
    constexpr int64_t kChunk = 1 << 15;
    std::atomic<bool> fits = true;
    parallel_for((count_ + kChunk - 1) / kChunk, [&](int64_t c) {
      uint64_t outside = 0;
      walk_.lines(c * kChunk, std::min(count_, (c + 1) * kChunk), [&](const Line* lines, int64_t length) {
        for (int32_t k = 0; k < n_; k++) {
          const auto extent = static_cast<uint64_t>(index_[k].extent);
          with_index(index_[k].dtype, lines[k], [&](const auto* p, int64_t stride) {
            // A repeated index is looked at once.
            for (int64_t i = 0; i < (stride == 0 ? 1 : length); i++)
              outside |= static_cast<uint64_t>(int64_t{p[i * stride]}) + extent >= 2 * extent;
          });
        }
      });
      if (outside) fits = false;
    });
    return fits;
  }

  // Calls f(first place, offsets, how many) for runs of the places [begin, end), in their order.
  template <class F>
  void offsets(int64_t begin, int64_t end, const F& f) const {
    // One walk for all f: it is called once for some hundred places.
    visit(
        begin, end,
        [](const void* call, int64_t place, const int64_t* offset, int64_t run) {
          (*static_cast<const F*>(call))(place, offset, run);
        },
        &f);
  }

 private:
  struct Index {
    nc_dtype dtype;
    int64_t extent, step;
  };

  using Visit = void (*)(const void* call, int64_t place, const int64_t* offset, int64_t run);

  void visit(int64_t begin, int64_t end, Visit f, const void* call) const {
    constexpr int64_t kBlock = 256;
    int64_t offset[kBlock], place = begin;
    walk_.lines(begin, end, [&](const Line* lines, int64_t length) {
      for (int64_t first = 0; first < length; first += kBlock) {
        const int64_t run = std::min(kBlock, length - first);
        for (int32_t k = 0; k < n_; k++) {
          const auto [dtype, extent, step] = index_[k];
          with_index(dtype, lines[k], [&, extent = extent, step = step](const auto* p, int64_t stride) {
            p += first * stride;
            for (int64_t i = 0; i < run; i++) {
              const int64_t given = p[i * stride], at = (given < 0 ? given + extent : given) * step;
              offset[i] = k == 0 ? at : offset[i] + at;
            }
          });
        }
        f(call, place, offset, run);
        place += run;
      }
    });
  }

  template <class F>
  static void with_index(nc_dtype dtype, const Line& line, const F& f) {
    dtype == NC_INT32 ? f(reinterpret_cast<const int32_t*>(line.data), line.stride)
                      : f(reinterpret_cast<const int64_t*>(line.data), line.stride);
  }

  int32_t n_;
  int64_t count_;
  Index index_[NC_MAX_DIMS];
  Walk<NC_MAX_DIMS> walk_;
};

// Whether axes [first, last) of t are one run of elements; then their distance.
bool is_run(const nc_tensor& t, int32_t first, int32_t last, int64_t* step) {
  int64_t expected = 0;
  *step = 0;
  bool begun = false;
  for (int32_t i = last - 1; i >= first; i--) {
    if (t.shape[i] == 1) continue;
    if (!begun) {
      *step = expected = t.strides[i];
      begun = true;
    }
    if (t.strides[i] != expected) return false;
    expected *= t.shape[i];
  }
  return true;
}

// An indexed tensor and the plain one, x or y, that goes with it.
struct Rows {
  bool fit;                   // whether the fast kernels take them
  int64_t row;                // elements of what is left of the axes
  int64_t plain_step;         // bytes from one place of the plain tensor to the next
  int64_t step[NC_MAX_DIMS];  // bytes by one step of each index

  Rows(const nc_tensor& indexed, const nc_tensor& plain, int32_t index_ndim, const int32_t* axes, int32_t n) {
    const int64_t item = dtype_size(indexed.dtype);
    nc_tensor rest = indexed;
    rest.ndim = 0;
    for (int32_t i = 0, k = 0; i < indexed.ndim; i++) {
      if (k < n && axes[k] == i) {
        step[k++] = indexed.strides[i] * item;
        continue;
      }
      rest.shape[rest.ndim] = indexed.shape[i];
      rest.strides[rest.ndim++] = indexed.strides[i];
    }
    row = size_of(rest);
    int64_t rest_step, plain_rest_step;
    fit = is_run(plain, 0, index_ndim, &plain_step) && is_run(rest, 0, rest.ndim, &rest_step) &&
          is_run(plain, index_ndim, plain.ndim, &plain_rest_step) &&
          (row == 1 || (rest_step == 1 && plain_rest_step == 1));
    plain_step *= item;
  }
};

template <class T>
void gather_elements(const Places& places, const char* x, char* y, int64_t y_step, int64_t begin, int64_t end) {
  places.offsets(begin, end, [&](int64_t place, const int64_t* offset, int64_t run) {
    char* to = y + place * y_step;
    for (int64_t i = 0; i < run; i++)
      *reinterpret_cast<T*>(to + i * y_step) = *reinterpret_cast<const T*>(x + offset[i]);
  });
}

nc_status gather(void* state, const nc_tensor* x, const nc_tensor* indices, const int32_t* axes, int32_t n,
                 const nc_tensor* y) {
  const Rows rows(*x, *y, indices[0].ndim, axes, n);
  const Places places(*x, indices, axes, rows.step, n);
  // The reference also says which index is outside.
  if (!rows.fit || !places.fit()) return plain().gather(state, x, indices, axes, n, y);
  const int64_t item = dtype_size(y->dtype), bytes = rows.row * item;
  const int64_t chunk = std::max<int64_t>(1, kChunkBytes / std::max<int64_t>(bytes, 8));
  constexpr int64_t kAhead = 1024;
  const char* from = data<char>(*x);
  char* to = data<char>(*y);
  parallel_for((places.count() + chunk - 1) / chunk, [&](int64_t c) {
    const int64_t begin = c * chunk, end = std::min(places.count(), begin + chunk);
    if (rows.row == 1) {
      item == 1   ? gather_elements<uint8_t>(places, from, to, rows.plain_step, begin, end)
      : item == 2 ? gather_elements<uint16_t>(places, from, to, rows.plain_step, begin, end)
      : item == 4 ? gather_elements<uint32_t>(places, from, to, rows.plain_step, begin, end)
                  : gather_elements<uint64_t>(places, from, to, rows.plain_step, begin, end);
      return;
    }
    places.offsets(begin, end, [&](int64_t place, const int64_t* offset, int64_t run) {
      for (int64_t i = 0; i < run; i++) {
        // Rows lie anywhere: the memory is asked for the one after the next.
        if (i + 2 < run) {
          for (int64_t b = 0; b < std::min<int64_t>(bytes, kAhead); b += 64)
            __builtin_prefetch(from + offset[i + 2] + b);
        }
        std::memcpy(to + (place + i) * rows.plain_step, from + offset[i], bytes);
      }
    });
  });
  return NC_OK;
}

// Calls write(y, x, count) for runs of rows, so that each element sees its writes in C order: rows of one
// destination are written by one thread, or in parts of the same columns. Rows of 64 bytes and more.
template <class Write>
void write_rows(const Places& places, const Rows& rows, const nc_tensor& y, const nc_tensor& x,
                const nc_tensor* indices, const int32_t* axes, const Write& write) {
  const int64_t item = dtype_size(y.dtype), count = places.count(), bytes = rows.row * item;
  const char* from = data<char>(x);
  char* to = data<char>(y);
  const auto in_order = [&](int64_t first, int64_t last) {
    places.offsets(0, count, [&](int64_t place, const int64_t* offset, int64_t run) {
      for (int64_t i = 0; i < run; i++)
        write(to + offset[i] + first * item, from + (place + i) * rows.plain_step + first * item, last - first);
    });
  };
  if (count * bytes <= kChunkBytes) return in_order(0, rows.row);

  // Destinations in up to kRanges ranges of the first indexed axis; where those are few, rows in parts as well.
  constexpr int64_t kRanges = 64, kFew = 16, kPartBytes = 4096;
  const int64_t extent = y.shape[axes[0]];
  int shift = 0;
  while ((extent - 1) >> shift >= kRanges) shift++;
  const int64_t ranges = ((extent - 1) >> shift) + 1;
  if (ranges < kFew) {
    const int64_t part = kPartBytes / item;
    return parallel_for((rows.row + part - 1) / part,
                        [&](int64_t c) { in_order(c * part, std::min(rows.row, (c + 1) * part)); });
  }

  struct Place {
    int64_t number, offset;
  };
  const int64_t one = 1;
  const Places first(y, indices, axes, &one, 1);
  std::vector<uint8_t> range(static_cast<size_t>(count));
  int64_t start[kRanges + 1] = {};
  first.offsets(0, count, [&](int64_t place, const int64_t* index, int64_t run) {
    for (int64_t i = 0; i < run; i++) {
      range[place + i] = static_cast<uint8_t>(index[i] >> shift);
      start[range[place + i] + 1]++;
    }
  });
  for (int64_t r = 0; r < ranges; r++) start[r + 1] += start[r];
  std::vector<Place> sorted(static_cast<size_t>(count));
  int64_t next[kRanges];
  std::copy(start, start + ranges, next);
  places.offsets(0, count, [&](int64_t place, const int64_t* offset, int64_t run) {
    for (int64_t i = 0; i < run; i++) sorted[next[range[place + i]]++] = {place + i, offset[i]};
  });
  parallel_for(ranges, [&](int64_t r) {
    for (int64_t p = start[r]; p < start[r + 1]; p++)
      write(to + sorted[p].offset, from + sorted[p].number * rows.plain_step, rows.row);
  });
}

// Single elements and the shortest rows, in C order.
template <class Op, class T>
void write_elements(const Places& places, const Rows& rows, const nc_tensor& y, const nc_tensor& x) {
  const char* from = data<char>(x);
  char* to = data<char>(y);
  places.offsets(0, places.count(), [&](int64_t place, const int64_t* offset, int64_t run) {
    for (int64_t i = 0; i < run; i++) {
      T* ty = reinterpret_cast<T*>(to + offset[i]);
      const T* tx = reinterpret_cast<const T*>(from + (place + i) * rows.plain_step);
      for (int64_t j = 0; j < rows.row; j++) Op::template apply<T>(ty[j], tx[j]);
    }
  });
}

constexpr int64_t kShortRow = 64;  // bytes

nc_status scatter(void* state, const nc_tensor* x, const nc_tensor* indices, const int32_t* axes, int32_t n,
                  const nc_tensor* y) {
  const Rows rows(*y, *x, indices[0].ndim, axes, n);
  const Places places(*y, indices, axes, rows.step, n);
  if (!rows.fit || !places.fit()) return plain().scatter(state, x, indices, axes, n, y);
  const int64_t item = dtype_size(y->dtype);
  if (rows.row * item >= kShortRow) {
    write_rows(places, rows, *y, *x, indices, axes,
               [&](char* to, const char* from, int64_t count) { std::memcpy(to, from, count * item); });
  } else {
    item == 1   ? write_elements<Assign, uint8_t>(places, rows, *y, *x)
    : item == 2 ? write_elements<Assign, uint16_t>(places, rows, *y, *x)
    : item == 4 ? write_elements<Assign, uint32_t>(places, rows, *y, *x)
                : write_elements<Assign, uint64_t>(places, rows, *y, *x);
  }
  return NC_OK;
}

nc_status nonzero(void* state, const nc_tensor* x, const nc_tensor* y) {
  if (!is_contiguous(*x)) return plain().nonzero(state, x, y);
  nonzero_in_order(*x, *y);
  return NC_OK;
}

}  // namespace

nc_status scatter_add_rows(const AddRow* add_row, const nc_tensor* x, const nc_tensor* indices, const int32_t* axes,
                           int32_t n, const nc_tensor* y) {
  const Rows rows(*y, *x, indices[0].ndim, axes, n);
  const Places places(*y, indices, axes, rows.step, n);
  if (!rows.fit || !places.fit()) return plain().scatter_add(nullptr, x, indices, axes, n, y);
  if (rows.row * dtype_size(y->dtype) >= kShortRow) {
    write_rows(places, rows, *y, *x, indices, axes, add_row[y->dtype]);
  } else {
    with_dtype(y->dtype, [&](auto type) { write_elements<Add, typename decltype(type)::type>(places, rows, *y, *x); });
  }
  return NC_OK;
}

void register_index(nc_backend& table, Isa isa) {
  if (isa == Isa::reference) return;
  table.gather = gather;
  table.scatter = scatter;
  table.nonzero = nonzero;
  register_index_rows(table, isa);
}

}  // namespace nc::cpu
