/* SPDX-License-Identifier: GPL-2.0-only */
/* The two worlds that share a CPU below EL3, and the registers that are switched between them. */
#ifndef EL3_WORLD_H
#define EL3_WORLD_H

#include <console.h>
#include <linux/types.h>
#include "features.h"

enum world {
	WORLD_NS,
	WORLD_REALM,
	NR_WORLDS,
};

/*
 * System registers that both worlds use: X(register, feature it exists with).
 *
 * Not here, on purpose:
 * - FP, SIMD and SVE registers with FPCR and FPSR, and SVCR: the RMM does not use them, and saves
 *   the host's when a realm first does in a REC_ENTER. ZA and ZT0 stay the host's, as no realm has
 *   SME;
 * - ICC_* but ICC_SRE_*, and ICH_*: interrupts and list registers are the host's, the RMM borrows
 *   them;
 * - CNTHP_*, CNTHV_*: the host's own timers must go on and interrupt the realm;
 * - branch records (BRBE): in the Realm world nothing is recorded and their registers trap to EL3;
 * - PMU, breakpoints and watchpoints: the RMM saves what it lets a realm have;
 * - AArch32 state and nested virtualization (VNCR_EL2): no realm has it, the RMM does not touch it.
 */
#define WORLD_SYSREGS(X)			\
	/* EL2: control */			\
	X(sctlr_el2, ALWAYS)			\
	X(actlr_el2, ALWAYS)			\
	X(hcr_el2, ALWAYS)			\
	X(HCRX_EL2, HCX)			\
	X(cptr_el2, ALWAYS)			\
	X(mdcr_el2, ALWAYS)			\
	X(hstr_el2, ALWAYS)			\
	X(hacr_el2, ALWAYS)			\
	X(HFGRTR_EL2, FGT)			\
	X(HFGWTR_EL2, FGT)			\
	X(HFGITR_EL2, FGT)			\
	X(HDFGRTR_EL2, FGT)			\
	X(HDFGWTR_EL2, FGT)			\
	X(HAFGRTR_EL2, FGT_AMU)			\
	X(HFGRTR2_EL2, FGT2)			\
	X(HFGWTR2_EL2, FGT2)			\
	X(HFGITR2_EL2, FGT2)			\
	X(HDFGRTR2_EL2, FGT2)			\
	X(HDFGWTR2_EL2, FGT2)			\
	X(SCTLR2_EL2, SCTLR2)			\
	X(ZCR_EL2, SVE)				\
	X(SMCR_EL2, SME)			\
	X(TRFCR_EL2, TRF)			\
	X(ICC_SRE_EL2, ALWAYS)			\
	/* EL2: translation */			\
	X(ttbr0_el2, ALWAYS)			\
	X(TTBR1_EL2, ALWAYS)			\
	X(tcr_el2, ALWAYS)			\
	X(TCR2_EL2, TCR2)			\
	X(mair_el2, ALWAYS)			\
	X(amair_el2, ALWAYS)			\
	X(PIR_EL2, S1PIE)			\
	X(PIRE0_EL2, S1PIE)			\
	X(POR_EL2, S1POE)			\
	X(S2PIR_EL2, S2PIE)			\
	X(vttbr_el2, ALWAYS)			\
	X(vtcr_el2, ALWAYS)			\
	X(CONTEXTIDR_EL2, ALWAYS)		\
	/* EL2: exceptions and identity */	\
	X(vbar_el2, ALWAYS)			\
	X(elr_el2, ALWAYS)			\
	X(spsr_el2, ALWAYS)			\
	X(sp_el2, ALWAYS)			\
	X(esr_el2, ALWAYS)			\
	X(far_el2, ALWAYS)			\
	X(hpfar_el2, ALWAYS)			\
	X(afsr0_el2, ALWAYS)			\
	X(afsr1_el2, ALWAYS)			\
	X(VSESR_EL2, RAS)			\
	X(VDISR_EL2, RAS)			\
	X(tpidr_el2, ALWAYS)			\
	X(SCXTNUM_EL2, SCXTNUM)			\
	X(vpidr_el2, ALWAYS)			\
	X(vmpidr_el2, ALWAYS)			\
	X(TFSR_EL2, MTE)			\
	X(GCSCR_EL2, GCS)			\
	X(GCSPR_EL2, GCS)			\
	/* EL2: timers */			\
	X(cnthctl_el2, ALWAYS)			\
	X(cntvoff_el2, ALWAYS)			\
	X(CNTPOFF_EL2, ECV)			\
	/* EL1: control */			\
	X(sctlr_el1, ALWAYS)			\
	X(SCTLR2_EL1, SCTLR2)			\
	X(actlr_el1, ALWAYS)			\
	X(cpacr_el1, ALWAYS)			\
	X(ZCR_EL1, SVE)				\
	X(SMCR_EL1, SME)			\
	X(csselr_el1, ALWAYS)			\
	X(mdscr_el1, ALWAYS)			\
	X(ICC_SRE_EL1, ALWAYS)			\
	/* EL1: translation */			\
	X(ttbr0_el1, ALWAYS)			\
	X(ttbr1_el1, ALWAYS)			\
	X(tcr_el1, ALWAYS)			\
	X(TCR2_EL1, TCR2)			\
	X(mair_el1, ALWAYS)			\
	X(amair_el1, ALWAYS)			\
	X(PIR_EL1, S1PIE)			\
	X(PIRE0_EL1, S1PIE)			\
	X(POR_EL1, S1POE)			\
	X(POR_EL0, S1POE)			\
	X(S2POR_EL1, S2POE)			\
	X(contextidr_el1, ALWAYS)		\
	X(par_el1, ALWAYS)			\
	/* EL1 and EL0: exceptions, identity */	\
	X(vbar_el1, ALWAYS)			\
	X(elr_el1, ALWAYS)			\
	X(spsr_el1, ALWAYS)			\
	X(sp_el1, ALWAYS)			\
	X(sp_el0, ALWAYS)			\
	X(esr_el1, ALWAYS)			\
	X(far_el1, ALWAYS)			\
	X(afsr0_el1, ALWAYS)			\
	X(afsr1_el1, ALWAYS)			\
	X(DISR_EL1, RAS)			\
	X(tpidr_el1, ALWAYS)			\
	X(tpidr_el0, ALWAYS)			\
	X(tpidrro_el0, ALWAYS)			\
	X(TPIDR2_EL0, SME)			\
	X(SCXTNUM_EL1, SCXTNUM)			\
	X(SCXTNUM_EL0, SCXTNUM)			\
	/* Memory tagging */			\
	X(TFSR_EL1, MTE)			\
	X(TFSRE0_EL1, MTE)			\
	X(GCR_EL1, MTE)				\
	X(RGSR_EL1, MTE)			\
	/* Guarded control stack */		\
	X(GCSCR_EL1, GCS)			\
	X(GCSPR_EL1, GCS)			\
	X(GCSCRE0_EL1, GCS)			\
	X(GCSPR_EL0, GCS)			\
	/* Pointer authentication keys */	\
	X(APIAKEYLO_EL1, PAUTH)			\
	X(APIAKEYHI_EL1, PAUTH)			\
	X(APIBKEYLO_EL1, PAUTH)			\
	X(APIBKEYHI_EL1, PAUTH)			\
	X(APDAKEYLO_EL1, PAUTH)			\
	X(APDAKEYHI_EL1, PAUTH)			\
	X(APDBKEYLO_EL1, PAUTH)			\
	X(APDBKEYHI_EL1, PAUTH)			\
	X(APGAKEYLO_EL1, PAUTH)			\
	X(APGAKEYHI_EL1, PAUTH)			\
	/* EL1 timers */			\
	X(cntkctl_el1, ALWAYS)			\
	X(cntv_ctl_el0, ALWAYS)			\
	X(cntv_cval_el0, ALWAYS)		\
	X(cntp_ctl_el0, ALWAYS)			\
	X(cntp_cval_el0, ALWAYS)

