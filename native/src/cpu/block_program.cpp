#include "cpu/block_program.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>

#include "core/tensor.hpp"
#include "cpu/scalar.hpp"

namespace nc::cpu {
namespace {

template <class T>
void fill_uniform(char* p, const nc_scalar& s) {
  const T value = read_scalar<T>(s);
  for (int64_t at = 0; at < kUniformBytes; at += sizeof value) std::memcpy(p + at, &value, sizeof value);
}

struct Scratch {
  struct Free {
    void operator()(char* p) const { ::operator delete (p, std::align_val_t{kUniformBytes}); }
  };
  std::unique_ptr<char, Free> memory;
  int64_t nbytes = 0;

  char* get(int64_t wanted) {
    if (nbytes < wanted) {
      memory.reset();
      nbytes = 0;
      memory.reset(static_cast<char*>(::operator new (static_cast<size_t>(wanted), std::align_val_t{kUniformBytes})));
      nbytes = wanted;
    }
    return memory.get();
  }
};

}  // namespace

char* thread_scratch(ScratchUse use, int64_t nbytes) {
  thread_local Scratch scratch[3];
  return scratch[static_cast<int>(use)].get(nbytes);
}

BlockProgram::BlockProgram(const ProgramKernels& kernels, const nc_program& program, const nc_scalar* parameters,
                           const nc_dtype* input_dtypes, const nc_dtype* output_dtypes, uint32_t copied_inputs,
                           int64_t longest)
    : plan_(plan_of(program)),
      kernels_(kernels.of(program.compute_dtype)),
      input_dtypes_(input_dtypes),
      output_dtypes_(output_dtypes),
      compute_dtype_(program.compute_dtype),
      copied_inputs_(copied_inputs),
      block_(kBlockBytes / plan_.element) {
  const int64_t line = (longest * plan_.element + kUniformBytes - 1) / kUniformBytes * kUniformBytes;
  buffer_bytes_ = line < kBlockBytes ? line : kBufferBytes;
  const int64_t uniforms = (plan_.first_input - plan_.first_uniform) * kUniformBytes;
  const int64_t needed = uniforms + (plan_.slots - plan_.first_input) * buffer_bytes_;
  const int64_t slot_bytes = plan_.slots <= kSmallSlots ? 0 : plan_.slots * static_cast<int64_t>(sizeof(Slot));
  scratch_ =
      needed + slot_bytes <= kSmallScratch ? small_scratch_ : thread_scratch(ScratchUse::program, needed + slot_bytes);
  slots_ = slot_bytes == 0 ? small_slots_ : reinterpret_cast<Slot*>(scratch_ + needed);

  for (int32_t s = 0; s < plan_.first_uniform; s++) {
    slots_[s] = {const_cast<char*>(plan_.constants[static_cast<size_t>(s)].data()), false};
  }
  for (int32_t s = plan_.first_uniform; s < plan_.first_input; s++) {
    slots_[s] = {scratch_ + (s - plan_.first_uniform) * kUniformBytes, false};
  }
  buffers_ = scratch_ + uniforms;
  for (int32_t s = plan_.first_input; s < plan_.slots; s++) slots_[s] = {buffer(s), true};
  for (const PlannedInput& p : plan_.parameters) {
    char* target = slots_[p.slot].data;
    if (compute_dtype_ == NC_FLOAT32) {
      fill_uniform<float>(target, parameters[p.input]);
    } else if (compute_dtype_ == NC_FLOAT64) {
      fill_uniform<double>(target, parameters[p.input]);
    } else {
      fill_uniform<int64_t>(target, parameters[p.input]);
    }
  }
  for (const Step& step : plan_.uniform_steps) {
    // All operands are whole vectors, and so is the result.
    kernels_.compute[step.op](slots_[step.y].data, slots_[step.a].data, slots_[step.b].data, slots_[step.c].data,
                              slots_[step.d].data, static_cast<size_t>(kUniformBytes / plan_.element), kStream - 1);
  }
}

void BlockProgram::update(Update update, int64_t n) {
  const UpdateShape shape = update_shape(update);
  char* pointers[kMostUpdateSlots];
  for (int k = 0; k < shape.slots(); k++) pointers[k] = slots_[plan_.update_slots[static_cast<size_t>(k)]].data;
  uint32_t varying = 0;
  for (int k = 0; k < shape.arrays; k++) {
    varying |= uint32_t{slots_[plan_.update_slots[static_cast<size_t>(shape.results + k)]].varies} << k;
  }
  // Short lines lie as far apart as the last two did: the next arrives while this one is computed.
  constexpr int64_t kShortLine = 4096;
  ptrdiff_t ahead[kMostUpdateSlots];
  const bool fetches = before_[0] && n * plan_.element < kShortLine;
  for (int k = 0; k < shape.slots(); k++) {
    ahead[k] = pointers[k] - before_[k];
    before_[k] = pointers[k];
  }
  kernels_.update[static_cast<size_t>(update)](pointers, static_cast<size_t>(n), varying, fetches ? ahead : nullptr);
}

void BlockProgram::compute(const Step& step, int64_t n) {
  if (step.op >= kFirstUpdate) return update(static_cast<Update>(step.op - kFirstUpdate), n);
  const Slot &a = slots_[step.a], &b = slots_[step.b], &c = slots_[step.c], &d = slots_[step.d];
  kernels_.compute[step.op](slots_[step.y].data, a.data, b.data, c.data, d.data, static_cast<size_t>(n),
                            uint32_t{a.varies} | uint32_t{b.varies} << 1 | uint32_t{c.varies} << 2 |
                                uint32_t{d.varies} << 3 | (slots_[step.y].streams ? kStream : 0));
}

void BlockProgram::run(const Line* inputs, const Line* outputs, int64_t n) {
  bool direct = plan_.steps.size() == 1;
  for (const PlannedInput& p : plan_.inputs) {
    const Line& x = inputs[p.input];
    Slot& slot = slots_[p.slot];
    slot = {x.data, true};
    if (x.stride == 0) {
      slot = {buffer(p.slot), false};
      kernels_.load[input_dtypes_[p.input]](slot.data, x.data, 0, static_cast<size_t>(kUniformBytes / plan_.element));
    } else if (x.stride != 1 || input_dtypes_[p.input] != compute_dtype_ || (copied_inputs_ >> p.input & 1)) {
      slot.data = buffer(p.slot);
      direct = false;
    }
  }
  for (const PlannedOutput& p : plan_.outputs) {
    const Line& y = outputs[p.output];
    if (p.computed && y.stride == 1 && output_dtypes_[p.output] == compute_dtype_) {
      slots_[p.slot].data = y.data;
      slots_[p.slot].streams = (streamed_ >> p.output & 1) && reinterpret_cast<uintptr_t>(y.data) % kUniformBytes == 0;
    } else {
      if (p.computed) slots_[p.slot].data = buffer(p.slot);
      direct = false;
    }
  }
  if (direct) {  // one kernel from operands to output leaves nothing to keep in the cache
    compute(plan_.steps[0], n);
    return;
  }
  for (int64_t begin = 0; begin < n; begin += block_) run_block(inputs, outputs, begin, std::min(block_, n - begin), n);
}

void BlockProgram::run_block(const Line* inputs, const Line* outputs, int64_t begin, int64_t n, int64_t total) {
  for (const PlannedInput& p : plan_.inputs) {
    const Line& x = inputs[p.input];
    if (x.stride == 0) continue;
    const nc_dtype dtype = input_dtypes_[p.input];
    char* first = x.data + begin * x.stride * dtype_size(dtype);
    if (x.stride == 1 && dtype == compute_dtype_ && !(copied_inputs_ >> p.input & 1)) {
      slots_[p.slot].data = first;
    } else {
      kernels_.load[dtype](slots_[p.slot].data, first, x.stride, static_cast<size_t>(n));
    }
  }
  for (const PlannedOutput& p : plan_.outputs) {
    const Line& y = outputs[p.output];
    if (p.computed && y.stride == 1 && output_dtypes_[p.output] == compute_dtype_) {
      slots_[p.slot].data = y.data + begin * plan_.element;
    }
  }
  const int64_t ahead = std::min(block_, total - begin - n) * plan_.element;
  const int64_t share =
      ahead > 0 && plan_.fetches ? (ahead / static_cast<int64_t>(plan_.steps.size()) + 127) / 64 * 64 : 0;
  int64_t fetched = 0;
  for (const Step& step : plan_.steps) {
    compute(step, n);
    // The next block's memory arrives while this one is computed.
    const int64_t end = std::min(ahead, fetched + share);
    for (const PlannedInput& p : plan_.inputs) {
      if (inputs[p.input].stride != 1) continue;
      const char* next = inputs[p.input].data + (begin + n) * plan_.element;
      for (int64_t at = fetched; at < end; at += 64) __builtin_prefetch(next + at);
    }
    fetched = end;
  }
  for (const PlannedOutput& p : plan_.outputs) {
    const Line& y = outputs[p.output];
    const nc_dtype dtype = output_dtypes_[p.output];
    const Slot& value = slots_[p.slot];
    char* first = y.data + begin * y.stride * dtype_size(dtype);
    if (value.data == first) continue;  // computed in place
    kernels_.store[dtype](first, y.stride, value.data, static_cast<size_t>(n), value.varies);
  }
}

}  // namespace nc::cpu
