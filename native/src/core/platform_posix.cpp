#if !defined(_WIN32)
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "core/platform.hpp"
#if defined(__GLIBC__)
#include <malloc.h>
#endif

namespace nc::platform {

void* map_memory(size_t nbytes) {
  void* block = mmap(nullptr, nbytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return block == MAP_FAILED ? nullptr : block;
}

void unmap_memory(void* block, size_t nbytes) { munmap(block, nbytes); }

void trim_heap() {
#if defined(__GLIBC__)
  malloc_trim(0);
#endif
}

void* load_module(const char* path, std::string* error) {
  void* module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!module) {
    const char* reason = dlerror();
    *error = reason ? reason : "unknown reason";
  }
  return module;
}

void* find_symbol(void* module, const char* name) { return dlsym(module, name); }

}  // namespace nc::platform
#endif
