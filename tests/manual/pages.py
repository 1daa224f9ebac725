#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""pages.py WHAT SOURCE [PROGRAM]: compares the manual's pages with the tables that they are about."""
import glob
import os
import re
import shutil
import subprocess
import sys

source = sys.argv[2]
program = sys.argv[3] if len(sys.argv) > 3 else None
folder = os.path.join(source, "docs/man")
faults = []


def read(*path):
    with open(os.path.join(source, *path), encoding="utf-8") as file:
        return file.read()


def page(name):
    return read("docs/man", name)


def run(*words):
    return subprocess.run(words, capture_output=True, text=True, check=False, timeout=60,
                          env=dict(os.environ, LC_ALL="C.UTF-8"))


def compare(what, expected, actual):
    """Each side has what the other one has."""
    for name in sorted(set(expected) - set(actual)):
        faults.append(f"{what}: lacks {name}")
    for name in sorted(set(actual) - set(expected)):
        faults.append(f"{what}: has {name}, which there is not")


def flatten(line):
    """A line of mdoc macros as it is printed: '.It Fl s , Fl -snaplen Ns = Ns Ar BYTES' is '-s, --snaplen=BYTES'."""
    text = ""
    words = line.split()[1:]
    glued = True
    for index, word in enumerate(words):
        if word in ("Ar", "Cm", "Ql", "Pq", "Op", "Li"):
            continue
        if word == "Ns":
            glued = True
            continue
        if word == "Fl":
            text += "-" if glued else " -"
            glued = True
            continue
        text += word if glued or word in (",", ".") else " " + word
        glued = False
        if words[index - 1] == "Fl":
            continue
    return text


def section(text, title):
    """The lines of a section, or of all up to the next one."""
    found = re.search(rf"^\.Sh {title}\n(.*?)(?=^\.Sh |\Z)", text, re.M | re.S)
    return found.group(1) if found else ""


def commands():
    listed = re.search(r"^Commands:\n(.*?)\n\n", run(program, "--help").stdout, re.M | re.S)
    return [line.split()[0] for line in listed.group(1).splitlines()]


def check_options():
    """Pages and --help have the same commands and options, with the same arguments."""
    everywhere = set()
    compare("xdpshark.1, commands", commands(), re.findall(r"^\.It Cm (\S+)$", section(page("xdpshark.1"), "DESCRIPTION"), re.M))
    for command in commands():
        name = f"xdpshark-{command}.1"
        if not os.path.exists(os.path.join(folder, name)):
            faults.append(f"there is no docs/man/{name}")
            continue
        text = page(name)
        text = section(text, "OPTIONS") or section(text, "DESCRIPTION")
        documented = [flatten(line) for line in re.findall(r"^\.It Fl.*$", text, re.M)]
        helped = re.findall(r"^  (-\S+(?:, --\S+)?)  ", run(program, command, "--help").stdout, re.M)
        compare(f"{name}, options", helped, documented)
        everywhere |= set(re.findall(r"--[a-z-]+", " ".join(helped)))
    for command in set(commands()) - {"capture"}: # whose page has others' options
        for option in re.findall(r"\bFl (-[a-z-]+)", page(f"xdpshark-{command}.1")):
            if f"-{option}" not in everywhere:
                faults.append(f"xdpshark-{command}.1: -{option} is no option")
    xrefs = {f"xdpshark-{command}" for command in commands()}
    compare("xdpshark.1, pages that it refers to", xrefs, re.findall(r"^\.Xr (xdpshark-\S+) 1", page("xdpshark.1"), re.M))


def check_habits():
    """What is taken from tcpdump and dumpcap, by its letters and names."""
    rows = re.findall(r"^\t\{ ('(.)'|0), (\"([a-z-]+)\"|NULL), (?:TRUE|FALSE),", read("extcap/cli/habit.c"), re.M)
    known = {f"-{row[1]}" for row in rows if row[1]} | {f"--{row[3]}" for row in rows if row[3]}
    text = section(page("xdpshark-capture.1"), "FROM TCPDUMP AND DUMPCAP")
    documented = set(re.findall(r"\bFl (-?[A-Za-z0-9#][A-Za-z0-9-]*)", text))
    ours = {option.split("=")[0] for line in re.findall(r"^  (-\S+(?:, --\S+)?)  ", run(program, "capture", "--help").stdout, re.M)
            for option in line.split(", ")}
    if not known:
        faults.append("no habits were found in habit.c")
    compare("xdpshark-capture.1, habits", known - ours, {f"-{name}" for name in documented} - ours)


def check_fields():
    table = "".join(read(path) for path in sorted(glob.glob(os.path.join(source, "dissector/*.c"))))
    fields = re.findall(r'"(xdp\.[a-z_.]+)", (FT_\w+|PI_\w+, PI_\w+)', table)
    expected = {f"{name} {kind.split()[-1]}" for name, kind in fields}
    documented = {f"{name} {kind}" for name, kind in re.findall(r"^\.It Cm (xdp\.\S+) Pq (\w+)$", page("xdp-fields.7"), re.M)}
    compare("xdp-fields.7", expected, documented)
    names = {name.split()[0] for name in expected} | {"xdp.so"} | {f"xdp.{one}" for one in re.findall(r"prefs_register_\w+\([^,]*, \"(\w+)\"", table)}
    for path in ["docs/man/xdp-fields.7"] + sorted(glob.glob(os.path.join(source, "docs/*.md"))) + ["README.md"]:
        for name in set(re.findall(r"(?<![\w/.-])xdp\.[a-z_.]*[a-z](?![\w/])", read(path))) - names:
            if not any(known.startswith(name + ".") for known in names) and name != "xdp.frags":
                faults.append(f"{os.path.relpath(path, source) if path[0] == '/' else path}: there is no field {name}")


