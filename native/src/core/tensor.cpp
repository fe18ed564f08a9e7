#include "core/tensor.hpp"

#include <algorithm>

#include "core/backend.hpp"

namespace nc {
namespace {

// Element counts and strides stay below this, so that either times 8 bytes fits in int64.
constexpr int64_t kMaxElements = int64_t{1} << 56;

const char* device_name(int32_t type) { return type == NC_CPU ? "cpu" : type == NC_CUDA ? "cuda" : "unknown device"; }

// First and last element that a view reaches, relative to element 0. False where that overflows.
bool reach(const nc_tensor& t, int64_t* low, int64_t* high) {
  int64_t lo = 0, hi = 0;
  for (int i = 0; i < t.ndim; i++) {
    if (t.shape[i] == 1) continue;
    int64_t span;
    if (__builtin_mul_overflow(t.shape[i] - 1, t.strides[i], &span)) return false;
    if (__builtin_add_overflow(span < 0 ? lo : hi, span, span < 0 ? &lo : &hi)) return false;
  }
  *low = lo;
  *high = hi;
  return hi < kMaxElements && lo > -kMaxElements;
}

// Whether n elements from the first on are aligned and lie in the block.
bool holds(const nc_tensor& t, int64_t n) {
  const int64_t item = dtype_size(t.dtype);
  return t.base && t.offset >= 0 && t.offset <= t.nbytes && n * item <= t.nbytes - t.offset &&
         ((reinterpret_cast<uintptr_t>(t.base) + t.offset) & (item - 1)) == 0;
}

void check_general(const nc_context* ctx, const char* name, const nc_tensor& t) {
  if (static_cast<uint32_t>(t.dtype) > NC_FLOAT64) fail(NC_INVALID_DTYPE, "%s has unknown dtype %d", name, t.dtype);
  if (static_cast<uint32_t>(t.ndim) > NC_MAX_DIMS)
    fail(NC_INVALID_SHAPE, "%s has %d axes; 0 to %d are possible", name, t.ndim, NC_MAX_DIMS);
  if (t.device_type != ctx->device_type || t.device_id != ctx->device_id)
    fail(NC_INVALID_DEVICE, "%s is on %s:%d, the context on %s:%d", name, device_name(t.device_type), t.device_id,
         device_name(ctx->device_type), ctx->device_id);

  int64_t count = 1;
  bool empty = false;
  for (int i = 0; i < t.ndim; i++) {
    const int64_t extent = t.shape[i], stride = t.strides[i];
    if (extent < 0) fail(NC_INVALID_SHAPE, "%s has negative extent %lld on axis %d", name, (long long)extent, i);
    if (stride >= kMaxElements || stride <= -kMaxElements)
      fail(NC_INVALID_SHAPE, "%s has stride %lld on axis %d, beyond any block", name, (long long)stride, i);
    if (extent == 0) {
      empty = true;
    } else if (__builtin_mul_overflow(count, extent, &count) || count >= kMaxElements) {
      fail(NC_INVALID_SHAPE, "%s has too many elements: %s", name, shape_text(t).c_str());
    }
  }
  if (t.nbytes < 0) fail(NC_INVALID_ARGUMENT, "%s lies in a block of %lld bytes", name, (long long)t.nbytes);
  if (t.offset < 0 || t.offset > t.nbytes)
    fail(NC_INVALID_SHAPE, "%s starts at byte %lld of a block of %lld", name, (long long)t.offset, (long long)t.nbytes);
  if (empty) return;

  if (!t.base) fail(NC_INVALID_ARGUMENT, "%s has no memory (base is null)", name);
  const int64_t item = dtype_size(t.dtype);
  if ((reinterpret_cast<uintptr_t>(t.base) + t.offset) % item != 0)
    fail(NC_INVALID_ARGUMENT, "%s starts at byte %lld, which is not aligned for %s", name, (long long)t.offset,
         nc_dtype_name(t.dtype));
  int64_t low, high;
  if (!reach(t, &low, &high) || low * item < -t.offset || (high + 1) * item > t.nbytes - t.offset)
    fail(NC_INVALID_SHAPE, "%s %s with offset %lld leaves its block of %lld bytes", name, describe(t).c_str(),
         (long long)t.offset, (long long)t.nbytes);
}

}  // namespace

bool is_plain(const nc_context* ctx, const nc_tensor& t) {
  if (static_cast<uint32_t>(t.dtype) > NC_FLOAT64 || static_cast<uint32_t>(t.ndim) > NC_MAX_DIMS) return false;
  if (t.device_type != ctx->device_type || t.device_id != ctx->device_id) return false;
  constexpr int64_t limit = int64_t{1} << 28;
  int64_t n = 1;
  for (int i = t.ndim - 1; i >= 0; i--) {
    const int64_t extent = t.shape[i];
    if (extent <= 0 || extent > limit || n > limit || t.strides[i] != n) return false;
    n *= extent;
  }
  return holds(t, n);
}

bool is_plain_as(const nc_tensor& t, const nc_tensor& y, int64_t n) {
  if (static_cast<uint32_t>(t.dtype) > NC_FLOAT64 || t.ndim != y.ndim) return false;
  if (t.device_type != y.device_type || t.device_id != y.device_id) return false;
  for (int i = 0; i < y.ndim; i++)
    if (t.shape[i] != y.shape[i] || t.strides[i] != y.strides[i]) return false;
  return holds(t, n);
}

std::string shape_text(const nc_tensor& t) {
  if (static_cast<uint32_t>(t.ndim) > NC_MAX_DIMS) return "(?)";
  std::string text = "(";
  for (int i = 0; i < t.ndim; i++) {
    if (i) text += ", ";
    text += std::to_string(t.shape[i]);
  }
  if (t.ndim == 1) text += ",";
  return text + ")";
}

std::string describe(const nc_tensor& t) { return shape_text(t) + " " + nc_dtype_name(t.dtype); }

bool same_shape(const nc_tensor& a, const nc_tensor& b) {
  if (a.ndim != b.ndim) return false;
  for (int i = 0; i < a.ndim; i++)
    if (a.shape[i] != b.shape[i]) return false;
  return true;
}

bool is_contiguous(const nc_tensor& t) {
  int64_t n = 1;
  for (int i = t.ndim - 1; i >= 0; i--) {
    if (t.shape[i] == 0) return true;
    if (t.shape[i] != 1 && t.strides[i] != n) return false;
    n *= t.shape[i];
  }
  return true;
}

void check_not_null(const char* name, const void* p) {
  if (!p) fail(NC_INVALID_ARGUMENT, "%s is null", name);
}

void check_tensor(const nc_context* ctx, const char* name, const nc_tensor* t) {
  check_not_null("context", ctx);
  check_not_null(name, t);
  if (!is_plain(ctx, *t)) [[unlikely]]
    check_general(ctx, name, *t);
}

void check_output(const nc_context* ctx, const char* name, const nc_tensor* t) {
  check_not_null("context", ctx);
  check_not_null(name, t);
  if (is_plain(ctx, *t)) [[likely]]
    return;
  check_general(ctx, name, *t);

  // Axes by stride: each must step over all that the smaller ones reach. Views made by slicing and transposing do.
  struct Axis {
    int64_t stride, extent;
  } axes[NC_MAX_DIMS];
  int n = 0;
  for (int i = 0; i < t->ndim; i++) {
    if (t->shape[i] == 0) return;
    if (t->shape[i] == 1) continue;
    const Axis axis = {std::abs(t->strides[i]), t->shape[i]};
    int at = n++;
    for (; at > 0 && axes[at - 1].stride > axis.stride; at--) axes[at] = axes[at - 1];
    axes[at] = axis;
  }
  int64_t reached = 0;
  for (int i = 0; i < n; i++) {
    if (axes[i].stride <= reached)
      fail(NC_INVALID_SHAPE, "%s %s overlaps itself: several of its elements share memory", name, describe(*t).c_str());
    reached += axes[i].stride * (axes[i].extent - 1);
  }
}

void check_dtype(const char* name, const nc_tensor& t, nc_dtype expected) {
  if (t.dtype != expected)
    fail(NC_INVALID_DTYPE, "%s is %s; %s is needed", name, nc_dtype_name(t.dtype), nc_dtype_name(expected));
}

void check_floating(const char* name, const nc_tensor& t) {
  if (!is_floating(t.dtype))
    fail(NC_INVALID_DTYPE, "%s is %s; a floating point dtype is needed", name, nc_dtype_name(t.dtype));
}

void check_same_dtype(const char* a_name, const nc_tensor& a, const char* b_name, const nc_tensor& b) {
  if (a.dtype != b.dtype)
    fail(NC_INVALID_DTYPE, "%s is %s and %s is %s; one dtype is needed", a_name, nc_dtype_name(a.dtype), b_name,
         nc_dtype_name(b.dtype));
}

void check_same_shape(const char* a_name, const nc_tensor& a, const char* b_name, const nc_tensor& b) {
  if (!same_shape(a, b))
    fail(NC_INVALID_SHAPE, "%s is %s and %s is %s; one shape is needed", a_name, shape_text(a).c_str(), b_name,
         shape_text(b).c_str());
}

void check_axis(const char* name, int32_t axis, int32_t ndim) {
  if (axis < 0 || axis >= ndim)
    fail(NC_INVALID_ARGUMENT, "%s is %d; 0 to %d are possible for %d axes", name, axis, ndim - 1, ndim);
}

nc_tensor broadcast_to(const char* name, const nc_tensor& x, int32_t ndim, const int64_t* shape) {
  nc_tensor y = x;
  y.ndim = ndim;
  bool fits = x.ndim <= ndim;
  for (int i = 0; fits && i < ndim; i++) {
    const int from = i - (ndim - x.ndim);
    y.shape[i] = shape[i];
    if (from >= 0 && x.shape[from] == shape[i]) {
      y.strides[i] = x.strides[from];
    } else {
      fits = from < 0 || x.shape[from] == 1;
      y.strides[i] = 0;
    }
  }
  if (!fits) {
    nc_tensor target = x;
    target.ndim = ndim;
    std::copy(shape, shape + std::min<int32_t>(ndim, NC_MAX_DIMS), target.shape);
    fail(NC_INVALID_SHAPE, "%s %s cannot be broadcast to %s", name, shape_text(x).c_str(), shape_text(target).c_str());
  }
  return y;
}

}  // namespace nc
