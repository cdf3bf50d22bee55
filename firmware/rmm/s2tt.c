// SPDX-License-Identifier: GPL-2.0-only
/* Stage 2 tables: format of the entries, walks, and what others may ask (s2tt.h). */
#include <linux/bitfield.h>
#include <console.h>
#include <rmi-defs.h>
#include <sysreg.h>
#include "s2tt.h"

/* Fields of a valid descriptor */
#define S2_VALID		BIT_ULL(0)
#define S2_TYPE			GENMASK_ULL(1, 0)
#define S2_TYPE_BLOCK		ULL(1)
#define S2_TYPE_TABLE		ULL(3)
#define S2_TYPE_PAGE		ULL(3)
#define S2_MEMATTR		GENMASK_ULL(4, 2)
#define S2_MEMATTR_FWB_WB	ULL(6)
#define S2_MEMATTR_FWB_S1	ULL(7)
#define S2_AP			GENMASK_ULL(7, 6)
#define S2_AP_RW		ULL(3)
#define S2_SH_OUTER		(ULL(2) << 8)
#define S2_SH_INNER		(ULL(3) << 8)
#define S2_AF			BIT_ULL(10)
#define S2_ADDR			GENMASK_ULL(S2TT_OADDR_BITS - 1, 12)
#define S2_XN			BIT_ULL(54)	/* XN[1]; with XN[0] clear: at no EL */
#define S2_NS			BIT_ULL(55)

/* What the hardware ignores in an invalid one keeps the rest of the state. */
#define S2_SW_DATA		BIT_ULL(2)
#define S2_SW_RIPAS		GENMASK_ULL(4, 3)

#define S2_PROTECTED		(FIELD_PREP(S2_MEMATTR, S2_MEMATTR_FWB_WB) | S2_SH_INNER | \
				 FIELD_PREP(S2_AP, S2_AP_RW) | S2_AF)

static u64 leaf_type(int level)
{
	return level == S2TT_PAGE_LEVEL ? S2_TYPE_PAGE : S2_TYPE_BLOCK;
}

/* DEN0137 A5.6.12.3: what is cacheable is inner shareable, the rest outer. */
static u64 ns_shareability(u64 attr)
{
	u64 memattr = FIELD_GET(S2_MEMATTR, attr);

	return memattr == S2_MEMATTR_FWB_WB || memattr == S2_MEMATTR_FWB_S1 ? S2_SH_INNER :
									      S2_SH_OUTER;
}

static u64 encode_ns(const struct s2tt_entry *e)
{
	if (e->state == RMI_RTTE_VOID)
		return S2_NS;

	return e->pa | e->desc | ns_shareability(e->desc) | S2_AF | S2_XN | S2_NS |
	       leaf_type(e->level);
}

u64 s2tte_encode(const struct s2tt_entry *e)
{
	if (e->state == RMI_RTTE_TABLE)
		return e->pa | S2_TYPE_TABLE;
	if (e->ns)
		return encode_ns(e);
	if (e->state == RMI_RTTE_VOID)
		return FIELD_PREP(S2_SW_RIPAS, e->ripas);
	if (e->ripas == RMI_RIPAS_RAM)
		return e->pa | S2_PROTECTED | leaf_type(e->level);
	return e->pa | S2_SW_DATA | FIELD_PREP(S2_SW_RIPAS, e->ripas);
}

static bool is_table(u64 desc, int level)
{
	return level < S2TT_PAGE_LEVEL && (desc & S2_TYPE) == S2_TYPE_TABLE;
}

void s2tte_decode(u64 desc, int level, struct s2tt_entry *e)
{
	*e = (struct s2tt_entry){
		.state = RMI_RTTE_VOID,
		.ripas = RMI_RIPAS_EMPTY,
		.level = level,
		.ns = desc & S2_NS,
		.pa = desc & S2_ADDR,
	};

	if (is_table(desc, level)) {
		e->state = RMI_RTTE_TABLE;
		return;
	}

	if (desc & S2_VALID) {
		e->state = RMI_RTTE_DATA;
		if (e->ns)
			e->desc = desc & S2TTE_NS_ATTRS;
		else
			e->ripas = RMI_RIPAS_RAM;
		return;
	}

	if (desc & S2_SW_DATA)
		e->state = RMI_RTTE_DATA;
	e->ripas = FIELD_GET(S2_SW_RIPAS, desc);
}

