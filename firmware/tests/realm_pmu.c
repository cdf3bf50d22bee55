// SPDX-License-Identifier: GPL-2.0-only
/* The host's performance counters while a realm runs (DEN0137 A8.1). */
#include <sysreg.h>
#include "realm_run.h"

#define READY			1

#define PMCR_E			BIT_ULL(0)
#define PMCR_N			GENMASK_ULL(15, 11)
#define PMCNTEN_C		BIT_ULL(31)

/* Event counters and cycle counter: CPU cycles, at EL1 and EL0 only */
#define EVENT_CPU_CYCLES	0x11
#define FILTER_M		BIT_ULL(26)	/* not at EL3 */
#define CYCLES_BELOW_EL2	(EVENT_CPU_CYCLES | FILTER_M)

#define MDCR_HPMN		GENMASK_ULL(4, 0)
#define MDCR_HPME		BIT_ULL(7)

static struct realm realm;

static void guest_work(unsigned long arg)
{
	for (;;) {
		for (volatile unsigned int i = 0; i < 20000; i++)
			;
		guest_sync(READY);
	}
}

static void need_pmu(void)
{
	u64 pmuver = FIELD_GET(GENMASK_ULL(11, 8), read_sysreg(id_aa64dfr0_el1));

	if (!pmuver || pmuver == 0xf)
		skip_test("no PMU");
}

static unsigned int nr_counters(void)
{
	return FIELD_GET(PMCR_N, read_sysreg(pmcr_el0));
}

static u64 all_counters(void)
{
	return BIT_ULL(nr_counters()) - 1;
}

static void select_counter(unsigned int n)
{
	write_sysreg(n, pmselr_el0);
	isb();
}

/* All counters at zero, those of @enabled on */
static void pmu_start(u64 enabled)
{
	write_sysreg(0, pmcr_el0);
	write_sysreg(~0ULL, pmcntenclr_el0);
	for (unsigned int n = 0; n < nr_counters(); n++) {
		select_counter(n);
		write_sysreg(CYCLES_BELOW_EL2, pmxevtyper_el0);
		write_sysreg(0, pmxevcntr_el0);
	}
	write_sysreg(FILTER_M, pmccfiltr_el0);
	write_sysreg(0, pmccntr_el0);
	write_sysreg(enabled, pmcntenset_el0);
	write_sysreg(PMCR_E, pmcr_el0);
	isb();
}

static void pmu_stop(void)
{
	write_sysreg(0, pmcr_el0);
	write_sysreg(~0ULL, pmcntenclr_el0);
	isb();
}

static void check_standing(void)
{
	for (unsigned int n = 0; n < nr_counters(); n++) {
		select_counter(n);
		check_eq(read_sysreg(pmxevcntr_el0), 0);
	}
}

static void check_enter(u64 enabled)
{
	pmu_start(enabled);
	enter_host_call(&realm, 0, READY);
	check_eq(read_sysreg(pmcntenset_el0), enabled);
	check_eq(read_sysreg(pmcr_el0) & PMCR_E, PMCR_E);
	check_standing();
	check_eq(read_sysreg(pmccntr_el0) != 0, !!(enabled & PMCNTEN_C));
	pmu_stop();
}

/* What counts at EL1 and EL0 alone counts nothing of a realm, unless it is the cycle counter. */
static void test_counters(void)
{
	need_pmu();
	boot(&realm, guest_work);
	check_enter(all_counters());
	check_enter(all_counters() | PMCNTEN_C);
	check_enter(all_counters() & ~1ULL);
	check_enter(PMCNTEN_C);
	check_enter(0);
	check_status(realm_destroy(&realm), RMI_SUCCESS);
}

/* Counters that the host has put aside for EL2 stand still as well. */
static void test_hpmn(void)
{
	u64 mdcr = read_sysreg(mdcr_el2);

	need_pmu();
	boot(&realm, guest_work);
	write_sysreg((mdcr & ~MDCR_HPMN) | 1 | MDCR_HPME, mdcr_el2);
	pmu_start(all_counters());
	enter_host_call(&realm, 0, READY);
	check_eq(read_sysreg(pmcntenset_el0), all_counters());
	check_standing();
	pmu_stop();
	write_sysreg(mdcr, mdcr_el2);
	check_status(realm_destroy(&realm), RMI_SUCCESS);
}

const struct test realm_pmu_tests[] = {
	{ "event counters stand still while a realm runs, the cycle counter goes on",
	  test_counters },
	{ "counters that are reserved for EL2 stand still", test_hpmn },
	{ }
};
