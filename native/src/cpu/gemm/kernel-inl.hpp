// The micro-kernel: a tile of the product, held in registers over the whole depth of a block.
#if defined(NATIVECHAIN_GEMM_KERNEL_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef NATIVECHAIN_GEMM_KERNEL_INL
#undef NATIVECHAIN_GEMM_KERNEL_INL
#else
#define NATIVECHAIN_GEMM_KERNEL_INL
#endif

#include <array>
#include <cstdint>
#include <utility>

#include "hwy/cache_control.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace nc::cpu::HWY_NAMESPACE::gemm {
namespace hn = hwy::HWY_NAMESPACE;

template <class T>
constexpr int64_t kLanes = HWY_MAX_BYTES / static_cast<int64_t>(sizeof(T));

// Rows x vectors of the tile: all registers but those for a row of b and an element of a.
#if HWY_TARGET <= HWY_AVX3
inline constexpr int kTileRows = 14;
#elif HWY_TARGET == HWY_NEON
inline constexpr int kTileRows = 12;
#else
inline constexpr int kTileRows = 6;
#endif
inline constexpr int kTileVectors = 2;
template <class T>
constexpr int64_t kTileColumns = kTileVectors* kLanes<T>;

// Whether a tile reads and writes a part of its last vector alone; elsewhere b and c have whole vectors.
inline constexpr bool kMasks = HWY_TARGET <= HWY_AVX3;

// Asks for a line, into the second-level cache: in the first one it would take the place of a and b, and its way from
// memory would hold up theirs.
HWY_INLINE void prefetch_later(const void* p) { __builtin_prefetch(p, 0, 2); }

// Lines of what comes next, one of which a kernel asks for at each step of the depth: free beside the multiplications,
// where many at once would be waited for.
template <class T>
struct Ahead {
  const T* line;
  int64_t step;  // from one line to the next, in elements
};

// c (+)= a . b. a: element (i, k) at a[i * a_row + k * a_step]; b: row k at b + k * b_step; c: row i at c + i * c_step;
// the last vector of b's and c's rows has `rest` elements. Where `panel` is given, the rows of b are also left there, kTileColumns apart: the stores are free beside the
// multiplications, a pass of their own is not.
template <class T, int kRows, int kVectors>
HWY_NOINLINE void tile_kernel(int64_t depth, const T* HWY_RESTRICT a, int64_t a_row, int64_t a_step,
                              const T* HWY_RESTRICT b, int64_t b_step, T* HWY_RESTRICT c, int64_t c_step, bool add,
                              [[maybe_unused]] int64_t rest, T* HWY_RESTRICT panel, Ahead<T> ahead) {
  const hn::ScalableTag<T> d;
  using V = hn::Vec<decltype(d)>;
  const bool partial = kMasks && rest < kLanes<T>;
  [[maybe_unused]] const auto last = hn::FirstN(d, static_cast<size_t>(rest));
  V sum[kRows][kVectors];
#pragma GCC unroll 16
  for (int i = 0; i < kRows; i++) {
#pragma GCC unroll 4
    for (int j = 0; j < kVectors; j++) sum[i][j] = hn::Zero(d);
  }
  for (int i = 0; i < kRows; i++) {
    for (int j = 0; j < kVectors; j++) prefetch_later(c + i * c_step + j * kLanes<T>);
  }
  // Three rows share a pointer: an address adds no more than twice one register.
  constexpr int kShared = 3, kPointers = (kRows + kShared - 1) / kShared;
  const T* rows[kPointers];
#pragma GCC unroll 8
  for (int i = 0; i < kPointers; i++) rows[i] = a + i * kShared * a_row;
#pragma GCC unroll 1
  for (int64_t k = 0; k < depth; k++) {
    V bk[kVectors];
#pragma GCC unroll 4
    for (int j = 0; j < kVectors - 1; j++) bk[j] = hn::LoadU(d, b + j * kLanes<T>);
    // A load with a mask costs more where it misses the first-level cache.
    if (partial) [[unlikely]] {
      bk[kVectors - 1] = hn::MaskedLoad(last, d, b + (kVectors - 1) * kLanes<T>);
    } else {
      bk[kVectors - 1] = hn::LoadU(d, b + (kVectors - 1) * kLanes<T>);
    }
#pragma GCC unroll 16
    for (int i = 0; i < kRows; i++) {
      const V ai = hn::Set(d, rows[i / kShared][i % kShared * a_row]);
#pragma GCC unroll 4
      for (int j = 0; j < kVectors; j++) sum[i][j] = hn::MulAdd(ai, bk[j], sum[i][j]);
    }
    if (panel) {
#pragma GCC unroll 4
      for (int j = 0; j < kVectors; j++) hn::Store(bk[j], d, panel + j * kLanes<T>);
      panel += kTileColumns<T>;
    }
#pragma GCC unroll 8
    for (int i = 0; i < kPointers; i++) rows[i] += a_step;
    b += b_step;
    prefetch_later(ahead.line);
    ahead.line += ahead.step;
  }
  if (partial) {
#pragma GCC unroll 16
    for (int i = 0; i < kRows; i++) {
#pragma GCC unroll 4
      for (int j = 0; j < kVectors; j++) {
        T* const p = c + j * kLanes<T>;
        if (j < kVectors - 1) {
          hn::StoreU(add ? hn::Add(hn::LoadU(d, p), sum[i][j]) : sum[i][j], d, p);
        } else {
          hn::BlendedStore(add ? hn::Add(hn::MaskedLoad(last, d, p), sum[i][j]) : sum[i][j], last, d, p);
        }
      }
      c += c_step;
    }
    return;
  }
#pragma GCC unroll 16
  for (int i = 0; i < kRows; i++) {
#pragma GCC unroll 4
    for (int j = 0; j < kVectors; j++) {
      T* const p = c + j * kLanes<T>;
      hn::StoreU(add ? hn::Add(hn::LoadU(d, p), sum[i][j]) : sum[i][j], d, p);
    }
    c += c_step;
  }
}

template <class T>
using TileKernel = void (*)(int64_t depth, const T* a, int64_t a_row, int64_t a_step, const T* b, int64_t b_step, T* c,
                            int64_t c_step, bool add, int64_t rest, T* panel, Ahead<T> ahead);

template <class T, int kVectors, int... kRowsLess1>
constexpr std::array<TileKernel<T>, kTileRows> kernels_of(std::integer_sequence<int, kRowsLess1...>) {
  return {tile_kernel<T, kRowsLess1 + 1, kVectors>...};
}

// The kernel for 1 to kTileRows rows and 1 or 2 vectors.
template <class T>
TileKernel<T> tile_kernel_for(int64_t rows, int64_t vectors) {
  static constexpr auto one = kernels_of<T, 1>(std::make_integer_sequence<int, kTileRows>{});
  static constexpr auto two = kernels_of<T, 2>(std::make_integer_sequence<int, kTileRows>{});
  return (vectors == 1 ? one : two)[static_cast<size_t>(rows - 1)];
}

}  // namespace nc::cpu::HWY_NAMESPACE::gemm
HWY_AFTER_NAMESPACE();

#endif
