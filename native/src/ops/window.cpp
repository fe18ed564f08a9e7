#include "ops/window.hpp"

namespace nc {

void check_window_entry(const char* name, int axis, int64_t value, int64_t least) {
  if (value < least || value > INT32_MAX)
    fail(NC_INVALID_ARGUMENT, "%s[%d] is %lld, not within [%lld, 2^31)", name, axis, static_cast<long long>(value),
         static_cast<long long>(least));
}

void check_positions(const char* y_name, const nc_tensor& y, const char* x_name, const nc_tensor& x, int axis,
                     int64_t size, int64_t stride, int64_t padding, int64_t dilation) {
  const int64_t positions = y.shape[2 + axis];
  int64_t reach = 0;  // of the window, less its first element
  if (__builtin_mul_overflow(dilation, size - 1, &reach)) reach = INT64_MAX / 2;
  const int64_t room = x.shape[2 + axis] + 2 * padding - reach - 1;
  const int64_t most = room < 0 ? (room + stride - 1 >= 0 ? 1 : 0) : (room + stride - 1) / stride + 1;
  if (positions > most)
    fail(NC_INVALID_SHAPE, "%s %s: %lld positions along spatial axis %d, but %s %s has at most %lld of the window",
         y_name, shape_text(y).c_str(), static_cast<long long>(positions), axis, x_name, shape_text(x).c_str(),
         static_cast<long long>(most));
}

void check_image(const char* name, const nc_tensor& t) {
  check_floating(name, t);
  if (t.ndim < 3 || t.ndim > 2 + NC_MAX_SPATIAL)
    fail(NC_INVALID_SHAPE, "%s: needs shape (N, C, one to three spatial axes), has %s", name, shape_text(t).c_str());
}

}  // namespace nc
