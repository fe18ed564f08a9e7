// Holds the structs of the C ABI to the numbers of layout.inc, which the bindings are held to as well.
#include <cstddef>

#include "nativechain/nativechain.h"

#define NC_STRUCT(type, size) static_assert(sizeof(type) == (size));
#define NC_FIELD(type, field, offset, size) \
  static_assert(offsetof(type, field) == (offset) && sizeof(type::field) == (size));
#include "core/layout.inc"
