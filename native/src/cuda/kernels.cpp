#include "cuda/kernels.hpp"

#include <memory>
#include <vector>

#include "cuda/libraries.hpp"
#include "cuda/source.hpp"

namespace nc::cuda {
namespace {

void check_nvrtc(nvrtcResult result, const char* what) {
  if (result != NVRTC_SUCCESS) fail(NC_BACKEND_ERROR, "%s: %s", what, nvrtc().get_error_string(result));
}

// PTX runs on every later device too, so an NVRTC older than the device compiles for the newest that it knows.
int target_of(int compute_capability) {
  static const std::vector<int> known = [] {
    int count = 0;
    check_nvrtc(nvrtc().get_num_supported_archs(&count), "nvrtcGetNumSupportedArchs");
    std::vector<int> archs(static_cast<size_t>(count));
    check_nvrtc(nvrtc().get_supported_archs(archs.data()), "nvrtcGetSupportedArchs");
    return archs;
  }();
  int best = 0;
  for (int arch : known)
    if (arch <= compute_capability && arch > best) best = arch;
  if (!best) fail(NC_UNSUPPORTED, "this NVRTC cannot compile for compute capability %d", compute_capability);
  return best;
}

}  // namespace

std::string compile(const std::string& source, int compute_capability, bool flush_denormals) {
  const Nvrtc& rtc = nvrtc();
  nvrtcProgram program = nullptr;
  check_nvrtc(rtc.create_program(&program, source.c_str(), "program.cu", 0, nullptr, nullptr), "nvrtcCreateProgram");
  struct Guard {
    nvrtcProgram* p;
    ~Guard() { nvrtc().destroy_program(p); }
  } guard{&program};
  const std::string architecture = "--gpu-architecture=compute_" + std::to_string(target_of(compute_capability));
  const char* options[] = {architecture.c_str(), "--std=c++14", flush_denormals ? "--ftz=true" : "--ftz=false"};
  if (rtc.compile_program(program, 3, options) != NVRTC_SUCCESS) {
    size_t size = 0;
    std::string log;
    if (rtc.get_log_size(program, &size) == NVRTC_SUCCESS && size > 1) {
      log.resize(size);
      rtc.get_log(program, log.data());
    }
    fail(NC_BACKEND_ERROR, "a program did not compile for compute capability %d: %s", compute_capability, log.c_str());
  }
  size_t size = 0;
  check_nvrtc(rtc.get_ptx_size(program, &size), "nvrtcGetPTXSize");
  std::string ptx(size, '\0');
  check_nvrtc(rtc.get_ptx(program, ptx.data()), "nvrtcGetPTX");
  return ptx;
}

KernelCache& KernelCache::of(const nc_program& program) {
  nc_program::Cache* cache = program.cuda_cache.load(std::memory_order_acquire);
  if (!cache) {
    auto fresh = std::make_unique<KernelCache>((program.flags & NC_PROGRAM_FLUSH_DENORMALS) != 0);
    if (program.cuda_cache.compare_exchange_strong(cache, fresh.get())) cache = fresh.release();
  }
  return *static_cast<KernelCache*>(cache);
}

Kernels KernelCache::build(const State& state, const std::string& source, std::initializer_list<const char*> names) const {
  const std::string ptx = compile(source, state.compute_capability, flush_denormals_);
  Kernels kernels;
  check_driver(driver().module_load_data(&kernels.module, ptx.c_str()), "cuModuleLoadData");
  int k = 0;
  for (const char* name : names)
    check_driver(driver().module_get_function(&kernels.functions[k++], kernels.module, name), "cuModuleGetFunction");
  return kernels;
}

template <class Arguments>
void launch(const State& state, CUfunction function, unsigned blocks, unsigned blocks_y, Arguments& arguments) {
  void* list[] = {&arguments};
  check_driver(driver().launch_kernel(function, blocks, blocks_y, 1, kThreads, 1, 1, 0,
                                      reinterpret_cast<CUstream>(state.stream), list, nullptr),
               "cuLaunchKernel");
}

template void launch(const State&, CUfunction, unsigned, unsigned, RunArguments&);
template void launch(const State&, CUfunction, unsigned, unsigned, ReduceArguments&);

}  // namespace nc::cuda
