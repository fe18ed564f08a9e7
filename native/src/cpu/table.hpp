// The CPU's table: the reference kernel of every family, each overwritten by a faster one where the ISA has it.
#pragma once

#include "core/backend.hpp"
#include "cpu/isa.hpp"

namespace nc::cpu {

// Assembled at the first call, for isa().
const nc_backend* table();

// The table of an ISA no higher than the machine's: the oracle for tests is Isa::reference.
nc_backend make_table(Isa isa);

}  // namespace nc::cpu
