// Sorting by the standard library, lane by lane.
#include <algorithm>
#include <numeric>
#include <vector>

#include "core/backend.hpp"
#include "core/element.hpp"
#include "cpu/lanes.hpp"

namespace nc::cpu::reference {
namespace {

// The order of the result: NaN behind everything, equal to itself.
template <class T>
bool before(T a, T b) {
  if constexpr (std::is_same_v<T, Float16> || std::is_same_v<T, BFloat16>) {
    return before(to_float(a), to_float(b));
  } else if constexpr (std::is_same_v<T, Bool>) {
    return a.byte == 0 && b.byte != 0;
  } else {
    return a < b || (a == a && b != b);
  }
}

nc_status sort(void*, const nc_tensor* x, int32_t axis, const nc_tensor* y, const nc_tensor* indices) {
  // What is not asked for walks along as x and is not written.
  const nc_tensor& elements = y ? *y : *x;
  const nc_tensor& places = indices ? *indices : *x;
  const int64_t n = x->shape[axis];
  const auto step = [axis](const nc_tensor& t) { return t.strides[axis] * dtype_size(t.dtype); };
  const int64_t step_y = step(elements), step_x = step(*x), step_i = step(places);
  with_dtype(x->dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    for_lanes({without_axis(elements, axis), without_axis(*x, axis), without_axis(places, axis)}, n,
              [&](char* const* at, const int64_t* steps, int64_t count) {
                std::vector<T> lane(static_cast<size_t>(n));
                std::vector<int64_t> order(static_cast<size_t>(n));
                for (int64_t k = 0; k < count; k++) {
                  for (int64_t i = 0; i < n; i++)
                    lane[i] = *reinterpret_cast<const T*>(at[1] + k * steps[1] + i * step_x);
                  std::iota(order.begin(), order.end(), 0);
                  std::stable_sort(order.begin(), order.end(),
                                   [&](int64_t a, int64_t b) { return before(lane[a], lane[b]); });
                  for (int64_t i = 0; i < n; i++) {
                    if (y) *reinterpret_cast<T*>(at[0] + k * steps[0] + i * step_y) = lane[order[i]];
                    if (indices) store_element<int64_t>(indices->dtype, at[2] + k * steps[2] + i * step_i, order[i]);
                  }
                }
              });
  });
  return NC_OK;
}

}  // namespace

void register_sort(nc_backend& table) { table.sort = sort; }

}  // namespace nc::cpu::reference
