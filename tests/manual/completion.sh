#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# completion.sh SHELL: after `cmake --install`, that shell completes commands, options, values and hooks: as many as there
# are, and without expanding what they are called.
set -eu
. "$(dirname "$0")/../capture/steps.sh"
world_create
world_attach "$example"
mkdir /sys/fs/bpf/dir
# shellcheck disable=SC2016
for name in 'with space' '$(touch pwned)' '`touch pwned`' "it's" '*' second; do
	bpftool map pin pinned "$hook" "/sys/fs/bpf/dir/$name"
done
cd "$HOME"
touch some-capture.pcapng
mkdir -p .ssh
printf 'Host web1 *.example\n\tHostName 192.0.2.1\n' >.ssh/config
NETNS=$server "$tests/manual/completion.py" "$1"
[ ! -e pwned ] || fail "the name of a hook was run"
