#include "cpu/gemm/convolution.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "core/program.hpp"
#include "core/thread_pool.hpp"
#include "cpu/gemm/direct.hpp"
#include "cpu/gemm/images.hpp"
#include "cpu/gemm/scratch.hpp"
#include "cpu/gemm/winograd.hpp"
#include "cpu/table.hpp"

namespace nc::cpu::gemm {
namespace {

using Offsets = std::vector<int64_t>;

// Columns of a product from which they fill its tiles and pay for its panels.
constexpr int64_t kColumns = 384;
// Products that keep some threads busy: fewer are computed one after the other, each by all threads.
constexpr int64_t kUnits = 8;
// Multiplications below which waking a thread costs more than it saves.
constexpr double kSerialWork = 1 << 20;
// The gradient of a filter is summed in parts, of some images each, up to this size.
constexpr int64_t kParts = 8, kPartSize = int64_t{1} << 17;

int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }

template <class Body>
void for_units(int64_t units, double work, const Body& body) {
  if (units >= kUnits && work > kSerialWork) return parallel_for(units, body);
  for (int64_t unit = 0; unit < units; unit++) body(unit);
}

// Images a product takes together, where each has `positions` columns.
int64_t images_together(int64_t images, int64_t groups, int64_t positions) {
  const int64_t wanted = ceil_div(kColumns, std::max<int64_t>(positions, 1));
  return std::clamp<int64_t>(std::min(wanted, ceil_div(images * groups, kUnits)), 1, images);
}

struct Window {
  Window(const nc_tensor& t, const nc_convolution& w)
      : stride(with_all_axes(t, w.stride, 1)),
        padding(with_all_axes(t, w.padding, 0)),
        dilation(with_all_axes(t, w.dilation, 1)),
        groups(w.groups) {}

  Position stride, padding, dilation;
  int64_t groups;
};

Position extents_of(const nc_tensor& t) { return {t.shape[2], t.shape[3], t.shape[4]}; }

// Of t's shape, in C order at `base`.
nc_tensor in_order(const nc_tensor& t, nc_dtype dtype, void* base) {
  nc_tensor other = t;
  other.dtype = dtype;
  other.offset = 0;
  other.nbytes = size_of(t) * dtype_size(dtype);
  other.base = base;
  int64_t step = 1;
  for (int i = t.ndim - 1; i >= 0; i--) {
    other.strides[i] = step;
    step *= t.shape[i];
  }
  return other;
}

// Filters of the dtype of the product, with all axes.
nc_tensor in_dtype(const nc_tensor& W, nc_dtype dtype) {
  const nc_tensor all = with_all_axes(W);
  if (W.dtype == dtype) return all;
  const nc_tensor copy =
      in_order(all, dtype, thread_scratch().filters.reserve<char>(size_of(W) * dtype_size(dtype)));
  check_slot(table()->copy(nullptr, &all, &copy));
  return copy;
}

// y and the extras of a product: (channels, images, positions...) of (images, channels, positions...), axes joined where
// all of them allow it.
class Results {
 public:
  Results(const nc_tensor& y, const nc_tensor* extras, int32_t n_extras) : n_(n_extras + 1) {
    all_[0] = y;
    std::copy(extras, extras + n_extras, all_.begin() + 1);
    for (int32_t i = 0; i < n_; i++) all_[i] = with_all_axes(all_[i]);
  }

  const nc_tensor& y() const { return all_[0]; }
  const nc_tensor* extras() const { return all_.data() + 1; }

  // Every `stride`-th position from `first` on.
  Results every(const Position& first, const Position& stride) const {
    Results part = *this;
    for (int32_t i = 0; i < n_; i++) {
      nc_tensor& t = part.all_[i];
      for (int d = 0; d < NC_MAX_SPATIAL; d++) {
        t.offset += first[d] * t.strides[2 + d] * dtype_size(t.dtype);
        t.strides[2 + d] *= stride[d];
        t.shape[2 + d] = std::max<int64_t>(ceil_div(t.shape[2 + d] - first[d], stride[d]), 0);
      }
    }
    return part;
  }

  // Of some images and channels, as a product writes them.
  Results matrix(int64_t n, int64_t images, int64_t c, int64_t channels) const {
    Results part = *this;
    for (int32_t i = 0; i < n_; i++) {
      nc_tensor& t = part.all_[i];
      t.offset += (n * t.strides[0] + c * t.strides[1]) * dtype_size(t.dtype);
      std::swap(t.strides[0], t.strides[1]);
      t.shape[0] = channels;
      t.shape[1] = images;
    }
    for (int axis = 2 + NC_MAX_SPATIAL - 2; axis >= 1; axis--) part.join(axis);
    return part;
  }

