// Dense linear algebra of many small matrices and of a large one, through the C ABI, one thread. items counts matrices.
#include <benchmark/benchmark.h>

#include <random>

#include "support.hpp"

namespace {

using namespace nc::benchmarks;

// Symmetric, positive definite.
struct Operands {
  Tensor x, y, z, w, d;

  explicit Operands(const benchmark::State& state)
      : x({state.range(0), state.range(1), state.range(1)}),
        y({state.range(0), state.range(1), state.range(1)}),
        z({state.range(0), state.range(1), state.range(1)}),
        w({state.range(0), state.range(1)}),
        d({state.range(0)}) {
    const int64_t count = state.range(0), n = state.range(1);
    std::mt19937 engine(1);
    std::uniform_real_distribution<float> uniform(-1, 1);
    for (int64_t k = 0; k < count; k++) {
      float* a = x.values.data() + k * n * n;
      for (int64_t i = 0; i < n; i++) {
        for (int64_t j = 0; j < i; j++) a[i * n + j] = a[j * n + i] = uniform(engine);
        a[i * n + i] = static_cast<float>(n);
      }
    }
    check(nc_set_num_threads(1));
  }
};

template <class Call>
void run(benchmark::State& state, const Call& call) {
  Operands o(state);
  for (auto _ : state) check(call(o));
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

void det(benchmark::State& s) {
  run(s, [](Operands& o) { return nc_det(context(), &o.x.view, &o.d.view); });
}
void inv(benchmark::State& s) {
  run(s, [](Operands& o) { return nc_inv(context(), &o.x.view, &o.y.view); });
}
void cholesky(benchmark::State& s) {
  run(s, [](Operands& o) { return nc_cholesky(context(), &o.x.view, &o.y.view); });
}
void qr(benchmark::State& s) {
  run(s, [](Operands& o) { return nc_qr(context(), &o.x.view, &o.y.view, &o.z.view); });
}
void svd(benchmark::State& s) {
  run(s, [](Operands& o) { return nc_svd(context(), &o.x.view, &o.y.view, &o.w.view, &o.z.view); });
}
void eigh(benchmark::State& s) {
  run(s, [](Operands& o) { return nc_eigh(context(), &o.x.view, &o.w.view, &o.y.view); });
}

void shapes(benchmark::internal::Benchmark* b) {
  b->ArgNames({"count", "n"})->Args({1000, 3})->Args({100, 16})->Args({1, 200})->Unit(benchmark::kMicrosecond);
}

BENCHMARK(det)->Apply(shapes);
BENCHMARK(inv)->Apply(shapes);
BENCHMARK(cholesky)->Apply(shapes);
BENCHMARK(qr)->Apply(shapes);
BENCHMARK(svd)->Apply(shapes);
BENCHMARK(eigh)->Apply(shapes);

}  // namespace
