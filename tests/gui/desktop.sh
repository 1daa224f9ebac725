# SPDX-License-Identifier: GPL-2.0-or-later
# Sourced after world.sh by what uses Wireshark's window, inside of tests/sandbox: a screen that nobody sees,
# Wireshark on it, and hands and eyes for it. Wireshark runs in the namespace of the world's server, as root:
# in the sandbox there is no other user who may do BPF.

gui=$top/tests/gui
at_spi_bus=/usr/share/defaults/at-spi2/accessibility.conf
desktop_pids=
wireshark=

# The first thing that is missing, or nothing.
desktop_missing()
{
	local program
	for program in wireshark Xvfb xdotool xprop import dbus-daemon pgrep; do
		command -v $program >/dev/null || { echo $program; return; }
	done
	[ -e $at_spi_bus ] || { echo at-spi2-core; return; }
	/usr/bin/python3 -c 'import gi; gi.require_version("Atspi", "2.0")' 2>/dev/null ||
		echo "python3-gi with gir1.2-atspi-2.0"
}

fail()
{
	echo "FAILED: $*" >&2
	echo "On the screen:" >&2
	screen >&2 || true
	cat "$HOME/wireshark.log" >&2
	exit 1
}

ok()
{
	echo "ok: $*"
}

desktop_remove()
{
	local pid
	# A Wireshark that ends at a signal leaves its captures running.
	for pid in ${wireshark:+$(pgrep -P $wireshark)} $desktop_pids; do
		kill $pid 2>/dev/null || true
	done
	for pid in $desktop_pids; do
		wait $pid 2>/dev/null || true
	done
	world_remove
}

desktop_start()
{
	trap desktop_remove EXIT
	export XDG_RUNTIME_DIR=$HOME/run TMPDIR=$HOME/tmp
	mkdir -m 700 "$XDG_RUNTIME_DIR" "$TMPDIR"
	# Without -noreset, what is said about the root is forgotten when a program that was alone on the screen ends.
	Xvfb -displayfd 3 -screen 0 1280x800x24 -nolisten tcp -noreset 3>"$HOME/display" 2>"$HOME/xvfb.log" &
	desktop_pids="$! $desktop_pids"
	# Wireshark and screen.py meet on a bus. Qt 5.15 takes part in it in time if the screen's root has its address
	# and there is a session bus of any kind; by asking org.a11y.Bus it mostly comes too late, and then never.
	export AT_SPI_BUS_ADDRESS=unix:path=$XDG_RUNTIME_DIR/bus DBUS_SESSION_BUS_ADDRESS=unix:path=$XDG_RUNTIME_DIR/bus
	dbus-daemon --config-file=$at_spi_bus --nofork --address="$AT_SPI_BUS_ADDRESS" >"$HOME/bus.log" 2>&1 &
	desktop_pids="$! $desktop_pids"
	wait_for 20 test -s "$HOME/display"
	DISPLAY=:$(cat "$HOME/display")
	export DISPLAY
	wait_for 20 test -S "$XDG_RUNTIME_DIR/bus"
	xprop -root -f AT_SPI_BUS 8s -set AT_SPI_BUS "$AT_SPI_BUS_ADDRESS"
	export QT_LINUX_ACCESSIBILITY_ALWAYS_ON=1
}

# What nobody here captures from: with all of these, the list of interfaces is longer than the window.
hidden=bluetooth-monitor,nflog,nfqueue,dbus-system,dbus-session,ciscodump,dpauxmon,randpkt,sdjournal,udpdump,wifidump

# wireshark_start [ARGUMENT...]: Wireshark over the whole screen, with the profile that is installed with xdpshark.
wireshark_start()
{
	nsenter --net="/run/netns/$server" -- wireshark -C XDP -o privs.warn_if_elevated:FALSE -o gui.ask_unsaved:FALSE \
		-o "capture.devices_hide:$hidden" "$@" >"$HOME/wireshark.log" 2>&1 &
	wireshark=$!
	desktop_pids="$wireshark $desktop_pids"
	wait_for 20 is_shown application Wireshark
	wait_for 60 place_window
}

# The window that greets is gone soon.
place_window()
{
	find_window && xdotool windowmove "$window" 0 0 windowsize "$window" 1280 800 windowfocus "$window" \
		2>>"$HOME/screen.log"
}

