// Vectors of a floating element type, computed in float32 (float64 for float64): loads, stores, the elements left over,
// and scratch.
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

// One buffer a use and thread; grows to what a call needs.
template <class E, int kUse>
E* lane_buffer(int64_t n) {
  static thread_local std::vector<E> buffer;
  if (static_cast<int64_t>(buffer.size()) < n) buffer.resize(static_cast<size_t>(n));
  return buffer.data();
}

// Calls body(Type<E>{}) for the element type of a floating dtype.
template <class Body>
void with_float_type(nc_dtype dtype, const Body& body) {
  switch (dtype) {
    case NC_FLOAT16:
      return body(Type<Float16>{});
    case NC_BFLOAT16:
      return body(Type<BFloat16>{});
    case NC_FLOAT32:
      return body(Type<float>{});
    default:
      return body(Type<double>{});
  }
}

// The same, float32 and 16 bits without denormals.
template <class Body>
void with_floating(nc_dtype dtype, const Body& body) {
  const FlushDenormals flush(dtype != NC_FLOAT64);
  with_float_type(dtype, body);
}

}  // namespace nc::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // NATIVECHAIN_CPU_FLOATS_INL_HPP_