 private:
  // Makes one axis of `axis` and the next one if they run on in all, or if one has no extent of its own.
  void join(int axis) {
    const nc_tensor& y = all_[0];
    if (axis + 1 >= y.ndim) return;
    const int64_t outer = y.shape[axis], inner = y.shape[axis + 1];
    const bool runs_on = std::all_of(all_.begin(), all_.begin() + n_, [axis, inner](const nc_tensor& t) {
      return t.strides[axis] == inner * t.strides[axis + 1];
    });
    if (!runs_on && outer > 1 && inner > 1) return;
    for (int32_t i = 0; i < n_; i++) {
      nc_tensor& t = all_[i];
      if (inner != 1) t.strides[axis] = t.strides[axis + 1];
      t.shape[axis] = outer * inner;
      for (int d = axis + 1; d + 1 < t.ndim; d++) {
        t.shape[d] = t.shape[d + 1];
        t.strides[d] = t.strides[d + 1];
      }
      t.ndim--;
    }
  }

  int32_t n_;
  std::array<nc_tensor, NC_PROGRAM_MAX_INPUTS> all_;
};

// A product for each image and group: rows are channels of y, columns its positions, the depth channels and taps of images.
struct Gathered {
  Results results;
  Offsets rows, row_depth;  // of the filters
  Offsets columns, depth;   // of the images

  bool empty() const { return size_of(results.y()) == 0; }
};

// Offsets of the same positions in `images` images.
Offsets repeated(const Offsets& positions, int64_t images, int64_t step) {
  Offsets all;
  all.reserve(positions.size() * static_cast<size_t>(images));
  for (int64_t n = 0; n < images; n++)
    for (int64_t p : positions) all.push_back(n * step + p);
  return all;
}

// Runs the products of all parts of y; W's group g begins at g * W_step bytes.
void multiply_gathered(const Gemm& gemm, nc_dtype dtype, const Images& images, int64_t channels, const nc_tensor& W,
                       int64_t W_step, int64_t groups, std::vector<Gathered>& parts, const Epilogue& epilogue,
                       int32_t n_extras) {
  const int64_t count = parts[0].results.y().shape[0], outputs = static_cast<int64_t>(parts[0].rows.size());
  int64_t positions = 0;
  double work = 0;
  for (const Gathered& part : parts) {
    positions = std::max(positions, static_cast<int64_t>(part.columns.size()));
    work += work_of(outputs * groups, static_cast<int64_t>(part.columns.size()) * count,
                    static_cast<int64_t>(part.depth.size()));
  }
  const int64_t together = images_together(count, groups, positions);
  for (Gathered& part : parts) part.columns = repeated(part.columns, together, images.image_step());

  const char* const filters = data<const char>(W);
  const auto left = [&](const Gathered& part, int64_t group) {
    return Operand{filters + group * W_step, dtype, outputs, 0, 0, part.rows.data(), part.row_depth.data(),
                   static_cast<const char*>(W.base) + W.nbytes};
  };
  // The filters once, for all images.
  int64_t nbytes = 0;
  for (const Gathered& part : parts) nbytes += gemm.packed_size(outputs, static_cast<int64_t>(part.depth.size()));
  char* const packed = thread_scratch().left.reserve<char>(nbytes * groups);
  for_units(groups, work, [&](int64_t group) {
    char* to = packed + group * nbytes;
    for (const Gathered& part : parts) {
      const auto depth = static_cast<int64_t>(part.depth.size());
      gemm.pack(left(part, group), depth, to);
      to += gemm.packed_size(outputs, depth);
    }
  });

  for_units(ceil_div(count, together) * groups, work, [&](int64_t unit) {
    const int64_t n = unit / groups * together, group = unit % groups, some = std::min(together, count - n);
    const Images::View view = images.view(n, some, group * channels, thread_scratch().images);
    const char* from = packed + group * nbytes;
    for (const Gathered& part : parts) {
      const auto depth = static_cast<int64_t>(part.depth.size());
      const auto columns = static_cast<int64_t>(part.columns.size()) / together * some;
      const Results results = part.results.matrix(n, some, group * outputs, outputs);
      if (columns > 0)
        gemm.multiply(Problem{.a = left(part, group),
                              .b = {view.first, dtype, columns, 0, 0, part.columns.data(), part.depth.data(), view.end},
                              .depth = depth,
                              .y = results.y(),
                              .extras = results.extras(),
                              .n_extras = n_extras,
                              .epilogue = &epilogue,
                              .packed = from});
      from += gemm.packed_size(outputs, depth);
    }
  });
}

// Columns of y that a unit computes directly at most, and pixels a unit of a filter's gradient sums over.
constexpr int64_t kDirectColumns = 4096, kPixels = 512;

// Rows of y that a unit computes directly from as many rows of an image; 0 where packed patches are better.
int64_t direct_rows(const Gemm& gemm, int64_t images, const Position& positions, const Position& taps,
                    int64_t outputs) {
  if (!gemm.direct || outputs > kFewOutputs || positions[0] != 1 || taps[0] != 1) return 0;
  if (images <= 0 || outputs <= 0 || count_of(positions) <= 0) return 0;
  const int64_t rows = std::clamp<int64_t>(kDirectColumns / positions[2], 1, positions[1]);
  const int64_t bands = std::max(ceil_div(positions[1], rows), std::min(positions[1], ceil_div(kUnits, images)));
  return ceil_div(positions[1], bands);
}

// Vectors over `rows` rows of an image, `pitch` apart, whose first `width` elements are pixels, and where their sums go.
struct PixelVectors {
  // in_y: the sums are y's own, the last vector of a row laid over the one before; else vectors follow each other, along
  // each row, or on from row to row where those are fewer.
  PixelVectors(int64_t rows, int64_t width, int64_t pitch, int64_t lanes, int64_t multiple, bool in_y) {
    const int64_t by_row = ceil_div(width, lanes), on = ceil_div((rows - 1) * pitch + width, lanes);
    const bool along_rows = in_y || rows * by_row <= on;
    for (int64_t r = 0; r < (along_rows ? rows : 1); r++) {
      for (int64_t i = 0; i < (along_rows ? by_row : on); i++) {
        const int64_t at = in_y ? std::min(i * lanes, width - lanes) : i * lanes;
        columns.push_back(in_y ? r * width + at : static_cast<int64_t>(vectors.size()) * lanes);
        vectors.push_back(r * pitch + at);
      }
    }
    size = static_cast<int64_t>(vectors.size()) * lanes;
    while (static_cast<int64_t>(vectors.size()) % multiple != 0) {
      vectors.push_back(vectors.back());
      columns.push_back(columns.back());
    }
    const int64_t step = in_y ? width : along_rows ? by_row * lanes : pitch;
    if (step == width) runs.push_back({0, 0, rows * width});
    for (int64_t r = 0; r < rows && step != width; r++) runs.push_back({r * step, r * width, width});
  }

