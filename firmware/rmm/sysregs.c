// SPDX-License-Identifier: GPL-2.0-only
/*
 * System registers whose access by a realm traps (traps.c). Most of them belong to
 * features that a realm does not have, and are undefined for it.
 */
#include <linux/bitfield.h>
#include <sysreg.h>
#include "id_regs.h"
#include "run.h"

/* ISS of a trapped MSR or MRS; the encoding fields lie as SYSREG() puts them */
#define ISS_READ		BIT_ULL(0)
#define ISS_CRM			GENMASK_ULL(4, 1)
#define ISS_RT			GENMASK_ULL(9, 5)
#define ISS_CRN			GENMASK_ULL(13, 10)
#define ISS_OP1			GENMASK_ULL(16, 14)
#define ISS_OP2			GENMASK_ULL(19, 17)
#define ISS_OP0			GENMASK_ULL(21, 20)
#define ISS_REGISTER		(ISS_OP0 | ISS_OP1 | ISS_CRN | ISS_CRM | ISS_OP2)

#define SYSREG(op0, op1, crn, crm, op2)						\
	(FIELD_PREP(ISS_OP0, op0) | FIELD_PREP(ISS_OP1, op1) |			\
	 FIELD_PREP(ISS_CRN, crn) | FIELD_PREP(ISS_CRM, crm) | FIELD_PREP(ISS_OP2, op2))

#define OSLSR_OSLM_IMPLEMENTED	BIT_ULL(3)
#define OSLSR_OSLK		BIT_ULL(1)
#define OSLAR_OSLK		BIT_ULL(0)

static bool is_read(u64 esr)
{
	return esr & ISS_READ;
}

static void answer(struct rec_context *ctx, u64 esr, u64 value)
{
	if (is_read(esr))
		rec_set_gpr(ctx, FIELD_GET(ISS_RT, esr), value);
	rec_step(ctx, esr);
}

static enum rec_action undefined(struct rec *rec, struct rmi_rec_exit *exit, u64 esr)
{
	inject_undef(&rec->ctx);
	return REC_RESUME;
}

static enum rec_action raz_wi(struct rec *rec, struct rmi_rec_exit *exit, u64 esr)
{
	answer(&rec->ctx, esr, 0);
	return REC_RESUME;
}

static enum rec_action id_register(struct rec *rec, struct rmi_rec_exit *exit, u64 esr)
{
	answer(&rec->ctx, esr,
	       id_reg_realm(rec, FIELD_GET(ISS_CRM, esr), FIELD_GET(ISS_OP2, esr)));
	return REC_RESUME;
}

/* Of the CPU, not of a feature */
static enum rec_action revision(struct rec *rec, struct rmi_rec_exit *exit, u64 esr)
{
	answer(&rec->ctx, esr, read_sysreg(revidr_el1));
	return REC_RESUME;
}

static enum rec_action auxiliary_id(struct rec *rec, struct rmi_rec_exit *exit, u64 esr)
{
	answer(&rec->ctx, esr, read_sysreg(aidr_el1));
	return REC_RESUME;
}

/* The OS lock of the CPU stays open for the host; the realm has one of its own. */
static enum rec_action os_lock(struct rec *rec, struct rmi_rec_exit *exit, u64 esr)
{
	struct rec_context *ctx = &rec->ctx;

	if (!is_read(esr))
		ctx->os_lock = rec_gpr(ctx, FIELD_GET(ISS_RT, esr)) & OSLAR_OSLK;
	answer(ctx, esr, 0);
	return REC_RESUME;
}

static enum rec_action os_lock_status(struct rec *rec, struct rmi_rec_exit *exit, u64 esr)
{
	answer(&rec->ctx, esr, OSLSR_OSLM_IMPLEMENTED | (rec->ctx.os_lock ? OSLSR_OSLK : 0));
	return REC_RESUME;
}

/*
 * The host emulates the register (A4.3.4.4). The value written goes out in gprs[0],
 * the value read comes back in gprs[0] of the next entry.
 */
static enum rec_action to_host(struct rec *rec, struct rmi_rec_exit *exit, u64 esr)
{
	struct rec_context *ctx = &rec->ctx;
	unsigned int rt = FIELD_GET(ISS_RT, esr);

