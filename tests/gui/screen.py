#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""screen.py [ROLE [PATTERN]]: what the applications of this desktop show, as an aid for the blind is told it.

A line for each widget that is visible: role, name, description, and x, y, width and height on the screen,
with tabs between. With a ROLE only widgets of that role, with a PATTERN (a regular expression) only those
whose name holds it; exit status 1 if there is none.

Run by Debian's own Python: python3-gi is installed for that one only.
"""
import re
import sys

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, GLib  # noqa: E402

# Menus are long, and their items count as visible while they are closed.
LEFT_OUT = ("menu bar", "menu")


def widgets(widget):
    """The widget and what is in it, without what is hidden."""
    if widget is None:
        return
    try:
        role = widget.get_role_name()
        showing = widget.get_state_set().contains(Atspi.StateType.SHOWING)
        if role in LEFT_OUT or not (showing or role == "application"):
            return
        area = widget.get_extents(Atspi.CoordType.SCREEN)
        yield (role, widget.get_name(), widget.get_description(), area.x, area.y, area.width, area.height)
        children = [widget.get_child_at_index(i) for i in range(widget.get_child_count())]
    except GLib.Error:
        return  # It went away while we looked.
    for child in children:
        yield from widgets(child)


def main(role=None, pattern=""):
    found = False
    desktop = Atspi.get_desktop(0)
    for i in range(desktop.get_child_count()):
        for widget in widgets(desktop.get_child_at_index(i)):
            if (role is None or widget[0] == role) and re.search(pattern, widget[1]):
                found = True
                print(*(str(value).replace("\n", " ") for value in widget), sep="\t")
    return 0 if found else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
