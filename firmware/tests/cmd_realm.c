// SPDX-License-Identifier: GPL-2.0-only
/* REALM_CREATE, REALM_ACTIVATE, REALM_TERMINATE, REALM_DESTROY: DEN0137 B4.5.45 to B4.5.48 */
#include <string.h>
#include "control.h"
#include "refuse.h"

#define MANY	16

/* More than there are VMIDs of 8 bits */
#define ATTEMPTS	300

/* Another realm's parameters, good ones, and the granules they name. */
static struct realm other;

static struct call other_create_call(void)
{
	realm_init(&other);
	other.params->rtt_base = delegated_pages(REALM_NR_ROOTS);
	return CALL(REALM_CREATE, delegated_page(), (u64)other.params);
}

static void destroy_rd(phys_addr_t rd)
{
	other.rd = rd;
	check_status(realm_destroy(&other), RMI_SUCCESS);
}

static void create_refuses_arguments(void)
{
	struct scene *s = scene_create();
	struct call call = other_create_call();

	refuse_not_delegated(s, &call, 1);
	refuse_not_ns(s, &call, 2);
	REFUSE(&call, INPUT("alias", 1, other.params->rtt_base));

	require_status(make_call(&call, NULL), RMI_SUCCESS);
	check_status(make_call(&call, NULL), RMI_ERROR_INPUT);
	destroy_rd(call.arg[1]);
	scene_destroy(s);
}

/* The parameters with one field changed must be refused. */
static void refuse_field(const struct call *call, size_t offset, size_t size, u64 value,
			 const char *name)
{
	struct rmi_realm_params saved = *other.params;
	rmi_status_t st;

	memcpy((char *)other.params + offset, &value, size);
	st = make_call(call, NULL);
	if (rmi_code(st) != RMI_ERROR_INPUT)
		test_failed(__FILE__, __LINE__, "%s = 0x%llx: %s", name, value,
			    rmi_status_name(st));
	if (rmi_ok(st))
		test_abort();
	*other.params = saved;
}

