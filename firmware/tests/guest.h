/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The realm's side of tests: code that runs at R-EL1 with stage 1 off, in a realm made
 * with realm.h. It tells the test what it sees by host calls.
 */
#ifndef TESTS_GUEST_H
#define TESTS_GUEST_H

/* Immediates of host calls; a test's own are below these. */
#define GUEST_DONE		0xd07e	/* the function has returned */
#define GUEST_FAIL		0xfa11	/* gprs: line, value seen, value wanted */
#define GUEST_TRAP		0x7a9e	/* exception not expected; gprs: vector, ESR, ELR, FAR */

#define GUEST_STACK_SIZE	0x1000
#define GUEST_MAX_RECS		4

/* Offsets in struct guest_trap, for guest_entry.S */
#define GUEST_TRAP_EXPECTED	0x00
#define GUEST_TRAP_COUNT	0x08
#define GUEST_TRAP_VECTOR	0x10
#define GUEST_TRAP_ESR		0x18
#define GUEST_TRAP_ELR		0x20
#define GUEST_TRAP_SPSR		0x28
#define GUEST_TRAP_FAR		0x30
#define GUEST_TRAP_PSTATE	0x38
#define GUEST_TRAP_SIZE		0x40

#ifndef __ASSEMBLER__

#include <linux/arm-smccc.h>
#include <linux/types.h>
#include <rsi-defs.h>

/**
 * struct guest_trap - the exceptions of a REC
 * @expected: one that comes is noted, and the instruction stepped over; an instruction
 *	abort goes on at X30, an interrupt where it was taken, but masked, and a software
 *	step where it was taken, without stepping further
 * @count: how many came
 * @vector: of the last: offset from VBAR_EL1
 * @esr: ESR_EL1
 * @elr: ELR_EL1
 * @spsr: SPSR_EL1
 * @far: FAR_EL1
 * @pstate: PSTATE at the handler as an SPSR would have it: NZCV, TCO, DIT, UAO, PAN, SSBS,
 *	DAIF, SP and EL. DIT, SSBS, TCO and UAO are zero when the CPU lacks them.
 */
struct guest_trap {
	u64 expected;
	u64 count;
	u64 vector;
	u64 esr;
	u64 elr;
	u64 spsr;
	u64 far;
	u64 pstate;
};

/**
 * struct guest_start - context ID for PSCI CPU_ON with guest_psci_entry
 * @fn: function to call
 * @arg: its argument
 * @stack: top of the stack
 * @index: number of the REC
 */
struct guest_start {
	void (*fn)(unsigned long arg);
	unsigned long arg;
	unsigned long stack;
	unsigned long index;
};

/* Entry points; X0 to X3 of guest_entry are the members of struct guest_start. */
extern const char guest_entry[], guest_psci_entry[];

/* Another: guest_entry, and the argument is an array that receives X0 to X30 */
extern const char guest_dump_entry[];

/** guest_stack() - top of the stack of a REC */
unsigned long guest_stack(unsigned int rec);

/* Everything from here on is for code in the realm. */

/** guest_index() - number of the REC that executes this */
unsigned int guest_index(void);

/**
 * guest_smc() - SMC, with up to eight arguments in @regs, which receives the results
 */
void guest_smc(struct arm_smccc_1_2_regs *regs);

/** guest_call() - SMC with three arguments; returns X0 */
u64 guest_call(u64 fid, u64 a1, u64 a2, u64 a3);

/**
 * guest_host_call() - RSI_HOST_CALL
 * @imm: immediate
 * @gprs: 31 values for the host, and from it
 *
 * Return: X0
 */
u64 guest_host_call(u16 imm, u64 *gprs);

/** guest_sync() - host call without data: "so far, go on" */
void guest_sync(u16 imm);

/** guest_report() - host call with a value; returns the host's */
u64 guest_report(u16 imm, u64 value);

/** guest_trap() - trap record of this REC */
struct guest_trap *guest_trap(void);

/** guest_expect() - from here on exceptions are expected; the record is empty */
void guest_expect(void);

/** guest_expected() - how many came since guest_expect(); none is expected any more */
u64 guest_expected(void);

/**
 * guest_run_el0() - run at EL0 until an SVC
 * @entry: code, AArch64 or AArch32 as @pstate says
 * @pstate: PSTATE to run with
 * @x0: its first register
 * @x1: its second
 */
void guest_run_el0(const void *entry, u64 pstate, u64 x0, u64 x1);

__noreturn void guest_fail(int line, u64 seen, u64 wanted);

#define guest_check(cond) do {						\
	if (!(cond))							\
		guest_fail(__LINE__, 0, 1);				\
} while (0)

#define guest_check_eq(seen, wanted) do {				\
	u64 __seen = (u64)(seen);					\
	u64 __wanted = (u64)(wanted);					\
									\
	if (__seen != __wanted)						\
		guest_fail(__LINE__, __seen, __wanted);			\
} while (0)

/* For guest_entry.S */
__noreturn void guest_main(void (*fn)(unsigned long arg), unsigned long arg);
void guest_unexpected(const struct guest_trap *trap);
extern struct guest_trap guest_traps[GUEST_MAX_RECS];

#endif /* !__ASSEMBLER__ */
#endif /* TESTS_GUEST_H */
