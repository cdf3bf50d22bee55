// SPDX-License-Identifier: GPL-2.0-only
/*
 * Aborts of a realm at protected IPAs and outside its IPA space (DEN0137 A5.2).
 */
#include <sysreg.h>
#include "guest_access.h"
#include "realm_run.h"

#define READY			1

#define FSC_ADDRESS_SIZE	0x00
#define FSC_TRANSLATION		0x04
#define FSC_TYPE		0x3c
#define FSC_SEA			0x10

#define LOAD			(guest_insns[7].opcode)
#define STORE			(guest_insns[3].opcode)
#define INSN_RET		0xd65f03c0

static struct realm realm;

static void check_sea(u64 ec, u64 far)
{
	guest_check_eq(guest_expected(), 1);
	guest_check_eq(FIELD_GET(ESR_EC, guest_trap()->esr), ec);
	guest_check_eq(FIELD_GET(ESR_FSC, guest_trap()->esr), FSC_SEA);
	guest_check(guest_trap()->esr & ESR_EA);
	guest_check_eq(guest_trap()->far, far);
}

static void call(u64 addr)
{
	((void (*)(void))addr)();
}

/* ---- RIPAS EMPTY */

static void guest_empty(unsigned long arg)
{
	guest_expect();
	guest_access(LOAD, 0, REALM_RAM_IPA + 0x18, 0);
	check_sea(ESR_EC_DABT_CUR, REALM_RAM_IPA + 0x18);
	guest_expect();
	guest_access(STORE, 0, REALM_RAM_IPA, 0);
	check_sea(ESR_EC_DABT_CUR, REALM_RAM_IPA);
	guest_expect();
	call(REALM_RAM_IPA + 0x40);
	check_sea(ESR_EC_IABT_CUR, REALM_RAM_IPA + 0x40);
}

/* Without a table, with one, and with memory that the realm does not want yet */
static void test_empty(void)
{
	boot(&realm, guest_empty);
	finish(&realm);

	boot(&realm, guest_empty);
	require_status(realm_table(&realm, REALM_RAM_IPA, 3), RMI_SUCCESS);
	finish(&realm);

	boot(&realm, guest_empty);
	require_status(realm_map(&realm, REALM_RAM_IPA), RMI_SUCCESS);
	finish(&realm);
}

/* ---- RIPAS RAM, no memory there */

static void guest_ram(unsigned long arg)
{
	u32 *code = (u32 *)(REALM_RAM_IPA + SZ_4K);

	guest_access(STORE, 3, REALM_RAM_IPA + 0x800, 42);
	guest_check_eq(guest_access(LOAD, 4, REALM_RAM_IPA + 0x800, 0), 42);
	guest_sync(READY);
	call((u64)code);
}

static void boot_with_ram(void (*fn)(unsigned long arg))
{
	realm_init(&realm);
	require_status(realm_create(&realm), RMI_SUCCESS);
	require_status(realm_load_image(&realm), RMI_SUCCESS);
	require_status(realm_table(&realm, REALM_RAM_IPA, 3), RMI_SUCCESS);
	require_status(realm_init_ripas(&realm, REALM_RAM_IPA, REALM_RAM_IPA + 4 * SZ_4K),
		       RMI_SUCCESS);
	require_status(realm_add_rec(&realm, fn, 0), RMI_SUCCESS);
	require_status(realm_activate(&realm), RMI_SUCCESS);
}

static void check_protected_abort(const struct rmi_rec_exit *exit, u64 seen)
{
	check_eq(exit->esr & ~seen, 0);
	check_eq(FIELD_GET(ESR_FSC, exit->esr) & FSC_TYPE, FSC_TRANSLATION);
	check_eq(exit->far, 0);
	check_eq(exit->gprs[0], 0);
	check(only_gprs0(exit));
}

