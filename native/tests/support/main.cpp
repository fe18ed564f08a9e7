#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "nativechain/context.h"

int main(int argc, char** argv) {
  const char* wanted = std::getenv("NATIVECHAIN_ISA");
  if (wanted && std::strcmp(wanted, nc_cpu_isa()) != 0) {
    std::printf("this machine has no %s\n", wanted);
    return 77;
  }
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