bool s2tte_is_mapped(const struct s2tt_entry *e)
{
	return e->state == RMI_RTTE_DATA && (e->ns || e->ripas == RMI_RIPAS_RAM);
}

void s2tte_write(struct s2tt_walk *walk, unsigned int index, u64 desc)
{
	__atomic_store_n(&walk->entries[index], desc, __ATOMIC_RELEASE);
}

static unsigned long entry_number(unsigned long ipa, int level)
{
	return ipa / s2tt_level_size(level);
}

void s2tt_walk(const struct s2tt *s2, unsigned long ipa, int level, struct s2tt_walk *walk)
{
	unsigned long root = entry_number(ipa, s2->start_level) / S2TT_ENTRIES;
	unsigned long pa = s2->root + root * GRANULE_SIZE;

	assert(root < s2->nr_roots);
	walk->level = s2->start_level;
	walk->table = granule_find(pa);
	granule_lock_known(walk->table, GRANULE_RTT);

	for (;;) {
		struct granule *next;
		u64 desc;

		walk->entries = granule_va(pa);
		walk->index = entry_number(ipa, walk->level) % S2TT_ENTRIES;
		desc = s2tte_read(walk, walk->index);
		if (walk->level >= level || !is_table(desc, walk->level))
			return;

		pa = desc & S2_ADDR;
		next = granule_find(pa);
		granule_lock_known(next, GRANULE_RTT);
		granule_unlock(walk->table);
		walk->table = next;
		walk->level++;
	}
}

void s2tt_walk_entry(const struct s2tt_walk *walk, struct s2tt_entry *entry)
{
	s2tte_decode(s2tte_read(walk, walk->index), walk->level, entry);
}

void s2tt_lookup(const struct s2tt *s2, unsigned long ipa, struct s2tt_entry *entry)
{
	struct s2tt_walk walk;

	s2tt_walk(s2, ipa, S2TT_PAGE_LEVEL, &walk);
	s2tt_walk_entry(&walk, entry);
	s2tt_walk_end(&walk);
}

unsigned long s2tt_ripas_range(const struct s2tt *s2, unsigned long base, unsigned long top,
			       int *ripas)
{
	struct s2tt_entry entry;
	struct s2tt_walk walk;
	unsigned long size, end;

	s2tt_walk(s2, base, S2TT_PAGE_LEVEL, &walk);
	size = s2tt_level_size(walk.level);
	end = ALIGN_DOWN(base, size) + size;
	s2tt_walk_entry(&walk, &entry);
	*ripas = entry.ripas;

	for (unsigned int i = walk.index + 1; i < S2TT_ENTRIES && end < top; i++) {
		s2tte_decode(s2tte_read(&walk, i), walk.level, &entry);
		if (entry.state == RMI_RTTE_TABLE || entry.ripas != *ripas)
			break;
		end += size;
	}
	s2tt_walk_end(&walk);

	return min(end, top);
}

void *realm_mem_get(const struct s2tt *s2, unsigned long ipa, struct s2tt_walk *walk)
{
	struct s2tt_entry entry;

	if (!s2tt_ipa_protected(s2, ipa))
		return NULL;

	s2tt_walk(s2, ipa, S2TT_PAGE_LEVEL, walk);
	s2tt_walk_entry(walk, &entry);
	if (!s2tte_is_mapped(&entry)) {
		s2tt_walk_end(walk);
		return NULL;
	}

	return granule_va(entry.pa + ipa % s2tt_level_size(walk->level));
}

static u64 table_initial(const struct s2tt *s2, unsigned long ipa)
{
	struct s2tt_entry entry = {
		.state = RMI_RTTE_VOID,
		.ripas = RMI_RIPAS_EMPTY,
		.ns = !s2tt_ipa_protected(s2, ipa),
	};

	return s2tte_encode(&entry);
}

