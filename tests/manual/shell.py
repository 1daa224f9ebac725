# SPDX-License-Identifier: GPL-2.0-or-later
"""Shells at a terminal of their own, whose completion is asked with keys, as a person does."""
import fcntl
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import termios
import time

LIMIT = 60


class Shell:
    """A shell that waits for a line; subclasses say how all completions of a word come into the line."""

    def __init__(self, words, setup):
        self.output = b""
        self.number = 0
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execvpe(words[0], words, dict(os.environ, TERM="dumb", LC_ALL="C.UTF-8"))
        # What is echoed is broken at the width, and a list of completions asks for keys at the height.
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 1000, 4000, 0, 0))
        self.send(setup + "\n")
        self.run("", "")

    def send(self, text):
        os.write(self.fd, text.encode())

    def wait(self, pattern):
        """What has been printed up to this pattern, which must come."""
        end = time.monotonic() + LIMIT
        while True:
            found = re.search(pattern, self.output, re.S)
            if found:
                self.output = self.output[found.end():]
                return found
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.fd], [], [], left)[0]:
                raise TimeoutError(f"{type(self).__name__}: no {pattern} in {self.output!r}")
            try:
                self.output += os.read(self.fd, 65536)
            except OSError as error:
                raise EOFError(f"{type(self).__name__} has ended: {self.output!r}") from error

    def run(self, text, keys):
        """Types text and keys, and has the line printed in place of run: its words, without those of text before its last."""
        self.number += 1
        mark = f"={self.number}="
        # Written in two parts, so that the echo is not taken for it.
        self.send(f"{text}{keys}\x01printf '%s\\n' '='{self.number}= \x05 '.'{self.number}.\r")
        found = self.wait(rf"\n{mark}\r*\n(.*?)\.{self.number}\.".encode())
        return [line for line in found.group(1).decode().replace("\r", "").split("\n") if line]

    def all(self, text):
        """All completions of the last word of text."""
        return set(self.run(text, self.insert_all)[len(text.split(" ")) - 1:])

    def tab(self, text):
        """The line after one TAB, as words."""
        return self.run(text, "\t")

    def close(self):
        os.close(self.fd)
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)


class Bash(Shell):
    insert_all = "\x1b*"

    def __init__(self, file):
        super().__init__(["bash", "--norc", "--noprofile", "-i"],
                         f"PS1='> '; bind 'set enable-bracketed-paste off'; . /usr/share/bash-completion/bash_completion; . {file}")


class Zsh(Shell):
    insert_all = "\x18a"

    def __init__(self, file):
        super().__init__(["zsh", "-f", "-i"], f"PS1='> '; unsetopt zle_bracketed_paste prompt_sp; unset zle_bracketed_paste; fpath=({os.path.dirname(file)} $fpath); "
                         "autoload -Uz compinit; compinit -u -D; bindkey -e; zle -C every complete-word _generic; bindkey '^Xa' every; "
                         "zstyle ':completion:every::::' completer _all_matches _complete; zstyle ':completion:every:*' insert true; "
                         "setopt interactive_comments")


class Fish:
    """It prints its completions itself when asked to; a terminal would only cut them."""

    def __init__(self, file):
        self.file = file

    def all(self, text):
        answer = subprocess.run(["fish", "--no-config", "-c", "source $argv[1]; complete -C $argv[2]", self.file, text], check=True,
                                capture_output=True, text=True, timeout=LIMIT, env=dict(os.environ, LC_ALL="C.UTF-8"))
        if answer.stderr:
            raise RuntimeError(f"fish: {answer.stderr}")
        return {line.split("\t")[0] for line in answer.stdout.splitlines()}

    def tab(self, text):
        found = self.all(text)
        return text.split(" ")[:-1] + (list(found) if len(found) == 1 else [text.split(" ")[-1]])

    def close(self):
        pass


def installed(name):
    return shutil.which(name) is not None and (name != "bash" or os.path.exists("/usr/share/bash-completion/bash_completion"))
