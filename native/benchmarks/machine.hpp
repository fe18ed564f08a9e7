// What the machine can do, measured: the floors of cases.json are made of it.
#pragma once

#include "runner.hpp"

namespace nc::benchmarks {

// "peak": `operations` (multiplications and additions) of `dtype` in registers. "stream_copy" and "stream_read": `bytes`
// (of a copy those read and those written). All are shared by `threads`.
const Operations& machine_operations();

}  // namespace nc::benchmarks
