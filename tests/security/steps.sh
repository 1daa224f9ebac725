# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# Sourced by the scripts here: users of a machine, and an installation that is theirs to attack. Each runs as
# `tests/sandbox BUILD SCRIPT`.
. "$(dirname "${BASH_SOURCE[0]}")/../capture/steps.sh"
here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
command -v setcap >/dev/null || { echo "SKIP: needs setcap (libcap2-bin)"; exit 77; }

group=xdpsharks
libexec=/usr/local/libexec/xdpshark
hookd=$libexec/xdpshark-hookd
permit=$libexec/xdpshark-permit

# machine_create: /etc and the folder of xdpshark-hookd can be written to, and what is written is gone with this
# namespace; /run/xdpshark is empty. There is the group, and no account xdpshark.
machine_create()
{
	local folder
	mkdir "$HOME/layers"
	mount -t tmpfs tmpfs "$HOME/layers"
	for folder in /etc $libexec; do
		mkdir -p "$HOME/layers$folder"
		cp -a "$folder/." "$HOME/layers$folder"
		mount --bind "$HOME/layers$folder" "$folder"
	done
	mkdir -p /run/xdpshark
	mount -t tmpfs -o mode=700 tmpfs /run/xdpshark
	sed -i '/^xdpshark:/d' /etc/passwd /etc/group
	groupadd -r $group
	# Where members write.
	chmod 711 "$(dirname "$HOME")" "$HOME"
	mkdir -m 1777 "$HOME/own"
	cd "$HOME/own"
}

# The world of tests/world.sh on this machine, with the example attached.
machine_example_create()
{
	world_create
	trap machine_remove EXIT
	world_attach "$example"
}

# machine_open: what is installed, and the build, can be written to, too.
machine_open()
{
	local folder
	umount $libexec
	for folder in /usr "$BUILD"; do
		mkdir -p "$HOME/layers$folder/"{upper,work}
		mount -t overlay overlay -o "lowerdir=$folder,upperdir=$HOME/layers$folder/upper,workdir=$HOME/layers$folder/work" "$folder"
	done
}

# machine_remove: these mounts would keep the sandbox from removing its folders.
machine_remove()
{
	local folder
	cd /
	for folder in /proc/meminfo /run/xdpshark $libexec /etc "$BUILD" /usr "$HOME/layers"; do
		umount -q -l "$folder" || true
	done 2>/dev/null
	world_remove
}

# Users of the group, and one outside of it. With launcher=exec they take the place of the shell.
launcher=
member()
{
	$launcher setpriv --reuid 64001 --regid 64001 --groups "$(getent group $group | cut -d: -f3)" "$@"
}

member2()
{
	$launcher setpriv --reuid 64002 --regid 64002 --groups "$(getent group $group | cut -d: -f3)" "$@"
}

member3()
{
	$launcher setpriv --reuid 64003 --regid 64003 --groups "$(getent group $group | cut -d: -f3)" "$@"
}

member4()
{
	$launcher setpriv --reuid 64004 --regid 64004 --groups "$(getent group $group | cut -d: -f3)" "$@"
}

outsider()
{
	$launcher setpriv --reuid 64009 --regid 64009 --clear-groups "$@"
}

# capability_of FILE: what setcap gave it.
capabilities_of()
{
	getcap "$1" | sed 's/^[^ ]* //'
}

# attack SCRIPT USER ARGUMENT...: of this folder, as that user; it must succeed in what it tries.
attack()
{
	local status=0 script=$here/$1 user=$2
	shift 2
	$user env "PYTHONPATH=$here" timeout 200 /usr/bin/python3 "$script" "$@" || status=$?
	[ $status != 77 ] || exit 77
	[ $status = 0 ] || fail "$user: $*"
}

# attack_hold SCRIPT USER ARGUMENT...: in the background until attack_end USER. Waits for the first line, in $HOME/USER.
declare -A attackers
attack_hold()
{
	local script=$here/$1 user=$2
	shift 2
	rm -f "$HOME/$user"
	launcher=exec $user env "PYTHONPATH=$here" timeout 200 /usr/bin/python3 "$script" "$@" >"$HOME/$user" &
	attackers[$user]=$!
	wait_for 60 test -s "$HOME/$user" || fail "$user: $* holds nothing"
}

attack_end()
{
	kill "${attackers[$1]}"
	wait "${attackers[$1]}" || true
}

root()
{
	$launcher "$@"
}
