// Threads that wait for work without sleeping between two executions, each on a processor of its own: a measure of the machine has
// no time to wake or to move them.
#pragma once

#if defined(__linux__)
#include <sched.h>
#endif

#include <atomic>
#include <functional>
#include <thread>
#include <vector>

namespace nc::benchmarks {

class Workers {
 public:
  explicit Workers(int count) : count_(count) {
    stay_on(0);
    for (int index = 1; index < count; index++) threads_.emplace_back([this, index] { work(index); });
  }
  ~Workers() {
    stop_ = true;
    generation_++;
    for (std::thread& t : threads_) t.join();
  }
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  // body(index) for each index below count, index 0 on the calling thread.
  void run(const std::function<void(int)>& body) {
    body_ = &body;
    left_ = count_ - 1;
    generation_++;
    body(0);
    while (left_ > 0) {
    }
  }

 private:
  // The calling thread runs on the processor of that number among those that the process was given at its start.
  static void stay_on(int index) {
#if defined(__linux__)
    static const cpu_set_t given = [] {
      cpu_set_t set;
      CPU_ZERO(&set);
      sched_getaffinity(0, sizeof(set), &set);
      return set;
    }();
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
      if (!CPU_ISSET(cpu, &given) || index-- > 0) continue;
      cpu_set_t own;
      CPU_ZERO(&own);
      CPU_SET(cpu, &own);
      sched_setaffinity(0, sizeof(own), &own);
      return;
    }
#endif
  }

  void work(int index) {
    stay_on(index);
    for (int64_t done = 0;;) {
      int64_t generation;
      while ((generation = generation_) == done) {
      }
      done = generation;
      if (stop_) return;
      (*body_)(index);
      left_--;
    }
  }

  int count_;
  std::atomic<int64_t> generation_{0};
  std::atomic<int> left_{0};
  std::atomic<bool> stop_{false};
  const std::function<void(int)>* body_ = nullptr;
  std::vector<std::thread> threads_;
};

}  // namespace nc::benchmarks
