/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Bare-metal tests of an RMM, run at NS-EL2 in the place of Linux. They use RMI and PSCI alone, so
 * any RMM can be held against them; the test control page is used where it exists.
 *
 * A file of tests ends in a table, const struct test <name>_tests[], which main.c lists. Tests
 * run in that order on CPU 0; the RMM is active from the second suite on. After each test every
 * granule the test took is undelegated again; one that cannot be fails the test.
 */
#ifndef TESTS_TEST_H
#define TESTS_TEST_H

#include <memmap.h>

/* Stacks of the CPUs, not part of the image: a realm gets a copy of that. */
#define TEST_STACKS_BASE	UL(0x61000000)
#define TEST_STACK_SIZE		0x10000
#define GRANULE_SIZE		SZ_4K

#ifndef __ASSEMBLER__

#include <console.h>
#include <linux/arm-smccc.h>
#include <linux/bitfield.h>
#include <linux/bits.h>
#include <linux/types.h>
#include <rmi-defs.h>
#include <sysreg.h>

/* The way of each RMI call; a test may set it to something around arm_smccc_call(). */
extern void (*rmi_hook)(struct arm_smccc_1_2_regs *regs);

static inline void arm_smccc_call(struct arm_smccc_1_2_regs *regs)
{
	arm_smccc_1_2_smc(regs, regs);
}

static inline void rmi_smc(struct arm_smccc_1_2_regs *regs)
{
	rmi_hook(regs);
}

#include <rmi-calls.h>

/**
 * struct test - one test
 * @name: what is true when it passes
 * @fn: the test; fails with check() or require(), skips with skip_test()
 */
struct test {
	const char *name;
	void (*fn)(void);
};

extern const struct test global_tests[];
extern const struct test delegate_tests[];
extern const struct test realm_tests[];
extern const struct test rec_tests[];
extern const struct test ripas_tests[];
extern const struct test rtt_tests[];
extern const struct test map_tests[];
extern const struct test op_tests[];
extern const struct test control_tests[];
extern const struct test psci_tests[];
extern const struct test smp_tests[];
extern const struct test el3_psci_tests[];
extern const struct test el3_dtb_tests[];
extern const struct test el3_regs_tests[];
extern const struct test el3_gic_tests[];
extern const struct test el3_smccc_tests[];
extern const struct test el3_world_tests[];
extern const struct test realm_enter_tests[];
extern const struct test realm_exit_tests[];
extern const struct test realm_mmio_tests[];
extern const struct test realm_abort_tests[];
extern const struct test realm_a32_tests[];
extern const struct test realm_rsi_tests[];
extern const struct test realm_measure_tests[];
extern const struct test realm_psci_tests[];
extern const struct test realm_cpu_on_tests[];
extern const struct test realm_smc_tests[];
extern const struct test realm_state_tests[];
extern const struct test rec_regs_tests[];
extern const struct test realm_hidden_tests[];
extern const struct test realm_pmu_tests[];
extern const struct test realm_irq_tests[];
extern const struct test realm_gic_tests[];
extern const struct test realm_smp_tests[];
extern const struct test realm_tlb_tests[];
extern const struct test realm_wipe_tests[];

/* ---- verdicts; only on CPU 0 */

void test_failed(const char *file, int line, const char *fmt, ...) __printf(3, 4);
__noreturn void test_abort(void);
/* For what this machine or RMM does not have; nothing must have been created yet. */
__noreturn __printf(1, 2) void skip_test(const char *fmt, ...);

/* The test fails and goes on. */
#define check(cond) ({								\
	bool __ok = (cond);							\
	if (!__ok)								\
		test_failed(__FILE__, __LINE__, "%s", #cond);			\
	__ok;									\
})

/* The test fails and ends. */
#define require(cond) do {							\
	if (!check(cond))							\
		test_abort();							\
} while (0)

/* Both print the values when they differ. */
#define check_eq(got, want) ({							\
	u64 __got = (u64)(got), __want = (u64)(want);				\
	if (__got != __want)							\
		test_failed(__FILE__, __LINE__, "%s is 0x%llx, not 0x%llx",	\
			    #got, __got, __want);				\
	__got == __want;							\
})

#define require_eq(got, want) do {						\
	if (!check_eq(got, want))						\
		test_abort();							\
} while (0)

bool test_status(const char *file, int line, const char *call, rmi_status_t st,
		 unsigned long code);

/* A command's status code, by name: check_status(rmi_realm_activate(rd), RMI_SUCCESS) */
#define check_status(call, code) test_status(__FILE__, __LINE__, #call, call, code)

