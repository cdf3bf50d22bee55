// SPDX-License-Identifier: GPL-2.0-only
/* For tests of what lies below a stack. */
#include <test_knobs.h>

#define FRAME_BYTES	128

u64 test_overflow_stack(unsigned long size)
{
	volatile u64 frame[FRAME_BYTES / 8];

	frame[0] = size;
	if (size <= FRAME_BYTES)
		return 0;
	return test_overflow_stack(size - FRAME_BYTES) + frame[0];
}
