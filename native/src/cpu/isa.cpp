#include "cpu/isa.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "core/log.hpp"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace nc::cpu {
namespace {

constexpr const char* kNames[] = {"reference", "sse4", "avx2", "avx3", "neon"};

#if defined(__x86_64__)
bool has_f16c() {
  unsigned eax, ebx, ecx, edx;
  return __get_cpuid(1, &eax, &ebx, &ecx, &edx) && (ecx & bit_F16C);
}
#endif

Isa detect() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("sse4.2") || !__builtin_cpu_supports("pclmul") || !__builtin_cpu_supports("aes"))
    return Isa::reference;
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma") || !__builtin_cpu_supports("bmi") ||
      !__builtin_cpu_supports("bmi2") || !has_f16c())
    return Isa::sse4;
  if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512bw") ||
      !__builtin_cpu_supports("avx512dq") || !__builtin_cpu_supports("avx512vl"))
    return Isa::avx2;
  return Isa::avx3;
#elif defined(__aarch64__)
  return Isa::neon;
#else
  return Isa::reference;
#endif
}

Isa choose() {
  const Isa best = detect();
  const char* cap = std::getenv("NATIVECHAIN_ISA");
  if (!cap || !*cap) return best;
  for (int i = 0; i < 5; i++) {
    if (std::strcmp(cap, kNames[i]) != 0) continue;
    const Isa named = static_cast<Isa>(i);
    // Another architecture's name caps nothing.
    return best == Isa::neon && named != Isa::reference ? best : std::min(best, named);
  }
  log(NC_LOG_WARNING, "NATIVECHAIN_ISA is '%s', which is no instruction set; using %s", cap, isa_name(best));
  return best;
}

}  // namespace

Isa isa() {
  static const Isa chosen = [] {
    const Isa best = choose();
    log(NC_LOG_INFO, "CPU kernels use %s", isa_name(best));
    return best;
  }();
  return chosen;
}

const char* isa_name(Isa isa) { return kNames[static_cast<int>(isa)]; }

}  // namespace nc::cpu
