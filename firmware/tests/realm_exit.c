// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the host sees of an exit, and nothing else: the whole of struct rmi_rec_exit for each
 * reason, with all that DEN0137 A4.3 does not name zero.
 */
#include <string.h>
#include <sysreg.h>
#include "realm_run.h"

#define READY			1

#define DEVICE_IPA		0x90000000UL
#define RAM_PAGES		3

/* A translation fault at the level of a page */
#define FSC_TRANSLATION_L3	0x07
#define SAS_HALF		1
#define SAS_WORD		2

#define WFX_WFE			1
#define NR_WFES			2

/* ISS of a write of ICC_SGI1R_EL1 from X0 */
#define ISS_ICC_SGI1R		(ULL(3) << 20 | ULL(5) << 17 | ULL(12) << 10 | ULL(11) << 1)

#define FN_CPU_SUSPEND		0xc4000001
#define FN_CPU_OFF		0x84000002
#define FN_CPU_ON		0xc4000003
#define FN_SYSTEM_OFF		0x84000008
#define FN_SYSTEM_RESET		0x84000009

/* Timers of the realm: set, masked, and far in the future */
#define TIMER_CTL		3
#define CNTV_CVAL		0x7123456789abcdefULL
#define CNTP_CVAL		0x7fedcba987654321ULL

/* ICH_HCR_EL2: on, and more that is the host's to choose */
#define ICH_HCR_EN		BIT_ULL(0)
#define ICH_HCR_HOST		(BIT_ULL(3) | BIT_ULL(12))

#define ENTER_POISON		0x3c
#define SECRET			0x5ec2e75ec2e7000ULL

static struct realm realm;

/* ---- the host's side */

/* The next exit, as it has to be */
static struct rmi_rec_exit want;

static void expect(u8 reason)
{
	memset(&want, 0, sizeof(want));
	want.exit_reason = reason;
	want.cntv_ctl = TIMER_CTL;
	want.cntv_cval = CNTV_CVAL;
	want.cntp_ctl = TIMER_CTL;
	want.cntp_cval = CNTP_CVAL;
}

static void expect_abort(u64 ec, unsigned long ipa, u64 iss)
{
	expect(RMI_EXIT_SYNC);
	want.esr = FIELD_PREP(ESR_EC, ec) | FSC_TRANSLATION_L3 | iss;
	want.hpfar = ipa >> 8;
}

static void expect_call(u16 imm)
{
	expect(RMI_EXIT_HOST_CALL);
	want.imm = imm;
}

static void check_words(const char *what, const void *seen, const void *wanted, size_t size)
{
	const u64 *s = seen, *w = wanted;

	for (unsigned int i = 0; i < size / sizeof(*s); i++) {
		if (!check_eq(s[i], w[i]))
			printf("# at offset 0x%lx of %s\n", i * sizeof(*s), what);
	}
}

/* What is not specified in the enter half is ignored, and none of it is written. */
static const struct rmi_rec_exit *leave(unsigned long flags)
{
	static struct rmi_rec_enter before;
	struct rmi_rec_enter *now = &realm.rec[0].run->enter;
	const struct rmi_rec_exit *exit;

	poison_exit(&realm, 0);
	now->flags = flags;
	memcpy(&before, now, sizeof(before));
	write_sysreg(ICH_HCR_EN | ICH_HCR_HOST, ICH_HCR_EL2);
	isb();

	exit = enter(&realm, 0, flags);
	check_words("enter", now, &before, sizeof(before));
	check_eq(read_sysreg(ICH_HCR_EL2), ICH_HCR_HOST);
	return exit;
}

static void check_exit(unsigned long flags)
{
	check_words("exit", leave(flags), &want, sizeof(want));
}

static unsigned long device(void)
{
	return realm_shared(&realm, DEVICE_IPA);
}

/* The tables exist, so that each fault is at level 3. */
static void boot_for_exits(void (*fn)(unsigned long arg))
{
	const unsigned long ram = REALM_RAM_IPA;

	realm_init(&realm);
	require_status(realm_create(&realm), RMI_SUCCESS);
	require_status(realm_load_image(&realm), RMI_SUCCESS);
	require_status(realm_table(&realm, ram, 3), RMI_SUCCESS);
	require_status(realm_table(&realm, device(), 3), RMI_SUCCESS);
	require_status(realm_init_ripas(&realm, ram, ram + RAM_PAGES * SZ_4K), RMI_SUCCESS);
	require_status(realm_add_rec(&realm, fn, device()), RMI_SUCCESS);
	require_status(realm_add_rec(&realm, NULL, 0), RMI_SUCCESS);
	require_status(realm_activate(&realm), RMI_SUCCESS);

	memset(&realm.rec[0].run->enter, ENTER_POISON, sizeof(realm.rec[0].run->enter));
	expect_call(READY);
	check_exit(0);
}

