# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Sourced after proof.sh: runs tests of tests/kernel, and says which features they have shown.
object=$BUILD/tests/kernel/shot.bpf.o

# The lines of check_drops.
say_causes()
{
	local reason what
	sed -n 's/^cause: \(.*\): \(.*\)/\2 \1/p' "$HOME/said" | while read -r reason what; do
		case $reason in
		none) no "reason of a drop, $what" "this kernel gives none" ;;
		NOT_SPECIFIED) no "reason of a drop, $what" "this kernel says NOT_SPECIFIED" ;;
		*) yes "reason of a drop, $what" ;;
		esac
	done
}

# part SCRIPT FEATURE: one of tests/kernel, in a shell of its own, which makes a world and removes it.
part()
{
	local status=0 began=$SECONDS
	"$tests/kernel/$1.sh" "$object" "$BUILD/tests/xsk/xsk_socket" >"$HOME/said" 2>&1 || status=$?
	cat "$HOME/said"
	echo "$1: $((SECONDS - began)) s"
	# What the part has pinned would be in the way of the next one.
	rm -rf /sys/fs/bpf/*
	case $status in
	0)
		yes "$2"
		say_causes
		;;
	77) no "$2" "$(sed -n 's/^SKIP: //p' "$HOME/said" | tail -n 1)" ;;
	*) fail "$1: $(tail -n 3 "$HOME/said")" ;;
	esac
}
