// Vectors of a floating element type, computed in float32 (float64 for float64): loads, stores, the elements left over,
// lines, and scratch.
#if defined(NATIVECHAIN_CPU_FLOATS_INL_HPP_) == defined(HWY_TARGET_TOGGLE)
#ifdef NATIVECHAIN_CPU_FLOATS_INL_HPP_
#undef NATIVECHAIN_CPU_FLOATS_INL_HPP_
#else
#define NATIVECHAIN_CPU_FLOATS_INL_HPP_
#endif

#include <algorithm>
#include <limits>
#include <vector>

#include "core/denormals.hpp"
#include "core/dtype.hpp"
#include "cpu/half-inl.hpp"
#include "cpu/tail-inl.hpp"
#include "hwy/cache_control.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace nc::cpu::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

template <class E>
using Compute = std::conditional_t<std::is_same_v<E, double>, double, float>;
template <class E>
using Tag = hn::ScalableTag<Compute<E>>;
template <class E>
using Vector = hn::Vec<Tag<E>>;
template <class E>
constexpr int64_t kLanes = HWY_MAX_BYTES / static_cast<int64_t>(sizeof(Compute<E>));
template <class E>
constexpr Compute<E> kLowest = -std::numeric_limits<Compute<E>>::infinity();

template <class E>
HWY_INLINE Vector<E> load(const E* p) {
  if constexpr (std::is_same_v<E, double>) {
    return hn::LoadU(Tag<E>(), p);
  } else {
    return LoadFloat(Tag<E>(), p);
  }
}

template <class E>
HWY_INLINE void store(Vector<E> v, E* p) {
  if constexpr (std::is_same_v<E, double>) {
    hn::StoreU(v, Tag<E>(), p);
  } else {
    StoreFloat(Tag<E>(), v, p);
  }
}

// Elements p[0 ... count) of fewer than a vector; `rest` in the other lanes.
template <class E>
HWY_INLINE Vector<E> load_tail(const E* p, int64_t count, Compute<E> rest) {
  const Tag<E> d;
  if constexpr (std::is_floating_point_v<E>) {
    const Vector<E> v = LoadTail(d, p, static_cast<size_t>(count));
    return rest == 0 ? v : hn::IfThenElse(hn::FirstN(d, static_cast<size_t>(count)), v, hn::Set(d, rest));
  } else {
    HWY_ALIGN E lanes[kLanes<E>];
    std::fill(std::copy(p, p + count, lanes), lanes + kLanes<E>, convert<E>(rest));
    return load(lanes);
  }
}

template <class E>
HWY_INLINE void store_tail(Vector<E> v, E* p, int64_t count) {
  if constexpr (std::is_floating_point_v<E>) {
    StoreTail(Tag<E>(), v, p, static_cast<size_t>(count));
  } else {
    HWY_ALIGN E lanes[kLanes<E>];
    store(v, lanes);
    std::copy(lanes, lanes + count, p);
  }
}

// Calls body(i, count) for each vector of n elements, the last of fewer than `lanes`.
template <class Body>
HWY_INLINE void for_vectors(int64_t n, int64_t lanes, const Body& body) {
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes) body(i, lanes);
  if (i < n) body(i, n - i);
}

// The vector of `count` elements at p + i; `rest` in the lanes beyond.
template <class E>
HWY_INLINE Vector<E> load_at(const E* p, int64_t i, int64_t count, Compute<E> rest) {
  return HWY_LIKELY(count == kLanes<E>) ? load(p + i) : load_tail(p + i, count, rest);
}
template <class E>
HWY_INLINE void store_at(Vector<E> v, E* p, int64_t i, int64_t count) {
  if (HWY_LIKELY(count == kLanes<E>)) {
    store(v, p + i);
  } else {
    store_tail(v, p + i, count);
  }
}

// Whether vectors from p on lie at addresses that a store past the cache can have.
inline bool streams_to(const void* p) { return reinterpret_cast<uintptr_t>(p) % HWY_MAX_BYTES == 0; }

// As store_at; past the cache where `streams`, whole vectors at p + i as streams_to(p) has it. Ends with FlushStream.
template <class E>
HWY_INLINE void stream_at(Vector<E> v, E* p, int64_t i, int64_t count, bool streams) {
  if constexpr (std::is_floating_point_v<E>) {
    if (streams && HWY_LIKELY(count == kLanes<E>)) return hn::Stream(v, Tag<E>(), p + i);
  }
  store_at(v, p, i, count);
}

// One buffer a use and thread, aligned for vectors; grows to what a call needs.
template <class E, int kUse>
E* lane_buffer(int64_t n) {
  constexpr size_t kAlignment = 64;
  static thread_local std::vector<E> buffer;
  const size_t size = static_cast<size_t>(n) + kAlignment / sizeof(E);
  if (buffer.size() < size) buffer.resize(size);
  const uintptr_t end = reinterpret_cast<uintptr_t>(buffer.data()) + kAlignment - 1;
  return reinterpret_cast<E*>(end / kAlignment * kAlignment);
}

