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

static void inject(void)
{
	struct test_control *control = need_control();
	struct test_control_slot *slot = &control->slot[3];
	phys_addr_t pa = (phys_addr_t)ns_page();
	const unsigned long busy = RMI_BUSY;

	memset(slot, 0, sizeof(*slot));
	slot->fid = SMC_RMI_GRANULE_RANGE_DELEGATE;
	slot->skip = 1;
	slot->response = busy;
	WRITE_ONCE(slot->repeat, 2);

	check_status(delegate(pa, GRANULE_SIZE), RMI_SUCCESS);
	check_status(undelegate(pa, GRANULE_SIZE), RMI_SUCCESS);
	check_status(delegate(pa, GRANULE_SIZE), RMI_BUSY);
	check_status(delegate(pa, GRANULE_SIZE), RMI_BUSY);
	check_eq(READ_ONCE(slot->hits), 2);
	check_eq(READ_ONCE(slot->repeat), 0);
	check_status(delegate(pa, GRANULE_SIZE), RMI_SUCCESS);
}

static void inject_data(void)
{
	struct test_control *control = need_control();
	struct test_control_slot *slot = &control->slot[0];
	struct scene *s = scene_create();
	struct call call = CALL(RTT_READ_ENTRY, s->r.rd, TEST_IPA, 3);

	memset(slot, 0, sizeof(*slot));
	slot->fid = call.fid;
	slot->response = rmi_status(RMI_ERROR_RTT, 2).raw;
	WRITE_ONCE(slot->repeat, 1);
	check_status_level(make_call(&call, NULL), RMI_ERROR_RTT, 2);
	check_status(make_call(&call, NULL), RMI_SUCCESS);
	scene_destroy(s);
}

const struct test control_tests[] = {
	{ "the page is there", layout },
	{ "delegated granules are counted", counts },
	{ "an answer is injected, skipping the first call", inject },
	{ "an injected answer has its data", inject_data },
	{ },
};
