// SPDX-License-Identifier: GPL-2.0-only
/*
 * RMI_REC_ENTER: when it fails, and exits that are neither aborts nor calls of the realm
 * (DEN0137 B4.5.51, A4.3.4).
 */
#include <sysreg.h>
#include "guest_access.h"
#include "realm_run.h"

#define READY			1

/* A list register: pending, and tied to a physical interrupt */
#define LR_HW			(BIT_ULL(62) | BIT_ULL(61) | 40)

#define SPSR_BTYPE		GENMASK_ULL(11, 10)
#define ESR_EC_BRK64		0x3c

#define WFX_TI			GENMASK_ULL(1, 0)
#define WFX_WFI			0
#define WFX_WFE			1
#define WFX_WFIT		2
#define WFX_WFET		3

static struct realm realm;

/* ---- failure conditions */

static void guest_nothing(unsigned long arg)
{
}

static void guest_once(unsigned long arg)
{
	guest_sync(READY);
}

static rmi_status_t rec_enter(unsigned long rec, unsigned long run)
{
	return rmi_rec_enter(rec, run);
}

static void test_bad_addresses(void)
{
	unsigned long run, rec;

	boot(&realm, guest_once);
	run = (unsigned long)realm.rec[0].run;
	rec = realm.rec[0].pa;

	check_status(rec_enter(rec, run + 8), RMI_ERROR_INPUT);
	check_status(rec_enter(rec, delegated_page()), RMI_ERROR_INPUT);
	check_status(rec_enter(rec, 1UL << 50), RMI_ERROR_INPUT);
	check_status(rec_enter(rec + 8, run), RMI_ERROR_INPUT);
	check_status(rec_enter(1UL << 50, run), RMI_ERROR_INPUT);
	check_status(rec_enter(run, run), RMI_ERROR_INPUT);
	check_status(rec_enter(delegated_page(), run), RMI_ERROR_INPUT);
	check_status(rec_enter(realm.rd, run), RMI_ERROR_INPUT);
	/* The REC has not run. */
	enter_host_call(&realm, 0, READY);
	finish(&realm);
}

static void test_bad_states(void)
{
	unsigned long run, rec;

	realm_init(&realm);
	require_status(realm_create(&realm), RMI_SUCCESS);
	require_status(realm_load_image(&realm), RMI_SUCCESS);
	require_status(realm_add_rec(&realm, guest_nothing, 0), RMI_SUCCESS);
	require_status(realm_add_rec(&realm, NULL, 0), RMI_SUCCESS);
	rec = realm.rec[0].pa;
	run = (unsigned long)realm.rec[0].run;

	check_status(rec_enter(rec, run), RMI_ERROR_REALM);
	require_status(realm_activate(&realm), RMI_SUCCESS);
	/* Not runnable */
	check_status(rec_enter(realm.rec[1].pa, run), RMI_ERROR_REC);
	enter_host_call(&realm, 0, GUEST_DONE);
	require_status(realm_terminate(&realm), RMI_SUCCESS);
	check_status(rec_enter(rec, run), RMI_ERROR_REALM);
	check_status(realm_destroy(&realm), RMI_SUCCESS);
}

static void test_list_registers(void)
{
	unsigned int nr = (read_sysreg(ICH_VTR_EL2) & 0x1f) + 1;

	boot(&realm, guest_nothing);
	write_sysreg(LR_HW, ICH_LR0_EL2);
	isb();
	check_status(realm_enter(&realm, 0, 0), RMI_ERROR_REC);
	write_sysreg(0, ICH_LR0_EL2);

	/* The last one that exists on QEMU's machine */
	if (nr == 4) {
		write_sysreg(LR_HW, ICH_LR3_EL2);
		isb();
		check_status(realm_enter(&realm, 0, 0), RMI_ERROR_REC);
		write_sysreg(0, ICH_LR3_EL2);
	}
	finish(&realm);
}

/* ---- general-purpose registers */

/* X1 holds the host call's address, X2 to X30 hold 0x100 + n; only X0 may change. */
static void guest_registers(unsigned long arg)
{
	static struct rsi_host_call call __aligned(256);
	static u64 after[31];

	call.imm = READY;
	guest_registers_raw(&call, after);
	guest_check_eq(after[0], RSI_SUCCESS);
	guest_check_eq(after[1], (u64)&call);
	for (unsigned int i = 2; i < 31; i++)
		guest_check_eq(after[i], 0x100 + i);
	for (unsigned int i = 0; i < 31; i++)
		guest_check_eq(call.gprs[i], 0xb000 + i);
}

