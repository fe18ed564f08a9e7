// The C ABI as C11 sees it: the headers compile, and the structs have the layout that bindings rely on.
#include <stddef.h>

#include "nativechain/nativechain.h"

_Static_assert(sizeof(nc_tensor) == 168, "nc_tensor");
_Static_assert(offsetof(nc_tensor, base) == 0, "base");
_Static_assert(offsetof(nc_tensor, nbytes) == 8, "nbytes");
_Static_assert(offsetof(nc_tensor, offset) == 16, "offset");
_Static_assert(offsetof(nc_tensor, device_type) == 24, "device_type");
_Static_assert(offsetof(nc_tensor, device_id) == 28, "device_id");
_Static_assert(offsetof(nc_tensor, dtype) == 32, "dtype");
_Static_assert(offsetof(nc_tensor, ndim) == 36, "ndim");
_Static_assert(offsetof(nc_tensor, shape) == 40, "shape");
_Static_assert(offsetof(nc_tensor, strides) == 104, "strides");
_Static_assert(sizeof(nc_scalar) == 24 && offsetof(nc_scalar, f64) == 8 && offsetof(nc_scalar, i64) == 16, "nc_scalar");
_Static_assert(sizeof(nc_instruction) == 32 && offsetof(nc_instruction, f64) == 16, "nc_instruction");
_Static_assert(offsetof(nc_instruction, i64) == 24, "nc_instruction");
_Static_assert(sizeof(nc_random_key) == 32 && offsetof(nc_random_key, counter) == 8, "nc_random_key");
_Static_assert(sizeof(nc_memory_stats) == 32 && offsetof(nc_memory_stats, live_blocks) == 24, "nc_memory_stats");

int main(void) { return nc_abi_version() == (NC_ABI_MAJOR << 16 | NC_ABI_MINOR) ? 0 : 1; }
