#!/usr/bin/env bash
# Writes bindings/NativeChain.Interop/Generated from the C headers. Needs ClangSharpPInvokeGenerator 16 (from
# $CLANGSHARP_GENERATOR or the PATH) and clang 16's own headers (from $CLANG_RESOURCE_DIR, or asked of clang-16 or clang).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

generator=${CLANGSHARP_GENERATOR:-ClangSharpPInvokeGenerator}
command -v "$generator" > /dev/null || {
  echo "generate.sh: no '$generator'. Set CLANGSHARP_GENERATOR to the path of ClangSharpPInvokeGenerator 16." >&2
  exit 1
}
if [[ -z ${CLANG_RESOURCE_DIR:-} ]]; then
  clang=$(command -v clang-16 || command -v clang) || {
    echo "generate.sh: no clang. Set CLANG_RESOURCE_DIR to the folder that holds include/stdint.h of clang 16." >&2
    exit 1
  }
  CLANG_RESOURCE_DIR=$("$clang" -print-resource-dir)
fi

output=../NativeChain.Interop/Generated
rm -rf "$output"
mkdir -p "$output"
"$generator" @nativechain.rsp --additional=-isystem"$CLANG_RESOURCE_DIR/include"
