#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""commands.py run FILE...: prints the command lines of pages, which tasks.sh runs.
commands.py check SOURCE PROGRAM: all pages: what looks like a command of xdpshark has options that there are, and links lead somewhere."""
import glob
import os
import re
import shlex
import subprocess
import sys

OURS = re.compile(r"^(?:sudo )?(?:xdpshark (?:capture|list|filter|doctor|stat)\b|tshark -|editcap )|^(?:sudo )?ssh \S+ xdpshark ")


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def lines_of(path):
    """Indented lines, and what stands in quotes in sentences and in the last column of tables."""
    if path.endswith((".1", ".3", ".7")):
        found = [line[4:].replace("\\e", "\\") for line in read(path).splitlines() if line.startswith(".Dl ")]
    else:
        text = re.sub(r"^```.*?^```", "", read(path), flags=re.M | re.S)
        found = [line[4:] for line in text.splitlines() if line.startswith("    ")]
        found += [one.replace("\\|", "|") for one in re.findall(r"(?<!`)`([^`\n]+)`(?!`)", text)]
    return [line for line in found if OURS.match(line) and "..." not in line]


def helped(program, command):
    text = subprocess.run([program, command, "--help"], capture_output=True, text=True, check=True, timeout=60).stdout
    return {option for line in re.findall(r"^  (-\S+(?:, --\S+)?)  ", text, re.M) for option in line.split("=")[0].split(", ")}


def check(source, program):
    faults = []
    options = {}
    habits = set(re.findall(r"^\t\{ '(.)', ", read(os.path.join(source, "extcap/cli/habit.c")), re.M))
    pages = [os.path.join(source, "README.md")] + sorted(glob.glob(os.path.join(source, "docs/*.md"))) + sorted(
        glob.glob(os.path.join(source, "docs/man/*.[137]")))
    count = 0
    for page in pages:
        name = os.path.relpath(page, source)
        for line in lines_of(page):
            part = re.search(r"xdpshark (\w+)([^|>;&]*(?:'[^']*')?[^|>;&]*)", line)
            if not part:
                continue
            count += 1
            command = part.group(1)
            if command not in options:
                options[command] = helped(program, command)
            try:
                words = shlex.split(part.group(2), comments=True)
            except ValueError:
                words = part.group(2).split()
            for word in words:
                option = word.split("=")[0]
                known = (option in options[command] or option[:2] in options[command]) if not word.startswith("--") else option in options[command]
                if re.match(r"-[a-zA-Z-]", word) and not known and not (command == "capture" and word[1] in habits and word[1] != "-"):
                    faults.append(f"{name}: xdpshark {command} has no option {word}: {line}")
        if not page.endswith(".md"):
            continue
        for link in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", read(page)):
            if not link.startswith("http") and not os.path.exists(os.path.join(os.path.dirname(page), link)):
                faults.append(f"{name}: there is no {link}")
    if count < 40:
        faults.append(f"only {count} command lines were found")
    for fault in faults:
        print(f"FAIL: {fault}")
    return 1 if faults else 0


if sys.argv[1] == "check":
    sys.exit(check(sys.argv[2], sys.argv[3]))
for file in sys.argv[2:]:
    for one in lines_of(file):
        print(one)
