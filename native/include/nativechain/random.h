// Philox 4x32-10 random numbers, counter based. Element i in C order of the result depends on the key and on counter + i
// alone: never on threads, layout or device. Words, uniforms, Bernoulli and permutations are bit-identical everywhere,
// normals within 4 ulp.
#ifndef NATIVECHAIN_RANDOM_H
#define NATIVECHAIN_RANDOM_H

#include "nativechain/base.h"

#ifdef __cplusplus
extern "C" {
#endif

// counter: how many elements this key has given so far, a multiple of 4; the caller advances it by the number of
// elements of each result, rounded up to 4 (float64 results and permutations may take two words an element: twice that).
// In its device form, counter.tensor is a 0-d int64 tensor.
typedef struct nc_random_key {
  uint64_t seed;
  nc_scalar counter;  // i64, or a 0-d int64 tensor
} nc_random_key;

// Random 32-bit words: the four of Philox's block k are elements 4k to 4k + 3 of the key. y: int32 (their bits).
NC_API nc_status nc_random_words(nc_context* context, nc_random_key key, const nc_tensor* y);

// Uniform in [low, high) (low where both are equal): low + (high - low) * u, u of 24 bits, 53 for float64. y: floating point.
NC_API nc_status nc_random_uniform(nc_context* context, nc_random_key key, double low, double high, const nc_tensor* y);

// Normal, by Box and Muller's transform of pairs of words. y: floating point.
NC_API nc_status nc_random_normal(nc_context* context, nc_random_key key, double mean, double stddev,
                                  const nc_tensor* y);

// Normal conditioned on [low, high], in standard deviations from the mean, by inversion. y: floating point.
NC_API nc_status nc_random_truncated_normal(nc_context* context, nc_random_key key, double mean, double stddev,
                                            double low, double high, const nc_tensor* y);

// 1 with probability p, else 0. y: any dtype.
NC_API nc_status nc_random_bernoulli(nc_context* context, nc_random_key key, double p, const nc_tensor* y);

// A uniform permutation of 0 to n - 1. y: (n) int32 or int64.
NC_API nc_status nc_random_permutation(nc_context* context, nc_random_key key, const nc_tensor* y);

#ifdef __cplusplus
}
#endif

#endif
