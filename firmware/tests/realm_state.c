// SPDX-License-Identifier: GPL-2.0-only
/*
 * Register state: what a realm has to itself, what the host gets back, and what a realm
 * is told about the CPU.
 */
#include <memmap.h>
#include <string.h>
#include <sysreg.h>
#include "realm_run.h"
#include "simd.h"

#define READY			1

#define CPTR_TFP		BIT_ULL(10)
#define CPTR_TZ			BIT_ULL(8)
#define ZCR_LEN_MAX		0xf

static struct realm realm;

/* ---- FP and SIMD */

static bool has_sve(void)
{
	return FIELD_GET(GENMASK_ULL(35, 32), read_sysreg(id_aa64pfr0_el1));
}

/* At NS-EL2, HCR_EL2.E2H clear */
static void ns_simd_on(void)
{
	write_sysreg(read_sysreg(cptr_el2) & ~(CPTR_TFP | CPTR_TZ), cptr_el2);
	isb();
	if (has_sve())
		write_sysreg(ZCR_LEN_MAX, ZCR_EL2);
	isb();
}

static void guest_fp(unsigned long arg)
{
	/* Nobody else's values */
	guest_check(simd_differs(0x1000) != SIMD_SAME);
	simd_fill(arg);
	write_sysreg(0x8000000, fpsr);		/* QC */
	for (unsigned int i = 0; i < 3; i++) {
		guest_sync(READY);
		guest_check_eq(simd_differs(arg), SIMD_SAME);
		guest_check_eq(read_sysreg(fpsr), 0x8000000);
	}
}

/* Two RECs, and the host in between */
static void test_fp(void)
{
	static struct realm other;

	realm_init(&realm);
	require_status(realm_start(&realm, guest_fp, 0x2000), RMI_SUCCESS);
	realm_init(&other);
	require_status(realm_start(&other, guest_fp, 0x3000), RMI_SUCCESS);

	ns_simd_on();
	if (has_sve())
		sve_fill(0x1000);
	else
		simd_fill(0x1000);
	write_sysreg(0x10, fpsr);
	for (unsigned int i = 0; i < 3; i++) {
		enter_host_call(&realm, 0, READY);
		enter_host_call(&other, 0, READY);
		if (has_sve())
			check_eq(sve_differs(0x1000), SVE_SAME);
		else
			check_eq(simd_differs(0x1000), SIMD_SAME);
		check_eq(read_sysreg(fpsr), 0x10);
	}
	finish(&realm);
	finish(&other);
}

static void guest_sve(unsigned long arg)
{
	guest_check(has_sve());
	write_sysreg(ZCR_LEN_MAX, ZCR_EL1);
	isb();
	guest_check_eq(sve_bytes(), arg);
	sve_fill(0x4001);
	for (unsigned int i = 0; i < 2; i++) {
		guest_sync(READY);
		guest_check_eq(sve_differs(0x4001), SVE_SAME);
		guest_check_eq(read_sysreg(ZCR_EL1) & ZCR_LEN_MAX, ZCR_LEN_MAX);
	}
}

static void run_sve(unsigned int vl)
{
	realm_init(&realm);
	realm.params->flags0 |= RMI_REALM_FLAGS0_SVE;
	realm.params->sve_vl = vl;
	require_status(realm_start(&realm, guest_sve, 16 * (vl + 1)), RMI_SUCCESS);
	sve_fill(0xa55a);
	enter_host_call(&realm, 0, READY);
	check_eq(sve_differs(0xa55a), SVE_SAME);
	sve_fill(0x5aa4);
	enter_host_call(&realm, 0, READY);
	check_eq(sve_differs(0x5aa4), SVE_SAME);
	finish(&realm);
}

static void test_sve(void)
{
	struct rmi_features_out out;

	require_status(rmi_features(0, &out), RMI_SUCCESS);
	if (!(out.value & RMI_FEATURE_REGISTER0_SVE))
		skip_test("no SVE");

	ns_simd_on();
	run_sve(FIELD_GET(RMI_FEATURE_REGISTER0_SVE_VL, out.value));
	run_sve(0);
}

#define CPTR_TSM		BIT_ULL(12)
#define SMCR_FA64		BIT_ULL(31)
#define SVCR			S3_3_C4_C2_2
#define SVCR_SM			BIT_ULL(0)
#define SVCR_ZA			BIT_ULL(1)

static void guest_fp_again(unsigned long arg)
{
	for (;;) {
		simd_fill(0x6000);
		guest_sync(READY);
		guest_check_eq(simd_differs(0x6000), SIMD_SAME);
	}
}

