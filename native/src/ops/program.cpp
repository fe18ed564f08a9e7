// Elementwise programs: creation, the checks of a run, one table slot.
#include "ops/program.hpp"

#include <algorithm>
#include <memory>
#include <vector>

#include "core/operation.hpp"

namespace nc {
namespace {

void check_count(const char* name, int32_t value, int32_t low, int32_t high) {
  if (value < low || value > high) fail(NC_INVALID_ARGUMENT, "%s is %d, not within [%d, %d]", name, value, low, high);
}

void check_value(const std::vector<nc_instruction>& code, int32_t k, const char* operand, int32_t value) {
  const char* name = operation(code[k].op).name;
  if (value < 0 || value >= k) {
    fail(NC_INVALID_ARGUMENT, "code[%d] (%s): %s is %d, not an earlier instruction", k, name, operand, value);
  }
  if (code[value].op == NC_OP_STORE) {
    fail(NC_INVALID_ARGUMENT, "code[%d] (%s): %s is %d, a store, which defines no value", k, name, operand, value);
  }
}

void check_index(int32_t k, const char* name, const char* what, int32_t value, int32_t count) {
  if (value < 0 || value >= count) {
    fail(NC_INVALID_ARGUMENT, "code[%d] (%s): %s %d of a program with %d", k, name, what, value, count);
  }
}

void check_code(const nc_program& p) {
  int32_t stores[NC_PROGRAM_MAX_OUTPUTS] = {};
  for (int32_t k = 0; k < static_cast<int32_t>(p.code.size()); k++) {
    const nc_instruction& i = p.code[k];
    const Operation o = operation(i.op);
    if (!o.name) fail(NC_INVALID_ARGUMENT, "code[%d]: no operation has the code %d", k, i.op);
    if ((o.floating && p.compute_dtype == NC_INT64) || (o.integer && p.compute_dtype != NC_INT64)) {
      fail(NC_INVALID_DTYPE, "code[%d]: %s does not compute in %s", k, o.name, nc_dtype_name(p.compute_dtype));
    }
    if (o.values > 0) check_value(p.code, k, "a", i.a);
    if (o.values > 1) check_value(p.code, k, "b", i.b);
    if (o.values > 2) check_value(p.code, k, "c", i.c);
    if (i.op == NC_OP_LOAD) check_index(k, o.name, "input", i.a, p.inputs);
    if (i.op == NC_OP_PARAMETER) check_index(k, o.name, "parameter", i.a, p.parameters);
    if (i.op == NC_OP_STORE) {
      check_index(k, o.name, "output", i.b, p.outputs);
      if (stores[i.b]++) fail(NC_INVALID_ARGUMENT, "code[%d] (store): output %d is stored twice", k, i.b);
    }
  }
  for (int32_t k = 0; k < p.outputs; k++) {
    if (!stores[k]) fail(NC_INVALID_ARGUMENT, "output %d is never stored", k);
  }
}

bool blocks_apart(const nc_tensor& x, const nc_tensor& y) {
  const auto block_x = reinterpret_cast<intptr_t>(x.base), block_y = reinterpret_cast<intptr_t>(y.base);
  return block_x + x.nbytes <= block_y || block_y + y.nbytes <= block_x;
}

// What nearly every call passes: plain operands of one shape, each in a block of its own or an input that is an
// output's view. There is nothing to refuse or to broadcast in such a call; of another, this says nothing.
bool is_plain_call(const nc_context* ctx, const nc_program& p, const nc_tensor* inputs, const nc_tensor* outputs) {
  if (!is_plain(ctx, outputs[0])) return false;
  const int64_t n = size_of(outputs[0]);
  for (int32_t j = 1; j < p.outputs; j++) {
    if (!is_plain_as(outputs[j], outputs[0], n)) return false;
    for (int32_t k = 0; k < j; k++) {
      if (!blocks_apart(outputs[k], outputs[j])) return false;
    }
  }
  for (int32_t k = 0; k < p.inputs; k++) {
    const nc_tensor& x = inputs[k];
    if (!is_plain_as(x, outputs[0], n)) return false;
    for (int32_t j = 0; j < p.outputs; j++) {
      if (!blocks_apart(x, outputs[j]) && (data(x) != data(outputs[j]) || x.dtype != outputs[j].dtype)) return false;
    }
  }
  return true;
}

// Checks one tuple. Gives its inputs in the outputs' shape: as they are where all have it, else broadcast in `buffer`.
const nc_tensor* check_call(const nc_context* ctx, const nc_program& p, const nc_tensor* inputs,
                            const nc_tensor* outputs, nc_tensor* buffer) {
  for (int32_t k = 0; k < p.outputs; k++) {
    check_output(ctx, output_name(k), &outputs[k]);
    for (int32_t j = 0; j < k; j++) {
      check_same_shape(output_name(j), outputs[j], output_name(k), outputs[k]);
      check_overlap(output_name(j), outputs[j], output_name(k), outputs[k], Aliasing::none);
    }
  }
  bool same = true;
  for (int32_t k = 0; k < p.inputs; k++) {
    check_tensor(ctx, input_name(k), &inputs[k]);
    same = same && same_shape(inputs[k], outputs[0]);
  }
  if (!same) {
    for (int32_t k = 0; k < p.inputs; k++) {
      buffer[k] = broadcast_to(input_name(k), inputs[k], outputs[0].ndim, outputs[0].shape);
    }
    inputs = buffer;
  }
  for (int32_t k = 0; k < p.inputs; k++) {
    for (int32_t j = 0; j < p.outputs; j++) {
      check_overlap(input_name(k), inputs[k], output_name(j), outputs[j], Aliasing::exact);
    }
  }
  return inputs;
}

void check_arrays(const nc_context* ctx, const nc_program* program, const nc_tensor* inputs, const nc_tensor* outputs) {
  check_not_null("context", ctx);
  check_not_null("program", program);
  if (program->inputs > 0) check_not_null("inputs", inputs);
  check_not_null("outputs", outputs);
}

// The bytes that a view spans, for the search for overlaps between tuples.
struct Span {
  uintptr_t begin, end;
  const nc_tensor* tensor;
  int32_t tuple;
  bool output;
  std::string name() const {
    return std::string(output ? "an output" : "an input") + " of tuple " + std::to_string(tuple);
  }
};

Span span_of(const nc_tensor& t, int32_t tuple, bool output) {
  int64_t low = 0, high = 0;
  for (int32_t i = 0; i < t.ndim; i++) (t.strides[i] < 0 ? low : high) += (t.shape[i] - 1) * t.strides[i];
  const auto first = reinterpret_cast<uintptr_t>(data(t));
  const int64_t item = dtype_size(t.dtype);
  return {first + static_cast<uintptr_t>(low * item), first + static_cast<uintptr_t>((high + 1) * item), &t, tuple,
          output};
}

// No tuple writes what another reads or writes.
void check_tuples_apart(const nc_program& p, int32_t count, const nc_tensor* inputs, const nc_scalar* parameters,
                        const nc_tensor* outputs) {
  std::vector<Span> spans;
  spans.reserve(static_cast<size_t>(count) * (p.inputs + p.outputs));
  const auto add = [&spans](const nc_tensor& t, int32_t tuple, bool output) {
    if (size_of(t) > 0) spans.push_back(span_of(t, tuple, output));
  };
  for (int32_t i = 0; i < count; i++) {
    for (int32_t k = 0; k < p.inputs; k++) add(*inputs++, i, false);
    for (int32_t k = 0; k < p.outputs; k++) add(*outputs++, i, true);
    for (int32_t k = 0; k < p.parameters; k++, parameters++) {
      if (parameters->tensor) add(*parameters->tensor, i, false);
    }
  }
  std::sort(spans.begin(), spans.end(), [](const Span& a, const Span& b) { return a.begin < b.begin; });
  for (size_t i = 0; i < spans.size(); i++) {
    for (size_t j = i + 1; j < spans.size() && spans[j].begin < spans[i].end; j++) {
      const Span &x = spans[i].output ? spans[j] : spans[i], &y = spans[i].output ? spans[i] : spans[j];
      if (x.tuple == y.tuple || !y.output) continue;
      check_overlap(x.name().c_str(), *x.tensor, y.name().c_str(), *y.tensor, Aliasing::none);
    }
  }
}

nc_program make_identity(nc_dtype compute_dtype) {
  return {.code = {{NC_OP_LOAD, 0, 0, 0, 0, 0}, {NC_OP_STORE, 0, 0, 0, 0, 0}},
          .inputs = 1,
          .outputs = 1,
          .compute_dtype = compute_dtype};
}

}  // namespace

const char* input_name(int32_t index) {
  static constexpr const char* names[NC_PROGRAM_MAX_INPUTS] = {
      "inputs[0]", "inputs[1]", "inputs[2]",  "inputs[3]",  "inputs[4]",  "inputs[5]",  "inputs[6]",  "inputs[7]",
      "inputs[8]", "inputs[9]", "inputs[10]", "inputs[11]", "inputs[12]", "inputs[13]", "inputs[14]", "inputs[15]"};
  return names[index];
}

const char* output_name(int32_t index) {
  static constexpr const char* names[NC_PROGRAM_MAX_OUTPUTS] = {"outputs[0]", "outputs[1]", "outputs[2]", "outputs[3]",
                                                                "outputs[4]", "outputs[5]", "outputs[6]", "outputs[7]"};
  return names[index];
}

void check_parameters(const nc_context* ctx, const nc_program& program, const nc_scalar* parameters,
                      const nc_tensor* outputs, int32_t n_outputs) {
  if (program.parameters == 0) return;
  check_not_null("parameters", parameters);
  for (int32_t k = 0; k < program.parameters; k++) {
    if (!parameters[k].tensor) continue;
    const std::string name = "parameters[" + std::to_string(k) + "]";
    check_tensor(ctx, name.c_str(), parameters[k].tensor);
    if (size_of(*parameters[k].tensor) == 0) fail(NC_INVALID_SHAPE, "%s has no element", name.c_str());
    for (int32_t j = 0; j < n_outputs; j++) {
      check_overlap(name.c_str(), *parameters[k].tensor, output_name(j), outputs[j], Aliasing::none);
    }
  }
}

void check_epilogue(const nc_context* ctx, const nc_program* program, const nc_tensor* extras,
                    const nc_scalar* parameters, const nc_tensor& y, nc_tensor* full) {
  if (!program) return;
  if (program->inputs < 1 || program->outputs != 1)
    fail(NC_INVALID_ARGUMENT, "program: needs one output and at least one input, has %d and %d", program->outputs,
         program->inputs);
  if (program->inputs > 1) check_not_null("extras", extras);
  for (int32_t i = 0; i + 1 < program->inputs; i++) {
    const std::string name = "extras[" + std::to_string(i) + "]";
    check_tensor(ctx, name.c_str(), &extras[i]);
    check_overlap(name.c_str(), extras[i], "y", y, Aliasing::exact);
    full[i] = broadcast_to(name.c_str(), extras[i], y.ndim, y.shape);
  }
  check_parameters(ctx, *program, parameters, &y, 1);
}

const nc_program& identity_program(nc_dtype compute_dtype) {
  static const nc_program f32 = make_identity(NC_FLOAT32), f64 = make_identity(NC_FLOAT64),
                          i64 = make_identity(NC_INT64);
  return compute_dtype == NC_FLOAT32 ? f32 : compute_dtype == NC_FLOAT64 ? f64 : i64;
}

}  // namespace nc

using namespace nc;

nc_status nc_program_create(const nc_instruction* code, int32_t count, int32_t inputs, int32_t parameters,
                            int32_t outputs, int32_t compute_dtype, int32_t flags, nc_program** program) {
  return guard("nc_program_create", [&] {
    check_not_null("code", code);
    check_not_null("program", program);
    check_count("count", count, 1, NC_PROGRAM_MAX_INSTRUCTIONS);
    check_count("inputs", inputs, 0, NC_PROGRAM_MAX_INPUTS);
    check_count("parameters", parameters, 0, NC_PROGRAM_MAX_PARAMETERS);
    check_count("outputs", outputs, 1, NC_PROGRAM_MAX_OUTPUTS);
    if (compute_dtype != NC_FLOAT32 && compute_dtype != NC_FLOAT64 && compute_dtype != NC_INT64) {
      fail(NC_INVALID_DTYPE, "compute_dtype is %s, not float32, float64 or int64", nc_dtype_name(compute_dtype));
    }
    if (flags & ~NC_PROGRAM_FLUSH_DENORMALS) fail(NC_INVALID_ARGUMENT, "flags is %d, which has unknown bits", flags);
    if ((flags & NC_PROGRAM_FLUSH_DENORMALS) && compute_dtype != NC_FLOAT32) {
      fail(NC_INVALID_DTYPE, "flags asks to flush denormals, which a program in %s does not",
           nc_dtype_name(compute_dtype));
    }
    auto p = std::make_unique<nc_program>();
    p->code.assign(code, code + count);
    p->inputs = inputs;
    p->parameters = parameters;
    p->outputs = outputs;
    p->compute_dtype = compute_dtype;
    p->flags = flags;
    check_code(*p);
    *program = p.release();
  });
}

