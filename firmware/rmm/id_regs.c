// SPDX-License-Identifier: GPL-2.0-only
/*
 * ID registers, see id_regs.h. Field names and positions are those of the Arm ARM,
 * ID_<register>_EL1.
 */
#include <linux/bitfield.h>
#include <linux/bits.h>
#include <sysreg.h>
#include "id_regs.h"
#include "rec.h"

/* Every field of an ID register is 4 bits wide, but for those spelled out. */
#define FIELD(shift)		(0xfULL << (shift))

#define PFR0_EL1		FIELD(4)
#define PFR0_EL2		FIELD(8)
#define PFR0_EL3		FIELD(12)
#define PFR0_SVE		FIELD(32)
#define PFR1_MTE		FIELD(8)
#define DFR0_DEBUGVER		FIELD(0)
#define DFR0_BRPS		FIELD(12)
#define DFR0_WRPS		FIELD(20)
#define DFR0_CTX_CMPS		FIELD(28)
#define DFR0_DOUBLELOCK		FIELD(36)
#define MMFR0_ECV		FIELD(60)
#define MMFR1_HAFDBS		FIELD(0)

/* The highest value of a field that a realm is shown */
#define EL_AARCH64		1	/* EL1 is AArch64, what is above does not matter */
#define MTE_INSTRUCTIONS	1	/* tags of memory are not switched */
#define DEBUG_V8P8		10	/* 8.9 has banked breakpoints */
#define ECV_SELF_SYNC		1	/* CNTPOFF_EL2 is the RMM's */
#define HAFDBS_DIRTY		2
#define DOUBLELOCK_NONE		0xf

/*
 * Bits of each register that a realm sees. Registers that are not named read as
 * zero: AA64PFR2, AA64SMFR0, AA64DFR1, AA64ISAR3, AA64MMFR3 and AA64MMFR4 describe features
 * whose registers are not switched.
 */
static const u64 visible[NR_ID_REGS] = {
	/* AArch32 at EL0 works as the hardware has it; no PMU, no trace. */
	[ID_PFR0] = GENMASK_ULL(15, 0) | FIELD(24),		/* State0-3, DIT */
	[ID_PFR1] = GENMASK_ULL(31, 0) & ~(FIELD(4) | FIELD(12)), /* Security, Virtualization */
	[ID_PFR2] = GENMASK_ULL(11, 0),
	[ID_DFR0] = FIELD(0),					/* CopDbg */
	[ID_MMFR0] = GENMASK_ULL(31, 0),
	[ID_MMFR1] = GENMASK_ULL(31, 0),
	[ID_MMFR2] = GENMASK_ULL(31, 0),
	[ID_MMFR3] = GENMASK_ULL(31, 0),
	[ID_MMFR4] = GENMASK_ULL(31, 0),
	[ID_MMFR5] = GENMASK_ULL(31, 0),
	[ID_ISAR0] = GENMASK_ULL(31, 0),
	[ID_ISAR1] = GENMASK_ULL(31, 0),
	[ID_ISAR2] = GENMASK_ULL(31, 0),
	[ID_ISAR3] = GENMASK_ULL(31, 0),
	[ID_ISAR4] = GENMASK_ULL(31, 0),
	[ID_ISAR5] = GENMASK_ULL(31, 0),
	[ID_ISAR6] = GENMASK_ULL(31, 0),
	[ID_MVFR0] = GENMASK_ULL(31, 0),
	[ID_MVFR1] = GENMASK_ULL(31, 0),
	[ID_MVFR2] = GENMASK_ULL(31, 0),

	/* EL0-3, FP, AdvSIMD, GIC, SVE, DIT, CSV2, CSV3 */
	[ID_AA64PFR0] = GENMASK_ULL(27, 0) | PFR0_SVE | FIELD(48) | FIELD(56) | FIELD(60),
	/* BT, SSBS, MTE, CSV2_frac */
	[ID_AA64PFR1] = FIELD(0) | FIELD(4) | PFR1_MTE | FIELD(32),
	[ID_AA64ZFR0] = ~0ULL,
	[ID_AA64DFR0] = DFR0_DEBUGVER | DFR0_BRPS | DFR0_WRPS | DFR0_CTX_CMPS | DFR0_DOUBLELOCK,
	/* all but TME */
	[ID_AA64ISAR0] = ~(FIELD(0) | FIELD(24)),
	/* all but LS64 */
	[ID_AA64ISAR1] = ~FIELD(60),
	/* all but SYSREG_128, SYSINSTR_128 */
	[ID_AA64ISAR2] = ~(FIELD(32) | FIELD(36)),
	/* PARange, ASIDBits, BigEnd, BigEndEL0, TGran16, TGran64, TGran4, ECV */
	[ID_AA64MMFR0] = GENMASK_ULL(11, 0) | GENMASK_ULL(31, 16) | MMFR0_ECV,
	/* HAFDBS, HPDS, PAN, SpecSEI, ETS, AFP, nTLBPA, TIDCP1, CMOW, ECBHB */
	[ID_AA64MMFR1] = MMFR1_HAFDBS | FIELD(12) | FIELD(20) | FIELD(24) | FIELD(36) |
			 GENMASK_ULL(63, 44),
	/* CnP, UAO, LSM, VARange, CCIDX, ST, AT, IDS, TTL, BBM, E0PD */
	[ID_AA64MMFR2] = GENMASK_ULL(11, 0) | FIELD(16) | FIELD(20) | FIELD(28) | FIELD(32) |
			 BIT_ULL(36) | FIELD(48) | FIELD(52) | FIELD(60),
};

