# SPDX-License-Identifier: GPL-2.0-only
"""The patch series as files, and as commits of a Linux git tree.

series/NNNN-name.patch is a mail-like header, a body, one "New-file: PATH"
line per whole file the patch brings, a line "---" and the diff of files that
exist already. A whole file is in the project at the path it has in Linux, at
the version it has after the last patch. Where it grows within the series, the
later patch carries the hunk, and an earlier version is had by peeling hunks
off the final one, last patch first.

Applying is left to git apply, on an index that holds only the files the
series touches; commits are made by git fast-import.
"""

import io
import os
import re
import shutil
import subprocess
import sys
import tempfile

COVER = "0000-cover-letter.patch"

# What of the project is part of Linux: the directories of a kernel tree,
# without those that are only ours.
KERNEL_DIRS = ("Documentation", "arch", "drivers", "fs", "include", "kernel",
               "lib", "mm", "samples", "tools", "virt")
NOT_KERNEL = ("tools/realmrun", "tools/worlds")
NOT_SOURCE = re.compile(r"(^\.|~$|\.(o|orig|rej|swp|pyc)$)")

# Commit ids depend on the content of the series only.
BASE_TIME = 1767225600  # 2026-01-01


class SeriesError(Exception):
    """What is wrong with the series, for the person who can mend it."""


class Section:
    """The part of a patch's diff that is about one file."""

    def __init__(self, patch, lineno, lines):
        self.patch = patch
        self.lineno = lineno
        self.lines = lines
        self.hunk_starts = [i for i, line in enumerate(lines)
                            if line.startswith("@@ ")]
        self.path = self._path()
        self.deletes = any(line.startswith("deleted file mode")
                           for line in self._head())

    def _head(self):
        end = self.hunk_starts[0] if self.hunk_starts else len(self.lines)
        return self.lines[:end]

    def _path(self):
        match = re.match(r"diff --git a/(.+) b/\1$", self.lines[0].rstrip("\n"))
        if not match:
            raise SeriesError(f"{self.where()}: not a diff of one file: "
                              + self.lines[0].rstrip())
        for line in self._head():
            if line.startswith(("new file mode", "rename ", "copy ")):
                raise SeriesError(f"{self.where()}: {match[1]}: a new file is a "
                                  "New-file line, not a part of the diff")
            if line.startswith(("GIT binary patch", "Binary files")):
                raise SeriesError(f"{self.where()}: {match[1]}: binary diff")
        return match[1]

    def where(self, offset=0):
        return f"{self.patch.name}:{self.lineno + offset}"

    def text(self):
        return "".join(self.lines)

    def up_to_hunk(self, count):
        """The section cut off after its first @count hunks."""
        ends = self.hunk_starts[1:] + [len(self.lines)]
        return "".join(self.lines[:ends[count - 1]])


