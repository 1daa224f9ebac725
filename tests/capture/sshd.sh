# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Sourced after steps.sh: an sshd of this sandbox's own, into which root may log in with the key $HOME/user-key.
sshd=$(command -v sshd) || { echo "SKIP: needs sshd (Debian: openssh-server)"; exit 77; }

# What sshd and libssh keep in fixed places, in a place of this sandbox. Before world_create.
sshd_prepare()
{
	mount -t tmpfs tmpfs /run
	mkdir -p /run/netns /run/sshd "$HOME/root/.ssh"
	ssh-keygen -q -t ed25519 -N '' -f "$HOME/host-key"
	ssh-keygen -q -t ed25519 -N '' -f "$HOME/user-key"
	cp "$HOME/user-key.pub" "$HOME/authorized"
	# Root's own may print something.
	: >"$HOME/root/.bashrc"
}

# sshd_start NAMESPACE PORT ADDRESS...: listens there.
sshd_start()
{
	local namespace=$1 port=$2 address
	shift 2
	for address in "$@"; do
		[ "$port" = 22 ] || address="[$address]:$port"
		printf '%s %s\n' "$address" "$(cut -d ' ' -f 1,2 "$HOME/host-key.pub")"
	done >"$HOME/root/.ssh/known_hosts"
	mount -t overlay overlay -o "lowerdir=$HOME/root:/root" /root
	cat >"$HOME/sshd-config" <<-END
		Port $port
		$(printf 'ListenAddress %s\n' "$@")
		HostKey $HOME/host-key
		AuthorizedKeysFile $HOME/authorized
		PermitRootLogin prohibit-password
		PasswordAuthentication no
		KbdInteractiveAuthentication no
		UsePAM no
		StrictModes no
		PidFile none
	END
	launch "$namespace" "$HOME/sshd-log" "$sshd" -D -e -f "$HOME/sshd-config" 2>&1
	wait_for 20 sshd_listens "$namespace" "$1" "$port" || fail "sshd: $(cat "$HOME/sshd-log")"
}

sshd_listens()
{
	on "$1" bash -c "exec 3<>/dev/tcp/$2/$3" 2>/dev/null
}