/* A feature is there when a field is at least @min; several rows: any of them. */
static const struct {
	u8 feature;
	u8 reg;
	u8 shift;
	u8 min;
} feature_rules[] = {
	{ CPU_PAUTH,		ID_AA64ISAR1,	4,	1 },	/* APA */
	{ CPU_PAUTH,		ID_AA64ISAR1,	8,	1 },	/* API */
	{ CPU_PAUTH,		ID_AA64ISAR2,	12,	1 },	/* APA3 */
	{ CPU_PAUTH_GENERIC,	ID_AA64ISAR1,	24,	1 },	/* GPA */
	{ CPU_PAUTH_GENERIC,	ID_AA64ISAR1,	28,	1 },	/* GPI */
	{ CPU_PAUTH_GENERIC,	ID_AA64ISAR2,	8,	1 },	/* GPA3 */
	{ CPU_CSV2_2,		ID_AA64PFR0,	56,	2 },
	{ CPU_CSV2_2,		ID_AA64PFR1,	32,	2 },	/* CSV2_frac */
	{ CPU_RAS,		ID_AA64PFR0,	28,	1 },
	{ CPU_SVE,		ID_AA64PFR0,	32,	1 },
	{ CPU_SME,		ID_AA64PFR1,	24,	1 },
	{ CPU_SME_FA64,		ID_AA64SMFR0,	60,	8 },	/* its highest bit */
	{ CPU_FGT,		ID_AA64MMFR0,	56,	1 },
	{ CPU_FGT2,		ID_AA64MMFR0,	56,	2 },
	{ CPU_HCX,		ID_AA64MMFR1,	40,	1 },
	{ CPU_MOPS,		ID_AA64ISAR2,	16,	1 },
	{ CPU_SSBS,		ID_AA64PFR1,	4,	1 },
	{ CPU_NMI,		ID_AA64PFR1,	36,	1 },
	{ CPU_MTE2,		ID_AA64PFR1,	8,	2 },
	{ CPU_EBEP,		ID_AA64DFR1,	48,	1 },
};

#define PMUVER_SHIFT		8
#define PMUVER_IMPDEF		0xf

u32 cpu_features;

