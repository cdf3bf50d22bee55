// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stateful operations: DEN0137 B4.3.2, B4.5.21 to B4.5.24. RMI_REC_CREATE is the command under
 * test; how much memory it asks for, and whether it can be cancelled, is the RMM's choice.
 */
#include <string.h>
#include "control.h"
#include "refuse.h"

#define MAX_STEPS	1000
#define BAD_HANDLE	UL(0x5a5a5a5a5a5a)

/* An operation that waits for memory. */
struct op {
	struct realm r;
	phys_addr_t rec;
	rmi_status_t status;
	u64 handle;
	u64 request;
};

static unsigned int wanted(const struct op *op)
{
	return FIELD_GET(RMI_OP_MEM_DONATE_REQ_COUNT, op->request);
}

/* Begin to create a REC; the test is skipped if that needs no memory. */
static void begin(struct op *op)
{
	struct rmi_rec_create_out out;
	struct rmi_rec_params *params = ns_page();

	realm_init(&op->r);
	require_status(realm_create(&op->r), RMI_SUCCESS);
	op->rec = delegated_page();
	op->status = rmi_rec_create(op->r.rd, op->rec, (u64)params, &out);
	op->handle = out.incomplete.handle;
	op->request = out.incomplete.donate_req;

	if (rmi_ok(op->status)) {
		op->r.rec[0].pa = op->rec;
		op->r.nr_recs = 1;
		realm_destroy(&op->r);
		skip_test("REC_CREATE needs no memory");
	}
	require_status(op->status, RMI_INCOMPLETE);
	require_eq(rmi_mem_req(op->status), RMI_OP_MEM_REQ_DONATE);
	require_eq(FIELD_GET(RMI_OP_MEM_DONATE_REQ_SIZE, op->request), RMI_PAGE_L3);
	require_eq(FIELD_GET(RMI_OP_MEM_DONATE_REQ_STATE, op->request), RMI_OP_MEM_DELEGATED);
	require(wanted(op) > 0);
}

static struct op *op_begin(void)
{
	static struct op operation;

	begin(&operation);
	return &operation;
}

/* Begin to destroy a REC; the test is skipped if that gives no memory back. */
static struct op *op_begin_return(void)
{
	struct rmi_rec_destroy_out out;
	struct op *op = op_begin();

	require_status(stateful(op->status, op->handle, op->request), RMI_SUCCESS);
	op->status = rmi_rec_destroy(op->rec, &out);
	op->handle = out.incomplete.handle;
	op->request = 0;
	if (rmi_ok(op->status)) {
		realm_destroy(&op->r);
		skip_test("REC_DESTROY returns no memory");
	}
	require_status(op->status, RMI_INCOMPLETE);
	require_eq(rmi_mem_req(op->status), RMI_OP_MEM_REQ_RECLAIM);

	return op;
}

/* Finish it, and take realm and REC apart. */
static void op_end(struct op *op)
{
	require_status(stateful(op->status, op->handle, op->request), RMI_SUCCESS);
	op->r.rec[0].pa = op->rec;
	op->r.nr_recs = 1;
	require_status(realm_destroy(&op->r), RMI_SUCCESS);
}

static void incomplete(void)
{
	op_end(op_begin());
}

/* All commands that take a handle */
static void refuse_handle(u64 handle)
{
	u64 *list = ns_page();
	const struct call calls[] = {
		CALL(OP_CONTINUE, handle),
		CALL(OP_MEM_DONATE, handle, (u64)list, 1),
		CALL(OP_MEM_RECLAIM, handle, (u64)list, 512),
		CALL(OP_CANCEL, handle),
	};

	list[0] = DESC_PAGES(delegated_page(), 1);
	for (unsigned int i = 0; i < ARRAY_SIZE(calls); i++)
		check_status(make_call(&calls[i], NULL), RMI_ERROR_INPUT);
}

static void bad_handles(void)
{
	struct op *op = op_begin();
	u64 old = op->handle;

	refuse_handle(0);
	refuse_handle(BAD_HANDLE);
	refuse_handle(~op->handle);
	op_end(op);

	/* That handle is no longer one, not even while another operation is under way. */
	refuse_handle(0);
	refuse_handle(old);
	op = op_begin();
	check(op->handle != old);
	refuse_handle(old);
	op_end(op);
}

/* What is done to one of two operations does not show in the other. */
static void two_at_once(void)
{
	struct op *first = op_begin();
	static struct op second;
	struct rmi_op_continue_out out;
	rmi_status_t st;

	begin(&second);
	check(second.handle != first->handle);
	op_end(first);

	st = rmi_op_continue(second.handle, 0, &out);
	if (rmi_is_incomplete(st))
		check_eq(FIELD_GET(RMI_OP_MEM_DONATE_REQ_COUNT, out.donate_req), wanted(&second));
	else
		check_status(st, RMI_ERROR_INPUT);
	refuse_handle(first->handle);
	op_end(&second);
}

