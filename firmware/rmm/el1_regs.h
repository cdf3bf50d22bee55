/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The EL1 and EL0 system registers that belong to a REC (RmmSystemRegisters of
 * DEN0137). One line a register: member of struct el1_regs, name by which R-EL2
 * reaches it (HCR_EL2.E2H = 1), feature it needs (enum cpu_feature).
 *
 * A compare value comes before its control register: restored in this order a
 * timer never fires for a stale compare value.
 *
 * Registers of features that a realm does not get (id_regs.c) are missing here:
 * their accesses trap to the RMM (traps.c), which makes them undefined (sysregs.c).
 */
#ifndef RMM_EL1_REGS_H
#define RMM_EL1_REGS_H

#define EL1_REGS(R)						\
	R(sp_el0,	SP_EL0,			ALWAYS)		\
	R(sp_el1,	SP_EL1,			ALWAYS)		\
	R(elr_el1,	ELR_EL12,		ALWAYS)		\
	R(spsr_el1,	SPSR_EL12,		ALWAYS)		\
	R(tpidr_el0,	TPIDR_EL0,		ALWAYS)		\
	R(tpidrro_el0,	TPIDRRO_EL0,		ALWAYS)		\
	R(tpidr_el1,	TPIDR_EL1,		ALWAYS)		\
	R(scxtnum_el0,	S3_3_C13_C0_7,		CSV2_2)		\
	R(scxtnum_el1,	S3_5_C13_C0_7,		CSV2_2)		\
	R(csselr_el1,	CSSELR_EL1,		ALWAYS)		\
	R(sctlr_el1,	SCTLR_EL12,		ALWAYS)		\
	R(cpacr_el1,	CPACR_EL12,		ALWAYS)		\
	R(tcr_el1,	TCR_EL12,		ALWAYS)		\
	R(ttbr0_el1,	TTBR0_EL12,		ALWAYS)		\
	R(ttbr1_el1,	TTBR1_EL12,		ALWAYS)		\
	R(mair_el1,	MAIR_EL12,		ALWAYS)		\
	R(amair_el1,	AMAIR_EL12,		ALWAYS)		\
	R(contextidr_el1, CONTEXTIDR_EL12,	ALWAYS)		\
	R(vbar_el1,	VBAR_EL12,		ALWAYS)		\
	R(esr_el1,	ESR_EL12,		ALWAYS)		\
	R(far_el1,	FAR_EL12,		ALWAYS)		\
	R(afsr0_el1,	AFSR0_EL12,		ALWAYS)		\
	R(afsr1_el1,	AFSR1_EL12,		ALWAYS)		\
	R(par_el1,	PAR_EL1,		ALWAYS)		\
	R(mdscr_el1,	MDSCR_EL1,		ALWAYS)		\
	R(cntkctl_el1,	CNTKCTL_EL12,		ALWAYS)		\
	R(cntp_cval_el0, CNTP_CVAL_EL02,	ALWAYS)		\
	R(cntp_ctl_el0,	CNTP_CTL_EL02,		ALWAYS)		\
	R(cntv_cval_el0, CNTV_CVAL_EL02,	ALWAYS)		\
	R(cntv_ctl_el0,	CNTV_CTL_EL02,		ALWAYS)		\
	R(vdisr_el2,	S3_4_C12_C1_1,		RAS)		\
	R(apiakeylo_el1, S3_0_C2_C1_0,		PAUTH)		\
	R(apiakeyhi_el1, S3_0_C2_C1_1,		PAUTH)		\
	R(apibkeylo_el1, S3_0_C2_C1_2,		PAUTH)		\
	R(apibkeyhi_el1, S3_0_C2_C1_3,		PAUTH)		\
	R(apdakeylo_el1, S3_0_C2_C2_0,		PAUTH)		\
	R(apdakeyhi_el1, S3_0_C2_C2_1,		PAUTH)		\
	R(apdbkeylo_el1, S3_0_C2_C2_2,		PAUTH)		\
	R(apdbkeyhi_el1, S3_0_C2_C2_3,		PAUTH)		\
	R(apgakeylo_el1, S3_0_C2_C3_0,		PAUTH_GENERIC)	\
	R(apgakeyhi_el1, S3_0_C2_C3_1,		PAUTH_GENERIC)

#endif