static u64 hw[NR_ID_REGS];

static unsigned int id_field(enum id_reg reg, unsigned int shift)
{
	return (hw[reg] >> shift) & 0xf;
}

void id_regs_init(void)
{
	u32 found = 1U << CPU_ALWAYS;
	unsigned int pmuver;
	unsigned int i;

#define ID_READ(name, crm, op2)	hw[ID_##name] = read_sysreg(S3_0_C0_C##crm##_##op2);
	ID_REGS(ID_READ)
#undef ID_READ

	for (i = 0; i < ARRAY_SIZE(feature_rules); i++) {
		if (id_field(feature_rules[i].reg, feature_rules[i].shift) >= feature_rules[i].min)
			found |= 1U << feature_rules[i].feature;
	}

	pmuver = id_field(ID_AA64DFR0, PMUVER_SHIFT);
	if (pmuver && pmuver != PMUVER_IMPDEF)
		found |= 1U << CPU_PMU;
	/* In one write: other CPUs may be using it, and all find the same. */
	WRITE_ONCE(cpu_features, found);
}

unsigned int id_nr_breakpoints(void)
{
	return FIELD_GET(DFR0_BRPS, hw[ID_AA64DFR0]) + 1;
}

unsigned int id_nr_watchpoints(void)
{
	return FIELD_GET(DFR0_WRPS, hw[ID_AA64DFR0]) + 1;
}

/* Lower a field that is above @max. */
static u64 field_limit(u64 value, u64 mask, u64 max)
{
	if (FIELD_GET(mask, value) <= max)
		return value;
	return (value & ~mask) | FIELD_PREP(mask, max);
}

static u64 realm_pfr0(const struct rd *rd, u64 value)
{
	value = field_limit(value, PFR0_EL1, EL_AARCH64);
	value = field_limit(value, PFR0_EL2, EL_AARCH64);
	value = field_limit(value, PFR0_EL3, EL_AARCH64);
	return rd->sve ? value : value & ~PFR0_SVE;
}

static u64 realm_dfr0(const struct rd *rd, u64 value)
{
	value = field_limit(value, DFR0_DEBUGVER, DEBUG_V8P8);
	value = field_limit(value, DFR0_BRPS, rd->num_bps);
	value = field_limit(value, DFR0_WRPS, rd->num_wps);
	value = field_limit(value, DFR0_CTX_CMPS, rd->num_bps);
	return value | FIELD_PREP(DFR0_DOUBLELOCK, DOUBLELOCK_NONE);
}

/* What depends on the realm, or is not simply there or not there */
static u64 realm_adjust(const struct rd *rd, enum id_reg reg, u64 value)
{
	switch (reg) {
	case ID_AA64PFR0:
		return realm_pfr0(rd, value);
	case ID_AA64ZFR0:
		return rd->sve ? value : 0;
	case ID_AA64PFR1:
		return field_limit(value, PFR1_MTE, MTE_INSTRUCTIONS);
	case ID_AA64DFR0:
		return realm_dfr0(rd, value);
	case ID_AA64MMFR0:
		return field_limit(value, MMFR0_ECV, ECV_SELF_SYNC);
	case ID_AA64MMFR1:
		return field_limit(value, MMFR1_HAFDBS, HAFDBS_DIRTY);
	default:
		return value;
	}
}

u64 id_reg_realm(const struct rec *rec, unsigned int crm, unsigned int op2)
{
	static const struct {
		u8 crm;
		u8 op2;
	} encodings[] = {
#define ID_ENCODING(name, crm, op2)	{ crm, op2 },
		ID_REGS(ID_ENCODING)
#undef ID_ENCODING
	};
	unsigned int n;

	for (n = 0; n < NR_ID_REGS; n++) {
		if (encodings[n].crm == crm && encodings[n].op2 == op2)
			return realm_adjust(rec->rd, n, hw[n] & visible[n]);
	}
	return 0;
}
