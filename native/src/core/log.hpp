// Messages for the host's logger. The core itself never writes to the console.
#pragma once

#include "nativechain/context.h"

namespace nc {

void log(nc_log_level level, const char* format, ...) __attribute__((format(printf, 2, 3)));
void set_log_callback(nc_log_callback callback, void* user);

}  // namespace nc
