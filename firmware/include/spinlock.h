/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Spinlocks. They order accesses as the kernel's do. Not for code that runs with the MMU off:
 * exclusives need Normal, cacheable memory.
 */
#ifndef FIRMWARE_SPINLOCK_H
#define FIRMWARE_SPINLOCK_H

#include <linux/types.h>
#include <sysreg.h>

typedef struct {
	u32 locked;
} spinlock_t;

#define SPINLOCK_INIT	{ 0 }

static inline bool spin_trylock(spinlock_t *lock)
{
	return !__atomic_exchange_n(&lock->locked, 1, __ATOMIC_ACQUIRE);
}

static inline void spin_lock(spinlock_t *lock)
{
	while (!spin_trylock(lock)) {
		while (__atomic_load_n(&lock->locked, __ATOMIC_RELAXED))
			cpu_relax();
	}
}

static inline void spin_unlock(spinlock_t *lock)
{
	__atomic_store_n(&lock->locked, 0, __ATOMIC_RELEASE);
}

static inline bool spin_is_locked(spinlock_t *lock)
{
	return __atomic_load_n(&lock->locked, __ATOMIC_RELAXED);
}

#endif /* FIRMWARE_SPINLOCK_H */
