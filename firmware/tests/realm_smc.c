// SPDX-License-Identifier: GPL-2.0-only
/* How a realm may make its calls: immediates, SMC32 and SMC64, registers, endianness. */
#include <string.h>
#include "guest_smc.h"
#include "realm_run.h"

#define READY			1
#define SMC64			0x40000000UL
#define SVE_HINT		0x10000UL

#define FN_VERSION		0x84000000
#define FN_CPU_SUSPEND_32	0x84000001
#define FN_CPU_SUSPEND		0xc4000001
#define FN_CPU_OFF		0x84000002
#define FN_CPU_ON_32		0x84000003
#define FN_SYSTEM_OFF		0x84000008
#define FN_SYSTEM_RESET		0x84000009
#define FN_FEATURES		0x8400000a

#define GARBAGE			0xdeadbeef00000000UL
#define NOT_SUPPORTED		(-1UL)

static struct realm realm;

/* Every register holds something else, but for the function ID. */
static struct arm_smccc_1_2_regs call_of(unsigned long fid)
{
	struct arm_smccc_1_2_regs regs = { .a0 = fid };
	unsigned long n = 1;

	for (unsigned long *a = &regs.a1; a <= &regs.a17; a++, n++)
		*a = n << 32 | n;
	return regs;
}

/* X@first to X17 are as call_of() makes them. */
static void guest_check_kept(const struct arm_smccc_1_2_regs *regs, unsigned long first)
{
	const unsigned long *x = &regs->a0;

	for (unsigned long n = first; n <= 17; n++)
		guest_check_eq(x[n], n << 32 | n);
}

/* ---- immediates */

static void guest_immediates(unsigned long arg)
{
	static void (*const smc[])(struct arm_smccc_1_2_regs *regs) = {
		guest_smc_1, guest_smc_8000, guest_smc_ffff,
	};
	static const unsigned long fids[] = {
		SMC_RSI_VERSION, SMC_RSI_HOST_CALL, SMC_RSI_IPA_STATE_SET, FN_VERSION, FN_CPU_OFF,
		FN_SYSTEM_OFF, 0x80000000,
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(smc); i++) {
		for (unsigned int j = 0; j < ARRAY_SIZE(fids); j++) {
			struct arm_smccc_1_2_regs regs = call_of(fids[j]);

			smc[i](&regs);
			guest_check_eq(regs.a0, NOT_SUPPORTED);
			guest_check_kept(&regs, 1);
		}
	}
}

static void test_immediates(void)
{
	boot(&realm, guest_immediates);
	finish(&realm);
}

/* ---- function IDs */

/* RSI has no SMC32 calls, and neither form of a call is the other if it is not said so. */
static void guest_not_there(unsigned long arg)
{
	static const unsigned long fids[] = {
#define RSI_FID(NAME, name, nr_in, nr_out) SMC_RSI_##NAME & ~SMC64,
		RSI_COMMANDS(RSI_FID)
#undef RSI_FID
		FN_VERSION | SMC64, FN_CPU_OFF | SMC64, FN_SYSTEM_OFF | SMC64,
		FN_SYSTEM_RESET | SMC64, FN_FEATURES | SMC64, 0xc0000000,
		SMC_RSI_VERSION & ~0x80000000UL,
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(fids); i++) {
		struct arm_smccc_1_2_regs regs = call_of(fids[i]);

		guest_smc(&regs);
		guest_check_eq((s32)regs.a0, -1);
		guest_check_kept(&regs, 4);
		guest_check_eq((s32)guest_call(FN_FEATURES, fids[i], 0, 0), PSCI_NOT_SUPPORTED);
	}
}

static void test_not_there(void)
{
	boot(&realm, guest_not_there);
	finish(&realm);
}

static struct guest_start second_start;

static void guest_second(unsigned long arg)
{
	guest_check_eq(arg, 0x77);
	guest_sync(READY);
}

/* The function ID is W0, and so are arguments of SMC32 calls. */
static void guest_upper_halves(unsigned long arg)
{
	second_start = (struct guest_start){ guest_second, 0x77, guest_stack(1), 1 };

	guest_check_eq(guest_call(GARBAGE | SMC_RSI_FEATURES, 0, 0, 0), RSI_SUCCESS);
	guest_check_eq(guest_call(GARBAGE | FN_VERSION, 0, 0, 0),
		       guest_call(FN_VERSION, 0, 0, 0));
	guest_check_eq(guest_call(FN_FEATURES, GARBAGE | FN_FEATURES, 0, 0), PSCI_SUCCESS);
	guest_check_eq(guest_call(FN_CPU_SUSPEND_32, GARBAGE, GARBAGE, GARBAGE), PSCI_SUCCESS);
	guest_check_eq(guest_call(FN_CPU_ON_32, GARBAGE | 1, GARBAGE | (u64)guest_psci_entry,
				  GARBAGE | (u64)&second_start), PSCI_SUCCESS);
	guest_sync(READY);
}

static void require_psci(u64 fid, u64 mpidr)
{
	const struct rmi_rec_exit *exit = enter(&realm, 0, 0);

	require_eq(exit->exit_reason, RMI_EXIT_PSCI);
	check_eq(exit->gprs[0], fid);
	check_eq(exit->gprs[1], mpidr);
}

