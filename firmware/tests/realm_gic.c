// SPDX-License-Identifier: GPL-2.0-only
/*
 * The GIC virtual CPU interface of a realm, which is the host's to set up (DEN0137 A6.1): what
 * REC_ENTER refuses, what it leaves as it is, and which registers the host may ask to see.
 */
#include <sysreg.h>
#include "realm_run.h"

#define READY			1
#define WRITTEN			1023ULL
#define ANSWER			0x5aULL

#define ICH_HCR_EN		BIT_ULL(0)
#define ICH_HCR_TC		BIT_ULL(10)
#define ICH_HCR_TALL0		BIT_ULL(11)
#define ICH_HCR_TALL1		BIT_ULL(12)
#define ICH_HCR_TDIR		BIT_ULL(14)
#define ICH_HCR_ENTRIES		(GENMASK_ULL(7, 1) & ~BIT_ULL(2))	/* maintenance interrupts */

#define ICH_VTR_LIST_REGS	GENMASK_ULL(4, 0)
#define ICH_VTR_TDS		BIT_ULL(19)

#define ICH_VMCR_ENG0		BIT_ULL(0)
#define ICH_VMCR_ENG1		BIT_ULL(1)
#define ICH_VMCR_BPR1		GENMASK_ULL(20, 18)
#define ICH_VMCR_BPR0		GENMASK_ULL(23, 21)
#define ICH_VMCR_PMR		GENMASK_ULL(31, 24)

#define LR_PENDING		BIT_ULL(62)
#define LR_ACTIVE		BIT_ULL(63)
#define LR_HW			BIT_ULL(61)
#define LR_GROUP1		BIT_ULL(60)
#define LR_PRIORITY		GENMASK_ULL(55, 48)
#define LR_EOI			BIT_ULL(41)
#define LR_VINTID		GENMASK_ULL(31, 0)

#define MAX_LIST_REGS		16

static struct realm realm;

/* ---- list registers by number */

static unsigned int nr_list_regs(void)
{
	return FIELD_GET(ICH_VTR_LIST_REGS, read_sysreg(ICH_VTR_EL2)) + 1;
}

#define LIST_REGS(R) \
	R(0) R(1) R(2) R(3) R(4) R(5) R(6) R(7) R(8) R(9) R(10) R(11) R(12) R(13) R(14) R(15)

