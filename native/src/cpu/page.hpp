// Where buffers lie beside rows of whole pages.
#pragma once

#include <cstdint>

namespace nc::cpu {

constexpr int64_t kPageBytes = 4096;

// The first place in a buffer that lies so many bytes further in its page than the rows do in theirs, rounded down to a
// line of the cache: rows of whole pages take all places of the L1 cache that their own offsets have. No more than a
// page is skipped.
inline char* beside(char* buffer, const void* rows, int64_t bytes) {
  constexpr uintptr_t kLine = 64;
  const uintptr_t distance = reinterpret_cast<uintptr_t>(rows) - reinterpret_cast<uintptr_t>(buffer);
  return buffer + (distance + static_cast<uintptr_t>(bytes)) % kPageBytes / kLine * kLine;
}

}  // namespace nc::cpu
