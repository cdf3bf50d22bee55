// SPDX-License-Identifier: GPL-2.0-only
/* The Realm Services Interface, as the realm sees it (DEN0137 B5.4). */
#include <string.h>
#include <sysreg.h>
#include "realm_run.h"

#define READY			1

static struct realm realm;

/* What the guest works with; in the realm's copy of the image */
static u8 page[2][SZ_4K] __aligned(SZ_4K);

static u64 shared_bit(void)
{
	return guest_report(READY, 0);
}

static void boot_with_shared_bit(void (*fn)(unsigned long arg))
{
	boot(&realm, fn);
	enter_host_call(&realm, 0, READY);
	realm.rec[0].run->enter.gprs[0] = realm_shared(&realm, 0);
}

/* ---- RSI_VERSION, RSI_FEATURES */

static void guest_version(unsigned long arg)
{
	struct arm_smccc_1_2_regs regs = { .a0 = SMC_RSI_VERSION, .a1 = 0x10000 };

	guest_smc(&regs);
	guest_check_eq(regs.a0, RSI_SUCCESS);
	guest_check_eq(regs.a1, 0x10000);
	guest_check_eq(regs.a2, 0x10001);

	regs = (struct arm_smccc_1_2_regs){ .a0 = SMC_RSI_VERSION, .a1 = 0x10001 };
	guest_smc(&regs);
	guest_check_eq(regs.a0, RSI_SUCCESS);
	guest_check_eq(regs.a1, 0x10001);
	guest_check_eq(regs.a2, 0x10001);

	regs = (struct arm_smccc_1_2_regs){ .a0 = SMC_RSI_VERSION, .a1 = 0x20000 };
	guest_smc(&regs);
	guest_check_eq(regs.a0, RSI_ERROR_INPUT);
	guest_check_eq(regs.a1, 0x10001);
	guest_check_eq(regs.a2, 0x10001);

	regs = (struct arm_smccc_1_2_regs){ .a0 = SMC_RSI_FEATURES, .a1 = 1000 };
	guest_smc(&regs);
	guest_check_eq(regs.a0, RSI_SUCCESS);
	guest_check_eq(regs.a1, 0);
}

static void test_version(void)
{
	boot(&realm, guest_version);
	finish(&realm);
}

/* ---- RSI_REALM_CONFIG */

/* What the host has made the realm with; the realm has a copy of it. */
static struct {
	u64 hash_algo;
	u64 gicv3_vtr;
	u8 rpv[64];
} made_with;

static void guest_realm_config(unsigned long arg)
{
	const struct rsi_realm_config *config = (void *)page[0];
	u64 shared = shared_bit();

	memset(page[0], 0x5a, sizeof(page[0]));
	guest_check_eq(guest_call(SMC_RSI_REALM_CONFIG, (u64)page[0] + 8, 0, 0), RSI_ERROR_INPUT);
	guest_check_eq(guest_call(SMC_RSI_REALM_CONFIG, (u64)page[0] | shared, 0, 0),
		       RSI_ERROR_INPUT);
	guest_check_eq(guest_call(SMC_RSI_REALM_CONFIG, 1UL << 50, 0, 0), RSI_ERROR_INPUT);
	guest_check_eq(guest_call(SMC_RSI_REALM_CONFIG, REALM_RAM_IPA, 0, 0), RSI_ERROR_INPUT);
	guest_check_eq(page[0][0], 0x5a);

	guest_check_eq(guest_call(SMC_RSI_REALM_CONFIG, (u64)page[0], 0, 0), RSI_SUCCESS);
	guest_check_eq(1UL << (config->ipa_width - 1), shared);
	guest_check_eq(config->hash_algo, made_with.hash_algo);
	guest_check_eq(config->num_aux_planes, 0);
	guest_check_eq(config->gicv3_vtr, made_with.gicv3_vtr);
	guest_check(!memcmp(config->rpv, made_with.rpv, sizeof(made_with.rpv)));
	guest_check_eq(page[0][0x1ff], 0);
	guest_check_eq(page[0][0xfff], 0);
	guest_check_eq(page[1][0], 0);
}

