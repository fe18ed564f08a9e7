// Checks of a program's operands, shared by every operation that runs one.
#pragma once

#include "core/backend.hpp"
#include "core/program.hpp"
#include "core/tensor.hpp"

namespace nc {

// "inputs[0]" and so on, for the text of errors.
const char* input_name(int32_t index);
const char* output_name(int32_t index);

// The program's parameters: the array, and each tensor in it, which must have an element and not overlap an output.
void check_parameters(const nc_context* ctx, const nc_program& program, const nc_scalar* parameters,
                      const nc_tensor* outputs, int32_t n_outputs);

// A program that runs on the product of `op` while it is computed: one output, input 0 the product, the other inputs
// extras, which are broadcast to y in `full`. Null is none.
void check_epilogue(const nc_context* ctx, const nc_program* program, const nc_tensor* extras,
                    const nc_scalar* parameters, const nc_tensor& y, nc_tensor* full);

// load input 0, store it: what a reduction without a program runs.
const nc_program& identity_program(nc_dtype compute_dtype);

}  // namespace nc
