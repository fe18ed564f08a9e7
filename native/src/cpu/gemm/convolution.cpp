#include "cpu/gemm/convolution.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "core/program.hpp"
#include "core/thread_pool.hpp"
#include "cpu/gemm/images.hpp"
#include "cpu/gemm/scratch.hpp"
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

// Filters of the dtype of the product, with all axes.
nc_tensor in_dtype(const nc_tensor& W, nc_dtype dtype) {
  nc_tensor all = with_all_axes(W);
  if (W.dtype == dtype) return all;
  nc_tensor copy = all;
  copy.dtype = dtype;
  copy.offset = 0;
  copy.nbytes = size_of(W) * dtype_size(dtype);
  copy.base = thread_scratch().filters.reserve<char>(copy.nbytes);
  int64_t step = 1;
  for (int i = all.ndim - 1; i >= 0; i--) {
    copy.strides[i] = step;
    step *= all.shape[i];
  }
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

// Images that a convolution of x reads: position p and tap q at p * stride + q * dilation.
Images images_of(const nc_tensor& x, int64_t channels, nc_dtype dtype, const Window& w, const Position& positions,
                 const Position& taps) {
  Position extents;
  for (int i = 0; i < NC_MAX_SPATIAL; i++)
    extents[i] = (positions[i] - 1) * w.stride[i] + (taps[i] - 1) * w.dilation[i] + 1;
  return Images(x, channels, dtype, w.padding, extents, w.stride[2]);
}

Position times(const Position& a, const Position& b) { return {a[0] * b[0], a[1] * b[1], a[2] * b[2]}; }

}  // namespace

void convolve(const Gemm& gemm, void* state, const nc_tensor& x, const nc_tensor& W, const nc_convolution& window,
              const nc_program* program, const nc_tensor* extras, const nc_scalar* parameters, const nc_tensor& y) {
  const nc_dtype dtype = compute_dtype(y.dtype);
  const Window w(x, window);
  const nc_tensor filters = in_dtype(W, dtype);
  const int64_t channels = W.shape[1], outputs = W.shape[0] / w.groups;
  const int32_t n_extras = program ? program->inputs - 1 : 0;
  const Results results(y, extras, n_extras);
  const Position taps = extents_of(filters), positions = extents_of(results.y());
  const Images images = images_of(with_all_axes(x), channels, dtype, w, positions, taps);

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
  each_position(positions, [&](const Position& p) { part.columns.push_back(images.offset(0, times(p, w.stride))); });
  const Epilogue epilogue = Epilogue::of(program, parameters, extras, y.dtype, state);
  multiply_gathered(gemm, dtype, images, channels, filters, outputs * filters.strides[0] * dtype_size(dtype), w.groups,
                    parts, epilogue, n_extras);
}

void convolve_data(const Gemm& gemm, void* state, const nc_tensor& gy, const nc_tensor& W,
                   const nc_convolution& window, const nc_program* program, const nc_tensor* extras,
                   const nc_scalar* parameters, const nc_tensor& gx) {
  const nc_dtype dtype = compute_dtype(gx.dtype);
  const Window w(gx, window);
  const nc_tensor filters = in_dtype(W, dtype);
  const int64_t channels = W.shape[1], outputs = W.shape[0] / w.groups;
  const int32_t n_extras = program ? program->inputs - 1 : 0;
  const Results results(gx, extras, n_extras);
  const Position taps = extents_of(filters);

  // Element h = r + stride * t of gx meets those taps q alone for which r + padding - q * dilation is a multiple of the
  // stride, at position t + (r + padding - q * dilation) / stride of gy: a convolution for each remainder r.
  struct Tap {
    int64_t q, position;
  };
  std::array<std::vector<std::vector<Tap>>, NC_MAX_SPATIAL> met;  // by axis, then by remainder
  Position before, extents;
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
    extents[i] = most - least + ceil_div(results.y().shape[2 + i], w.stride[i]);
  }
  const Images images(with_all_axes(gy), outputs, dtype, before, extents, 1);

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
                  each_position(extents_of(part.results.y()),
                                [&](const Position& t) { part.columns.push_back(images.offset(0, t)); });
                  parts.push_back(std::move(part));
                });
  const Epilogue epilogue = Epilogue::of(program, parameters, extras, gx.dtype, state);
  multiply_gathered(gemm, dtype, images, outputs, filters, outputs * filters.strides[0] * dtype_size(dtype), w.groups,
                    parts, epilogue, n_extras);
}

void convolve_filter(const Gemm& gemm, void* state, const nc_tensor& x, const nc_tensor& gy,
                     const nc_convolution& window, const nc_tensor& gW) {
  const nc_dtype dtype = compute_dtype(gW.dtype);
  const Window w(x, window);
  const nc_tensor target = with_all_axes(gW), gradients = with_all_axes(gy);
  const int64_t channels = gW.shape[1], outputs = gW.shape[0] / w.groups, item = dtype_size(dtype);
  const Position taps = extents_of(target), positions = extents_of(gradients);
  const int64_t rows = gW.shape[0], columns = channels * count_of(taps), count = x.shape[0];
  const int64_t per_image = count_of(positions);

  // gW is summed here, then cast to its dtype and strides.
  const int64_t parts = rows * columns <= kPartSize ? std::clamp<int64_t>(count, 1, kParts) : 1;
  char* const sums = thread_scratch().filters.reserve<char>(parts * rows * columns * item);
  std::fill(sums, sums + parts * rows * columns * item, char{0});
  if (count > 0 && per_image > 0) {
    const Images images = images_of(with_all_axes(x), channels, dtype, w, positions, taps);
    const Images left(gradients, outputs, dtype, {0, 0, 0}, positions, 1);
    const int64_t together = images_together(count, w.groups * parts, per_image);
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
        gemm.multiply(
            Problem{.a = {a.first, dtype, outputs, 0, 0, a_rows.data(), a_depth.data(), a.end},
                    .b = {b.first, dtype, columns, 0, 0, b_columns.data(), b_depth.data(), b.end},
                    .depth = some * per_image,
                    .y = y,
                    .extras = &y,
                    .n_extras = 1,
                    .epilogue = &add});
      }
    });
  }
  nc_tensor sum = target;
  sum.base = sums;
  sum.nbytes = rows * columns * item;
  sum.offset = 0;
  sum.dtype = dtype;
  int64_t step = 1;
  for (int i = sum.ndim - 1; i >= 0; i--) {
    sum.strides[i] = step;
    step *= sum.shape[i];
  }
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
