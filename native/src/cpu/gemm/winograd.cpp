#include "cpu/gemm/winograd.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <vector>

#include "core/program.hpp"
#include "core/thread_pool.hpp"
#include "cpu/gemm/convolution.hpp"
#include "cpu/gemm/direct.hpp"
#include "cpu/gemm/images.hpp"
#include "cpu/gemm/scratch.hpp"

namespace nc::cpu::gemm {
namespace {

constexpr int64_t kTile = 4, kReach = 6;
// Channels, outputs and tiles from which the transformed way wins.
constexpr int64_t kLeastChannels = 32, kLeastTiles = 32;
// Tiles wanted in a unit: their points are to lie in the second-level cache, and each reads all filters.
constexpr int64_t kUnitTiles = 16;
// Elements at most: of filters at the points, of one row of tiles there, and of the images and gradients that a sum
// runs over at a time.
constexpr int64_t kMostFilters = int64_t{5} << 20, kMostPoints = int64_t{1} << 20, kBlockPoints = int64_t{1} << 21;
// Sums of a filter's gradient that are made apart, where they take no more elements than that, and the tiles that each
// takes at a time.
constexpr int64_t kShares = 8, kMostSums = int64_t{5} << 18, kSumTiles = 64;
// Bits of 2^40: no product of two such values at points, nor a sum of them, leaves the range of float32.
constexpr int32_t kLargest = (127 + 40) << 23;

int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }
int64_t round_up(int64_t a, int64_t b) { return ceil_div(a, b) * b; }

// The step between neighbouring pixels where each plane of t (all axes) is one line.
bool is_line(const nc_tensor& t, int64_t& step) {
  step = t.shape[4] > 1 ? t.strides[4] : t.strides[3];
  return t.shape[3] <= 1 || t.shape[4] <= 1 || t.strides[3] == t.shape[4] * t.strides[4];
}

nc_tensor of_channels(const nc_tensor& t, int64_t n, int64_t c) {
  nc_tensor part = t;
  part.offset += (n * t.strides[0] + c * t.strides[1]) * dtype_size(t.dtype);
  return part;
}

// A convolution of x by filters of 3 x 3, as the forward one is and, with its filters turned round, the gradient by x.
struct Layer {
  nc_tensor x, y;                     // all axes
  int64_t padding[2];                 // rows and columns
  int64_t groups, channels, outputs;  // the latter two of a group
  nc_tensor W;                        // all axes
  int64_t W_group, W_output, W_channel;
  bool turned;

  int64_t tile_rows() const { return ceil_div(y.shape[3], kTile); }
  int64_t tile_columns() const { return ceil_div(y.shape[4], kTile); }
  int64_t tiles() const { return x.shape[0] * tile_rows() * tile_columns(); }
};

bool is_transformable(const nc_tensor& x, const nc_tensor& W, const nc_tensor& y, const nc_convolution& window) {
  if (x.ndim < 4 || x.dtype != NC_FLOAT32 || W.dtype != NC_FLOAT32 || y.dtype != NC_FLOAT32) return false;
  for (int i = 0; i < x.ndim - 2; i++) {
    const bool depth = i < x.ndim - 4;
    if (window.stride[i] != 1 || window.dilation[i] != 1 || W.shape[2 + i] != (depth ? 1 : 3)) return false;
    if (depth ? x.shape[2 + i] != 1 || y.shape[2 + i] != 1 : window.padding[i] > 2) return false;
  }
  return true;
}

// W: (outputs, channels) of the layer by these axes.
Layer layer_of(const nc_tensor& x, const nc_tensor& W, const nc_tensor& y, const nc_convolution& window, bool turned) {
  Layer l{.x = with_all_axes(x),
          .y = with_all_axes(y),
          .padding = {window.padding[x.ndim - 4], window.padding[x.ndim - 3]},
          .groups = window.groups,
          .channels = x.shape[1] / window.groups,
          .outputs = y.shape[1] / window.groups,
          .W = with_all_axes(W),
          .W_group = W.shape[0] / window.groups * W.strides[0],
          .W_output = W.strides[turned ? 1 : 0],
          .W_channel = W.strides[turned ? 0 : 1],
          .turned = turned};
  if (turned)
    for (int64_t& p : l.padding) p = 2 - p;
  return l;
}

bool wins(const Layer& l) {
  return l.channels >= kLeastChannels && l.outputs >= kLeastChannels && l.tiles() >= kLeastTiles &&
         l.groups * l.channels * l.outputs * kPoints <= kMostFilters &&
         l.tile_columns() * std::max(l.channels, l.outputs) * kPoints <= kMostPoints &&
         (l.x.shape[4] <= 1 || l.x.strides[4] == 1);
}

// Some rows of tiles of some images.
struct Part {
  int64_t n, images, row, rows;
};

class Parts {
 public:
  Parts(int64_t images, int64_t rows, int64_t columns) : images_(images), rows_(rows) {
    const int64_t bands = std::min(rows, ceil_div(rows * columns, kUnitTiles));
    each_rows_ = ceil_div(rows, bands);
    each_images_ = bands > 1 ? 1 : std::clamp<int64_t>(kUnitTiles / (rows * columns), 1, images);
    bands_ = ceil_div(rows, each_rows_);
  }

