// The random slots of the CPU over a source of words: the same for every ISA but for the source.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/backend.hpp"
#include "core/element.hpp"
#include "core/random_math.hpp"
#include "core/thread_pool.hpp"
#include "cpu/scalar.hpp"

namespace nc::cpu {

// Source gives, for n a multiple of kRandomStep:
//   words(seed, first, n, y)            words first to first + n - 1 of the seed's sequence
//   uniform(words, n, low, scale, top, y)   float: min(low + scale * (word >> 8) * 2^-24, top)
//   normal(words, n, mean, stddev, y)       float: pairs by Box and Muller
inline constexpr int64_t kRandomStep = 64;

// Elements begin to begin + n - 1 of y in C order = block, cast.
template <class C>
void write_dense(const nc_tensor& y, int64_t begin, int64_t n, const C* block) {
  with_dtype(y.dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    T* to = data<T>(y) + begin;
    for (int64_t k = 0; k < n; k++) to[k] = convert<T>(block[k]);
  });
}

template <class C>
void write_strided(const nc_tensor& y, int64_t begin, int64_t n, const C* block) {
  const int64_t item = dtype_size(y.dtype);
  int64_t index[NC_MAX_DIMS], rest = begin;
  for (int i = y.ndim - 1; i >= 0; i--) {
    index[i] = rest % y.shape[i];
    rest /= y.shape[i];
  }
  for (int64_t k = 0; k < n; k++) {
    int64_t at = 0;
    for (int i = 0; i < y.ndim; i++) at += index[i] * y.strides[i];
    store_element(y.dtype, data<char>(y) + at * item, block[k]);
    for (int i = y.ndim - 1; i >= 0 && ++index[i] == y.shape[i]; i--) index[i] = 0;
  }
}

template <class Source>
class Random {
  static constexpr int64_t kBlock = 1024;         // elements made at once, in L1
  static constexpr int64_t kChunk = 16 * kBlock;  // elements of a thread's turn

  static uint64_t counter_of(const nc_random_key& key) {
    const auto counter = read_scalar<int64_t>(key.counter);
    if (counter < 0 || counter % 4 != 0)
      fail(NC_INVALID_ARGUMENT, "key.counter is %lld; a multiple of 4, 0 or more, is needed", (long long)counter);
    return static_cast<uint64_t>(counter);
  }

  // Writes elements of C to y, cast to its dtype, in C order: make(words, n, values) makes n of them from n * kWords
  // words.
  template <class C, int kWords, class Make>
  static nc_status generate(const nc_random_key& key, const nc_tensor& y, const Make& make) {
    const uint64_t counter = counter_of(key);
    const int64_t size = size_of(y);
    const bool dense = is_contiguous(y);
    parallel_for((size + kChunk - 1) / kChunk, [&](int64_t chunk) {
      alignas(64) uint32_t words[kBlock * kWords];
      alignas(64) C block[kBlock];
      const int64_t end = std::min(size, (chunk + 1) * kChunk);
      for (int64_t i = chunk * kChunk; i < end; i += kBlock) {
        const int64_t n = std::min(kBlock, end - i), whole = (n + kRandomStep - 1) / kRandomStep * kRandomStep;
        Source::words(key.seed, counter + static_cast<uint64_t>(i) * kWords, whole * kWords, words);
        make(static_cast<const uint32_t*>(words), whole, block);
        dense ? write_dense(y, i, n, block) : write_strided(y, i, n, block);
      }
    });
    return NC_OK;
  }

  // 53 random bits as a fraction of 1.
  static double fraction53(const uint32_t* words) {
    return static_cast<double>((words[0] | uint64_t{words[1]} << 32) >> 11) * 0x1p-53;
  }

  static double previous(double x) { return std::nextafter(x, -INFINITY); }
  static float previous(float x) { return std::nextafterf(x, -INFINITY); }
  template <class Half>
  static Half previous(Half x) {
    const auto bits = x.bits;
    return {static_cast<uint16_t>(bits == 0 ? 0x8001 : bits & 0x8000 ? bits + 1 : bits - 1)};
  }

  // The largest number of the dtype below high, but not below low.
  static double below(nc_dtype dtype, double low, double high) {
    const auto search = [&](auto type) {
      using T = typename decltype(type)::type;
      T value = convert<T>(high);
      while (convert<double>(value) >= high) value = previous(value);
      return std::max(convert<double>(value), convert<double>(convert<T>(low)));
    };
    switch (dtype) {
      case NC_FLOAT16:
        return search(Type<Float16>{});
      case NC_BFLOAT16:
        return search(Type<BFloat16>{});
      case NC_FLOAT32:
        return search(Type<float>{});
      default:
        return search(Type<double>{});
    }
  }

  static nc_status words(void*, const nc_random_key* key, const nc_tensor* y) {
    return generate<int32_t, 1>(*key, *y, [](const uint32_t* words, int64_t n, int32_t* values) {
      for (int64_t i = 0; i < n; i++) values[i] = static_cast<int32_t>(words[i]);
    });
  }

