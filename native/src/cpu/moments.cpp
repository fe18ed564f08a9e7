#include "cpu/moments.hpp"

#include <memory>
#include <vector>

#include "core/dtype.hpp"
#include "core/thread_pool.hpp"

namespace nc::cpu {
namespace {

using Plan = NormalizationPlan;

// Elements that are worth a second thread.
constexpr int64_t kChunk = 16384;
// Rows of a chunk are a multiple of it.
constexpr int64_t kLeastRows = 64;

bool lies(const MomentKernels& kernels, const Plan& plan) {
  return plan.inner.steps[Plan::kX] == 1 && plan.dtype(Plan::kX) == kernels.dtype;
}

}  // namespace

void moments_of_lines(const MomentKernels& kernels, const Plan& plan,
                      const std::function<void(int64_t, const Moments&)>& finish) {
  constexpr int64_t kMostBlocks = 128;
  const bool segments = lies(kernels, plan) && (plan.rows == 1 || 2 * plan.inner.n > kBlock);
  const Blocks blocks(plan, segments ? kChunk : kBlock);
  const int64_t total = plan.sets * blocks.count, size = plan.rows * plan.inner.n;
  const int64_t least = std::max<int64_t>(1, kChunk / std::max<int64_t>(1, size / blocks.count));
  const int64_t group = std::max(least, std::min(kMostBlocks, total / 16));
  std::vector<Moments> kept(static_cast<size_t>(blocks.count > 1 ? total : 0));
  parallel_for((total + group - 1) / group, [&](int64_t chunk) {
    const int64_t begin = chunk * group, end = std::min(total, begin + group);
    const auto put = [&](int64_t i, const Moments& m) {
      if (blocks.count == 1) {
        finish(i, m);
      } else {
        kept[static_cast<size_t>(i)] = m;
      }
    };
    int64_t i = begin;
    if (segments) {
      const int64_t steps = (end - begin) / kPlaces;
      for (int64_t step = begin; step < begin + steps; step++) {
        const void* parts[kPlaces];
        int64_t lengths[kPlaces];
        for (int k = 0; k < kPlaces; k++) {
          const int64_t at = step + k * steps, b = at % blocks.count, first = b % blocks.per_line * blocks.length;
          parts[k] = plan.bytes(Plan::kX, at / blocks.count, b / blocks.per_line) + first * dtype_size(kernels.dtype);
          lengths[k] = std::min(blocks.length, plan.inner.n - first);
        }
        Moments moments[kPlaces];
        kernels.segments(parts, lengths, moments);
        for (int k = 0; k < kPlaces; k++) put(step + k * steps, moments[k]);
      }
      i += kPlaces * steps;
    }
    for (; i < end; i++) put(i, kernels.block(plan, blocks, i / blocks.count, i % blocks.count));
    // The blocks of a set go into its first here.
    for (int64_t first = begin, k = begin + 1; blocks.count > 1 && k < end; k++) {
      if (k % blocks.count == 0) {
        first = k;
      } else {
        kept[static_cast<size_t>(first)].add(kept[static_cast<size_t>(k)]);
        kept[static_cast<size_t>(k)].count = 0;
      }
    }
  });
  if (blocks.count == 1) return;
  const int64_t sets = std::max<int64_t>(1, kChunk / blocks.count);
  parallel_for((plan.sets + sets - 1) / sets, [&](int64_t chunk) {
    for (int64_t set = chunk * sets; set < std::min(plan.sets, (chunk + 1) * sets); set++) {
      Moments m;
      for (int64_t b = 0; b < blocks.count; b++) m.add(kept[static_cast<size_t>(set * blocks.count + b)]);
      finish(set, m);
    }
  });
}

void moments_of_columns(const MomentKernels& kernels, const Plan& plan,
                        const std::function<void(int64_t, int64_t, const double*, const double*)>& finish) {
  const int64_t n = plan.inner.n, outer = plan.sets / n;
  const bool behind = lies(kernels, plan) && plan.row_step(Plan::kX) == n;
  // Rows that lie one behind the other stand side by side while they are short.
  int64_t side = 1;
  while (behind && 2 * side * n <= kColumns && 16 * side <= plan.rows) side *= 2;
  const int64_t rows = plan.rows / side, rest = plan.rows % side, wide = side * n;
  const int64_t tiles = (wide + kColumns - 1) / kColumns, width = std::min(wide, kColumns);
  const int64_t least = std::max(kLeastRows, kChunk / width);
  const int64_t chunk_rows = ((std::max(least, (rows + 15) / 16)) + kLeastRows - 1) / kLeastRows * kLeastRows;
  const int64_t chunks = (rows + chunk_rows - 1) / chunk_rows;
  // Of every chunk of an outer set: the means and the squares of the columns of each tile, in whole vectors.
  const int64_t pitch = width + kPad;
  const int64_t kept_values = chunks > 1 ? 2 * outer * chunks * tiles * pitch : 0;
  const auto kept = std::make_unique_for_overwrite<double[]>(static_cast<size_t>(kept_values));
  const auto part = [&](int64_t o, int64_t chunk, int64_t tile) {
    return kept.get() + 2 * ((o * chunks + chunk) * tiles + tile) * pitch;
  };
  // From the moments of all chunks but the rest.
  const auto complete = [&](int64_t o, int64_t tile, double* means, double* squares) {
    int64_t count = rows;
    for (int64_t half = side / 2; half > 0; half /= 2, count *= 2)
      kernels.combine(means, squares, means + half * n, squares + half * n, half * n, count, count);
    if (rest > 0) {
      const auto more = std::make_unique_for_overwrite<double[]>(static_cast<size_t>(2 * pitch));
      kernels.rows(plan, o, 0, n, rows * side, rest, 1, more.get(), more.get() + pitch);
      kernels.combine(means, squares, more.get(), more.get() + pitch, n, count, rest);
    }
    finish(o * n + tile * kColumns, std::min(n - tile * kColumns, kColumns), means, squares);
  };
  const auto width_of = [&](int64_t tile) { return std::min(kColumns, wide - tile * kColumns); };
  const int64_t together = chunks * tiles > 1 ? 1 : std::max<int64_t>(1, kChunk / (rows * width));  // outer sets
  parallel_for((outer + together - 1) / together * tiles * chunks, [&](int64_t i) {
    const int64_t chunk = i % chunks, tile = i / chunks % tiles, begin = i / chunks / tiles * together;
    const auto own = std::make_unique_for_overwrite<double[]>(static_cast<size_t>(chunks > 1 ? 0 : 2 * pitch));
    for (int64_t o = begin; o < std::min(outer, begin + together); o++) {
      const int64_t first = chunk * chunk_rows;
      double* const means = chunks > 1 ? part(o, chunk, tile) : own.get();
      kernels.rows(plan, o, tile * kColumns, width_of(tile), first * side, std::min(chunk_rows, rows - first), side,
                   means, means + pitch);
      if (chunks == 1) complete(o, tile, means, means + pitch);
    }
  });
  if (chunks == 1) return;
  // Whole vectors of columns are one task's.
  const int64_t piece = std::max<int64_t>(64, kChunk / chunks / 8 * 8), pieces = (width + piece - 1) / piece;
  parallel_for(outer * tiles * pieces, [&](int64_t i) {
    const int64_t o = i / pieces / tiles, tile = i / pieces % tiles, at = i % pieces * piece;
    const int64_t n = std::min(piece, width_of(tile) - at);
    double* const means = part(o, 0, tile) + at;
    for (int64_t chunk = 1; chunk < chunks && n > 0; chunk++) {
      const double* const other = part(o, chunk, tile) + at;
      kernels.combine(means, means + pitch, other, other + pitch, n, chunk * chunk_rows,
                      std::min(chunk_rows, rows - chunk * chunk_rows));
    }
  });
  parallel_for(outer * tiles, [&](int64_t i) {
    double* const means = part(i / tiles, 0, i % tiles);
    complete(i / tiles, i % tiles, means, means + pitch);
  });
}

}  // namespace nc::cpu
