#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""completion.py SHELL: what it completes against what xdpshark itself says there is."""
import json
import os
import re
import subprocess
import sys

import shell

FILES = {"bash": (shell.Bash, "/usr/local/share/bash-completion/completions/xdpshark"),
         "zsh": (shell.Zsh, "/usr/local/share/zsh/site-functions/_xdpshark"),
         "fish": (shell.Fish, "/usr/local/share/fish/vendor_completions.d/xdpshark.fish")}
name = sys.argv[1]
if not shell.installed(name):
    print(f"SKIP: {name} or its completion is not installed")
    sys.exit(77)
kind, path = FILES[name]
asked = kind(path)
faults = 0


def output(*words):
    return subprocess.run(words, check=True, capture_output=True, text=True, timeout=60).stdout


def check(text, expected):
    global faults
    # A shell may put the option before each of its values, or before the first.
    actual = {re.sub(r"^--[a-z-]+=(?=.)", "", word) if "=" in text else word.rstrip("=") for word in asked.all(text)}
    actual.discard("--interface") # of dumpcap's, which zsh names as well
    if actual != set(expected):
        faults += 1
        print(f"FAIL: {name}: '{text}': lacks {sorted(set(expected) - actual)}, has {sorted(actual - set(expected))}")


def check_tab(text, expected):
    global faults
    actual = asked.tab(text)
    if actual != expected.split(" "):
        faults += 1
        print(f"FAIL: {name}: TAB behind '{text}': {actual} in place of {expected}")


listed = re.search(r"^Commands:\n(.*?)\n\n", output("xdpshark", "--help"), re.M | re.S).group(1)
commands = [line.split()[0] for line in listed.splitlines()]
check("xdpshark ", commands + ["--help", "--version"])
check_tab("xdpshark cap", "xdpshark capture")
choices = {}
for command in commands:
    options = re.findall(r"^  (?:(-.), )?(--[a-z-]+)(?:=(\S+))?  ", output("xdpshark", command, "--help"), re.M)
    check(f"xdpshark {command} --", [option for _, option, _ in options])
    for letter, option, argument in options:
        if "|" not in argument:
            continue
        choices[option] = argument
        check(f"xdpshark {command} {option}=", argument.split("|"))
        check(f"xdpshark {command} {option} ", argument.split("|"))
        if letter:
            check(f"xdpshark {command} {letter} ", argument.split("|"))
if "--verdict" not in choices or "--emit" not in choices:
    faults += 1
    print("FAIL: no choices were found in --help")

hooks = json.loads(output("xdpshark", "list", "--json"))
paths = [hook["path"] for hook in hooks if hook["path"] and not re.search(r"[^\w/]", hook["path"])]
actions = [slot["action"].lower() for slot in hooks[0]["slots"]]
for text in ("xdpshark capture -a ", "xdpshark capture --actions=", "xdpshark capture --actions "):
    check(text, actions)
# Other tests come and go with theirs.
for option, folder in ("--netns", "/run/netns"), ("--device", "/sys/class/net"):
    for text in (f"xdpshark capture {option} ", f"xdpshark capture {option}="):
        found = {re.sub(r"^--[a-z]+=", "", word) for word in asked.all(text)}
        if not found or not found <= set(os.listdir(folder)) or ("lo" if option == "--device" else os.environ["NETNS"]) not in found:
            faults += 1
            print(f"FAIL: {name}: '{text}': {found}")
check_tab("xdpshark capture -a drop,t", "xdpshark capture -a drop,tx")
check("xdpshark capture -w some", ["some-capture.pcapng"])
check_tab("xdpshark capture -Z nobo", "xdpshark capture -Z nobody")
if name != "zsh": # which shows the options then
    check("xdpshark list ", [])

# Hooks, by whatever they are called. Two of them have the same map.
for before in ("xdpshark capture ", "xdpshark capture -q ", "xdpshark capture -i ", "xdpshark capture --interface "):
    found = asked.all(before)
    if name == "bash" and not set(paths) <= found or name != "bash" and not {hook["path"] for hook in hooks if hook["path"]} <= {
            re.sub(r"\\(.)", r"\1", one) for one in found}:
        faults += 1
        print(f"FAIL: {name}: '{before}': lacks paths of {paths}: {found}")
    if any(one.startswith("xdp:") for one in found):
        faults += 1
        print(f"FAIL: {name}: '{before}': interfaces too: {found}")
check_tab("xdpshark capture /sys/fs/bpf/dir/sec", "xdpshark capture /sys/fs/bpf/dir/second")
check_tab("xdpshark capture kernel:dr", "xdpshark capture kernel:drops")
check_tab("xdpshark capture sec", "xdpshark capture second")
check_tab("xdpshark capture -i serv", "xdpshark capture -i server0")
check_tab("xdpshark capture xdp:/sys/fs/bpf/dir/se", "xdpshark capture xdp:/sys/fs/bpf/dir/second")
check_tab("xdpshark capture /sys/fs/bpf/dir/second /sys/fs/bpf/exa", "xdpshark capture /sys/fs/bpf/dir/second /sys/fs/bpf/example_hook")
functions = [line.split()[0] for line in output("xdpshark", "list", "--kernel", "ip_forward*").splitlines()]
if functions:
    if name != "bash": # which shows what is behind the colon
        check("xdpshark capture kernel:ip_forw", functions)
        check("xdpshark capture -i kernel:ip_forw", functions)
    check_tab("xdpshark capture -i kernel:ip_forward_o", "xdpshark capture -i kernel:ip_forward_options")
    check_tab("xdpshark capture kernel:netif_receive_skb,__udp4_lib_rc", "xdpshark capture kernel:netif_receive_skb,__udp4_lib_rcv")
    check_tab("xdpshark capture kernel:netf", "xdpshark capture kernel:netfilter")
for command in ("capture", "list"):
    check_tab(f"xdpshark {command} ssh://we", f"xdpshark {command} ssh://web1")
check_tab("xdpshark stat ssh://we", "xdpshark stat ssh://we")
asked.close()
sys.exit(1 if faults else 0)
