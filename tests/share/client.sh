# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2154
# Sourced by tests that speak to xdpshark-hookd themselves (client.c).
. "$(dirname "${BASH_SOURCE[0]}")/../capture/steps.sh"
drop=2
declare -A client_input client_output
hookd=$BUILD/extcap/xdpshark-hookd
client_program=$BUILD/tests/share/client

# For the background: closes the descriptors of other clients, which would otherwise not see their end.
client_run()
{
	local descriptor
	for descriptor in "${client_input[@]}" "${client_output[@]}"; do
		exec {descriptor}>&-
	done
	"$@"
}

# client_start NAME [COMMAND...]: starts a client with an xdpshark-hookd of its own, by that command.
client_start()
{
	local name=$1 input output
	shift
	rm -f "$HOME/$name.input" "$HOME/$name.output"
	mkfifo "$HOME/$name.input" "$HOME/$name.output"
	client_run "$@" "$client_program" "$hookd" <"$HOME/$name.input" >"$HOME/$name.output" 2>"$HOME/$name.errors" &
	exec {input}>"$HOME/$name.input" {output}<"$HOME/$name.output"
	client_input[$name]=$input
	client_output[$name]=$output
}

# client_end NAME: its xdpshark-hookd notices, gives the slots back and ends.
client_end()
{
	local input=${client_input[$1]} output=${client_output[$1]}
	exec {input}>&- {output}<&-
	unset "client_input[$1]" "client_output[$1]"
}

# tell NAME COMMAND...
tell()
{
	local name=$1
	shift
	echo "$*" >&"${client_input[$name]}"
}

# hear NAME: reads the answer to a command into $answer.
hear()
{
	read -r -t 60 answer <&"${client_output[$1]}" || fail "no answer from $1: $(cat "$HOME/$1.errors")"
}

# ask NAME COMMAND...: the command must succeed; what it prints goes to $answer.
ask()
{
	tell "$@"
	hear "$1"
	[ "${answer%% *}" = ok ] || fail "$*: $answer"
	answer=${answer#ok}
	answer=${answer# }
}
