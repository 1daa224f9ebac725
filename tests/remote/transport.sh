#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kubectl exec and docker exec in the place of ssh: with a stand-in for kubectl that hands on input, output and exit
# status, and says things of its own. It gets the words as they are, whatever is in them.
set -eu
. "$(dirname "$0")/../capture/steps.sh"
example_create
kubectl=$HOME/bin/kubectl
mkdir "$HOME/bin"
cat >"$kubectl" <<'END'
#!/bin/bash
# kubectl [-n NAMESPACE] exec -i POD [-c CONTAINER] -- COMMAND...
[ "$1" = -n ] && shift 2
[ "$1 $2" = "exec -i" ] || { echo "error: unknown command: $*" >&2; exit 1; }
pod=$3
while [ "$1" != -- ]; do shift; done
shift
[ "$pod" != gone ] || { echo "Error from server (NotFound): pods \"$pod\" not found" >&2; exit 1; }
echo "Defaulted container \"agent\" out of: agent, mount-bpffs (init)" >&2
echo "Unable to use a TTY - input is not a terminal or the right kind of file" >&2
# Its input is handed on by a process of its own, which does not end with ours.
pipe=$(mktemp -u)
mkfifo "$pipe"
exec 3<&0
cat <&3 >"$pipe" &
"$@" <"$pipe" 3<&-
status=$?
rm -f "$pipe"
[ $status = 0 ] || echo "command terminated with exit code $status" >&2
exit $status
END
chmod +x "$kubectl"
PATH=$HOME/bin:$PATH

# pgrep among the processes of this sandbox.
own_pgrep()
{
	pgrep --ns $$ --nslist mnt "$@"
}

start()
{
	: >"$HOME/errors"
	xdpshark capture "$@" 2>"$HOME/errors" &
	capture=$!
	wait_for 30 capture_is_on "$hook" "0 1 2 3 4" || fail "no capture: $(cat "$HOME/errors")"
}

join()
{
	local status=0
	wait_for 30 process_has_ended "$capture" || fail "the capture does not end"
	wait "$capture" || status=$?
	check_equal "exit status ($(cat "$HOME/errors"))" "$1" $status
	wait_for 20 is_not_capturing || fail "the hook is still captured"
}

start --transport 'kubectl -n kube-system exec -i lb-7 --' $hook -w "$file" -c 3 udp port 1001
send --count 5 1001 1002 >/dev/null
join 0
check_equal "what is said" "" "$(cat "$HOME/errors")"
check_equal "packets" 3 "$(packets)"
check_equal "interface" "lb-7:example_hook" "$(blocks "$file" IDB name)"
check_equal "filter" "udp port 1001" "$(blocks "$file" IDB filter)"
check_equal "statistics" "3 3" "$(blocks "$file" ISB accepted delivered | tr '\t' ' ')"

# The list is the one that the host prints.
check_equal "list for programs" "$(xdpshark list --json)" "$(xdpshark list --json --transport 'kubectl exec -i lb-7 --' 2>/dev/null)"
check_equal "list" "$(xdpshark list 2>/dev/null)" "$(xdpshark list --transport 'kubectl exec -i lb-7 --' 2>/dev/null)"

# What only some points have is for the host to judge.
cat >"$HOME/bin/refuse" <<'END'
#!/bin/bash
echo "$*" >"$HOME/words"
exit 1
END
chmod +x "$HOME/bin/refuse"
# handed_on POINT OPTION...
handed_on()
{
	check_run 1 xdpshark capture --transport refuse "$@" -w "$HOME/none"
	for option in "${@:2}"; do
		grep -qF -e " $option " "$HOME/words" || fail "$option does not get to the host: $(cat "$HOME/words")"
	done
}
handed_on xdp-prog:eth0 --at=entry --filter-at=exit --actions=drop
handed_on kernel:drops --reason=NO_SOCKET --device=eth0 --netns=blue --process=nginx --mark=0x1/0xff --stack --track

# %h: several of them.
two="ssh://lb-1$hook ssh://lb-2$hook"
# shellcheck disable=SC2086
: >"$HOME/errors"
xdpshark capture --transport "kubectl exec -i %h --" $two -w "$file" 2>"$HOME/errors" &
capture=$!
# Two captures of the same hook.
two_capture()
{
	[ "$(own_pgrep -f -c -- "^xdpshark capture -w - --json --alive=4")" = 2 ] && is_capturing
}
wait_for 30 two_capture || fail "no captures: $(cat "$HOME/errors")"
for i in 1 2 3; do
	send --count 1 1001 >/dev/null
