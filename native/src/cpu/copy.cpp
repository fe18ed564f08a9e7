// Copy, cast and fill: whole vectors along rows, blocks where the axes of x and y cross.
#include <cstring>

#include "core/backend.hpp"
#include "core/dtype.hpp"
#include "core/loops.hpp"
#include "core/thread_pool.hpp"
#include "cpu/scalar.hpp"
#include "cpu/stream.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/copy.cpp"
// clang-format off
#include "cpu/highway.hpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "cpu/half-inl.hpp"
#include "cpu/program_convert-inl.hpp"
#include "cpu/transpose-inl.hpp"
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace nc::cpu::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// Bytes written that are worth a second thread; below, waking it costs more.
constexpr int64_t kChunkBytes = 256 << 10;

template <class T>
constexpr bool kThroughFloat = kIsHalf<T> || std::is_same_v<T, float>;

// y[i] = x[i], both dense. What is no loop of Highway's is one that the compiler vectorises for the target.
template <class From, class To>
void CastRow(const From* HWY_RESTRICT x, To* HWY_RESTRICT y, int64_t n) {
  if constexpr (std::is_same_v<From, To>) {
    std::memcpy(y, x, static_cast<size_t>(n) * sizeof(To));
  } else {
    int64_t i = 0;
    if constexpr (kThroughFloat<From> && kThroughFloat<To>) {
      const hn::ScalableTag<float> d;
      const auto lanes = static_cast<int64_t>(hn::Lanes(d));
      for (; i + lanes <= n; i += lanes) StoreFloat(d, LoadFloat(d, x + i), y + i);
    }
    for (; i < n; i++) y[i] = convert<To>(x[i]);
  }
}

template <class From, class To>
HWY_NOINLINE void CopyRow(const char* x, int64_t step_x, char* y, int64_t step_y, int64_t n) {
  if (step_y == sizeof(To)) {
    To* HWY_RESTRICT to = reinterpret_cast<To*>(y);
    if (step_x == sizeof(From)) {
      CastRow(reinterpret_cast<const From*>(x), to, n);
    } else if (step_x == 0) {
      std::fill_n(to, n, convert<To>(*reinterpret_cast<const From*>(x)));
    } else {
      int64_t i = 0;
      if constexpr (std::is_same_v<From, To> && sizeof(To) >= 4) {
        if (step_x == 2 * sizeof(To)) {
          i = static_cast<int64_t>(LoadInterleaved<1>(to, reinterpret_cast<const From*>(x), static_cast<size_t>(n)));
        }
      }
      for (; i < n; i++) to[i] = convert<To>(*reinterpret_cast<const From*>(x + i * step_x));
    }
  } else {
    for (int64_t i = 0; i < n; i++)
      *reinterpret_cast<To*>(y + i * step_y) = convert<To>(*reinterpret_cast<const From*>(x + i * step_x));
  }
}

// y = x for bytes of whole cache lines, past the caches; y aligned to a line.
HWY_INLINE void StreamLines(const char* x, char* y, int64_t nbytes) {
  const hn::ScalableTag<uint8_t> d;
  const auto N = static_cast<int64_t>(hn::Lanes(d));
  for (int64_t at = 0; at < nbytes; at += N) {
    hn::Stream(hn::LoadU(d, reinterpret_cast<const uint8_t*>(x + at)), d, reinterpret_cast<uint8_t*>(y + at));
  }
}

// Rows of a cache line: what a tile of a transposition is made of.
template <class T>
constexpr int64_t kTile = kLineBytes / static_cast<int64_t>(sizeof(T));

// A vector whose k-th block of 128 bits is that of the (4 k)-th row of a tile.
template <class D>
HWY_INLINE hn::Vec<D> LoadBlocks(D d, const uint32_t* tile) {
  if constexpr (hn::MaxLanes(D()) == 4) {
    return hn::LoadU(d, tile);
  } else {
    const hn::Half<D> half;
    const uint32_t* upper = tile + static_cast<int64_t>(hn::MaxLanes(half)) * kTile<uint32_t>;
    return hn::Combine(d, LoadBlocks(half, upper), LoadBlocks(half, tile));
  }
}

