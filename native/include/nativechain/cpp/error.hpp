// Errors, dtypes and contexts.
#ifndef NATIVECHAIN_CPP_ERROR_HPP
#define NATIVECHAIN_CPP_ERROR_HPP

#include <cstdint>
#include <stdexcept>
#include <string>
#include <type_traits>

#include "nativechain/nativechain.h"

namespace nativechain {

// A call that was refused or failed; nothing has changed.
class Error : public std::runtime_error {
 public:
  Error(nc_status status, const std::string& text) : std::runtime_error(text), status_(status) {}
  nc_status status() const noexcept { return status_; }

 private:
  nc_status status_;
};

inline void check(nc_status status) {
  if (status != NC_OK) throw Error(status, nc_last_error());
}

enum class DType : int32_t {
  boolean = NC_BOOL,
  uint8 = NC_UINT8,
  int32 = NC_INT32,
  int64 = NC_INT64,
  float16 = NC_FLOAT16,
  bfloat16 = NC_BFLOAT16,
  float32 = NC_FLOAT32,
  float64 = NC_FLOAT64
};

inline bool is_floating(DType d) { return d >= DType::float16; }
inline int64_t size_of(DType d) { return nc_dtype_size(static_cast<nc_dtype>(d)); }
inline std::string name_of(DType d) { return nc_dtype_name(static_cast<nc_dtype>(d)); }

// What a result of both is: NumPy 2's table; bfloat16 as float16, the two together float32.
inline DType promote(DType a, DType b) {
  static constexpr int8_t table[8][8] = {{0, 1, 2, 3, 4, 5, 6, 7}, {1, 1, 2, 3, 4, 5, 6, 7}, {2, 2, 2, 3, 7, 7, 7, 7},
                                         {3, 3, 3, 3, 7, 7, 7, 7}, {4, 4, 7, 7, 4, 6, 6, 7}, {5, 5, 7, 7, 6, 5, 6, 7},
                                         {6, 6, 7, 7, 6, 6, 6, 7}, {7, 7, 7, 7, 7, 7, 7, 7}};
  return static_cast<DType>(table[static_cast<int>(a)][static_cast<int>(b)]);
}

// What an elementwise operation computes in.
inline DType compute_dtype(DType d) { return d == DType::float64 ? d : is_floating(d) ? DType::float32 : DType::int64; }

// The dtype of a C++ element type. float16 and bfloat16 have none; read them by astype(DType::float32).
template <class T>
constexpr DType dtype_of() {
  if constexpr (std::is_same_v<T, bool>)
    return DType::boolean;
  else if constexpr (std::is_same_v<T, uint8_t>)
    return DType::uint8;
  else if constexpr (std::is_same_v<T, float>)
    return DType::float32;
  else if constexpr (std::is_same_v<T, double>)
    return DType::float64;
  else if constexpr (std::is_integral_v<T> && std::is_signed_v<T> && sizeof(T) == 4)
    return DType::int32;
  else if constexpr (std::is_integral_v<T> && std::is_signed_v<T> && sizeof(T) == 8)
    return DType::int64;
  else
    static_assert(!sizeof(T), "no dtype has this element type");
}

struct Device {
  int32_t type = NC_CPU;
  int32_t id = 0;
  bool operator==(const Device&) const = default;
};

namespace detail {

class Context {
 public:
  explicit Context(Device device) : device_(device) { check(nc_context_create(device.type, device.id, &context_)); }
  ~Context() { nc_context_destroy(context_); }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  nc_context* get() const { return context_; }
  Device device() const { return device_; }

 private:
  Device device_;
  nc_context* context_ = nullptr;
};

}  // namespace detail

}  // namespace nativechain

#endif
