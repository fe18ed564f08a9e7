// Stores past the caches, for results that no cache would hold: a line that is written whole is then not read first.
#pragma once

#include <cstdint>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace nc::cpu {

constexpr int64_t kLineBytes = 64;

// Whether an operation that reads and writes so many bytes in all writes past the caches. Measured on a last-level
// cache of 32 MB; below, whoever reads the result next finds it there.
inline bool streams(int64_t nbytes) { return nbytes >= 32 << 20; }

// Streamed stores before it are seen before what follows.
inline void finish_stream() {
#if defined(__x86_64__)
  _mm_sfence();
#endif
}

}  // namespace nc::cpu
