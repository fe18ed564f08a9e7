// Highway for this library: one source a kernel, compiled once for each of SSE4, AVX2, AVX3 (AVX-512) and, on arm64,
// NEON. A kernel's file, here src/cpu/softmax.cpp:
//
//   #undef HWY_TARGET_INCLUDE
//   #define HWY_TARGET_INCLUDE "cpu/softmax.cpp"
//   // clang-format off
//   #include "cpu/highway.hpp"
//   #include "hwy/foreach_target.h"
//   #include "hwy/highway.h"
//   // clang-format on
//
//   HWY_BEFORE_NAMESPACE();
//   namespace nc::cpu::HWY_NAMESPACE {
//   namespace hn = hwy::HWY_NAMESPACE;
//   ... kernels; a lambda needs HWY_ATTR: [&](int64_t chunk) HWY_ATTR { ... }
//   void register_softmax(nc_backend& table) { table.softmax = softmax; }
//   }
//   HWY_AFTER_NAMESPACE();
//
//   #if HWY_ONCE
//   namespace nc::cpu {
//   void register_softmax(nc_backend& table, Isa isa) { NC_DISPATCH(isa, register_softmax, table); }
//   }
//   #endif
//
// Headers of the kernel's own go before highway.hpp. Code shared by kernels of one target lives in *-inl.hpp, guarded
// by HWY_TARGET_TOGGLE as Highway's own are.
#pragma once

#include "cpu/isa.hpp"

// SSE4 takes the place of the static baseline: what lies below it is served by src/cpu/reference.
#if defined(__x86_64__) || defined(_M_X64)
#define HWY_BASELINE_TARGETS HWY_SSE4
#define HWY_DISABLED_TARGETS (HWY_SCALAR | HWY_EMU128 | HWY_SSSE3 | HWY_AVX3_DL | 0x7F)  // 0x7F: of later versions
#elif defined(__aarch64__)
#define HWY_BASELINE_TARGETS HWY_NEON
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128)
#endif

// Highway's debug assertions call into its library, which is not linked.
#define HWY_IS_DEBUG_BUILD 0

// Calls function(...) of the ISA's namespace; nothing for Isa::reference.
#if defined(__aarch64__)
#define NC_DISPATCH(isa, function, ...)                               \
  do {                                                                \
    if ((isa) == ::nc::cpu::Isa::neon) N_NEON::function(__VA_ARGS__); \
  } while (0)
#else
#define NC_DISPATCH(isa, function, ...) \
  do {                                  \
    switch (isa) {                      \
      case ::nc::cpu::Isa::sse4:        \
        N_SSE4::function(__VA_ARGS__);  \
        break;                          \
      case ::nc::cpu::Isa::avx2:        \
        N_AVX2::function(__VA_ARGS__);  \
        break;                          \
      case ::nc::cpu::Isa::avx3:        \
      case ::nc::cpu::Isa::avx3_bf16:   \
      case ::nc::cpu::Isa::amx:         \
        N_AVX3::function(__VA_ARGS__);  \
        break;                          \
      default:                          \
        break;                          \
    }                                   \
  } while (0)
#endif

namespace nc::cpu {
namespace detail {

template <class Kernels, Isa kIsa, class Fill>
const Kernels& kernels_once(const Fill& fill) {
  static const Kernels kernels = [&] {
    Kernels k = {};
    fill(k);
    return k;
  }();
  return kernels;
}

}  // namespace detail

// The kernels of an ISA, filled at their first use, and only where the machine has it, since the filling itself is
// compiled for it: kernels_of<SoftmaxKernels>(isa, [isa](auto& k) { NC_DISPATCH(isa, FillSoftmaxKernels, k); }).
template <class Kernels, class Fill>
const Kernels& kernels_of(Isa isa, const Fill& fill) {
  switch (isa) {
    case Isa::avx3:
    case Isa::avx3_bf16:
    case Isa::amx:
      return detail::kernels_once<Kernels, Isa::avx3>(fill);
    case Isa::avx2:
      return detail::kernels_once<Kernels, Isa::avx2>(fill);
    case Isa::neon:
      return detail::kernels_once<Kernels, Isa::neon>(fill);
    default:
      return detail::kernels_once<Kernels, Isa::sse4>(fill);
  }
}

}  // namespace nc::cpu
