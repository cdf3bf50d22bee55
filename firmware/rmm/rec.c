// SPDX-License-Identifier: GPL-2.0-only
/*
 * Creation and destruction of RECs (DEN0137 B4.5.49, B4.5.50): stateful, because a REC
 * needs more memory than the granule the host names.
 */
#include <linux/bitfield.h>
#include <spinlock.h>
#include <string.h>
#include "global.h"
#include "inject_answer.h"
#include "measure.h"
#include "ns.h"
#include "op.h"
#include "rec.h"
#include "rmi.h"

#define MPIDR_RES1		BIT_ULL(31)

static_assert(REC_NR_AUX <= OP_MAX_MEM);

/* DEN0137 B3.107; ~0 for a value that is no RmiRecMpidr */
static unsigned long rec_index(u64 mpidr)
{
	if (mpidr & RMI_REC_MPIDR_RES0)
		return ~0UL;

	return FIELD_GET(RMI_REC_MPIDR_AFF0, mpidr) | FIELD_GET(RMI_REC_MPIDR_AFF1, mpidr) << 4 |
	       FIELD_GET(RMI_REC_MPIDR_AFF2, mpidr) << 12 |
	       FIELD_GET(RMI_REC_MPIDR_AFF3, mpidr) << 20;
}

/* MPIDR_EL1 as the realm reads it: Aff3 is elsewhere */
static u64 rec_mpidr(u64 mpidr)
{
	u64 aff3 = FIELD_GET(RMI_REC_MPIDR_AFF3, mpidr);

	return aff3 << 32 | (mpidr & ~RMI_REC_MPIDR_AFF3) | MPIDR_RES1;
}

static bool read_params(struct op_rec_params *p, unsigned long pa)
{
	const unsigned long flags = offsetof(struct rmi_rec_params, flags);
	const unsigned long mpidr = offsetof(struct rmi_rec_params, mpidr);
	const unsigned long pc = offsetof(struct rmi_rec_params, pc);
	const unsigned long gprs = offsetof(struct rmi_rec_params, gprs);

	return GRANULE_ALIGNED(pa) &&
	       ns_read(&p->flags, pa + flags, sizeof(p->flags)) &&
	       ns_read(&p->mpidr, pa + mpidr, sizeof(p->mpidr)) &&
	       ns_read(&p->pc, pa + pc, sizeof(p->pc)) &&
	       ns_read(p->gprs, pa + gprs, sizeof(p->gprs));
}

static rmi_status_t realm_takes_rec(const struct rd *rd, u64 mpidr)
{
	if (realm_get_state(rd) != REALM_NEW)
		return rmi_ret(RMI_ERROR_REALM);
	if (rec_index(mpidr) != rd->nr_recs)
		return rmi_ret(RMI_ERROR_INPUT);
	return rmi_ret(RMI_SUCCESS);
}

/* Parameters fill a granule: one CPU finishes the creation of a REC at a time. */
static struct rmi_rec_params params_buffer;
static spinlock_t params_lock;

static void init_rec(struct rec *rec, const struct op *op, struct rd *rd)
{
	const struct op_rec_params *p = &op->params;
	struct rmi_rec_params *params = &params_buffer;

	memset(rec, 0, GRANULE_SIZE);
	rec->g = granule_find(op->target);
	rec->g_rd = op->g_rd;
	rec->rd = rd;
	rec->index = rd->nr_recs;
	rec->mpidr = rec_mpidr(p->mpidr);
	rec->s2 = rd->s2;
	rec->runnable = p->flags & RMI_REC_CREATE_FLAGS_RUNNABLE;
	rec->pending = REC_PENDING_NONE;
	for (unsigned int i = 0; i < REC_NR_AUX; i++) {
		granule_wipe(op->mem[i]);
		rec->aux[i] = op->mem[i];
	}

	spin_lock(&params_lock);
	params->flags = p->flags & RMI_REC_CREATE_FLAGS_RUNNABLE;
	params->pc = p->pc;
	memcpy(params->gprs, p->gprs, sizeof(params->gprs));
	if (rec->runnable)
		measure_rec(rd, params);
	rec_context_init(rec, params);
	spin_unlock(&params_lock);
}

