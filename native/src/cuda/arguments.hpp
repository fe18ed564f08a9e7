// From descriptors to kernel arguments.
#pragma once

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

}  // namespace nc::cuda