// Four columns of N rows of a tile, as four rows of N.
template <class D>
HWY_INLINE void TransposeQuads(D d, const uint32_t* tile, uint32_t* turned) {
  constexpr int64_t kRow = kTile<uint32_t>;
  hn::Vec<D> rows[4];
  for (int64_t k = 0; k < 4; k++) rows[k] = LoadBlocks(d, tile + k * kRow);
  TransposeBlocks4x4(d, rows);
  for (int64_t k = 0; k < 4; k++) hn::Store(rows[k], d, turned + k * kRow);
}

// y's row k is x's column k, for a tile: x is read and y is written in whole lines, once. The copies in between are
// there because lines that lie a power of two apart push each other out of L1.
template <class T>
HWY_INLINE void TransposeTile(const char* x, int64_t x_step, char* y, int64_t y_step, bool streamed) {
  constexpr int64_t kSide = kTile<T>;
  HWY_ALIGN T tile[kSide * kSide];
  HWY_ALIGN T turned[kSide * kSide];
  for (int64_t k = 0; k < kSide; k++) std::memcpy(tile + k * kSide, x + k * x_step, kLineBytes);
  if constexpr (sizeof(T) == 4) {
    const hn::ScalableTag<uint32_t> d;
    const auto N = static_cast<int64_t>(hn::Lanes(d));
    for (int64_t column = 0; column < kSide; column += 4) {
      for (int64_t row = 0; row < kSide; row += N) {
        TransposeQuads(d, tile + row * kSide + column, turned + column * kSide + row);
      }
    }
  } else {
    for (int64_t i = 0; i < kSide; i++) {
      for (int64_t j = 0; j < kSide; j++) turned[i * kSide + j] = tile[j * kSide + i];
    }
  }
  for (int64_t i = 0; i < kSide; i++) {
    const char* from = reinterpret_cast<const char*>(turned + i * kSide);
    if (streamed) {
      StreamLines(from, y + i * y_step, kLineBytes);
    } else {
      std::memcpy(y + i * y_step, from, kLineBytes);
    }
  }
}

// y (rows, columns), dense along columns; x dense along rows. Four tiles side by side, so that what is read together
// lies together.
template <class T>
HWY_NOINLINE void TransposeBlocks(const char* x, int64_t x_step, char* y, int64_t y_step, int64_t rows, int64_t columns,
                                  bool streamed) {
  constexpr int64_t item = sizeof(T), kSide = kTile<T>, kPanel = 4 * kSide;
  const int64_t whole_rows = rows / kSide * kSide, whole_columns = columns / kSide * kSide;
  for (int64_t i0 = 0; i0 < whole_rows; i0 += kPanel) {
    const int64_t i1 = std::min(whole_rows, i0 + kPanel);
    for (int64_t j = 0; j < whole_columns; j += kSide) {
      for (int64_t i = i0; i < i1; i += kSide) {
        if (j + kSide < whole_columns) {
          for (int64_t k = 0; k < kSide; k++) __builtin_prefetch(x + (j + kSide + k) * x_step + i * item, 0, 2);
        }
        TransposeTile<T>(x + j * x_step + i * item, x_step, y + i * y_step + j * item, y_step, streamed);
      }
    }
  }
  // What is left of the rows, then rows that are left.
  for (int64_t i = 0; i < rows; i++) {
    for (int64_t j = i < whole_rows ? whole_columns : 0; j < columns; j++) {
      std::memcpy(y + i * y_step + j * item, x + j * x_step + i * item, item);
    }
  }
}

// The axis along which x is dense while y is dense along its last: -1 where rows do as well.
inline int CrossedAxis(const Loops<2>& l, int64_t item) {
  if (l.step(0) != item || l.step(1) == item || l.step(1) == 0 || l.row() < 4) return -1;
  for (int i = l.ndim - 2; i >= 0; i--)
    if (l.strides[1][i] == item && l.shape[i] >= 4) return i;
  return -1;
}

using TransposeFunction = void (*)(const char* x, int64_t x_step, char* y, int64_t y_step, int64_t rows,
                                   int64_t columns, bool streamed);

