// Pooling of images, float32, on one thread, through the C ABI. bytes are those that must be read and written once:
// their number over the memory's bandwidth is the floor.
#include <benchmark/benchmark.h>

#include "support.hpp"

namespace {

using namespace nc::benchmarks;

// (N, C, H, W), and a window with half of it as padding where it overlaps.
struct Operands {
  int64_t out;
  nc_window window;
  Tensor x, y, gx, indices_memory;
  nc_tensor indices;

  static int64_t positions(const benchmark::State& state) {
    const int64_t size = state.range(3), stride = state.range(4), padding = size > stride ? size / 2 : 0;
    return (state.range(2) + 2 * padding - size) / stride + 1;
  }

  explicit Operands(const benchmark::State& state)
      : out(positions(state)),
        window{{state.range(3), state.range(3)},
               {state.range(4), state.range(4)},
               {state.range(3) > state.range(4) ? state.range(3) / 2 : 0,
                state.range(3) > state.range(4) ? state.range(3) / 2 : 0},
               {1, 1}},
        x({state.range(0), state.range(1), state.range(2), state.range(2)}),
        y({state.range(0), state.range(1), out, out}),
        gx({state.range(0), state.range(1), state.range(2), state.range(2)}),
        indices_memory({state.range(0), state.range(1), out, out}),
        indices(indices_memory.view) {
    indices.dtype = NC_INT32;
    for (size_t i = 0; i < x.values.size(); i++) x.values[i] = static_cast<float>(i * 2654435761u % 65536) / 65536;
    check(nc_set_num_threads(1));
  }

  void bytes(benchmark::State& state, int64_t per_x, int64_t per_y) const {
    state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(per_x * static_cast<int64_t>(x.values.size()) +
                                                                      per_y * static_cast<int64_t>(y.values.size())));
  }
};

void max_pooling(benchmark::State& state) {
  Operands o(state);
  for (auto _ : state) check(nc_max_pooling(context(), &o.x.view, &o.window, &o.y.view, nullptr));
  o.bytes(state, 4, 4);
}

void max_pooling_indices(benchmark::State& state) {
  Operands o(state);
  for (auto _ : state) check(nc_max_pooling(context(), &o.x.view, &o.window, &o.y.view, &o.indices));
  o.bytes(state, 4, 8);
}

void max_pooling_grad(benchmark::State& state) {
  Operands o(state);
  check(nc_max_pooling(context(), &o.x.view, &o.window, &o.y.view, &o.indices));
  for (auto _ : state) check(nc_max_pooling_grad(context(), &o.y.view, &o.indices, &o.window, &o.gx.view));
  o.bytes(state, 4, 8);
}

void average_pooling(benchmark::State& state) {
  Operands o(state);
  for (auto _ : state) check(nc_average_pooling(context(), &o.x.view, &o.window, NC_DIVISOR_SIZE, &o.y.view));
  o.bytes(state, 4, 4);
}

void average_pooling_grad(benchmark::State& state) {
  Operands o(state);
  for (auto _ : state) check(nc_average_pooling_grad(context(), &o.y.view, &o.window, NC_DIVISOR_SIZE, &o.gx.view));
  o.bytes(state, 4, 4);
}

void shapes(benchmark::internal::Benchmark* b) {
  b->ArgNames({"n", "c", "d", "size", "stride"})
      ->Args({100, 64, 24, 2, 2})
      ->Args({8, 64, 112, 2, 2})
      ->Args({8, 64, 112, 3, 2})
      ->Args({32, 512, 7, 7, 7});
}

BENCHMARK(max_pooling)->Apply(shapes);
BENCHMARK(max_pooling_indices)->Apply(shapes);
BENCHMARK(max_pooling_grad)->Apply(shapes);
BENCHMARK(average_pooling)->Apply(shapes);
BENCHMARK(average_pooling_grad)->Apply(shapes);

}  // namespace
