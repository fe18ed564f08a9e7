#include "nativechain/base.h"

#include "core/status.hpp"
#include "core/tensor.hpp"

int32_t nc_abi_version(void) { return NC_ABI_MAJOR << 16 | NC_ABI_MINOR; }

const char* nc_version(void) { return NC_VERSION; }

const char* nc_last_error(void) { return nc::get_last_error(); }

int32_t nc_dtype_size(nc_dtype dtype) {
  return static_cast<uint32_t>(dtype) > NC_FLOAT64 ? 0 : static_cast<int32_t>(nc::dtype_size(dtype));
}

const char* nc_dtype_name(nc_dtype dtype) {
  static constexpr const char* names[] = {"bool",    "uint8",    "int32",   "int64",
                                          "float16", "bfloat16", "float32", "float64"};
  return static_cast<uint32_t>(dtype) > NC_FLOAT64 ? "unknown" : names[dtype];
}