static rmi_status_t donate(struct op *op, u64 list, u64 count, u64 *donated)
{
	struct rmi_op_mem_donate_out out;
	rmi_status_t st = rmi_op_mem_donate(op->handle, list, count, &out);

	if (donated)
		*donated = out.donated_count;
	return st;
}

static void refuse_donation(struct op *op, u64 *list, u64 desc, const char *condition)
{
	rmi_status_t st;
	u64 donated;

	list[0] = desc;
	st = donate(op, (u64)list, 1, &donated);
	if (rmi_code(st) != RMI_ERROR_INPUT)
		test_failed(__FILE__, __LINE__, "OP_MEM_DONATE %s: %s", condition,
			    rmi_status_name(st));
	if (rmi_ok(st) || donated)
		test_abort();
}

static void donate_refuses(void)
{
	struct op *op = op_begin();
	u64 *list = ns_page();
	phys_addr_t spare = delegated_page();
	phys_addr_t many = delegated_pages(wanted(op) + 1);

	list[0] = DESC_PAGES(spare, 1);
	check_status(donate(op, (u64)list + 4, 1, NULL), RMI_ERROR_INPUT);
	check_status(donate(op, spare, 1, NULL), RMI_ERROR_INPUT);
	check_status(donate(op, RMM_BASE, 1, NULL), RMI_ERROR_INPUT);

	refuse_donation(op, list, DESC_PAGES(many, wanted(op) + 1), "mem_gt");
	refuse_donation(op, list, DESC_PAGES((u64)ns_page(), 1), "mem_state");
	refuse_donation(op, list, DESC_PAGES(op->r.rd, 1), "mem_state");
	refuse_donation(op, list, DESC_PAGES(op->rec, 1), "mem_state");
	refuse_donation(op, list, DESC_PAGES(NOT_TRACKED, 1), "mem_state");
	refuse_donation(op, list, DESC_PAGES(spare, 1) | RMI_ADDR_RANGE_DESC4_KB_STATE,
			"mem_state");
	refuse_donation(op, list, DESC_BLOCKS(ALIGN_DOWN(many, SZ_2M), 1), "mem_gt");
	refuse_donation(op, list, DESC_BLOCKS(many + SZ_4K, 1), "descriptor");
	for (unsigned int bit = 52; bit < 63; bit++)
		refuse_donation(op, list, DESC_PAGES(spare, 1) | BIT_ULL(bit), "descriptor");
	op_end(op);
}

/* All granules of a list are taken or none, if one of them is not DELEGATED. */
static void donate_all_or_none(void)
{
	struct op *op = op_begin();
	phys_addr_t pool = delegated_pages(wanted(op));
	u64 *list = ns_page();

	if (wanted(op) == 1) {
		op_end(op);
		skip_test("REC_CREATE wants one granule");
	}
	require_status(undelegate(pool + (wanted(op) - 1) * SZ_4K, SZ_4K), RMI_SUCCESS);
	refuse_donation(op, list, DESC_PAGES(pool, wanted(op)), "mem_state");
	check_status(undelegate(pool, (wanted(op) - 1) * SZ_4K), RMI_SUCCESS);

	for (unsigned int i = 0; i < wanted(op); i++)
		list[i] = DESC_PAGES(pool + i * SZ_4K, 1);
	require_status(delegate(pool, SZ_4K), RMI_SUCCESS);
	check_status(donate(op, (u64)list, wanted(op), NULL), RMI_ERROR_INPUT);
	check_status(undelegate(pool, SZ_4K), RMI_SUCCESS);
	op_end(op);
}

/* As many calls as granules, then OP_CONTINUE. */
static void donate_one_by_one(void)
{
	struct op *op = op_begin();
	unsigned int count = wanted(op);
	struct rmi_op_mem_donate_out out;
	u64 *list = ns_page();

	if (op->request & RMI_OP_MEM_DONATE_REQ_CONTIG) {
		op_end(op);
		return;
	}

	for (unsigned int i = 0; i < count; i++) {
		rmi_status_t st;

		list[0] = DESC_PAGES(delegated_page(), 1);
		st = rmi_op_mem_donate(op->handle, (u64)list, 1, &out);
		if (i + 1 < count && rmi_is_incomplete(st)) {
			check_eq(rmi_mem_req(st), RMI_OP_MEM_REQ_DONATE);
			check_eq(FIELD_GET(RMI_OP_MEM_DONATE_REQ_COUNT, out.donate_req),
				 count - 1 - i);
		} else if (!rmi_is_incomplete(st)) {
			require_status(st, RMI_SUCCESS);
		}
		check_eq(out.donated_count, 1);
	}
	op->status = rmi_status(RMI_INCOMPLETE, 0);
	op_end(op);
}

