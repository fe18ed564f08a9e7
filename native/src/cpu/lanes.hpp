// Walks over the lanes of an axis: the elements along it at one index of the other axes.
#pragma once

#include <algorithm>
#include <cstdint>

#include "core/loops.hpp"
#include "core/tensor.hpp"
#include "core/thread_pool.hpp"

namespace nc::cpu {

// t at index 0 of an axis; t itself where axis is negative.
inline nc_tensor without_axis(const nc_tensor& t, int axis) {
  nc_tensor rest = t;
  if (axis < 0) return rest;
  for (int i = axis; i + 1 < t.ndim; i++) {
    rest.shape[i] = t.shape[i + 1];
    rest.strides[i] = t.strides[i + 1];
  }
  rest.ndim--;
  return rest;
}

// Calls body(pointers, steps, count) for runs of lanes, on any threads: operand k of lane i starts at
// pointers[k] + i * steps[k] bytes. Operands are views without the axis, of one shape; work is the elements of a lane.
template <int N, class Body>
void for_lanes(const nc_tensor (&operands)[N], int64_t work, const Body& body) {
  const nc_tensor* pointers[N];
  for (int k = 0; k < N; k++) pointers[k] = &operands[k];
  const Loops<N> loops = make_loops<N>(pointers);
  if (loops.empty) return;
  // Elements worth a second thread, and whole cache lines of the output.
  constexpr int64_t kChunk = 16384, kAlign = 64;
  const int64_t lanes = loops.rows * loops.row();
  const int64_t share = (kChunk / std::max<int64_t>(work, 1) + kAlign - 1) / kAlign * kAlign;
  const int64_t block = work >= kChunk ? 1 : std::max<int64_t>(share, kAlign);
  int64_t steps[N];
  for (int k = 0; k < N; k++) steps[k] = loops.step(k);
  parallel_for((lanes + block - 1) / block, [&](int64_t chunk) {
    int64_t lane = chunk * block;
    const int64_t end = std::min(lanes, lane + block);
    while (lane < end) {
      const int64_t row = lane / loops.row(), first = lane % loops.row();
      const int64_t count = std::min(end - lane, loops.row() - first);
      loops.for_rows(row, row + 1, [&](char* const* at) {
        char* start[N];
        for (int k = 0; k < N; k++) start[k] = at[k] + first * steps[k];
        body(start, steps, count);
      });
      lane += count;
    }
  });
}

}  // namespace nc::cpu