static void run_realm_config(u8 hash_algo)
{
	made_with.hash_algo = hash_algo;
	made_with.gicv3_vtr = read_sysreg(ICH_VTR_EL2);
	for (unsigned int i = 0; i < sizeof(made_with.rpv); i++)
		made_with.rpv[i] = 0x11 + 3 * i;

	realm_init(&realm);
	realm.params->hash_algo = hash_algo;
	memcpy(realm.params->rpv, made_with.rpv, sizeof(made_with.rpv));
	require_status(realm_start(&realm, guest_realm_config, 0), RMI_SUCCESS);
	enter_host_call(&realm, 0, READY);
	realm.rec[0].run->enter.gprs[0] = realm_shared(&realm, 0);
	finish(&realm);
}

static void test_realm_config(void)
{
	struct rmi_features_out out;

	require_status(rmi_features(1, &out), RMI_SUCCESS);
	run_realm_config(RMI_HASH_SHA_256);
	if (out.value & RMI_FEATURE_REGISTER1_HASH_SHA_512)
		run_realm_config(RMI_HASH_SHA_512);
}

/* ---- RSI_IPA_STATE_GET, RSI_IPA_STATE_SET */

static u64 ipa_state_get(u64 base, u64 top, u64 *out_top)
{
	struct arm_smccc_1_2_regs regs = { .a0 = SMC_RSI_IPA_STATE_GET, .a1 = base, .a2 = top };

	guest_smc(&regs);
	*out_top = regs.a1;
	return regs.a0 == RSI_SUCCESS ? regs.a2 : ~0ULL;
}

static u64 ipa_state_set(u64 base, u64 top, u64 ripas, u64 flags, u64 *new_base, u64 *response)
{
	struct arm_smccc_1_2_regs regs = {
		.a0 = SMC_RSI_IPA_STATE_SET,
		.a1 = base,
		.a2 = top,
		.a3 = ripas,
		.a4 = flags,
	};

	guest_smc(&regs);
	*new_base = regs.a1;
	*response = regs.a2;
	return regs.a0;
}

/* RIPAS of a range, looking as often as the RMM wants; all of it must be alike */
static u64 ripas_of(u64 base, u64 top)
{
	u64 ripas = ~0ULL, first = ~0ULL, out;

	while (base < top) {
		ripas = ipa_state_get(base, top, &out);
		guest_check(ripas != ~0ULL);
		guest_check(out > base && out <= top);
		if (first == ~0ULL)
			first = ripas;
		guest_check_eq(ripas, first);
		base = out;
	}
	return ripas;
}

static void guest_ipa_state_errors(unsigned long arg)
{
	u64 shared = shared_bit();
	u64 ipa = REALM_RAM_IPA;
	u64 a, b;

	guest_check_eq(ipa_state_get(ipa + 8, ipa + SZ_4K, &a), ~0ULL);
	guest_check_eq(ipa_state_get(ipa, ipa + SZ_4K + 8, &a), ~0ULL);
	guest_check_eq(ipa_state_get(ipa, ipa, &a), ~0ULL);
	guest_check_eq(ipa_state_get(ipa + SZ_4K, ipa, &a), ~0ULL);
	guest_check_eq(ipa_state_get(shared, shared + SZ_4K, &a), ~0ULL);
	guest_check_eq(ipa_state_get(shared - SZ_4K, shared + SZ_4K, &a), ~0ULL);
	guest_check_eq(ipa_state_get(shared - SZ_4K, shared, &a), RSI_RIPAS_EMPTY);

	guest_check_eq(ipa_state_set(ipa + 8, ipa + SZ_4K, 1, 0, &a, &b), RSI_ERROR_INPUT);
	guest_check_eq(ipa_state_set(ipa, ipa + 8, 1, 0, &a, &b), RSI_ERROR_INPUT);
	guest_check_eq(ipa_state_set(ipa, ipa, 1, 0, &a, &b), RSI_ERROR_INPUT);
	guest_check_eq(ipa_state_set(ipa + SZ_4K, ipa, 1, 0, &a, &b), RSI_ERROR_INPUT);
	guest_check_eq(ipa_state_set(shared, shared + SZ_4K, 1, 0, &a, &b), RSI_ERROR_INPUT);
	guest_check_eq(ipa_state_set(0, shared + SZ_4K, 1, 0, &a, &b), RSI_ERROR_INPUT);
	guest_check_eq(ipa_state_set(ipa, ipa + SZ_4K, RSI_RIPAS_DESTROYED, 0, &a, &b),
		       RSI_ERROR_INPUT);
	guest_check_eq(ipa_state_set(ipa, ipa + SZ_4K, RSI_RIPAS_DEV, 0, &a, &b),
		       RSI_ERROR_INPUT);
	guest_check_eq(ipa_state_set(ipa, ipa + SZ_4K, 4, 0, &a, &b), RSI_ERROR_INPUT);
}

