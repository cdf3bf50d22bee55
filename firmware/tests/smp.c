// SPDX-License-Identifier: GPL-2.0-only
/* The other CPUs: turned on with PSCI once, then they wait for functions to call. */
#include <sysreg.h>
#include "harness.h"

#define PSCI_CPU_OFF		0x84000002
#define PSCI_CPU_ON		0xc4000003
#define PSCI_AFFINITY_INFO	0xc4000004
#define PSCI_SYSTEM_OFF		0x84000008

#define PSCI_OFF		1

/* For a CPU to start, stop, or leave a test that is over. Twice that is still bearable. */
#define SMP_TIMEOUT_SECONDS	30

unsigned int nr_cpus = 1;

/* fn is set by CPU 0 and cleared by the CPU when it has returned. */
static struct {
	void (*fn)(void *arg);
	void *arg;
	bool online;
	bool lost;	/* did not come back when its test was over */
} work[MAX_CPUS];

long psci_call(unsigned long fid, unsigned long a1, unsigned long a2, unsigned long a3)
{
	struct arm_smccc_1_2_regs regs = { .a0 = fid, .a1 = a1, .a2 = a2, .a3 = a3 };

	arm_smccc_1_2_smc(&regs, &regs);
	return regs.a0;
}

void power_off(void)
{
	psci_call(PSCI_SYSTEM_OFF, 0, 0, 0);
	for (;;)
		wfi();
}

void secondary_main(unsigned int cpu)
{
	void (*fn)(void *arg);

	irq_init_cpu();
	__atomic_store_n(&work[cpu].online, true, __ATOMIC_RELEASE);

	for (;;) {
		if (!cpu_sleep())
			continue;
		fn = __atomic_load_n(&work[cpu].fn, __ATOMIC_ACQUIRE);
		timer_stop();
		fn(work[cpu].arg);
		limit_end();
		__atomic_store_n(&work[cpu].fn, NULL, __ATOMIC_RELEASE);
	}
}

static bool wait_until(bool (*done)(unsigned int cpu), unsigned int cpu)
{
	u64 end = read_sysreg(cntpct_el0) + SMP_TIMEOUT_SECONDS * read_sysreg(cntfrq_el0);

	while (!done(cpu)) {
		if (read_sysreg(cntpct_el0) > end)
			return false;
		cpu_relax();
	}

	return true;
}

static bool is_online(unsigned int cpu)
{
	return __atomic_load_n(&work[cpu].online, __ATOMIC_ACQUIRE);
}

static bool is_idle(unsigned int cpu)
{
	return !__atomic_load_n(&work[cpu].fn, __ATOMIC_ACQUIRE);
}

static bool is_off(unsigned int cpu)
{
	return psci_call(PSCI_AFFINITY_INFO, cpu, 0, 0) == PSCI_OFF;
}

bool smp_start_with(unsigned int cpu, long (*cpu_on)(unsigned int cpu))
{
	work[cpu].online = false;
	work[cpu].fn = NULL;

	return cpu_on(cpu) == 0 && wait_until(is_online, cpu);
}

static long cpu_on(unsigned int cpu)
{
	return psci_call(PSCI_CPU_ON, cpu, (unsigned long)secondary_entry, cpu);
}

bool smp_start(unsigned int cpu)
{
	return smp_start_with(cpu, cpu_on);
}

static void turn_off(void *arg)
{
	psci_call(PSCI_CPU_OFF, 0, 0, 0);
}

bool smp_stop(unsigned int cpu)
{
	smp_run(cpu, turn_off, NULL);
	return wait_until(is_off, cpu);
}

void smp_init(unsigned int cpus)
{
	nr_cpus = min(cpus, (unsigned int)MAX_CPUS);

	for (unsigned int cpu = 1; cpu < nr_cpus; cpu++) {
		if (!smp_start(cpu))
			panic("CPU %u does not start", cpu);
	}
}

void smp_run(unsigned int cpu, void (*fn)(void *arg), void *arg)
{
	if (cpu == 0 || cpu >= nr_cpus)
		panic("no CPU %u to run on", cpu);
	if (!is_idle(cpu)) {
		test_failed(__FILE__, __LINE__, "CPU %u is not back from an earlier test", cpu);
		test_abort();
	}

	work[cpu].arg = arg;
	limit_share(cpu);
	__atomic_store_n(&work[cpu].fn, fn, __ATOMIC_RELEASE);
	cpu_wake(cpu);
}

void smp_wait(unsigned int cpu)
{
	wait_for(is_idle(cpu));
}

/* Back from a test that is over, or turned off by it. */
static bool is_released(unsigned int cpu)
{
	return is_idle(cpu) || is_off(cpu);
}

static bool recall(unsigned int cpu)
{
	limit_cut(cpu);
	cpu_recall(cpu);
	if (!wait_until(is_released, cpu))
		return false;

	return is_idle(cpu) || smp_start(cpu);
}

/*
 * After a test: let every CPU that works for it come back. False when one does not, once: later
 * tests fail only if they need it, until it does come back.
 */
bool smp_recall(void)
{
	bool all = true;

	for (unsigned int cpu = 1; cpu < nr_cpus; cpu++) {
		if (is_idle(cpu) || (!work[cpu].lost && recall(cpu))) {
			work[cpu].lost = false;
		} else if (!work[cpu].lost) {
			printf("# CPU %u does not come back\n", cpu);
			work[cpu].lost = true;
			all = false;
		}
	}

	return all;
}
