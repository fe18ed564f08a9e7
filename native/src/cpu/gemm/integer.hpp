// Products of integers and bool: accumulated in int64, which wraps.
#pragma once

#include "cpu/gemm/problem.hpp"

namespace nc::cpu::gemm {

void multiply_integer(const Problem& problem);

}  // namespace nc::cpu::gemm
