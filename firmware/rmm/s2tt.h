/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stage 2 translation tables of a realm, RTTs in the specification (A5.6).
 *
 * An entry is either a valid descriptor, or has bit 0 clear and keeps the state
 * of the IPA in bits the hardware ignores. The lock of the granule a table lives
 * in protects its entries. Walks go hand over hand from the starting level, so
 * other CPUs can work in other tables of the same realm.
 */
#ifndef RMM_S2TT_H
#define RMM_S2TT_H

#include <linux/bits.h>
#include <linux/types.h>
#include "granule.h"

#define S2TT_PAGE_LEVEL		3
#define S2TT_MIN_BLOCK_LEVEL	1
#define S2TT_MIN_START_LEVEL	0
#define S2TT_ENTRIES		512
#define S2TT_MAX_ROOTS		16
#define S2TT_OADDR_BITS		48	/* of output addresses, without LPA2 */

/**
 * struct s2tt - a realm's stage 2; constant from REALM_CREATE to REALM_DESTROY
 * @root: physical address of the first starting-level table
 * @nr_roots: number of concatenated starting-level tables
 * @start_level: level of these
 * @ipa_bits: width of the IPA space; its top bit selects the unprotected half
 * @vmid: VMID
 */
struct s2tt {
	unsigned long root;
	unsigned int nr_roots;
	int start_level;
	unsigned int ipa_bits;
	unsigned int vmid;
};

/**
 * struct s2tt_walk - where a walk ended
 * @table: granule of the table, locked
 * @entries: the table
 * @index: entry that the IPA selects
 * @level: level of the table
 */
struct s2tt_walk {
	struct granule *table;
	u64 *entries;
	unsigned int index;
	int level;
};

/**
 * struct s2tt_entry - an entry taken apart
 * @state: RMI_RTTE_VOID, RMI_RTTE_DATA or RMI_RTTE_TABLE
 * @ripas: RMI_RIPAS_*; meaningful in the protected half, not for RMI_RTTE_TABLE
 * @level: level of the entry
 * @pa: output address of RMI_RTTE_DATA, or of the next table
 * @ns: the entry belongs to the unprotected half
 * @desc: attributes of an unprotected mapping as in the descriptor
 *	(MemAttr[2:0] in 4:2, S2AP in 7:6), else 0
 */
struct s2tt_entry {
	int state;
	int ripas;
	int level;
	bool ns;
	unsigned long pa;
	u64 desc;
};

/** s2tt_level_size() - bytes that an entry at a level maps */
static inline unsigned long s2tt_level_size(int level)
{
	return 1UL << (GRANULE_SHIFT + 9 * (S2TT_PAGE_LEVEL - level));
}

/** s2tt_ipa_valid() - is @ipa inside the IPA space at all? */
static inline bool s2tt_ipa_valid(const struct s2tt *s2, unsigned long ipa)
{
	return !(ipa >> s2->ipa_bits);
}

/** s2tt_ipa_protected() - is @ipa in the protected half? */
static inline bool s2tt_ipa_protected(const struct s2tt *s2, unsigned long ipa)
{
	return !(ipa >> (s2->ipa_bits - 1));
}

/** s2tt_range_valid() - is [@base, @top) granules of one half: the unprotected if @ns? */
static inline bool s2tt_range_valid(const struct s2tt *s2, unsigned long base,
				    unsigned long top, bool ns)
{
	unsigned long last = top - GRANULE_SIZE;

	if (!GRANULE_ALIGNED(base) || !GRANULE_ALIGNED(top) || top <= base)
		return false;
	if (!s2tt_ipa_valid(s2, last))
		return false;
	return ns ? !s2tt_ipa_protected(s2, base) : s2tt_ipa_protected(s2, last);
}

/**
 * s2tt_walk() - walk towards a level
 * @s2: the realm's stage 2
 * @ipa: a valid IPA
 * @level: where to stop; the walk ends earlier where there is no table
 * @walk: result, with the table locked: call s2tt_walk_end()
 *
 * Takes RTT locks, holds at most two. The caller may hold the RD or a REC.
 */
void s2tt_walk(const struct s2tt *s2, unsigned long ipa, int level,
	       struct s2tt_walk *walk);

/** s2tt_walk_end() - unlock what s2tt_walk() locked */
static inline void s2tt_walk_end(struct s2tt_walk *walk)
{
	granule_unlock(walk->table);
}

/** s2tte_read() - read an entry of the table a walk ended in */
static inline u64 s2tte_read(const struct s2tt_walk *walk, unsigned int index)
{
	return __atomic_load_n(&walk->entries[index], __ATOMIC_RELAXED);
}

/* MemAttr[2:0] and S2AP of an unprotected entry: what the host chooses (A5.6.12.3) */
#define S2TTE_NS_ATTRS		(GENMASK_ULL(4, 2) | S2TTE_S2AP_READ | S2TTE_S2AP_WRITE)
#define S2TTE_S2AP_READ		BIT_ULL(6)
#define S2TTE_S2AP_WRITE	BIT_ULL(7)

/** s2tte_decode() - take an entry apart */
void s2tte_decode(u64 desc, int level, struct s2tt_entry *entry);

/** s2tte_encode() - put an entry together */
u64 s2tte_encode(const struct s2tt_entry *entry);

/** s2tte_is_mapped() - does the hardware translate by this entry? */
bool s2tte_is_mapped(const struct s2tt_entry *entry);

/** s2tte_write() - write an entry of the table a walk ended in */
void s2tte_write(struct s2tt_walk *walk, unsigned int index, u64 desc);

/** s2tt_walk_entry() - the entry a walk ended at, taken apart */
void s2tt_walk_entry(const struct s2tt_walk *walk, struct s2tt_entry *entry);

/**
 * s2tt_invalidate() - make all CPUs forget translations
 * @s2: the realm's stage 2
 * @ipa: IPA of the first entry
 * @level: level of the entries; for a table that went away, that of its entries
 * @count: number of consecutive entries
 *
 * To be called with the table locked, after the entries were made invalid and before
 * memory or entries are used for anything else.
 */
void s2tt_invalidate(const struct s2tt *s2, unsigned long ipa, int level,
		     unsigned long count);

/** s2tt_invalidate_all() - make all CPUs forget a VMID */
void s2tt_invalidate_all(const struct s2tt *s2);

/** s2tt_init_root() - fill starting-level table @n: VOID, RIPAS EMPTY */
void s2tt_init_root(const struct s2tt *s2, unsigned int n);

/**
 * s2tt_config_valid() - do IPA width, starting level and number of tables agree?
 *
 * DEN0137 B3.171 RttConfigIsValid, for 4 KB granules without LPA2
 */
bool s2tt_config_valid(unsigned int ipa_bits, long start_level,
		       unsigned int nr_roots);

/**
 * s2tt_lookup() - state of the deepest entry for an IPA
 *
 * A snapshot: it may be out of date when the function returns. Enough to decide
 * what to do with an abort, since a wrong guess makes the realm fault again.
 */
void s2tt_lookup(const struct s2tt *s2, unsigned long ipa,
		 struct s2tt_entry *entry);

/**
 * s2tt_ripas_range() - RIPAS of a range (RSI_IPA_STATE_GET)
 * @s2: the realm's stage 2
 * @base: start of a range in the protected half, granule aligned
 * @top: its end (exclusive)
 * @ripas: RMI_RIPAS_* of the first part
 *
 * Return: end (exclusive, > @base) of the first part of the range in which every
 * entry has the same RIPAS; looks at one table, so it may stop early
 */
unsigned long s2tt_ripas_range(const struct s2tt *s2, unsigned long base,
			       unsigned long top, int *ripas);

/**
 * realm_mem_get() - reach realm memory from the RMM
 * @s2: the realm's stage 2
 * @ipa: IPA in the protected half; need not be aligned
 * @walk: keeps the mapping in place until realm_mem_put()
 *
 * Return: pointer to the byte at @ipa, valid up to the end of its granule; NULL
 * when no DATA with RIPAS RAM is there; @walk then needs no realm_mem_put() but
 * tells nothing (use s2tt_lookup() to find out why)
 */
void *realm_mem_get(const struct s2tt *s2, unsigned long ipa,
		    struct s2tt_walk *walk);

static inline void realm_mem_put(struct s2tt_walk *walk)
{
	s2tt_walk_end(walk);
}

/** s2tt_vtcr() - VTCR_EL2 for the realm */
u64 s2tt_vtcr(const struct s2tt *s2);

/** s2tt_vttbr() - VTTBR_EL2 for the realm */
u64 s2tt_vttbr(const struct s2tt *s2);

#endif
