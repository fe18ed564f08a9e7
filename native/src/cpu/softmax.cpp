// Softmax, log-softmax and softmax cross entropy. Lanes that are contiguous go through vectors along the axis; where
// neighbouring lanes are contiguous instead, as along axis 1 of (N, C, H, W), a vector holds one element of each.
#include <algorithm>
#include <limits>

#include "core/backend.hpp"
#include "core/dtype.hpp"
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
template <class E>
HWY_INLINE Compute<E> log_of(Compute<E> x) {
  return hn::GetLane(math::Log::Call(Tag<E>(), hn::Set(Tag<E>(), x)));
}

// y = softmax(x) or log_softmax(x) of n contiguous elements. y may be x.
template <bool kLog, class E>
void forward_lane(const E* x, E* y, int64_t n) {
  const Tag<E> d;
  constexpr int64_t N = kLanes<E>;
  if (n <= N) {
    const Vector<E> v = load_at(x, 0, n, kLowest<E>), shifted = hn::Sub(v, hn::MaxOfLanes(d, v));
    const Vector<E> e = math::Exp::Call(d, shifted), sum = hn::SumOfLanes(d, e);
    store_at(kLog ? hn::Sub(shifted, math::Log::Call(d, sum)) : hn::Div(e, sum), y, 0, n);
    return;
  }
  Vector<E> maxima = hn::Set(d, kLowest<E>);
  for_vectors(n, N,
              [&](int64_t i, int64_t count) HWY_ATTR { maxima = hn::Max(maxima, load_at(x, i, count, kLowest<E>)); });
  const Vector<E> max = hn::MaxOfLanes(d, maxima);
  // float32 keeps exp(x - max) in y; 16 bits would round it twice.
  constexpr bool kKeeps = !kLog && sizeof(E) >= 4;
  Vector<E> sums = hn::Zero(d);
  for_vectors(n, N, [&](int64_t i, int64_t count) HWY_ATTR {
    const Vector<E> e = math::Exp::Call(d, hn::Sub(load_at(x, i, count, kLowest<E>), max));
    if constexpr (kKeeps) store_at(e, y, i, count);
    sums = hn::Add(sums, e);
  });
  const Compute<E> sum = hn::GetLane(hn::SumOfLanes(d, sums));
  if constexpr (kLog) {
    const Vector<E> log_sum = hn::Set(d, log_of<E>(sum));
    for_vectors(n, N, [&](int64_t i, int64_t count) HWY_ATTR {
      store_at(hn::Sub(hn::Sub(load_at(x, i, count, kLowest<E>), max), log_sum), y, i, count);
    });
  } else {
    const Vector<E> scale = hn::Set(d, 1 / sum);
    for_vectors(n, N, [&](int64_t i, int64_t count) HWY_ATTR {
      if constexpr (kKeeps) {
        store_at(hn::Mul(load_at(y, i, count, 0), scale), y, i, count);
      } else {
        const Vector<E> e = math::Exp::Call(d, hn::Sub(load_at(x, i, count, kLowest<E>), max));
        store_at(hn::Mul(e, scale), y, i, count);
      }
    });
  }
}

// gx of n contiguous elements. gx may be y or gy.
template <bool kLog, class E>
void backward_lane(const E* y, const E* gy, E* gx, int64_t n) {
  const Tag<E> d;
  constexpr int64_t N = kLanes<E>;
  Vector<E> sums = hn::Zero(d);
  for_vectors(n, N, [&](int64_t i, int64_t count) HWY_ATTR {
    const Vector<E> g = load_at(gy, i, count, 0);
    sums = kLog ? hn::Add(sums, g) : hn::MulAdd(g, load_at(y, i, count, 0), sums);
  });
  const Vector<E> sum = hn::SumOfLanes(d, sums);
  for_vectors(n, N, [&](int64_t i, int64_t count) HWY_ATTR {
    const Vector<E> g = load_at(gy, i, count, 0), v = load_at(y, i, count, 0);
    store_at(kLog ? hn::NegMulAdd(math::Exp::Call(d, v), sum, g) : hn::Mul(v, hn::Sub(g, sum)), gx, i, count);
  });
}

