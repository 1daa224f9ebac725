#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Built with XDPSHARK_CLIENT_ONLY, the program needs nothing of BPF: neither headers nor libraries nor tools. It lists,
# captures and checks filters on other hosts, and says of this one that it cannot. With XDPSHARK_POSIX it needs nothing
# that Linux alone has, either.
set -eu
. "$(dirname "$0")/../capture/steps.sh"
example_create
# What leads to "another host": the program that is installed.
real=$(realpath "$(command -v xdpshark)")
printf '#!/bin/sh\nwhile [ "$1" != -- ]; do shift; done\nshift; shift\nexec %s "$@"\n' "$real" >"$HOME/exec"
chmod +x "$HOME/exec"
# ssh runs a command line.
mkdir "$HOME/bin"
printf '#!/bin/sh\nfor line; do :; done\neval "set -- $line"\nshift\nexec %s "$@"\n' "$real" >"$HOME/bin/ssh"
chmod +x "$HOME/bin/ssh"

# hidden COMMAND...: where there is nothing of BPF; nor, if $posix says so, of what Linux alone has.
echo '#error "there is no such header here"' >"$HOME/none.h"
hidden()
{
	unshare --mount --propagation private bash -c '
		none=$1
		shift
		for file in /usr/include/linux/bpf.h /usr/lib/*/pkgconfig/libbpf.pc /usr/lib/*/pkgconfig/libmnl.pc \
			/usr/lib/*/pkgconfig/libseccomp.pc /usr/include/seccomp.h /usr/bin/clang* /usr/sbin/bpftool; do
			[ ! -e "$file" ] || mount --bind /dev/null "$(realpath "$file")"
		done
		for folder in /usr/include/bpf /usr/include/libmnl; do
			[ ! -d "$folder" ] || mount -t tmpfs tmpfs "$folder"
		done
		if [ "$posix" = ON ]; then
			mount --bind /dev/null "$(realpath /usr/lib/*/pkgconfig/libcap-ng.pc)"
			for file in /usr/include/cap-ng.h /usr/include/linux/{filter,bpf_common,if_arp,if_ether,types}.h \
				/usr/include/*/sys/{signalfd,timerfd,eventfd,epoll,prctl,auxv,xattr,sendfile,inotify}.h; do
				mount --bind "$none" "$(realpath "$file")"
			done
		fi
		exec "$@"' hidden "$HOME/none.h" "$@"
}

# client_build: $client_only is the program then.
client_build()
{
	local source
	source=$(realpath "$tests/..")
	hidden cmake -S "$source" -B "$HOME/build-$posix" -G Ninja -DXDPSHARK_CLIENT_ONLY=ON -DXDPSHARK_POSIX=$posix -DXDPSHARK_WERROR=ON \
		-DCMAKE_DISABLE_FIND_PACKAGE_Wireshark=ON -DCMAKE_BUILD_TYPE=Debug >"$HOME/log" 2>&1 || fail "cmake: $(cat "$HOME/log")"
	hidden cmake --build "$HOME/build-$posix" -j2 >"$HOME/log" 2>&1 || fail "build: $(cat "$HOME/log")"
	[ ! -e "$HOME/build-$posix/extcap/xdpshark-hookd" ] || fail "there is a privileged part"
	rm -rf "$HOME/stage"
	DESTDIR=$HOME/stage cmake --install "$HOME/build-$posix" >"$HOME/log" || fail "install: $(cat "$HOME/log")"
	client_only=$(find "$HOME/stage" -type f -name xdpshark -perm -u+x)
	! ldd "$client_only" | grep -E 'libbpf|libelf|libmnl|libseccomp' || fail "it is linked with what it does not need"
}

# What of the C library other systems do not have.
client_check_calls()
{
	local calls='signalfd|timerfd_|eventfd|epoll_|pipe2|prctl|syscall|fallocate|getres|setres|fopencookie|capng_|accept4|ppoll|memfd_|splice|pidfd_|getauxval|getxattr|clock_getcpuclockid|getrandom|inotify_|sendfile|unshare|setns|program_invocation'
	! nm -D -u "$client_only" | awk '{ print $2 }' | grep -E "^($calls)" || fail "it calls what Linux alone has"
}

client_use()
{
	"$client_only" list --transport "$HOME/exec --" >"$HOME/list" 2>"$HOME/errors" || fail "list: $(cat "$HOME/errors")"
	PATH=$HOME/bin:$PATH "$client_only" list ssh://web1 >"$HOME/list" 2>"$HOME/errors" || fail "list: $(cat "$HOME/errors")"
	grep -q "^$hook *server0.* example#" "$HOME/list" || fail "list: $(cat "$HOME/list")"
	PATH=$HOME/bin:$PATH "$client_only" capture "ssh://web1$hook" -w "$file" -c 2 udp 2>"$HOME/errors" &
	capture=$!
	capture_wait
	send --count 2 1001 >/dev/null
	wait $capture || fail "capture: $(cat "$HOME/errors")"
	check_equal "packets" 2 "$(packets)"
	check_equal "interface" "web1:example_hook" "$(blocks "$file" IDB name)"
	# Ended by a signal, into several files, compressed, and printed.
	PATH=$HOME/bin:$PATH "$client_only" capture "ssh://web1$hook" --json --print -w "$HOME/some.pcapng.gz" -C 1 -W 2 udp \
		>"$HOME/printed" 2>"$HOME/errors" &
	capture=$!
	capture_wait
	send --count 3 1001 >/dev/null
	wait_for 20 grep -q '"written":3' "$HOME/errors" || fail "no packets: $(cat "$HOME/errors")"
	kill -s TERM $capture
	wait $capture || fail "ended by a signal: $(cat "$HOME/errors")"
	check_equal "packets, compressed" 3 "$(tshark -r "$(ls "$HOME"/some*)" 2>/dev/null | wc -l)"
	check_equal "packets, printed" 3 "$(grep -c DROP "$HOME/printed")"
	rm "$HOME"/some*
	wait_for 20 is_not_capturing || fail "the capture goes on there"
	PATH=$HOME/bin:$PATH "$client_only" filter ssh://web1 -O udp port 53 >"$HOME/shown" 2>"$HOME/errors" || fail "filter: $(cat "$HOME/errors")"
	cmp -s "$HOME/shown" <(xdpshark filter -O udp port 53) || fail "filter: $(cat "$HOME/shown")"
	PATH=$HOME/bin:$PATH check_refusal 1 "xdpshark: web1: can't parse filter expression: syntax error" "$client_only" filter ssh://web1 udp prot 53
	PATH=$HOME/bin:$PATH check_refusal 1 "xdpshark: web1: capture filter \"udp prot 53\": can't parse filter expression: syntax error" \
		"$client_only" capture "ssh://web1$hook" udp prot 53
	"$client_only" --extcap-interfaces | grep -q '{value=xdp-remote}' || fail "Wireshark's interfaces"
	check_equal "controls of the toolbar" 10 "$("$client_only" --extcap-interfaces | grep -c '^control')"
	check_equal "interfaces in Wireshark" 1 "$("$client_only" --extcap-interfaces | grep -c '^interface')"
	for arguments in list "capture $hook"; do
		# shellcheck disable=SC2086
		check_refusal 1 "xdpshark: this xdpshark captures from other hosts only: name one, such as ssh://web1/sys/fs/bpf/fw" "$client_only" $arguments
	done
	check_refusal 2 "xdpshark: filter: name a host that checks the filter, then the filter: xdpshark filter ssh://HOST FILTER" "$client_only" filter udp
	check_equal "examples of what this one cannot do" "" "$("$client_only" help | grep '^  xdpshark ' | grep -v ssh://)"
}

for posix in OFF ON; do
	export posix
	client_build
	[ $posix = OFF ] || client_check_calls
	client_use
done
