// SPDX-License-Identifier: GPL-2.0-only
/* Faults at NS-EL2: those that a test asks for, all others are the end. */
#include <sysreg.h>
#include "harness.h"

#define VECTOR_SYNC_SPX	0x200

static u64 fault_esr[MAX_CPUS];

void trap_handle(struct trap_regs *regs, unsigned long vector)
{
	u64 elr = read_sysreg(elr_el2);
	u64 esr = read_sysreg(esr_el2);

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
