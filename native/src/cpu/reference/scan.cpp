// Running sums, products, minima and maxima in plain loops.
#include "cpu/scan.hpp"

#include <type_traits>

#include "core/backend.hpp"
#include "core/element.hpp"
#include "cpu/lanes.hpp"

namespace nc::cpu::reference {
namespace {

nc_status scan(void*, int32_t reduction, const nc_tensor* x, int32_t axis, const nc_tensor* y) {
  const int64_t n = y->shape[axis];
  const int64_t step_y = y->strides[axis] * dtype_size(y->dtype), step_x = x->strides[axis] * dtype_size(x->dtype);
  with_dtype(y->dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    using S = Running<T>;
    for_lanes({without_axis(*y, axis), without_axis(*x, axis)}, n,
              [&](char* const* at, const int64_t* steps, int64_t count) {
                for (int64_t k = 0; k < count; k++) {
                  S total{};
                  for (int64_t i = 0; i < n; i++) {
                    const S value = convert<S>(load_element<T>(x->dtype, at[1] + k * steps[1] + i * step_x));
                    with_reduction(reduction, [&](auto constant) {
                      total = i == 0 ? value : scan_step<decltype(constant)::value>(total, value);
                    });
                    *reinterpret_cast<T*>(at[0] + k * steps[0] + i * step_y) = convert<T>(total);
                  }
                }
              });
  });
  return NC_OK;
}

nc_status linear_scan(void*, const nc_tensor* a, const nc_tensor* b, int32_t axis, const nc_tensor* y) {
  const int64_t n = y->shape[axis];
  const auto step = [&](const nc_tensor& t) { return t.strides[axis] * dtype_size(t.dtype); };
  const int64_t step_y = step(*y), step_a = step(*a), step_b = step(*b);
  with_dtype(y->dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    if constexpr (!std::is_integral_v<T> && !std::is_same_v<T, Bool>) {
      const auto read = [](const char* p) { return convert<Running<T>>(*reinterpret_cast<const T*>(p)); };
      for_lanes({without_axis(*y, axis), without_axis(*a, axis), without_axis(*b, axis)}, n,
                [&](char* const* at, const int64_t* steps, int64_t count) {
                  for (int64_t k = 0; k < count; k++) {
                    const char* multipliers = at[1] + k * steps[1];
                    Running<T> total{};
                    for (int64_t i = 0; i < n; i++) {
                      const Running<T> value = read(at[2] + k * steps[2] + i * step_b);
                      total = i == 0 ? value : read(multipliers + (i - 1) * step_a) * total + value;
                      *reinterpret_cast<T*>(at[0] + k * steps[0] + i * step_y) = convert<T>(total);
                    }
                  }
                });
    }
  });
  return NC_OK;
}

}  // namespace

void register_scan(nc_backend& table) {
  table.scan = scan;
  table.linear_scan = linear_scan;
}

}  // namespace nc::cpu::reference
