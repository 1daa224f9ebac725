#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Options that people know from tcpdump and dumpcap are accepted with their meaning, or answered with a line
# that says what to use here.
set -eu
. "$(dirname "$0")/steps.sh"
example_create

# taken WORD...: nothing is printed, and there is a capture in $file.
taken()
{
	rm -f "$file"
	# shellcheck disable=SC2094
	timeout 60 xdpshark capture --duration 0.1 "$@" >"$HOME/stdout" 2>"$HOME/stderr" </dev/null || fail "not taken: $*: $(cat "$HOME/stderr")"
	check_equal "what is said by: $*" "$said" "$(cat "$HOME/stderr")"
	[ -e "$file" ] || mv "$HOME/stdout" "$file"
	check_equal "interfaces of: $*" 1 "$(blocks "$file" IDB snaplen | wc -l)"
}

has()
{
	check_equal "$1 after: $3" "$2" "$(blocks "$file" IDB "$1")"
}

said=
# Values that are glued to their letters, and letters in a row.
taken "$hook" -w-
taken "$hook" -Uw -
taken "$hook" -Uw "$file"
taken "$hook" "-w$file"
taken -pnlUw- "$hook"
taken "$hook" -s0 -w-
has snaplen 262144 -s0
taken "$hook" -s96 -w-
has snaplen 96 -s96
taken "-nUs96" "$hook" -w "$file" udp
has snaplen 96 -nUs96
has filter udp -nUs96
taken "-nUs" 96 "$hook" -w "$file"
has snaplen 96 "-nUs 96"
taken -ni "$hook" -c10 -B4 -Znobody -w- -f "udp port 53"
has filter "udp port 53" -f
taken "-i$hook" -w- -k -y EN10MB --linktype=en10mb -Q in --time-stamp-precision nano --immediate-mode \
	--no-promiscuous-mode --packet-buffered --snapshot-length=96 --buffer-size 2 udp port 53
has snaplen 96 --snapshot-length
has filter "udp port 53" "long options"
# A value is a value, whatever it looks like.
(
	cd "$HOME"
	file=$HOME/-n
	taken "$hook" -w -n
	taken "$hook" --write -n
	[ -e "$file" ] || fail "no file of the name -n"
)
taken -w- -- "$hook" udp

# Actions add up, and dumpcap's stop conditions are not actions.
counts()
{
	check_equal "actions with $*" "$expected" "$(blocks "$file" EPB comment | sed 's/.*action=\([A-Z]*\).*/\1/' | sort | uniq -c | awk '{ print $2 "=" $1 }' | paste -sd ' ')"
}
captured()
{
	local expected=$1 slots=$2 before
	shift 2
	capture_launch "$hook" -w "$file" "$@"
	capture_wait "$slots"
	before=$(server_received)
	send --count 50 1000 1001 1002 1003 1004 >/dev/null
	wait_for 20 server_has_received $((before + 50)) || fail "packets do not arrive"
	capture_end
	counts "$@"
}
captured "DROP=10 TX=10" "1 3" -a drop -a tx
captured "ABORTED=10 DROP=10 TX=10" "0 1 3" -adrop,tx --actions aborted -a drop
captured "ABORTED=10 DROP=10 PASS=10 REDIRECT=10 TX=10" "0 1 2 3 4" -a duration:600
capture_launch "$hook" -w "$file" -a packets:7 -a drop --autostop duration:600
capture_wait 1
send --count 50 1000 1001 1002 1003 1004 >/dev/null
wait_for 20 process_has_ended "$capture" || fail "-a packets:7 does not end it"
wait "$capture" || fail "-a packets:7: $(cat "$HOME/errors")"
check_equal "packets with -a packets:7" 7 "$(packets)"
capture_launch "$hook" -w "$file" -a duration:0.1
capture_join

# Options for the reader of the capture.
said="xdpshark: packets are not printed here: -e -X -t -t -T fields is for what prints them (tcpdump -r FILE -e -X -t -t -T fields)"
taken "$hook" -neX -tt -T fields -w-
said="xdpshark: packets are not printed here: --number -A is for what prints them (tcpdump -r FILE --number -A)"
taken "$hook" --number -A -w-
said=
taken "$hook" -q -neX -w-

