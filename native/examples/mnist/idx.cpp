#include "idx.hpp"

#include <cstdio>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <vector>

#if defined(MNIST_WITH_ZLIB)
#include <zlib.h>
#endif

namespace nc = nativechain;

namespace {

// All bytes of a file, none where it does not exist.
std::vector<uint8_t> read_file(const std::string& path) {
  std::vector<uint8_t> bytes;
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"), std::fclose);
  if (!file) return bytes;
  uint8_t part[65536];
  while (const size_t n = std::fread(part, 1, sizeof(part), file.get())) bytes.insert(bytes.end(), part, part + n);
  return bytes;
}

#if defined(MNIST_WITH_ZLIB)
std::vector<uint8_t> read_compressed(const std::string& path) {
  std::vector<uint8_t> bytes;
  const gzFile file = gzopen(path.c_str(), "rb");
  if (!file) return bytes;
  uint8_t part[65536];
  int n;
  while ((n = gzread(file, part, sizeof(part))) > 0) bytes.insert(bytes.end(), part, part + n);
  const bool ended = n == 0 && gzclose(file) == Z_OK;
  if (!ended) throw std::runtime_error(path + ": is damaged");
  return bytes;
}
#endif

struct Idx {
  std::vector<int64_t> shape;
  std::vector<uint8_t> values;
};

Idx read_idx(const std::string& path) {
  std::vector<uint8_t> bytes = read_file(path);
#if defined(MNIST_WITH_ZLIB)
  if (bytes.empty()) bytes = read_compressed(path + ".gz");
#endif
  if (bytes.empty()) throw std::runtime_error(path + ": there is no such file");
  // 0, 0, the type (8: bytes), the number of axes; an extent of 4 bytes for each, the highest first; the elements.
  if (bytes.size() < 4 || bytes[0] != 0 || bytes[1] != 0 || bytes[2] != 8 || bytes[3] < 1 || bytes[3] > 3 ||
      bytes.size() < 4 + size_t{4} * bytes[3])
    throw std::runtime_error(path + ": is no idx file of bytes");
  Idx idx;
  size_t at = 4, count = 1;
  for (int i = 0; i < bytes[3]; i++, at += 4) {
    const uint32_t extent =
        uint32_t{bytes[at]} << 24 | uint32_t{bytes[at + 1]} << 16 | uint32_t{bytes[at + 2]} << 8 | bytes[at + 3];
    idx.shape.push_back(extent);
    if (extent != 0 && count > bytes.size() / extent) throw std::runtime_error(path + ": is shorter than it says");
    count *= extent;
  }
  if (bytes.size() - at != count) throw std::runtime_error(path + ": has another length than it says");
  idx.values.assign(bytes.begin() + static_cast<std::ptrdiff_t>(at), bytes.end());
  return idx;
}

}  // namespace

Digits read_digits(const std::string& given, const std::string& part) {
  const bool below = std::filesystem::is_directory(given + "/mnist");
  const std::string folder = below ? given + "/mnist" : given;
  const std::string images_path = folder + "/" + part + "-images-idx3-ubyte";
  const std::string labels_path = folder + "/" + part + "-labels-idx1-ubyte";
  const Idx images = read_idx(images_path), labels = read_idx(labels_path);
  if (images.shape.size() != 3 || images.shape[1] * images.shape[2] != 784)
    throw std::runtime_error(images_path + ": holds no images of 28 by 28");
  if (labels.shape.size() != 1 || labels.shape[0] != images.shape[0])
    throw std::runtime_error(labels_path + ": does not have a label for each image");
  const nc::Tensor bytes = nc::Tensor::from(images.values, {images.shape[0], 784});
  return {bytes.astype(nc::DType::float32) * (1.0 / 255), nc::Tensor::from(labels.values).astype(nc::DType::int32)};
}

Digits make_digits(nc::Generator& random, const nc::Tensor& patterns, int64_t count) {
  std::vector<int32_t> labels(static_cast<size_t>(count));
  for (size_t i = 0; i < labels.size(); i++) labels[i] = static_cast<int32_t>(i % 10);
  const nc::Tensor t = nc::Tensor::from(labels);
  return {nc::gather(patterns, {t}) + random.normal({count, 784}, 0, 0.5), t};
}
