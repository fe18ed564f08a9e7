// Convolutions of the sizes that training meets, through the C ABI: images (n, c, h, h), filters (o, c / groups, k, k).
// flops counts 2 for each product of an element and a tap; its floor is the machine's peak, which matmul of 1024 comes near.
#include <benchmark/benchmark.h>

#include "support.hpp"

namespace {

using namespace nc::benchmarks;

enum Direction { kForward, kData, kFilter };

void run(benchmark::State& state, Direction direction) {
  const int64_t n = state.range(0), c = state.range(1), h = state.range(2), o = state.range(3), k = state.range(4);
  const int64_t stride = state.range(5), padding = state.range(6), groups = state.range(7);
  check(nc_set_num_threads(static_cast<int32_t>(state.range(8))));
  const int64_t positions = (h + 2 * padding - k) / stride + 1;
  const Tensor x({n, c, h, h}, 0.5f), W({o, c / groups, k, k}, 0.25f), y({n, o, positions, positions});
  const nc_convolution window = {{stride, stride, 1}, {padding, padding, 0}, {1, 1, 1}, groups};
  for (auto _ : state) {
    if (direction == kForward)
      check(nc_convolution_forward(context(), &x.view, &W.view, &window, nullptr, nullptr, nullptr, &y.view));
    else if (direction == kData)
      check(nc_convolution_data(context(), &y.view, &W.view, &window, nullptr, nullptr, nullptr, &x.view));
    else
      check(nc_convolution_filter(context(), &x.view, &y.view, &window, &W.view));
  }
  state.counters["flops"] =
      benchmark::Counter(2.0 * static_cast<double>(n * o * positions * positions * (c / groups) * k * k),
                         benchmark::Counter::kIsIterationInvariantRate);
}

void forward(benchmark::State& state) { run(state, kForward); }
void data(benchmark::State& state) { run(state, kData); }
void filter(benchmark::State& state) { run(state, kFilter); }

void shapes(benchmark::internal::Benchmark* b) {
  b->ArgNames({"n", "c", "h", "o", "k", "stride", "padding", "groups", "threads"})->UseRealTime();
  for (int64_t threads : {1, 2}) {
    b->Args({64, 1, 28, 32, 3, 1, 0, 1, threads});      // the first layer for MNIST
    b->Args({64, 32, 26, 64, 3, 1, 0, 1, threads});     // its second
    b->Args({16, 64, 56, 64, 3, 1, 1, 1, threads});     // ResNet's
    b->Args({16, 512, 7, 512, 3, 1, 1, 1, threads});    // its last
    b->Args({16, 64, 56, 128, 3, 2, 1, 1, threads});    // with stride
    b->Args({16, 64, 56, 256, 1, 1, 0, 1, threads});    // pointwise
    b->Args({16, 64, 56, 64, 3, 1, 1, 64, threads});    // depthwise
  }
}

BENCHMARK(forward)->Apply(shapes);
BENCHMARK(data)->Apply(shapes);
BENCHMARK(filter)->Apply(shapes);

}  // namespace
