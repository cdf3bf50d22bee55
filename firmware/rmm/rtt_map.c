// SPDX-License-Identifier: GPL-2.0-only
/*
 * Commands that map memory: range-based ones for both halves, and the one that brings
 * in the initial contents (DEN0137 A5.3.3.2, A5.3.4, A5.3.5, A5.3.11).
 *
 * A range command works in one table, that in which the walk to its base ends, and
 * stops early when the host has an interrupt to take.
 */
#include <linux/bitfield.h>
#include <string.h>
#include <sysreg.h>
#include "addr_list.h"
#include "inject_answer.h"
#include "measure.h"
#include "ns.h"
#include "realm.h"
#include "rmi.h"
#include "rmm.h"
#include "s2tt.h"

/* Wiping a block takes time: larger ones are mapped in pieces, and folded. */
#define MIN_DATA_BLOCK_LEVEL	2

#define MEMATTR_FWB_RESERVED	4

/**
 * struct map_op - a range-based mapping command
 * @base: base IPA
 * @top: top IPA
 * @src: addresses to map
 * @template: what each entry becomes, but for its level and address
 * @min_level: lowest level at which a block may be created
 */
struct map_op {
	unsigned long base;
	unsigned long top;
	struct addr_source src;
	struct s2tt_entry template;
	int min_level;
};

static rmi_status_t data_error(unsigned long pa)
{
	return granule_find(pa) ? rmi_ret_granule(pa) : rmi_ret(RMI_ERROR_TRACKING);
}

/* Take and wipe the granules of a block, all or none. */
static rmi_status_t claim_data(unsigned long base, unsigned long size)
{
	for (unsigned long pa = base; pa < base + size; pa += GRANULE_SIZE) {
		struct granule *g = granule_lock(pa, GRANULE_DELEGATED);

		if (!g) {
			granule_release(base, pa - base, GRANULE_DATA);
			return data_error(pa);
		}
		granule_wipe(pa);
		granule_unlock_as(g, GRANULE_DATA);
	}
	return rmi_ret(RMI_SUCCESS);
}

/* Map one entry at @ipa, or say why not. */
static rmi_status_t map_entry(struct map_op *op, struct s2tt_walk *walk, unsigned int index,
			      unsigned long ipa)
{
	unsigned long size = s2tt_level_size(walk->level);
	struct s2tt_entry old, new = op->template;
	rmi_status_t status;

	s2tte_decode(s2tte_read(walk, index), walk->level, &old);
	if (old.state != RMI_RTTE_VOID || walk->level < op->min_level ||
	    !IS_ALIGNED(ipa, size) || size > op->top - ipa)
		return rmi_ret_rtt(walk->level);

	if (!addr_source_next(&op->src))
		return rmi_ret(RMI_ERROR_INPUT);
	new.pa = op->src.pa;
	new.level = walk->level;
	if (!IS_ALIGNED(new.pa, size) || size > op->src.left)
		return rmi_ret_rtt(walk->level);

	if (!new.ns) {
		status = claim_data(new.pa, size);
		if (!rmi_ok(status))
			return status;
		new.ripas = old.ripas;
		granule_get(walk->table);
	}

	s2tte_write(walk, index, s2tte_encode(&new));
	addr_source_consume(&op->src, size);
	return rmi_ret(RMI_SUCCESS);
}

static rmi_status_t map_table(struct map_op *op, struct s2tt_walk *walk, u64 *out)
{
	unsigned long size = s2tt_level_size(walk->level);
	rmi_status_t status = rmi_ret(RMI_SUCCESS);
	unsigned long ipa = op->base;

	for (unsigned int i = walk->index; i < S2TT_ENTRIES && ipa < op->top; i++) {
		if (irq_yield(ipa > op->base))
			break;
		status = map_entry(op, walk, i, ipa);
		if (!rmi_ok(status))
			break;
		ipa += size;
	}
	dsb(ishst);

	out[0] = ipa;
	if (ipa == op->base)
		return status;
	return rmi_ret(RMI_SUCCESS);
}

/*
 * @type, @oaddr and @list_count: where the addresses come from. The state of the realm is no
 * failure condition of B4.5.65 and B4.5.77: one that ends may be given memory, and keeps it
 * from being destroyed until that is unmapped.
 */
static rmi_status_t map_range(unsigned long rd_pa, struct map_op *op, unsigned long type,
			      u64 oaddr, unsigned long list_count, u64 *out)
{
	struct s2tt_walk walk;
	struct granule *g_rd;
	rmi_status_t status;
	struct s2tt s2;
	struct rd *rd;

	g_rd = realm_lock(rd_pa, &rd);
	if (!g_rd)
		return rmi_ret_granule(rd_pa);

	s2 = rd->s2;
	if (!s2tt_range_valid(&s2, op->base, op->top, op->template.ns) ||
	    !addr_source_init(&op->src, type, oaddr, list_count)) {
		granule_unlock(g_rd);
		return rmi_ret(RMI_ERROR_INPUT);
	}
	s2tt_walk(&s2, op->base, S2TT_PAGE_LEVEL, &walk);
	granule_unlock(g_rd);
	status = map_table(op, &walk, out);
	s2tt_walk_end(&walk);
	return status;
}

