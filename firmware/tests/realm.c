// SPDX-License-Identifier: GPL-2.0-only
/* Realms for tests, see realm.h. */
#include <linux/bitfield.h>
#include <memmap.h>
#include <string.h>
#include "guest.h"
#include "realm.h"
#include "test.h"

#define PAGE_LEVEL		3
#define LEVEL_SIZE(level)	(1UL << (12 + 9 * (PAGE_LEVEL - (level))))

/* MemAttr of shared memory with FEAT_S2FWB: Normal, write-back */
#define MEMATTR_FWB_WB		6

#define MAX_CONTINUES		10000

extern char __image_start[], __image_end[];

static rmi_status_t success(void)
{
	return rmi_status(RMI_SUCCESS, 0);
}

static rmi_status_t failure(void)
{
	return rmi_status(RMI_ERROR_INPUT, 0);
}

/* Give what is asked for in one piece; that is always good enough. */
static rmi_status_t donate(unsigned long handle, unsigned long request)
{
	unsigned int count = FIELD_GET(RMI_OP_MEM_DONATE_REQ_COUNT, request);
	struct rmi_op_mem_donate_out out;
	unsigned int n = 1;
	u64 *list = ns_page();
	unsigned long pa;

	if (FIELD_GET(RMI_OP_MEM_DONATE_REQ_SIZE, request) != RMI_PAGE_L3 ||
	    (request & RMI_OP_MEM_DONATE_REQ_STATE))
		return failure();

	while (n < count)
		n *= 2;
	pa = delegated_pages(n);
	if (!pa)
		return failure();
	list[0] = FIELD_PREP(RMI_ADDR_RANGE_DESC4_KB_SIZE, RMI_PAGE_L3) |
		  FIELD_PREP(RMI_ADDR_RANGE_DESC4_KB_COUNT, count) | pa;
	return rmi_op_mem_donate(handle, (unsigned long)list, 1, &out);
}

/* What comes back is DELEGATED still: it is the harness's to undelegate. */
static rmi_status_t reclaim(unsigned long handle)
{
	struct rmi_op_mem_reclaim_out out;
	u64 *list = ns_page();

	return rmi_op_mem_reclaim(handle, (unsigned long)list, SZ_4K / sizeof(*list), &out);
}

static rmi_status_t serve(rmi_status_t status, unsigned long handle, unsigned long donate_req)
{
	switch (rmi_mem_req(status)) {
	case RMI_OP_MEM_REQ_DONATE:
		return donate(handle, donate_req);
	case RMI_OP_MEM_REQ_RECLAIM:
		return reclaim(handle);
	default:
		return success();
	}
}

rmi_status_t stateful(rmi_status_t status, unsigned long handle, unsigned long donate_req)
{
	struct rmi_op_continue_out out;
	rmi_status_t served;
	unsigned int i;

	for (i = 0; i < MAX_CONTINUES && !test_expired(); i++) {
		if (!rmi_is_incomplete(status) && rmi_code(status) != RMI_BUSY)
			break;
		served = serve(status, handle, donate_req);
		if (!rmi_ok(served) && !rmi_is_incomplete(served))
			return served;
		status = rmi_op_continue(handle, 0, &out);
		donate_req = out.donate_req;
	}
	return status;
}

void realm_init(struct realm *r)
{
	memset(r, 0, sizeof(*r));
	r->params = ns_page();
	r->params->s2sz = REALM_IPA_BITS;
	r->params->num_bps = 1;
	r->params->num_wps = 1;
	r->params->hash_algo = RMI_HASH_SHA_256;
	r->params->rtt_level_start = REALM_START_LEVEL;
	r->params->rtt_num_start = REALM_NR_ROOTS;
}

rmi_status_t realm_create(struct realm *r)
{
	struct rmi_realm_create_out out;
	unsigned long rd = delegated_page();
	rmi_status_t status;

	r->ipa_bits = r->params->s2sz;
	r->roots = delegated_pages(r->params->rtt_num_start);
	r->params->rtt_base = r->roots;

	status = rmi_realm_create(rd, (unsigned long)r->params, &out);
	status = stateful(status, out.incomplete.handle, out.incomplete.donate_req);
	if (rmi_ok(status))
		r->rd = rd;
	return status;
}

static bool has_table(const struct realm *r, unsigned long ipa, long level)
{
	unsigned int i;

	if (level <= r->params->rtt_level_start)
		return true;
	for (i = 0; i < r->nr_tables; i++) {
		if (r->table[i].ipa == ipa && r->table[i].level == level)
			return true;
	}
	return false;
}

static rmi_status_t create_table(struct realm *r, unsigned long ipa, long level)
{
	struct realm_table *table = &r->table[r->nr_tables];
	struct rmi_rtt_create_out out;
	rmi_status_t status;

	if (r->nr_tables == REALM_MAX_TABLES)
		return failure();

	table->pa = delegated_page();
	table->ipa = ipa;
	table->level = level;
	status = rmi_rtt_create(r->rd, table->pa, ipa, level, &out);
	status = stateful(status, out.incomplete.handle, out.incomplete.donate_req);
	if (rmi_ok(status))
		r->nr_tables++;
	return status;
}

