// Matrix products by three plain loops: the oracle of the fast kernels, and what runs where no vector ISA does.
#include <vector>

#include "core/backend.hpp"
#include "core/element.hpp"
#include "core/program.hpp"
#include "core/tensor.hpp"

namespace nc::cpu::reference {
namespace {

template <class T>
T multiply_add(T a, T b, T sum) {
  if constexpr (std::is_same_v<T, int64_t>) {
    // Wraps instead of overflowing.
    return static_cast<int64_t>(static_cast<uint64_t>(a) * static_cast<uint64_t>(b) + static_cast<uint64_t>(sum));
  } else {
    return a * b + sum;
  }
}

// The matrix at index `batch` of the leading axes.
nc_tensor matrix_at(const nc_tensor& t, int64_t batch) {
  nc_tensor matrix = t;
  matrix.ndim = 2;
  for (int i = t.ndim - 3; i >= 0; i--) {
    matrix.offset += batch % t.shape[i] * t.strides[i] * dtype_size(t.dtype);
    batch /= t.shape[i];
  }
  for (int i = 0; i < 2; i++) {
    matrix.shape[i] = t.shape[t.ndim - 2 + i];
    matrix.strides[i] = t.strides[t.ndim - 2 + i];
  }
  return matrix;
}

const char* element(const nc_tensor& t, int64_t i, int64_t j) {
  return data<char>(t) + (i * t.strides[0] + j * t.strides[1]) * dtype_size(t.dtype);
}

template <class T>
nc_status run(void* state, const nc_tensor& a, const nc_tensor& b, const nc_program* program, const nc_tensor* extras,
              const nc_scalar* parameters, const nc_tensor& y) {
  int64_t batches = 1;
  for (int i = 0; i < y.ndim - 2; i++) batches *= y.shape[i];
  const int64_t m = y.shape[y.ndim - 2], n = y.shape[y.ndim - 1], depth = a.shape[a.ndim - 1];
  std::vector<T> product(static_cast<size_t>(m * n));
  for (int64_t batch = 0; batch < batches; batch++) {
    const nc_tensor a2 = matrix_at(a, batch), b2 = matrix_at(b, batch), y2 = matrix_at(y, batch);
    for (int64_t i = 0; i < m; i++) {
      for (int64_t j = 0; j < n; j++) {
        T sum = 0;
        for (int64_t k = 0; k < depth; k++) {
          sum = multiply_add(load_element<T>(a.dtype, element(a2, i, k)), load_element<T>(b.dtype, element(b2, k, j)),
                             sum);
        }
        product[static_cast<size_t>(i * n + j)] = sum;
      }
    }
    if (!program) {
      for (int64_t i = 0; i < m; i++)
        for (int64_t j = 0; j < n; j++)
          store_element(y.dtype, const_cast<char*>(element(y2, i, j)), product[static_cast<size_t>(i * n + j)]);
      continue;
    }
    nc_tensor inputs[NC_PROGRAM_MAX_INPUTS];
    inputs[0] = y2;
    inputs[0].base = product.data();
    inputs[0].nbytes = m * n * static_cast<int64_t>(sizeof(T));
    inputs[0].offset = 0;
    inputs[0].dtype = compute_dtype(y.dtype);
    inputs[0].strides[0] = n;
    inputs[0].strides[1] = 1;
    for (int i = 1; i < program->inputs; i++) inputs[i] = matrix_at(extras[i - 1], batch);
    const nc_status status = backend_for(NC_CPU)->program_run(state, program, 1, inputs, parameters, &y2);
    if (status != NC_OK) return status;
  }
  return NC_OK;
}

nc_status matmul(void* state, const nc_tensor* a, const nc_tensor* b, const nc_program* program,
                 const nc_tensor* extras, const nc_scalar* parameters, const nc_tensor* y) {
  switch (compute_dtype(y->dtype)) {
    case NC_FLOAT32:
      return run<float>(state, *a, *b, program, extras, parameters, *y);
    case NC_FLOAT64:
      return run<double>(state, *a, *b, program, extras, parameters, *y);
    default:
      return run<int64_t>(state, *a, *b, program, extras, parameters, *y);
  }
}

}  // namespace

void register_matmul(nc_backend& table) { table.matmul = matmul; }

}  // namespace nc::cpu::reference