done
wait_for 20 sh -c "[ \$(tshark -r '$file' 2>/dev/null | wc -l) = 6 ]" || fail "packets: $(packets)"
kill -INT $capture
join 0
check_equal "interfaces" "lb-1:example_hook lb-2:example_hook" "$(blocks "$file" IDB name | sort | paste -sd ' ')"

# One that is slow holds up the other for a second at most, and is reported.
cat >"$HOME/bin/slowly" <<'END'
#!/bin/bash
# slowly HOST COMMAND...: the packets of the host "slow" come seconds later than they were sent.
host=$1
shift
[ "$host" = slow ] || exec "$@"
"$@" | /usr/bin/python3 -c '
import os, select, time
os.write(1, os.read(0, 1 << 20)) # the head comes at once
waiting, more = [], True
while more or waiting:
    if more and select.select([0], [], [], 0.05)[0]:
        data = os.read(0, 1 << 20)
        more = bool(data)
        waiting.append((time.monotonic() + 4, data))
    while waiting and (not more or time.monotonic() >= waiting[0][0]):
        os.write(1, waiting.pop(0)[1])
    time.sleep(0.01)'
END
chmod +x "$HOME/bin/slowly"
: >"$HOME/errors"
xdpshark capture --transport "slowly %h" "ssh://fast$hook" "ssh://slow$hook" -w "$file" 2>"$HOME/errors" &
capture=$!
wait_for 30 two_capture || fail "no captures: $(cat "$HOME/errors")"
send --count 2 --pause 1.6 1001 >/dev/null
has_packets()
{
	[ "$(tshark -r "$file" 2>/dev/null | wc -l)" -ge "$1" ]
}
wait_for 20 has_packets 2 || fail "the fast host's packets do not come: $(packets)"
wait_for 20 has_packets 4 || fail "the slow host's packets do not come: $(packets)"
wait_for 20 grep -q '^xdpshark: slow is behind: ' "$HOME/errors" || fail "what is said: $(cat "$HOME/errors")"
kill -INT $capture
join 0
check_equal "hosts in the order of the file" "fast fast slow slow" "$(tshark -r "$file" -T fields -e frame.interface_name 2>/dev/null | cut -d : -f 1 | paste -sd ' ')"

# Errors are one line, without what kubectl says besides.
refused()
{
	local text=$1
	shift
	check_refusal 1 "xdpshark: $text" xdpshark capture "$@" -w "$HOME/none"
	[ ! -e "$HOME/none" ] || fail "there is a file"
}
refused "lb-7: /sys/fs/bpf/other: nothing is pinned there (xdpshark list shows the hooks)" \
	--transport 'kubectl exec -i lb-7 --' /sys/fs/bpf/other
refused "lb-7: capture filter \"udp prot 53\": can't parse filter expression: syntax error" \
	--transport 'kubectl exec -i lb-7 --' $hook "udp prot 53"
refused 'gone: Error from server (NotFound): pods "gone" not found' --transport 'kubectl exec -i gone --' $hook
refused "x: cannot start nothing: No such file or directory" --transport 'nothing x --' $hook
check_run 1 xdpshark capture --transport 'kubectl exec -i lb-7 --' --remote-program /nowhere/xdpshark $hook -w "$HOME/none"
grep -q 'install xdpshark there, or say where it is (--remote-program)$' "$HOME/stderr" || fail "says: $(cat "$HOME/stderr")"
check_equal "lines" 1 "$(wc -l <"$HOME/stderr")"
check_refusal 2 "xdpshark: --transport: 'a \"b' cannot be split into words as a shell does: is a quote missing?" \
	xdpshark capture --transport 'a "b' $hook

# It lists, too.
xdpshark list --transport 'kubectl exec -i lb-7 --' >"$HOME/list" 2>"$HOME/errors" || fail "list: $(cat "$HOME/errors")"
grep -q "^$hook *server0.* example#" "$HOME/list" || fail "list: $(cat "$HOME/list")"

# It ends with us, even if kubectl does not hand on that we have gone.
start --transport 'kubectl exec -i lb-7 --' $hook -w "$file"
kill -KILL $capture
wait_for 20 is_not_capturing || fail "the capture goes on"
