/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Physical memory map of QEMU's virt machine (secure=on, -m 3G) as this firmware uses it.
 * The only place where these numbers stand; C, assembly and linker scripts include it.
 */
#ifndef FIRMWARE_MEMMAP_H
#define FIRMWARE_MEMMAP_H

#include <linux/const.h>

#define SZ_4K			UL(0x1000)
#define SZ_64K			UL(0x10000)
#define SZ_1M			UL(0x100000)
#define SZ_2M			UL(0x200000)
#define SZ_1G			UL(0x40000000)

/* CPUs 0 to MAX_CPUS - 1 all have Aff1 to Aff3 of MPIDR_EL1 zero on this machine. */
#define MAX_CPUS		8

/* Secure flash: -bios; EL3 at its start, the RMM image behind it. */
#define FLASH_BASE		UL(0x00000000)
#define FLASH_SIZE		UL(0x04000000)
#define FLASH_RMM_OFFSET	UL(0x00100000)

/* Devices */
#define GICD_BASE		UL(0x08000000)
#define GICR_BASE		UL(0x080a0000)
#define GICR_STRIDE		UL(0x00020000)
#define UART0_BASE		UL(0x09000000)	/* Non-secure: the console of all */
#define UART1_BASE		UL(0x09040000)	/* Secure: log of the firmware */
#define SECURE_GPIO_BASE	UL(0x090b0000)	/* Secure PL061: reset and power-off lines */

/* Secure SRAM: the monitor, its stacks, page tables and granule protection tables. */
#define SRAM_BASE		UL(0x0e000000)
#define SRAM_SIZE		UL(0x01000000)

/* DRAM */
#define DRAM_BASE		UL(0x40000000)
#define DRAM_SIZE		UL(0xc0000000)
#define DTB_BASE		UL(0x40000000)
#define DTB_SIZE		UL(0x00100000)

/* Realm: the RMM's image and data; its last page is the manifest EL3 writes. */
#define RMM_BASE		UL(0x40100000)
#define RMM_SIZE		UL(0x01eff000)
#define RMM_MANIFEST_BASE	(RMM_BASE + RMM_SIZE - SZ_4K)

/* Non-secure, shared by the RMM and tests: test_control.h. */
#define TEST_CONTROL_BASE	UL(0x41fff000)
#define TEST_CONTROL_SIZE	SZ_4K

/* Where QEMU preloads the Non-secure world: Linux or the test payload, and an initrd. */
#define KERNEL_BASE		UL(0x60000000)
#define INITRD_BASE		UL(0x70000000)

#endif /* FIRMWARE_MEMMAP_H */
