#!/usr/bin/env bash
# Packs the packages into a feed of their own, and uses them as a stranger would: a new console project outside the
# repository that trains two steps, run framework-dependent, then published self-contained and trimmed. Ends with
# "N passed, N failed".
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
rid=linux-x64
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 MSBUILDDISABLENODEREUSE=1
# Nothing of the repository, nor of an earlier run, may stand in for the packages.
unset NATIVECHAIN_LIBRARY_PATH
export NUGET_PACKAGES=$work/packages

passed=0
failed=0
# check NAME COMMAND...: the status of the command decides. Steps of a function are chained by &&, as errexit is off in it.
check() {
  local name=$1
  shift
  echo "== $name"
  if "$@" > "$work/log" 2>&1; then
    echo "   ok"
    passed=$((passed + 1))
  else
    echo "   FAILED"
    sed 's/^/   | /' "$work/log" | tail -n 40
    failed=$((failed + 1))
  fi
}

pack() {
  # The packages folder of the pack itself is the usual one.
  env -u NUGET_PACKAGES dotnet pack "$root/NativeChain.sln" -c Release -p:CompileAhead=true -o "$work/feed" -nodeReuse:false
}

new_project() {
  mkdir -p "$work/app"
  cd "$work/app"
  local version
  version=$(basename "$work"/feed/NativeChain.Runtime.Cpu.*.nupkg .nupkg)
  version=${version#NativeChain.Runtime.Cpu.}
  cat > NuGet.config << EOF
<configuration>
  <packageSources>
    <clear />
    <add key="packed" value="$work/feed" />
    <add key="nuget.org" value="https://api.nuget.org/v3/index.json" />
  </packageSources>
  <packageSourceMapping>
    <packageSource key="packed"><package pattern="NativeChain*" /></packageSource>
    <packageSource key="nuget.org"><package pattern="*" /></packageSource>
  </packageSourceMapping>
</configuration>
EOF
  cat > app.csproj << EOF
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <OutputType>Exe</OutputType>
    <TargetFramework>net10.0</TargetFramework>
    <Nullable>enable</Nullable>
    <ImplicitUsings>enable</ImplicitUsings>
    <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
  </PropertyGroup>
  <ItemGroup>
    <PackageReference Include="NativeChain" Version="$version" />
  </ItemGroup>
</Project>
EOF
  cp "$root/tests/package-smoke.cs" Program.cs
  dotnet restore
}

trains() {
  local output
  output=$("$@") || return
  echo "$output"
  grep -qx 'trained 2 steps: the loss fell' <<< "$output"
}

framework_dependent() {
  cd "$work/app" &&
    dotnet build -c Release --no-restore -nodeReuse:false &&
    trains bin/Release/net10.0/app
}

self_contained_and_trimmed() {
  cd "$work/app" &&
    dotnet publish -c Release -r $rid --self-contained -p:PublishTrimmed=true -o "$work/trimmed" -nodeReuse:false &&
    [[ -f $work/trimmed/libnativechain.so ]] &&
    trains env -u DOTNET_ROOT "$work/trimmed/app"
}

check "pack" pack
check "the packages hold the assemblies, their documentation and the library" bash -c "
  set -e
  cd '$work'
  unzip -l feed/NativeChain.Runtime.Cpu.*.nupkg | grep -q 'runtimes/$rid/native/libnativechain.so'
  main=\$(ls feed/NativeChain.[0-9]*.nupkg)
  for file in NativeChain.dll NativeChain.xml NativeChain.Training.dll NativeChain.Training.xml NativeChain.Interop.dll; do
    unzip -l \"\$main\" | grep -q \" lib/net10.0/\$file\"
  done
  for file in NativeChain.dll NativeChain.Training.dll NativeChain.Interop.dll; do
    unzip -l \"\$main\" | grep -q \" runtimes/$rid/lib/net10.0/\$file\"
  done
  unzip -p \"\$main\" '*.nuspec' | grep -q 'dependency id=\"NativeChain.Runtime.Cpu\"'"
check "a new project restores them" new_project
check "framework-dependent: builds and trains" framework_dependent
check "self-contained and trimmed: publishes without a warning and trains" self_contained_and_trimmed
echo "$passed passed, $failed failed"
[[ $failed -eq 0 ]]
