// SPDX-License-Identifier: GPL-2.0-only
/*
 * GICv3 with two security states. All interrupts are the Non-secure world's (group 1) but SGIs 8
 * to 15; EL3 uses SGI 8 to wake a CPU that PSCI has turned off.
 */
#include <linux/bits.h>
#include <linux/types.h>
#include <memmap.h>
#include <sysreg.h>
#include "el3.h"

#define GICD_CTLR		0x0000
#define GICD_CTLR_ENABLE_G0	BIT(0)
#define GICD_CTLR_ARE_S		BIT(4)
#define GICD_CTLR_ARE_NS	BIT(5)
#define GICD_CTLR_RWP		BIT(31)
#define GICD_TYPER		0x0004
#define GICD_IGROUPR(n)		(0x0080 + 4 * (n))
#define GICD_IGRPMODR(n)	(0x0d00 + 4 * (n))

#define GICR_CTLR		0x0000
#define GICR_CTLR_RWP		BIT(3)
#define GICR_WAKER		0x0014
#define GICR_WAKER_PSLEEP	BIT(1)
#define GICR_WAKER_CASLEEP	BIT(2)
#define GICR_SGI		0x10000
#define GICR_IGROUPR0		(GICR_SGI + 0x0080)
#define GICR_ISENABLER0		(GICR_SGI + 0x0100)
#define GICR_IPRIORITYR(n)	(GICR_SGI + 0x0400 + (n))
#define GICR_IGRPMODR0		(GICR_SGI + 0x0d00)

#define SECURE_SGIS		GENMASK(15, 8)
#define WAKE_SGI		8

#define ICC_IGRPEN1_EL3_NS	BIT(0)

static volatile u32 *gicd(unsigned int offset)
{
	return (volatile u32 *)(GICD_BASE + offset);
}

static volatile u32 *gicr(unsigned int offset)
{
	return (volatile u32 *)(GICR_BASE + cpu_index() * GICR_STRIDE + offset);
}

static void gicd_wait(void)
{
	while (*gicd(GICD_CTLR) & GICD_CTLR_RWP)
		;
}

/* Once, before any CPU's part. */
void gic_init_distributor(void)
{
	unsigned int nr_regs = (*gicd(GICD_TYPER) & 0x1f) + 1;

	*gicd(GICD_CTLR) = 0;
	gicd_wait();
	*gicd(GICD_CTLR) = GICD_CTLR_ARE_S | GICD_CTLR_ARE_NS;
	gicd_wait();

	for (unsigned int i = 1; i < nr_regs; i++) {
		*gicd(GICD_IGROUPR(i)) = ~0U;
		*gicd(GICD_IGRPMODR(i)) = 0;
	}

	*gicd(GICD_CTLR) = GICD_CTLR_ARE_S | GICD_CTLR_ARE_NS | GICD_CTLR_ENABLE_G0;
	gicd_wait();
}

/* ICC_SRE_EL1 has an instance for each security state; the one SCR_EL3 selects is reached. */
static void enable_sysreg_interface(void)
{
	u64 scr = read_sysreg(scr_el3);

	write_sysreg(ICC_SRE_ALL, ICC_SRE_EL3);
	isb();
	write_sysreg(ICC_SRE_ALL, ICC_SRE_EL1);
	write_sysreg(scr | BIT_ULL(0), scr_el3);
	isb();
	write_sysreg(ICC_SRE_ALL, ICC_SRE_EL2);
	write_sysreg(ICC_SRE_ALL, ICC_SRE_EL1);
	isb();
	write_sysreg(scr, scr_el3);
	isb();
}

/* On each CPU. */
void gic_init_cpu(void)
{
	*gicr(GICR_WAKER) &= ~GICR_WAKER_PSLEEP;
	while (*gicr(GICR_WAKER) & GICR_WAKER_CASLEEP)
		;

	*gicr(GICR_IGROUPR0) = ~(u32)SECURE_SGIS;
	*gicr(GICR_IGRPMODR0) = 0;
	*(volatile u8 *)gicr(GICR_IPRIORITYR(WAKE_SGI)) = 0;
	*gicr(GICR_ISENABLER0) = BIT(WAKE_SGI);
	while (*gicr(GICR_CTLR) & GICR_CTLR_RWP)
		;

	enable_sysreg_interface();
	write_sysreg(0xff, ICC_PMR_EL1);
	write_sysreg(1, ICC_IGRPEN0_EL1);
	isb();
}

/*
 * Wait until another CPU calls gic_wake(), and take that one wake-up. The host's interrupts would
 * end the wait at once, over and over, if they were still enabled for this CPU: it enables them
 * itself when it is back.
 */
void gic_sleep(void)
{
	u64 intid;

	write_sysreg(read_sysreg(ICC_IGRPEN1_EL3) & ~ICC_IGRPEN1_EL3_NS, ICC_IGRPEN1_EL3);
	write_sysreg(0xff, ICC_PMR_EL1);
	isb();

	do {
		dsb(sy);
		wfi();
		intid = read_sysreg(ICC_IAR0_EL1);
	} while (intid != WAKE_SGI);

	write_sysreg(intid, ICC_EOIR0_EL1);
	isb();
}

void gic_wake(unsigned int cpu)
{
	dsb(ish);
	/* Aff1 to Aff3 are zero; bit n of the target list is Aff0 n. */
	write_sysreg(((u64)WAKE_SGI << 24) | BIT_ULL(cpu), ICC_SGI0R_EL1);
	isb();
}
