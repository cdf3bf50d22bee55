/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Exceptions to R-EL2: those of a realm go to the code that runs RECs (cpu.h), those
 * of the RMM itself are bugs, but for faults on the host's memory (ns.c).
 */
#include "rmm.h"

	.macro	vector label
	.balign	0x80
	b	\label
	.endm

	.text
	.balign	0x800
	.globl	rmm_vectors
rmm_vectors:
	/* Current EL with SP_EL0: never used */
	vector	bad_exception
	vector	bad_exception
	vector	bad_exception
	vector	bad_exception
	/* Current EL with SP_EL2 */
	vector	rmm_sync
	vector	bad_exception
	vector	bad_exception
	vector	bad_exception
	/* Realm, AArch64 */
	vector	rec_exit_sync
	vector	rec_exit_irq
	vector	rec_exit_fiq
	vector	rec_exit_serror
	/* Realm, AArch32: not possible */
	vector	bad_exception
	vector	bad_exception
	vector	bad_exception
	vector	bad_exception

	/* struct trap_regs on the stack, if SP is still in one: x0 to x30, SP */
	.macro	save_regs
	sub	sp, sp, #256
	add	sp, sp, x0
	sub	x0, sp, x0
	tbz	x0, #RMM_STACK_SHIFT, stack_overflow
	sub	x0, sp, x0
	sub	sp, sp, x0
	stp	x0, x1, [sp, #0]
	stp	x2, x3, [sp, #16]
	stp	x4, x5, [sp, #32]
	stp	x6, x7, [sp, #48]
	stp	x8, x9, [sp, #64]
	stp	x10, x11, [sp, #80]
	stp	x12, x13, [sp, #96]
	stp	x14, x15, [sp, #112]
	stp	x16, x17, [sp, #128]
	stp	x18, x19, [sp, #144]
	stp	x20, x21, [sp, #160]
	stp	x22, x23, [sp, #176]
	stp	x24, x25, [sp, #192]
	stp	x26, x27, [sp, #208]
	stp	x28, x29, [sp, #224]
	add	x0, sp, #256
	stp	x30, x0, [sp, #240]
	mov	x0, sp
	.endm

	/* From save_regs: x0 is SP. One stack for all: who comes here first stops the machine. */
stack_overflow:
	add	x0, x0, #256
	adrp	x1, overflow_stack_top
	add	x1, x1, :lo12:overflow_stack_top
	mov	sp, x1
	bl	rmm_stack_overflow

bad_exception:
	save_regs
	bl	rmm_bad_exception

rmm_sync:
	save_regs
	bl	rmm_trap
	ldp	x0, x1, [sp, #0]
	ldp	x2, x3, [sp, #16]
	ldp	x4, x5, [sp, #32]
	ldp	x6, x7, [sp, #48]
	ldp	x8, x9, [sp, #64]
	ldp	x10, x11, [sp, #80]
	ldp	x12, x13, [sp, #96]
	ldp	x14, x15, [sp, #112]
	ldp	x16, x17, [sp, #128]
	ldr	x18, [sp, #144]
	ldr	x30, [sp, #240]
	add	sp, sp, #256
	eret

	.bss
	.balign	16
	.space	RMM_STACK_SIZE
overflow_stack_top:
