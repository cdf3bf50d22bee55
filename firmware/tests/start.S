/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Entry of the test payload at NS-EL2, x0 = devicetree; other CPUs enter at secondary_entry with
 * x0 = their index. An exception from EL2 itself goes to trap_handle(), with all registers in a
 * struct trap_regs, and returns from it.
 */
#include "test.h"

	.section .text.start, "ax"
	.globl	_start
_start:
	mov	x20, x0
	mov	x19, xzr
	b	1f

	.globl	secondary_entry
secondary_entry:
	mov	x19, x0

1:	ldr	x0, =vectors
	msr	vbar_el2, x0
	msr	spsel, #1
	ldr	x0, =TEST_STACKS_BASE
	add	x1, x19, #1
	mov	x2, #TEST_STACK_SIZE
	madd	x0, x1, x2, x0
	mov	sp, x0
	mov	x29, xzr
	mov	x30, xzr
	cbnz	x19, 3f

	/* The image is loaded without its zeroed data. */
	ldr	x0, =__bss_start
	ldr	x1, =__bss_end
2:	stp	xzr, xzr, [x0], #16
	cmp	x0, x1
	b.lo	2b
	bl	mmu_enable
	mov	x0, x20
	b	test_main

3:	bl	mmu_enable
	mov	x0, x19
	b	secondary_main

	.ltorg

#define TRAP_REGS_SIZE	256

	.macro	vector, offset
	.balign	0x80
	sub	sp, sp, #TRAP_REGS_SIZE
	stp	x0, x1, [sp, #0]
	stp	x2, x3, [sp, #16]
	stp	x4, x5, [sp, #32]
	stp	x6, x7, [sp, #48]
	stp	x8, x9, [sp, #64]
	mov	x1, #\offset
	b	trap_entry
	.endm

	.text
	.balign	0x800
vectors:
	.irp	offset, 0x000, 0x080, 0x100, 0x180, 0x200, 0x280, 0x300, 0x380
	vector	\offset
	.endr
	.irp	offset, 0x400, 0x480, 0x500, 0x580, 0x600, 0x680, 0x700, 0x780
	vector	\offset
	.endr

	.balign	0x80
trap_entry:
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
	add	x2, sp, #TRAP_REGS_SIZE
	stp	x30, x2, [sp, #240]

	mov	x0, sp
	bl	trap_handle

	ldp	x0, x1, [sp, #0]
	ldp	x2, x3, [sp, #16]
	ldp	x4, x5, [sp, #32]
	ldp	x6, x7, [sp, #48]
	ldp	x8, x9, [sp, #64]
	ldp	x10, x11, [sp, #80]
	ldp	x12, x13, [sp, #96]
	ldp	x14, x15, [sp, #112]
	ldp	x16, x17, [sp, #128]
	ldp	x18, x19, [sp, #144]
	ldr	x30, [sp, #240]
	add	sp, sp, #TRAP_REGS_SIZE
	eret

/* The two accesses that may fault; trap_handle() knows them by their addresses. */
	.globl	try_read_access
	.globl	try_write_access
try_read_raw:
	.globl	try_read_raw
	mov	x1, x0
	mov	x0, xzr
try_read_access:
	ldr	x0, [x1]
	ret

	.globl	try_write_raw
try_write_raw:
try_write_access:
	str	x1, [x0]
	ret
