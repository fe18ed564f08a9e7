// Finds in a program what one step computes from x alone: gates, and their gradients.
#pragma once

#include <cstdint>
#include <vector>

#include "cpu/program_kernels.hpp"

namespace nc::cpu {

struct FoundGate {
  Gate gate;
  int32_t value;        // that the step computes
  int32_t function;     // the sigmoid or tanh that it takes in
  int32_t x, gradient;  // gradient: of those that have one
  int32_t scale;        // the value a, or -1 where it is a number
  double a, b;
};

// Values by index, each behind its operands. What is found equals the value as an expression, however that is written:
// 0.5 x (1 + tanh(u)) is x sigmoid(2 u). Gates of the same function stand together.
std::vector<FoundGate> find_gates(const std::vector<nc_instruction>& values);

}  // namespace nc::cpu
