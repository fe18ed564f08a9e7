// From descriptors to kernel arguments.
#pragma once

#include <initializer_list>
#include <string>
#include <vector>

#include "cuda/runtime.hpp"
#include "cuda/source.hpp"

namespace nc::cuda {

inline void fill_parameters(ParameterArgument* out, const nc_scalar* parameters, int count) {
  for (int k = 0; k < count; k++) {
    const nc_scalar& p = parameters[k];
    out[k] = {p.tensor ? data_of(*p.tensor) : nullptr, p.tensor ? p.tensor->dtype : 0, p.f64, p.i64};
  }
}

inline std::vector<int> dtypes_of(const nc_tensor* tensors, int count) {
  std::vector<int> dtypes(static_cast<size_t>(count));
  for (int k = 0; k < count; k++) dtypes[k] = tensors[k].dtype;
  return dtypes;
}

inline std::string signature(const char* kind, const std::vector<int>& inputs, const std::vector<int>& outputs) {
  std::string s = kind;
  for (int d : inputs) s += static_cast<char>('0' + d);
  s += '>';
  for (int d : outputs) s += static_cast<char>('0' + d);
  return s;
}

// Axes of extent 1 dropped, and neighbours joined where every tensor walks them as one. strides[k] belongs to tensor k.
struct Axes {
  int ndim = 0;
  long long shape[NC_MAX_DIMS] = {};
  std::vector<std::vector<long long>> strides;
};

inline Axes coalesce(int ndim, const int64_t* shape, const std::vector<const int64_t*>& strides) {
  Axes a;
  a.strides.assign(strides.size(), std::vector<long long>(NC_MAX_DIMS, 0));
  for (int d = 0; d < ndim; d++) {
    if (shape[d] == 1) continue;
    bool joins = a.ndim > 0;
    for (size_t k = 0; joins && k < strides.size(); k++)
      joins = a.strides[k][a.ndim - 1] == strides[k][d] * shape[d];
    const int at = joins ? a.ndim - 1 : a.ndim++;
    a.shape[at] = (joins ? a.shape[at] : 1) * shape[d];
    for (size_t k = 0; k < strides.size(); k++) a.strides[k][at] = strides[k][d];
  }
  if (a.ndim == 0) a.ndim = 1, a.shape[0] = 1;
  return a;
}

// Whether a tensor is read or written `vector` elements at once along the axis whose stride is *along: whole and aligned, also
// from place to place on the other axes. An axis that repeats one element fits any vector.
inline bool fits_vector(const nc_tensor& t, int vector, const long long* along, std::initializer_list<const std::vector<long long>*> all) {
  if (*along == 0) return true;
  if (*along != 1) return false;
  const int64_t bytes = vector * item_size(t.dtype);
  if (reinterpret_cast<uintptr_t>(data_of(t)) % static_cast<uintptr_t>(bytes)) return false;
  for (const std::vector<long long>* strides : all)
    for (const long long& stride : *strides)
      if (&stride != along && stride * item_size(t.dtype) % bytes) return false;
  return true;
}

// The most elements to a vector of 16 bytes that `fits` allows for every tensor of `items` bytes; `extent` is the axis'.
template <class Fits>
int widest_vector(int64_t items, long long extent, bool rest_allowed, Fits&& fits) {
  for (int vector = items == 1 ? 8 : static_cast<int>(16 / items); vector > 1; vector /= 2)
    if ((rest_allowed ? extent >= vector : extent % vector == 0) && fits(vector)) return vector;
  return 1;
}

inline std::string form_text(const Form& form) {
  std::string s(form.narrow ? "/n" : "/w");
  s += std::to_string(form.vector);
  for (bool repeats : form.repeats) s += repeats ? 'r' : '.';
  return s;
}

constexpr int64_t kNarrow = int64_t{1} << 30;  // elements whose indices, a round beyond the last included, fit 32 bits

}  // namespace nc::cuda
