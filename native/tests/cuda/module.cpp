// The module through the C ABI: refused with the reason where there is no device, and equal to the CPU where there is one.
#include <gtest/gtest.h>

#include "support/tensor.hpp"

namespace nc::test {
namespace {

class CudaModule : public testing::Test {
 protected:
  // Null on a machine without a device: what the library then says has been checked.
  static nc_context* cuda() {
    static nc_context* const context = [] {
      nc_context* created = nullptr;
      const nc_status status = nc_load_backend(NC_CUDA_MODULE);
      if (status == NC_OK) EXPECT_TRUE(succeeded(nc_context_create(NC_CUDA, 0, &created)));
      else expect_refusal(status);
      return created;
    }();
    return context;
  }

  static void expect_refusal(nc_status status) {
    EXPECT_EQ(status, NC_BACKEND_ERROR);
    const std::string text = nc_last_error();
    EXPECT_NE(text.find(NC_CUDA_MODULE), std::string::npos) << text;
    EXPECT_NE(text.find("driver"), std::string::npos) << text;
  }

  // A copy of the tensor's whole block on the device, seen with the same strides.
  struct OnDevice {
    nc_tensor view;
    explicit OnDevice(const Tensor& t) : view(*t) {
      nc_tensor host = *t;
      host.ndim = 1;
      host.dtype = NC_UINT8;
      host.offset = 0;
      host.shape[0] = host.nbytes;
      host.strides[0] = 1;
      nc_tensor device = host;
      EXPECT_TRUE(succeeded(nc_alloc(cuda(), host.nbytes, &device.base, nullptr)));
      device.device_type = NC_CUDA;
      EXPECT_TRUE(succeeded(nc_copy(cuda(), &host, &device)));
      view.base = device.base;
      view.device_type = NC_CUDA;
    }
    OnDevice(const OnDevice&) = delete;
    ~OnDevice() { nc_free(cuda(), view.base); }
    operator const nc_tensor*() const { return &view; }
    std::vector<double> values(const Tensor& like) const {
      Tensor host(like.dtype(), like.shape());
      EXPECT_TRUE(succeeded(nc_copy(cuda(), &view, host)));
      return host.values();
    }
  };
};

TEST_F(CudaModule, LoadsOrSaysWhyNot) {
  nc_context* context = cuda();
  int32_t count = -1;
  ASSERT_TRUE(succeeded(nc_device_count(NC_CUDA, &count)));
  EXPECT_EQ(count > 0, context != nullptr);
  if (!context) {
    expect_refusal(nc_load_backend(NC_CUDA_MODULE));  // asked again, answered again
    nc_context* none = nullptr;
    EXPECT_TRUE(failed(nc_context_create(NC_CUDA, 0, &none), NC_INVALID_DEVICE, "cuda"));
  }
}

TEST_F(CudaModule, CopiesAnyStridesAndDtypes) {
  if (!cuda()) return;
  for (nc_dtype from : kAllDtypes)
    for (nc_dtype to : kAllDtypes) {
      const Tensor x = Tensor::random(from, {5, 7, 3}, 1, 0, 100).transposed({2, 0, 1});
      Tensor expected(to, {3, 5, 7}), y(to, {3, 5, 7}, {1, 21, 3});
      ASSERT_TRUE(succeeded(nc_copy(context(), x, expected)));
      OnDevice dx(x), dy(y);
      ASSERT_TRUE(succeeded(nc_copy(cuda(), dx, dy)));
      expect_close(dy.values(y), expected.values(), 0);
      ASSERT_TRUE(succeeded(nc_copy(cuda(), x, dy)));  // cast and laid out on the way up
      expect_close(dy.values(y), expected.values(), 0);
      ASSERT_TRUE(succeeded(nc_copy(cuda(), dx, y)));  // and on the way down
      expect_close(y.values(), expected.values(), 0);
    }
}

nc_program* build(std::vector<nc_instruction> code, int inputs, int parameters, nc_dtype compute) {
  nc_program* program = nullptr;
  EXPECT_TRUE(succeeded(nc_program_create(code.data(), static_cast<int32_t>(code.size()), inputs, parameters, 1, compute, 0,
                                          &program)));
  return program;
}

TEST_F(CudaModule, RunsProgramsWithParametersInBothForms) {
  if (!cuda()) return;
  // y = p * sigmoid(a) + b
  nc_program* program = build({{NC_OP_LOAD, 0, 0, 0, 0, 0}, {NC_OP_LOAD, 1, 0, 0, 0, 0}, {NC_OP_PARAMETER, 0, 0, 0, 0, 0},
                               {NC_OP_SIGMOID, 0, 0, 0, 0, 0}, {NC_OP_MULTIPLY_ADD, 3, 2, 1, 0, 0}, {NC_OP_STORE, 4, 0, 0, 0, 0}},
                              2, 1, NC_FLOAT32);
  for (nc_dtype dtype : kFloatDtypes) {
    const Tensor a = Tensor::random(dtype, {33, 17}, 1, -4, 4), b = Tensor::random(dtype, {17}, 2), p = Tensor::of(NC_FLOAT64, {}, {1.5});
    Tensor expected(dtype, {33, 17}), y(dtype, {33, 17});
    const nc_tensor host[] = {*a, *b};
    const nc_scalar by_value{nullptr, 1.5, 0};
    ASSERT_TRUE(succeeded(nc_program_run(context(), program, host, &by_value, expected)));
    OnDevice da(a), db(b), dy(y), dp(p);
    const nc_tensor device[] = {da.view, db.view};
    const nc_scalar by_tensor{dp, 0, 0};
    for (const nc_scalar* parameter : {&by_value, &by_tensor}) {
      ASSERT_TRUE(succeeded(nc_program_run(cuda(), program, device, parameter, dy)));
      expect_close(dy.values(y), expected.values(), dtype == NC_BFLOAT16 ? 1e-2 : dtype == NC_FLOAT16 ? 2e-3 : 1e-5, 1e-6);
    }
  }
  nc_program_destroy(program);
}

TEST_F(CudaModule, ReducesAnyAxes) {
  if (!cuda()) return;
  const Shape shapes[] = {{1, 1, 1}, {65, 1, 1}, {1, 129, 1}, {1, 1, 300}, {65, 129, 1}, {65, 1, 300}};
  for (nc_dtype dtype : {NC_FLOAT32, NC_FLOAT64, NC_INT32})
    for (nc_reduction reduction : {NC_REDUCE_SUM, NC_REDUCE_MAX, NC_REDUCE_MIN, NC_REDUCE_ARGMAX, NC_REDUCE_ARGMIN})
      for (const Shape& shape : shapes) {
        const nc_dtype out = reduction >= NC_REDUCE_ARGMIN ? NC_INT64 : dtype;
        const Tensor x = Tensor::random(dtype, {65, 129, 300}, 3, -50, 50);
        Tensor expected(out, shape), y(out, shape);
        ASSERT_TRUE(succeeded(nc_reduce(context(), reduction, nullptr, x, 1, nullptr, expected)));
        OnDevice dx(x), dy(y);
        ASSERT_TRUE(succeeded(nc_reduce(cuda(), reduction, nullptr, dx, 1, nullptr, dy)));
        expect_close(dy.values(y), expected.values(), reduction == NC_REDUCE_SUM ? 1e-4 : 0, 1e-2 * (dtype == NC_FLOAT32 && reduction == NC_REDUCE_SUM));
      }
}

TEST_F(CudaModule, MultipliesAnyStrides) {
  if (!cuda()) return;
  // y = product + bias
  for (nc_dtype dtype : {NC_FLOAT16, NC_BFLOAT16, NC_FLOAT32, NC_FLOAT64, NC_INT32}) {
    nc_program* program = build({{NC_OP_LOAD, 0, 0, 0, 0, 0}, {NC_OP_LOAD, 1, 0, 0, 0, 0}, {NC_OP_ADD, 0, 1, 0, 0, 0}, {NC_OP_STORE, 2, 0, 0, 0, 0}},
                                2, 0, compute_dtype(dtype));
    const Tensor bias = Tensor::random(dtype, {37}, 9, -3, 3);
    const Tensor as[] = {Tensor::random(dtype, {2, 65, 51}, 4, -3, 3), Tensor::random(dtype, {2, 51, 65}, 5, -3, 3).transposed({0, 2, 1}),
                         Tensor::random(dtype, {2, 65, 51}, {65 * 102, 102, 2}, 6, -3, 3)};
    const Tensor bs[] = {Tensor::random(dtype, {2, 51, 37}, 7, -3, 3), Tensor::random(dtype, {1, 37, 51}, 8, -3, 3).transposed({0, 2, 1})};
    for (const Tensor& a : as)
      for (const Tensor& b : bs)
        for (bool fused : {false, true}) {
          Tensor expected(dtype, {2, 65, 37}), y(dtype, {2, 65, 37});
          ASSERT_TRUE(succeeded(nc_matmul(context(), a, b, fused ? program : nullptr, bias, nullptr, expected)));
          OnDevice da(a), db(b), dbias(bias), dy(y);
          ASSERT_TRUE(succeeded(nc_matmul(cuda(), da, db, fused ? program : nullptr, dbias, nullptr, dy)));
          const double rtol = dtype == NC_BFLOAT16 ? 2e-2 : dtype == NC_FLOAT16 ? 3e-3 : 1e-4;
          expect_close(dy.values(y), expected.values(), rtol, dtype == NC_FLOAT64 || dtype == NC_INT32 ? 0 : 10 * rtol);
        }
    nc_program_destroy(program);
  }
}

}  // namespace
}  // namespace nc::test
