#include "nativechain/nativechain.h"
