// The numbers of a call, read on the host.
#pragma once

#include "core/dtype.hpp"
#include "core/tensor.hpp"

namespace nc::cpu {

// The number as an element: i64 for integers, f64 for floating point and bool; a tensor's element 0 cast.
template <class T>
T read_scalar(const nc_scalar& value) {
  if (value.tensor) {
    return with_dtype(value.tensor->dtype,
                      [&](auto type) { return convert<T>(*data<typename decltype(type)::type>(*value.tensor)); });
  }
  if constexpr (std::is_integral_v<T>)
    return convert<T>(value.i64);
  else
    return convert<T>(value.f64);
}

}  // namespace nc::cpu
