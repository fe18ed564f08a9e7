#include "core/backend.hpp"

#include <atomic>
#include <mutex>

#include "core/log.hpp"
#include "core/platform.hpp"
#include "core/status.hpp"
#include "cpu/table.hpp"

namespace nc {
namespace {

std::atomic<const nc_backend*> cuda_backend{nullptr};

const char* type_name(int32_t device_type) {
  return device_type == NC_CPU ? "cpu" : device_type == NC_CUDA ? "cuda" : "unknown";
}

void log_text(int32_t level, const char* message) { log(level, "%s", message); }

const nc_host host = {sizeof(nc_host), [](const char* text) { set_last_error(text); }, log_text};

}  // namespace

const nc_backend* find_backend(int32_t device_type) {
  if (device_type == NC_CPU) return cpu::table();
  if (device_type == NC_CUDA) return cuda_backend.load(std::memory_order_acquire);
  return nullptr;
}

const nc_backend* backend_for(int32_t device_type) {
  const nc_backend* backend = find_backend(device_type);
  if (!backend && device_type == NC_CUDA)
    fail(NC_INVALID_DEVICE, "device type cuda has no backend loaded; load libnativechain_cuda by nc_load_backend");
  if (!backend) fail(NC_INVALID_DEVICE, "device type %d is unknown; 1 is cpu, 2 is cuda", device_type);
  return backend;
}

void load_backend(const char* path) {
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  std::string error;
  void* module = platform::load_module(path, &error);
  if (!module) fail(NC_BACKEND_ERROR, "%s could not be loaded: %s", path, error.c_str());
  const auto init = reinterpret_cast<nc_backend_init>(platform::find_symbol(module, NC_BACKEND_INIT_NAME));
  if (!init) fail(NC_BACKEND_ERROR, "%s is no NativeChain module: it does not export %s", path, NC_BACKEND_INIT_NAME);
  set_last_error("no reason given");
  const nc_backend* backend = init(&host);
  if (!backend) {
    const std::string reason = get_last_error();
    fail(NC_BACKEND_ERROR, "%s found no device: %s", path, reason.c_str());
  }
  // A module is built with the library: its table must be this very one.
  if (backend->abi_version != nc_abi_version() || backend->size != static_cast<int32_t>(sizeof(nc_backend)))
    fail(NC_BACKEND_ERROR, "%s was built for version %d.%d of the ABI, the library is %d.%d", path,
         backend->abi_version >> 16, backend->abi_version & 0xFFFF, NC_ABI_MAJOR, NC_ABI_MINOR);
  if (backend->device_type != NC_CUDA)
    fail(NC_BACKEND_ERROR, "%s serves device type %d, which is not a module's", path, backend->device_type);
  const nc_backend* none = nullptr;
  if (cuda_backend.compare_exchange_strong(none, backend))
    log(NC_LOG_INFO, "backend %s loaded from %s", backend->name, path);
  else if (none != backend)
    fail(NC_BACKEND_ERROR, "%s: another module for %s is loaded already", path, backend->name);
}

void fail_unsupported(const nc_context* ctx, const char* op, nc_dtype dtype) {
  fail(NC_UNSUPPORTED, "no kernel for %s on %s with %s", op, type_name(ctx->device_type), nc_dtype_name(dtype));
}

void check_slot(nc_status status) {
  if (status != NC_OK) [[unlikely]]
    throw Error(status, get_last_error());
}

}  // namespace nc
