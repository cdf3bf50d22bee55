// SPDX-License-Identifier: GPL-2.0-only
/*
 * RTT commands that create, remove and read tables (DEN0137 A5.6.6 to A5.6.10).
 *
 * Liveness is counted: the refcount of a table is the number of its entries that are
 * DATA of the protected half, or TABLE. Mappings of the unprotected half hold nothing.
 *
 * The RD is locked until the walk holds a table. From then on the realm cannot go away:
 * REALM_DESTROY needs the starting-level tables, and needs them to be without a TABLE.
 */
#include <console.h>
#include <sysreg.h>
#include "realm.h"
#include "rmi.h"
#include "s2tt.h"

/* A table other than a starting-level one, and the range it describes */
static bool table_args_valid(const struct s2tt *s2, unsigned long ipa, long level)
{
	if (level <= s2->start_level || level > S2TT_PAGE_LEVEL)
		return false;
	return IS_ALIGNED(ipa, s2tt_level_size(level - 1)) && s2tt_ipa_valid(s2, ipa);
}

static bool counts(const struct s2tt_entry *e)
{
	return e->state == RMI_RTTE_TABLE || (e->state == RMI_RTTE_DATA && !e->ns);
}

/* Entry @i of the table that an entry unfolds to */
static struct s2tt_entry unfold(const struct s2tt_entry *parent, unsigned int i)
{
	struct s2tt_entry child = *parent;

	child.level++;
	if (child.state == RMI_RTTE_DATA)
		child.pa += i * s2tt_level_size(child.level);
	return child;
}

static void fill_table(unsigned long pa, const struct s2tt_entry *parent)
{
	u64 *entries = granule_va(pa);

	for (unsigned int i = 0; i < S2TT_ENTRIES; i++) {
		struct s2tt_entry child = unfold(parent, i);

		entries[i] = s2tte_encode(&child);
	}
	dsb(ishst);
}

/* Break before make: nothing may use the old entry when the new one is written. */
static void replace_entry(const struct s2tt *s2, struct s2tt_walk *walk, unsigned long ipa,
			  int level, unsigned long count, const struct s2tt_entry *new)
{
	s2tte_write(walk, walk->index, 0);
	s2tt_invalidate(s2, ipa, level, count);
	s2tte_write(walk, walk->index, s2tte_encode(new));
	dsb(ishst);
}

static rmi_status_t create_table(const struct s2tt *s2, struct s2tt_walk *walk,
				 unsigned long pa, unsigned long ipa, long level)
{
	struct s2tt_entry table = { .state = RMI_RTTE_TABLE, .pa = pa, .level = level - 1 };
	struct s2tt_entry parent;
	struct granule *g;

	s2tt_walk_entry(walk, &parent);
	if (walk->level < level - 1 || parent.state == RMI_RTTE_TABLE)
		return rmi_ret_rtt(walk->level);

	g = granule_lock(pa, GRANULE_DELEGATED);
	if (!g)
		return rmi_ret_granule(pa);

	fill_table(pa, &parent);
	if (counts(&parent))
		g->refcount = S2TT_ENTRIES;
	else
		granule_get(walk->table);

	if (s2tte_is_mapped(&parent))
		replace_entry(s2, walk, ipa, parent.level, 1, &table);
	else
		s2tte_write(walk, walk->index, s2tte_encode(&table));

	granule_unlock_as(g, GRANULE_RTT);
	return rmi_ret(RMI_SUCCESS);
}

/* DEN0137 B4.5.64 */
rmi_status_t handle_rtt_create(const u64 *in, u64 *out)
{
	unsigned long pa = in[1], ipa = in[2];
	long level = in[3];
	struct s2tt_walk walk;
	struct granule *g_rd;
	rmi_status_t status;
	struct s2tt s2;
	struct rd *rd;

	g_rd = realm_lock(in[0], &rd);
	if (!g_rd)
		return rmi_ret_granule(in[0]);

	s2 = rd->s2;
	if (!table_args_valid(&s2, ipa, level)) {
		granule_unlock(g_rd);
		return rmi_ret(RMI_ERROR_INPUT);
	}
	if (!granule_in_state(pa, GRANULE_DELEGATED)) {
		granule_unlock(g_rd);
		return rmi_ret_granule(pa);
	}

	s2tt_walk(&s2, ipa, level - 1, &walk);
	granule_unlock(g_rd);
	status = create_table(&s2, &walk, pa, ipa, level);
	s2tt_walk_end(&walk);
	return status;
}

/* IPA of the first live entry from where a walk to @ipa ended, or the table's end */
static unsigned long skip_non_live(const struct s2tt_walk *walk, unsigned long ipa)
{
	unsigned long size = s2tt_level_size(walk->level);
	unsigned long top = ALIGN_DOWN(ipa, size);
	struct s2tt_entry entry;

	for (unsigned int i = walk->index; i < S2TT_ENTRIES; i++, top += size) {
		s2tte_decode(s2tte_read(walk, i), walk->level, &entry);
		if (entry.state != RMI_RTTE_VOID)
			break;
	}
	return max(top, ipa);
}

static struct granule *lock_child(const struct s2tt_entry *table)
{
	struct granule *g = granule_find(table->pa);

	granule_lock_known(g, GRANULE_RTT);
	return g;
}

