// The instructions of AMX, which run only where isa() is amx. In assembly, so that no function needs a target of its own
// and memory is ordered with them.
#include "cpu/gemm/tiles.hpp"

#if defined(__x86_64__)

namespace nc::cpu::gemm {
namespace {

struct Amx {
  static void configure(const TileConfig& config) { asm volatile("ldtilecfg %0" : : "m"(config)); }
  static void release() { asm volatile("tilerelease" : : : "memory"); }
  template <int t>
  static void zero() {
    asm volatile("tilezero %%tmm%c0" : : "i"(t));
  }
  template <int t>
  static void load(const void* from, int64_t stride) {
    asm volatile("tileloadd (%0,%1,1), %%tmm%c2" : : "r"(from), "r"(stride), "i"(t) : "memory");
  }
  template <int t>
  static void store(void* to, int64_t stride) {
    asm volatile("tilestored %%tmm%c2, (%0,%1,1)" : : "r"(to), "r"(stride), "i"(t) : "memory");
  }
  template <int c, int a, int b>
  static void dot() {
    asm volatile("tdpbf16ps %%tmm%c2, %%tmm%c1, %%tmm%c0" : : "i"(c), "i"(a), "i"(b));
  }
};

}  // namespace

const PairKernel& amx_kernel() {
  static constexpr PairKernel kernel = TileProduct<Amx>::kernel();
  return kernel;
}

}  // namespace nc::cpu::gemm

#endif
