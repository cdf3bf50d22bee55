// SPDX-License-Identifier: GPL-2.0-only
/* PSCI of the monitor, where moments and modes of the caller matter. */
#include <sysreg.h>
#include <test_knobs.h>
#include "control.h"
#include "harness.h"

#define ISR_EL1_F	BIT_ULL(6)

static void set_knob(enum test_knob knob, u64 value)
{
	struct test_control *control = test_control();

	WRITE_ONCE(control->boot.magic, TEST_CONTROL_BOOT_MAGIC);
	WRITE_ONCE(control->boot.knob[knob], value);
}

static void read_isr(void *arg)
{
	*(u64 *)arg = read_sysreg(isr_el1);
}

/* EL3 wakes a CPU with an interrupt of its own, a FIQ to the host if it were left pending. */
static void check_no_fiq(void)
{
	u64 isr = ISR_EL1_F;

	smp_run(1, read_isr, &isr);
	smp_wait(1);
	check_eq(isr & ISR_EL1_F, 0);
}

static void turn_off_and_on(void)
{
	for (unsigned int i = 0; i < 3; i++) {
		require(smp_stop(1));
		require(smp_start(1));
		check_no_fiq();
	}
}

static void wake_ups(void)
{
	u64 before;

	if (nr_cpus < 2)
		skip_test("one CPU");
	if (!test_control())
		skip_test("no test control page");

	before = test_knob_read(test_control(), TEST_KNOB_CPU_ON_DELAY);
	set_knob(TEST_KNOB_CPU_ON_DELAY, 0);
	turn_off_and_on();
	set_knob(TEST_KNOB_CPU_ON_DELAY, 1);
	turn_off_and_on();
	set_knob(TEST_KNOB_CPU_ON_DELAY, before);
}

const struct test el3_psci_tests[] = {
	{ "CPU_ON leaves no interrupt, however late the CPU looks", wake_ups },
	{ },
};
