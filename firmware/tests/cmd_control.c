// SPDX-License-Identifier: GPL-2.0-only
/* The test control page: counting granules and injected answers. */
#include <string.h>
#include <sysreg.h>
#include <test_knobs.h>
#include "control.h"
#include "harness.h"
#include "refuse.h"

static struct test_control *need_control(void)
{
	struct test_control *control = test_control();

	if (!control)
		skip_test("no test control page");
	return control;
}

static void layout(void)
{
	struct test_control *control = need_control();

	check_eq(control->magic, TEST_CONTROL_MAGIC);
	check_eq(control->version, TEST_CONTROL_VERSION);
	check_eq(control->nr_slots, TEST_CONTROL_SLOTS);
}

static void counts(void)
{
	struct test_control *control = need_control();
	u64 before = control->delegated;
	phys_addr_t pa = delegated_pages(4);
	struct scene *s;

	check_eq(READ_ONCE(control->delegated), before + 4);
	require_status(undelegate(pa, GRANULE_SIZE), RMI_SUCCESS);
	check_eq(READ_ONCE(control->delegated), before + 3);
	require_status(undelegate(pa + GRANULE_SIZE, 3 * GRANULE_SIZE), RMI_SUCCESS);
	check_eq(READ_ONCE(control->delegated), before);

	/* Granules the RMM uses are still delegated. */
	s = scene_create();
	check(READ_ONCE(control->delegated) >= before + 7);
	scene_destroy(s);
}

struct test_control_slot *control_inject(unsigned int n, u64 fid, u64 skip, u64 repeat,
					 u64 response)
{
	struct test_control *control = test_control();
	struct test_control_slot *slot = &control->slot[n];

	memset(slot, 0, sizeof(*slot));
	slot->fid = fid;
	slot->skip = skip;
	slot->response = response;
	WRITE_ONCE(slot->repeat, repeat);
	WRITE_ONCE(control->armed, 1);
	return slot;
}

void control_inject_nothing(void)
{
	struct test_control *control = test_control();

	WRITE_ONCE(control->armed, 0);
	for (unsigned int n = 0; n < TEST_CONTROL_SLOTS; n++)
		WRITE_ONCE(control->slot[n].repeat, 0);
}

static void inject(void)
{
	struct test_control_slot *slot;
	phys_addr_t pa;

	need_control();
	pa = (phys_addr_t)ns_page();
	slot = control_inject(3, SMC_RMI_GRANULE_RANGE_DELEGATE, 1, 2, RMI_BUSY);
	check_status(delegate(pa, GRANULE_SIZE), RMI_SUCCESS);
	check_status(undelegate(pa, GRANULE_SIZE), RMI_SUCCESS);
	check_status(delegate(pa, GRANULE_SIZE), RMI_BUSY);
	check_status(delegate(pa, GRANULE_SIZE), RMI_BUSY);
	check_eq(READ_ONCE(slot->hits), 2);
	check_eq(READ_ONCE(slot->repeat), 0);
	check_status(delegate(pa, GRANULE_SIZE), RMI_SUCCESS);
	control_inject_nothing();
}

static void inject_data(void)
{
	struct scene *s;
	struct call call;

	need_control();
	s = scene_create();
	call = CALL(RTT_READ_ENTRY, s->r.rd, TEST_IPA, 3);
	control_inject(0, call.fid, 0, 1, rmi_status(RMI_ERROR_RTT, 2).raw);
	check_status_level(make_call(&call, NULL), RMI_ERROR_RTT, 2);
	check_status(make_call(&call, NULL), RMI_SUCCESS);
	control_inject_nothing();
	scene_destroy(s);
}

static void armed(void)
{
	struct test_control *control = need_control();
	struct test_control_slot *slot;
	struct rmi_features_out out;

	slot = control_inject(15, SMC_RMI_FEATURES, 0, 1, RMI_BUSY);
	WRITE_ONCE(control->armed, 0);
	check_status(rmi_features(0, &out), RMI_SUCCESS);
	check_eq(READ_ONCE(slot->repeat), 1);
	check_eq(READ_ONCE(slot->hits), 0);
	WRITE_ONCE(control->armed, 1);
	check_status(rmi_features(0, &out), RMI_BUSY);
	check_status(rmi_features(0, &out), RMI_SUCCESS);
	check_eq(READ_ONCE(control->armed), 1);
	control_inject_nothing();
}

