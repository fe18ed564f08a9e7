// The rows that scatter-add adds.
#include "core/backend.hpp"
#include "cpu/index.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/index_rows.cpp"
// clang-format off
#include "cpu/highway.hpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "cpu/half-inl.hpp"
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace nc::cpu::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

template <class T>
void AddRowOf(void* y_, const void* x_, int64_t n) {
  T* y = static_cast<T*>(y_);
  const T* x = static_cast<const T*>(x_);
  int64_t i = 0;
  if constexpr (kIsHalf<T>) {
    const hn::ScalableTag<float> d;
    const auto N = static_cast<int64_t>(hn::Lanes(d));
    for (; i + N <= n; i += N) StoreFloat(d, hn::Add(LoadFloat(d, y + i), LoadFloat(d, x + i)), y + i);
  } else if constexpr (!std::is_same_v<T, Bool>) {
    const hn::ScalableTag<T> d;
    const auto N = static_cast<int64_t>(hn::Lanes(d));
    for (; i + N <= n; i += N) hn::StoreU(hn::Add(hn::LoadU(d, y + i), hn::LoadU(d, x + i)), d, y + i);
  }
  for (; i < n; i++) Add::apply<T>(y[i], x[i]);
}

nc_status ScatterAdd(void*, const nc_tensor* x, const nc_tensor* indices, const int32_t* axes, int32_t n,
                     const nc_tensor* y) {
  static constexpr AddRow kAddRow[] = {AddRowOf<Bool>,    AddRowOf<uint8_t>,  AddRowOf<int32_t>, AddRowOf<int64_t>,
                                       AddRowOf<Float16>, AddRowOf<BFloat16>, AddRowOf<float>,   AddRowOf<double>};
  return scatter_add_rows(kAddRow, x, indices, axes, n, y);
}

void register_index_rows(nc_backend& table) { table.scatter_add = ScatterAdd; }

}  // namespace nc::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nc::cpu {

void register_index_rows(nc_backend& table, Isa isa) { NC_DISPATCH(isa, register_index_rows, table); }

}  // namespace nc::cpu
#endif