static void test_registers(void)
{
	boot(&realm, guest_registers);
	enter_host_call(&realm, 0, READY);
	for (unsigned int i = 0; i < 31; i++)
		realm.rec[0].run->enter.gprs[i] = 0xb000 + i;
	finish(&realm);
}

/* ---- WFI and WFE */

static bool has_wfxt(void)
{
	return read_sysreg(ID_AA64ISAR2_EL1) & 0xf;
}

static void guest_wfx(unsigned long arg)
{
	asm volatile("wfi");
	guest_sync(READY);
	asm volatile("sevl\n\twfe\n\twfe");
	guest_sync(READY);
	if (has_wfxt()) {
		asm volatile("mov x5, #0x1234\n\t.inst 0xd5031025" : : : "x5");	/* wfit x5 */
		asm volatile("mov x6, #0x4321\n\t.inst 0xd5031006" : : : "x6");	/* wfet x6 */
	}
	guest_sync(READY);
}

static void check_wfx(const struct rmi_rec_exit *exit, u64 ti)
{
	require_eq(exit_class(exit), ESR_EC_WFX);
	check_eq(exit->esr, FIELD_PREP(ESR_EC, ESR_EC_WFX) | ti);
	check_eq(exit->hpfar, 0);
	check_eq(exit->far, 0);
}

static void test_wfx_trapped(void)
{
	const unsigned long flags = RMI_REC_ENTER_FLAGS_TRAP_WFI | RMI_REC_ENTER_FLAGS_TRAP_WFE;
	const struct rmi_rec_exit *exit;

	boot(&realm, guest_wfx);
	check_wfx(enter(&realm, 0, flags), WFX_WFI);
	/* The instruction is over: the realm goes on behind it. */
	check(is_host_call(enter(&realm, 0, flags), READY));
	do {
		exit = enter(&realm, 0, flags);
		if (!is_host_call(exit, READY))
			check_wfx(exit, WFX_WFE);
	} while (!is_host_call(exit, READY));

	if (has_wfxt()) {
		exit = enter(&realm, 0, flags);
		/* A time that is over need not trap. */
		if (!is_host_call(exit, READY)) {
			check_wfx(exit, WFX_WFIT);
			check_eq(exit->gprs[0], 0x1234);
			exit = enter(&realm, 0, flags);
		}
		if (!is_host_call(exit, READY)) {
			check_wfx(exit, WFX_WFET);
			check_eq(exit->gprs[0], 0x4321);
			exit = enter(&realm, 0, flags);
		}
		check(is_host_call(exit, READY));
	} else {
		enter_host_call(&realm, 0, READY);
	}
	finish(&realm);
}

static void guest_wfi_only(unsigned long arg)
{
	guest_sync(READY);
	asm volatile("sevl\n\twfe\n\twfi");
	guest_sync(READY);
}

/* The realm waits itself, until the host's timer ends that. */
static void test_wfx_not_trapped(void)
{
	boot(&realm, guest_wfi_only);
	enter_host_call(&realm, 0, READY);
	timer_start(50000);
	require_eq(enter(&realm, 0, 0)->exit_reason, RMI_EXIT_IRQ);
	check_eq(irq_pending(), TIMER_INTID);
	timer_stop();
	enter_host_call(&realm, 0, READY);
	finish(&realm);
}

/* A branch by register to an instruction that traps; the next exception shows BTYPE. */
static void guest_btype(unsigned long arg)
{
	guest_expect();
	asm volatile("adr x0, 1f\n\tbr x0\n1:\tmrs x0, id_aa64pfr0_el1\n\tbrk #0" : : : "x0");
	guest_check_eq(guest_expected(), 1);
	guest_check_eq(FIELD_GET(ESR_EC, guest_trap()->esr), ESR_EC_BRK64);
	guest_check_eq(guest_trap()->spsr & SPSR_BTYPE, 0);
}

static void test_btype(void)
{
	boot(&realm, guest_btype);
	finish(&realm);
}

