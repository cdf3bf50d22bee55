// SPDX-License-Identifier: GPL-2.0-only
/*
 * Exceptions that the RMM makes a realm take at EL1: what AArch64.TakeException of the
 * Arm ARM does, with the EL1 registers of the loaded REC.
 */
#include <linux/bitfield.h>
#include <sysreg.h>
#include "id_regs.h"
#include "run.h"

/* PSTATE bits as SPSR_EL2 has them */
#define PSTATE_NZCV		GENMASK_ULL(31, 28)
#define PSTATE_TCO		BIT_ULL(25)
#define PSTATE_DIT		BIT_ULL(24)
#define PSTATE_ALLINT		BIT_ULL(13)
#define PSTATE_SSBS		BIT_ULL(12)
#define PSTATE_PM		BIT_ULL(32)

#define SCTLR_EL1_SPAN		BIT_ULL(23)
#define SCTLR_EL1_DSSBS		BIT_ULL(44)
#define SCTLR_EL1_SPINTMASK	BIT_ULL(62)

#define VECTOR_CURRENT_SP0	0x000
#define VECTOR_CURRENT_SPX	0x200
#define VECTOR_LOWER_A64	0x400
#define VECTOR_LOWER_A32	0x600

#define FSC_SEA			0x10
#define ESR_CM			BIT_ULL(8)

static unsigned int vector_offset(u64 pstate)
{
	if (pstate & SPSR_NRW)
		return VECTOR_LOWER_A32;

	switch (FIELD_GET(SPSR_M, pstate)) {
	case SPSR_M_EL0T:
		return VECTOR_LOWER_A64;
	case SPSR_M_EL1T:
		return VECTOR_CURRENT_SP0;
	default:
		return VECTOR_CURRENT_SPX;
	}
}

/*
 * PSTATE at the first instruction of the handler. What is not carried over is zero:
 * UAO, SS, IL, BTYPE, PPEND. So is EXLOCK, since a realm has no FEAT_GCS (HCRX_EL2).
 */
static u64 handler_pstate(u64 old, u64 sctlr)
{
	u64 new = SPSR_M_EL1H | SPSR_DAIF;

	new |= old & (PSTATE_NZCV | PSTATE_TCO | PSTATE_DIT | SPSR_PAN);
	if (!(sctlr & SCTLR_EL1_SPAN))
		new |= SPSR_PAN;
	if (cpu_has(CPU_SSBS) && (sctlr & SCTLR_EL1_DSSBS))
		new |= PSTATE_SSBS;
	if (cpu_has(CPU_NMI) && !(sctlr & SCTLR_EL1_SPINTMASK))
		new |= PSTATE_ALLINT;
	if (cpu_has(CPU_MTE2))
		new |= PSTATE_TCO;
	if (cpu_has(CPU_EBEP))
		new |= PSTATE_PM;
	return new;
}

static void take_exception(struct rec_context *ctx, u64 esr)
{
	write_sysreg(esr, ESR_EL12);
	write_sysreg(ctx->pc, ELR_EL12);
	write_sysreg(ctx->pstate, SPSR_EL12);

	ctx->pc = read_sysreg(VBAR_EL12) + vector_offset(ctx->pstate);
	ctx->pstate = handler_pstate(ctx->pstate, read_sysreg(SCTLR_EL12));
}

void inject_undef(struct rec_context *ctx)
{
	take_exception(ctx, FIELD_PREP(ESR_EC, ESR_EC_UNKNOWN) | ESR_IL);
}

static bool from_el0(u64 pstate)
{
	return (pstate & SPSR_NRW) || FIELD_GET(SPSR_M, pstate) == SPSR_M_EL0T;
}

void inject_abort(struct rec_context *ctx, u64 esr, u64 far, u64 fsc)
{
	bool data = FIELD_GET(ESR_EC, esr) == ESR_EC_DABT_LOW;
	u64 new = ESR_IL | FIELD_PREP(ESR_FSC, fsc);

	/* What EL1 may know of the access: no syndrome that is valid at EL2 only. */
	if (data)
		new |= esr & (ESR_WNR | ESR_CM);
	if (from_el0(ctx->pstate))
		new |= FIELD_PREP(ESR_EC, data ? ESR_EC_DABT_LOW : ESR_EC_IABT_LOW);
	else
		new |= FIELD_PREP(ESR_EC, data ? ESR_EC_DABT_CUR : ESR_EC_IABT_CUR);
	if (fsc == FSC_SEA)
		new |= ESR_EA;

	write_sysreg(far, FAR_EL12);
	take_exception(ctx, new);
}

void inject_sea(struct rec_context *ctx, u64 esr, u64 far)
{
	inject_abort(ctx, esr, far, FSC_SEA);
}