inline void CopyCrossed(const Loops<2>& l, int axis, int64_t item, TransposeFunction transpose) {
  // The crossed axis leaves the outer loop; a chunk is a run of its extent, for all outer indices.
  Loops<2> outer = l;
  const int64_t rows = l.shape[axis], y_step = l.strides[0][axis];
  outer.rows = l.rows / rows;
  for (int i = axis; i < outer.ndim - 1; i++) {
    outer.shape[i] = l.shape[i + 1];
    for (int k = 0; k < 2; k++) outer.strides[k][i] = l.strides[k][i + 1];
  }
  outer.ndim--;
  const int64_t columns = outer.row(), x_step = outer.step(1);
  // Chunks one below the other share the columns of x, whose rows are as many pages: few enough for the TLB.
  constexpr int64_t kMaxSpan = 512;
  const int64_t panel = 4 * kLineBytes / item;
  const int64_t span = std::min(columns, kMaxSpan), spans = (columns + span - 1) / span;
  const int64_t run = std::max<int64_t>(1, kChunkBytes / (span * item) / panel) * panel;
  const int64_t runs = (rows + run - 1) / run;
  bool streamed =
      streams(2 * outer.rows * rows * columns * item) && reinterpret_cast<uintptr_t>(l.first[0]) % kLineBytes == 0;
  for (int i = 0; i < l.ndim - 1; i++) streamed = streamed && l.strides[0][i] % kLineBytes == 0;
  parallel_for(outer.rows * spans * runs, [&](int64_t chunk) {
    const int64_t i = chunk % runs * run, j = chunk / runs % spans * span, o = chunk / runs / spans;
    const int64_t height = std::min(run, rows - i), width = std::min(span, columns - j);
    outer.for_rows(o, o + 1, [&](char* const* at) {
      const char* x = at[1] + i * item + j * x_step;
      char* y = at[0] + i * y_step + j * item;
      transpose(x, x_step, y, y_step, height, width, streamed);
    });
    if (streamed) finish_stream();
  });
}

using RowFunction = void (*)(const char* x, int64_t step_x, char* y, int64_t step_y, int64_t n);

// A row's bytes past the caches, converted in a buffer; dense is whether x needs no conversion.
HWY_NOINLINE void StreamRow(RowFunction copy_row, bool dense, const char* x, int64_t step_x, char* y, int64_t item,
                            int64_t n) {
  const auto part = [&](int64_t count) {
    copy_row(x, step_x, y, item, count);
    x += count * step_x;
    y += count * item;
    n -= count;
  };
  const auto past = static_cast<int64_t>(reinterpret_cast<uintptr_t>(y) % kLineBytes);
  if (past > 0) part(std::min(n, (kLineBytes - past) / item));
  HWY_ALIGN char buffer[4096];
  while (n * item >= kLineBytes) {
    const int64_t nbytes = std::min<int64_t>(sizeof buffer, n * item / kLineBytes * kLineBytes), count = nbytes / item;
    if (!dense) copy_row(x, step_x, buffer, item, count);
    StreamLines(dense ? x : buffer, y, nbytes);
    x += count * step_x;
    // What the next part reads arrives while this one drains.
    const int64_t ahead = dense ? 0 : std::min(n - count, count) * step_x;
    for (int64_t at = 0; at < ahead; at += kLineBytes) __builtin_prefetch(x + at);
    y += nbytes;
    n -= count;
  }
  if (n > 0) part(n);
  finish_stream();
}

