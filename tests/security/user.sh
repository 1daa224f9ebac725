#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# An ordinary user captures if xdpshark-hookd has its capabilities and the user is in its group, and may do nothing
# else with them: each promise of docs/security.md with an attempt to break it.
set -eu
. "$(dirname "$0")/../world.sh"
world_create
world_attach "$BUILD/tests/programs/example.bpf.o"
hook=/sys/fs/bpf/example_hook
failed=0
member_create

user()
{
	member "$@"
}

stranger()
{
	setpriv --reuid 65534 --regid 65534 --clear-groups "$@"
}

fail()
{
	echo "FAILED: $*"
	failed=1
}

# refused TEXT COMMAND...: it fails with a line that has TEXT.
refused()
{
	local text=$1 output
	shift
	if output=$("$@" 2>&1 >/dev/null); then
		fail "not refused: $*"
	elif ! grep -qF -- "$text" <<<"$output"; then
		fail "$*: says: $output"
	fi
}

echo "-- lists and captures"
user "$bin/xdpshark" list | grep -q "$hook .*example#" || fail "the user does not see the hook's program"
user "$bin/xdpshark" capture "$hook" -v -w "$own/a.pcapng" -c 1 udp port 1001 2>"$HOME/a.log" &
capture=$!
wait_for 20 grep -q 'capturing on' "$HOME/a.log"
grep -q '^CapPrm:[[:space:]]0000000000000000' "/proc/$(pgrep -P $capture -x xdpshark || echo $capture)/status" ||
	fail "the process that reads packets has capabilities"
world_send 1001 1
wait $capture || fail "the capture failed: $(cat "$HOME/a.log")"
tshark -r "$own/a.pcapng" -T fields -e udp.dstport 2>/dev/null | grep -qx 1001 || fail "the packet is not in the file"

echo "-- the verifier's and libpcap's refusals reach the user"
refused 'capture filter "udp port foo"' user "$bin/xdpshark" capture "$hook" -w "$own/b.pcapng" udp port foo

echo "-- others do not"
refused 'members of its group' stranger "$bin/xdpshark" capture "$hook" -w "$own/b.pcapng"
refused "('sudo usermod -aG $group USER', then log in again)" setpriv --reuid 64123 --regid 64123 --clear-groups "$bin/xdpshark" list
[ "$(setpriv --reuid 64123 --regid 64123 --clear-groups "$bin/xdpshark" list 2>&1 | wc -l)" = 1 ] || fail "more is said to a user without a name"
stranger "$bin/xdpshark" --extcap-interfaces | grep -q 'no permission' || fail "a stranger's Wireshark is told nothing"

echo "-- with no more processes"
# shellcheck disable=SC2016
refused 'no more processes are allowed: end some, or raise the limit' user bash -c 'ulimit -u 1; exec "$0" list' "$bin/xdpshark"

echo "-- files are the user's own"
refused 'ermission denied' user "$bin/xdpshark" capture "$hook" -w /etc/xdpshark-test
[ ! -e /etc/xdpshark-test ] || fail "a file in /etc"
refused 'ermission denied' user "$bin/xdpshark" capture "$hook" -w "$own/c.pcapng" --log-file /etc/xdpshark-test

echo "-- only hooks are opened"
bpftool map create /sys/fs/bpf/secret type hash key 4 value 4 entries 4 name secret
chmod 1777 /sys/fs/bpf
user ln -s secret /sys/fs/bpf/link
user ln -s example_hook /sys/fs/bpf/hooklink
refused '/sys/fs/bpf/secret' user "$bin/xdpshark" capture /sys/fs/bpf/secret -w "$own/d.pcapng"
refused '/sys/fs/bpf/link' user "$bin/xdpshark" capture /sys/fs/bpf/link -w "$own/d.pcapng"
refused '/sys/fs/bpf/hooklink' user "$bin/xdpshark" capture /sys/fs/bpf/hooklink -w "$own/d.pcapng"
refused '..' user "$bin/xdpshark" capture /sys/fs/bpf/../bpf/example_hook -w "$own/d.pcapng"
refused '/etc/shadow' user "$bin/xdpshark" capture /etc/shadow -w "$own/d.pcapng"
[ ! -e "$own/d.pcapng" ] || fail "an output file for a hook that is none"

echo "-- jump tables are nobody's, and what is perhaps a hook is root's alone"
for table in table table_perhaps; do
	bpftool prog loadall "$BUILD/tests/programs/$table.bpf.o" "/sys/fs/bpf/$table"
	mv /sys/fs/bpf/array "/sys/fs/bpf/${table}_array"
done
for option in --share-foreign --unproven; do
	refused 'a jump table, not a hook' user timeout 120 "$bin/xdpshark" capture /sys/fs/bpf/table_array $option -w "$own/e.pcapng"
	refused 'only root may capture from it' user timeout 120 "$bin/xdpshark" capture /sys/fs/bpf/table_perhaps_array $option -w "$own/e.pcapng"
done
[ ! -e "$own/e.pcapng" ] || fail "an output file for a hook that is none"

echo "-- xdpshark-hookd by hand does nothing"
status=0
user "$bin/xdpshark-hookd" 2>/dev/null </dev/null || status=$?
[ $status = 2 ] || fail "xdpshark-hookd by hand exits with $status"
status=0
user bash -c "exec 3</dev/null; exec '$bin/xdpshark-hookd'" 2>/dev/null </dev/null || status=$?
[ $status = 2 ] || fail "xdpshark-hookd with a file exits with $status"

echo "-- nonsense over its socket ends it"
user timeout 300 /usr/bin/python3 - "$bin/xdpshark-hookd" <<'PYTHON' || fail "xdpshark-hookd survives nonsense wrongly"
import os, random, socket, struct, subprocess, sys
random.seed(1)
for i in range(200):
    ours, theirs = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        os.dup2(theirs.fileno(), 3)
        os.execve(sys.argv[1], ["x"], {})
    theirs.close()
    body = bytes(random.choice(b"\0\0\0()suay" + bytes(range(256))) for _ in range(random.randrange(1, 200)))
    size = random.choice([len(body), len(body) * 2, 0xffffffff, 0])
    try:
        ours.sendall(struct.pack("=I", size) + body)
        ours.shutdown(socket.SHUT_WR)
        while ours.recv(4096):
            pass
    except OSError:
        pass
    ours.close()
    _, status = os.waitpid(pid, 0)
    if os.WIFSIGNALED(status):
        sys.exit("ended by signal %d in round %d" % (os.WTERMSIG(status), i))
PYTHON

echo "-- its environment changes nothing"
cat >"$HOME/evil.c" <<'C'
#include <fcntl.h>
#include <unistd.h>
__attribute__((constructor)) static void evil(void)
{
	if (access("/root", R_OK) == 0)
		open("/etc/xdpshark-evil", O_CREAT, 0600);
}
C
cc -shared -fPIC -o "$own/evil.so" "$HOME/evil.c"
user env LD_PRELOAD="$own/evil.so" LD_LIBRARY_PATH="$own" G_MESSAGES_DEBUG=all G_DEBUG=fatal-warnings GCONV_PATH="$own" \
	"$bin/xdpshark" list >/dev/null 2>&1 || fail "list with a strange environment"
[ ! -e /etc/xdpshark-evil ] || fail "LD_PRELOAD reached xdpshark-hookd"

echo "-- nothing is left behind"
is_not_capturing "$hook" || fail "slots are taken"
exit $failed