static void write_lr(unsigned int n, u64 value)
{
#define R(i)						\
	if (n == (i))					\
		write_sysreg(value, ICH_LR##i##_EL2);
	LIST_REGS(R)
#undef R
	isb();
}

static u64 read_lr(unsigned int n)
{
	u64 value = 0;

#define R(i)						\
	if (n == (i))					\
		value = read_sysreg(ICH_LR##i##_EL2);
	LIST_REGS(R)
#undef R
	return value;
}

static void interface_clear(void)
{
	for (unsigned int i = 0; i < nr_list_regs(); i++)
		write_lr(i, 0);
	write_sysreg(0, ICH_AP0R0_EL2);
	write_sysreg(0, ICH_AP1R0_EL2);
	write_sysreg(0, ICH_VMCR_EL2);
	write_sysreg(0, ICH_HCR_EL2);
	isb();
}

/* ---- what REC_ENTER refuses */

static void guest_nothing(unsigned long arg)
{
}

/* HW is refused in every list register that exists, in whatever state, and it alone. */
static void test_hw(void)
{
	static const u64 states[] = { 0, LR_PENDING, LR_ACTIVE, LR_PENDING | LR_ACTIVE };

	boot(&realm, guest_nothing);
	for (unsigned int i = 0; i < nr_list_regs(); i++) {
		write_lr(i, LR_HW | states[i % ARRAY_SIZE(states)] | (40 + i));
		check_status(realm_enter(&realm, 0, 0), RMI_ERROR_REC);
		write_lr(i, ~LR_HW & ~LR_GROUP1);
	}
	/* The virtual interface is off, and the realm takes none of them. */
	finish(&realm);
	interface_clear();
}

/* ---- what stays as it is */

static void guest_sync_forever(unsigned long arg)
{
	for (;;)
		guest_sync(READY);
}

static u64 lr_value(unsigned int n)
{
	static const u64 states[] = { LR_PENDING, LR_ACTIVE, 0, LR_PENDING | LR_ACTIVE };

	return states[n % ARRAY_SIZE(states)] | (n & 1 ? LR_GROUP1 : 0) |
	       FIELD_PREP(LR_PRIORITY, 0x80 + 8 * n) | FIELD_PREP(LR_VINTID, 100 + n) |
	       (n & 2 ? LR_EOI : 0);
}

static void interface_fill(u64 hcr)
{
	for (unsigned int i = 0; i < nr_list_regs(); i++)
		write_lr(i, lr_value(i));
	write_sysreg(BIT_ULL(17), ICH_AP0R0_EL2);
	write_sysreg(BIT_ULL(19), ICH_AP1R0_EL2);
	write_sysreg(FIELD_PREP(ICH_VMCR_PMR, 0xe8) | FIELD_PREP(ICH_VMCR_BPR0, 4) |
		     FIELD_PREP(ICH_VMCR_BPR1, 5) | ICH_VMCR_ENG0 | ICH_VMCR_ENG1, ICH_VMCR_EL2);
	write_sysreg(hcr, ICH_HCR_EL2);
	isb();
}

/* The realm has interrupts masked and does not touch its interface. */
static void test_preserved(void)
{
	const u64 hcr = ICH_HCR_ENTRIES | ICH_HCR_TC | ICH_HCR_TALL0 | ICH_HCR_TALL1;
	u64 vmcr;

	boot(&realm, guest_sync_forever);
	for (unsigned int round = 0; round < 2; round++) {
		interface_fill(hcr | ICH_HCR_EN);
		vmcr = read_sysreg(ICH_VMCR_EL2);
		enter_host_call(&realm, 0, READY);

		for (unsigned int i = 0; i < nr_list_regs(); i++)
			check_eq(read_lr(i), lr_value(i));
		check_eq(read_sysreg(ICH_AP0R0_EL2), BIT_ULL(17));
		check_eq(read_sysreg(ICH_AP1R0_EL2), BIT_ULL(19));
		check_eq(read_sysreg(ICH_VMCR_EL2), vmcr);
		check_eq(read_sysreg(ICH_HCR_EL2), hcr);
	}
	interface_clear();
	check_status(realm_destroy(&realm), RMI_SUCCESS);
}

/* ---- registers that the host may want to see */

#define ALWAYS			~0ULL
#define READ			1

/*
 * Name, CRn, CRm, op2 of S3_0_Cn_Cm_op2, MSR or MRS, and what in ICH_HCR_EL2 traps it. DIR is
 * trapped by either of two bits.
 */
#define ICC_REGS(R)							\
	R(PMR,		4,	6,	0,	READ,	ICH_HCR_TC)	\
	R(PMR,		4,	6,	0,	0,	ICH_HCR_TC)	\
	R(RPR,		12,	11,	3,	READ,	ICH_HCR_TC)	\
	R(CTLR,		12,	12,	4,	READ,	ICH_HCR_TC)	\
	R(CTLR,		12,	12,	4,	0,	ICH_HCR_TC)	\
	R(DIR,		12,	11,	1,	0,	ICH_HCR_TC | ICH_HCR_TDIR) \
	R(IAR0,		12,	8,	0,	READ,	ICH_HCR_TALL0)	\
	R(EOIR0,	12,	8,	1,	0,	ICH_HCR_TALL0)	\
	R(HPPIR0,	12,	8,	2,	READ,	ICH_HCR_TALL0)	\
	R(BPR0,		12,	8,	3,	READ,	ICH_HCR_TALL0)	\
	R(BPR0,		12,	8,	3,	0,	ICH_HCR_TALL0)	\
	R(AP0R0,	12,	8,	4,	READ,	ICH_HCR_TALL0)	\
	R(IGRPEN0,	12,	12,	6,	READ,	ICH_HCR_TALL0)	\
	R(IGRPEN0,	12,	12,	6,	0,	ICH_HCR_TALL0)	\
	R(IAR1,		12,	12,	0,	READ,	ICH_HCR_TALL1)	\
	R(EOIR1,	12,	12,	1,	0,	ICH_HCR_TALL1)	\
	R(HPPIR1,	12,	12,	2,	READ,	ICH_HCR_TALL1)	\
	R(BPR1,		12,	12,	3,	READ,	ICH_HCR_TALL1)	\
	R(AP1R0,	12,	9,	0,	READ,	ICH_HCR_TALL1)	\
	R(IGRPEN1,	12,	12,	7,	READ,	ICH_HCR_TALL1)	\
	R(IGRPEN1,	12,	12,	7,	0,	ICH_HCR_TALL1)	\
	R(SGI1R,	12,	11,	5,	0,	ALWAYS)		\
	R(ASGI1R,	12,	11,	6,	0,	ALWAYS)		\
	R(SGI0R,	12,	11,	7,	0,	ALWAYS)

static const struct {
	const char *name;
	u64 iss;
	u64 traps;
	bool read;
} icc_regs[] = {
#define R(name, crn, crm, op2, dir, traps)						\
	{ #name, ULL(3) << 20 | ULL(op2) << 17 | ULL(crn) << 10 | ULL(crm) << 1 | (dir),	\
	  traps, dir },
	ICC_REGS(R)
#undef R
};

static void guest_show(u64 value)
{
	u64 gprs[31] = { value };

	guest_check_eq(guest_host_call(READY, gprs), RSI_SUCCESS);
}

/* Each register through X0; EOIR and DIR get an INTID that is none. */
static void guest_icc(unsigned long arg)
{
	u64 value;

	for (;;) {
#define R(name, crn, crm, op2, dir, traps)						\
		value = WRITTEN;							\
		if (dir) {								\
			asm volatile("mov x0, %0\n\t"					\
				     "mrs x0, S3_0_C" #crn "_C" #crm "_" #op2 "\n\t"	\
				     "mov %0, x0" : "+r" (value) : : "x0");		\
		} else {								\
			asm volatile("mov x0, %0\n\t"					\
				     "msr S3_0_C" #crn "_C" #crm "_" #op2 ", x0"	\
				     : : "r" (value) : "x0");				\
		}									\
		guest_show(value);
		ICC_REGS(R)
#undef R
	}
}

static void enter_with(u64 hcr)
{
	write_sysreg(ICH_HCR_EN | hcr, ICH_HCR_EL2);
	isb();
	enter(&realm, 0, 0);
}

/* The access of the realm reaches the host, whose answer reaches the realm. */
static bool exits(unsigned int i, u64 hcr)
{
	const struct rmi_rec_exit *exit = realm_exit(&realm, 0);

	enter_with(hcr);
	if (!check_eq(exit_class(exit), ESR_EC_SYS64))
		return false;
	check_eq(exit->esr & ESR_ISS, icc_regs[i].iss);
	check_eq(exit->gprs[0], icc_regs[i].read ? 0 : WRITTEN);

	realm.rec[0].run->enter.gprs[0] = ANSWER;
	enter_with(hcr);
	if (!check(is_host_call(exit, READY)))
		return false;
	return check_eq(exit->gprs[0], icc_regs[i].read ? ANSWER : WRITTEN);
}

/* With the traps in @hcr, each register exits for which one of them is meant. */
static void all_registers(u64 hcr)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(icc_regs); i++) {
		bool ok;

		if (icc_regs[i].traps == ALWAYS || (icc_regs[i].traps & hcr)) {
			ok = exits(i, hcr);
		} else {
			enter_with(hcr);
			ok = check(is_host_call(realm_exit(&realm, 0), READY));
		}
		if (!ok) {
			printf("# %s of ICC_%s_EL1, ICH_HCR_EL2 0x%llx\n",
			       icc_regs[i].read ? "read" : "write", icc_regs[i].name, hcr);
			test_abort();
		}
	}
}

