#include "core/thread_pool.hpp"

#include <gtest/gtest.h>

#if defined(__linux__)
#include <sched.h>
#endif

#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <numeric>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

#include "core/denormals.hpp"
#include "core/processors.hpp"
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
    EXPECT_THROW(parallel_for_brief(8,
                                    [](int64_t chunk) {
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

#if defined(__linux__)
std::vector<int> allowed_processors(int64_t thread = 0) {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  sched_getaffinity(static_cast<pid_t>(thread), sizeof(allowed), &allowed);
  std::vector<int> processors;
  for (int processor = 0; processor < CPU_SETSIZE; processor++)
    if (CPU_ISSET(processor, &allowed)) processors.push_back(processor);
  return processors;
}

void run_on(const std::vector<int>& processors) {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  for (const int processor : processors) CPU_SET(processor, &allowed);
  sched_setaffinity(0, sizeof(allowed), &allowed);
}

TEST(Processors, AreExcludedAndIncludedForOneThread) {
  const std::vector<int> before = allowed_processors();
  std::vector<int> left = before;
  while (left.size() > 1) {
    const int here = current_processor();
    ASSERT_TRUE(exclude_processor(current_thread(), here));
    EXPECT_NE(current_processor(), here);
    std::erase(left, here);
    EXPECT_EQ(allowed_processors(), left);
  }
  EXPECT_FALSE(exclude_processor(current_thread(), left[0]));
  EXPECT_EQ(allowed_processors(), left);
  for (const int processor : before) include_processor(processor);
  EXPECT_EQ(allowed_processors(), before);
}

TEST_F(ThreadPool, WorkersMayRunAnywhereOnceTheySleep) {
  const std::vector<int> everywhere = allowed_processors();
  std::mutex lock;
  std::set<int64_t> workers;
  const int64_t caller = current_thread();
  const auto job = [&] {
    std::atomic<int> waiting{0};
    parallel_for(4, [&](int64_t) {
      waiting++;
      while (waiting < 4) std::this_thread::yield();
      const std::lock_guard hold(lock);
      if (current_thread() != caller) workers.insert(current_thread());
    });
  };
  // Jobs from wherever a worker may have slept.
  for (int repeat = 0; repeat < 100; repeat++) {
    job();
    run_on({everywhere[static_cast<size_t>(repeat) % everywhere.size()]});
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  run_on(everywhere);
  ASSERT_EQ(workers.size(), 3u);
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  const auto free = [&](int64_t worker) { return allowed_processors(worker) == everywhere; };
  while (!std::ranges::all_of(workers, free) && std::chrono::steady_clock::now() < end) std::this_thread::yield();
  for (const int64_t worker : workers) EXPECT_EQ(allowed_processors(worker), everywhere);
}
#endif

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