  int64_t count() const { return ceil_div(images_, each_images_) * bands_; }
  int64_t most_tiles(int64_t columns) const { return each_images_ * each_rows_ * columns; }
  Part operator[](int64_t i) const {
    const int64_t n = i / bands_ * each_images_, row = i % bands_ * each_rows_;
    return {n, std::min(each_images_, images_ - n), row, std::min(each_rows_, rows_ - row)};
  }

 private:
  int64_t images_, rows_, each_images_, each_rows_, bands_;
};

// The rows of planes that the tiles of a part read, or write: tiles reach `reach` pixels from `padding` ahead on.
struct Band {
  Band(const Part& part, const nc_tensor& t, int64_t reach, int64_t padding_rows, int64_t padding_columns)
      : first(std::max<int64_t>(part.row * kTile - padding_rows, 0)),
        rows(std::max<int64_t>(std::min((part.row + part.rows - 1) * kTile + reach - padding_rows, t.shape[3]) - first,
                               0)),
        width(t.shape[4]),
        images(part.images),
        from_row(part.row * kTile - padding_rows - first),
        from_column(-padding_columns),
        tile_reach(reach) {}

  int64_t pixels() const { return rows * width; }
  // With one more behind them, for what lies outside.
  int64_t size() const { return images * pixels() + 1; }

  // Of the pixels of `tile_rows` rows of tiles.
  void offsets(int64_t tile_rows, int64_t tile_columns, int64_t lanes, int32_t* to) const {
    const auto outside = static_cast<int32_t>(images * pixels() * lanes);
    for (int64_t n = 0; n < images; n++) {
      for (int64_t r = 0; r < tile_rows; r++) {
        for (int64_t c = 0; c < tile_columns; c++) {
          for (int64_t i = 0; i < tile_reach; i++) {
            const int64_t y = from_row + r * kTile + i, line = (n * rows + y) * width;
            for (int64_t j = 0; j < tile_reach; j++) {
              const int64_t x = from_column + c * kTile + j;
              const bool inside = y >= 0 && y < rows && x >= 0 && x < width;
              *to++ = inside ? static_cast<int32_t>((line + x) * lanes) : outside;
            }
          }
        }
      }
    }
  }

