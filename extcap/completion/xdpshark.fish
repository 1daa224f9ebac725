# SPDX-License-Identifier: GPL-2.0-or-later
# Completion of xdpshark in fish. Commands, options and their values are what --help says, hooks what `list --json` does, so
# that nothing here needs to be changed with them.

function __xdpshark_commands
    xdpshark --help 2>/dev/null | sed -n '/^Commands:/,/^$/s/^  \([a-z-]*\)  *\(.*\)/\1\t\2/p'
    printf '%s\n' --help --version
end

# Other hosts, as ssh's configuration names them.
function __xdpshark_hosts
    awk 'tolower($1) == "host" { for (i = 2; i <= NF; i++) if ($i !~ /[^A-Za-z0-9_.-]/) print "ssh://" $i }' ~/.ssh/config 2>/dev/null
end

# Functions and tracepoints of the kernel, of which a list with commas may be given.
function __xdpshark_functions
    set -l current (commandline -ct | string replace -r '^--[a-z-]+=' '')
    set -l given (string replace -rf '[^:,]*$' '' -- $current)
    set -l begun (string replace -r '.*[:,]' '' -- $current)
    xdpshark list --kernel "$begun*" 2>/dev/null | string replace -r '^kernel:([^ ]*) .*' "$given\$1"
end

# Hooks by their paths; once something is typed, also by what else they are called.
function __xdpshark_hooks
    set -l kinds path
    if string match -rq '^(--[a-z-]+=)?kernel:' -- (commandline -ct)
        __xdpshark_functions
        return
    end
    test -z (commandline -ct); or set kinds 'path|other'
    xdpshark list --json 2>/dev/null | awk -F '"' '
        /\\\\/ || !/" : "/ { next }
        /^    "path"/ { print "path", $4; next }
        /^    "(name|interface)"/ || /^        "name"/ { print "other", $4 }' | sort -u | string replace -rf "^($kinds) " ''
end

# Names of what is in a folder.
function __xdpshark_names -a folder
    for path in $folder/*
        path basename $path
    end
end

# PLACEHOLDER: what --help writes behind an option's '='; PREFIX: what the word begins with before the value.
function __xdpshark_argument -a placeholder prefix
    switch $placeholder
        case '*|*'
            string split '|' $placeholder | string replace -r '^' -- "$prefix"
        case FILE
            __fish_complete_suffix ''
        case USER
            __fish_complete_users | string replace -r '^' -- "$prefix"
        case HOOK
            __xdpshark_hooks
        case DEVICE
            __xdpshark_names /sys/class/net | string replace -r '^' -- "$prefix"
        case NETNS
            __xdpshark_names /run/netns | string replace -r '^' -- "$prefix"
        case LIST
            set -l given (commandline -ct | string replace -r '^--[a-z-]+=' '' | string replace -rf '[^,]*$' '')
            string replace -r '^' -- "$prefix$given" aborted drop pass tx redirect
    end
end

function __xdpshark_arguments
    set -l words (commandline -opc)
    set -l command $words[2]
    set -l previous $words[-1]
    set -l current (commandline -ct)
    set -l help (xdpshark $command --help 2>/dev/null)
    set -l typed (string match -rg '^(--[a-z-]+)=' -- $current)
    set -l prefix
    if set -q typed[1]
        set previous $typed
        set prefix $typed=
    end
    set -l placeholder
    switch $previous
        case -i --interface
            set placeholder HOOK
        case '-*'
            set placeholder (string match -rg -- "^  (?:-., )?$previous(?:, --[a-z-]+)?=([^ ]+)  " $help)
    end
    if set -q placeholder[1]
        __xdpshark_argument $placeholder[1] $prefix
    else if string match -q 'ssh:*' -- $current
        # For commands that go there.
        string match -q -- '*--transport=*' $help; and __xdpshark_hosts
    else if string match -q -- '-*' $current
        string match -r -- '^  (?:-., )?--[a-z-]+(?:=[^ ]+)?  +.*' $help |
            string replace -r '^  (?:-., )?(--[a-z-]+)(=?)[^ ]*  +(.*)' '$1$2\t$3'
    else if string match -q -- "  xdpshark $command *HOOK*" $help
        __xdpshark_hooks
    end
end

complete -c xdpshark -f
complete -c xdpshark -n 'test (count (commandline -opc)) = 1' -a '(__xdpshark_commands)'
complete -c xdpshark -n 'test (count (commandline -opc)) -gt 1' -a '(__xdpshark_arguments)'
