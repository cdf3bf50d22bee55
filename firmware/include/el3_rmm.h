/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Interface between the EL3 monitor and the RMM.
 *
 * Boot. EL3 places the image of flash offset FLASH_RMM_OFFSET at RMM_BASE, zeroes the rest of
 * the RMM's region and enters it at RMM_BASE, once on each CPU before that CPU first runs the
 * Non-secure world (so the boot CPU first, others when PSCI first starts them; what CPU_OFF
 * leaves of the RMM on a CPU goes on unchanged), at R-EL2 with the MMU off, interrupts masked and
 *	x0 = index of the CPU		x1 = EL3_RMM_VERSION
 *	x2 = number of CPUs		x3 = PA of struct el3_rmm_manifest
 * The RMM ends its part of the boot with RMM_BOOT_COMPLETE, x1 = 0 or a negative error.
 *
 * Run. That call, and each RMM_RMI_REQ_COMPLETE, returns when the host made an RMI call on this
 * CPU, with x0 to x17 = the call's. The other registers are the RMM's own, unchanged.
 * The answer is RMM_RMI_REQ_COMPLETE with x1 to x17 = x0 to x16 for the host; the RMM copies
 * to them what it does not answer. x17 of the host is unchanged.
 *
 * World switch. EL3 saves and restores the EL1 and EL2 system registers of el3/world.h for
 * the Non-secure and the Realm world. Not among them: FP/SIMD/SVE registers and the GIC CPU
 * interface (ICC_*, ICH_*), which both worlds share; the RMM gives the host back its own.
 */
#ifndef FIRMWARE_EL3_RMM_H
#define FIRMWARE_EL3_RMM_H

#include <linux/const.h>
#include <linux/types.h>

/* Major version in bits 30:16, minor in 15:0. */
#define EL3_RMM_VERSION			UL(0x00010000)

#define RMM_RMI_REQ_COMPLETE		UL(0xC400018F)
#define RMM_GTSI_DELEGATE		UL(0xC40001B0)
#define RMM_GTSI_UNDELEGATE		UL(0xC40001B1)
#define RMM_BOOT_COMPLETE		UL(0xC40001CF)

/*
 * RMM_GTSI_DELEGATE, x1 = PA of a granule: Non-secure -> Realm.
 * RMM_GTSI_UNDELEGATE: Realm -> Non-secure. Both answer x0 = one of
 */
#define E_RMM_OK			0
#define E_RMM_UNK			-1
#define E_RMM_BAD_ADDR			-2	/* not aligned, or no memory of the host's */
#define E_RMM_BAD_PAS			-3	/* in another state than asked for */

/*
 * Vendor calls (SMCCC: vendor-specific EL3 monitor services).
 * EL3_RMM_CONSOLE_WRITE: x1 = length in bytes, 1 to 128; x2 to x17 = the bytes, in order, the
 * first in the least significant byte of x2. Goes to UART1.
 * EL3_RMM_PANIC: as above, but to UART0 as well, and powers the machine off. Does not return.
 */
#define EL3_RMM_CONSOLE_WRITE		UL(0xC7000100)
#define EL3_RMM_PANIC			UL(0xC7000101)
#define EL3_RMM_CONSOLE_MAX		128

/* An RMM image starts with this; its entry point is the first instruction. */
#define RMM_IMAGE_MAGIC			UL(0x3145474d494d4d52)	/* "RMMIMGE1" */

#ifndef __ASSEMBLER__

/**
 * struct rmm_image_header - first bytes of an RMM image
 * @branch: a branch to the entry point, and a nop
 * @magic: RMM_IMAGE_MAGIC
 * @load_size: bytes to copy from flash
 * @mem_size: bytes the image occupies with its zeroed data
 */
struct rmm_image_header {
	u32 branch[2];
	u64 magic;
	u64 load_size;
	u64 mem_size;
};

#define EL3_RMM_MANIFEST_MAGIC		0x54534546494e414dULL	/* "MANIFEST" */

/**
 * struct el3_rmm_manifest - what EL3 tells the RMM of the machine
 * @magic: EL3_RMM_MANIFEST_MAGIC
 * @nr_cpus: CPUs the machine has
 * @dram_base: PA of the DRAM
 * @dram_size: its size in bytes
 * @rmm_base: PA of the region that belongs to the RMM
 * @rmm_size: its size in bytes
 * @test_control: PA of the page of test_control.h, 0 when there is none
 * @gpccr: GPCCR_EL3, for PPS and L0GPTSZ
 */
struct el3_rmm_manifest {
	u64 magic;
	u64 nr_cpus;
	u64 dram_base;
	u64 dram_size;
	u64 rmm_base;
	u64 rmm_size;
	u64 test_control;
	u64 gpccr;
};

#endif /* !__ASSEMBLER__ */
#endif /* FIRMWARE_EL3_RMM_H */