/* The host's ZA array */
static u64 *za, *za_after;

static void za_init(u64 seed)
{
	for (unsigned long i = 0; i < za_vl() * za_vl() / 8; i++)
		za[i] = seed + i;
	za_fill(za);
}

static bool za_same(void)
{
	za_dump(za_after);
	return !memcmp(za_after, za, za_vl() * za_vl());
}

/* Vectors as long as @len allows; FFR, if it can be used, is filled through P0. */
static void host_fill(u64 svcr, u64 smcr, u64 value)
{
	bool ffr = !(svcr & SVCR_SM) || (smcr & SMCR_FA64);

	write_sysreg(0, SVCR);
	write_sysreg(smcr & ZCR_LEN_MAX, ZCR_EL2);
	write_sysreg(smcr, SMCR_EL2);
	isb();
	write_sysreg(svcr, SVCR);
	if (svcr & SVCR_ZA)
		za_init(value);
	if (ffr)
		sve_fill(value);
	else
		zp_fill(value);
}

static void host_check(u64 svcr, u64 smcr, u64 value)
{
	require_eq(read_sysreg(SVCR), svcr);
	check_eq(read_sysreg(SMCR_EL2), smcr);
	if (!(svcr & SVCR_SM) || (smcr & SMCR_FA64))
		check_eq(sve_differs(value), SVE_SAME);
	else
		check_eq(zp_differs(value), ZP_SAME);
	if (svcr & SVCR_ZA)
		check(za_same());
}

static bool has_fa64(void)
{
	return read_sysreg(ID_AA64SMFR0_EL1) & BIT_ULL(63);
}

/* Every combination of streaming mode, ZA, FA64, and a short or a long vector */
static void test_streaming(void)
{
	u64 svcr, smcr;

	if (!FIELD_GET(GENMASK_ULL(27, 24), read_sysreg(id_aa64pfr1_el1)))
		skip_test("no SME");

	boot(&realm, guest_fp_again);
	za = ns_pages(SVE_MAX_BYTES * SVE_MAX_BYTES / SZ_4K);
	za_after = ns_pages(SVE_MAX_BYTES * SVE_MAX_BYTES / SZ_4K);
	ns_simd_on();
	write_sysreg(read_sysreg(cptr_el2) & ~CPTR_TSM, cptr_el2);
	isb();
	for (unsigned int i = 0; i < (has_fa64() ? 16 : 8); i++) {
		svcr = i & (SVCR_SM | SVCR_ZA);
		smcr = (i & 4 ? ZCR_LEN_MAX : 0) | (i & 8 ? SMCR_FA64 : 0);
		host_fill(svcr, smcr, 0x7001 + i);
		enter_host_call(&realm, 0, READY);
		host_check(svcr, smcr, 0x7001 + i);
	}
	write_sysreg(0, SVCR);
	ns_simd_on();
	check_status(realm_destroy(&realm), RMI_SUCCESS);
}

static void guest_no_sve(unsigned long arg)
{
	guest_check(!has_sve());
	guest_check_eq(read_sysreg(ID_AA64ZFR0_EL1), 0);
	guest_expect();
	asm volatile(".inst 0x04bf5020" : : : "x0");	/* rdvl x0, #1 */
	guest_check_eq(guest_expected(), 1);
	guest_check_eq(FIELD_GET(ESR_EC, guest_trap()->esr), ESR_EC_UNKNOWN);
	guest_expect();
	asm volatile(".inst 0x04bf5820" : : : "x0");	/* rdsvl x0, #1 */
	guest_check_eq(guest_expected(), 1);
	/* FP still works. */
	simd_fill(7);
	guest_check_eq(simd_differs(7), SIMD_SAME);
}

static void test_no_sve(void)
{
	boot(&realm, guest_no_sve);
	finish(&realm);
}

/* ---- what the realm is told */

static void guest_id(unsigned long arg)
{
	u64 dfr0 = read_sysreg(id_aa64dfr0_el1);
	u64 pfr0 = read_sysreg(id_aa64pfr0_el1);
	u64 pfr1 = read_sysreg(id_aa64pfr1_el1);

	guest_check_eq(FIELD_GET(GENMASK_ULL(43, 40), pfr0), 0);	/* MPAM */
	guest_check_eq(FIELD_GET(GENMASK_ULL(47, 44), pfr0), 0);	/* AMU */
	guest_check_eq(FIELD_GET(GENMASK_ULL(27, 24), pfr1), 0);	/* SME */
	guest_check_eq(FIELD_GET(GENMASK_ULL(11, 8), dfr0), 0);		/* PMUVer */
	guest_check_eq(read_sysreg(S3_0_C0_C7_7), 0);
	guest_sync(READY);

	/* What is not there is undefined, not zero. */
	guest_expect();
	asm volatile("mrs x0, pmcr_el0" : : : "x0");
	guest_check_eq(guest_expected(), 1);
	guest_check_eq(guest_trap()->esr, ESR_IL);
	guest_expect();
	asm volatile("mrs x0, S3_0_C15_C0_0" : : : "x0");
	guest_check_eq(guest_expected(), 1);
	guest_check_eq(guest_trap()->esr, ESR_IL);
}

