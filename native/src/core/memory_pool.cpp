#include "core/memory_pool.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>

#include "core/platform.hpp"
#include "core/status.hpp"

namespace nc {

int size_class::of(int64_t nbytes) {
  if (nbytes <= 256) return nbytes <= 64 ? 0 : static_cast<int>((nbytes - 1) / 64);
  const auto last = static_cast<uint64_t>(nbytes - 1);
  const int top = std::bit_width(last) - 1;  // 8 or more
  return 4 + (top - 8) * 4 + static_cast<int>((last >> (top - 2)) & 3);
}

int64_t size_class::bytes(int index) {
  if (index < 4) return (index + 1) * 64;
  const int top = (index - 4) / 4 + 8, step = (index - 4) % 4;
  return (int64_t{1} << top) + (int64_t{step} + 1) * (int64_t{1} << (top - 2));
}

MemoryPool::MemoryPool(const nc_backend* backend, int32_t device_id)
    : backend_(backend), device_id_(device_id), table_(1024) {}

size_t MemoryPool::slot_of(const void* memory) const {
  const uint64_t hash = (reinterpret_cast<uintptr_t>(memory) >> 6) * 0x9E3779B97F4A7C15u;
  return (hash >> 32) & (table_.size() - 1);
}

MemoryPool::Block* MemoryPool::find(void* memory) const {
  for (size_t i = slot_of(memory); table_[i]; i = (i + 1) & (table_.size() - 1))
    if (table_[i]->memory == memory) return table_[i];
  return nullptr;
}

void MemoryPool::insert(Block* block) {
  if (2 * (blocks_ + 1) > table_.size()) {
    std::vector<Block*> old(2 * table_.size());
    old.swap(table_);
    blocks_ = 0;
    for (Block* b : old)
      if (b) insert(b);
  }
  size_t i = slot_of(block->memory);
  while (table_[i]) i = (i + 1) & (table_.size() - 1);
  table_[i] = block;
  blocks_++;
}

void MemoryPool::erase(void* memory) {
  const size_t mask = table_.size() - 1;
  size_t hole = slot_of(memory);
  while (table_[hole]->memory != memory) hole = (hole + 1) & mask;
  // What follows moves up, unless it would come before its own slot.
  for (size_t i = (hole + 1) & mask; table_[i]; i = (i + 1) & mask) {
    if (((i - slot_of(table_[i]->memory)) & mask) >= ((i - hole) & mask)) {
      table_[hole] = table_[i];
      hole = i;
    }
  }
  table_[hole] = nullptr;
  blocks_--;
}

void MemoryPool::count_live(int64_t capacity) {
  stats_.live_bytes += capacity;
  stats_.live_blocks++;
  stats_.peak_bytes = std::max(stats_.peak_bytes, stats_.live_bytes);
}

void* MemoryPool::alloc(int64_t nbytes, int64_t* capacity) {
  if (nbytes < 0) fail(NC_INVALID_ARGUMENT, "nbytes is %lld", (long long)nbytes);
  if (nbytes > size_class::kMaxBytes) {
    const nc_memory_stats now = stats();
    fail(NC_OUT_OF_MEMORY, "out of memory: %lld bytes requested, %lld live, %lld cached", (long long)nbytes,
         (long long)now.live_bytes, (long long)now.cached_bytes);
  }
  const int index = size_class::of(nbytes);
  if (capacity) *capacity = size_class::bytes(index);
  {
    const std::lock_guard guard(lock_);
    if (Block* block = free_[index]) {
      free_[index] = block->next;
      block->live = true;
      stats_.cached_bytes -= size_class::bytes(index);
      count_live(size_class::bytes(index));
      return block->memory;
    }
  }
  return alloc_from_system(nbytes, index);
}

void* MemoryPool::alloc_from_system(int64_t nbytes, int index) {
  const int64_t capacity = size_class::bytes(index);
  auto block = std::make_unique<Block>();
  void* memory = nullptr;
  nc_status status = backend_->memory_alloc(device_id_, capacity, &memory);
  if (status != NC_OK && trim() > 0) status = backend_->memory_alloc(device_id_, capacity, &memory);
  if (status != NC_OK) {
    const nc_memory_stats now = stats();
    fail(NC_OUT_OF_MEMORY, "out of memory: %lld bytes requested, %lld live, %lld cached", (long long)nbytes,
         (long long)now.live_bytes, (long long)now.cached_bytes);
  }
  *block = {memory, nullptr, index, true};
  try {
    const std::lock_guard guard(lock_);
    insert(block.get());
    count_live(capacity);
  } catch (...) {
    backend_->memory_free(device_id_, memory);
    throw;
  }
  block.release();
  return memory;
}

void MemoryPool::free(void* memory) {
#if !defined(NDEBUG)
  // Reading a freed block gives NaN in every floating point dtype. Before the lock: the caller still owns the block.
  if (backend_->device_type == NC_CPU) {
    int64_t capacity = 0;
    {
      const std::lock_guard guard(lock_);
      if (const Block* block = find(memory); block && block->live) capacity = size_class::bytes(block->size_class);
    }
    std::memset(memory, 0xFF, static_cast<size_t>(capacity));
  }
#endif
  Block* block;
  {
    const std::lock_guard guard(lock_);
    block = find(memory);
    if (block && block->live) {
      const int64_t capacity = size_class::bytes(block->size_class);
      block->live = false;
      block->next = free_[block->size_class];
      free_[block->size_class] = block;
      stats_.live_bytes -= capacity;
      stats_.live_blocks--;
      stats_.cached_bytes += capacity;
      return;
    }
  }
  fail(NC_INVALID_ARGUMENT, block ? "block %p has been freed already" : "block %p is not one of this device's pool",
       memory);
}

int64_t MemoryPool::trim() {
  Block* freed = nullptr;
  int64_t released;
  {
    const std::lock_guard guard(lock_);
    released = stats_.cached_bytes;
    for (Block*& list : free_) {
      while (Block* block = list) {
        list = block->next;
        erase(block->memory);
        block->next = freed;
        freed = block;
      }
    }
    stats_.cached_bytes = 0;
  }
  while (Block* block = freed) {
    freed = block->next;
    backend_->memory_free(device_id_, block->memory);
    delete block;
  }
  if (backend_->device_type == NC_CPU) platform::trim_heap();
  return released;
}

nc_memory_stats MemoryPool::stats() {
  const std::lock_guard guard(lock_);
  return stats_;
}

void MemoryPool::reset_peak() {
  const std::lock_guard guard(lock_);
  stats_.peak_bytes = stats_.live_bytes;
}

MemoryPool& memory_pool(const nc_backend* backend, int32_t device_id) {
  static std::mutex mutex;
  static auto* const pools = new std::map<std::pair<int32_t, int32_t>, std::unique_ptr<MemoryPool>>;
  const std::lock_guard guard(mutex);
  auto& pool = (*pools)[{backend->device_type, device_id}];
  if (!pool) pool = std::make_unique<MemoryPool>(backend, device_id);
  return *pool;
}

}  // namespace nc
