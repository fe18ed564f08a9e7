// The coordinates of what is not zero, of elements in C order: their places are written without a branch, in chunks whose
// counts tell where each begins.
#include <algorithm>
#include <vector>

#include "core/backend.hpp"
#include "core/tensor.hpp"
#include "core/thread_pool.hpp"
#include "cpu/index.hpp"

namespace nc::cpu {
namespace {

constexpr int64_t kChunk = 1 << 15, kBlock = 1 << 10;

// Whether an element is not zero: all its bits, but for the sign of floating point.
template <class Bits, int kSign>
struct Elements {
  const Bits* at;
  bool operator()(int64_t i) const { return static_cast<Bits>(at[i] << kSign) != 0; }
};

// Splits places in C order into coordinates.
class Coordinates {
 public:
  Coordinates(const nc_tensor& x, const nc_tensor& y) : x_(x), y_(y), narrow_(size_of(x) <= UINT32_MAX) {}

  // places: n of them, which it overwrites; the first is column `first` of y.
  void write(int64_t* places, int64_t n, int64_t first) const {
    for (int axis = x_.ndim - 1; axis >= 0; axis--) {
      int64_t* to = data<int64_t>(y_) + axis * y_.strides[0] + first * y_.strides[1];
      const int64_t step = y_.strides[1], extent = x_.shape[axis];
      if (axis == 0) {
        for (int64_t i = 0; i < n; i++) to[i * step] = places[i];
      } else if (narrow_) {
        split<uint32_t>(places, n, extent, to, step);
      } else {
        split<uint64_t>(places, n, extent, to, step);
      }
    }
  }

 private:
  template <class Place>
  static void split(int64_t* places, int64_t n, int64_t extent, int64_t* to, int64_t step) {
    const auto divisor = static_cast<Place>(extent);
    for (int64_t i = 0; i < n; i++) {
      const auto place = static_cast<Place>(places[i]), rest = static_cast<Place>(place / divisor);
      to[i * step] = static_cast<int64_t>(place - rest * divisor);
      places[i] = static_cast<int64_t>(rest);
    }
  }

  const nc_tensor& x_;
  const nc_tensor& y_;
  bool narrow_;
};

template <class IsNonzero>
void nonzero(IsNonzero is_nonzero, const nc_tensor& x, const nc_tensor& y) {
  const int64_t size = size_of(x), chunks = (size + kChunk - 1) / kChunk;
  std::vector<int64_t> begins(static_cast<size_t>(chunks) + 1, 0);
  parallel_for(chunks, [&](int64_t c) {
    const int64_t end = std::min(size, (c + 1) * kChunk);
    int32_t count = 0;
    for (int64_t i = c * kChunk; i < end; i++) count += is_nonzero(i);
    begins[c + 1] = count;
  });
  for (int64_t c = 0; c < chunks; c++) begins[c + 1] += begins[c];
  if (begins[chunks] != y.shape[1])
    fail(NC_INVALID_SHAPE, "y is %s, but %lld elements of x are not zero", shape_text(y).c_str(),
         static_cast<long long>(begins[chunks]));
  const Coordinates coordinates(x, y);
  parallel_for(chunks, [&](int64_t c) {
    int64_t places[kBlock];
    int64_t column = begins[c];
    const int64_t end = std::min(size, (c + 1) * kChunk);
    for (int64_t block = c * kChunk; block < end; block += kBlock) {
      const int64_t last = std::min(end, block + kBlock);
      int64_t n = 0;
      for (int64_t i = block; i < last; i++) {
        places[n] = i;
        n += is_nonzero(i);
      }
      coordinates.write(places, n, column);
      column += n;
    }
  });
}

}  // namespace

void nonzero_in_order(const nc_tensor& x, const nc_tensor& y) {
  switch (x.dtype) {
    case NC_BOOL:
    case NC_UINT8: return nonzero(Elements<uint8_t, 0>{data<uint8_t>(x)}, x, y);
    case NC_INT32: return nonzero(Elements<uint32_t, 0>{data<uint32_t>(x)}, x, y);
    case NC_INT64: return nonzero(Elements<uint64_t, 0>{data<uint64_t>(x)}, x, y);
    case NC_FLOAT16:
    case NC_BFLOAT16: return nonzero(Elements<uint16_t, 1>{data<uint16_t>(x)}, x, y);
    case NC_FLOAT32: return nonzero(Elements<uint32_t, 1>{data<uint32_t>(x)}, x, y);
    default: return nonzero(Elements<uint64_t, 1>{data<uint64_t>(x)}, x, y);
  }
}

}  // namespace nc::cpu
