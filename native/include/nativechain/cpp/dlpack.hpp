// DLPack, both ways without a copy. The structures are laid out as DLPack 1.0 lays out its own, so that pointers can be
// cast between the two; no header of it is needed.
//
//   nc::dlpack::View view(x);                                   // a DLTensor of a Tensor, while the view lives
//   auto* managed = nc::dlpack::to_managed(x);                  // one that owns: its deleter lets the memory go
//   nc::Tensor y = nc::dlpack::from_managed(managed);           // and back
#ifndef NATIVECHAIN_CPP_DLPACK_HPP
#define NATIVECHAIN_CPP_DLPACK_HPP

#include <cstddef>

#include "nativechain/cpp/tensor.hpp"

namespace nativechain::dlpack {

// DLPack's device codes, beside NC_CPU and NC_CUDA.
inline constexpr int32_t cuda_host = 3;  // pinned, and the CPU's like any other memory

struct Device {
  int32_t device_type;
  int32_t device_id;
};

enum class Code : uint8_t { integer = 0, unsigned_integer = 1, floating = 2, bfloat = 4, boolean = 6 };

struct DataType {
  Code code;
  uint8_t bits;
  uint16_t lanes;
};

struct DLTensor {
  void* data;
  Device device;
  int32_t ndim;
  DataType dtype;
  int64_t* shape;
  int64_t* strides;  // in elements; null where the elements lie in C order
  uint64_t byte_offset;
};

// What a capsule named "dltensor" holds.
struct DLManagedTensor {
  DLTensor dl_tensor;
  void* manager_ctx;
  void (*deleter)(DLManagedTensor* self);
};

struct Version {
  uint32_t major;
  uint32_t minor;
};
inline constexpr Version version{1, 0};

// What a capsule named "dltensor_versioned" holds.
struct DLManagedTensorVersioned {
  Version version;
  void* manager_ctx;
  void (*deleter)(DLManagedTensorVersioned* self);
  uint64_t flags;
  DLTensor dl_tensor;
};
inline constexpr uint64_t read_only = 1;

static_assert(sizeof(DataType) == 4 && offsetof(DLTensor, ndim) == sizeof(void*) + 8 &&
              offsetof(DLTensor, shape) == sizeof(void*) + 16 && offsetof(DLTensor, byte_offset) == 3 * sizeof(void*) + 16);
static_assert(offsetof(DLManagedTensor, manager_ctx) == sizeof(DLTensor) &&
              offsetof(DLManagedTensorVersioned, flags) == 8 + 2 * sizeof(void*) &&
              offsetof(DLManagedTensorVersioned, dl_tensor) == 16 + 2 * sizeof(void*));

inline DataType to_dlpack(DType dtype) {
  const auto bits = static_cast<uint8_t>(8 * size_of(dtype));
  switch (dtype) {
    case DType::boolean: return {Code::boolean, bits, 1};
    case DType::uint8: return {Code::unsigned_integer, bits, 1};
    case DType::int32:
    case DType::int64: return {Code::integer, bits, 1};
    case DType::bfloat16: return {Code::bfloat, bits, 1};
    default: return {Code::floating, bits, 1};
  }
}

inline DType from_dlpack(DataType type) {
  for (int32_t code = NC_BOOL; code <= NC_FLOAT64; code++) {
    const auto dtype = static_cast<DType>(code);
    const DataType own = to_dlpack(dtype);
    if (own.code == type.code && own.bits == type.bits && type.lanes == 1) return dtype;
  }
  throw Error(NC_INVALID_DTYPE, "dlpack: elements of code " + std::to_string(static_cast<int>(type.code)) + ", " +
                                    std::to_string(type.bits) + " bits and " + std::to_string(type.lanes) + " lanes");
}

// The descriptor of what a DLTensor names: its block is just what its elements span. Refuses other devices, elements of
// no dtype, more than 8 axes, strides that leave the address space, and elements that are not aligned.
inline nc_tensor descriptor(const DLTensor& t) {
  nc_tensor view = {};
  if (t.device.device_type != NC_CPU && t.device.device_type != NC_CUDA && t.device.device_type != cuda_host)
    throw Error(NC_INVALID_DEVICE, "dlpack: device " + std::to_string(t.device.device_type) + ":" +
                                       std::to_string(t.device.device_id) + " is neither the CPU nor an NVIDIA GPU");
  if (t.ndim < 0 || t.ndim > NC_MAX_DIMS || (t.ndim > 0 && t.shape == nullptr))
    throw Error(NC_INVALID_SHAPE, "dlpack: " + std::to_string(t.ndim) + " axes");
  const DType dtype = from_dlpack(t.dtype);
  const Shape shape(t.shape, t.shape + t.ndim);
  const int64_t size = nativechain::detail::count(shape), item = size_of(dtype);
  view.device_type = t.device.device_type == cuda_host ? NC_CPU : t.device.device_type;
  view.device_id = view.device_type == NC_CPU ? 0 : t.device.device_id;
  view.dtype = static_cast<int32_t>(dtype);
  view.ndim = t.ndim;
  int64_t low = 0, high = 0, step = 1;  // elements before and behind the first
  for (int i = t.ndim - 1; i >= 0; step *= std::max<int64_t>(shape[i], 1), i--) {
    const int64_t stride = shape[i] == 1 ? 0 : t.strides != nullptr ? t.strides[i] : step;
    const int64_t steps = std::max<int64_t>(shape[i] - 1, 0), room = INT64_MAX / 64;
    view.shape[i] = shape[i];
    view.strides[i] = stride;
    if (size == 0) continue;
    if (steps > 0 && (stride > room / steps || stride < -room / steps))
      throw Error(NC_INVALID_SHAPE, "dlpack: stride " + std::to_string(stride) + " of " + to_string(shape));
    (stride < 0 ? low : high) += steps * stride;
  }
  if (size == 0) return view;
  char* const first = static_cast<char*>(t.data) + t.byte_offset;
  if (t.data == nullptr || reinterpret_cast<uintptr_t>(first) % item != 0)
    throw Error(NC_INVALID_ARGUMENT, "dlpack: elements that are not there, or not aligned");
  view.base = first + low * item;
  view.offset = -low * item;
  view.nbytes = (high - low + 1) * item;
  return view;
}

// A DLTensor of a Tensor, that neither owns nor copies: valid while the View and the Tensor's memory live.
class View {
 public:
  explicit View(const Tensor& x) : View(*x.descriptor()) {}
  explicit View(const nc_tensor& x) : descriptor_(x) {
    const auto dtype = static_cast<DType>(x.dtype);
    bool empty = false;
    for (int i = 0; i < x.ndim; i++) empty |= x.shape[i] == 0;
    tensor_ = {empty ? nullptr : static_cast<char*>(x.base) + x.offset,
               {x.device_type, x.device_id},
               x.ndim,
               to_dlpack(dtype),
               descriptor_.shape,
               descriptor_.strides,
               0};
  }
  View(const View&) = delete;
  View& operator=(const View&) = delete;
  const DLTensor* get() const { return &tensor_; }
  const DLTensor* operator->() const { return &tensor_; }
  const DLTensor& operator*() const { return tensor_; }

