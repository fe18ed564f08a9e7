#include "cpu/memory.hpp"

#include <new>

#include "core/platform.hpp"

namespace nc::cpu {
namespace {

// In front of each block, so that blocks stay aligned to 64.
struct alignas(64) Header {
  size_t nbytes;  // with the header
};
static_assert(sizeof(Header) == 64);

// From here on a block is its own mapping: freeing it gives its memory back at once.
constexpr size_t kMapped = size_t{1} << 20;
constexpr std::align_val_t kAlignment{64};

}  // namespace

nc_status memory_alloc(int32_t, int64_t nbytes, void** block) {
  const size_t whole = static_cast<size_t>(nbytes) + sizeof(Header);
  void* memory = whole >= kMapped ? platform::map_memory(whole) : ::operator new(whole, kAlignment, std::nothrow);
  if (!memory) return NC_OUT_OF_MEMORY;
  *block = new (memory) Header{whole} + 1;
  return NC_OK;
}

void memory_free(int32_t, void* block) {
  Header* header = static_cast<Header*>(block) - 1;
  const size_t whole = header->nbytes;
  if (whole >= kMapped)
    platform::unmap_memory(header, whole);
  else
    ::operator delete(header, kAlignment);
}

}  // namespace nc::cpu
