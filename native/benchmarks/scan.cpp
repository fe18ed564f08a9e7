// Running sums and sorting along either axis of a matrix, through the C ABI, one thread. items counts elements.
#include <benchmark/benchmark.h>

#include <random>

#include "support.hpp"

namespace {

using namespace nc::benchmarks;

struct Operands {
  Tensor x, y;

  explicit Operands(const benchmark::State& state)
      : x({state.range(0), state.range(1)}), y({state.range(0), state.range(1)}) {
    std::mt19937 engine(1);
    std::normal_distribution<float> normal;
    for (float& v : x.values) v = normal(engine);
    check(nc_set_num_threads(1));
  }
};

void items(benchmark::State& state) { state.SetItemsProcessed(state.iterations() * state.range(0) * state.range(1)); }

void scan(benchmark::State& state) {
  Operands o(state);
  const auto axis = static_cast<int32_t>(state.range(2));
  for (auto _ : state) check(nc_scan(context(), NC_REDUCE_SUM, &o.x.view, axis, &o.y.view));
  items(state);
}

void sort(benchmark::State& state) {
  Operands o(state);
  const auto axis = static_cast<int32_t>(state.range(2));
  for (auto _ : state) check(nc_sort(context(), &o.x.view, axis, &o.y.view, nullptr));
  items(state);
}

void shapes(benchmark::internal::Benchmark* b) {
  b->ArgNames({"rows", "columns", "axis"})
      ->Args({1, 1000000, 1})
      ->Args({1000, 1000, 0})
      ->Args({1000, 1000, 1})
      ->Args({100000, 10, 1});
}

BENCHMARK(scan)->Apply(shapes);
BENCHMARK(sort)->Apply(shapes);

}  // namespace
