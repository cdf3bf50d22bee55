/* SPDX-License-Identifier: GPL-2.0-only */
/* SMCs that C code cannot make, and how a REC starts that PSCI turns on; for code in the realm. */
#ifndef TESTS_GUEST_SMC_H
#define TESTS_GUEST_SMC_H

/* Offsets in struct guest_life, for guest_smc.S */
#define GUEST_LIFE_X		0x20
#define GUEST_LIFE_SCTLR	0x118
#define GUEST_LIFE_PSTATE	0x120
#define GUEST_LIFE_STORED	0x128

#ifndef __ASSEMBLER__

#include <linux/arm-smccc.h>
#include <linux/types.h>
#include "guest.h"

/**
 * struct guest_life - context ID for PSCI CPU_ON with guest_life_entry
 * @start: what the REC executes then
 * @x: X0 to X30 at the entry point
 * @sctlr: SCTLR_EL1 there
 * @pstate: DAIF, CurrentEL and SPSel there
 * @stored: 1, stored with the endianness that the REC started with
 */
struct guest_life {
	struct guest_start start;
	u64 x[31];
	u64 sctlr;
	u64 pstate;
	u64 stored;
};

/* Entry point; goes on little-endian, whatever it found. */
extern const char guest_life_entry[];

/* SMC with another immediate than 0, as guest_smc() */
void guest_smc_1(struct arm_smccc_1_2_regs *regs);
void guest_smc_8000(struct arm_smccc_1_2_regs *regs);
void guest_smc_ffff(struct arm_smccc_1_2_regs *regs);

/** guest_smc_be() - as guest_smc(), made with SCTLR_EL1.EE set */
void guest_smc_be(struct arm_smccc_1_2_regs *regs);

/**
 * guest_psci_dirty() - PSCI function that does not return, with all registers in use
 * @fid: function ID
 * @be: with SCTLR_EL1.EE set
 *
 * X1 to X30 are ones.
 */
__noreturn void guest_psci_dirty(u64 fid, bool be);

#endif /* !__ASSEMBLER__ */
#endif /* TESTS_GUEST_SMC_H */
