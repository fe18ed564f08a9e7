#include "core/thread_pool.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <numeric>
#include <stdexcept>
#include <thread>
#include <vector>

#include "core/denormals.hpp"
#include "nativechain/context.h"

using namespace nc;

namespace {

class ThreadPool : public testing::Test {
 protected:
  void SetUp() override { set_num_threads(4); }
  void TearDown() override { set_num_threads(before_); }

 private:
  int before_ = num_threads();
};

TEST_F(ThreadPool, RunsEachChunkOnce) {
  for (const int64_t chunks : {0, 1, 2, 3, 17, 1000}) {
    for (int repeat = 0; repeat < 200; repeat++) {
      std::vector<std::atomic<int>> runs(static_cast<size_t>(chunks));
      parallel_for(chunks, [&](int64_t chunk) { runs[static_cast<size_t>(chunk)]++; });
      for (const auto& count : runs) ASSERT_EQ(count, 1);
    }
  }
}

TEST_F(ThreadPool, UsesSeveralThreads) {
  std::atomic<int> waiting{0};
  parallel_for(2, [&](int64_t) {
    waiting++;
    while (waiting < 2) std::this_thread::yield();
  });
  EXPECT_EQ(waiting, 2);
}

TEST_F(ThreadPool, BriefJobsRunEachChunkOnce) {
  for (const int64_t chunks : {0, 1, 2, 3, 17}) {
    for (int repeat = 0; repeat < 2000; repeat++) {
      std::vector<std::atomic<int>> runs(static_cast<size_t>(chunks));
      parallel_for_brief(chunks, [&](int64_t chunk) { runs[static_cast<size_t>(chunk)]++; });
      for (const auto& count : runs) ASSERT_EQ(count, 1);
      // Longer jobs in between wake threads, and pauses let them sleep.
      if (repeat % 100 == 50) parallel_for(4, [](int64_t) {});
      if (repeat % 500 == 99) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }
}

TEST_F(ThreadPool, BriefJobsReachOtherThreads) {
  const auto self = std::this_thread::get_id();
  std::atomic<bool> elsewhere{false};
  while (!elsewhere) {
    parallel_for(2, [](int64_t) {});  // wakes one where the machine is too slow for brief jobs that follow closely
    parallel_for_brief(2, [&](int64_t) {
      if (std::this_thread::get_id() != self) elsewhere = true;
    });
  }
}

TEST_F(ThreadPool, BriefJobsRethrowAtTheCaller) {
  for (int repeat = 0; repeat < 200; repeat++) {
    EXPECT_THROW(parallel_for_brief(8, [](int64_t chunk) {
                   if (chunk == 5) throw std::runtime_error("chunk 5");
                 }),
                 std::runtime_error);
  }
}

TEST_F(ThreadPool, NestedCallsRunSerially) {
  std::atomic<int> runs{0}, elsewhere{0};
  parallel_for(8, [&](int64_t) {
    const auto self = std::this_thread::get_id();
    parallel_for(8, [&](int64_t) {
      runs++;
      if (std::this_thread::get_id() != self) elsewhere++;
    });
  });
  EXPECT_EQ(runs, 64);
  EXPECT_EQ(elsewhere, 0);
}

TEST_F(ThreadPool, RethrowsAtTheCaller) {
  for (int repeat = 0; repeat < 100; repeat++) {
    try {
      parallel_for(64, [&](int64_t chunk) {
        if (chunk == repeat % 64) throw std::runtime_error("chunk " + std::to_string(chunk));
      });
      FAIL();
    } catch (const std::runtime_error& e) {
      EXPECT_EQ(e.what(), "chunk " + std::to_string(repeat % 64));
    }
  }
  std::atomic<int> runs{0};
  parallel_for(64, [&](int64_t) { runs++; });
  EXPECT_EQ(runs, 64);
}

TEST_F(ThreadPool, ServesManyCallersAtOnce) {
  std::vector<std::thread> callers;
  std::atomic<int64_t> total{0};
  for (int t = 0; t < 6; t++) {
    callers.emplace_back([&] {
      for (int repeat = 0; repeat < 500; repeat++) parallel_for(10, [&](int64_t chunk) { total += chunk; });
    });
  }
  for (auto& t : callers) t.join();
  EXPECT_EQ(total, 6 * 500 * 45);
}

TEST_F(ThreadPool, FewerThreadsFromOneCallToTheNext) {
  for (int repeat = 0; repeat < 100; repeat++) {
    EXPECT_EQ(nc_set_num_threads(1 + repeat % 4), NC_OK);
    EXPECT_EQ(nc_num_threads(), 1 + repeat % 4);
    std::atomic<int> runs{0};
    parallel_for(20, [&](int64_t) { runs++; });
    ASSERT_EQ(runs, 20);
  }
}

// At run time, in the mode of the thread.
float halve(float x) {
  volatile float half = 0.5f;
  return x * half;
}

TEST_F(ThreadPool, WorkersTakeTheCallersFloatMode) {
  constexpr float smallest = 1.17549435e-38f;
  EXPECT_NE(halve(smallest), 0);
  {
    const FlushDenormals flush;
    EXPECT_EQ(halve(smallest), 0);
    std::atomic<int> kept{0}, waiting{0};
    parallel_for(4, [&](int64_t) {
      waiting++;
      while (waiting < 4) std::this_thread::yield();
      if (halve(smallest) != 0) kept++;
    });
    EXPECT_EQ(kept, 0);
    {
      const FlushDenormals off(false);
      EXPECT_EQ(halve(smallest), 0);
    }
  }
  EXPECT_NE(halve(smallest), 0);
  std::atomic<int> kept{0}, waiting{0};
  parallel_for(4, [&](int64_t) {
    waiting++;
    while (waiting < 4) std::this_thread::yield();
    if (halve(smallest) != 0) kept++;
  });
  EXPECT_EQ(kept, 4);
}

}  // namespace
