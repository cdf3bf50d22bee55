# SPDX-License-Identifier: GPL-2.0-only
"""Mutants of the kernel: build it, and boot it with the selftests that are to notice."""

import concurrent.futures
import hashlib
import importlib.machinery
import importlib.util
import os
import re
import subprocess
import sys
import time

import machine
from mutation.entries import TOP, ListError

LINUX = os.path.join(TOP, "build", "linux")
WORK = os.path.join(TOP, "build", "mutants")
COPY = os.path.join(WORK, "linux")
LOGS = os.path.join(TOP, "build", "logs")
DEBUG = os.environ.get("DEBUG", "0") not in ("", "0")
OUT = ".build-debug" if DEBUG else ".build-host"

TROUBLE = re.compile(r"(WARNING: .*|BUG: .*|Internal error.*|Kernel panic.*|"
                     r"Unable to handle kernel.*|UBSAN.*|KASAN.*|.*INFO: .*)")


def ktap_reader(add):
    """The parser of run-tests, which is a program and not a module."""
    path = os.path.join(TOP, "scripts", "run-tests")
    loader = importlib.machinery.SourceFileLoader("run_tests", path)
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("run_tests", loader))
    sys.dont_write_bytecode = True
    loader.exec_module(module)
    return module.Ktap(add)


class Tree:
    """The copy of the kernel tree, with its objects, in which mutants are made."""

    def copy(self):
        # Without data: files of the source are links, and a mutant is a new file.
        # What the compiler writes is copied.
        os.makedirs(COPY, exist_ok=True)
        rsync = ["rsync", "-a", "--delete"]
        subprocess.run([*rsync, "--link-dest", LINUX, "--exclude", "/.git", "--exclude",
                        "/.build-*", LINUX + "/", COPY + "/"], check=True)
        subprocess.run([*rsync, f"{LINUX}/{OUT}/", f"{COPY}/{OUT}/"], check=True)

    def write(self, file, text):
        path = os.path.join(COPY, file)
        with open(path + ".new", "w", encoding="utf-8") as f:
            f.write(text)
        os.replace(path + ".new", path)

    def build(self, log):
        """Returns whether it compiles."""
        script = ('. "$0/scripts/lib.sh"; linux=$1; kout=$linux/$2; '
                  'jobs=${JOBS:-$(nproc)}; kernel_make Image')
        with open(log, "w", encoding="utf-8") as f:
            return not subprocess.run(["bash", "-c", script, TOP, COPY, OUT], stdout=f,
                                      stdin=subprocess.DEVNULL,
                                      stderr=subprocess.STDOUT, check=False).returncode

    def image(self, name):
        """Keep the Image that was built; returns where and a hash."""
        kept = os.path.join(WORK, "Image-" + name)
        with open(os.path.join(COPY, OUT, "arch/arm64/boot/Image"), "rb") as f:
            data = f.read()
        with open(kept, "wb") as f:
            f.write(data)
        return kept, hashlib.sha256(data).hexdigest()

    def make(self, mutant):
        """Returns (Image, hash, seconds)."""
        start = time.monotonic()
        log = os.path.join(LOGS, f"mutant-{mutant.name}-build.log")
        original, changed = mutant.changed_text(LINUX)
        self.write(mutant.file, changed)
        try:
            if not self.build(log):
                raise ListError(f"{mutant.name}: does not compile, see {os.path.relpath(log, TOP)}")
            image, digest = self.image(mutant.name)
        finally:
            self.write(mutant.file, original)
        os.unlink(log)
        return image, digest, time.monotonic() - start


class Seen:
    """What one test came to."""

    def __init__(self):
        self.started = None
        self.seconds = 0.0
        self.ended = False
        self.passed = 0
        self.why = []
        self.assertion = None

    def case(self, ok, name, directive):
        if not ok:
            self.why.append(name)
        elif not directive.startswith("SKIP"):
            self.passed += 1


