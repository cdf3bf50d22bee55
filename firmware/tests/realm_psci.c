// SPDX-License-Identifier: GPL-2.0-only
/* PSCI of a realm, and RMI_PSCI_COMPLETE (DEN0137 A4.3.7, B4.5.38, B6.3). */
#include <sysreg.h>
#include "realm_run.h"

#define READY			1
#define SECOND			2

#define FN_VERSION		0x84000000
#define FN_CPU_SUSPEND		0xc4000001
#define FN_CPU_OFF		0x84000002
#define FN_CPU_ON		0xc4000003
#define FN_CPU_ON_32		0x84000003
#define FN_AFFINITY_INFO	0xc4000004
#define FN_MIGRATE_INFO_TYPE	0x84000006
#define FN_SYSTEM_OFF		0x84000008
#define FN_SYSTEM_RESET		0x84000009
#define FN_FEATURES		0x8400000a
#define FN_SYSTEM_SUSPEND	0xc400000e
#define FN_SMCCC_VERSION	0x80000000

#define SPARE_RECS		3

static struct realm realm;

/* ---- what the RMM answers itself */

static void guest_features(unsigned long arg)
{
	static const u32 present[] = {
		FN_CPU_SUSPEND, FN_CPU_OFF, FN_CPU_ON, FN_CPU_ON_32, FN_AFFINITY_INFO,
		FN_SYSTEM_OFF, FN_SYSTEM_RESET, FN_FEATURES, FN_SMCCC_VERSION,
	};

	guest_check(guest_call(FN_VERSION, 0, 0, 0) >= 0x10000);
	for (unsigned int i = 0; i < ARRAY_SIZE(present); i++)
		guest_check_eq(guest_call(FN_FEATURES, present[i], 0, 0), PSCI_SUCCESS);
	guest_check_eq(guest_call(FN_FEATURES, FN_SYSTEM_SUSPEND, 0, 0), PSCI_NOT_SUPPORTED);
	guest_check_eq(guest_call(FN_FEATURES, FN_MIGRATE_INFO_TYPE, 0, 0), PSCI_NOT_SUPPORTED);
	guest_check_eq(guest_call(FN_MIGRATE_INFO_TYPE, 0, 0, 0), PSCI_NOT_SUPPORTED);
	guest_check_eq(guest_call(0x8400001f, 0, 0, 0), PSCI_NOT_SUPPORTED);
}

static void test_features(void)
{
	boot(&realm, guest_features);
	finish(&realm);
}

/* A realm of four RECs, of which the first runs */
static void boot_four(void (*fn)(unsigned long arg))
{
	realm_init(&realm);
	require_status(realm_create(&realm), RMI_SUCCESS);
	require_status(realm_load_image(&realm), RMI_SUCCESS);
	require_status(realm_add_rec(&realm, fn, 0), RMI_SUCCESS);
	for (unsigned int i = 0; i < SPARE_RECS; i++)
		require_status(realm_add_rec(&realm, NULL, 0), RMI_SUCCESS);
	require_status(realm_activate(&realm), RMI_SUCCESS);
}

static void require_psci(const struct rmi_rec_exit *exit, u64 fid, u64 arg)
{
	require_eq(exit->exit_reason, RMI_EXIT_PSCI);
	check_eq(exit->gprs[0], fid);
	check_eq(exit->gprs[1], arg);
	check_eq(exit->esr, 0);
	check_eq(exit->hpfar, 0);
	for (unsigned int i = 4; i < ARRAY_SIZE(exit->gprs); i++)
		check_eq(exit->gprs[i], 0);
}

static rmi_status_t complete(unsigned int calling, unsigned int target, long status)
{
	return rmi_psci_complete(realm.rec[calling].pa, realm.rec[target].pa, status);
}

/* ---- errors that do not concern the host */

