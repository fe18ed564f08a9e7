// A program as the CPU runs it: over blocks of elements that stay in the L1 cache, one vectorised kernel a step.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "core/program.hpp"
#include "cpu/program_kernels.hpp"

namespace nc::cpu {

// A vector of the widest ISA: what a value that is the same for every element takes.
constexpr int64_t kUniformBytes = 64;
constexpr int64_t kBlockBytes = 2048;
// Beside the block itself, so that buffers do not start at the same place of a page (their loads would wait for
// stores).
constexpr int64_t kBufferBytes = kBlockBytes + 2 * kUniformBytes;

// Values live in slots: constants first, then parameters and what follows from both alone, then inputs, then buffers.
struct Step {
  int32_t op;  // nc_op, a pair or a tree of them, a gate, or an update, whose slots are the plan's
  int16_t y, a, b, c, d;
};

struct PlannedInput {
  int16_t input;
  int16_t slot;
};

struct PlannedOutput {
  int16_t output;
  int16_t slot;          // of the value
  bool computed;         // the step that defines the value may write the output's own memory
  bool streams;          // and no step reads it there: it may be written past the caches
  uint32_t late_inputs;  // inputs that are still read after that: where one is the output's memory, it is copied first
};

// Built once per program, shared by all ISAs.
struct ProgramPlan final : nc_program::Cache {
  int32_t element;  // bytes of the compute dtype
  std::vector<std::array<char, kUniformBytes>> constants;
  std::vector<PlannedInput> parameters;  // index of the parameter and its slot
  std::vector<PlannedInput> inputs;      // those that are read
  std::vector<PlannedOutput> outputs;    // in the order in which they are written
  std::vector<Step> uniform_steps;       // run once per call
  std::vector<Step> steps;
  std::array<int16_t, kMostUpdateSlots> update_slots{};
  int32_t first_uniform = 0;  // slots below are constants
  int32_t first_input = 0;
  int32_t first_buffer = 0;
  int32_t slots = 0;  // all of them
  int32_t work = 0;   // of an element, in steps of arithmetic
  // Whether a block fetches what the next reads: short programs wait for memory less where the hardware alone does.
  bool fetches = false;

  explicit ProgramPlan(const nc_program& program);
};

const ProgramPlan& plan_of(const nc_program& program);

}  // namespace nc::cpu
