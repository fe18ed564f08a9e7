#include "cuda/libraries.hpp"

#include <dlfcn.h>

#include <initializer_list>
#include <string>

#include "cuda/runtime.hpp"

namespace nc::cuda {
namespace {

void* open_library(const char* title, std::initializer_list<const char*> names) {
  std::string tried;
  for (const char* name : names) {
    if (void* library = dlopen(name, RTLD_NOW | RTLD_LOCAL)) return library;
    const char* reason = dlerror();
    tried += std::string(tried.empty() ? "" : "; ") + (reason ? reason : name);
  }
  fail(NC_BACKEND_ERROR, "%s could not be loaded; LD_LIBRARY_PATH may name its folder (%s)", title, tried.c_str());
}

template <class F>
void bind(F& f, void* library, const char* name) {
  f = reinterpret_cast<F>(dlsym(library, name));
  if (!f) fail(NC_BACKEND_ERROR, "%s is missing from its library: %s", name, dlerror());
}

}  // namespace

const Driver& driver() {
  static const Driver table = [] {
    Driver d{};
    void* library = open_library("the CUDA driver", {"libcuda.so.1", "libcuda.so"});
    bind(d.module_load_data, library, "cuModuleLoadData");
    bind(d.module_unload, library, "cuModuleUnload");
    bind(d.module_get_function, library, "cuModuleGetFunction");
    bind(d.launch_kernel, library, "cuLaunchKernel");
    bind(d.get_error_string, library, "cuGetErrorString");
    return d;
  }();
  return table;
}

const Nvrtc& nvrtc() {
  static const Nvrtc table = [] {
    Nvrtc n{};
    void* library = open_library("NVRTC, which compiles elementwise programs",
                                 {"libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so.11.2", "libnvrtc.so"});
    bind(n.create_program, library, "nvrtcCreateProgram");
    bind(n.destroy_program, library, "nvrtcDestroyProgram");
    bind(n.compile_program, library, "nvrtcCompileProgram");
    bind(n.get_ptx_size, library, "nvrtcGetPTXSize");
    bind(n.get_ptx, library, "nvrtcGetPTX");
    bind(n.get_log_size, library, "nvrtcGetProgramLogSize");
    bind(n.get_log, library, "nvrtcGetProgramLog");
    bind(n.get_error_string, library, "nvrtcGetErrorString");
    bind(n.get_num_supported_archs, library, "nvrtcGetNumSupportedArchs");
    bind(n.get_supported_archs, library, "nvrtcGetSupportedArchs");
    return n;
  }();
  return table;
}

const CublasLt& cublaslt() {
  static const CublasLt table = [] {
    CublasLt c{};
    void* library = open_library("cuBLASLt, which multiplies matrices",
                                 {"libcublasLt.so.13", "libcublasLt.so.12", "libcublasLt.so.11", "libcublasLt.so"});
    bind(c.create, library, "cublasLtCreate");
    bind(c.destroy, library, "cublasLtDestroy");
    bind(c.matmul, library, "cublasLtMatmul");
    bind(c.matmul_desc_create, library, "cublasLtMatmulDescCreate");
    bind(c.matmul_desc_destroy, library, "cublasLtMatmulDescDestroy");
    bind(c.matmul_desc_set_attribute, library, "cublasLtMatmulDescSetAttribute");
    bind(c.matrix_layout_create, library, "cublasLtMatrixLayoutCreate");
    bind(c.matrix_layout_destroy, library, "cublasLtMatrixLayoutDestroy");
    bind(c.matrix_layout_set_attribute, library, "cublasLtMatrixLayoutSetAttribute");
    bind(c.preference_create, library, "cublasLtMatmulPreferenceCreate");
    bind(c.preference_destroy, library, "cublasLtMatmulPreferenceDestroy");
    bind(c.preference_set_attribute, library, "cublasLtMatmulPreferenceSetAttribute");
    bind(c.algo_get_heuristic, library, "cublasLtMatmulAlgoGetHeuristic");
    return c;
  }();
  return table;
}

void check_driver(CUresult result, const char* what) {
  if (result == CUDA_SUCCESS) return;
  const char* text = nullptr;
  driver().get_error_string(result, &text);
  fail(result == CUDA_ERROR_OUT_OF_MEMORY ? NC_OUT_OF_MEMORY : NC_BACKEND_ERROR, "%s: %s", what,
       text ? text : "unknown error");
}

}  // namespace nc::cuda
