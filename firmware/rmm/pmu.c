// SPDX-License-Identifier: GPL-2.0-only
/*
 * Performance counters. A realm has none: all event counters are the host's, and stand
 * still while a realm runs (DEN0137 A8.1). The cycle counter goes on.
 */
#include <linux/bits.h>
#include <sysreg.h>
#include "cpu.h"
#include "id_regs.h"
#include "run.h"

/* PMCNTENSET_EL0: event counters; C and what is above are left alone. */
#define PMCNTEN_P		GENMASK_ULL(30, 0)

/* Event counters that the host has enabled, while a REC runs */
static u64 ns_enabled[RMM_MAX_CPUS];

void pmu_enter(void)
{
	u64 enabled;

	if (!cpu_has(CPU_PMU))
		return;

	enabled = read_sysreg(pmcntenset_el0) & PMCNTEN_P;
	write_sysreg(enabled, pmcntenclr_el0);
	ns_enabled[this_cpu()->id] = enabled;
}

void pmu_leave(void)
{
	if (cpu_has(CPU_PMU))
		write_sysreg(ns_enabled[this_cpu()->id], pmcntenset_el0);
}