static void test_ipa_state_errors(void)
{
	boot_with_shared_bit(guest_ipa_state_errors);
	finish(&realm);
}

static void guest_ipa_state(unsigned long arg)
{
	u64 ipa = REALM_RAM_IPA;
	u64 top = ipa + 8 * SZ_4K;
	u64 base, response;

	guest_check_eq(ripas_of(ipa, top), RSI_RIPAS_EMPTY);
	guest_check_eq(ripas_of((u64)page[0], (u64)page[0] + SZ_4K), RSI_RIPAS_RAM);

	/* All of it, in one or several steps */
	for (base = ipa; base < top;) {
		guest_check_eq(ipa_state_set(base, top, RSI_RIPAS_RAM, 0, &base, &response),
			       RSI_SUCCESS);
		guest_check_eq(response, RSI_RESPONSE_ACCEPT);
	}
	guest_check_eq(base, top);
	guest_check_eq(ripas_of(ipa, top), RSI_RIPAS_RAM);

	/* The host does nothing and accepts: no progress */
	guest_check_eq(ipa_state_set(ipa, top, RSI_RIPAS_EMPTY, 0, &base, &response), RSI_SUCCESS);
	guest_check_eq(base, ipa);
	guest_check_eq(response, RSI_RESPONSE_ACCEPT);
	guest_check_eq(ripas_of(ipa, top), RSI_RIPAS_RAM);

	/* EMPTY cannot be rejected, and X3[63:8] is not looked at. */
	guest_check_eq(ipa_state_set(ipa, top, 0x1200 | RSI_RIPAS_EMPTY, 0, &base, &response),
		       RSI_SUCCESS);
	guest_check_eq(base, ipa);
	guest_check_eq(response, RSI_RESPONSE_ACCEPT);

	/* RAM can */
	guest_check_eq(ipa_state_set(ipa, top, RSI_RIPAS_RAM, 0, &base, &response), RSI_SUCCESS);
	guest_check_eq(base, ipa);
	guest_check_eq(response, RSI_RESPONSE_REJECT);

	/* unless it is complete */
	guest_check_eq(ipa_state_set(ipa, ipa + SZ_4K, RSI_RIPAS_RAM, 0, &base, &response),
		       RSI_SUCCESS);
	guest_check_eq(base, ipa + SZ_4K);
	guest_check_eq(response, RSI_RESPONSE_ACCEPT);
	guest_sync(READY);
}

static const struct rmi_rec_exit *enter_ripas_change(unsigned long flags, u64 top, u64 ripas)
{
	const struct rmi_rec_exit *exit;

	poison_exit(&realm, 0);
	exit = enter(&realm, 0, flags);
	require_eq(exit->exit_reason, RMI_EXIT_RIPAS_CHANGE);
	check_eq(exit->esr, 0);
	check(exit->ripas_base >= REALM_RAM_IPA && exit->ripas_base < top);
	check_eq(exit->ripas_top, top);
	check_eq(exit->ripas_value, ripas);
	check_eq(exit->gprs[0], 0);
	return exit;
}

