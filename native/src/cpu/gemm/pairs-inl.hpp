// One product in pairs of bfloat16: its chunks, and its epilogue while the result is in cache.
#if defined(NATIVECHAIN_GEMM_PAIRS_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef NATIVECHAIN_GEMM_PAIRS_INL
#undef NATIVECHAIN_GEMM_PAIRS_INL
#else
#define NATIVECHAIN_GEMM_PAIRS_INL
#endif

#include <algorithm>
#include <cstdint>

#include "cpu/gemm/pairs.hpp"
#include "cpu/gemm/product-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace nc::cpu::HWY_NAMESPACE::gemm {

class PairProduct : private Product<float> {
 public:
  PairProduct(const Problem& problem, const PairKernel& kernel) : Product<float>(problem), kernel_(kernel) {}

  void run() const {
    if (p_.a.dtype == NC_BFLOAT16 && work_of(m_, n_, p_.depth) < kTinyWork) return tiny();
    const int64_t tiles = ceil_div(m_, kernel_.rows), panels = ceil_div(n_, kPairColumns);
    // Chunks follow the shape alone: not too large for the caches, enough of them for some threads.
    int64_t row_chunks = ceil_div(m_, kChunkRows), column_chunks = ceil_div(n_, kChunkColumns);
    const auto too_few = [&] {
      const int64_t chunks = row_chunks * column_chunks;
      return chunks < kChunks && work_of(m_, n_, p_.depth) / static_cast<double>(chunks) > 2 * kChunkWork;
    };
    while (too_few() && column_chunks < panels) column_chunks *= 2;
    while (too_few() && row_chunks < tiles) row_chunks *= 2;
    row_chunks = std::min(row_chunks, tiles);
    column_chunks = std::min(column_chunks, panels);
    const int64_t blocks = std::max<int64_t>(ceil_div(p_.depth, kPairDepth), 1);
    const int64_t block = std::max<int64_t>(ceil_div(ceil_div(p_.depth, blocks), kPairStep), 1) * kPairStep;
    const uint16_t* shared = nullptr;
    if (column_chunks > 1 && m_ <= kSharedRows / blocks) shared = pack_left(blocks, block);
    for_chunks(row_chunks * column_chunks, [&](int64_t chunk) HWY_ATTR {
      const int64_t r = chunk / column_chunks, c = chunk % column_chunks;
      const int64_t i = r * tiles / row_chunks * kernel_.rows, j = c * panels / column_chunks * kPairColumns;
      const int64_t i_end = std::min(m_, (r + 1) * tiles / row_chunks * kernel_.rows);
      const int64_t j_end = std::min(n_, (c + 1) * panels / column_chunks * kPairColumns);
      multiply_chunk(i, i_end - i, j, j_end - j, block, shared);
    });
  }

 private:
  // Rows and columns of a chunk at most. Its part of a need not stay in the second-level cache: half as many rows pack b
  // twice, which costs more, 5% at 1024.
  static constexpr int64_t kChunkRows = 1036, kChunkColumns = 256;
  // Rows of blocks of a, packed at once.
  static constexpr int64_t kSharedRows = 16384;

  // All of a, block after block.
  const uint16_t* pack_left(int64_t blocks, int64_t block) const {
    uint16_t* const packed = thread_scratch().left.template reserve<uint16_t>(blocks * m_ * kPairRow);
    const int64_t group = std::max<int64_t>((int64_t{1} << 16) / std::max<int64_t>(p_.depth, 1) / 16, 1) * 16;
    for_chunks(ceil_div(m_, group), [&](int64_t chunk) HWY_ATTR {
      const int64_t i = chunk * group, rows = std::min(group, m_ - i);
      for (int64_t n = 0; n < blocks; n++)
        pack_rows(p_.a, i, rows, n * block, std::min(block, p_.depth - n * block), packed + (n * m_ + i) * kPairRow);
    });
    return packed;
  }

  // rows x columns at (i0, j0), the whole depth.
  void multiply_chunk(int64_t i0, int64_t rows, int64_t j0, int64_t columns, int64_t block,
                      const uint16_t* shared) const {
    const bool conflicts = p_.depth > block && p_.y.strides[0] % (4096 / static_cast<int64_t>(sizeof(float))) == 0;
    const Part part = begin(i0, j0, rows, columns, p_.y.strides[1] == 1 && !conflicts);
    uint16_t* const own = shared ? nullptr : thread_scratch().left.template reserve<uint16_t>(rows * kPairRow);
    uint16_t* const b = thread_scratch().right.template reserve<uint16_t>(kPairColumns * kPairDepth);
    for (int64_t k = 0; k == 0 || k < p_.depth; k += block) {
      const int64_t depth = std::min(block, p_.depth - k);
      const bool last = k + depth >= p_.depth, add = k > 0 || (accumulates_ && part.in_y);
      if (own) pack_rows(p_.a, i0, rows, k, depth, own);
      const uint16_t* const a = own ? own : shared + (k / block * m_ + i0) * kPairRow;
      for (int64_t j = j0; j < j0 + columns; j += kPairColumns) {
        const int64_t width = std::min(kPairColumns, j0 + columns - j);
        pack_columns(p_.b, j, width, k, depth, b);
        kernel_.multiply(rows, width, depth, a, b, part.data + (j - j0), part.row_step, add);
        if (last && part.in_y) finish(Part{part.data + (j - j0), part.row_step, 1, true}, i0, j, rows, width);
      }
    }
    if (!part.in_y) finish(part, i0, j0, rows, columns);
  }

  const PairKernel& kernel_;
};

}  // namespace nc::cpu::HWY_NAMESPACE::gemm
HWY_AFTER_NAMESPACE();

#endif
