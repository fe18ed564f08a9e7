// CUDA C++ text of programs and map-reductions, for NVRTC, and the arguments their kernels take.
#pragma once

#include <string>
#include <vector>

#include "core/program.hpp"
#include "nativechain/nativechain.h"

namespace nc::cuda {

// These three are spelled out again in the generated text; source_test compiles both and compares their sizes.
struct TensorArgument {
  void* data;
  long long strides[NC_MAX_DIMS];
};

struct ParameterArgument {
  const void* tensor;  // null: by value
  long long dtype;
  double f64;
  long long i64;
};

struct RunArguments {
  long long size;
  long long shape[NC_MAX_DIMS];
  TensorArgument inputs[NC_PROGRAM_MAX_INPUTS];
  TensorArgument outputs[NC_PROGRAM_MAX_OUTPUTS];
  ParameterArgument parameters[NC_PROGRAM_MAX_PARAMETERS];
};

struct ReducedArgument {
  void* data;
  long long kept[NC_MAX_DIMS];
  long long reduced[NC_MAX_DIMS];
};

struct ReduceArguments {
  long long kept_size, reduced_size;
  long long chunk, chunks;  // elements of the reduced extent to a chunk, and how many chunks there are
  void* partial_values;     // [output][chunk][kept], of the compute type; null where chunks is 1
  long long* partial_indices;
  long long kept_shape[NC_MAX_DIMS];
  long long reduced_shape[NC_MAX_DIMS];
  ReducedArgument inputs[NC_PROGRAM_MAX_INPUTS];
  TensorArgument outputs[NC_PROGRAM_MAX_OUTPUTS];
  ParameterArgument parameters[NC_PROGRAM_MAX_PARAMETERS];
};

static_assert(sizeof(RunArguments) <= 4096 && sizeof(ReduceArguments) <= 4096, "kernel arguments end at 4 KB");

constexpr int kThreads = 256;

// A kernel `run(RunArguments)` over ndim axes; one thread an element, grid-stride.
std::string run_source(const nc_program& program, const std::vector<int>& input_dtypes,
                       const std::vector<int>& output_dtypes, int ndim);

// Kernels `reduce_blocks` (a block an output), `reduce_threads` (a thread an output) and `finish` (adds the chunks).
std::string reduce_source(const nc_program& program, nc_reduction reduction, const std::vector<int>& input_dtypes,
                          const std::vector<int>& output_dtypes, int kept_ndim, int reduced_ndim);

}  // namespace nc::cuda
