/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stateful operations (DEN0137 B4.3.2): commands that need memory from the host, or have
 * memory for it, and are therefore carried out in several calls.
 *
 *	begin -> OP_WANT_MEM -> OP_READY -> op->run() -> done
 *	              |            |            | failed
 *	begin --------+--cancel----+--> OP_RETURN_MEM -> OP_DONE -> done
 *
 * RMI_OP_MEM_DONATE and RMI_OP_MEM_RECLAIM move memory, RMI_OP_CONTINUE does the rest.
 * An operation owns its target granule, which is in state GRANULE_OP, the memory, and a
 * reference on the realm, so nothing it needs can go away between two calls.
 */
#ifndef RMM_OP_H
#define RMM_OP_H

#include <linux/types.h>
#include <spinlock.h>
#include "rmi.h"

#define OP_MAX_MEM		16
#define OP_MAX_IN		6	/* X1 to X6 */

enum op_step {
	OP_WANT_MEM,		/* waits for RMI_OP_MEM_DONATE */
	OP_READY,		/* RMI_OP_CONTINUE runs it */
	OP_RETURN_MEM,		/* waits for RMI_OP_MEM_RECLAIM */
	OP_DONE,		/* RMI_OP_CONTINUE ends it with @result */
};

/* What RMI_REC_CREATE read of the host's parameters */
struct op_rec_params {
	u64 flags;
	u64 mpidr;
	u64 pc;
	u64 gprs[8];
};

/**
 * struct op - a stateful operation
 * @lock: what it says
 * @handle: what the host knows it by, 0 while the slot is free
 * @step: what comes next
 * @target: address of the granule that is created or destroyed, 0 if none
 * @g_rd: granule of the realm, referenced
 * @contig: memory has to be contiguous, aligned to its size
 * @nr_wanted: number of granules the operation needs
 * @nr_mem: number of granules in @mem
 * @mem: addresses of granules, in state GRANULE_REC_AUX
 * @run: does the work once the memory is there; on success @target has its new state
 * @result: status at the end, after memory was returned
 * @params: input of @run
 * @deferred: instead of @run, and without @target and memory: handler of a command
 * @in: input registers of that command
 */
struct op {
	spinlock_t lock;	/* held by the call that works on it */
	u64 handle;
	enum op_step step;
	unsigned long target;
	struct granule *g_rd;
	bool contig;
	unsigned int nr_wanted;
	unsigned int nr_mem;
	unsigned long mem[OP_MAX_MEM];
	rmi_status_t (*run)(struct op *op);
	rmi_status_t result;
	struct op_rec_params params;
	rmi_handler_t deferred;
	u64 in[OP_MAX_IN];
};

/**
 * op_begin() - reserve an operation
 *
 * Return: an operation, locked; NULL when all are in use (RMI_BUSY)
 */
struct op *op_begin(void);

/** op_free() - give an operation back that is over, or did not begin after all */
void op_free(struct op *op);

/**
 * op_answer() - tell the host what the operation needs next, and unlock it
 * @op: an operation that op_begin() gave, with all fields set for its step
 * @out: output registers of the command
 *
 * Return: RMI_INCOMPLETE with what goes with it
 */
rmi_status_t op_answer(struct op *op, u64 *out);

/**
 * op_defer() - put off a command to RMI_OP_CONTINUE, because a test wants that
 * @handler: handler of the command
 * @in: its input registers
 * @out: output registers
 *
 * Return: RMI_INCOMPLETE, or RMI_BUSY
 */
rmi_status_t op_defer(rmi_handler_t handler, const u64 *in, u64 *out);

#endif
