// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a realm finds in memory and registers that it has not written yet: nothing of what the
 * granules held before. delegated_pages() fills each with junk.
 */
#include <sysreg.h>
#include "realm_run.h"
#include "refuse.h"
#include "simd.h"

#define BLOCK_PAGES		(SZ_2M / SZ_4K)

static struct realm realm;

static bool is_zero(const u64 *p, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		if (p[i])
			return false;
	}
	return true;
}

/* ---- RTT_DATA_MAP */

static void guest_memory(unsigned long arg)
{
	for (u64 ipa = REALM_RAM_IPA; ipa < REALM_RAM_IPA + arg; ipa += SZ_4K) {
		u64 *page = (u64 *)ipa;

		guest_check(is_zero(page, SZ_4K / sizeof(*page)));
	}
}

static void map_block(unsigned long pa)
{
	struct call call = CALL(RTT_DATA_MAP, realm.rd, REALM_RAM_IPA, REALM_RAM_IPA + SZ_2M,
				RMI_ADDR_TYPE_SINGLE, DESC_BLOCKS(pa, 1));

	require_status(realm_table(&realm, REALM_RAM_IPA, 2), RMI_SUCCESS);
	require_status(make_call(&call, NULL), RMI_SUCCESS);
}

static void start(unsigned long size)
{
	realm_init(&realm);
	require_status(realm_create(&realm), RMI_SUCCESS);
	require_status(realm_load_image(&realm), RMI_SUCCESS);
	if (size == SZ_2M)
		map_block(delegated_pages(BLOCK_PAGES));
	else
		require_status(realm_map(&realm, REALM_RAM_IPA), RMI_SUCCESS);
	require_status(realm_init_ripas(&realm, REALM_RAM_IPA, REALM_RAM_IPA + size), RMI_SUCCESS);
	require_status(realm_add_rec(&realm, guest_memory, size), RMI_SUCCESS);
	require_status(realm_activate(&realm), RMI_SUCCESS);
	enter_host_call(&realm, 0, GUEST_DONE);
}

static void test_page(void)
{
	start(SZ_4K);
	check_status(realm_destroy(&realm), RMI_SUCCESS);
}

static void test_block(void)
{
	struct call unmap;

	start(SZ_2M);
	unmap = CALL(RTT_DATA_UNMAP, realm.rd, REALM_RAM_IPA, REALM_RAM_IPA + SZ_2M, 0, 0);
	require_status(make_call(&unmap, NULL), RMI_SUCCESS);
	check_status(realm_destroy(&realm), RMI_SUCCESS);
}

/* ---- memory donated to a REC: FP, SIMD and SVE registers */

static void guest_simd(unsigned long arg)
{
	guest_check(simd_is_zero());
	guest_check_eq(read_sysreg(fpcr), 0);
	guest_check_eq(read_sysreg(fpsr), 0);
}

static void guest_sve(unsigned long arg)
{
	write_sysreg(0xf, ZCR_EL1);
	isb();
	guest_check_eq(sve_bytes(), arg);
	guest_check_eq(sve_nonzero(), SVE_SAME);
	guest_check_eq(read_sysreg(fpcr), 0);
	guest_check_eq(read_sysreg(fpsr), 0);
}

static void test_simd(void)
{
	boot(&realm, guest_simd);
	finish(&realm);
}

static void test_sve(void)
{
	struct rmi_features_out out;
	unsigned int vl;

	require_status(rmi_features(0, &out), RMI_SUCCESS);
	if (!(out.value & RMI_FEATURE_REGISTER0_SVE))
		skip_test("no SVE");

	vl = FIELD_GET(RMI_FEATURE_REGISTER0_SVE_VL, out.value);
	realm_init(&realm);
	realm.params->flags0 |= RMI_REALM_FLAGS0_SVE;
	realm.params->sve_vl = vl;
	require_status(realm_start(&realm, guest_sve, 16 * (vl + 1)), RMI_SUCCESS);
	finish(&realm);
}

/* ---- the REC: general-purpose registers */

