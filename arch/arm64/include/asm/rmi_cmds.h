/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Calls from the kernel to the Realm Management Monitor (Arm DEN0137).
 *
 * The definitions and one typed wrapper per command are generated from
 * arch/arm64/tools/rmi; this file adds how the kernel makes the call.
 */
#ifndef __ASM_RMI_CMDS_H
#define __ASM_RMI_CMDS_H

#include <linux/arm-smccc.h>

#include <asm/rmi-defs.h>

/**
 * rmi_smc() - Make one RMI call
 * @regs: X0..X17 of the call, replaced by those of the answer
 *
 * The conduit is always SMC: only a host at EL2 talks to an RMM. A command may
 * be answered with RMI_BUSY, RMI_BLOCKED or RMI_INCOMPLETE; this function does
 * not retry.
 */
static inline void rmi_smc(struct arm_smccc_1_2_regs *regs)
{
	arm_smccc_1_2_smc(regs, regs);
}

#include <asm/rmi-calls.h>

#endif /* __ASM_RMI_CMDS_H */