// item: bytes of an element of y; dense: whether rows of x that are dense are copied as they are.
inline void CopyRows(const Loops<2>& l, int64_t item, bool same, RowFunction copy_row_) {
  const int64_t step_y = l.step(0), step_x = l.step(1), row = l.row();
  const bool dense = same && step_x == item;
  const bool streamed = step_y == item && row * item >= 4 * kLineBytes &&
                        reinterpret_cast<uintptr_t>(l.first[0]) % static_cast<uintptr_t>(item) == 0 &&
                        streams(l.rows * row * (item + std::abs(step_x)));
  const auto copy_row = [&](const char* x, int64_t, char* y, int64_t, int64_t n) {
    streamed ? StreamRow(copy_row_, dense, x, step_x, y, item, n) : copy_row_(x, step_x, y, step_y, n);
  };
  if (l.rows == 1 || row * item >= kChunkBytes) {
    // Long rows are cut themselves.
    const int64_t part = kChunkBytes / item, parts = (row + part - 1) / part;
    parallel_for(l.rows * parts, [&](int64_t chunk) {
      const int64_t first = chunk % parts * part, n = std::min(part, row - first);
      l.for_rows(chunk / parts, chunk / parts + 1,
                 [&](char* const* at) { copy_row(at[1] + first * step_x, step_x, at[0] + first * step_y, step_y, n); });
    });
    return;
  }
  const int64_t rows = kChunkBytes / (row * item);
  parallel_for((l.rows + rows - 1) / rows, [&](int64_t chunk) {
    l.for_rows(chunk * rows, std::min(l.rows, (chunk + 1) * rows),
               [&](char* const* at) { copy_row(at[1], step_x, at[0], step_y, row); });
  });
}

template <class T>
void CopyBytes(const Loops<2>& l) {
  const int axis = CrossedAxis(l, sizeof(T));
  axis >= 0 ? CopyCrossed(l, axis, sizeof(T), TransposeBlocks<T>) : CopyRows(l, sizeof(T), true, CopyRow<T, T>);
}

nc_status Copy(void*, const nc_tensor* x, const nc_tensor* y) {
  const auto loops = make_loops<2>({y, x});
  if (loops.empty) return NC_OK;
  if (x->dtype == y->dtype) {
    if (loops.first[0] == loops.first[1]) return NC_OK;  // one view: any other overlap has been refused
    switch (dtype_size(x->dtype)) {
      case 1:
        CopyBytes<uint8_t>(loops);
        break;
      case 2:
        CopyBytes<uint16_t>(loops);
        break;
      case 4:
        CopyBytes<uint32_t>(loops);
        break;
      default:
        CopyBytes<uint64_t>(loops);
    }
    return NC_OK;
  }
  with_dtype(x->dtype, [&](auto from) {
    with_dtype(y->dtype, [&](auto to) {
      using From = typename decltype(from)::type;
      using To = typename decltype(to)::type;
      if constexpr (!std::is_same_v<From, To>) CopyRows(loops, sizeof(To), false, CopyRow<From, To>);
    });
  });
  return NC_OK;
}

template <class T>
void FillTyped(const Loops<1>& l, T value) {
  const int64_t step = l.step(0), row = l.row(), item = sizeof(T);
  const int64_t part = std::min(row, kChunkBytes / item), parts = (row + part - 1) / part;
  const int64_t rows = std::max<int64_t>(1, kChunkBytes / item / row);
  parallel_for((l.rows + rows - 1) / rows * parts, [&](int64_t chunk) {
    const int64_t first = chunk % parts * part, n = std::min(part, row - first), begin = chunk / parts * rows;
    l.for_rows(begin, std::min(l.rows, begin + rows), [&](char* const* at) {
      char* to = at[0] + first * step;
      if (step == item)
        std::fill_n(reinterpret_cast<T*>(to), n, value);
      else
        for (int64_t i = 0; i < n; i++) *reinterpret_cast<T*>(to + i * step) = value;
    });
  });
}

nc_status Fill(void*, const nc_scalar* value, const nc_tensor* y) {
  const auto loops = make_loops<1>({y});
  if (loops.empty) return NC_OK;
  with_dtype(y->dtype, [&](auto type) {
    const auto element = read_scalar<typename decltype(type)::type>(*value);
    if constexpr (sizeof element == 1)
      FillTyped(loops, std::bit_cast<uint8_t>(element));
    else if constexpr (sizeof element == 2)
      FillTyped(loops, std::bit_cast<uint16_t>(element));
    else if constexpr (sizeof element == 4)
      FillTyped(loops, std::bit_cast<uint32_t>(element));
    else
      FillTyped(loops, std::bit_cast<uint64_t>(element));
  });
  return NC_OK;
}

void register_copy(nc_backend& table) {
  table.copy = Copy;
  table.fill = Fill;
}

}  // namespace nc::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nc::cpu {

void register_copy(nc_backend& table, Isa isa) { NC_DISPATCH(isa, register_copy, table); }

}  // namespace nc::cpu
#endif