/* All that is wanted, in one piece */
static rmi_status_t donate_wanted(struct op *op)
{
	u64 *list = ns_page();

	list[0] = DESC_PAGES(delegated_pages(wanted(op)), wanted(op));
	return donate(op, (u64)list, 1, NULL);
}

/* One call, a list of single granules in no order. */
static void donate_list(void)
{
	struct op *op = op_begin();
	unsigned int count = wanted(op);
	struct rmi_op_mem_donate_out out;
	phys_addr_t pool = delegated_pages(2 * count);
	u64 *list = ns_page();
	rmi_status_t st;

	if (!(op->request & RMI_OP_MEM_DONATE_REQ_CONTIG)) {
		for (unsigned int i = 0; i < count; i++)
			list[i] = DESC_PAGES(pool + (count - 1 - i) * 2 * SZ_4K, 1);
		st = rmi_op_mem_donate(op->handle, (u64)list, count, &out);
		if (!rmi_is_incomplete(st))
			require_status(st, RMI_SUCCESS);
		check_eq(out.donated_count, count);
		op->status = rmi_status(RMI_INCOMPLETE, 0);
	}
	op_end(op);
}

/* What is donated cannot be used for anything else, nor can the REC-to-be. */
static void memory_is_taken(void)
{
	struct op *op = op_begin();
	struct rmi_granule_range_undelegate_out out;
	u64 *list = ns_page();
	phys_addr_t mem;
	rmi_status_t st;

	st = rmi_granule_range_undelegate(op->rec, op->rec + GRANULE_SIZE, &out);
	check(!rmi_ok(st));

	if (!(op->request & RMI_OP_MEM_DONATE_REQ_CONTIG)) {
		mem = delegated_page();
		list[0] = DESC_PAGES(mem, 1);
		op->status = donate(op, (u64)list, 1, NULL);
		check(!rmi_ok(undelegate(mem, GRANULE_SIZE)));
		if (rmi_is_incomplete(op->status))
			op->request -= FIELD_PREP(RMI_OP_MEM_DONATE_REQ_COUNT, 1);
		else
			op->status = rmi_status(RMI_INCOMPLETE, 0);
	}
	op_end(op);
}

/* The realm dies while its REC is being made: whatever the RMM allows, nothing is lost. */
static void realm_dies(void)
{
	struct op *op = op_begin();
	struct call call = CALL(REALM_DESTROY, op->r.rd);

	require_status(realm_terminate(&op->r), RMI_SUCCESS);
	if (rmi_ok(make_call(&call, NULL)))
		op->r.rd = 0;

	if (rmi_ok(stateful(op->status, op->handle, op->request))) {
		op->r.rec[0].pa = op->rec;
		op->r.nr_recs = 1;
	}
	check_status(realm_destroy(&op->r), RMI_SUCCESS);
}

/* Take everything back that a cancelled operation had got. */
static unsigned int reclaim_all(struct op *op)
{
	struct rmi_op_mem_reclaim_out reclaimed;
	struct rmi_op_continue_out out;
	u64 *list = ns_page();
	unsigned int granules = 0;

	for (unsigned int i = 0; i < MAX_STEPS && rmi_is_incomplete(op->status); i++) {
		if (rmi_mem_req(op->status) == RMI_OP_MEM_REQ_RECLAIM) {
			rmi_op_mem_reclaim(op->handle, (u64)list, 4, &reclaimed);
			for (unsigned int j = 0; j < reclaimed.reclaim_count; j++)
				granules += FIELD_GET(RMI_ADDR_RANGE_DESC4_KB_COUNT, list[j]);
		}
		op->status = rmi_op_continue(op->handle, 0, &out);
	}

	return granules;
}

/* Take the rest back, and end an operation that destroys a REC. */
static unsigned int end_return(struct op *op)
{
	unsigned int granules = reclaim_all(op);

	check_status(op->status, RMI_SUCCESS);
	check_status(undelegate(op->rec, GRANULE_SIZE), RMI_SUCCESS);
	check_status(realm_destroy(&op->r), RMI_SUCCESS);
	return granules;
}