class Patch:
    """One file of series/."""

    def __init__(self, path):
        self.path = path
        self.name = os.path.basename(path)
        self.subject = None
        self.headers = {}
        self.body = []
        self.new_files = []
        self.sections = []
        with open(path, encoding="utf-8", errors="surrogateescape", newline="\n") as f:
            self._parse(f.readlines())

    def error(self, lineno, text):
        raise SeriesError(f"{self.name}:{lineno}: {text}")

    def _parse(self, lines):
        i = 0
        while i < len(lines) and lines[i].strip() and lines[i] != "---\n":
            match = re.match(r"([A-Za-z-]+): +(\S.*)$", lines[i])
            if not match:
                self.error(i + 1, "not a header line: " + lines[i].rstrip())
            self.headers[match[1]] = match[2].rstrip()
            i += 1
        self.subject = self.headers.pop("Subject", None)
        if not self.subject:
            self.error(1, "no Subject: line")

        while i < len(lines) and lines[i] != "---\n":
            match = re.match(r"New-file:\s*(.*)$", lines[i])
            if lines[i].startswith("diff --git "):
                self.error(i + 1, 'a diff without the line "---" before it')
            if match:
                self._new_file(i + 1, match[1].strip())
            else:
                self.body.append(lines[i].rstrip())
            i += 1
        self.body = "\n".join(self.body).strip("\n")
        self._parse_diff(i + 1, lines[i + 1:])

    def _new_file(self, lineno, path):
        if not path or path != os.path.normpath(path) or path.startswith(("/", "..")):
            self.error(lineno, f"New-file: not a path within the tree: {path!r}")
        if path in self.new_files:
            self.error(lineno, f"New-file: {path} is named twice")
        self.new_files.append(path)

    def _parse_diff(self, lineno, lines):
        starts = [i for i, line in enumerate(lines) if line.startswith("diff --git ")]
        junk = lines[:starts[0]] if starts else lines
        for i, line in enumerate(junk):
            if line.strip():
                self.error(lineno + 1 + i, 'expected "diff --git", found: ' + line.rstrip())
        for start, end in zip(starts, starts[1:] + [len(lines)]):
            section = Section(self, lineno + 1 + start, lines[start:end])
            if any(section.path == other.path for other in self.sections):
                self.error(section.lineno, f"{section.path} is patched twice")
            self.sections.append(section)


def project_top():
    return os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def patch_files(top):
    """The names in series/, in order, without the cover letter."""
    folder = os.path.join(top, "series")
    names = os.listdir(folder) if os.path.isdir(folder) else []
    return [os.path.join(folder, n) for n in sorted(names)
            if re.match(r"\d{4}-.*\.patch$", n) and n != COVER]


def kernel_files(top):
    """Every file of the project that belongs to the kernel tree."""
    for folder in KERNEL_DIRS:
        for where, dirs, files in os.walk(os.path.join(top, folder)):
            rel = os.path.relpath(where, top)
            dirs[:] = [d for d in sorted(dirs) if d != "__pycache__" and
                       os.path.join(rel, d) not in NOT_KERNEL]
            for name in sorted(files):
                if not NOT_SOURCE.search(name):
                    yield os.path.join(rel, name)