 private:
  nc_tensor descriptor_;
  DLTensor tensor_ = {};
};

namespace detail {

// The structure, what it points to, and the memory's share: all in one.
template <class Managed>
struct Export {
  explicit Export(const Tensor& x) : owner(x), view(x) {
    managed.dl_tensor = *view;
    managed.manager_ctx = this;
    managed.deleter = [](Managed* self) { delete static_cast<Export*>(self->manager_ctx); };
    check(nc_context_synchronize(x.context()));  // another library knows nothing of our stream
  }
  Tensor owner;
  View view;
  Managed managed = {};
};

template <class Managed>
Tensor take(Managed* managed) {
  const nc_tensor view = descriptor(managed->dl_tensor);
  const nativechain::Device device{view.device_type, view.device_id};
  nativechain::detail::context_of(device);  // throws where there is no such device
  return Tensor::over(view, std::shared_ptr<void>(managed, [device](void* p) {
    try {
      // Kernels may still use the memory, and its owner knows nothing of our stream.
      if (device.type != NC_CPU) check(nc_context_synchronize(nativechain::detail::context_of(device)));
    } catch (const Error&) {
    }
    auto* self = static_cast<Managed*>(p);
    if (self->deleter != nullptr) self->deleter(self);
  }));
}

}  // namespace detail

// Shares the Tensor's memory until the deleter is called, once, by whoever takes it.
inline DLManagedTensor* to_managed(const Tensor& x) { return &(new detail::Export<DLManagedTensor>(x))->managed; }
inline DLManagedTensorVersioned* to_managed_versioned(const Tensor& x) {
  auto* exported = new detail::Export<DLManagedTensorVersioned>(x);
  exported->managed.version = version;
  return &exported->managed;
}

// A Tensor over the memory of what it takes over: the deleter is called when the last Tensor that shares it ends. The
// caller vouches for the structure and the memory. What throws takes nothing over.
inline Tensor from_managed(DLManagedTensor* managed) {
  if (managed == nullptr) throw Error(NC_INVALID_ARGUMENT, "dlpack: null");
  return detail::take(managed);
}

// Memory that may not be written is copied, and given back at once.
inline Tensor from_managed(DLManagedTensorVersioned* managed) {
  if (managed == nullptr) throw Error(NC_INVALID_ARGUMENT, "dlpack: null");
  if (managed->version.major != version.major)
    throw Error(NC_INVALID_ARGUMENT, "dlpack: version " + std::to_string(managed->version.major) + "." +
                                         std::to_string(managed->version.minor) + "; 1 is known");
  const bool copy = (managed->flags & read_only) != 0;
  const Tensor x = detail::take(managed);
  return copy ? x.copy() : x;
}

}  // namespace nativechain::dlpack

#endif
