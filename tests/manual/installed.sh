#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# After `cmake --install` man finds each page, with the one of its section, and shows it.
set -eu
. "$(dirname "$0")/../capture/steps.sh"
command -v man >/dev/null || { echo "SKIP: man is not installed"; exit 77; }
pages=$(cd "$tests/../docs/man" && echo *.[1-9])
export MANPATH=/usr/local/share/man

for page in $pages; do
	name=${page%.*} number=${page##*.}
	check_equal "what man finds as $name($number)" "/usr/local/share/man/man$number/$page" "$(man -w "$number" "$name")"
	man "$number" "$name" >"$HOME/text" 2>"$HOME/stderr" || fail "man $number $name: $(cat "$HOME/stderr")"
	grep -q '^NAME' "$HOME/text" || fail "$page has no NAME"
done
check_equal "pages in the folder of the documentation" "" "$(find /usr/local/share/doc/xdpshark -name '*.[1-9]')"
