#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The live table on a terminal: sorted, within the width, in colour unless that is not wanted; q, Ctrl-C and the end of
# the terminal end it; the terminal is left as it was, also by Ctrl-Z; names control nothing.
set -eu
. "$(dirname "$0")/steps.sh"
example_create
/usr/bin/python3 "$(dirname "$0")/screen.py" "$hook" "$tests/capture/send.py" "/run/netns/$client" ||
	fail "see above"
check_equal "slots" "" "$(slots_taken "$hook")"
