// NativeChain's C ABI, whole. Every function that can fail returns an nc_status and leaves its outputs as they were when a check fails.
#ifndef NATIVECHAIN_H
#define NATIVECHAIN_H

#include "nativechain/base.h"
#include "nativechain/context.h"
#include "nativechain/convolution.h"
#include "nativechain/copy.h"
#include "nativechain/index.h"
#include "nativechain/linalg.h"
#include "nativechain/matmul.h"
#include "nativechain/normalization.h"
#include "nativechain/pooling.h"
#include "nativechain/program.h"
#include "nativechain/random.h"
#include "nativechain/reduce.h"
#include "nativechain/scan.h"
#include "nativechain/softmax.h"
#include "nativechain/sort.h"

#endif