/* For a time: as often as it is called, and no longer. */
static void inject_for_a_time(void)
{
	phys_addr_t pa = (phys_addr_t)ns_page();
	const u64 ticks = read_sysreg(cntfrq_el0) / 50;
	u64 calls = 0, since = read_sysreg(cntpct_el0);
	struct test_control_slot *slot;

	need_control();
	slot = control_inject(1, SMC_RMI_GRANULE_RANGE_DELEGATE, 0, 1, RMI_BLOCKED);
	WRITE_ONCE(slot->ticks, ticks);

	while (rmi_code(delegate(pa, GRANULE_SIZE)) == RMI_BLOCKED)
		calls++;
	check(read_sysreg(cntpct_el0) - since >= ticks);
	check(calls > 1);
	check_eq(READ_ONCE(slot->hits), calls);
	check_eq(READ_ONCE(slot->repeat), 0);
	check_status(undelegate(pa, GRANULE_SIZE), RMI_SUCCESS);
	control_inject_nothing();
}

static void set_knob(enum test_knob knob, u64 value)
{
	struct test_control *control = test_control();

	WRITE_ONCE(control->boot.magic, TEST_CONTROL_BOOT_MAGIC);
	WRITE_ONCE(control->boot.knob[knob], value);
}

/* With an interrupt pending: success without progress, and nothing is changed. */
static void check_yields(struct call *call)
{
	const bool is_delegation = call->fid == SMC_RMI_GRANULE_RANGE_DELEGATE ||
				   call->fid == SMC_RMI_GRANULE_RANGE_UNDELEGATE;
	u64 out[7];

	for (unsigned int i = 0; i < 3; i++) {
		check_status(make_call(call, out), RMI_SUCCESS);
		check_eq(out[1], call->arg[is_delegation ? 1 : 2]);
	}
}

static void yield(void)
{
	struct test_control *control = need_control();
	struct scene *s = scene_create();
	u64 before, shared = realm_shared(&s->r, TEST_IPA);
	phys_addr_t pa = (phys_addr_t)ns_page();
	struct call calls[] = {
		CALL(GRANULE_RANGE_DELEGATE, pa, pa + GRANULE_SIZE),
		CALL(GRANULE_RANGE_UNDELEGATE, s->delegated, s->delegated + GRANULE_SIZE),
		CALL(RTT_INIT_RIPAS, s->r.rd, TEST_IPA, TEST_IPA + GRANULE_SIZE),
		CALL(RTT_DATA_UNMAP, s->r.rd, TEST_IPA, TEST_IPA + GRANULE_SIZE, 0, 0),
		CALL(RTT_UNPROT_UNMAP, s->r.rd, shared, shared + GRANULE_SIZE, 0, 0),
	};

	require_status(realm_map_shared(&s->r, shared, s->ns, RMI_S2AP_DIRECT_READ), RMI_SUCCESS);
	before = READ_ONCE(control->delegated);
	set_knob(TEST_KNOB_YIELD, 1);
	cpu_recall(cpu_index());
	for (unsigned int i = 0; i < ARRAY_SIZE(calls); i++)
		check_yields(&calls[i]);
	check_eq(READ_ONCE(control->delegated), before);

	/* The interrupt has been taken. */
	cpu_sleep();
	for (unsigned int i = 0; i < ARRAY_SIZE(calls); i++)
		check_status(make_call(&calls[i], NULL), RMI_SUCCESS);
	set_knob(TEST_KNOB_YIELD, 0);
	check_status(undelegate(pa, GRANULE_SIZE), RMI_SUCCESS);
	check_status(delegate(s->delegated, GRANULE_SIZE), RMI_SUCCESS);
	scene_destroy(s);
}

const struct test control_tests[] = {
	{ "the page is there", layout },
	{ "delegated granules are counted", counts },
	{ "an answer is injected, skipping the first call", inject },
	{ "an injected answer has its data", inject_data },
	{ "slots that are not armed do not count", armed },
	{ "an answer is injected for a time", inject_for_a_time },
	{ "a pending interrupt ends a range command at once, with the knob", yield },
	{ },
};