void s2tt_init_root(const struct s2tt *s2, unsigned int n)
{
	u64 *entries = granule_va(s2->root + n * GRANULE_SIZE);
	unsigned long size = s2tt_level_size(s2->start_level);
	unsigned long ipa = n * S2TT_ENTRIES * size;

	for (unsigned int i = 0; i < S2TT_ENTRIES; i++, ipa += size)
		entries[i] = table_initial(s2, ipa);
	dsb(ishst);
}

/* Bits of the IPA that one table at a level resolves, with the levels below it */
static unsigned int table_bits(int level)
{
	return GRANULE_SHIFT + 9 * (S2TT_PAGE_LEVEL - level + 1);
}

bool s2tt_config_valid(unsigned int ipa_bits, long start_level, unsigned int nr_roots)
{
	unsigned int bits;

	if (start_level < S2TT_MIN_START_LEVEL || start_level > S2TT_PAGE_LEVEL)
		return false;

	/* More than one entry is used; up to 16 tables, but none below level 0. */
	bits = table_bits(start_level);
	if (ipa_bits <= bits - 9)
		return false;
	if (ipa_bits <= bits)
		return nr_roots == 1;
	if (start_level == 0 || ipa_bits > bits + 4)
		return false;
	return nr_roots == 1U << (ipa_bits - bits);
}

#define VTCR_T0SZ		GENMASK_ULL(5, 0)
#define VTCR_SL0		GENMASK_ULL(7, 6)
#define VTCR_IRGN0_WB		(ULL(1) << 8)
#define VTCR_ORGN0_WB		(ULL(1) << 10)
#define VTCR_SH0_INNER		(ULL(3) << 12)
#define VTCR_PS			GENMASK_ULL(18, 16)
#define VTCR_RES1		BIT_ULL(31)
#define VTTBR_VMID		GENMASK_ULL(63, 48)
#define PS_48			ULL(5)

u64 s2tt_vtcr(const struct s2tt *s2)
{
	static const u8 sl0[] = { 2, 1, 0, 3 };
	u64 parange = read_sysreg(id_aa64mmfr0_el1) & 0xf;

	return FIELD_PREP(VTCR_T0SZ, 64 - s2->ipa_bits) |
	       FIELD_PREP(VTCR_SL0, sl0[s2->start_level]) |
	       FIELD_PREP(VTCR_PS, min(parange, PS_48)) |
	       VTCR_IRGN0_WB | VTCR_ORGN0_WB | VTCR_SH0_INNER | VTCR_RES1;
}

u64 s2tt_vttbr(const struct s2tt *s2)
{
	return FIELD_PREP(VTTBR_VMID, s2->vmid) | s2->root;
}

/* More entries than this, and dropping all of the VMID's translations is cheaper. */
#define TLBI_MAX_ENTRIES	64

void s2tt_invalidate(const struct s2tt *s2, unsigned long ipa, int level, unsigned long count)
{
	u64 vttbr = read_sysreg(vttbr_el2);

	/* Maintenance of EL1&0 acts on the VMID in VTTBR_EL2. */
	write_sysreg(s2tt_vttbr(s2), vttbr_el2);
	isb();
	dsb(ishst);

	if (count > TLBI_MAX_ENTRIES) {
		tlbi(vmalls12e1is);
	} else {
		for (; count; count--, ipa += s2tt_level_size(level))
			tlbi_va(ipas2e1is, ipa >> GRANULE_SHIFT);
		/* Combined stage 1 and 2 entries are not found by IPA. */
		dsb(ish);
		tlbi(vmalle1is);
	}

	dsb(ish);
	isb();
	write_sysreg(vttbr, vttbr_el2);
	isb();
}

void s2tt_invalidate_all(const struct s2tt *s2)
{
	s2tt_invalidate(s2, 0, S2TT_PAGE_LEVEL, TLBI_MAX_ENTRIES + 1);
}
