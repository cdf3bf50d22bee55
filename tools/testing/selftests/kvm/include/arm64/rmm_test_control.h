/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The test control page: a Non-secure granule that an RMM made for tests shares with them.
 *
 * The devicetree of the host announces it as reserved memory, no-map, with
 * TEST_CONTROL_COMPATIBLE. A test maps it (/dev/mem), checks magic and version,
 * and fills slots. Little-endian; every field is naturally aligned and written
 * with one access. Firmware includes this header too.
 *
 * While @armed is 0, no slot is looked at: this costs an RMI command one load.
 *
 * A slot: while @repeat is not 0, the RMM looks at the slot on each RMI command
 * whose function ID is @fid. If @skip is not 0 it is decremented and the command
 * runs. Otherwise @repeat is decremented, @hits incremented, and the command
 * answers @response in X0 without running. If @ticks is not 0, @repeat stays as it
 * is until so many ticks of the system counter have passed since the first such
 * answer, and becomes 0 then.
 *
 * The response RMI_INCOMPLETE alone is special: X1 is a handle, and the command
 * is carried out by the RMI_OP_CONTINUE for it. To RMI_OP_CONTINUE itself it is the
 * answer that the operation got no further, with the same handle.
 *
 * A test writes @fid, @skip, @response, @ticks, @hits = 0 first and @repeat last,
 * and @armed after that; it may change any of them at any time. The first slot that
 * matches and does not skip answers; slots before it that skipped have counted.
 *
 * The boot part holds knobs that the firmware obeys from its start, before any
 * host runs. Whoever loads the firmware fills it; it is ignored without its own
 * magic. The firmware's sources list the knobs. Each is 0 by default.
 */
#ifndef SELFTEST_KVM_RMM_TEST_CONTROL_H
#define SELFTEST_KVM_RMM_TEST_CONTROL_H

#include <linux/types.h>

#define TEST_CONTROL_COMPATIBLE	"realm-mmio,test-control"
#define TEST_CONTROL_MAGIC	0x4c54434f494d4d52ULL	/* "RMMIOCTL" */
#define TEST_CONTROL_VERSION	2
#define TEST_CONTROL_SLOTS	16

#define TEST_CONTROL_BOOT_MAGIC	0x53424f4e4b4d4d52ULL	/* "RMMKNOBS" */
#define TEST_CONTROL_KNOBS	32

/* Stateful operations that begin from now on ask for memory in one contiguous piece. */
#define TEST_CONTROL_OP_CONTIG	0x1ULL

/**
 * struct test_control_slot - one injected answer
 * @fid: function ID of the RMI command
 * @skip: commands of this kind that run before the first injected answer
 * @repeat: injected answers left; 0: the slot is free
 * @response: x0 to answer, an RMI return code with its index
 * @hits: answers the RMM has injected
 * @ticks: how long to answer so, in ticks of the system counter; 0: @repeat times
 * @since: the system counter at the first of these answers; written by the RMM
 */
struct test_control_slot {
	__u64 fid;
	__u64 skip;
	__u64 repeat;
	__u64 response;
	__u64 hits;
	__u64 ticks;
	__u64 since;
	__u64 reserved;
};

/**
 * struct test_control_boot - the part that is loaded before the firmware starts
 * @magic: TEST_CONTROL_BOOT_MAGIC; the knobs are ignored without it
 * @knob: values of the knobs, by number
 */
struct test_control_boot {
	__u64 magic;
	__u64 knob[TEST_CONTROL_KNOBS];
};

/**
 * struct test_control - layout of the page
 * @magic: TEST_CONTROL_MAGIC; written by the RMM at boot
 * @version: TEST_CONTROL_VERSION
 * @nr_slots: TEST_CONTROL_SLOTS
 * @delegated: number of granules that are delegated now; kept by the RMM
 * @op_flags: TEST_CONTROL_OP_*; written by the test
 * @armed: not 0: the slots count; written by the test
 * @slot: injected answers
 * @boot: knobs, at offset 0x800
 */
struct test_control {
	__u64 magic;
	__u64 version;
	__u64 nr_slots;
	__u64 delegated;
	__u64 op_flags;
	__u64 armed;
	__u64 reserved[26];
	struct test_control_slot slot[TEST_CONTROL_SLOTS];
	__u64 reserved2[96];
	struct test_control_boot boot;
};

#endif /* SELFTEST_KVM_RMM_TEST_CONTROL_H */
