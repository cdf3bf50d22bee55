// SPDX-License-Identifier: GPL-2.0-only
/* The granule table: state, lock and references of each granule of DRAM (granule.h). */
#include <console.h>
#include <spinlock.h>
#include <sysreg.h>
#include "granule.h"
#include "inject_answer.h"

static struct granule *granules;
static unsigned long granules_base;
static unsigned long nr_granules;

/* The lock keeps the published number in step. */
static unsigned long nr_delegated;
static spinlock_t count_lock;

unsigned long granule_init(unsigned long dram_base, unsigned long dram_size, void *table)
{
	granules = table;
	granules_base = dram_base;
	nr_granules = dram_size >> GRANULE_SHIFT;
	return nr_granules * sizeof(struct granule);
}

void granule_reserve(unsigned long base, unsigned long size)
{
	for (unsigned long pa = base; pa < base + size; pa += GRANULE_SIZE)
		granule_find(pa)->state = GRANULE_RESERVED;
}

struct granule *granule_find(unsigned long pa)
{
	unsigned long index = (pa - granules_base) >> GRANULE_SHIFT;

	if (!GRANULE_ALIGNED(pa) || pa < granules_base || index >= nr_granules)
		return NULL;
	return &granules[index];
}

unsigned long granule_pa(const struct granule *g)
{
	return granules_base + ((unsigned long)(g - granules) << GRANULE_SHIFT);
}

enum granule_state granule_state(const struct granule *g)
{
	return __atomic_load_n(&g->state, __ATOMIC_RELAXED);
}

static bool granule_trylock(struct granule *g)
{
	return !__atomic_exchange_n(&g->locked, 1, __ATOMIC_ACQUIRE);
}

void granule_unlock(struct granule *g)
{
	__atomic_store_n(&g->locked, 0, __ATOMIC_RELEASE);
}

struct granule *granule_lock(unsigned long pa, enum granule_state state)
{
	struct granule *g = granule_find(pa);

	if (!g)
		return NULL;

	while (granule_state(g) == state) {
		if (!granule_trylock(g)) {
			cpu_relax();
			continue;
		}
		if (granule_state(g) == state)
			return g;
		granule_unlock(g);
	}
	return NULL;
}

void granule_lock_known(struct granule *g, enum granule_state state)
{
	while (!granule_trylock(g))
		cpu_relax();
	assert(granule_state(g) == state);
}

void granule_unlock_as(struct granule *g, enum granule_state state)
{
	__atomic_store_n(&g->state, state, __ATOMIC_RELAXED);
	granule_unlock(g);
}

void granule_release(unsigned long pa, unsigned long size, enum granule_state state)
{
	for (unsigned long end = pa + size; pa < end; pa += GRANULE_SIZE) {
		struct granule *g = granule_find(pa);

		granule_lock_known(g, state);
		granule_unlock_as(g, GRANULE_DELEGATED);
	}
}

void granule_wipe(unsigned long pa)
{
	unsigned long size = 4UL << (read_sysreg(dczid_el0) & 0xf);

	for (unsigned long p = pa; p < pa + GRANULE_SIZE; p += size)
		dc(zva, p);
}

void granule_count(long change)
{
	spin_lock(&count_lock);
	nr_delegated += change;
	test_control_delegated(nr_delegated);
	spin_unlock(&count_lock);
}