rmi_status_t realm_table(struct realm *r, unsigned long ipa, long level)
{
	rmi_status_t status = success();
	long l;

	for (l = r->params->rtt_level_start + 1; l <= level && rmi_ok(status); l++) {
		/* A table at a level spans what one entry of the level above does. */
		unsigned long base = ALIGN_DOWN(ipa, LEVEL_SIZE(l - 1));

		if (!has_table(r, base, l))
			status = create_table(r, base, l);
	}
	return status;
}

static rmi_status_t add_page(struct realm *r, unsigned long pa, unsigned long ipa)
{
	if (r->nr_pages == REALM_MAX_PAGES)
		return failure();
	r->page[r->nr_pages].pa = pa;
	r->page[r->nr_pages].ipa = ipa;
	r->nr_pages++;
	return success();
}

rmi_status_t realm_load(struct realm *r, unsigned long ipa, unsigned long src, unsigned long flags)
{
	struct rmi_rtt_data_map_init_out out;
	unsigned long pa = delegated_page();
	rmi_status_t status;

	status = realm_table(r, ipa, PAGE_LEVEL);
	if (!rmi_ok(status))
		return status;

	status = rmi_rtt_data_map_init(r->rd, pa, ipa, src, flags, &out);
	status = stateful(status, out.incomplete.handle, out.incomplete.donate_req);
	return rmi_ok(status) ? add_page(r, pa, ipa) : status;
}

rmi_status_t realm_load_image(struct realm *r)
{
	unsigned long end = ALIGN((unsigned long)__image_end, SZ_4K);
	rmi_status_t status = success();
	unsigned long ipa;

	for (ipa = (unsigned long)__image_start; ipa < end && rmi_ok(status); ipa += SZ_4K)
		status = realm_load(r, ipa, ipa, RMI_NO_MEASURE_CONTENT);
	return status;
}

rmi_status_t realm_create_rec(struct realm *r, struct rmi_rec_params *params)
{
	struct realm_rec *rec = &r->rec[r->nr_recs];
	unsigned long pa = delegated_page();
	struct rmi_rec_create_out out;
	rmi_status_t status;

	if (r->nr_recs == REALM_MAX_RECS)
		return failure();

	rec->run = ns_page();
	rec->params = params;
	params->mpidr = r->nr_recs;

	status = rmi_rec_create(r->rd, pa, (unsigned long)rec->params, &out);
	status = stateful(status, out.incomplete.handle, out.incomplete.donate_req);
	if (rmi_ok(status)) {
		rec->pa = pa;
		r->nr_recs++;
	}
	return status;
}

rmi_status_t realm_add_rec(struct realm *r, void (*fn)(unsigned long), unsigned long arg)
{
	struct rmi_rec_params *params = ns_page();

	params->flags = fn ? RMI_REC_CREATE_FLAGS_RUNNABLE : 0;
	params->pc = (unsigned long)guest_entry;
	params->gprs[0] = (unsigned long)fn;
	params->gprs[1] = arg;
	params->gprs[2] = guest_stack(r->nr_recs);
	return realm_create_rec(r, params);
}

rmi_status_t realm_activate(struct realm *r)
{
	return rmi_realm_activate(r->rd);
}

rmi_status_t realm_start(struct realm *r, void (*fn)(unsigned long), unsigned long arg)
{
	rmi_status_t status;

	status = realm_create(r);
	if (rmi_ok(status))
		status = realm_load_image(r);
	if (rmi_ok(status))
		status = realm_add_rec(r, fn, arg);
	if (rmi_ok(status))
		status = realm_activate(r);
	return status;
}

rmi_status_t realm_map(struct realm *r, unsigned long ipa)
{
	return realm_map_pa(r, ipa, delegated_page());
}

rmi_status_t realm_map_pa(struct realm *r, unsigned long ipa, unsigned long pa)
{
	struct rmi_rtt_data_map_out out;
	rmi_status_t status;

	status = realm_table(r, ipa, PAGE_LEVEL);
	if (!rmi_ok(status))
		return status;

	status = rmi_rtt_data_map(r->rd, ipa, ipa + SZ_4K,
				  FIELD_PREP(RMI_RTT_PROT_MAP_FLAGS_OADDR_TYPE,
					     RMI_ADDR_TYPE_SINGLE),
				  pa | FIELD_PREP(RMI_ADDR_RANGE_DESC4_KB_COUNT, 1), &out);
	status = stateful(status, out.incomplete.handle, out.incomplete.donate_req);
	return rmi_ok(status) ? add_page(r, pa, ipa) : status;
}

rmi_status_t realm_unmap(struct realm *r, unsigned long ipa)
{
	struct rmi_rtt_data_unmap_out out;
	rmi_status_t status;
	unsigned int i;

	status = rmi_rtt_data_unmap(r->rd, ipa, ipa + SZ_4K, 0, 0, &out);
	status = stateful(status, out.incomplete.handle, out.incomplete.donate_req);

	for (i = 0; rmi_ok(status) && i < r->nr_pages; i++) {
		if (r->page[i].ipa == ipa)
			r->page[i] = r->page[--r->nr_pages];
	}
	return status;
}

