// SPDX-License-Identifier: GPL-2.0-only
/* Timers and virtual interrupts of a realm (DEN0137 A6). */
#include <sysreg.h>
#include "realm_run.h"

#define READY			1
#define TICK			2

#define CTL_ENABLE		BIT_ULL(0)
#define CTL_IMASK		BIT_ULL(1)
#define CTL_ISTATUS		BIT_ULL(2)
#define CTL_OUTPUT		(CTL_ENABLE | CTL_ISTATUS)

#define ICC_IAR1		S3_0_C12_C12_0
#define ICC_EOIR1		S3_0_C12_C12_1

#define ICH_HCR_EN		BIT_ULL(0)
#define ICH_HCR_TC		BIT_ULL(10)
#define ICH_VMCR_ENG1		BIT_ULL(1)
#define ICH_VMCR_PMR		GENMASK_ULL(31, 24)
#define LR_STATE		GENMASK_ULL(63, 62)
#define LR_PENDING		BIT_ULL(62)
#define LR_GROUP1		BIT_ULL(60)
#define LR_PRIORITY		GENMASK_ULL(55, 48)
#define VINTID			37

/* ISS of a trapped system register access */
#define ISS_READ		BIT_ULL(0)
#define ISS_RT			GENMASK_ULL(9, 5)
#define ISS_ICC_SGI1R		(ULL(3) << 20 | ULL(5) << 17 | ULL(12) << 10 | ULL(11) << 1)
#define ISS_ICC_PMR		(ULL(3) << 20 | ULL(0) << 17 | ULL(4) << 10 | ULL(6) << 1)
#define ISS_SYSREG		(GENMASK_ULL(21, 10) | GENMASK_ULL(4, 1))

#define VIRTUAL_TIMER_INTID	27
#define PHYSICAL_TIMER_INTID	30
#define GICR_ISENABLER0		0x10100
#define GICR_ICENABLER0		0x10180

static struct realm realm;

/* An interrupt of this CPU; all are group 1 */
static void irq_enable(unsigned int intid, bool on)
{
	unsigned long offset = on ? GICR_ISENABLER0 : GICR_ICENABLER0;

	*(volatile u32 *)(GICR_BASE + cpu_index() * GICR_STRIDE + offset) = BIT(intid);
	dsb(sy);
}

/* ---- timers */

/* Both counters are the same, and run on */
static void guest_counters(unsigned long arg)
{
	u64 last = 0;

	for (unsigned int i = 0; i < 4; i++) {
		u64 before, virt, after;

		isb();
		before = read_sysreg(cntpct_el0);
		isb();
		virt = read_sysreg(cntvct_el0);
		isb();
		after = read_sysreg(cntpct_el0);
		guest_check(before > last);
		guest_check(virt >= before && virt <= after);
		last = after;
		guest_sync(READY);
	}
}

static void test_counters(void)
{
	u64 offset = 0x123456789ULL;

	boot(&realm, guest_counters);
	write_sysreg(offset, cntvoff_el2);
	for (unsigned int i = 0; i < 4; i++)
		enter_host_call(&realm, 0, READY);
	check_eq(read_sysreg(cntvoff_el2), offset);
	write_sysreg(0, cntvoff_el2);
	finish(&realm);
}

/* arg: 0 for the virtual timer, 1 for the physical one */
static void set_timer(unsigned long physical, u64 cval, u64 ctl)
{
	if (physical) {
		write_sysreg(cval, cntp_cval_el0);
		write_sysreg(ctl, cntp_ctl_el0);
	} else {
		write_sysreg(cval, cntv_cval_el0);
		write_sysreg(ctl, cntv_ctl_el0);
	}
	isb();
}

static u64 timer_ctl(unsigned long physical)
{
	return physical ? read_sysreg(cntp_ctl_el0) : read_sysreg(cntv_ctl_el0);
}

/* What a timer does, from armed to quiet again; the realm makes a call when it has fired */
static void guest_timer(unsigned long physical)
{
	set_timer(physical, 0x1234567812345678, CTL_ENABLE | CTL_IMASK);
	guest_sync(READY);

	set_timer(physical, read_sysreg(cntpct_el0) + read_sysreg(cntfrq_el0) / 100, CTL_ENABLE);
	while (!(timer_ctl(physical) & CTL_ISTATUS))
		;
	guest_call(SMC_RSI_FEATURES, 0, 0, 0);

	/* Asserted, and known to the host: the realm can go on, for as long as it likes. */
	for (unsigned int i = 0; i < 3; i++)
		guest_sync(TICK);

	set_timer(physical, ~0ULL >> 1, CTL_ENABLE);
	guest_call(SMC_RSI_FEATURES, 0, 0, 0);
	guest_sync(READY);
}

