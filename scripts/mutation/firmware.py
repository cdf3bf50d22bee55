# SPDX-License-Identifier: GPL-2.0-only
"""Mutants of the firmware: build it, and boot it with the bare-metal tests that are to notice."""

import concurrent.futures
import hashlib
import os
import queue
import re
import select
import subprocess
import sys
import time

import machine
from mutation.entries import TOP, ListError

LIBFDT = os.path.join(TOP, "build", "linux", "scripts", "dtc", "libfdt")
WORK = os.path.join(TOP, "build", "mutants-firmware")
LOGS = os.path.join(TOP, "build", "logs")
# Processes of a build, and boots side by side
JOBS = int(os.environ.get("JOBS") or os.cpu_count() or 1)
# What the build reads
SOURCES = ("firmware", "arch/arm64/tools/rmi", "arch/arm64/tools/rsi",
           "arch/arm64/tools/gen-rmi.awk",
           "tools/testing/selftests/kvm/include/arm64/rmm_test_control.h")

# In the place of a test: the machine does not come as far as the first.
BOOT = "boot"
FIRST_TEST = "global: VERSION accepts 2.0"
# Not the name of a test: all
ALL = None

# Seconds for any boot, and for a single test of a suite
TIMEOUT = 600
TEST_LIMIT = 45
# A suite that fails in so many tests has shown enough.
ENOUGH = 4


class Tree:
    """A copy of the firmware's source, with its objects, in which mutants are made."""

    def __init__(self, number):
        self.number = number
        self.path = os.path.join(WORK, f"tree{number}")
        self.out = os.path.join(self.path, "out")
        # There while the objects may be those of a mutant
        self.dirty = os.path.join(self.path, "dirty")
        self.changed = None

    def copy(self):
        """Bring the sources up to date; those of objects that may be a mutant's go."""
        os.makedirs(self.path, exist_ok=True)
        if os.path.exists(self.dirty):
            subprocess.run(["rm", "-rf", self.out], check=True)
            os.unlink(self.dirty)
        subprocess.run(["rsync", "-aR", "--delete", *SOURCES, self.path], cwd=TOP, check=True)

    def clone(self, other):
        """Take over the objects of another tree, which has just been built."""
        subprocess.run(["rsync", "-a", "--delete", other.path + "/", self.path], check=True)
        for directory, _, files in os.walk(self.out):
            for name in files:
                if name.endswith(".d"):
                    path = os.path.join(directory, name)
                    with open(path, encoding="utf-8") as f:
                        text = f.read()
                    with open(path, "w", encoding="utf-8") as f:
                        f.write(text.replace(other.path + "/", self.path + "/"))

    def write(self, file, text):
        with open(os.path.join(self.path, file), "w", encoding="utf-8") as f:
            f.write(text)

    def build(self, log, goal="flash"):
        """Returns whether it compiles."""
        script = '. "$0/scripts/lib.sh"; ccache_environment; make CROSS_COMPILE="$cross" "$@"'
        with open(log, "w", encoding="utf-8") as f:
            return not subprocess.run(
                ["bash", "-c", script, TOP, "-C", os.path.join(self.path, "firmware"),
                 "OUT=" + self.out, "LIBFDT=" + LIBFDT, f"-j{JOBS}", goal],
                stdin=subprocess.DEVNULL, stdout=f, stderr=subprocess.STDOUT,
                check=False).returncode

    def image(self):
        """Returns what was built and a hash."""
        path = os.path.join(self.out, "flash.bin")
        with open(path, "rb") as f:
            return path, hashlib.sha256(f.read()).hexdigest()

    def make(self, mutant):
        """Build with the mutant; restore() has to follow. Returns (image, hash)."""
        log = os.path.join(LOGS, f"mutant-{mutant.name}-build.log")
        original, changed = mutant.changed_text(self.path)
        self.changed = (mutant.file, original)
        with open(self.dirty, "w", encoding="utf-8"):
            pass
        self.write(mutant.file, changed)
        if not self.build(log):
            raise ListError(f"{mutant.name}: does not compile, see {os.path.relpath(log, TOP)}")
        os.unlink(log)
        return self.image()

    def restore(self):
        """The next build compiles the file again, since it is newer than its object."""
        if self.changed:
            self.write(*self.changed)
        self.changed = None


