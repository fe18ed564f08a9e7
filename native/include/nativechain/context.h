// Contexts, device memory, threads, backends and log messages.
#ifndef NATIVECHAIN_CONTEXT_H
#define NATIVECHAIN_CONTEXT_H

#include "nativechain/base.h"

#ifdef __cplusplus
extern "C" {
#endif

// A context is a device, its stream and its workspace. Calls on different contexts may run at the same time; calls on
// one context must not, but for nc_alloc, nc_free, nc_trim and the statistics, which any threads may call together. The
// pools of memory belong to the device and outlive every context.
NC_API nc_status nc_context_create(int32_t device_type, int32_t device_id, nc_context** context);
NC_API nc_status nc_context_destroy(nc_context* context);

// Waits for all work submitted through the context, and reports what failed in it. Nothing to do on the CPU.
NC_API nc_status nc_context_synchronize(nc_context* context);

// A block of at least nbytes, aligned to 64, from the device's pool (power-of-two classes with steps between). Its content is not defined.
// A request of 0 bytes gives a valid block. *capacity, where not null, is the size of the block's class.
NC_API nc_status nc_alloc(nc_context* context, int64_t nbytes, void** block, int64_t* capacity);

// Gives a block back to its pool; null does nothing. Any context of the same device will do.
NC_API nc_status nc_free(nc_context* context, void* block);

// Gives the memory of the device's free blocks back to the system; *released, where not null, is how many bytes that was.
NC_API nc_status nc_trim(nc_context* context, int64_t* released);

typedef struct nc_memory_stats {
  int64_t live_bytes;    // in blocks handed out
  int64_t cached_bytes;  // in free blocks of the pool
  int64_t peak_bytes;    // the most that live_bytes has been since the last reset
  int64_t live_blocks;
} nc_memory_stats;

NC_API nc_status nc_memory_statistics(nc_context* context, nc_memory_stats* stats);
NC_API nc_status nc_memory_reset_peak(nc_context* context);

// Threads that one call may use, the caller's included; 1 or more. Results never depend on it. Default: the machine's
// cores, capped by the environment variable NATIVECHAIN_NUM_THREADS.
NC_API nc_status nc_set_num_threads(int32_t count);
NC_API int32_t nc_num_threads(void);

// The instruction set that the CPU kernels use: "reference" (plain loops), "sse4", "avx2", "avx3" (AVX-512 F, BW,
// DQ, VL), "avx3_bf16" (and AVX512-BF16, for products of bfloat16), "amx" (and AMX's tiles, likewise), "neon". Chosen
// once, at first use; the environment variable NATIVECHAIN_ISA caps the choice.
NC_API const char* nc_cpu_isa(void);

// Loads a device module (libnativechain_cuda) from its full path. Where it cannot be loaded or finds no device,
// NC_BACKEND_ERROR and the reason in nc_last_error. Loading one twice does nothing.
NC_API nc_status nc_load_backend(const char* path);

// Devices of a type that this process can use: 1 for the CPU, 0 where the module is not loaded.
NC_API nc_status nc_device_count(int32_t device_type, int32_t* count);

typedef int32_t nc_log_level;
enum nc_log_level_code {
  NC_LOG_DEBUG = 0,
  NC_LOG_INFO = 1,
  NC_LOG_WARNING = 2,
  NC_LOG_ERROR = 3
};

// Where messages go; null turns them off. May be called from any thread; must not throw.
typedef void (*nc_log_callback)(void* user, int32_t level, const char* message);
NC_API nc_status nc_set_log_callback(nc_log_callback callback, void* user);

#ifdef __cplusplus
}
#endif

#endif
