/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REALMRUN_MEMORY_H
#define REALMRUN_MEMORY_H

#include "options.h"
#include "types.h"

/**
 * struct memory_stats - conversions between private and shared memory
 * @to_private:		Number of conversions that gave back shared memory.
 * @to_shared:		Number of conversions that gave back private memory.
 * @private_bytes:	Bytes that became private.
 * @shared_bytes:	Bytes that became shared.
 * @requests:		Number of requests, those with nothing to do included.
 */
struct memory_stats {
	u64 to_private;
	u64 to_shared;
	u64 private_bytes;
	u64 shared_bytes;
	u64 requests;
};

void memory_init(const struct options *opts);
void *memory_load(u64 gpa, u64 size, const char *what);
void memory_launch(void);
bool memory_convert(u64 gpa, u64 size, bool private);
void *memory_shared(u64 addr, u64 size);
void memory_get_stats(struct memory_stats *stats);

#endif /* REALMRUN_MEMORY_H */
