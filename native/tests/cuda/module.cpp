// The module loads, or the library says why not: refused with the reason where there is no device.
#include <gtest/gtest.h>

#include "support/tensor.hpp"

namespace nc::test {
namespace {

void expect_refusal(nc_status status) {
  EXPECT_EQ(status, NC_BACKEND_ERROR);
  const std::string text = nc_last_error();
  EXPECT_NE(text.find(NC_CUDA_MODULE), std::string::npos) << text;
  EXPECT_NE(text.find("driver"), std::string::npos) << text;
}

TEST(CudaModule, LoadsOrSaysWhyNot) {
  const nc_status status = nc_load_backend(NC_CUDA_MODULE);
  int32_t count = -1;
  ASSERT_TRUE(succeeded(nc_device_count(NC_CUDA, &count)));
  EXPECT_EQ(count > 0, status == NC_OK);
  nc_context* context = nullptr;
  if (status == NC_OK) {
    EXPECT_TRUE(succeeded(nc_load_backend(NC_CUDA_MODULE)));  // twice does nothing
    EXPECT_TRUE(succeeded(nc_context_create(NC_CUDA, 0, &context)));
    EXPECT_TRUE(succeeded(nc_context_synchronize(context)));
    EXPECT_TRUE(succeeded(nc_context_destroy(context)));
  } else {
    expect_refusal(nc_load_backend(NC_CUDA_MODULE));  // asked again, answered again
    EXPECT_TRUE(failed(nc_context_create(NC_CUDA, 0, &context), NC_INVALID_DEVICE, "cuda"));
  }
}

}  // namespace
}  // namespace nc::test