// forward_lane for a vector of neighbouring lanes; steps along the axis, in elements. The lanes are read once, into a
// buffer: along an axis of a large power of two they share few sets of the cache.
template <bool kLog, class E>
void forward_lanes(const E* x, int64_t x_step, E* y, int64_t y_step, int64_t n) {
  const Tag<E> d;
  constexpr int64_t N = kLanes<E>;
  Compute<E>* const buffer = lane_buffer<Compute<E>, 0>(n * N);
  Vector<E> max = hn::Set(d, kLowest<E>), sum = hn::Zero(d);
  for (int64_t i = 0; i < n; i++) {
    const Vector<E> v = load(x + i * x_step);
    max = hn::Max(max, v);
    hn::StoreU(v, d, buffer + i * N);
  }
  for (int64_t i = 0; i < n; i++) {
    const Vector<E> shifted = hn::Sub(hn::LoadU(d, buffer + i * N), max), e = math::Exp::Call(d, shifted);
    sum = hn::Add(sum, e);
    hn::StoreU(kLog ? shifted : e, d, buffer + i * N);
  }
  const Vector<E> last = kLog ? math::Log::Call(d, sum) : hn::Div(hn::Set(d, Compute<E>{1}), sum);
  for (int64_t i = 0; i < n; i++) {
    const Vector<E> v = hn::LoadU(d, buffer + i * N);
    store(kLog ? hn::Sub(v, last) : hn::Mul(v, last), y + i * y_step);
  }
}

template <bool kLog, class E>
void backward_lanes(const E* y, int64_t y_step, const E* gy, int64_t gy_step, E* gx, int64_t gx_step, int64_t n) {
  const Tag<E> d;
  constexpr int64_t N = kLanes<E>;
  Compute<E>* const buffer = lane_buffer<Compute<E>, 0>(2 * n * N);
  Vector<E> sum = hn::Zero(d);
  for (int64_t i = 0; i < n; i++) {
    const Vector<E> g = load(gy + i * gy_step), v = load(y + i * y_step);
    sum = kLog ? hn::Add(sum, g) : hn::MulAdd(g, v, sum);
    hn::StoreU(g, d, buffer + 2 * i * N);
    hn::StoreU(v, d, buffer + (2 * i + 1) * N);
  }
  for (int64_t i = 0; i < n; i++) {
    const Vector<E> g = hn::LoadU(d, buffer + 2 * i * N), v = hn::LoadU(d, buffer + (2 * i + 1) * N);
    store(kLog ? hn::NegMulAdd(math::Exp::Call(d, v), sum, g) : hn::Mul(v, hn::Sub(g, sum)), gx + i * gx_step);
  }
}

// A lane of any stride, gathered where it is not contiguous.
template <class E, int kUse>
const E* gather_lane(const E* p, int64_t step, int64_t n) {
  if (step == 1) return p;
  E* const buffer = lane_buffer<E, kUse>(n);
  for (int64_t i = 0; i < n; i++) buffer[i] = p[i * step];
  return buffer;
}
template <class E>
void scatter_lane(const E* buffer, E* p, int64_t step, int64_t n) {
  if (step == 1) return;
  for (int64_t i = 0; i < n; i++) p[i * step] = buffer[i];
}

// How many of count lanes go through vectors of lanes: none where the axis itself is contiguous.
template <class E, int N>
int64_t lanes_in_vectors(const int64_t (&steps)[N], int operands, const int64_t* axis_steps, int64_t count) {
  bool neighbours = true, along = true;
  for (int k = 0; k < operands; k++) {
    neighbours = neighbours && steps[k] == static_cast<int64_t>(sizeof(E));
    along = along && axis_steps[k] == 1;
  }
  return neighbours && !along ? count / kLanes<E> * kLanes<E> : 0;
}

template <bool kLog, class E>
void forward(const nc_tensor& x, int axis, const nc_tensor& y) {
  const int64_t n = x.shape[axis], axis_steps[] = {y.strides[axis], x.strides[axis]};
  for_lanes<2>({without_axis(y, axis), without_axis(x, axis)}, n,
               [&](char* const* p, const int64_t(&steps)[2], int64_t count) HWY_ATTR {
                 const int64_t whole = lanes_in_vectors<E>(steps, 2, axis_steps, count);
                 for (int64_t i = 0; i < whole; i += kLanes<E>)
                   forward_lanes<kLog>(reinterpret_cast<const E*>(p[1]) + i, axis_steps[1],
                                       reinterpret_cast<E*>(p[0]) + i, axis_steps[0], n);
                 for (int64_t i = whole; i < count; i++) {
                   E* const to = reinterpret_cast<E*>(p[0] + i * steps[0]);
                   E* const out = axis_steps[0] == 1 ? to : lane_buffer<E, 0>(n);
                   forward_lane<kLog>(
                       gather_lane<E, 1>(reinterpret_cast<const E*>(p[1] + i * steps[1]), axis_steps[1], n), out, n);
                   scatter_lane(out, to, axis_steps[0], n);
                 }
               });
}