static void reclaim_refuses(void)
{
	struct op *op = op_begin_return();
	struct rmi_op_mem_reclaim_out out;
	phys_addr_t delegated = delegated_page();
	u64 *list = ns_page();

	check_status(rmi_op_mem_reclaim(op->handle, (u64)list + 4, 8, &out), RMI_ERROR_INPUT);
	check_status(rmi_op_mem_reclaim(op->handle, RMM_BASE, 8, &out), RMI_ERROR_INPUT);
	check_status(rmi_op_mem_reclaim(op->handle, delegated, 8, &out), RMI_ERROR_INPUT);
	check(end_return(op) > 0);
}

/* One descriptor a call, of which the list has no room for a second */
static void reclaim_one_by_one(void)
{
	struct op *op = op_begin_return();
	u64 *page = ns_pages(2), *list = page + GRANULE_SIZE / sizeof(*page) - 1;
	struct rmi_op_mem_reclaim_out out;
	unsigned int i;

	out.reclaim_count = 1;
	check_status(rmi_op_mem_reclaim(op->handle, (u64)list, 0, &out), RMI_INCOMPLETE);
	check_eq(out.reclaim_count, 0);

	for (i = 0; i < MAX_STEPS; i++) {
		list[1] = BAD_HANDLE;
		op->status = rmi_op_mem_reclaim(op->handle, (u64)list, i % 2 ? 1 : ~0UL, &out);
		require_status(op->status, RMI_INCOMPLETE);
		require(out.reclaim_count <= 1);
		check_eq(list[1], BAD_HANDLE);
		if (rmi_mem_req(op->status) != RMI_OP_MEM_REQ_RECLAIM)
			break;
		check_status(undelegate(list[0] & RMI_ADDR_RANGE_DESC4_KB_ADDR, GRANULE_SIZE),
			     RMI_SUCCESS);
	}
	check(i < MAX_STEPS);
	end_return(op);
}

/* Each command at a moment that is not its own: the operation goes on as if nothing was. */
static void wrong_moment(void)
{
	struct rmi_op_mem_reclaim_out reclaimed;
	u64 *list = ns_page();
	struct op *op = op_begin();

	check_status(rmi_op_mem_reclaim(op->handle, (u64)list, 8, &reclaimed), RMI_ERROR_INPUT);
	if (!(op->request & RMI_OP_MEM_DONATE_REQ_CONTIG) && wanted(op) > 1) {
		list[0] = DESC_PAGES(delegated_page(), 1);
		op->status = donate(op, (u64)list, 1, NULL);
		op->request -= FIELD_PREP(RMI_OP_MEM_DONATE_REQ_COUNT, 1);
		check_status(rmi_op_mem_reclaim(op->handle, (u64)list, 8, &reclaimed),
			     RMI_ERROR_INPUT);
	}
	op_end(op);

	/* Also when some of the memory is missing. */
	op = op_begin_return();
	op->status = rmi_op_mem_reclaim(op->handle, (u64)list, 1, &reclaimed);
	check_eq(reclaimed.reclaim_count, 1);
	list[0] = DESC_PAGES(delegated_page(), 1);
	check_status(donate(op, (u64)list, 1, NULL), RMI_ERROR_INPUT);
	end_return(op);
}

static bool can_be_cancelled(const struct op *op)
{
	return FIELD_GET(RMI_RESULT_DATA_INCOMPLETE_CANCEL, op->status.raw >> 8);
}

static void cancel_refused(void)
{
	struct op *op = op_begin_return();

	if (can_be_cancelled(op)) {
		end_return(op);
		skip_test("REC_DESTROY can be cancelled");
	}
	check_status(rmi_op_cancel(op->handle), RMI_ERROR_INPUT);
	check(end_return(op) > 0);
}

/* The realm was activated while its REC was being made: the memory comes back, and the REC. */
static void create_gives_back(void)
{
	struct op *op = op_begin();
	unsigned int count = wanted(op);

	if (!rmi_ok(realm_activate(&op->r))) {
		op_end(op);
		skip_test("the realm cannot be activated meanwhile");
	}
	op->status = donate_wanted(op);
	require_status(op->status, RMI_INCOMPLETE);
	check_eq(reclaim_all(op), count);
	check_status(op->status, RMI_ERROR_REALM);
	check_status(undelegate(op->rec, GRANULE_SIZE), RMI_SUCCESS);
	check_status(realm_destroy(&op->r), RMI_SUCCESS);
}

