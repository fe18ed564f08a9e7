// Reductions: checks, one table slot.
#include <algorithm>

#include "ops/program.hpp"

namespace nc {
namespace {

const char* reduction_name(int32_t reduction) {
  constexpr const char* names[] = {"sum", "mean", "prod", "min", "max", "argmin", "argmax"};
  return names[reduction];
}

// The shape that the inputs broadcast to, as a descriptor of no memory.
nc_tensor broadcast_shape(const nc_tensor* inputs, int32_t n) {
  nc_tensor full = {};
  for (int32_t k = 0; k < n; k++) full.ndim = std::max(full.ndim, inputs[k].ndim);
  std::fill(full.shape, full.shape + full.ndim, 1);
  for (int32_t k = 0; k < n; k++) {
    for (int32_t i = 0; i < inputs[k].ndim; i++) {
      int64_t& extent = full.shape[i + full.ndim - inputs[k].ndim];
      if (inputs[k].shape[i] != 1) extent = inputs[k].shape[i];  // a second extent fails in broadcast_to
    }
  }
  return full;
}

// An axis of the output keeps its extent or is 1, the same for every output.
void check_outputs(const nc_context* ctx, int32_t reduction, const nc_program& p, const nc_tensor& full,
                   const nc_tensor* outputs) {
  const bool finds_index = reduction == NC_REDUCE_ARGMIN || reduction == NC_REDUCE_ARGMAX;
  for (int32_t k = 0; k < p.outputs; k++) {
    const nc_tensor& y = outputs[k];
    check_output(ctx, output_name(k), &y);
    if (finds_index && y.dtype != NC_INT32 && y.dtype != NC_INT64) {
      fail(NC_INVALID_DTYPE, "%s is %s; an index is int32 or int64", output_name(k), describe(y).c_str());
    }
    bool fits = y.ndim == full.ndim, empty = false;
    for (int32_t i = 0; fits && i < y.ndim; i++) {
      fits = y.shape[i] == full.shape[i] || y.shape[i] == 1;
      empty = empty || (full.shape[i] == 0 && y.shape[i] == 1);
    }
    if (!fits) {
      fail(NC_INVALID_SHAPE, "%s %s is no reduction of the inputs' shape %s", output_name(k), describe(y).c_str(),
           shape_text(full).c_str());
    }
    if (empty && reduction >= NC_REDUCE_MIN && size_of(y) > 0) {
      fail(NC_INVALID_SHAPE, "%s over no elements: inputs %s, %s %s", reduction_name(reduction),
           shape_text(full).c_str(), output_name(k), describe(y).c_str());
    }
    for (int32_t j = 0; j < k; j++) {
      check_same_shape(output_name(j), outputs[j], output_name(k), y);
      check_overlap(output_name(j), outputs[j], output_name(k), y, Aliasing::none);
    }
  }
}

}  // namespace
}  // namespace nc

using namespace nc;

nc_status nc_reduce(nc_context* context, int32_t reduction, const nc_program* program, const nc_tensor* inputs,
                    int32_t n_inputs, const nc_scalar* parameters, const nc_tensor* outputs) {
  return guard("nc_reduce", [&] {
    check_not_null("context", context);
    check_not_null("inputs", inputs);
    check_not_null("outputs", outputs);
    if (reduction < NC_REDUCE_SUM || reduction > NC_REDUCE_ARGMAX) {
      fail(NC_INVALID_ARGUMENT, "reduction is %d, which no reduction has", reduction);
    }
    const int32_t expected = program ? program->inputs : 1;
    if (n_inputs != expected || n_inputs == 0) {
      fail(NC_INVALID_ARGUMENT, "n_inputs is %d, the program's inputs are %d; a reduction needs one at least", n_inputs,
           expected);
    }
    for (int32_t k = 0; k < n_inputs; k++) check_tensor(context, input_name(k), &inputs[k]);
    if (!program) program = &identity_program(compute_dtype(inputs[0].dtype));
    if (reduction == NC_REDUCE_MEAN && program->compute_dtype == NC_INT64) {
      fail(NC_INVALID_DTYPE, "mean computes in floating point, not in int64 (inputs[0] is %s)",
           describe(inputs[0]).c_str());
    }
    const nc_tensor full = broadcast_shape(inputs, n_inputs);
    nc_tensor broadcast[NC_PROGRAM_MAX_INPUTS];
    for (int32_t k = 0; k < n_inputs; k++) {
      broadcast[k] = broadcast_to(input_name(k), inputs[k], full.ndim, full.shape);
    }
    check_outputs(context, reduction, *program, full, outputs);
    for (int32_t k = 0; k < n_inputs; k++) {
      for (int32_t j = 0; j < program->outputs; j++) {
        check_overlap(input_name(k), broadcast[k], output_name(j), outputs[j], Aliasing::none);
      }
    }
    check_parameters(context, *program, parameters, outputs, program->outputs);
    if (size_of(outputs[0]) == 0) return;
    NC_CALL(context, reduce, inputs[0].dtype, context->state, reduction, program, broadcast, n_inputs, parameters,
            outputs);
  });
}
