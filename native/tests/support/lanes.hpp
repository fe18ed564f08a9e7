// The lanes of an axis, for expectations that are computed along it.
#pragma once

#include "support/tensor.hpp"

namespace nc::test {

// Calls body(element of lane -> index in C order) for every lane of the axis.
template <class Body>
void for_each_lane(const Shape& shape, int axis, Body&& body) {
  int64_t outer = 1, inner = 1;
  for (int i = 0; i < axis; i++) outer *= shape[i];
  for (size_t i = axis + 1; i < shape.size(); i++) inner *= shape[i];
  for (int64_t o = 0; o < outer; o++)
    for (int64_t k = 0; k < inner; k++)
      body([&, o, k](int64_t i) { return static_cast<size_t>((o * shape[axis] + i) * inner + k); });
}

}  // namespace nc::test
