// SPDX-License-Identifier: GPL-2.0-only
/* Just enough of the GICv3 that an interrupt becomes pending for a CPU. */
#include <sysreg.h>
#include "harness.h"

#define GICD_CTLR		0x0000
#define GICD_CTLR_ENABLE_G1A	BIT(1)
#define GICD_CTLR_ARE_NS	BIT(4)
#define GICR_WAKER		0x0014
#define GICR_WAKER_PSLEEP	BIT(1)
#define GICR_WAKER_CASLEEP	BIT(2)
#define GICR_IGROUPR0		0x10080
#define GICR_ISENABLER0		0x10100
#define GICR_IPRIORITYR(n)	(0x10400 + (n))

/* Wakes a CPU that waits for work. */
#define WAKE_SGI		0
/* Makes a REC exit, on a CPU whose test is over. */
#define RECALL_SGI		1

#define ICC_SRE			0xf
#define ICC_HPPIR1_EL1		S3_0_C12_C12_2

static volatile u32 *gicr(unsigned int offset)
{
	return (volatile u32 *)(GICR_BASE + cpu_index() * GICR_STRIDE + offset);
}

void irq_init_distributor(void)
{
	*(volatile u32 *)(GICD_BASE + GICD_CTLR) = GICD_CTLR_ARE_NS | GICD_CTLR_ENABLE_G1A;
}

void irq_init_cpu(void)
{
	*gicr(GICR_WAKER) &= ~GICR_WAKER_PSLEEP;
	while (*gicr(GICR_WAKER) & GICR_WAKER_CASLEEP)
		;
	*(volatile u8 *)gicr(GICR_IPRIORITYR(TIMER_INTID)) = 0x80;
	*(volatile u8 *)gicr(GICR_IPRIORITYR(WAKE_SGI)) = 0x40;
	*(volatile u8 *)gicr(GICR_IPRIORITYR(RECALL_SGI)) = 0x40;
	*gicr(GICR_ISENABLER0) = BIT(TIMER_INTID) | BIT(WAKE_SGI) | BIT(RECALL_SGI);

	write_sysreg(ICC_SRE, ICC_SRE_EL2);
	isb();
	write_sysreg(0xff, ICC_PMR_EL1);
	write_sysreg(1, ICC_IGRPEN1_EL1);
	isb();
}

u64 irq_pending(void)
{
	return read_sysreg(ICC_HPPIR1_EL1);
}

/*
 * Wait for an interrupt, so that a CPU without work takes no time from the others. Returns true
 * once for each cpu_wake(). All SGIs are gone then and cannot make a REC exit, among them that of
 * a cpu_recall() that came when the work was done.
 */
bool cpu_sleep(void)
{
	bool woken = false;
	u64 intid;

	dsb(sy);
	wfi();
	while ((intid = irq_pending()) == WAKE_SGI || intid == RECALL_SGI) {
		write_sysreg(read_sysreg(ICC_IAR1_EL1), ICC_EOIR1_EL1);
		isb();
		woken |= intid == WAKE_SGI;
	}

	return woken;
}

static void send_sgi(unsigned int cpu, unsigned int sgi)
{
	dsb(ish);
	write_sysreg(((u64)sgi << 24) | BIT_ULL(cpu), ICC_SGI1R_EL1);
	isb();
}

void cpu_wake(unsigned int cpu)
{
	send_sgi(cpu, WAKE_SGI);
}

void cpu_recall(unsigned int cpu)
{
	send_sgi(cpu, RECALL_SGI);
}
