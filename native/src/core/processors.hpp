// Which processors threads run on.
#pragma once

#include <cstdint>

namespace nc {

// Names the calling thread to exclude_processor.
int64_t current_thread();

// The processor that the calling thread runs on; -1 where the system does not tell.
int current_processor();

// From now on that thread runs on any other of its processors only, and moves if it was to run on this one. False, and
// nothing changed, where it has no other. include_processor takes it back for the calling thread.
bool exclude_processor(int64_t thread, int processor);
void include_processor(int processor);

}  // namespace nc