static void guest_refused(unsigned long arg)
{
	u64 shared = guest_report(READY, 0);
	u64 entry = (u64)guest_psci_entry;

	guest_check_eq(guest_call(FN_CPU_ON, 4, entry, 0), PSCI_INVALID_PARAMETERS);
	guest_check_eq(guest_call(FN_CPU_ON, 0x10, entry, 0), PSCI_INVALID_PARAMETERS);
	guest_check_eq(guest_call(FN_CPU_ON, 0x100, entry, 0), PSCI_INVALID_PARAMETERS);
	guest_check_eq(guest_call(FN_CPU_ON, 1, entry | shared, 0), PSCI_INVALID_ADDRESS);
	guest_check_eq(guest_call(FN_CPU_ON, 1, 1UL << 50, 0), PSCI_INVALID_ADDRESS);
	guest_check_eq(guest_call(FN_CPU_ON, 0, entry, 0), PSCI_ALREADY_ON);
	guest_check_eq(guest_call(FN_AFFINITY_INFO, 4, 0, 0), PSCI_INVALID_PARAMETERS);
	guest_check_eq(guest_call(FN_AFFINITY_INFO, 1, 1, 0), PSCI_INVALID_PARAMETERS);
	guest_check_eq(guest_call(FN_AFFINITY_INFO, 0, 0, 0), PSCI_SUCCESS);
}

static void test_refused(void)
{
	boot_four(guest_refused);
	enter_host_call(&realm, 0, READY);
	realm.rec[0].run->enter.gprs[0] = realm_shared(&realm, 0);
	finish(&realm);
}

/* ---- CPU_ON, CPU_OFF, AFFINITY_INFO */

static struct guest_start start;

static void guest_second(unsigned long arg)
{
	guest_check_eq(arg, 0x5678);
	guest_check_eq(guest_index(), 1);
	guest_check_eq(read_sysreg(sctlr_el1) & 5, 0);		/* MMU and caches off */
	guest_check_eq(read_sysreg(mpidr_el1) & 0xff80ffffffULL, 0x80000001);
	guest_sync(SECOND);
	guest_call(FN_CPU_OFF, 0, 0, 0);
	guest_fail(__LINE__, 0, 0);
}

static void guest_cpu_on(unsigned long arg)
{
	start = (struct guest_start){ guest_second, 0x5678, guest_stack(1), 1 };

	guest_check_eq(guest_call(FN_AFFINITY_INFO, 1, 0, 0), PSCI_OFF);
	guest_check_eq(guest_call(FN_CPU_ON, 1, (u64)guest_psci_entry, (u64)&start),
		       PSCI_DENIED);
	guest_check_eq(guest_call(FN_CPU_ON, 1, (u64)guest_psci_entry, (u64)&start),
		       PSCI_SUCCESS);
	guest_check_eq(guest_call(FN_CPU_ON, 1, (u64)guest_psci_entry, (u64)&start),
		       PSCI_ALREADY_ON);
	guest_check_eq(guest_call(FN_AFFINITY_INFO, 1, 0, 0), PSCI_SUCCESS);
	guest_sync(READY);
	guest_check_eq(guest_call(FN_AFFINITY_INFO, 1, 0, 0), PSCI_OFF);
}

static void ask(u64 fid)
{
	require_psci(enter(&realm, 0, 0), fid, 1);
}

static void test_cpu_on(void)
{
	boot_four(guest_cpu_on);

	ask(FN_AFFINITY_INFO);
	/* Nothing goes on until the host has named the target. */
	check_status(realm_enter(&realm, 0, 0), RMI_ERROR_REC);
	check_status(complete(0, 1, PSCI_SUCCESS), RMI_SUCCESS);
	/* and only once */
	check_status(complete(0, 1, PSCI_SUCCESS), RMI_ERROR_INPUT);

	ask(FN_CPU_ON);
	check_status(realm_enter(&realm, 1, 0), RMI_ERROR_REC);
	check_status(complete(0, 1, PSCI_DENIED), RMI_SUCCESS);
	check_status(realm_enter(&realm, 1, 0), RMI_ERROR_REC);

	ask(FN_CPU_ON);
	check_status(complete(0, 1, PSCI_SUCCESS), RMI_SUCCESS);
	ask(FN_CPU_ON);
	check_status(complete(0, 1, PSCI_SUCCESS), RMI_SUCCESS);
	ask(FN_AFFINITY_INFO);
	check_status(complete(0, 1, PSCI_SUCCESS), RMI_SUCCESS);
	enter_host_call(&realm, 0, READY);

	check(is_host_call(enter(&realm, 1, 0), SECOND));
	require_psci(enter(&realm, 1, 0), FN_CPU_OFF, 0);
	check_status(realm_enter(&realm, 1, 0), RMI_ERROR_REC);

	ask(FN_AFFINITY_INFO);
	check_status(complete(0, 1, PSCI_SUCCESS), RMI_SUCCESS);
	finish(&realm);
}