static void finish_exits(void)
{
	write_sysreg(0, ICH_HCR_EL2);
	isb();
	check_status(realm_destroy(&realm), RMI_SUCCESS);
}

/* ---- the realm's side */

static void guest_begin(void)
{
	write_sysreg(CNTV_CVAL, cntv_cval_el0);
	write_sysreg(CNTP_CVAL, cntp_cval_el0);
	write_sysreg(TIMER_CTL, cntv_ctl_el0);
	write_sysreg(TIMER_CTL, cntp_ctl_el0);
	isb();
	guest_sync(READY);
}

/* ---- waiting, interrupts */

static void guest_wait(unsigned long arg)
{
	guest_begin();
	asm volatile("wfi");
	asm volatile("sevl\n\twfe\n\twfe");
	guest_sync(READY);
	for (;;)
		asm volatile("");
}

static void test_wait(void)
{
	const unsigned long flags = RMI_REC_ENTER_FLAGS_TRAP_WFI | RMI_REC_ENTER_FLAGS_TRAP_WFE;
	const struct rmi_rec_exit *exit;

	boot_for_exits(guest_wait);
	expect(RMI_EXIT_SYNC);
	want.esr = FIELD_PREP(ESR_EC, ESR_EC_WFX);
	check_exit(flags);

	/* Which WFE finds no event, and so traps, is the CPU's business. */
	want.esr |= WFX_WFE;
	exit = leave(flags);
	for (unsigned int i = 0; i < NR_WFES && exit_class(exit) == ESR_EC_WFX; i++) {
		check_words("exit", exit, &want, sizeof(want));
		exit = leave(flags);
	}
	require(is_host_call(exit, READY));

	expect(RMI_EXIT_IRQ);
	timer_start(1000);
	check_exit(0);
	timer_stop();
	finish_exits();
}

/* Each is trapped by its own flag. */
static void guest_wait_untrapped(unsigned long arg)
{
	guest_begin();
	asm volatile("sevl\n\twfe\n\twfe");
	guest_sync(READY);
	asm volatile("wfi");
	guest_sync(READY);
	asm volatile("wfi");
	guest_sync(READY);
}

/* Enter until the REC has waited for long enough; what does not trap may wait for an interrupt. */
static const struct rmi_rec_exit *wait_out(unsigned long flags)
{
	const struct rmi_rec_exit *exit;

	do {
		timer_start(20000);
		exit = leave(flags);
		timer_stop();
	} while (exit->exit_reason == RMI_EXIT_IRQ && !test_expired());
	return exit;
}

static void test_wait_untrapped(void)
{
	boot_for_exits(guest_wait_untrapped);
	check(is_host_call(wait_out(RMI_REC_ENTER_FLAGS_TRAP_WFI), READY));

	expect(RMI_EXIT_SYNC);
	want.esr = FIELD_PREP(ESR_EC, ESR_EC_WFX);
	check_exit(RMI_REC_ENTER_FLAGS_TRAP_WFI);
	expect_call(READY);
	check_exit(RMI_REC_ENTER_FLAGS_TRAP_WFI);

	check(is_host_call(wait_out(RMI_REC_ENTER_FLAGS_TRAP_WFE), READY));
	finish_exits();
}

/* ---- aborts at unprotected IPAs */

static void guest_unprotected(unsigned long addr)
{
	u64 a, b;

	guest_begin();
	asm volatile("str %w0, [%1, #0x34]" : : "r" (0xfedcba9876543210), "r" (addr) : "memory");
	asm volatile("str %0, [%1, #0xff8]" : : "r" (0xfedcba9876543210), "r" (addr) : "memory");
	asm volatile("ldrsh %0, [%1, #0x56]" : "=r" (a) : "r" (addr));
	guest_check_eq(a, 0xffffffffffff8765);
	guest_expect();
	asm volatile("ldp %0, %1, [%2, #0x80]" : "=r" (a), "=r" (b) : "r" (addr));
	guest_check_eq(guest_expected(), 1);
	guest_sync(READY);
}