class Boot:
    """One boot with one test, or with the whole suite."""

    RESULT = re.compile(r"(not )?ok \d+ - (.*?)( # SKIP .*)?$")

    def __init__(self, name, image, limit, test):
        self.name = name
        self.image = image
        self.limit = limit
        self.test = test
        self.started = False
        self.ended = False
        self.passed = []
        self.failed = {}
        self.seen = []
        self.detail = None
        self.panic = None
        self.seconds = 0.0

    def line(self, text):
        result = self.RESULT.match(text)
        if re.match(r"# \d+ CPUs$", text):
            self.started = True
        elif result:
            self.seen.append(result[2])
            if result[1]:
                self.failed[result[2]] = self.detail or "no reason given"
            elif not result[3]:
                self.passed.append(result[2])
            self.detail = None
        elif text.startswith("# ") and not self.detail:
            self.detail = text[2:]
        elif re.match(r"\d+ passed, \d+ failed", text):
            self.ended = True
        elif "FIRMWARE PANIC" in text:
            self.panic = text

    def run(self):
        command = [os.path.join(TOP, "scripts", "qemu"), "-k", os.path.join(WORK, "payload.bin"),
                   self.name]
        if self.test is not ALL:
            command.append(f'only="{FIRST_TEST if self.test == BOOT else self.test}"')
        environment = dict(os.environ, TIMEOUT=str(TIMEOUT), RME="on", FIRMWARE=self.image)
        start = time.monotonic()
        with machine.running(command, env=environment) as process:
            for text in self.lines_of(process.stdout):
                self.line(text)
                if len(self.failed) == ENOUGH:
                    break
        self.seconds = time.monotonic() - start
        if not self.ended and not self.panic and len(self.failed) < ENOUGH:
            self.panic = "the machine stopped"
        return self

    def lines_of(self, file):
        """Lines as they come; ends when none came for too long."""
        rest = b""
        while select.select([file], [], [], self.limit)[0]:
            data = os.read(file.fileno(), 65536)
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                yield line.decode(errors="replace").strip("\r")
            if not data:
                return
        self.panic = self.panic or f"no end after {self.limit} s"

    def why(self, test):
        """Why the test does not pass, None if it does."""
        if test == BOOT:
            return None if self.started else self.panic
        if test in self.failed:
            return self.failed[test]
        if test in self.passed:
            return None
        return self.panic if self.started and not self.ended else None


class Firmware:
    """The firmware as it is: the order and the time of its tests."""

    def __init__(self):
        self.image = os.path.join(WORK, "flash.bin")
        self.hash = None
        self.order = []
        self.seconds = {}

    def build(self, trees):
        first = trees[0]
        os.makedirs(LOGS, exist_ok=True)
        first.copy()
        if not first.build(os.path.join(LOGS, "mutants-build.log"), "all"):
            sys.exit("mutants: the firmware does not compile, see build/logs/mutants-build.log")
        _, self.hash = first.image()
        for name in ("flash.bin", "payload.bin"):
            subprocess.run(["cp", os.path.join(first.out, name), WORK], check=True)
        for tree in trees[1:]:
            tree.clone(first)

    def control(self, tests, trees):
        """Each test alone has to pass."""
        wrong = []

        def one(test, tree):
            boot = Boot(f"mutant-none-{tree.number}", self.image, TEST_LIMIT, test).run()
            self.seconds[test] = boot.seconds
            if test in (ALL, BOOT):
                self.order = boot.seen if test is ALL else self.order
                wrong.extend(f"{name}: {why}" for name, why in boot.failed.items())
                if not boot.ended:
                    wrong.append(f"{test or 'all tests'}: {boot.panic}")
            elif test not in boot.passed or not boot.ended:
                wrong.append(f"{test}: {boot.failed.get(test, boot.panic or 'no such test')}")

        side_by_side(one, tests, trees)
        for line in wrong:
            print(f"error    without any mutant: {line}")
        if wrong:
            sys.exit(1)
        print(f"control  {len(tests)} tests pass without any mutant, the slowest in "
              f"{max(self.seconds.values()):.1f} s", flush=True)

    def limit(self, test):
        """Seconds after which a test with a mutant will not end any more."""
        return int(6 * self.seconds.get(test, 0)) + 20

    def stopped_in(self, boot):
        """The test in which a whole suite came to its end."""
        return next((test for test in self.order if test not in boot.seen), BOOT)


