/* SPDX-License-Identifier: GPL-2.0-only */
/* What the parts of the RMM need of each other and has no better place. */
#ifndef RMM_RMM_H
#define RMM_RMM_H

/*
 * Virtual address map: Realm memory is mapped one to one; the same DRAM as
 * Non-secure memory is seen at NS_VA_BASE + physical address (ns.h).
 */
#define NS_VA_BASE		(UL(1) << 40)

/*
 * Stack of each CPU. Below it as much again is not mapped, and stacks are aligned to both: a bit of
 * SP tells a stack from what is below it.
 */
#define RMM_STACK_SHIFT		14
#define RMM_STACK_SIZE		(1 << RMM_STACK_SHIFT)
#define RMM_STACK_STRIDE	(2 * RMM_STACK_SIZE)

#ifndef __ASSEMBLER__

#include <linux/types.h>
#include <el3_rmm.h>
#include <console.h>

/* Linker script */
extern char __image_start[], __text_end[], __rodata_end[], __image_end[];

/* boot.S */
extern char rmm_stacks[], rmm_stacks_end[];

/**
 * rmm_main() - run the RMM on this CPU, with the MMU on; called by boot.S
 * @cpu: index of the CPU
 * @version: EL3_RMM_VERSION
 * @nr_cpus: number of CPUs
 * @manifest: what EL3 says of the machine
 */
__noreturn void rmm_main(unsigned long cpu, unsigned long version, unsigned long nr_cpus,
			 const struct el3_rmm_manifest *manifest);

/* vectors.S: exceptions of the RMM itself; rmm_trap() returns when ELR_EL2 is changed */
void rmm_trap(const struct trap_regs *regs);
__noreturn void rmm_bad_exception(const struct trap_regs *regs);
__noreturn void rmm_stack_overflow(unsigned long sp);

/* ns_copy.S */
bool ns_copy(void *to, const void *from, unsigned long size);
extern const char ns_copy_end[], ns_copy_fault[];

/**
 * mmu_init() - build the RMM's translation table
 * @manifest: what EL3 says of the machine
 *
 * Called once, by the first CPU, with the MMU off.
 */
void mmu_init(const struct el3_rmm_manifest *manifest);

/** mmu_enable() - switch on the MMU and caches of this CPU */
void mmu_enable(void);

/** rmm_manifest() - what EL3 says of the machine */
const struct el3_rmm_manifest *rmm_manifest(void);

/**
 * el3_delegate() - move a granule from the Non-secure to the Realm PAS
 * @pa: address of the granule
 *
 * Return: true, or false when EL3 refuses
 */
bool el3_delegate(unsigned long pa);

/** el3_undelegate() - move a granule from the Realm to the Non-secure PAS */
bool el3_undelegate(unsigned long pa);

/**
 * irq_yield() - is a command over a range to return early?
 * @progress: it has done something, so that the host does not call in vain
 *
 * Return: true if the host has an interrupt to take on this CPU, and there is @progress or the
 *	test knob "yield" is set
 */
bool irq_yield(bool progress);

/**
 * vmid_alloc() - reserve a VMID
 *
 * Return: the VMID, 0 when all are in use
 */
unsigned int vmid_alloc(void);

/** vmid_free() - give a VMID back; its TLB entries have been invalidated */
void vmid_free(unsigned int vmid);

#endif
#endif