/* ---- RMI_PSCI_COMPLETE */

static void guest_ask_twice(unsigned long arg)
{
	guest_call(FN_CPU_ON, 1, (u64)guest_psci_entry, 0);
	guest_call(FN_AFFINITY_INFO, 1, 0, 0);
}

static void test_complete_refused(void)
{
	static struct realm other;
	unsigned long page;

	boot_four(guest_ask_twice);
	boot(&other, guest_ask_twice);
	page = delegated_page();

	check_status(complete(0, 1, PSCI_SUCCESS), RMI_ERROR_INPUT);	/* nothing pending */
	ask(FN_CPU_ON);
	check_status(complete(0, 0, PSCI_SUCCESS), RMI_ERROR_INPUT);
	check_status(complete(0, 2, PSCI_SUCCESS), RMI_ERROR_INPUT);
	check_status(complete(1, 0, PSCI_SUCCESS), RMI_ERROR_INPUT);
	check_status(rmi_psci_complete(realm.rec[0].pa, page, PSCI_SUCCESS), RMI_ERROR_INPUT);
	check_status(rmi_psci_complete(page, realm.rec[1].pa, PSCI_SUCCESS), RMI_ERROR_INPUT);
	check_status(rmi_psci_complete(realm.rec[0].pa + 8, realm.rec[1].pa, PSCI_SUCCESS),
		     RMI_ERROR_INPUT);
	check_status(rmi_psci_complete(realm.rec[0].pa, realm.rec[1].pa + 8, PSCI_SUCCESS),
		     RMI_ERROR_INPUT);
	check_status(rmi_psci_complete(realm.rec[0].pa, other.rec[0].pa, PSCI_SUCCESS),
		     RMI_ERROR_INPUT);
	check_status(complete(0, 1, PSCI_INVALID_ADDRESS), RMI_ERROR_INPUT);
	check_status(complete(0, 1, 5), RMI_ERROR_INPUT);
	check_status(complete(0, 1, PSCI_SUCCESS), RMI_SUCCESS);

	ask(FN_AFFINITY_INFO);
	check_status(complete(0, 1, PSCI_DENIED), RMI_ERROR_INPUT);
	check_status(complete(0, 1, PSCI_SUCCESS), RMI_SUCCESS);
	finish(&realm);
	check_status(realm_destroy(&other), RMI_SUCCESS);
}

/* ---- calls that the host only hears of */

static void guest_suspend(unsigned long arg)
{
	guest_check_eq(guest_call(FN_CPU_SUSPEND, 0, 0x1234, 0x5678), PSCI_SUCCESS);
	guest_sync(READY);
	guest_call(arg, 0, 0, 0);
	guest_fail(__LINE__, 0, 0);
}

static void suspend_and_end(u64 fid)
{
	realm_init(&realm);
	require_status(realm_start(&realm, guest_suspend, fid), RMI_SUCCESS);
	require_eq(enter(&realm, 0, 0)->exit_reason, RMI_EXIT_PSCI);
	check_eq(realm_exit(&realm, 0)->gprs[0], FN_CPU_SUSPEND);
	enter_host_call(&realm, 0, READY);
	require_psci(enter(&realm, 0, 0), fid, 0);
	check_status(realm_enter(&realm, 0, 0), RMI_ERROR_REALM);
	check_status(realm_destroy(&realm), RMI_SUCCESS);
}

static void test_system(void)
{
	suspend_and_end(FN_SYSTEM_OFF);
	suspend_and_end(FN_SYSTEM_RESET);
}

const struct test realm_psci_tests[] = {
	{ "VERSION and FEATURES", test_features },
	{ "bad arguments do not reach the host", test_refused },
	{ "CPU_ON, CPU_OFF and AFFINITY_INFO", test_cpu_on },
	{ "PSCI_COMPLETE refuses what does not fit the call", test_complete_refused },
	{ "CPU_SUSPEND returns, SYSTEM_OFF and SYSTEM_RESET end the realm", test_system },
	{ }
};
