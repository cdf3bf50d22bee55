#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""
What the measurements of realms have to be, for realm_measure.c: prints a C header.

Nothing here comes from the RMM. The descriptors are those of DEN0137 C2.27 and C2.28; what is
measured, and how, is in B4.5.46.4, B4.5.49.4, B4.5.66.4 and B3.110. The hashes are Python's.
"""

import hashlib
import struct

PAGE = 4096
SIZE = 64			# of a measurement; a shorter hash is followed by zeroes

HASHES = {"SHA_256": hashlib.sha256, "SHA_512": hashlib.sha512}

CODE = 0x80000000		# where each realm executes; CODE in realm_measure.c
LOW, HIGH, FAR = 0x80201000, 0x80202000, 0x2040003000

DATA, REC, RIPAS = "MEASURE_DATA", "MEASURE_REC", "MEASURE_RIPAS"


def page(seed):
    """Contents of a data page, as fill_page() of realm_measure.c makes them; 0 is an empty page"""
    if not seed:
        return bytes(PAGE)
    return bytes((seed * 37 + i * 11 + (i >> 8) * 5) & 0xff for i in range(PAGE))


def data(ipa, seed, measured=True):
    return {"kind": DATA, "ipa": ipa, "seed": seed, "flag": measured}


def rec(runnable, pc, gprs):
    return {"kind": REC, "pc": pc, "gprs": gprs, "flag": runnable}


def ripas(ipa):
    return {"kind": RIPAS, "ipa": ipa}


FIRST = rec(True, CODE, [0x1111111111111111 * (i + 1) for i in range(8)])
PLAIN = rec(True, CODE, [0] * 8)
OTHER = rec(True, 0x123456789abcdef0, list(range(0xf0, 0xf8)))
OFF = rec(False, 0x80000040, list(range(1, 9)))

# The page with the code is loaded first, and is not measured.
CASES = {
    "only the page that is executed": [PLAIN],
    "registers of the first REC": [FIRST],
    "a page": [data(LOW, 3), PLAIN],
    "the page at another address": [data(HIGH, 3), PLAIN],
    "the page far away": [data(FAR, 3), PLAIN],
    "another page": [data(LOW, 4), PLAIN],
    "an empty page": [data(LOW, 0), PLAIN],
    "a page whose contents do not count": [data(LOW, 3, False), PLAIN],
    "two pages": [data(LOW, 3), data(HIGH, 4), PLAIN],
    "two pages the other way round": [data(HIGH, 4), data(LOW, 3), PLAIN],
    "a page after the REC": [PLAIN, data(LOW, 3)],
    "a REC that is off": [PLAIN, OFF],
    "three RECs, one is off": [FIRST, OFF, OTHER],
    "RIPAS does not count": [ripas(HIGH), data(LOW, 3), PLAIN],
}

# Index, size, value: one after the other
EXTENDS = [
    (1, 64, bytes(range(64))),
    (1, 8, bytes(range(0x80, 0xc0))),
    (2, 0, bytes([0xff] * 64)),
    (2, 1, bytes([0xa5] * 64)),
    (3, 63, bytes(range(0x40, 0x80))),
    (4, 32, bytes(range(0xc0, 0x100))),
    (4, 64, bytes(64)),
    (4, 33, bytes(range(0xc0, 0x100))),
]


def fill(digest):
    return digest + bytes(SIZE - len(digest))


def place(size, members):
    """A structure: members by their offsets, the rest is zero"""
    structure = bytearray(size)
    for offset, member in members.items():
        structure[offset:offset + len(member)] = member
    return bytes(structure)


def u64(value):
    return struct.pack("<Q", value)


def data_descriptor(rim, ipa, flags, content):
    return place(0x100, {0x0: b"\0", 0x8: u64(0x100), 0x10: rim, 0x50: u64(ipa),
                         0x58: u64(flags), 0x60: content})


def rec_descriptor(rim, content):
    return place(0x100, {0x0: b"\1", 0x8: u64(0x100), 0x10: rim, 0x50: content})


def rec_params(step):
    return place(PAGE, {0x0: u64(1), 0x200: u64(step["pc"]),
                        0x300: b"".join(u64(x) for x in step["gprs"])})


def rim_of(sha, steps):
    rim = bytes(SIZE)
    for step in [data(CODE, 0, False)] + steps:
        if step["kind"] == DATA:
            content = sha(page(step["seed"])).digest() if step["flag"] else b""
            descriptor = data_descriptor(rim, step["ipa"], int(step["flag"]), fill(content))
        elif step["kind"] == REC and step["flag"]:
            descriptor = rec_descriptor(rim, fill(sha(rec_params(step)).digest()))
        else:
            continue
        rim = fill(sha(descriptor).digest())
    return rim


def rems_of(sha):
    """The values after each extension"""
    rem = {index: bytes(SIZE) for index in range(1, 5)}
    for index, size, value in EXTENDS:
        rem[index] = fill(sha(rem[index] + value[:size] + bytes(SIZE - size)).digest())
        yield rem[index]


def c_bytes(values):
    return "{ " + ", ".join("0x%02x" % b for b in values) + " }"


def c_words(values):
    return "{ " + ", ".join("0x%x" % v for v in values) + " }"


def c_step(step):
    return "\t{ .kind = %s, .ipa = 0x%x, .seed = %d, .flag = %d, .pc = 0x%x, .gprs = %s }," % (
        step["kind"], step.get("ipa", 0), step.get("seed", 0), step.get("flag", 0),
        step.get("pc", 0), c_words(step.get("gprs", [0])))


def c_by_hash(values):
    return ", ".join("[RMI_HASH_%s] = %s" % (name, c_bytes(values[name])) for name in HASHES)


def main():
    print("/* Made by measure-oracle.py */")
    for n, steps in enumerate(CASES.values()):
        print("static const struct measure_step measure_steps_%d[] = {" % n)
        print("\n".join(c_step(step) for step in steps))
        print("};")

    print("static const struct measure_case measure_cases[] = {")
    for n, (name, steps) in enumerate(CASES.items()):
        rims = {h: rim_of(sha, steps) for h, sha in HASHES.items()}
        print('\t{ "%s", measure_steps_%d, %d,\n\t  { %s } },' % (name, n, len(steps),
                                                              c_by_hash(rims)))
    print("};")

    print("static const struct measure_extend measure_extends[] = {")
    rems = {h: list(rems_of(sha)) for h, sha in HASHES.items()}
    for n, (index, size, value) in enumerate(EXTENDS):
        print("\t{ %d, %d, %s,\n\t  { %s } }," % (
            index, size, c_words(struct.unpack("<8Q", value)),
            c_by_hash({h: rems[h][n] for h in HASHES})))
    print("};")


main()
