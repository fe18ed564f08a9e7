// Walks over views of one shape: axes of extent 1 dropped, axes that run on merged, the innermost one a row.
#pragma once

#include <algorithm>
#include <cstdlib>

#include "core/tensor.hpp"

namespace nc {

// N operands; the first one, the output, decides the order of the axes: its smallest stride is innermost.
template <int N>
struct Loops {
  int ndim = 0;  // 1 or more, unless empty
  int64_t shape[NC_MAX_DIMS];
  int64_t strides[N][NC_MAX_DIMS];  // bytes
  char* first[N];
  int64_t rows = 1;  // product of the extents but the last
  bool empty = false;

  int64_t row() const { return shape[ndim - 1]; }
  int64_t step(int operand) const { return strides[operand][ndim - 1]; }

  // Calls f(pointers) for the rows [begin, end), each of row() elements.
  template <class F>
  void for_rows(int64_t begin, int64_t end, F&& f) const {
    int64_t index[NC_MAX_DIMS];
    char* at[N];
    std::copy(first, first + N, at);
    int64_t rest = begin;
    for (int i = ndim - 2; i >= 0; i--) {
      index[i] = rest % shape[i];
      rest /= shape[i];
      for (int k = 0; k < N; k++) at[k] += index[i] * strides[k][i];
    }
    for (int64_t r = begin; r < end; r++) {
      f(const_cast<char* const*>(at));
      for (int i = ndim - 2; i >= 0; i--) {
        for (int k = 0; k < N; k++) at[k] += strides[k][i];
        if (++index[i] < shape[i]) break;
        for (int k = 0; k < N; k++) at[k] -= shape[i] * strides[k][i];
        index[i] = 0;
      }
    }
  }
};

// `sorted` false keeps C order, for walks whose order shows in the result.
template <int N>
Loops<N> make_loops(const nc_tensor* const (&operands)[N], bool sorted = true) {
  Loops<N> l;
  const nc_tensor& y = *operands[0];
  int64_t items[N];
  for (int k = 0; k < N; k++) {
    items[k] = dtype_size(operands[k]->dtype);
    l.first[k] = data<char>(*operands[k]);
  }
  for (int i = 0; i < y.ndim; i++) {
    if (y.shape[i] == 0) l.empty = true;
    if (y.shape[i] <= 1) continue;
    int at = l.ndim++;
    const int64_t key = std::abs(y.strides[i] * items[0]);
    if (sorted)
      for (; at > 0 && std::abs(l.strides[0][at - 1]) < key; at--) {
        l.shape[at] = l.shape[at - 1];
        for (int k = 0; k < N; k++) l.strides[k][at] = l.strides[k][at - 1];
      }
    l.shape[at] = y.shape[i];
    for (int k = 0; k < N; k++) l.strides[k][at] = operands[k]->strides[i] * items[k];
  }
  if (l.empty) return l;
  if (sorted) {
    for (int i = 0; i < l.ndim; i++) {
      if (l.strides[0][i] >= 0) continue;
      for (int k = 0; k < N; k++) {
        l.first[k] += (l.shape[i] - 1) * l.strides[k][i];
        l.strides[k][i] = -l.strides[k][i];
      }
    }
  }
  int merged = 0;
  for (int i = 1; i < l.ndim; i++) {
    bool runs_on = true;
    for (int k = 0; k < N; k++) runs_on &= l.strides[k][merged] == l.shape[i] * l.strides[k][i];
    if (!runs_on) merged++;
    l.shape[merged] = runs_on ? l.shape[merged] * l.shape[i] : l.shape[i];
    for (int k = 0; k < N; k++) l.strides[k][merged] = l.strides[k][i];
  }
  if (l.ndim == 0) {
    l.shape[0] = 1;
    for (int k = 0; k < N; k++) l.strides[k][0] = items[k];
  }
  l.ndim = l.ndim == 0 ? 1 : merged + 1;
  for (int i = 0; i < l.ndim - 1; i++) l.rows *= l.shape[i];
  return l;
}

}  // namespace nc
