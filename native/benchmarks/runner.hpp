// What every runner of cases.json shares: a table of operations, how one is timed, and the lines that Compare speaks.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

namespace nc::benchmarks {

using Case = nlohmann::json;

// This runner has no such operation, or not with these parameters.
struct Unsupported : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// What a result comes to in any order of its elements, so that runners that keep theirs in layouts of their own can be compared.
struct Digest {
  template <class T>
  void add(const T* values, int64_t count) {
    for (int64_t i = 0; i < count; i++) {
      const auto value = static_cast<double>(values[i]);
      sum += value;
      squares += value * value;
    }
  }
  int64_t count = 0;  // of the elements that the result has by its shape
  double sum = 0, squares = 0;
};

// A case whose operands are made: one execution of it, and what the first one came to, where that says anything.
struct Operation {
  void operator()() const { execute(); }
  std::function<void()> execute;
  std::function<Digest()> digest;
};
// Makes the operands of a case, and sets the threads that it asks for.
using Factory = std::function<Operation(const Case&)>;
using Operations = std::map<std::string, Factory>;

inline std::string dtype_of(const Case& c) { return c.value("dtype", "float32"); }
inline int threads_of(const Case& c) { return c.value("threads", 2); }
inline bool is(const Case& c, const char* key, const char* value) { return c.at(key) == value; }
[[noreturn]] inline void unsupported(const Case& c) { throw Unsupported("no such case here: " + c.at("id").get<std::string>()); }

// The numbers that every runner makes: the high bits of a multiplicative hash, in [0, 1), less `shift`.
template <class T>
void fill_uniform(T* values, int64_t count, int64_t seed, double shift = 0) {
  for (int64_t i = 0; i < count; i++)
    values[i] = static_cast<T>(static_cast<uint32_t>(static_cast<uint64_t>(i + seed) * 2654435761u) / 4294967296.0 - shift);
}

// Seconds of one execution: the median of the means of five loops of about 30 ms together, after as many to warm up; what takes
// 60 ms warms itself.
double seconds_of(const Operation& operation);

// Answers each case on standard input with one line: {"seconds": ...} or {"unsupported": "why"}. A case with "digest": true is answered
// with {"digest": [count, sum, squares]} too.
int serve(const std::string& name, const std::string& version, const Operations& operations);

}  // namespace nc::benchmarks
