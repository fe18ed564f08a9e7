#!/usr/bin/env bash
# Sees to it that CMake, a C++20 compiler and the headers of Highway and Eigen are there. On Debian and Ubuntu, as root or
# with sudo, it installs what is missing and says so; elsewhere it names what is missing. Without those headers the
# build fetches them itself, so that they alone are never an error.
set -euo pipefail

has_compiler() {
  local compiler
  for compiler in "${CXX:-}" c++ g++ clang++; do
    if [[ -n $compiler ]] && command -v "$compiler" > /dev/null &&
       echo '#include <concepts>
             #include <span>
             int main() { return 0; }' | "$compiler" -std=c++20 -x c++ -fsyntax-only - 2> /dev/null; then
      return 0
    fi
  done
  return 1
}

has_generator() { command -v ninja > /dev/null || command -v make > /dev/null; }

has_header() {
  local prefix
  for prefix in /usr /usr/local /opt/homebrew ${CMAKE_PREFIX_PATH:+"${CMAKE_PREFIX_PATH//:/ }"}; do
    [[ -e $prefix/include/$1 ]] && return 0
  done
  return 1
}

missing=()
packages=()
required=false
command -v cmake > /dev/null || { missing+=("CMake 3.21 or later"); packages+=(cmake); required=true; }
has_generator || { missing+=("Ninja or Make"); packages+=(ninja-build); required=true; }
has_compiler || { missing+=("a C++20 compiler"); packages+=(g++); required=true; }
has_header hwy/foreach_target.h || { missing+=("the Highway headers"); packages+=(libhwy-dev); }
has_header eigen3/Eigen/Core || { missing+=("the Eigen headers"); packages+=(libeigen3-dev); }
[[ ${#missing[@]} -eq 0 ]] && exit 0

list=$(printf '%s, ' "${missing[@]}")
list=${list%, }

elevate=()
if [[ $(id -u) -ne 0 ]]; then
  if command -v sudo > /dev/null && { [[ -t 0 ]] || sudo -n true 2> /dev/null; }; then elevate=(sudo); else elevate=(false); fi
fi

if command -v apt-get > /dev/null && [[ ${elevate[*]:-} != false ]]; then
  echo "Missing: $list. Installing from the system's packages: ${packages[*]}"
  "${elevate[@]}" apt-get update -qq || true
  if "${elevate[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}" > /dev/null; then
    exit 0
  fi
fi

if $required; then
  echo "install-prerequisites.sh: error: missing: $list. On Debian and Ubuntu: apt-get install ${packages[*]}" >&2
  exit 1
fi
echo "Missing: $list. CMake will fetch them."