  Offsets vectors, columns;
  int64_t size;           // columns of the sums
  std::vector<Run> runs;  // of them, which y has
};

// Runs the parts of y directly, `rows` of their rows at a time, `step` rows of the image apart.
void multiply_direct(const Direct& direct, const Images& images, int64_t rows, int64_t step, int64_t channels,
                     const nc_tensor& W, int64_t W_step, int64_t groups, const std::vector<Gathered>& parts,
                     const Epilogue& epilogue, int32_t n_extras) {
  constexpr nc_dtype dtype = NC_FLOAT32;
  const int64_t count = parts[0].results.y().shape[0], outputs = static_cast<int64_t>(parts[0].rows.size());
  const int64_t multiple = direct.vectors_of(outputs);
  const int64_t pitch = images.offset(0, {0, step, 0});
  struct Tiles {
    PixelVectors whole, last;
    bool in_y;
    int64_t positions, width, bands, size;
  };
  std::vector<Tiles> tiles;
  int64_t bands = 0, size = 0;
  double work = 0;
  for (const Gathered& part : parts) {
    const Position p = extents_of(part.results.y());
    const int64_t part_bands = ceil_div(p[1], rows);
    const Results results = part.results.matrix(0, 1, 0, outputs);
    const bool reads_y = epilogue.extra >= 0 && same_view(results.extras()[epilogue.extra], results.y());
    const bool in_y = p[2] >= direct.lanes && results.y().ndim == 2 && results.y().strides[1] == 1 &&
                      results.y().dtype == dtype && epilogue.recognised && !reads_y;
    const auto vectors = [&](int64_t n) { return PixelVectors(n, p[2], pitch, direct.lanes, multiple, in_y); };
    const auto depth = static_cast<int64_t>(part.depth.size());
    tiles.push_back({vectors(std::min(rows, p[1])), vectors(p[1] - (part_bands - 1) * rows), in_y, p[1], p[2], part_bands,
                     direct.packed_size(depth)});
    bands = std::max(bands, part_bands);
    size += tiles.back().size;
    work += work_of(outputs * groups, count_of(p) * count, depth);
  }

  const char* const filters = data<const char>(W);
  auto* const packed = thread_scratch().left.reserve<float>(size * groups);
  for_units(groups, work, [&](int64_t group) {
    float* to = packed + group * size;
    for (size_t i = 0; i < parts.size(); i++) {
      const Operand left{filters + group * W_step, dtype, outputs, 0, 0, parts[i].rows.data(),
                         parts[i].row_depth.data(), static_cast<const char*>(W.base) + W.nbytes};
      direct.pack(left, static_cast<int64_t>(parts[i].depth.size()), to);
      to += tiles[i].size;
    }
  });

  for_units(count * groups * bands, work, [&](int64_t unit) {
    const int64_t band = unit % bands, n = unit / bands / groups, group = unit / bands % groups;
    const Images::View view = images.from_row(band * rows * step).view(n, 1, group * channels, thread_scratch().images);
    const float* from = packed + group * size;
    for (size_t i = 0; i < parts.size(); i++) {
      const Tiles& t = tiles[i];
      const float* const a = from;
      from += t.size;
      if (band >= t.bands) continue;
      const PixelVectors& pixels = band + 1 < t.bands ? t.whole : t.last;
      const Results results = parts[i].results.matrix(n, 1, group * outputs, outputs);
      const int64_t column = band * rows * t.width;
      // Rows a multiple of 512 bytes apart would share few sets of the caches.
      const int64_t c_step = t.in_y                 ? results.y().strides[0]
                             : pixels.size % 128 == 0 ? pixels.size + direct.lanes
                                                      : pixels.size;
      float* const c = t.in_y ? data<float>(results.y()) + column
                              : thread_scratch().tile.reserve<float>(outputs * c_step);
      direct.multiply({.image = reinterpret_cast<const float*>(view.first),
                       .vectors = pixels.vectors.data(),
                       .columns = pixels.columns.data(),
                       .n_vectors = static_cast<int64_t>(pixels.vectors.size()),
                       .depth_offsets = parts[i].depth.data(),
                       .depth = static_cast<int64_t>(parts[i].depth.size()),
                       .packed = a,
                       .rows = outputs,
                       .c = c,
                       .c_step = c_step});
      if (t.in_y && !epilogue.program) continue;
      const Problem problem{.a = {nullptr, dtype, outputs, 0, 0},
                            .b = {nullptr, dtype, t.positions * t.width, 0, 0},
                            .depth = 0,
                            .y = results.y(),
                            .extras = results.extras(),
                            .n_extras = n_extras,
                            .epilogue = &epilogue};
      direct.finish(problem, c, c_step, column, pixels.runs.data(), static_cast<int64_t>(pixels.runs.size()));
    }
  });
}

// The step between neighbouring pixels where an image's are one line, else 0.
int64_t pixel_step(const nc_tensor& t) {
  int64_t step = 0, extent = 1;
  for (int axis = t.ndim - 1; axis >= 2; axis--) {
    if (t.shape[axis] == 1) continue;
    if (step == 0) step = t.strides[axis];
    else if (t.strides[axis] != step * extent) return 0;
    extent *= t.shape[axis];
  }
  return step;
}

// A filter of one tap: every image is a matrix, channels x pixels.
bool is_pointwise(const nc_tensor& x, nc_dtype dtype, const Window& w, const Position& taps) {
  int64_t pixels = 1;
  for (int i = 0; i < NC_MAX_SPATIAL; i++) pixels *= x.shape[2 + i];
  constexpr int64_t kLeastPixels = 192;  // columns that fill tiles without those of another image
  return count_of(taps) == 1 && count_of(w.stride) == 1 && w.padding == Position{0, 0, 0} && x.dtype == dtype &&
         pixels >= kLeastPixels && pixel_step(x) == 1;
}

// y = a . x for each image and group; a's group g begins at g * a_step bytes.
void multiply_pointwise(const Gemm& gemm, const nc_tensor& x, const Operand& a, int64_t a_step, int64_t groups,
                        int64_t channels, const Results& results, const Epilogue& epilogue, int32_t n_extras) {
  const int64_t count = x.shape[0], item = dtype_size(x.dtype), pixels = count_of(extents_of(x));
  const double work = work_of(a.count * groups, pixels * count, channels);
  const int64_t nbytes = gemm.packed_size(a.count, channels);
  char* const packed = thread_scratch().left.reserve<char>(nbytes * groups);
  const auto left = [&](int64_t group) {
    Operand part = a;
    part.data += group * a_step;
    return part;
  };
  for_units(groups, work, [&](int64_t group) { gemm.pack(left(group), channels, packed + group * nbytes); });
  for_units(count * groups, work, [&](int64_t unit) {
    const int64_t n = unit / groups, group = unit % groups;
    const Results part = results.matrix(n, 1, group * a.count, a.count);
    gemm.multiply(Problem{
        .a = left(group),
        .b = {data<const char>(x) + (n * x.strides[0] + group * channels * x.strides[1]) * item, x.dtype, pixels, 1,
              x.strides[1]},
        .depth = channels,
        .y = part.y(),
        .extras = part.extras(),
        .n_extras = n_extras,
        .epilogue = &epilogue,
        .packed = packed + group * nbytes});
  });
}

// Images that a convolution of x reads: position p and tap q at p * stride + q * dilation.
Images images_of(const nc_tensor& x, int64_t channels, nc_dtype dtype, const Window& w, const Position& positions,
                 const Position& taps, int64_t split, bool copied = false) {
  Position extents;
  for (int i = 0; i < NC_MAX_SPATIAL; i++)
    extents[i] = (positions[i] - 1) * w.stride[i] + (taps[i] - 1) * w.dilation[i] + 1;
  return Images(x, channels, dtype, w.padding, extents, split, copied);
}

Position times(const Position& a, const Position& b) { return {a[0] * b[0], a[1] * b[1], a[2] * b[2]}; }

// Rows of an image whose pixels a part of a filter's gradient is summed over.
int64_t rows_of_pixels(const Position& positions) {
  const int64_t rows = std::clamp<int64_t>(kPixels / positions[2], 1, positions[1]);
  return ceil_div(positions[1], ceil_div(positions[1], rows));
}

// gW of groups of one channel and few outputs: each tap is a dot of two images.
void filter_by_taps(const Direct& direct, void* state, const nc_tensor& x, const nc_tensor& gy, const Window& w,
                    const nc_tensor& gW) {
  const Position taps = extents_of(gW), positions = extents_of(gy);
  const int64_t outputs = gW.shape[0] / w.groups, n_taps = count_of(taps), count = x.shape[0], lanes = direct.lanes;
  const int64_t rows = std::clamp<int64_t>(kDirectColumns / positions[2], 1, positions[1]);
  const Position part{1, rows, positions[2]};
  const Images images = images_of(with_all_axes(x), 1, NC_FLOAT32, w, part, taps, w.stride[2]);
  const Images left(gy, outputs, NC_FLOAT32, {0, 0, 0}, part, 1);
  Offsets offsets;
  each_position(taps, [&](const Position& q) { offsets.push_back(images.offset(0, times(q, w.dilation))); });
  auto* const gradient = thread_scratch().filters.reserve<float>(w.groups * outputs * n_taps);
  for_units(w.groups, work_of(gW.shape[0], n_taps, count_of(positions) * count), [&](int64_t group) {
    const int64_t size = outputs * n_taps * lanes;
    auto* const sums = thread_scratch().tile.reserve<float>(size);
    std::fill(sums, sums + size, 0.0F);
    for (int64_t n = 0; n < count; n++) {
      for (int64_t r = 0; r < positions[1]; r += rows) {
        const Images::View b = images.from_row(r * w.stride[1]).view(n, 1, group, thread_scratch().images);
        const Images::View a = left.from_row(r).view(n, 1, group * outputs, thread_scratch().gradients);
        for (int64_t o = 0; o < outputs; o++)
          direct.filter_taps({.image = reinterpret_cast<const float*>(b.first),
                              .taps = offsets.data(),
                              .n_taps = n_taps,
                              .image_row_step = images.offset(0, {0, w.stride[1], 0}),
                              .gradients = reinterpret_cast<const float*>(a.first) + left.offset(o, {0, 0, 0}),
                              .gradients_row_step = left.offset(0, {0, 1, 0}),
                              .rows = std::min(rows, positions[1] - r),
                              .width = positions[2],
                              .sums = sums + o * n_taps * lanes});
      }
    }
    for (int64_t i = 0; i < outputs * n_taps; i++) {
      float* const v = sums + i * lanes;
      for (int64_t half = lanes / 2; half > 0; half /= 2)
        for (int64_t j = 0; j < half; j++) v[j] += v[j + half];
      gradient[group * outputs * n_taps + i] = v[0];
    }
  });
  const nc_tensor sum = in_order(gW, NC_FLOAT32, gradient);
  check_slot(table()->copy(state, &sum, &gW));
}

// gW as (lines of an image and taps along them) x outputs, summed over pixels; no patch is written anywhere.
void filter_by_lines(const Direct& direct, void* state, const nc_tensor& x, const nc_tensor& gy, const Window& w,
                     const nc_tensor& gW) {
  const Position taps = extents_of(gW), positions = extents_of(gy);
  const int64_t channels = gW.shape[1], outputs = gW.shape[0] / w.groups, count = x.shape[0], lanes = direct.lanes;
  const int64_t columns = channels * count_of(taps), sums_step = ceil_div(outputs, lanes) * lanes;
  const int64_t rows = rows_of_pixels(positions), size = w.groups * columns * sums_step;
  const Position part{1, rows, positions[2]};
  const Images images = images_of(with_all_axes(x), channels, NC_FLOAT32, w, part, taps, 1);
  const Images left(gy, outputs, NC_FLOAT32, {0, 0, 0}, part, 1);
  Offsets lines;
  for (int64_t c = 0; c < channels; c++)
    for (int64_t q = 0; q < taps[1]; q++) lines.push_back(images.offset(c, {0, q * w.dilation[1], 0}));

  // Images are summed in parts of their own, as far as those are small; few parts share the outputs.
  constexpr int64_t kSums = int64_t{1} << 21, kShare = 64;
  const int64_t parts = std::clamp<int64_t>(std::min(count, kSums / std::max<int64_t>(size, 1)), 1, kParts);
  const int64_t shares = parts * w.groups >= kUnits ? 1 : ceil_div(outputs, kShare);
  const int64_t share_size = shares == 1 ? outputs : kShare, block = direct.filter_outputs(outputs);
  auto* const sums = thread_scratch().filters.reserve<float>(parts * size);
  const double work = work_of(gW.shape[0], columns, count_of(positions) * count);
  for_units(parts * w.groups * shares, work, [&](int64_t unit) {
    const int64_t share = unit % shares, group = unit / shares % w.groups, p = unit / shares / w.groups;
    const int64_t begin = share * share_size, end = std::min(begin + share_size, outputs);
    float* const c = sums + p * size + group * columns * sums_step;
    const int64_t width = std::min(ceil_div(end, lanes) * lanes, sums_step) - begin;
    for (int64_t i = 0; i < columns; i++) std::fill_n(c + i * sums_step + begin, width, 0.0F);
    for (int64_t n = p * count / parts; n < (p + 1) * count / parts; n++) {
      for (int64_t r = 0; r < positions[1]; r += rows) {
        const int64_t some = std::min(rows, positions[1] - r);
        const Images::View b = images.from_row(r * w.stride[1]).view(n, 1, group * channels, thread_scratch().images);
        const Images::View a = left.from_row(r).view(n, 1, group * outputs, thread_scratch().gradients);
        auto* const packed = thread_scratch().right.reserve<float>(some * positions[2] * block + lanes);
        for (int64_t o = begin; o < end; o += block) {
          const int64_t n_outputs = std::min(block, end - o), step = ceil_div(n_outputs, lanes) * lanes;
          const bool one_run = left.offset(0, {0, 1, 0}) == positions[2];
          const int64_t run = one_run ? some * positions[2] : positions[2];
          for (int64_t i = 0; i < (one_run ? 1 : some); i++)
            direct.pack_gradients(reinterpret_cast<const float*>(a.first) + left.offset(o, {0, i, 0}), n_outputs,
                                  left.offset(1, {0, 0, 0}), run, packed + i * run * step, step);
          direct.filter_lines({.image = reinterpret_cast<const float*>(b.first),
                               .lines = lines.data(),
                               .n_lines = static_cast<int64_t>(lines.size()),
                               .taps = taps[2],
                               .stride = w.stride[2],
                               .row_step = images.offset(0, {0, w.stride[1], 0}),
                               .rows = some,
                               .width = positions[2],
                               .gradients = packed,
                               .outputs = step,
                               .c = c + o,
                               .c_step = sums_step});
        }
      }
    }
  });
  constexpr int64_t kChunk = int64_t{1} << 14;
  for_units(ceil_div(size, kChunk), static_cast<double>(size * (parts - 1)), [&](int64_t chunk) {
    for (int64_t p = 1; p < parts; p++)
      for (int64_t i = chunk * kChunk; i < std::min(size, (chunk + 1) * kChunk); i++) sums[i] += sums[p * size + i];
  });
  for (int64_t group = 0; group < w.groups; group++) {
    nc_tensor to = gW;
    to.shape[0] = outputs;
    to.offset += group * outputs * gW.strides[0] * dtype_size(gW.dtype);
    nc_tensor from = to;
    from.base = sums + group * columns * sums_step;
    from.nbytes = columns * sums_step * static_cast<int64_t>(sizeof(float));
    from.offset = 0;
    from.dtype = NC_FLOAT32;
    from.strides[0] = 1;
    int64_t step = sums_step;
    for (int i = from.ndim - 1; i >= 1; i--) {
      from.strides[i] = step;
      step *= from.shape[i];
    }
    check_slot(table()->copy(state, &from, &to));
  }
}

}  // namespace

