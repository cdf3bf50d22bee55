/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guest's address space, and its interrupts.
 *
 * GPAs only: a realm sees a device at the same address with the shared bit
 * set, and KVM takes that bit off before we get to know.
 */
#ifndef REALMRUN_MAP_H
#define REALMRUN_MAP_H

#include "types.h"

#define GICD_BASE		0x08000000ULL
#define GICD_SIZE		SZ_64K
#define ITS_BASE		0x08080000ULL
#define ITS_SIZE		SZ_128K
#define GICR_BASE		0x080a0000ULL
#define GICR_SIZE		SZ_128K		/* of each CPU */

#define UART_BASE		0x09000000ULL
#define VIRTIO_BASE		0x0a000000ULL
#define DEVICE_SIZE		SZ_4K		/* of each of these */

#define RAM_BASE		0x40000000ULL

/* Shared peripheral interrupts, counted from 0 as in the device tree */
#define UART_SPI		1
#define VIRTIO_SPI		16
#define NR_SPIS			64

#define MAX_CPUS		64
#define MAX_DISKS		8

#endif /* REALMRUN_MAP_H */
