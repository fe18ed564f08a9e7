// Copy, cast and fill: whole vectors along rows, blocks where the axes of x and y cross.
#include <cstring>

#include "core/backend.hpp"
#include "core/dtype.hpp"
#include "core/loops.hpp"
#include "core/thread_pool.hpp"
#include "cpu/scalar.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/copy.cpp"
// clang-format off
#include "cpu/highway.hpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "cpu/half-inl.hpp"
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
      for (int64_t i = 0; i < n; i++) to[i] = convert<To>(*reinterpret_cast<const From*>(x + i * step_x));
    }
  } else {
    for (int64_t i = 0; i < n; i++)
      *reinterpret_cast<To*>(y + i * step_y) = convert<To>(*reinterpret_cast<const From*>(x + i * step_x));
  }
}

// 4 x 4 elements of 4 bytes: y's row k is x's column k. Steps between rows in bytes.
HWY_INLINE void Transpose4x4(const char* x, int64_t x_step, char* y, int64_t y_step) {
  const hn::Full128<uint32_t> d;
  const hn::Repartition<uint64_t, decltype(d)> d64;
  const auto load = [&](int64_t row)
                        HWY_ATTR { return hn::LoadU(d, reinterpret_cast<const uint32_t*>(x + row * x_step)); };
  const auto a = load(0), b = load(1), c = load(2), e = load(3);
  const auto ab_low = hn::BitCast(d64, hn::InterleaveLower(d, a, b)),
             ce_low = hn::BitCast(d64, hn::InterleaveLower(d, c, e));
  const auto ab_high = hn::BitCast(d64, hn::InterleaveUpper(d, a, b)),
             ce_high = hn::BitCast(d64, hn::InterleaveUpper(d, c, e));
  const auto store = [&](auto v, int64_t row)
                         HWY_ATTR { hn::StoreU(hn::BitCast(d, v), d, reinterpret_cast<uint32_t*>(y + row * y_step)); };
  store(hn::InterleaveLower(d64, ab_low, ce_low), 0);
  store(hn::InterleaveUpper(d64, ab_low, ce_low), 1);
  store(hn::InterleaveLower(d64, ab_high, ce_high), 2);
  store(hn::InterleaveUpper(d64, ab_high, ce_high), 3);
}

// y (rows, columns), dense along columns; x dense along rows: blocks keep the lines of both sides in L1.
template <class T>
void TransposeBlocks(const char* x, int64_t x_step, char* y, int64_t y_step, int64_t rows, int64_t columns) {
  constexpr int64_t kSide = 32;
  constexpr int64_t item = sizeof(T);
  for (int64_t j0 = 0; j0 < columns; j0 += kSide) {
    const int64_t j1 = std::min(columns, j0 + kSide);
    for (int64_t i0 = 0; i0 < rows; i0 += kSide) {
      const int64_t i1 = std::min(rows, i0 + kSide);
      int64_t i = i0;
      if constexpr (item == 4) {
        for (; i + 4 <= i1; i += 4) {
          int64_t j = j0;
          for (; j + 4 <= j1; j += 4)
            Transpose4x4(x + j * x_step + i * item, x_step, y + i * y_step + j * item, y_step);
          for (; j < j1; j++)
            for (int64_t k = i; k < i + 4; k++)
              *reinterpret_cast<T*>(y + k * y_step + j * item) = *reinterpret_cast<const T*>(x + j * x_step + k * item);
        }
      }
      for (; i < i1; i++)
        for (int64_t j = j0; j < j1; j++)
          *reinterpret_cast<T*>(y + i * y_step + j * item) = *reinterpret_cast<const T*>(x + j * x_step + i * item);
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

template <class T>
void CopyCrossed(const Loops<2>& l, int axis) {
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
  const int64_t run = std::max<int64_t>(16, kChunkBytes / (columns * static_cast<int64_t>(sizeof(T))) / 16 * 16);
  const int64_t runs = (rows + run - 1) / run;
  parallel_for(outer.rows * runs, [&](int64_t chunk) {
    const int64_t first = chunk % runs * run, count = std::min(run, rows - first);
    outer.for_rows(chunk / runs, chunk / runs + 1, [&](char* const* at) {
      TransposeBlocks<T>(at[1] + first * static_cast<int64_t>(sizeof(T)), x_step, at[0] + first * y_step, y_step, count,
                         columns);
    });
  });
}

using RowFunction = void (*)(const char* x, int64_t step_x, char* y, int64_t step_y, int64_t n);

// item: bytes of an element of y.
inline void CopyRows(const Loops<2>& l, int64_t item, RowFunction copy_row) {
  const int64_t step_y = l.step(0), step_x = l.step(1), row = l.row();
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
  axis >= 0 ? CopyCrossed<T>(l, axis) : CopyRows(l, sizeof(T), CopyRow<T, T>);
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
      if constexpr (!std::is_same_v<From, To>) CopyRows(loops, sizeof(To), CopyRow<From, To>);
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
