// Softmax, log-softmax and softmax cross entropy. Lanes that are contiguous go through vectors along the axis; where
// neighbouring lanes are contiguous instead, as along axis 1 of (N, C, H, W), a vector holds one element of each.
#include <algorithm>
#include <limits>

#include "core/backend.hpp"
#include "core/dtype.hpp"
#include "core/element.hpp"
#include "cpu/lanes.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/softmax.cpp"
// clang-format off
#include "cpu/highway.hpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "cpu/floats-inl.hpp"
#include "cpu/program_math-inl.hpp"
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace nc::cpu::HWY_NAMESPACE {
namespace softmax_kernels {

namespace hn = hwy::HWY_NAMESPACE;

// log(x) of one number, as the vectors have it.
template <class T>
HWY_INLINE T log_of(T x) {
  return hn::GetLane(math::Log::Call(Tag<T>(), hn::Set(Tag<T>(), x)));
}

// y = softmax(x) or log_softmax(x) of n contiguous elements. y may be x.
template <bool kLog, class T>
void forward_lane(const T* x, T* y, int64_t n) {
  const Tag<T> d;
  constexpr int64_t N = kLanes<T>;
  if (n <= N) {
    const Vector<T> v = load_at(x, 0, n, kLowest<T>), shifted = hn::Sub(v, hn::MaxOfLanes(d, v));
    const Vector<T> e = math::Exp::Call(d, shifted), sum = hn::SumOfLanes(d, e);
    store_at(kLog ? hn::Sub(shifted, math::Log::Call(d, sum)) : hn::Div(e, sum), y, 0, n);
    return;
  }
  Vector<T> maxima = hn::Set(d, kLowest<T>);
  for_vectors(n, N,
              [&](int64_t i, int64_t count) HWY_ATTR { maxima = hn::Max(maxima, load_at(x, i, count, kLowest<T>)); });
  const Vector<T> max = hn::MaxOfLanes(d, maxima);
  Vector<T> sums = hn::Zero(d);
  for_vectors(n, N, [&](int64_t i, int64_t count) HWY_ATTR {
    const Vector<T> e = math::Exp::Call(d, hn::Sub(load_at(x, i, count, kLowest<T>), max));
    if constexpr (!kLog) store_at(e, y, i, count);
    sums = hn::Add(sums, e);
  });
  const T sum = hn::GetLane(hn::SumOfLanes(d, sums));
  const Vector<T> last = hn::Set(d, kLog ? log_of(sum) : 1 / sum);
  for_vectors(n, N, [&](int64_t i, int64_t count) HWY_ATTR {
    if constexpr (kLog) {
      store_at(hn::Sub(hn::Sub(load_at(x, i, count, kLowest<T>), max), last), y, i, count);
    } else {
      store_at(hn::Mul(load_at(y, i, count, 0), last), y, i, count);
    }
  });
}

template <bool kLog, class V>
HWY_INLINE V add_product(V g, V y, V sum) {
  return kLog ? hn::Add(sum, g) : hn::MulAdd(g, y, sum);
}
template <bool kLog, class D, class V>
HWY_INLINE V gradient(D d, V g, V y, V sum) {
  return kLog ? hn::NegMulAdd(math::Exp::Call(d, y), sum, g) : hn::Mul(y, hn::Sub(g, sum));
}

// gx of n contiguous elements. gx may be y or gy.
template <bool kLog, class T>
void backward_lane(const T* y, const T* gy, T* gx, int64_t n) {
  const Tag<T> d;
  constexpr int64_t N = kLanes<T>;
  Vector<T> s0 = hn::Zero(d), s1 = s0;
  int64_t i = 0;
  for (; i + 2 * N <= n; i += 2 * N) {
    s0 = add_product<kLog>(load(gy + i), load(y + i), s0);
    s1 = add_product<kLog>(load(gy + i + N), load(y + i + N), s1);
  }
  for_vectors(n - i, N, [&](int64_t k, int64_t count) HWY_ATTR {
    s0 = add_product<kLog>(load_at(gy, i + k, count, 0), load_at(y, i + k, count, 0), s0);
  });
  const Vector<T> sum = hn::SumOfLanes(d, hn::Add(s0, s1));
  for_vectors(n, N, [&](int64_t k, int64_t count) HWY_ATTR {
    store_at(gradient<kLog>(d, load_at(gy, k, count, 0), load_at(y, k, count, 0), sum), gx, k, count);
  });
}

// An operand whose neighbouring lanes are contiguous: row i holds element i of each.
struct Rows {
  nc_dtype dtype;
  char* p;
  int64_t step;  // bytes

  char* row(int64_t i) const { return p + i * step; }
};

// forward_lane for neighbouring lanes, whole vectors of them. They are read once, into a buffer: along an axis of a
// large power of two they share few sets of the cache.
template <bool kLog, class T>
void forward_tile(const Rows& x, const Rows& y, int64_t lanes, int64_t n) {
  const Tag<T> d;
  constexpr int64_t N = kLanes<T>;
  T* const buffer = lane_buffer<T, 0>((n + 2) * lanes);
  T *const maxima = buffer + n * lanes, *const sums = maxima + lanes;
  std::fill(maxima, sums, kLowest<T>);
  std::fill(sums, sums + lanes, T{0});
  for (int64_t i = 0; i < n; i++) {
    const T* const from = read_line<T, 1>(x.dtype, x.row(i), 1, lanes);
    for (int64_t j = 0; j < lanes; j += N) {
      const Vector<T> v = load(from + j);
      store(hn::Max(load(maxima + j), v), maxima + j);
      store(v, buffer + i * lanes + j);
    }
  }
  for (int64_t j = 0; j < lanes; j += N) {
    const Vector<T> max = load(maxima + j);
    Vector<T> sum = hn::Zero(d);
    for (T *p = buffer + j, *const end = p + n * lanes; p != end; p += lanes) {
      const Vector<T> shifted = hn::Sub(load(p), max), e = math::Exp::Call(d, shifted);
      sum = hn::Add(sum, e);
      store(kLog ? shifted : e, p);
    }
    store(kLog ? math::Log::Call(d, sum) : hn::Div(hn::Set(d, T{1}), sum), sums + j);
  }
  for (int64_t i = 0; i < n; i++) {
    T* const to = begin_line<T, 1>(y.dtype, y.row(i), 1, lanes);
    for (int64_t j = 0; j < lanes; j += N) {
      const Vector<T> v = load(buffer + i * lanes + j), last = load(sums + j);
      store(kLog ? hn::Sub(v, last) : hn::Mul(v, last), to + j);
    }
    end_line(y.dtype, to, y.row(i), 1, lanes);
  }
}

template <bool kLog, class T>
void backward_tile(const Rows& y, const Rows& gy, const Rows& gx, int64_t lanes, int64_t n) {
  const Tag<T> d;
  constexpr int64_t N = kLanes<T>;
  T* const sums = lane_buffer<T, 0>(lanes);
  std::fill(sums, sums + lanes, T{0});
  for (int64_t i = 0; i < n; i++) {
    const T* const g = read_line<T, 1>(gy.dtype, gy.row(i), 1, lanes);
    const T* const v = read_line<T, 2>(y.dtype, y.row(i), 1, lanes);
    for (int64_t j = 0; j < lanes; j += N) store(add_product<kLog>(load(g + j), load(v + j), load(sums + j)), sums + j);
  }
  for (int64_t i = 0; i < n; i++) {
    const T* const g = read_line<T, 1>(gy.dtype, gy.row(i), 1, lanes);
    const T* const v = read_line<T, 2>(y.dtype, y.row(i), 1, lanes);
    T* const to = begin_line<T, 3>(gx.dtype, gx.row(i), 1, lanes);
    for (int64_t j = 0; j < lanes; j += N) store(gradient<kLog>(d, load(g + j), load(v + j), load(sums + j)), to + j);
    end_line(gx.dtype, to, gx.row(i), 1, lanes);
  }
}

// Calls tile(first lane, lanes) for those of `count` lanes that go through tiles of whole vectors, and gives their
// number: none where the axis itself is contiguous. A tile of the operands fits the cache.
template <class T, int N, class Tile>
int64_t for_tiles(const int64_t (&steps)[N], int operands, const int64_t* axis_steps, int64_t item, int64_t n,
                  int64_t count, const Tile& tile) {
  constexpr int64_t kTile = 16384;
  bool neighbours = true, along = true;
  for (int k = 0; k < operands; k++) {
    neighbours = neighbours && steps[k] == item;
    along = along && axis_steps[k] == 1;
  }
  if (!neighbours || along) return 0;
  const int64_t whole = count / kLanes<T> * kLanes<T>;
  const int64_t width = std::clamp<int64_t>(kTile / n / kLanes<T> * kLanes<T>, 2 * kLanes<T>, 256);
  for (int64_t i = 0; i < whole; i += width) tile(i, std::min(width, whole - i));
  return whole;
}

template <bool kLog, class T>
void forward(const nc_tensor& x, int axis, const nc_tensor& y) {
  const nc_dtype dtype = x.dtype;
  const int64_t n = x.shape[axis], item = dtype_size(dtype), axis_steps[] = {y.strides[axis], x.strides[axis]};
  for_lanes<2>({without_axis(y, axis), without_axis(x, axis)}, n,
               [&](char* const* p, const int64_t(&steps)[2], int64_t count) HWY_ATTR {
                 const auto rows = [&](int k, int64_t lane) {
                   return Rows{dtype, p[k] + lane * item, axis_steps[k] * item};
                 };
                 int64_t i = for_tiles<T>(steps, 2, axis_steps, item, n, count, [&](int64_t lane, int64_t lanes) {
                   forward_tile<kLog, T>(rows(1, lane), rows(0, lane), lanes, n);
                 });
                 for (; i < count; i++) {
                   char* const to = p[0] + i * steps[0];
                   T* const out = begin_line<T, 0>(dtype, to, axis_steps[0], n);
                   forward_lane<kLog>(read_line<T, 1>(dtype, p[1] + i * steps[1], axis_steps[1], n), out, n);
                   end_line(dtype, out, to, axis_steps[0], n);
                 }
               });
}

template <bool kLog, class T>
void backward(const nc_tensor& y, const nc_tensor& gy, int axis, const nc_tensor& gx) {
  const nc_dtype dtype = y.dtype;
  const int64_t n = y.shape[axis], item = dtype_size(dtype);
  const int64_t axis_steps[] = {gx.strides[axis], y.strides[axis], gy.strides[axis]};
  for_lanes<3>({without_axis(gx, axis), without_axis(y, axis), without_axis(gy, axis)}, n,
               [&](char* const* p, const int64_t(&steps)[3], int64_t count) HWY_ATTR {
                 const auto rows = [&](int k, int64_t lane) {
                   return Rows{dtype, p[k] + lane * item, axis_steps[k] * item};
                 };
                 int64_t i = for_tiles<T>(steps, 3, axis_steps, item, n, count, [&](int64_t lane, int64_t lanes) {
                   backward_tile<kLog, T>(rows(1, lane), rows(2, lane), rows(0, lane), lanes, n);
                 });
                 for (; i < count; i++) {
                   char* const to = p[0] + i * steps[0];
                   T* const out = begin_line<T, 0>(dtype, to, axis_steps[0], n);
                   backward_lane<kLog>(read_line<T, 1>(dtype, p[1] + i * steps[1], axis_steps[1], n),
                                       read_line<T, 2>(dtype, p[2] + i * steps[2], axis_steps[2], n), out, n);
                   end_line(dtype, out, to, axis_steps[0], n);
                 }
               });
}

int64_t label_at(nc_dtype dtype, const char* p) {
  return dtype == NC_INT32 ? *reinterpret_cast<const int32_t*>(p) : *reinterpret_cast<const int64_t*>(p);
}

void check_labels(const nc_tensor& t, int64_t classes, int64_t ignore_label) {
  for_lanes<1>({t}, 1, [&](char* const* p, const int64_t(&steps)[1], int64_t count) {
    for (int64_t i = 0; i < count; i++) {
      const int64_t label = label_at(t.dtype, p[0] + i * steps[0]);
      if (label != ignore_label && (label < 0 || label >= classes))
        fail(NC_INDEX_OUT_OF_RANGE, "t: label %lld is not in [0, %lld)", static_cast<long long>(label),
             static_cast<long long>(classes));
    }
  });
}

template <class T>
T weight_of(const nc_tensor* weight, int64_t label) {
  if (!weight) return 1;
  return load_element<T>(weight->dtype, data<char>(*weight) + label * weight->strides[0] * dtype_size(weight->dtype));
}

template <class T>
void cross_entropy(const nc_tensor& x, const nc_tensor& t, const nc_tensor* weight, int64_t ignore_label,
                   const nc_tensor& log_p, const nc_tensor& loss) {
  forward<true, T>(x, 1, log_p);
  const int64_t step = log_p.strides[1] * dtype_size(log_p.dtype);
  for_lanes<3>({loss, t, without_axis(log_p, 1)}, 1, [&](char* const* p, const int64_t(&steps)[3], int64_t count) {
    for (int64_t i = 0; i < count; i++) {
      const int64_t label = label_at(t.dtype, p[1] + i * steps[1]);
      T value = 0;
      if (label != ignore_label)
        value = -weight_of<T>(weight, label) * load_element<T>(log_p.dtype, p[2] + i * steps[2] + label * step);
      store_element(loss.dtype, p[0] + i * steps[0], value);
    }
  });
}

// gx = scale * (exp(log_p) - onehot(label)) of n elements; zeros where the label is negative.
template <class T>
void cross_entropy_lane(const T* log_p, int64_t label, T scale, T* gx, int64_t n) {
  if (label < 0) {
    std::fill(gx, gx + n, T{0});
    return;
  }
  const Tag<T> d;
  const Vector<T> scales = hn::Set(d, scale);
  const T p = hn::GetLane(math::Exp::Call(d, hn::Set(d, log_p[label])));
  for_vectors(n, kLanes<T>, [&](int64_t i, int64_t count) HWY_ATTR {
    store_at(hn::Mul(math::Exp::Call(d, load_at(log_p, i, count, 0)), scales), gx, i, count);
  });
  gx[label] = scale * (p - 1);
}

// The same for neighbouring lanes, whole vectors of them. Labels are compared as floating point.
template <class T>
void cross_entropy_tile(const Rows& log_p, const T* labels, const T* scales, const Rows& gx, int64_t lanes, int64_t n) {
  const Tag<T> d;
  for (int64_t c = 0; c < n; c++) {
    const T* const from = read_line<T, 1>(log_p.dtype, log_p.row(c), 1, lanes);
    T* const to = begin_line<T, 2>(gx.dtype, gx.row(c), 1, lanes);
    for (int64_t j = 0; j < lanes; j += kLanes<T>) {
      const Vector<T> label = load(labels + j), one = hn::Set(d, T{1});
      const auto is_label = hn::Eq(label, hn::Set(d, static_cast<T>(c)));
      const Vector<T> v = hn::Sub(math::Exp::Call(d, load(from + j)), hn::IfThenElseZero(is_label, one));
      store(hn::IfThenElseZero(hn::Ge(label, hn::Zero(d)), hn::Mul(v, load(scales + j))), to + j);
    }
    end_line(gx.dtype, to, gx.row(c), 1, lanes);
  }
}

template <class T>
void cross_entropy_backward(const nc_tensor& log_p, const nc_tensor& t, const nc_tensor* weight, int64_t ignore_label,
                            const nc_tensor& g, const nc_tensor& gx) {
  const nc_dtype dtype = gx.dtype;
  const int64_t n = log_p.shape[1], item = dtype_size(dtype), axis_steps[] = {gx.strides[1], log_p.strides[1]};
  for_lanes<4>({without_axis(gx, 1), without_axis(log_p, 1), t, g}, n,
               [&](char* const* p, const int64_t(&steps)[4], int64_t count) HWY_ATTR {
                 // The label, or -1 where it is ignored.
                 const auto label_of = [&](int64_t i) {
                   const int64_t label = label_at(t.dtype, p[2] + i * steps[2]);
                   return label == ignore_label ? -1 : label;
                 };
                 const auto scale_of = [&](int64_t i, int64_t label) {
                   return label < 0 ? T{0} : load_element<T>(dtype, p[3] + i * steps[3]) * weight_of<T>(weight, label);
                 };
                 int64_t i = 0;
                 // Exact up to 2^24.
                 if (n <= 1 << 24)
                   i = for_tiles<T>(steps, 2, axis_steps, item, n, count, [&](int64_t lane, int64_t lanes) {
                     T* const labels = lane_buffer<T, 3>(2 * lanes);
                     T* const scales = labels + lanes;
                     for (int64_t k = 0; k < lanes; k++) {
                       labels[k] = static_cast<T>(label_of(lane + k));
                       scales[k] = scale_of(lane + k, label_of(lane + k));
                     }
                     cross_entropy_tile<T>({dtype, p[1] + lane * item, axis_steps[1] * item}, labels, scales,
                                           {dtype, p[0] + lane * item, axis_steps[0] * item}, lanes, n);
                   });
                 for (; i < count; i++) {
                   char* const to = p[0] + i * steps[0];
                   T* const out = begin_line<T, 0>(dtype, to, axis_steps[0], n);
                   const int64_t label = label_of(i);
                   cross_entropy_lane(read_line<T, 1>(dtype, p[1] + i * steps[1], axis_steps[1], n), label,
                                      scale_of(i, label), out, n);
                   end_line(dtype, out, to, axis_steps[0], n);
                 }
               });
}

template <bool kLog>
nc_status forward_slot(void*, const nc_tensor* x, int32_t axis, const nc_tensor* y) {
  with_floating(y->dtype, [&]<class T>(Type<T>) { forward<kLog, T>(*x, axis, *y); });
  return NC_OK;
}

template <bool kLog>
nc_status backward_slot(void*, const nc_tensor* y, const nc_tensor* gy, int32_t axis, const nc_tensor* gx) {
  with_floating(gx->dtype, [&]<class T>(Type<T>) { backward<kLog, T>(*y, *gy, axis, *gx); });
  return NC_OK;
}

nc_status softmax_cross_entropy(void*, const nc_tensor* x, const nc_tensor* t, const nc_tensor* weight,
                                int64_t ignore_label, const nc_tensor* log_p, const nc_tensor* loss) {
  check_labels(*t, x->shape[1], ignore_label);
  with_floating(x->dtype, [&]<class T>(Type<T>) { cross_entropy<T>(*x, *t, weight, ignore_label, *log_p, *loss); });
  return NC_OK;
}

nc_status softmax_cross_entropy_grad(void*, const nc_tensor* log_p, const nc_tensor* t, const nc_tensor* weight,
                                     int64_t ignore_label, const nc_tensor* g, const nc_tensor* gx) {
  check_labels(*t, log_p->shape[1], ignore_label);
  with_floating(gx->dtype,
                [&]<class T>(Type<T>) { cross_entropy_backward<T>(*log_p, *t, weight, ignore_label, *g, *gx); });
  return NC_OK;
}

}  // namespace softmax_kernels

void register_softmax(nc_backend& table) {
  using namespace softmax_kernels;
  table.softmax = forward_slot<false>;
  table.softmax_grad = backward_slot<false>;
  table.log_softmax = forward_slot<true>;
  table.log_softmax_grad = backward_slot<true>;
  table.softmax_cross_entropy = softmax_cross_entropy;
  table.softmax_cross_entropy_grad = softmax_cross_entropy_grad;
}

}  // namespace nc::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nc::cpu {
void register_softmax(nc_backend& table, Isa isa) { NC_DISPATCH(isa, register_softmax, table); }
}  // namespace nc::cpu
#endif
