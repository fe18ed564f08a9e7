// The CUDA device for tests, and tensors of the host copied to it.
#pragma once

#include <cstdlib>

#include "support/tensor.hpp"

namespace nc::test {

// Null on a machine without a device: test_cuda_module checks what the library then says.
inline nc_context* cuda() {
  static nc_context* const context = [] {
    nc_context* created = nullptr;
    if (nc_load_backend(NC_CUDA_MODULE) == NC_OK) {
      EXPECT_TRUE(succeeded(nc_context_create(NC_CUDA, 0, &created)));
    }
    return created;
  }();
  return context;
}

// What needs a device is skipped only where the module finds none; with NATIVECHAIN_REQUIRE_CUDA in the environment, as
// tests/gpu.sh has it, that is a failure.
class CudaTest : public testing::Test {
 protected:
  void SetUp() override {
    if (cuda()) return;
    if (std::getenv("NATIVECHAIN_REQUIRE_CUDA")) FAIL() << nc_last_error();
    GTEST_SKIP() << nc_last_error();
  }
};

// A copy of the tensor's whole block on the device, seen with the same strides.
class OnDevice {
 public:
  explicit OnDevice(const Tensor& t) : host_(t), view_(*t) {
    const nc_tensor from = bytes_of(*t);
    nc_tensor to = from;
    EXPECT_TRUE(succeeded(nc_alloc(cuda(), from.nbytes, &to.base, nullptr)));
    to.device_type = NC_CUDA;
    EXPECT_TRUE(succeeded(nc_copy(cuda(), &from, &to)));
    view_.base = to.base;
    view_.device_type = NC_CUDA;
  }
  OnDevice(const OnDevice&) = delete;
  ~OnDevice() { nc_free(cuda(), view_.base); }

  operator const nc_tensor*() const { return &view_; }
  const nc_tensor& operator*() const { return view_; }

  // The block as it is now, seen as the tensor was.
  Tensor down() const {
    const Tensor copy = Tensor(NC_UINT8, {(*host_).nbytes});
    const nc_tensor from = bytes_of(view_);
    EXPECT_TRUE(succeeded(nc_copy(cuda(), &from, copy)));
    return copy.view([&](nc_tensor& v) {
      void* const base = v.base;
      v = *host_;
      v.base = base;
    });
  }
  std::vector<double> values() const { return down().values(); }

 private:
  static nc_tensor bytes_of(const nc_tensor& t) {
    nc_tensor bytes = t;
    bytes.ndim = 1;
    bytes.dtype = NC_UINT8;
    bytes.offset = 0;
    bytes.shape[0] = t.nbytes;
    bytes.strides[0] = 1;
    return bytes;
  }

  Tensor host_;
  nc_tensor view_;
};

// Every element of the tensor's block, those between the view's too.
inline std::vector<double> block(const Tensor& t) {
  return t.view([](nc_tensor& v) {
    v.ndim = 1;
    v.offset = 0;
    v.shape[0] = v.nbytes / dtype_size(v.dtype);
    v.strides[0] = 1;
  }).values();
}

}  // namespace nc::test
