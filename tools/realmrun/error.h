/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REALMRUN_ERROR_H
#define REALMRUN_ERROR_H

#include "types.h"

/* The process's exit status */
enum {
	EXIT_POWER_OFF	= 0,
	EXIT_ERROR	= 1,
	EXIT_USAGE	= 2,
	EXIT_RESET	= 3,
	EXIT_CRASH	= 4,
	EXIT_QUIT	= 5,
	EXIT_SIGNAL	= 128,	/* and its number */
};

void message(const char *fmt, ...) __printf(1, 2);
void guest_message(const char *fmt, ...) __printf(1, 2);
void die(const char *fmt, ...) __noreturn __printf(1, 2);
void die_errno(const char *fmt, ...) __noreturn __printf(1, 2);
void die_call(const char *call, int err) __noreturn;

#endif /* REALMRUN_ERROR_H */
