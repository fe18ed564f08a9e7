// Generated kernels: compiled by NVRTC once for each program, signature and device, and kept with the program.
#pragma once

#include <cuda.h>

#include <map>
#include <mutex>
#include <string>

#include "core/program.hpp"
#include "cuda/runtime.hpp"

namespace nc::cuda {

// PTX of `source` for a compute capability; NC_BACKEND_ERROR with the compiler's log where it does not compile.
std::string compile(const std::string& source, int compute_capability, bool flush_denormals = false);

struct Kernels {
  CUmodule module = nullptr;
  CUfunction functions[3] = {};
};

// The kernels of one key (kind, dtypes, axes, device), compiled at their first use. The modules live as long as the
// process: a program may die after the device.
class KernelCache : public nc_program::Cache {
 public:
  explicit KernelCache(bool flush_denormals) : flush_denormals_(flush_denormals) {}
  static KernelCache& of(const nc_program& program);

  template <class MakeSource>
  const Kernels& get(const State& state, const std::string& key, std::initializer_list<const char*> names,
                     MakeSource&& make_source) {
    std::lock_guard<std::mutex> lock(mutex_);
    auto found = kernels_.find(key);
    if (found == kernels_.end()) found = kernels_.emplace(key, build(state, make_source(), names)).first;
    return found->second;
  }

 private:
  Kernels build(const State& state, const std::string& source, std::initializer_list<const char*> names) const;

  const bool flush_denormals_;
  std::mutex mutex_;
  std::map<std::string, Kernels> kernels_;
};

// Launches kThreads threads a block with one argument struct.
template <class Arguments>
void launch(const State& state, CUfunction function, unsigned blocks, unsigned blocks_y, Arguments& arguments);

}  // namespace nc::cuda