static void test_unprotected(void)
{
	boot_for_exits(guest_unprotected);

	expect_abort(ESR_EC_DABT_LOW, device(), ESR_ISV | ESR_WNR | FIELD_PREP(ESR_SAS, SAS_WORD));
	want.far = 0x34;
	want.gprs[0] = 0x76543210;
	check_exit(0);

	expect_abort(ESR_EC_DABT_LOW, device(), ESR_ISV | ESR_WNR | ESR_SAS | ESR_SF);
	want.far = 0xff8;
	want.gprs[0] = 0xfedcba9876543210;
	check_exit(RMI_REC_ENTER_FLAGS_EMUL_MMIO);

	/* That the sign is extended is not the host's to know. */
	expect_abort(ESR_EC_DABT_LOW, device(), ESR_ISV | ESR_SF | FIELD_PREP(ESR_SAS, SAS_HALF));
	want.far = 0x56;
	check_exit(RMI_REC_ENTER_FLAGS_EMUL_MMIO);
	realm.rec[0].run->enter.gprs[0] = 0xdead8765;

	/* Not emulatable: neither the offset, nor how wide it is */
	expect_abort(ESR_EC_DABT_LOW, device(), ESR_IL);
	check_exit(RMI_REC_ENTER_FLAGS_EMUL_MMIO);

	expect_call(READY);
	check_exit(RMI_REC_ENTER_FLAGS_INJECT_SEA);
	finish_exits();
}

/* ---- aborts at protected IPAs */

static void guest_protected(unsigned long arg)
{
	volatile u64 *ram = (u64 *)(REALM_RAM_IPA + 0x128);

	guest_begin();
	*ram = SECRET;
	guest_check_eq(*ram, SECRET);
	guest_check_eq(ram[SZ_4K / sizeof(*ram)], 0);
	((void (*)(void))(REALM_RAM_IPA + 2 * SZ_4K + 0x40))();
}

static void test_protected(void)
{
	boot_for_exits(guest_protected);

	expect_abort(ESR_EC_DABT_LOW, REALM_RAM_IPA, 0);
	check_exit(0);
	require_status(realm_map(&realm, REALM_RAM_IPA), RMI_SUCCESS);

	expect_abort(ESR_EC_DABT_LOW, REALM_RAM_IPA + SZ_4K, 0);
	check_exit(0);
	require_status(realm_map(&realm, REALM_RAM_IPA + SZ_4K), RMI_SUCCESS);

	expect_abort(ESR_EC_IABT_LOW, REALM_RAM_IPA + 2 * SZ_4K, 0);
	check_exit(0);
	finish_exits();
}

/* ---- system registers */

static void guest_sysreg(unsigned long arg)
{
	guest_begin();
	asm volatile("mov x0, %0\n\tmsr S3_0_C12_C11_5, x0" : : "r" (0x123456789aULL) : "x0");
	guest_sync(READY);
}

static void test_sysreg(void)
{
	boot_for_exits(guest_sysreg);
	expect(RMI_EXIT_SYNC);
	want.esr = FIELD_PREP(ESR_EC, ESR_EC_SYS64) | ESR_IL | ISS_ICC_SGI1R;
	want.gprs[0] = 0x123456789aULL;
	check_exit(0);
	expect_call(READY);
	check_exit(0);
	finish_exits();
}

/* ---- calls of the realm */

/* The flags are not the host's to know. */
static void guest_ripas_change(u64 base, u64 top, u64 ripas)
{
	struct arm_smccc_1_2_regs regs = {
		.a0 = SMC_RSI_IPA_STATE_SET,
		.a1 = base,
		.a2 = top,
		.a3 = ripas,
		.a4 = RSI_RIPAS_CHANGE_FLAGS_DESTROYED,
	};

	for (unsigned long *a = &regs.a5; a <= &regs.a17; a++)
		*a = SECRET;
	guest_smc(&regs);
	guest_check_eq(regs.a0, RSI_SUCCESS);
}

static void guest_calls(unsigned long arg)
{
	static struct rsi_host_call call __aligned(256);
	struct rsi_host_call *far = (struct rsi_host_call *)(REALM_RAM_IPA + 0x500);

	guest_begin();
	call.imm = 0xfedc;
	for (unsigned int i = 0; i < ARRAY_SIZE(call.gprs); i++)
		call.gprs[i] = SECRET + i;
	guest_check_eq(guest_call(SMC_RSI_HOST_CALL, (u64)&call, SECRET, SECRET), RSI_SUCCESS);

	guest_ripas_change(REALM_RAM_IPA, REALM_RAM_IPA + 2 * SZ_4K, RSI_RIPAS_EMPTY);
	guest_ripas_change(REALM_RAM_IPA + SZ_4K, REALM_RAM_IPA + 3 * SZ_4K, RSI_RIPAS_RAM);

	/* Its memory goes away while the host answers. */
	guest_check_eq(guest_call(SMC_RSI_HOST_CALL, (u64)far, SECRET, SECRET), RSI_SUCCESS);
	guest_sync(READY);
}

