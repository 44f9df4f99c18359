#!/usr/bin/env bash
# Prints, as KEY=VALUE lines, the environment for building wasm components where rustup cannot add the target
# wasm32-unknown-unknown: unpacks Debian's rustc and the source of its std into DIR; installs nothing.
# `cargo xtask plugins` calls it; by hand: env $(plugins/toolchain.sh DIR | grep -v FLAGS) cargo build -Zbuild-std ...
set -euo pipefail
dir=${1:?usage: toolchain.sh DIR}
[ "$(uname -sm)" = "Linux x86_64" ] || { echo "this way works on 64-bit Debian for x86 only" >&2; exit 1; }
mkdir -p "$dir"; dir=$(cd "$dir" && pwd)
if [ ! -x "$dir/rustc" ]; then
  ( mkdir -p "$dir/debs" "$dir/unpacked" && cd "$dir/debs"
    apt-get update >&2
    needs() { apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks \
                --no-replaces --no-enhances rustc-web | grep -oE "^$1" | sort -V | tail -n 1; }
    lib=$(needs 'libstd-rust-web-[0-9.]+') llvm=$(needs 'libllvm[0-9]+')
    apt-get download rustc-web "$lib" libstd-rust-web-dev rust-web-src "$llvm" >&2
    for deb in *.deb; do dpkg -x "$deb" ../unpacked; done
    rm -f ./*.deb )
  printf '#!/bin/sh\nLD_LIBRARY_PATH=%s/unpacked/usr/lib/x86_64-linux-gnu exec %s/unpacked/usr/bin/rustc "$@"\n' "$dir" "$dir" >"$dir/rustc"
  chmod +x "$dir/rustc"
fi
bin=$(rustup run stable rustc --print sysroot 2>/dev/null || rustc --print sysroot)/lib/rustlib/x86_64-unknown-linux-gnu/bin
cat <<ENV
RUSTC_BOOTSTRAP=1
RUSTC=$dir/rustc
CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=$bin/wasm-component-ld
CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS=-Clinker-flavor=wasm-ld -Clink-arg=--wasm-ld-path=$bin/gcc-ld/wasm-ld
ENV
