/* SPDX-License-Identifier: GPL-2.0-only */
/* SMC Calling Convention (Arm DEN0028): what the firmware and its tests need of it. */
#ifndef FIRMWARE_LINUX_ARM_SMCCC_H
#define FIRMWARE_LINUX_ARM_SMCCC_H

#include <linux/types.h>

#define SMCCC_VERSION			0x80000000U

/* Of a function ID: the caller has no live SVE state. No function of its own. */
#define SMCCC_SVE_HINT			0x10000ULL

#define SMCCC_RET_SUCCESS		0
#define SMCCC_RET_NOT_SUPPORTED		-1
#define SMCCC_RET_NOT_REQUIRED		-2
#define SMCCC_RET_INVALID_PARAMETER	-3

#ifndef __ASSEMBLER__

/**
 * smccc_version() - the version of SMCCC that a CPU's features ask for
 * @sve: it has FEAT_SVE, so callers may set the hint of SMCCC 1.3
 * @sme: it has FEAT_SME, of which SMCCC 1.4 tells what calls leave alone
 */
static inline u32 smccc_version(bool sve, bool sme)
{
	return sme ? 0x10004 : sve ? 0x10003 : 0x10002;
}

/**
 * struct arm_smccc_1_2_regs - arguments and results of an SMC, x0 to x17
 */
struct arm_smccc_1_2_regs {
	unsigned long a0;
	unsigned long a1;
	unsigned long a2;
	unsigned long a3;
	unsigned long a4;
	unsigned long a5;
	unsigned long a6;
	unsigned long a7;
	unsigned long a8;
	unsigned long a9;
	unsigned long a10;
	unsigned long a11;
	unsigned long a12;
	unsigned long a13;
	unsigned long a14;
	unsigned long a15;
	unsigned long a16;
	unsigned long a17;
};

/**
 * arm_smccc_1_2_smc() - make an SMC with all eighteen registers
 * @args: x0 to x17 of the call
 * @res: x0 to x17 of the answer; may be @args
 */
void arm_smccc_1_2_smc(const struct arm_smccc_1_2_regs *args,
		       struct arm_smccc_1_2_regs *res);

#endif /* !__ASSEMBLER__ */
#endif /* FIRMWARE_LINUX_ARM_SMCCC_H */
