// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which features the CPUs have, by their ID registers, and the EL3 controls that let lower ELs use
 * them. A control stays off where the feature is absent: it may mean something else one day.
 */
#include <linux/bitfield.h>
#include <linux/types.h>
#include <sysreg.h>
#include "el3.h"

bool features[NR_FEATURES];
u64 scr_el3_features;
u64 mdcr_el3_features;

/* SCR_EL3 */
#define SCR_RES1		(BIT_ULL(4) | BIT_ULL(5))
#define SCR_HCE			BIT_ULL(8)
#define SCR_RW			BIT_ULL(10)
#define SCR_APK			BIT_ULL(16)
#define SCR_API			BIT_ULL(17)
#define SCR_ENSCXT		BIT_ULL(25)
#define SCR_ATA			BIT_ULL(26)
#define SCR_FGTEN		BIT_ULL(27)
#define SCR_ECVEN		BIT_ULL(28)
#define SCR_AMVOFFEN		BIT_ULL(35)
#define SCR_ENAS0		BIT_ULL(36)
#define SCR_ADEN		BIT_ULL(37)
#define SCR_HXEN		BIT_ULL(38)
#define SCR_GCSEN		BIT_ULL(39)
#define SCR_ENTP2		BIT_ULL(41)
#define SCR_RCWMASKEN		BIT_ULL(42)
#define SCR_TCR2EN		BIT_ULL(43)
#define SCR_SCTLR2EN		BIT_ULL(44)
#define SCR_PIEN		BIT_ULL(45)
#define SCR_AIEN		BIT_ULL(46)
#define SCR_D128EN		BIT_ULL(47)
#define SCR_ENFPM		BIT_ULL(50)
#define SCR_FGTEN2		BIT_ULL(59)

/* CPTR_EL3, ZCR_EL3, SMCR_EL3 */
#define CPTR_EZ			BIT_ULL(8)
#define CPTR_ESM		BIT_ULL(12)
#define SMCR_EZT0		BIT_ULL(30)
#define SMCR_FA64		BIT_ULL(31)

/* MDCR_EL3 */
#define MDCR_NSPB		GENMASK_ULL(13, 12)	/* profiling buffer: Non-secure, no traps */
#define MDCR_SPD32_OFF		BIT_ULL(15)
#define MDCR_SDD		BIT_ULL(16)		/* no self-hosted debug in Secure state */
#define MDCR_SCCD		BIT_ULL(23)		/* no cycle counting in Secure state */
#define MDCR_NSTB		GENMASK_ULL(25, 24)	/* trace buffer: Non-secure, no traps */
#define MDCR_MTPME		BIT_ULL(28)
#define MDCR_MCCD		BIT_ULL(34)		/* no cycle counting at EL3 */

static u64 field(u64 reg, unsigned int lsb)
{
	return (reg >> lsb) & 0xf;
}

static void detect_pfr(void)
{
	u64 pfr0 = read_sysreg(id_aa64pfr0_el1);
	u64 pfr1 = read_sysreg(id_aa64pfr1_el1);
	u64 pfr2 = read_sysreg(ID_AA64PFR2_EL1);
	u64 smfr0 = read_sysreg(ID_AA64SMFR0_EL1);

	features[FEATURE_RAS] = field(pfr0, 28);
	features[FEATURE_SVE] = field(pfr0, 32);
	features[FEATURE_MPAM] = field(pfr0, 40) || field(pfr1, 16);
	features[FEATURE_AMU] = field(pfr0, 44);
	features[FEATURE_AMUV1P1] = field(pfr0, 44) >= 2;
	features[FEATURE_SCXTNUM] = field(pfr0, 56) >= 2 ||
				    (field(pfr0, 56) == 1 && field(pfr1, 32) >= 2);
	features[FEATURE_MTE] = field(pfr1, 8) >= 2;
	features[FEATURE_SME] = field(pfr1, 24);
	features[FEATURE_SME2] = field(pfr1, 24) >= 2;
	features[FEATURE_SME_FA64] = features[FEATURE_SME] && (smfr0 & BIT_ULL(63));
	features[FEATURE_GCS] = field(pfr1, 44);
	features[FEATURE_THE] = field(pfr1, 48);
	features[FEATURE_FPMR] = field(pfr2, 32);
}

static void detect_mmfr(void)
{
	u64 mmfr0 = read_sysreg(id_aa64mmfr0_el1);
	u64 mmfr1 = read_sysreg(id_aa64mmfr1_el1);
	u64 mmfr3 = read_sysreg(ID_AA64MMFR3_EL1);

	features[FEATURE_FGT] = field(mmfr0, 56);
	features[FEATURE_FGT_AMU] = features[FEATURE_FGT] && features[FEATURE_AMU];
	features[FEATURE_FGT2] = field(mmfr0, 56) >= 2;
	features[FEATURE_ECV] = field(mmfr0, 60) >= 2;
	features[FEATURE_HCX] = field(mmfr1, 40);
	features[FEATURE_TCR2] = field(mmfr3, 0);
	features[FEATURE_SCTLR2] = field(mmfr3, 4);
	features[FEATURE_S1PIE] = field(mmfr3, 8);
	features[FEATURE_S2PIE] = field(mmfr3, 12);
	features[FEATURE_S1POE] = field(mmfr3, 16);
	features[FEATURE_S2POE] = field(mmfr3, 20);
	features[FEATURE_AIE] = field(mmfr3, 24);
	features[FEATURE_D128] = field(mmfr3, 32);
}

