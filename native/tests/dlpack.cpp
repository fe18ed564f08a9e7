// DLPack at the edge of the C++ layer: memory is shared both ways.
#include <gtest/gtest.h>

#include <nativechain.hpp>

using namespace nativechain;

namespace {

using V = std::vector<double>;
std::vector<double> values(const Tensor& t) { return t.to_vector<double>(); }

// Six floats, 0 to 5, whose deleter counts.
template <class Managed>
struct Foreign {
  Foreign() {
    managed.dl_tensor = {data, {NC_CPU, 0}, 2, {dlpack::Code::floating, 32, 1}, shape, nullptr, 0};
    managed.manager_ctx = this;
    managed.deleter = [](Managed* self) { static_cast<Foreign*>(self->manager_ctx)->deleted++; };
  }
  alignas(64) float data[6] = {0, 1, 2, 3, 4, 5};
  int64_t shape[9] = {2, 3, 1, 1, 1, 1, 1, 1, 1};
  int64_t strides[9] = {3, 1};
  Managed managed = {};
  int deleted = 0;
};

TEST(DLPack, ViewsATensor) {
  const Tensor x = Tensor({{1, 2, 3}, {4, 5, 6}}).transpose().slice(0, 1, 3);
  const dlpack::View view(x);
  EXPECT_EQ(static_cast<const float*>(view->data)[0], 2);
  EXPECT_EQ(view->ndim, 2);
  EXPECT_EQ((Shape(view->shape, view->shape + 2)), (Shape{2, 2}));
  EXPECT_EQ((Shape(view->strides, view->strides + 2)), (Shape{1, 3}));
  EXPECT_EQ(view->dtype.code, dlpack::Code::floating);
  EXPECT_EQ(view->dtype.bits, 32);
  EXPECT_EQ(view->dtype.lanes, 1);
  EXPECT_EQ(view->device.device_type, NC_CPU);
  EXPECT_EQ(view->byte_offset, 0u);
  EXPECT_EQ(dlpack::View(Tensor::empty({0, 2}))->data, nullptr);
}

TEST(DLPack, EveryDTypeGoesAndComes) {
  for (int32_t code = NC_BOOL; code <= NC_FLOAT64; code++) {
    const auto dtype = static_cast<DType>(code);
    const Tensor x = Tensor({{0, 1, 2}, {3, 4, 5}}).astype(dtype);
    for (const Tensor& y : {dlpack::from_managed(dlpack::to_managed(x)), dlpack::from_managed(dlpack::to_managed_versioned(x))}) {
      EXPECT_EQ(y.dtype(), dtype);
      EXPECT_EQ(y.shape(), x.shape());
      EXPECT_EQ(values(y), values(x));
    }
  }
}

TEST(DLPack, SharesMemoryAndKeepsItAlive) {
  dlpack::DLManagedTensor* managed;
  {
    Tensor x({{1, 2, 3}, {4, 5, 6}});
    managed = dlpack::to_managed(x.transpose());
    x.fill(7);
  }
  Tensor y = dlpack::from_managed(managed);
  EXPECT_EQ(y.shape(), (Shape{3, 2}));
  EXPECT_EQ(values(y), V(6, 7));
  Tensor again = dlpack::from_managed(dlpack::to_managed_versioned(y));
  y = Tensor();
  again.fill(8);
  EXPECT_EQ(values(again), V(6, 8));
}

TEST(DLPack, GivesForeignMemoryBackOnce) {
  Foreign<dlpack::DLManagedTensor> foreign;
  {
    Tensor row;
    {
      Tensor x = dlpack::from_managed(&foreign.managed);
      EXPECT_EQ(values(x), (V{0, 1, 2, 3, 4, 5}));
      x.fill(2);
      EXPECT_EQ(foreign.data[5], 2);
      row = x[1];
    }
    EXPECT_EQ(foreign.deleted, 0);
    EXPECT_EQ(values(row), V(3, 2));
  }
  EXPECT_EQ(foreign.deleted, 1);
}

TEST(DLPack, UnderstandsStridesAndOffsets) {
  Foreign<dlpack::DLManagedTensor> foreign;
  auto& t = foreign.managed.dl_tensor;
  t.strides = foreign.strides;
  t.byte_offset = 20;
  foreign.strides[0] = -3;
  foreign.strides[1] = -1;
  EXPECT_EQ(values(dlpack::from_managed(&foreign.managed)), (V{5, 4, 3, 2, 1, 0}));
  t.byte_offset = 4;
  foreign.strides[0] = 0;
  foreign.strides[1] = 2;
  EXPECT_EQ(values(dlpack::from_managed(&foreign.managed)), (V{1, 3, 5, 1, 3, 5}));
  t.ndim = 0;
  EXPECT_EQ(values(dlpack::from_managed(&foreign.managed)), V{1});
  t.ndim = 2;
  foreign.shape[0] = 0;
  t.data = nullptr;
  EXPECT_EQ(dlpack::from_managed(&foreign.managed).shape(), (Shape{0, 3}));
  EXPECT_EQ(foreign.deleted, 4);
}

TEST(DLPack, CopiesWhatMayNotBeWritten) {
  Foreign<dlpack::DLManagedTensorVersioned> foreign;
  foreign.managed.version = {1, 3};
  foreign.managed.flags = dlpack::read_only;
  Tensor x = dlpack::from_managed(&foreign.managed);
  EXPECT_EQ(foreign.deleted, 1);
  x.fill(9);
  EXPECT_EQ(foreign.data[0], 0);
}

template <class Change>
void refused(Change change) {
  Foreign<dlpack::DLManagedTensorVersioned> foreign;
  foreign.managed.version = dlpack::version;
  change(foreign);
  EXPECT_THROW(dlpack::from_managed(&foreign.managed), Error);
  EXPECT_EQ(foreign.deleted, 0);
}

TEST(DLPack, RefusesTheRestAndTakesNothingOver) {
  EXPECT_THROW(dlpack::from_managed(static_cast<dlpack::DLManagedTensor*>(nullptr)), Error);
  refused([](auto& f) { f.managed.version.major = 2; });
  refused([](auto& f) { f.managed.dl_tensor.device.device_type = 4; });
  refused([](auto& f) { f.managed.dl_tensor.dtype.bits = 8; });
  refused([](auto& f) { f.managed.dl_tensor.dtype.lanes = 2; });
  refused([](auto& f) { f.managed.dl_tensor.ndim = 9; });
  refused([](auto& f) { f.managed.dl_tensor.ndim = -1; });
  refused([](auto& f) { f.managed.dl_tensor.shape = nullptr; });
  refused([](auto& f) { f.managed.dl_tensor.data = nullptr; });
  refused([](auto& f) { f.managed.dl_tensor.byte_offset = 2; });
  refused([](auto& f) { f.shape[0] = -2; });
  refused([](auto& f) { f.shape[0] = INT64_MAX / 2; });
  refused([](auto& f) {
    f.managed.dl_tensor.strides = f.strides;
    f.strides[0] = INT64_MIN;
  });
}

}  // namespace
