# SPDX-License-Identifier: GPL-2.0-only
"""Run test functions, each with a case in a directory of its own; report as KTAP."""

import shutil
import subprocess
import sys
import tempfile


class Failed(Exception):
    """What a test expected and did not find."""


def check(condition, text):
    if not condition:
        raise Failed(text)


def main(names, new_case):
    """Call each test_*() of @names with new_case(directory); arguments pick some."""
    tests = [(n[len("test_"):], f) for n, f in names.items() if n.startswith("test_")]
    wanted = sys.argv[1:]
    tests = [t for t in tests if not wanted or t[0] in wanted]
    failed = 0
    print("KTAP version 1")
    print(f"1..{len(tests)}")
    for number, (name, function) in enumerate(tests, 1):
        root = tempfile.mkdtemp(prefix="test-")
        try:
            function(new_case(root))
            print(f"ok {number} {name}", flush=True)
        except (Failed, subprocess.CalledProcessError, OSError) as error:
            failed += 1
            print("# " + str(error).replace("\n", "\n# "))
            print(f"not ok {number} {name}", flush=True)
        finally:
            shutil.rmtree(root)
    sys.exit(1 if failed else 0)