	exit->exit_reason = RMI_EXIT_SYNC;
	exit->esr = esr;
	if (is_read(esr)) {
		ctx->sysreg_read = true;
		ctx->sysreg_rt = rt;
	} else {
		exit->gprs[0] = rec_gpr(ctx, rt);
	}
	rec_step(ctx, esr);
	return REC_EXIT;
}

/* The first row that matches decides. */
static const struct {
	u64 mask;
	u64 value;
	enum rec_action (*handler)(struct rec *rec, struct rmi_rec_exit *exit, u64 esr);
} sysregs[] = {
	/* REVIDR_EL1, AIDR_EL1 */
	{ ISS_REGISTER, SYSREG(3, 0, 0, 0, 6), revision },
	{ ISS_REGISTER, SYSREG(3, 1, 0, 0, 7), auxiliary_id },
	/* S3_0_C0_Cx_x: ID registers */
	{ ISS_REGISTER & ~(ISS_CRM | ISS_OP2), SYSREG(3, 0, 0, 0, 0), id_register },
	/* ICC_PMR_EL1 */
	{ ISS_REGISTER, SYSREG(3, 0, 4, 6, 0), to_host },
	/* S3_0_C12_C8 to C15: ICC_*_EL1, SGIs among them */
	{ ISS_OP0 | ISS_OP1 | ISS_CRN | FIELD_PREP(ISS_CRM, 8), SYSREG(3, 0, 12, 8, 0), to_host },
	/* ACTLR_EL1 */
	{ ISS_REGISTER, SYSREG(3, 0, 1, 0, 1), raz_wi },
	/* OSLAR_EL1, OSLSR_EL1 */
	{ ISS_REGISTER, SYSREG(2, 0, 1, 0, 4), os_lock },
	{ ISS_REGISTER, SYSREG(2, 0, 1, 1, 4), os_lock_status },
	/* OSDLR_EL1, DBGPRCR_EL1, MDRAR_EL1 */
	{ ISS_REGISTER, SYSREG(2, 0, 1, 3, 4), raz_wi },
	{ ISS_REGISTER, SYSREG(2, 0, 1, 4, 4), raz_wi },
	{ ISS_REGISTER, SYSREG(2, 0, 1, 0, 0), raz_wi },
	/* OSECCR_EL1, DBGCLAIMSET_EL1, DBGCLAIMCLR_EL1 */
	{ ISS_REGISTER, SYSREG(2, 0, 0, 6, 2), raz_wi },
	{ ISS_REGISTER, SYSREG(2, 0, 7, 8, 6), raz_wi },
	{ ISS_REGISTER, SYSREG(2, 0, 7, 9, 6), raz_wi },
	/* Debug communication channel: OSDTRRX_EL1, MDCCINT_EL1, OSDTRTX_EL1, ... */
	{ ISS_REGISTER, SYSREG(2, 0, 0, 0, 2), raz_wi },
	{ ISS_REGISTER, SYSREG(2, 0, 0, 2, 0), raz_wi },
	{ ISS_REGISTER, SYSREG(2, 0, 0, 3, 2), raz_wi },
	/* ... MDCCSR_EL0, DBGDTR_EL0, DBGDTRRX_EL0 and DBGDTRTX_EL0 */
	{ ISS_REGISTER, SYSREG(2, 3, 0, 1, 0), raz_wi },
	{ ISS_REGISTER, SYSREG(2, 3, 0, 4, 0), raz_wi },
	{ ISS_REGISTER, SYSREG(2, 3, 0, 5, 0), raz_wi },
	/* PMU, SPE, trace, LORegions, RAS, MTE, SME, AMU, IMPLEMENTATION DEFINED ... */
	{ 0, 0, undefined },
};

enum rec_action rec_sysreg_trap(struct rec *rec, struct rmi_rec_exit *exit, u64 esr)
{
	unsigned int i = 0;

	while ((esr & sysregs[i].mask) != sysregs[i].value)
		i++;
	return sysregs[i].handler(rec, exit, esr);
}