void convolve(const Gemm& gemm, void* state, const nc_tensor& x, const nc_tensor& W, const nc_convolution& window,
              const nc_program* program, const nc_tensor* extras, const nc_scalar* parameters, const nc_tensor& y) {
  if (convolve_transformed(gemm, state, x, W, window, program, extras, parameters, y)) return;
  const nc_dtype dtype = compute_dtype(y.dtype);
  const Window w(x, window);
  const nc_tensor filters = in_dtype(W, dtype);
  const int64_t channels = W.shape[1], outputs = W.shape[0] / w.groups;
  const int32_t n_extras = program ? program->inputs - 1 : 0;
  const Results results(y, extras, n_extras);
  const Position taps = extents_of(filters), positions = extents_of(results.y());
  const nc_tensor all = with_all_axes(x);
  const int64_t W_step = outputs * filters.strides[0] * dtype_size(dtype);
  const Epilogue epilogue = Epilogue::of(program, parameters, extras, y.dtype, state);
  if (is_pointwise(all, dtype, w, taps))
    return multiply_pointwise(
        gemm, all, {data<const char>(filters), dtype, outputs, filters.strides[0], filters.strides[1]}, W_step,
        w.groups, channels, results, epilogue, n_extras);

  const int64_t rows = direct_rows(gemm, x.shape[0] * w.groups, positions, taps, outputs);
  const Images images = images_of(all, channels, dtype, w, rows > 0 ? Position{1, rows, positions[2]} : positions, taps,
                            w.stride[2], rows > 0);
  std::vector<Gathered> parts{{.results = results, .rows = {}, .row_depth = {}, .columns = {}, .depth = {}}};
  Gathered& part = parts[0];
  for (int64_t o = 0; o < outputs; o++) part.rows.push_back(o * filters.strides[0]);
  for (int64_t c = 0; c < channels; c++) {
    each_position(taps, [&](const Position& q) {
      part.row_depth.push_back(c * filters.strides[1] + q[0] * filters.strides[2] + q[1] * filters.strides[3] +
                               q[2] * filters.strides[4]);
      part.depth.push_back(images.offset(c, times(q, w.dilation)));
    });
  }
  if (rows > 0)
    return multiply_direct(*gemm.direct, images, rows, w.stride[1], channels, filters, W_step, w.groups, parts,
                           epilogue, n_extras);
  each_position(positions, [&](const Position& p) { part.columns.push_back(images.offset(0, times(p, w.stride))); });
  multiply_gathered(gemm, dtype, images, channels, filters, W_step, w.groups, parts, epilogue, n_extras);
}