  static nc_status uniform(void*, const nc_random_key* key, double low, double high, const nc_tensor* y) {
    const double top = below(y->dtype, low, high);
    if (y->dtype == NC_FLOAT64) {
      return generate<double, 2>(*key, *y, [=](const uint32_t* words, int64_t n, double* values) {
        for (int64_t i = 0; i < n; i++) values[i] = std::min(low + (high - low) * fraction53(words + 2 * i), top);
      });
    }
    const auto low32 = static_cast<float>(low), scale = static_cast<float>(high - low), top32 = static_cast<float>(top);
    return generate<float, 1>(*key, *y, [=](const uint32_t* words, int64_t n, float* values) {
      Source::uniform(words, n, low32, scale, top32, values);
    });
  }

  static nc_status normal(void*, const nc_random_key* key, double mean, double stddev, const nc_tensor* y) {
    if (y->dtype == NC_FLOAT64) {
      return generate<double, 2>(*key, *y, [=](const uint32_t* words, int64_t n, double* values) {
        for (int64_t i = 0; i < n; i += 2) {
          const double radius = std::sqrt(-2.0 * random_math::log(fraction53(words + 2 * i) + 0x1p-54));
          double sine, cosine;
          random_math::sincos_turns(fraction53(words + 2 * i + 2), &sine, &cosine);
          values[i] = mean + stddev * (radius * cosine);
          values[i + 1] = mean + stddev * (radius * sine);
        }
      });
    }
    const auto mean32 = static_cast<float>(mean), stddev32 = static_cast<float>(stddev);
    return generate<float, 1>(*key, *y, [=](const uint32_t* words, int64_t n, float* values) {
      Source::normal(words, n, mean32, stddev32, values);
    });
  }

  // The quantile of a uniform between the distribution's values at both ends. The upper half is drawn as the lower
  // one's mirror image, where those values keep their digits.
  static nc_status truncated_normal(void*, const nc_random_key* key, double mean, double stddev, double low,
                                    double high, const nc_tensor* y) {
    const auto distribution = [](double x) { return 0.5 * std::erfc(-x * 0.70710678118654752440); };
    const double sign = low > 0 ? -1 : 1;
    const double near_low = low > 0 ? -high : low, near_high = low > 0 ? -low : high;
    const double first = distribution(near_low), range = distribution(near_high) - first;
    const auto draw = [=](double u) {
      const double p = first + range * u;
      const double z = p < 0x1p-1022 ? near_low : p >= 1 ? near_high : random_math::normal_quantile(p);
      return mean + stddev * (sign * std::clamp(z, near_low, near_high));
    };
    if (y->dtype == NC_FLOAT64) {
      return generate<double, 2>(*key, *y, [&](const uint32_t* words, int64_t n, double* values) {
        for (int64_t i = 0; i < n; i++) values[i] = draw(fraction53(words + 2 * i) + 0x1p-54);
      });
    }
    return generate<double, 1>(*key, *y, [&](const uint32_t* words, int64_t n, double* values) {
      for (int64_t i = 0; i < n; i++) values[i] = draw((static_cast<double>(words[i]) + 0.5) * 0x1p-32);
    });
  }

  static nc_status bernoulli(void*, const nc_random_key* key, double p, const nc_tensor* y) {
    // A word below p * 2^32, which itself may be one more than a word holds.
    const auto threshold = static_cast<uint64_t>(std::nearbyint(p * 0x1p32));
    const auto last = static_cast<uint32_t>(threshold - 1);
    const uint8_t possible = threshold > 0;
    return generate<Bool, 1>(*key, *y, [=](const uint32_t* words, int64_t n, Bool* values) {
      for (int64_t i = 0; i < n; i++) values[i].byte = static_cast<uint8_t>(words[i] <= last) & possible;
    });
  }

  // The order of 0 to n - 1 by random keys of 64 bits; of equal keys the smaller number comes first.
  static nc_status permutation(void*, const nc_random_key* key, const nc_tensor* y) {
    struct Entry {
      uint64_t key;
      int64_t value;
    };
    const uint64_t counter = counter_of(*key);
    const int64_t n = y->shape[0];
    std::vector<Entry> entries(static_cast<size_t>(n));
    alignas(64) uint32_t words[2 * kBlock];
    for (int64_t i = 0; i < n; i += kBlock) {
      const int64_t count = std::min(kBlock, n - i), whole = (count + kRandomStep - 1) / kRandomStep * kRandomStep;
      Source::words(key->seed, counter + 2 * static_cast<uint64_t>(i), 2 * whole, words);
      for (int64_t k = 0; k < count; k++)
        entries[static_cast<size_t>(i + k)] = {words[2 * k] | uint64_t{words[2 * k + 1]} << 32, i + k};
    }
    std::sort(entries.begin(), entries.end(),
              [](const Entry& a, const Entry& b) { return a.key != b.key ? a.key < b.key : a.value < b.value; });
    const auto write = [&](auto type) {
      using T = typename decltype(type)::type;
      for (int64_t i = 0; i < n; i++)
        data<T>(*y)[i * y->strides[0]] = static_cast<T>(entries[static_cast<size_t>(i)].value);
    };
    y->dtype == NC_INT32 ? write(Type<int32_t>{}) : write(Type<int64_t>{});
    return NC_OK;
  }

 public:
  static void register_slots(nc_backend& table) {
    table.random_words = words;
    table.random_uniform = uniform;
    table.random_normal = normal;
    table.random_truncated_normal = truncated_normal;
    table.random_bernoulli = bernoulli;
    table.random_permutation = permutation;
  }
};

}  // namespace nc::cpu
