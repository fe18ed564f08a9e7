// Philox 4x32-10 (Salmon et al., Parallel random numbers: as easy as 1, 2, 3, 2011), one block at a time.
#pragma once

#include <cstdint>

namespace nc::philox {

inline constexpr uint32_t kMultiplier0 = 0xD2511F53u, kMultiplier1 = 0xCD9E8D57u;
inline constexpr uint32_t kWeyl0 = 0x9E3779B9u, kWeyl1 = 0xBB67AE85u;
inline constexpr int kRounds = 10;

// Encrypts the counter in place.
inline void block(uint32_t key0, uint32_t key1, uint32_t counter[4]) {
  for (int round = 0; round < kRounds; round++) {
    const uint64_t p0 = uint64_t{kMultiplier0} * counter[0], p1 = uint64_t{kMultiplier1} * counter[2];
    const uint32_t c0 = static_cast<uint32_t>(p1 >> 32) ^ counter[1] ^ key0;
    const uint32_t c2 = static_cast<uint32_t>(p0 >> 32) ^ counter[3] ^ key1;
    counter[0] = c0;
    counter[1] = static_cast<uint32_t>(p1);
    counter[2] = c2;
    counter[3] = static_cast<uint32_t>(p0);
    key0 += kWeyl0;
    key1 += kWeyl1;
  }
}

// Words first to first + n - 1 of a seed's sequence; first and n are multiples of 4. Block k has counter (k, 0, 0).
inline void words(uint64_t seed, uint64_t first, int64_t n, uint32_t* y) {
  for (int64_t i = 0; i < n; i += 4) {
    const uint64_t k = (first + static_cast<uint64_t>(i)) / 4;
    uint32_t counter[4] = {static_cast<uint32_t>(k), static_cast<uint32_t>(k >> 32), 0, 0};
    block(static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32), counter);
    for (int j = 0; j < 4; j++) y[i + j] = counter[j];
  }
}

}  // namespace nc::philox
