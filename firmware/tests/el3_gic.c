// SPDX-License-Identifier: GPL-2.0-only
/* How the monitor divides interrupts: all are the host's but SGIs 8 to 15. */
#include <linux/bits.h>
#include <memmap.h>
#include <sysreg.h>
#include "harness.h"

#define GICD_TYPER		0x0004
#define GICD_ISENABLER(id)	(0x0100 + (id) / 32 * 4)
#define GICD_ICENABLER(id)	(0x0180 + (id) / 32 * 4)
#define GICD_ISPENDR(id)	(0x0200 + (id) / 32 * 4)
#define GICD_ICPENDR(id)	(0x0280 + (id) / 32 * 4)
#define GICD_IPRIORITYR(id)	(0x0400 + (id))
#define GICD_IROUTER(id)	(0x6000 + 8 * (id))
#define GICR_ISENABLER0		0x10100
#define GICR_ICENABLER0		0x10180

#define FIRST_SPI		32
#define FIRST_SECURE_SGI	8
#define NR_SGIS			16

static volatile u32 *gicd(unsigned int offset)
{
	return (volatile u32 *)(GICD_BASE + offset);
}

/* The first of each register's interrupts stands for its 32. */
static void spis(void)
{
	unsigned int nr = ((*gicd(GICD_TYPER) & 0x1f) + 1) * 32;

	for (unsigned int id = FIRST_SPI; id < nr; id += 32) {
		u32 bit = BIT(id % 32);

		*(volatile u8 *)gicd(GICD_IPRIORITYR(id)) = 0x80;
		*(volatile u64 *)gicd(GICD_IROUTER(id)) = cpu_index();
		*gicd(GICD_ISENABLER(id)) = bit;
		*gicd(GICD_ISPENDR(id)) = bit;
		dsb(sy);
		check_eq(irq_pending(), id);
		*gicd(GICD_ICPENDR(id)) = bit;
		*gicd(GICD_ICENABLER(id)) = bit;
		dsb(sy);
	}
}

/* The host sees no more than that they read as zero. */
static void sgis(void)
{
	volatile u32 *set = (volatile u32 *)(GICR_BASE + GICR_ISENABLER0);
	volatile u32 *clear = (volatile u32 *)(GICR_BASE + GICR_ICENABLER0);
	u32 before = *set;

	*set = GENMASK(NR_SGIS - 1, 0);
	check_eq(*set & GENMASK(NR_SGIS - 1, 0), GENMASK(FIRST_SECURE_SGI - 1, 0));
	*clear = GENMASK(NR_SGIS - 1, 0) & ~before;
	check_eq(*set, before);
}

const struct test el3_gic_tests[] = {
	{ "shared interrupts are the host's", spis },
	{ "SGIs 0 to 7 are the host's, 8 to 15 are not", sgis },
	{ },
};
