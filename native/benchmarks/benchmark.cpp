// The kernels of cases.json under Google Benchmark, for work by hand: --benchmark_filter and its other options.
#include <benchmark/benchmark.h>

#include <fstream>

#include "core.hpp"

namespace {

using namespace nc::benchmarks;

void fill_in(std::string& text, const Case& c) {
  for (size_t open; (open = text.find('{')) != std::string::npos;) {
    const size_t close = text.find('}', open);
    const Case& value = c.at(text.substr(open + 1, close - open - 1));
    text.replace(open, close - open + 1, value.is_string() ? value.get<std::string>() : value.dump());
  }
}

// A case without its sweep: one for each choice of values from its lists.
std::vector<Case> expand(Case c) {
  const Case sweep = c.value("sweep", Case::object());
  c.erase("sweep");
  std::vector<Case> cases{c};
  for (const auto& [name, values] : sweep.items()) {
    std::vector<Case> longer;
    for (const Case& shorter : cases) {
      for (const Case& value : values) {
        longer.push_back(shorter);
        if (value.is_object()) {
          longer.back().update(value);
        } else {
          longer.back()[name] = value;
        }
      }
    }
    cases = std::move(longer);
  }
  for (Case& one : cases) {
    std::string id = one.at("id");
    fill_in(id, one);
    one["id"] = id;
  }
  return cases;
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  std::ifstream file(NATIVECHAIN_CASES);
  const Case list = Case::parse(file);
  for (const Case& given : list.at("cases")) {
    for (const Case& c : expand(given)) {
      const auto found = core_operations().find(c.at("operation"));
      if (found == core_operations().end()) continue;
      benchmark::RegisterBenchmark(c.at("id").get<std::string>().c_str(), [c, found](benchmark::State& state) {
        const Operation operation = found->second(c);
        for (auto _ : state) operation();
      })->UseRealTime();
    }
  }
  benchmark::RunSpecifiedBenchmarks();
}
