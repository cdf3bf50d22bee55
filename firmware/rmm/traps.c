// SPDX-License-Identifier: GPL-2.0-only
/*
 * EL2 controls while a realm runs: what traps to the RMM, and what a realm cannot
 * reach. The host's values need no saving here, EL3 switches them with the world.
 */
#include <linux/bitfield.h>
#include <sysreg.h>
#include "id_regs.h"
#include "run.h"

/*
 * Interrupts and aborts of the hardware, SMCs, ID registers, and registers of features
 * that realms do not have (id_regs.c) come to R-EL2. Everything else works at EL1. GPF
 * is clear: a granule protection fault on shared memory is the realm's to handle (A5.2.7).
 * FB and BSU: maintenance and barriers that a REC means for its own CPU reach the one it
 * moves to.
 */
#define HCR_EL2_EXCEPTIONS	(HCR_EL2_FMO | HCR_EL2_IMO | HCR_EL2_AMO | HCR_EL2_TEA)
#define HCR_EL2_TRAPS		(HCR_EL2_TID1 | HCR_EL2_TID3 | HCR_EL2_TID5 | HCR_EL2_TSC | \
				 HCR_EL2_TIDCP | HCR_EL2_TACR | HCR_EL2_TLOR | HCR_EL2_TERR)
#define HCR_EL2_REALM		(HCR_EL2_E2H | HCR_EL2_RW | HCR_EL2_VM | HCR_EL2_FWB | \
				 HCR_EL2_SWIO | HCR_EL2_PTW | HCR_EL2_FB | HCR_EL2_BSU_IS | \
				 HCR_EL2_EXCEPTIONS | HCR_EL2_TRAPS)

/* HCRX_EL2: all that is clear here traps, or is without effect for the realm. */
#define HCRX_EL2_TALLINT	BIT_ULL(6)
#define HCRX_EL2_MSCEN		BIT_ULL(11)

/* MDCR_EL2 */
#define MDCR_HPMN		GENMASK_ULL(4, 0)
#define MDCR_TPMCR		BIT_ULL(5)
#define MDCR_TPM		BIT_ULL(6)
#define MDCR_TDOSA		BIT_ULL(10)
#define MDCR_TDRA		BIT_ULL(11)
#define MDCR_TPMS		BIT_ULL(14)
#define MDCR_TTRF		BIT_ULL(19)
#define MDCR_TDCC		BIT_ULL(27)
#define MDCR_REALM		(MDCR_TPMCR | MDCR_TPM | MDCR_TDOSA | MDCR_TDRA | MDCR_TPMS | \
				 MDCR_TTRF | MDCR_TDCC)

#define PMCR_N			GENMASK_ULL(15, 11)

/* HDFGRTR_EL2 and HDFGWTR_EL2: debug registers that the host has too, and no other control traps */
#define HDFG_DBGCLAIM		BIT_ULL(5)
#define HDFG_OSECCR		BIT_ULL(10)
#define HDFG_REALM		(HDFG_DBGCLAIM | HDFG_OSECCR)

/* CPTR_EL2 with HCR_EL2.E2H set */
#define CPTR_ZEN		GENMASK_ULL(17, 16)
#define CPTR_FPEN		GENMASK_ULL(21, 20)
#define CPTR_TTA		BIT_ULL(28)
#define CPTR_TAM		BIT_ULL(30)

static u64 hcr_value(void)
{
	u64 hcr = HCR_EL2_REALM;

	if (cpu_has(CPU_PAUTH) || cpu_has(CPU_PAUTH_GENERIC))
		hcr |= HCR_EL2_APK | HCR_EL2_API;
	if (cpu_has(CPU_CSV2_2))
		hcr |= HCR_EL2_ENSCXT;
	return hcr;
}

static u64 hcrx_value(void)
{
	u64 hcrx = 0;

	if (cpu_has(CPU_NMI))
		hcrx |= HCRX_EL2_TALLINT;
	if (cpu_has(CPU_MOPS))
		hcrx |= HCRX_EL2_MSCEN;
	return hcrx;
}

static u64 mdcr_value(void)
{
	u64 mdcr = MDCR_REALM;

	/* No other number of counters is always allowed. */
	if (cpu_has(CPU_PMU))
		mdcr |= FIELD_PREP(MDCR_HPMN, FIELD_GET(PMCR_N, read_sysreg(pmcr_el0)));
	return mdcr;
}

/* Zero traps what a realm does not have but for HDFG_REALM, and nothing that it has. */
static void fine_grained_traps(void)
{
	if (cpu_has(CPU_FGT)) {
		write_sysreg(0, HFGRTR_EL2);
		write_sysreg(0, HFGWTR_EL2);
		write_sysreg(0, HFGITR_EL2);
		write_sysreg(HDFG_REALM, HDFGRTR_EL2);
		write_sysreg(HDFG_REALM, HDFGWTR_EL2);
	}
	if (cpu_has(CPU_FGT2)) {
		write_sysreg(0, HFGRTR2_EL2);
		write_sysreg(0, HFGWTR2_EL2);
		write_sysreg(0, HFGITR2_EL2);
		write_sysreg(0, HDFGRTR2_EL2);
		write_sysreg(0, HDFGWTR2_EL2);
	}
}

void traps_load(const struct rec *rec, u64 wfx)
{
	write_sysreg(hcr_value() | wfx, hcr_el2);
	if (cpu_has(CPU_HCX))
		write_sysreg(hcrx_value(), HCRX_EL2);
	fine_grained_traps();
	write_sysreg(mdcr_value(), mdcr_el2);
	write_sysreg(0, hstr_el2);
	traps_simd(rec, false);

	write_sysreg(read_sysreg(midr_el1), vpidr_el2);
	write_sysreg(rec->mpidr, vmpidr_el2);
	write_sysreg(s2tt_vtcr(&rec->s2), vtcr_el2);
	write_sysreg(s2tt_vttbr(&rec->s2), vttbr_el2);
	isb();
}

void traps_simd(const struct rec *rec, bool allow)
{
	u64 cptr = CPTR_TTA | CPTR_TAM;

	if (allow)
		cptr |= CPTR_FPEN;
	if (allow && rec->rd->sve)
		cptr |= CPTR_ZEN;
	write_sysreg(cptr, cptr_el2);
	isb();
}

void traps_unload(void)
{
	write_sysreg(RMM_HCR_EL2, hcr_el2);
	isb();
}
