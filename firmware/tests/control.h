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

#endif /* TESTS_CONTROL_H */