static void test_ram(void)
{
	const u64 data_abort = ESR_EC | ESR_SET | ESR_FNV | ESR_EA | ESR_FSC;
	const u64 fetch = ESR_EC | ESR_SET | ESR_FNV | ESR_EA | ESR_FSC;
	const unsigned long code = REALM_RAM_IPA + SZ_4K;

	boot_with_ram(guest_ram);
	require_data_abort(enter(&realm, 0, 0), REALM_RAM_IPA);
	check_protected_abort(realm_exit(&realm, 0), data_abort);
	/* R5, R7, R8: nothing of the host's business */
	check_status(realm_enter(&realm, 0, RMI_REC_ENTER_FLAGS_EMUL_MMIO), RMI_ERROR_REC);
	check_status(realm_enter(&realm, 0, RMI_REC_ENTER_FLAGS_INJECT_SEA), RMI_ERROR_REC);
	require_data_abort(enter(&realm, 0, 0), REALM_RAM_IPA);
	require_status(realm_map(&realm, REALM_RAM_IPA), RMI_SUCCESS);
	enter_host_call(&realm, 0, READY);

	require_instruction_abort(enter(&realm, 0, 0), code);
	check_protected_abort(realm_exit(&realm, 0), fetch);
	check_status(realm_enter(&realm, 0, RMI_REC_ENTER_FLAGS_EMUL_MMIO), RMI_ERROR_REC);
	check_status(realm_enter(&realm, 0, RMI_REC_ENTER_FLAGS_INJECT_SEA), RMI_ERROR_REC);
	require_status(realm_map(&realm, code), RMI_SUCCESS);
	/* The page is zero: the realm is there, and undefined. */
	require_status(realm_enter(&realm, 0, 0), RMI_SUCCESS);
	require_eq(realm_exit(&realm, 0)->exit_reason, RMI_EXIT_HOST_CALL);
	check_eq(realm_exit(&realm, 0)->imm, GUEST_TRAP);
	check_eq(realm_exit(&realm, 0)->gprs[2], code);
	check_status(realm_destroy(&realm), RMI_SUCCESS);
}

/* ---- RIPAS DESTROYED */

static void guest_destroyed(unsigned long arg)
{
	guest_access(STORE, 3, REALM_RAM_IPA, INSN_RET);
	guest_sync(READY);
	if (guest_report(READY, 0))
		call(REALM_RAM_IPA);
	else
		guest_access(LOAD, 0, REALM_RAM_IPA, 0);
}

static void destroy_ram(bool fetch)
{
	boot_with_ram(guest_destroyed);
	require_status(realm_map(&realm, REALM_RAM_IPA), RMI_SUCCESS);
	enter_host_call(&realm, 0, READY);
	enter_host_call(&realm, 0, READY);
	require_status(realm_unmap(&realm, REALM_RAM_IPA), RMI_SUCCESS);

	realm.rec[0].run->enter.gprs[0] = fetch;
	if (fetch)
		require_instruction_abort(enter(&realm, 0, 0), REALM_RAM_IPA);
	else
		require_data_abort(enter(&realm, 0, 0), REALM_RAM_IPA);
	check_status(realm_enter(&realm, 0, RMI_REC_ENTER_FLAGS_INJECT_SEA), RMI_ERROR_REC);
	check_status(realm_enter(&realm, 0, RMI_REC_ENTER_FLAGS_EMUL_MMIO), RMI_ERROR_REC);

	/* Other memory there is of no use without the realm's consent. */
	require_status(realm_map(&realm, REALM_RAM_IPA), RMI_SUCCESS);
	if (fetch)
		require_instruction_abort(enter(&realm, 0, 0), REALM_RAM_IPA);
	else
		require_data_abort(enter(&realm, 0, 0), REALM_RAM_IPA);
	check_status(realm_destroy(&realm), RMI_SUCCESS);
}

static void test_destroyed(void)
{
	destroy_ram(false);
	destroy_ram(true);
}

/* ---- outside the IPA space */

static void check_address_size(u64 ec, u64 far)
{
	guest_check_eq(guest_expected(), 1);
	guest_check_eq(FIELD_GET(ESR_EC, guest_trap()->esr), ec);
	/* Stage 1 is off: level 0 */
	guest_check_eq(FIELD_GET(ESR_FSC, guest_trap()->esr), FSC_ADDRESS_SIZE);
	guest_check_eq(guest_trap()->far, far);
}

