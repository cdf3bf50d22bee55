// SPDX-License-Identifier: GPL-2.0-only
/* PSCI of the monitor, where moments and modes of the caller matter. */
#include <sysreg.h>
#include <test_knobs.h>
#include "control.h"
#include "harness.h"

#define PSCI_CPU_ON_32		0x84000003
#define PSCI_CPU_ON_64		0xc4000003
#define PSCI_AFFINITY_INFO_32	0x84000004
#define PSCI_AFFINITY_INFO_64	0xc4000004

#define ISR_EL1_F		BIT_ULL(6)

/* What an SMC32 call must not look at */
#define UPPER_HALF		0x5a5a5a5a00000000

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

/* What a CPU found when it came to recording_entry */
struct entry_state {
	u64 sctlr;
	u64 context_id;
};

static void read_entry_state(void *arg)
{
	struct entry_state *state = arg;

	state->sctlr = read_sysreg(tpidr_el0);
	state->context_id = read_sysreg(tpidrro_el0);
}

static struct entry_state restart(long (*cpu_on)(unsigned int cpu))
{
	struct entry_state state;

	require(smp_stop(1));
	require(smp_start_with(1, cpu_on));
	smp_run(1, read_entry_state, &state);
	smp_wait(1);
	return state;
}

static long cpu_on_big(unsigned int cpu)
{
	return cpu_on_big_endian(PSCI_CPU_ON_64, cpu, (u64)recording_entry, 0x1122334455667788);
}

static long cpu_on_little(unsigned int cpu)
{
	return psci_call(PSCI_CPU_ON_64, cpu, (u64)recording_entry, 0x8877665544332211);
}

static long cpu_on_32(unsigned int cpu)
{
	return psci_call(PSCI_CPU_ON_32, UPPER_HALF | cpu, UPPER_HALF | (u64)recording_entry,
			 UPPER_HALF | 0x12345678);
}

/* A CPU starts with the endianness of who turns it on, and the next time as well. */
static void endianness(void)
{
	struct entry_state state;

	if (nr_cpus < 2)
		skip_test("one CPU");

	state = restart(cpu_on_big);
	check_eq(state.sctlr & SCTLR_EE, SCTLR_EE);
	check_eq(state.context_id, 0x1122334455667788);
	state = restart(cpu_on_little);
	check_eq(state.sctlr & SCTLR_EE, 0);
	check_eq(state.context_id, 0x8877665544332211);
}

static void smc32(void)
{
	struct entry_state state;

	if (nr_cpus < 2)
		skip_test("one CPU");

	check_eq(psci_call(PSCI_AFFINITY_INFO_32, UPPER_HALF | 1, UPPER_HALF, 0), 0);
	check_eq(psci_call(PSCI_AFFINITY_INFO_64, UPPER_HALF | 1, 0, 0), PSCI_INVALID_PARAMETERS);
	check_eq(psci_call(PSCI_AFFINITY_INFO_64, 1, UPPER_HALF, 0), PSCI_INVALID_PARAMETERS);
	state = restart(cpu_on_32);
	check_eq(state.context_id, 0x12345678);
}

const struct test el3_psci_tests[] = {
	{ "CPU_ON leaves no interrupt, however late the CPU looks", wake_ups },
	{ "CPU_ON hands on the endianness of its caller", endianness },
	{ "SMC32 calls have arguments of 32 bits", smc32 },
	{ },
};