void convolve_data(const Gemm& gemm, void* state, const nc_tensor& gy, const nc_tensor& W,
                   const nc_convolution& window, const nc_program* program, const nc_tensor* extras,
                   const nc_scalar* parameters, const nc_tensor& gx) {
  if (convolve_data_transformed(gemm, state, gy, W, window, program, extras, parameters, gx)) return;
  const nc_dtype dtype = compute_dtype(gx.dtype);
  const Window w(gx, window);
  const nc_tensor filters = in_dtype(W, dtype);
  const int64_t channels = W.shape[1], outputs = W.shape[0] / w.groups;
  const int32_t n_extras = program ? program->inputs - 1 : 0;
  const Results results(gx, extras, n_extras);
  const Position taps = extents_of(filters);
  const nc_tensor all = with_all_axes(gy);
  const int64_t W_step = outputs * filters.strides[0] * dtype_size(dtype);
  const Epilogue epilogue = Epilogue::of(program, parameters, extras, gx.dtype, state);
  if (is_pointwise(all, dtype, w, taps))
    return multiply_pointwise(
        gemm, all, {data<const char>(filters), dtype, channels, filters.strides[1], filters.strides[0]}, W_step,
        w.groups, outputs, results, epilogue, n_extras);

  // Element h = r + stride * t of gx meets those taps q alone for which r + padding - q * dilation is a multiple of the
  // stride, at position t + (r + padding - q * dilation) / stride of gy: a convolution for each remainder r.
  struct Tap {
    int64_t q, position;
  };
  std::array<std::vector<std::vector<Tap>>, NC_MAX_SPATIAL> met;  // by axis, then by remainder
  Position before, reach, positions;
  for (int i = 0; i < NC_MAX_SPATIAL; i++) {
    const int64_t remainders = std::min(w.stride[i], results.y().shape[2 + i]);
    met[i].resize(static_cast<size_t>(remainders));
    int64_t least = 0, most = 0;
    bool any = false;
    for (int64_t r = 0; r < remainders; r++) {
      for (int64_t q = 0; q < taps[i]; q++) {
        const int64_t steps = r + w.padding[i] - q * w.dilation[i];
        if (steps % w.stride[i] != 0) continue;
        const int64_t position = steps / w.stride[i];
        met[i][static_cast<size_t>(r)].push_back({q, position});
        least = any ? std::min(least, position) : position;
        most = any ? std::max(most, position) : position;
        any = true;
      }
    }
    before[i] = -least;
    reach[i] = most - least;
    positions[i] = ceil_div(results.y().shape[2 + i], w.stride[i]);
  }
  const int64_t rows = direct_rows(gemm, gx.shape[0] * w.groups, positions, taps, channels);
  const Position extents = {reach[0] + positions[0], reach[1] + (rows > 0 ? rows : positions[1]),
                            reach[2] + positions[2]};
  const Images images(all, outputs, dtype, before, extents, 1, rows > 0);

  std::vector<Gathered> parts;
  each_position({static_cast<int64_t>(met[0].size()), static_cast<int64_t>(met[1].size()),
                 static_cast<int64_t>(met[2].size())},
                [&](const Position& r) {
                  Gathered part{.results = results.every(r, w.stride),
                                .rows = {},
                                .row_depth = {},
                                .columns = {},
                                .depth = {}};
                  if (part.empty()) return;
                  for (int64_t c = 0; c < channels; c++) part.rows.push_back(c * filters.strides[1]);
                  const auto taps_of = [&](int i) -> const std::vector<Tap>& {
                    return met[i][static_cast<size_t>(r[i])];
                  };
                  for (int64_t o = 0; o < outputs; o++) {
                    for (const Tap& a : taps_of(0)) {
                      for (const Tap& b : taps_of(1)) {
                        for (const Tap& c : taps_of(2)) {
                          part.row_depth.push_back(o * filters.strides[0] + a.q * filters.strides[2] +
                                                   b.q * filters.strides[3] + c.q * filters.strides[4]);
                          part.depth.push_back(images.offset(
                              o, {a.position + before[0], b.position + before[1], c.position + before[2]}));
                        }
                      }
                    }
                  }
                  if (rows == 0)
                    each_position(extents_of(part.results.y()),
                                  [&](const Position& t) { part.columns.push_back(images.offset(0, t)); });
                  parts.push_back(std::move(part));
                });
  if (rows > 0)
    return multiply_direct(*gemm.direct, images, rows, 1, outputs, filters, W_step, w.groups, parts, epilogue,
                           n_extras);
  multiply_gathered(gemm, dtype, images, outputs, filters, W_step, w.groups, parts, epilogue, n_extras);
}

