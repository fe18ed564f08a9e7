// Normalization of images over N, H and W, and of rows over their elements, float32, on one thread, through the C ABI.
// bytes are those that must be read and written once: their number over the memory's bandwidth is the floor.
#include <benchmark/benchmark.h>

#include "support.hpp"

namespace {

using namespace nc::benchmarks;

struct Operands {
  Tensor x, y, gx, mean, variance, gamma, beta, ggamma, gbeta;

  // (N, C, D); over N and D, or over D.
  Operands(const benchmark::State& state, bool over_n)
      : x({state.range(0), state.range(1), state.range(2)}),
        y(shape_of(state)),
        gx(shape_of(state)),
        mean(statistics_of(state, over_n)),
        variance(statistics_of(state, over_n)),
        gamma(factors_of(state, over_n)),
        beta(factors_of(state, over_n)),
        ggamma(factors_of(state, over_n)),
        gbeta(factors_of(state, over_n)) {
    for (size_t i = 0; i < x.values.size(); i++) x.values[i] = static_cast<float>(i * 2654435761u % 65536) / 65536;
    check(nc_set_num_threads(1));
  }

  static std::vector<int64_t> shape_of(const benchmark::State& state) {
    return {state.range(0), state.range(1), state.range(2)};
  }
  static std::vector<int64_t> statistics_of(const benchmark::State& state, bool over_n) {
    return over_n ? std::vector<int64_t>{1, state.range(1), 1}
                  : std::vector<int64_t>{state.range(0), state.range(1), 1};
  }
  static std::vector<int64_t> factors_of(const benchmark::State& state, bool over_n) {
    return over_n ? std::vector<int64_t>{1, state.range(1), 1} : std::vector<int64_t>{1, 1, state.range(2)};
  }

  void forward() {
    check(nc_normalization(context(), &x.view, &gamma.view, &beta.view, 1e-5, &y.view, &mean.view, &variance.view));
  }
  void backward() {
    check(nc_normalization_grad(context(), &x.view, &gamma.view, &y.view, &mean.view, &variance.view, 1e-5, &gx.view,
                                &ggamma.view, &gbeta.view));
  }
};

void run(benchmark::State& state, bool over_n, bool backward) {
  Operands o(state, over_n);
  o.forward();
  for (auto _ : state) backward ? o.backward() : o.forward();
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(o.x.values.size()) * 4 * (backward ? 3 : 2));
}

void batch(benchmark::State& state) { run(state, true, false); }
void batch_grad(benchmark::State& state) { run(state, true, true); }
void layer(benchmark::State& state) { run(state, false, false); }
void layer_grad(benchmark::State& state) { run(state, false, true); }

void images(benchmark::internal::Benchmark* b) {
  b->ArgNames({"n", "c", "d"})->Args({100, 64, 576})->Args({8, 64, 12544})->Args({32, 256, 196})->Args({100, 1000, 1});
}
void rows(benchmark::internal::Benchmark* b) {
  b->ArgNames({"n", "c", "d"})->Args({100, 1, 1000})->Args({4096, 1, 512});
}

BENCHMARK(batch)->Apply(images);
BENCHMARK(batch_grad)->Apply(images);
BENCHMARK(layer)->Apply(rows);
BENCHMARK(layer_grad)->Apply(rows);

}  // namespace