def tidy(text):
    return re.sub(r"\s*([*(),])\s*", r"\1", re.sub(r"\s+", " ", text)).strip()


def prototypes_of_page(text):
    """NAME to TYPE NAME(PARAMETER,PARAMETER)."""
    found = {}
    for kind, name, body in re.findall(r'^\.Ft "?([^"\n]+?)"?\n\.Fo (\w+)\n(.*?)^\.Fc$', text, re.M | re.S):
        found[name] = tidy(f"{kind} {name}({','.join(re.findall(chr(34) + '(.*?)' + chr(34), body))})")
    for kind, name, words in re.findall(r'^\.Ft "?([^"\n]+?)"?\n\.Fn (\w+) (.*)$', text, re.M):
        found[name] = tidy(f"{kind} {name}({','.join(re.findall(chr(34) + '(.*?)' + chr(34), words))})")
    return found


def check_header():
    for path, name in (("core/include/cbpf/cbpf.h", "cbpf.3"), ("bpf/xdpshark_hook.h", "xdpshark_hook.3")):
        header = re.sub(r"/\*.*?\*/|//.*?$", "", read(path), flags=re.M | re.S)
        text = page(name)
        declared = {match.group(2): tidy(f"{match.group(1)} {match.group(2)}({match.group(3)})") for match in
                    re.finditer(r"^(?:static __always_inline )?((?:const )?(?:struct )?\w+ \**)(\w+)\(([^()]*)\)(?:;|\n\{)", header, re.M)}
        documented = prototypes_of_page(text)
        compare(f"{name}, functions", declared, documented)
        for function in set(declared) & set(documented):
            if declared[function] != documented[function]:
                faults.append(f"{name}: {documented[function]} is {declared[function]} in {path}")
        names = set(re.findall(r"^#define (\w+[^_\W])[ (]", header, re.M)) | set(re.findall(r"^\t(CBPF_\w+),", header, re.M))
        for constant in names:
            if not re.search(rf"\b{constant}\b", text):
                faults.append(f"{name}: lacks {constant}")
        listed = re.search(r"^\.Nm (.*?)^\.Nd", text, re.M | re.S).group(1)
        for function in declared:
            if function not in listed:
                faults.append(f"{name}: the name section lacks {function}")


def check_filters():
    """What the page says compiles does, and what it says is refused is."""
    text = page("xdpshark-filter.7")
    # No device is known here; the first from libpcap 1.11 on; names depend on the resolver; hooks have links of both kinds.
    apart = {"ip broadcast", "inbound", "outbound", "ifindex 3", "host example.org"}
    for title, status in (("WHAT MEANS SOMETHING ELSE", 0), ("WHAT HAS NO MEANING", 1)):
        filters = [one.strip() for line in re.findall(r"^\.It (Ql .*)$", section(text, title), re.M)
                   for one in re.split(r"\s*,?\s*\bQl ", line) if one.strip()]
        if not filters:
            faults.append(f"xdpshark-filter.7: no filters in {title}")
        for one in set(filters) - apart:
            answer = run(program, "filter", one)
            if answer.returncode != status:
                faults.append(f"xdpshark-filter.7: '{one}' has status {answer.returncode}: {answer.stderr.strip()}")


def check_lint():
    pages = sorted(glob.glob(os.path.join(folder, "*.[1-9]")))
    for tool in ("mandoc", "lexgrog", "man"):
        if not shutil.which(tool):
            print(f"SKIP: {tool} is not installed")
            sys.exit(77)
    for line in (run("mandoc", "-T", "lint", "-W", "style", *pages).stdout).splitlines():
        if "referenced manual not found" not in line:
            faults.append(line)
    for path in pages:
        known = run("lexgrog", path)
        name = os.path.basename(path)
        if known.returncode or f'{name}: "' not in known.stdout.replace(folder + "/", ""):
            faults.append(f"lexgrog: {name}: {known.stdout.strip()}")
        # What man-db uses warns of what it does not know.
        shown = run("man", "--warnings", "-l", path)
        if shown.returncode or shown.stderr:
            faults.append(f"man -l {name}: {shown.stderr.strip()}")
        for other, number in re.findall(r"^\.Xr (xdp\S+|cbpf) (\d)", page(name), re.M):
            if not os.path.exists(os.path.join(folder, f"{other}.{number}")):
                faults.append(f"{name}: there is no {other}({number})")


checks = {"options": check_options, "habits": check_habits, "fields": check_fields, "header": check_header,
          "filters": check_filters, "lint": check_lint}
checks[sys.argv[1]]()
for fault in faults:
    print(f"FAIL: {fault}")
sys.exit(1 if faults else 0)
