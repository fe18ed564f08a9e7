// The instruction set that the CPU kernels use.
#pragma once

#include <type_traits>

namespace nc::cpu {

// In the order of choice: a later one is preferred where the machine has it.
// avx3_bf16 and amx: the kernels of avx3, with
// instructions of their own for products of bfloat16.
enum class Isa { reference, sse4, avx2, avx3, avx3_bf16, amx, neon };

// The best that the machine has and NATIVECHAIN_ISA allows. Chosen at the first call.
Isa isa();
const char* isa_name(Isa isa);

// Calls f with the ISA as a constant; not for Isa::reference.
template <class F>
void with_isa(Isa isa, const F& f) {
  switch (isa) {
    case Isa::sse4:
      return f(std::integral_constant<Isa, Isa::sse4>());
    case Isa::avx2:
      return f(std::integral_constant<Isa, Isa::avx2>());
    case Isa::avx3:
    case Isa::avx3_bf16:
    case Isa::amx:
      return f(std::integral_constant<Isa, Isa::avx3>());
    case Isa::neon:
      return f(std::integral_constant<Isa, Isa::neon>());
    case Isa::reference:
      return;
  }
}

}  // namespace nc::cpu
