# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs Wireshark's own programs with the plugin that was just built, and no other."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

SKIP = 77  # ctest's SKIP_RETURN_CODE
NOBODY = 65534
TIME_LIMIT = 60  # seconds, for one program
LOADS_PLUGINS = ("tshark", "sharkd")
PROGRAMS = (*LOADS_PLUGINS, "editcap", "mergecap")


class Wireshark:
    """A home of its own that holds the plugin. As root, Wireshark loads no personal plugins, so
    its programs run as nobody then."""

    def __init__(self, plugin):
        for program in PROGRAMS:
            if not shutil.which(program):
                print(f"SKIP: {program} is not installed")
                sys.exit(SKIP)
        self.folder = tempfile.TemporaryDirectory(prefix="xdpshark-dissector-")
        self.home = pathlib.Path(self.folder.name)
        self.home.chmod(0o755)
        empty = self.home / "empty"
        empty.mkdir()
        self.identity = {}
        if os.geteuid() == 0:
            self.identity = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
            os.chown(self.home, NOBODY, NOBODY)
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "LC_ALL": "C.UTF-8",
            # Do not test an xdp.so that is installed system-wide; and tshark -G would start every
            # extcap.
            "WIRESHARK_PLUGIN_DIR": str(empty),
            "WIRESHARK_EXTCAP_DIR": str(empty),
        }
        self.sanitizer = {}
        if os.environ.get("XDPSHARK_ASAN_RUNTIME"):
            self.sanitizer = {
                "LD_PRELOAD": os.environ["XDPSHARK_ASAN_RUNTIME"],
                "ASAN_OPTIONS": "detect_leaks=0",  # Wireshark's own
            }
        self.plugin = self._personal_folder() / "epan" / "xdp.so"
        self.plugin.parent.mkdir(parents=True)
        shutil.copy(plugin, self.plugin)
        self.plugin.chmod(0o755)

    def _personal_folder(self):
        for line in self.run("tshark", "-G", "folders").stdout.splitlines():
            name, _, value = line.partition(":")
            if name == "Personal Plugins":
                return pathlib.Path(value.strip())
        raise AssertionError("tshark -G folders names no personal plugins")

    def run_unittest(self):
        """Runs the tests of the main module, and exits."""
        try:
            program = unittest.main(exit=False, verbosity=2)
        finally:
            self.close()
        sys.exit(not program.result.wasSuccessful())

    def close(self):
        self.folder.cleanup()

    def write(self, name, data):
        path = self.home / name
        path.write_bytes(data)
        path.chmod(0o644)
        return path

    def start(self, *command, **streams):
        environment = self.environment
        # A program without ASan can only load a plugin with it if the runtime is loaded first.
        if command[0] in LOADS_PLUGINS:
            environment = environment | self.sanitizer
        return subprocess.Popen(
            [str(part) for part in command], env=environment, cwd=self.home,
            encoding="utf-8", errors="backslashreplace", **self.identity, **streams)

    def run(self, *command, check=True, text=""):
        """Runs to the end and returns the subprocess.CompletedProcess."""
        with self.start(*command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                        stderr=subprocess.PIPE) as process:
            try:
                stdout, stderr = process.communicate(text, TIME_LIMIT)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
        if check and process.returncode != 0:
            raise AssertionError(f"{command} ended with {process.returncode}: {stderr}")
        return subprocess.CompletedProcess(command, process.returncode, stdout, stderr)

    def tshark(self, *arguments):
        return self.run("tshark", *arguments).stdout

    def fields(self, path, names, *arguments):
        """A list per packet with the values of the named fields, as -T fields prints them."""
        options = [option for name in names for option in ("-e", name)]
        output = self.tshark("-r", path, "-T", "fields", "-E", "separator=|", *arguments, *options)
        return [line.split("|") for line in output.splitlines()]

    def frames(self, path, display_filter):
        """The numbers of the frames that a display filter selects."""
        output = self.tshark("-r", path, "-T", "fields", "-e", "frame.number", "-Y",
                             display_filter)
        return [int(line) for line in output.split()]

    def sharkd(self, *requests):
        """Sends (method, params) pairs to one sharkd and returns their results."""
        lines = [json.dumps({"jsonrpc": "2.0", "id": i, "method": method, "params": params})
                 for i, (method, params) in enumerate(requests, 1)]
        answers = [json.loads(line) for line in
                   self.run("sharkd", "-", text="\n".join(lines) + "\n").stdout.splitlines()
                   if line.startswith("{")]
        return {answer["id"]: answer.get("result", answer.get("error")) for answer in answers}
