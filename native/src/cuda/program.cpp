// Elementwise programs: one generated kernel for each signature.
#include "cuda/arguments.hpp"
#include "cuda/kernels.hpp"

namespace nc::cuda {

void run_program(State& s, const nc_program& program, const nc_tensor* inputs, const nc_scalar* parameters,
                 const nc_tensor* outputs) {
  RunArguments arguments{};
  arguments.size = size_of(outputs[0]);
  if (arguments.size == 0) return;

  std::vector<const int64_t*> strides;
  for (int k = 0; k < program.inputs; k++) strides.push_back(inputs[k].strides);
  for (int k = 0; k < program.outputs; k++) strides.push_back(outputs[k].strides);
  const Axes axes = coalesce(outputs[0].ndim, outputs[0].shape, strides);
  for (int d = 0; d < axes.ndim; d++) arguments.shape[d] = axes.shape[d];
  const auto fill = [&](TensorArgument& argument, const nc_tensor& t, size_t k) {
    argument.data = data_of(t);
    for (int d = 0; d < axes.ndim; d++) argument.strides[d] = axes.strides[k][d];
  };
  for (int k = 0; k < program.inputs; k++) fill(arguments.inputs[k], inputs[k], k);
  for (int k = 0; k < program.outputs; k++) fill(arguments.outputs[k], outputs[k], program.inputs + k);
  fill_parameters(arguments.parameters, parameters, program.parameters);

  const std::vector<int> in = dtypes_of(inputs, program.inputs), out = dtypes_of(outputs, program.outputs);
  const std::string key = signature("run", in, out) + "/" + std::to_string(axes.ndim) + "/" + std::to_string(s.device_id);
  const Kernels& kernels = KernelCache::of(program).get(s, key, {"run"}, [&] { return run_source(program, in, out, axes.ndim); });
  launch(s, kernels.functions[0], blocks_for(s, arguments.size, kThreads), 1, arguments);
}

nc_status program_run(void* state, const nc_program* program, int32_t count, const nc_tensor* inputs,
                      const nc_scalar* parameters, const nc_tensor* outputs) {
  return guard([&] {
    State& s = enter(state);
    for (int32_t k = 0; k < count; k++)
      run_program(s, *program, inputs + int64_t{k} * program->inputs, parameters + int64_t{k} * program->parameters,
              outputs + int64_t{k} * program->outputs);
  });
}

}  // namespace nc::cuda
