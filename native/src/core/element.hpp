// One element of a dtype that is known only at run time: what plain loops read and write.
#pragma once

#include "core/dtype.hpp"

namespace nc {

// The element at p, cast to T.
template <class T>
T load_element(nc_dtype dtype, const void* p) {
  return with_dtype(dtype, [p](auto type) { return convert<T>(*static_cast<const typename decltype(type)::type*>(p)); });
}

// value, cast to the dtype, at p.
template <class T>
void store_element(nc_dtype dtype, void* p, T value) {
  with_dtype(dtype, [p, value](auto type) {
    using Element = typename decltype(type)::type;
    *static_cast<Element*>(p) = convert<Element>(value);
  });
}

}  // namespace nc