/* DEN0137 B4.5.65 */
rmi_status_t handle_rtt_data_map(const u64 *in, u64 *out)
{
	u64 flags = in[3];
	struct map_op op = {
		.base = in[1],
		.top = in[2],
		.template = { .state = RMI_RTTE_DATA },
		.min_level = MIN_DATA_BLOCK_LEVEL,
	};

	return map_range(in[0], &op, FIELD_GET(RMI_RTT_PROT_MAP_FLAGS_OADDR_TYPE, flags), in[4],
			 FIELD_GET(RMI_RTT_PROT_MAP_FLAGS_LIST_COUNT, flags), out);
}

/* S2AP as the host gives it, encoded directly, to that of a descriptor. */
static u64 s2ap_desc(u64 s2ap)
{
	if (test_control_knob(TEST_KNOB_S2AP_SWAPPED))
		s2ap = (s2ap & RMI_S2AP_DIRECT_READ ? RMI_S2AP_DIRECT_WRITE : 0) |
		       (s2ap & RMI_S2AP_DIRECT_WRITE ? RMI_S2AP_DIRECT_READ : 0);

	return (s2ap & RMI_S2AP_DIRECT_READ ? S2TTE_S2AP_READ : 0) |
	       (s2ap & RMI_S2AP_DIRECT_WRITE ? S2TTE_S2AP_WRITE : 0);
}

/* DEN0137 B4.5.77 */
rmi_status_t handle_rtt_unprot_map(const u64 *in, u64 *out)
{
	u64 flags = in[3];
	u64 memattr = FIELD_GET(RMI_RTT_UNPROT_MAP_FLAGS_MEMATTR, flags);
	u64 s2ap = FIELD_GET(RMI_RTT_UNPROT_MAP_FLAGS_S2AP, flags);
	struct map_op op = {
		.base = in[1],
		.top = in[2],
		.template = {
			.state = RMI_RTTE_DATA,
			.ns = true,
			.desc = memattr << 2 | s2ap_desc(s2ap),
		},
		.min_level = S2TT_MIN_BLOCK_LEVEL,
	};

	if (memattr == MEMATTR_FWB_RESERVED || s2ap & RMI_S2AP_DIRECT_RES0)
		return rmi_ret(RMI_ERROR_INPUT);

	return map_range(in[0], &op, FIELD_GET(RMI_RTT_UNPROT_MAP_FLAGS_OADDR_TYPE, flags), in[4],
			 FIELD_GET(RMI_RTT_UNPROT_MAP_FLAGS_LIST_COUNT, flags), out);
}

/* Copy the contents, measure, and map at the entry where the walk ended. */
static rmi_status_t data_init(struct rd *rd, struct s2tt_walk *walk, const u64 *in)
{
	unsigned long pa = in[1], ipa = in[2], src = in[3];
	struct s2tt_entry entry;
	struct granule *g;

	s2tt_walk_entry(walk, &entry);
	if (walk->level < S2TT_PAGE_LEVEL || entry.state != RMI_RTTE_VOID)
		return rmi_ret_rtt(walk->level);

	g = granule_lock(pa, GRANULE_DELEGATED);
	if (!g)
		return rmi_ret_granule(pa);
	if (!ns_read(granule_va(pa), src, GRANULE_SIZE)) {
		granule_unlock(g);
		return rmi_ret(RMI_ERROR_INPUT);
	}

	measure_data(rd, ipa, granule_va(pa), in[4]);
	entry.state = RMI_RTTE_DATA;
	entry.ripas = RMI_RIPAS_RAM;
	entry.pa = pa;
	s2tte_write(walk, walk->index, s2tte_encode(&entry));
	dsb(ishst);
	granule_get(walk->table);
	granule_unlock_as(g, GRANULE_DATA);
	return rmi_ret(RMI_SUCCESS);
}

static rmi_status_t data_init_locked(struct rd *rd, const u64 *in)
{
	unsigned long ipa = in[2];
	struct s2tt_walk walk;
	rmi_status_t status;

	if (!GRANULE_ALIGNED(ipa) || !s2tt_ipa_protected(&rd->s2, ipa))
		return rmi_ret(RMI_ERROR_INPUT);
	if (realm_get_state(rd) != REALM_NEW)
		return rmi_ret(RMI_ERROR_REALM);

	s2tt_walk(&rd->s2, ipa, S2TT_PAGE_LEVEL, &walk);
	status = data_init(rd, &walk, in);
	s2tt_walk_end(&walk);
	return status;
}

/* DEN0137 B4.5.66; the RD is locked all the time because the RIM changes. */
rmi_status_t handle_rtt_data_map_init(const u64 *in, u64 *out)
{
	struct granule *g_rd;
	rmi_status_t status;
	struct rd *rd;

	if (!ns_accessible(in[3]))
		return rmi_ret(RMI_ERROR_INPUT);
	if (!granule_in_state(in[1], GRANULE_DELEGATED))
		return rmi_ret_granule(in[1]);

	g_rd = realm_lock(in[0], &rd);
	if (!g_rd)
		return rmi_ret_granule(in[0]);
	status = data_init_locked(rd, in);
	granule_unlock(g_rd);
	return status;
}
