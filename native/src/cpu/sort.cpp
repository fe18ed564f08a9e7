// Sorting by keys: unsigned integers in the order of the elements, each beside its place, so that equal ones stay as
// they stood. Long lanes are sorted digit by digit, short ones by comparison.
#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "core/backend.hpp"
#include "core/dtype.hpp"
#include "cpu/isa.hpp"
#include "cpu/lanes.hpp"

namespace nc::cpu {

namespace reference {
void register_sort(nc_backend& table);
}

namespace {

// The bits of a number as an unsigned one in its order: both zeros are one key, every NaN is the last.
template <class U>
U key_of_floating(U bits, U infinity) {
  constexpr U sign = U{1} << (sizeof(U) * 8 - 1);
  const U magnitude = bits & static_cast<U>(~sign);
  if (magnitude > infinity) return static_cast<U>(~U{0});
  if (magnitude == 0) return sign;
  return static_cast<U>(bits & sign ? ~bits : bits | sign);
}

inline uint32_t key_of(Bool x) { return x.byte != 0; }
inline uint32_t key_of(uint8_t x) { return x; }
inline uint32_t key_of(int32_t x) { return static_cast<uint32_t>(x) ^ 0x80000000u; }
inline uint64_t key_of(int64_t x) { return static_cast<uint64_t>(x) ^ 0x8000000000000000u; }
inline uint32_t key_of(Float16 x) { return key_of_floating<uint16_t>(x.bits, 0x7C00); }
inline uint32_t key_of(BFloat16 x) { return key_of_floating<uint16_t>(x.bits, 0x7F80); }
inline uint32_t key_of(float x) { return key_of_floating(std::bit_cast<uint32_t>(x), 0x7F800000u); }
inline uint64_t key_of(double x) { return key_of_floating<uint64_t>(std::bit_cast<uint64_t>(x), 0x7FF0000000000000u); }

// A key of 32 bits above its place.
struct Short {
  uint64_t bits;

  Short() = default;
  Short(uint32_t key, uint32_t place) : bits(uint64_t{key} << 32 | place) {}
  bool operator<(const Short& other) const { return bits < other.bits; }
  uint32_t place() const { return static_cast<uint32_t>(bits); }
  size_t digit(int k) const { return bits >> (32 + 8 * k) & 0xFF; }
  static constexpr int kDigits = 4;
};

struct Long {
  uint64_t key;
  uint32_t at;

  Long() = default;
  Long(uint64_t k, uint32_t place) : key(k), at(place) {}
  bool operator<(const Long& other) const { return key != other.key ? key < other.key : at < other.at; }
  uint32_t place() const { return at; }
  size_t digit(int k) const { return key >> (8 * k) & 0xFF; }
  static constexpr int kDigits = 8;
};

// Items in the order of their places; other is as long. Returns the one of the two that holds them sorted.
template <class Item>
Item* sort_items(Item* items, Item* other, int64_t n) {
  // Below it a pass over all digits costs more than comparisons.
  constexpr int64_t kFew = 64 * Item::kDigits;
  if (n < kFew) {
    std::sort(items, items + n);
    return items;
  }
  std::array<std::array<uint32_t, 256>, Item::kDigits> counts = {};
  for (int64_t i = 0; i < n; i++)
    for (int k = 0; k < Item::kDigits; k++) counts[k][items[i].digit(k)]++;
  for (int k = 0; k < Item::kDigits; k++) {
    if (counts[k][items[0].digit(k)] == n) continue;
    uint32_t next = 0;
    for (uint32_t& count : counts[k]) next += std::exchange(count, next);
    for (int64_t i = 0; i < n; i++) other[counts[k][items[i].digit(k)]++] = items[i];
    std::swap(items, other);
  }
  return items;
}

// Lanes that lie beside each other are read and written together, a row of them at a time.
constexpr int64_t kGroup = 16, kGroupElements = 1 << 18;

template <class T>
void sort_lanes(const nc_tensor& x, int32_t axis, const nc_tensor* y, const nc_tensor* indices) {
  using Item = std::conditional_t<sizeof(key_of(T())) == 8, Long, Short>;
  // What is not asked for walks along as x and is not written.
  const nc_tensor &elements = y ? *y : x, &places = indices ? *indices : x;
  const int64_t n = x.shape[axis], group = std::clamp<int64_t>(kGroupElements / n, 1, kGroup);
  const auto step = [axis](const nc_tensor& t) { return t.strides[axis] * dtype_size(t.dtype); };
  const int64_t step_y = step(elements), step_x = step(x), step_i = step(places);
  const bool narrow = indices && indices->dtype == NC_INT32;
  for_lanes({without_axis(elements, axis), without_axis(x, axis), without_axis(places, axis)}, n,
            [&](char* const* at, const int64_t* steps, int64_t count) {
              const auto together = static_cast<size_t>(n * std::min(group, count));
              std::vector<T> lanes(together);
              std::vector<uint32_t> order(together);
              std::vector<Item> items(static_cast<size_t>(n)), other(static_cast<size_t>(n));
              for (int64_t first = 0; first < count; first += group) {
                const int64_t run = std::min(group, count - first);
                const char* from = at[1] + first * steps[1];
                for (int64_t i = 0; i < n; i++)
                  for (int64_t k = 0; k < run; k++)
                    lanes[k * n + i] = *reinterpret_cast<const T*>(from + k * steps[1] + i * step_x);
                for (int64_t k = 0; k < run; k++) {
                  for (int64_t i = 0; i < n; i++) items[i] = Item(key_of(lanes[k * n + i]), static_cast<uint32_t>(i));
                  const Item* sorted = sort_items(items.data(), other.data(), n);
                  for (int64_t i = 0; i < n; i++) order[k * n + i] = sorted[i].place();
                }
                for (int64_t i = 0; i < n; i++) {
                  for (int64_t k = 0; k < run; k++) {
                    const uint32_t place = order[k * n + i];
                    if (y) *reinterpret_cast<T*>(at[0] + (first + k) * steps[0] + i * step_y) = lanes[k * n + place];
                    if (!indices) continue;
                    char* to = at[2] + (first + k) * steps[2] + i * step_i;
                    narrow ? *reinterpret_cast<int32_t*>(to) = static_cast<int32_t>(place)
                           : *reinterpret_cast<int64_t*>(to) = place;
                  }
                }
              }
            });
}

nc_status sort(void* state, const nc_tensor* x, int32_t axis, const nc_tensor* y, const nc_tensor* indices) {
  if (x->shape[axis] > int64_t{UINT32_MAX}) {
    nc_backend plain = {};
    reference::register_sort(plain);
    return plain.sort(state, x, axis, y, indices);
  }
  with_dtype(x->dtype, [&](auto type) { sort_lanes<typename decltype(type)::type>(*x, axis, y, indices); });
  return NC_OK;
}

}  // namespace

void register_sort(nc_backend& table, Isa isa) {
  if (isa != Isa::reference) table.sort = sort;
}

}  // namespace nc::cpu
