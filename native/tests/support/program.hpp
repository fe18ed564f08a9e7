// Programs for tests, written one instruction a call.
#pragma once

#include <algorithm>
#include <vector>

#include "nativechain/program.h"
#include "support/tensor.hpp"

namespace nc::test {

// The index that each call gives is the value's; build() makes the program, which lives as long as the builder.
class Code {
 public:
  explicit Code(nc_dtype compute_dtype, int32_t flags = 0) : dtype_(compute_dtype), flags_(flags) {}
  ~Code() { nc_program_destroy(program_); }
  Code(const Code&) = delete;
  Code& operator=(const Code&) = delete;

  int load(int input) {
    inputs_ = std::max(inputs_, input + 1);
    return add({NC_OP_LOAD, input, 0, 0, 0, 0});
  }
  int constant(double value) { return add({NC_OP_CONSTANT, 0, 0, 0, value, static_cast<int64_t>(value)}); }
  int parameter(int index) {
    parameters_ = std::max(parameters_, index + 1);
    return add({NC_OP_PARAMETER, index, 0, 0, 0, 0});
  }
  int op(int32_t code, int a, int b = 0, int c = 0) { return add({code, a, b, c, 0, 0}); }
  Code& store(int value, int output = 0) {
    outputs_ = std::max(outputs_, output + 1);
    add({NC_OP_STORE, value, output, 0, 0, 0});
    return *this;
  }

  const nc_program* build() {
    if (!program_) {
      EXPECT_TRUE(succeeded(nc_program_create(code_.data(), static_cast<int32_t>(code_.size()), inputs_, parameters_,
                                              outputs_, dtype_, flags_, &program_)));
    }
    return program_;
  }

 private:
  int add(const nc_instruction& i) {
    code_.push_back(i);
    return static_cast<int>(code_.size()) - 1;
  }

  nc_dtype dtype_;
  int32_t flags_, inputs_ = 0, parameters_ = 0, outputs_ = 0;
  std::vector<nc_instruction> code_;
  nc_program* program_ = nullptr;
};

// A view of the shape over memory of its own: axes in any order of memory, steps of 1 to 3, either way; where
// `may_repeat`, some axes repeat (stride 0).
template <class Engine>
Tensor random_view(Engine& engine, nc_dtype dtype, const Shape& shape, bool may_repeat) {
  std::vector<size_t> order(shape.size());
  std::iota(order.begin(), order.end(), 0);
  std::shuffle(order.begin(), order.end(), engine);
  if (engine() % 2) std::sort(order.begin(), order.end());
  Shape strides(shape.size());
  int64_t reach = 1;
  for (size_t i = shape.size(); i-- > 0;) {
    const size_t axis = order[i];
    if (may_repeat && engine() % 4 == 0) continue;
    const int64_t step = engine() % 3 ? 1 : 1 + static_cast<int64_t>(engine() % 3);
    strides[axis] = (engine() % 4 ? 1 : -1) * reach * step;
    reach *= step * std::max<int64_t>(shape[axis], 1);
  }
  return Tensor::random(dtype, shape, strides, static_cast<unsigned>(engine()));
}

template <class Engine>
Shape random_shape(Engine& engine) {
  const int64_t extents[] = {1, 2, 3, 5, 7, 16, 31, 60};
  Shape shape(engine() % 6);
  int64_t n = 1;
  for (int64_t& extent : shape) {
    extent = extents[engine() % std::size(extents)];
    if (n * extent > 20000) extent = 1;
    n *= extent;
  }
  return shape;
}

inline std::vector<nc_tensor> views(const std::vector<Tensor>& tensors) {
  std::vector<nc_tensor> result;
  for (const Tensor& t : tensors) result.push_back(*t);
  return result;
}

}  // namespace nc::test
