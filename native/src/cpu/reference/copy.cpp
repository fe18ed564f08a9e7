// Copy, cast and fill by plain loops.
#include "core/backend.hpp"
#include "core/dtype.hpp"
#include "core/loops.hpp"
#include "cpu/scalar.hpp"

namespace nc::cpu::reference {
namespace {

nc_status copy(void*, const nc_tensor* x, const nc_tensor* y) {
  const auto loops = make_loops<2>({y, x});
  if (loops.empty) return NC_OK;
  with_dtype(x->dtype, [&](auto from) {
    with_dtype(y->dtype, [&](auto to) {
      using From = typename decltype(from)::type;
      using To = typename decltype(to)::type;
      const int64_t n = loops.row(), step_y = loops.step(0), step_x = loops.step(1);
      loops.for_rows(0, loops.rows, [&](char* const* at) {
        for (int64_t i = 0; i < n; i++)
          *reinterpret_cast<To*>(at[0] + i * step_y) = convert<To>(*reinterpret_cast<const From*>(at[1] + i * step_x));
      });
    });
  });
  return NC_OK;
}

nc_status fill(void*, const nc_scalar* value, const nc_tensor* y) {
  const auto loops = make_loops<1>({y});
  if (loops.empty) return NC_OK;
  with_dtype(y->dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    const T element = read_scalar<T>(*value);
    const int64_t n = loops.row(), step = loops.step(0);
    loops.for_rows(0, loops.rows, [&](char* const* at) {
      for (int64_t i = 0; i < n; i++) *reinterpret_cast<T*>(at[0] + i * step) = element;
    });
  });
  return NC_OK;
}

}  // namespace

void register_copy(nc_backend& table) {
  table.copy = copy;
  table.fill = fill;
}

}  // namespace nc::cpu::reference
