// A backend is a table of functions. The core knows a device only as its table; a missing slot is "unsupported".
#pragma once

#include <cstdint>

#include "nativechain/nativechain.h"

// What the host gives a module, so that it needs nothing of the core's code.
struct nc_host {
  int32_t size;                         // of this struct
  void (*set_error)(const char* text);  // text of a failure, before the status is returned
  void (*log)(int32_t level, const char* message);
};

// Arguments have been checked by src/ops: extents, devices, dtypes, shapes; inputs of programs are already broadcast
// (same ndim and shape as the outputs, stride 0 on repeated axes). A slot returns NC_OK, or a status after set_error.
// The CPU's slots may throw nc::Error instead, since they run inside the library's guard.
struct nc_backend {
  int32_t abi_version;  // nc_abi_version() that it was built against
  int32_t size;         // of this struct
  const char* name;     // "cpu", "cuda"
  int32_t device_type;

  // Devices and memory. `state` is the backend's own part of a context: stream, workspace.
  nc_status (*device_count)(int32_t* count);
  nc_status (*state_create)(int32_t device_id, void** state);
  void (*state_destroy)(void* state);
  nc_status (*synchronize)(void* state);
  nc_status (*memory_alloc)(int32_t device_id, int64_t nbytes, void** block);  // from the system, for the core's pool
  void (*memory_free)(int32_t device_id, void* block);

  // Operations, as the nc_ function of the same name takes them.
  nc_status (*copy)(void* state, const nc_tensor* x, const nc_tensor* y);  // x broadcast; host memory on either side
  nc_status (*fill)(void* state, const nc_scalar* value, const nc_tensor* y);
  nc_status (*program_run)(void* state, const nc_program* program, int32_t count, const nc_tensor* inputs,
                           const nc_scalar* parameters, const nc_tensor* outputs);
  // inputs broadcast to one full shape; outputs have its ndim, extent 1 where reduced. program is never null.
  nc_status (*reduce)(void* state, int32_t reduction, const nc_program* program, const nc_tensor* inputs,
                      int32_t n_inputs, const nc_scalar* parameters, const nc_tensor* outputs);
  // a, b broadcast to y's leading axes; extras broadcast to y. program may be null.
  nc_status (*matmul)(void* state, const nc_tensor* a, const nc_tensor* b, const nc_program* program,
                      const nc_tensor* extras, const nc_scalar* parameters, const nc_tensor* y);
  nc_status (*softmax)(void* state, const nc_tensor* x, int32_t axis, const nc_tensor* y);
  nc_status (*softmax_grad)(void* state, const nc_tensor* y, const nc_tensor* gy, int32_t axis, const nc_tensor* gx);
  nc_status (*log_softmax)(void* state, const nc_tensor* x, int32_t axis, const nc_tensor* y);
  nc_status (*log_softmax_grad)(void* state, const nc_tensor* y, const nc_tensor* gy, int32_t axis,
                                const nc_tensor* gx);
  nc_status (*softmax_cross_entropy)(void* state, const nc_tensor* x, const nc_tensor* t, const nc_tensor* weight,
                                     int64_t ignore_label, const nc_tensor* log_p, const nc_tensor* loss);
  nc_status (*softmax_cross_entropy_grad)(void* state, const nc_tensor* log_p, const nc_tensor* t,
                                          const nc_tensor* weight, int64_t ignore_label, const nc_tensor* g,
                                          const nc_tensor* gx);
  // indices broadcast to one shape; x of scatter and scatter_add broadcast to the indexed view. Index values, and
  // nonzero's count, are checked by the slot before it writes.
  nc_status (*gather)(void* state, const nc_tensor* x, const nc_tensor* indices, const int32_t* axes, int32_t n,
                      const nc_tensor* y);
  nc_status (*scatter)(void* state, const nc_tensor* x, const nc_tensor* indices, const int32_t* axes, int32_t n,
                       const nc_tensor* y);
  nc_status (*scatter_add)(void* state, const nc_tensor* x, const nc_tensor* indices, const int32_t* axes, int32_t n,
                           const nc_tensor* y);
  nc_status (*nonzero)(void* state, const nc_tensor* x, const nc_tensor* y);
  nc_status (*random_words)(void* state, const nc_random_key* key, const nc_tensor* y);
  nc_status (*random_uniform)(void* state, const nc_random_key* key, double low, double high, const nc_tensor* y);
  nc_status (*random_normal)(void* state, const nc_random_key* key, double mean, double stddev, const nc_tensor* y);
  nc_status (*random_truncated_normal)(void* state, const nc_random_key* key, double mean, double stddev, double low,
                                       double high, const nc_tensor* y);
  nc_status (*random_bernoulli)(void* state, const nc_random_key* key, double p, const nc_tensor* y);
  nc_status (*random_permutation)(void* state, const nc_random_key* key, const nc_tensor* y);
  // extras broadcast to y (or gx). program may be null. Entries of the window past the spatial axes are 1, paddings 0.
  nc_status (*convolution_forward)(void* state, const nc_tensor* x, const nc_tensor* W,
                                   const nc_convolution* convolution, const nc_program* program,
                                   const nc_tensor* extras, const nc_scalar* parameters, const nc_tensor* y);
  nc_status (*convolution_data)(void* state, const nc_tensor* gy, const nc_tensor* W, const nc_convolution* convolution,
                                const nc_program* program, const nc_tensor* extras, const nc_scalar* parameters,
                                const nc_tensor* gx);
  nc_status (*convolution_filter)(void* state, const nc_tensor* x, const nc_tensor* gy,
                                  const nc_convolution* convolution, const nc_tensor* gW);
  // Index values of max_pooling_grad and max_pooling_gather are checked by the slot before it writes.
  nc_status (*max_pooling)(void* state, const nc_tensor* x, const nc_window* window, const nc_tensor* y,
                           const nc_tensor* indices);
  nc_status (*max_pooling_grad)(void* state, const nc_tensor* gy, const nc_tensor* indices, const nc_window* window,
                                const nc_tensor* gx);
  nc_status (*max_pooling_gather)(void* state, const nc_tensor* x, const nc_tensor* indices, const nc_window* window,
                                  const nc_tensor* y);
  nc_status (*average_pooling)(void* state, const nc_tensor* x, const nc_window* window, int32_t divisor,
                               const nc_tensor* y);
  nc_status (*average_pooling_grad)(void* state, const nc_tensor* gy, const nc_window* window, int32_t divisor,
                                    const nc_tensor* gx);
  // gamma and beta broadcast to x, or null; y may be null.
  nc_status (*normalization)(void* state, const nc_tensor* x, const nc_tensor* gamma, const nc_tensor* beta, double eps,
                             const nc_tensor* y, const nc_tensor* mean, const nc_tensor* variance);
  nc_status (*normalization_grad)(void* state, const nc_tensor* x, const nc_tensor* gamma, const nc_tensor* gy,
                                  const nc_tensor* mean, const nc_tensor* variance, double eps, const nc_tensor* gx,
                                  const nc_tensor* ggamma, const nc_tensor* gbeta);
  nc_status (*sort)(void* state, const nc_tensor* x, int32_t axis, const nc_tensor* y, const nc_tensor* indices);
  nc_status (*scan)(void* state, int32_t reduction, const nc_tensor* x, int32_t axis, const nc_tensor* y);
  nc_status (*linear_scan)(void* state, const nc_tensor* a, const nc_tensor* b, int32_t axis, const nc_tensor* y);
  nc_status (*det)(void* state, const nc_tensor* x, const nc_tensor* y);
  nc_status (*slogdet)(void* state, const nc_tensor* x, const nc_tensor* sign, const nc_tensor* log_abs);
  nc_status (*inv)(void* state, const nc_tensor* x, const nc_tensor* y);
  nc_status (*solve)(void* state, const nc_tensor* a, const nc_tensor* b, const nc_tensor* y);
  nc_status (*cholesky)(void* state, const nc_tensor* x, const nc_tensor* y);
  nc_status (*qr)(void* state, const nc_tensor* x, const nc_tensor* q, const nc_tensor* r);
  nc_status (*svd)(void* state, const nc_tensor* x, const nc_tensor* u, const nc_tensor* s, const nc_tensor* vt);
  nc_status (*eigh)(void* state, const nc_tensor* x, const nc_tensor* w, const nc_tensor* v);
  // Null where every product has its full precision: matmul then serves.
  nc_status (*matmul_with)(void* state, int32_t precision, const nc_tensor* a, const nc_tensor* b,
                           const nc_program* program, const nc_tensor* extras, const nc_scalar* parameters,
                           const nc_tensor* y);
};

