// The module's table and its one exported symbol.
#include <atomic>
#include <memory>
#include <mutex>
#include <new>

#include "cuda/libraries.hpp"
#include "cuda/runtime.hpp"

namespace nc::cuda {
namespace {

std::atomic<const nc_host*> g_host{nullptr};
nc_host g_host_copy;

constexpr int kMaxDevices = 64;

struct DeviceStream {
  std::once_flag once;
  cudaStream_t stream = nullptr;
};
DeviceStream g_streams[kMaxDevices];

nc_status device_count(int32_t* count) {
  return guard([&] {
    int n = 0;
    check(cudaGetDeviceCount(&n), "cudaGetDeviceCount");
    *count = n < kMaxDevices ? n : kMaxDevices;
  });
}

nc_status state_create(int32_t device_id, void** state) {
  return guard([&] {
    if (device_id < 0 || device_id >= kMaxDevices) fail(NC_INVALID_DEVICE, "cuda:%d does not exist", device_id);
    auto s = std::make_unique<State>();
    s->device_id = device_id;
    check(cudaSetDevice(device_id), "cudaSetDevice");
    DeviceStream& shared = g_streams[device_id];
    std::call_once(shared.once, [&] {
      check(cudaStreamCreateWithFlags(&shared.stream, cudaStreamNonBlocking), "cudaStreamCreateWithFlags");
    });
    s->stream = shared.stream;
    int major = 0, minor = 0;
    check(cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, device_id), "cudaDeviceGetAttribute");
    check(cudaDeviceGetAttribute(&minor, cudaDevAttrComputeCapabilityMinor, device_id), "cudaDeviceGetAttribute");
    check(cudaDeviceGetAttribute(&s->multiprocessors, cudaDevAttrMultiProcessorCount, device_id),
          "cudaDeviceGetAttribute");
    s->compute_capability = 10 * major + minor;
    if (s->compute_capability < 70)
      fail(NC_UNSUPPORTED, "cuda:%d has compute capability %d.%d; 7.0 is the least that is supported", device_id, major,
           minor);
    *state = s.release();
  });
}

void state_destroy(void* state) { delete static_cast<State*>(state); }

nc_status synchronize(void* state) {
  return guard([&] { check(cudaStreamSynchronize(enter(state).stream), "cudaStreamSynchronize"); });
}

nc_status memory_alloc(int32_t device_id, int64_t nbytes, void** block) {
  return guard([&] {
    check(cudaSetDevice(device_id), "cudaSetDevice");
    check(cudaMalloc(block, static_cast<size_t>(nbytes)), "cudaMalloc");
  });
}

void memory_free(int32_t device_id, void* block) {
  if (cudaSetDevice(device_id) == cudaSuccess) cudaFree(block);
}

const nc_backend* table() {
  static const nc_backend backend = [] {
    nc_backend b{};
    b.abi_version = NC_ABI_MAJOR << 16 | NC_ABI_MINOR;
    b.size = sizeof(nc_backend);
    b.name = "cuda";
    b.device_type = NC_CUDA;
    b.device_count = device_count;
    b.state_create = state_create;
    b.state_destroy = state_destroy;
    b.synchronize = synchronize;
    b.memory_alloc = memory_alloc;
    b.memory_free = memory_free;
    b.copy = copy;
    b.program_run = program_run;
    b.reduce = reduce;
    b.matmul = matmul;
    b.matmul_with = matmul_with;
    return b;
  }();
  return &backend;
}

}  // namespace

void report(const char* text) noexcept {
  if (const nc_host* host = g_host.load()) host->set_error(text);
}

State::~State() {
  if (cudaSetDevice(device_id) != cudaSuccess) return;
  if (workspace_) {
    cudaStreamSynchronize(stream);
    cudaFree(workspace_);
  }
  products.reset();
}

void* State::workspace(size_t nbytes) {
  if (nbytes <= workspace_bytes_) return workspace_;
  cudaStreamCaptureStatus capturing = cudaStreamCaptureStatusNone;
  check(cudaStreamIsCapturing(stream, &capturing), "cudaStreamIsCapturing");
  if (capturing != cudaStreamCaptureStatusNone)
    fail(NC_BACKEND_ERROR, "%zu bytes of workspace are needed during a capture, %zu are reserved: run the step once before",
         nbytes, workspace_bytes_);
  check(cudaStreamSynchronize(stream), "cudaStreamSynchronize");
  void* grown = nullptr;
  check(cudaMalloc(&grown, nbytes), "cudaMalloc of the workspace");
  cudaFree(workspace_);
  workspace_ = grown;
  workspace_bytes_ = nbytes;
  return workspace_;
}

}  // namespace nc::cuda

// The table, or null where no device can be used: the reason is then the host's last error.
extern "C" __attribute__((visibility("default"))) const nc_backend* nativechain_backend_init(const nc_host* host) {
  using namespace nc::cuda;
  if (!host || host->size < static_cast<int32_t>(sizeof(nc_host))) return nullptr;
  g_host_copy = *host;
  g_host.store(&g_host_copy);
  const nc_status status = guard([] {
    int count = 0;
    const cudaError_t error = cudaGetDeviceCount(&count);
    if (error == cudaErrorInsufficientDriver)
      fail(NC_BACKEND_ERROR, "no NVIDIA driver was found, or it is older than CUDA %d.%d needs (%s)",
           CUDART_VERSION / 1000, CUDART_VERSION % 1000 / 10, cudaGetErrorString(error));
    if (error == cudaErrorNoDevice || (error == cudaSuccess && count == 0))
      fail(NC_BACKEND_ERROR, "the NVIDIA driver sees no CUDA device");
    check(error, "cudaGetDeviceCount");
  });
  return status == NC_OK ? table() : nullptr;
}
