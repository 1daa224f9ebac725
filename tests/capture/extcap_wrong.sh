#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Whatever was saved for an option, Wireshark does not wait forever: the FIFOs are opened before the options are
# parsed, the error names the option, and the capture ends. Each number has a range, which the dialog checks.
set -eu
. "$(dirname "$0")/steps.sh"
command -v tshark >/dev/null || { echo "SKIP: needs tshark"; exit 77; }
example_create
mkfifo "$HOME/fifo" "$HOME/in" "$HOME/out" "$HOME/unread"

declare -A wrong=(
	[integer]="-3 -1 99999999999999999999 abc 0x10 1e3"
	[double]="-5 -0.1 1e400 nan abc 1,5"
	[selector]="nonsense -1"
	[multicheck]="nonsense drop,nonsense"
	[fileselect]="$HOME/missing/log $HOME $HOME/unread"
)

# A line for each option: name and type.
xdpshark --extcap-config --extcap-interface "xdp:$hook" >"$HOME/config"
sed -n 's/^arg {number=[0-9]*}{call=--\([^}]*\)}.*{type=\([^}]*\)}.*/\1 \2/p' "$HOME/config" >"$HOME/options"
check_equal "options" "$(grep -c '^arg ' "$HOME/config")" "$(wc -l <"$HOME/options")"
check_equal "numbers without a range from 0 on" "" \
	"$(grep -E '\{type=(integer|unsigned|long|double)\}' "$HOME/config" | grep -vE '\{range=0,[1-9][0-9]*\}' || true)"

# refused OPTION VALUE: as dumpcap calls, with a toolbar's FIFOs, too.
refused()
{
	local reader writer option=$1 value=$2
	cat "$HOME/fifo" >"$HOME/stream" &
	reader=$!
	timeout 60 bash -c 'echo >"$1"' write "$HOME/in" &
	writer=$!
	with_limit xdpshark --capture --extcap-interface "xdp:$hook" --fifo "$HOME/fifo" --extcap-control-out "$HOME/out" \
		--extcap-control-in "$HOME/in" "--$option" "$value" >"$HOME/stdout" 2>"$HOME/stderr" </dev/null &&
		fail "--$option '$value' is taken"
	check_equal "lines on --$option '$value'" 1 "$(wc -l <"$HOME/stderr")"
	grep -qF -e "--$option" -e "$value" "$HOME/stderr" || fail "it says of --$option '$value': $(cat "$HOME/stderr")"
	wait $reader
	check_equal "bytes in the FIFO" 0 "$(stat -c %s "$HOME/stream")"
	wait $writer || fail "--extcap-control-in was not opened"
}

while read -r option type; do
	[ "$type" != boolflag ] || continue
	for value in ${wrong[$type]}; do
		refused "$option" "$value"
	done
done <"$HOME/options"

# An argument that lacks its value, and a filter that looks like an argument.
cat "$HOME/fifo" >"$HOME/stream" &
check_refusal 2 "xdpshark: Missing argument for --count: change it in the interface's options (the gear)" \
	xdpshark --capture --extcap-interface "xdp:$hook" --fifo "$HOME/fifo" --count
wait $!
cat "$HOME/fifo" >"$HOME/stream" &
check_run 1 xdpshark --capture --extcap-interface "xdp:$hook" --extcap-capture-filter --fifo --fifo "$HOME/fifo"
wait $!
grep -qF 'capture filter "--fifo"' "$HOME/stderr" || fail "it says of a filter: $(cat "$HOME/stderr")"

# The real dumpcap and tshark, with a value that was saved.
preference=extcap.$(sed 's/[^A-Za-z0-9]/_/g' <<<"xdp:$hook")
while read -r option type; do
	[ "$type" != boolflag ] || continue
	read -r value _ <<<"${wrong[$type]}"
	status=0
	timeout 60 tshark -i "xdp:$hook" -o "$preference.${option//-/}:$value" -w "$file" >"$HOME/stdout" 2>"$HOME/stderr" || status=$?
	[ $status != 124 ] || fail "tshark waits for ever with --$option '$value'"
	[ $status != 0 ] || fail "tshark takes --$option '$value'"
	grep 'Error by extcap pipe' "$HOME/stderr" | grep -qF -e "--$option" -e "$value" ||
		fail "tshark says of --$option '$value': $(cat "$HOME/stderr")"
done <"$HOME/options"
check_equal "slots" "" "$(slots_taken "$hook")"
