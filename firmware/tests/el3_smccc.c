// SPDX-License-Identifier: GPL-2.0-only
/* The SMC calling convention of the monitor: version, hint, immediate, and who may call. */
#include <el3_rmm.h>
#include <sysreg.h>
#include "control.h"
#include "harness.h"
#include "realm_run.h"

#define SMCCC_ARCH_FEATURES	0x80000001
#define PSCI_VERSION		0x84000000
#define PSCI_CPU_SUSPEND	0xc4000001
#define PSCI_CPU_OFF		0x84000002
#define PSCI_CPU_ON		0xc4000003
#define PSCI_AFFINITY_INFO	0xc4000004
#define PSCI_SYSTEM_OFF		0x84000008
#define PSCI_SYSTEM_RESET	0x84000009
#define PSCI_FEATURES		0x8400000a

#define SPSR_M_A32_SVC		ULL(0x13)

#define READY			1

static struct realm realm;

/* ---- version */

static u64 wanted_version(void)
{
	bool sve = FIELD_GET(GENMASK_ULL(35, 32), read_sysreg(id_aa64pfr0_el1));
	bool sme = FIELD_GET(GENMASK_ULL(27, 24), read_sysreg(id_aa64pfr1_el1));

	if (sme)
		return 0x10004;
	return sve ? 0x10003 : 0x10002;
}

static void guest_version(unsigned long arg)
{
	guest_report(READY, guest_call(SMCCC_VERSION, 0, 0, 0));
}

static void version(void)
{
	check_eq(psci_call(SMCCC_VERSION, 0, 0, 0), wanted_version());

	boot(&realm, guest_version);
	check_eq(enter_host_call(&realm, 0, READY)->gprs[0], wanted_version());
	finish(&realm);
}

/* ---- the SVE hint */

static void check_hint(unsigned long fid, unsigned long arg)
{
	struct arm_smccc_1_2_regs without = { .a0 = fid, .a1 = arg };
	struct arm_smccc_1_2_regs with = { .a0 = fid | SMCCC_SVE_HINT, .a1 = arg };

	arm_smccc_1_2_smc(&without, &without);
	arm_smccc_1_2_smc(&with, &with);
	if (with.a0 == without.a0 && with.a1 == without.a1)
		return;
	test_failed(__FILE__, __LINE__, "0x%lx: 0x%lx 0x%lx, with the hint 0x%lx 0x%lx", fid,
		    without.a0, without.a1, with.a0, with.a1);
}

static void guest_hint(unsigned long arg)
{
	struct arm_smccc_1_2_regs regs = { .a0 = SMC_RSI_VERSION | SMCCC_SVE_HINT, .a1 = 0x10000 };

	guest_smc(&regs);
	guest_check_eq(regs.a0, RSI_SUCCESS);
	guest_check_eq(guest_call(PSCI_VERSION | SMCCC_SVE_HINT, 0, 0, 0),
		       guest_call(PSCI_VERSION, 0, 0, 0));
	guest_check_eq(guest_call(SMCCC_VERSION | SMCCC_SVE_HINT, 0, 0, 0),
		       guest_call(SMCCC_VERSION, 0, 0, 0));
}

static void hint(void)
{
	struct arm_smccc_1_2_regs regs;

	check_hint(PSCI_VERSION, 0);
	check_hint(PSCI_FEATURES, PSCI_CPU_ON);
	check_hint(PSCI_AFFINITY_INFO, 0);
	check_hint(SMCCC_VERSION, 0);
	check_hint(SMCCC_ARCH_FEATURES, SMCCC_VERSION);
	check_hint(SMC_RMI_VERSION, 0x20000);
	check_hint(SMC_RMI_FEATURES, 0);
	check_hint(0x8400ffff, 0);

	boot(&realm, guest_hint);
	regs = (struct arm_smccc_1_2_regs){
		.a0 = SMC_RMI_REC_ENTER | SMCCC_SVE_HINT,
		.a1 = realm.rec[0].pa,
		.a2 = (unsigned long)realm.rec[0].run,
	};
	arm_smccc_1_2_smc(&regs, &regs);
	check_eq(regs.a0, RMI_SUCCESS);
	check(is_host_call(realm_exit(&realm, 0), GUEST_DONE));
	check_status(realm_destroy(&realm), RMI_SUCCESS);
}

/* ---- immediates */

#define smc_with(imm, fid, arg) ({						\
	register unsigned long x0 asm("x0") = (fid);				\
	register unsigned long x1 asm("x1") = (arg);				\
										\
	asm volatile("smc #" #imm : "+r" (x0), "+r" (x1)			\
		     : : "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10",	\
		     "x11", "x12", "x13", "x14", "x15", "x16", "x17", "memory");\
	(long)x0;								\
})

static void immediates(void)
{
	check(smc_with(0, PSCI_VERSION, 0) >= 0x10000);
	check_eq(smc_with(1, PSCI_VERSION, 0), SMCCC_RET_NOT_SUPPORTED);
	check_eq(smc_with(0x8000, SMCCC_VERSION, 0), SMCCC_RET_NOT_SUPPORTED);
	check_eq(smc_with(0xffff, PSCI_AFFINITY_INFO, 0), SMCCC_RET_NOT_SUPPORTED);
	check_eq(smc_with(0, SMC_RMI_FEATURES, 0), RMI_SUCCESS);
	check_eq(smc_with(1, SMC_RMI_FEATURES, 0), SMCCC_RET_NOT_SUPPORTED);
}

