// Memory for packed panels and tiles of a product: one block a thread and use, kept for its next product.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>

namespace nc::cpu::gemm {

class Scratch {
 public:
  // Aligned to 64 bytes; its content is not defined. Callers bound the count by the sizes of their blocks.
  template <class T>
  T* reserve(int64_t count) {
    const size_t nbytes = static_cast<size_t>(count) * sizeof(T);
    if (nbytes > capacity_) {
      block_.reset();
      capacity_ = 0;
      block_.reset(static_cast<char*>(::operator new (nbytes, std::align_val_t{64})));
      capacity_ = nbytes;
    }
    return reinterpret_cast<T*>(block_.get());
  }

 private:
  struct Free {
    void operator()(char* p) const { ::operator delete (p, std::align_val_t{64}); }
  };
  std::unique_ptr<char, Free> block_;
  size_t capacity_ = 0;
};

struct ThreadScratch {
  Scratch left;       // panels of the left operand; those that all threads read lie in the caller's
  Scratch right;      // one panel of the right operand
  Scratch converted;  // part of a 16 bit operand, in float32
  Scratch tile;       // a product that cannot be accumulated in y
  Scratch images;     // images with their padding, from which the right operand is gathered
  Scratch gradients;  // likewise, the left operand
  Scratch filters;    // filters of another dtype, or their gradients before they are summed
  uint64_t packed_id = 0;  // of the product and the rows of its left operand that lie in `left`
};

// The first of `count` that no other product has; none has 0.
inline uint64_t next_packed_ids(int64_t count) {
  static std::atomic<uint64_t> id{1};
  return id.fetch_add(static_cast<uint64_t>(count), std::memory_order_relaxed);
}

inline ThreadScratch& thread_scratch() {
  static thread_local ThreadScratch scratch;
  return scratch;
}

}  // namespace nc::cpu::gemm