class Boot:
    """One boot with some tests, of which each leaves a Seen."""

    def __init__(self, name, image, tests, limit):
        self.name = name
        self.image = image
        self.limit = limit
        self.seen = {test: Seen() for test in tests}
        self.running = None
        self.stray = []
        self.ktap = None
        self.asserted = False

    def start(self, test):
        seen = self.seen.get(test)
        self.running = test if seen else None
        if seen:
            seen.started = time.monotonic()
            self.ktap = ktap_reader(seen.case)

    def end(self):
        if self.running:
            seen = self.seen[self.running]
            seen.ended = True
            seen.seconds = time.monotonic() - seen.started
        self.running = None

    def runner_line(self, text):
        word, _, rest = text.partition(" ")
        if word == "start":
            self.start(rest)
        elif word == "end" and self.running:
            self.status(int(rest.rpartition(" ")[2]))
            self.end()
        elif word == "|" and self.running:
            self.ktap.line(rest)
            self.assertion(rest)

    def status(self, status):
        seen = self.seen[self.running]
        if status in (124, 137, 143):
            seen.why.append(f"no end after {self.limit} s")
        elif status and not seen.why:
            seen.why.append(seen.assertion or f"exit status {status}")

    def assertion(self, text):
        """A test that stops at once says so with the condition on the next line."""
        if self.asserted:
            self.seen[self.running].assertion = " ".join(text.split())
        self.asserted = "==== Test Assertion Failure ====" in text

    def kernel_line(self, text):
        trouble = TROUBLE.match(text)
        if trouble and self.running:
            self.seen[self.running].why.insert(0, trouble[1])
        elif trouble:
            self.stray.append(trouble[1])
        suite = re.match(r" *# Subtest: (\w+)$", text)
        if suite and not self.running and f"kunit/{suite[1]}" in self.seen:
            self.start(f"kunit/{suite[1]}")
        if self.running and self.running.startswith("kunit/"):
            self.ktap.line(text)
            if re.match(rf"(not )?ok \d+ {self.running[len('kunit/'):]}$", text):
                self.end()

    def run(self):
        selftests = [t for t in self.seen if not t.startswith("kunit/")]
        command = [os.path.join(TOP, "scripts", "qemu"), "-K", self.image, self.name, "task=test",
                   f"limit={self.limit}", "tests=" + (",".join(selftests) or "none")]
        environment = dict(os.environ, TIMEOUT=str(60 + len(selftests) * (self.limit + 10)))
        with machine.running(command, env=environment) as process:
            for raw in process.stdout:
                match = re.match(r"\[ *[\d.]+\] (.*)$", raw.decode(errors="replace").rstrip())
                if match and match[1].startswith("runner: "):
                    self.runner_line(match[1][len("runner: "):])
                elif match:
                    self.kernel_line(match[1])
            process.wait()
        if self.running:
            self.seen[self.running].why.append("the machine stopped in it")
        return self


def short_name(test, case):
    """A case without what it has in common with the name of its test."""
    if test.startswith("kunit/"):
        return case.removeprefix(test[len("kunit/"):] + ".")
    return case


def control(tests):
    """All tests on the kernel as it is. Returns the time limit for the others."""
    tree_image = os.path.join(LINUX, OUT, "arch/arm64/boot/Image")
    boot = Boot("mutant-none", tree_image, tests, 600).run()
    wrong = [f"{test}: {seen.why[0] if seen.why else 'passed nothing'}"
             for test, seen in boot.seen.items()
             if seen.why or not seen.ended or not seen.passed] + boot.stray
    for line in wrong:
        print(f"error    without any mutant: {line}")
    if wrong:
        sys.exit(1)
    slowest = max(seen.seconds for seen in boot.seen.values())
    print(f"control  {len(boot.seen)} tests pass without any mutant, the slowest in "
          f"{slowest:.1f} s")
    return int(6 * slowest) + 20


def judge(mutant, boot):
    """Returns (caught, text)."""
    if not any(seen.started for seen in boot.seen.values()):
        raise ListError(f"{mutant.name}: does not boot as far as its tests: "
                        f"{boot.stray[0] if boot.stray else 'no reason seen'}")
    by = [f"{test} ({short_name(test, seen.why[0])})" for test, seen in boot.seen.items()
          if seen.why]
    missed = [test for test, seen in boot.seen.items() if seen.ended and not seen.why]
    if missed or not by:
        return False, "by " + ", ".join(missed or boot.seen) + \
            (f"; caught by {', '.join(by)}" if by else "")
    return True, "by " + ", ".join(by)


def run(mutants, outcome, deadline):
    """Build and boot each; those that the deadline leaves out are counted."""
    os.makedirs(LOGS, exist_ok=True)
    tree = Tree()
    tree.copy()
    # Its objects are those of the tree already, so this only finds out.
    if not tree.build(os.path.join(LOGS, "mutants-build.log")):
        sys.exit("mutants: the kernel does not compile, see build/logs/mutants-build.log")
    _, unchanged = tree.image("none")

    limit = control(list(dict.fromkeys(t for m in mutants for t in m.tests)))
    with concurrent.futures.ThreadPoolExecutor(1) as builder:
        # One is built while the one before is run.
        built = builder.submit(tree.make, mutants[0])
        for i, mutant in enumerate(mutants):
            if time.monotonic() > deadline:
                built.cancel()
                outcome.left_out(mutants[i:])
                break
            this, built = built, (builder.submit(tree.make, mutants[i + 1])
                                  if i + 1 < len(mutants) else None)
            try:
                image, digest, took = this.result()
                if digest == unchanged:
                    raise ListError(f"{mutant.name}: the same kernel as without it")
                start = time.monotonic()
                boot = Boot("mutant-" + mutant.name, image, mutant.tests, limit).run()
                os.unlink(image)
                caught, text = judge(mutant, boot)
            except ListError as error:
                outcome.error(error)
                continue
            outcome.add(caught, f"{mutant.name} {text}  "
                        f"[{took:.0f} s + {time.monotonic() - start:.0f} s]")
