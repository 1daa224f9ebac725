#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""untamed.py FILE...: exit status 1, and a line for each, if a file holds what a terminal obeys: control and
format characters, separators of lines and paragraphs, what is no UTF-8. Newlines are allowed.
"""
import sys
import unicodedata


def untamed(path):
    with open(path, "rb") as file:
        data = file.read()
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        yield "bytes that are no UTF-8: %r" % data[max(0, error.start - 20):error.end + 20]
        return
    for at, character in enumerate(text):
        if character != "\n" and unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp"):
            yield "U+%04X in %r" % (ord(character), text[max(0, at - 20):at + 20])


found = [(path, what) for path in sys.argv[1:] for what in untamed(path)]
for path, what in found:
    print("%s: %s" % (path, what))
sys.exit(bool(found))