static rmi_status_t destroy_table(const struct s2tt *s2, struct s2tt_walk *walk,
				  unsigned long ipa, long level, u64 *out)
{
	bool protected = s2tt_ipa_protected(s2, ipa);
	struct s2tt_entry new = {
		.state = RMI_RTTE_VOID,
		.ripas = RMI_RIPAS_DESTROYED,
		.ns = !protected,
	};
	struct s2tt_entry table;
	struct granule *child;

	s2tt_walk_entry(walk, &table);
	if (walk->level < level - 1 || table.state != RMI_RTTE_TABLE) {
		out[1] = skip_non_live(walk, ipa);
		return rmi_ret_rtt(walk->level);
	}

	child = lock_child(&table);
	if (granule_refcount(child)) {
		granule_unlock(child);
		out[1] = ipa;
		return rmi_ret_rtt(level);
	}

	/* A table that is not live maps nothing, unless it is of the unprotected half. */
	replace_entry(s2, walk, ipa, level, protected ? 1 : S2TT_ENTRIES, &new);
	granule_put(walk->table);
	granule_unlock_as(child, GRANULE_DELEGATED);

	out[0] = table.pa;
	out[1] = skip_non_live(walk, ipa);
	return rmi_ret(RMI_SUCCESS);
}

/*
 * If all entries of a table are what one entry of its parent unfolds to: that entry.
 * Blocks are possible at levels 1 and 2.
 */
static bool fold(unsigned long pa, int level, struct s2tt_entry *parent)
{
	const u64 *entries = granule_va(pa);

	s2tte_decode(entries[0], level, parent);
	parent->level--;
	if (parent->state == RMI_RTTE_TABLE)
		return false;
	if (parent->state == RMI_RTTE_DATA &&
	    (parent->level < S2TT_MIN_BLOCK_LEVEL ||
	     !IS_ALIGNED(parent->pa, s2tt_level_size(parent->level))))
		return false;

	for (unsigned int i = 0; i < S2TT_ENTRIES; i++) {
		struct s2tt_entry child = unfold(parent, i);

		if (entries[i] != s2tte_encode(&child))
			return false;
	}
	return true;
}

static rmi_status_t fold_table(const struct s2tt *s2, struct s2tt_walk *walk,
			       unsigned long ipa, long level, u64 *out)
{
	struct s2tt_entry table, new;
	struct granule *child;

	s2tt_walk_entry(walk, &table);
	if (walk->level < level - 1 || table.state != RMI_RTTE_TABLE)
		return rmi_ret_rtt(walk->level);

	child = lock_child(&table);
	if (!fold(table.pa, level, &new)) {
		granule_unlock(child);
		return rmi_ret_rtt(level);
	}

	replace_entry(s2, walk, ipa, level, s2tte_is_mapped(&new) ? S2TT_ENTRIES : 1, &new);
	child->refcount = 0;
	if (!counts(&new))
		granule_put(walk->table);
	granule_unlock_as(child, GRANULE_DELEGATED);

	out[0] = table.pa;
	return rmi_ret(RMI_SUCCESS);
}

/* What RTT_DESTROY and RTT_FOLD have in common */
static rmi_status_t remove_table(const u64 *in, u64 *out,
				 rmi_status_t (*remove)(const struct s2tt *s2,
							struct s2tt_walk *walk, unsigned long ipa,
							long level, u64 *out))
{
	unsigned long ipa = in[1];
	long level = in[2];
	struct s2tt_walk walk;
	struct granule *g_rd;
	rmi_status_t status;
	struct s2tt s2;
	struct rd *rd;

	g_rd = realm_lock(in[0], &rd);
	if (!g_rd)
		return rmi_ret_granule(in[0]);

	s2 = rd->s2;
	if (!table_args_valid(&s2, ipa, level)) {
		granule_unlock(g_rd);
		return rmi_ret(RMI_ERROR_INPUT);
	}

	s2tt_walk(&s2, ipa, level - 1, &walk);
	granule_unlock(g_rd);
	status = remove(&s2, &walk, ipa, level, out);
	s2tt_walk_end(&walk);
	return status;
}

/* DEN0137 B4.5.68 */
rmi_status_t handle_rtt_destroy(const u64 *in, u64 *out)
{
	return remove_table(in, out, destroy_table);
}

/* DEN0137 B4.5.72 */
rmi_status_t handle_rtt_fold(const u64 *in, u64 *out)
{
	return remove_table(in, out, fold_table);
}

static void read_entry(const struct s2tt_walk *walk, u64 *out)
{
	struct s2tt_entry entry;

	s2tt_walk_entry(walk, &entry);
	out[0] = walk->level;
	out[1] = entry.state;
	if (entry.state != RMI_RTTE_VOID)
		out[2] = entry.pa | entry.desc;
	out[3] = entry.ripas;
}

/* DEN0137 B4.5.74 */
rmi_status_t handle_rtt_read_entry(const u64 *in, u64 *out)
{
	unsigned long ipa = in[1];
	long level = in[2];
	struct s2tt_walk walk;
	struct granule *g_rd;
	struct s2tt s2;
	struct rd *rd;

	g_rd = realm_lock(in[0], &rd);
	if (!g_rd)
		return rmi_ret_granule(in[0]);

	s2 = rd->s2;
	if (level < s2.start_level || level > S2TT_PAGE_LEVEL ||
	    !IS_ALIGNED(ipa, s2tt_level_size(level)) || !s2tt_ipa_valid(&s2, ipa)) {
		granule_unlock(g_rd);
		return rmi_ret(RMI_ERROR_INPUT);
	}

	s2tt_walk(&s2, ipa, level, &walk);
	granule_unlock(g_rd);
	read_entry(&walk, out);
	s2tt_walk_end(&walk);
	return rmi_ret(RMI_SUCCESS);
}
