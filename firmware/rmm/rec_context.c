// SPDX-License-Identifier: GPL-2.0-only
/* Registers of a REC when it is new, turned on, or answered (rec.h). */
#include <string.h>
#include <sysreg.h>
#include "rec.h"

/* SCTLR_EL1 with the MMU off; bits that are RES1 without their feature are set. */
#define SCTLR_EL1_SA		BIT_ULL(3)
#define SCTLR_EL1_SA0		BIT_ULL(4)
#define SCTLR_EL1_CP15BEN	BIT_ULL(5)
#define SCTLR_EL1_EOS		BIT_ULL(11)
#define SCTLR_EL1_NTWI		BIT_ULL(16)
#define SCTLR_EL1_NTWE		BIT_ULL(18)
#define SCTLR_EL1_TSCXT		BIT_ULL(20)
#define SCTLR_EL1_EIS		BIT_ULL(22)
#define SCTLR_EL1_SPAN		BIT_ULL(23)
#define SCTLR_EL1_EE		BIT_ULL(25)
#define SCTLR_EL1_NTLSMD	BIT_ULL(28)
#define SCTLR_EL1_LSMAOE	BIT_ULL(29)
#define SCTLR_EL1_RESET		(SCTLR_EL1_SA | SCTLR_EL1_SA0 | SCTLR_EL1_CP15BEN | \
				 SCTLR_EL1_EOS | SCTLR_EL1_NTWI | SCTLR_EL1_NTWE | \
				 SCTLR_EL1_TSCXT | SCTLR_EL1_EIS | SCTLR_EL1_SPAN | \
				 SCTLR_EL1_NTLSMD | SCTLR_EL1_LSMAOE)

static void reset(struct rec_context *ctx, u64 pc)
{
	memset(ctx, 0, sizeof(*ctx));
	ctx->pc = pc;
	ctx->pstate = SPSR_M_EL1H | SPSR_DAIF;
	ctx->el1.sctlr_el1 = SCTLR_EL1_RESET;
	ctx->os_lock = true;
}

void rec_context_init(struct rec *rec, const struct rmi_rec_params *params)
{
	reset(&rec->ctx, params->pc);
	memcpy(rec->ctx.x, params->gprs, sizeof(params->gprs));
}

void rec_context_start(struct rec *rec, const struct rec *caller)
{
	reset(&rec->ctx, caller->psci.entry);
	rec->ctx.x[0] = caller->psci.context_id;
	rec->ctx.el1.sctlr_el1 |= caller->ctx.el1.sctlr_el1 & SCTLR_EL1_EE;
}

void rec_context_psci_return(struct rec *rec, u64 x0)
{
	u64 *x = rec->ctx.x;

	x[0] = x0;
	x[1] = 0;
	x[2] = 0;
	x[3] = 0;
}
