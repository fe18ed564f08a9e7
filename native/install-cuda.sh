#!/usr/bin/env bash
# Installs what the CUDA module is built with on Debian (bookworm's 11.8 is in the non-free component) or Ubuntu:
# nvcc, the headers of cuBLASLt and NVRTC, and g++-11, the newest host compiler that CUDA 11.8 takes.
set -euo pipefail

if command -v nvcc >/dev/null && command -v g++-11 >/dev/null; then
  exit 0
fi
if ! command -v apt-get >/dev/null; then
  echo "install-cuda.sh: no apt-get here; install CUDA 11.8 or later from https://developer.nvidia.com/cuda-downloads" >&2
  exit 1
fi
root=()
[ "$(id -u)" = 0 ] || root=(sudo)

. /etc/os-release
# A package that others only refer to has no version; apt-cache show takes it for one that is there.
if [ "$ID" = debian ] && [ -z "$(apt-cache madison nvidia-cuda-toolkit 2>/dev/null)" ]; then
  "${root[@]}" tee /etc/apt/sources.list.d/nativechain-cuda.sources >/dev/null <<EOF
Types: deb
URIs: http://deb.debian.org/debian
Suites: $VERSION_CODENAME
Components: contrib non-free
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
EOF
fi
"${root[@]}" apt-get update -q
"${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends nvidia-cuda-toolkit g++-11
