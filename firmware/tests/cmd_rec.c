// SPDX-License-Identifier: GPL-2.0-only
/* REC_CREATE, REC_DESTROY, and what REC_ENTER refuses: DEN0137 B4.5.49 to B4.5.51 */
#include "refuse.h"

static struct call second_rec_call(struct scene *s)
{
	struct rmi_rec_params *params = ns_page();

	params->flags = RMI_REC_CREATE_FLAGS_RUNNABLE;
	params->mpidr = 1;
	return CALL(REC_CREATE, s->r.rd, s->delegated, (u64)params);
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
	params->mpidr = 1;

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

/* B4.6.68: Aff0 has four bits, so REC 16 has Aff1 1. */
static void create_many(void)
{
	struct rmi_features_out reg1;
	struct rmi_rec_params *params = ns_page();
	struct realm r;
	phys_addr_t recs[20];
	unsigned int count = ARRAY_SIZE(recs);

	require_status(rmi_features(1, &reg1), RMI_SUCCESS);
	if ((1U << FIELD_GET(RMI_FEATURE_REGISTER1_MAX_RECS_ORDER, reg1.value)) - 1 < count)
		skip_test("the RMM has too few RECs to a realm");

	realm_init(&r);
	require_status(realm_create(&r), RMI_SUCCESS);
	for (unsigned int i = 0; i < count; i++) {
		struct call call;

		recs[i] = delegated_page();
		params->mpidr = FIELD_PREP(RMI_REC_MPIDR_AFF0, i % 16) |
				FIELD_PREP(RMI_REC_MPIDR_AFF1, i / 16);
		call = CALL(REC_CREATE, r.rd, recs[i], (u64)params);
		require_status(make_call(&call, NULL), RMI_SUCCESS);
	}
	for (unsigned int i = 0; i < count; i++) {
		struct call call = CALL(REC_DESTROY, recs[i]);

		check_status(make_call(&call, NULL), RMI_SUCCESS);
	}
	check_status(realm_destroy(&r), RMI_SUCCESS);
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
	{ "REC_DESTROY", destroy },
	{ "REC_ENTER refuses bad arguments", enter_refuses },
	{ "REC_ENTER needs a runnable REC", enter_needs_runnable },
	{ },
};
