/* SPDX-License-Identifier: GPL-2.0-only */
/* General-purpose registers of a realm, filled and looked at: rec_regs.S */
#ifndef TESTS_REC_REGS_H
#define TESTS_REC_REGS_H

/* X0 to X30, and NZCV */
#define REC_REGS_SIZE		(32 * 8)

#ifndef __ASSEMBLER__

#include <linux/types.h>

/**
 * guest_gprs_raw() - leave the realm with a known value in every register
 * @seed: Xn holds this and 0x10000 * n, but for X0 and X1; its bit 0 decides NZCV:
 *	0xa0000000 if set, else 0x50000000
 * @how: enum leave of rec_regs.c
 * @shared: an address that is shared memory, with an unmapped page behind it
 * @after: receives what the registers hold afterwards
 */
void guest_gprs_raw(u64 seed, u64 how, u64 shared, u64 *after);

#endif /* !__ASSEMBLER__ */
#endif /* TESTS_REC_REGS_H */