/* ---- callers at EL1, and the RMM's own calls */

/* What must not happen comes last. */
static const unsigned long services[] = {
	PSCI_VERSION, PSCI_FEATURES, PSCI_AFFINITY_INFO, PSCI_CPU_SUSPEND, PSCI_CPU_ON,
	SMCCC_VERSION, SMCCC_ARCH_FEATURES, SMC_RMI_VERSION, SMC_RMI_FEATURES,
	SMC_RMI_GRANULE_RANGE_DELEGATE, SMC_RMI_RMM_ACTIVATE, SMC_RMI_REC_ENTER,
	RMM_RMI_REQ_COMPLETE, RMM_GTSI_DELEGATE, RMM_GTSI_UNDELEGATE, RMM_BOOT_COMPLETE,
	EL3_RMM_CONSOLE_WRITE, EL3_RMM_PANIC, PSCI_CPU_OFF, PSCI_SYSTEM_OFF, PSCI_SYSTEM_RESET,
};

static void need_our_monitor(void)
{
	if (!test_control())
		skip_test("not this firmware's monitor");
}

/* Arguments of a call that would do something: delegate a granule, or read feature register 0 */
static struct arm_smccc_1_2_regs service_call(unsigned long fid, phys_addr_t page)
{
	struct arm_smccc_1_2_regs regs = { .a0 = fid, .a4 = 0x4444 };

	if (fid == SMC_RMI_GRANULE_RANGE_DELEGATE || fid == RMM_GTSI_DELEGATE) {
		regs.a1 = page;
		regs.a2 = page + GRANULE_SIZE;
	}
	return regs;
}

/* @mask: the bits of a register that the caller's execution state has */
static bool refused(unsigned long fid, phys_addr_t page, const void *code, u64 pstate, u64 mask)
{
	struct arm_smccc_1_2_regs regs = service_call(fid, page);

	el1_call(&regs, code, pstate);
	if ((regs.a0 & mask) == ((unsigned long)SMCCC_RET_NOT_SUPPORTED & mask) &&
	    regs.a4 == 0x4444)
		return true;
	test_failed(__FILE__, __LINE__, "0x%lx answers 0x%lx, X4 0x%lx", fid, regs.a0, regs.a4);
	return false;
}

static void check_refused(const void *code, u64 pstate, u64 mask)
{
	phys_addr_t page = (phys_addr_t)ns_page();
	u64 esr;

	for (unsigned int i = 0; i < ARRAY_SIZE(services); i++) {
		if (!refused(services[i], page, code, pstate, mask))
			break;
	}
	try_read(page, &esr);
	check_eq(esr, 0);
}

static void from_el1(void)
{
	need_our_monitor();
	write_sysreg(0, sctlr_el1);
	check_refused(el1_smc64, SPSR_M_EL1H | SPSR_DAIF, ~0ULL);
}

static void from_aarch32(void)
{
	u64 hcr = read_sysreg(hcr_el2);

	need_our_monitor();
	if (FIELD_GET(GENMASK_ULL(7, 4), read_sysreg(id_aa64pfr0_el1)) != 2)
		skip_test("no AArch32 at EL1");

	write_sysreg(hcr & ~HCR_EL2_RW, hcr_el2);
	write_sysreg(0, sctlr_el1);
	isb();
	check_refused(el1_smc32, SPSR_M_A32_SVC | SPSR_A | SPSR_I | SPSR_F, 0xffffffff);
	write_sysreg(hcr, hcr_el2);
	isb();
}

/* The interface of el3_rmm.h is for the Realm world. */
static void rmm_interface(void)
{
	static const unsigned long fids[] = {
		RMM_RMI_REQ_COMPLETE, RMM_GTSI_DELEGATE, RMM_GTSI_UNDELEGATE, RMM_BOOT_COMPLETE,
		EL3_RMM_CONSOLE_WRITE, EL3_RMM_PANIC,
	};
	phys_addr_t page = (phys_addr_t)ns_page();
	struct arm_smccc_1_2_regs regs;
	u64 esr;

	for (unsigned int i = 0; i < ARRAY_SIZE(fids); i++) {
		regs = service_call(fids[i], page);
		arm_smccc_1_2_smc(&regs, &regs);
		check_eq(regs.a0, SMCCC_RET_NOT_SUPPORTED);
	}
	try_read(page, &esr);
	check_eq(esr, 0);
}

const struct test el3_smccc_tests[] = {
	{ "the version is that of the CPU's features, for a realm too", version },
	{ "the SVE hint changes nothing", hint },
	{ "an immediate other than 0 is refused", immediates },
	{ "nothing is for callers at EL1", from_el1 },
	{ "nothing is for callers in AArch32", from_aarch32 },
	{ "the RMM's calls are not for the host", rmm_interface },
	{ },
};
