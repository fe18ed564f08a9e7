#include "cpu/isa.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <iterator>

#include "core/log.hpp"

#if defined(__x86_64__)
#include <cpuid.h>
#endif
#if defined(__x86_64__) && defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace nc::cpu {
namespace {

constexpr const char* kNames[] = {"reference", "sse4", "avx2", "avx3", "avx3_bf16", "amx", "neon"};

#if defined(__x86_64__)
bool has_f16c() {
  unsigned eax, ebx, ecx, edx;
  return __get_cpuid(1, &eax, &ebx, &ecx, &edx) && (ecx & bit_F16C);
}

bool has_avx512_bf16() {
  unsigned eax, ebx, ecx, edx;
  return __get_cpuid_count(7, 1, &eax, &ebx, &ecx, &edx) && (eax & 1u << 5);
}

// Tiles of 16 rows of 64 bytes and their products of bfloat16, saved by the system and granted to this process. Asked of
// Linux alone.
bool has_amx() {
#if defined(__linux__)
  constexpr unsigned kTile = 1u << 24, kBf16 = 1u << 22, kOsXsave = 1u << 27;
  unsigned eax, ebx, ecx, edx;
  if (!__get_cpuid(1, &eax, &ebx, &ecx, &edx) || !(ecx & kOsXsave)) return false;
  if (!__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) || (edx & (kTile | kBf16)) != (kTile | kBf16)) return false;
  // Palette 1: 8 tiles of 1024 bytes, rows of 64 bytes, 16 of them.
  if (!__get_cpuid_count(0x1D, 1, &eax, &ebx, &ecx, &edx)) return false;
  if (eax >> 16 < 1024 || ebx != (8u << 16 | 64) || (ecx & 0xFFFF) != 16) return false;
  constexpr unsigned kTileConfig = 1u << 17, kTileData = 1u << 18;
  asm("xgetbv" : "=a"(eax), "=d"(edx) : "c"(0));
  if ((eax & (kTileConfig | kTileData)) != (kTileConfig | kTileData)) return false;
  constexpr long kRequestPermission = 0x1023, kTileDataFeature = 18;  // ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA
  return syscall(SYS_arch_prctl, kRequestPermission, kTileDataFeature) == 0;
#else
  return false;
#endif
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
  if (!has_avx512_bf16()) return Isa::avx3;
  if (has_amx()) return Isa::amx;
  // Intel's processors take two cycles for the products of bfloat16 that AMD's take one for: half the rate of float32's.
  return __builtin_cpu_is("intel") ? Isa::avx3 : Isa::avx3_bf16;
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
  for (int i = 0; i < static_cast<int>(std::size(kNames)); i++) {
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
