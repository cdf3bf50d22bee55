# SPDX-License-Identifier: GPL-2.0-only
"""The lists of mutants: what an entry is, and how it changes a file."""

import collections
import os
import re

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

# In place of "by": why no test notices.
VERDICTS = ("missed", "cannot-show")


class ListError(Exception):
    """A mistake in a list, not in what it tests."""


def words(line):
    """A line for comparison: white space does not count."""
    return " ".join(line.split())


class Mutant:
    """One entry of a list: a file, its lines to change, and the tests that notice."""

    def __init__(self, pairs, where):
        keys = [key for key, group in _runs(pairs)]
        if keys[:4] != ["mutant", "in", "old", "new"] or len(keys) > 5 or \
                len(keys) == 5 and keys[4] not in ("by", *VERDICTS):
            raise ListError(f"{where}: an entry is mutant, in, old, new, and by or a verdict")
        values = {key: [value for _, value in group] for key, group in _runs(pairs)}
        self.name = values["mutant"][0]
        self.file, _, self.function = words(values["in"][0]).partition(" ")
        self.old = values["old"]
        self.new = values["new"]
        self.tests = values.get("by", [])
        self.verdict = keys[4] if len(keys) == 5 and keys[4] != "by" else None
        self.reason = " ".join(values[self.verdict]) if self.verdict else None

    def _lines_to_search(self, lines):
        if not self.function:
            return range(len(lines))
        if self.file.endswith(".S"):
            return self._lines_of_label(lines)
        head = re.compile(rf"^[\w}}].*\b{re.escape(self.function)}[\[(]")
        for first, line in enumerate(lines):
            if head.match(line) and not line.rstrip().endswith(";"):
                last = next(i for i in range(first, len(lines)) if lines[i] in ("}", "};"))
                return range(first, last)
        raise ListError(f"{self.name}: no function {self.function} in {self.file}")

    def _lines_of_label(self, lines):
        """From a label, or the head of a macro, to the next of them."""
        head = re.compile(r"^([A-Za-z_\\][\w\\]*):|^\t\.macro\s+(\w+)|^function (\w+)")
        heads = [(i, match.group(match.lastindex)) for i, match in
                 ((i, head.match(line)) for i, line in enumerate(lines)) if match]
        for number, (first, name) in enumerate(heads):
            if name == self.function:
                after = heads[number + 1:]
                return range(first, after[0][0] if after else len(lines))
        raise ListError(f"{self.name}: no label {self.function} in {self.file}")

    def apply(self, text):
        """The text of the file with its lines changed."""
        lines = text.split("\n")
        old = [words(line) for line in self.old]
        found = [i for i in self._lines_to_search(lines)
                 if [words(line) for line in lines[i:i + len(old)]] == old]
        if len(found) != 1:
            where = self.file + (f", {self.function}()" if self.function else "")
            raise ListError(f"{self.name}: {len(found)} places in {where} read: "
                            f"{' / '.join(self.old)}")
        first = found[0]
        indents = [line[:len(line) - len(line.lstrip())]
                   for line in lines[first:first + len(old)]]
        lines[first:first + len(old)] = [indents[min(i, len(old) - 1)] + new
                                         for i, new in enumerate(self.new)]
        return "\n".join(lines)

    def changed_text(self, tree):
        """Returns the file as it stands in a directory, and as the mutant has it."""
        with open(os.path.join(tree, self.file), encoding="utf-8") as f:
            text = f.read()
        return text, self.apply(text)


def _runs(pairs):
    """Consecutive pairs with the same key, as (key, pairs)."""
    runs = []
    for pair in pairs:
        if not runs or runs[-1][0] != pair[0]:
            runs.append((pair[0], []))
        runs[-1][1].append(pair)
    return runs


def read_list(path):
    """All mutants of a list."""
    mutants, pairs, start = [], [], 0
    base = os.path.basename(path)
    with open(path, encoding="utf-8") as f:
        for number, line in enumerate([*f, ""], 1):
            if line.startswith("#"):
                continue
            if not line.strip():
                if pairs:
                    mutants.append(Mutant(pairs, f"{base}:{start}"))
                pairs = []
                continue
            start = start if pairs else number
            key, _, value = line.rstrip("\n").partition("\t")
            pairs.append((key, value.strip()))
    names = collections.Counter(m.name for m in mutants)
    for name, count in names.items():
        if count > 1:
            raise ListError(f"{base}: {count} mutants with the name {name}")
    return mutants
