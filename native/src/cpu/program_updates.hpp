// Recognises the programs that one kernel runs as a whole: those of optimizers, and of a step of an LSTM.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "cpu/program_kernels.hpp"

namespace nc::cpu {

// Values by index, in the order of the kernel's slots.
struct FoundUpdate {
  Update update;
  std::vector<int32_t> results, arrays;
  std::vector<int32_t> numbers;  // -1: the number 1
};

// The whole program, if it is such an update: its values, each behind its operands, and its stores.
std::optional<FoundUpdate> find_update(const std::vector<nc_instruction>& values,
                                       const std::vector<nc_instruction>& stores);

}  // namespace nc::cpu