#define require_status(call, code) do {						\
	if (!check_status(call, code))						\
		test_abort();							\
} while (0)

/* The code and, in its data, an RTT level: what RMI_ERROR_RTT says. */
bool test_status_level(const char *file, int line, const char *call, rmi_status_t st,
		       unsigned long code, long level);

#define check_status_level(call, code, level) \
	test_status_level(__FILE__, __LINE__, #call, call, code, level)

/* ---- memory */

/**
 * ns_pages() - take zeroed memory of the host for the rest of the test
 * @count: how many contiguous granules; they are aligned to the next power of two of it
 *
 * Return: its address; the test aborts when there is none left
 */
void *ns_pages(unsigned long count);

static inline void *ns_page(void)
{
	return ns_pages(1);
}

/**
 * delegated_pages() - take granules as ns_pages(), fill them with junk, and delegate them
 * @count: how many
 *
 * Return: PA of the first; the test aborts when the RMM refuses
 */
phys_addr_t delegated_pages(unsigned long count);

static inline phys_addr_t delegated_page(void)
{
	return delegated_pages(1);
}

/**
 * delegate() - delegate granules, in as many commands as the RMM wants
 * @pa: first byte
 * @size: bytes
 *
 * Return: status of the last command
 */
rmi_status_t delegate(phys_addr_t pa, size_t size);

/**
 * undelegate() - the reverse of delegate()
 * @pa: first byte
 * @size: bytes
 *
 * Return: status of the last command
 */
rmi_status_t undelegate(phys_addr_t pa, size_t size);

/* ---- faults */

/* ESR.FSC of a granule protection fault not on a table walk */
#define FSC_GPF			0x28

/**
 * try_read() - read a word, where a fault is possible
 * @pa: its address
 * @esr: receives ESR_EL2 of the abort, 0 when there was none
 *
 * Return: the word, 0 after an abort
 */
u64 try_read(phys_addr_t pa, u64 *esr);

/**
 * try_write() - write a word, where a fault is possible
 * @pa: its address
 * @value: what to write
 *
 * Return: ESR_EL2 of the abort, 0 when there was none
 */
u64 try_write(phys_addr_t pa, u64 value);

/* ---- other CPUs */

extern unsigned int nr_cpus;	/* of the machine, at most MAX_CPUS; all are on */

/**
 * smp_run() - let another CPU call a function; check() and require() are not for it
 * @cpu: 1 to nr_cpus - 1, idle
 * @fn: the function; its loops end when test_expired()
 * @arg: its argument, not on the stack: the test may end before the function does
 *
 * The test aborts when the CPU did not come back from an earlier test.
 */
void smp_run(unsigned int cpu, void (*fn)(void *arg), void *arg);

/**
 * smp_wait() - wait until a CPU's function has returned, as wait_for() does
 * @cpu: which
 */
void smp_wait(unsigned int cpu);

/* ---- limits of time */

/**
 * test_expired() - is the time of the test over?
 *
 * A test has 60 seconds ("limit=seconds" on the command line), on every CPU that works for it;
 * a test that failed leaves the other CPUs none. A loop that waits for another CPU, a realm or
 * the RMM has to look.
 */
bool test_expired(void);

/* Wait until the condition holds, on any CPU. False when the time of the test is over. */
#define poll_for(cond) ({							\
	bool __holds;								\
	while (!(__holds = (cond)) && !test_expired())				\
		cpu_relax();							\
	__holds;								\
})

/* The same; the test fails and ends when its time is over. */
#define wait_for(cond) do {							\
	if (!poll_for(cond)) {							\
		test_failed(__FILE__, __LINE__, "too late: %s", #cond);		\
		test_abort();							\
	}									\
} while (0)

/* ---- time and interrupts, on the CPU that calls */

/* INTID of the timer below */
#define TIMER_INTID		26

/**
 * timer_start() - let the EL2 physical timer's interrupt become pending
 * @us: microseconds from now
 *
 * Interrupts stay masked at EL2: the only effect is that a REC which runs then exits with IRQ.
 * The interrupt comes earlier when the time of the test is over.
 */
void timer_start(unsigned long us);

/**
 * timer_stop() - take back the timer's interrupt, pending or not, until the time of the test is
 * over
 */
void timer_stop(void);

/**
 * irq_pending() - highest-priority interrupt that waits for this CPU
 *
 * Return: its INTID, 1020 and more for none. It is acknowledged by nobody.
 */
u64 irq_pending(void);

#endif /* !__ASSEMBLER__ */
#endif /* TESTS_TEST_H */
