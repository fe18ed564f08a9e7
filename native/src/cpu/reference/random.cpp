// Random numbers from words made one block at a time.
#include "cpu/random.hpp"

#include "core/philox.hpp"

namespace nc::cpu::reference {
namespace {

struct Source {
  static void words(uint64_t seed, uint64_t first, int64_t n, uint32_t* y) { philox::words(seed, first, n, y); }

  static void uniform(const uint32_t* words, int64_t n, float low, float scale, float top, float* y) {
    for (int64_t i = 0; i < n; i++) y[i] = std::min(low + scale * (static_cast<float>(words[i] >> 8) * 0x1p-24f), top);
  }

  static void normal(const uint32_t* words, int64_t n, float mean, float stddev, float* y) {
    for (int64_t i = 0; i < n; i += 2) {
      // All 32 bits of the first word, so that the tails reach 6.6 standard deviations.
      const uint32_t w = words[i];
      const float u = static_cast<float>(w >> 8) * 0x1p-24f + (static_cast<float>(w & 0xFF) + 0.5f) * 0x1p-32f;
      const float radius = std::sqrt(-2.0f * random_math::log(u));
      float sine, cosine;
      random_math::sincos_turns(static_cast<float>(words[i + 1] >> 8) * 0x1p-24f, &sine, &cosine);
      y[i] = mean + stddev * (radius * cosine);
      y[i + 1] = mean + stddev * (radius * sine);
    }
  }
};

}  // namespace

void register_random(nc_backend& table) { Random<Source>::register_slots(table); }

}  // namespace nc::cpu::reference
