// Programs in plain loops.
#include "cpu/reference/program.hpp"

#include "core/backend.hpp"
#include "core/denormals.hpp"

namespace nc::cpu::reference {
namespace {

template <class T>
void run(const nc_program& program, const nc_tensor* inputs, const nc_scalar* parameters, const nc_tensor* outputs) {
  std::array<T, NC_PROGRAM_MAX_INSTRUCTIONS> values;
  const int64_t n = size_of(outputs[0]);
  for (int64_t index = 0; index < n; index++) {
    evaluate(program, inputs, parameters, index, values);
    for (size_t k = 0; k < program.code.size(); k++) {
      const nc_instruction& i = program.code[k];
      if (i.op != NC_OP_STORE) continue;
      store_element(outputs[i.b].dtype, const_cast<char*>(element(outputs[i.b], index)), values[k]);
    }
  }
}

nc_status program_run(void*, const nc_program* program, int32_t count, const nc_tensor* inputs,
                      const nc_scalar* parameters, const nc_tensor* outputs) {
  const FlushDenormals flush((program->flags & NC_PROGRAM_FLUSH_DENORMALS) != 0);
  for (int32_t i = 0; i < count; i++) {
    if (program->compute_dtype == NC_FLOAT32) {
      run<float>(*program, inputs, parameters, outputs);
    } else if (program->compute_dtype == NC_FLOAT64) {
      run<double>(*program, inputs, parameters, outputs);
    } else {
      run<int64_t>(*program, inputs, parameters, outputs);
    }
    inputs += program->inputs;
    parameters += program->parameters;
    outputs += program->outputs;
  }
  return NC_OK;
}

}  // namespace

void register_program(nc_backend& backend) { backend.program_run = program_run; }

}  // namespace nc::cpu::reference