# The hooks.
for words in -D -nD --list-interfaces; do
	check_run 0 xdpshark capture $words
	grep -q "^$hook .*server0" "$HOME/stdout" || fail "$words: $(cat "$HOME/stdout")"
done

# elsewhere TEXT WORD...
elsewhere()
{
	local text=$1
	shift
	check_refusal 2 "xdpshark: $text" xdpshark capture "$hook" -w "$HOME/none" "$@"
	[ ! -e "$HOME/none" ] || fail "a file after: $*"
}

rotation="-C SIZE, -G SECONDS and -W FILES make several files, as in tcpdump; with dumpcap's names so does a pipe: | dumpcap -i - -w FILE -b filesize:KB (or duration:SECONDS, files:N)"
elsewhere "-b filesize:1000: $rotation" -b filesize:1000
elsewhere "--ring-buffer files:3: $rotation" --ring-buffer=files:3
elsewhere "-a filesize:1000: dumpcap can do that: | dumpcap -i - -w FILE -a filesize:1000" -a filesize:1000
elsewhere "-a files:2: dumpcap can do that: | dumpcap -i - -w FILE -a files:2" -afiles:2
elsewhere "--actions: 'blocks:2' is none of aborted, drop, pass, tx, redirect" -a blocks:2
elsewhere "--duration: 'long' is not a number of seconds from 0 to 1000000000" -a duration:long
elsewhere "-r x.pcap: tshark -r reads files; 'xdpshark filter --match FILE FILTER' tries a filter on one" -r x.pcap
elsewhere "-L: XDP hooks have Ethernet frames (EN10MB)" -L
elsewhere "-y RAW: XDP hooks have Ethernet frames (EN10MB)" -yRAW
elsewhere "-Q out: XDP sees what is received (in), and nothing else" -Q out
elsewhere "-d: 'xdpshark filter FILTER' shows what a filter compiles to" -d udp
elsewhere "-d: 'xdpshark filter FILTER' shows what a filter compiles to" -ddd udp
elsewhere "-I: there is no monitor mode at XDP" -I
elsewhere "-Y xdp.action == DROP: display filters are for the reader: tshark -i xdp:HOOK -Y FILTER, or | tshark -r - -Y FILTER" -Y 'xdp.action == DROP'
elsewhere "-P: pcapng is written; --pcap, or a name that ends in .pcap, makes it pcap" -P
elsewhere "Unknown option -9" -n9
elsewhere "Missing argument for -i" -i
elsewhere "Missing argument for -w" -Uw
elsewhere "Missing argument for --interface" --interface
elsewhere "Missing argument for -r" -nr

# Display filters where capture filters belong.
display_filter()
{
	check_refusal 1 "xdpshark: capture filter \"$1\": can't parse filter expression: syntax error: $2" xdpshark capture "$hook" -w "$HOME/none" "$1"
}
display_filter "xdp.action == DROP" "xdp.action is for display filters: a capture filters by action with '-a drop' (in Wireshark: Actions, in the options of the interface)"
display_filter "xdp.action == 3 && udp" "xdp.action is for display filters: a capture filters by action with '-a tx' (in Wireshark: Actions, in the options of the interface)"
display_filter "xdp.queue == 3" "xdp.queue is for display filters; capture filters are those of tcpdump, such as 'udp port 53' or 'host 10.0.0.1' (pcap-filter(7))"
display_filter "ip.addr == 10.0.0.1" "ip.addr is for display filters; capture filters are those of tcpdump, such as 'udp port 53' or 'host 10.0.0.1' (pcap-filter(7))"
check_run 0 xdpshark --extcap-interface "xdp:$hook" --extcap-capture-filter "xdp.action == DROP"
grep -q "Actions, in the options of the interface" "$HOME/stdout" || fail "Wireshark shows: $(cat "$HOME/stdout")"

for command in list capture filter doctor; do
	check_run 0 xdpshark $command --help
	grep -q "^  xdpshark $command \[OPTION" "$HOME/stdout" || fail "usage of $command: $(cat "$HOME/stdout")"
done
check_equal "slots" "" "$(slots_taken "$hook")"