static u64 exit_ctl(const struct rmi_rec_exit *exit, unsigned long physical)
{
	return physical ? exit->cntp_ctl : exit->cntv_ctl;
}

static u64 exit_cval(const struct rmi_rec_exit *exit, unsigned long physical)
{
	return physical ? exit->cntp_cval : exit->cntv_cval;
}

/* One exit with IRQ, and what it says of the timer */
static void require_timer_exit(unsigned long physical, u64 ctl)
{
	const struct rmi_rec_exit *exit = enter(&realm, 0, 0);

	require_eq(exit->exit_reason, RMI_EXIT_IRQ);
	require_eq(exit_ctl(exit, physical), ctl);
	require_eq(exit_ctl(exit, !physical) & CTL_ENABLE, 0);
}

/*
 * The timer's interrupt is enabled in the GIC, or it is not and the RMM has to see the
 * change itself.
 */
static void run_timer(unsigned long physical, bool interrupt)
{
	const struct rmi_rec_exit *exit;

	realm_init(&realm);
	require_status(realm_start(&realm, guest_timer, physical), RMI_SUCCESS);
	exit = enter_host_call(&realm, 0, READY);
	check_eq(exit_ctl(exit, physical), CTL_ENABLE | CTL_IMASK);
	check_eq(exit_cval(exit, physical), 0x1234567812345678);
	check_eq(exit_ctl(exit, !physical) & CTL_ENABLE, 0);

	irq_enable(physical ? PHYSICAL_TIMER_INTID : VIRTUAL_TIMER_INTID, interrupt);
	require_timer_exit(physical, CTL_OUTPUT);
	for (unsigned int i = 0; i < 3; i++)
		check_eq(exit_ctl(enter_host_call(&realm, 0, TICK), physical), CTL_OUTPUT);
	require_timer_exit(physical, CTL_ENABLE);
	check_eq(exit_ctl(enter_host_call(&realm, 0, READY), physical), CTL_ENABLE);
	irq_enable(physical ? PHYSICAL_TIMER_INTID : VIRTUAL_TIMER_INTID, false);
	finish(&realm);
}

static void test_virtual_timer(void)
{
	run_timer(0, true);
	run_timer(0, false);
}

static void test_physical_timer(void)
{
	run_timer(1, true);
	run_timer(1, false);
}

/* A timer whose output is masked has none, however far it is. */
static void guest_masked_timer(unsigned long physical)
{
	set_timer(physical, read_sysreg(cntpct_el0), CTL_ENABLE | CTL_IMASK);
	while (!(timer_ctl(physical) & CTL_ISTATUS))
		;
	guest_call(SMC_RSI_FEATURES, 0, 0, 0);
	guest_sync(READY);
	set_timer(physical, 0, CTL_ENABLE);
	guest_call(SMC_RSI_FEATURES, 0, 0, 0);
	guest_sync(READY);
	set_timer(physical, 0, CTL_ENABLE | CTL_IMASK);
	guest_call(SMC_RSI_FEATURES, 0, 0, 0);
	guest_sync(READY);
	set_timer(physical, 0, CTL_IMASK);
	guest_call(SMC_RSI_FEATURES, 0, 0, 0);
	guest_sync(READY);
}

static void run_masked_timer(unsigned long physical)
{
	const u64 masked = CTL_OUTPUT | CTL_IMASK;
	const struct rmi_rec_exit *exit;

	irq_enable(physical ? PHYSICAL_TIMER_INTID : VIRTUAL_TIMER_INTID, false);
	realm_init(&realm);
	require_status(realm_start(&realm, guest_masked_timer, physical), RMI_SUCCESS);
	check_eq(exit_ctl(enter_host_call(&realm, 0, READY), physical), masked);
	require_timer_exit(physical, CTL_OUTPUT);
	check_eq(exit_ctl(enter_host_call(&realm, 0, READY), physical), CTL_OUTPUT);
	require_timer_exit(physical, masked);
	check_eq(exit_ctl(enter_host_call(&realm, 0, READY), physical), masked);
	/* Neither is one that is off. */
	exit = enter_host_call(&realm, 0, READY);
	check_eq(exit_ctl(exit, physical) & (CTL_ENABLE | CTL_IMASK), CTL_IMASK);
	check_eq(exit_cval(exit, physical), 0);
	finish(&realm);
}

