#!/usr/bin/env pwsh
<#
.SYNOPSIS
Builds, tests and packs NativeChain: a thin front over the commands that it prints. Any combination of switches; without one, -Build.
#>
[CmdletBinding()]
param(
    [switch] $Native,    # the native core with its tests
    [switch] $Bindings,  # the C# bindings, from the C headers
    [switch] $Build,     # the C# solution, which builds the native library by itself
    [switch] $Test,      # the C# tests, and the native ones with -Native
    [switch] $Bench,     # every benchmark, and their comparison
    [switch] $Pack,      # the NuGet packages, into artifacts/packages
    [switch] $Clean,     # every output, before anything else
    [string] $Configuration = 'Release'
)

$ErrorActionPreference = 'Stop'
Set-Location $PSScriptRoot

function Invoke-Step {
    Write-Host "> $args" -ForegroundColor Cyan
    & $args[0] $args[1..($args.Length - 1)]
    if ($LASTEXITCODE -ne 0) { throw "$($args[0]) ended with $LASTEXITCODE" }
}

if (-not ($Native -or $Bindings -or $Build -or $Test -or $Bench -or $Pack -or $Clean)) { $Build = $true }

if ($Clean) {
    Get-ChildItem -Recurse -Directory -Include bin, obj | Remove-Item -Recurse -Force -ErrorAction Ignore
    Remove-Item -Recurse -Force -ErrorAction Ignore artifacts, native/build
}
if ($Native) {
    if (-not $IsWindows) { Invoke-Step bash native/install-prerequisites.sh }
    Invoke-Step cmake -S native -B native/build/release '-DCMAKE_BUILD_TYPE=Release'
    Invoke-Step cmake --build native/build/release --config Release --parallel
    if ($Test) { Invoke-Step ctest --test-dir native/build/release -C Release --output-on-failure }
}
if ($Bindings) { Invoke-Step bash bindings/generation/generate.sh }
if ($Build) { Invoke-Step dotnet build NativeChain.sln -c $Configuration }
if ($Test) { Invoke-Step dotnet test NativeChain.sln -c $Configuration }
if ($Bench) { Invoke-Step dotnet run -c Release --project benchmarks/Compare }
if ($Pack) { Invoke-Step dotnet pack NativeChain.sln -c Release -p:CompileAhead=true -o artifacts/packages }