static void cancel(void)
{
	struct op *op = op_begin();
	u64 *list = ns_page();
	unsigned int given = 0;
	struct call call;

	if (!can_be_cancelled(op)) {
		op_end(op);
		skip_test("REC_CREATE cannot be cancelled");
	}
	if (!(op->request & RMI_OP_MEM_DONATE_REQ_CONTIG) && wanted(op) > 1) {
		list[0] = DESC_PAGES(delegated_page(), 1);
		donate(op, (u64)list, 1, NULL);
		given = 1;
	}

	call = CALL(OP_CANCEL, op->handle);
	op->status = rmi_op_cancel(op->handle);
	check(rmi_ok(op->status) || rmi_is_incomplete(op->status));
	/* There is no way back from that. */
	check_status(make_call(&call, NULL), RMI_ERROR_INPUT);
	check_eq(reclaim_all(op), given);
	check_status(op->status, RMI_SUCCESS);
	check_status(make_call(&call, NULL), RMI_ERROR_INPUT);

	/* As if it had never begun. */
	check_status(undelegate(op->rec, GRANULE_SIZE), RMI_SUCCESS);
	check_status(realm_destroy(&op->r), RMI_SUCCESS);
}

static void contiguous(void)
{
	struct test_control *control = test_control();
	u64 *list = ns_page();
	unsigned int count;
	phys_addr_t pool;
	struct op *op;

	if (!control)
		skip_test("no test control page");

	WRITE_ONCE(control->op_flags, TEST_CONTROL_OP_CONTIG);
	op = op_begin();
	WRITE_ONCE(control->op_flags, 0);

	count = wanted(op);
	check(op->request & RMI_OP_MEM_DONATE_REQ_CONTIG);
	pool = delegated_pages(4 * count);

	/* mem_contig, in pieces and with a hole; mem_align */
	for (unsigned int i = 0; i < count; i++)
		list[i] = DESC_PAGES(pool + 2 * i * SZ_4K, 1);
	check_status(donate(op, (u64)list, count, NULL), RMI_ERROR_INPUT);
	if (count > 1) {
		refuse_donation(op, list, DESC_PAGES(pool, 1), "mem_contig");
		refuse_donation(op, list, DESC_PAGES(pool + SZ_4K, count), "mem_align");
		/* mem_state: what was taken of the piece by then is given back */
		require_status(undelegate(pool + (count - 1) * SZ_4K, SZ_4K), RMI_SUCCESS);
		refuse_donation(op, list, DESC_PAGES(pool, count), "mem_state");
		check_status(undelegate(pool, (count - 1) * SZ_4K), RMI_SUCCESS);
	}
	op_end(op);
}

/* The answer RMI_INCOMPLETE, injected into a command that is stateful anyway */
static void put_off(void)
{
	struct rmi_rec_params *params = ns_page();
	struct rmi_rec_create_out out;
	struct test_control_slot *slot;
	struct op op = { };

	if (!test_control())
		skip_test("no test control page");

	realm_init(&op.r);
	require_status(realm_create(&op.r), RMI_SUCCESS);
	op.rec = delegated_page();

	slot = control_inject(0, SMC_RMI_REC_CREATE, 0, 1, RMI_INCOMPLETE);
	op.status = rmi_rec_create(op.r.rd, op.rec, (u64)params, &out);
	op.handle = out.incomplete.handle;
	op.request = out.incomplete.donate_req;
	check_eq(READ_ONCE(slot->hits), 1);
	control_inject_nothing();
	require_status(op.status, RMI_INCOMPLETE);
	check_eq(rmi_mem_req(op.status), RMI_OP_MEM_REQ_NONE);

	/* From here to the end by the handle of the first answer */
	op_end(&op);
}

const struct test op_tests[] = {
	{ "REC_CREATE asks for memory", incomplete },
	{ "unknown handles are refused", bad_handles },
	{ "two operations at once", two_at_once },
	{ "OP_MEM_DONATE refuses bad memory", donate_refuses },
	{ "OP_MEM_DONATE takes all of a list or nothing", donate_all_or_none },
	{ "OP_MEM_DONATE one by one", donate_one_by_one },
	{ "OP_MEM_DONATE of a list", donate_list },
	{ "memory and target of an operation are taken", memory_is_taken },
	{ "the realm dies during an operation", realm_dies },
	{ "REC_CREATE that fails late gives everything back", create_gives_back },
	{ "OP_MEM_RECLAIM refuses bad lists", reclaim_refuses },
	{ "OP_MEM_RECLAIM one by one", reclaim_one_by_one },
	{ "memory moves only at its time", wrong_moment },
	{ "OP_CANCEL is refused when it is too late", cancel_refused },
	{ "OP_CANCEL gives the memory back", cancel },
	{ "OP_MEM_DONATE of contiguous memory", contiguous },
	{ "a command that is put off keeps its handle", put_off },
	{ },
};