static void detect_rest(void)
{
	u64 isar1 = read_sysreg(id_aa64isar1_el1);
	u64 isar2 = read_sysreg(ID_AA64ISAR2_EL1);
	u64 dfr0 = read_sysreg(id_aa64dfr0_el1);

	/* APA, API and their PACGA parts, then APA3 and GPA3 */
	features[FEATURE_PAUTH] = (isar1 & (GENMASK_ULL(11, 4) | GENMASK_ULL(31, 24))) ||
				  (isar2 & GENMASK_ULL(15, 8));
	features[FEATURE_LS64_V] = field(isar1, 60) >= 2;
	features[FEATURE_LS64_ACCDATA] = field(isar1, 60) >= 3;
	features[FEATURE_SPE] = field(dfr0, 32);
	features[FEATURE_TRF] = field(dfr0, 40);
	features[FEATURE_TRBE] = field(dfr0, 44);
	features[FEATURE_MTPMU] = field(dfr0, 48) == 1;
	features[FEATURE_BRBE] = field(dfr0, 52);
}

static const struct {
	enum feature feature;
	u64 bits;
} scr_enables[] = {
	{ FEATURE_PAUTH, SCR_APK | SCR_API },
	{ FEATURE_SCXTNUM, SCR_ENSCXT },
	{ FEATURE_MTE, SCR_ATA },
	{ FEATURE_FGT, SCR_FGTEN },
	{ FEATURE_FGT2, SCR_FGTEN2 },
	{ FEATURE_ECV, SCR_ECVEN },
	{ FEATURE_AMUV1P1, SCR_AMVOFFEN },
	{ FEATURE_LS64_V, SCR_ENAS0 },
	{ FEATURE_LS64_ACCDATA, SCR_ADEN },
	{ FEATURE_HCX, SCR_HXEN },
	{ FEATURE_GCS, SCR_GCSEN },
	{ FEATURE_SME, SCR_ENTP2 },
	{ FEATURE_THE, SCR_RCWMASKEN },
	{ FEATURE_TCR2, SCR_TCR2EN },
	{ FEATURE_SCTLR2, SCR_SCTLR2EN },
	{ FEATURE_S1PIE, SCR_PIEN },
	{ FEATURE_S1POE, SCR_PIEN },
	{ FEATURE_S2PIE, SCR_PIEN },
	{ FEATURE_AIE, SCR_AIEN },
	{ FEATURE_D128, SCR_D128EN },
	{ FEATURE_FPMR, SCR_ENFPM },
};

/*
 * SCR_EL3 for both worlds but for NS and NSE. Nothing is routed to EL3: interrupts and external
 * aborts go to the world that runs, and so do granule protection faults (GPF = 0), as aborts.
 */
static u64 scr_value(void)
{
	u64 scr = SCR_RES1 | SCR_HCE | SCR_RW;

	for (unsigned int i = 0; i < ARRAY_SIZE(scr_enables); i++) {
		if (has_feature(scr_enables[i].feature))
			scr |= scr_enables[i].bits;
	}

	return scr;
}

/* MDCR_EL3 for both worlds but for SBRBE. */
static u64 mdcr_value(void)
{
	u64 mdcr = MDCR_SPD32_OFF | MDCR_SDD | MDCR_SCCD | MDCR_MCCD;

	if (has_feature(FEATURE_SPE))
		mdcr |= MDCR_NSPB;
	if (has_feature(FEATURE_TRBE))
		mdcr |= MDCR_NSTB;
	if (has_feature(FEATURE_MTPMU))
		mdcr |= MDCR_MTPME;

	return mdcr;
}

/* All CPUs of this machine are alike: once, on the boot CPU. */
void features_detect(void)
{
	features[FEATURE_ALWAYS] = true;
	detect_pfr();
	detect_mmfr();
	detect_rest();
	scr_el3_features = scr_value();
	mdcr_el3_features = mdcr_value();
}

/* On each CPU. */
void features_enable_lower_els(void)
{
	u64 cptr = 0;

	if (has_feature(FEATURE_SVE))
		cptr |= CPTR_EZ;
	if (has_feature(FEATURE_SME))
		cptr |= CPTR_ESM;
	write_sysreg(cptr, cptr_el3);
	isb();

	/* All vector lengths the CPU has. */
	if (has_feature(FEATURE_SVE))
		write_sysreg(ZCR_LEN, ZCR_EL3);
	if (has_feature(FEATURE_SME)) {
		write_sysreg(SMCR_LEN |
			     (has_feature(FEATURE_SME_FA64) ? SMCR_FA64 : 0) |
			     (has_feature(FEATURE_SME2) ? SMCR_EZT0 : 0), SMCR_EL3);
	}

	write_sysreg(mdcr_el3_features, mdcr_el3);
	if (has_feature(FEATURE_MPAM))
		write_sysreg(0, MPAM3_EL3);	/* TRAPLOWER off */
	isb();
}