static void expect_ripas_change(unsigned long base, unsigned long top, u8 value)
{
	expect(RMI_EXIT_RIPAS_CHANGE);
	want.ripas_base = base;
	want.ripas_top = top;
	want.ripas_value = value;
}

static void test_calls(void)
{
	const unsigned long ram = REALM_RAM_IPA;

	boot_for_exits(guest_calls);
	expect_call(0xfedc);
	for (unsigned int i = 0; i < ARRAY_SIZE(want.gprs); i++)
		want.gprs[i] = SECRET + i;
	check_exit(0);

	expect_ripas_change(ram, ram + 2 * SZ_4K, RSI_RIPAS_EMPTY);
	check_exit(0);
	expect_ripas_change(ram + SZ_4K, ram + 3 * SZ_4K, RSI_RIPAS_RAM);
	check_exit(0);

	expect_abort(ESR_EC_DABT_LOW, ram, 0);
	check_exit(0);
	require_status(realm_map(&realm, ram), RMI_SUCCESS);
	expect_call(0);
	check_exit(0);
	require_status(realm_unmap(&realm, ram), RMI_SUCCESS);
	/* The realm does not run, and the exit is as if it had. */
	expect_abort(ESR_EC_DABT_LOW, ram, 0);
	check_exit(0);
	finish_exits();
}

/* ---- PSCI */

static void expect_psci(u64 fid, u64 mpidr)
{
	expect(RMI_EXIT_PSCI);
	want.gprs[0] = fid;
	want.gprs[1] = mpidr;
}

/* All the other registers are set as well; X2 is where CPU_ON lets a REC start. */
static void guest_psci(u64 fid, u64 a1)
{
	struct arm_smccc_1_2_regs regs = { .a0 = fid, .a1 = a1, .a2 = REALM_RAM_IPA + 0xabc };

	for (unsigned long *a = &regs.a3; a <= &regs.a17; a++)
		*a = SECRET;
	guest_smc(&regs);
	guest_check_eq(regs.a0, PSCI_SUCCESS);
}

/* The RMM needs to know where a REC will start and with what, the host does not. */
static void guest_power(unsigned long arg)
{
	guest_begin();
	guest_psci(FN_CPU_SUSPEND, 0x10000);
	guest_psci(FN_CPU_ON, 1);
	guest_psci(FN_CPU_OFF, SECRET);
	guest_fail(__LINE__, 0, 0);
}

static void test_power(void)
{
	boot_for_exits(guest_power);
	expect_psci(FN_CPU_SUSPEND, 0);
	check_exit(0);
	expect_psci(FN_CPU_ON, 1);
	check_exit(0);
	check_status(rmi_psci_complete(realm.rec[0].pa, realm.rec[1].pa, PSCI_SUCCESS),
		     RMI_SUCCESS);
	expect_psci(FN_CPU_OFF, 0);
	check_exit(0);
	finish_exits();
}

static void guest_system_off(unsigned long arg)
{
	guest_begin();
	guest_psci(FN_SYSTEM_OFF, SECRET);
}

static void guest_system_reset(unsigned long arg)
{
	guest_begin();
	guest_psci(FN_SYSTEM_RESET, SECRET);
}

static void test_system(void)
{
	boot_for_exits(guest_system_off);
	expect_psci(FN_SYSTEM_OFF, 0);
	check_exit(0);
	finish_exits();

	boot_for_exits(guest_system_reset);
	expect_psci(FN_SYSTEM_RESET, 0);
	check_exit(0);
	finish_exits();
}

const struct test realm_exit_tests[] = {
	{ "WFI, WFE and interrupts", test_wait },
	{ "WFI and WFE, each with the flag of the other", test_wait_untrapped },
	{ "data aborts at unprotected IPAs", test_unprotected },
	{ "aborts at protected IPAs", test_protected },
	{ "a system register", test_sysreg },
	{ "host calls and RIPAS changes", test_calls },
	{ "CPU_SUSPEND, CPU_ON and CPU_OFF", test_power },
	{ "SYSTEM_OFF and SYSTEM_RESET", test_system },
	{ }
};
