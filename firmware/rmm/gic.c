// SPDX-License-Identifier: GPL-2.0-only
/*
 * The virtual GIC CPU interface (DEN0137 A6.1). Its registers are the host's: it
 * writes them before REC_ENTER and reads them afterwards. The RMM only looks at them.
 */
#include <linux/bits.h>
#include <linux/bitfield.h>
#include <sysreg.h>
#include "run.h"

#define ICH_HCR_EN		BIT_ULL(0)
#define ICH_VTR_LIST_REGS	GENMASK_ULL(4, 0)
#define ICH_LR_HW		BIT_ULL(61)

#define LIST_REGS(R)							\
	do {								\
		R(0); R(1); R(2); R(3); R(4); R(5); R(6); R(7);		\
		R(8); R(9); R(10); R(11); R(12); R(13); R(14); R(15);	\
	} while (0)

/*
 * HW means that the end of the virtual interrupt deactivates a physical one. Whether
 * that is active the RMM cannot know, so no list register may ask for it.
 */
bool gic_lrs_valid(void)
{
	unsigned int nr = FIELD_GET(ICH_VTR_LIST_REGS, read_sysreg(ICH_VTR_EL2)) + 1;
	u64 bits = 0;

#define LR_READ(n)						\
	do {							\
		if ((n) < nr)					\
			bits |= read_sysreg(ICH_LR##n##_EL2);	\
	} while (0)
	LIST_REGS(LR_READ);
#undef LR_READ
	return !(bits & ICH_LR_HW);
}

void gic_leave(void)
{
	write_sysreg(read_sysreg(ICH_HCR_EL2) & ~ICH_HCR_EN, ICH_HCR_EL2);
	isb();
}