/* All memory is there. What was checked at the beginning may have changed. */
static rmi_status_t finish_create(struct op *op)
{
	struct granule *g_rec = granule_find(op->target);
	rmi_status_t status;
	struct rd *rd;

	granule_lock_known(op->g_rd, GRANULE_RD);
	rd = granule_va(granule_pa(op->g_rd));
	status = realm_takes_rec(rd, op->params.mpidr);
	if (!rmi_ok(status)) {
		granule_unlock(op->g_rd);
		return status;
	}

	granule_lock_known(g_rec, GRANULE_OP);
	init_rec(granule_va(op->target), op, rd);
	rd->nr_recs++;
	granule_unlock_as(g_rec, GRANULE_REC);
	granule_unlock(op->g_rd);
	return rmi_ret(RMI_SUCCESS);
}

/* With the RD locked */
static rmi_status_t begin_create(struct granule *g_rd, unsigned long rec_pa,
				 const struct op_rec_params *params, u64 *out)
{
	struct granule *g_rec;
	struct op *op;

	op = op_begin();
	if (!op)
		return rmi_ret(RMI_BUSY);

	g_rec = granule_lock(rec_pa, GRANULE_DELEGATED);
	if (!g_rec) {
		op_free(op);
		return rmi_ret_granule(rec_pa);
	}

	op->step = OP_WANT_MEM;
	op->target = rec_pa;
	op->g_rd = g_rd;
	op->contig = test_control_donate_contig();
	op->nr_wanted = REC_NR_AUX;
	op->nr_mem = 0;
	op->run = finish_create;
	op->params = *params;
	granule_get(g_rd);
	granule_unlock_as(g_rec, GRANULE_OP);
	return op_answer(op, out);
}

static rmi_status_t check_and_begin(struct granule *g_rd, const struct rd *rd, unsigned long rec_pa,
				    const struct op_rec_params *params, u64 *out)
{
	rmi_status_t status;

	if (realm_get_state(rd) == REALM_NEW && granule_refcount(g_rd) == MAX_RECS)
		return rmi_ret(RMI_ERROR_REALM);
	status = realm_takes_rec(rd, params->mpidr);
	if (!rmi_ok(status))
		return status;
	return begin_create(g_rd, rec_pa, params, out);
}

/* DEN0137 B4.5.49 */
rmi_status_t handle_rec_create(const u64 *in, u64 *out)
{
	struct op_rec_params params;
	struct granule *g_rd;
	rmi_status_t status;
	struct rd *rd;

	if (!read_params(&params, in[2]))
		return rmi_ret(RMI_ERROR_INPUT);
	if (!granule_in_state(in[1], GRANULE_DELEGATED))
		return rmi_ret_granule(in[1]);

	g_rd = realm_lock(in[0], &rd);
	if (!g_rd)
		return rmi_ret_granule(in[0]);
	status = check_and_begin(g_rd, rd, in[1], &params, out);
	granule_unlock(g_rd);
	return status;
}

static void begin_destroy(struct op *op, const struct rec *rec)
{
	op->step = OP_RETURN_MEM;
	op->target = granule_pa(rec->g);
	op->g_rd = rec->g_rd;
	op->result = rmi_ret(RMI_SUCCESS);
	op->nr_mem = REC_NR_AUX;
	for (unsigned int i = 0; i < REC_NR_AUX; i++)
		op->mem[i] = rec->aux[i];
}

/* DEN0137 B4.5.50; the reference on the realm passes to the operation. */
rmi_status_t handle_rec_destroy(const u64 *in, u64 *out)
{
	struct granule *g;
	struct op *op;

	g = granule_lock(in[0], GRANULE_REC);
	if (!g)
		return rmi_ret_granule(in[0]);
	if (rec_running(granule_va(in[0]))) {
		granule_unlock(g);
		return rmi_ret(RMI_ERROR_REC);
	}

	op = op_begin();
	if (!op) {
		granule_unlock(g);
		return rmi_ret(RMI_BUSY);
	}

	begin_destroy(op, granule_va(in[0]));
	granule_unlock_as(g, GRANULE_OP);
	return op_answer(op, out);
}
