// SPDX-License-Identifier: GPL-2.0-only
/* Identity map at NS-EL2: the first GB devices, the next three Normal memory. */
#include <linux/bits.h>
#include <linux/types.h>
#include <sysreg.h>
#include "harness.h"

#define BLOCK		BIT_ULL(0)
#define ATTR_DEVICE	(ULL(0) << 2)
#define ATTR_NORMAL	(ULL(1) << 2)
#define SH_INNER	(ULL(3) << 8)
#define AF		BIT_ULL(10)
#define XN		BIT_ULL(54)
#define RES1		BIT_ULL(6)

#define MAIR_VALUE	ULL(0xff04)
/* 4 GB, 4 KB granule, write-back inner-shareable walks, 40-bit output */
#define TCR_VALUE	(BIT_ULL(31) | BIT_ULL(23) | (ULL(2) << 16) | (ULL(3) << 12) | \
			 (ULL(1) << 10) | (ULL(1) << 8) | 32)
/* RES1, I, SA, C, M */
#define SCTLR_VALUE	(ULL(0x30c50830) | BIT_ULL(12) | BIT_ULL(3) | BIT_ULL(2) | BIT_ULL(0))

static u64 level1[4] __aligned(64) = {
	0 * SZ_1G | BLOCK | ATTR_DEVICE | RES1 | AF | XN,
	1 * SZ_1G | BLOCK | ATTR_NORMAL | RES1 | SH_INNER | AF,
	2 * SZ_1G | BLOCK | ATTR_NORMAL | RES1 | SH_INNER | AF,
	3 * SZ_1G | BLOCK | ATTR_NORMAL | RES1 | SH_INNER | AF,
};

void mmu_enable(void)
{
	/* Interrupts of the host's go to EL2, where they stay masked. */
	write_sysreg(HCR_EL2_RW | HCR_EL2_IMO | HCR_EL2_FMO | HCR_EL2_AMO, hcr_el2);
	write_sysreg(MAIR_VALUE, mair_el2);
	write_sysreg(TCR_VALUE, tcr_el2);
	write_sysreg(level1, ttbr0_el2);
	isb();
	tlbi(alle2);
	dsb(nsh);
	isb();
	write_sysreg(SCTLR_VALUE, sctlr_el2);
	isb();
}
