/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REALMRUN_LOADER_H
#define REALMRUN_LOADER_H

#include "options.h"
#include "types.h"

/**
 * struct boot - what the first vCPU starts with
 * @entry:	PC.
 * @fdt:	X0.
 */
struct boot {
	u64 entry;
	u64 fdt;
};

/**
 * struct image_info - what the header of an Image says
 * @text_offset: Where it goes, from a boundary of 2 MB on.
 * @size:	How much memory it takes, in bytes.
 */
struct image_info {
	u64 text_offset;
	u64 size;
};

const char *image_check(const void *head, size_t head_size, u64 file_size,
			struct image_info *info);
void loader_init(const struct options *opts, struct boot *boot);

#endif /* REALMRUN_LOADER_H */
