/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What each CPU has to itself. TPIDR_EL2 points to its struct rmm_cpu.
 *
 * The RMM runs at R-EL2 with HCR_EL2.E2H = 1 and TGE = 0 (RMM_HCR_EL2), so that
 * EL1 registers of a realm are reached by their _EL12 and _EL02 names, and TLB
 * maintenance for EL1&0 acts on the VMID in VTTBR_EL2. All interrupts are masked
 * in the RMM itself. SP_EL2 is used; an exception from EL2 ends in a panic unless
 * it is a fault in ns_read() or ns_write().
 *
 * vectors.S sends exceptions from a lower EL to rec_exit_sync, rec_exit_irq,
 * rec_exit_fiq and rec_exit_serror with every register still the realm's and
 * SP_EL2 as it was at ERET.
 */
#ifndef RMM_CPU_H
#define RMM_CPU_H

#include <sysreg.h>

#define RMM_MAX_CPUS	8

#define RMM_HCR_EL2	(HCR_EL2_E2H | HCR_EL2_RW)

#ifndef __ASSEMBLER__
#include <linux/types.h>

/**
 * struct rmm_cpu - one CPU
 * @rec: the REC it runs, NULL when none
 * @op: the operation on whose behalf it runs a command that was put off, NULL when none;
 *	see op_begin()
 * @id: 0 to RMM_MAX_CPUS - 1, linear index given by EL3
 */
struct rmm_cpu {
	void *rec;
	void *op;
	unsigned long id;
};

static inline struct rmm_cpu *this_cpu(void)
{
	struct rmm_cpu *cpu;

	asm volatile("mrs %0, tpidr_el2" : "=r" (cpu));
	return cpu;
}
#endif
#endif
