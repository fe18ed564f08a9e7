// Gather, scatter, scatter-add, nonzero. Rows move as bytes, so that one source serves every ISA.
#include "cpu/index.hpp"

#include <cstring>
#include <vector>

#include "core/backend.hpp"
#include "core/loops.hpp"
#include "core/thread_pool.hpp"

namespace nc::cpu::reference {
namespace {

// The indexed view of a tensor: byte offsets of the places that the indices name, and the axes that are left.
struct Indexed {
  std::vector<int64_t> places;  // in C order of the index shape
  nc_tensor rest;               // one place's part: the axes that are not indexed
};

Indexed index_view(const nc_tensor& t, const nc_tensor* indices, const int32_t* axes, int32_t n) {
  Indexed view;
  const int64_t item = dtype_size(t.dtype), count = size_of(indices[0]);
  view.places.assign(static_cast<size_t>(count), 0);
  for (int32_t k = 0; k < n; k++) {
    const int64_t extent = t.shape[axes[k]], stride = t.strides[axes[k]] * item;
    const auto loops = make_loops<1>({&indices[k]}, false);
    const int64_t row = loops.row(), step = loops.step(0);
    int64_t* place = view.places.data();
    const auto add = [&](auto type) {
      using Index = typename decltype(type)::type;
      loops.for_rows(0, loops.rows, [&](char* const* at) {
        for (int64_t i = 0; i < row; i++, place++) {
          const int64_t given = *reinterpret_cast<const Index*>(at[0] + i * step);
          const int64_t index = given < 0 ? given + extent : given;
          if (index < 0 || index >= extent) [[unlikely]]
            fail(NC_INDEX_OUT_OF_RANGE, "indices[%d] holds %lld at element %lld; axis %d has extent %lld", k,
                 (long long)given, (long long)(place - view.places.data()), axes[k], (long long)extent);
          *place += index * stride;
        }
      });
    };
    indices[k].dtype == NC_INT32 ? add(Type<int32_t>{}) : add(Type<int64_t>{});
  }
  view.rest = t;
  view.rest.ndim = 0;
  for (int32_t i = 0, k = 0; i < t.ndim; i++) {
    if (k < n && axes[k] == i) {
      k++;
      continue;
    }
    view.rest.shape[view.rest.ndim] = t.shape[i];
    view.rest.strides[view.rest.ndim++] = t.strides[i];
  }
  return view;
}

// The other operand of the same shape: offsets of its places, and its part of one place.
Indexed plain_view(const nc_tensor& t, const nc_tensor& index) {
  Indexed view;
  nc_tensor leading = t;
  leading.ndim = index.ndim;
  const auto loops = make_loops<1>({&leading}, false);
  view.places.reserve(static_cast<size_t>(size_of(leading)));
  const int64_t row = loops.row(), step = loops.step(0);
  loops.for_rows(0, loops.rows, [&](char* const* at) {
    for (int64_t i = 0; i < row; i++) view.places.push_back(at[0] + i * step - data<char>(t));
  });
  view.rest = t;
  view.rest.ndim = t.ndim - index.ndim;
  for (int i = 0; i < view.rest.ndim; i++) {
    view.rest.shape[i] = t.shape[index.ndim + i];
    view.rest.strides[i] = t.strides[index.ndim + i];
  }
  return view;
}

// y op= x for places [begin, end) and elements [first, last) of each row of the rest.
template <class Op, class T>
void apply(const Loops<2>& rest, const Indexed& y, const Indexed& x, int64_t begin, int64_t end, int64_t first,
           int64_t last) {
  const int64_t step_y = rest.step(0), step_x = rest.step(1);
  const bool dense = step_y == sizeof(T) && step_x == sizeof(T);
  for (int64_t p = begin; p < end; p++) {
    rest.for_rows(0, rest.rows, [&](char* const* at) {
      char* to = at[0] + y.places[p];
      const char* from = at[1] + x.places[p];
      if (dense && std::is_same_v<Op, Assign>) {
        std::memcpy(to + first * sizeof(T), from + first * sizeof(T), (last - first) * sizeof(T));
      } else if (dense) {
        T* ty = reinterpret_cast<T*>(to);
        const T* tx = reinterpret_cast<const T*>(from);
        for (int64_t i = first; i < last; i++) Op::template apply<T>(ty[i], tx[i]);
      } else {
        for (int64_t i = first; i < last; i++)
          Op::template apply<T>(*reinterpret_cast<T*>(to + i * step_y), *reinterpret_cast<const T*>(from + i * step_x));
      }
    });
  }
}

// Assignment sees bytes alone: one kernel for each size of element.
template <class F>
void with_bytes(int64_t item, F&& f) {
  item == 1   ? f(Type<uint8_t>{})
  : item == 2 ? f(Type<uint16_t>{})
  : item == 4 ? f(Type<uint32_t>{})
              : f(Type<uint64_t>{});
}

nc_status gather(void*, const nc_tensor* x, const nc_tensor* indices, const int32_t* axes, int32_t n,
                 const nc_tensor* y) {
  const Indexed from = index_view(*x, indices, axes, n), to = plain_view(*y, indices[0]);
  const auto rest = make_loops<2>({&to.rest, &from.rest});
  const int64_t places = static_cast<int64_t>(to.places.size()), item = dtype_size(y->dtype);
  const int64_t chunk = std::max<int64_t>(1, kChunkBytes / (rest.rows * rest.row() * item));
  with_bytes(item, [&](auto type) {
    parallel_for((places + chunk - 1) / chunk, [&](int64_t c) {
      apply<Assign, typename decltype(type)::type>(rest, to, from, c * chunk, std::min(places, (c + 1) * chunk), 0,
                                                   rest.row());
    });
  });
  return NC_OK;
}

// Places may repeat, so each chunk takes a part of every row and walks all places in order.
template <class Op, class T>
void scatter_typed(const Indexed& to, const Indexed& from) {
  const auto rest = make_loops<2>({&to.rest, &from.rest});
  const int64_t chunk = std::max<int64_t>(64, kChunkBytes / static_cast<int64_t>(sizeof(T) * to.places.size()));
  parallel_for((rest.row() + chunk - 1) / chunk, [&](int64_t c) {
    apply<Op, T>(rest, to, from, 0, static_cast<int64_t>(to.places.size()), c * chunk,
                 std::min(rest.row(), (c + 1) * chunk));
  });
}

nc_status scatter(void*, const nc_tensor* x, const nc_tensor* indices, const int32_t* axes, int32_t n,
                  const nc_tensor* y) {
  const Indexed to = index_view(*y, indices, axes, n), from = plain_view(*x, indices[0]);
  with_bytes(dtype_size(y->dtype), [&](auto type) { scatter_typed<Assign, typename decltype(type)::type>(to, from); });
  return NC_OK;
}

nc_status scatter_add(void*, const nc_tensor* x, const nc_tensor* indices, const int32_t* axes, int32_t n,
                      const nc_tensor* y) {
  const Indexed to = index_view(*y, indices, axes, n), from = plain_view(*x, indices[0]);
  with_dtype(y->dtype, [&](auto type) { scatter_typed<Add, typename decltype(type)::type>(to, from); });
  return NC_OK;
}

// Calls f(index) for each element that is not zero, in C order.
template <class T, class F>
void for_nonzero(const nc_tensor& x, F&& f) {
  int64_t index[NC_MAX_DIMS] = {};
  const int last = x.ndim - 1;
  const int64_t row = last >= 0 ? x.shape[last] : 1, step = last >= 0 ? x.strides[last] : 0;
  const int64_t rows = row == 0 ? 0 : size_of(x) / row;
  for (int64_t r = 0; r < rows; r++) {
    const T* p = data<T>(x);
    for (int i = 0; i < last; i++) p += index[i] * x.strides[i];
    for (int64_t i = 0; i < row; i++) {
      if (!convert<Bool>(p[i * step]).byte) continue;
      if (last >= 0) index[last] = i;
      f(static_cast<const int64_t*>(index));
    }
    for (int i = last - 1; i >= 0 && ++index[i] == x.shape[i]; i--) index[i] = 0;
  }
}

nc_status nonzero(void*, const nc_tensor* x, const nc_tensor* y) {
  with_dtype(x->dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    int64_t count = 0;
    for_nonzero<T>(*x, [&](const int64_t*) { count++; });
    if (count != y->shape[1])
      fail(NC_INVALID_SHAPE, "y is %s, but %lld elements of x are not zero", shape_text(*y).c_str(), (long long)count);
    int64_t* column = data<int64_t>(*y);
    for_nonzero<T>(*x, [&](const int64_t* index) {
      for (int i = 0; i < x->ndim; i++) column[i * y->strides[0]] = index[i];
      column += y->strides[1];
    });
  });
  return NC_OK;
}

}  // namespace

void register_index(nc_backend& table) {
  table.gather = gather;
  table.scatter = scatter;
  table.scatter_add = scatter_add;
  table.nonzero = nonzero;
}

}  // namespace nc::cpu::reference