  int64_t first, rows, width, images;
  int64_t from_row, from_column, tile_reach;  // of the first tile, from the first row and column
};

// Channels [c, c + count) of a band of t as (pixels, lanes). Gives the bits of the largest magnitude.
int32_t gather_band(const Winograd& w, const nc_tensor& t, const Part& part, const Band& band, int64_t c, int64_t count,
                    float* to) {
  int32_t largest = 0;
  int64_t step;
  const bool line = is_line(t, step);
  for (int64_t n = 0; n < part.images; n++) {
    const float* from = data<const float>(of_channels(t, part.n + n, c)) + band.first * t.strides[3];
    float* const at = to + n * band.pixels() * w.lanes;
    if (line) {
      largest = std::max(largest, w.gather(from, count, t.strides[1], band.pixels(), step, at));
      continue;
    }
    for (int64_t r = 0; r < band.rows; r++)
      largest = std::max(largest, w.gather(from + r * t.strides[3], count, t.strides[1], band.width, t.strides[4],
                                           at + r * band.width * w.lanes));
  }
  return largest;
}

using ToPoints = void (*)(const float* from, const int32_t* offsets, int64_t tiles, float* to, int64_t tile_step,
                          int64_t point_step);

// Tiles of channels [c, c + channels) of a band at the points, those of block k of lanes channels from to(k) on. Gives
// the bits of the largest magnitude.
template <class To>
int32_t transform_band(const Winograd& w, ToPoints kernel, const nc_tensor& t, const Part& part, const Band& band,
                       int64_t columns, int64_t c, int64_t channels, int64_t tile_step, int64_t point_step,
                       const To& to) {
  const int64_t tiles = part.images * part.rows * columns, size = band.size() * w.lanes;
  auto* const image = thread_scratch().images.reserve<float>(size + tiles * kTilePixels);
  auto* const offsets = reinterpret_cast<int32_t*>(image + size);
  band.offsets(part.rows, columns, w.lanes, offsets);
  std::fill_n(image + size - w.lanes, w.lanes, 0.0F);
  int32_t largest = 0;
  for (int64_t k = 0; k * w.lanes < channels; k++) {
    const int64_t first = k * w.lanes;
    largest = std::max(largest, gather_band(w, t, part, band, c + first, std::min(w.lanes, channels - first), image));
    kernel(image, offsets, tiles, to(k), tile_step, point_step);
  }
  return largest;
}

// The values of two vectors of filters, or the last one: (points, channels, vectors).
struct FilterBlock {
  float* points;
  int64_t vectors, point_step;
};

// All of them. Points lie an odd number of vectors apart, so that they do not share few sets of the caches.
class Filters {
 public:
  Filters(const Layer& l, int64_t lanes) : channels_(l.channels), outputs_(l.outputs), lanes_(lanes) {
    group_size_ = ceil_div(outputs_, 2 * lanes) * kPoints * (2 * channels_ + 1) * lanes;
    points_ = thread_scratch().left.reserve<float>(l.groups * group_size_);
  }

  FilterBlock pair(int64_t group, int64_t i) const {
    const int64_t vectors = std::min<int64_t>(ceil_div(outputs_ - i * 2 * lanes_, lanes_), 2);
    return {points_ + group * group_size_ + i * kPoints * (2 * channels_ + 1) * lanes_, vectors,
            (vectors * channels_ | 1) * lanes_};
  }

 private:
  int64_t channels_, outputs_, lanes_, group_size_;
  float* points_;
};

// False where they are too large.
// large.
bool transform_filters(const Winograd& w, const Layer& l, const Filters& filters) {
  const int64_t pairs = ceil_div(l.outputs, 2 * w.lanes);
  constexpr int64_t kChunk = 16;
  const int64_t chunks = ceil_div(l.channels, kChunk);
  std::atomic<bool> fits{true};
  int64_t step;
  const bool line = is_line(l.W, step);
  // The taps of neighbouring channels are one line.
  const bool lines = line && l.W_channel == kTaps * step;
  parallel_for(l.groups * pairs * chunks, [&](int64_t unit) {
    const int64_t chunk = unit % chunks, pair = unit / chunks % pairs, group = unit / chunks / pairs;
    const FilterBlock block = filters.pair(group, pair);
    const int64_t begin = chunk * kChunk, channels = std::min(l.channels - begin, kChunk);
    auto* const taps = thread_scratch().images.reserve<float>(kChunk * kTaps * w.lanes);
    int32_t largest = 0;
    for (int64_t v = 0; v < block.vectors; v++) {
      const int64_t output = pair * 2 * w.lanes + v * w.lanes, count = std::min(w.lanes, l.outputs - output);
      const float* const from = data<const float>(l.W) + group * l.W_group + output * l.W_output + begin * l.W_channel;
      // A channel, or a row of its taps, at a time where they are no line.
      const int64_t run = lines ? channels * kTaps : line ? kTaps : 3;
      for (int64_t at = 0; at < channels * kTaps; at += run)
        largest = std::max(largest, w.gather(from + at / kTaps * l.W_channel + at % kTaps / 3 * l.W.strides[3], count,
                                             l.W_output, run, line ? step : l.W.strides[4], taps + at * w.lanes));
      for (int64_t c = 0; c < channels; c++)
        w.filter(taps + (c * kTaps + (l.turned ? kTaps - 1 : 0)) * w.lanes, l.turned ? -w.lanes : w.lanes,
                 block.points + ((begin + c) * block.vectors + v) * w.lanes, block.point_step);
    }
    if (largest > kLargest) fits.store(false, std::memory_order_relaxed);
  });
  return fits.load(std::memory_order_relaxed);
}

// Planes as (channels, pixels).
nc_tensor matrix_of(const nc_tensor& t, int64_t n, int64_t c, int64_t channels) {
  nc_tensor matrix = of_channels(t, n, c);
  int64_t step;
  is_line(t, step);
  matrix.ndim = 2;
  matrix.shape[0] = channels;
  matrix.shape[1] = t.shape[3] * t.shape[4];
  matrix.strides[0] = t.strides[1];
  matrix.strides[1] = step;
  return matrix;
}

// Where the sums of a layer go, a vector of outputs at a time.
class Results {
 public:
  Results(const Gemm& gemm, const nc_tensor& y, const nc_tensor* extras, int32_t n_extras, const Epilogue& epilogue)
      : gemm_(gemm), y_(y), n_extras_(n_extras), epilogue_(epilogue) {
    fits_ = is_line(y, step_);
    for (int32_t i = 0; i < n_extras; i++) {
      int64_t step;
      extras_[i] = with_all_axes(extras[i]);
      fits_ &= is_line(extras_[i], step);
    }
    const bool reads_y = epilogue.extra >= 0 && same_view(extras_[epilogue.extra], y);
    in_y_ = step_ == 1 && epilogue.recognised && !reads_y;
  }

