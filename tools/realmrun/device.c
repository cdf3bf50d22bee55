// SPDX-License-Identifier: GPL-2.0-only
/*
 * All devices that are emulated here.
 */

#include "device.h"
#include "error.h"

static struct device *devices[MAX_DEVICES];
static unsigned int nr_devices;

/**
 * device_add() - Make a device known
 * @dev: the device; stays for ever
 *
 * Not any more once vCPUs run.
 */
void device_add(struct device *dev)
{
	if (nr_devices == MAX_DEVICES)
		die("%s: more than %d devices", dev->name, MAX_DEVICES);
	devices[nr_devices++] = dev;
}

/**
 * device_at() - Find the device an access goes to
 * @gpa: address of it
 * @size: its size in bytes
 *
 * Return: the device, NULL if there is none that covers all of it.
 */
struct device *device_at(u64 gpa, unsigned int size)
{
	for (unsigned int i = 0; i < nr_devices; i++) {
		struct device *dev = devices[i];

		if (gpa >= dev->base && gpa - dev->base <= dev->size - size)
			return dev;
	}
	return NULL;
}

/**
 * device_nth() - Go through all devices
 * @n: 0 for the first one
 *
 * Return: the device, NULL after the last one.
 */
struct device *device_nth(unsigned int n)
{
	return n < nr_devices ? devices[n] : NULL;
}
