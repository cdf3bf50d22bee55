// SPDX-License-Identifier: GPL-2.0-only
/* The monitor's view of the test knobs (test_knobs.h). The page is Non-secure memory for good. */
#include <memmap.h>
#include <sysreg.h>
#include "el3.h"

static const struct test_control *const page = (const void *)TEST_CONTROL_BASE;

static const struct {
	enum test_knob knob;
	const char *name;
} knobs[] = {
#define KNOB_NAME(number, NAME, name)	{ TEST_KNOB_##NAME, name },
	TEST_KNOBS(KNOB_NAME)
#undef KNOB_NAME
};

/* Once, at the start: a log tells of what a machine was asked to do differently. */
void knobs_report(void)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(knobs); i++) {
		u64 value = knob(knobs[i].knob);

		if (value)
			printf("EL3: test knob %s=%llu\n", knobs[i].name, value);
	}
}

u64 knob(enum test_knob which)
{
	return test_knob_read(page, which);
}

/* On each CPU, whenever it starts the host. */
void knobs_start_host(void)
{
	if (knob(TEST_KNOB_EL3_STACK_OVERFLOW) == cpu_index() + 1)
		test_overflow_stack(EL3_STACK_SIZE);
}
