/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Test knobs: what the firmware does differently from its start, because the boot part of the
 * test control page says so. "scripts/qemu -b NAME=VALUE" sets one before the machine starts; a
 * test may change it later in the page.
 *
 * This list is the only place where a new knob is declared: its number in the page, its name in
 * C, and its name on the command line, which scripts/qemu finds here.
 */
#ifndef FIRMWARE_TEST_KNOBS_H
#define FIRMWARE_TEST_KNOBS_H

#include <test_control.h>

/*
 * cpu-on-delay: if not 0, a CPU that is off does not look for CPU_ON before CPU_ON has named it
 * el3-stack-overflow: CPU n - 1 fills its stack at EL3 before it starts the host
 * rmm-stack-overflow: CPU n - 1 fills its stack of the RMM when the RMM boots on it
 * s2ap-swapped: if not 0, RTT_UNPROT_MAP takes bit 0 of S2AP for READ and bit 1 for WRITE
 * yield: if not 0, a range command returns without progress when an interrupt is pending, and not
 *	only after some
 */
#define TEST_KNOBS(KNOB)					\
	KNOB(0, CPU_ON_DELAY, "cpu-on-delay")			\
	KNOB(1, EL3_STACK_OVERFLOW, "el3-stack-overflow")	\
	KNOB(2, RMM_STACK_OVERFLOW, "rmm-stack-overflow")	\
	KNOB(3, S2AP_SWAPPED, "s2ap-swapped")			\
	KNOB(4, YIELD, "yield")

enum test_knob {
#define TEST_KNOB_NUMBER(number, NAME, name)	TEST_KNOB_##NAME = number,
	TEST_KNOBS(TEST_KNOB_NUMBER)
#undef TEST_KNOB_NUMBER
};

/**
 * test_knob_read() - the value of a knob now
 * @page: where this image sees the test control page
 * @knob: which
 *
 * Return: 0 unless the boot part of the page is valid and says otherwise
 */
static inline u64 test_knob_read(const struct test_control *page, enum test_knob knob)
{
	if (READ_ONCE(page->boot.magic) != TEST_CONTROL_BOOT_MAGIC)
		return 0;
	return READ_ONCE(page->boot.knob[knob]);
}

/**
 * test_overflow_stack() - write more to the stack than there is
 * @size: bytes of the stack
 *
 * Return: if it does, a number of no meaning
 */
u64 test_overflow_stack(unsigned long size);

#endif /* FIRMWARE_TEST_KNOBS_H */
