/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The realm descriptor (DEN0137 A2.3).
 *
 * Lives in a GRANULE_RD granule. "const" below means: written by REALM_CREATE
 * only, so it may be read without a lock by whoever holds a reference on the RD
 * (each REC does). "lock" means under the RD's granule lock.
 */
#ifndef RMM_REALM_H
#define RMM_REALM_H

#include <linux/types.h>
#include "granule.h"
#include "s2tt.h"

#define RPV_SIZE		64
#define MEASUREMENT_SIZE	64	/* SHA-512 */
#define NR_MEASUREMENTS		5
#define MEASUREMENT_RIM		0	/* the others are REMs */

enum realm_state {
	REALM_NEW,
	REALM_ACTIVE,
	REALM_SYSTEM_OFF,
	REALM_ZOMBIE,		/* RMI_REALM_TERMINATE */
};

/**
 * struct rd - a realm
 * @run: enum realm_state in bits 7:0, number of RECs inside REC_ENTER above it; one
 *	word so that REALM_TERMINATE and REC_ENTER exclude each other. Use
 *	realm_get_state() and the functions below, none needs the lock.
 * @nr_recs: lock while NEW, then const; number of RECs ever created, which is the
 *	index of the next
 * @s2: const
 * @hash_algo: const; RMI_HASH_SHA_256 or RMI_HASH_SHA_512
 * @sve: const; SVE enabled
 * @sve_vl: const; RMI encoding: (VL in bits / 128) - 1
 * @num_bps: const; RMI encoding: number of breakpoints - 1
 * @num_wps: const; RMI encoding: number of watchpoints - 1
 * @rpv: const; Realm Personalization Value
 * @measurement: lock; RIM and REMs, zero-extended when the hash is shorter
 *
 * The refcount of the granule is the number of RECs.
 */
struct rd {
	u64 run;
	u32 nr_recs;
	struct s2tt s2;
	u8 hash_algo;
	bool sve;
	u8 sve_vl;
	u8 num_bps;
	u8 num_wps;
	u8 rpv[RPV_SIZE];
	u8 measurement[NR_MEASUREMENTS][MEASUREMENT_SIZE];
};

enum realm_state realm_get_state(const struct rd *rd);

/**
 * realm_run_begin() - a REC of the realm is about to run
 *
 * Return: false when the realm is not ACTIVE, with *@state telling why. While
 * true is in force REALM_TERMINATE fails.
 */
bool realm_run_begin(struct rd *rd, enum realm_state *state);

/** realm_run_end() - balance realm_run_begin() */
void realm_run_end(struct rd *rd);

/** realm_system_off() - PSCI_SYSTEM_OFF or SYSTEM_RESET by a running REC */
void realm_system_off(struct rd *rd);

/**
 * realm_lock() - lock the RD at an address the host passed
 * @pa: address
 * @rd: the realm
 *
 * Return: its granule, to be unlocked; NULL when there is no RD
 */
static inline struct granule *realm_lock(unsigned long pa, struct rd **rd)
{
	struct granule *g = granule_lock(pa, GRANULE_RD);

	if (g)
		*rd = granule_va(pa);
	return g;
}

/**
 * measurement_extend() - extend a REM (RSI_MEASUREMENT_EXTEND)
 * @rd: the realm, locked
 * @index: 1 to NR_MEASUREMENTS - 1
 * @data: up to 64 bytes
 * @size: bytes of @data that count
 */
void measurement_extend(struct rd *rd, unsigned int index, const void *data,
			unsigned int size);

#endif
