#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A capture under tight limits works, or says which limit it has hit and how much it needs. And a hook into
# which nothing can be put.
set -eu
. "$(dirname "$0")/steps.sh"
example_create
# The leak sanitizer needs a process of its own at the end.
export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0

# limited LIMIT VALUE COMMAND...: as `ulimit -LIMIT VALUE` says, soft and hard.
limited()
{
	# shellcheck disable=SC2016
	timeout 60 bash -c 'ulimit "-$0" "$1" && shift && exec "$@"' "$@"
}
run=(xdpshark capture "$hook" --duration 0.01 -w "$file" --log-file "$HOME/log" udp)

# Each refusal says how many files it takes; with that many it works. One more may be open at that moment, by
# the thread that makes code for devices.
least=12
needed=$least
for _ in 1 2 3 4 5; do
	limited n "$needed" "${run[@]}" 2>"$HOME/errors" && status=0 || status=$?
	[ $status = 0 ] && break
	check_equal "status" 1 $status
	grep -qxE "xdpshark: (xdpshark may|xdpshark-hookd may) have $needed files open, and for [^:]* it may need [0-9]+: raise the limit \(ulimit -n\), or capture fewer hooks" "$HOME/errors" ||
		fail "with $needed files: $(cat "$HOME/errors")"
	needed=$(sed 's/.*may need \([0-9]*\):.*/\1/' "$HOME/errors")
done
check_equal "status with $needed files: $(cat "$HOME/errors")" 0 $status
[ "$needed" -gt $least ] || fail "it works with $least files"

# Since Linux 5.11 BPF counts in the memory of control groups, and xdpshark starts no thread that it could do
# without.
for limit in 'l 0' 'u 1'; do
	# shellcheck disable=SC2086
	limited $limit "${run[@]}" 2>"$HOME/errors" || fail "ulimit -$limit: $(cat "$HOME/errors")"
	check_equal "interfaces with ulimit -$limit" 1 "$(blocks "$file" IDB description | wc -l)"
done
# Sanitizers need more stack, and reserve terabytes of addresses. The environment is on the stack, too.
if ! ldd "$(command -v xdpshark)" | grep -q libasan; then
	# shellcheck disable=SC2016
	env -i PATH="$PATH" bash -c 'ulimit -s 64; exec "$0" "$@"' "${run[@]}" 2>"$HOME/errors" || fail "ulimit -s 64: $(cat "$HOME/errors")"
	check_refusal 1 "xdpshark: cannot map the capture's rings: the address space is limited to 97 MiB: raise that (ulimit -v), or give a smaller --buffer" \
		limited v 100000 "${run[@]}" --buffer 256
fi
check_equal "slots" "" "$(slots_taken "$hook")"

# killed SIGNAL: xdpshark-hookd is, as soon as it is asked something.
hookd=$(realpath "$(dirname "$(realpath "$(command -v xdpshark)")")/../libexec/xdpshark/xdpshark-hookd")
killed()
{
	# shellcheck disable=SC2016
	printf '#!/bin/sh\nkill -s %s $$\n' "$1" >"$HOME/killed"
	chmod 755 "$HOME/killed"
	# shellcheck disable=SC2016
	unshare --mount sh -c 'mount --bind "$0" "$1" && shift && exec "$@"' "$HOME/killed" "$hookd" "${run[@]}"
}
check_refusal 1 "xdpshark: xdpshark-hookd was killed, as the kernel does when memory is short (see 'dmesg', and the limit of its control group) (during open-points): try again; what it left in a hook's slots the next capture removes" killed KILL
check_refusal 1 "xdpshark: xdpshark-hookd was killed by signal 31 (Bad system call) (during open-points): try again; what it left in a hook's slots the next capture removes" killed SYS

# In a control group with a limit of processes, a filter is not what is wrong.
for folder in /sys/fs/cgroup/pids /sys/fs/cgroup; do
	group=$folder/xdpshark$$
	case $(stat -f -c %T $folder 2>/dev/null) in
	cgroupfs | cgroup2fs) mkdir "$group" 2>/dev/null || continue ;;
	*) continue ;;
	esac
	if [ -e "$group/pids.max" ]; then
		echo 2 >"$group/pids.max"
		# shellcheck disable=SC2016
		check_refusal 1 "xdpshark: capture filter \"udp\": cannot run libpcap: no more processes are allowed: end some, or raise the limit (ulimit -u; in a container or service pids.max)" \
			sh -c 'echo $$ >"$0/cgroup.procs" && exec "$@"' "$group" "${run[@]}"
	fi
	wait_for 20 rmdir "$group" 2>/dev/null
	break
done

# Without /proc no mounts can be seen, and the message says so. (So do sanitizers, at length.)
if ! ldd "$(command -v xdpshark)" | grep -q libasan; then
	check_refusal 1 "xdpshark: /proc/self/mountinfo: cannot read the mounts: No such file or directory" \
		unshare --mount sh -c 'mount -t tmpfs none /proc; exec xdpshark list'
fi

# For good: the kernel has no call that thaws a map.
bpftool map freeze pinned "$hook"
check_refusal 1 "xdpshark: $hook: this map is frozen (bpf_map_freeze), so that no program can be put into it, for good: remove the pin and load the XDP program with a new map, which is not frozen" \
	xdpshark capture "$hook" -w "$file"
check_equal "slots" "" "$(slots_taken "$hook")"
