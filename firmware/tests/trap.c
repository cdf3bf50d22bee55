// SPDX-License-Identifier: GPL-2.0-only
/* Exceptions to NS-EL2: those that a test asks for, all others are the end. */
#include <sysreg.h>
#include "harness.h"

#define VECTOR_SYNC_SPX		0x200
#define VECTOR_SYNC_LOWER	0x400
#define VECTOR_SYNC_LOWER_32	0x600

static u64 fault_esr[MAX_CPUS];

/* Code of a test at EL1 is through. */
static bool is_hvc(u64 esr, unsigned long vector)
{
	u64 class = FIELD_GET(ESR_EC, esr);

	return (vector == VECTOR_SYNC_LOWER && class == ESR_EC_HVC64) ||
	       (vector == VECTOR_SYNC_LOWER_32 && class == ESR_EC_HVC32);
}

void trap_handle(struct trap_regs *regs, unsigned long vector)
{
	u64 elr = read_sysreg(elr_el2);
	u64 esr = read_sysreg(esr_el2);

	if (is_hvc(esr, vector)) {
		write_sysreg(el1_returned, elr_el2);
		write_sysreg(SPSR_M_EL2H | SPSR_DAIF, spsr_el2);
		return;
	}

	if (vector != VECTOR_SYNC_SPX || FIELD_GET(ESR_EC, esr) != ESR_EC_DABT_CUR ||
	    (elr != (u64)try_read_access && elr != (u64)try_write_access))
		panic_regs(regs, "unexpected exception at vector 0x%lx", vector);

	fault_esr[cpu_index()] = esr;
	regs->x[0] = 0;
	write_sysreg(elr + 4, elr_el2);
}

u64 try_read(phys_addr_t pa, u64 *esr)
{
	u64 value;

	fault_esr[cpu_index()] = 0;
	value = try_read_raw(pa);
	*esr = READ_ONCE(fault_esr[cpu_index()]);

	return value;
}

u64 try_write(phys_addr_t pa, u64 value)
{
	fault_esr[cpu_index()] = 0;
	try_write_raw(pa, value);

	return READ_ONCE(fault_esr[cpu_index()]);
}