  bool fit() const { return fits_; }

  // Sums as (pixels, lanes) of the rows of a band.
  void write(const float* sums, const Part& part, const Band& band, int64_t channel, int64_t count) const {
    const Winograd& w = *gemm_.winograd;
    const int64_t column = band.first * band.width, pixels = band.pixels();
    for (int64_t n = 0; n < part.images; n++, sums += pixels * w.lanes) {
      nc_tensor extras[NC_PROGRAM_MAX_INPUTS];
      for (int32_t i = 0; i < n_extras_; i++) extras[i] = matrix_of(extras_[i], part.n + n, channel, count);
      const Problem problem{.a = {nullptr, NC_FLOAT32, count, 0, 0},
                            .b = {nullptr, NC_FLOAT32, y_.shape[3] * y_.shape[4], 0, 0},
                            .depth = 0,
                            .y = matrix_of(y_, part.n + n, channel, count),
                            .extras = extras,
                            .n_extras = n_extras_,
                            .epilogue = &epilogue_};
      // Rows a multiple of 512 bytes apart would share few sets of the caches.
      const int64_t c_step = in_y_ ? y_.strides[1] : round_up(pixels, 128) + 16;
      float* const c =
          in_y_ ? data<float>(problem.y) + column : thread_scratch().gradients.reserve<float>(w.lanes * c_step);
      w.scatter(sums, pixels, count, c, c_step);
      const Run run{0, 0, pixels};
      if (!in_y_ || epilogue_.program) gemm_.direct->finish(problem, c, c_step, column, &run, 1);
    }
  }