template <bool kLog, class E>
void backward(const nc_tensor& y, const nc_tensor& gy, int axis, const nc_tensor& gx) {
  const int64_t n = y.shape[axis], axis_steps[] = {gx.strides[axis], y.strides[axis], gy.strides[axis]};
  for_lanes<3>({without_axis(gx, axis), without_axis(y, axis), without_axis(gy, axis)}, n,
               [&](char* const* p, const int64_t(&steps)[3], int64_t count) HWY_ATTR {
                 const int64_t whole = lanes_in_vectors<E>(steps, 3, axis_steps, count);
                 for (int64_t i = 0; i < whole; i += kLanes<E>)
                   backward_lanes<kLog>(reinterpret_cast<const E*>(p[1]) + i, axis_steps[1],
                                        reinterpret_cast<const E*>(p[2]) + i, axis_steps[2],
                                        reinterpret_cast<E*>(p[0]) + i, axis_steps[0], n);
                 for (int64_t i = whole; i < count; i++) {
                   E* const to = reinterpret_cast<E*>(p[0] + i * steps[0]);
                   E* const out = axis_steps[0] == 1 ? to : lane_buffer<E, 0>(n);
                   backward_lane<kLog>(
                       gather_lane<E, 1>(reinterpret_cast<const E*>(p[1] + i * steps[1]), axis_steps[1], n),
                       gather_lane<E, 2>(reinterpret_cast<const E*>(p[2] + i * steps[2]), axis_steps[2], n), out, n);
                   scatter_lane(out, to, axis_steps[0], n);
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

template <class E>
Compute<E> weight_of(const nc_tensor* weight, int64_t label) {
  return weight ? convert<Compute<E>>(data<const E>(*weight)[label * weight->strides[0]]) : Compute<E>{1};
}

template <class E>
void cross_entropy(const nc_tensor& x, const nc_tensor& t, const nc_tensor* weight, int64_t ignore_label,
                   const nc_tensor& log_p, const nc_tensor& loss) {
  forward<true, E>(x, 1, log_p);
  const int64_t step = log_p.strides[1];
  for_lanes<3>({loss, t, without_axis(log_p, 1)}, 1, [&](char* const* p, const int64_t(&steps)[3], int64_t count) {
    for (int64_t i = 0; i < count; i++) {
      const int64_t label = label_at(t.dtype, p[1] + i * steps[1]);
      Compute<E> value = 0;
      if (label != ignore_label)
        value = -weight_of<E>(weight, label) *
                convert<Compute<E>>(reinterpret_cast<const E*>(p[2] + i * steps[2])[label * step]);
      *reinterpret_cast<E*>(p[0] + i * steps[0]) = convert<E>(value);
    }
  });
}

// gx = scale * (exp(log_p) - onehot(label)) of n elements; zeros where the label is negative.
template <class E>
void cross_entropy_lane(const E* log_p, int64_t label, Compute<E> scale, E* gx, int64_t n) {
  if (label < 0) {
    std::fill(gx, gx + n, convert<E>(Compute<E>{0}));
    return;
  }
  const Tag<E> d;
  const Vector<E> scales = hn::Set(d, scale);
  const Compute<E> p = hn::GetLane(math::Exp::Call(d, hn::Set(d, convert<Compute<E>>(log_p[label]))));
  for_vectors(n, kLanes<E>, [&](int64_t i, int64_t count) HWY_ATTR {
    store_at(hn::Mul(math::Exp::Call(d, load_at(log_p, i, count, 0)), scales), gx, i, count);
  });
  gx[label] = convert<E>(scale * (p - 1));
}

template <class E>
void cross_entropy_backward(const nc_tensor& log_p, const nc_tensor& t, const nc_tensor* weight, int64_t ignore_label,
                            const nc_tensor& g, const nc_tensor& gx) {
  using T = Compute<E>;
  const int64_t n = log_p.shape[1], axis_steps[] = {gx.strides[1], log_p.strides[1]};
  for_lanes<4>(
      {without_axis(gx, 1), without_axis(log_p, 1), t, g}, n,
      [&](char* const* p, const int64_t(&steps)[4], int64_t count) HWY_ATTR {
        constexpr int64_t N = kLanes<E>;
        const Tag<E> d;
        // The label, or -1 where it is ignored.
        const auto label_of = [&](int64_t i) {
          const int64_t label = label_at(t.dtype, p[2] + i * steps[2]);
          return label == ignore_label ? -1 : label;
        };
        const auto scale_of = [&](int64_t i, int64_t label) {
          return label < 0 ? T{0}
                           : convert<T>(*reinterpret_cast<const E*>(p[3] + i * steps[3])) * weight_of<E>(weight, label);
        };
        // Labels are compared as floating point: exact up to 2^24.
        const int64_t whole = n <= 1 << 24 ? lanes_in_vectors<E>(steps, 2, axis_steps, count) : 0;
        for (int64_t i = 0; i < whole; i += N) {
          const E* const from = reinterpret_cast<const E*>(p[1]) + i;
          E* const to = reinterpret_cast<E*>(p[0]) + i;
          HWY_ALIGN T label[N];
          HWY_ALIGN T scale[N];
          for (int64_t k = 0; k < N; k++) {
            label[k] = static_cast<T>(label_of(i + k));
            scale[k] = scale_of(i + k, label_of(i + k));
          }
          const Vector<E> labels = hn::Load(d, label), scales = hn::Load(d, scale);
          const auto counts = hn::Ge(labels, hn::Zero(d));
          for (int64_t c = 0; c < n; c++) {
            Vector<E> v = math::Exp::Call(d, load(from + c * axis_steps[1]));
            const auto is_label = hn::Eq(labels, hn::Set(d, static_cast<T>(c)));
            v = hn::Sub(v, hn::IfThenElseZero(is_label, hn::Set(d, T{1})));
            store(hn::IfThenElseZero(counts, hn::Mul(v, scales)), to + c * axis_steps[0]);
          }
        }
        for (int64_t i = whole; i < count; i++) {
          E* const to = reinterpret_cast<E*>(p[0] + i * steps[0]);
          E* const out = axis_steps[0] == 1 ? to : lane_buffer<E, 0>(n);
          const int64_t label = label_of(i);
          cross_entropy_lane(gather_lane<E, 1>(reinterpret_cast<const E*>(p[1] + i * steps[1]), axis_steps[1], n),
                             label, scale_of(i, label), out, n);
          scatter_lane(out, to, axis_steps[0], n);
        }
      });
}

template <bool kLog>
nc_status forward_slot(void*, const nc_tensor* x, int32_t axis, const nc_tensor* y) {
  with_floating(y->dtype, [&]<class E>(Type<E>) { forward<kLog, E>(*x, axis, *y); });
  return NC_OK;
}

template <bool kLog>
nc_status backward_slot(void*, const nc_tensor* y, const nc_tensor* gy, int32_t axis, const nc_tensor* gx) {
  with_floating(gx->dtype, [&]<class E>(Type<E>) { backward<kLog, E>(*y, *gy, axis, *gx); });
  return NC_OK;
}

nc_status softmax_cross_entropy(void*, const nc_tensor* x, const nc_tensor* t, const nc_tensor* weight,
                                int64_t ignore_label, const nc_tensor* log_p, const nc_tensor* loss) {
  check_labels(*t, x->shape[1], ignore_label);
  with_floating(x->dtype, [&]<class E>(Type<E>) { cross_entropy<E>(*x, *t, weight, ignore_label, *log_p, *loss); });
  return NC_OK;
}

nc_status softmax_cross_entropy_grad(void*, const nc_tensor* log_p, const nc_tensor* t, const nc_tensor* weight,
                                     int64_t ignore_label, const nc_tensor* g, const nc_tensor* gx) {
  check_labels(*t, log_p->shape[1], ignore_label);
  with_floating(gx->dtype,
                [&]<class E>(Type<E>) { cross_entropy_backward<E>(*log_p, *t, weight, ignore_label, *g, *gx); });
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
