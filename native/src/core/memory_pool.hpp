// The pool of one device's memory: blocks by size class, found again by their address alone.
#pragma once

#include <cstdint>
#include <vector>

#include "core/backend.hpp"
#include "core/spin.hpp"

namespace nc {

// Classes: multiples of 64 up to 256 bytes, then four steps to each power of two: 320, 384, 448, 512, 640 ...
namespace size_class {
constexpr int64_t kMaxBytes = int64_t{1} << 46;
constexpr int kCount = 4 + 4 * 38;
int of(int64_t nbytes);    // nbytes in [0, kMaxBytes]
int64_t bytes(int index);  // what a block of the class holds
}  // namespace size_class

class MemoryPool {
 public:
  MemoryPool(const nc_backend* backend, int32_t device_id);

  // Never null; throws NC_OUT_OF_MEMORY with requested, live and cached bytes.
  void* alloc(int64_t nbytes, int64_t* capacity);
  // Throws NC_INVALID_ARGUMENT for what is not a live block of this pool.
  void free(void* block);
  int64_t trim();
  nc_memory_stats stats();
  void reset_peak();

 private:
  struct Block {
    void* memory;
    Block* next;  // in the free list of its class
    int32_t size_class;
    bool live;
  };

  Block* find(void* memory) const;
  void insert(Block* block);
  void erase(void* memory);
  size_t slot_of(const void* memory) const;
  void* alloc_from_system(int64_t nbytes, int index);
  void count_live(int64_t capacity);

  const nc_backend* const backend_;
  const int32_t device_id_;

  SpinLock lock_;
  Block* free_[size_class::kCount] = {};
  nc_memory_stats stats_ = {};
  std::vector<Block*> table_;  // open addressing, by address; its size a power of two, at most half full
  size_t blocks_ = 0;
};

// The pool of a device; made at first use, never destroyed.
MemoryPool& memory_pool(const nc_backend* backend, int32_t device_id);

}  // namespace nc
