// Host memory for the pool.
#pragma once

#include "nativechain/base.h"

namespace nc::cpu {

nc_status memory_alloc(int32_t device_id, int64_t nbytes, void** block);
void memory_free(int32_t device_id, void* block);

}  // namespace nc::cpu
