// SPDX-License-Identifier: GPL-2.0-only
/* The monitor's PSCI and SMCCC: what a host needs of them. */
#include <sysreg.h>
#include "harness.h"

#define SMCCC_ARCH_FEATURES	0x80000001
#define PSCI_VERSION		0x84000000
#define PSCI_CPU_OFF		0x84000002
#define PSCI_CPU_ON		0xc4000003
#define PSCI_AFFINITY_INFO	0xc4000004
#define PSCI_SYSTEM_OFF		0x84000008
#define PSCI_SYSTEM_RESET	0x84000009
#define PSCI_FEATURES		0x8400000a
#define PSCI_CPU_SUSPEND	0xc4000001
#define PSCI_MIGRATE_INFO_TYPE	0x84000006

#define POWER_STATE_POWERDOWN	BIT(16)
#define MIGRATE_NOT_NEEDED	2
#define AFFINITY_ON_PENDING	2

static void versions(void)
{
	check(psci_call(PSCI_VERSION, 0, 0, 0) >= 0x10000);
	check(psci_call(SMCCC_VERSION, 0, 0, 0) >= 0x10002);
	check_eq(psci_call(SMCCC_ARCH_FEATURES, SMCCC_ARCH_FEATURES, 0, 0), 0);
	check_eq(psci_call(SMCCC_ARCH_FEATURES, 0x80001234, 0, 0), SMCCC_RET_NOT_SUPPORTED);
}

static void psci_features(void)
{
	static const unsigned int fids[] = {
		PSCI_VERSION, PSCI_CPU_OFF, PSCI_CPU_ON, PSCI_AFFINITY_INFO, PSCI_SYSTEM_OFF,
		PSCI_SYSTEM_RESET, PSCI_FEATURES, SMCCC_VERSION,
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(fids); i++)
		check_eq(psci_call(PSCI_FEATURES, fids[i], 0, 0), 0);
	check_eq(psci_call(PSCI_FEATURES, 0x8400ffff, 0, 0), PSCI_NOT_SUPPORTED);
	check_eq(psci_call(PSCI_FEATURES, SMC_RMI_VERSION, 0, 0), PSCI_NOT_SUPPORTED);
}

static void cpu_on_refuses(void)
{
	u64 entry = (u64)secondary_entry;

	check_eq(psci_call(PSCI_CPU_ON, 0, entry, 0), PSCI_ALREADY_ON);
	check_eq(psci_call(PSCI_CPU_ON, 0xff00, entry, 0), PSCI_INVALID_PARAMETERS);
	check_eq(psci_call(PSCI_CPU_ON, BIT_ULL(32) | 1, entry, 0), PSCI_INVALID_PARAMETERS);
	if (nr_cpus < MAX_CPUS)
		check_eq(psci_call(PSCI_CPU_ON, nr_cpus, entry, 0), PSCI_INVALID_PARAMETERS);
	if (nr_cpus > 1)
		check_eq(psci_call(PSCI_CPU_ON, 1, entry, 0), PSCI_ALREADY_ON);
}

/* Where a CPU that is off would start if the monitor did not look */
static void cpu_on_refuses_addresses(void)
{
	static const u64 entries[] = {
		0, SRAM_BASE, DRAM_BASE - 4, RMM_BASE, RMM_BASE + RMM_SIZE - 4,
		DRAM_BASE + DRAM_SIZE, BIT_ULL(50), KERNEL_BASE + 2,
	};

	if (nr_cpus < 2)
		skip_test("one CPU");

	require(smp_stop(1));
	for (unsigned int i = 0; i < ARRAY_SIZE(entries); i++) {
		if (!check_eq(psci_call(PSCI_CPU_ON, 1, entries[i], 0), PSCI_INVALID_ADDRESS))
			return;
	}
	check(smp_start(1));
}

/* What a second call says, and whether the CPU had looked by then */
static long second_answer, state_then;

static long cpu_on_twice(unsigned int cpu)
{
	long first = psci_call(PSCI_CPU_ON, cpu, (u64)secondary_entry, cpu);

	second_answer = psci_call(PSCI_CPU_ON, cpu, (u64)secondary_entry, cpu);
	state_then = psci_call(PSCI_AFFINITY_INFO, cpu, 0, 0);
	return first;
}

static void cpu_on_pending(void)
{
	if (nr_cpus < 2)
		skip_test("one CPU");

	for (unsigned int i = 0; i < 50; i++) {
		require(smp_stop(1));
		require(smp_start_with(1, cpu_on_twice));
		if (state_then == AFFINITY_ON_PENDING)
			check_eq(second_answer, PSCI_ON_PENDING);
		else
			check(second_answer == PSCI_ON_PENDING || second_answer == PSCI_ALREADY_ON);
	}
}

