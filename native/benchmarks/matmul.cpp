// Matrix products of the sizes that training meets, through the C ABI: M x K x N and which operand is a transposed
// view. flops counts 2 M K N a product; compare with the machine's peak, or with a BLAS run beside it.
#include <benchmark/benchmark.h>

#include "support.hpp"

namespace {

using namespace nc::benchmarks;

enum Layout { kNN, kNT, kTN };

void set_layout(Tensor& t, bool transposed) {
  if (!transposed) return;
  t.view.strides[0] = 1;
  t.view.strides[1] = t.view.shape[0];
}

nc_program* bias_and_relu() {
  static nc_program* const instance = [] {
    const nc_instruction code[] = {{NC_OP_LOAD, 0, 0, 0, 0, 0},    {NC_OP_LOAD, 1, 0, 0, 0, 0},
                                   {NC_OP_ADD, 0, 1, 0, 0, 0},     {NC_OP_CONSTANT, 0, 0, 0, 0, 0},
                                   {NC_OP_MAXIMUM, 2, 3, 0, 0, 0}, {NC_OP_STORE, 4, 0, 0, 0, 0}};
    nc_program* created;
    check(nc_program_create(code, 6, 2, 0, 1, NC_FLOAT32, 0, &created));
    return created;
  }();
  return instance;
}

void run(benchmark::State& state, bool epilogue) {
  const int64_t m = state.range(0), k = state.range(1), n = state.range(2), layout = state.range(3);
  check(nc_set_num_threads(static_cast<int32_t>(state.range(4))));
  Tensor a({m, k}, 0.5f), b({k, n}, 0.25f), y({m, n}), bias({n});
  set_layout(a, layout == kTN);
  set_layout(b, layout == kNT);
  for (auto _ : state)
    check(nc_matmul(context(), &a.view, &b.view, epilogue ? bias_and_relu() : nullptr, &bias.view, nullptr, &y.view));
  state.counters["flops"] =
      benchmark::Counter(2.0 * static_cast<double>(m * k * n), benchmark::Counter::kIsIterationInvariantRate);
}

void matmul(benchmark::State& state) { run(state, false); }
void matmul_bias_relu(benchmark::State& state) { run(state, true); }

void shapes(benchmark::internal::Benchmark* b) {
  b->ArgNames({"m", "k", "n", "layout", "threads"})->UseRealTime();
  for (int64_t threads : {1, 2}) {
    b->Args({1024, 1024, 1024, kNN, threads});
    b->Args({100, 784, 1000, kNT, threads})->Args({100, 1000, 1000, kNT, threads})->Args({100, 1000, 10, kNT, threads});
    b->Args({100, 1000, 1000, kNN, threads})->Args({100, 10, 1000, kNN, threads});
    b->Args({1000, 100, 784, kTN, threads})->Args({1000, 100, 1000, kTN, threads})->Args({10, 100, 1000, kTN, threads});
    b->Args({1, 1000, 1000, kNT, threads})->Args({1, 1000, 1000, kNN, threads})->Args({16, 1000, 1000, kNT, threads});
  }
  b->Args({64, 64, 64, kNN, 1})->Args({16, 16, 16, kNN, 1})->Args({2, 3, 2, kNT, 1});
}

BENCHMARK(matmul)->Apply(shapes);
BENCHMARK(matmul_bias_relu)->Args({100, 784, 1000, kNT, 1})->Args({100, 1000, 1000, kNT, 1});

}  // namespace
