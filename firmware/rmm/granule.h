/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Granules: the unit of memory the RMM tracks, 4 KB each (DEN0137 A2.2).
 *
 * Every granule of DRAM has a struct granule. Its lock protects its state and,
 * unless the object kept in it says otherwise (realm.h, rec.h), the contents.
 *
 * Locks are taken in this order, and released in any:
 *
 *	RD -> REC -> RTT, starting level first -> DATA, DELEGATED, NS
 *
 * Two RECs are locked in the order of their addresses. No order is needed within
 * the last class, because nobody waits for a granule there while holding another
 * of that class.
 *
 * granule_lock() waits for the lock only as long as the granule is in the state
 * asked for. A granule that is locked can change its state only through the
 * owner of the lock, so the host cannot construct a deadlock by passing one
 * address in two roles: one of the two callers gives up at once.
 */
#ifndef RMM_GRANULE_H
#define RMM_GRANULE_H

#include <linux/bits.h>
#include <linux/types.h>

#define GRANULE_SHIFT	12
#define GRANULE_SIZE	BIT(GRANULE_SHIFT)
#define GRANULE_MASK	(~(GRANULE_SIZE - 1))

#define GRANULE_ALIGNED(x)	(((unsigned long)(x) & ~GRANULE_MASK) == 0)

enum granule_state {
	GRANULE_NS,		/* Non-secure memory, the host's */
	GRANULE_DELEGATED,	/* Realm memory without a purpose yet */
	GRANULE_RD,		/* struct rd */
	GRANULE_REC,		/* struct rec */
	GRANULE_REC_AUX,	/* memory donated to a REC */
	GRANULE_RTT,		/* stage 2 table; refcount: entries that are not VOID */
	GRANULE_DATA,		/* mapped in a realm's protected half */
	GRANULE_OP,		/* target of an incomplete stateful operation */
	GRANULE_RESERVED,	/* the firmware's own, for ever */
};

/**
 * struct granule - what the RMM knows about one granule
 * @locked: 1 while somebody holds the lock
 * @state: enum granule_state, changed by the owner of the lock only
 * @refcount: references that keep the state from changing. Changed with atomic
 *	operations; whether that needs the lock depends on the state:
 *	RD counts its RECs, REC is 1 while it runs, RTT counts its live entries.
 */
struct granule {
	u8 locked;
	u8 state;
	u16 reserved;
	u32 refcount;
};

/**
 * granule_find() - look up the granule of a physical address
 * @pa: a physical address, any
 *
 * Return: the granule that begins at @pa; NULL when @pa is not aligned to a granule
 * or not in tracked memory
 */
struct granule *granule_find(unsigned long pa);

/** granule_pa() - the physical address of a granule */
unsigned long granule_pa(const struct granule *g);

/**
 * granule_lock() - lock a granule that is in a given state
 * @pa: address of the granule
 * @state: state it has to be in
 *
 * Return: the locked granule; NULL when @pa is not aligned, not tracked, or the
 * granule is in another state
 */
struct granule *granule_lock(unsigned long pa, enum granule_state state);

/** granule_lock_known() - lock a granule known to be in @state and to stay so */
void granule_lock_known(struct granule *g, enum granule_state state);

/** granule_unlock() - unlock a granule and leave its state alone */
void granule_unlock(struct granule *g);

/** granule_unlock_as() - give a locked granule a new state and unlock it */
void granule_unlock_as(struct granule *g, enum granule_state state);

/**
 * granule_release() - make granules delegated that served a purpose
 * @pa: address of the first
 * @size: size of the range in bytes
 * @state: state that all of them are in
 */
void granule_release(unsigned long pa, unsigned long size, enum granule_state state);

/** granule_state() - read the state without the lock; may change at once */
enum granule_state granule_state(const struct granule *g);

/** granule_in_state() - is @pa a granule in @state? A first look, without the lock */
static inline bool granule_in_state(unsigned long pa, enum granule_state state)
{
	const struct granule *g = granule_find(pa);

	return g && granule_state(g) == state;
}

static inline void granule_get(struct granule *g)
{
	__atomic_fetch_add(&g->refcount, 1, __ATOMIC_RELAXED);
}

static inline void granule_put(struct granule *g)
{
	__atomic_fetch_sub(&g->refcount, 1, __ATOMIC_RELEASE);
}

static inline u32 granule_refcount(const struct granule *g)
{
	return __atomic_load_n(&g->refcount, __ATOMIC_ACQUIRE);
}

/**
 * granule_va() - where the RMM sees Realm memory
 * @pa: physical address in a granule that is not GRANULE_NS
 *
 * Realm memory is mapped one to one for the whole life of the RMM. Touching a
 * granule that is not in the Realm PAS is a granule protection fault and stops
 * the firmware, so hold the lock or a reference.
 */
static inline void *granule_va(unsigned long pa)
{
	return (void *)pa;
}

/** granule_wipe() - zero the contents of a granule of Realm memory */
void granule_wipe(unsigned long pa);

/** granule_count() - account for granules that were delegated (undelegated: < 0) */
void granule_count(long change);

/**
 * granule_init() - set up tracking
 * @dram_base: first byte of tracked memory
 * @dram_size: its size in bytes
 * @table: zeroed memory for the table of struct granule
 *
 * Return: size of the table in bytes
 */
unsigned long granule_init(unsigned long dram_base, unsigned long dram_size,
			   void *table);

/** granule_reserve() - mark the firmware's own memory as GRANULE_RESERVED */
void granule_reserve(unsigned long base, unsigned long size);

#endif
