// SPDX-License-Identifier: GPL-2.0-only
/*
 * Range commands that remove mappings (DEN0137 A5.3.3.3, A5.3.6, A5.3.12).
 *
 * Entries of one table are made invalid, then all CPUs forget them, then the granules
 * become delegated again: in this order no realm ever reaches a granule it lost.
 */
#include <linux/bitfield.h>
#include "addr_list.h"
#include "realm.h"
#include "rmi.h"
#include "rmm.h"
#include "s2tt.h"

/**
 * struct unmap_op - an unmapping command
 * @base: base IPA
 * @top: top IPA
 * @ns: for the unprotected half
 * @sink: takes the addresses that were mapped
 * @ipa: end of what was done
 * @nr_done: number of entries that had a mapping; none or all of those that were done,
 *	unless the host does not want addresses
 * @flush: some of these may be in a TLB
 * @pa: their addresses
 */
struct unmap_op {
	unsigned long base;
	unsigned long top;
	bool ns;
	struct addr_sink sink;
	unsigned long ipa;
	unsigned int nr_done;
	bool flush;
	unsigned long pa[S2TT_ENTRIES];
};

static bool check_entry(const struct unmap_op *op, const struct s2tt_entry *e)
{
	unsigned long size = s2tt_level_size(e->level);

	if (e->state == RMI_RTTE_TABLE || (op->ns && e->state == RMI_RTTE_VOID))
		return false;
	return IS_ALIGNED(op->ipa, size) && size <= op->top - op->ipa;
}

/* Addresses are returned for a range without holes, so that they can be told apart. */
static bool starts_hole(const struct unmap_op *op)
{
	return op->nr_done && op->sink.type != RMI_ADDR_TYPE_NONE;
}

static bool ends_hole(const struct unmap_op *op)
{
	return !op->nr_done && op->ipa > op->base && op->sink.type != RMI_ADDR_TYPE_NONE;
}

static bool unmap_mapped(struct unmap_op *op, struct s2tt_walk *walk, unsigned int index,
			 struct s2tt_entry *e)
{
	unsigned int state = op->ns ? RMI_OP_MEM_UNDELEGATED : RMI_OP_MEM_DELEGATED;

	if (ends_hole(op) || !addr_sink_add(&op->sink, e->pa, e->level, state))
		return false;

	op->pa[op->nr_done++] = e->pa;
	if (s2tte_is_mapped(e))
		op->flush = true;

	e->state = RMI_RTTE_VOID;
	if (!e->ns && e->ripas == RMI_RIPAS_RAM)
		e->ripas = RMI_RIPAS_DESTROYED;
	s2tte_write(walk, index, s2tte_encode(e));
	return true;
}

/* Returns false when the command cannot go on with this entry. */
static bool unmap_entry(struct unmap_op *op, struct s2tt_walk *walk, unsigned int index,
			rmi_status_t *status)
{
	struct s2tt_entry e;

	s2tte_decode(s2tte_read(walk, index), walk->level, &e);
	if (!check_entry(op, &e)) {
		*status = rmi_ret_rtt(walk->level);
		return false;
	}

	*status = rmi_ret(RMI_ERROR_INPUT);
	if (e.state == RMI_RTTE_VOID ? starts_hole(op) : !unmap_mapped(op, walk, index, &e))
		return false;

	op->ipa += s2tt_level_size(walk->level);
	return true;
}

static void finish(struct unmap_op *op, const struct s2tt *s2, struct s2tt_walk *walk)
{
	unsigned long size = s2tt_level_size(walk->level);

	if (op->flush)
		s2tt_invalidate(s2, op->base, walk->level, (op->ipa - op->base) / size);
	if (op->ns)
		return;

	for (unsigned int i = 0; i < op->nr_done; i++) {
		granule_release(op->pa[i], size, GRANULE_DATA);
		granule_put(walk->table);
	}
}

static rmi_status_t unmap_table(struct unmap_op *op, const struct s2tt *s2, struct s2tt_walk *walk,
				u64 *out)
{
	rmi_status_t status = rmi_ret(RMI_SUCCESS);

	for (unsigned int i = walk->index; i < S2TT_ENTRIES && op->ipa < op->top; i++) {
		if (irq_yield(op->ipa > op->base))
			break;
		if (!unmap_entry(op, walk, i, &status))
			break;
	}
	out[0] = op->ipa;
	if (op->ipa == op->base)
		return status;

	finish(op, s2, walk);
	if (op->sink.type == RMI_ADDR_TYPE_SINGLE && op->sink.count)
		out[1] = addr_range_encode(&op->sink.last);
	if (op->sink.type == RMI_ADDR_TYPE_LIST)
		out[2] = op->sink.count;
	return rmi_ret(RMI_SUCCESS);
}

/* Unlike mapping, this is allowed in any state of the realm: it has to be torn down. */
static rmi_status_t unmap_range(const u64 *in, u64 *out, bool ns)
{
	unsigned long type = FIELD_GET(RMI_RTT_UNMAP_FLAGS_OADDR_TYPE, in[3]);
	struct unmap_op op = { .base = in[1], .top = in[2], .ns = ns, .ipa = in[1] };
	struct s2tt_walk walk;
	struct granule *g_rd;
	rmi_status_t status;
	struct s2tt s2;
	struct rd *rd;

	g_rd = realm_lock(in[0], &rd);
	if (!g_rd)
		return rmi_ret_granule(in[0]);

	s2 = rd->s2;
	if (!s2tt_range_valid(&s2, op.base, op.top, ns) ||
	    !addr_sink_init(&op.sink, type, in[4], S2TT_ENTRIES)) {
		granule_unlock(g_rd);
		return rmi_ret(RMI_ERROR_INPUT);
	}

	s2tt_walk(&s2, op.base, S2TT_PAGE_LEVEL, &walk);
	granule_unlock(g_rd);
	status = unmap_table(&op, &s2, &walk, out);
	s2tt_walk_end(&walk);
	return status;
}

/* DEN0137 B4.5.67 */
rmi_status_t handle_rtt_data_unmap(const u64 *in, u64 *out)
{
	return unmap_range(in, out, false);
}

/* DEN0137 B4.5.78 */
rmi_status_t handle_rtt_unprot_unmap(const u64 *in, u64 *out)
{
	return unmap_range(in, out, true);
}