class Git:
    """git in one repository, with an index of its own if asked for."""

    def __init__(self, directory, index=None):
        self.directory = directory
        self.env = {k: v for k, v in os.environ.items()
                    if k not in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE")}
        self.env["LC_ALL"] = "C"
        if index:
            self.env["GIT_INDEX_FILE"] = index

    def run(self, *args, data=None, check=True):
        if isinstance(data, str):
            data = data.encode(errors="surrogateescape")
        done = subprocess.run(["git", "-C", self.directory, *args], env=self.env,
                              input=data if data is not None else b"",
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if check and done.returncode:
            raise SeriesError(f"git {' '.join(args)}: {done.stderr.decode().strip()}")
        return done

    def out(self, *args, data=None):
        return self.run(*args, data=data).stdout.decode(errors="surrogateescape")

    def blob(self, rev, path):
        """(mode, id) of a file in a commit, None if it is not there."""
        line = self.out("ls-tree", "--full-tree", "-z", rev, "--", path)
        match = re.match(r"(\d+) blob ([0-9a-f]+)\t", line)
        return (match[1], match[2]) if match else None


def identity(top):
    """(name, email) git is configured with, or None."""
    git = Git(top)
    found = [git.run("config", key, check=False).stdout.decode().strip()
             for key in ("user.name", "user.email")]
    return tuple(found) if all(found) else None


class Assembler:
    """Turn series/ and the whole files of the project into commits."""

    def __init__(self, top, linux, base, who, check_claims=True):
        self.top = top
        self.check_claims = check_claims
        self.git = Git(linux)
        self.base = base
        self.who = who
        self.patches = [Patch(p) for p in patch_files(top)]
        self.owner = {}
        self.start = {}

    def run(self):
        """The commits, one per patch; the ref refs/realm/assembled is the last."""
        self._check_numbers()
        self._find_owners()
        if self.patches and self.check_claims:
            self._check_claimed()
        with tempfile.TemporaryDirectory() as scratch:
            self.index = Git(self.git.directory, os.path.join(scratch, "index"))
            self._hash_new_files()
            self._peel()
            commits = self._commit(self._replay())
        self._check_result(commits[-1] if commits else self.base)
        return commits

    def _check_numbers(self):
        for number, patch in enumerate(self.patches, 1):
            if int(patch.name[:4]) != number:
                raise SeriesError(f"{patch.name}: expected number {number:04d}")

    def _find_owners(self):
        for number, patch in enumerate(self.patches):
            for path in patch.new_files:
                if path in self.owner:
                    raise SeriesError(f"{patch.name}: New-file: {path} comes with "
                                      f"{self.patches[self.owner[path]].name} already")
                if not os.path.isfile(os.path.join(self.top, path)):
                    raise SeriesError(f"{patch.name}: New-file: {path} is not in the project")
                if self.git.blob(self.base, path):
                    raise SeriesError(f"{patch.name}: New-file: {path} is in the base tree; "
                                      "a change to it is a diff")
                self.owner[path] = number
        for number, patch in enumerate(self.patches):
            for section in patch.sections:
                first = self.owner.get(section.path, -1)
                if first >= number:
                    raise SeriesError(f"{section.where()}: {section.path} comes whole with "
                                      f"{self.patches[first].name}, this diff is not after it")

    def _check_claimed(self):
        lost = [p for p in kernel_files(self.top) if p not in self.owner]
        if lost:
            raise SeriesError("no patch has a New-file line for:\n  " + "\n  ".join(lost))

    def _hash_new_files(self):
        paths = sorted(self.owner)
        ids = self.git.out("hash-object", "-w", "--no-filters", "--stdin-paths",
                           data="".join(os.path.join(self.top, p) + "\n" for p in paths))
        self.final = {}
        for path, blob in zip(paths, ids.split()):
            executable = os.access(os.path.join(self.top, path), os.X_OK)
            self.final[path] = ("100755" if executable else "100644", blob)

    def _set_index(self, files):
        lines = "".join(f"{mode} {blob}\t{path}\n" for path, (mode, blob) in files.items())
        self.index.run("update-index", "--add", "--index-info", data=lines)

    def _get_index(self, paths):
        found = {}
        for line in self.index.out("ls-files", "-s", "-z", "--", *paths).split("\0"):
            match = re.match(r"(\d+) ([0-9a-f]+) 0\t(.*)$", line)
            if match:
                found[match[3]] = (match[1], match[2])
        return found

    def _apply(self, text, *options):
        return self.index.run("apply", "--cached", "--whitespace=nowarn", *options, "-",
                              data=text, check=False).returncode == 0

    def _peel(self):
        """From the final version of each file to the one its first patch brings."""
        self.start = dict(self.final)
        self._set_index(self.final)
        for patch in reversed(self.patches):
            for section in patch.sections:
                if section.path not in self.owner:
                    continue
                if not self._apply(section.text(), "-R"):
                    raise SeriesError(
                        self._explain(section, "-R") + " is no longer what the file "
                        "has, so it cannot be taken off the final version of the file.\n"
                        "Refresh the series from the last assembled one: scripts/series/refresh")
                self.start.update(self._get_index([section.path]))

    def _explain(self, section, *options):
        """Name the first hunk that does not apply to what the index holds."""
        before = self._get_index([section.path])
        if not before:
            return f"{section.where()}: {section.path} does not exist; the diff of it"
        order = range(1, len(section.hunk_starts) + 1)
        for count in order:
            ok = self._apply(section.up_to_hunk(count), *options)
            self._set_index(before)
            if not ok:
                start = section.hunk_starts[count - 1]
                return (f"{section.where(start)}: {section.path}: hunk {count} of "
                        f"{len(section.hunk_starts)} ({section.lines[start].strip()})")
        return f"{section.where()}: {section.path}: the diff"

    def _replay(self):
        """Apply the patches in order; for each, the files it leaves changed."""
        touched = {s.path for p in self.patches for s in p.sections} - set(self.owner)
        self.index.run("read-tree", "--empty")
        base = {p: self.git.blob(self.base, p) for p in sorted(touched)}
        self._set_index({p: b for p, b in base.items() if b})
        for patch in self.patches:
            self._set_index({p: self.start[p] for p in patch.new_files})
            for section in patch.sections:
                if not self._apply(section.text()):
                    raise SeriesError(self._explain(section) + " does not apply")
            paths = patch.new_files + [s.path for s in patch.sections]
            now = self._get_index(paths) if paths else {}
            yield patch, {p: now.get(p) for p in paths}

    def _message(self, patch):
        text = patch.subject + "\n"
        if patch.body:
            text += "\n" + patch.body + "\n"
        if not self.who:
            return text
        done = self.git.run("interpret-trailers", "--if-exists=addIfDifferent",
                            "--trailer", "Signed-off-by: %s <%s>" % self.who, data=text)
        return done.stdout.decode()

    def _commit(self, steps):
        who = self.who or ("Nobody", "nobody@localhost")
        stream = []
        for number, (patch, files) in enumerate(steps, 1):
            stamp = "%s <%s> %d +0000" % (*who, BASE_TIME + 60 * number)
            message = self._message(patch)
            stream.append("commit refs/realm/assembled\n"
                          f"mark :{number}\n"
                          f"author {stamp}\ncommitter {stamp}\n"
                          f"data {len(message.encode())}\n{message}\n")
            if number == 1:
                stream.append(f"from {self.base}\n")
            for path, entry in files.items():
                stream.append(f"M {entry[0]} {entry[1]} {path}\n" if entry else f"D {path}\n")
        if not stream:
            self.git.run("update-ref", "refs/realm/assembled", self.base)
            return []
        stream += [f"get-mark :{n}\n" for n in range(1, len(self.patches) + 1)]
        return self.git.out("fast-import", "--quiet", "--force",
                            data="".join(stream)).split()

    def _check_result(self, tip):
        """Byte for byte: what was assembled is what the project has."""
        for path, want in self.final.items():
            if self.git.blob(tip, path) != want:
                raise SeriesError(f"{path}: assembled, it differs from the file of the "
                                  "project; a later hunk applies in two places?")


def split_lines(text):
    """Lines with their ends; only a newline ends one."""
    return io.StringIO(text, newline="\n").readlines()


def main(function):
    """Run a command of scripts/series, with errors as one message."""
    try:
        function()
    except SeriesError as error:
        sys.exit(f"{os.path.basename(sys.argv[0])}: {error}")


def write_if_changed(path, data, executable=False):
    """Write a whole file or nothing; leave it alone if it is the same already."""
    mode = 0o755 if executable else 0o644
    if os.path.isfile(path):
        with open(path, "rb") as f:
            if f.read() == data and bool(os.stat(path).st_mode & 0o100) == executable:
                return
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path + ".new", "wb") as f:
        f.write(data)
    os.chmod(path + ".new", mode)
    os.replace(path + ".new", path)


def replace_series(top, patches):
    """Make series/ hold just these patches ({name: bytes}) and its cover letter."""
    new = os.path.join(top, "build", "series.new")
    shutil.rmtree(new, ignore_errors=True)
    os.makedirs(new)
    for name, data in patches.items():
        write_if_changed(os.path.join(new, name), data)
    for old in patch_files(top):
        if os.path.basename(old) not in patches:
            os.unlink(old)
    os.makedirs(os.path.join(top, "series"), exist_ok=True)
    for name in patches:
        os.replace(os.path.join(new, name), os.path.join(top, "series", name))
    os.rmdir(new)