static void test_id(void)
{
	boot(&realm, guest_id);
	enter_host_call(&realm, 0, READY);
	finish(&realm);
}

static void guest_breakpoints(unsigned long arg)
{
	u64 dfr0 = read_sysreg(id_aa64dfr0_el1);

	guest_check_eq(FIELD_GET(GENMASK_ULL(15, 12), dfr0), 1);
	guest_check_eq(FIELD_GET(GENMASK_ULL(23, 20), dfr0), 2);
	/* The OS lock is the realm's own. */
	guest_check_eq(read_sysreg(oslsr_el1) & 0x9, 0x8);
	write_sysreg(1, oslar_el1);
	guest_check_eq(read_sysreg(oslsr_el1) & 2, 2);
	guest_sync(READY);
	guest_check_eq(read_sysreg(oslsr_el1) & 2, 2);
	write_sysreg(0, oslar_el1);
	guest_check_eq(read_sysreg(oslsr_el1) & 2, 0);
}

static void test_breakpoints(void)
{
	realm_init(&realm);
	realm.params->num_bps = 1;
	realm.params->num_wps = 2;
	require_status(realm_start(&realm, guest_breakpoints, 0), RMI_SUCCESS);
	write_sysreg(0, oslar_el1);
	enter_host_call(&realm, 0, READY);
	check_eq(read_sysreg(oslsr_el1) & 2, 0);
	finish(&realm);
}

/* A breakpoint of the realm works, and does not hit the host. */
#define MDSCR_MDE		BIT_ULL(15)
#define MDSCR_KDE		BIT_ULL(13)
#define DBGBCR_EL1		(BIT_ULL(0) | (ULL(1) << 1) | (ULL(0xf) << 5))
#define ESR_EC_BREAKPOINT_CUR	0x31

static void guest_breakpoint(unsigned long arg)
{
	u64 addr;

	asm volatile("adr %0, guest_breakpoint_here" : "=r" (addr));
	write_sysreg(0, oslar_el1);
	write_sysreg(addr, dbgbvr0_el1);
	write_sysreg(DBGBCR_EL1, dbgbcr0_el1);
	write_sysreg(0x789ab8, dbgwvr1_el1);
	write_sysreg(MDSCR_MDE | MDSCR_KDE, mdscr_el1);
	isb();
	guest_sync(READY);
	guest_check_eq(read_sysreg(dbgwvr1_el1), 0x789ab8);

	asm volatile("msr daifclr, #8");
	guest_expect();
	asm volatile("guest_breakpoint_here: nop");
	guest_check_eq(guest_expected(), 1);
	guest_check_eq(FIELD_GET(ESR_EC, guest_trap()->esr), ESR_EC_BREAKPOINT_CUR);
	guest_check_eq(guest_trap()->elr, addr);
}

static void test_breakpoint(void)
{
	boot(&realm, guest_breakpoint);
	write_sysreg(0, dbgbcr0_el1);
	write_sysreg(0x1230, dbgbvr0_el1);
	write_sysreg(0x4560, dbgwvr1_el1);
	write_sysreg(0, mdscr_el1);
	enter_host_call(&realm, 0, READY);
	check_eq(read_sysreg(dbgbcr0_el1), 0);
	check_eq(read_sysreg(dbgbvr0_el1), 0x1230);
	check_eq(read_sysreg(dbgwvr1_el1), 0x4560);
	check_eq(read_sysreg(mdscr_el1), 0);
	finish(&realm);
}

const struct test realm_state_tests[] = {
	{ "FP and SIMD registers of two realms and the host", test_fp },
	{ "SVE registers, at the longest and the shortest length", test_sve },
	{ "the host's FP, SVE and SME registers, in streaming mode and not", test_streaming },
	{ "a realm without SVE has none", test_no_sve },
	{ "ID registers, and registers that are not there", test_id },
	{ "breakpoints by number, and the OS lock", test_breakpoints },
	{ "a breakpoint of the realm", test_breakpoint },
	{ }
};