/* Standby returns with the next interrupt; power-down states are not there. */
static void cpu_suspend(void)
{
	check_eq(psci_call(PSCI_CPU_SUSPEND, POWER_STATE_POWERDOWN, KERNEL_BASE, 0),
		 PSCI_INVALID_PARAMETERS);
	timer_start(1000);
	check_eq(psci_call(PSCI_CPU_SUSPEND, 0, 0, 0), PSCI_SUCCESS);
	check_eq(irq_pending(), TIMER_INTID);
	timer_stop();
}

static void affinity_info(void)
{
	for (unsigned int cpu = 0; cpu < nr_cpus; cpu++)
		check_eq(psci_call(PSCI_AFFINITY_INFO, cpu, 0, 0), 0);
	check_eq(psci_call(PSCI_AFFINITY_INFO, 0xff00, 0, 0), PSCI_INVALID_PARAMETERS);
	check_eq(psci_call(PSCI_AFFINITY_INFO, 0, 1, 0), PSCI_INVALID_PARAMETERS);
	check_eq(psci_call(PSCI_MIGRATE_INFO_TYPE, 0, 0, 0), MIGRATE_NOT_NEEDED);
}

struct result {
	rmi_status_t status;
	u64 tpidr;
};

static void use_rmi(void *arg)
{
	struct rmi_features_out out;
	struct result *result = arg;

	result->tpidr = read_sysreg(tpidr_el2);
	result->status = rmi_features(0, &out);
	write_sysreg(0x1234, tpidr_el2);
}

/* A CPU that was off starts as after reset, and the RMM still serves it. */
static void off_and_on(void)
{
	static struct result result;

	if (nr_cpus < 2)
		skip_test("one CPU");

	for (unsigned int i = 0; i < 5; i++) {
		require(smp_stop(1));
		require(smp_start(1));
		result = (struct result){ .status = rmi_status(RMI_BUSY, 0) };
		smp_run(1, use_rmi, &result);
		smp_wait(1);
		check_status(result.status, RMI_SUCCESS);
		check_eq(result.tpidr, 0);
	}
}

static void do_nothing(void *arg)
{
}

/* The harness turns on what a failed test has turned off. */
static void recall_turned_off(void)
{
	if (nr_cpus < 2)
		skip_test("one CPU");

	require(smp_stop(1));
	check(smp_recall());
	smp_run(1, do_nothing, NULL);
	smp_wait(1);
}

/* What a call leaves alone: x18 to x29 by the compiler's rules, and system registers. */
static void registers_kept(void)
{
	struct rmi_features_out out;
	u64 saved = read_sysreg(tpidr_el2);

	write_sysreg(0x1111, tpidr_el2);
	write_sysreg(0x2222, tpidr_el1);
	write_sysreg(0x3333, tpidr_el0);
	write_sysreg(0x4444, sp_el1);
	write_sysreg(0x5555, elr_el1);
	write_sysreg(0x6666000, ttbr0_el1);
	write_sysreg(0x777, cntvoff_el2);
	check_status(rmi_features(0, &out), RMI_SUCCESS);
	check_eq(read_sysreg(tpidr_el2), 0x1111);
	check_eq(read_sysreg(tpidr_el1), 0x2222);
	check_eq(read_sysreg(tpidr_el0), 0x3333);
	check_eq(read_sysreg(sp_el1), 0x4444);
	check_eq(read_sysreg(elr_el1), 0x5555);
	check_eq(read_sysreg(ttbr0_el1), 0x6666000);
	check_eq(read_sysreg(cntvoff_el2), 0x777);
	write_sysreg(0, cntvoff_el2);
	write_sysreg(saved, tpidr_el2);
}

const struct test psci_tests[] = {
	{ "PSCI_VERSION, SMCCC_VERSION, SMCCC_ARCH_FEATURES", versions },
	{ "PSCI_FEATURES", psci_features },
	{ "CPU_ON refuses bad CPUs and those that are on", cpu_on_refuses },
	{ "CPU_ON refuses addresses that are not the host's", cpu_on_refuses_addresses },
	{ "CPU_ON of a CPU that is on its way", cpu_on_pending },
	{ "AFFINITY_INFO", affinity_info },
	{ "CPU_SUSPEND is a standby", cpu_suspend },
	{ "CPU_OFF and CPU_ON, and the RMM goes on", off_and_on },
	{ "a CPU that is off can be recalled", recall_turned_off },
	{ "an RMI call keeps the host's registers", registers_kept },
	{ },
};
