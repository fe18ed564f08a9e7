// Copies between any strides and dtypes, on the device and across.
#include <cuda_bf16.h>
#include <cuda_fp16.h>

#include <cstring>
#include <vector>

#include "cuda/runtime.hpp"

namespace nc::cuda {
namespace {

constexpr int kThreads = 256;

struct Layout {
  long long size;
  int ndim;
  long long shape[NC_MAX_DIMS], x[NC_MAX_DIMS], y[NC_MAX_DIMS];
};

struct Bool {
  unsigned char value;
};

template <class T>
__device__ T widen(T x) { return x; }
__device__ float widen(__half x) { return __half2float(x); }
__device__ float widen(__nv_bfloat16 x) { return __bfloat162float(x); }
__device__ unsigned char widen(Bool x) { return x.value; }

// Towards zero, saturating, NaN to 0; integers wrap.
template <class T, class S>
__device__ T to_integer(S x, double low, double high, T least, T most) {
  return x != x ? T{0} : static_cast<double>(x) <= low ? least : static_cast<double>(x) >= high ? most : static_cast<T>(x);
}

template <class T>
struct Narrow {
  template <class S>
  static __device__ T from(S x) { return static_cast<T>(x); }
};
template <>
struct Narrow<Bool> {
  template <class S>
  static __device__ Bool from(S x) { return {static_cast<unsigned char>(x != S{0})}; }
};
template <>
struct Narrow<__half> {
  template <class S>
  static __device__ __half from(S x) { return __float2half_rn(static_cast<float>(x)); }
};
template <>
struct Narrow<__nv_bfloat16> {
  template <class S>
  static __device__ __nv_bfloat16 from(S x) { return __float2bfloat16_rn(static_cast<float>(x)); }
};
#define NC_NARROW_INTEGER(T, LOW, HIGH, LEAST, MOST)                                                            \
  template <>                                                                                                   \
  struct Narrow<T> {                                                                                            \
    template <class S>                                                                                          \
    static __device__ T from(S x) { return static_cast<T>(x); }                                                 \
    static __device__ T from(float x) { return to_integer<T>(x, LOW, HIGH, LEAST, MOST); }                      \
    static __device__ T from(double x) { return to_integer<T>(x, LOW, HIGH, LEAST, MOST); }                     \
  };
NC_NARROW_INTEGER(unsigned char, 0.0, 255.0, 0, 255)
NC_NARROW_INTEGER(int, -2147483648.0, 2147483647.0, -2147483647 - 1, 2147483647)
NC_NARROW_INTEGER(long long, -9223372036854775808.0, 9223372036854775808.0, -9223372036854775807LL - 1,
                  9223372036854775807LL)
#undef NC_NARROW_INTEGER

template <class S, class T>
__global__ void __launch_bounds__(kThreads) copy_kernel(const S* x, T* y, const Layout layout) {
  for (long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x; i < layout.size;
       i += (long long)gridDim.x * blockDim.x) {
    long long rest = i, from = 0, to = 0;
    for (int d = layout.ndim - 1; d >= 0; d--) {
      const long long at = d == 0 ? rest : rest % layout.shape[d];
      rest /= layout.shape[d];
      from += at * layout.x[d];
      to += at * layout.y[d];
    }
    y[to] = Narrow<T>::from(widen(x[from]));
  }
}

template <class Body>
void with_type(int32_t dtype, Body&& body) {
  switch (dtype) {
    case NC_BOOL: return body(Bool{});
    case NC_UINT8: return body((unsigned char)0);
    case NC_INT32: return body(int{0});
    case NC_INT64: return body((long long)0);
    case NC_FLOAT16: return body(__half{});
    case NC_BFLOAT16: return body(__nv_bfloat16{});
    case NC_FLOAT32: return body(float{0});
    default: return body(double{0});
  }
}

void copy_on_device(State& s, const nc_tensor& x, const nc_tensor& y) {
  Layout layout{};
  layout.size = size_of(y);
  for (int d = 0; d < y.ndim; d++) {
    if (y.shape[d] == 1) continue;
    const int at = layout.ndim;
    if (at > 0 && layout.x[at - 1] == x.strides[d] * y.shape[d] && layout.y[at - 1] == y.strides[d] * y.shape[d]) {
      layout.shape[at - 1] *= y.shape[d];
      layout.x[at - 1] = x.strides[d];
      layout.y[at - 1] = y.strides[d];
      continue;
    }
    layout.shape[at] = y.shape[d];
    layout.x[at] = x.strides[d];
    layout.y[at] = y.strides[d];
    layout.ndim++;
  }
  with_type(x.dtype, [&](auto from) {
    with_type(y.dtype, [&](auto to) {
      using S = decltype(from);
      using T = decltype(to);
      copy_kernel<S, T><<<blocks_for(s, layout.size, kThreads), kThreads, 0, s.stream>>>(
          reinterpret_cast<const S*>(data_of(x)), reinterpret_cast<T*>(data_of(y)), layout);
    });
  });
  check(cudaGetLastError(), "copy");
}

// The elements of a host tensor in C order, gathered into or scattered from a packed buffer.
template <class Move>
void walk_host(const nc_tensor& t, Move&& move) {
  const int64_t size = item_size(t.dtype), n = size_of(t);
  int64_t at[NC_MAX_DIMS] = {};
  int64_t offset = 0;
  char* base = data_of(t);
  for (int64_t i = 0; i < n; i++) {
    move(base + offset * size, i * size, static_cast<size_t>(size));
    for (int d = t.ndim - 1; d >= 0; d--) {
      offset += t.strides[d];
      if (++at[d] < t.shape[d]) break;
      offset -= t.strides[d] * t.shape[d];
      at[d] = 0;
    }
  }
}

nc_tensor packed_like(const nc_tensor& t, void* base, int32_t device_type, int32_t device_id) {
  nc_tensor p = t;
  p.base = base;
  p.offset = 0;
  p.nbytes = size_of(t) * item_size(t.dtype);
  p.device_type = device_type;
  p.device_id = device_id;
  int64_t stride = 1;
  for (int d = t.ndim - 1; d >= 0; d--) {
    p.strides[d] = stride;
    stride *= t.shape[d];
  }
  return p;
}

// Both wait: the host's memory is the caller's again when the call returns.
void host_to_device(State& s, const nc_tensor& x, const nc_tensor& y) {
  const size_t nbytes = static_cast<size_t>(size_of(x) * item_size(x.dtype));
  std::vector<char> packed;
  const char* source = data_of(x);
  if (!is_contiguous(x)) {
    packed.resize(nbytes);
    walk_host(x, [&](char* element, int64_t at, size_t size) { std::memcpy(packed.data() + at, element, size); });
    source = packed.data();
  }
  const bool direct = x.dtype == y.dtype && is_contiguous(y);
  char* target = direct ? data_of(y) : static_cast<char*>(s.workspace(nbytes));
  check(cudaMemcpyAsync(target, source, nbytes, cudaMemcpyHostToDevice, s.stream), "copy to the device");
  if (!direct) copy_on_device(s, packed_like(x, target, y.device_type, y.device_id), y);
  check(cudaStreamSynchronize(s.stream), "copy to the device");
}

void device_to_host(State& s, const nc_tensor& x, const nc_tensor& y) {
  const size_t nbytes = static_cast<size_t>(size_of(y) * item_size(y.dtype));
  const char* source = data_of(x);
  if (x.dtype != y.dtype || !is_contiguous(x)) {
    const nc_tensor staged = packed_like(y, s.workspace(nbytes), x.device_type, x.device_id);
    copy_on_device(s, x, staged);
    source = data_of(staged);
  }
  std::vector<char> packed;
  char* target = data_of(y);
  if (!is_contiguous(y)) {
    packed.resize(nbytes);
    target = packed.data();
  }
  check(cudaMemcpyAsync(target, source, nbytes, cudaMemcpyDeviceToHost, s.stream), "copy to the host");
  check(cudaStreamSynchronize(s.stream), "copy to the host");
  if (!packed.empty())
    walk_host(y, [&](char* element, int64_t at, size_t size) { std::memcpy(element, packed.data() + at, size); });
}

}  // namespace

nc_status copy(void* state, const nc_tensor* x, const nc_tensor* y) {
  return guard([&] {
    State& s = enter(state);
    if (size_of(*y) == 0) return;
    if (x->device_type == NC_CPU) {
      host_to_device(s, *x, *y);
    } else if (y->device_type == NC_CPU) {
      device_to_host(s, *x, *y);
    } else if (x->device_id != y->device_id) {
      fail(NC_UNSUPPORTED, "copy from cuda:%d to cuda:%d: go through the CPU", x->device_id, y->device_id);
    } else {
      copy_on_device(s, *x, *y);
    }
  });
}

}  // namespace nc::cuda
