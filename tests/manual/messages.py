#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""messages.py check SOURCE: docs/messages.md has each message that the sources have, and no other.
messages.py list SOURCE: prints those of the sources, a line each, with what is filled in as "…"."""
import glob
import os
import re
import sys

# Calls whose format is what a user reads.
CALLS = re.compile(r"\b(?:g_set_error(?:_literal)?|g_prefix_error(?:_literal)?|g_printerr|g_warning|report_message|set_error|set_text)\b")
# Files of which every text is one, or a part of one that is all that matters.
TABLES = ("hookd/load_error.c", "capture/detached.c", "capture/follow.c", "discovery/hook_proof.c", "output/output.c")
# What is no message: names of files, the kernel's words that are looked for, notes for the log of who debugs.
NOT = re.compile(r"^/|^sysctl |^mixing of|^in non-JITed|^unknown func|^cannot use helper|=$|^(?:[\W…]|hook)*$|"
                 r"^(?:there is:|is captured|detached from|no program|no_new_privs|its account|its capabilities|being dumpable|system calls|"
                 r"verification time|write to|packets to|pinned at|capturing on …, …|… \(leaving without\)|capture filter \"…\":)$")
ROOMS = ("call", "capture", "cli", "discovery", "filter", "hookd", "model", "output", "process", "remote", "stat", "wireshark")
LITERAL = r'"(?:[^"\\]|\\.)*"'
GLUED = re.compile(rf'{LITERAL}(?:\s*(?:[A-Z_][A-Z0-9_]+\s*)?{LITERAL})*')


def without_comments(text):
    return re.sub(rf"{LITERAL}|/\*.*?\*/|//[^\n]*", lambda m: m.group(0) if m.group(0)[0] == '"' else " ", text, flags=re.S)


def arguments(text, start):
    """Of the call whose '(' is at start."""
    depth, position = 0, start
    while position < len(text):
        if text[position] == '"':
            position = re.compile(LITERAL).match(text, position).end()
            continue
        depth += {"(": 1, ")": -1}.get(text[position], 0)
        position += 1
        if depth == 0:
            return text[start + 1:position - 1]
    return text[start + 1:]


def plain(literals, macros):
    """The text of literals in a row, with '…' in place of what is filled in."""
    text = ""
    for part in re.findall(rf"{LITERAL}|[A-Z_][A-Z0-9_]+", literals):
        text += part[1:-1] if part[0] == '"' else macros.get(part, "%s" if not part.startswith("G_GUINT64") and not part.startswith("G_GINT64") else "")
    text = text.replace("\\n", " ").replace('\\"', '"').replace("\\\\", "\\")
    text = re.sub(r"%(?:\.\*|[0-9.*]*)?(?:zu|ju|[sudcxf]|04o|)(?=\W|$|[a-z])", lambda m: "…" if m.group(0) != "%" else "…", text.replace("%%", "\0"))
    return re.sub(r"\s+", " ", re.sub(r"…(?:…)+", "…", text)).replace("\0", "%").strip()


def words(text):
    return len(re.findall(r"[A-Za-z][a-z'-]+", text))


def find(source):
    """Message to the files that have it; and all texts of all files."""
    found, texts = {}, set()
    for room in ROOMS + (".",):
        for path in sorted(glob.glob(os.path.join(source, "extcap", room, "*.c"))):
            with open(path, encoding="utf-8") as file:
                text = without_comments(file.read())
            name = os.path.relpath(path, os.path.join(source, "extcap"))
            macros = {}
            texts |= {plain(match.group(0), macros) for match in GLUED.finditer(text)}
            for macro, value in re.findall(rf"^#define (\w+)\s+(?:\\\n\s*)?({LITERAL}(?:[\s\\]*{LITERAL})*)", text, re.M):
                macros[macro] = "".join(one[1:-1] for one in re.findall(LITERAL, value))
            if name in TABLES:
                bodies = [re.sub(r"^#include.*$", "", text, flags=re.M)]
            else:
                bodies = [arguments(text, match.end()) for match in CALLS.finditer(text) if text[match.end():match.end() + 1] == "("]
            for body in bodies:
                for match in GLUED.finditer(body):
                    message = plain(match.group(0), macros)
                    message = re.sub(r"^xdpshark: ", "", message)
                    if words(message) >= 2 and not NOT.search(message):
                        found.setdefault(message, []).append(name)
    return found, texts


if __name__ == "__main__":
    messages, texts = find(sys.argv[2])
    if sys.argv[1] == "list":
        for one, files in messages.items():
            print(f"{files[0]}: {one}")
        sys.exit(0)

    with open(os.path.join(sys.argv[2], "docs/messages.md"), encoding="utf-8") as page:
        rows = [re.split(r"(?<!\\)\|", line)[1] for line in page if line.startswith("| `")]
    keys = [key for row in rows for key in re.findall(r"`([^`]+)`", row)]
    keys.remove("lost")
    patterns = {key: re.compile("^" + ".*".join(map(re.escape, key.split("…"))) + "$") for key in keys}
    faults = [f"docs/messages.md lacks: {one} ({', '.join(files)})" for one, files in messages.items()
              if not any(pattern.match(one) for pattern in patterns.values())]
    faults += [f"docs/messages.md has what no source has: {key}" for key, pattern in patterns.items() if not any(map(pattern.match, texts | set(messages)))]
    for fault in faults:
        print(f"FAIL: {fault}")
    if len(messages) < 150:
        print(f"FAIL: only {len(messages)} messages were found")
    sys.exit(1 if faults or len(messages) < 150 else 0)