// The dtype of the elements that lie in memory as they are computed.
template <class T>
constexpr nc_dtype kComputeDtype = std::is_same_v<T, double> ? NC_FLOAT64 : NC_FLOAT32;

// Calls body(Type<T>{}) for the type that a floating dtype is computed in. Kernels are compiled for float and double
// alone: lines of 16 bits are widened as they are read and narrowed as they are written.
template <class Body>
void with_compute_type(nc_dtype dtype, const Body& body) {
  dtype == NC_FLOAT64 ? body(Type<double>{}) : body(Type<float>{});
}

// The same, float32 and 16 bits without denormals.
template <class Body>
void with_floating(nc_dtype dtype, const Body& body) {
  const FlushDenormals flush(dtype != NC_FLOAT64);
  with_compute_type(dtype, body);
}

template <class E, class T>
void widen_elements(const E* p, int64_t step, int64_t n, T* to) {
  if constexpr (kIsHalf<E> && std::is_same_v<T, float>) {
    constexpr int64_t N = kLanes<E>;
    HWY_ALIGN E lanes[N] = {};
    for (int64_t i = 0; i < n; i += N) {
      const int64_t count = std::min(N, n - i);
      const bool whole = step == 1 && count == N;
      for (int64_t k = 0; !whole && k < count; k++) lanes[k] = p[(i + k) * step];
      store_at(load(whole ? p + i : lanes), to, i, count);
    }
  } else {
    for (int64_t i = 0; i < n; i++) to[i] = convert<T>(p[i * step]);
  }
}

template <class E, class T>
void narrow_elements(const T* from, E* p, int64_t step, int64_t n) {
  if constexpr (kIsHalf<E>) {
    constexpr int64_t N = kLanes<E>;
    HWY_ALIGN E lanes[N];
    for (int64_t i = 0; i < n; i += N) {
      const int64_t count = std::min(N, n - i);
      const bool whole = step == 1 && count == N;
      store(load_at(from, i, count, 0), whole ? p + i : lanes);
      for (int64_t k = 0; !whole && k < count; k++) p[(i + k) * step] = lanes[k];
    }
  } else {
    for (int64_t i = 0; i < n; i++) p[i * step] = from[i];
  }
}

// n elements of a floating dtype, `step` elements apart, as contiguous ones of T.
template <class T>
HWY_NOINLINE void widen(nc_dtype dtype, const char* p, int64_t step, int64_t n, T* to) {
  switch (dtype) {
    case NC_FLOAT16:
      return widen_elements(reinterpret_cast<const Float16*>(p), step, n, to);
    case NC_BFLOAT16:
      return widen_elements(reinterpret_cast<const BFloat16*>(p), step, n, to);
    case NC_FLOAT32:
      return widen_elements(reinterpret_cast<const float*>(p), step, n, to);
    default:
      return widen_elements(reinterpret_cast<const double*>(p), step, n, to);
  }
}

// The other way; the dtype is computed in T.
template <class T>
HWY_NOINLINE void narrow(nc_dtype dtype, const T* from, char* p, int64_t step, int64_t n) {
  if constexpr (std::is_same_v<T, double>) {
    narrow_elements(from, reinterpret_cast<double*>(p), step, n);
  } else if (dtype == NC_FLOAT16) {
    narrow_elements(from, reinterpret_cast<Float16*>(p), step, n);
  } else if (dtype == NC_BFLOAT16) {
    narrow_elements(from, reinterpret_cast<BFloat16*>(p), step, n);
  } else {
    narrow_elements(from, reinterpret_cast<float*>(p), step, n);
  }
}

// A line to read: where it lies, or widened into the buffer of a use.
template <class T, int kUse>
HWY_INLINE const T* read_line(nc_dtype dtype, const char* p, int64_t step, int64_t n) {
  if (HWY_LIKELY(step == 1 && dtype == kComputeDtype<T>)) return reinterpret_cast<const T*>(p);
  T* const buffer = lane_buffer<T, kUse>(n);
  widen(dtype, p, step, n, buffer);
  return buffer;
}

// A line to write: where it lies, or a buffer, which end_line narrows.
template <class T, int kUse>
HWY_INLINE T* begin_line(nc_dtype dtype, char* p, int64_t step, int64_t n) {
  return HWY_LIKELY(step == 1 && dtype == kComputeDtype<T>) ? reinterpret_cast<T*>(p) : lane_buffer<T, kUse>(n);
}
template <class T>
HWY_INLINE void end_line(nc_dtype dtype, const T* line, char* p, int64_t step, int64_t n) {
  if (HWY_UNLIKELY(reinterpret_cast<const char*>(line) != p)) narrow(dtype, line, p, step, n);
}

}  // namespace nc::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // NATIVECHAIN_CPU_FLOATS_INL_HPP_
