/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TESTS_CONTROL_H
#define TESTS_CONTROL_H

#include <test_control.h>

/**
 * test_control() - the test control page
 *
 * Return: NULL when the firmware has none: it is not this project's
 */
struct test_control *test_control(void);

/**
 * control_inject() - let commands answer without being run
 * @n: number of the slot to use
 * @fid: function ID of the command
 * @skip: commands of this kind that run before
 * @repeat: how many commands answer
 * @response: X0 of them
 *
 * The page must be there. Ends with control_inject_nothing().
 *
 * Return: the slot
 */
struct test_control_slot *control_inject(unsigned int n, u64 fid, u64 skip, u64 repeat,
					 u64 response);

/** control_inject_nothing() - all commands run */
void control_inject_nothing(void);

#endif /* TESTS_CONTROL_H */
