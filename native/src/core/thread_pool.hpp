// The one thread pool. Work is cut by the caller into chunks that do not depend on the number of threads.
#pragma once

#include <cstdint>

namespace nc {

namespace detail {
using ChunkBody = void (*)(const void* state, int64_t chunk);
void parallel_chunks(int64_t chunks, ChunkBody body, const void* state, bool brief);

template <class Body>
void parallel_for(int64_t chunks, const Body& body, bool brief) {
  if (chunks <= 0) return;
  if (chunks == 1) {
    body(int64_t{0});
    return;
  }
  parallel_chunks(
      chunks, [](const void* state, int64_t chunk) { (*static_cast<const Body*>(state))(chunk); }, &body, brief);
}
}  // namespace detail

// Calls body(chunk) for each chunk in [0, chunks), on any threads in any order, and returns when all are done. One
// chunk runs on the calling thread at once; a call from inside a body runs serially. What a body throws is rethrown
// here (the first).
template <class Body>
void parallel_for(int64_t chunks, const Body& body) {
  detail::parallel_for(chunks, body, false);
}

// parallel_for of a few microseconds, less than it takes to wake a thread: shared with threads that still wait awake for
// work, for which jobs like it have to follow each other closely. Else all chunks run on the calling thread.
template <class Body>
void parallel_for_brief(int64_t chunks, const Body& body) {
  detail::parallel_for(chunks, body, true);
}

int num_threads();
void set_num_threads(int count);

}  // namespace nc