 private:
  const Gemm& gemm_;
  nc_tensor y_;
  std::array<nc_tensor, NC_PROGRAM_MAX_INPUTS> extras_;
  int32_t n_extras_;
  const Epilogue& epilogue_;
  int64_t step_;
  bool fits_, in_y_;
};

// What is left to the direct way: rows of y of some images and of one group.
struct Rest {
  int64_t group, n, images, row, rows;
};

// Computes all parts but those whose images are too large, which it lists. False where nothing was written.
bool run(const Gemm& gemm, const Layer& l, const Results& results, std::vector<Rest>& rest) {
  const Winograd& w = *gemm.winograd;
  const int64_t lanes = w.lanes, columns = l.tile_columns(), blocks = ceil_div(l.channels, lanes);
  const Filters filters(l, lanes);
  if (!transform_filters(w, l, filters)) return false;

  const Parts parts(l.x.shape[0], l.tile_rows(), columns);
  std::vector<char> skipped(static_cast<size_t>(parts.count() * l.groups));
  parallel_for(parts.count() * l.groups, [&](int64_t unit) {
    const int64_t group = unit % l.groups;
    const Part part = parts[unit / l.groups];
    const int64_t tiles = part.images * part.rows * columns;
    const Band pixels(part, l.x, kReach, l.padding[0], l.padding[1]), sums(part, l.y, kTile, 0, 0);
    ThreadScratch& scratch = thread_scratch();

    // Steps from point to point are an odd number of vectors, so that points do not share few sets of the caches.
    const int64_t a_step = (blocks * tiles | 1) * lanes;
    auto* const a = scratch.right.reserve<float>(kPoints * a_step);
    const int32_t largest = transform_band(w, w.image, l.x, part, pixels, columns, group * l.channels, l.channels,
                                           lanes, a_step, [&](int64_t block) { return a + block * tiles * lanes; });
    if (largest > kLargest) {
      skipped[static_cast<size_t>(unit)] = 1;
      return;
    }

    const int64_t c_size = kPoints * (2 * tiles | 1) * lanes;
    auto* const c = scratch.tile.reserve<float>(c_size + sums.size() * lanes + tiles * kTileSums);
    auto* const offsets = reinterpret_cast<int32_t*>(c + c_size + sums.size() * lanes);
    sums.offsets(part.rows, columns, lanes, offsets);
    for (int64_t first = 0; first < l.outputs; first += 2 * lanes) {
      const FilterBlock block = filters.pair(group, first / (2 * lanes));
      const int64_t vectors = block.vectors, c_step = (vectors * tiles | 1) * lanes;
      w.multiply(a, a_step, block.points, block.point_step, tiles, l.channels, vectors, c, c_step);
      for (int64_t v = 0; v < vectors; v++) {
        const int64_t output = first + v * lanes;
        w.sums(c + v * lanes, vectors * lanes, c_step, offsets, tiles, c + c_size);
        results.write(c + c_size, part, sums, group * l.outputs + output, std::min(lanes, l.outputs - output));
      }
    }
  });
  const int64_t height = l.y.shape[3];
  for (int64_t group = 0; group < l.groups; group++) {
    for (int64_t i = 0; i < parts.count(); i++) {
      if (!skipped[static_cast<size_t>(i * l.groups + group)]) continue;
      const Part part = parts[i];
      const Rest next{group, part.n, part.images, part.row * kTile,
                      std::min(part.rows * kTile, height - part.row * kTile)};
      // Neighbours go together.
      if (!rest.empty() && rest.back().group == group) {
        Rest& last = rest.back();
        if (last.n == next.n && last.row + last.rows == next.row) {
          last.rows += next.rows;
          continue;
        }
        if (last.n + last.images == next.n && last.rows == height && next.rows == height) {
          last.images += next.images;
          continue;
        }
      }
      rest.push_back(next);
    }
  }
  return true;
}

using Convolve = void (*)(const Gemm& gemm, void* state, const nc_tensor& x, const nc_tensor& W,
                          const nc_convolution& window, const nc_program* program, const nc_tensor* extras,
                          const nc_scalar* parameters, const nc_tensor& y);

bool transformed(const Gemm& gemm, void* state, const Layer& l, const nc_program* program, const nc_tensor* extras,
                 const nc_scalar* parameters, Convolve convolve_directly) {
  if (!wins(l)) return false;
  const int32_t n_extras = program ? program->inputs - 1 : 0;
  const Epilogue epilogue = Epilogue::of(program, parameters, extras, l.y.dtype, state);
  const Results results(gemm, l.y, extras, n_extras, epilogue);
  std::vector<Rest> rest;
  if (!results.fit() || !run(gemm, l, results, rest)) return false;

  Gemm direct = gemm;
  direct.winograd = nullptr;
  for (const Rest& r : rest) {
    const auto part_of = [&](const nc_tensor& t) {
      nc_tensor part = of_channels(t, r.n, r.group * l.outputs);
      part.offset += r.row * t.strides[3] * dtype_size(t.dtype);
      part.shape[0] = r.images;
      part.shape[1] = l.outputs;
      part.shape[3] = r.rows;
      return part;
    };
    std::array<nc_tensor, NC_PROGRAM_MAX_INPUTS> parts;
    for (int32_t i = 0; i < n_extras; i++) parts[i] = part_of(with_all_axes(extras[i]));
    const int64_t first = std::max<int64_t>(r.row - l.padding[0], 0);
    nc_tensor x = of_channels(l.x, r.n, r.group * l.channels);
    x.offset += first * x.strides[3] * dtype_size(x.dtype);
    x.shape[0] = r.images;
    x.shape[1] = l.channels;
    x.shape[3] -= first;
    nc_tensor W = l.W;
    W.offset += r.group * l.W_group * dtype_size(W.dtype);
    W.shape[0] /= l.groups;
    const int64_t rows = l.padding[0] - (r.row - first), columns = l.padding[1];
    const nc_convolution window = {
        {1, 1, 1}, {0, l.turned ? 2 - rows : rows, l.turned ? 2 - columns : columns}, {1, 1, 1}, 1};
    convolve_directly(direct, state, x, W, window, program, parts.data(), parameters, part_of(l.y));
  }
  return true;
}

}  // namespace