#define refuse_param(call, field, value)				\
	refuse_field(call, offsetof(struct rmi_realm_params, field),	\
		     sizeof(other.params->field), value, #field)

/* What registers 1 to 4 are about, and bits that mean nothing */
static void refuse_other_registers(const struct call *call)
{
	struct rmi_features_out reg1, reg2, reg3, reg4;

	require_status(rmi_features(1, &reg1), RMI_SUCCESS);
	require_status(rmi_features(2, &reg2), RMI_SUCCESS);
	require_status(rmi_features(3, &reg3), RMI_SUCCESS);
	require_status(rmi_features(4, &reg4), RMI_SUCCESS);

	if (!(reg1.value & RMI_FEATURE_REGISTER1_HASH_SHA_384))
		refuse_param(call, hash_algo, RMI_HASH_SHA_384);
	if (!(reg2.value & RMI_FEATURE_REGISTER2_DA))
		refuse_param(call, flags0, RMI_REALM_FLAGS0_DA);
	if (!(reg2.value & RMI_FEATURE_REGISTER2_ATS))
		refuse_param(call, flags1, RMI_REALM_FLAGS1_ATS);
	refuse_param(call, num_aux_planes,
		     FIELD_GET(RMI_FEATURE_REGISTER3_MAX_NUM_AUX_PLANES, reg3.value) + 1);
	if (!(reg3.value & RMI_FEATURE_REGISTER3_RTT_S2AP_INDIRECT))
		refuse_param(call, flags1, RMI_REALM_FLAGS1_RTT_S2AP_ENCODING);

	refuse_param(call, flags0, FIELD_PREP(RMI_REALM_FLAGS0_LFA_POLICY, 2));
	refuse_param(call, flags0, FIELD_PREP(RMI_REALM_FLAGS0_MEC_POLICY, 2));
	refuse_param(call, flags0, BIT_ULL(4));
	refuse_param(call, flags0, BIT_ULL(63));
	refuse_param(call, flags1, BIT_ULL(3));
	refuse_param(call, flags1, BIT_ULL(63));

	/* mec_policy */
	if (!reg4.value) {
		other.params->flags0 = FIELD_PREP(RMI_REALM_FLAGS0_MEC_POLICY,
						  RMI_MEC_POLICY_PRIVATE);
		check_status(make_call(call, NULL), RMI_ERROR_GLOBAL);
		other.params->flags0 = 0;
	}
}

static void create_refuses_parameters(void)
{
	struct call call = other_create_call();
	struct rmi_features_out reg0;
	unsigned long s2sz;

	require_status(rmi_features(0, &reg0), RMI_SUCCESS);
	s2sz = FIELD_GET(RMI_FEATURE_REGISTER0_S2SZ, reg0.value);

	refuse_param(&call, s2sz, s2sz + 1);
	refuse_param(&call, s2sz, 0);
	refuse_param(&call, s2sz, 255);
	refuse_param(&call, hash_algo, 0xff);
	refuse_param(&call, ats_plane, 1);
	refuse_param(&call, ats_plane, BIT_ULL(63));
	refuse_param(&call, num_bps, FIELD_GET(RMI_FEATURE_REGISTER0_NUM_BPS, reg0.value) + 1);
	refuse_param(&call, num_wps, FIELD_GET(RMI_FEATURE_REGISTER0_NUM_WPS, reg0.value) + 1);
	if (!(reg0.value & RMI_FEATURE_REGISTER0_PMU))
		refuse_param(&call, flags0, RMI_REALM_FLAGS0_PMU);
	if (!(reg0.value & RMI_FEATURE_REGISTER0_SVE))
		refuse_param(&call, flags0, RMI_REALM_FLAGS0_SVE);
	if (!(reg0.value & RMI_FEATURE_REGISTER0_LPA2))
		refuse_param(&call, flags0, RMI_REALM_FLAGS0_LPA2);
	refuse_param(&call, num_bps, 0);
	refuse_param(&call, num_wps, 0);
	refuse_param(&call, pmu_num_ctrs,
		     FIELD_GET(RMI_FEATURE_REGISTER0_PMU_NUM_CTRS, reg0.value) + 1);
	refuse_other_registers(&call);
}

/* A number of starting level tables that the architecture does not have, all there and aligned */
static void refuse_tables(const struct call *call, u8 s2sz, s64 level, u32 count)
{
	struct rmi_realm_params saved = *other.params;

	other.params->s2sz = s2sz;
	other.params->rtt_level_start = level;
	other.params->rtt_base = delegated_pages(count);
	refuse_param(call, rtt_num_start, count);
	*other.params = saved;
}

static void create_refuses_tables(void)
{
	struct scene *s = scene_create();
	struct call call = other_create_call();
	u64 base = other.params->rtt_base;

	/* rtt_num_level: 40 bits are two tables at level 1 */
	refuse_param(&call, rtt_level_start, 4);
	refuse_param(&call, rtt_level_start, -2);
	refuse_param(&call, rtt_level_start, 3);
	refuse_param(&call, rtt_num_start, 0);
	refuse_param(&call, rtt_num_start, 1);
	refuse_param(&call, rtt_num_start, 3);
	refuse_param(&call, rtt_num_start, 17);
	refuse_tables(&call, 44, 1, 32);
	refuse_tables(&call, 39, 0, 1);
	refuse_tables(&call, 30, 1, 1);
	/* rtt_align: to the size of both */
	refuse_param(&call, rtt_base, base + 8);
	refuse_param(&call, rtt_base, delegated_pages(4) + GRANULE_SIZE);
	/* rtt_state */
	refuse_param(&call, rtt_base, (u64)ns_pages(2));
	refuse_param(&call, rtt_base, s->r.roots);
	refuse_param(&call, rtt_base, NOT_TRACKED);
	refuse_param(&call, rtt_base, BIT_ULL(60));

	require_status(make_call(&call, NULL), RMI_SUCCESS);
	destroy_rd(call.arg[1]);
	scene_destroy(s);
}

static void create_sve(void)
{
	struct call call = other_create_call();
	struct rmi_features_out reg0;
	unsigned long vl;

	require_status(rmi_features(0, &reg0), RMI_SUCCESS);
	if (!(reg0.value & RMI_FEATURE_REGISTER0_SVE))
		skip_test("the RMM has no SVE");

	vl = FIELD_GET(RMI_FEATURE_REGISTER0_SVE_VL, reg0.value);
	other.params->flags0 = RMI_REALM_FLAGS0_SVE;
	refuse_param(&call, sve_vl, vl + 1);
	other.params->sve_vl = vl;
	require_status(make_call(&call, NULL), RMI_SUCCESS);
	destroy_rd(call.arg[1]);
}

/* A new realm is empty: every entry VOID, and EMPTY in the protected half. */
static void new_realm(void)
{
	struct realm r;

	realm_init(&r);
	require_status(realm_create(&r), RMI_SUCCESS);
	check_entry(&r, 0, 3, 1, RMI_RTTE_VOID, RMI_RIPAS_EMPTY);
	check_entry(&r, SZ_1G, 1, 1, RMI_RTTE_VOID, RMI_RIPAS_EMPTY);
	check_eq(read_entry(&r, realm_shared(&r, 0), 3).level, 1);
	check_eq(read_entry(&r, realm_shared(&r, 0), 3).state, RMI_RTTE_VOID);
	check_status(realm_destroy(&r), RMI_SUCCESS);
}

static void activate(void)
{
	struct scene *s = scene_create();
	struct call call = CALL(REALM_ACTIVATE, s->r.rd);

	refuse_not_rd(s, &call, 1);
	check_status(make_call(&call, NULL), RMI_SUCCESS);
	check_status(make_call(&call, NULL), RMI_ERROR_REALM);
	check_status(realm_terminate(&s->r), RMI_SUCCESS);
	check_status(make_call(&call, NULL), RMI_ERROR_REALM);
	scene_destroy(s);
}

static void terminate(void)
{
	struct scene *s = scene_create();
	struct call call = CALL(REALM_TERMINATE, s->r.rd);

	refuse_not_rd(s, &call, 1);
	check_status(make_call(&call, NULL), RMI_SUCCESS);
	check_status(realm_enter(&s->r, 0, 0), RMI_ERROR_REALM);
	scene_destroy(s);
}

static void destroy_refuses(void)
{
	struct scene *s = scene_create();
	struct call call = CALL(REALM_DESTROY, s->r.rd);

	refuse_not_rd(s, &call, 1);

	/* realm_state */
	check_status(make_call(&call, NULL), RMI_ERROR_REALM);
	check_status(realm_activate(&s->r), RMI_SUCCESS);
	check_status(make_call(&call, NULL), RMI_ERROR_REALM);
	check_status(realm_terminate(&s->r), RMI_SUCCESS);
	/* realm_live: a REC and tables, then tables alone */
	check_status(make_call(&call, NULL), RMI_ERROR_REALM);
	require_status(realm_destroy_rec(&s->r, 0), RMI_SUCCESS);
	check_status(make_call(&call, NULL), RMI_ERROR_REALM);

	scene_destroy(s);
}

/* Each for one reason alone: not terminated, a REC, a table for either half */
static void destroy_refuses_each(void)
{
	struct call destroy;
	struct realm r;

	realm_init(&r);
	require_status(realm_create(&r), RMI_SUCCESS);
	destroy = CALL(REALM_DESTROY, r.rd);
	check_status(make_call(&destroy, NULL), RMI_ERROR_REALM);
	require_status(realm_activate(&r), RMI_SUCCESS);
	check_status(make_call(&destroy, NULL), RMI_ERROR_REALM);
	check_status(realm_destroy(&r), RMI_SUCCESS);

	realm_init(&r);
	require_status(realm_create(&r), RMI_SUCCESS);
	require_status(realm_add_rec(&r, NULL, 0), RMI_SUCCESS);
	require_status(realm_terminate(&r), RMI_SUCCESS);
	destroy = CALL(REALM_DESTROY, r.rd);
	check_status(make_call(&destroy, NULL), RMI_ERROR_REALM);
	check_status(realm_destroy(&r), RMI_SUCCESS);

	for (unsigned int half = 0; half < 2; half++) {
		realm_init(&r);
		require_status(realm_create(&r), RMI_SUCCESS);
		require_status(realm_table(&r, half ? realm_shared(&r, 0) : 0, 2), RMI_SUCCESS);
		require_status(realm_terminate(&r), RMI_SUCCESS);
		destroy = CALL(REALM_DESTROY, r.rd);
		check_status(make_call(&destroy, NULL), RMI_ERROR_REALM);
		check_status(realm_destroy(&r), RMI_SUCCESS);
	}
}

/* The granules of a destroyed realm are DELEGATED: they make the next realm. */
static void destroy_gives_back(void)
{
	struct call create = other_create_call();
	struct call destroy = CALL(REALM_DESTROY, create.arg[1]);

	for (unsigned int i = 0; i < 3; i++) {
		require_status(make_call(&create, NULL), RMI_SUCCESS);
		other.rd = create.arg[1];
		require_status(realm_terminate(&other), RMI_SUCCESS);
		require_status(make_call(&destroy, NULL), RMI_SUCCESS);
		check_status(make_call(&destroy, NULL), RMI_ERROR_INPUT);
	}
}

static void many(void)
{
	struct realm *realms = ns_pages(MANY * sizeof(*realms) / GRANULE_SIZE + 1);

	for (unsigned int i = 0; i < MANY; i++) {
		realm_init(&realms[i]);
		require_status(realm_create(&realms[i]), RMI_SUCCESS);
	}
	for (unsigned int i = 0; i < MANY; i++)
		check_status(realm_destroy(&realms[i]), RMI_SUCCESS);
}

/* Create a realm with @create, and destroy it. */
static void create_and_destroy(const struct call *create)
{
	struct call destroy = CALL(REALM_DESTROY, create->arg[1]);

	require_status(make_call(create, NULL), RMI_SUCCESS);
	other.rd = create->arg[1];
	require_status(realm_terminate(&other), RMI_SUCCESS);
	require_status(make_call(&destroy, NULL), RMI_SUCCESS);
}

static void in_turn(void)
{
	struct call create = other_create_call();

	for (unsigned int i = 0; i < ATTEMPTS; i++)
		create_and_destroy(&create);
}

/* One starting level table is not DELEGATED: all that was taken by then is given back. */
static void create_gives_back(void)
{
	struct call create = other_create_call();
	const u64 base = other.params->rtt_base;

	for (unsigned int bad = 0; bad < REALM_NR_ROOTS; bad++) {
		require_status(undelegate(base + bad * SZ_4K, SZ_4K), RMI_SUCCESS);
		for (unsigned int i = 0; i < ATTEMPTS; i++)
			require_status(make_call(&create, NULL), RMI_ERROR_INPUT);

		require_status(delegate(base + bad * SZ_4K, SZ_4K), RMI_SUCCESS);
		check_status(undelegate(base, REALM_NR_ROOTS * SZ_4K), RMI_SUCCESS);
		check_status(delegate(base, REALM_NR_ROOTS * SZ_4K), RMI_SUCCESS);
		check_status(undelegate(create.arg[1], SZ_4K), RMI_SUCCESS);
		check_status(delegate(create.arg[1], SZ_4K), RMI_SUCCESS);
	}
	create_and_destroy(&create);
}

/* vmid: create realms until there are too many, and destroy them; returns how many there were */
static unsigned int fill_up(struct call *create)
{
	phys_addr_t *rd = ns_page();
	unsigned int count = 0;
	rmi_status_t st;

	for (;;) {
		st = make_call(create, NULL);
		if (!rmi_ok(st) || count == ATTEMPTS)
			break;
		rd[count++] = create->arg[1];
		create->arg[1] = delegated_page();
		other.params->rtt_base = delegated_pages(REALM_NR_ROOTS);
	}
	if (rmi_ok(st))
		destroy_rd(create->arg[1]);
	else
		check_status(st, RMI_ERROR_GLOBAL);
	for (unsigned int i = 0; i < count; i++)
		destroy_rd(rd[i]);
	return count;
}

static void too_many(void)
{
	struct call create = other_create_call();
	unsigned int count = fill_up(&create);

	/* VMIDs of this RMM have 8 bits, and 0 is none. */
	if (test_control())
		check_eq(count, 255);
	if (count == ATTEMPTS)
		skip_test("more than %u realms", ATTEMPTS);
	check(count > 1);
	check_eq(fill_up(&create), count);
	create_and_destroy(&create);
}

const struct test realm_tests[] = {
	{ "REALM_CREATE refuses bad arguments", create_refuses_arguments },
	{ "REALM_CREATE refuses bad parameters", create_refuses_parameters },
	{ "REALM_CREATE refuses bad starting tables", create_refuses_tables },
	{ "REALM_CREATE with SVE", create_sve },
	{ "REALM_CREATE gives an empty realm", new_realm },
	{ "REALM_ACTIVATE", activate },
	{ "REALM_TERMINATE", terminate },
	{ "REALM_DESTROY refuses what lives", destroy_refuses },
	{ "REALM_DESTROY refuses each of these alone", destroy_refuses_each },
	{ "REALM_DESTROY gives the granules back", destroy_gives_back },
	{ "sixteen realms at once", many },
	{ "300 realms one after the other", in_turn },
	{ "REALM_CREATE that fails gives back what it took", create_gives_back },
	{ "REALM_CREATE refuses a realm too many", too_many },
	{ },
};