/* ---- interrupts */

static void guest_loop(unsigned long arg)
{
	volatile u64 count = 0;

	while (guest_report(READY, count) == 0) {
		for (unsigned int i = 0; i < 1000; i++)
			count++;
	}
}

static void guest_forever(unsigned long arg)
{
	for (;;)
		asm volatile("");
}

static void test_irq(void)
{
	const struct rmi_rec_exit *exit;

	boot(&realm, guest_forever);
	for (unsigned int i = 0; i < 3; i++) {
		timer_start(1000);
		poison_exit(&realm, 0);
		exit = enter(&realm, 0, 0);
		require_eq(exit->exit_reason, RMI_EXIT_IRQ);
		check_eq(exit->esr, 0);
		check_eq(exit->far, 0);
		check_eq(exit->hpfar, 0);
		check_eq(exit->gprs[0], 0);
		check(only_gprs0(exit));
		check_eq(irq_pending(), TIMER_INTID);
		/* Pending before the entry: the realm makes no progress, the host does. */
		require_eq(enter(&realm, 0, 0)->exit_reason, RMI_EXIT_IRQ);
		timer_stop();
	}
	check_status(realm_destroy(&realm), RMI_SUCCESS);
}

/* ---- what a realm cannot do */

static void guest_hvc(unsigned long arg)
{
	u64 pc;

	guest_expect();
	asm volatile("adr %0, 1f\n1:\thvc #0" : "=&r" (pc) : : "x0", "x1", "x2", "x3", "memory");
	guest_check_eq(guest_expected(), 1);
	guest_check_eq(guest_trap()->esr, ESR_IL);
	guest_check_eq(guest_trap()->elr, pc);
}

static void test_hvc(void)
{
	boot(&realm, guest_hvc);
	finish(&realm);
}

#define SMCCC_ARCH_FEATURES	0x80000001

static void guest_unknown_smc(unsigned long arg)
{
	guest_check(guest_call(SMCCC_VERSION, 0, 0, 0) >= 0x10002);
	guest_check_eq(guest_call(SMCCC_ARCH_FEATURES, SMCCC_VERSION, 0, 0), -1);
	guest_check_eq(guest_call(0xc40001a5, 0, 0, 0), -1);	/* an RSI function not defined */
	guest_check_eq(guest_call(SMC_RMI_VERSION, 0, 0, 0), -1);
	guest_check_eq(guest_call(0xc6000000, 0, 0, 0), -1);
	guest_check_eq(guest_call(0x12345678, 0, 0, 0), -1);
}

static void test_unknown_smc(void)
{
	boot(&realm, guest_unknown_smc);
	finish(&realm);
}

/* ---- two RECs of two realms on one CPU */

static void test_interleaved(void)
{
	static struct realm other;

	boot(&realm, guest_loop);
	boot(&other, guest_loop);
	for (unsigned int i = 0; i < 8; i++) {
		check_eq(enter_host_call(&realm, 0, READY)->gprs[0], i * 1000);
		realm.rec[0].run->enter.gprs[0] = 0;
		if (i < 4)
			continue;
		check_eq(enter_host_call(&other, 0, READY)->gprs[0], (i - 4) * 1000);
		other.rec[0].run->enter.gprs[0] = 0;
	}
	realm.rec[0].run->enter.gprs[0] = 1;
	other.rec[0].run->enter.gprs[0] = 1;
	finish(&realm);
	finish(&other);
}

const struct test realm_enter_tests[] = {
	{ "REC_ENTER refuses bad addresses", test_bad_addresses },
	{ "REC_ENTER refuses a realm or REC in the wrong state", test_bad_states },
	{ "REC_ENTER refuses list registers with HW set", test_list_registers },
	{ "registers survive an exit, a host call passes all 31", test_registers },
	{ "WFI and WFE exit when they are trapped", test_wfx_trapped },
	{ "WFI and WFE do not exit when they are not trapped", test_wfx_not_trapped },
	{ "an instruction that was stepped over has reset BTYPE", test_btype },
	{ "the host's interrupt ends an entry, pending or not", test_irq },
	{ "HVC is undefined", test_hvc },
	{ "an unknown SMC is not supported", test_unknown_smc },
	{ "two realms take turns on a CPU", test_interleaved },
	{ }
};
