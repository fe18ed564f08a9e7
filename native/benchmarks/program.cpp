// Programs and reductions of the sizes that training meets, through the C ABI. bytes_per_second counts each tensor that
// is read and each that is written once.
#include <benchmark/benchmark.h>

#include <functional>
#include <vector>

#include "support.hpp"

namespace {

using namespace nc::benchmarks;

nc_instruction load(int32_t k) { return {NC_OP_LOAD, k, 0, 0, 0, 0}; }
nc_instruction constant(double v) { return {NC_OP_CONSTANT, 0, 0, 0, v, 0}; }
nc_instruction parameter(int32_t k) { return {NC_OP_PARAMETER, k, 0, 0, 0, 0}; }
nc_instruction op(int32_t code, int32_t a, int32_t b = 0, int32_t c = 0) { return {code, a, b, c, 0, 0}; }
nc_instruction store(int32_t value, int32_t output = 0) { return {NC_OP_STORE, value, output, 0, 0, 0}; }

nc_program* program(const std::vector<nc_instruction>& code, int32_t inputs, int32_t parameters, int32_t outputs,
                    int32_t flags = 0) {
  nc_program* created;
  check(nc_program_create(code.data(), static_cast<int32_t>(code.size()), inputs, parameters, outputs, NC_FLOAT32,
                          flags, &created));
  return created;
}

void run(benchmark::State& state, const nc_program* p, int inputs) {
  const int64_t n = state.range(0);
  std::vector<Tensor> x;
  std::vector<nc_tensor> views;
  for (int k = 0; k < inputs; k++) x.emplace_back(std::vector<int64_t>{n}, 0.5f + static_cast<float>(k));
  for (const Tensor& t : x) views.push_back(t.view);
  const Tensor y({n});
  for (auto _ : state) check(nc_program_run(context(), p, views.data(), nullptr, &y.view));
  state.SetBytesProcessed(state.iterations() * n * 4 * (inputs + 1));
}

void Add(benchmark::State& state) {
  static const nc_program* const p = program({load(0), load(1), op(NC_OP_ADD, 0, 1), store(2)}, 2, 0, 1);
  run(state, p, 2);
}

void Relu(benchmark::State& state) {
  static const nc_program* const p = program({load(0), constant(0), op(NC_OP_MAXIMUM, 0, 1), store(2)}, 1, 0, 1);
  run(state, p, 1);
}

void ReluGrad(benchmark::State& state) {
  static const nc_program* const p =
      program({load(0), load(1), constant(0), op(NC_OP_GREATER, 0, 2), op(NC_OP_SELECT, 3, 1, 2), store(4)}, 2, 0, 1);
  run(state, p, 2);
}

void Swish(benchmark::State& state) {
  static const nc_program* const p =
      program({load(0), op(NC_OP_SIGMOID, 0), op(NC_OP_MULTIPLY, 0, 1), store(2)}, 1, 0, 1);
  run(state, p, 1);
}

void Gelu(benchmark::State& state) {
  static const nc_program* const p =
      program({load(0), constant(0.70710678), op(NC_OP_MULTIPLY, 0, 1), op(NC_OP_ERF, 2), constant(1),
               op(NC_OP_ADD, 3, 4), constant(0.5), op(NC_OP_MULTIPLY, 0, 6), op(NC_OP_MULTIPLY, 7, 5), store(8)},
              1, 0, 1);
  run(state, p, 1);
}

// gradient, m, v, parameter -> m, v, parameter, all in place.
const nc_program* adam() {
  static const nc_program* const p = program({load(0),
                                              load(1),
                                              load(2),
                                              load(3),
                                              constant(0.1),
                                              constant(0.001),
                                              constant(1e-8),
                                              parameter(0),
                                              op(NC_OP_SUBTRACT, 0, 1),
                                              op(NC_OP_MULTIPLY, 4, 8),
                                              op(NC_OP_ADD, 1, 9),  // 10: m
                                              op(NC_OP_MULTIPLY, 0, 0),
                                              op(NC_OP_SUBTRACT, 11, 2),
                                              op(NC_OP_MULTIPLY, 5, 12),
                                              op(NC_OP_ADD, 2, 13),  // 14: v
                                              op(NC_OP_SQRT, 14),
                                              op(NC_OP_ADD, 15, 6),
                                              op(NC_OP_MULTIPLY, 7, 10),
                                              op(NC_OP_DIVIDE, 17, 16),
                                              op(NC_OP_SUBTRACT, 3, 18),
                                              store(10, 0),
                                              store(14, 1),
                                              store(19, 2)},
                                             4, 1, 3, NC_PROGRAM_FLUSH_DENORMALS);
  return p;
}

void Adam(benchmark::State& state) {
  const int64_t n = state.range(0);
  const Tensor g({n}, 0.01f), m({n}, 0), v({n}, 0), x({n});
  const nc_tensor inputs[] = {g.view, m.view, v.view, x.view};
  const nc_scalar alpha = {nullptr, 1e-3, 0};
  for (auto _ : state) check(nc_program_run(context(), adam(), inputs, &alpha, inputs + 1));
  state.SetBytesProcessed(state.iterations() * n * 4 * 7);
}

// The parameters of the 784-1000-1000-10 network in one call.
void AdamMany(benchmark::State& state) {
  const std::vector<int64_t> shapes[] = {{1000, 784}, {1000}, {1000, 1000}, {1000}, {10, 1000}, {10}};
  std::vector<Tensor> tensors;
  for (const auto& shape : shapes) {
    for (int k = 0; k < 4; k++) tensors.emplace_back(shape, k == 3 ? 1.0f : 0.0f);
  }
  std::vector<nc_tensor> inputs, outputs;
  int64_t n = 0;
  for (size_t k = 0; k < tensors.size(); k++) {
    inputs.push_back(tensors[k].view);
    if (k % 4 > 0) outputs.push_back(tensors[k].view);
    if (k % 4 == 0) n += static_cast<int64_t>(tensors[k].values.size());
  }
  const std::vector<nc_scalar> alpha(6, {nullptr, 1e-3, 0});
  for (auto _ : state) check(nc_program_run_many(context(), adam(), 6, inputs.data(), alpha.data(), outputs.data()));
  state.SetBytesProcessed(state.iterations() * n * 4 * 7);
}

// What the memory gives: as many streams as Adam has, in plain arithmetic.
void Triad(benchmark::State& state) {
  static const nc_program* const p =
      program({load(0), load(1), load(2), load(3), op(NC_OP_ADD, 0, 1), op(NC_OP_ADD, 0, 2), op(NC_OP_ADD, 0, 3),
               store(4, 0), store(5, 1), store(6, 2)},
              4, 0, 3);
  const int64_t n = state.range(0);
  const Tensor g({n}, 0), m({n}, 0), v({n}, 0), x({n});
  const nc_tensor inputs[] = {g.view, m.view, v.view, x.view};
  for (auto _ : state) check(nc_program_run(context(), p, inputs, nullptr, inputs + 1));
  state.SetBytesProcessed(state.iterations() * n * 4 * 7);
}

void AddRow(benchmark::State& state) {
  static const nc_program* const p = program({load(0), load(1), op(NC_OP_ADD, 0, 1), store(2)}, 2, 0, 1);
  const Tensor x({100, state.range(0)}), row({state.range(0)}), y({100, state.range(0)});
  const nc_tensor inputs[] = {x.view, row.view};
  for (auto _ : state) check(nc_program_run(context(), p, inputs, nullptr, &y.view));
  state.SetBytesProcessed(state.iterations() * 100 * state.range(0) * 8);
}

// Sum over the axes of the shape (rows, columns) that the third argument's bits name.
void Sum(benchmark::State& state) {
  const int64_t rows = state.range(0), columns = state.range(1), axes = state.range(2);
  const Tensor x({rows, columns}), y({axes & 1 ? 1 : rows, axes & 2 ? 1 : columns});
  for (auto _ : state) check(nc_reduce(context(), NC_REDUCE_SUM, nullptr, &x.view, 1, nullptr, &y.view));
  state.SetBytesProcessed(state.iterations() * rows * columns * 4);
}

void SquaredError(benchmark::State& state) {
  static const nc_program* const p =
      program({load(0), load(1), op(NC_OP_SUBTRACT, 0, 1), op(NC_OP_SQUARE, 2), store(3)}, 2, 0, 1);
  const int64_t n = state.range(0);
  const Tensor x({n}), t({n}), y({1});
  const nc_tensor inputs[] = {x.view, t.view};
  for (auto _ : state) check(nc_reduce(context(), NC_REDUCE_MEAN, p, inputs, 2, nullptr, &y.view));
  state.SetBytesProcessed(state.iterations() * n * 8);
}

void ArgMax(benchmark::State& state) {
  const Tensor x({100, 10});
  std::vector<int64_t> indices(100);
  nc_tensor y = x.view;
  y.base = indices.data();
  y.nbytes = 800;
  y.dtype = NC_INT64;
  y.shape[1] = 1;
  y.strides[0] = 1;
  for (auto _ : state) check(nc_reduce(context(), NC_REDUCE_ARGMAX, nullptr, &x.view, 1, nullptr, &y));
}

#define NC_SIZES ->Arg(10)->Arg(1000)->Arg(100000)->Arg(16 << 20)->UseRealTime()
BENCHMARK(Add) NC_SIZES;
BENCHMARK(Relu) NC_SIZES;
BENCHMARK(ReluGrad) NC_SIZES;
BENCHMARK(Swish) NC_SIZES;
BENCHMARK(Gelu) NC_SIZES;
BENCHMARK(Adam) NC_SIZES->Arg(2000000);
BENCHMARK(Triad)->Arg(2000000)->Arg(16 << 20)->UseRealTime();
BENCHMARK(AdamMany)->UseRealTime();
BENCHMARK(AddRow)->Arg(10)->Arg(1000)->UseRealTime();
BENCHMARK(Sum)
    ->Args({1, 10, 3})
    ->Args({100, 1000, 1})
    ->Args({100, 1000, 2})
    ->Args({100, 1000, 3})
    ->Args({100, 10, 1})
    ->Args({100, 10, 2})
    ->Args({100000, 10, 1})
    ->Args({100000, 10, 2})
    ->Args({4096, 4096, 1})
    ->Args({4096, 4096, 2})
    ->Args({4096, 4096, 3})
    ->UseRealTime();
BENCHMARK(SquaredError) NC_SIZES;
BENCHMARK(ArgMax)->UseRealTime();

}  // namespace
