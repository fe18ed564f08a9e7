// Copies between any strides and dtypes, on the device and across.
#include <cuda_bf16.h>
#include <cuda_fp16.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <type_traits>
#include <vector>

#include "cuda/runtime.hpp"

namespace nc::cuda {
namespace {

constexpr int kThreads = 256;
constexpr int kDeep = 4;
constexpr int kTile = 64;
constexpr long long kNarrow = 1ll << 30;  // elements whose indices, a round beyond the last included, fit 32 bits

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

// Elements from where flat index i leads to, in x and in y.
struct Place {
  long long x, y;
};

// Loops stay loops: unrolled over the axes, these kernels would be ten times the code.
template <class Index>
__device__ __forceinline__ Place walk(Index i, const Layout& layout) {
  Place p{0, 0};
#pragma unroll 1
  for (int d = layout.ndim - 1; d >= 0; d--) {
    const Index extent = static_cast<Index>(layout.shape[d]), at = d == 0 ? i : i % extent;
    i /= extent;
    p.x += static_cast<long long>(at) * layout.x[d];
    p.y += static_cast<long long>(at) * layout.y[d];
  }
  return p;
}

__device__ __forceinline__ Place place_of(long long i, const Layout& layout) {
  return layout.size <= kNarrow ? walk(static_cast<unsigned>(i), layout) : walk(static_cast<unsigned long long>(i), layout);
}

// The same over `dims` axes, with no loop left.
template <int dims>
__device__ __forceinline__ Place place_over(unsigned i, const Layout& layout) {
  Place p{0, 0};
#pragma unroll
  for (int d = dims - 1; d >= 0; d--) {
    const unsigned extent = static_cast<unsigned>(layout.shape[d]), at = d == 0 ? i : i % extent;
    i /= extent;
    p.x += static_cast<long long>(at) * layout.x[d];
    p.y += static_cast<long long>(at) * layout.y[d];
  }
  return p;
}

// Units of 1 to 16 bytes, whatever they hold; kDeep of a thread in flight.
template <class Unit, int dims>
__global__ void __launch_bounds__(kThreads) move_kernel(const Unit* x, Unit* y, const Layout layout) {
  const unsigned size = static_cast<unsigned>(layout.size), first = blockIdx.x * (kThreads * kDeep) + threadIdx.x;
  Unit units[kDeep];
  long long to[kDeep];
#pragma unroll
  for (int u = 0; u < kDeep; u++) {
    const unsigned i = first + u * kThreads;
    if (i >= size) continue;
    const Place p = place_over<dims>(i, layout);
    units[u] = x[p.x];
    to[u] = p.y;
  }
#pragma unroll
  for (int u = 0; u < kDeep; u++)
    if (first + u * kThreads < size) y[to[u]] = units[u];
}

// More axes, or more elements than 32 bits count.
template <class Unit>
__global__ void __launch_bounds__(kThreads) move_any_kernel(const Unit* x, Unit* y, const Layout layout) {
  for (long long i = blockIdx.x * (long long)kThreads + threadIdx.x; i < layout.size; i += gridDim.x * (long long)kThreads) {
    const Place p = place_of(i, layout);
    y[p.y] = x[p.x];
  }
}

template <class T, int N>
struct alignas(sizeof(T) * N < 16 ? sizeof(T) * N : 16) Vector {
  T v[N];
};

// One axis of stride 1: N neighbours at once, and the first block takes what they leave.
template <class S, class T, int N>
__global__ void __launch_bounds__(kThreads) cast_flat_kernel(const S* x, T* y, long long size) {
  constexpr int kVectors = 2;
  const long long n = size / N;
  for (long long first = blockIdx.x * (long long)(kThreads * kVectors) + threadIdx.x; first < n;
       first += gridDim.x * (long long)(kThreads * kVectors)) {
    Vector<S, N> from[kVectors];
#pragma unroll
    for (int u = 0; u < kVectors; u++)
      if (first + u * kThreads < n) from[u] = reinterpret_cast<const Vector<S, N>*>(x)[first + u * kThreads];
#pragma unroll
    for (int u = 0; u < kVectors; u++) {
      if (first + u * kThreads >= n) continue;
      Vector<T, N> to;
#pragma unroll
      for (int e = 0; e < N; e++) to.v[e] = Narrow<T>::from(widen(from[u].v[e]));
      reinterpret_cast<Vector<T, N>*>(y)[first + u * kThreads] = to;
    }
  }
  const long long i = n * N + threadIdx.x;
  if (blockIdx.x == 0 && i < size) y[i] = Narrow<T>::from(widen(x[i]));
}

template <class S, class T>
__global__ void __launch_bounds__(kThreads) cast_kernel(const S* x, T* y, const Layout layout) {
  for (long long i = blockIdx.x * (long long)kThreads + threadIdx.x; i < layout.size; i += gridDim.x * (long long)kThreads) {
    const Place p = place_of(i, layout);
    y[p.y] = Narrow<T>::from(widen(x[p.x]));
  }
}

// Axis `across` of x and the last axis of y have stride 1: tiles of them go through shared memory, so that both are read and
// written in rows. One block a tile; `rest` are the other axes.
struct Transposition {
  long long rows, columns;      // extents of `across` and of the last axis
  long long tiles_down, tiles;  // along `across`, and in all of one matrix
  long long x_column, y_row;    // x's stride along the last axis, y's along `across`
  Layout rest;
};

template <class Unit>
__global__ void __launch_bounds__(kThreads) transpose_kernel(const Unit* __restrict__ x, Unit* __restrict__ y, const Transposition t) {
  __shared__ Unit tile[kTile][kTile + 1];
  const long long matrix = blockIdx.x / t.tiles, at = blockIdx.x % t.tiles;
  const Place p = place_of(matrix, t.rest);
  const long long row0 = at % t.tiles_down * kTile, column0 = at / t.tiles_down * kTile;
  constexpr int kRows = kThreads / kTile;
  const int in_row = threadIdx.x % kTile, of_row = threadIdx.x / kTile;
  const long long row = row0 + in_row;
  Unit units[kTile / kRows];  // all of a thread's reads before the first is used
#pragma unroll
  for (int i = 0; i < kTile / kRows; i++) {
    const long long column = column0 + of_row + i * kRows;
    units[i] = row < t.rows && column < t.columns ? x[p.x + row + column * t.x_column] : Unit(0);
  }
#pragma unroll
  for (int i = 0; i < kTile / kRows; i++) tile[of_row + i * kRows][in_row] = units[i];
  __syncthreads();
  const long long column = column0 + in_row;
#pragma unroll
  for (int i = 0; i < kTile; i += kRows) {
    const long long down = row0 + of_row + i;
    if (down < t.rows && column < t.columns) y[p.y + column + down * t.y_row] = tile[in_row][of_row + i];
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

// The axes that y and x share, y's largest stride first; those that both walk as one are joined.
Layout layout_of(const nc_tensor& x, const nc_tensor& y) {
  int order[NC_MAX_DIMS], n = 0;
  for (int d = 0; d < y.ndim; d++)
    if (y.shape[d] != 1) order[n++] = d;
  std::stable_sort(order, order + n, [&](int a, int b) { return std::llabs(y.strides[a]) > std::llabs(y.strides[b]); });
  Layout layout{};
  layout.size = size_of(y);
  for (int i = 0; i < n; i++) {
    const int d = order[i], at = layout.ndim;
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
  if (layout.ndim == 0) layout.ndim = 1, layout.shape[0] = 1, layout.x[0] = layout.y[0] = 1;
  return layout;
}

template <class Body>
void with_unit(int64_t bytes, Body&& body) {
  switch (bytes) {
    case 1: return body((unsigned char)0);
    case 2: return body((unsigned short)0);
    case 4: return body(0u);
    case 8: return body(0ull);
    default: return body(uint4{});
  }
}

// False where no axis of x other than the last has stride 1, or tiles would be mostly empty.
bool transpose(State& s, const nc_tensor& x, const nc_tensor& y, const Layout& layout) {
  const int last = layout.ndim - 1;
  int across = last - 1;
  while (across >= 0 && layout.x[across] != 1) across--;
  if (across < 0 || layout.y[last] != 1 || layout.shape[across] < 16 || layout.shape[last] < 16) return false;
  const auto tiles = [](long long extent) { return (extent + kTile - 1) / kTile; };
  Transposition t{layout.shape[across], layout.shape[last], tiles(layout.shape[across]), 0, layout.x[last], layout.y[across], {}};
  t.tiles = t.tiles_down * tiles(t.columns);
  t.rest.size = 1;
  for (int d = 0; d < last; d++) {
    if (d == across) continue;
    const int at = t.rest.ndim++;
    t.rest.size *= t.rest.shape[at] = layout.shape[d];
    t.rest.x[at] = layout.x[d];
    t.rest.y[at] = layout.y[d];
  }
  if (t.rest.size > INT32_MAX / t.tiles) return false;
  with_unit(item_size(y.dtype), [&](auto unit) {
    using Unit = decltype(unit);
    if constexpr (sizeof(Unit) <= 8)
      transpose_kernel<Unit><<<static_cast<unsigned>(t.rest.size * t.tiles), kThreads, 0, s.stream>>>(
          reinterpret_cast<const Unit*>(data_of(x)), reinterpret_cast<Unit*>(data_of(y)), t);
  });
  return true;
}

// The same dtype on both sides: bytes, in the largest units that the last axis and every place allow.
void move(State& s, const nc_tensor& x, const nc_tensor& y, Layout layout) {
  const int64_t item = item_size(y.dtype);
  const int last = layout.ndim - 1;
  const bool rows = layout.x[last] == 1 && layout.y[last] == 1;
  if (rows && last == 0) {
    check(cudaMemcpyAsync(data_of(y), data_of(x), static_cast<size_t>(layout.size * item), cudaMemcpyDeviceToDevice, s.stream), "copy");
    return;
  }
  if (transpose(s, x, y, layout)) return;
  int64_t unit = item;
  if (rows) {
    uint64_t bits = reinterpret_cast<uintptr_t>(data_of(x)) | reinterpret_cast<uintptr_t>(data_of(y)) | static_cast<uint64_t>(layout.shape[last] * item);
    for (int d = 0; d < last; d++) bits |= static_cast<uint64_t>(layout.x[d] * item) | static_cast<uint64_t>(layout.y[d] * item);
    unit = bits % 16 == 0 ? 16 : bits % 8 == 0 ? 8 : bits % 4 == 0 ? 4 : bits % 2 == 0 ? 2 : 1;
    layout.shape[last] = layout.shape[last] * item / unit;
    layout.size = layout.size * item / unit;
    for (int d = 0; d < last; d++) {
      layout.x[d] = layout.x[d] * item / unit;
      layout.y[d] = layout.y[d] * item / unit;
    }
  }
  with_unit(unit, [&](auto u) {
    using Unit = decltype(u);
    const Unit* from = reinterpret_cast<const Unit*>(data_of(x));
    Unit* to = reinterpret_cast<Unit*>(data_of(y));
    const unsigned blocks = grid_for(layout.size, kThreads * kDeep);
    switch (layout.size <= kNarrow ? layout.ndim : NC_MAX_DIMS) {
      case 1: return move_kernel<Unit, 1><<<blocks, kThreads, 0, s.stream>>>(from, to, layout);
      case 2: return move_kernel<Unit, 2><<<blocks, kThreads, 0, s.stream>>>(from, to, layout);
      case 3: return move_kernel<Unit, 3><<<blocks, kThreads, 0, s.stream>>>(from, to, layout);
      case 4: return move_kernel<Unit, 4><<<blocks, kThreads, 0, s.stream>>>(from, to, layout);
      default: return move_any_kernel<Unit><<<grid_for(layout.size, kThreads), kThreads, 0, s.stream>>>(from, to, layout);
    }
  });
}

template <class S, class T>
void cast(State& s, const nc_tensor& x, const nc_tensor& y, const Layout& layout) {
  constexpr int kVector = 4;
  const S* from = reinterpret_cast<const S*>(data_of(x));
  T* to = reinterpret_cast<T*>(data_of(y));
  const bool flat = layout.ndim == 1 && layout.x[0] == 1 && layout.y[0] == 1;
  if (flat && reinterpret_cast<uintptr_t>(from) % alignof(Vector<S, kVector>) == 0 && reinterpret_cast<uintptr_t>(to) % alignof(Vector<T, kVector>) == 0)
    cast_flat_kernel<S, T, kVector><<<grid_for(layout.size, kThreads * kVector * 2), kThreads, 0, s.stream>>>(from, to, layout.size);
  else
    cast_kernel<S, T><<<grid_for(layout.size, kThreads), kThreads, 0, s.stream>>>(from, to, layout);
}

void copy_on_device(State& s, const nc_tensor& x, const nc_tensor& y) {
  const Layout layout = layout_of(x, y);
  if (x.dtype == y.dtype) {
    move(s, x, y, layout);
  } else {
    with_type(x.dtype, [&](auto from) {
      with_type(y.dtype, [&](auto to) {
        if constexpr (!std::is_same_v<decltype(from), decltype(to)>) cast<decltype(from), decltype(to)>(s, x, y, layout);
      });
    });
  }
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
