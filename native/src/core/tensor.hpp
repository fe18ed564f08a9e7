// Checks and arithmetic on tensor descriptors, shared by every operation and backend.
#pragma once

#include <string>

#include "core/status.hpp"
#include "nativechain/base.h"

struct nc_context;

namespace nc {

inline bool is_floating(nc_dtype d) { return d >= NC_FLOAT16 && d <= NC_FLOAT64; }

// float32 for float16, bfloat16 and float32; float64; int64 for bool and integers.
inline nc_dtype compute_dtype(nc_dtype d) {
  return d == NC_FLOAT64 ? NC_FLOAT64 : is_floating(d) ? NC_FLOAT32 : NC_INT64;
}

inline int64_t dtype_size(nc_dtype d) {
  static constexpr int8_t sizes[] = {1, 1, 4, 8, 2, 2, 4, 8};
  return sizes[d];
}

inline int64_t size_of(const nc_tensor& t) {
  int64_t n = 1;
  for (int i = 0; i < t.ndim; i++) n *= t.shape[i];
  return n;
}

template <class T = void>
T* data(const nc_tensor& t) {
  return reinterpret_cast<T*>(static_cast<char*>(t.base) + t.offset);
}

// "(2, 3)"
std::string shape_text(const nc_tensor& t);
// "(2, 3) float32"
std::string describe(const nc_tensor& t);

bool same_shape(const nc_tensor& a, const nc_tensor& b);
bool is_contiguous(const nc_tensor& t);

// A C-contiguous, aligned view with elements inside its block on the context's device: what nearly every call passes, and
// no reason to refuse it.
bool is_plain(const nc_context* ctx, const nc_tensor& t);
// The same of another tensor, and that it has the shape of y, which is plain and of n elements.
bool is_plain_as(const nc_tensor& t, const nc_tensor& y, int64_t n);
// Null, dtype, ndim, negative extents, alignment, overflow of the element count, and that every element lies in [0,
// nbytes) of the block; that it is on the context's device.
void check_tensor(const nc_context* ctx, const char* name, const nc_tensor* t);
// check_tensor, and that no two indices lead to the same element.
void check_output(const nc_context* ctx, const char* name, const nc_tensor* t);
void check_dtype(const char* name, const nc_tensor& t, nc_dtype expected);
void check_floating(const char* name, const nc_tensor& t);
void check_same_dtype(const char* a_name, const nc_tensor& a, const char* b_name, const nc_tensor& b);
void check_same_shape(const char* a_name, const nc_tensor& a, const char* b_name, const nc_tensor& b);
void check_axis(const char* name, int32_t axis, int32_t ndim);
void check_not_null(const char* name, const void* p);

enum class Aliasing { none, exact };
// Refuses an overlap of the output y with x; Aliasing::exact allows both to be one view of one dtype.
void check_overlap(const char* x_name, const nc_tensor& x, const char* y_name, const nc_tensor& y, Aliasing allowed);

// A number of a call: where it is a tensor, check_tensor, that it has an element, and that no byte of it is in y.
void check_scalar(const nc_context* ctx, const char* name, const nc_scalar& value, const char* y_name,
                  const nc_tensor& y);

// x seen with the axes of `shape` (right-aligned, extents of 1 repeated by stride 0); NC_INVALID_SHAPE where that
// cannot be.
nc_tensor broadcast_to(const char* name, const nc_tensor& x, int32_t ndim, const int64_t* shape);

}  // namespace nc
