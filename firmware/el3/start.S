/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reset: all CPUs begin here at EL3, in flash at address 0, with the MMU off. The image is linked
 * to run in SRAM: CPU 0 copies it there, the others wait until it has set the machine up.
 */
#include <linux/bits.h>
#include <memmap.h>
#include "el3.h"

/* SCTLR_EL3: RES1 bits, I, SA */
#define SCTLR_EL3_MMU_OFF	(0x30c50830 | BIT(12) | BIT(3))

	.section .text.start, "ax"
	.globl	_start
_start:
	msr	daifset, #0xf
	ldr	x0, =SCTLR_EL3_MMU_OFF
	msr	sctlr_el3, x0
	isb

	/* A CPU we have no stack for is never started. */
	mrs	x19, mpidr_el1
	ubfx	x0, x19, #0, #24
	cmp	x0, #MAX_CPUS
	b.hs	park
	and	x19, x19, #0xff
	cbnz	x19, secondary

	/* Copy text and data, zero the rest; sizes are multiples of 16. */
	adr	x0, _start
	ldr	x1, =__image_start
	ldr	x2, =__load_end
1:	ldp	x3, x4, [x0], #16
	stp	x3, x4, [x1], #16
	cmp	x1, x2
	b.lo	1b

	ldr	x1, =__bss_start
	ldr	x2, =__bss_end
2:	stp	xzr, xzr, [x1], #16
	cmp	x1, x2
	b.lo	2b

	dsb	sy
	ic	iallu
	dsb	sy
	isb

	ldr	x0, =in_sram
	br	x0

secondary:
	ldr	x0, =el3_secondary_go
	mov	x1, #EL3_SECONDARY_GO
3:	ldr	x2, [x0]
	cmp	x1, x2
	b.eq	4f
	wfe
	b	3b
4:	dmb	sy
	ldr	x0, =in_sram
	br	x0

park:
	wfi
	b	park

	.ltorg

	.text
in_sram:
	ldr	x0, =el3_vectors
	msr	vbar_el3, x0
	isb

	msr	spsel, #1
	ldr	x0, =el3_stacks
	add	x1, x19, #1
	mov	x2, #EL3_STACK_STRIDE
	madd	x0, x1, x2, x0
	mov	sp, x0
	mov	x29, xzr
	mov	x30, xzr

	cbnz	x19, 1f
	bl	mmu_build
	bl	mmu_enable
	b	el3_main
1:	bl	mmu_enable
	b	el3_secondary_main

	.ltorg

	.data
	.balign	8
	.globl	el3_secondary_go
el3_secondary_go:
	.quad	0

	.bss
	.balign	EL3_STACK_STRIDE
	.globl	el3_stacks
	.globl	el3_stacks_end
el3_stacks:
	.skip	EL3_STACK_STRIDE * MAX_CPUS
el3_stacks_end:
