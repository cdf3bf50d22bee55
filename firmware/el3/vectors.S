/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * EL3 exception vectors. A lower EL's synchronous exception becomes a struct trap_regs at the top
 * of the CPU's stack; el3_trap_lower() may exchange it for the other world's registers. No
 * interrupt is routed to EL3, and EL3 itself takes no exception: all other vectors are the end.
 * They look first whether there is a stack left to say so.
 */
#include "el3.h"

#define TRAP_REGS_SIZE	256

	/* Is SP still in a stack? No register and no flag changes. */
	.macro	check_stack
	add	sp, sp, x0
	sub	x0, sp, x0
	tbz	x0, #EL3_STACK_SHIFT, stack_overflow
	sub	x0, sp, x0
	sub	sp, sp, x0
	.endm

	.macro	save_regs
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
	add	x29, sp, #TRAP_REGS_SIZE
	stp	x30, x29, [sp, #240]
	.endm

	.macro	unexpected, vector
	.balign	0x80
	sub	sp, sp, #TRAP_REGS_SIZE
	check_stack
	save_regs
	mov	x1, #\vector
	b	unexpected_common
	.endm

	.text
	.balign	0x800
	.globl	el3_vectors
el3_vectors:
	unexpected 0x000
	unexpected 0x080
	unexpected 0x100
	unexpected 0x180
	unexpected 0x200
	unexpected 0x280
	unexpected 0x300
	unexpected 0x380

	.balign	0x80
	sub	sp, sp, #TRAP_REGS_SIZE
	save_regs
	b	lower_sync

	unexpected 0x480
	unexpected 0x500
	unexpected 0x580
	unexpected 0x600
	unexpected 0x680
	unexpected 0x700
	unexpected 0x780

	.balign	0x80
unexpected_common:
	mov	x0, sp
	mov	x29, xzr
	bl	el3_trap_unexpected

	/* From check_stack: x0 is SP. One stack for all: who comes here first stops the machine. */
stack_overflow:
	add	x0, x0, #TRAP_REGS_SIZE
	ldr	x1, =overflow_stack_top
	mov	sp, x1
	mov	x29, xzr
	bl	el3_stack_overflow

lower_sync:
	mov	x0, sp
	mov	x29, xzr
	bl	el3_trap_lower
	mov	x0, sp
	add	x1, sp, #TRAP_REGS_SIZE

/* void el3_enter(const struct trap_regs *regs, void *stack_top): to the lower EL with @regs. */
	.globl	el3_enter
el3_enter:
	mov	sp, x1
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
	ldp	x18, x19, [x30, #144]
	ldp	x20, x21, [x30, #160]
	ldp	x22, x23, [x30, #176]
	ldp	x24, x25, [x30, #192]
	ldp	x26, x27, [x30, #208]
	ldp	x28, x29, [x30, #224]
	ldr	x30, [x30, #240]
	eret
	sb

	.ltorg

	.bss
	.balign	16
	.skip	EL3_STACK_SIZE
overflow_stack_top:
