// Reductions in plain loops.
#include <vector>

#include "core/backend.hpp"
#include "core/denormals.hpp"
#include "cpu/reference/program.hpp"

namespace nc::cpu::reference {
namespace {

// Sums of float run in double, so that the oracle's own error does not count; integers wrap.
template <class T>
struct Accumulator {
  using Sum = std::conditional_t<std::is_same_v<T, float>, double, T>;
  Sum total;
  int64_t position = 0;
  int64_t count = 0;

  explicit Accumulator(int32_t reduction) : total(reduction == NC_REDUCE_PROD ? 1 : 0) {}

  void add(int32_t reduction, T value) {
    const Sum x = value;
    switch (reduction) {
      case NC_REDUCE_SUM:
      case NC_REDUCE_MEAN:
        total = compute<Sum>(NC_OP_ADD, total, x, 0);
        break;
      case NC_REDUCE_PROD:
        total = compute<Sum>(NC_OP_MULTIPLY, total, x, 0);
        break;
      case NC_REDUCE_MIN:
      case NC_REDUCE_MAX:
        total = count == 0 ? x : compute<Sum>(reduction == NC_REDUCE_MIN ? NC_OP_MINIMUM : NC_OP_MAXIMUM, total, x, 0);
        break;
      default:
        if (count == 0 || (total == total && (x != x || (reduction == NC_REDUCE_ARGMIN ? x < total : x > total)))) {
          total = x;
          position = count;
        }
    }
    count++;
  }

  void store(int32_t reduction, const nc_tensor& y, int64_t index) const {
    char* p = const_cast<char*>(element(y, index));
    if (reduction == NC_REDUCE_ARGMIN || reduction == NC_REDUCE_ARGMAX) {
      store_element<int64_t>(y.dtype, p, position);
    } else if (reduction == NC_REDUCE_MEAN) {
      store_element<T>(y.dtype, p, static_cast<T>(total / static_cast<Sum>(count)));
    } else {
      store_element<T>(y.dtype, p, static_cast<T>(total));
    }
  }
};

template <class T>
void run(int32_t reduction, const nc_program& program, const nc_tensor* inputs, const nc_scalar* parameters,
         const nc_tensor* outputs) {
  std::array<T, NC_PROGRAM_MAX_INSTRUCTIONS> values;
  const nc_tensor& y = outputs[0];
  const int64_t n = size_of(inputs[0]), m = size_of(y);
  std::vector<Accumulator<T>> accumulators(static_cast<size_t>(m) * program.outputs, Accumulator<T>(reduction));
  for (int64_t index = 0; index < n; index++) {
    evaluate(program, inputs, parameters, index, values);
    int64_t rest = index, target = 0, step = 1;
    for (int32_t i = y.ndim - 1; i >= 0; i--) {
      if (y.shape[i] != 1) target += rest % inputs[0].shape[i] * step;
      rest /= inputs[0].shape[i];
      step *= y.shape[i];
    }
    for (size_t k = 0; k < program.code.size(); k++) {
      if (program.code[k].op == NC_OP_STORE) accumulators[program.code[k].b * m + target].add(reduction, values[k]);
    }
  }
  for (int32_t k = 0; k < program.outputs; k++) {
    for (int64_t index = 0; index < m; index++) accumulators[k * m + index].store(reduction, outputs[k], index);
  }
}

nc_status reduce(void*, int32_t reduction, const nc_program* program, const nc_tensor* inputs, int32_t,
                 const nc_scalar* parameters, const nc_tensor* outputs) {
  const FlushDenormals flush((program->flags & NC_PROGRAM_FLUSH_DENORMALS) != 0);
  if (program->compute_dtype == NC_FLOAT32) {
    run<float>(reduction, *program, inputs, parameters, outputs);
  } else if (program->compute_dtype == NC_FLOAT64) {
    run<double>(reduction, *program, inputs, parameters, outputs);
  } else {
    run<int64_t>(reduction, *program, inputs, parameters, outputs);
  }
  return NC_OK;
}

}  // namespace

void register_reduce(nc_backend& backend) { backend.reduce = reduce; }

}  // namespace nc::cpu::reference