def side_by_side(function, items, trees):
    """Call function(item, tree) for all items, as many at once as there are trees."""
    free = queue.SimpleQueue()
    for tree in trees:
        free.put(tree)

    def one(item):
        tree = free.get()
        try:
            function(item, tree)
        finally:
            free.put(tree)

    with concurrent.futures.ThreadPoolExecutor(len(trees)) as executor:
        list(executor.map(one, items))


def judge(mutant, boots):
    """Returns (caught, text) of a mutant whose tests were run."""
    why = {test: boot.why(test) for test, boot in boots.items()}
    dead = [boot for test, boot in boots.items() if test != BOOT and not boot.started]
    if dead:
        raise ListError(f"{mutant.name}: does not boot as far as its tests: {dead[0].panic}")
    by = ", ".join(f"{test} ({reason})" for test, reason in why.items() if reason)
    missed = ", ".join(test for test, reason in why.items() if not reason)
    if missed:
        return False, f"by {missed}" + (f"; caught by {by}" if by else "")
    return True, f"by {by}"


def noticed(firmware, boot):
    """The tests of a whole suite that notice, with their reasons."""
    found = dict(boot.failed)
    if not boot.started:
        found[BOOT] = boot.panic
    elif boot.panic:
        found[firmware.stopped_in(boot)] = boot.panic
    return found


def run_suite(mutant, image, firmware, outcome):
    """A mutant of which the list says that no test notices, or does not say which."""
    boot = Boot("mutant-" + mutant.name, image, TEST_LIMIT, ALL).run()
    found = noticed(firmware, boot)
    by = ", ".join(f"{test} ({why})" for test, why in found.items())
    if not mutant.verdict:
        outcome.line("found" if found else "SURVIVED", f"{mutant.name} by {by or 'none'}")
    elif found:
        outcome.error(f"{mutant.name}: listed as {mutant.verdict}, but caught by {by}")
    else:
        outcome.line("as said", f"{mutant.name} {mutant.verdict}: {mutant.reason}")


def run_tests(mutant, image, firmware, outcome, start):
    boots = {test: Boot("mutant-" + mutant.name, image, firmware.limit(test), test).run()
             for test in mutant.tests}
    caught, text = judge(mutant, boots)
    outcome.add(caught, f"{mutant.name} {text}  [{time.monotonic() - start:.0f} s]")


def run(mutants, outcome, deadline):
    """Build and boot each; those that the deadline leaves out are counted."""
    os.makedirs(WORK, exist_ok=True)
    trees = [Tree(i) for i in range(min(JOBS, len(mutants)))]
    firmware = Firmware()
    firmware.build(trees)

    tests = list(dict.fromkeys(t for m in mutants for t in m.tests))
    if not all(m.tests for m in mutants):
        tests.append(ALL)
    firmware.control(tests, trees)

    late = []

    def one(mutant, tree):
        start = time.monotonic()
        if start > deadline:
            late.append(mutant)
            return
        try:
            image, digest = tree.make(mutant)
            if digest == firmware.hash:
                raise ListError(f"{mutant.name}: the same firmware as without it")
            if mutant.tests:
                run_tests(mutant, image, firmware, outcome, start)
            else:
                run_suite(mutant, image, firmware, outcome)
        except ListError as error:
            outcome.error(error)
        finally:
            tree.restore()

    side_by_side(one, mutants, trees)
    outcome.left_out(late)
