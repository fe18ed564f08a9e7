// What is done at the places that index tensors name: shared by the plain and the fast kernels.
#pragma once

#include <type_traits>

#include "core/dtype.hpp"
#include "nativechain/base.h"

namespace nc::cpu {

// Bytes that are worth a second thread.
inline constexpr int64_t kChunkBytes = 64 << 10;

struct Assign {
  template <class T>
  static void apply(T& y, T x) {
    y = x;
  }
};

struct Add {
  template <class T>
  static void apply(T& y, T x) {
    if constexpr (std::is_same_v<T, Bool>)
      y.byte = y.byte || x.byte;
    else if constexpr (std::is_same_v<T, Float16> || std::is_same_v<T, BFloat16>)
      y = convert<T>(convert<float>(y) + convert<float>(x));
    else if constexpr (std::is_integral_v<T>)
      y = static_cast<T>(static_cast<std::make_unsigned_t<T>>(y) + static_cast<std::make_unsigned_t<T>>(x));
    else
      y += x;
  }
};

// y[i] += x[i] for n elements of one dtype.
using AddRow = void (*)(void* y, const void* x, int64_t n);

// nc_scatter_add by the rows of an ISA: one function for each dtype.
nc_status scatter_add_rows(const AddRow* add_row, const nc_tensor* x, const nc_tensor* indices, const int32_t* axes,
                           int32_t n, const nc_tensor* y);

// Coordinates of the elements of x, which lie in C order, that are not zero.
void nonzero_in_order(const nc_tensor& x, const nc_tensor& y);

}  // namespace nc::cpu
