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
    const int64_t blocks = std::max<int64_t>(ceil_div(p_.depth, kernel_.depth), 1);
    const int64_t block = std::max<int64_t>(ceil_div(ceil_div(p_.depth, blocks), kPairStep), 1) * kPairStep;
    const int64_t tiles = ceil_div(m_, kernel_.rows), panels = ceil_div(n_, kPairColumns);
    // Chunks follow the shape alone: not too large for the caches, enough of them for some threads.
    int64_t row_chunks = ceil_div(m_, std::min(kMostRows, kernel_.size / block));
    // Of two threads none packs the rows of a chunk of the other's half.
    if (row_chunks > 1) row_chunks += row_chunks % 2;
    int64_t column_chunks = ceil_div(n_, kChunkColumns);
    const auto work = [&] { return work_of(m_, n_, p_.depth) / static_cast<double>(row_chunks * column_chunks); };
    const auto too_few = [&] { return row_chunks * column_chunks < kChunks && work() > 2 * kChunkWork; };
    while (too_few() && column_chunks < panels) column_chunks *= 2;
    while (too_few() && row_chunks < tiles) row_chunks *= 2;
    row_chunks = std::min(row_chunks, tiles);
    // Finer ones where the rows that they read are packed already: what a thread that comes late leaves to the others.
    if (row_chunks > 1 && blocks == 1 && e_.recognised)
      while (row_chunks * column_chunks < kFineChunks && work() > kFineWork && column_chunks < panels)
        column_chunks *= 2;
    column_chunks = std::min(column_chunks, panels);

    Packed packed{block, pair_row(block)};
    const int64_t row_steps = ceil_div(m_, kernel_.row_step);
    const auto first_row = [&](int64_t r) { return std::min(m_, r * row_steps / row_chunks * kernel_.row_step); };
    // What several chunks read of a is packed once: the rows of a chunk by each thread that comes to them, since lines
    // that another core wrote come slower, or all of it by all threads.
    const int64_t most_rows = ceil_div(m_, row_chunks) + kernel_.row_step;
    const bool by_thread = column_chunks > 1 && most_rows <= kernel_.own_size / (blocks * packed.row);
    const uint64_t id = by_thread ? next_packed_ids(row_chunks) : 0;
    if (column_chunks > 1 && !by_thread && m_ <= kSharedRows / blocks) packed.left = pack_left(blocks, packed);
    for_chunks(row_chunks * column_chunks, [&](int64_t chunk) HWY_ATTR {
      const int64_t r = chunk / column_chunks, c = chunk % column_chunks;
      const int64_t i = first_row(r), rows = first_row(r + 1) - i;
      const int64_t j = c * panels / column_chunks * kPairColumns;
      const int64_t j_end = std::min(n_, (c + 1) * panels / column_chunks * kPairColumns);
      Packed own = packed;
      if (by_thread) {
        ThreadScratch& scratch = thread_scratch();
        uint16_t* const left = scratch.left.template reserve<uint16_t>(blocks * rows * packed.row);
        if (scratch.packed_id != id + static_cast<uint64_t>(r)) pack_blocks(i, rows, i, rows, packed, left);
        scratch.packed_id = id + static_cast<uint64_t>(r);
        own.left = left;
        own.left_rows = rows;
      } else if (packed.left) {
        own.left += i * packed.row;
      }
      multiply_chunk(i, rows, j, j_end - j, own);
    });
  }

 private:
  // Rows and columns of a chunk at most.
  static constexpr int64_t kMostRows = 1036, kChunkColumns = 256;
  // Rows of blocks of a, packed at once.
  static constexpr int64_t kSharedRows = 16384;

  // The left operand, as it is packed before a chunk of the product.
  struct Packed {
    int64_t block, row;              // of the depth; from row to row
    const uint16_t* left = nullptr;  // the rows of the chunk, block after block; null: the chunk packs them
    int64_t left_rows = 0;           // of a block in `left`
  };

  // Rows [i, i + rows) of blocks of `of` rows that begin at row `first`.
  void pack_blocks(int64_t i, int64_t rows, int64_t first, int64_t of, const Packed& packed, uint16_t* left) const {
    for (int64_t k = 0; k < p_.depth; k += packed.block)
      pack_rows(p_.a, i, rows, k, std::min(packed.block, p_.depth - k),
                left + (k / packed.block * of + i - first) * packed.row, packed.row);
  }

  // All of a, block after block.
  const uint16_t* pack_left(int64_t blocks, Packed& packed) const {
    packed.left_rows = m_;
    uint16_t* const left = thread_scratch().left.template reserve<uint16_t>(blocks * m_ * packed.row);
    const int64_t group = std::max<int64_t>((int64_t{1} << 16) / std::max<int64_t>(p_.depth, 1) / 16, 1) * 16;
    for_chunks(ceil_div(m_, group), [&](int64_t chunk) HWY_ATTR {
      pack_blocks(chunk * group, std::min(group, m_ - chunk * group), 0, m_, packed, left);
    });
    return left;
  }

  // Of the panel of b that this thread packs after the one at (k, j) of the chunk, mostly.
  PairsAhead after(int64_t j, int64_t k, int64_t j0, int64_t columns, int64_t block) const {
    j += kPairColumns;
    if (j >= j0 + columns && k + block < p_.depth) {
      j = j0;
      k += block;
    } else if (j >= n_) {
      j = 0;
    }
    const int64_t size = dtype_size(p_.b.dtype);
    return {p_.b.at(j, k),    std::min(kPairColumns, n_ - j), std::min(block, p_.depth - k),
            p_.b.step * size, p_.b.depth_step * size,         size};
  }

  // rows x columns at (i0, j0), the whole depth.
  void multiply_chunk(int64_t i0, int64_t rows, int64_t j0, int64_t columns, const Packed& packed) const {
    const int64_t block = packed.block;
    const Part part = begin(i0, j0, rows, columns, p_.y.strides[1] == 1);
    uint16_t* const own = packed.left ? nullptr : thread_scratch().left.template reserve<uint16_t>(rows * packed.row);
    uint16_t* const b = thread_scratch().right.template reserve<uint16_t>(kPairColumns * block);
    for (int64_t k = 0; k == 0 || k < p_.depth; k += block) {
      const int64_t depth = std::min(block, p_.depth - k);
      const bool last = k + depth >= p_.depth, add = k > 0 || (accumulates_ && part.in_y);
      if (own) pack_rows(p_.a, i0, rows, k, depth, own, packed.row);
      const uint16_t* const a = own ? own : packed.left + k / block * packed.left_rows * packed.row;
      for (int64_t j = j0; j < j0 + columns; j += kPairColumns) {
        const int64_t width = std::min(kPairColumns, j0 + columns - j);
        pack_columns(p_.b, j, width, k, depth, b);
        kernel_.multiply(rows, width, depth, a, packed.row, b, after(j, k, j0, columns, block), part.data + (j - j0),
                         part.row_step, add);
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