find_window()
{
	window=$(xdotool search --onlyvisible --pid $wireshark --name 'Wireshark|XDP hook|[.]pcapng' | head -n 1)
	[ -n "$window" ]
}

wireshark_title()
{
	xdotool getwindowname "$window"
}

is_titled()
{
	wireshark_title | grep -q "$1"
}

is_ended()
{
	! kill -0 "$1" 2>/dev/null
}

# screen [ROLE [PATTERN]]: see screen.py.
screen()
{
	"$gui/screen.py" "$@" 2>>"$HOME/screen.log"
}

is_shown()
{
	screen "$@" >/dev/null
}

is_not_shown()
{
	! is_shown "$@"
}

# point ROLE PATTERN: moves the mouse to the middle of that widget.
point()
{
	local place
	wait_for 20 is_shown "$@"
	place=$(screen "$@" | head -n 1 | awk -F '\t' '{ print int($4 + $6 / 2), int($5 + $7 / 2) }')
	# shellcheck disable=SC2086
	xdotool mousemove $place
}

click()
{
	point "$@"
	xdotool click 1
}

double_click()
{
	point "$@"
	xdotool click --repeat 2 --delay 50 1
}

# type_over PATTERN TEXT: puts the text in place of what is in that field.
type_over()
{
	click text "$1"
	xdotool key --clearmodifiers ctrl+a
	xdotool type --delay 20 "$2"
}

# field_colour PATTERN: of the background of that field, as "red green blue", 0 to 255.
field_colour()
{
	local place
	place=$(screen text "$1" | head -n 1 | awk -F '\t' '{ print "+" int($4 + $6 * 2 / 3) "+" int($5 + $7 / 2) }')
	import -window root -crop "1x1$place" -depth 8 rgb:- | od -An -tu1
}

# show_left PATTERN: the list of interfaces from its left side on, where long names have moved it.
show_left()
{
	point 'table cell' "$1"
	xdotool click --repeat 30 --delay 10 6
}

# click_cog PATTERN: the cog in front of an interface's name.
click_cog()
{
	show_left "$1"
	xdotool mousemove "$(screen 'table cell' "$1" | head -n 1 | cut -f 4 | awk '{ print $1 - 14 }')" \
		"$(xdotool getmouselocation --shell | sed -n 's/^Y=//p')" click 1
}

# The toolbar of our captures: the menu View, Interface Toolbars, XDP hooks. screen.py shows no menus: one is open when
# there is one more window.
toolbar_show()
{
	toolbar_toggle
	wait_for 20 is_shown label '^Filter$'
}

toolbar_hide()
{
	toolbar_toggle
	wait_for 20 is_not_shown label '^Filter$'
}

toolbar_toggle()
{
	local windows
	windows=$(count_windows)
	xdotool key alt+v
	wait_for 20 has_more_windows "$windows"
	xdotool key Down Down Down Right Return
}

count_windows()
{
	xdotool search --onlyvisible --pid "$wireshark" 2>/dev/null | wc -l
}

has_more_windows()
{
	[ "$(count_windows)" -gt "$1" ]
}

# toolbar_filter TEXT: types it into the toolbar's field, which has no name of its own, and Enter.
toolbar_filter()
{
	point label '^Filter$'
	xdotool mousemove_relative 70 0 click 1 key --clearmodifiers ctrl+a
	xdotool type --delay 20 "$1"
	xdotool key Return
}

# take_picture NAME: what the screen shows now, into $folder. A moment before it may still be drawn: two looks must be the same.
take_picture()
{
	xdotool mousemove 1279 799
	wait_for 20 is_steady
	convert "$HOME/look" +dither -colors 200 -define png:compression-level=9 "png8:$folder/$1.png"
}

is_steady()
{
	local before
	before=$(cat "$HOME/look.sum" 2>/dev/null) || true
	import -window root "png:$HOME/look"
	convert "$HOME/look" rgb:- | md5sum >"$HOME/look.sum"
	[ "$before" = "$(cat "$HOME/look.sum")" ]
}

# send_each PORT...
send_each()
{
	local port
	for port; do
		world_send "$port" 1
	done
}

# has_packets COUNT
has_packets()
{
	is_shown label "^Packets: $1 "
}
