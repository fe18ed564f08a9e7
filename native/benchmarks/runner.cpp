#include "runner.hpp"

#include <algorithm>
#include <chrono>
#include <iostream>
#include <vector>

namespace nc::benchmarks {

namespace {

double seconds_of_loop(const Operation& operation, int64_t count) {
  const auto start = std::chrono::steady_clock::now();
  for (int64_t i = 0; i < count; i++) operation();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

Case answer(const Operations& operations, const std::string& line) {
  try {
    const Case c = Case::parse(line);
    const auto found = operations.find(c.at("operation"));
    if (found == operations.end()) return {{"unsupported", "no operation " + c.at("operation").get<std::string>()}};
    const Operation operation = found->second(c);
    Case said;
    if (c.value("digest", false) && operation.digest) {
      operation();
      const Digest digest = operation.digest();
      said["digest"] = {digest.count, digest.sum, digest.squares};
    }
    said["seconds"] = seconds_of(operation);
    return said;
  } catch (const std::exception& e) {
    return {{"unsupported", e.what()}};
  }
}

}  // namespace

double seconds_of(const Operation& operation) {
  constexpr double kSample = 0.03;
  constexpr int64_t kLoops = 5;
  for (int64_t count = 1;; count *= 2) {
    const double warm = seconds_of_loop(operation, count);
    if (warm > 2 * kSample) return warm / static_cast<double>(count);
    if (warm <= kSample / 2) continue;
    const int64_t length = (count + kLoops - 1) / kLoops;
    std::vector<double> loops;
    for (int64_t done = 0; done < count; done += length) loops.push_back(seconds_of_loop(operation, length));
    std::nth_element(loops.begin(), loops.begin() + loops.size() / 2, loops.end());
    return loops[loops.size() / 2] / static_cast<double>(length);
  }
}

int serve(const std::string& name, const std::string& version, const Operations& operations) {
  std::cout << Case{{"name", name}, {"version", version}} << std::endl;
  for (std::string line; std::getline(std::cin, line);) std::cout << answer(operations, line) << std::endl;
  return 0;
}

}  // namespace nc::benchmarks
