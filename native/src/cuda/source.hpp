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
  long long lanes;  // threads of a block that share an output, a power of two
  long long kept_shape[NC_MAX_DIMS];
  long long reduced_shape[NC_MAX_DIMS];
  ReducedArgument inputs[NC_PROGRAM_MAX_INPUTS];
  TensorArgument outputs[NC_PROGRAM_MAX_OUTPUTS];
  ParameterArgument parameters[NC_PROGRAM_MAX_PARAMETERS];
};

static_assert(sizeof(RunArguments) <= 4096 && sizeof(ReduceArguments) <= 4096, "kernel arguments end at 4 KB");

constexpr int kThreads = 256;

// How a kernel goes over memory. A vector lies along the last axis (of a reduction, the last reduced or the last kept one).
struct Form {
  int vector = 1;             // elements that a thread reads and writes at once
  bool narrow = false;        // indices of elements fit 32 bits
  std::vector<bool> repeats;  // for each input, whether all of a vector is one element; empty where vector is 1
};

// Elements of the outputs that a thread of `run` makes in one round.
int elements_of_thread(const Form& form, int inputs);

// A kernel `run(RunArguments)` over ndim axes. Where vectors are read, the last extent is a multiple of them unless ndim is 1.
std::string run_source(const nc_program& program, const std::vector<int>& input_dtypes,
                       const std::vector<int>& output_dtypes, int ndim, const Form& form = {});

// Kernels `reduce` and `finish`, which combines the chunks. A thread reads along the reduced axes or, where `across`, one
// element of each of neighbouring outputs.
std::string reduce_source(const nc_program& program, nc_reduction reduction, const std::vector<int>& input_dtypes,
                          const std::vector<int>& output_dtypes, int kept_ndim, int reduced_ndim, bool across,
                          const Form& form = {});

}  // namespace nc::cuda