#define NR_PARAMS		8
#define NR_GPRS			31

/* X0 to X30 at the realm's first instruction; guest_dump_entry fills it in. */
static u64 first_gprs[NR_GPRS];

static void guest_gprs(unsigned long arg)
{
	guest_check_eq(first_gprs[NR_PARAMS - 1], 0x7777);
	guest_check(is_zero(first_gprs + NR_PARAMS, NR_GPRS - NR_PARAMS));
}

static void test_gprs(void)
{
	struct realm_rec *rec = &realm.rec[0];
	struct call create;

	realm_init(&realm);
	require_status(realm_create(&realm), RMI_SUCCESS);
	require_status(realm_load_image(&realm), RMI_SUCCESS);

	rec->run = ns_page();
	rec->params = ns_page();
	rec->params->flags = RMI_REC_CREATE_FLAGS_RUNNABLE;
	rec->params->pc = (u64)guest_dump_entry;
	rec->params->gprs[0] = (u64)guest_gprs;
	rec->params->gprs[1] = (u64)first_gprs;
	rec->params->gprs[2] = guest_stack(0);
	rec->params->gprs[NR_PARAMS - 1] = 0x7777;
	create = CALL(REC_CREATE, realm.rd, delegated_page(), (u64)rec->params);
	require_status(make_call(&create, NULL), RMI_SUCCESS);
	rec->pa = create.arg[2];
	realm.nr_recs = 1;

	require_status(realm_activate(&realm), RMI_SUCCESS);
	finish(&realm);
}

/* ---- the REC: a RIPAS change that nobody asked for */

/* Each word is a page below the one before: the end of a range, and its base. */
static void fill_with_ranges(u64 *page)
{
	for (unsigned int i = 0; i < SZ_4K / sizeof(*page); i++)
		page[i] = REALM_RAM_IPA + SZ_2M - i * SZ_4K;
}

static void test_request(void)
{
	u64 *page = ns_page();
	struct call call;
	struct realm r;

	realm_init(&r);
	require_status(realm_create(&r), RMI_SUCCESS);
	require_status(realm_table(&r, REALM_RAM_IPA, 3), RMI_SUCCESS);
	fill_with_ranges(page);
	require_status(delegate((phys_addr_t)page, SZ_4K), RMI_SUCCESS);
	call = CALL(REC_CREATE, r.rd, (u64)page, (u64)ns_page());
	require_status(make_call(&call, NULL), RMI_SUCCESS);
	r.rec[0].pa = call.arg[2];
	r.nr_recs = 1;
	require_status(realm_activate(&r), RMI_SUCCESS);

	for (u64 ipa = REALM_RAM_IPA; ipa < REALM_RAM_IPA + SZ_2M; ipa += SZ_4K) {
		call = CALL(RTT_SET_RIPAS, r.rd, r.rec[0].pa, ipa, ipa + SZ_4K);
		check_status(make_call(&call, NULL), RMI_ERROR_INPUT);
	}
	check_status(realm_destroy(&r), RMI_SUCCESS);
}

/* ---- the RD: measurements */

static void guest_measurements(unsigned long arg)
{
	for (u64 i = 1; i < 5; i++) {
		struct arm_smccc_1_2_regs regs = { .a0 = SMC_RSI_MEASUREMENT_READ, .a1 = i };

		guest_smc(&regs);
		guest_check_eq(regs.a0, RSI_SUCCESS);
		guest_check(is_zero((u64 *)&regs.a1, 8));
	}
}

static void test_measurements(void)
{
	boot(&realm, guest_measurements);
	finish(&realm);
}

const struct test realm_wipe_tests[] = {
	{ "a page of RTT_DATA_MAP", test_page },
	{ "a block of RTT_DATA_MAP", test_block },
	{ "SIMD registers of a new REC", test_simd },
	{ "SVE registers of a new REC", test_sve },
	{ "general-purpose registers of a new REC", test_gprs },
	{ "a new REC has no RIPAS change pending", test_request },
	{ "extensible measurements of a new realm", test_measurements },
	{ }
};