void convolve_filter(const Gemm& gemm, void* state, const nc_tensor& x, const nc_tensor& gy,
                     const nc_convolution& window, const nc_tensor& gW) {
  if (convolve_filter_transformed(gemm, x, gy, window, gW)) return;
  const nc_dtype dtype = compute_dtype(gW.dtype);
  const Window w(x, window);
  const nc_tensor target = with_all_axes(gW), gradients = with_all_axes(gy);
  const int64_t channels = gW.shape[1], outputs = gW.shape[0] / w.groups, item = dtype_size(dtype);
  const Position taps = extents_of(target), positions = extents_of(gradients);
  const int64_t rows = gW.shape[0], columns = channels * count_of(taps), count = x.shape[0];
  const int64_t per_image = count_of(positions);

  if (gemm.direct && count > 0 && per_image > 0 && positions[0] == 1 && taps[0] == 1) {
    if (channels == 1 && outputs <= kFewOutputs && w.groups >= kUnits)
      return filter_by_taps(*gemm.direct, state, x, gradients, w, target);
    if (count_of(taps) > 1 && w.dilation[2] == 1 && has_filter_lines(taps[2]) && 2 * outputs >= gemm.direct->lanes)
      return filter_by_lines(*gemm.direct, state, x, gradients, w, target);
  }

  // gW is summed here, then cast to its dtype and strides.
  const int64_t parts = rows * columns <= kPartSize ? std::clamp<int64_t>(count, 1, kParts) : 1;
  char* const sums = thread_scratch().filters.reserve<char>(parts * rows * columns * item);
  std::fill(sums, sums + parts * rows * columns * item, char{0});
  if (count > 0 && per_image > 0) {
    const nc_tensor all = with_all_axes(x);
    const bool pointwise = is_pointwise(all, dtype, w, taps) && gradients.dtype == dtype && pixel_step(gradients) == 1;
    const Images images = images_of(all, channels, dtype, w, positions, taps, w.stride[2]);
    const Images left(gradients, outputs, dtype, {0, 0, 0}, positions, 1);
    const int64_t together = pointwise ? 1 : images_together(count, w.groups * parts, per_image);
    Offsets a_rows, a_depth, b_columns, b_depth;
    for (int64_t o = 0; o < outputs; o++) a_rows.push_back(left.offset(o, {0, 0, 0}));
    for (int64_t c = 0; c < channels; c++)
      each_position(taps, [&](const Position& q) { b_columns.push_back(images.offset(c, times(q, w.dilation))); });
    each_position(positions, [&](const Position& p) {
      a_depth.push_back(left.offset(0, p));
      b_depth.push_back(images.offset(0, times(p, w.stride)));
    });
    a_depth = repeated(a_depth, together, left.image_step());
    b_depth = repeated(b_depth, together, images.image_step());
    const double work = work_of(rows, columns, per_image * count);

    for_units(parts * w.groups, work, [&](int64_t unit) {
      const int64_t part = unit / w.groups, group = unit % w.groups, end = (part + 1) * count / parts;
      nc_tensor y = {};
      y.base = sums + (part * rows + group * outputs) * columns * item;
      y.nbytes = outputs * columns * item;
      y.device_type = NC_CPU;
      y.dtype = dtype;
      y.ndim = 2;
      y.shape[0] = outputs;
      y.shape[1] = columns;
      y.strides[0] = columns;
      y.strides[1] = 1;
      Epilogue add{.program = nullptr, .parameters = nullptr, .state = state};
      add.extra = 0;
      for (int64_t n = part * count / parts; n < end; n += together) {
        const int64_t some = std::min(together, end - n);
        const Images::View a = left.view(n, some, group * outputs, thread_scratch().gradients);
        const Images::View b = images.view(n, some, group * channels, thread_scratch().images);
        const Operand pixels_of_a{a.first, dtype, outputs, gradients.strides[1], 1};
        const Operand pixels_of_b{b.first, dtype, columns, all.strides[1], 1};
        const Operand gathered_a{a.first, dtype, outputs, 0, 0, a_rows.data(), a_depth.data(), a.end};
        const Operand gathered_b{b.first, dtype, columns, 0, 0, b_columns.data(), b_depth.data(), b.end};
        gemm.multiply(
            Problem{.a = pointwise ? pixels_of_a : gathered_a,
                    .b = pointwise ? pixels_of_b : gathered_b,
                    .depth = some * per_image,
                    .y = y,
                    .extras = &y,
                    .n_extras = 1,
                    .epilogue = &add});
      }
    });
  }
  const nc_tensor sum = in_order(target, dtype, sums);
  const auto add_parts = [&](auto zero) {
    using T = decltype(zero);
    T* const to = reinterpret_cast<T*>(sums);
    for (int64_t part = 1; part < parts; part++)
      for (int64_t i = 0; i < rows * columns; i++) to[i] += to[part * rows * columns + i];
  };
  if (dtype == NC_FLOAT64) add_parts(double{});
  else add_parts(float{});
  check_slot(table()->copy(state, &sum, &target));
}

}  // namespace nc::cpu::gemm
