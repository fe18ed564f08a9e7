// Seconds of the CUDA module's slots, one line a case: id, bytes moved at the least, operations, seconds. The first line is
// the card's own copy: id, bytes, 0, seconds. Ids are what benchmarks/python/torch_cuda.py answers too.
#include <cuda_runtime_api.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include "nativechain/nativechain.h"
#include "support.hpp"

namespace {

using nc::benchmarks::check;

void check(cudaError_t error) {
  if (error == cudaSuccess) return;
  std::fprintf(stderr, "%s\n", cudaGetErrorString(error));
  std::exit(1);
}

nc_context* open_device() {
  nc_context* opened = nullptr;
  check(nc_load_backend(NC_CUDA_MODULE));
  check(nc_context_create(NC_CUDA, 0, &opened));
  return opened;
}

nc_context* device() {
  static nc_context* const opened = open_device();
  return opened;
}

// C order on the device, of random numbers in [-1, 1).
struct Array {
  nc_tensor view = {};

  Array(nc_dtype dtype, const std::vector<int64_t>& shape) {
    const int64_t n = nc::benchmarks::set_shape(view, shape);
    view.nbytes = n * nc_dtype_size(dtype);
    view.device_type = NC_CUDA;
    view.dtype = dtype;
    check(nc_alloc(device(), view.nbytes, &view.base, nullptr));
    fill(n);
  }
  Array(const Array&) = delete;
  Array(Array&& other) noexcept : view(other.view) { other.view.base = nullptr; }
  ~Array() { check(nc_free(device(), view.base)); }

  // The same memory with its two axes exchanged, or with every `step`-th column of its left `columns`.
  nc_tensor transposed() const {
    nc_tensor t = view;
    std::swap(t.shape[0], t.shape[1]);
    std::swap(t.strides[0], t.strides[1]);
    return t;
  }
  nc_tensor columns(int64_t columns, int64_t step) const {
    nc_tensor t = view;
    t.shape[1] = columns / step;
    t.strides[1] = step;
    return t;
  }

