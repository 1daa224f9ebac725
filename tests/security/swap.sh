#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A pin that is replaced all the time while captures start: by another hook, a program array of nobody, one of
# too many slots, a map of another type, a symbolic link. Each capture is on the hook that it opened and checked, or is
# refused in one line; no other map is changed, and one that follows all that ends as it should.
set -eu
. "$(dirname "$0")/../capture/steps.sh"
example_create
pool=/sys/fs/bpf/pool
swapped=/sys/fs/bpf/swapped
watched=$(bpftool -j prog show pinned /sys/fs/bpf/example | grep -o '"id":[0-9]*' | head -n 1 | cut -d: -f2)
mkdir $pool
bpftool map pin pinned "$hook" $pool/watched
rm "$hook"
bpftool prog load "$example" /sys/fs/bpf/idle
bpftool map pin pinned "$hook" $pool/idle
rm "$hook"
bpftool map create $pool/nobody type prog_array key 4 value 4 entries 5 name nobody
bpftool map create $pool/large type prog_array key 4 value 4 entries 16 name large
bpftool map create $pool/hash type hash key 4 value 4 entries 8 name hash
bpftool map update pinned $pool/hash key 1 0 0 0 value 2 0 0 0

others()
{
	for map in idle nobody large hash; do
		echo "$map"
		bpftool map dump pinned "$pool/$map"
		# Whether it has an owner, and of what type.
		bpftool map show pinned "$pool/$map" | grep -o 'owner.*' || true
	done
}

ln $pool/watched $swapped
others >"$HOME/before"
cat >"$HOME/swap.py" <<'PYTHON'
import itertools
import os
import random
import sys
import time

pool, swapped, pause = sys.argv[1:4]
random.seed(1)
for other in itertools.cycle(sys.argv[4:]):
    for name in ["watched", other]:
        if name == "link":
            os.symlink("pool/watched", swapped + "_next")
        else:
            os.link(f"{pool}/{name}", swapped + "_next")
        os.rename(swapped + "_next", swapped)
        if os.path.lexists(swapped + "_next"):  # another name of the same file: nothing was done
            os.unlink(swapped + "_next")
        time.sleep(random.random() * float(pause))
PYTHON

# capture_while_swapped PAUSE NAME...: captures until enough have packets, and enough were refused.
capture_while_swapped()
{
	local captured=0 refused=0 deadline=$((SECONDS + 120)) status swapper
	python3 "$HOME/swap.py" $pool $swapped "$@" &
	swapper=$!
	while [ $captured -lt 3 ] || [ $refused -lt 3 ]; do
		[ $SECONDS -lt $deadline ] || fail "only $captured captures and $refused refusals: $(cat "$HOME/refusals")"
		status=0
		timeout 30 xdpshark capture $swapped --comments full -w "$file" -a drop --duration 0.1 2>"$HOME/errors" || status=$?
		if [ $status = 0 ]; then
			check_sums
			check_equal "packets of other programs" "" \
				"$(blocks "$file" EPB comment | grep -v "prog=example#$watched " | head -n 3)"
			[ "$(packets)" = 0 ] || captured=$((captured + 1))
		else
			check_equal "exit status: $(cat "$HOME/errors")" 1 $status
			check_equal "lines of: $(cat "$HOME/errors")" 1 "$(wc -l <"$HOME/errors")"
			grep -q "^xdpshark: .*$swapped" "$HOME/errors" || fail "it says: $(cat "$HOME/errors")"
			refused=$((refused + 1))
		fi
		cat "$HOME/errors" >>"$HOME/refusals"
	done
	kill $swapper
	wait $swapper || true
	echo "$captured captures, $refused refusals:"
	sed 's/id [0-9]*, before [0-9]*/id, before/' "$HOME/refusals" | sort | uniq -c
	rm "$HOME/refusals"
}

xdpshark capture $pool/watched --comments full -v -w "$HOME/whole" -a drop 2>"$HOME/whole.errors" &
whole=$!
xdpshark capture "$swapped" --follow --comments full -v -w "$HOME/follower" -a drop 2>"$HOME/follower.errors" &
follower=$!
for name in whole follower; do
	wait_for 20 grep -q 'capturing on' "$HOME/$name.errors" || fail "no capture: $(cat "$HOME/$name.errors")"
done
traffic_start --pause 0.002 1001
capture_while_swapped 0.1 idle nobody large hash link
# So fast that the hook is another one between a capture's two looks at the pin.
capture_while_swapped 0.004 idle
traffic_end
for capture in $whole $follower; do
	kill "$capture"
	wait "$capture" || fail "a capture beside them failed: $(cat "$HOME/whole.errors" "$HOME/follower.errors")"
done
check_sums "$HOME/whole"
check_sums "$HOME/follower"
others >"$HOME/after"
diff "$HOME/before" "$HOME/after" || fail "another map was changed"
check_equal "slots of the hook" "Found 0 elements" "$(bpftool map dump pinned $pool/watched | tail -n 1)"
check_equal "packets of the capture that lasted all the time" "$(cat "$HOME/sent")" "$(packets "$HOME/whole")"
