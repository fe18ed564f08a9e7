#if defined(_WIN32)
#define WIN32_LEAN_AND_MEAN
#define NOMINMAX
#include <malloc.h>
#include <windows.h>

#include "core/platform.hpp"

namespace nc::platform {

void* map_memory(size_t nbytes) { return VirtualAlloc(nullptr, nbytes, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE); }

void unmap_memory(void* block, size_t) { VirtualFree(block, 0, MEM_RELEASE); }

void trim_heap() { _heapmin(); }

void* load_module(const char* path, std::string* error) {
  void* module = LoadLibraryExA(path, nullptr, LOAD_WITH_ALTERED_SEARCH_PATH);
  if (!module) *error = "LoadLibrary failed with error " + std::to_string(GetLastError());
  return module;
}

void* find_symbol(void* module, const char* name) {
  return reinterpret_cast<void*>(GetProcAddress(static_cast<HMODULE>(module), name));
}

}  // namespace nc::platform

// Worker threads and handed-out blocks outlive FreeLibrary: the library stays mapped.
BOOL WINAPI DllMain(HINSTANCE, DWORD reason, LPVOID) {
  if (reason == DLL_PROCESS_ATTACH) {
    HMODULE self;
    GetModuleHandleExA(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_PIN,
                       reinterpret_cast<LPCSTR>(&nc::platform::map_memory), &self);
  }
  return TRUE;
}
#endif
