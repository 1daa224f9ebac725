# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Completion of xdpshark in bash. Commands, options and their values are what --help says, hooks what `list --json` does, so
# that nothing here needs to be changed with them. Names of hooks are anybody's: nothing here may expand them.

# _xdpshark_add WORD...: those that go on with what was typed.
_xdpshark_add()
{
	local word
	for word in "$@"; do
		if [[ $word == "$cur"* ]]; then
			COMPREPLY+=("$word")
		fi
	done
}

# Other hosts, as ssh's configuration names them, for commands that go there.
_xdpshark_add_hosts()
{
	local host
	[[ ${arguments[--transport]} ]] || return
	while read -r host; do
		_xdpshark_add "$host"
	done < <(awk 'tolower($1) == "host" { for (i = 2; i <= NF; i++) if ($i !~ /[^A-Za-z0-9_.-]/) print "ssh://" $i }' ~/.ssh/config 2>/dev/null)
	compopt -o nospace
}

# Functions and tracepoints of the kernel, of which a list with commas may be given.
_xdpshark_add_functions()
{
	local name given=kernel:
	[[ $cur != *,* ]] || given=${cur%,*},
	while read -r name _; do
		_xdpshark_add "$given${name#kernel:}"
	done < <("$program" list --kernel "${cur##*[:,]}*" 2>/dev/null)
}

# Hooks by their paths; once something is typed, also by what else they are called. Names that need quoting are left to
# their interface, which does not.
_xdpshark_add_hooks()
{
	local kind name
	if [[ $cur == ssh:* ]]; then
		_xdpshark_add_hosts
		return
	fi
	if [[ $cur == kernel:* ]]; then
		_xdpshark_add_functions
		return
	fi
	while read -r kind name; do
		if [[ $name && $name != *[^[:alnum:]_./:%@+,=~-]* && ($kind == path || $cur) ]]; then
			_xdpshark_add "$name"
		fi
	done < <("$program" list --json 2>/dev/null | awk -F '"' '
		/\\/ || !/" : "/ { next }
		/^    "path"/ { print "path", $4; next }
		/^    "(name|interface)"/ || /^        "name"/ { print "other", $4 }' | sort -u)
}

# _xdpshark_add_names FOLDER: of what is in it.
_xdpshark_add_names()
{
	local path
	for path in "$1"/*; do
		[[ -e $path && ${path##*/} != *[^[:alnum:]_.:@+-]* ]] && _xdpshark_add "${path##*/}"
	done
}

# _xdpshark_argument PLACEHOLDER: what --help writes behind an option's '='.
_xdpshark_argument()
{
	local given=
	case $1 in
	*'|'*)
		# shellcheck disable=SC2086
		_xdpshark_add ${1//|/ } ;;
	FILE) _filedir ;;
	USER) mapfile -t COMPREPLY < <(compgen -u -- "$cur") ;;
	HOOK) _xdpshark_add_hooks ;;
	DEVICE) _xdpshark_add_names /sys/class/net ;;
	NETNS) _xdpshark_add_names /run/netns ;;
	LIST)
		[[ $cur != *,* ]] || given=${cur%,*},
		_xdpshark_add "$given"{aborted,drop,pass,tx,redirect}
		compopt -o nospace ;;
	esac
}

_xdpshark()
{
	local cur prev words cword program=$1 command line usage=
	local -A arguments=([-i]=HOOK [--interface]=HOOK [-f]=FILTER)
	local -a options=()
	_init_completion -n := || return
	command=${words[1]}
	if ((cword == 1)); then
		# shellcheck disable=SC2046
		_xdpshark_add $("$program" --help 2>/dev/null | sed -n '/^Commands:/,/^$/s/^  \([a-z-]*\) .*/\1/p') --help --version
		return
	fi
	while IFS= read -r line; do
		[[ $usage || $line != "  xdpshark $command "* ]] || usage=$line
		[[ $line =~ ^'  '((-.)', ')?(--[a-z-]+)(=([^ ]+))?'  ' ]] || continue
		options+=("${BASH_REMATCH[3]}${BASH_REMATCH[4]:+=}")
		[[ ! ${BASH_REMATCH[2]} ]] || arguments[${BASH_REMATCH[2]}]=${BASH_REMATCH[5]}
		arguments[${BASH_REMATCH[3]}]=${BASH_REMATCH[5]}
	done < <("$program" "$command" --help 2>/dev/null)
	if [[ $cur == --*=* ]]; then
		prev=${cur%%=*} cur=${cur#*=}
		_xdpshark_argument "${arguments[$prev]}"
	elif [[ ${arguments[$prev]} ]]; then
		_xdpshark_argument "${arguments[$prev]}"
		__ltrim_colon_completions "$cur"
	elif [[ $cur == -* ]]; then
		_xdpshark_add "${options[@]}"
		[[ ${COMPREPLY[*]} != *= ]] || compopt -o nospace
	elif [[ $usage == *HOOK* ]]; then
		_xdpshark_add_hooks
		__ltrim_colon_completions "$cur"
	elif [[ $cur == ssh:* ]]; then
		_xdpshark_add_hosts
		__ltrim_colon_completions "$cur"
	fi
}

complete -F _xdpshark xdpshark
