// Threads that wait for work without sleeping between two executions: a measure of the machine has no time to wake them.
#pragma once

#include <atomic>
#include <functional>
#include <thread>
#include <vector>

namespace nc::benchmarks {

class Workers {
 public:
  explicit Workers(int count) : count_(count) {
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
  void work(int index) {
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
