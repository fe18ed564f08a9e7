// Convolutions as products of matrices, one of which is gathered from images while its panels are packed.
#pragma once

#include "core/backend.hpp"
#include "cpu/gemm/problem.hpp"

namespace nc::cpu::gemm {

// As the slots of the table, with the products of an instruction set in the dtype that y is computed in.
void convolve(const Gemm& gemm, void* state, const nc_tensor& x, const nc_tensor& W, const nc_convolution& window,
              const nc_program* program, const nc_tensor* extras, const nc_scalar* parameters, const nc_tensor& y);
void convolve_data(const Gemm& gemm, void* state, const nc_tensor& gy, const nc_tensor& W,
                   const nc_convolution& window, const nc_program* program, const nc_tensor* extras,
                   const nc_scalar* parameters, const nc_tensor& gx);
void convolve_filter(const Gemm& gemm, void* state, const nc_tensor& x, const nc_tensor& gy,
                     const nc_convolution& window, const nc_tensor& gW);

}  // namespace nc::cpu::gemm
