/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REALMRUN_TERMINAL_H
#define REALMRUN_TERMINAL_H

#include "types.h"

/**
 * struct terminal_user - the device that gets the input
 * @room:	How many characters it takes now. May be called at any time from
 *		the main thread.
 * @input:	Take at most that many characters.
 * @resized:	The window has another size. May be NULL.
 */
struct terminal_user {
	size_t (*room)(void);
	void (*input)(const u8 *data, size_t size);
	void (*resized)(void);
};

struct window_size {
	u16 columns;
	u16 rows;
};

void terminal_init(void);
void terminal_start(const struct terminal_user *user);
void terminal_restore(void);
void terminal_resume_input(void);
void terminal_output(const void *data, size_t size);
struct window_size terminal_size(void);

#endif /* REALMRUN_TERMINAL_H */
