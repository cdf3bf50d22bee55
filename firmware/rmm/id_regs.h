/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ID registers: what the CPU has, and what of it a realm is shown.
 *
 * Reads by a realm trap (HCR_EL2.TID3) and answer the hardware's value masked with
 * what the table in id_regs.c lets through: a feature is shown only when the RMM
 * switches all its state, or when it has none. Everything else reads as absent, and
 * its registers trap (traps.c).
 */
#ifndef RMM_ID_REGS_H
#define RMM_ID_REGS_H

#include <linux/types.h>

struct rec;

/* R(name, CRm, op2) for each register S3_0_C0_C<CRm>_<op2> */
#define ID_REGS(R)						\
	R(PFR0, 1, 0)		R(PFR1, 1, 1)			\
	R(DFR0, 1, 2)		R(AFR0, 1, 3)			\
	R(MMFR0, 1, 4)		R(MMFR1, 1, 5)			\
	R(MMFR2, 1, 6)		R(MMFR3, 1, 7)			\
	R(ISAR0, 2, 0)		R(ISAR1, 2, 1)			\
	R(ISAR2, 2, 2)		R(ISAR3, 2, 3)			\
	R(ISAR4, 2, 4)		R(ISAR5, 2, 5)			\
	R(MMFR4, 2, 6)		R(ISAR6, 2, 7)			\
	R(MVFR0, 3, 0)		R(MVFR1, 3, 1)			\
	R(MVFR2, 3, 2)		R(PFR2, 3, 4)			\
	R(DFR1, 3, 5)		R(MMFR5, 3, 6)			\
	R(AA64PFR0, 4, 0)	R(AA64PFR1, 4, 1)		\
	R(AA64PFR2, 4, 2)	R(AA64ZFR0, 4, 4)		\
	R(AA64SMFR0, 4, 5)					\
	R(AA64DFR0, 5, 0)	R(AA64DFR1, 5, 1)		\
	R(AA64ISAR0, 6, 0)	R(AA64ISAR1, 6, 1)		\
	R(AA64ISAR2, 6, 2)	R(AA64ISAR3, 6, 3)		\
	R(AA64MMFR0, 7, 0)	R(AA64MMFR1, 7, 1)		\
	R(AA64MMFR2, 7, 2)	R(AA64MMFR3, 7, 3)		\
	R(AA64MMFR4, 7, 4)

enum id_reg {
#define ID_ENUM(name, crm, op2)	ID_##name,
	ID_REGS(ID_ENUM)
#undef ID_ENUM
	NR_ID_REGS,
};

/** enum cpu_feature - features of the hardware that change what the RMM does */
enum cpu_feature {
	CPU_ALWAYS,
	CPU_PAUTH,
	CPU_PAUTH_GENERIC,
	CPU_CSV2_2,
	CPU_RAS,
	CPU_SVE,
	CPU_SME,
	CPU_SME_FA64,
	CPU_FGT,
	CPU_FGT2,
	CPU_HCX,
	CPU_MOPS,
	CPU_SSBS,
	CPU_NMI,
	CPU_MTE2,
	CPU_EBEP,
	CPU_PMU,
};

extern u32 cpu_features;

/** cpu_has() - does the CPU have a feature? */
static inline bool cpu_has(enum cpu_feature feature)
{
	return cpu_features & (1U << feature);
}

/** id_regs_init() - read the ID registers; on each CPU, before it runs a REC */
void id_regs_init(void);

/**
 * id_reg_realm() - value of an ID register for a realm
 * @rec: the REC that reads it
 * @crm: CRm, 1 to 7
 * @op2: op2, 0 to 7
 *
 * Return: the value; 0 for a register that is not allocated
 */
u64 id_reg_realm(const struct rec *rec, unsigned int crm, unsigned int op2);

/** id_nr_breakpoints() - breakpoints that the CPU has */
unsigned int id_nr_breakpoints(void);

/** id_nr_watchpoints() - watchpoints that the CPU has */
unsigned int id_nr_watchpoints(void);

#endif
