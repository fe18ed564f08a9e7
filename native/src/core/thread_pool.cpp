#include "core/thread_pool.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <thread>

#include "core/denormals.hpp"
#include "core/log.hpp"
#include "core/processors.hpp"
#include "core/spin.hpp"

namespace nc {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kMaxThreads = 1024;
// Shares of a job's chunks; more threads than that begin with one together.
constexpr int kMaxShares = 64;
// About 20 microseconds: longer than the gap between two kernels of one step.
constexpr int kWorkerSpins = 500;
constexpr int kCallerSpins = 2000;
// Then, where nobody else wants the processor, as long as a thread waits for the last chunk of another at times. To
// sleep and to be woken takes up to 60.
constexpr std::chrono::microseconds kWorkerYields{200};
constexpr int kPausesPerYield = 20;
// Brief jobs that follow each other within that time find the threads awake which the second one woke.
constexpr std::chrono::microseconds kBriefGap{20};

int default_threads() {
  int count = std::max(1u, std::thread::hardware_concurrency());
  if (const char* text = std::getenv("NATIVECHAIN_NUM_THREADS")) {
    const long cap = std::strtol(text, nullptr, 10);
    if (cap >= 1) count = static_cast<int>(std::min<long>(count, cap));
  }
  return std::min(count, kMaxThreads);
}

// Set while this thread runs chunks: a call from inside a body runs serially.
thread_local bool inside = false;

// One job at a time. A second caller does not wait: it runs its chunks itself.
class Pool {
 public:
  std::atomic<int> limit{default_threads()};

  bool run(int64_t chunks, detail::ChunkBody body, const void* state, bool brief) {
    if (!busy_.try_lock()) return false;
    const bool awake = workers_ > asleep_.load(std::memory_order_relaxed);
    if (brief && !awake && !follows_closely()) {
      busy_.unlock();
      return false;
    }
    const int helpers = static_cast<int>(std::min<int64_t>(limit.load(std::memory_order_relaxed), chunks)) - 1;
    while (workers_ < helpers && start_worker()) {
    }

    body_ = body;
    state_ = state;
    chunks_ = chunks;
    float_mode_ = float_mode();
    helpers_ = helpers;
    error_ = nullptr;
    failed_.store(false, std::memory_order_relaxed);
    shares_ = std::min(helpers + 1, kMaxShares);
    for (int i = 0; i < shares_; i++) share_[i].next.store(first_of_share(i), std::memory_order_relaxed);
    if (!brief || !awake) move_sleepers_away(helpers);
    joined_.store(0, std::memory_order_release);  // opens the job
    epoch_.fetch_add(1, std::memory_order_release);
    if (!brief || !awake) epoch_.notify_all();

    work(0);
    joined_.fetch_or(kClosed, std::memory_order_acq_rel);
    for (int spins = 0;; spins++) {
      const uint32_t joined = joined_.load(std::memory_order_acquire);
      if (joined == kClosed) break;
      if (spins < kCallerSpins)
        cpu_pause();
      else
        joined_.wait(joined, std::memory_order_acquire);
    }
    const std::exception_ptr error = std::move(error_);
    error_ = nullptr;
    busy_.unlock();
    if (error) std::rethrow_exception(error);
    return true;
  }

 private:
  static constexpr uint32_t kClosed = 1u << 31;
  static constexpr int kNone = -1;
  struct Worker {
    int64_t thread = 0;                 // read by others only while it is asleep
    std::atomic<int> asleep_on{kNone};  // processor
    std::atomic<int> away_from{kNone};  // processor, until it sleeps again
  };

  // Whether the brief job before this one that found all threads asleep is not long ago.
  bool follows_closely() {
    const auto now = Clock::now(), before = last_brief_;
    last_brief_ = now;
    return now - before < kBriefGap;
  }

  // A worker that last ran where the caller runs is often woken there, and waits until the caller has done all chunks.
  void move_sleepers_away(int helpers) {
    const int here = current_processor();
    if (here == kNone) return;
    for (int i = 0; i < std::min(helpers, workers_); i++) {
      Worker& worker = worker_[static_cast<size_t>(i)];
      if (worker.asleep_on.load(std::memory_order_acquire) != here ||
          worker.away_from.load(std::memory_order_relaxed) != kNone)
        continue;
      if (exclude_processor(worker.thread, here)) worker.away_from.store(here, std::memory_order_relaxed);
    }
  }

  bool start_worker() {
    try {
      Worker& worker = worker_[static_cast<size_t>(workers_)];
      std::thread([this, &worker, seen = epoch_.load(std::memory_order_relaxed)] { loop(worker, seen); }).detach();
    } catch (const std::exception& e) {
      log(NC_LOG_WARNING, "a worker thread could not be started (%s); going on with %d threads", e.what(),
          workers_ + 1);
      limit.store(workers_ + 1, std::memory_order_relaxed);
      return false;
    }
    workers_++;
    return true;
  }

