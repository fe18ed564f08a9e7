// Status codes, dtypes, devices and the tensor descriptor: what every other header of the C ABI needs.
#ifndef NATIVECHAIN_BASE_H
#define NATIVECHAIN_BASE_H

#include <stdint.h>

#if defined(_WIN32)
#if defined(NC_BUILDING_LIBRARY)
#define NC_API __declspec(dllexport)
#else
#define NC_API __declspec(dllimport)
#endif
#else
#define NC_API __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

// Append-only within a major version; a break in layout or meaning raises the major.
#define NC_ABI_MAJOR 1
#define NC_ABI_MINOR 2

#define NC_MAX_DIMS 8
#define NC_MAX_SPATIAL 3  // spatial axes of a convolution or a pooling

// What a call came to. The text of the last failure on this thread: nc_last_error.
typedef int32_t nc_status;
enum nc_status_code {
  NC_OK = 0,
  NC_INVALID_ARGUMENT = 1,  // null, a value out of its range, a wrong count
  NC_INVALID_SHAPE = 2,     // shapes that do not fit each other, an extent outside its block
  NC_INVALID_DTYPE = 3,
  NC_INVALID_DEVICE = 4,    // operands on different devices, or not on the context's
  NC_INDEX_OUT_OF_RANGE = 5,
  NC_OUT_OF_MEMORY = 6,
  NC_UNSUPPORTED = 7,       // the backend has no kernel for this op, device and dtype
  NC_BACKEND_ERROR = 8,     // a device module did not load, or the device failed
  NC_INTERNAL_ERROR = 9,
  NC_LINALG_ERROR = 10      // no such result: a singular matrix, one that is not positive definite, no convergence
};

typedef int32_t nc_dtype;
enum nc_dtype_code {
  NC_BOOL = 0,  // one byte, 0 or 1
  NC_UINT8 = 1,
  NC_INT32 = 2,
  NC_INT64 = 3,
  NC_FLOAT16 = 4,
  NC_BFLOAT16 = 5,
  NC_FLOAT32 = 6,
  NC_FLOAT64 = 7
};

// DLPack's device codes.
typedef int32_t nc_device_type;
enum nc_device_code {
  NC_CPU = 1,
  NC_CUDA = 2
};

// A view of memory that the caller owns. Copied freely, owns nothing.
typedef struct nc_tensor {
  void* base;           // the block it lies in
  int64_t nbytes;       // size of that block
  int64_t offset;       // bytes from base to element 0
  int32_t device_type;  // nc_device_type
  int32_t device_id;
  int32_t dtype;        // nc_dtype
  int32_t ndim;         // 0 to NC_MAX_DIMS
  int64_t shape[NC_MAX_DIMS];
  int64_t strides[NC_MAX_DIMS];  // in elements; 0 repeats an axis, negative walks backwards
} nc_tensor;

// A number that may change at each call: by value, or, where tensor is not null, element 0 of a tensor on the
// device, read when the kernel runs. A program that computes in int64 reads i64, any other reads f64.
typedef struct nc_scalar {
  const nc_tensor* tensor;
  double f64;
  int64_t i64;
} nc_scalar;

typedef struct nc_context nc_context;
typedef struct nc_program nc_program;

// major << 16 | minor of the library that is loaded.
NC_API int32_t nc_abi_version(void);

// The library's release, such as "0.1.0".
NC_API const char* nc_version(void);

// Text of the last failure on the calling thread: function, argument, shapes, dtypes. Valid until the next failure there.
NC_API const char* nc_last_error(void);

// Size of one element in bytes, 0 for an unknown dtype.
NC_API int32_t nc_dtype_size(nc_dtype dtype);

// "float32" and so on, "unknown" for an unknown dtype.
NC_API const char* nc_dtype_name(nc_dtype dtype);

#ifdef __cplusplus
}
#endif

#endif
