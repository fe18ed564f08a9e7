#!/bin/bash
# Installs what `dotnet run -c Release --project benchmarks/Compare` compares with, as far as the system's package manager has it.
# The product needs none of it.
set -u

needed=(g++ cmake nlohmann-json3-dev)
peers=(libdnnl-dev libopenblas0-pthread libblis4 python3-numpy python3-torch libbenchmark-dev)

if ! command -v apt-get > /dev/null; then
  echo "no apt-get here; install with your own package manager what there is of: ${needed[*]} ${peers[*]}" >&2
  exit 1
fi
sudo=()
[ "$(id -u)" = 0 ] || sudo=(sudo)
"${sudo[@]}" apt-get update || exit 1
"${sudo[@]}" apt-get install -y --no-install-recommends "${needed[@]}" || exit 1
missing=()
for peer in "${peers[@]}"; do
  "${sudo[@]}" apt-get install -y --no-install-recommends "$peer" || missing+=("$peer")
done
[ ${#missing[@]} = 0 ] || echo "not installed, and left out of the comparison: ${missing[*]}" >&2