  void loop(Worker& self, uint32_t seen) {
    inside = true;
    self.thread = current_thread();
    for (;;) {
      seen = wait_for_job(self, seen);
      const int joined = join();
      if (joined < 0) continue;
      set_float_mode(float_mode_);
      work((joined + 1) % shares_);
      if (joined_.fetch_sub(1, std::memory_order_acq_rel) == kClosed + 1) joined_.notify_one();
    }
  }

  // The first epoch after the one seen.
  uint32_t wait_for_job(Worker& self, uint32_t seen) {
    uint32_t now = seen;
    const auto opened = [&] { return (now = epoch_.load(std::memory_order_acquire)) != seen; };
    for (int spins = 0; spins < kWorkerSpins; spins++) {
      if (opened()) return now;
      cpu_pause();
    }
    for (const auto end = Clock::now() + kWorkerYields; Clock::now() < end; std::this_thread::yield()) {
      for (int spins = 0; spins < kPausesPerYield; spins++) {
        if (opened()) return now;
        cpu_pause();
      }
    }
    if (const int processor = self.away_from.exchange(kNone, std::memory_order_relaxed); processor != kNone)
      include_processor(processor);
    asleep_.fetch_add(1, std::memory_order_relaxed);
    self.asleep_on.store(current_processor(), std::memory_order_release);
    while (!opened()) epoch_.wait(seen, std::memory_order_acquire);
    self.asleep_on.store(kNone, std::memory_order_relaxed);
    asleep_.fetch_sub(1, std::memory_order_relaxed);
    return now;
  }

  // How many joined before, or -1. The job's fields may be read only between a join that succeeded and the end of its
  // work.
  int join() {
    uint32_t joined = joined_.load(std::memory_order_acquire);
    do {
      if (joined & kClosed) return -1;
    } while (!joined_.compare_exchange_weak(joined, joined + 1, std::memory_order_acq_rel, std::memory_order_acquire));
    if (static_cast<int>(joined) < helpers_) return static_cast<int>(joined);
    if (joined_.fetch_sub(1, std::memory_order_acq_rel) == kClosed + 1) joined_.notify_one();
    return -1;
  }

  int64_t first_of_share(int share) const { return share * chunks_ / shares_; }

  // The thread's own share of the chunks first, then what is left of the others': from job to job a thread meets the
  // memory that lies in its caches.
  void work(int own) {
    inside = true;
    for (int i = 0; i < shares_; i++) {
      const int share = (own + i) % shares_;
      const int64_t end = first_of_share(share + 1);
      for (int64_t chunk; !failed_.load(std::memory_order_relaxed) &&
                          (chunk = share_[share].next.fetch_add(1, std::memory_order_relaxed)) < end;) {
        try {
          body_(state_, chunk);
        } catch (...) {
          if (!failed_.exchange(true)) error_ = std::current_exception();
        }
      }
    }
  }

  SpinLock busy_;
  int workers_ = 0;
  std::array<Worker, kMaxThreads> worker_;
  std::atomic<int> asleep_{0};
  Clock::time_point last_brief_;
  // One line with what follows, which a worker waits for once, not twice: 64 cubed on two threads 1.00 to 1.05.
  alignas(64) detail::ChunkBody body_ = nullptr;
  const void* state_ = nullptr;
  int64_t chunks_ = 0;
  uint64_t float_mode_ = 0;
  int helpers_ = 0;
  std::exception_ptr error_;
  std::atomic<bool> failed_{false};
  int shares_ = 1;
  struct alignas(64) Share {
    std::atomic<int64_t> next{0};
  };
  std::array<Share, kMaxShares> share_;
  alignas(64) std::atomic<uint32_t> joined_{kClosed};
  alignas(64) std::atomic<uint32_t> epoch_{0};
};

// Never destroyed: workers sleep in it until the process ends.
Pool& pool() {
  static Pool* const instance = new Pool;
  return *instance;
}

}  // namespace

namespace detail {

void parallel_chunks(int64_t chunks, ChunkBody body, const void* state, bool brief) {
  if (!inside && pool().limit.load(std::memory_order_relaxed) > 1) {
    struct Leave {
      ~Leave() { inside = false; }
    } leave;
    if (pool().run(chunks, body, state, brief)) return;
  }
  for (int64_t chunk = 0; chunk < chunks; chunk++) body(state, chunk);
}

}  // namespace detail

int num_threads() { return pool().limit.load(std::memory_order_relaxed); }

void set_num_threads(int count) { pool().limit.store(std::clamp(count, 1, kMaxThreads), std::memory_order_relaxed); }

}  // namespace nc
