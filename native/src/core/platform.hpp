// What the operating system does for the core: memory, shared modules.
#pragma once

#include <cstddef>
#include <string>

namespace nc::platform {

// Zero pages straight from the system, given back to it by unmap_memory. Null where there is no memory.
void* map_memory(size_t nbytes);
void unmap_memory(void* block, size_t nbytes);

// Asks the C heap to give its free pages back to the system.
void trim_heap();

// Null, and why in *error, where the module cannot be loaded. Modules are never unloaded.
void* load_module(const char* path, std::string* error);
void* find_symbol(void* module, const char* name);

}  // namespace nc::platform