static void test_ipa_state(void)
{
	const unsigned long reject = RMI_REC_ENTER_FLAGS_RIPAS_RESPONSE;
	const u64 top = REALM_RAM_IPA + 8 * SZ_4K;

	boot(&realm, guest_ipa_state);
	enter_ripas_change(0, top, RSI_RIPAS_RAM);
	check_eq(realm_exit(&realm, 0)->ripas_base, REALM_RAM_IPA);
	require_status(realm_set_ripas(&realm, 0), RMI_SUCCESS);

	enter_ripas_change(0, top, RSI_RIPAS_EMPTY);
	enter_ripas_change(0, top, RSI_RIPAS_EMPTY);
	enter_ripas_change(reject, top, RSI_RIPAS_RAM);
	enter_ripas_change(reject, REALM_RAM_IPA + SZ_4K, RSI_RIPAS_RAM);
	require_status(realm_set_ripas(&realm, 0), RMI_SUCCESS);
	enter(&realm, 0, reject);
	check(is_host_call(realm_exit(&realm, 0), READY));
	finish(&realm);
}

static void guest_partial(unsigned long arg)
{
	u64 ipa = REALM_RAM_IPA;
	u64 base, response;

	guest_check_eq(ipa_state_set(ipa, ipa + 4 * SZ_4K, RSI_RIPAS_RAM, 0, &base, &response),
		       RSI_SUCCESS);
	guest_check_eq(base, ipa + SZ_4K);
	guest_check_eq(response, RSI_RESPONSE_REJECT);
	guest_check_eq(ripas_of(ipa, ipa + SZ_4K), RSI_RIPAS_RAM);
	guest_check_eq(ripas_of(ipa + SZ_4K, ipa + 4 * SZ_4K), RSI_RIPAS_EMPTY);
}

/* The host changes the first page and rejects the rest. */
static void test_partial(void)
{
	struct rmi_rtt_set_ripas_out out;
	rmi_status_t status;

	boot(&realm, guest_partial);
	require_status(realm_table(&realm, REALM_RAM_IPA, 3), RMI_SUCCESS);
	require_eq(enter(&realm, 0, 0)->exit_reason, RMI_EXIT_RIPAS_CHANGE);
	status = rmi_rtt_set_ripas(realm.rd, realm.rec[0].pa, REALM_RAM_IPA,
				   REALM_RAM_IPA + SZ_4K, &out);
	require_status(stateful(status, out.incomplete.handle, out.incomplete.donate_req),
		       RMI_SUCCESS);
	check_eq(out.out_top, REALM_RAM_IPA + SZ_4K);
	enter(&realm, 0, RMI_REC_ENTER_FLAGS_RIPAS_RESPONSE);
	check(is_host_call(realm_exit(&realm, 0), GUEST_DONE));
	check_status(realm_destroy(&realm), RMI_SUCCESS);
}

/* ---- RSI_HOST_CALL */

static void guest_host_call_errors(unsigned long arg)
{
	u64 shared = shared_bit();

	guest_check_eq(guest_call(SMC_RSI_HOST_CALL, (u64)page[0] + 8, 0, 0), RSI_ERROR_INPUT);
	guest_check_eq(guest_call(SMC_RSI_HOST_CALL, (u64)page[0] + 128, 0, 0), RSI_ERROR_INPUT);
	guest_check_eq(guest_call(SMC_RSI_HOST_CALL, (u64)page[0] | shared, 0, 0),
		       RSI_ERROR_INPUT);
	guest_check_eq(guest_call(SMC_RSI_HOST_CALL, 1UL << 50, 0, 0), RSI_ERROR_INPUT);
	guest_check_eq(guest_call(SMC_RSI_HOST_CALL, REALM_RAM_IPA, 0, 0), RSI_ERROR_INPUT);
}

static void test_host_call_errors(void)
{
	boot_with_shared_bit(guest_host_call_errors);
	finish(&realm);
}

