#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# This kernel's verifier accepts the programs of the whole public corpus, and runs of some of them say what
# libpcap says.
set -eu
. "$(dirname "$0")/proof.sh"
corpus=$BUILD/tests/core/core-corpus
"$corpus" --suite edge --load-only >"$HOME/said" && status=0 || status=$?
if [ $status = 77 ]; then
	cat "$HOME/said"
	exit 77
fi
for suite in unopt random; do
	"$corpus" --suite $suite --load-only
done
"$corpus" --suite opt --every 263
yes "verifier accepts the corpus"
"$corpus" --suite edge
yes "verdicts in the kernel are libpcap's"
