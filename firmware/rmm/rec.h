/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Realm Execution Contexts (DEN0137 A2.4).
 *
 * A REC lives in a GRANULE_REC granule, with more memory donated to it by the
 * host in rec->aux. The CPU that runs a REC owns all of it: REC_ENTER takes the
 * reference of the granule from 0 to 1 under the lock (rec_acquire()), drops the
 * lock and runs. Commands that look into a REC that may be running lock it and
 * check the reference first.
 */
#ifndef RMM_REC_H
#define RMM_REC_H

#include <linux/build_bug.h>
#include <linux/types.h>
#include "granule.h"
#include "realm.h"
#include "rec_context.h"
#include <rmi-defs.h>

/*
 * Memory that a REC needs besides its own granule: two granules for Z0-Z15 and
 * Z16-Z31 (256 bytes each at most), one for P0-P15, FFR and what else there is.
 * The last is spare: a power of two can be asked for in one contiguous piece.
 */
#define REC_NR_AUX		4
#define REC_AUX_Z_LOW		0
#define REC_AUX_Z_HIGH		1
#define REC_AUX_P		2

enum rec_pending {
	REC_PENDING_NONE,
	REC_PENDING_PSCI,	/* waits for RMI_PSCI_COMPLETE */
	REC_PENDING_RIPAS,	/* waits for the host's answer in REC_ENTER */
	REC_PENDING_HOST_CALL,	/* answer to be written to the realm */
};

/**
 * struct rec - a realm's virtual CPU
 * @g: its granule
 * @g_rd: the realm's granule; a reference is held
 * @rd: the realm
 * @index: number of the REC in the realm
 * @mpidr: MPIDR_EL1 that the realm sees (bit 31 set)
 * @s2: copy of the realm's stage 2 description
 * @runnable: PSCI "on". Owner, or under the lock by PSCI of another REC
 * @pending: what has to be answered before the REC can go on
 * @psci: for REC_PENDING_PSCI: the call as the realm made it
 * @ripas: for REC_PENDING_RIPAS: the request; @ripas.addr is how far RTT_SET_RIPAS got
 * @aux: physical addresses of the donated granules
 * @ctx: registers and whatever else running needs, see rec_context.h
 */
struct rec {
	struct granule *g;
	struct granule *g_rd;
	struct rd *rd;
	unsigned long index;
	u64 mpidr;
	struct s2tt s2;
	bool runnable;
	enum rec_pending pending;
	struct {
		u32 fid;
		u64 target_mpidr;
		u64 entry;
		u64 context_id;
		u32 lowest_level;
	} psci;
	struct {
		u64 base;
		u64 top;
		u64 addr;
		u8 value;
		bool change_destroyed;
	} ripas;
	u64 aux[REC_NR_AUX];
	struct rec_context ctx;
};

static_assert(sizeof(struct rec) <= GRANULE_SIZE);

/** rec_aux() - pointer to a donated granule */
static inline void *rec_aux(const struct rec *rec, unsigned int n)
{
	return granule_va(rec->aux[n]);
}

/* A REC is running on some CPU; meaningful under its lock. */
static inline bool rec_running(const struct rec *rec)
{
	return granule_refcount(rec->g) != 0;
}

/*
 * Provided with rec_context.h, by the code that runs a REC:
 */

/**
 * rec_context_init() - set up registers and aux memory of a new REC
 * @rec: every field but @rec->ctx is valid; aux granules are zeroed
 * @params: as given by the host, checked
 *
 * Called with RD and REC locked.
 */
void rec_context_init(struct rec *rec, const struct rmi_rec_params *params);

/**
 * rec_context_start() - reset registers for PSCI CPU_ON
 * @rec: target; locked and not running
 * @caller: the REC that made the call; its endianness is the target's
 */
void rec_context_start(struct rec *rec, const struct rec *caller);

/** rec_context_psci_return() - put the result of a completed PSCI call in X0 */
void rec_context_psci_return(struct rec *rec, u64 x0);

#endif
