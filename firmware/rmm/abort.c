// SPDX-License-Identifier: GPL-2.0-only
/*
 * Data and instruction aborts of a realm (DEN0137 A4.3.4.2, A4.3.4.3, A5.2).
 *
 * The host sees of an abort only what it needs to map memory or to emulate a device;
 * the rest, target register and sign extension among it, stays in rec_context.fault.
 */
#include <linux/bitfield.h>
#include <console.h>
#include <sysreg.h>
#include "run.h"

/* HPFAR_EL2.FIPA is IPA[51:12] */
#define HPFAR_FIPA		GENMASK_ULL(43, 4)

/* What the host gets of ESR_EL2, by kind of exit */
#define ESR_ANY_ABORT		(ESR_EC | ESR_SET | ESR_EA | ESR_FSC)
#define ESR_DATA_ABORT		(ESR_ANY_ABORT | ESR_FNV)
#define ESR_NOT_EMULATABLE	(ESR_DATA_ABORT | ESR_IL)
#define ESR_EMULATABLE		(ESR_DATA_ABORT | ESR_ISV | ESR_SAS | ESR_SF | ESR_WNR)

#define FSC_ADDRESS_SIZE	0x00	/* plus the level */
#define FSC_TRANSLATION		0x04	/* plus the level */
#define FSC_LEVEL		0x03
#define FSC_SEA			0x10
#define FSC_SEA_WALK_FIRST	0x13	/* level -1 */
#define FSC_SEA_WALK_LAST	0x17

#define SET_RECOVERABLE		0
#define SET_RESTARTABLE		3

#define SCTLR_EL1_M		BIT_ULL(0)

static u64 fault_ipa(void)
{
	return FIELD_GET(HPFAR_FIPA, read_sysreg(hpfar_el2)) << GRANULE_SHIFT;
}

static bool is_external_abort(u64 esr)
{
	unsigned int fsc = FIELD_GET(ESR_FSC, esr);

	return fsc == FSC_SEA || (fsc >= FSC_SEA_WALK_FIRST && fsc <= FSC_SEA_WALK_LAST);
}

/*
 * An external abort of the hardware (A5.2.3): the host is told, without an address,
 * and the realm takes it unless it can simply try again.
 */
static enum rec_action external_abort(struct rec *rec, struct rmi_rec_exit *exit, u64 esr)
{
	switch (FIELD_GET(ESR_SET, esr)) {
	case SET_RECOVERABLE:
		inject_sea(&rec->ctx, esr, read_sysreg(far_el2));
		break;
	case SET_RESTARTABLE:
		break;
	default:
		panic("external abort that cannot be contained, ESR_EL2 %llx", esr);
	}

	exit->exit_reason = RMI_EXIT_SYNC;
	exit->esr = esr & ESR_ANY_ABORT;
	return REC_EXIT;
}

/* Beyond the IPA space: as if stage 1 had refused the output address (A5.2.9) */
static void inject_address_size(struct rec_context *ctx, u64 esr)
{
	u64 level = 0;

	if (read_sysreg(SCTLR_EL12) & SCTLR_EL1_M)
		level = FIELD_GET(ESR_FSC, esr) & FSC_LEVEL;
	inject_abort(ctx, esr, read_sysreg(far_el2), FSC_ADDRESS_SIZE | level);
}

/*
 * While the host splits or folds a table, or has just repaired the mapping, the realm may
 * take a fault for an entry that is valid when one looks: it tries again.
 */
static bool is_stale(u64 esr, const struct s2tt_entry *entry)
{
	return (FIELD_GET(ESR_FSC, esr) & ~FSC_LEVEL) == FSC_TRANSLATION &&
	       s2tte_is_mapped(entry);
}

static void exit_emulatable(struct rec_context *ctx, struct rmi_rec_exit *exit, u64 esr)
{
	ctx->fault.emulatable = true;
	exit->esr = esr & ESR_EMULATABLE;
	exit->far = ctx->fault.far & ~GRANULE_MASK;
	if (esr & ESR_WNR)
		exit->gprs[0] = rec_gpr(ctx, FIELD_GET(ESR_SRT, esr)) & emul_access_mask(esr);
}

static enum rec_action unprotected_data_abort(struct rec *rec, struct rmi_rec_exit *exit, u64 esr)
{
	struct rec_context *ctx = &rec->ctx;

	ctx->fault.unprotected = true;
	ctx->fault.esr = esr;
	ctx->fault.far = read_sysreg(far_el2);

	/* The syndrome of an AArch32 access does not say what EMUL_MMIO would need. */
	if ((esr & ESR_ISV) && !(ctx->pstate & SPSR_NRW))
		exit_emulatable(ctx, exit, esr);
	else
		exit->esr = esr & ESR_NOT_EMULATABLE;
	return REC_EXIT;
}

enum rec_action rec_data_abort(struct rec *rec, struct rmi_rec_exit *exit, u64 esr)
{
	struct s2tt_entry entry;
	u64 ipa = fault_ipa();

	if (is_external_abort(esr))
		return external_abort(rec, exit, esr);

	if (!s2tt_ipa_valid(&rec->s2, ipa)) {
		inject_address_size(&rec->ctx, esr);
		return REC_RESUME;
	}

	s2tt_lookup(&rec->s2, ipa, &entry);
	if (is_stale(esr, &entry))
		return REC_RESUME;

	if (!entry.ns && entry.ripas == RMI_RIPAS_EMPTY) {
		inject_sea(&rec->ctx, esr, read_sysreg(far_el2));
		return REC_RESUME;
	}

	exit->exit_reason = RMI_EXIT_SYNC;
	exit->hpfar = read_sysreg(hpfar_el2) & HPFAR_FIPA;
	if (entry.ns)
		return unprotected_data_abort(rec, exit, esr);

	exit->esr = esr & ESR_DATA_ABORT;
	return REC_EXIT;
}

enum rec_action rec_instruction_abort(struct rec *rec, struct rmi_rec_exit *exit, u64 esr)
{
	struct s2tt_entry entry;
	u64 ipa = fault_ipa();

	if (is_external_abort(esr))
		return external_abort(rec, exit, esr);

	if (!s2tt_ipa_valid(&rec->s2, ipa)) {
		inject_address_size(&rec->ctx, esr);
		return REC_RESUME;
	}

	/* Nothing is executed from shared memory (A5.2.7). */
	s2tt_lookup(&rec->s2, ipa, &entry);
	if (entry.ns || entry.ripas == RMI_RIPAS_EMPTY) {
		inject_sea(&rec->ctx, esr, read_sysreg(far_el2));
		return REC_RESUME;
	}
	if (is_stale(esr, &entry))
		return REC_RESUME;

	exit->exit_reason = RMI_EXIT_SYNC;
	exit->esr = esr & ESR_ANY_ABORT;
	exit->hpfar = read_sysreg(hpfar_el2) & HPFAR_FIPA;
	return REC_EXIT;
}

void rec_exit_unmapped(struct rmi_rec_exit *exit, u64 ipa, int level)
{
	exit->exit_reason = RMI_EXIT_SYNC;
	exit->esr = FIELD_PREP(ESR_EC, ESR_EC_DABT_LOW) |
		    FIELD_PREP(ESR_FSC, FSC_TRANSLATION | level);
	exit->hpfar = FIELD_PREP(HPFAR_FIPA, ipa >> GRANULE_SHIFT);
}
