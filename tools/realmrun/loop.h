/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REALMRUN_LOOP_H
#define REALMRUN_LOOP_H

#include "types.h"

/**
 * struct watch - a file descriptor that the main thread waits for
 * @fd:		The file descriptor.
 * @ready:	Called by the main thread when there is something to read.
 * @arg:	For @ready.
 */
struct watch {
	int fd;
	void (*ready)(struct watch *watch);
	void *arg;
};

void loop_init(void);
void loop_watch(struct watch *watch);
void loop_forget(struct watch *watch);
void loop_pause(struct watch *watch, bool pause);
int loop_run(void);
void loop_end(int status);

#endif /* REALMRUN_LOOP_H */
