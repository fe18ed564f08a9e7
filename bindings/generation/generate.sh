#!/usr/bin/env bash
# Writes bindings/NativeChain.Interop/Generated from the C headers. Needs ClangSharpPInvokeGenerator 16 (from
# $CLANGSHARP_GENERATOR or the PATH) and clang 16's own headers (from $CLANG_RESOURCE_DIR, or asked of clang-16 or clang).
set -euo pipefail
generator=$(command -v "${CLANGSHARP_GENERATOR:-ClangSharpPInvokeGenerator}") || {
  echo "generate.sh: no ClangSharpPInvokeGenerator. Set CLANGSHARP_GENERATOR to the path of version 16." >&2
  exit 1
}
generator=$(realpath "$generator")
cd "$(dirname "${BASH_SOURCE[0]}")"

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

# A test compares it with the headers as they are: SHA-256 of all of them, in order of their names, without carriage returns.
headers=(../../native/include/nativechain/*.h)
LC_ALL=C sort -z < <(printf '%s\0' "${headers[@]}") | xargs -0 cat | tr -d '\r' | sha256sum | cut -d ' ' -f 1 > "$output/headers.sha256"
