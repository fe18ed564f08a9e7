// A program as backends see it: checked code, and room for what a backend derives from it.
#pragma once

#include <atomic>
#include <vector>

#include "nativechain/program.h"

// Immutable once built, but for the caches, which a backend fills at most once under its own lock.
struct nc_program {
  std::vector<nc_instruction> code;
  int32_t inputs = 0;
  int32_t parameters = 0;
  int32_t outputs = 0;
  nc_dtype compute_dtype = NC_FLOAT32;
  int32_t flags = 0;

  struct Cache {
    virtual ~Cache() = default;
  };
  mutable std::atomic<Cache*> cpu_cache{nullptr};   // owned; decoded form, chosen specialised kernel
  mutable std::atomic<Cache*> cuda_cache{nullptr};  // owned; NVRTC module

  ~nc_program() {
    delete cpu_cache.load();
    delete cuda_cache.load();
  }
};
