/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where EL3 enters the RMM on each CPU: R-EL2, MMU off, x0 to x3 as in el3_rmm.h.
 */
#include <el3_rmm.h>
#include <memmap.h>
#include <sysreg.h>
#include "cpu.h"
#include "rmm.h"

	.section .text.start, "ax"
	.globl	_start
_start:
	/* struct rmm_image_header */
	b	1f
	nop
	.quad	RMM_IMAGE_MAGIC
	.quad	__load_size
	.quad	__mem_size

1:	mov	x19, x0
	mov	x20, x1
	mov	x21, x2
	mov	x22, x3

	/* E2H first: it decides how TCR_EL2 and others are read. */
	ldr	x4, =RMM_HCR_EL2
	msr	hcr_el2, x4
	isb

	adr	x4, rmm_vectors
	msr	vbar_el2, x4

	adrp	x4, rmm_stacks
	add	x4, x4, :lo12:rmm_stacks
	mov	x5, #RMM_STACK_STRIDE
	add	x6, x19, #1
	madd	x4, x5, x6, x4
	mov	sp, x4
	mov	x29, xzr
	mov	x30, xzr

	/* The first CPU builds the translation table, still without it. */
	adrp	x4, rmm_mmu_ready
	ldr	w5, [x4, :lo12:rmm_mmu_ready]
	cbnz	w5, 2f
	mov	x0, x22
	bl	mmu_init
	mov	w5, #1
	adrp	x4, rmm_mmu_ready
	str	w5, [x4, :lo12:rmm_mmu_ready]
	dsb	sy

2:	bl	mmu_enable
	mov	x0, x19
	mov	x1, x20
	mov	x2, x21
	mov	x3, x22
	bl	rmm_main
	b	.

	.bss
	.balign	RMM_STACK_STRIDE
	.globl	rmm_stacks
	.globl	rmm_stacks_end
rmm_stacks:
	.space	RMM_STACK_STRIDE * RMM_MAX_CPUS
rmm_stacks_end:

	/* Written with the MMU off only, so never in a cache. */
	.balign	64
rmm_mmu_ready:
	.space	64
