/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REALMRUN_DEVICE_H
#define REALMRUN_DEVICE_H

#include "types.h"

/**
 * struct device - something the guest finds at an address
 * @name:	For people.
 * @base:	GPA of its registers.
 * @size:	Size of them, in bytes.
 * @spi:	Its interrupt, counted from the first SPI.
 * @read:	A load at an offset from @base; 1, 2, 4 or 8 bytes within @size.
 *		Called by vCPU threads, several at a time.
 * @write:	The same, a store.
 * @describe:	Add a node for it to a device tree, at its root.
 * @reads:	Number of loads that came here.
 * @writes:	Number of stores.
 */
struct device {
	const char *name;
	u64 base;
	u64 size;
	unsigned int spi;
	u64 (*read)(struct device *dev, u64 offset, unsigned int size);
	void (*write)(struct device *dev, u64 offset, unsigned int size, u64 value);
	void (*describe)(const struct device *dev, void *fdt);
	u64 reads;
	u64 writes;
};

#define MAX_DEVICES	16

void device_add(struct device *dev);
struct device *device_at(u64 gpa, unsigned int size);
struct device *device_nth(unsigned int n);

#endif /* REALMRUN_DEVICE_H */
