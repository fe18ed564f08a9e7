#include "machine.hpp"

#include <algorithm>
#include <cstring>
#include <memory>
#include <new>
#include <thread>

#include "workers.hpp"

#if defined(__x86_64__)
#include <immintrin.h>
#endif
#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace nc::benchmarks {

namespace {

// Independent sums: more than a fused multiplication and addition has cycles.
constexpr int kChains = 16;

volatile double sink;

struct Peak {
  double (*loop)(int64_t steps);  // what it returns keeps the compiler from dropping it
  double operations;              // of one step
};

// Vector: a vector of the compiler, which splits it into what the function's target has.
template <class Vector, class T>
inline __attribute__((always_inline)) double multiply_add_loop(int64_t steps) {
  Vector sums[kChains];
  T start = 1;
  for (Vector& s : sums) s = Vector{} + start++;
  Vector a = Vector{} + static_cast<T>(0.5), b = Vector{} + static_cast<T>(0.25);
  for (int64_t step = 0; step < steps; step++) {
    __asm__ volatile("" : "+x"(a), "+x"(b));
#pragma GCC unroll 16
    for (Vector& s : sums) s = s * a + b;
  }
  double total = 0;
  for (const Vector& s : sums) total += static_cast<double>(s[0]);
  return total;
}

template <class T>
constexpr double operations_of(int64_t bytes) {
  return 2.0 * kChains * static_cast<double>(bytes / static_cast<int64_t>(sizeof(T)));
}

#if defined(__x86_64__)
typedef float Float16 __attribute__((vector_size(64)));
typedef float Float8 __attribute__((vector_size(32)));
typedef double Double8 __attribute__((vector_size(64)));
typedef double Double4 __attribute__((vector_size(32)));

__attribute__((target("avx512f"), optimize("fp-contract=fast"))) double float32_avx512(int64_t steps) {
  return multiply_add_loop<Float16, float>(steps);
}
__attribute__((target("avx512f"), optimize("fp-contract=fast"))) double float64_avx512(int64_t steps) {
  return multiply_add_loop<Double8, double>(steps);
}
__attribute__((target("avx2,fma"), optimize("fp-contract=fast"))) double float32_avx2(int64_t steps) {
  return multiply_add_loop<Float8, float>(steps);
}
__attribute__((target("avx2,fma"), optimize("fp-contract=fast"))) double float64_avx2(int64_t steps) {
  return multiply_add_loop<Double4, double>(steps);
}
__attribute__((target("avx512f,avx512bf16"))) double bfloat16_avx512(int64_t steps) {
  __m512 sums[kChains];
  float start = 1;
  for (__m512& s : sums) s = _mm512_set1_ps(start++);  // equal chains would be made one by the compiler
  __m512bh a = _mm512_cvtne2ps_pbh(_mm512_set1_ps(0.5f), _mm512_set1_ps(0.25f));
  for (int64_t step = 0; step < steps; step++) {
    __asm__ volatile("" : "+v"(a));
#pragma GCC unroll 16
    for (__m512& s : sums) s = _mm512_dpbf16_ps(s, a, a);
  }
  double total = 0;
  for (const __m512& s : sums) total += static_cast<double>(_mm512_cvtss_f32(s));
  return total;
}
#endif

typedef float Float4 __attribute__((vector_size(16)));
typedef double Double2 __attribute__((vector_size(16)));
double float32_base(int64_t steps) { return multiply_add_loop<Float4, float>(steps); }
double float64_base(int64_t steps) { return multiply_add_loop<Double2, double>(steps); }

// The widest that the processor has.
Peak peak_of(const Case& c) {
  const std::string dtype = dtype_of(c);
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (dtype == "bfloat16" && __builtin_cpu_supports("avx512bf16")) return {bfloat16_avx512, 2 * operations_of<float>(64)};
  const bool avx512 = __builtin_cpu_supports("avx512f"), avx2 = __builtin_cpu_supports("avx2");
  if (dtype == "float32" && avx512) return {float32_avx512, operations_of<float>(64)};
  if (dtype == "float32" && avx2) return {float32_avx2, operations_of<float>(32)};
  if (dtype == "float64" && avx512) return {float64_avx512, operations_of<double>(64)};
  if (dtype == "float64" && avx2) return {float64_avx2, operations_of<double>(32)};
#endif
  if (dtype == "float32") return {float32_base, operations_of<float>(16)};
  if (dtype == "float64") return {float64_base, operations_of<double>(16)};
  unsupported(c);
}

Operation peak(const Case& c) {
  const Peak measured = peak_of(c);
  const int threads = threads_of(c);
  const auto workers = std::make_shared<Workers>(threads);
  const auto steps = static_cast<int64_t>(c.at("operations").get<double>() / measured.operations / threads);
  return {[=] { workers->run([&](int) { sink = measured.loop(steps); }); }, nullptr};
}

// In huge pages where there are any, as the core's own large blocks are.
std::shared_ptr<char> block(int64_t bytes) {
  constexpr auto kHugePage = std::align_val_t(size_t{1} << 21);
  std::shared_ptr<char> memory(static_cast<char*>(::operator new(static_cast<size_t>(bytes), kHugePage)),
                               [](char* p) { ::operator delete(p, kHugePage); });
#if defined(__linux__)
  madvise(memory.get(), static_cast<size_t>(bytes), MADV_HUGEPAGE);
#endif
  std::memset(memory.get(), 1, static_cast<size_t>(bytes));
  return memory;
}

// Thread `index` of `threads`: its whole lines of `bytes`.
struct Share {
  Share(int64_t bytes, int threads, int index) {
    const int64_t lines = bytes / 64;
    first = lines * index / threads * 64;
    end = lines * (index + 1) / threads * 64;
  }
  int64_t first, end;
};

#if defined(__x86_64__)
__attribute__((target("avx"))) void copy_past_the_caches(const char* from, char* to, const Share& share) {
  for (int64_t i = share.first; i < share.end; i += 64) {
    const __m256 low = _mm256_load_ps(reinterpret_cast<const float*>(from + i));
    const __m256 high = _mm256_load_ps(reinterpret_cast<const float*>(from + i + 32));
    _mm256_stream_ps(reinterpret_cast<float*>(to + i), low);
    _mm256_stream_ps(reinterpret_cast<float*>(to + i + 32), high);
  }
  _mm_sfence();
}
__attribute__((target("avx2"))) double read(const char* from, const Share& share) {
  __m256i sums[8] = {};
  int64_t i = share.first;
  for (; i + 256 <= share.end; i += 256) {
#pragma GCC unroll 8
    for (int k = 0; k < 8; k++)
      sums[k] = _mm256_add_epi64(sums[k], _mm256_load_si256(reinterpret_cast<const __m256i*>(from + i + 32 * k)));
  }
  for (; i < share.end; i += 32) sums[0] = _mm256_add_epi64(sums[0], _mm256_load_si256(reinterpret_cast<const __m256i*>(from + i)));
  for (int k = 1; k < 8; k++) sums[0] = _mm256_add_epi64(sums[0], sums[k]);
  return static_cast<double>(_mm256_extract_epi64(sums[0], 0));
}
#else
void copy_past_the_caches(const char* from, char* to, const Share& share) {
  std::memcpy(to + share.first, from + share.first, static_cast<size_t>(share.end - share.first));
}
double read(const char* from, const Share& share) {
  typedef int64_t Int8 __attribute__((vector_size(64)));
  Int8 sum{};
  for (int64_t i = share.first; i < share.end; i += 64) sum += *reinterpret_cast<const Int8*>(from + i);
  return static_cast<double>(sum[0]);
}
#endif

// Through the caches or past them: whichever is faster for that many bytes.
Operation stream_copy(const Case& c) {
  const int64_t half = c.at("bytes").get<int64_t>() / 2;
  const int threads = threads_of(c);
  const auto workers = std::make_shared<Workers>(threads);
  const auto from = block(half), to = block(half);
  const auto copying = [=](bool past) -> Operation {
    const auto copy = [=] {
      workers->run([&](int index) {
        const Share share(half, threads, index);
        if (past) return copy_past_the_caches(from.get(), to.get(), share);
        std::memcpy(to.get() + share.first, from.get() + share.first, static_cast<size_t>(share.end - share.first));
      });
    };
    return {copy, nullptr};
  };
  const Operation through = copying(false), past = copying(true);
  return seconds_of(past) < seconds_of(through) ? past : through;
}

Operation stream_read(const Case& c) {
  const int64_t bytes = c.at("bytes");
  const int threads = threads_of(c);
  const auto workers = std::make_shared<Workers>(threads);
  const auto from = block(bytes);
  return {[=] { workers->run([&](int index) { sink = read(from.get(), Share(bytes, threads, index)); }); }, nullptr};
}

}  // namespace

const Operations& machine_operations() {
  static const Operations operations{{"peak", peak}, {"stream_copy", stream_copy}, {"stream_read", stream_read}};
  return operations;
}

}  // namespace nc::benchmarks
