#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The page that the dialog's Help opens, against the dialog: each tab, each label and each option is on it, and no other.

usage: dialog.py PAGE XDPSHARK
"""
import html.parser
import re
import subprocess
import sys

INTERFACES = ["xdp-remote", "xdp:/sys/fs/bpf/fw", "xdp-prog:eth0", "xsk:eth0", "kernel:drops", "kernel:functions"]
# Labels say what things are, not how we call them.
JARGON = re.compile(r"snaplen|snapshot|verdict|epb|ring|slot|pin\b|fentry|fexit|bpf|CAP_", re.IGNORECASE)


class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.path, self.text, self.labels, self.tabs, self.options = [], "", {}, [], set()

    def handle_starttag(self, tag, attributes):
        if tag not in ("meta", "br", "link"):
            self.path.append(tag)
        if tag in ("th", "h2", "code"):
            self.text = ""

    def handle_data(self, data):
        self.text += data

    def handle_endtag(self, tag):
        if self.path.pop() != tag:
            sys.exit(f"</{tag}> closes another element")
        text = " ".join(self.text.split())
        if tag == "h2":
            self.tabs.append(text)
        elif tag == "th":
            self.labels[text] = self.tabs[-1]
        elif tag == "code" and text.startswith("--"):
            self.options.add(text)


def sentences(xdpshark, interface):
    answer = subprocess.run([xdpshark, "--extcap-config", "--extcap-interface", interface],
                            capture_output=True, text=True, check=True).stdout
    for line in answer.splitlines():
        if line.startswith("arg "):
            yield dict(re.findall(r"\{([a-z]+)=([^{}]*)\}", line))


def main():
    path, xdpshark = sys.argv[1:]
    page = Page()
    with open(path, encoding="utf-8") as file:
        page.feed(file.read())
    faults, labels, options = [], set(), set()
    for interface in INTERFACES:
        for sentence in sentences(xdpshark, interface):
            label = sentence["display"]
            labels.add(label)
            options.add(sentence["call"])
            if f'"{sentence["group"]}"' not in page.labels.get(label, ""):
                faults.append(f"'{label}' is not below its tab \"{sentence['group']}\"")
            if JARGON.search(label):
                faults.append(f"'{label}' is no plain English")
            if sentence.get("default") == "0" and "(0: " not in label:
                faults.append(f"'{label}' does not say what 0 means")
    faults += [f"{option} is not on the page" for option in sorted(options - page.options)]
    faults += [f"{option} is not in the dialog" for option in sorted(page.options - options)]
    faults += [f"'{label}' is not in the dialog" for label, tab in page.labels.items()
               if tab.startswith("Tab") and label not in labels]
    sys.exit("\n".join(f"{path}: {fault}" for fault in faults) or 0)


main()
