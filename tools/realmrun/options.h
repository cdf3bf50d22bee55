/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REALMRUN_OPTIONS_H
#define REALMRUN_OPTIONS_H

#include "map.h"
#include "types.h"

/* What is behind the memory that the VMM shares with the guest. */
enum backing {
	BACKING_PRIVATE,	/* anonymous, MAP_PRIVATE */
	BACKING_SHARED,		/* memfd, MAP_SHARED */
};

enum thp {
	THP_SYSTEM,		/* whatever the system does */
	THP_NEVER,
	THP_MADVISE,
	THP_ALWAYS,
};

enum console {
	CONSOLE_UART,
	CONSOLE_VIRTIO,
};

struct disk_option {
	const char *path;
	bool read_only;
};

/**
 * struct options - what the command line asks for
 * @realm:	A realm, not an ordinary VM.
 * @cpus:	Number of vCPUs.
 * @mem:	Size of the RAM in bytes.
 * @kernel:	Path of an arm64 Image.
 * @initrd:	Path of its initial RAM disk, or NULL.
 * @append:	Kernel command line.
 * @disks:	Block devices.
 * @nr_disks:	Number of @disks.
 * @backing:	Kind of memory that is shared with the guest, enum backing.
 * @thp:	Transparent huge pages for that memory, enum thp.
 * @console:	Device the terminal's input goes to, enum console.
 * @earlycon:	Let the guest have a console from its very start.
 * @sve:	Give the vCPUs SVE.
 * @stats:	Print what happened at the end.
 */
struct options {
	bool realm;
	unsigned int cpus;
	u64 mem;
	const char *kernel;
	const char *initrd;
	const char *append;
	struct disk_option disks[MAX_DISKS];
	unsigned int nr_disks;
	int backing;
	int thp;
	int console;
	bool earlycon;
	bool sve;
	bool stats;
};

enum options_result {
	OPTIONS_OK,
	OPTIONS_HELP,
	OPTIONS_BAD,
};

extern const char options_usage[];

enum options_result options_parse(struct options *opts, int argc, char **argv,
				  char *error, size_t error_size);

#endif /* REALMRUN_OPTIONS_H */