static void test_masked_timer(void)
{
	run_masked_timer(0);
	run_masked_timer(1);
}

/* Sets its timer and makes no call until that has long been due; the host says how far ahead. */
static void guest_late_timer(unsigned long physical)
{
	for (;;) {
		u64 ticks = guest_report(READY, 0) * (read_sysreg(cntfrq_el0) / 1000);
		u64 due = read_sysreg(cntpct_el0) + ticks;

		set_timer(physical, due, CTL_ENABLE);
		guest_sync(READY);
		while (read_sysreg(cntpct_el0) < due + ticks)
			;
		set_timer(physical, 0, 0);
		guest_call(SMC_RSI_FEATURES, 0, 0, 0);
		guest_sync(TICK);
	}
}

static void wait_ms(unsigned long ms)
{
	u64 end = read_sysreg(cntpct_el0) + ms * (read_sysreg(cntfrq_el0) / 1000);

	while (read_sysreg(cntpct_el0) < end && !test_expired())
		;
}

/* Leave the REC with a timer that is not due yet; on a slow machine that needs some tries. */
static unsigned long set_late_timer(unsigned long physical)
{
	for (unsigned long ms = 5; !test_expired(); ms *= 2) {
		enter_host_call(&realm, 0, READY);
		realm.rec[0].run->enter.gprs[0] = ms;
		if (exit_ctl(enter_host_call(&realm, 0, READY), physical) == CTL_ENABLE)
			return ms;
		do {
			enter(&realm, 0, 0);
		} while (!is_host_call(realm_exit(&realm, 0), TICK) && !test_expired());
	}
	test_abort();
}

/* Due while the REC does not run: the next entry ends with that, before the realm goes on. */
static void run_late_timer(unsigned long physical)
{
	/* Nothing but the RMM says so. */
	irq_enable(physical ? PHYSICAL_TIMER_INTID : VIRTUAL_TIMER_INTID, false);
	realm_init(&realm);
	require_status(realm_start(&realm, guest_late_timer, physical), RMI_SUCCESS);
	wait_ms(2 * set_late_timer(physical));
	require_timer_exit(physical, CTL_OUTPUT);
	check_status(realm_destroy(&realm), RMI_SUCCESS);
}

static void test_late_timer(void)
{
	run_late_timer(0);
	run_late_timer(1);
}

/* ---- virtual interrupts */

static void virtual_interface_on(void)
{
	write_sysreg(FIELD_PREP(ICH_VMCR_PMR, 0xf8) | ICH_VMCR_ENG1, ICH_VMCR_EL2);
	write_sysreg(ICH_HCR_EN, ICH_HCR_EL2);
	isb();
}

static void virtual_interface_clear(void)
{
	write_sysreg(0, ICH_LR0_EL2);
	write_sysreg(0, ICH_VMCR_EL2);
	write_sysreg(0, ICH_HCR_EL2);
	isb();
}

static void guest_virq(unsigned long arg)
{
	guest_sync(READY);
	guest_expect();
	asm volatile("msr daifclr, #2\n\tisb\n\tnop\n\tmsr daifset, #2");
	guest_check_eq(guest_expected(), 1);
	guest_check_eq(guest_trap()->vector, 0x280);
	guest_sync(READY);
}

/* The handler of the guest steps over an instruction; here that is a nop at worst. */
static void guest_virq_ack(unsigned long arg)
{
	u64 intid;

	guest_sync(READY);
	while (!(read_sysreg(S3_0_C12_C8_0) | read_sysreg(isr_el1)))
		;
	intid = read_sysreg(ICC_IAR1);
	guest_check_eq(intid, VINTID);
	guest_sync(READY);
	write_sysreg(intid, ICC_EOIR1);
	isb();
	guest_check_eq(read_sysreg(ICC_IAR1), 1023);
	guest_sync(READY);
}

