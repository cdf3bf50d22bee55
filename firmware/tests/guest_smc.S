/* SPDX-License-Identifier: GPL-2.0-only */
/* SMCs that C code cannot make, see guest_smc.h. */
#include "guest_smc.h"

#define SCTLR_EE	(1 << 25)

	.macro	load_args, base
	ldp	x0, x1, [\base, #0]
	ldp	x2, x3, [\base, #16]
	ldp	x4, x5, [\base, #32]
	ldp	x6, x7, [\base, #48]
	ldp	x8, x9, [\base, #64]
	ldp	x10, x11, [\base, #80]
	ldp	x12, x13, [\base, #96]
	ldp	x14, x15, [\base, #112]
	ldp	x16, x17, [\base, #128]
	.endm

	.macro	store_results, base
	stp	x0, x1, [\base, #0]
	stp	x2, x3, [\base, #16]
	stp	x4, x5, [\base, #32]
	stp	x6, x7, [\base, #48]
	stp	x8, x9, [\base, #64]
	stp	x10, x11, [\base, #80]
	stp	x12, x13, [\base, #96]
	stp	x14, x15, [\base, #112]
	stp	x16, x17, [\base, #128]
	.endm

	.macro	set_ee, tmp
	mrs	\tmp, sctlr_el1
	orr	\tmp, \tmp, #SCTLR_EE
	msr	sctlr_el1, \tmp
	isb
	.endm

	.macro	clear_ee, tmp
	mrs	\tmp, sctlr_el1
	bic	\tmp, \tmp, #SCTLR_EE
	msr	sctlr_el1, \tmp
	isb
	.endm

	.macro	smc_function, name, imm
	.globl	\name
	.type	\name, %function
\name:
	str	x30, [sp, #-16]!
	mov	x30, x0
	load_args x30
	smc	#\imm
	store_results x30
	ldr	x30, [sp], #16
	ret
	.size	\name, . - \name
	.endm

	.text
	smc_function	guest_smc_1, 1
	smc_function	guest_smc_8000, 0x8000
	smc_function	guest_smc_ffff, 0xffff

	.globl	guest_smc_be
	.type	guest_smc_be, %function
guest_smc_be:
	stp	x19, x30, [sp, #-16]!
	mov	x30, x0
	load_args x30
	set_ee	x19
	smc	#0
	clear_ee x19
	store_results x30
	ldp	x19, x30, [sp], #16
	ret
	.size	guest_smc_be, . - guest_smc_be

	.globl	guest_psci_dirty
	.type	guest_psci_dirty, %function
guest_psci_dirty:
	cbz	x1, 1f
	set_ee	x2
1:
	.irp	n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	mov	x\n, #-1
	.endr
	.irp	n, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30
	mov	x\n, #-1
	.endr
	smc	#0
	b	.
	.size	guest_psci_dirty, . - guest_psci_dirty

	.globl	guest_life_entry
guest_life_entry:
	/* Zeroes, if all is well: the same with either endianness */
	.irp	n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	str	x\n, [x0, #GUEST_LIFE_X + 8 * \n]
	.endr
	.irp	n, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30
	str	x\n, [x0, #GUEST_LIFE_X + 8 * \n]
	.endr
	mov	x1, #1
	str	x1, [x0, #GUEST_LIFE_STORED]
	mrs	x1, sctlr_el1
	clear_ee x2
	str	x1, [x0, #GUEST_LIFE_SCTLR]
	str	x0, [x0, #GUEST_LIFE_X]
	mrs	x1, daif
	mrs	x2, CurrentEL
	orr	x1, x1, x2
	mrs	x2, SPSel
	orr	x1, x1, x2
	str	x1, [x0, #GUEST_LIFE_PSTATE]
	ldp	x2, x3, [x0, #16]
	ldp	x0, x1, [x0]
	b	guest_entry