nc_status nc_program_destroy(nc_program* program) {
  return guard("nc_program_destroy", [&] { delete program; });
}

nc_status nc_program_run(nc_context* context, const nc_program* program, const nc_tensor* inputs,
                         const nc_scalar* parameters, const nc_tensor* outputs) {
  return guard("nc_program_run", [&] {
    check_arrays(context, program, inputs, outputs);
    nc_tensor broadcast[NC_PROGRAM_MAX_INPUTS];
    if (!is_plain_call(context, *program, inputs, outputs))
      inputs = check_call(context, *program, inputs, outputs, broadcast);
    check_parameters(context, *program, parameters, outputs, program->outputs);
    if (size_of(outputs[0]) == 0) return;
    NC_CALL(context, program_run, outputs[0].dtype, context->state, program, 1, inputs, parameters, outputs);
  });
}

nc_status nc_program_run_many(nc_context* context, const nc_program* program, int32_t count, const nc_tensor* inputs,
                              const nc_scalar* parameters, const nc_tensor* outputs) {
  return guard("nc_program_run_many", [&] {
    if (count < 0) fail(NC_INVALID_ARGUMENT, "count is %d", count);
    if (count == 0) return;
    check_arrays(context, program, inputs, outputs);
    const nc_program& p = *program;
    std::vector<nc_tensor> broadcast(static_cast<size_t>(count) * p.inputs);
    for (int64_t i = 0; i < count; i++) {
      try {
        nc_tensor* buffer = broadcast.data() + i * p.inputs;
        const nc_tensor* checked = check_call(context, p, inputs + i * p.inputs, outputs + i * p.outputs, buffer);
        if (checked != buffer) std::copy_n(checked, p.inputs, buffer);
        if (p.parameters > 0) {
          check_not_null("parameters", parameters);
          check_parameters(context, p, parameters + i * p.parameters, outputs + i * p.outputs, p.outputs);
        }
      } catch (const Error& e) {
        fail(e.status(), "tuple %lld: %s", static_cast<long long>(i), e.what());
      }
    }
    if (count > 1) check_tuples_apart(p, count, broadcast.data(), parameters, outputs);
    NC_CALL(context, program_run, outputs[0].dtype, context->state, program, count, broadcast.data(), parameters,
            outputs);
  });
}
