// SPDX-License-Identifier: GPL-2.0-only
/* Stateful operations: the commands by which the host carries them on (op.h). */
#include <linux/bitfield.h>
#include <linux/build_bug.h>
#include <console.h>
#include <string.h>
#include "addr_list.h"
#include "cpu.h"
#include "ns.h"
#include "op.h"
#include "s2tt.h"

#define NR_OPS			16

/* A command that is put off keeps all of its input. */
#define OP_IN_FITS(NAME, name, nr_in, nr_out) \
	static_assert((nr_in) <= OP_MAX_IN);
RMI_COMMANDS(OP_IN_FITS)
#undef OP_IN_FITS

/* A handle is the number of the slot, and of its use so that old ones do not match. */
#define HANDLE_SLOT		GENMASK_ULL(7, 0)
#define HANDLE_USE		GENMASK_ULL(63, 8)

static struct op ops[NR_OPS];
static u64 nr_uses;

struct op *op_begin(void)
{
	struct rmm_cpu *cpu = this_cpu();

	if (cpu->op) {
		struct op *op = cpu->op;

		cpu->op = NULL;
		op->deferred = NULL;
		return op;
	}

	for (unsigned int i = 0; i < NR_OPS; i++) {
		struct op *op = &ops[i];
		u64 use;

		if (!spin_trylock(&op->lock))
			continue;
		if (op->handle) {
			spin_unlock(&op->lock);
			continue;
		}

		use = __atomic_add_fetch(&nr_uses, 1, __ATOMIC_RELAXED);
		op->handle = FIELD_PREP(HANDLE_USE, use) | FIELD_PREP(HANDLE_SLOT, i);
		return op;
	}
	return NULL;
}

/* Lock the operation a host means; @op is NULL on error. */
static rmi_status_t op_find(u64 handle, struct op **op)
{
	u64 slot = FIELD_GET(HANDLE_SLOT, handle);

	*op = NULL;
	if (!handle || slot >= NR_OPS)
		return rmi_ret(RMI_ERROR_INPUT);
	if (!spin_trylock(&ops[slot].lock))
		return rmi_ret(RMI_BUSY);

	if (ops[slot].handle != handle) {
		spin_unlock(&ops[slot].lock);
		return rmi_ret(RMI_ERROR_INPUT);
	}
	*op = &ops[slot];
	return rmi_ret(RMI_SUCCESS);
}

void op_free(struct op *op)
{
	op->deferred = NULL;
	op->handle = 0;
	spin_unlock(&op->lock);
}

/* The end of an operation whose target does not exist (any more) */
static rmi_status_t op_end(struct op *op)
{
	rmi_status_t result = op->result;

	if (op->target) {
		granule_release(op->target, GRANULE_SIZE, GRANULE_OP);
		granule_put(op->g_rd);
	}
	op_free(op);
	return result;
}

static bool can_cancel(const struct op *op)
{
	return op->step == OP_WANT_MEM || op->step == OP_READY;
}

static unsigned long mem_req(const struct op *op)
{
	switch (op->step) {
	case OP_WANT_MEM:
		return RMI_OP_MEM_REQ_DONATE;
	case OP_RETURN_MEM:
		return RMI_OP_MEM_REQ_RECLAIM;
	default:
		return RMI_OP_MEM_REQ_NONE;
	}
}

static rmi_status_t incomplete(const struct op *op)
{
	return rmi_status(RMI_INCOMPLETE,
			  FIELD_PREP(RMI_RESULT_DATA_INCOMPLETE_MEM, mem_req(op)) |
			  FIELD_PREP(RMI_RESULT_DATA_INCOMPLETE_CANCEL, can_cancel(op)));
}

