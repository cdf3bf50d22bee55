// SPDX-License-Identifier: GPL-2.0-only
/* Exceptions from a realm to R-EL2: whose they are (DEN0137 A4.3.4). */
#include <linux/bitfield.h>
#include <console.h>
#include <sysreg.h>
#include "run.h"

/* ISS of a trapped WFI, WFE, WFIT or WFET */
#define WFX_TI			GENMASK_ULL(1, 0)
#define WFX_TI_WITH_TIMEOUT	BIT_ULL(1)
#define WFX_RN			GENMASK_ULL(9, 5)

/* ISS of an SError */
#define SERROR_IDS		BIT_ULL(24)
#define SERROR_AET		GENMASK_ULL(12, 10)
#define SERROR_AET_UC		0
#define SERROR_DFSC_ASYNC	0x11

/* AArch64 only; for AArch32 these bits belong to ITSTATE */
#define PSTATE_BTYPE		GENMASK_ULL(11, 10)
#define PSTATE_IT_1_0		GENMASK_ULL(26, 25)
#define PSTATE_IT_7_2		GENMASK_ULL(15, 10)

/* Bits 7:5 are the condition of the block, below is the position in it, shifted left. */
#define IT_COND_BASE		GENMASK_ULL(7, 5)
#define IT_POSITION		GENMASK_ULL(4, 0)
#define IT_MORE			GENMASK_ULL(2, 0)

/* ITAdvance() of the Arm ARM; without an IT block ITSTATE is zero, and stays so. */
static u64 advance_it(u64 pstate)
{
	u64 it = FIELD_GET(PSTATE_IT_7_2, pstate) << 2 | FIELD_GET(PSTATE_IT_1_0, pstate);

	if (it & IT_MORE)
		it = (it & IT_COND_BASE) | (it << 1 & IT_POSITION);
	else
		it = 0;

	pstate &= ~(PSTATE_IT_7_2 | PSTATE_IT_1_0);
	return pstate | FIELD_PREP(PSTATE_IT_7_2, it >> 2) | FIELD_PREP(PSTATE_IT_1_0, it & 3);
}

void rec_step(struct rec_context *ctx, u64 esr)
{
	ctx->pc += esr & ESR_IL ? 4 : 2;
	if (ctx->pstate & SPSR_NRW)
		ctx->pstate = advance_it(ctx->pstate);
	else
		ctx->pstate &= ~PSTATE_BTYPE;
	ctx->pstate &= ~SPSR_SS;
}

static enum rec_action wfx(struct rec *rec, struct rmi_rec_exit *exit, u64 esr)
{
	exit->exit_reason = RMI_EXIT_SYNC;
	exit->esr = esr & (ESR_EC | WFX_TI);
	if (esr & WFX_TI_WITH_TIMEOUT)
		exit->gprs[0] = rec_gpr(&rec->ctx, FIELD_GET(WFX_RN, esr));
	rec_step(&rec->ctx, esr);
	return REC_EXIT;
}

/* HVC is executed, not trapped: PC is behind it already. */
static enum rec_action hvc(struct rec *rec, struct rmi_rec_exit *exit, u64 esr)
{
	rec->ctx.pc -= 4;
	inject_undef(&rec->ctx);
	return REC_RESUME;
}

static enum rec_action smc(struct rec *rec, struct rmi_rec_exit *exit, u64 esr)
{
	return rec_smc(rec, exit, esr);
}

static enum rec_action simd(struct rec *rec, struct rmi_rec_exit *exit, u64 esr)
{
	return simd_trap(rec, esr);
}

static enum rec_action undefined(struct rec *rec, struct rmi_rec_exit *exit, u64 esr)
{
	inject_undef(&rec->ctx);
	return REC_RESUME;
}

typedef enum rec_action (*exit_handler_t)(struct rec *rec, struct rmi_rec_exit *exit, u64 esr);

/* By exception class. What is not here is for a feature that a realm does not have. */
static const exit_handler_t sync_handlers[64] = {
	[ESR_EC_WFX] = wfx,
	[ESR_EC_FP] = simd,
	[ESR_EC_HVC64] = hvc,
	[ESR_EC_SMC64] = smc,
	[ESR_EC_SYS64] = rec_sysreg_trap,
	[ESR_EC_SVE] = simd,
	[ESR_EC_SME] = simd,
	[ESR_EC_IABT_LOW] = rec_instruction_abort,
	[ESR_EC_DABT_LOW] = rec_data_abort,
};

static enum rec_action sync_exit(struct rec *rec, struct rmi_rec_exit *exit)
{
	u64 esr = read_sysreg(esr_el2);
	exit_handler_t handler = sync_handlers[FIELD_GET(ESR_EC, esr)];

	return (handler ? handler : undefined)(rec, exit, esr);
}

static enum rec_action irq_exit(struct rec *rec, struct rmi_rec_exit *exit)
{
	exit->exit_reason = RMI_EXIT_IRQ;
	return REC_EXIT;
}

static enum rec_action fiq_exit(struct rec *rec, struct rmi_rec_exit *exit)
{
	exit->exit_reason = RMI_EXIT_FIQ;
	return REC_EXIT;
}

/* A4.3.10; nobody can go on after an error whose extent is not known. */
static enum rec_action serror_exit(struct rec *rec, struct rmi_rec_exit *exit)
{
	u64 esr = read_sysreg(esr_el2);

	if ((esr & SERROR_IDS) || FIELD_GET(ESR_FSC, esr) != SERROR_DFSC_ASYNC ||
	    FIELD_GET(SERROR_AET, esr) == SERROR_AET_UC)
		panic("SError that cannot be contained, ESR_EL2 %llx", esr);

	exit->exit_reason = RMI_EXIT_SERROR;
	exit->esr = esr & (ESR_EC | SERROR_IDS | SERROR_AET | ESR_EA | ESR_FSC);
	return REC_EXIT;
}

static enum rec_action (*const vectors[])(struct rec *rec, struct rmi_rec_exit *exit) = {
	[REC_VECTOR_SYNC] = sync_exit,
	[REC_VECTOR_IRQ] = irq_exit,
	[REC_VECTOR_FIQ] = fiq_exit,
	[REC_VECTOR_SERROR] = serror_exit,
};

enum rec_action rec_handle_exit(struct rec *rec, struct rmi_rec_exit *exit, unsigned long vector)
{
	enum rec_action action = vectors[vector](rec, exit);

	return action == REC_RESUME ? REC_RESUME : REC_EXIT;
}
