// Programs on the CPU: axes merged, cut into chunks, run block by block.
#include <algorithm>
#include <bit>
#include <cstdlib>
#include <memory>
#include <optional>

#include "core/denormals.hpp"
#include "core/tensor.hpp"
#include "core/thread_pool.hpp"
#include "cpu/block_program.hpp"
#include "cpu/line_walk.hpp"
#include "cpu/stream.hpp"

namespace nc::cpu {
namespace {

// Elements of a chunk: enough to outweigh the hand-over to a thread, few enough that two threads share evenly. The
// longer the program, the fewer they are.
int64_t chunk_of(const ProgramPlan& plan) { return plan.work < 8 ? 32768 : plan.work < 16 ? 16384 : 8192; }

// The same of a call of so many elements. A large one's threads meet less often: where a chunk ends, what was fetched
// ahead is another's. A smaller one is cut evenly, into as many chunks as two and four threads share evenly.
int64_t chunk_of(const nc_program& program, int64_t elements) {
  constexpr int64_t kLarge = 1 << 20, kAlign = 64;
  const int64_t most = chunk_of(plan_of(program));
  if (elements >= kLarge) return 4 * most;
  int64_t chunks = std::max<int64_t>(1, (elements + most - 1) / most);
  if (chunks > 1) chunks = chunks == 2 ? 2 : (chunks + 3) / 4 * 4;
  return ((elements + chunks - 1) / chunks + kAlign - 1) / kAlign * kAlign;
}

constexpr int kMaxOperands = NC_PROGRAM_MAX_INPUTS + NC_PROGRAM_MAX_OUTPUTS;

// One tuple of tensors, ready to run. Its operands are the inputs, then the outputs.
struct Job {
  const nc_scalar* parameters;
  int64_t size;
  int64_t first_chunk;  // of all chunks of the call
  uint32_t copied_inputs;
  uint32_t streamed_outputs;
  int64_t lead;  // elements that the first chunk falls short of the others, so that those begin at a cache line
  nc_dtype dtypes[kMaxOperands];
  Walk<kMaxOperands> walk;
};

// Inputs that are an output's memory and still read once it has been written.
uint32_t copied_inputs(const nc_program& program, const nc_tensor* inputs, const nc_tensor* outputs) {
  const ProgramPlan& plan = plan_of(program);
  uint32_t copied = 0;
  for (const PlannedOutput& y : plan.outputs) {
    if (y.late_inputs == 0) continue;
    for (const PlannedInput& x : plan.inputs) {
      if (data(inputs[x.input]) == data(outputs[y.output])) copied |= y.late_inputs & 1u << x.input;
    }
  }
  return copied;
}

// Outputs that are written past the caches: dense, of the compute dtype, and no input's memory.
uint32_t streamed_outputs(const nc_program& program, const nc_tensor* inputs, const nc_tensor* outputs) {
  const int64_t size = size_of(outputs[0]);
  int64_t nbytes = 0;
  for (int32_t k = 0; k < program.inputs; k++) {
    if (is_contiguous(inputs[k])) nbytes += size * dtype_size(inputs[k].dtype);
  }
  for (int32_t k = 0; k < program.outputs; k++) nbytes += size * dtype_size(outputs[k].dtype);
  if (!streams(nbytes)) return 0;
  uint32_t streamed = 0;
  for (const PlannedOutput& p : plan_of(program).outputs) {
    const nc_tensor& y = outputs[p.output];
    bool apart = p.streams && is_contiguous(y) && y.dtype == program.compute_dtype;
    for (int32_t k = 0; k < program.inputs; k++) apart = apart && data(inputs[k]) != data(y);
    if (apart) streamed |= 1u << p.output;
  }
  return streamed;
}

void prepare(const nc_program& program, const nc_tensor* inputs, const nc_scalar* parameters, const nc_tensor* outputs,
             Job& job) {
  job.parameters = parameters;
  job.size = size_of(outputs[0]);
  job.copied_inputs = copied_inputs(program, inputs, outputs);
  const nc_tensor* operands[kMaxOperands];
  for (int32_t k = 0; k < program.inputs; k++) operands[k] = &inputs[k];
  for (int32_t k = 0; k < program.outputs; k++) operands[program.inputs + k] = &outputs[k];
  const int32_t n = program.inputs + program.outputs;
  for (int32_t k = 0; k < n; k++) job.dtypes[k] = operands[k]->dtype;
  job.walk.set(operands, n, program.inputs);
  job.streamed_outputs = streamed_outputs(program, inputs, outputs);
  job.lead = 0;
  if (job.streamed_outputs) {
    const int32_t y = std::countr_zero(job.streamed_outputs);
    const int64_t item = dtype_size(outputs[y].dtype);
    job.lead = static_cast<int64_t>(reinterpret_cast<uintptr_t>(data(outputs[y])) % kLineBytes) / item;
  }
}

int64_t chunks_of(const Job& job, int64_t chunk_size) { return (job.size + job.lead + chunk_size - 1) / chunk_size; }

// A program of one step, from contiguous operands of the compute dtype to an output of it: its kernel and nothing else.
bool run_step(const ProgramKernels& kernels, const nc_program& program, const ProgramPlan& plan,
              const nc_tensor* inputs, const nc_tensor* outputs, int64_t size) {
  if (plan.steps.size() != 1 || plan.outputs.size() != 1 || plan.first_uniform != plan.first_input) return false;
  const PlannedOutput& y = plan.outputs[0];
  const nc_tensor& result = outputs[y.output];
  if (!y.computed || y.late_inputs != 0 || result.dtype != program.compute_dtype || !is_contiguous(result))
    return false;
  for (const PlannedInput& p : plan.inputs) {
    const nc_tensor& x = inputs[p.input];
    if (x.dtype != program.compute_dtype || !is_contiguous(x)) return false;
  }
  std::optional<FlushDenormals> flush;
  if (program.flags & NC_PROGRAM_FLUSH_DENORMALS) flush.emplace();
  const Step& step = plan.steps[0];
  // Slots are the constants and then the inputs; operands that the step does not have are slot 0.
  const auto operand = [&](int16_t slot) {
    return slot < plan.first_input
               ? plan.constants[static_cast<size_t>(slot)].data()
               : data<const char>(inputs[plan.inputs[static_cast<size_t>(slot - plan.first_input)].input]);
  };
  const auto varies = [&](int16_t slot) { return uint32_t{slot >= plan.first_input}; };
  kernels.of(program.compute_dtype)
      .compute[step.op](data<char>(result), operand(step.a), operand(step.b), operand(step.c), operand(step.d),
                        static_cast<size_t>(size),
                        varies(step.a) | varies(step.b) << 1 | varies(step.c) << 2 | varies(step.d) << 3);
  return true;
}

// Contiguous operands of no more than a chunk, with none of a job's preparations: small arrays live from this.
bool run_small(const ProgramKernels& kernels, const nc_program& program, const nc_tensor* inputs,
               const nc_scalar* parameters, const nc_tensor* outputs) {
  const int64_t size = size_of(outputs[0]);
  const ProgramPlan& plan = plan_of(program);
  if (size > chunk_of(plan)) return false;
  if (run_step(kernels, program, plan, inputs, outputs, size)) return true;
  Line lines[kMaxOperands];
  nc_dtype dtypes[kMaxOperands];
  const auto take = [&](const nc_tensor& t, int32_t k) {
    lines[k] = {data<char>(t), 1};
    dtypes[k] = t.dtype;
    return is_contiguous(t);
  };
  for (int32_t k = 0; k < program.inputs; k++) {
    if (!take(inputs[k], k)) return false;
  }
  for (int32_t k = 0; k < program.outputs; k++) {
    if (!take(outputs[k], program.inputs + k)) return false;
  }
  std::optional<FlushDenormals> flush;
  if (program.flags & NC_PROGRAM_FLUSH_DENORMALS) flush.emplace();
  BlockProgram(kernels, program, parameters, dtypes, dtypes + program.inputs, copied_inputs(program, inputs, outputs),
               size)
      .run(lines, lines + program.inputs, size);
  return true;
}

void run_chunk(const ProgramKernels& kernels, const nc_program& program, const Job& job, int64_t chunk,
               int64_t chunk_size) {
  const int64_t begin = std::max<int64_t>(0, chunk * chunk_size - job.lead);
  const int64_t end = std::min(job.size, (chunk + 1) * chunk_size - job.lead);
  std::optional<FlushDenormals> flush;
  if (program.flags & NC_PROGRAM_FLUSH_DENORMALS) flush.emplace();
  BlockProgram block(kernels, program, job.parameters, job.dtypes, job.dtypes + program.inputs, job.copied_inputs,
                     std::min(end - begin, job.walk.line()));
  block.stream(job.streamed_outputs);
  job.walk.lines(begin, end,
                 [&](const Line* operands, int64_t n) { block.run(operands, operands + program.inputs, n); });
  if (job.streamed_outputs) finish_stream();
}

void run(const ProgramKernels& kernels, const nc_program& program, int32_t count, const nc_tensor* inputs,
         const nc_scalar* parameters, const nc_tensor* outputs) {
  if (count == 1 && run_small(kernels, program, inputs, parameters, outputs)) return;
  int64_t elements = 0;
  for (int32_t i = 0; i < count; i++) elements += size_of(outputs[int64_t{i} * program.outputs]);
  const int64_t chunk_size = chunk_of(program, elements);
  if (count == 1) {
    Job job;
    prepare(program, inputs, parameters, outputs, job);
    parallel_for(chunks_of(job, chunk_size),
                 [&](int64_t chunk) { run_chunk(kernels, program, job, chunk, chunk_size); });
    return;
  }
  const std::unique_ptr<Job[]> jobs(new Job[static_cast<size_t>(count)]);
  int64_t chunks = 0;
  for (int32_t i = 0; i < count; i++) {
    prepare(program, inputs + int64_t{i} * program.inputs,
            parameters ? parameters + int64_t{i} * program.parameters : nullptr, outputs + int64_t{i} * program.outputs,
            jobs[i]);
    jobs[i].first_chunk = chunks;
    chunks += chunks_of(jobs[i], chunk_size);
  }
  parallel_for(chunks, [&](int64_t chunk) {
    // The last tuple that begins at or before the chunk; empty ones begin where the next does.
    const Job* job = std::upper_bound(jobs.get(), jobs.get() + count, chunk,
                                      [](int64_t c, const Job& j) { return c < j.first_chunk; }) -
                     1;
    run_chunk(kernels, program, *job, chunk - job->first_chunk, chunk_size);
  });
}

template <Isa kIsa>
nc_status program_run(void*, const nc_program* program, int32_t count, const nc_tensor* inputs,
                      const nc_scalar* parameters, const nc_tensor* outputs) {
  run(program_kernels(kIsa), *program, count, inputs, parameters, outputs);
  return NC_OK;
}

}  // namespace

void register_program(nc_backend& table, Isa isa) {
  with_isa(isa, [&](auto constant) { table.program_run = program_run<decltype(constant)::value>; });
}

}  // namespace nc::cpu
