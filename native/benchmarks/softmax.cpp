// The softmax family along axis 1, of class scores and of images, through the C ABI. items counts elements of x.
#include <benchmark/benchmark.h>

#include "support.hpp"

namespace {

using namespace nc::benchmarks;

struct Operands {
  Tensor x, y, gx;
  std::vector<int32_t> labels;
  nc_tensor t = {};
  Tensor loss;

  explicit Operands(const benchmark::State& state)
      : x({state.range(0), state.range(1), state.range(2)}, 0.5f),
        y({state.range(0), state.range(1), state.range(2)}, 0.1f),
        gx({state.range(0), state.range(1), state.range(2)}),
        labels(static_cast<size_t>(state.range(0) * state.range(2)), 1),
        loss({state.range(0), state.range(2)}) {
    t = loss.view;
    t.base = labels.data();
    t.dtype = NC_INT32;
    check(nc_set_num_threads(1));
  }
};

void items(benchmark::State& state) {
  state.SetItemsProcessed(state.iterations() * state.range(0) * state.range(1) * state.range(2));
}

void softmax(benchmark::State& state) {
  Operands o(state);
  for (auto _ : state) check(nc_softmax(context(), &o.x.view, 1, &o.y.view));
  items(state);
}

void softmax_grad(benchmark::State& state) {
  Operands o(state);
  for (auto _ : state) check(nc_softmax_grad(context(), &o.y.view, &o.x.view, 1, &o.gx.view));
  items(state);
}

void log_softmax(benchmark::State& state) {
  Operands o(state);
  for (auto _ : state) check(nc_log_softmax(context(), &o.x.view, 1, &o.y.view));
  items(state);
}

void softmax_cross_entropy(benchmark::State& state) {
  Operands o(state);
  for (auto _ : state)
    check(nc_softmax_cross_entropy(context(), &o.x.view, &o.t, nullptr, -1, &o.y.view, &o.loss.view));
  items(state);
}

void softmax_cross_entropy_grad(benchmark::State& state) {
  Operands o(state);
  for (auto _ : state)
    check(nc_softmax_cross_entropy_grad(context(), &o.y.view, &o.t, nullptr, -1, &o.loss.view, &o.gx.view));
  items(state);
}

// (N, C, positions)
void shapes(benchmark::internal::Benchmark* b) {
  b->ArgNames({"n", "c", "d"})->Args({100, 10, 1})->Args({100, 1000, 1})->Args({8, 21, 4096});
}

BENCHMARK(softmax)->Apply(shapes);
BENCHMARK(softmax_grad)->Apply(shapes);
BENCHMARK(log_softmax)->Apply(shapes);
BENCHMARK(softmax_cross_entropy)->Apply(shapes);
BENCHMARK(softmax_cross_entropy_grad)->Apply(shapes);

}  // namespace
