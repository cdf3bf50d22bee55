/* SPDX-License-Identifier: GPL-2.0-only */
/* The RMM's side of the test control page, include/test_control.h. */
#ifndef RMM_INJECT_ANSWER_H
#define RMM_INJECT_ANSWER_H

#include <linux/types.h>
#include <test_knobs.h>

/**
 * test_control_init() - write the header of the page
 * @pa: its address, 0 when this build has none
 */
void test_control_init(unsigned long pa);

/** test_control_delegated() - publish the number of delegated granules */
void test_control_delegated(unsigned long count);

/**
 * test_control_inject() - is a command to be answered without being run?
 * @fid: function ID of the command
 * @response: X0 to answer
 *
 * Return: true when a slot of the page asks for it
 */
bool test_control_inject(u64 fid, u64 *response);

/** test_control_knob() - the value of a test knob now, 0 when there is no page */
u64 test_control_knob(enum test_knob knob);

/** test_control_donate_contig() - should stateful operations ask for contiguous memory? */
bool test_control_donate_contig(void);

#endif