enum world_sysreg {
#define X(reg, feature) WORLD_##reg,
	WORLD_SYSREGS(X)
#undef X
	NR_WORLD_SYSREGS,
};

/**
 * struct world_context - one world's registers on one CPU while the other world runs
 * @regs: general-purpose registers
 * @elr: where it goes on
 * @spsr: PSTATE it goes on with
 * @sysregs: the registers of WORLD_SYSREGS
 */
struct world_context {
	struct trap_regs regs;
	u64 elr;
	u64 spsr;
	u64 sysregs[NR_WORLD_SYSREGS];
};

/**
 * world_current() - which world runs below EL3 on this CPU
 */
enum world world_current(void);

/**
 * world_prepare() - what a world of this CPU starts with: registers as after reset, EL2
 * @world: which
 * @entry: address it starts at, with interrupts masked
 * @args: its x0 to x3
 * @big_endian: whether its data accesses are big-endian
 */
void world_prepare(enum world world, u64 entry, const u64 args[4], bool big_endian);

/**
 * world_start() - make a prepared world the current one, forgetting the current
 * @world: which
 * @regs: receives its general-purpose registers
 */
void world_start(enum world world, struct trap_regs *regs);

/**
 * world_switch() - leave the current world, go on with the other
 * @regs: registers of the current world; exchanged for those of the other
 */
void world_switch(struct trap_regs *regs);

#endif /* EL3_WORLD_H */
