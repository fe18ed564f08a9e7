// Runs a program over a line of elements: what program_run, reduce and the tail of matmul share.
#pragma once

#include "core/backend.hpp"
#include "cpu/program_kernels.hpp"
#include "cpu/program_plan.hpp"

namespace nc::cpu {

// Elements of one operand: the first, and the distance to the next in elements (0 repeats the first).
struct Line {
  char* data;
  int64_t stride;
};

// Memory of the calling thread, kept between calls; what each use holds is valid until its next call on this thread.
enum class ScratchUse { program, walk, reduce };
char* thread_scratch(ScratchUse use, int64_t nbytes);

// A plan bound to its parameters and to the dtypes of its operands; for one thread, on its stack.
class BlockProgram {
 public:
  // copied_inputs: bit k where input k is also an output's memory that is written before the input's last use
  // (ProgramPlan's late_inputs). longest: the most elements of a line that will be run.
  BlockProgram(const ProgramKernels& kernels, const nc_program& program, const nc_scalar* parameters,
               const nc_dtype* input_dtypes, const nc_dtype* output_dtypes, uint32_t copied_inputs, int64_t longest);
  BlockProgram(const BlockProgram&) = delete;
  BlockProgram& operator=(const BlockProgram&) = delete;

  // Outputs, by their bits, that the lines to come write past the caches where they begin at a cache line.
  void stream(uint32_t outputs) { streamed_ = outputs; }

  // Lines by index of the program's inputs and outputs; those that it does not read may be anything.
  void run(const Line* inputs, const Line* outputs, int64_t n);

 private:
  struct Slot {
    char* data;
    bool varies;
    bool streams = false;
  };

  char* buffer(int32_t slot) const { return buffers_ + (slot - plan_.first_input) * buffer_bytes_; }
  void run_block(const Line* inputs, const Line* outputs, int64_t begin, int64_t n, int64_t total);
  void compute(const Step& step, int64_t n);
  void update(Update update, int64_t n);

  static constexpr int kSmallSlots = 24;
  static constexpr int64_t kSmallScratch = 2048;

  const ProgramPlan& plan_;
  const ProgramKernels::Type& kernels_;
  const nc_dtype* input_dtypes_;
  const nc_dtype* output_dtypes_;
  nc_dtype compute_dtype_;
  uint32_t copied_inputs_;
  uint32_t streamed_ = 0;
  int64_t block_;         // elements
  int64_t buffer_bytes_;  // of one slot that varies
  char* scratch_;
  char* buffers_;                        // of the slots from first_input on
  char* before_[kMostUpdateSlots] = {};  // where an update's slots lay in the line before
  Slot* slots_;
  Slot small_slots_[kSmallSlots];
  alignas(64) char small_scratch_[kSmallScratch];
};

}  // namespace nc::cpu
