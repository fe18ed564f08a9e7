#include "nativechain/convolution.h"

#include <array>

#include "ops/program.hpp"
#include "ops/window.hpp"

namespace nc {
namespace {

struct Operands {
  const char* x_name;
  const nc_tensor* x;
  const char* W_name;
  const nc_tensor* W;
  const char* y_name;
  const nc_tensor* y;
};

// Whatever the direction, the three operands fit each other as x, W and y do. Gives the window with every entry filled.
nc_convolution check_operands(const nc_context* ctx, const Operands& o, const nc_convolution* convolution) {
  check_not_null("context", ctx);
  check_tensor(ctx, o.x_name, o.x);
  check_tensor(ctx, o.W_name, o.W);
  check_tensor(ctx, o.y_name, o.y);
  check_not_null("convolution", convolution);
  const nc_tensor &x = *o.x, &W = *o.W, &y = *o.y;
  check_image(o.x_name, x);
  check_same_dtype(o.x_name, x, o.W_name, W);
  check_same_dtype(o.x_name, x, o.y_name, y);
  if (W.ndim != x.ndim || y.ndim != x.ndim)
    fail(NC_INVALID_SHAPE, "%s %s, %s %s and %s %s: one number of axes is needed", o.x_name, shape_text(x).c_str(),
         o.W_name, shape_text(W).c_str(), o.y_name, shape_text(y).c_str());
  const int64_t groups = convolution->groups;
  if (groups < 1 || x.shape[1] % groups != 0 || W.shape[0] % groups != 0)
    fail(NC_INVALID_ARGUMENT, "groups is %lld, which does not divide %lld and %lld channels",
         static_cast<long long>(groups), static_cast<long long>(x.shape[1]), static_cast<long long>(W.shape[0]));
  if (W.shape[1] != x.shape[1] / groups)
    fail(NC_INVALID_SHAPE, "%s %s: needs %lld channels an input group for %s %s in %lld groups", o.W_name,
         shape_text(W).c_str(), static_cast<long long>(x.shape[1] / groups), o.x_name, shape_text(x).c_str(),
         static_cast<long long>(groups));
  if (y.shape[0] != x.shape[0] || y.shape[1] != W.shape[0])
    fail(NC_INVALID_SHAPE, "%s: shape %s, needs (%lld, %lld, ...) for %s %s and %s %s", o.y_name, shape_text(y).c_str(),
         static_cast<long long>(x.shape[0]), static_cast<long long>(W.shape[0]), o.x_name, shape_text(x).c_str(),
         o.W_name, shape_text(W).c_str());
  nc_convolution window = *convolution;
  for (int i = 0; i < NC_MAX_SPATIAL; i++) {
    if (i >= x.ndim - 2) {
      window.stride[i] = window.dilation[i] = 1;
      window.padding[i] = 0;
      continue;
    }
    check_window_entry("stride", i, window.stride[i], 1);
    check_window_entry("padding", i, window.padding[i], 0);
    check_window_entry("dilation", i, window.dilation[i], 1);
    if (W.shape[2 + i] < 1) fail(NC_INVALID_SHAPE, "%s %s: a filter without elements", o.W_name, shape_text(W).c_str());
    check_positions(o.y_name, y, o.x_name, x, i, W.shape[2 + i], window.stride[i], window.padding[i],
                    window.dilation[i]);
  }
  return window;
}

}  // namespace
}  // namespace nc

using namespace nc;

nc_status nc_convolution_forward(nc_context* context, const nc_tensor* x, const nc_tensor* W,
                                 const nc_convolution* convolution, const nc_program* program, const nc_tensor* extras,
                                 const nc_scalar* parameters, const nc_tensor* y) {
  return guard("nc_convolution_forward", [&] {
    const nc_convolution window = check_operands(context, {"x", x, "W", W, "y", y}, convolution);
    check_output(context, "y", y);
    check_overlap("x", *x, "y", *y, Aliasing::none);
    check_overlap("W", *W, "y", *y, Aliasing::none);
    std::array<nc_tensor, NC_PROGRAM_MAX_INPUTS> full;
    check_epilogue(context, program, extras, parameters, *y, full.data());
    if (size_of(*y) == 0) return;
    NC_CALL(context, convolution_forward, y->dtype, context->state, x, W, &window, program, full.data(), parameters, y);
  });
}

nc_status nc_convolution_data(nc_context* context, const nc_tensor* gy, const nc_tensor* W,
                              const nc_convolution* convolution, const nc_program* program, const nc_tensor* extras,
                              const nc_scalar* parameters, const nc_tensor* gx) {
  return guard("nc_convolution_data", [&] {
    const nc_convolution window = check_operands(context, {"gx", gx, "W", W, "gy", gy}, convolution);
    check_output(context, "gx", gx);
    check_overlap("gy", *gy, "gx", *gx, Aliasing::none);
    check_overlap("W", *W, "gx", *gx, Aliasing::none);
    std::array<nc_tensor, NC_PROGRAM_MAX_INPUTS> full;
    check_epilogue(context, program, extras, parameters, *gx, full.data());
    if (size_of(*gx) == 0) return;
    NC_CALL(context, convolution_data, gx->dtype, context->state, gy, W, &window, program, full.data(), parameters, gx);
  });
}

nc_status nc_convolution_filter(nc_context* context, const nc_tensor* x, const nc_tensor* gy,
                                const nc_convolution* convolution, const nc_tensor* gW) {
  return guard("nc_convolution_filter", [&] {
    const nc_convolution window = check_operands(context, {"x", x, "gW", gW, "gy", gy}, convolution);
    check_output(context, "gW", gW);
    check_overlap("x", *x, "gW", *gW, Aliasing::none);
    check_overlap("gy", *gy, "gW", *gW, Aliasing::none);
    if (size_of(*gW) == 0) return;
    NC_CALL(context, convolution_filter, gW->dtype, context->state, x, gy, &window, gW);
  });
}
