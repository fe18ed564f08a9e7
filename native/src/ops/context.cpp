#include "nativechain/context.h"

#include <memory>

#include "core/backend.hpp"
#include "core/log.hpp"
#include "core/memory_pool.hpp"
#include "core/status.hpp"
#include "core/tensor.hpp"
#include "core/thread_pool.hpp"
#include "cpu/isa.hpp"

using namespace nc;

nc_status nc_context_create(int32_t device_type, int32_t device_id, nc_context** context) {
  return guard("nc_context_create", [&] {
    check_not_null("context", context);
    const nc_backend* backend = backend_for(device_type);
    int32_t count = 0;
    check_slot(backend->device_count(&count));
    if (device_id < 0 || device_id >= count)
      fail(NC_INVALID_DEVICE, "device_id is %d; %s has %d devices", device_id, backend->name, count);
    auto created = std::make_unique<nc_context>(
        nc_context{backend, device_type, device_id, nullptr, &memory_pool(backend, device_id)});
    check_slot(backend->state_create(device_id, &created->state));
    *context = created.release();
  });
}

nc_status nc_context_destroy(nc_context* context) {
  return guard("nc_context_destroy", [&] {
    if (!context) return;
    context->backend->state_destroy(context->state);
    delete context;
  });
}

nc_status nc_context_synchronize(nc_context* context) {
  return guard("nc_context_synchronize", [&] {
    check_not_null("context", context);
    check_slot(context->backend->synchronize(context->state));
  });
}

nc_status nc_alloc(nc_context* context, int64_t nbytes, void** block, int64_t* capacity) {
  return guard("nc_alloc", [&] {
    check_not_null("context", context);
    check_not_null("block", block);
    int64_t size = 0;
    *block = context->pool->alloc(nbytes, &size);
    if (capacity) *capacity = size;
  });
}

nc_status nc_free(nc_context* context, void* block) {
  return guard("nc_free", [&] {
    check_not_null("context", context);
    if (block) context->pool->free(block);
  });
}

nc_status nc_trim(nc_context* context, int64_t* released) {
  return guard("nc_trim", [&] {
    check_not_null("context", context);
    const int64_t bytes = context->pool->trim();
    if (released) *released = bytes;
  });
}

nc_status nc_memory_statistics(nc_context* context, nc_memory_stats* stats) {
  return guard("nc_memory_statistics", [&] {
    check_not_null("context", context);
    check_not_null("stats", stats);
    *stats = context->pool->stats();
  });
}

nc_status nc_memory_reset_peak(nc_context* context) {
  return guard("nc_memory_reset_peak", [&] {
    check_not_null("context", context);
    context->pool->reset_peak();
  });
}

nc_status nc_set_num_threads(int32_t count) {
  return guard("nc_set_num_threads", [&] {
    if (count < 1) fail(NC_INVALID_ARGUMENT, "count is %d; 1 or more is needed", count);
    set_num_threads(count);
  });
}

int32_t nc_num_threads(void) { return num_threads(); }

const char* nc_cpu_isa(void) { return cpu::isa_name(cpu::isa()); }

nc_status nc_load_backend(const char* path) {
  return guard("nc_load_backend", [&] {
    check_not_null("path", path);
    load_backend(path);
  });
}

nc_status nc_device_count(int32_t device_type, int32_t* count) {
  return guard("nc_device_count", [&] {
    check_not_null("count", count);
    if (device_type != NC_CPU && device_type != NC_CUDA) backend_for(device_type);
    const nc_backend* backend = find_backend(device_type);
    int32_t found = 0;
    if (backend) check_slot(backend->device_count(&found));
    *count = found;
  });
}

nc_status nc_set_log_callback(nc_log_callback callback, void* user) {
  return guard("nc_set_log_callback", [&] { set_log_callback(callback, user); });
}