rmi_status_t realm_init_ripas(struct realm *r, unsigned long base, unsigned long top)
{
	struct rmi_rtt_init_ripas_out out;
	rmi_status_t status;

	do {
		status = rmi_rtt_init_ripas(r->rd, base, top, &out);
		status = stateful(status, out.incomplete.handle, out.incomplete.donate_req);
		base = out.out_top;
	} while (rmi_ok(status) && base < top && !test_expired());
	return status;
}

rmi_status_t realm_map_shared(struct realm *r, unsigned long ipa, unsigned long pa,
			      unsigned int s2ap)
{
	struct rmi_rtt_unprot_map_out out;
	rmi_status_t status;

	status = realm_table(r, ipa, PAGE_LEVEL);
	if (!rmi_ok(status))
		return status;

	status = rmi_rtt_unprot_map(r->rd, ipa, ipa + SZ_4K,
				    FIELD_PREP(RMI_RTT_UNPROT_MAP_FLAGS_OADDR_TYPE,
					       RMI_ADDR_TYPE_SINGLE) |
				    FIELD_PREP(RMI_RTT_UNPROT_MAP_FLAGS_MEMATTR,
					       MEMATTR_FWB_WB) |
				    FIELD_PREP(RMI_RTT_UNPROT_MAP_FLAGS_S2AP, s2ap),
				    pa | FIELD_PREP(RMI_ADDR_RANGE_DESC4_KB_COUNT, 1), &out);
	return stateful(status, out.incomplete.handle, out.incomplete.donate_req);
}

rmi_status_t realm_unmap_shared(struct realm *r, unsigned long ipa)
{
	struct rmi_rtt_unprot_unmap_out out;
	rmi_status_t status;

	status = rmi_rtt_unprot_unmap(r->rd, ipa, ipa + SZ_4K, 0, 0, &out);
	return stateful(status, out.incomplete.handle, out.incomplete.donate_req);
}

rmi_status_t realm_enter(struct realm *r, unsigned int n, unsigned long flags)
{
	r->rec[n].run->enter.flags = flags;
	return rmi_rec_enter(r->rec[n].pa, (unsigned long)r->rec[n].run);
}

rmi_status_t realm_set_ripas(struct realm *r, unsigned int n)
{
	unsigned long base = realm_exit(r, n)->ripas_base;
	unsigned long top = realm_exit(r, n)->ripas_top;
	struct rmi_rtt_set_ripas_out out;
	rmi_status_t status;

	status = realm_table(r, base, PAGE_LEVEL);
	while (rmi_ok(status) && base < top && !test_expired()) {
		status = rmi_rtt_set_ripas(r->rd, r->rec[n].pa, base, top, &out);
		status = stateful(status, out.incomplete.handle, out.incomplete.donate_req);
		base = out.out_top;
	}
	return status;
}

rmi_status_t realm_terminate(struct realm *r)
{
	struct rmi_realm_terminate_out out;
	rmi_status_t status;

	status = rmi_realm_terminate(r->rd, &out);
	return stateful(status, out.incomplete.handle, out.incomplete.donate_req);
}

rmi_status_t realm_destroy_rec(struct realm *r, unsigned int n)
{
	struct rmi_rec_destroy_out out;
	rmi_status_t status;

	status = rmi_rec_destroy(r->rec[n].pa, &out);
	status = stateful(status, out.incomplete.handle, out.incomplete.donate_req);
	if (rmi_ok(status))
		r->rec[n].pa = 0;
	return status;
}

static rmi_status_t destroy_recs(struct realm *r)
{
	rmi_status_t status = success();

	while (r->nr_recs && rmi_ok(status)) {
		if (r->rec[r->nr_recs - 1].pa)
			status = realm_destroy_rec(r, r->nr_recs - 1);
		if (rmi_ok(status))
			r->nr_recs--;
	}
	return status;
}

static rmi_status_t destroy_tables(struct realm *r)
{
	struct rmi_rtt_destroy_out out;
	rmi_status_t status = success();

	while (r->nr_tables && rmi_ok(status)) {
		const struct realm_table *table = &r->table[r->nr_tables - 1];

		status = rmi_rtt_destroy(r->rd, table->ipa, table->level, &out);
		status = stateful(status, out.incomplete.handle, out.incomplete.donate_req);
		if (rmi_ok(status))
			r->nr_tables--;
	}
	return status;
}

rmi_status_t realm_destroy(struct realm *r)
{
	struct rmi_realm_destroy_out out;
	rmi_status_t status;

	if (!r->rd)
		return success();

	status = realm_terminate(r);
	if (rmi_ok(status))
		status = destroy_recs(r);
	while (r->nr_pages && rmi_ok(status))
		status = realm_unmap(r, r->page[r->nr_pages - 1].ipa);
	if (rmi_ok(status))
		status = destroy_tables(r);
	if (!rmi_ok(status))
		return status;

	status = rmi_realm_destroy(r->rd, &out);
	status = stateful(status, out.incomplete.handle, out.incomplete.donate_req);
	if (rmi_ok(status))
		r->rd = 0;
	return status;
}