static void guest_host_call_unmapped(unsigned long arg)
{
	struct rsi_host_call *call = (void *)(REALM_RAM_IPA + 0x300);

	guest_check_eq(guest_call(SMC_RSI_HOST_CALL, (u64)call, 0, 0), RSI_SUCCESS);
	guest_check_eq(call->gprs[0], 0xaaaa);
	guest_check_eq(call->gprs[30], 0xbbbb);
	guest_check_eq(call->imm, 0);

	call->imm = 0x77;
	call->gprs[30] = 0xcccc;
	guest_check_eq(guest_call(SMC_RSI_HOST_CALL, (u64)call, 0, 0), RSI_SUCCESS);
	guest_check_eq(call->gprs[0], 0xdddd);
}

static void check_unmapped(const struct rmi_rec_exit *exit)
{
	require_data_abort(exit, REALM_RAM_IPA);
	check_eq(exit->far, 0);
	check_eq(exit->gprs[0], 0);
	check(only_gprs0(exit));
	check_status(realm_enter(&realm, 0, RMI_REC_ENTER_FLAGS_INJECT_SEA), RMI_ERROR_REC);
	check_status(realm_enter(&realm, 0, RMI_REC_ENTER_FLAGS_EMUL_MMIO), RMI_ERROR_REC);
}

/* R10: the page goes away before the call, and while the host answers it. */
static void test_host_call_unmapped(void)
{
	struct rmi_rec_run *run;

	realm_init(&realm);
	require_status(realm_create(&realm), RMI_SUCCESS);
	require_status(realm_load_image(&realm), RMI_SUCCESS);
	require_status(realm_table(&realm, REALM_RAM_IPA, 3), RMI_SUCCESS);
	require_status(realm_init_ripas(&realm, REALM_RAM_IPA, REALM_RAM_IPA + SZ_4K),
		       RMI_SUCCESS);
	require_status(realm_add_rec(&realm, guest_host_call_unmapped, 0), RMI_SUCCESS);
	require_status(realm_activate(&realm), RMI_SUCCESS);
	run = realm.rec[0].run;

	/* The call's arguments cannot be read. */
	check_unmapped(enter(&realm, 0, 0));
	check_unmapped(enter(&realm, 0, 0));
	require_status(realm_map(&realm, REALM_RAM_IPA), RMI_SUCCESS);
	enter_host_call(&realm, 0, 0);
	run->enter.gprs[0] = 0xaaaa;
	run->enter.gprs[30] = 0xbbbb;
	check_eq(enter_host_call(&realm, 0, 0x77)->gprs[30], 0xcccc);

	/* The answer cannot be written; it is wanted again. */
	require_status(realm_unmap(&realm, REALM_RAM_IPA), RMI_SUCCESS);
	run->enter.gprs[0] = 0xdddd;
	check_unmapped(enter(&realm, 0, 0));
	check_unmapped(enter(&realm, 0, 0));
	check_status(realm_destroy(&realm), RMI_SUCCESS);
}

/* ---- measurements */

static void measurement_read(u64 index, u64 *value)
{
	struct arm_smccc_1_2_regs regs = { .a0 = SMC_RSI_MEASUREMENT_READ, .a1 = index };

	guest_smc(&regs);
	guest_check_eq(regs.a0, RSI_SUCCESS);
	memcpy(value, &regs.a1, 64);
}

static u64 measurement_extend(u64 index, u64 size, u64 first)
{
	struct arm_smccc_1_2_regs regs = {
		.a0 = SMC_RSI_MEASUREMENT_EXTEND,
		.a1 = index,
		.a2 = size,
		.a3 = first,
	};

	guest_smc(&regs);
	return regs.a0;
}

static bool is_zero(const u64 *value, unsigned int from, unsigned int to)
{
	for (unsigned int i = from; i < to; i++) {
		if (value[i])
			return false;
	}
	return true;
}

/* SHA-256 of 128 bytes: the old value, which is zero, 0x01, and 63 zeroes (B3.110) */
static const u8 rem_after_extend[32] = {
	0xd5, 0xe9, 0x69, 0xec, 0x6e, 0x56, 0xf3, 0x04,
	0x5f, 0xb5, 0xa3, 0x03, 0x44, 0xe6, 0x41, 0xc7,
	0x61, 0x4f, 0xc7, 0x72, 0x54, 0x07, 0xf7, 0x01,
	0xa9, 0xc0, 0xbd, 0x91, 0x63, 0xd3, 0xe1, 0xc5,
};

