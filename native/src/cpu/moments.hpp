// Means and variances of the sets of a plan in one reading of memory. They are those of blocks, whose squared
// differences are taken from the block's own mean while the block is in registers or in the cache; blocks are combined
// in a fixed order in float64, as T. F. Chan, G. H. Golub and R. J. LeVeque have it (1979).
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>

#include "cpu/normalization.hpp"

namespace nc::cpu {

// A mean, and the sum of the squared differences from it.
struct Moments {
  double count = 0, mean = 0, squares = 0;

  void add(const Moments& m) {
    if (m.count == 0) return;
    const double total = count + m.count, delta = m.mean - mean;
    mean += delta * (m.count / total);
    squares += m.squares + delta * delta * (count * m.count / total);
    count = total;
  }
};

// Sets whose elements lie in lines: how the lines of a set are cut into blocks of `most` elements.
struct Blocks {
  int64_t per_line, length, lines, count;  // blocks of a line and their length; lines of a block; blocks of a set

  Blocks(const NormalizationPlan& plan, int64_t most) {
    const int64_t n = plan.inner.n;
    per_line = n > most ? (n + most - 1) / most : 1;
    length = (n + per_line - 1) / per_line;
    lines = per_line > 1 ? 1 : std::max<int64_t>(1, most / n);
    count = per_line > 1 ? plan.rows * per_line : (plan.rows + lines - 1) / lines;
  }
};

// Elements of a block that is read a second time, from the cache.
constexpr int64_t kBlock = 4096;
// Places of memory that are read at once: the hardware fetches ahead within a page only.
constexpr int kPlaces = 4;
// Columns that are taken together: pages of a row that lie one behind the other.
constexpr int64_t kColumns = 4096;
// Elements that no cache holds.
constexpr int64_t kLarge = int64_t{1} << 21;
// Doubles that may be read and written beyond the last column.
constexpr int64_t kPad = 8;

// Of an ISA and a compute type, which are the kernels' own.
struct MomentKernels {
  nc_dtype dtype;
  // The moments of kPlaces lines of elements of the dtype, one behind the other, with their lengths.
  void (*segments)(const void* const* lines, const int64_t* lengths, Moments* moments);
  // Of block b of a set, in two passes.
  Moments (*block)(const NormalizationPlan& plan, const Blocks& blocks, int64_t set, int64_t b);
  // The means and the squares of n columns from `column` on, kColumns at most, over `count` rows of `side` of the
  // plan's each, from that one `first` on; where side is not 1, they lie one behind the other.
  void (*rows)(const NormalizationPlan& plan, int64_t outer, int64_t column, int64_t n, int64_t first, int64_t count,
               int64_t side, double* means, double* squares);
  // The means and the squares of n columns of `count` rows, with those of `more` others.
  void (*combine)(double* means, double* squares, const double* means2, const double* squares2, int64_t n,
                  int64_t count, int64_t more);
};

// finish(set, moments) for every set, where the innermost axis is reduced; on any thread.
void moments_of_lines(const MomentKernels& kernels, const NormalizationPlan& plan,
                      const std::function<void(int64_t set, const Moments& moments)>& finish);

// finish(first set, n, means, squares) for every run of columns, where the innermost axis is kept; on any thread.
void moments_of_columns(
    const MomentKernels& kernels, const NormalizationPlan& plan,
    const std::function<void(int64_t first, int64_t n, const double* means, const double* squares)>& finish);

}  // namespace nc::cpu
