// NativeChain for C++20: arrays as values, over the C ABI alone.
//
//   namespace nc = nativechain;
//   nc::Generator random(42);
//   nc::Tensor x({{1, 2, 3}, {4, 5, 6}}), W = random.normal({3, 2});
//   nc::Tensor y = nc::softmax(nc::matmul(x, W) + 0.5, 1);
//   float first = y.item<float>({0, 0});
//
// Everything a call can refuse is a nativechain::Error. Tensors may be read from many threads at once.
#ifndef NATIVECHAIN_HPP
#define NATIVECHAIN_HPP

#include "nativechain/cpp/convolution.hpp"
#include "nativechain/cpp/dlpack.hpp"
#include "nativechain/cpp/elementwise.hpp"
#include "nativechain/cpp/linalg.hpp"
#include "nativechain/cpp/normalization.hpp"
#include "nativechain/cpp/operations.hpp"
#include "nativechain/cpp/pooling.hpp"
#include "nativechain/cpp/random.hpp"
#include "nativechain/cpp/scan.hpp"
#include "nativechain/cpp/sort.hpp"
#include "nativechain/cpp/tensor.hpp"

#endif
