// SPDX-License-Identifier: GPL-2.0-only
/* The test control page: counting granules and injected answers. */
#include <string.h>
#include "control.h"
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

const struct test control_tests[] = {
	{ "the page is there", layout },
	{ "delegated granules are counted", counts },
	{ "an answer is injected, skipping the first call", inject },
	{ "an injected answer has its data", inject_data },
	{ "slots that are not armed do not count", armed },
	{ },
};
