#include "nativechain/context.h"

#include <atomic>
#include <set>
#include <string>
#include <thread>

#include "support/tensor.hpp"

using namespace nc::test;

namespace {

nc_memory_stats stats() {
  nc_memory_stats s;
  EXPECT_TRUE(succeeded(nc_memory_statistics(context(), &s)));
  return s;
}

TEST(Context, RefusesWhatIsNoDevice) {
  nc_context* made = nullptr;
  EXPECT_TRUE(failed(nc_context_create(7, 0, &made), NC_INVALID_DEVICE, "device type 7"));
  EXPECT_TRUE(failed(nc_context_create(NC_CPU, 1, &made), NC_INVALID_DEVICE, "device_id is 1"));
  EXPECT_TRUE(failed(nc_context_create(NC_CUDA, 0, &made), NC_INVALID_DEVICE, "nc_load_backend"));
  EXPECT_TRUE(failed(nc_context_create(NC_CPU, 0, nullptr), NC_INVALID_ARGUMENT, "nc_context_create: context"));
  EXPECT_EQ(made, nullptr);
}

TEST(Context, CountsDevices) {
  int32_t count = -1;
  EXPECT_TRUE(succeeded(nc_device_count(NC_CPU, &count)));
  EXPECT_EQ(count, 1);
  EXPECT_TRUE(succeeded(nc_device_count(NC_CUDA, &count)));
  EXPECT_EQ(count, 0);
  EXPECT_TRUE(failed(nc_device_count(99, &count), NC_INVALID_DEVICE, "99"));
}

TEST(Context, LoadBackendSaysWhyItCannot) {
  EXPECT_TRUE(failed(nc_load_backend("/nowhere/libnativechain_cuda.so"), NC_BACKEND_ERROR, "/nowhere"));
  EXPECT_TRUE(failed(nc_load_backend("libm.so.6"), NC_BACKEND_ERROR, "nativechain_backend_init"));
}

TEST(Memory, BlocksAreAlignedAndOfTheirClass) {
  for (int64_t nbytes : {0, 1, 64, 65, 256, 257, 320, 321, 1000, 4096, 4097, 1 << 20, (1 << 20) + 1, 50 << 20}) {
    void* block = nullptr;
    int64_t capacity = 0;
    ASSERT_TRUE(succeeded(nc_alloc(context(), nbytes, &block, &capacity)));
    EXPECT_EQ(reinterpret_cast<uintptr_t>(block) % 64, 0u);
    EXPECT_GE(capacity, nbytes);
    EXPECT_LE(capacity, std::max<int64_t>(nbytes + 64, nbytes + nbytes / 4));
    std::memset(block, 1, capacity);
    EXPECT_TRUE(succeeded(nc_free(context(), block)));
  }
}

TEST(Memory, EveryClassHoldsWhatItIsFor) {
  int64_t before = 0;
  for (int64_t nbytes = 1; nbytes < 100000; nbytes++) {
    void* block = nullptr;
    int64_t capacity = 0;
    ASSERT_TRUE(succeeded(nc_alloc(context(), nbytes, &block, &capacity)));
    ASSERT_TRUE(succeeded(nc_free(context(), block)));
    ASSERT_GE(capacity, nbytes);
    ASSERT_GE(capacity, before);
    before = capacity;
  }
}

TEST(Memory, FreedBlockIsReused) {
  void *a, *b;
  ASSERT_TRUE(succeeded(nc_alloc(context(), 1000, &a, nullptr)));
  ASSERT_TRUE(succeeded(nc_free(context(), a)));
  ASSERT_TRUE(succeeded(nc_alloc(context(), 1001, &b, nullptr)));
  EXPECT_EQ(a, b);
  EXPECT_TRUE(succeeded(nc_free(context(), b)));
}

TEST(Memory, RefusesWhatIsNoLiveBlock) {
  int64_t local = 0;
  EXPECT_TRUE(failed(nc_free(context(), &local), NC_INVALID_ARGUMENT, "not one of"));
  EXPECT_TRUE(failed(nc_free(context(), reinterpret_cast<void*>(64)), NC_INVALID_ARGUMENT, "not one of"));
  void* block;
  ASSERT_TRUE(succeeded(nc_alloc(context(), 10, &block, nullptr)));
  EXPECT_TRUE(failed(nc_free(context(), static_cast<char*>(block) + 8), NC_INVALID_ARGUMENT, "not one of"));
  EXPECT_TRUE(succeeded(nc_free(context(), block)));
  EXPECT_TRUE(failed(nc_free(context(), block), NC_INVALID_ARGUMENT, "freed already"));
  EXPECT_TRUE(succeeded(nc_free(context(), nullptr)));
}

TEST(Memory, RefusesAbsurdSizes) {
  void* block = nullptr;
  EXPECT_TRUE(failed(nc_alloc(context(), -1, &block, nullptr), NC_INVALID_ARGUMENT, "nbytes is -1"));
  EXPECT_TRUE(
      failed(nc_alloc(context(), INT64_MAX, &block, nullptr), NC_OUT_OF_MEMORY, "9223372036854775807 bytes requested"));
  EXPECT_TRUE(failed(nc_alloc(context(), (int64_t{1} << 46) + 1, &block, nullptr), NC_OUT_OF_MEMORY, "cached"));
  EXPECT_EQ(block, nullptr);
  // A system that hands out addresses without memory behind them may grant this one.
  if (nc_alloc(context(), int64_t{1} << 46, &block, nullptr) == NC_OK) {
    EXPECT_TRUE(succeeded(nc_free(context(), block)));
    EXPECT_TRUE(succeeded(nc_trim(context(), nullptr)));
  } else {
    EXPECT_NE(std::string(nc_last_error()).find("70368744177664 bytes requested"), std::string::npos) << nc_last_error();
    EXPECT_EQ(block, nullptr);
  }
  EXPECT_TRUE(failed(nc_alloc(nullptr, 1, &block, nullptr), NC_INVALID_ARGUMENT, "context"));
  EXPECT_TRUE(failed(nc_alloc(context(), 1, nullptr, nullptr), NC_INVALID_ARGUMENT, "block"));
}

TEST(Memory, CountsAndTrims) {
  ASSERT_TRUE(succeeded(nc_trim(context(), nullptr)));
  ASSERT_TRUE(succeeded(nc_memory_reset_peak(context())));
  const nc_memory_stats before = stats();
  EXPECT_EQ(before.cached_bytes, 0);
  EXPECT_EQ(before.peak_bytes, before.live_bytes);
  void* block;
  int64_t capacity, released;
  ASSERT_TRUE(succeeded(nc_alloc(context(), 3 << 20, &block, &capacity)));
  EXPECT_EQ(stats().live_bytes, before.live_bytes + capacity);
  EXPECT_EQ(stats().live_blocks, before.live_blocks + 1);
  ASSERT_TRUE(succeeded(nc_free(context(), block)));
  EXPECT_EQ(stats().live_bytes, before.live_bytes);
  EXPECT_EQ(stats().cached_bytes, capacity);
  EXPECT_EQ(stats().peak_bytes, before.live_bytes + capacity);
  ASSERT_TRUE(succeeded(nc_trim(context(), &released)));
  EXPECT_EQ(released, capacity);
  EXPECT_EQ(stats().cached_bytes, 0);
}

TEST(Memory, ManyThreads) {
  const nc_memory_stats before = stats();
  std::vector<std::thread> threads;
  std::atomic<int> wrong{0};
  for (int t = 0; t < 8; t++) {
    threads.emplace_back([t, &wrong] {
      nc_context* own = nullptr;
      if (nc_context_create(NC_CPU, 0, &own) != NC_OK) wrong++;
      std::vector<int64_t*> held;
      for (int i = 0; i < 5000; i++) {
        void* block = nullptr;
        if (nc_alloc(own, 8 + (i * 37 + t) % 3000, &block, nullptr) != NC_OK) wrong++;
        *static_cast<int64_t*>(block) = reinterpret_cast<int64_t>(block);
        held.push_back(static_cast<int64_t*>(block));
        if (held.size() > 50) {
          for (int64_t* p : held) {
            if (*p != reinterpret_cast<int64_t>(p)) wrong++;
            if (nc_free(own, p) != NC_OK) wrong++;
          }
          held.clear();
          if (t == 0 && nc_trim(own, nullptr) != NC_OK) wrong++;
        }
      }
      for (int64_t* p : held) nc_free(own, p);
      nc_context_destroy(own);
    });
  }
  for (auto& t : threads) t.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(stats().live_bytes, before.live_bytes);
  EXPECT_EQ(stats().live_blocks, before.live_blocks);
}

TEST(Base, DtypesAndVersion) {
  EXPECT_EQ(nc_abi_version(), NC_ABI_MAJOR << 16 | NC_ABI_MINOR);
  EXPECT_EQ(nc_dtype_size(NC_FLOAT64), 8);
  EXPECT_EQ(nc_dtype_size(-1), 0);
  EXPECT_EQ(nc_dtype_size(8), 0);
  EXPECT_STREQ(nc_dtype_name(NC_BFLOAT16), "bfloat16");
  EXPECT_STREQ(nc_dtype_name(100), "unknown");
  EXPECT_GT(std::strlen(nc_version()), 0u);
}

TEST(Base, ErrorsBelongToTheirThread) {
  EXPECT_TRUE(failed(nc_set_num_threads(0), NC_INVALID_ARGUMENT, "count is 0"));
  std::string elsewhere = "unset";
  std::thread([&] { elsewhere = nc_last_error(); }).join();
  EXPECT_EQ(elsewhere, "");
}

}  // namespace
