// Rows of an embedding read and their gradients added, class scores picked: through the C ABI, one thread.
#include <benchmark/benchmark.h>

#include "support.hpp"

namespace {

using namespace nc::benchmarks;

// count indices, spread over extent.
struct Index {
  std::vector<int64_t> values;
  nc_tensor view = {};

  Index(int64_t count, int64_t extent) : values(static_cast<size_t>(count)) {
    for (size_t i = 0; i < values.size(); i++)
      values[i] = static_cast<int64_t>(i * 2654435761u % static_cast<uint64_t>(extent));
    view.base = values.data();
    view.nbytes = count * 8;
    view.device_type = NC_CPU;
    view.dtype = NC_INT64;
    view.ndim = 1;
    view.shape[0] = count;
    view.strides[0] = 1;
  }
};

struct Operands {
  Tensor table, rows;
  Index index;

  explicit Operands(const benchmark::State& state)
      : table({state.range(0), state.range(1)}),
        rows({state.range(2), state.range(1)}),
        index(state.range(2), state.range(0)) {
    check(nc_set_num_threads(1));
  }
};

void items(benchmark::State& state) { state.SetItemsProcessed(state.iterations() * state.range(1) * state.range(2)); }

constexpr int32_t kAxis = 0;

void gather_rows(benchmark::State& state) {
  Operands o(state);
  for (auto _ : state) check(nc_gather(context(), &o.table.view, &o.index.view, &kAxis, 1, &o.rows.view));
  items(state);
}

void scatter_rows(benchmark::State& state) {
  Operands o(state);
  for (auto _ : state) check(nc_scatter(context(), &o.rows.view, &o.index.view, &kAxis, 1, &o.table.view));
  items(state);
}

void scatter_add_rows(benchmark::State& state) {
  Operands o(state);
  for (auto _ : state) check(nc_scatter_add(context(), &o.rows.view, &o.index.view, &kAxis, 1, &o.table.view));
  items(state);
}

// x[i, t[i]]
void pick(benchmark::State& state) {
  const int64_t n = state.range(2), classes = state.range(1);
  Tensor x({n, classes}), y({n});
  Index i(n, n), t(n, classes);
  const nc_tensor indices[] = {i.view, t.view};
  const int32_t axes[] = {0, 1};
  check(nc_set_num_threads(1));
  for (auto _ : state) check(nc_gather(context(), &x.view, indices, axes, 2, &y.view));
  state.SetItemsProcessed(state.iterations() * n);
}

// Rows of the table, their width, how many are named.
void shapes(benchmark::internal::Benchmark* b) {
  b->ArgNames({"n", "d", "k"})->Args({10000, 128, 4096})->Args({10000, 1, 4096})->Args({1000, 650, 700});
}

BENCHMARK(gather_rows)->Apply(shapes);
BENCHMARK(scatter_rows)->Apply(shapes);
BENCHMARK(scatter_add_rows)->Apply(shapes);
BENCHMARK(pick)->ArgNames({"n", "c", "k"})->Args({0, 10, 4096})->Args({0, 1000, 4096});

}  // namespace