bool convolve_transformed(const Gemm& gemm, void* state, const nc_tensor& x, const nc_tensor& W,
                          const nc_convolution& window, const nc_program* program, const nc_tensor* extras,
                          const nc_scalar* parameters, const nc_tensor& y) {
  return gemm.winograd && is_transformable(x, W, y, window) &&
         transformed(gemm, state, layer_of(x, W, y, window, false), program, extras, parameters, convolve);
}

bool convolve_data_transformed(const Gemm& gemm, void* state, const nc_tensor& gy, const nc_tensor& W,
                               const nc_convolution& window, const nc_program* program, const nc_tensor* extras,
                               const nc_scalar* parameters, const nc_tensor& gx) {
  return gemm.winograd && is_transformable(gx, W, gy, window) &&
         transformed(gemm, state, layer_of(gy, W, gx, window, true), program, extras, parameters, convolve_data);
}

// The sum over tiles of the products of their values at the points is the gradient of the filter's values there.
bool convolve_filter_transformed(const Gemm& gemm, const nc_tensor& x, const nc_tensor& gy,
                                 const nc_convolution& window, const nc_tensor& gW) {
  if (!gemm.winograd || !is_transformable(x, gW, gy, window)) return false;
  const Layer l = layer_of(x, gW, gy, window, false);
  if (!wins(l) || (gy.shape[gy.ndim - 1] > 1 && gy.strides[gy.ndim - 1] != 1)) return false;
  const Winograd& w = *gemm.winograd;
  const int64_t lanes = w.lanes, columns = l.tile_columns(), blocks = ceil_div(l.channels, lanes);
  const int64_t vectors = ceil_div(l.outputs, lanes), pairs = ceil_div(vectors, 2);
  const Parts parts(l.x.shape[0], l.tile_rows(), columns);

  // Points lie an odd number of vectors apart, so that they do not share few sets of the caches.
  const int64_t sums_step = (blocks * vectors * lanes | 1) * lanes, sums_size = kPoints * sums_step;
  // Where sums are small, shares of the parts are summed apart, each by one thread and from its own cache; else all
  // threads transform blocks of parts, then sum some points each.
  const int64_t most = parts.most_tiles(columns), few = std::max<int64_t>(kSumTiles / most, 1);
  const bool apart = parts.count() >= kShares * few && kShares * l.groups * sums_size <= kMostSums;
  const int64_t n_sums = apart ? kShares : 1, all_sums = l.groups * sums_size;
  auto* const sums = thread_scratch().filters.reserve<float>(n_sums * all_sums);

  // Parts [begin, end) at points: a, of images, and b, of gradients.
  struct Block {
    float *a, *b;
    int64_t begin, end, step, a_size, b_size;
    std::vector<int64_t> first_tiles;
  };
  const auto block_of = [&](int64_t begin, int64_t end, int64_t together, Scratch& scratch) {
    const int64_t step = together * most;
    Block block{.a = nullptr,
                .b = nullptr,
                .begin = begin,
                .end = std::min(begin + together, end),
                .step = step,
                .a_size = (blocks * step | 1) * lanes,
                .b_size = (2 * pairs * step | 1) * lanes,
                .first_tiles = std::vector<int64_t>(1)};
    block.a = scratch.reserve<float>(kPoints * (block.a_size + block.b_size));
    block.b = block.a + kPoints * block.a_size;
    for (int64_t i = block.begin; i < block.end; i++)
      block.first_tiles.push_back(block.first_tiles.back() + parts[i].images * parts[i].rows * columns);
    return block;
  };
  std::atomic<bool> fits{true};
  const auto transform = [&](const Block& block, int64_t group, int64_t i) {
    const Part part = parts[i];
    const int64_t first = block.first_tiles[static_cast<size_t>(i - block.begin)];
    const Band pixels(part, l.x, kReach, l.padding[0], l.padding[1]), gradients(part, l.y, kTile, 0, 0);
    const int32_t largest_x =
        transform_band(w, w.image, l.x, part, pixels, columns, group * l.channels, l.channels, lanes, block.a_size,
                       [&](int64_t k) { return block.a + (k * block.step + first) * lanes; });
    const int32_t largest_gy = transform_band(
        w, w.gradient, l.y, part, gradients, columns, group * l.outputs, l.outputs, 2 * lanes, block.b_size,
        [&](int64_t v) { return block.b + ((v / 2 * block.step + first) * 2 + v % 2) * lanes; });
    if (std::max(largest_x, largest_gy) > kLargest) fits.store(false, std::memory_order_relaxed);
  };
  const auto sum = [&](const Block& block, int64_t p, float* to, bool add) {
    w.multiply_tiles(block.a + p * block.a_size, blocks, block.b + p * block.b_size, vectors, block.first_tiles.back(),
                     block.step, to + p * sums_step, add);
  };
  if (apart) {
    parallel_for(kShares * l.groups, [&](int64_t unit) {
      const int64_t share = unit / l.groups, group = unit % l.groups;
      const int64_t first = share * parts.count() / kShares, last = (share + 1) * parts.count() / kShares;
      for (int64_t begin = first; begin < last; begin += few) {
        const Block block = block_of(begin, last, few, thread_scratch().right);
        for (int64_t i = block.begin; i < block.end; i++) transform(block, group, i);
        if (!fits.load(std::memory_order_relaxed)) return;
        for (int64_t p = 0; p < kPoints; p++) sum(block, p, sums + unit * sums_size, begin > first);
      }
    });
  } else {
    const int64_t point_size = kPoints * (blocks + 2 * pairs) * lanes;
    const int64_t together = std::clamp<int64_t>(kBlockPoints / (point_size * most), 1, parts.count());
    for (int64_t unit = 0; unit < l.groups * ceil_div(parts.count(), together); unit++) {
      const int64_t group = unit % l.groups, begin = unit / l.groups * together;
      const Block block = block_of(begin, parts.count(), together, thread_scratch().left);
      parallel_for(block.end - begin, [&](int64_t i) { transform(block, group, begin + i); });
      if (!fits.load(std::memory_order_relaxed)) break;
      parallel_for(kPoints, [&](int64_t p) { sum(block, p, sums + group * sums_size, begin > 0); });
    }
  }
  if (!fits.load(std::memory_order_relaxed)) return false;
  constexpr int64_t kRun = int64_t{1} << 14;
  parallel_for(n_sums > 1 ? ceil_div(all_sums, kRun) : 0, [&](int64_t run) {
    for (int64_t i = 1; i < n_sums; i++)
      for (int64_t k = run * kRun; k < std::min(all_sums, (run + 1) * kRun); k++) sums[k] += sums[i * all_sums + k];
  });

  constexpr int64_t kChunk = 4;
  const int64_t chunks = ceil_div(l.channels, kChunk);
  parallel_for(l.groups * chunks, [&](int64_t unit) {
    const int64_t group = unit / chunks, chunk = unit % chunks;
    auto* const taps = thread_scratch().images.reserve<float>(kTaps * lanes);
    for (int64_t c = chunk * kChunk; c < std::min(l.channels, (chunk + 1) * kChunk); c++) {
      for (int64_t v = 0; v < vectors; v++) {
        w.filter_back(sums + group * sums_size + (c * vectors + v) * lanes, sums_step, taps);
        float* const to = data<float>(l.W) + group * l.W_group + v * lanes * l.W_output + c * l.W_channel;
        for (int64_t o = 0; o < std::min(lanes, l.outputs - v * lanes); o++)
          for (int64_t q = 0; q < kTaps; q++)
            to[o * l.W_output + q / 3 * l.W.strides[3] + q % 3 * l.W.strides[4]] = taps[q * lanes + o];
      }
    }
  });
  return true;
}

}  // namespace nc::cpu::gemm
