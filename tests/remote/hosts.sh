# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154
# Sourced by the scripts here: other hosts, which are sshds of this sandbox's own with real users. Each script runs as
# `tests/sandbox BUILD SCRIPT`.
. "$(dirname "${BASH_SOURCE[0]}")/../security/steps.sh"
. "$(dirname "${BASH_SOURCE[0]}")/../capture/sshd.sh"
desk=$world-desk
capture=
remote=127.0.0.1

# hosts_create: the users joe, of the capture group, and jim, who may use sudo and doas. Whoever captures is root here.
hosts_create()
{
	sshd_prepare
	machine_create
	useradd -m -d "$HOME/joe" -s /bin/bash -G $group -p '*' joe
	useradd -m -d "$HOME/jim" -s /bin/bash -p '*' jim
	chmod 755 "$HOME/joe" "$HOME/jim"
	mkdir -p /etc/sudoers.d
	echo "jim ALL=(root) NOPASSWD: ALL" >/etc/sudoers.d/jim
	chmod 440 /etc/sudoers.d/jim
	echo "permit nopass jim" >/etc/doas.conf
	$permit -g $group >/dev/null
	chmod 644 "$HOME/authorized"
	cat >"$HOME/root/.ssh/config" <<-END
		IdentityFile $HOME/user-key
		Host web1
			HostName 127.0.0.1
			Port 2201
			User joe
		Host web2
			HostName 127.0.0.1
			Port 2202
			User joe
		Host far
			HostName 10.8.0.2
			Port 2203
			User joe
	END
	trap hosts_remove EXIT
}

hosts_remove()
{
	# Also those whose connection is dead, which they do not know.
	own_pgrep -x sshd | xargs -r kill 2>/dev/null || true
	umount -q -l /root 2>/dev/null || true
	ip netns del "$desk" 2>/dev/null || true
	machine_remove
}

# host_start NAMESPACE ADDRESS PORT: an sshd.
host_start()
{
	printf '[%s]:%s %s\n' "$2" "$3" "$(cut -d ' ' -f 1,2 "$HOME/host-key.pub")" >>"$HOME/root/.ssh/known_hosts"
	cat >"$HOME/sshd-config-$3" <<-END
		Port $3
		ListenAddress $2
		HostKey $HOME/host-key
		AuthorizedKeysFile $HOME/authorized
		PasswordAuthentication no
		KbdInteractiveAuthentication no
		UsePAM no
		StrictModes no
		PidFile $HOME/sshd-pid-$3
		MaxStartups 100
		AllowUsers joe jim
	END
	launch "$1" /dev/null "$sshd" -D -E "$HOME/sshd-log-$3" -f "$HOME/sshd-config-$3" 2>/dev/null
	wait_for 20 sshd_listens "$1" "$2" "$3" || fail "sshd: $(cat "$HOME/sshd-log-$3")"
}

# Once all hosts are there: what ssh finds in root's home.
hosts_ready()
{
	mount -t overlay overlay -o "lowerdir=$HOME/root:/root" /root
}

# here COMMAND...: where ssh leads to the hosts.
here()
{
	on "$client" "$@"
}

# remote_launch ARGUMENT...: a capture from other hosts in the background; $capture is its pid.
remote_launch()
{
	launch "$client" "$HOME/stdout" xdpshark capture "$@" 2>"$HOME/errors"
	capture=$launched
}

# both_captured [SLOTS]: both hooks are, while the capture runs.
both_captured()
{
	kill -0 "$capture" 2>/dev/null || fail "the capture has ended: $(cat "$HOME/errors")"
	is_capturing "$hook" && is_capturing "$second"
}

none_captured()
{
	is_not_capturing "$hook" && is_not_capturing "$second"
}

# remote_join STATUS
remote_join()
{
	local status=0
	wait_for 30 process_has_ended "$capture" || fail "the capture does not end: $(cat "$HOME/errors")"
	wait "$capture" || status=$?
	[ $status = "$1" ] || fail "the capture ended with status $status: $(cat "$HOME/errors")"
}

# file_has COUNT: that many packets are in the file.
file_has()
{
	kill -0 "$capture" 2>/dev/null || fail "the capture has ended: $(cat "$HOME/errors")"
	[ "$(tshark -r "$file" 2>/dev/null | wc -l)" -ge "$1" ]
}

# pgrep among the processes of this sandbox.
own_pgrep()
{
	pgrep --ns $$ --nslist mnt "$@"
}

# ssh_of HOST: the ssh of the capture that leads there.
ssh_of()
{
	local minder
	for minder in $(pgrep -P "$capture" -x xdpshark); do
		pgrep -P "$minder" -f "^ssh .*-- $1 "
	done
}