static void guest_measurements(unsigned long arg)
{
	u64 rim[8], rem[8], other[8];

	guest_check_eq(guest_call(SMC_RSI_MEASUREMENT_READ, 5, 0, 0), RSI_ERROR_INPUT);
	guest_check_eq(measurement_extend(0, 8, 1), RSI_ERROR_INPUT);
	guest_check_eq(measurement_extend(5, 8, 1), RSI_ERROR_INPUT);
	guest_check_eq(measurement_extend(1, 65, 1), RSI_ERROR_INPUT);

	measurement_read(0, rim);
	guest_check(!is_zero(rim, 0, 4));
	guest_check(is_zero(rim, 4, 8));
	measurement_read(2, rem);
	guest_check(is_zero(rem, 0, 8));

	guest_check_eq(measurement_extend(2, 8, 1), RSI_SUCCESS);
	measurement_read(2, rem);
	guest_check(!memcmp(rem, rem_after_extend, sizeof(rem_after_extend)));
	guest_check(is_zero(rem, 4, 8));
	measurement_read(1, other);
	guest_check(is_zero(other, 0, 8));
	measurement_read(0, other);
	guest_check(!memcmp(other, rim, sizeof(rim)));
}

static void test_measurements(void)
{
	boot(&realm, guest_measurements);
	finish(&realm);
}

static void guest_rim(unsigned long arg)
{
	u64 gprs[31] = { 0 };

	measurement_read(0, gprs);
	guest_host_call(READY, gprs);
}

/* One word of the RIM of a realm whose first REC starts with @arg */
static u64 rim_of(u64 arg)
{
	u64 word;

	realm_init(&realm);
	require_status(realm_start(&realm, guest_rim, arg), RMI_SUCCESS);
	word = enter_host_call(&realm, 0, READY)->gprs[1];
	finish(&realm);
	return word;
}

static void test_rim(void)
{
	u64 one = rim_of(1);

	check(one != 0);
	check_eq(rim_of(1), one);
	check(rim_of(2) != one);
}

/* ---- attestation */

static void guest_attestation(unsigned long arg)
{
	u64 shared = shared_bit();
	u64 buf = (u64)page[0];

	guest_check_eq(guest_call(SMC_RSI_ATTESTATION_TOKEN_CONTINUE, buf, 0, SZ_4K),
		       RSI_ERROR_STATE);
	guest_check_eq(guest_call(SMC_RSI_ATTESTATION_TOKEN_INIT, 1, 2, 3), RSI_SUCCESS);
	guest_check_eq(guest_call(SMC_RSI_ATTESTATION_TOKEN_CONTINUE, buf + 8, 0, 8),
		       RSI_ERROR_INPUT);
	guest_check_eq(guest_call(SMC_RSI_ATTESTATION_TOKEN_CONTINUE, buf | shared, 0, 8),
		       RSI_ERROR_INPUT);
	guest_check_eq(guest_call(SMC_RSI_ATTESTATION_TOKEN_CONTINUE, 1UL << 50, 0, 8),
		       RSI_ERROR_INPUT);
	guest_check_eq(guest_call(SMC_RSI_ATTESTATION_TOKEN_CONTINUE, buf, SZ_4K, 0),
		       RSI_ERROR_INPUT);
	guest_check_eq(guest_call(SMC_RSI_ATTESTATION_TOKEN_CONTINUE, buf, 1, SZ_4K),
		       RSI_ERROR_INPUT);
	guest_check_eq(guest_call(SMC_RSI_ATTESTATION_TOKEN_CONTINUE, buf, 8, -8UL),
		       RSI_ERROR_INPUT);
}

static u64 token_continue(u64 addr, u64 size, u64 *len)
{
	struct arm_smccc_1_2_regs regs = {
		.a0 = SMC_RSI_ATTESTATION_TOKEN_CONTINUE,
		.a1 = addr,
		.a3 = size,
	};

	guest_smc(&regs);
	*len = regs.a1;
	return regs.a0;
}

