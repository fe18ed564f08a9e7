// Floating point mode of a thread: whether denormals are flushed to zero.
#pragma once

#include <cstdint>

#if defined(__x86_64__) || defined(__i386__)
#include <xmmintrin.h>
#endif

namespace nc {

// MXCSR on x86 (without its sticky exception flags), FPCR on arm64.
inline uint64_t float_mode() {
#if defined(__x86_64__) || defined(__i386__)
  return _mm_getcsr() & ~0x3Fu;
#elif defined(__aarch64__)
  uint64_t fpcr;
  asm volatile("mrs %0, fpcr" : "=r"(fpcr));
  return fpcr;
#else
  return 0;
#endif
}

inline void set_float_mode([[maybe_unused]] uint64_t mode) {
#if defined(__x86_64__) || defined(__i386__)
  _mm_setcsr(static_cast<unsigned>(mode));
#elif defined(__aarch64__)
  asm volatile("msr fpcr, %0" : : "r"(mode));
#endif
}

// Flushes denormal inputs and results of float arithmetic on this thread while it lives. Worker threads run the chunks
// of a parallel_for in the mode of its caller.
class FlushDenormals {
 public:
  explicit FlushDenormals(bool on = true) : on_(on) {
    if (!on_) return;
    saved_ = float_mode();
    set_float_mode(saved_ | kFlush);
  }
  ~FlushDenormals() {
    if (on_) set_float_mode(saved_);
  }
  FlushDenormals(const FlushDenormals&) = delete;
  FlushDenormals& operator=(const FlushDenormals&) = delete;

 private:
#if defined(__aarch64__)
  static constexpr uint64_t kFlush = uint64_t{1} << 24;  // FZ
#else
  static constexpr uint64_t kFlush = 0x8040;  // FTZ, DAZ
#endif
  bool on_;
  uint64_t saved_ = 0;
};

}  // namespace nc
