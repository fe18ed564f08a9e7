// Checks of windows that move over spatial axes, shared by convolution and pooling.
#pragma once

#include "core/tensor.hpp"

namespace nc {

// `value` within [least, 2^31), named "name[axis]" in the error.
void check_window_entry(const char* name, int axis, int64_t value, int64_t least);

// y_name's extent o along a spatial axis: at most as many positions as the window of `size` elements, `dilation` apart,
// has in x's extent d, the last one counted where it begins before the end (the quotient rounded up).
void check_positions(const char* y_name, const nc_tensor& y, const char* x_name, const nc_tensor& x, int axis,
                     int64_t size, int64_t stride, int64_t padding, int64_t dilation);

// (N, C, one to three spatial axes), floating point.
void check_image(const char* name, const nc_tensor& t);

}  // namespace nc
