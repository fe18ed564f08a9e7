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

  const int last = axes.ndim - 1;
  const auto tensor = [&](int k) -> const nc_tensor& { return k < program.inputs ? inputs[k] : outputs[k - program.inputs]; };
  const int tensors = program.inputs + program.outputs;
  int64_t items = 1;
  for (int k = 0; k < tensors; k++)
    if (axes.strides[k][last] == 1 && item_size(tensor(k).dtype) > items) items = item_size(tensor(k).dtype);
  Form form;
  form.narrow = arguments.size <= kNarrow;
  form.vector = widest_vector(items, axes.shape[last], axes.ndim == 1, [&](int vector) {
    for (int k = 0; k < tensors; k++)
      if (!fits_vector(tensor(k), vector, &axes.strides[k][last], {&axes.strides[k]})) return false;
    return true;
  });
  if (form.vector > 1)
    for (int k = 0; k < program.inputs; k++) form.repeats.push_back(axes.strides[k][last] == 0);

  const std::vector<int> in = dtypes_of(inputs, program.inputs), out = dtypes_of(outputs, program.outputs);
  const std::string key = signature("run", in, out) + "/" + std::to_string(axes.ndim) + "/" + std::to_string(s.device_id) + form_text(form);
  const Kernels& kernels = KernelCache::of(program).get(s, key, {"run"}, [&] { return run_source(program, in, out, axes.ndim, form); });
  const int64_t of_block = int64_t{kThreads} * elements_of_thread(form, program.inputs);
  launch(s, kernels.functions[0], grid_for(arguments.size, of_block), 1, arguments);
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
