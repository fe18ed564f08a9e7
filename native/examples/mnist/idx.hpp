// Images and labels from MNIST's idx files, compressed where the program was built with zlib.
#pragma once

#include <nativechain.hpp>
#include <string>

struct Digits {
  nativechain::Tensor images;  // (N, 784) float32 in [0, 1]
  nativechain::Tensor labels;  // (N) int32
};

// From the folder, or `mnist` in it. `part` is "train" or "t10k". Throws std::runtime_error with the file's name where
// there is none or it is not such a file.
Digits read_digits(const std::string& folder, const std::string& part);

// Noisy copies of ten random patterns, for where no data is at hand.
Digits make_digits(nativechain::Generator& random, const nativechain::Tensor& patterns, int64_t count);