namespace nc {
class MemoryPool;
}

struct nc_context {
  const nc_backend* backend;
  int32_t device_type;
  int32_t device_id;
  void* state;
  nc::MemoryPool* pool;  // the device's, shared by its contexts
};

// The one symbol that a device module exports: its table, or null after host->set_error.
using nc_backend_init = const nc_backend* (*)(const nc_host* host);
#define NC_BACKEND_INIT_NAME "nativechain_backend_init"

namespace nc {

// The table of a device type; NC_INVALID_DEVICE with what to do where none is loaded.
const nc_backend* backend_for(int32_t device_type);
// The same, null where none is loaded.
const nc_backend* find_backend(int32_t device_type);
// Loads a device module and takes its table; NC_BACKEND_ERROR and the reason where that cannot be.
void load_backend(const char* path);

// ctx->backend's slot, or NC_UNSUPPORTED that names op, device and dtype.
[[noreturn]] void fail_unsupported(const nc_context* ctx, const char* op, nc_dtype dtype);

// The status of a slot, turned into an exception that keeps the text the slot set.
void check_slot(nc_status status);

// Calls a slot of the context's table: NC_CALL(ctx, softmax, x->dtype, ctx->state, x, axis, y).
#define NC_CALL(ctx, slot, dtype, ...)                                      \
  do {                                                                      \
    if (!(ctx)->backend->slot) ::nc::fail_unsupported(ctx, #slot, (dtype)); \
    ::nc::check_slot((ctx)->backend->slot(__VA_ARGS__));                    \
  } while (0)

}  // namespace nc
