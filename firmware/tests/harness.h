/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of the harness know of each other and tests do not need. */
#ifndef TESTS_HARNESS_H
#define TESTS_HARNESS_H

#include "test.h"

/* start.S */
extern char secondary_entry[];
extern char try_read_access[], try_write_access[];
u64 try_read_raw(phys_addr_t pa);
void try_write_raw(phys_addr_t pa, u64 value);

/* el3_call.S */
extern char el1_smc64[], el1_smc32[], el1_returned[], recording_entry[];
void el1_call(struct arm_smccc_1_2_regs *regs, const void *code, u64 pstate);
long cpu_on_big_endian(unsigned long fid, unsigned long mpidr, unsigned long entry,
		       unsigned long context_id);

/* mmu.c */
void mmu_enable(void);

/* trap.c */
void trap_handle(struct trap_regs *regs, unsigned long vector);

/* memory.c */
void memory_init(u64 dram_size);
bool memory_release(void);
void memory_abandon(void);

/* smp.c */
void smp_init(unsigned int cpus);
bool smp_start(unsigned int cpu);
bool smp_start_with(unsigned int cpu, long (*cpu_on)(unsigned int cpu));
bool smp_stop(unsigned int cpu);		/* until smp_start() */
bool smp_recall(void);
__noreturn void secondary_main(unsigned int cpu);
__noreturn void power_off(void);
long psci_call(unsigned long fid, unsigned long a1, unsigned long a2, unsigned long a3);

/* irq.c */
void irq_init_distributor(void);
void irq_init_cpu(void);
bool cpu_sleep(void);
void cpu_wake(unsigned int cpu);
void cpu_recall(unsigned int cpu);

/* limit.c: of the CPU that calls, unless one is named */
void limit_set(unsigned int seconds);
unsigned int limit_seconds(void);
void limit_start(void);
void limit_share(unsigned int cpu);	/* this CPU's limit is that one's as well */
void limit_cut(unsigned int cpu);
void limit_end(void);

/* cmd_global.c */
void global_activate(void);

/* main.c */
__noreturn void test_main(unsigned long dtb);
const void *test_dtb(void);

#endif /* TESTS_HARNESS_H */