 private:
  void fill(int64_t n) {
    constexpr int64_t kNumbers = 1 << 24;
    static const std::vector<float> numbers = [] {
      std::vector<float> v(kNumbers);
      for (int64_t i = 0; i < kNumbers; i++)
        v[static_cast<size_t>(i)] = static_cast<float>(static_cast<uint32_t>(static_cast<uint64_t>(i + 1) * 2654435761u) / 2147483648.0 - 1);
      return v;
    }();
    for (int64_t from = 0; from < n; from += kNumbers) {
      nc_tensor host = {}, part = view;
      host.base = const_cast<float*>(numbers.data());
      host.nbytes = kNumbers * 4;
      host.device_type = NC_CPU;
      host.dtype = NC_FLOAT32;
      host.ndim = part.ndim = 1;
      host.shape[0] = part.shape[0] = std::min(kNumbers, n - from);
      host.strides[0] = part.strides[0] = 1;
      part.offset = from * nc_dtype_size(view.dtype);
      check(nc_copy(device(), &host, &part));
    }
  }
};

// Seconds of one call: the median of 7 loops of about 10 ms. Calls are submitted one after another, and waited for together.
double seconds_of(const std::function<void(int64_t)>& call, const std::function<void()>& wait) {
  const auto loop = [&](int64_t count) {
    const auto start = std::chrono::steady_clock::now();
    for (int64_t i = 0; i < count; i++) call(i);
    wait();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  };
  loop(3);
  int64_t count = 1;
  while (loop(count) < 0.005) count *= 2;
  std::vector<double> seconds;
  for (int i = 0; i < 7; i++) seconds.push_back(loop(2 * count) / static_cast<double>(2 * count));
  std::nth_element(seconds.begin(), seconds.begin() + 3, seconds.end());
  return seconds[3];
}

void report(const std::string& id, double bytes, double operations, const std::function<void(int64_t)>& call) {
  const double seconds = seconds_of(call, [] { check(nc_context_synchronize(device())); });
  std::printf("%s\t%.0f\t%.0f\t%.9g\n", id.c_str(), bytes, operations, seconds);
  std::fflush(stdout);
}

void card_copy() {
  constexpr size_t kBytes = size_t{1} << 30;
  void *from = nullptr, *to = nullptr;
  check(cudaMalloc(&from, kBytes));
  check(cudaMalloc(&to, kBytes));
  check(cudaMemset(from, 1, kBytes));
  const double seconds = seconds_of([&](int64_t) { check(cudaMemcpyAsync(to, from, kBytes, cudaMemcpyDeviceToDevice, nullptr)); },
                                    [] { check(cudaStreamSynchronize(nullptr)); });
  check(cudaFree(from));
  check(cudaFree(to));
  std::printf("card.copy\t%.0f\t0\t%.9g\n", 2.0 * kBytes, seconds);
}

void copies() {
  constexpr int64_t n = 8192;
  const Array x(NC_FLOAT32, {n, n}), y(NC_FLOAT32, {n, n}), half(NC_BFLOAT16, {n, n});
  const auto copy = [](const char* id, double bytes, const nc_tensor& from, const nc_tensor& to) {
    report(std::string("copy.") + id, bytes, 0, [&](int64_t) { check(nc_copy(device(), &from, &to)); });
  };
  constexpr double kAll = 4.0 * n * n;
  copy("contiguous", 2 * kAll, x.view, y.view);
  copy("transposed", 2 * kAll, x.transposed(), y.view);
  copy("rows", kAll, x.columns(n / 2, 1), y.columns(n / 2, 1));
  // Every second element: whole sectors are read.
  const Array packed(NC_FLOAT32, {n, n / 2});
  copy("strided", 1.5 * kAll, x.columns(n, 2), packed.view);
  copy("to_bfloat16", 1.5 * kAll, x.view, half.view);
  copy("to_float32", 1.5 * kAll, half.view, y.view);
}

nc_program* program(const std::vector<nc_instruction>& code, int32_t inputs) {
  nc_program* built = nullptr;
  check(nc_program_create(code.data(), static_cast<int32_t>(code.size()), inputs, 0, 1, NC_FLOAT32, 0, &built));
  return built;
}

void programs() {
  const auto at = [](int32_t op, int32_t a = 0, int32_t b = 0, double value = 0) { return nc_instruction{op, a, b, 0, value, 0}; };
  const struct { const char* name; int inputs; nc_program* code; } cases[] = {
      {"add", 2, program({at(NC_OP_LOAD, 0), at(NC_OP_LOAD, 1), at(NC_OP_ADD, 0, 1), at(NC_OP_STORE, 2)}, 2)},
      {"relu", 1, program({at(NC_OP_LOAD, 0), at(NC_OP_CONSTANT), at(NC_OP_MAXIMUM, 0, 1), at(NC_OP_STORE, 2)}, 1)},
      // 0.5 x (1 + erf(x / sqrt(2)))
      {"gelu", 1, program({at(NC_OP_LOAD, 0), at(NC_OP_CONSTANT, 0, 0, 0.70710678118654752), at(NC_OP_MULTIPLY, 0, 1), at(NC_OP_ERF, 2),
                           at(NC_OP_CONSTANT, 0, 0, 1), at(NC_OP_ADD, 3, 4), at(NC_OP_CONSTANT, 0, 0, 0.5), at(NC_OP_MULTIPLY, 0, 6),
                           at(NC_OP_MULTIPLY, 7, 5), at(NC_OP_STORE, 8)}, 1)},
      {"silu", 1, program({at(NC_OP_LOAD, 0), at(NC_OP_SIGMOID, 0), at(NC_OP_MULTIPLY, 0, 1), at(NC_OP_STORE, 2)}, 1)}};
  const struct { const char* name; int64_t n; } sizes[] = {{"1K", 1 << 10}, {"1M", 1 << 20}, {"64M", 1 << 26}};
  for (const auto& c : cases)
    for (const auto& size : sizes) {
      // As many sets of arrays as no cache holds.
      const double bytes = 4.0 * static_cast<double>(size.n) * (c.inputs + 1);
      const auto sets = std::clamp<int64_t>(static_cast<int64_t>(3e8 / bytes), 1, 64);
      std::vector<Array> arrays;
      std::vector<nc_tensor> inputs, outputs;
      for (int64_t set = 0; set < sets; set++) {
        for (int k = 0; k < c.inputs; k++) inputs.push_back(arrays.emplace_back(NC_FLOAT32, std::vector<int64_t>{size.n}).view);
        outputs.push_back(arrays.emplace_back(NC_FLOAT32, std::vector<int64_t>{size.n}).view);
      }
      report(std::string(c.name) + "." + size.name, bytes, 0, [&](int64_t i) {
        check(nc_program_run(device(), c.code, &inputs[static_cast<size_t>(i % sets * c.inputs)], nullptr, &outputs[static_cast<size_t>(i % sets)]));
      });
    }
  for (const auto& c : cases) check(nc_program_destroy(c.code));
}

void reductions() {
  constexpr int64_t n = 8192;
  const Array x(NC_FLOAT32, {n, n});
  const struct { const char* name; std::vector<int64_t> shape; } axes[] = {{"all", {1, 1}}, {"first", {1, n}}, {"last", {n, 1}}};
  for (const auto& [name, reduction] : {std::pair{"sum", NC_REDUCE_SUM}, std::pair{"max", NC_REDUCE_MAX}})
    for (const auto& axis : axes) {
      const Array y(NC_FLOAT32, axis.shape);
      report(std::string(name) + "." + axis.name, 4.0 * n * n, 0,
             [&](int64_t) { check(nc_reduce(device(), reduction, nullptr, &x.view, 1, nullptr, &y.view)); });
    }
}

void products() {
  const struct { const char* name; nc_dtype dtype; nc_matmul_precision precision; } kinds[] = {
      {"float32", NC_FLOAT32, NC_MATMUL_FLOAT32}, {"less_precision", NC_FLOAT32, NC_MATMUL_BFLOAT16}, {"bfloat16", NC_BFLOAT16, NC_MATMUL_FLOAT32}};
  for (const auto& kind : kinds)
    for (int64_t n : {1024, 4096, 8192}) {
      const Array a(kind.dtype, {n, n}), b(kind.dtype, {n, n}), y(kind.dtype, {n, n});
      const double extent = static_cast<double>(n);
      report(std::string("matmul.") + kind.name + "." + std::to_string(n), 3 * extent * extent * nc_dtype_size(kind.dtype), 2 * extent * extent * extent,
             [&](int64_t) { check(nc_matmul_with(device(), kind.precision, &a.view, &b.view, nullptr, nullptr, nullptr, &y.view)); });
    }
}

}  // namespace

int main() {
  card_copy();
  copies();
  programs();
  reductions();
  products();
}
