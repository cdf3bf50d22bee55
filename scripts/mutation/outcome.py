# SPDX-License-Identifier: GPL-2.0-only
"""Prints what became of each mutant, and counts."""

import collections
import threading


class Outcome:
    """Of one call of scripts/mutants; several threads may report."""

    def __init__(self):
        self.count = collections.Counter()
        self.lock = threading.Lock()

    def line(self, kind, text):
        with self.lock:
            self.count[kind] += 1
            print(f"{kind:<8} {text}", flush=True)

    def add(self, caught, text):
        """A mutant that a test is to notice."""
        self.line("caught" if caught else "MISSED", text)

    def error(self, text):
        """A mistake in a list."""
        self.line("error", text)

    def left_out(self, mutants):
        """There was no time for these."""
        if mutants:
            self.count["left out"] += len(mutants)
            print(f"no time  for {' '.join(m.name for m in mutants)}", flush=True)

    def close(self, listed):
        """The last line. @listed are all entries of the lists used. Returns an exit status."""
        count, verdicts = self.count, collections.Counter(m.verdict for m in listed)
        tried = count["caught"] + count["MISSED"] + count["error"]
        text = (f"{count['caught']} of {tried} caught, {verdicts['cannot-show']} cannot show, "
                f"{verdicts['missed'] + count['MISSED']} missed")
        for kind, what in (("as said", "of those not caught, as the list says"),
                           ("error", "wrong in the list"), ("left out", "left out")):
            if count[kind]:
                text += f"; {count[kind]} {what}"
        print(text)
        done = count["caught"] + count["as said"] + count["found"]
        return 1 if count["MISSED"] or count["error"] or not done else 0