static void guest_outside(unsigned long arg)
{
	u64 addr = guest_report(READY, 0);

	guest_expect();
	guest_access(LOAD, 0, addr, 0);
	check_address_size(ESR_EC_DABT_CUR, addr);
	guest_expect();
	guest_access(STORE, 0, addr, 0);
	check_address_size(ESR_EC_DABT_CUR, addr);
	guest_expect();
	call(addr);
	check_address_size(ESR_EC_IABT_CUR, addr);
}

static void test_outside(void)
{
	boot(&realm, guest_outside);
	enter_host_call(&realm, 0, READY);
	realm.rec[0].run->enter.gprs[0] = 1UL << realm.ipa_bits;
	finish(&realm);
}

/* ---- code in shared memory */

static void guest_shared_code(unsigned long arg)
{
	u64 addr = guest_report(READY, 0);

	for (unsigned int i = 0; i < 2; i++) {
		guest_expect();
		call(addr + i * SZ_4K);
		check_sea(ESR_EC_IABT_CUR, addr + i * SZ_4K);
	}
}

/* A5.6.11.3: what the host may write is never executed, neither in a page nor in a block. */
static void run_shared_code(bool block)
{
	unsigned long pa = (unsigned long)ns_pages(SZ_2M / SZ_4K);
	struct rmi_rtt_fold_out out;
	unsigned long shared;

	boot(&realm, guest_shared_code);
	enter_host_call(&realm, 0, READY);
	shared = realm_shared(&realm, REALM_RAM_IPA);
	for (unsigned long i = 0; i < SZ_2M; i += SZ_4K) {
		*(u32 *)(pa + i) = INSN_RET;
		require_status(realm_map_shared(&realm, shared + i, pa + i, 3), RMI_SUCCESS);
	}
	if (block) {
		require_status(rmi_rtt_fold(realm.rd, shared, 3, &out), RMI_SUCCESS);
		realm.nr_tables--;
	}
	realm.rec[0].run->enter.gprs[0] = shared;
	finish(&realm);
}

static void test_shared_code(void)
{
	run_shared_code(false);
	run_shared_code(true);
}

/* ---- shared memory that the host has delegated */

static void guest_gpf(unsigned long arg)
{
	u64 addr = guest_report(READY, 0);
	u64 ec = ~0ULL;

	guest_expect();
	guest_access(LOAD, 0, addr, 0);
	if (guest_expected())
		ec = FIELD_GET(ESR_EC, guest_trap()->esr);
	guest_check_eq(ec, ESR_EC_DABT_CUR);
	guest_check_eq(FIELD_GET(ESR_FSC, guest_trap()->esr), FSC_GPF);
}

/* A5.2.7: a granule protection fault is the realm's */
static void test_gpf(void)
{
	unsigned long shared, pa;

	boot(&realm, guest_gpf);
	enter_host_call(&realm, 0, READY);
	shared = realm_shared(&realm, REALM_RAM_IPA);
	pa = (unsigned long)ns_page();
	require_status(realm_map_shared(&realm, shared, pa, 3), RMI_SUCCESS);
	require_status(delegate(pa, SZ_4K), RMI_SUCCESS);
	realm.rec[0].run->enter.gprs[0] = shared;
	enter_host_call(&realm, 0, GUEST_DONE);
	require_status(realm_unmap_shared(&realm, shared), RMI_SUCCESS);
	check_status(realm_destroy(&realm), RMI_SUCCESS);
}

const struct test realm_abort_tests[] = {
	{ "RIPAS EMPTY gives the realm an external abort", test_empty },
	{ "RIPAS RAM without memory exits, and is replayed", test_ram },
	{ "RIPAS DESTROYED exits, whatever is mapped", test_destroyed },
	{ "an address outside the IPA space is a stage 1 address size fault", test_outside },
	{ "shared memory is not executed", test_shared_code },
	{ "a granule protection fault on shared memory is the realm's", test_gpf },
	{ }
};
