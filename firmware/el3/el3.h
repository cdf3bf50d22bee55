/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of the monitor know of each other. */
#ifndef EL3_EL3_H
#define EL3_EL3_H

/*
 * Stack of each CPU; exceptions from lower ELs start at its top. Below it as much again is not
 * mapped, and stacks are aligned to both: a bit of SP tells a stack from what is below it.
 */
#define EL3_STACK_SHIFT		14
#define EL3_STACK_SIZE		(1 << EL3_STACK_SHIFT)
#define EL3_STACK_STRIDE	(2 * EL3_STACK_SIZE)

/* Value of el3_secondary_go: anything but what SRAM holds at power-on. */
#define EL3_SECONDARY_GO	0x4f47

#ifndef __ASSEMBLER__

#include <console.h>
#include <linux/types.h>
#include <test_knobs.h>
#include "world.h"

/* start.S */
extern char el3_stacks[], el3_stacks_end[];
extern u64 el3_secondary_go;	/* EL3_SECONDARY_GO: secondaries may leave the reset code */

/* vectors.S: leave for the lower EL with @regs; exceptions from it begin at @stack_top. */
__noreturn void el3_enter(const struct trap_regs *regs, void *stack_top);

/* mmu.c: the identity map is built once, with the MMU off, and each CPU turns it on. */
void mmu_build(void);
void mmu_enable(void);
void clean_to_poc(unsigned long addr, size_t size);

/* gpt.c: the same for granule protection; delegation answers E_RMM_*. */
void gpt_build(void);
void gpt_enable(void);
long gpt_delegate(phys_addr_t pa);
long gpt_undelegate(phys_addr_t pa);

/* gic.c */
void gic_init_distributor(void);
void gic_init_cpu(void);
void gic_sleep(void);			/* until gic_wake() names this CPU, once for each */
void gic_wake(unsigned int cpu);

/* features.c: what the ID registers say, and EL3's controls for it */
extern u64 scr_el3_features;		/* SCR_EL3 of both worlds but for NS and NSE */
extern u64 mdcr_el3_features;		/* MDCR_EL3 of both worlds but for SBRBE */
void features_detect(void);
void features_enable_lower_els(void);

/**
 * struct machine - what the devicetree says of the machine
 * @nr_cpus: CPUs in it; those from MAX_CPUS on are never started
 * @dram_size: bytes of DRAM at DRAM_BASE
 */
struct machine {
	unsigned int nr_cpus;
	u64 dram_size;
};

/* dtb.c */
extern struct machine machine;
void dtb_read(void);			/* fills in @machine */
void dtb_fix_up(void);			/* for the host */

/* psci.c */
bool psci_call(struct trap_regs *regs);	/* false: not a PSCI function */
void psci_boot_cpu_is_on(void);
__noreturn void psci_wait_for_on(void);
bool psci_host_address(u64 pa);

/* knobs.c */
void knobs_report(void);
void knobs_start_host(void);
u64 knob(enum test_knob which);

/* power.c */
__noreturn void machine_power_off(void);
__noreturn void machine_reset(void);

/* rmm.c: el3_rmm.h, EL3's half */
bool rmm_load(void);
bool rmm_present(void);
void rmm_first_entry(struct trap_regs *regs);
void rmm_forward(struct trap_regs *regs);
void rmm_call(struct trap_regs *regs);

/* trap.c */
void el3_trap_lower(struct trap_regs *regs);
__noreturn void el3_trap_unexpected(struct trap_regs *regs, unsigned long vector);
__noreturn void el3_stack_overflow(unsigned long sp);

/* main.c */
__noreturn void el3_main(void);
__noreturn void el3_secondary_main(void);
__noreturn void el3_start_host(u64 entry, u64 x0, bool big_endian);

#endif /* !__ASSEMBLER__ */
#endif /* EL3_EL3_H */
