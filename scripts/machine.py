# SPDX-License-Identifier: GPL-2.0-only
"""Run a program, scripts/qemu mostly, so that it never outlives us or its time."""

import contextlib
import os
import select
import signal
import subprocess
import time

# Process IDs of what runs now, in any thread
alive = set()


def end_on_signals():
    """Let SIGTERM, SIGINT and SIGHUP end us, and first all that we run."""
    def end(number, _frame):
        for pid in list(alive):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
        os._exit(128 + number)

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, end)


@contextlib.contextmanager
def running(command, **options):
    """A subprocess that is told to end when the block is left before it has."""
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, **options) as process:
        alive.add(process.pid)
        try:
            yield process
        finally:
            if process.poll() is None:
                process.terminate()
                try:
                    process.wait(15)
                except subprocess.TimeoutExpired:
                    process.kill()
            alive.discard(process.pid)


class Console:
    """The lines of a process, as long as they come in time."""

    def __init__(self, process, seconds):
        self.file = process.stdout
        self.deadline = 0.0
        self.expired = False
        self.allow(seconds)

    def allow(self, seconds):
        """The next lines have so much time from now on."""
        self.deadline = time.monotonic() + seconds

    def lines(self):
        """Ends with the output, or sets expired."""
        rest = b""
        while select.select([self.file], [], [], max(self.deadline - time.monotonic(), 0))[0]:
            data = os.read(self.file.fileno(), 65536)
            *lines, rest = (rest + data).split(b"\n")
            for line in lines + ([rest] if rest and not data else []):
                yield line.decode(errors="replace").rstrip()
            if not data:
                return
        self.expired = True
