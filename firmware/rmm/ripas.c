// SPDX-License-Identifier: GPL-2.0-only
/* Commands that change the RIPAS of a range of the protected half (DEN0137 A5.2.2, A5.4). */
#include <sysreg.h>
#include "realm.h"
#include "rec.h"
#include "rmi.h"
#include "rmm.h"
#include "s2tt.h"

/**
 * struct ripas_op - a RIPAS change in one table
 * @base: base IPA
 * @top: top IPA
 * @ripas: new value
 * @keep_destroyed: stop at RIPAS DESTROYED
 * @ipa: end of what was done
 * @flush: a mapping was removed
 */
struct ripas_op {
	unsigned long base;
	unsigned long top;
	int ripas;
	bool keep_destroyed;
	unsigned long ipa;
	bool flush;
};

static bool change_entry(struct ripas_op *op, struct s2tt_walk *walk, unsigned int index)
{
	unsigned long size = s2tt_level_size(walk->level);
	unsigned long end = ALIGN_DOWN(op->ipa, size) + size;
	struct s2tt_entry e;

	s2tte_decode(s2tte_read(walk, index), walk->level, &e);
	if (e.state == RMI_RTTE_TABLE)
		return false;

	/* Nothing to change: any part of the entry will do. */
	if (e.ripas == op->ripas) {
		op->ipa = min(end, op->top);
		return true;
	}

	if (!IS_ALIGNED(op->ipa, size) || end > op->top)
		return false;
	if (e.ripas == RMI_RIPAS_DESTROYED && op->keep_destroyed)
		return false;

	op->flush |= s2tte_is_mapped(&e);
	e.ripas = op->ripas;
	s2tte_write(walk, index, s2tte_encode(&e));
	op->ipa = end;
	return true;
}

/* Invalidate the entries from that of @op->base up to @op->ipa; both may lie within one. */
static void flush(const struct ripas_op *op, const struct s2tt *s2, int level)
{
	unsigned long size = s2tt_level_size(level);
	unsigned long first = ALIGN_DOWN(op->base, size);

	s2tt_invalidate(s2, first, level, (ALIGN(op->ipa, size) - first) / size);
}

/* Change what can be changed; false when the command cannot be for what is there. */
static bool change_table(struct ripas_op *op, const struct s2tt *s2, struct s2tt_walk *walk)
{
	bool yields = false;

	op->ipa = op->base;
	for (unsigned int i = walk->index; i < S2TT_ENTRIES && op->ipa < op->top; i++) {
		yields = irq_yield(op->ipa > op->base);
		if (yields)
			break;
		if (!change_entry(op, walk, i))
			break;
	}

	if (op->flush)
		flush(op, s2, walk->level);
	dsb(ishst);
	return yields || op->ipa > op->base;
}

static rmi_status_t change_range(struct ripas_op *op, const struct s2tt *s2, u64 *out)
{
	rmi_status_t status = rmi_ret(RMI_SUCCESS);
	struct s2tt_walk walk;

	s2tt_walk(s2, op->base, S2TT_PAGE_LEVEL, &walk);
	if (change_table(op, s2, &walk))
		out[0] = op->ipa;
	else
		status = rmi_ret_rtt(walk.level);
	s2tt_walk_end(&walk);
	return status;
}

static rmi_status_t init_ripas(const struct rd *rd, unsigned long base, unsigned long top, u64 *out)
{
	struct ripas_op op = { .base = base, .top = top, .ripas = RMI_RIPAS_RAM };
	struct s2tt_entry entry;

	if (top <= base || !s2tt_ipa_protected(&rd->s2, top - GRANULE_SIZE))
		return rmi_ret(RMI_ERROR_INPUT);
	if (realm_get_state(rd) != REALM_NEW)
		return rmi_ret(RMI_ERROR_REALM);
	if (!GRANULE_ALIGNED(top))
		return rmi_ret(RMI_ERROR_INPUT);

	s2tt_lookup(&rd->s2, base, &entry);
	if (!IS_ALIGNED(base, s2tt_level_size(entry.level)))
		return rmi_ret_rtt(entry.level);
	return change_range(&op, &rd->s2, out);
}

/* DEN0137 B4.5.73; the RD stays locked, only a realm that does not run can be NEW. */
rmi_status_t handle_rtt_init_ripas(const u64 *in, u64 *out)
{
	struct granule *g_rd;
	rmi_status_t status;
	struct rd *rd;

	g_rd = realm_lock(in[0], &rd);
	if (!g_rd)
		return rmi_ret_granule(in[0]);
	status = init_ripas(rd, in[1], in[2], out);
	granule_unlock(g_rd);
	return status;
}

static rmi_status_t set_ripas(struct rec *rec, unsigned long rd_pa, unsigned long base,
			      unsigned long top, u64 *out)
{
	struct ripas_op op = {
		.base = base,
		.top = top,
		.ripas = rec->ripas.value,
		.keep_destroyed = rec->ripas.value == RMI_RIPAS_RAM && !rec->ripas.change_destroyed,
	};
	rmi_status_t status;

	if (rec_running(rec) || granule_pa(rec->g_rd) != rd_pa)
		return rmi_ret(RMI_ERROR_REC);
	if (top <= base || base != rec->ripas.addr || top > rec->ripas.top || !GRANULE_ALIGNED(top))
		return rmi_ret(RMI_ERROR_INPUT);

	status = change_range(&op, &rec->s2, out);
	if (rmi_ok(status))
		rec->ripas.addr = out[0];
	return status;
}

/*
 * DEN0137 B4.5.75. The REC holds a reference on the realm, so its lock is enough; the RD
 * is looked at first because that is the order of the failure conditions.
 */
rmi_status_t handle_rtt_set_ripas(const u64 *in, u64 *out)
{
	unsigned long rd_pa = in[0], rec_pa = in[1];
	struct granule *g_rec;
	rmi_status_t status;

	if (!granule_in_state(rd_pa, GRANULE_RD))
		return rmi_ret_granule(rd_pa);
	g_rec = granule_lock(rec_pa, GRANULE_REC);
	if (!g_rec)
		return rmi_ret_granule(rec_pa);
	status = set_ripas(granule_va(rec_pa), rd_pa, in[2], in[3], out);
	granule_unlock(g_rec);
	return status;
}
