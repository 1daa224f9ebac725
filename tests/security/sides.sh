#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# sides.sh SOURCE XDPSHARK XDPSHARK_HOOKD: two processes that one can see. The program has nothing of what touches BPF; the
# privileged one has no library that reads what others have written; docs/security.md says how many lines are trusted.
set -eu
source=$1 client=$2 hookd=$3

fail()
{
	echo "FAIL: $*" >&2
	exit 1
}

# symbols FOLDER...: the functions that the files of these rooms define for others.
symbols()
{
	local folder
	for folder; do
		grep -hE '^[a-zA-Z].*\*?\b[a-z0-9_]+\(' "$source/extcap/$folder"/*.h | sed -E 's/^[^(]*\b([a-z0-9_]+)\(.*/\1/' |
			grep -vE '^(G_DEFINE_AUTOPTR_CLEANUP_FUNC|__attribute__)$'
	done | sort -u
}

symbols hookd discovery proof >/tmp/sides.$$
trap 'rm -f /tmp/sides.$$' EXIT
[ "$(wc -l </tmp/sides.$$)" -gt 40 ] || fail "too few functions were found in hookd/ and discovery/: $(wc -l </tmp/sides.$$)"
found=$(nm "$client" | awk '$2 ~ /[TtDdBb]/ { print $3 }' | sort -u | comm -12 - /tmp/sides.$$)
[ -z "$found" ] || fail "xdpshark has functions of hookd/ or discovery/:" $found
found=$(nm "$hookd" | awk '$2 ~ /[Tt]/ { print $3 }' | sort -u | comm -12 - <(symbols cli stat wireshark filter capture output))
[ -z "$found" ] || fail "xdpshark-hookd has functions of the unprivileged side:" $found

# needed FILE: the libraries that it is linked with.
needed()
{
	readelf -d "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'
}
! needed "$hookd" | grep -E 'pcap|json' || fail "xdpshark-hookd is linked with a parser of what others have written"
! needed "$client" | grep -E 'bpf|mnl' || fail "xdpshark is linked with a library for what hookd does"

lines=$(cat "$source"/extcap/{hookd,discovery,proof,model}/*.[ch] "$source"/extcap/call/{call,channel,finding,point_variant,session_call}*.[ch] \
	"$source"/core/*.[ch] "$source"/core/include/cbpf/*.h "$source"/bpf/*.[ch] 2>/dev/null | wc -l)
said=$(sed -n 's/.*The trusted code has some \([0-9,]*\) lines.*/\1/p' "$source/docs/security.md" | tr -d ,)
[ -n "$said" ] && [ $((lines - said)) -le 500 ] && [ $((said - lines)) -le 500 ] ||
	fail "docs/security.md says that some $said lines are trusted; there are $lines"