static void test_virq(void)
{
	boot(&realm, guest_virq);
	enter_host_call(&realm, 0, READY);
	virtual_interface_on();
	write_sysreg(LR_PENDING | LR_GROUP1 | FIELD_PREP(LR_PRIORITY, 0x80) | VINTID, ICH_LR0_EL2);
	isb();
	enter_host_call(&realm, 0, READY);
	virtual_interface_clear();
	finish(&realm);
}

static void test_virq_ack(void)
{
	boot(&realm, guest_virq_ack);
	enter_host_call(&realm, 0, READY);
	virtual_interface_on();
	write_sysreg(LR_PENDING | LR_GROUP1 | FIELD_PREP(LR_PRIORITY, 0x80) | VINTID, ICH_LR0_EL2);
	isb();

	enter_host_call(&realm, 0, READY);
	check_eq(FIELD_GET(LR_STATE, read_sysreg(ICH_LR0_EL2)), 2);	/* active */
	check_eq(read_sysreg(ICH_HCR_EL2) & ICH_HCR_EN, 0);
	check_eq(read_sysreg(ICH_VMCR_EL2) & ICH_VMCR_ENG1, ICH_VMCR_ENG1);

	write_sysreg(ICH_HCR_EN, ICH_HCR_EL2);
	isb();
	enter_host_call(&realm, 0, READY);
	check_eq(FIELD_GET(LR_STATE, read_sysreg(ICH_LR0_EL2)), 0);
	check_eq(read_sysreg(ICH_HCR_EL2) & ICH_HCR_EN, 0);
	virtual_interface_clear();
	finish(&realm);
}

/* ---- system registers that the host emulates */

static void guest_sgi(unsigned long arg)
{
	register u64 x7 asm("x7") = 0x123456789aULL;
	u64 pmr;

	asm volatile("msr S3_0_C12_C11_5, %0" : : "r" (x7));
	guest_sync(READY);
	asm volatile("msr S3_0_C12_C11_5, xzr");
	asm volatile("mrs %0, S3_0_C4_C6_0" : "=r" (pmr));
	guest_check_eq(pmr, 0xa8);
	asm volatile("mrs xzr, S3_0_C4_C6_0");
	guest_sync(READY);
}

static void require_sysreg(const struct rmi_rec_exit *exit, u64 iss)
{
	require_eq(exit_class(exit), ESR_EC_SYS64);
	check_eq(exit->esr & (ISS_SYSREG | ISS_READ), iss);
	check_eq(exit->hpfar, 0);
	check_eq(exit->far, 0);
	check(only_gprs0(exit));
}

static void test_sysregs(void)
{
	boot(&realm, guest_sgi);
	require_sysreg(enter(&realm, 0, 0), ISS_ICC_SGI1R);
	check_eq(realm_exit(&realm, 0)->gprs[0], 0x123456789aULL);
	enter_host_call(&realm, 0, READY);
	require_sysreg(enter(&realm, 0, 0), ISS_ICC_SGI1R);
	check_eq(realm_exit(&realm, 0)->gprs[0], 0);

	/* The host may want to see more. */
	write_sysreg(ICH_HCR_EN | ICH_HCR_TC, ICH_HCR_EL2);
	isb();
	require_sysreg(enter(&realm, 0, 0), ISS_ICC_PMR | ISS_READ);
	check_eq(realm_exit(&realm, 0)->gprs[0], 0);
	realm.rec[0].run->enter.gprs[0] = 0xa8;
	write_sysreg(ICH_HCR_EN | ICH_HCR_TC, ICH_HCR_EL2);
	isb();
	require_sysreg(enter(&realm, 0, 0), ISS_ICC_PMR | ISS_READ);
	virtual_interface_clear();
	enter_host_call(&realm, 0, READY);
	finish(&realm);
}

const struct test realm_irq_tests[] = {
	{ "counters have no offset", test_counters },
	{ "the virtual timer: output, masking, exit", test_virtual_timer },
	{ "the physical timer: output, masking, exit", test_physical_timer },
	{ "a timer that is masked or off has no output", test_masked_timer },
	{ "a timer that becomes due between two entries", test_late_timer },
	{ "a virtual interrupt is taken", test_virq },
	{ "list registers follow acknowledge and end of interrupt", test_virq_ack },
	{ "SGIs and trapped GIC registers exit", test_sysregs },
	{ }
};