static void test_upper_halves(void)
{
	realm_init(&realm);
	require_status(realm_create(&realm), RMI_SUCCESS);
	require_status(realm_load_image(&realm), RMI_SUCCESS);
	require_status(realm_add_rec(&realm, guest_upper_halves, 0), RMI_SUCCESS);
	require_status(realm_add_rec(&realm, NULL, 0), RMI_SUCCESS);
	require_status(realm_activate(&realm), RMI_SUCCESS);

	require_psci(FN_CPU_SUSPEND_32, 0);
	require_psci(FN_CPU_ON_32, 1);
	require_status(rmi_psci_complete(realm.rec[0].pa, realm.rec[1].pa, PSCI_SUCCESS),
		       RMI_SUCCESS);
	enter_host_call(&realm, 0, READY);
	enter_host_call(&realm, 1, READY);
	finish(&realm);
}

/* SMCCC 1.3: a caller may say that its SVE state need not be kept. */
static void guest_sve_hint(unsigned long arg)
{
	guest_check_eq(guest_call(SMC_RSI_FEATURES | SVE_HINT, 0, 0, 0), RSI_SUCCESS);
	guest_check_eq(guest_call(FN_VERSION | SVE_HINT, 0, 0, 0), guest_call(FN_VERSION, 0, 0, 0));
	guest_check_eq(guest_call(0xc4001190 | SVE_HINT, 0, 0, 0), NOT_SUPPORTED);
	guest_check_eq(guest_call(FN_CPU_SUSPEND | SVE_HINT, 0, 0, 0), PSCI_SUCCESS);
}

/* The hint is no part of the function ID that the host is told. */
static void test_sve_hint(void)
{
	boot(&realm, guest_sve_hint);
	require_psci(FN_CPU_SUSPEND, 0);
	finish(&realm);
}

/* ---- registers */

static void guest_registers(unsigned long arg)
{
	struct arm_smccc_1_2_regs regs = call_of(SMC_RSI_FEATURES);

	guest_smc(&regs);
	guest_check_eq(regs.a0, RSI_SUCCESS);
	guest_check_kept(&regs, 2);

	regs = call_of(SMC_RSI_VERSION);
	guest_smc(&regs);
	guest_check_kept(&regs, 3);

	regs = call_of(SMC_RSI_MEASUREMENT_READ);
	regs.a1 = 1;
	guest_smc(&regs);
	guest_check_eq(regs.a0, RSI_SUCCESS);
	guest_check_kept(&regs, 9);

	regs = call_of(FN_VERSION);
	guest_smc(&regs);
	guest_check_kept(&regs, 4);

	/* Where the host takes part */
	regs = call_of(FN_CPU_SUSPEND);
	guest_smc(&regs);
	guest_check_eq(regs.a0, PSCI_SUCCESS);
	guest_check_kept(&regs, 7);

	regs = call_of(SMC_RSI_IPA_STATE_SET);
	regs.a1 = REALM_RAM_IPA;
	regs.a2 = REALM_RAM_IPA + SZ_4K;
	regs.a3 = RSI_RIPAS_RAM;
	guest_smc(&regs);
	guest_check_eq(regs.a0, RSI_SUCCESS);
	guest_check_kept(&regs, 4);
}

/* X0 to X6 of a PSCI call are the RMM's, all else that is no result stays (A4.2.2). */
static void test_registers(void)
{
	boot(&realm, guest_registers);
	memset(realm.rec[0].run->enter.gprs, 0xee, sizeof(realm.rec[0].run->enter.gprs));
	require_psci(FN_CPU_SUSPEND, 0);
	require_eq(enter(&realm, 0, 0)->exit_reason, RMI_EXIT_RIPAS_CHANGE);
	finish(&realm);
}

/* ---- a big-endian realm */

static void guest_be(unsigned long arg)
{
	static struct rsi_host_call call __aligned(256);
	struct arm_smccc_1_2_regs regs = { .a0 = SMC_RSI_HOST_CALL, .a1 = (u64)&call };

	call.imm = 0x1234;
	call.gprs[0] = 0x0123456789abcdef;
	guest_smc_be(&regs);
	guest_check_eq(regs.a0, RSI_SUCCESS);
	guest_check_eq(call.imm, 0x1234);
	guest_check_eq(call.gprs[0], 0xfedcba9876543210);
}

/* struct rsi_host_call is little-endian, whatever the realm is. */
static void test_be_call(void)
{
	boot(&realm, guest_be);
	check_eq(enter_host_call(&realm, 0, 0x1234)->gprs[0], 0x0123456789abcdef);
	realm.rec[0].run->enter.gprs[0] = 0xfedcba9876543210;
	finish(&realm);
}

const struct test realm_smc_tests[] = {
	{ "another immediate is not supported", test_immediates },
	{ "SMC32 and SMC64 are different calls", test_not_there },
	{ "upper halves of W registers do not count", test_upper_halves },
	{ "the SVE hint does not count", test_sve_hint },
	{ "registers that are no results are kept", test_registers },
	{ "a host call of a big-endian realm", test_be_call },
	{ }
};
