// The instruction set that the CPU kernels use.
#pragma once

namespace nc::cpu {

// In the order of choice: a later one is preferred where the machine has it.
enum class Isa { reference, sse4, avx2, avx3, neon };

// The best that the machine has and NATIVECHAIN_ISA allows. Chosen at the first call.
Isa isa();
const char* isa_name(Isa isa);

}  // namespace nc::cpu