/* The address is EMPTY first, then RAM without memory. */
static void guest_attestation_buffer(unsigned long arg)
{
	u64 base, response, len;

	guest_check_eq(guest_call(SMC_RSI_ATTESTATION_TOKEN_INIT, 1, 2, 3), RSI_SUCCESS);
	guest_check_eq(token_continue(REALM_RAM_IPA, 0, &len), RSI_ERROR_INPUT);
	guest_check_eq(token_continue(REALM_RAM_IPA, SZ_4K, &len), RSI_ERROR_INPUT);

	guest_check_eq(ipa_state_set(REALM_RAM_IPA, REALM_RAM_IPA + SZ_4K, RSI_RIPAS_RAM, 0, &base,
				     &response), RSI_SUCCESS);
	guest_check_eq(base, REALM_RAM_IPA + SZ_4K);
	guest_check_eq(token_continue(REALM_RAM_IPA, 0, &len), RSI_INCOMPLETE);
	guest_check_eq(len, 0);
}

static void test_attestation_buffer(void)
{
	boot(&realm, guest_attestation_buffer);
	require_eq(enter(&realm, 0, 0)->exit_reason, RMI_EXIT_RIPAS_CHANGE);
	require_status(realm_set_ripas(&realm, 0), RMI_SUCCESS);
	finish(&realm);
}

/* Neither asking for nothing nor a failure ends the operation. */
static void guest_attestation_goes_on(unsigned long arg)
{
	u64 result, len;

	guest_check_eq(token_continue((u64)page[0], 0, &len), RSI_ERROR_STATE);
	guest_check_eq(guest_call(SMC_RSI_ATTESTATION_TOKEN_INIT, 1, 2, 3), RSI_SUCCESS);
	for (unsigned int i = 0; i < 3; i++) {
		guest_check_eq(token_continue((u64)page[0], 0, &len), RSI_INCOMPLETE);
		guest_check_eq(len, 0);
	}
	for (unsigned int i = 0; i < 3; i++) {
		result = token_continue((u64)page[0], 8, &len);
		guest_check(result == RSI_INCOMPLETE || result == RSI_ERROR_UNKNOWN);
		if (result == RSI_INCOMPLETE)
			guest_check(len > 0 && len <= 8);
	}
	guest_check_eq(guest_call(SMC_RSI_ATTESTATION_TOKEN_INIT, 1, 2, 3), RSI_SUCCESS);
	guest_check_eq(token_continue((u64)page[0], 0, &len), RSI_INCOMPLETE);
}

static void test_attestation_goes_on(void)
{
	boot(&realm, guest_attestation_goes_on);
	finish(&realm);
}

/* A token may or may not be had; how to ask wrongly is the same everywhere. */
static void test_attestation(void)
{
	boot_with_shared_bit(guest_attestation);
	finish(&realm);
}

const struct test realm_rsi_tests[] = {
	{ "VERSION and FEATURES", test_version },
	{ "REALM_CONFIG tells what the realm was made with", test_realm_config },
	{ "IPA_STATE_GET and IPA_STATE_SET refuse bad ranges", test_ipa_state_errors },
	{ "IPA_STATE_SET: the host does it, or not, or rejects it", test_ipa_state },
	{ "IPA_STATE_SET is rejected half way", test_partial },
	{ "HOST_CALL refuses bad addresses", test_host_call_errors },
	{ "HOST_CALL survives its page being unmapped", test_host_call_unmapped },
	{ "MEASUREMENT_READ and MEASUREMENT_EXTEND", test_measurements },
	{ "equal realms measure the same, different ones do not", test_rim },
	{ "ATTESTATION_TOKEN refuses bad arguments", test_attestation },
	{ "ATTESTATION_TOKEN_CONTINUE refuses a buffer that is EMPTY", test_attestation_buffer },
	{ "ATTESTATION_TOKEN_CONTINUE leaves the operation in progress", test_attestation_goes_on },
	{ }
};
