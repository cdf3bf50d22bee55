/* SPDX-License-Identifier: GPL-2.0-only */
/* SMCs from NS-EL1, and PSCI calls in an unusual mode of NS-EL2. */
#include <sysreg.h>

/* Frame: x19 to x30, then the argument */
	.set	FRAME_REGS, 12 * 8
	.set	FRAME_SIZE, 14 * 8

	.text

/*
 * void el1_call(struct arm_smccc_1_2_regs *regs, const void *code, u64 pstate)
 *
 * Run @code at EL1 with @regs and no memory until it comes back by an HVC; trap_handle() sends that
 * to el1_returned.
 */
	.globl	el1_call
	.type	el1_call, %function
el1_call:
	sub	sp, sp, #FRAME_SIZE
	stp	x19, x20, [sp, #0x00]
	stp	x21, x22, [sp, #0x10]
	stp	x23, x24, [sp, #0x20]
	stp	x25, x26, [sp, #0x30]
	stp	x27, x28, [sp, #0x40]
	stp	x29, x30, [sp, #0x50]
	str	x0, [sp, #FRAME_REGS]
	msr	elr_el2, x1
	msr	spsr_el2, x2
	mov	x30, x0
	ldp	x0, x1, [x30, #0]
	ldp	x2, x3, [x30, #16]
	ldp	x4, x5, [x30, #32]
	ldp	x6, x7, [x30, #48]
	ldp	x8, x9, [x30, #64]
	ldp	x10, x11, [x30, #80]
	ldp	x12, x13, [x30, #96]
	ldp	x14, x15, [x30, #112]
	ldp	x16, x17, [x30, #128]
	eret

	/* A caller in AArch32 has lost the upper halves of all registers. */
	.globl	el1_returned
el1_returned:
	ldr	x30, [sp, #FRAME_REGS]
	stp	x0, x1, [x30, #0]
	stp	x2, x3, [x30, #16]
	stp	x4, x5, [x30, #32]
	stp	x6, x7, [x30, #48]
	stp	x8, x9, [x30, #64]
	stp	x10, x11, [x30, #80]
	stp	x12, x13, [x30, #96]
	stp	x14, x15, [x30, #112]
	stp	x16, x17, [x30, #128]
	ldp	x19, x20, [sp, #0x00]
	ldp	x21, x22, [sp, #0x10]
	ldp	x23, x24, [sp, #0x20]
	ldp	x25, x26, [sp, #0x30]
	ldp	x27, x28, [sp, #0x40]
	ldp	x29, x30, [sp, #0x50]
	add	sp, sp, #FRAME_SIZE
	ret
	.size	el1_call, . - el1_call

	.globl	el1_smc64
el1_smc64:
	smc	#0
	hvc	#0
	b	.

	/* The same in A32 */
	.balign	4
	.globl	el1_smc32
el1_smc32:
	.inst	0xe1600070
	.inst	0xe1400070
	.inst	0xeafffffe

/*
 * long cpu_on_big_endian(unsigned long fid, unsigned long mpidr, unsigned long entry,
 *			  unsigned long context_id)
 *
 * The call with big-endian data accesses, of which it makes none. Table walks would be big-endian
 * as well, so the MMU is off.
 */
	.globl	cpu_on_big_endian
	.type	cpu_on_big_endian, %function
cpu_on_big_endian:
	stp	x19, x30, [sp, #-16]!
	mrs	x19, sctlr_el2
	orr	x9, x19, #SCTLR_EE
	bic	x9, x9, #SCTLR_M
	msr	sctlr_el2, x9
	isb
	smc	#0
	msr	sctlr_el2, x19
	isb
	ldp	x19, x30, [sp], #16
	ret
	.size	cpu_on_big_endian, . - cpu_on_big_endian

/* Entry of a CPU that notes SCTLR_EL2 and x0 as it found them, in TPIDR_EL0 and TPIDRRO_EL0. */
	.globl	recording_entry
recording_entry:
	mrs	x9, sctlr_el2
	msr	tpidr_el0, x9
	msr	tpidrro_el0, x0
	bic	x9, x9, #SCTLR_EE
	msr	sctlr_el2, x9
	isb
	mrs	x0, mpidr_el1
	and	x0, x0, #0xff
	b	secondary_entry
