// What every part of the CUDA module shares: failures, the state of a context, views for kernels.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <memory>
#include <string>

#include "core/backend.hpp"
#include "core/program.hpp"

namespace nc::cuda {

struct Failure {
  nc_status status;
  std::string text;
};

[[noreturn]] inline void fail(nc_status status, const char* format, ...) __attribute__((format(printf, 2, 3)));
inline void fail(nc_status status, const char* format, ...) {
  char text[1024];
  va_list args;
  va_start(args, format);
  std::vsnprintf(text, sizeof text, format, args);
  va_end(args);
  throw Failure{status, text};
}

inline void check(cudaError_t error, const char* what) {
  if (error == cudaSuccess) return;
  cudaGetLastError();  // a launch failure stays set until it is read
  fail(error == cudaErrorMemoryAllocation ? NC_OUT_OF_MEMORY : NC_BACKEND_ERROR, "%s: %s", what,
       cudaGetErrorString(error));
}

void report(const char* text) noexcept;  // the host's set_error

// The body of every slot: nothing thrown leaves the module.
template <class Body>
nc_status guard(Body&& body) noexcept {
  try {
    body();
    return NC_OK;
  } catch (const Failure& failure) {
    report(failure.text.c_str());
    return failure.status;
  } catch (const std::exception& error) {
    report(error.what());
    return NC_INTERNAL_ERROR;
  } catch (...) {
    report("unknown failure in the CUDA module");
    return NC_INTERNAL_ERROR;
  }
}

// One compute stream for each device, shared by all contexts; a context adds scratch memory of its own.
struct State {
  int32_t device_id = 0;
  cudaStream_t stream = nullptr;
  int compute_capability = 0;  // 70 for 7.0
  int multiprocessors = 0;
  std::shared_ptr<void> products;  // what matmul keeps, from the first product on

  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State();

  // Device memory of at least nbytes until the next call. Grows behind a synchronisation, so reserve before a capture.
  void* workspace(size_t nbytes);

 private:
  void* workspace_ = nullptr;
  size_t workspace_bytes_ = 0;
};

// Makes the state's device current for the calling thread.
inline State& enter(void* state) {
  State& s = *static_cast<State*>(state);
  check(cudaSetDevice(s.device_id), "cudaSetDevice");
  return s;
}

inline bool is_floating(int32_t dtype) { return dtype >= NC_FLOAT16; }

inline int64_t item_size(int32_t dtype) {
  constexpr int8_t sizes[] = {1, 1, 4, 8, 2, 2, 4, 8};
  return sizes[dtype];
}

inline int64_t size_of(const nc_tensor& t) {
  int64_t n = 1;
  for (int i = 0; i < t.ndim; i++) n *= t.shape[i];
  return n;
}

inline char* data_of(const nc_tensor& t) { return static_cast<char*>(t.base) + t.offset; }

inline bool is_contiguous(const nc_tensor& t) {
  int64_t expected = 1;
  for (int i = t.ndim - 1; i >= 0; i--) {
    if (t.shape[i] != 1 && t.strides[i] != expected) return false;
    expected *= t.shape[i];
  }
  return true;
}

// Blocks that make n elements, `of_block` each; a kernel goes round where the grid's limit is less.
inline unsigned grid_for(int64_t n, int64_t of_block) {
  const int64_t wanted = (n + of_block - 1) / of_block;
  return static_cast<unsigned>(wanted < 1 ? 1 : wanted < INT32_MAX ? wanted : INT32_MAX);
}

// One run of a program on the state's stream; throws Failure.
void run_program(State& state, const nc_program& program, const nc_tensor* inputs, const nc_scalar* parameters,
                 const nc_tensor* outputs);

nc_status copy(void* state, const nc_tensor* x, const nc_tensor* y);
nc_status program_run(void* state, const nc_program* program, int32_t count, const nc_tensor* inputs,
                      const nc_scalar* parameters, const nc_tensor* outputs);
nc_status reduce(void* state, int32_t reduction, const nc_program* program, const nc_tensor* inputs, int32_t n_inputs,
                 const nc_scalar* parameters, const nc_tensor* outputs);
nc_status matmul(void* state, const nc_tensor* a, const nc_tensor* b, const nc_program* program,
                 const nc_tensor* extras, const nc_scalar* parameters, const nc_tensor* y);
nc_status matmul_with(void* state, int32_t precision, const nc_tensor* a, const nc_tensor* b, const nc_program* program,
                      const nc_tensor* extras, const nc_scalar* parameters, const nc_tensor* y);

}  // namespace nc::cuda
