#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What docs/hooks.md tells authors of XDP programs: its program, compiled as it says with each set of headers, and loaded
# as it says, has a hook where it says.
set -eu
. "$(dirname "$0")/../capture/steps.sh"
docs=$tests/../docs/hooks.md
flags="-O2 -g -Wall -Wextra -Werror -target bpf -I/usr/include/$(gcc -print-multiarch) $(pkg-config --cflags xdpshark)"
command -v clang >/dev/null || { echo "SKIP: no clang"; exit 77; }
cd "$HOME"

# The program of the docs, and without its includes.
sed -n '/^```c$/,/^```$/p' "$docs" | grep -v '^```' >fw.c
grep -v '^#include' fw.c >body.c
sed 's/XDPSHARK_HOOK(/XDPSHARK_HOOK_UNPINNED(/' fw.c >unpinned.c
bpftool btf dump file /sys/kernel/btf/vmlinux format c >vmlinux.h

# A loader with headers of its own, as those in Go have them.
mkdir other
cat >other/common.h <<'END'
typedef unsigned int __u32;
typedef unsigned long long __u64;
enum bpf_map_type { BPF_MAP_TYPE_PROG_ARRAY = 3 };
enum xdp_action { XDP_ABORTED, XDP_DROP, XDP_PASS, XDP_TX, XDP_REDIRECT };
enum { LIBBPF_PIN_BY_NAME = 1 };
struct xdp_md { __u32 data; };
END
cat >other/bpf_helpers.h <<'END'
#define __BPF_HELPERS__
#define SEC(NAME) __attribute__((section(NAME), used))
#define __uint(name, val) int(*name)[val]
#define __always_inline inline __attribute__((always_inline))
static long (*bpf_tail_call)(void *ctx, void *prog_array_map, __u32 index) = (void *)12;
END

# compile NAME LINE...: the program behind these lines. xdpshark's own folder is the last one.
compile()
{
	local name=$1
	shift
	{
		printf '%s\n' "$@"
		echo '#include "body.c"'
	} >"$name.c"
	# shellcheck disable=SC2086
	clang $flags -I. -Iother -c "$name.c" -o "$name.o" || fail "headers: $*"
}
own='#include "xdpshark_hook.h"'
helpers='#include <bpf/bpf_helpers.h>'
compile uapi '#include <linux/bpf.h>' "$helpers" "$own"
compile alone "$own"
compile core '#include "vmlinux.h"' "$helpers" "$own"
compile core_alone '#include "vmlinux.h"' "$own"
compile twice '#include "vmlinux.h"' "$own" "$own" "$helpers"
compile other '#include "common.h"' '#include "bpf_helpers.h"' "$own"
if [ -e /usr/include/xdp/xdp_helpers.h ]; then
	compile libxdp '#include <linux/bpf.h>' "$helpers" '#include <xdp/xdp_helpers.h>' "$own"
fi
# shellcheck disable=SC2086
clang $flags -c unpinned.c -o unpinned.o

# loaded HOW PATH: a hook is there, and the only one.
loaded()
{
	check_equal "hooks, loaded by $1" "$2" "$(xdpshark list --json | python3 -c '
import json, sys
print(*[h["path"] for h in json.load(sys.stdin) if h.get("path")])')"
}

world_create
for object in uapi core other; do
	bpftool prog load $object.o /sys/fs/bpf/firewall
	loaded "bpftool prog load, $object" /sys/fs/bpf/fw
	rm /sys/fs/bpf/fw /sys/fs/bpf/firewall
done

bpftool prog loadall unpinned.o /sys/fs/bpf/fw_progs pinmaps /sys/fs/bpf/fw_maps
loaded "bpftool prog loadall, unpinned" /sys/fs/bpf/fw_maps/fw
rm -r /sys/fs/bpf/fw_progs /sys/fs/bpf/fw_maps
! bpftool prog loadall uapi.o /sys/fs/bpf/fw_progs pinmaps /sys/fs/bpf/fw_maps 2>"$HOME/refusal" ||
	fail "bpftool takes pinmaps for a map with a pin path: docs/hooks.md says that it does not"
grep -q "already has pin path" "$HOME/refusal" || fail "bpftool says: $(cat "$HOME/refusal")"
rm -rf /sys/fs/bpf/fw /sys/fs/bpf/fw_progs /sys/fs/bpf/fw_maps

on "$server" ip link set dev server0 xdp obj uapi.o sec xdp
loaded ip /sys/fs/bpf/tc/globals/fw
on "$server" ip link set dev server0 xdp off
rm /sys/fs/bpf/tc/globals/fw

if command -v xdp-loader >/dev/null; then
	on "$server" xdp-loader load -p /sys/fs/bpf server0 uapi.o
	loaded xdp-loader /sys/fs/bpf/fw
	on "$server" xdp-loader unload server0 --all
	rm /sys/fs/bpf/fw
	on "$server" xdp-loader load server0 uapi.o
	loaded "xdp-loader without -p" ""
	on "$server" xdp-loader unload server0 --all
fi