static void test_traps(void)
{
	boot(&realm, guest_icc);
	all_registers(0);
	all_registers(ICH_HCR_TC);
	all_registers(ICH_HCR_TALL0);
	all_registers(ICH_HCR_TALL1);
	if (read_sysreg(ICH_VTR_EL2) & ICH_VTR_TDS)
		all_registers(ICH_HCR_TDIR);
	all_registers(ICH_HCR_TC | ICH_HCR_TALL0 | ICH_HCR_TALL1);
	interface_clear();
	check_status(realm_destroy(&realm), RMI_SUCCESS);
}

/* ---- group 0 */

static void guest_vfiq(unsigned long arg)
{
	guest_sync(READY);
	guest_expect();
	asm volatile("msr daifclr, #1\n\tisb\n\tnop\n\tmsr daifset, #1");
	guest_check_eq(guest_expected(), 1);
	guest_check_eq(guest_trap()->vector, 0x300);
	guest_sync(READY);
}

static void test_vfiq(void)
{
	boot(&realm, guest_vfiq);
	enter_host_call(&realm, 0, READY);
	write_sysreg(FIELD_PREP(ICH_VMCR_PMR, 0xf8) | ICH_VMCR_ENG0, ICH_VMCR_EL2);
	write_lr(0, LR_PENDING | FIELD_PREP(LR_PRIORITY, 0x80) | FIELD_PREP(LR_VINTID, 37));
	enter_with(0);
	check(is_host_call(realm_exit(&realm, 0), READY));
	interface_clear();
	finish(&realm);
}

/* ---- the host's priority mask */

/* An interrupt that the host has masked when it enters a REC does not end that entry. */
static void test_masked(void)
{
	u64 pmr = read_sysreg(ICC_PMR_EL1);

	boot(&realm, guest_sync_forever);
	timer_start(0);
	while (irq_pending() != TIMER_INTID)
		;
	write_sysreg(0x10, ICC_PMR_EL1);
	isb();
	for (unsigned int i = 0; i < 3; i++)
		enter_host_call(&realm, 0, READY);
	check_eq(read_sysreg(ICC_PMR_EL1), 0x10);

	write_sysreg(pmr, ICC_PMR_EL1);
	isb();
	check_eq(enter(&realm, 0, 0)->exit_reason, RMI_EXIT_IRQ);
	timer_stop();
	check_status(realm_destroy(&realm), RMI_SUCCESS);
}

const struct test realm_gic_tests[] = {
	{ "REC_ENTER refuses HW in each list register", test_hw },
	{ "the host's registers survive entry and exit", test_preserved },
	{ "a register exits when the host traps it", test_traps },
	{ "a virtual interrupt of group 0 is taken", test_vfiq },
	{ "the host's interrupts stay masked", test_masked },
	{ }
};
