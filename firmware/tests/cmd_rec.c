// SPDX-License-Identifier: GPL-2.0-only
/* REC_CREATE, REC_DESTROY, and what REC_ENTER refuses: DEN0137 B4.5.49 to B4.5.51 */
#include <string.h>
#include "refuse.h"

#define MANY_RECS	20
/* What the memory for tests is enough for */
#define MAX_RECS	511

static struct call second_rec_call(struct scene *s)
{
	struct rmi_rec_params *params = ns_page();

	params->flags = RMI_REC_CREATE_FLAGS_RUNNABLE;
	params->mpidr = 1;
	return CALL(REC_CREATE, s->r.rd, s->delegated, (u64)params);
}

/* Not one of the bits that are no affinity: B4.6.68 */
static void refuse_reserved_mpidr(const struct call *call, struct rmi_rec_params *params)
{
	for (unsigned int bit = 0; bit < 64; bit++) {
		if (!(RMI_REC_MPIDR_RES0 & BIT_ULL(bit)))
			continue;
		params->mpidr = 1 | BIT_ULL(bit);
		check_status(make_call(call, NULL), RMI_ERROR_INPUT);
	}
	params->mpidr = 1;
}

/* Parameters that are good, but not where they have to be */
static void refuse_unaligned_params(struct call call)
{
	u8 *page = ns_page();

	memcpy(page + 8, (void *)call.arg[3], GRANULE_SIZE - 8);
	call.arg[3] = (u64)page + 8;
	check_status(make_call(&call, NULL), RMI_ERROR_INPUT);
}

static void create_refuses(void)
{
	struct scene *s = scene_create();
	struct call call = second_rec_call(s);
	struct rmi_rec_params *params = (void *)call.arg[3];
	struct scene targets = *s;

	/* Here @delegated is the good value of one argument, so take another for the bad ones. */
	targets.delegated = delegated_page();
	refuse_not_rd(&targets, &call, 1);
	refuse_not_delegated(s, &call, 2);
	refuse_not_ns(&targets, &call, 3);
	REFUSE(&call, INPUT("alias", 2, s->r.rd));

	/* mpidr_index: the next REC is number 1 */
	params->mpidr = 0;
	check_status(make_call(&call, NULL), RMI_ERROR_INPUT);
	params->mpidr = 2;
	check_status(make_call(&call, NULL), RMI_ERROR_INPUT);
	refuse_reserved_mpidr(&call, params);
	refuse_unaligned_params(call);

	require_status(make_call(&call, NULL), RMI_SUCCESS);
	s->r.rec[1].pa = call.arg[2];
	s->r.nr_recs = 2;
	scene_destroy(s);
}

static void create_needs_new(void)
{
	struct scene *s = scene_create();
	struct call call = second_rec_call(s);

	require_status(realm_activate(&s->r), RMI_SUCCESS);
	check_status(make_call(&call, NULL), RMI_ERROR_REALM);
	require_status(realm_terminate(&s->r), RMI_SUCCESS);
	check_status(make_call(&call, NULL), RMI_ERROR_REALM);
	scene_destroy(s);
}

static unsigned int max_recs(void)
{
	struct rmi_features_out reg1;

	require_status(rmi_features(1, &reg1), RMI_SUCCESS);
	return (1U << FIELD_GET(RMI_FEATURE_REGISTER1_MAX_RECS_ORDER, reg1.value)) - 1;
}

/* B4.6.68: Aff0 has four bits, so REC 16 has Aff1 1. */
static rmi_status_t create_off(const struct realm *r, phys_addr_t rec, unsigned int index)
{
	struct rmi_rec_params *params = ns_page();
	struct call call = CALL(REC_CREATE, r->rd, rec, (u64)params);

	params->mpidr = FIELD_PREP(RMI_REC_MPIDR_AFF0, index % 16) |
			FIELD_PREP(RMI_REC_MPIDR_AFF1, index / 16);
	return make_call(&call, NULL);
}

/* @full: there can be no more of them */
static void create_count(unsigned int count, bool full)
{
	phys_addr_t recs = delegated_pages(count + 1);
	struct realm r;

	realm_init(&r);
	require_status(realm_create(&r), RMI_SUCCESS);
	for (unsigned int i = 0; i < count; i++)
		require_status(create_off(&r, recs + i * GRANULE_SIZE, i), RMI_SUCCESS);
	if (full)
		check_status(create_off(&r, recs + count * GRANULE_SIZE, count), RMI_ERROR_REALM);
	for (unsigned int i = 0; i < count; i++) {
		struct call call = CALL(REC_DESTROY, recs + i * GRANULE_SIZE);

		check_status(make_call(&call, NULL), RMI_SUCCESS);
	}
	check_status(realm_destroy(&r), RMI_SUCCESS);
}

static void create_many(void)
{
	if (max_recs() < MANY_RECS)
		skip_test("the RMM has too few RECs to a realm");
	create_count(MANY_RECS, false);
}

/* num_recs: as many as RMI_FEATURES says, and not one more */
static void create_all(void)
{
	if (max_recs() > MAX_RECS)
		skip_test("the RMM has too many RECs to a realm");
	create_count(max_recs(), true);
}

static void destroy(void)
{
	struct scene *s = scene_create();
	struct call call = CALL(REC_DESTROY, s->rec);

	refuse_not_rec(s, &call, 1);
	require_status(make_call(&call, NULL), RMI_SUCCESS);
	s->r.rec[0].pa = 0;
	check_status(make_call(&call, NULL), RMI_ERROR_INPUT);
	check_status(undelegate(s->rec, GRANULE_SIZE), RMI_SUCCESS);
	scene_destroy(s);
}

static void enter_refuses(void)
{
	struct scene *s = scene_create();
	struct call call = CALL(REC_ENTER, s->rec, (u64)s->r.rec[0].run);
	struct rmi_rec_enter *enter = &s->r.rec[0].run->enter;

	/* realm_state */
	check_status(make_call(&call, NULL), RMI_ERROR_REALM);

	require_status(realm_activate(&s->r), RMI_SUCCESS);
	refuse_not_rec(s, &call, 1);
	refuse_not_ns(s, &call, 2);

	/* rec_mmio: no abort came before */
	enter->flags = RMI_REC_ENTER_FLAGS_EMUL_MMIO;
	check_status(make_call(&call, NULL), RMI_ERROR_REC);
	enter->flags = 0;

	/* Its PC is not mapped and EMPTY: the realm faults on its own, until the timer fires. */
	timer_start(1000);
	check_status(make_call(&call, NULL), RMI_SUCCESS);
	scene_destroy(s);
}

static void enter_needs_runnable(void)
{
	struct scene *s = scene_create();

	require_status(realm_add_rec(&s->r, NULL, 0), RMI_SUCCESS);
	require_status(realm_activate(&s->r), RMI_SUCCESS);
	check_status(realm_enter(&s->r, 1, 0), RMI_ERROR_REC);
	scene_destroy(s);
}

const struct test rec_tests[] = {
	{ "REC_CREATE refuses bad arguments", create_refuses },
	{ "REC_CREATE only for a new realm", create_needs_new },
	{ "REC_CREATE twenty times", create_many },
	{ "REC_CREATE as often as possible", create_all },
	{ "REC_DESTROY", destroy },
	{ "REC_ENTER refuses bad arguments", enter_refuses },
	{ "REC_ENTER needs a runnable REC", enter_needs_runnable },
	{ },
};