/* RmiOpMemDonateReq: what is still wanted */
static u64 donate_req(const struct op *op)
{
	if (op->step != OP_WANT_MEM)
		return 0;

	return FIELD_PREP(RMI_OP_MEM_DONATE_REQ_SIZE, RMI_PAGE_L3) |
	       FIELD_PREP(RMI_OP_MEM_DONATE_REQ_COUNT, op->nr_wanted - op->nr_mem) |
	       FIELD_PREP(RMI_OP_MEM_DONATE_REQ_CONTIG, op->contig) |
	       FIELD_PREP(RMI_OP_MEM_DONATE_REQ_STATE, RMI_OP_MEM_DELEGATED);
}

rmi_status_t op_answer(struct op *op, u64 *out)
{
	rmi_status_t status = incomplete(op);

	out[0] = op->handle;
	out[1] = donate_req(op);
	spin_unlock(&op->lock);
	return status;
}

/* From now on the operation has nothing to do but to give memory back. */
static rmi_status_t op_unwind(struct op *op, rmi_status_t result, u64 *out)
{
	op->result = result;
	if (!op->nr_mem)
		return op_end(op);
	op->step = OP_RETURN_MEM;
	return op_answer(op, out);
}

rmi_status_t op_defer(rmi_handler_t handler, const u64 *in, u64 *out)
{
	struct op *op = op_begin();

	if (!op)
		return rmi_ret(RMI_BUSY);

	op->step = OP_READY;
	op->target = 0;
	op->nr_mem = 0;
	op->deferred = handler;
	memcpy(op->in, in, sizeof(op->in));
	return op_answer(op, out);
}

/*
 * A command that was put off. If it turns out to be stateful itself, it takes this operation
 * over: the host knows it by this handle.
 */
static rmi_status_t run_deferred(struct op *op, u64 *out)
{
	struct rmm_cpu *cpu = this_cpu();
	rmi_status_t status;
	u64 in[OP_MAX_IN];

	memcpy(in, op->in, sizeof(in));
	cpu->op = op;
	status = op->deferred(in, out);
	if (cpu->op) {
		cpu->op = NULL;
		op_free(op);
	}
	return status;
}

/* Work and, if it fails, the way back */
static rmi_status_t op_run(struct op *op, u64 *out)
{
	rmi_status_t status;

	if (op->deferred)
		return run_deferred(op, out);

	status = op->run(op);
	if (!rmi_ok(status))
		return op_unwind(op, status, out);
	op_free(op);
	return status;
}

/*
 * DEN0137 B4.5.22. Where a transfer of memory is due instead, nothing happens and the
 * request is repeated.
 */
rmi_status_t handle_op_continue(const u64 *in, u64 *out)
{
	rmi_status_t status;
	struct op *op;

	status = op_find(in[0], &op);
	if (!op)
		return status;

	switch (op->step) {
	case OP_READY:
		return op_run(op, out);
	case OP_DONE:
		return op_end(op);
	default:
		return op_answer(op, out);
	}
}

/* DEN0137 B4.5.21; memory that was donated is returned first. */
rmi_status_t handle_op_cancel(const u64 *in, u64 *out)
{
	rmi_status_t status;
	struct op *op;

	status = op_find(in[0], &op);
	if (!op)
		return status;

	if (!can_cancel(op)) {
		spin_unlock(&op->lock);
		return rmi_ret(RMI_ERROR_INPUT);
	}
	return op_unwind(op, rmi_ret(RMI_SUCCESS), out);
}

/* Copy a list of granules that are delegated, so the host says; false if it is not that. */
static bool read_list(unsigned long list, unsigned long count, unsigned int max,
		      unsigned long *pa, unsigned int *nr)
{
	*nr = 0;
	for (; count; count--, list += sizeof(u64)) {
		struct addr_range range;
		u64 desc;

		if (!ns_read(&desc, list, sizeof(desc)) || !addr_range_decode(desc, &range))
			return false;
		if (range.state != RMI_OP_MEM_DELEGATED || !range.count ||
		    addr_range_size(&range) / GRANULE_SIZE > max - *nr)
			return false;

		for (unsigned long end = range.pa + addr_range_size(&range); range.pa < end;
		     range.pa += GRANULE_SIZE)
			pa[(*nr)++] = range.pa;
	}
	return true;
}

/* One piece, all of what is wanted, aligned to its size */
static bool is_contiguous(const unsigned long *pa, unsigned int nr, unsigned int wanted)
{
	for (unsigned int i = 1; i < nr; i++) {
		if (pa[i] != pa[0] + i * GRANULE_SIZE)
			return false;
	}
	return nr == wanted && IS_ALIGNED(pa[0], wanted * GRANULE_SIZE);
}

static bool claim_mem(struct op *op, unsigned long pa)
{
	struct granule *g = granule_lock(pa, GRANULE_DELEGATED);

	if (!g)
		return false;
	granule_unlock_as(g, GRANULE_REC_AUX);
	op->mem[op->nr_mem++] = pa;
	return true;
}

static void release_mem(struct op *op)
{
	granule_release(op->mem[--op->nr_mem], GRANULE_SIZE, GRANULE_REC_AUX);
}

/* Take all granules of a list; none of them if one is not what it should be. */
static bool claim_list(struct op *op, const unsigned long *pa, unsigned int nr)
{
	unsigned int first = op->nr_mem;

	for (unsigned int i = 0; i < nr; i++) {
		if (claim_mem(op, pa[i]))
			continue;
		while (op->nr_mem > first)
			release_mem(op);
		return false;
	}
	return true;
}

static rmi_status_t donate(struct op *op, unsigned long list, unsigned long count, u64 *out)
{
	unsigned int wanted = op->nr_wanted - op->nr_mem;
	unsigned long pa[OP_MAX_MEM];
	unsigned int nr;

	if (op->step != OP_WANT_MEM || !IS_ALIGNED(list, sizeof(u64)) ||
	    !ns_accessible(list & GRANULE_MASK) || !read_list(list, count, wanted, pa, &nr))
		return rmi_ret(RMI_ERROR_INPUT);
	if (op->contig && nr && !is_contiguous(pa, nr, wanted))
		return rmi_ret(RMI_ERROR_INPUT);

	if (!claim_list(op, pa, nr))
		return rmi_ret(RMI_ERROR_INPUT);

	if (op->nr_mem == op->nr_wanted)
		op->step = OP_READY;
	out[0] = nr;
	out[1] = donate_req(op);
	return incomplete(op);
}

/* DEN0137 B4.5.23; an error leaves the operation as it was. */
rmi_status_t handle_op_mem_donate(const u64 *in, u64 *out)
{
	rmi_status_t status;
	struct op *op;

	status = op_find(in[0], &op);
	if (!op)
		return status;

	status = donate(op, in[1], in[2], out);
	spin_unlock(&op->lock);
	return status;
}

static rmi_status_t reclaim(struct op *op, unsigned long list, unsigned long count, u64 *out)
{
	struct addr_sink sink;
	unsigned int before = op->nr_mem;

	if (op->step != OP_RETURN_MEM || !addr_sink_init(&sink, RMI_ADDR_TYPE_LIST, list, count))
		return rmi_ret(RMI_ERROR_INPUT);

	while (op->nr_mem && addr_sink_add(&sink, op->mem[op->nr_mem - 1], S2TT_PAGE_LEVEL,
					   RMI_OP_MEM_DELEGATED))
		release_mem(op);
	if (count && op->nr_mem == before)
		return rmi_ret(RMI_ERROR_INPUT);

	if (!op->nr_mem)
		op->step = OP_DONE;
	out[0] = sink.count;
	return incomplete(op);
}

/* DEN0137 B4.5.24 */
rmi_status_t handle_op_mem_reclaim(const u64 *in, u64 *out)
{
	rmi_status_t status;
	struct op *op;

	status = op_find(in[0], &op);
	if (!op)
		return status;

	status = reclaim(op, in[1], in[2], out);
	spin_unlock(&op->lock);
	return status;
}
