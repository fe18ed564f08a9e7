// The core alone as a runner of Compare: the kernels of cases.json, and what the machine can do.
#include <nativechain/nativechain.h>

#include "core.hpp"
#include "machine.hpp"

int main() {
  using namespace nc::benchmarks;
  Operations operations = core_operations();
  operations.insert(machine_operations().begin(), machine_operations().end());
  return serve("NativeChain", std::string(nc_version()) + " (" + nc_cpu_isa() + ")", operations);
}
