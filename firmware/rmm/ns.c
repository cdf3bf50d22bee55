// SPDX-License-Identifier: GPL-2.0-only
/*
 * Access to the host's memory, and the faults it may cause.
 *
 * The granule's state is checked first, so that addresses outside the host's DRAM are
 * refused without an access. The state may still change before the access, and EL3 may
 * have given a granule to another PAS without the RMM's knowledge: then the access
 * takes a granule protection fault, which is expected at just one place, ns_copy().
 */
#include <linux/bitfield.h>
#include <console.h>
#include <sysreg.h>
#include "granule.h"
#include "ns.h"
#include "rmm.h"

/* Fault status codes: granule protection faults on a walk, and on the access */
#define FSC_GPF_LM1	0x23
#define FSC_GPF_L0	0x24
#define FSC_GPF_L3	0x27
#define FSC_GPF		0x28
#define FSC_EXT_ABORT	0x10

static void *ns_va(unsigned long pa)
{
	return (void *)(NS_VA_BASE + pa);
}

bool ns_accessible(unsigned long pa)
{
	struct granule *g = granule_find(pa);

	return g && granule_state(g) == GRANULE_NS;
}

/* One granule, 8-byte units: what ns.h promises */
static bool ns_range_ok(unsigned long pa, unsigned long size)
{
	unsigned long base = pa & GRANULE_MASK;

	return IS_ALIGNED(pa, 8UL) && IS_ALIGNED(size, 8UL) && size <= GRANULE_SIZE &&
	       pa - base + size <= GRANULE_SIZE && ns_accessible(base);
}

bool ns_read(void *to, unsigned long ns_pa, unsigned long size)
{
	return ns_range_ok(ns_pa, size) && ns_copy(to, ns_va(ns_pa), size);
}

bool ns_write(unsigned long ns_pa, const void *from, unsigned long size)
{
	return ns_range_ok(ns_pa, size) && ns_copy(ns_va(ns_pa), from, size);
}

static bool fsc_is_host_fault(unsigned int fsc)
{
	return (fsc >= FSC_GPF_LM1 && fsc <= FSC_GPF_L3) || fsc == FSC_GPF || fsc == FSC_EXT_ABORT;
}

static bool is_host_fault(void)
{
	u64 esr = read_sysreg(esr_el2);
	u64 elr = read_sysreg(elr_el2);
	u64 far = read_sysreg(far_el2);

	return FIELD_GET(ESR_EC, esr) == ESR_EC_DABT_CUR &&
	       elr >= (u64)&ns_copy && elr < (u64)ns_copy_end &&
	       far >= NS_VA_BASE && fsc_is_host_fault(FIELD_GET(ESR_FSC, esr));
}

/* A synchronous exception of the RMM itself. Returns to a new place, or not at all. */
void rmm_trap(const struct trap_regs *regs)
{
	if (!is_host_fault())
		panic_regs(regs, "exception in the RMM");

	write_sysreg((u64)ns_copy_fault, elr_el2);
}

void rmm_bad_exception(const struct trap_regs *regs)
{
	panic_regs(regs, "unexpected exception to R-EL2");
}

void rmm_stack_overflow(unsigned long sp)
{
	panic("stack overflow: SP 0x%lx, ELR 0x%llx, FAR 0x%llx", sp, read_sysreg(elr_el2),
	      read_sysreg(far_el2));
}
