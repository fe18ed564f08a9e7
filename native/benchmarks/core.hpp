// The operations of cases.json in the core, through its C ABI.
#pragma once

#include "runner.hpp"

namespace nc::benchmarks {

const Operations& core_operations();

}  // namespace nc::benchmarks
