// Scans: lanes beside each other by the kernels of the ISA, all others a few at a time, so that the additions of one do
// not wait for those of another.
#include "cpu/scan.hpp"

#include "cpu/lanes.hpp"
#include "cpu/table.hpp"

namespace nc::cpu {
namespace {

template <class T>
Running<T> load(const char* p) {
  return convert<Running<T>>(*reinterpret_cast<const T*>(p));
}

template <class T>
void store(char* p, Running<T> value) {
  *reinterpret_cast<T*>(p) = convert<T>(value);
}

// The i-th elements of a lane lie at i * step, those of the next lane at lane bytes from there.
struct Strided {
  char* first;
  int64_t lane, step;

  char* at(int64_t k, int64_t i) const { return first + k * lane + i * step; }
};

// Lanes that are walked at once.
constexpr int kTogether = 8;

template <int kLanes, int32_t kReduction, class T>
void scan_lanes(const Strided* operands, int64_t n) {
  const Strided y = operands[0], x = operands[1];
  Running<T> total[kLanes];
  for (int k = 0; k < kLanes; k++) store<T>(y.at(k, 0), total[k] = load<T>(x.at(k, 0)));
  for (int64_t i = 1; i < n; i++) {
    for (int k = 0; k < kLanes; k++) {
      total[k] = scan_step<kReduction>(total[k], load<T>(x.at(k, i)));
      store<T>(y.at(k, i), total[k]);
    }
  }
}

template <int kLanes, class T>
void linear_scan_lanes(const Strided* operands, int64_t n) {
  const Strided y = operands[0], a = operands[1], b = operands[2];
  Running<T> total[kLanes];
  for (int k = 0; k < kLanes; k++) store<T>(y.at(k, 0), total[k] = load<T>(b.at(k, 0)));
  for (int64_t i = 1; i < n; i++) {
    for (int k = 0; k < kLanes; k++) {
      total[k] = load<T>(a.at(k, i - 1)) * total[k] + load<T>(b.at(k, i));
      store<T>(y.at(k, i), total[k]);
    }
  }
}

int64_t step_of(const nc_tensor& t, int32_t axis) { return t.strides[axis] * dtype_size(t.dtype); }

// Operands along an axis, y first. Calls kernel(pointers, count) for lanes beside each other, which returns how many it
// took, then together(operands) for eight lanes at once, then alone(operands) for each.
template <int N, class Kernel>
void for_strided_lanes(const nc_tensor* const (&operands)[N], int32_t axis, const Kernel& kernel,
                       void (*together)(const Strided* operands, int64_t n),
                       void (*alone)(const Strided* operands, int64_t n)) {
  const int64_t n = operands[0]->shape[axis], item = dtype_size(operands[0]->dtype);
  nc_tensor rest[N];
  int64_t along[N];
  for (int o = 0; o < N; o++) {
    rest[o] = without_axis(*operands[o], axis);
    along[o] = step_of(*operands[o], axis);
  }
  for_lanes(rest, n, [&](char* const* at, const int64_t* steps, int64_t count) {
    bool beside = true;
    for (int o = 0; o < N; o++) beside = beside && steps[o] == item;
    int64_t k = beside ? kernel(at, along, n, count) : 0;
    Strided lanes[N];
    const auto from = [&] {
      for (int o = 0; o < N; o++) lanes[o] = {at[o] + k * steps[o], steps[o], along[o]};
      return static_cast<const Strided*>(lanes);
    };
    for (; k + kTogether <= count; k += kTogether) together(from(), n);
    for (; k < count; k++) alone(from(), n);
  });
}

}  // namespace

nc_status scan_by(const ScanKernels& kernels, int32_t reduction, const nc_tensor* x, int32_t axis, const nc_tensor* y) {
  if (x->dtype != y->dtype) {
    check_slot(table()->copy(nullptr, x, y));
    x = y;
  }
  using Lanes = void (*)(const Strided*, int64_t);
  Lanes together = nullptr, alone = nullptr;
  with_dtype(y->dtype, [&](auto type) {
    with_reduction(reduction, [&](auto constant) {
      using T = typename decltype(type)::type;
      together = scan_lanes<kTogether, decltype(constant)::value, T>;
      alone = scan_lanes<1, decltype(constant)::value, T>;
    });
  });
  const ScanLanes kernel = kernels.scan[reduction][y->dtype];
  for_strided_lanes(
      {y, x}, axis,
      [&](char* const* at, const int64_t* along, int64_t n, int64_t count) {
        return kernel ? kernel(at[0], along[0], at[1], along[1], n, count) : 0;
      },
      together, alone);
  return NC_OK;
}

nc_status linear_scan_by(const ScanKernels& kernels, const nc_tensor* a, const nc_tensor* b, int32_t axis,
                         const nc_tensor* y) {
  using Lanes = void (*)(const Strided*, int64_t);
  Lanes together = nullptr, alone = nullptr;
  with_dtype(y->dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    if constexpr (std::is_floating_point_v<Running<T>>) {
      together = linear_scan_lanes<kTogether, T>;
      alone = linear_scan_lanes<1, T>;
    }
  });
  const LinearScanLanes kernel = kernels.linear[y->dtype];
  for_strided_lanes(
      {y, a, b}, axis,
      [&](char* const* at, const int64_t* along, int64_t n, int64_t count) {
        return kernel(at[0], along[0], at[1], along[1], at[2], along[2], n, count);
      },
      together, alone);
  return NC_OK;
}

}  // namespace nc::cpu
